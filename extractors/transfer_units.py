"""A sentence as a row of units: weapons and actors are one unit each, the rest are cues and plain words.

Counting in units instead of words makes "the United Kingdom's" as short as "Britain", so that distances mean something.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from extractors.records import WeaponMention
from extractors.transfer_cues import Cue, CueIndex, Form, Reading, Token, tokens


class Party(Protocol):
    """What transfers need to know of an actor's mention."""

    @property
    def actor(self) -> str:
        """The slug, or the ISO code of a state."""

    @property
    def kind(self) -> str:
        """person, organ, state, force, group, alliance, media or company."""

    @property
    def side(self) -> str | None:
        """ISO 3166-1 alpha-2, or a slug: whom it belongs to."""

    @property
    def form(self) -> str:
        """name, short, demonym or capital."""

    @property
    def text(self) -> str:
        """The words of the mention."""

    @property
    def start(self) -> int:
        """Where it starts in the document."""

    @property
    def end(self) -> int:
        """Where it ends."""


@dataclass(frozen=True, slots=True)
class Bloc:
    """A group of states named by an adjective before a weapon, which is no actor elsewhere: "Western tanks"."""

    actor: str
    text: str
    start: int
    end: int
    kind: str = "alliance"
    side: str | None = None
    form: str = "demonym"


@dataclass(frozen=True, slots=True)
class Unit:
    """One element of a sentence; exactly one of weapon, actor, readings or none of them is set."""

    text: str
    start: int
    end: int
    weapon: WeaponMention | None = None
    actor: Party | None = None
    readings: tuple[Reading, ...] = ()

    @property
    def is_word(self) -> bool:
        """Whether it is neither weapon nor actor."""
        return self.weapon is None and self.actor is None

    def cue(self, kind: str) -> Cue | None:
        """Return the cue of ``kind`` this unit may be."""
        for reading in self.readings:  # a loop, since this is what a sentence is asked most
            if reading.cue.kind == kind:
                return reading.cue
        return None

    def forms(self, cue: Cue) -> set[Form]:
        """Return the forms in which this unit may be ``cue``."""
        return {reading.form for reading in self.readings if reading.cue is cue}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of coordinated units of one sort: ``first`` and ``last`` index its sentence."""

    first: int
    last: int
    members: tuple[int, ...]


def units(
    text: str,
    *,
    start: int,
    weapons: Sequence[WeaponMention],
    actors: Sequence[Party],
    cues: CueIndex,
    topic: WeaponMention | None = None,
) -> list[Unit]:
    """Return the units of one sentence, ``text`` at ``start``; weapons win over actors, actors over cues.

    ``topic`` is the weapon that "the jets" and the like stand for.
    """
    row: list[Unit] = []
    at = start
    for mention in _disjoint(weapons, actors):
        if mention.start > at:
            row += _plain(tokens(text[at - start : mention.start - start], start=at), cues)
        surface = text[mention.start - start : mention.end - start].casefold()
        if isinstance(mention, WeaponMention):
            row.append(Unit(surface, mention.start, mention.end, weapon=mention))
        else:
            row.append(Unit(surface, mention.start, mention.end, actor=mention))
        at = mention.end
    row += _plain(tokens(text[at - start :], start=at), cues)
    return _resolved(_with_blocs(row), topic)


def _with_blocs(row: list[Unit]) -> list[Unit]:
    """Let "Western" in "Western tanks" and "Western-supplied" be an actor."""
    read: list[Unit] = []
    for place, unit in enumerate(row):
        cue = unit.cue("bloc")
        if cue is not None and _describes(row[place + 1 : place + 3]):
            read.append(Unit(unit.text, unit.start, unit.end, actor=Bloc(cue.id, unit.text, unit.start, unit.end)))
        else:
            read.append(unit)
    return read


def _describes(after: Sequence[Unit]) -> bool:
    """Whether a weapon follows, or the second half of "Western-supplied"."""
    marked = len(after) == 2 and after[0].text == "-" and bool(after[1].cue("act") or after[1].cue("maker"))
    return marked or any(unit.weapon is not None for unit in after[:1])


def _resolved(row: list[Unit], topic: WeaponMention | None) -> list[Unit]:
    """Let "the jets", and "them" after a verb of transfer, stand for the weapon named last."""
    read: list[Unit] = []
    for unit in row:
        if unit.weapon is None and topic is not None and _refers(unit, read[-2:]):
            weapon = replace(topic, text=unit.text, start=unit.start, end=unit.end)
            read.append(Unit(unit.text, unit.start, unit.end, weapon=weapon))
        else:
            read.append(unit)
        topic = read[-1].weapon or topic
    return read


def _refers(unit: Unit, before: Sequence[Unit]) -> bool:
    """Whether a noun, or a pronoun after "send" or "asked for", stands for the weapon named last."""
    if unit.cue("anaphor"):
        return True
    if unit.cue("pronoun") is None or not before:
        return False
    asked = before[0].cue("operator") if len(before) == 2 and before[1].text == "for" else None
    return before[-1].cue("act") is not None or (asked is not None and asked.direct == "recipient")


def _disjoint(weapons: Sequence[WeaponMention], actors: Sequence[Party]) -> list[WeaponMention | Party]:
    """Return all mentions in order; an actor inside or across a weapon's name is part of that name."""
    taken: list[WeaponMention | Party] = []
    mentions: list[WeaponMention | Party] = [*weapons, *actors]
    for mention in sorted(mentions, key=lambda item: (item.start, not isinstance(item, WeaponMention), -item.end)):
        if taken and mention.start < taken[-1].end:
            if isinstance(mention, WeaponMention) and not isinstance(taken[-1], WeaponMention):
                taken[-1] = mention
            continue
        taken.append(mention)
    return taken


def _plain(words: list[Token], cues: CueIndex) -> list[Unit]:
    row: list[Unit] = []
    place = 0
    while place < len(words):
        length, readings = cues.at(words, place)
        last = words[place + max(length, 1) - 1]
        text = last.text if length < 2 else " ".join(word.text for word in words[place : place + length])
        row.append(Unit(text, words[place].start, last.end, readings=readings))
        place += max(length, 1)
    return row


LONGEST_LIST = 12
"""A list is cut here, so that hostile text cannot make one that pairs hundreds of weapons with hundreds of parties."""


def chunks(row: Sequence[Unit], *, weapons: bool) -> list[Chunk]:
    """Return the runs of coordinated weapons, or of coordinated actors: "tanks, F-16 jets and ATACMS" is one."""
    found: list[Chunk] = []
    for place, unit in enumerate(row):
        if (unit.weapon if weapons else unit.actor) is None:
            continue
        if (
            found
            and len(found[-1].members) < LONGEST_LIST
            and _joined(row[found[-1].last + 1 : place], weapons=weapons)
            and (weapons or not _is_closed(row, found[-1]))
        ):
            found[-1] = Chunk(found[-1].first, place, (*found[-1].members, place))
        else:
            found.append(Chunk(place, place, (place,)))
    return found if weapons else [part for chunk in found for part in _lists(row, chunk)]


def _is_closed(row: Sequence[Unit], chunk: Chunk) -> bool:
    """Whether "and" has ended the list, so that the comma after it opens a clause: "in Paris and Rome, Kyiv …"."""
    said = any(unit.text in {"and", "or"} for unit in row[chunk.first : chunk.last])
    return said and row[chunk.last + 1].text == ","


def _lists(row: Sequence[Unit], chunk: Chunk) -> list[Chunk]:
    """Split parties that only a comma joins: "to Ukraine, Polish officials" is no list, unless it opens a headline."""
    inner = {unit.text for unit in row[chunk.first : chunk.last + 1] if unit.is_word}
    if len(chunk.members) == 1:
        return [chunk]
    if _ends_and_begins(row, chunk):
        first, *rest = chunk.members
        return [Chunk(first, first, (first,)), Chunk(rest[0], chunk.last, tuple(rest))]
    two_clauses = len(chunk.members) == 2 and inner >= {",", "and"}
    if chunk.first == 0 or (inner - {",", "the"} and not two_clauses):
        return [chunk]
    return [Chunk(place, place, (place,)) for place in chunk.members]


def _ends_and_begins(row: Sequence[Unit], chunk: Chunk) -> bool:
    """Whether a clause ends with the first party and another begins: "sent to Ukraine, and France and Italy will"."""
    before = [unit.text for unit in row[max(0, chunk.first - 3) : chunk.first]]
    after = row[chunk.last + 1 : chunk.last + 3]
    verb = any(unit.cue("act") or unit.cue("operator") or unit.text in {"has", "have"} for unit in after)
    return verb and any(text in _BREAKS for text in before)


_JOINTS = frozenset({",", "and", "or", "&", "plus", "/", "including", "as well as", "nor"})
_BREAKS = frozenset(
    {
        "to",
        "for",
        "from",
        "by",
        "against",
        "on",
        "in",
        "at",
        "into",
        "that",
        "is",
        "are",
        "was",
        "were",
        ".",
        ":",
        ";",
        "—",
        "–",
    }
)
_LINKS = frozenset({"with", "near", "over", "like", "than", "via", "without", "about", "into", "toward", "towards"})
"""Prepositions that relate a weapon to the next instead of joining the two."""
_VERBS = frozenset({"has", "have", "had", "been", "will", "would"})
"""What begins another clause after the comma that a list might have."""
_FITTED = (["for"], ["for", "the"])
"""What joins a munition to its launcher: "rockets for HIMARS"."""
_LONGEST_GAP = 7


def _joined(gap: Sequence[Unit], *, weapons: bool) -> bool:
    """Whether what stands between two mentions makes them one list."""
    if not gap:
        return weapons  # "F-16 fighter jets": a name and its class
    if len(gap) > (_LONGEST_GAP if weapons else 3) or not all(unit.is_word for unit in gap):
        return False
    texts = [unit.text for unit in gap]
    if weapons and texts in _FITTED:
        return True
    if not weapons:
        return texts[0] in _JOINTS and all(text in _JOINTS or text == "the" for text in texts)
    if not _VERBS.isdisjoint(texts) or any(
        text in _BREAKS or unit.cue("act") or unit.cue("boundary") for text, unit in zip(texts, gap, strict=True)
    ):
        return False
    return any(text in _JOINTS for text in texts) or (len(gap) == 1 and _describes_next(gap[0]))


def _describes_next(word: Unit) -> bool:
    """Whether a single word may stand inside a name and its class: no "using", no "with", no verb of any sort."""
    return not (word.readings or word.text.endswith("ing") or word.text in _LINKS)
