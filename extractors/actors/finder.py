"""Finds who is named: officials, organs, armed forces, groups, states and alliances, from the lexicons of ``lexicon``.

A mention says whose side the actor is on and whether the actor speaks for it on the day in question.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from spacy.lang.en import English
from spacy.tokens import Doc
from spacy.vocab import Vocab

from extractors.actors.lexicon import SPEAKING_KINDS, Actor, Place, load_actors, load_places
from extractors.actors.spellings import SpellingTrie, is_written_as, key
from extractors.text.sentences import SafeTokenizer, spellings

Form = Literal["name", "short", "demonym", "capital"]

_TITLES = """
    mr mrs ms sir dr gen general president minister secretary chancellor senator sen speaker premier spokesman
    spokeswoman spokesperson ambassador admiral adm colonel col lt governor chairman leader envoy adviser advisor
    representative rep king prince commander chief lady pm director marshal lord baroness congressman congresswoman
    commissioner brigadier lieutenant
"""
NEAR = 40
"""Characters between a surname and the country before it that identifies it: "South Korean president Lee"."""
TITLES_BEFORE_SURNAME = frozenset(_TITLES.split())
_DAYS_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorMention:
    """A mention of an actor in a text; ``start`` and ``end`` count code points."""

    actor: str
    """The actor's slug, or the ISO code of a state."""
    name: str
    kind: str
    """person, expert, organ, force, group, alliance, media, company, state or region."""
    side: str | None
    role: str | None
    office: bool
    """Whether the actor speaks for its side on the day of the article."""
    text: str
    start: int
    end: int
    form: Form = "name"
    gender: str | None = None


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What one spelling may mean."""

    entry: Actor | Place
    spelling: str
    form: Form


@dataclass(slots=True)
class _Found:
    start: int
    end: int
    meanings: list[_Meaning] = field(default_factory=list)


class ActorFinder:
    """Finds the listed actors in a document."""

    def __init__(self, seeds: Path) -> None:
        """Load ``actors.jsonl`` and ``places.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self.actors, self.places = load_actors(seeds), load_places(seeds)
        self.names = {each.id: each.name for each in self.actors} | {each.id: each.name for each in self.places}
        """Readable names, by id."""
        self._meanings: dict[str, list[_Meaning]] = defaultdict(list)
        meanings = list(_meanings([*self.actors, *self.places]))
        for meaning in meanings:
            self._meanings[key(meaning.spelling)].append(meaning)
        self._trie = _trie({meaning.spelling for meaning in meanings})
        self.serving = lru_cache(maxsize=_DAYS_KEPT)(self._in_office)
        self._states: dict[str, str] = {}
        for place in self.places:
            for form in (place.alpha3, *map(str.casefold, (place.name, *place.aliases))):
                self._states.setdefault(form or "", place.id)

    def find(self, doc: Doc, *, on: date | None = None) -> list[ActorMention]:
        """Return the mentions in ``doc`` sorted by start, none overlapping; ``on`` is the day the article appeared."""
        found = list(self._candidates(doc))
        introduced = {meaning.entry.id for one in found for meaning in one.meanings if meaning.form != "short"}
        mentions: list[ActorMention] = []
        for one in found:
            chosen = self._choose(doc, one, introduced, mentions[-1] if mentions else None, on)
            if chosen is not None:
                span = doc[one.start : one.end]
                mentions.append(_mention(chosen, on=on, text=span.text, start=span.start_char))
        return mentions

    def resolve(self, text: str, *, on: date | None = None) -> ActorMention | None:
        """Return whom a string such as "Berlin", "the Kremlin" or "Lavrov" names, or None.

        A surname that many bear means only who holds an office on that day.
        """
        bare = text.strip().removeprefix("the ").removeprefix("The ").removesuffix("'s").removesuffix("’s")
        chosen = _likeliest([m for m in self._spelled(bare) if m.form != "short" or _serves(m, on)], on)
        return _mention(chosen, on=on, text=text, start=0) if chosen else None

    def _in_office(self, on: date | None) -> tuple[tuple[Actor, str], ...]:
        """Return the persons who hold an office on a day, with its title; nobody if the day is unknown."""
        roles = ((actor, actor.role(on)) for actor in self.actors if on and actor.kind == "person")
        return tuple((actor, role.title) for actor, role in roles if on and role and role.held(on))

    def state(self, name: str) -> str | None:
        """Return the id of the state that a record names: "Russian Federation", "ISR", "United Kingdom of Great …"."""
        words = name.strip(" .0123456789").split()
        starts = (" ".join(words[:length]) for length in range(len(words), 0, -1))
        return next(
            (self._states[form] for start in starts for form in (start, start.casefold()) if form in self._states), None
        )

    def _candidates(self, doc: Doc) -> Iterator[_Found]:
        """Yield the longest matches from left to right."""
        last = 0
        for start, end in self._trie.matches(spellings(doc)):
            if start < last:
                continue
            if meanings := self._spelled(doc[start:end].text):
                yield _Found(start, end, meanings)
                last = end

    def _spelled(self, text: str) -> list[_Meaning]:
        """Return what ``text`` may mean, spelled with these capitals."""
        return [m for m in self._meanings.get(key(text), ()) if is_written_as(text, m.spelling)]

    def _choose(
        self, doc: Doc, found: _Found, introduced: set[str], before: ActorMention | None, on: date | None
    ) -> _Meaning | None:
        """Return the meaning that applies; a bare surname needs its full name or its country in the text."""
        full = [meaning for meaning in found.meanings if meaning.form != "short"]
        if full or _is_another_person(doc, found.start):
            return _likeliest(full, on)
        side = before.side if before and doc[found.start].idx - before.end <= NEAR else None
        vouched = [
            meaning
            for meaning in found.meanings
            if meaning.entry.id in introduced or (side == meaning.entry.side and _serves(meaning, on))
        ]
        return _likeliest(vouched, on)


def _serves(meaning: _Meaning, on: date | None) -> bool:
    return not isinstance(meaning.entry, Actor) or meaning.entry.serves(on)


def _likeliest(meanings: Sequence[_Meaning], on: date | None) -> _Meaning | None:
    """Return, of several who share a spelling, the first in office on that day, else the first."""
    return next((meaning for meaning in meanings if _serves(meaning, on)), meanings[0] if meanings else None)


def _meanings(entries: Iterable[Actor | Place]) -> Iterator[_Meaning]:
    for entry in entries:
        for spelling in (entry.name, *entry.aliases):
            # "the West" would begin before "West Bank", and be taken for it
            if spelling.removeprefix("the ") not in entry.aliases or spelling in entry.aliases:
                yield _Meaning(entry, spelling, "name")
        if isinstance(entry, Actor):
            yield from (_Meaning(entry, spelling, "short") for spelling in entry.short)
        else:
            yield from (_Meaning(entry, spelling, "demonym") for spelling in entry.demonyms)
            yield from (_Meaning(entry, spelling, "capital") for spelling in entry.capitals)


def _trie(names: Iterable[str]) -> SpellingTrie:
    # One document for all names, and nothing of a token but its text: each other way takes twice as long to load.
    tokenizer = SafeTokenizer(English(vocab=Vocab(lex_attr_getters={})))
    tokens = spellings(tokenizer("\n".join(names)))
    return SpellingTrie([*name] for within, name in groupby(tokens, key="\n".__ne__) if within)


def _is_another_person(doc: Doc, start: int) -> bool:
    """Whether another given name stands before a surname: "Magic Johnson" is not Boris Johnson."""
    if not start or doc[start].is_sent_start:
        return False
    before = doc[start - 1]
    named = before.text[:1].isupper() and before.is_alpha and not before.text.isupper()
    return named and not before.is_sent_start and before.lower_.rstrip(".") not in TITLES_BEFORE_SURNAME


def _mention(meaning: _Meaning, *, on: date | None, text: str, start: int) -> ActorMention:
    entry = meaning.entry
    person = entry if isinstance(entry, Actor) else None
    role = person.role(on) if person else None
    return ActorMention(
        actor=entry.id,
        name=entry.name,
        kind=entry.kind,
        side=(role.side if role and role.side else entry.side),
        role=role.title if role else None,
        office=person.speaks(on) if person else entry.kind in SPEAKING_KINDS or meaning.form == "capital",
        text=text,
        start=start,
        end=start + len(text),
        form=meaning.form,
        gender=person.gender if person else None,
    )
