"""Sentences on arms that read like a stage of a transfer and are none: refilled stocks, delays, hopes, voyages."""

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

_ASKED_FOR = re.compile(
    r"\b(?:(?:call|appeal|plea|push|plead|ask|press|lobb|beg|bid|hop|campaign)\w* (?:\w+ ){0,3}?for|requests? for"
    r"|(?:seek|want|demand|request|need|covet)(?:s|ed|ing)?|wish list of|in (?:search|need) of)"
    r" (?:(?!to\b|that\b|and\b)[^\s,.;:]+ ){0,4}$",
    re.IGNORECASE,
)
"""Before a weapon: it is asked for."""
_GRANTED = re.compile(
    rf"{_AGREED.pattern}|\b(?:grant\w*|accept\w*|accede\w*|answer\w*|heed\w*|meets?|met|fulfil\w*|bow\w*|yield\w*|nod\w*"
    r"|gives? in|gave in|clear(?:s|ed)|green[- ]?light\w*|sends?|sent|deliver(?:s|ed)|suppli(?:es|ed)|receiv(?:es|ed)"
    r"|says yes|confirm\w*|commit\w*)\b",
    re.IGNORECASE,
)
_HESITATES = re.compile(
    r"\b(?:stall\w*|hold(?:s|ing)? off|held off|drag\w* (?:its|their|his|her) (?:feet|heels)|hesita\w+|reluctan\w+"
    r"|(?:no|yet to|not|\w+n['’]t) (?:\w+ ){0,2}?(?:decisions?|decided?|commitments?|commit(?:ted)?|made up)|undecided"
    r"|non-?committal|weigh(?:s|ing)|mull(?:s|ing)|waver(?:s|ing)|under (?:review|consideration)|slow-walk\w*"
    r"|delay\w*|not (?:yet )?ready)\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"\b(?:refus\w+|reject\w*|rul\w+ out|(?:wo|would)n['’]t|(?:will|would|shall|can) not|cannot|can['’]t|declin\w+"
    r"|turn(?:s|ed|ing)? down|oppos\w+|against|veto\w*|block\w*|den(?:y|ies|ied)|no to|never|forb\w+|unwilling"
    r"|off the table)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:ask|urg|press|push|demand|plead|appeal|implor|petition|encourag|lobb|want)(?:s|es|e|ies|y|ing|ying)?\b"
    r"|(?<!\bbeen )(?<!\bbe )(?<!\bwas )(?<!\bwere )(?<!\bis )(?<!\bare )"
    r"\b(?:ask|urg|press|push|demand|plead|appeal|implor|petition|encourag|lobbi|want)ed\b"
    r"|\bcall(?:s|ed|ing)? (?:on|upon|for)\b",
    re.IGNORECASE,
)
"""Asks, but is not asked."""
_TO = re.compile(
    r"\b(?:to|for|giv(?:e|ing)|send(?:ing)?|arm(?:ing)?|provid(?:e|ing)|supply(?:ing)?|equip(?:ping)?|help(?:ing)?)"
    r" (?:the )?$",
    re.IGNORECASE,
)
"""Before whoever is to get a weapon."""


def is_asked_for(text: str, weapon: int, *, sentence: int, end: int) -> bool:
    """Whether the weapon at ``weapon`` is only asked for, in the sentence from ``sentence`` to ``end``, not granted."""
    return _ASKED_FOR.search(text, sentence, weapon) is not None and _GRANTED.search(text, sentence, end) is None


def is_hesitant(sentence: str) -> bool:
    """Whether whoever might give a weapon hesitates, and has not refused."""
    return _HESITATES.search(sentence) is not None and _REFUSES.search(sentence) is None


def asked_by_another(text: str, recipient: int, *, sentence: int) -> tuple[int, int] | None:
    """Return the span of words that name who asks, where it is asked that a weapon be given to ``recipient``.

    "Senators urge the government to send tanks to Kyiv": who is to get them may be silent.
    """
    asks = _ASKS.search(text, sentence, recipient)
    return (sentence, asks.start()) if asks and _TO.search(text, asks.end(), recipient) else None


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
