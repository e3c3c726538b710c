"""The words of titles, from ``seeds/titles.jsonl``: what in "Foreign Minister Bahadur Tessaro" is the name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from extractors.lexicon import load_jsonl

TitleKind = Literal["official", "expert", "organ", "media", "modifier"]
_WORD = re.compile(r"[^\W\d_][\w.'’\-]*")
# fmt: off
_PARTICLES = frozenset(
    (
        "al", "bin", "bint", "ibn", "de", "del", "da", "van", "von", "der", "el", "ul", "abu", "ould", "di",
    )
)
_HONORIFICS = frozenset(
    (
        "mr", "mrs", "ms", "dr", "sir", "lord", "madam", "the", "a", "an", "gen", "lt", "col", "maj", "adm", "capt",
        "sgt", "sen", "rep", "gov", "st",
    )
)
# fmt: on


_EXPERT = re.compile(
    r"\b(?:analyst|expert|professor|historian|commentator|columnist|researcher|fellow|journalist)\b", re.IGNORECASE
)
"""Occupations that "military" or "security" does not turn into officials."""


_SHORT = 4
"""Letters from which on a word of a title is no part of the name before it: "Ri Son Hak" is nobody's son."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A line of ``titles.jsonl``: words of one kind that name or describe a speaker, in lower case."""

    id: str
    kind: TitleKind
    forms: tuple[str, ...]
    state: str | None = None
    """ISO 3166-1 alpha-2 of the only state that uses it, such as for "congressman"."""


@dataclass(frozen=True)
class TitleWords:
    """Tells whether words belong to a title."""

    titles: tuple[Title, ...]

    @cached_property
    def _words(self) -> frozenset[str]:
        return _HONORIFICS | {
            word for title in self.titles for form in title.forms for word in re.split(r"[\s\-]+", form)
        }

    def holds(self, word: str) -> bool:
        """Whether a word is part of titles and not of names."""
        return all(part in self._words for part in re.split(r"[\-/]", word.lower().strip(".,'’")) if part)

    def official(self, words: str) -> bool:
        """Whether words contain an office, a rank or an organ."""
        return bool(self._offices.search(words)) and not _EXPERT.search(words)

    def expert(self, words: str) -> bool:
        """Whether words contain an expert or a medium, and no office."""
        return bool(self._experts.search(words)) and not self.official(words)

    def state(self, words: str) -> str | None:
        """Return the state of a title in ``words`` that only one state uses."""
        return next((state for state, forms in self._of_states.items() if forms.search(words)), None)

    def last_name(self, words: str, listed: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """Return the last run of capitalised words that are neither title words nor inside a ``listed`` span."""
        runs: list[tuple[int, int]] = []
        open_run = False
        for match in _WORD.finditer(words):
            inside = any(start < match.end() and match.start() < end for start, end in listed)
            title = self.holds(match.group()) and not (open_run and len(match.group()) < _SHORT)
            named = match.group()[0].isupper() and not inside and not title
            if named and open_run:
                runs[-1] = (runs[-1][0], match.end())
            elif named:
                runs.append(match.span())
            open_run = named or (open_run and match.group().lower() in _PARTICLES)
            open_run = open_run and words[match.end() : match.end() + 1] not in (",", ";", ":")
        return _without_possessive(words, runs[-1]) if runs else None

    @cached_property
    def _offices(self) -> re.Pattern[str]:
        return _pattern(title for title in self.titles if title.kind in ("official", "organ"))

    @cached_property
    def _experts(self) -> re.Pattern[str]:
        return _pattern(title for title in self.titles if title.kind in ("expert", "media"))

    @cached_property
    def _of_states(self) -> dict[str, re.Pattern[str]]:
        states = {title.state for title in self.titles if title.state}
        return {state: _pattern(title for title in self.titles if title.state == state) for state in sorted(states)}


def load_titles(seeds: Path) -> TitleWords:
    """Load ``titles.jsonl``; LexiconError names every line that is wrong."""
    return TitleWords(load_jsonl(seeds / "titles.jsonl", build=Title))


def _pattern(titles: Iterable[Title]) -> re.Pattern[str]:
    """Return a pattern for any of the forms as whole words; some end in a full stop."""
    forms = sorted({form for title in titles for form in title.forms}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)", re.IGNORECASE)


def _without_possessive(words: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    trimmed = re.sub(r"['’]s?$|[.,]+$", "", words[start:end])
    return start, start + len(trimmed)
