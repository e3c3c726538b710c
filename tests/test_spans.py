"""Spans are found by place, also where a long one reaches over many others."""

from hypothesis import given
from hypothesis import strategies as st

from extractors.text.quotes import Quotation
from extractors.text.spans import SpanIndex

PLACES = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted)


@given(st.lists(PLACES, max_size=12), PLACES)
def test_every_span_that_touches_is_found(places: list[list[int]], asked: list[int]) -> None:
    """Those that share a code point with the place asked for, in order of their starts, and no others."""
    spans = sorted((Quotation(start, end) for start, end in places), key=lambda span: span.start)
    start, end = asked
    expected = [span for span in spans if span.start < end and start < span.end]
    assert SpanIndex(spans).touching(start, end) == expected
