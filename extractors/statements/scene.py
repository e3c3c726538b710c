"""What is known of a document when names in it are resolved: who is named where, and who has the floor."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from extractors.actors.finder import ActorMention
from extractors.text.quotes import Quotation
from extractors.text.spans import SpanIndex
from extractors.text.speaker_turns import Floor

_CAPITALISED = re.compile(r"\b[^\W\d_a-z]\w*")
LAST_HEARD = 1500
"""Code points back within which somebody who is only described, or whose office is named, has been named."""
OPENING = 300
"""Code points at the beginning of a text in which a title or a dateline may name its speaker."""


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
