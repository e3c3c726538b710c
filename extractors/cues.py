"""Cues of threats and limits: which words of a text hint at a statement, and what kind of hint each is.

The cues are data (``seeds/cues.jsonl``). Their forms are matched on a normalised copy of the text in which kinds of
quotation mark, dash, space and letter case make no difference and every offset stays what it was.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

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
    HEDGE = "hedge"
    SAY = "say"
    OFFICE = "office"
    EXPERT = "expert"
    DOUBT = "doubt"
    PAST = "past"
    CIVIL = "civil"
    NUCLEAR = "nuclear"
    FORCE = "force"
    SELF = "self"
    OTHER = "other"


TRIGGERS = frozenset({CueKind.LIMIT, CueKind.MENACE, CueKind.RESPONSE, CueKind.HARM})
"""A sentence with one of these may hold a statement."""
PAIRED = frozenset({CueKind.ACT, CueKind.NUCLEAR})
"""So may one with a condition or a future and one of these."""


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
    """Its forms say little by themselves: they make a sentence a candidate but no part of the order of its cues."""

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
        self._patterns = [(cue, compile_forms(cue.forms)) for cue in cues]
        self._trigger = compile_forms(_forms(cues, TRIGGERS))
        self._paired = compile_forms(_forms(cues, PAIRED))
        self._ahead = compile_forms(_forms(cues, {CueKind.CONDITION, CueKind.FUTURE}))
        self._anchors = _anchors(_forms(cues, TRIGGERS | PAIRED))

    def triggered(self, norm: str) -> bool:
        """Say whether a normalised sentence has a cue without which it holds no statement."""
        if self._trigger.search(norm):
            return True
        return self._paired.search(norm) is not None and self._ahead.search(norm) is not None

    def may_trigger(self, norm: str) -> bool:
        """Return False only where ``triggered`` is false of every part of the normalised text."""
        return any(anchor in norm for anchor in self._anchors)

    def find(self, norm: str) -> list[CueMatch]:
        """Return every match in a normalised sentence, by start; matches of different cues may overlap."""
        found = [
            CueMatch(cue.id, cue.kind, match.start(), match.end(), cue.wide)
            for cue, pattern in self._patterns
            for match in pattern.finditer(norm)
        ]
        return sorted(found, key=lambda match: (match.start, -match.end, match.cue))


def _forms(cues: tuple[Cue, ...], kinds: Set[CueKind]) -> tuple[str, ...]:
    return tuple(form for cue in cues if cue.kind in kinds for form in cue.forms)


def _anchors(forms: tuple[str, ...]) -> tuple[str, ...]:
    """Return for each form a string without which it cannot match, none of them part of another."""
    stems = {max((word.rstrip("*") for word in form.split(" ") if word not in _SPELLINGS), key=len) for form in forms}
    return tuple(sorted(stem for stem in stems if not any(other != stem and other in stem for other in stems)))


def load_cues(seeds: Path) -> tuple[Cue, ...]:
    """Load the cues from the folder of lexicons; LexiconError names every line that is wrong."""
    return load_jsonl(seeds / "cues.jsonl", build=Cue)
