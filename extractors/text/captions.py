"""Captions of agency pictures, which mostly show another day and another place than the news."""

import re

_CREDITED = re.compile(
    r"[^\n(]{0,300}"  # the rest of the caption
    r"\([^()\n]{0,100}?"
    r"(?:Getty Images|Reuters|AFP|\bAP\b|Shutterstock|Handout|Photo|U\.?S\.? (?:Navy|Army|Air Force))"
    r"[^()\n]{0,60}\)"
)


def in_caption(document: str, place: int) -> bool:
    """Return whether the words before ``place`` belong to a caption: the line ends with a picture credit."""
    return _CREDITED.match(document, place) is not None


_WITHIN = r"(?:(?!\b(?:said|says|told|according)\b)(?:[^.!?\n“”\"]|\.(?=\w|\s[a-z])))"
"""A character of the same sentence, if that quotes nobody."""
_POSED = re.compile(
    rf"{_WITHIN}{{0,120}}?"
    r"\b(?:sits?|stands?|fly|flies|fires?|transits?|sails?|performs?|conducts?|takes? (?:off|part)|lands?|lifts? off"
    r"|rolls?|rides?|drives?|patrols?|passe?s?|(?:is|are) (?:seen|pictured|displayed|shown|parked|on display))\b"
    rf"{_WITHIN}{{0,200}}?\b(?:on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|during (?:[\w’'.-]+ ){{0,6}}?"
    r"(?:drills?|exercises?|transit|parade|visit|show|ceremony|training|tour|rehearsal|display))\b"
)


def is_posed(document: str, place: int) -> bool:
    """Return whether the words from ``place`` on describe a picture of what is before them.

    They report in the present tense what happens on a day or an occasion, which news reports in the past tense.
    """
    return _POSED.match(document, place) is not None
