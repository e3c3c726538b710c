"""Datelines: where a report was written and by which agency, which says nothing of who speaks, gives or gets."""

import re

_DATELINE = re.compile(
    r"[A-Z][A-Z .,'’/-]+(?:[A-Z][a-z]+\.? \d{1,2} ?)?"  # a place in capitals, and perhaps the day
    r"(?:\([\w ]+\) ?)?"  # the agency
    r"(?:[–—]|-{1,2}) "
)
"""A place that is not in capitals may as well be what the sentence is about."""
_OF_AGENCY = re.compile(r"^[^\n]{0,60}\((?P<agency>[A-Z][A-Za-z. ]{2,30})\)\s*(?:--|—|–|-)", re.MULTILINE)
"""With an agency in brackets, whatever its letters: "Pyongyang, June 24 (KCNA) --"."""
_LONGEST = 200
"""Most code points of a dateline."""
_WITHIN = 600
"""Code points from the beginning of a text in which the dateline of its agency stands, below a title."""


def in_dateline(text: str, place: int) -> bool:
    """Return whether ``place`` is in the dateline of its paragraph: "OSLO – The cabinet", "TUNIS, March 3 (AFP) -"."""
    begin = text.rfind("\n", max(0, place - _LONGEST), place) + 1
    dateline = _DATELINE.match(text, begin, begin + _LONGEST)
    return dateline is not None and place < dateline.end()


def without_dateline(text: str) -> str:
    """Return ``text`` without the dateline that it begins with."""
    dateline = _DATELINE.match(text, 0, _LONGEST)
    return text[dateline.end() :] if dateline else text


def agency_dateline(text: str) -> re.Match[str] | None:
    """Return the first dateline of an agency near the beginning of ``text``, with its group ``agency``."""
    return _OF_AGENCY.search(text, 0, _WITHIN)
