"""The severity of a statement, from 1 to 5: what is threatened, how certainly, and who speaks.

What may be threatened is data, ``seeds/severity.jsonl``, the most severe first, each with the nearest rung of Kahn's
ladder (Herman Kahn, On Escalation: Metaphors and Scenarios, 1965), which helps a reader to place a statement but
measures nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.lexicon import load_jsonl
from extractors.records import Kind

_TOP = re.compile(
    r"\b(?:president|prime minister|premier|chancellor|supreme leader|chairman|king|emir|head of state|leader"
    r"|commander[- ]in[- ]chief|secretary general|general secretary)\b",
    re.IGNORECASE,
)
_NOT_TOP = re.compile(r"\b(?:vice|deputy|former|spokes\w+|advis[eo]r|aide|envoy|assistant|office of)\b", re.IGNORECASE)
_OFFICE = re.compile(
    r"\b(?:minister|ministry|secretary|chief|commander|deputy|general|council|advis[eo]r|kremlin"
    r"|white house|government)\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:may|might|could|would consider|reserves? the right|all options|not rule out|rule nothing out)\b",
    re.IGNORECASE,
)
_RANKS = (
    (0.0, "said without rank"),
    (0.5, "said by an office holder"),
    (1.0, "said by the head of state or government"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A line of ``severity.jsonl``: something that may be threatened."""

    id: str
    name: str
    level: float
    """Severity before certainty and rank are counted."""
    rung: int
    """Number of the nearest rung of Kahn's ladder."""
    rung_name: str
    pattern: str
    """A regular expression, ignoring case, for the words that express it."""
    example: str

    def __post_init__(self) -> None:
        try:
            matched = re.search(self.pattern, self.example, re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"pattern: {error}") from error
        if not matched:
            raise ValueError("the pattern does not match its example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """``level`` from 1 (low) to 5 (critical), the reasons, and a rung "number name" of Kahn's ladder or None."""

    level: int
    reasons: tuple[str, ...]
    rung: str | None


class SeverityTable:
    """Assesses statements by the deeds in ``severity.jsonl``."""

    def __init__(self, seeds: Path) -> None:
        """Load ``severity.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self._deeds = load_jsonl(seeds / "severity.jsonl", build=Deed)
        self._patterns = [(re.compile(deed.pattern, re.IGNORECASE), deed) for deed in self._deeds]

    def assess(self, *, kind: Kind, quote: str, consequence: str | None, role: str | None, nuclear: bool) -> Severity:
        """Return the severity of a statement; ``consequence`` is what is threatened, if it is known."""
        if kind is Kind.COMMENTARY:
            return Severity(level=1, reasons=("commentary",), rung=None)
        deed = self._deed(([consequence] if consequence else []) + [quote], nuclear=nuclear)
        rank, said = _RANKS[rank_of(role or "")]
        hedged = -0.5 if _HEDGED.search(quote) else 0.0
        level = max(1, min(5, int(deed.level + rank + hedged + 0.5)))
        reasons = (deed.name, said, *(("hedged",) if hedged else ()))
        return Severity(level=level, reasons=reasons, rung=f"{deed.rung} {deed.rung_name}")

    def _deed(self, texts: Sequence[str], *, nuclear: bool) -> Deed:
        """Return the most severe deed in the first of ``texts`` that has one, or the last of the table."""
        if nuclear:
            texts = texts[-1:]
        for text in texts:
            for pattern, deed in self._patterns:
                if pattern.search(text):
                    return deed
        return self._deeds[-1]


def rank_of(role: str) -> int:
    """Return 2 for a head of state or government, 1 for another office, 0 for none."""
    if _TOP.search(role) and not _NOT_TOP.search(role):
        return 2
    return 1 if _OFFICE.search(role) else 0
