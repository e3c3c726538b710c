"""Captions of pictures that agencies sell: what they show is mostly another day, and another place, than the news."""

import re

_CREDITED = re.compile(
    r"[^\n(]{0,300}"  # the rest of the caption
    r"\([^()\n]{0,100}?"
    r"(?:Getty Images|Reuters|AFP|\bAP\b|Shutterstock|Handout|Photo|U\.?S\.? (?:Navy|Army|Air Force))"
    r"[^()\n]{0,60}\)"
)


def in_caption(document: str, place: int) -> bool:
    """Return whether the words before ``place`` belong to a caption: its line ends with the credit of a picture."""
    return _CREDITED.match(document, place) is not None
