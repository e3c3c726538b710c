"""Words of reporting: the verbs and nouns that tie a speaker to what is said, and the titles speakers bear.

Both are data: ``seeds/reporting.jsonl`` (verbs with their forms, nouns) and ``seeds/titles.jsonl`` (nouns and
adjectives of which descriptions of speakers are made).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

from extractors.lexicon import load_jsonl

T = TypeVar("T")
_WORD = re.compile(r"[^\W_]+\.?|[^\w\s]")

CueKind = Literal["say", "warn", "threaten", "vow", "urge", "accuse", "deny", "believe", "ask", "report", "quote"]
VerbForm = Literal["base", "third", "past", "participle", "gerund", "noun"]
TitleKind = Literal["official", "expert", "organ", "media", "modifier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingCue:
    """A line of ``reporting.jsonl``: a verb with its forms, or a list of nouns."""

    id: str
    kind: CueKind
    base: str = ""
    third: str = ""
    past: str = ""
    participle: str = ""
    """Only where it differs from the past."""
    gerund: str = ""
    nouns: tuple[str, ...] = ()
    addressee: bool = False
    """It takes the person spoken to as its object: "warned NATO"."""
    weak: bool = False
    """It reports speech only with a quotation or a clause: "added that", not "added troops"."""

    support: bool = False
    """A verb that only lends itself to a noun of reporting: "issued a warning", "drew a red line"."""

    def __post_init__(self) -> None:
        verb = (self.base, self.third, self.past, self.gerund)
        if bool(self.nouns) == all(verb):
            raise ValueError("needs either nouns, or base, third, past and gerund")

    def forms(self) -> list[tuple[str, VerbForm]]:
        """Return every spelling with its form."""
        if self.nouns:
            return [(noun, "noun") for noun in self.nouns]
        forms: list[tuple[str, VerbForm]] = [(self.gerund, "gerund"), (self.third, "third"), (self.base, "base")]
        forms += [(self.past, "past"), (self.participle, "participle")]
        return [(spelling, form) for spelling, form in forms if spelling]


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A line of ``titles.jsonl``: words of one kind that name or describe a speaker, in lower case."""

    id: str
    kind: TitleKind
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CueForm:
    """A reporting word as it may stand in a text."""

    cue: ReportingCue
    form: VerbForm


class Phrases(Generic[T]):
    """Looks up the longest known phrase that starts at a word; phrases and words are in lower case."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._known: dict[tuple[str, ...], T] = {}
        self._lengths: dict[str, list[int]] = defaultdict(list)
        for spelling, value in phrases:
            words = tuple(_WORD.findall(spelling.lower()))
            if words not in self._known:
                self._known[words] = value
                self._lengths[words[0]] = sorted({*self._lengths[words[0]], len(words)}, reverse=True)

    @property
    def openers(self) -> Set[str]:
        """The words with which phrases begin."""
        return self._lengths.keys()

    def at(self, words: Sequence[str], start: int) -> tuple[T, int] | None:
        """Return the value of the longest phrase at ``start`` and its length in words, or None."""
        for length in self._lengths.get(words[start], ()):
            phrase = tuple(words[start : start + length])
            if len(phrase) == length and phrase in self._known:
                return self._known[phrase], length
        return None


@dataclass(frozen=True, slots=True)
class Wordings:
    """Both lexicons, ready to be asked."""

    cues: Phrases[tuple[CueForm, ...]]
    titles: Phrases[tuple[TitleKind, ...]]

    def openers(self) -> frozenset[str]:
        """Return the words with which a cue or a title begins."""
        return frozenset(self.cues.openers | self.titles.openers)


def load_wordings(seeds: Path) -> Wordings:
    """Load ``reporting.jsonl`` and ``titles.jsonl``; LexiconError names every line that is wrong."""
    cues: dict[str, list[CueForm]] = defaultdict(list)
    for cue in load_jsonl(seeds / "reporting.jsonl", build=ReportingCue):
        for spelling, form in cue.forms():
            cues[spelling].append(CueForm(cue, form))
    titles: dict[str, list[TitleKind]] = defaultdict(list)
    for title in load_jsonl(seeds / "titles.jsonl", build=Title):
        for spelling in title.forms:
            titles[spelling].append(title.kind)
    return Wordings(
        cues=Phrases((spelling, tuple(forms)) for spelling, forms in cues.items()),
        titles=Phrases((spelling, tuple(kinds)) for spelling, kinds in titles.items()),
    )
