"""Cues of threats and limits: which words of a text hint at a statement, and what kind of hint each is.

The cues are data (``seeds/cues.jsonl``). Their forms are matched on a normalised copy of the text in which kinds of
quotation mark, dash, space and letter case make no difference and every offset stays what it was.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from extractors.lexicon import load_jsonl

_SPACES = "\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\t\r\f\v"
_PLAIN = {"'": "‘’‚‛ʼ´`′", '"': "“”„‟«»″", "-": "‐‑‒–—―−", " ": _SPACES}
_FOLD = tuple((mark, plain) for plain, marks in _PLAIN.items() for mark in marks)

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
    (frozenset({_K.FUTURE}), frozenset({_K.SAY, _K.OFFICE, _K.MENACE}), frozenset({_K.PLAN})),
)
"""A sentence may hold a statement if it has a cue of every set of one of these, or a cue that suffices alone.

Of the labelled red lines and threats these let nearly none go, but the cues were chosen by somebody who had read them:
of 450 sentences written without looking at the cues they let half go, so the classifier's first look adds to them.
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
    for mark, plain in _FOLD:  # str.translate takes ten times as long
        text = text.replace(mark, plain)
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


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
        kinds: list[tuple[str, Cue]] = [(cue.kind, cue) for cue in telling]
        kinds += [(ALONE, cue) for cue in telling if cue.alone]
        singly = [((form,), (kind, compile_forms((form,)))) for kind, cue in kinds for form in cue.forms]
        self._forms = _Hints([*singly, (_forms(planned), (CueKind.PLAN, plans))])
        self._patterns = _Hints([(cue.forms, (cue, compile_forms(cue.forms))) for cue in cues])

    def triggered(self, norm: str) -> bool:
        """Say whether a normalised sentence has the cues without which it holds no statement."""
        forms = self._forms.of(norm)

        def holds(kind: str) -> bool:
            return any(pattern.search(norm) for of, pattern in forms if of is kind)

        return _may_suffice(forms) and _suffices(holds)

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
L = TypeVar("L")


def _suffices(holds: Callable[[str], bool]) -> bool:
    """Say whether the kinds of cue that ``holds`` is true of make a sentence a candidate."""
    return holds(ALONE) or any(all(any(map(holds, choice)) for choice in rule) for rule in TRIGGERS)


def _may_suffice(forms: Iterable[tuple[str, object]]) -> bool:
    return _suffices({kind for kind, _ in forms}.__contains__)


class _Hints(Generic[L]):
    """What the words of a text leave possible: no regular expression is run where a word of its forms is missing."""

    def __init__(self, labelled: Sequence[tuple[Sequence[str], L]]) -> None:
        """Take pairs of forms and what the presence of one of them may mean."""
        self._labels = [label for _, label in labelled]
        needed = [(_needs(form), at) for at, (forms, _) in enumerate(labelled) for form in forms]
        shared = Counter(need for needs, _ in needed for need in needs)
        self._calls: dict[str, list[tuple[frozenset[str], int]]] = defaultdict(list)
        """What a word calls to mind: the forms that share it with the fewest others, and their labels by index."""
        for needs, at in needed:
            self._calls[min(needs, key=lambda need: (shared[need], need))].append((needs, at))
        self._lengths = sorted({len(need) - 1 for need in shared if need.endswith("*")})
        self._known = frozenset(shared)
        self._met = lru_cache(maxsize=_KNOWN_WORDS)(self._meets)

    def of(self, norm: str) -> list[L]:
        """Return the labels of which a normalised text may hold a form."""
        met = frozenset[str]().union(*map(self._met, _RUN.findall(norm)))
        called = {at for need in met for needs, at in self._calls.get(need, ()) if needs <= met}
        return [self._labels[at] for at in sorted(called)]

    def _meets(self, word: str) -> frozenset[str]:
        """Return the needs that a word of the text meets: itself and its beginnings."""
        return self._known.intersection([word, *(f"{word[:length]}*" for length in self._lengths)])


def _needs(form: str) -> frozenset[str]:
    """Return the words, and with a ``*`` the beginnings of words, without which a form cannot match."""
    return frozenset(need for word in form.split(" ") for need in _word_needs(word))


def _word_needs(word: str) -> list[str]:
    stem, star, _ = word.partition("*")
    if stem in _SPELLINGS:  # which agree in how they begin
        stem, star = re.split("[^a-z]", _SPELLINGS[stem])[0], "*"
    *runs, last = _RUN.findall(stem) or [""]
    return [*runs, last + star] if last else runs


def _forms(cues: Iterable[Cue]) -> tuple[str, ...]:
    return tuple(form for cue in cues for form in cue.forms)


def load_cues(seeds: Path) -> tuple[Cue, ...]:
    """Load the cues from the folder of lexicons; LexiconError names every line that is wrong."""
    return load_jsonl(seeds / "cues.jsonl", build=Cue)
