"""One utterance, one statement: repeats in an article are folded into the fullest report."""

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.records import Kind, Statement

_MOST_COMPARED = 200
"""Most statements of a document that are compared, the fullest first; an article has fewer."""
_WORD = re.compile(r"[a-z]{3,}")
# fmt: off
_EMPTY_WORDS = frozenset(
    (
        "the", "and", "that", "with", "for", "from", "its", "his", "her", "their", "this", "have", "has", "had",
        "was", "were", "will", "would", "are", "not", "says", "said", "after", "over", "any", "all", "they", "our",
    )
)
# fmt: on
_FULLEST = 400


def fold_repeats(found: Sequence[Statement], *, title_end: int = 0) -> list[Statement]:
    """Return ``found`` with repeats listed in the fullest statement; the body takes precedence over the title."""
    kept: list[tuple[Statement, set[str]]] = []
    for statement in sorted(found, key=lambda s: (s.kind is Kind.COMMENTARY, -_fullness(s, title_end), s.start)):
        words = _content_words(statement.quote)
        for at, (other, others) in enumerate(kept[:_MOST_COMPARED]):
            if _same_claim(statement, other, words, others, title_end):
                kept[at] = replace(other, repeats=(*other.repeats, (statement.start, statement.end))), others
                break
        else:
            kept.append((statement, words))
    return sorted((statement for statement, _ in kept), key=lambda s: (s.start, s.end))


def _fullness(statement: Statement, title_end: int) -> int:
    named = 200 * (statement.condition is not None) + 100 * (statement.speaker is not None)
    return named + 50 * (statement.start >= title_end) + min(len(statement.quote), _FULLEST)


def _same_claim(one: Statement, other: Statement, a: set[str], b: set[str], title_end: int) -> bool:
    if (one.kind is Kind.COMMENTARY) != (other.kind is Kind.COMMENTARY) or one.nuclear != other.nuclear:
        return False
    if one.side and other.side and one.side != other.side:
        return False
    headed = (one.start < title_end) != (other.start < title_end)
    share = 0.34 if headed and one.side == other.side else 0.5
    return bool(a and b) and len(a & b) >= share * min(len(a), len(b))


def _content_words(text: str) -> set[str]:
    return {word[:6] for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS}
