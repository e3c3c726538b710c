"""What a sentence on arms tells besides a transfer that is news: refilled stocks, delays, refusals, hopes, voyages."""

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

_GIVING = (
    r"(?:provid\w+|send\w*|sent|sold|suppl\w+|giv\w+|deliver\w*|transfer\w*|hand\w*|export\w*|sell\w*|donat\w+|ship\w*)"
)
_WITHHELD = re.compile(
    rf"\b(?:won['’]t|wouldn['’]t|cannot|can['’]t|not|never|refus\w+ to|declin\w+ to|without)"
    r"(?: (?!and\b|only\b|just\b|merely\b|hesitat\w+|rul\w+|stop\w*|fail\w*)\w+){0,2}?"
    rf" (?:{_GIVING}|receiv\w+|obtain\w*|get)\b"
    r"(?: (?!that\b|evidence\b)[^\s.;:]+){0,6} ?$",
    re.IGNORECASE,
)
"""Before a weapon: it is not given, or not received."""
_MAY_COME = re.compile(rf"\b(?:could|may|might) (?:\w+ )?be (?:\w+ )?{_GIVING}\b", re.IGNORECASE)
_GIVEN_ALL_THE_SAME = re.compile(r"\b(?:but|instead|until|unless|before)\b", re.IGNORECASE)
_MOVED = re.compile(
    r"\b(?:re)?(?:deploy\w*|dispatch\w*|station\w*|position\w*|rotat\w+|sail\w*|mov(?:es|ed|ing|e)|dock\w*|visit\w*|arriv\w+"
    r"|patrol\w*|surfac\w+|send\w*|sent)\b",
    re.IGNORECASE,
)
_HANDED = re.compile(
    r"\b(?:deliver\w*|suppl\w+|donat\w+|transfer\w*|hand\w*|giv\w+|gave|gift\w*|s[eo]ld|sell\w*|sales?|leas\w+|buy\w*|bought"
    r"|purchas\w+|order\w*|provid\w+|receiv\w+|export\w*|aid|packages?)\b",
    re.IGNORECASE,
)


def is_withheld(text: str, weapon: int, *, sentence: int) -> bool:
    """Whether the weapon at ``weapon`` is not given: "will not send"; ``sentence`` is where its sentence begins."""
    told = _WITHHELD.search(text, sentence, weapon)
    return told is not None and _GIVEN_ALL_THE_SAME.search(told.group()) is None


def may_come(sentence: str) -> bool:
    """Whether a weapon may be given yet: "could be transferred"."""
    return _MAY_COME.search(sentence) is not None


def is_voyage(sentence: str) -> bool:
    """Whether a navy moves ships of its own, and hands them to nobody."""
    return _MOVED.search(sentence) is not None and _HANDED.search(sentence) is None


def is_refilled(text: str, recipient: int, *, sentence: int) -> bool:
    """Whether the side named at ``recipient`` got what the transfer replaces: "to replace the guns given to Kyiv".

    ``sentence`` is where its sentence begins; both are places in ``text``.
    """
    return _REFILLED.search(text, sentence, recipient) is not None


def is_late(sentence: str) -> bool:
    """Whether it tells that something agreed earlier is late, and of no new agreement."""
    return bool(_LATE.search(sentence)) and not _AGREED.search(sentence)
