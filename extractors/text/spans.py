"""An index of spans by place."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, Protocol, TypeVar


class HasSpan(Protocol):
    """Anything with a start and an end, end exclusive."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=HasSpan)


class SpanIndex(Generic[S]):
    """Finds spans by place, in logarithmic time unless they overlap."""

    def __init__(self, spans: Sequence[S]) -> None:
        self.all: list[S] = sorted(spans, key=lambda span: span.start)
        self._starts = [span.start for span in self.all]
        self._reached = list(accumulate((span.end for span in self.all), max))

    def touching(self, start: int, end: int) -> list[S]:
        """Return the spans that share a code point with ``start`` to ``end``, by start."""
        first, last = bisect_right(self._reached, start), bisect_left(self._starts, end)
        return [span for span in self.all[first:last] if start < span.end]
