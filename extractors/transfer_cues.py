"""The words that speak of arms transfers: data in ``seeds/transfer_cues.jsonl``, matched token by token.

An *act* is the transfer itself (send, receive, sale), an *operator* says how far it has come (agree, refuse, weigh),
and the rest mark use, permission to use, hypotheses, clause boundaries and words that stand for a weapon named before.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from extractors.lexicon import load_jsonl
from extractors.records import Stage

TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+\b|\w+n['’]t\b|\w+|['’](?:s|ll|re|ve|d)\b|[^\w\s]")


class Form(StrEnum):
    """The shape in which a cue stands in the text."""

    BASE = "base"
    PRESENT = "present"
    GERUND = "gerund"
    PAST = "past"
    PARTICIPLE = "participle"
    NOUN = "noun"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One line of the lexicon; ``example`` is a sentence a reader and the tests can check it with.

    ``agent`` is the part that the subject of an act plays. ``present``, ``done`` and ``nominal`` are the stages of an
    act without an operator, in present tense, past tense or as a noun. ``stage`` and ``negated`` are those of an
    operator. ``control`` says whose act an operator speaks of: its subject's (agree to send) or its object's (ask to
    send). ``direct`` is the part of the subject where an operator takes the weapon itself (asks for tanks), None if it
    cannot. A ``factive`` or ``modal`` operator gives way to any other; a ``possibility`` outranks what it governs.
    ``for_recipient`` replaces ``stage`` where the act is the recipient's (wants to buy, not wants to send).
    With ``from_recipient``, "from" names who does not get the weapon: withheld from Kyiv.
    An act that ``moves`` may leave the weapon with its owner: "sent a destroyer to Cyprus".
    A ``dative`` act names whom it arms right after the verb: "armed with missiles" says nothing about anybody.
    """

    id: str
    kind: Literal[
        "act",
        "operator",
        "use",
        "permit",
        "hypothesis",
        "boundary",
        "block",
        "anaphor",
        "filler",
        "benefit",
        "maker",
        "leave",
        "strike",
        "measure",
        "carrier",
        "join",
        "pronoun",
        "others",
        "legacy",
        "importer",
        "patron",
        "bloc",
        "aside",
        "capture",
        "earlier",
        "term",
        "date",
        "drill",
        "foe",
        "lift",
        "untrue",
        "history",
    ]
    example: str
    verb: str | None = None
    past: str | None = None
    participle: str | None = None
    gerund: str | None = None
    nouns: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    agent: Literal["supplier", "recipient", "weapon"] | None = None
    present: Stage = Stage.DELIVERED
    done: Stage = Stage.DELIVERED
    nominal: Stage = Stage.PLEDGED
    stage: Stage | None = None
    negated: Stage | None = None
    control: Literal["subject", "object"] = "subject"
    direct: Literal["supplier", "recipient", "none"] | None = None
    factive: bool = False
    modal: bool = False
    possibility: bool = False
    dative: bool = False
    moves: bool = False
    from_recipient: bool = False
    for_recipient: Stage | None = None

    def __post_init__(self) -> None:
        if not (self.verb or self.nouns or self.phrases):
            raise ValueError("a cue needs a verb, nouns or phrases")
        if self.kind == "act" and self.agent is None:
            raise ValueError("an act needs an agent")
        if self.kind in ("operator", "permit") and self.stage is None:
            raise ValueError(f"{self.kind} needs a stage")

    @property
    def forms(self) -> list[tuple[str, Form]]:
        """Every text this cue can stand as, with its form."""
        listed = [(noun, Form.NOUN) for noun in self.nouns] + [(phrase, Form.PHRASE) for phrase in self.phrases]
        return listed + (self._conjugated(self.verb) if self.verb else [])

    def _conjugated(self, verb: str) -> list[tuple[str, Form]]:
        head, _, rest = verb.partition(" ")
        past = self.past or f"{regular_past(head)} {rest}".strip()
        return [
            (verb, Form.BASE),
            (f"{regular_present(head)} {rest}".strip(), Form.PRESENT),
            (self.gerund or f"{regular_gerund(head)} {rest}".strip(), Form.GERUND),
            (past, Form.PAST),
            (self.participle or past, Form.PARTICIPLE),
        ]


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark, in lower case with straight apostrophes, and where it stands in the document."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A cue in one of its forms; the same words may have several readings."""

    cue: Cue
    form: Form


def regular_present(verb: str) -> str:
    """Return the third person of a regular verb: supply → supplies."""
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if re.search(r"(?:s|sh|ch|x|z)$", verb) else f"{verb}s"


def regular_past(verb: str) -> str:
    """Return the past of a regular verb: donate → donated."""
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    return f"{verb}d" if verb.endswith("e") else f"{verb}ed"


def regular_gerund(verb: str) -> str:
    """Return the -ing form of a regular verb: donate → donating, agree → agreeing."""
    return f"{verb[:-1]}ing" if re.search(r"[^e]e$", verb) else f"{verb}ing"


def tokens(text: str, *, start: int = 0) -> list[Token]:
    """Split ``text``, which stands at ``start`` of its document, into words and marks."""
    return [
        Token(match.group().casefold().replace("’", "'"), start + match.start(), start + match.end())
        for match in TOKEN.finditer(text)
    ]


LISTS = frozenset({"importer", "legacy", "patron", "foe"})
"""Kinds whose phrases are codes of states and slugs of groups, not words of a text."""


def _listed(cues: Iterable[Cue], kind: str) -> frozenset[str]:
    return frozenset(name for cue in cues if cue.kind == kind for name in cue.phrases)


def _both_ways(pairs: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(order) for pair in pairs for order in (pair.split(), reversed(pair.split())))


class CueIndex:
    """Finds the cues of a lexicon in a list of tokens, the longest at each place."""

    def __init__(self, seeds: Path) -> None:
        """Load ``transfer_cues.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self._phrases: dict[str, dict[tuple[str, ...], tuple[Reading, ...]]] = {}
        cues = load_jsonl(seeds / "transfer_cues.jsonl", build=Cue)
        self.importers = _listed(cues, "importer")
        self.legacy = _listed(cues, "legacy")
        self.patrons = _listed(cues, "patron")
        self.foes = _both_ways(_listed(cues, "foe"))
        for cue in cues:
            if cue.kind in LISTS:
                continue
            for text, form in cue.forms:
                self._add(tuple(token.text for token in tokens(text)), Reading(cue, form))

        self._longest = {
            word: sorted(group.items(), key=lambda item: -len(item[0])) for word, group in self._phrases.items()
        }
        anaphors = sorted({phrase for cue in cues if cue.kind == "anaphor" for phrase in cue.phrases})
        self._anaphor = re.compile(rf"\b(?:{'|'.join(map(re.escape, anaphors))})\b", re.IGNORECASE)

    def may_refer(self, text: str) -> bool:
        """Return whether ``text`` may speak of a weapon without naming one: "the jets"."""
        return self._anaphor.search(text) is not None

    def _add(self, words: tuple[str, ...], reading: Reading) -> None:
        group = self._phrases.setdefault(words[0], {})
        group[words] = (*group.get(words, ()), reading)

    def at(self, words: Sequence[Token], place: int) -> tuple[int, tuple[Reading, ...]]:
        """Return the number of tokens and the readings of the longest cue at ``place``; (0, ()) if there is none."""
        group = self._longest.get(words[place].text)
        if group is None:
            return 0, ()
        after = words[place + 1].text if place + 1 < len(words) else None
        for phrase, readings in group:
            if len(phrase) == 1 or (phrase[1] == after and self._fits(phrase, words, place)):
                return len(phrase), readings
        return 0, ()

    @staticmethod
    def _fits(phrase: tuple[str, ...], words: Sequence[Token], place: int) -> bool:
        """Return whether the rest of ``phrase`` follows its first two words at ``place``."""
        if place + len(phrase) > len(words):
            return False
        return all(words[place + at].text == phrase[at] for at in range(2, len(phrase)))
