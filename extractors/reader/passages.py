"""The input of the encoder: a sentence, its context, and the weapons in it."""

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]

_NEAR = 260
"""Code points before a sentence within which whole sentences are its context."""
_FARTHEST = 400
_BELOW = 200
"""Most code points of the second sentence, the context of a first one, which is mostly a headline."""
_TITLE = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A sentence of a document in its context; every offset counts code points into ``text``, end exclusive."""

    text: str
    """The whole document."""
    start: int
    end: int
    context: tuple[Span, ...] = ()
    """The text before the sentence, then the title; for a first sentence, what follows it."""
    in_title: bool = False
    weapons: tuple[Span, ...] = ()
    """The mentions to read for transfers, in order."""


def context_of(sentences: Sequence[Span], at: int, *, title_end: int) -> tuple[Span, ...]:
    """Return the context of sentence ``at``; ``title_end`` is where the document's title ends, 0 without one."""
    start, _ = sentences[at]
    if at == 0:
        return tuple((begin, min(end, begin + _BELOW)) for begin, end in sentences[1:2])
    first = at - 1
    while first > 0 and start - sentences[first - 1][0] <= _NEAR:
        first -= 1
    end = sentences[at - 1][1]
    begin = min(max(sentences[first][0], start - _FARTHEST), end)
    before = ((begin, end),)
    return (*before, (0, min(title_end, _TITLE))) if title_end and begin >= title_end else before
