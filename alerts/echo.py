"""How far a story travelled: which outlets carried it, and which of them wrote it themselves. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.excerpt import clean
from alerts.route import Echo

COPIED = 0.5
"""Share of a text's five-word runs found in another's from which it is a copy: wire copy is often a part of it."""

_RUN = 5
_WORDS = 2_000
"""Words of a text that are compared: the end of a very long one tells nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One article that carries the story."""

    outlet: str
    text: str
    when: datetime


def echo_of(articles: Iterable[Carried]) -> Echo:
    """Return how many outlets beyond the first carried a story, and how many of those did not copy an earlier text."""
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
    return Echo(outlets=len(outlets - first), independent=len(independent - first))


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for place in range(max(1, len(words) - _RUN + 1)):
        yield tuple(words[place : place + _RUN])


def _copied(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Return whether either text is, for the most part, in the other."""
    return len(one & other) >= COPIED * min(len(one), len(other))
