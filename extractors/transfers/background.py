"""What a sentence on a transfer tells besides news: stocks that are refilled, and delays of what was agreed."""

import re

_REFILLED = re.compile(
    r"\b(?:replac(?:e|es|ed|ing|ements?)|replenish\w*|refill\w*|backfill\w*|restock\w*|substitut\w+"
    r"|mak(?:e|es|ing) up for|compensat\w+ for|offset\w*)\b[^.;:]{0,60}?"
    r"\b(?:sent|sending|sends|gave|given|giving|donat\w+|suppli\w+|shipp\w+|transferr\w+|provid\w+|went|passed on)\b"
    r"(?:[^.;:]{0,25}?\b(?:to|for))? (?:the )?$",
    re.IGNORECASE,
)
"""Before a recipient: it got what is now replaced."""
_LATE = re.compile(
    r"\b(?:delay(?:s|ed)?|behind schedule|postpon\w+|await(?:s|ing)?|waiting for|overdue)\b", re.IGNORECASE
)
_AGREED = re.compile(
    r"\b(?:agree[sd]?|approv\w+|announc\w+|pledg\w+|order(?:s|ed)|sign(?:s|ed)|promis\w+"
    r"|will (?:send|supply|provide|give))\b",
    re.IGNORECASE,
)


def is_refilled(text: str, recipient: int, *, sentence: int) -> bool:
    """Whether the side named at ``recipient`` got what the transfer replaces: "to replace the guns given to Kyiv".

    ``sentence`` is where its sentence begins; both are places in ``text``.
    """
    return _REFILLED.search(text, sentence, recipient) is not None


def is_late(sentence: str) -> bool:
    """Whether it tells that something agreed earlier is late, and of no new agreement."""
    return bool(_LATE.search(sentence)) and not _AGREED.search(sentence)
