"""How far a story has spread: which outlets carried it, and which of them wrote it themselves. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.messages import Pickup
from alerts.wording.excerpt import clean

COPIED = 0.5
"""Share of a text's five-word runs that must occur in another for it to be a copy: wire copy is often shortened."""

_RUN = 5
_WORDS = 2_000
"""How many words of a text are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One article that carries the story."""

    outlet: str
    text: str
    when: datetime


def pickup_of(articles: Iterable[Carried]) -> Pickup:
    """Return how many outlets carried a story after the first, and how many of those did not copy an earlier text."""
    outlets: set[str] = set()
    independent: set[str] = set()
    earlier: list[tuple[str, frozenset[tuple[str, ...]]]] = []
    for article in sorted(articles, key=lambda carried: carried.when):
        runs = frozenset(_runs(clean(article.text).casefold().split()[:_WORDS]))
        others = (known for outlet, known in earlier if outlet != article.outlet)
        if earlier and not any(_copied(runs, known) for known in others):
            independent.add(article.outlet)
        outlets.add(article.outlet)
        earlier.append((article.outlet, runs))
    first = {earlier[0][0]} if earlier else set()
    return Pickup(outlets=len(outlets - first), independent=len(independent - first))


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for place in range(max(1, len(words) - _RUN + 1)):
        yield tuple(words[place : place + _RUN])


def _copied(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Return whether either text is mostly contained in the other."""
    return len(one & other) >= COPIED * min(len(one), len(other))
