"""Cues of threats and limits: which words of a text hint at a statement, and what kind of hint each is.

The cues are data (``seeds/cues.jsonl``). Their forms are matched on a normalised copy of the text in which kinds of
quotation mark, dash, space and letter case make no difference and every offset stays what it was.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from extractors.lexicon import load_jsonl

_SINGLE = dict.fromkeys(map(ord, "‘’‚‛ʼ´`′"), "'")
_DOUBLE = dict.fromkeys(map(ord, "“”„‟«»″"), '"')
_DASH = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_SPACE = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\t\r\f\v"), " ")
_FOLD = _SINGLE | _DOUBLE | _DASH | _SPACE

_FORM = re.compile(r"[a-z0-9']+\*?(?: (?:…|[a-z0-9']+\*?))*")
_BETWEEN = r"[\s\-\"',]{1,3}"
_GAP = rf"(?:[\w'$%.]{{1,30}}{_BETWEEN}){{0,4}}"
_SPELLINGS = {"defense": "defen[cs]e", "center": "cent(?:er|re)", "saber": "sab(?:er|re)"}


class CueKind(StrEnum):
    """What a cue hints at."""

    LIMIT = "limit"
    MENACE = "menace"
    RESPONSE = "response"
    HARM = "harm"
    ACT = "act"
    CONDITION = "condition"
    VERDICT = "verdict"
    FUTURE = "future"
    PLAN = "plan"
    """Words of future right before those of an act, a response or harm: a kind without entries of its own."""
    HEDGE = "hedge"
    SAY = "say"
    OFFICE = "office"
    EXPERT = "expert"
    DOUBT = "doubt"
    PAST = "past"
    CIVIL = "civil"
    HOME = "home"
    NUCLEAR = "nuclear"
    FORCE = "force"
    SELF = "self"
    OTHER = "other"


_K = CueKind
TRIGGERS: tuple[tuple[frozenset[CueKind], ...], ...] = (
    (
        frozenset({_K.MENACE, _K.LIMIT}),
        frozenset({_K.FUTURE, _K.CONDITION, _K.VERDICT, _K.RESPONSE, _K.HARM, _K.ACT, _K.NUCLEAR}),
    ),
    (frozenset({_K.CONDITION}), frozenset({_K.FUTURE}), frozenset({_K.RESPONSE, _K.HARM, _K.ACT, _K.NUCLEAR})),
    (
        frozenset({_K.RESPONSE, _K.HARM}),
        frozenset({_K.FUTURE}),
        frozenset({_K.SAY, _K.FORCE, _K.VERDICT, _K.NUCLEAR}),
    ),
    (frozenset({_K.VERDICT}), frozenset({_K.ACT, _K.OFFICE}), frozenset({_K.FUTURE, _K.CONDITION})),
    (frozenset({_K.PLAN}), frozenset({_K.FUTURE}), frozenset({_K.SAY, _K.OFFICE, _K.MENACE})),
)
"""A sentence may hold a statement if it has a cue of every set of one of these, or a cue that suffices alone.

Of the labelled red lines and threats these let nearly none go, but the cues were chosen by somebody who had read them:
of 85 sentences written without looking at the cues they let a quarter go. They turn away most articles.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One entry of ``cues.jsonl``: forms of one meaning.

    A form is words in lower case; ``*`` ends a word that may go on, ``…`` stands for up to four words in between.
    """

    id: str
    kind: CueKind
    forms: tuple[str, ...]
    example: str
    wide: bool = False
    """Its forms say little by themselves: they tell the classifier something but make no sentence a candidate."""
    alone: bool = False
    """Its forms make a sentence a candidate by themselves."""
    plan: bool = False
    """Of cues with this, one of future right before one of a deed is a plan, a cue of kind ``PLAN``."""

    def __post_init__(self) -> None:
        wrong = [form for form in self.forms if not _FORM.fullmatch(form)]
        if wrong or not self.forms:
            raise ValueError(f"not a form of a cue: {', '.join(map(repr, wrong)) or 'none given'}")
        if not compile_forms(self.forms).search(normalise(self.example)):
            raise ValueError(f"the example holds no form of the cue: {self.example!r}")


@dataclass(frozen=True, slots=True)
class CueMatch:
    """Where a cue stands in a text."""

    cue: str
    kind: CueKind
    start: int
    end: int
    wide: bool = False


def normalise(text: str) -> str:
    """Return ``text`` in lower case with plain quotes, hyphens and spaces; offsets stay the same."""
    folded = text.translate(_FOLD)
    lowered = folded.lower()
    if len(lowered) == len(folded):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in folded)


def compile_forms(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern for several forms, the longest first."""
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile(rf"\b(?:{'|'.join(map(_pattern, ordered))})\b")


def _plans(futures: Iterable[Cue], deeds: Iterable[Cue]) -> re.Pattern[str]:
    """Return a pattern for words of future and, after up to two words, those of a deed."""
    future, deed = compile_forms(_forms(futures)).pattern, compile_forms(_forms(deeds)).pattern
    return re.compile(rf"{future}{_BETWEEN}(?:[\w']{{1,30}}{_BETWEEN}){{0,2}}{deed}")


def _pattern(form: str) -> str:
    parts: list[str] = []
    for word in form.split(" "):
        if word == "…":
            parts.append(_GAP)
            continue
        stem = word.rstrip("*")
        parts.append(_SPELLINGS.get(stem, re.escape(stem)) + (r"[\w']{0,20}" if word.endswith("*") else "") + _BETWEEN)
    return "".join(parts).removesuffix(_BETWEEN)


class CueFinder:
    """Finds the cues of a lexicon in normalised text."""

    def __init__(self, cues: tuple[Cue, ...]) -> None:
        self.cues = {cue.id: cue for cue in cues}
        telling = [cue for cue in cues if not cue.wide]
        planned = [cue for cue in cues if cue.plan and cue.kind is not CueKind.FUTURE]
        plans = _plans([cue for cue in cues if cue.plan and cue.kind is CueKind.FUTURE], planned)
        forms: list[tuple[str, str, re.Pattern[str]]] = [
            (form, cue.kind, compile_forms((form,))) for cue in telling for form in cue.forms
        ]
        forms += [(form, ALONE, compile_forms((form,))) for cue in telling if cue.alone for form in cue.forms]
        forms += [(form, CueKind.PLAN, plans) for cue in planned for form in cue.forms]
        self._kinds = _Hints((form, kind) for form, kind, _ in forms)
        self._forms = _Hints((form, (kind, pattern)) for form, kind, pattern in forms)
        patterns = [(cue, compile_forms(cue.forms)) for cue in cues]
        self._patterns = _Hints((form, pattern) for pattern in patterns for form in pattern[0].forms)

    def triggered(self, norm: str) -> bool:
        """Say whether a normalised sentence has the cues without which it holds no statement."""
        if not self.may_trigger(norm):
            return False
        forms = self._forms.of(norm)

        @cache
        def holds(kind: str) -> bool:
            return any(pattern.search(norm) for of, pattern in forms if of is kind)

        return holds(ALONE) or any(all(any(map(holds, choice)) for choice in rule) for rule in TRIGGERS)

    def may_trigger(self, norm: str) -> bool:
        """Return False only where ``triggered`` is false of every part of the normalised text."""
        kinds = self._kinds.of(norm)
        return ALONE in kinds or any(all(choice & kinds for choice in rule) for rule in TRIGGERS)

    def find(self, norm: str) -> list[CueMatch]:
        """Return every match in a normalised sentence, by start; matches of different cues may overlap."""
        found = [
            CueMatch(cue.id, cue.kind, match.start(), match.end(), cue.wide)
            for cue, pattern in self._patterns.of(norm)
            for match in pattern.finditer(norm)
        ]
        return sorted(found, key=lambda match: (match.start, -match.end, match.cue))


ALONE = "alone"
_RUN = re.compile(r"[a-z0-9]+")
_KNOWN_WORDS = 1 << 16
L = TypeVar("L", bound=Hashable)


class _Hints(Generic[L]):
    """What the words of a text leave possible: no regular expression is run where a word is missing.

    Every form has one word, or the beginning of one, without which it cannot match.
    """

    def __init__(self, labels: Iterable[tuple[str, L]]) -> None:
        """Take pairs of a form and what its presence may mean."""
        self._words: dict[str, set[L]] = defaultdict(set)
        self._stems: dict[str, set[L]] = defaultdict(set)
        for form, label in labels:
            stem, whole = _anchor(form)
            (self._words if whole else self._stems)[stem].add(label)
        self._lengths = sorted({len(stem) for stem in self._stems})
        self._of = lru_cache(maxsize=_KNOWN_WORDS)(self._look_up)

    def of(self, norm: str) -> frozenset[L]:
        """Return the labels of which a normalised text may hold a form."""
        return frozenset[L]().union(*filter(None, map(self._of, set(_RUN.findall(norm)))))

    def _look_up(self, word: str) -> frozenset[L]:
        stems = (self._stems.get(word[:length], set()) for length in self._lengths if length <= len(word))
        return frozenset(self._words.get(word, set())).union(*stems)


def _anchor(form: str) -> tuple[str, bool]:
    """Return the longest run of letters a form cannot do without, and whether it is a whole word."""
    runs: list[tuple[str, bool]] = []
    for word in form.split(" "):
        stem = word.rstrip("*")
        if stem in _SPELLINGS:
            runs += [(run, False) for run in _RUN.findall(_SPELLINGS[stem])[:1]]
            continue
        found = _RUN.findall(stem)
        runs += [(run, not (word.endswith("*") and run == found[-1])) for run in found]
    return max(runs, key=lambda run: len(run[0]))


def _forms(cues: Iterable[Cue]) -> tuple[str, ...]:
    return tuple(form for cue in cues for form in cue.forms)


def load_cues(seeds: Path) -> tuple[Cue, ...]:
    """Load the cues from the folder of lexicons; LexiconError names every line that is wrong."""
    return load_jsonl(seeds / "cues.jsonl", build=Cue)
