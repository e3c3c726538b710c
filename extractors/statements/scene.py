"""What is known of a document when names in it are resolved: who is named where, who has the floor, and speakers."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from extractors.actors.finder import ActorMention
from extractors.actors.lexicon import SPEAKING_KINDS
from extractors.statements.attribution import Attribution
from extractors.text.quotes import Quotation
from extractors.text.spans import SpanIndex
from extractors.text.speaker_turns import Floor, Sign

_CAPITALISED = re.compile(r"\b[^\W\d_a-z]\w*")
LAST_HEARD = 1500
"""Code points back within which somebody who is only described, or whose office is named, has been named."""
OPENING = 300
"""Code points at the beginning of a text in which a title or a dateline may name its speaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who utters a statement, as far as the text says."""

    name: str | None = None
    id: str | None = None
    side: str | None = None
    role: str | None = None
    official: bool = False
    """Whether the speaker speaks for a side now."""
    start: int = -1
    """Where the speaker is named; -1 if the text names none."""
    how: Attribution = Attribution.NOBODY
    """How the speaker was found."""
    turn: Sign | None = None
    """Of somebody who holds the floor: what tells the turn."""

    @property
    def rule(self) -> str:
        """How the speaker was found, in words."""
        return f"{self.how} ({self.turn})" if self.turn else self.how


class Mentions(SpanIndex[ActorMention]):
    """Who is named in a document, by place, and each the first time."""

    def __init__(self, mentions: Sequence[ActorMention]) -> None:
        super().__init__(mentions)
        self.first: dict[str, ActorMention] = {}
        for mention in self.all:
            self.first.setdefault(mention.actor, mention)


class NameIndex:
    """Where a text has which name, so that no sentence has to go through all of it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.full: dict[str, str] = {}
        """The full names behind surnames that were looked for."""

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        for word in _CAPITALISED.finditer(self._text):
            places[word.group()].append(word.start())
        return places

    def places(self, name: str) -> Iterator[int]:
        """Yield where ``name``, which begins with a capital letter, stands as whole words."""
        first = _CAPITALISED.match(name)
        whole = re.compile(rf"{re.escape(name)}\b")
        for place in self._places.get(first.group(), ()) if first else ():
            if whole.match(self._text, place):
                yield place


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is needed of a document to resolve names."""

    text: str
    title_end: int
    actors: Mentions
    names: NameIndex
    floor: Floor
    quotes: SpanIndex[Quotation] = field(default_factory=lambda: SpanIndex(()))
    on: date | None = None
    foes: frozenset[str] = frozenset()
    """Ids and sides of those whom the words in question are directed at: no side that is supposed is one of these."""


def speaker_of(mention: ActorMention, *, former: bool = False) -> Speaker:
    """Return the listed actor of a mention as a speaker; a ``former`` one speaks for no side."""
    official = mention.office or mention.kind in SPEAKING_KINDS
    return Speaker(
        name=mention.name,
        id=mention.actor,
        side=mention.side or (mention.actor if mention.kind == "group" else None),
        role=mention.role,
        official=official and not former,
        start=mention.start,
    )
