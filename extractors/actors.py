"""Who is named: officials, organs, armed forces and groups, states and alliances, from two lexicons.

``seeds/actors.jsonl`` lists persons with their offices and dates, organs, forces, groups, media and companies;
``seeds/places.jsonl`` lists states (ISO 3166-1 alpha-2), regions and alliances. A mention says whose side the actor
is on and whether the actor speaks for it on the day in question.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from spacy.lang.en import English
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from extractors.lexicon import load_jsonl

Kind = Literal["person", "expert", "organ", "force", "group", "alliance", "media", "company"]
PlaceKind = Literal["state", "region", "alliance"]
Form = Literal["name", "short", "demonym", "capital"]

SPEAKING_KINDS = frozenset({"organ", "force", "group", "alliance", "state"})
_TITLES = """
    mr mrs ms sir dr gen general president minister secretary chancellor senator sen speaker premier spokesman
    spokeswoman spokesperson ambassador admiral adm colonel col lt governor chairman leader envoy adviser advisor
    representative rep king prince commander chief lady pm
"""
NEAR = 40
"""How far a country may stand before the surname it vouches for, in characters: "South Korean president Lee"."""
TITLES_BEFORE_SURNAME = frozenset(_TITLES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An office and when it was held; ``side`` where it is not that of the person's country (NATO's head)."""

    title: str
    since: str | None = None
    """ISO date."""
    until: str | None = None
    side: str | None = None

    def __post_init__(self) -> None:
        for day in (self.since, self.until):
            date.fromisoformat(day or "2000-01-01")

    def held(self, on: date) -> bool:
        """Whether the office was held on that day, its last included."""
        day = on.isoformat()
        return (self.since or "") <= day <= (self.until or "9999")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A line of ``actors.jsonl``."""

    id: str
    name: str
    kind: Kind
    side: str
    aliases: tuple[str, ...] = ()
    """Forms that mean this actor wherever they stand."""
    short: tuple[str, ...] = ()
    """Surnames that mean this person only once the article has given the full name."""
    gender: Literal["f", "m"] | None = None
    roles: tuple[Role, ...] = ()
    voice: bool = False
    """A medium through which its state speaks where nobody is named: "KCNA said in a commentary"."""

    def role(self, on: date | None) -> Role | None:
        """Return the office held on that day, else the latest; an unknown day means the latest."""
        held = [role for role in self.roles if (role.until is None if on is None else role.held(on))] or self.roles
        return held[-1] if held else None

    def speaks(self, on: date | None) -> bool:
        """Whether the actor speaks for its side on that day.

        On an unknown day every holder of an office counts; the article's own "former" decides then.
        """
        if self.kind == "person":
            return any(on is None or role.held(on) for role in self.roles)
        return self.voice or self.kind in SPEAKING_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of ``places.jsonl``: a state, a region or an alliance with its forms."""

    id: str
    kind: PlaceKind
    name: str
    side: str | None
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorMention:
    """An actor where a text names it; ``start`` and ``end`` count code points."""

    actor: str
    """The actor's slug, or the ISO code of a state."""
    name: str
    kind: str
    """person, expert, organ, force, group, alliance, media, company, state or region."""
    side: str | None
    role: str | None
    office: bool
    """Whether the actor speaks for its side on the day asked for."""
    text: str
    start: int
    end: int
    form: Form = "name"
    gender: str | None = None
    certain: bool = True
    """Whether ``office`` is known: False where neither the day nor an office without an end decides it."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one spelling may mean."""

    entry: Actor | Place
    spelling: str
    form: Form


@dataclass(slots=True)
class _Found:
    start: int
    end: int
    readings: list[_Reading] = field(default_factory=list)


class ActorFinder:
    """Finds the listed actors in a document."""

    def __init__(self, seeds: Path) -> None:
        """Load ``actors.jsonl`` and ``places.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self.actors = load_jsonl(seeds / "actors.jsonl", build=Actor)
        self.places = load_jsonl(seeds / "places.jsonl", build=Place)
        self._readings: dict[str, list[_Reading]] = defaultdict(list)
        readings = list(_readings([*self.actors, *self.places]))
        for reading in readings:
            self._readings[plain(reading.spelling).lower()].append(reading)
        self._matcher = _matcher({reading.spelling for reading in readings})

    def find(self, doc: Doc, *, on: date | None = None) -> list[ActorMention]:
        """Return the mentions in ``doc`` sorted by start, none overlapping; ``on`` is the day the article appeared."""
        found = list(self._candidates(doc))
        introduced = {reading.entry.id for one in found for reading in one.readings if reading.form != "short"}
        mentions: list[ActorMention] = []
        for one in found:
            chosen = self._choose(doc, one, introduced, mentions[-1] if mentions else None)
            if chosen is not None:
                span = doc[one.start : one.end]
                mentions.append(_mention(chosen, on=on, text=span.text, start=span.start_char))
        return mentions

    def resolve(self, text: str, *, on: date | None = None) -> ActorMention | None:
        """Return what a bare string such as "Berlin", "the Kremlin" or "Lavrov" names, or None."""
        bare = text.strip().removeprefix("the ").removeprefix("The ").removesuffix("'s").removesuffix("’s")
        readings = [r for r in self._readings.get(plain(bare).lower(), ()) if _same_case(bare, r.spelling)]
        chosen = readings[0] if readings else None
        return _mention(chosen, on=on, text=text, start=0) if chosen else None

    def _candidates(self, doc: Doc) -> Iterator[_Found]:
        """Yield the longest matches from left to right."""
        matches = sorted(self._matcher(doc), key=lambda match: (match[1], -match[2]))
        last = 0
        for _, start, end in matches:
            if start < last:
                continue
            spelling = doc[start:end].text
            readings = [r for r in self._readings[plain(spelling).lower()] if _same_case(spelling, r.spelling)]
            if readings:
                yield _Found(start, end, readings)
                last = end

    def _choose(self, doc: Doc, found: _Found, introduced: set[str], before: ActorMention | None) -> _Reading | None:
        """Return the reading that holds; a bare surname needs its full name, or its country, somewhere to lean on."""
        full = [reading for reading in found.readings if reading.form != "short"]
        if full:
            return full[0]
        if _is_another_person(doc, found.start):
            return None
        near = before if before and doc[found.start].idx - before.end <= NEAR else None
        for reading in found.readings:
            if reading.entry.id in introduced or (near and near.side == reading.entry.side):
                return reading
        return None


def plain(text: str) -> str:
    """Return ``text`` with straight apostrophes, as the lexicons are spelled."""
    return text.replace("’", "'")


def _readings(entries: Iterable[Actor | Place]) -> Iterator[_Reading]:
    for entry in entries:
        for spelling in (entry.name, *entry.aliases):
            yield _Reading(entry, spelling, "name")
        if isinstance(entry, Actor):
            yield from (_Reading(entry, spelling, "short") for spelling in entry.short)
        else:
            yield from (_Reading(entry, spelling, "demonym") for spelling in entry.demonyms)
            yield from (_Reading(entry, spelling, "capital") for spelling in entry.capitals)


def _matcher(spellings: Iterable[str]) -> PhraseMatcher:
    nlp = English()
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    for spelling in sorted(spellings):
        forms = {spelling, spelling.replace("'", "’")}
        matcher.add(spelling, [nlp.make_doc(form) for form in sorted(forms)])
    return matcher


def _same_case(text: str, spelling: str) -> bool:
    """Whether ``text`` is spelled like the entry, or in capitals as headlines are; "us" is not "US"."""
    text = plain(text)
    return text == plain(spelling) or (text.isupper() and len(text) > 2) or (text.islower() and spelling.islower())


def _is_another_person(doc: Doc, start: int) -> bool:
    """Whether another given name stands before a surname: "Magic Johnson" is not Boris Johnson."""
    if not start or doc[start].is_sent_start:
        return False
    before = doc[start - 1]
    named = before.text[:1].isupper() and before.is_alpha and not before.text.isupper()
    return named and not before.is_sent_start and before.lower_.rstrip(".") not in TITLES_BEFORE_SURNAME


def _mention(reading: _Reading, *, on: date | None, text: str, start: int) -> ActorMention:
    entry = reading.entry
    person = entry if isinstance(entry, Actor) else None
    role = person.role(on) if person else None
    return ActorMention(
        actor=entry.id,
        name=entry.name,
        kind=entry.kind,
        side=(role.side if role and role.side else entry.side),
        role=role.title if role else None,
        office=person.speaks(on) if person else entry.kind in SPEAKING_KINDS or reading.form == "capital",
        text=text,
        start=start,
        end=start + len(text),
        form=reading.form,
        gender=person.gender if person else None,
        certain=on is not None or person is None or any(role.until is None for role in person.roles),
    )
