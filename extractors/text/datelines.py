"""Datelines: where a report was written, which says nothing of who speaks, gives or gets."""

import re

_DATELINE = re.compile(
    r"[A-Z][A-Z .,'’/-]+(?:[A-Z][a-z]+\.? \d{1,2} ?)?"  # a place in capitals, and perhaps the day
    r"(?:\([\w ]+\) ?)?"  # the agency
    r"(?:[–—]|-{1,2}) "
)

_LONGEST = 200
"""Most code points of a dateline."""


def in_dateline(text: str, place: int) -> bool:
    """Return whether ``place`` is in the dateline of its paragraph: "OSLO – The cabinet", "TUNIS, March 3 (AFP) -".

    A place that is not in capitals may as well be what the sentence is about.
    """
    begin = text.rfind("\n", max(0, place - _LONGEST), place) + 1
    dateline = _DATELINE.match(text, begin, begin + _LONGEST)
    return dateline is not None and place < dateline.end()
