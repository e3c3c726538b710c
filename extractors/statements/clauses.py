"""What the words around a name say of its part in a sentence: who was threatened did not threaten."""

import re
from collections.abc import Iterator

from extractors.text.reporting import ANNOUNCE

_THREATENED = r"(?:threatened|warned|cautioned|told)"
_ADVERB = r"(?:\w+ly |again |once more |also |now |repeatedly )?"
_PASSIVE = re.compile(
    rf"(?:['’]s \w+)? ?(?:(?:has|have|had) {_ADVERB}been|is|are|was|were|gets?|got) {_ADVERB}(?:being )?{_ADVERB}"
    rf"{_THREATENED}\b"
    r"|,? (?:threatened|warned|cautioned) by\b",
    re.IGNORECASE,
)
"""After a name: it was threatened."""
_AFTER_PASSIVE = re.compile(
    rf"\b{_THREATENED}\b[^.;:]*\bby (?:the )?$",
    re.IGNORECASE,
)
"""Before a name: something was threatened by it."""
_ASIDE = re.compile(
    r"\b(?:after|as|while|whereas|since|before|when|although|though|because|despite|saying|accusing|claiming) "
    r"(?:\w+ ){0,3}$",
    re.IGNORECASE,
)
"""Before a name: it acts in a clause that gives the time or the reason."""
_WARNED = re.compile(r"\b(?:warn|threaten|caution)(?:s|ed|ing)? (?:the )?$", re.IGNORECASE)
"""Before a name: it is the one warned."""
_TOLD = re.compile(
    r"\b(?:interview(?:s|ed)? (?:with|to|by)|told|(?:speaking|talking|spoke|talked) (?:to|with)) "
    r"(?:(?!that\b|of\b|about\b)[\w’'.-]+ ){0,3}$",
    re.IGNORECASE,
)
"""Before a name: it is the one who asks or listens."""
_POST = re.compile(
    r"\b(?:ambassador|envoy|representative|emissary|delegate|mission|consul)\w* (?:to|in|at) (?:the )?$", re.IGNORECASE
)
"""Before a name: it is where somebody is posted."""
_OWNED = re.compile(rf"['’]s? [\"'‘“]?(?P<noun>[a-z][\w-]+)[\"'’”]?(?= {_ADVERB}(?:has |have |had )?(?:{ANNOUNCE}))")
"""After a name: something that belongs to it and speaks."""
_WORDS_OR_STATE = re.compile(
    r"(?:government|regime|administration|army|military|forces|troops|office|team|cabinet|country|speech|remarks?"
    r"|comments?|words?|statements?|threats?|warnings?|vows?|letter|message|tweet|address|latest|new|own|ultimatum"
    r"|spokes\w+|press|foreign|defen[cs]e|deputy|prime|chief|interior|security|national)",
    re.IGNORECASE,
)
"""What belongs to somebody and speaks with the same voice, or begins an office that does."""
_APPEAL = re.compile(r"\bas (?:the |our )?$", re.IGNORECASE)
_QUOTES = re.compile(r"[^.;“”\"‘]{0,60}(?:[,:] ?[“\"‘]|: [A-Z])")
_TELLS = re.compile(
    r"(?:(?!\b(?:if|unless|will|would|should|we|I)\b)[^.;“”\"]){0,60}?"
    rf"\b(?:(?:{ANNOUNCE})\w*|stated|conveyed|reiterat\w+|stress\w+|underscored|made (?:it )?(?:\w+ )?clear"
    r"|(?:clear|direct|blunt) (?:about|that|with))\b"
)
"""After a name, in somebody else's words: what it has said. What it will say, nobody has heard."""
_OFFICE = r"(?:the|our) (?:(?:vice )?president|national security advis[eo]r|chancellor|prime minister)\b"
_OFFICE_HOLDER = re.compile(rf"\b{_OFFICE}", re.IGNORECASE)
_WHO_TELLS = re.compile(rf"(?<!\bif )(?<!\bunless )(?<!\bwhether )\b(?:he|she|{_OFFICE})\b", re.IGNORECASE)


def is_threatened(text: str, end: int) -> bool:
    """Whether who is named up to ``end`` is threatened or warned by somebody else."""
    return _PASSIVE.match(text, end) is not None


def is_warned(text: str, start: int) -> bool:
    """Whether who is named from ``start`` on is warned or threatened: the object of the verb before it."""
    return _WARNED.search(text, max(0, start - 20), start) is not None


def is_told(text: str, start: int) -> bool:
    """Whether who is named from ``start`` on is whom somebody speaks to: "in an interview with …"."""
    return _TOLD.search(text, max(0, start - 80), start) is not None


def is_post(text: str, start: int) -> bool:
    """Whether the side named from ``start`` on is where an envoy is posted: "Russia's ambassador to …"."""
    return _POST.search(text, max(0, start - 40), start) is not None


def is_agent(text: str, start: int, sentence: int) -> bool:
    """Whether who is named from ``start`` on threatens in a passive: "was warned … by". ``sentence`` is its start."""
    return _AFTER_PASSIVE.search(text, sentence, start) is not None


def is_aside(text: str, start: int, sentence: int) -> bool:
    """Whether who is named from ``start`` on acts in a clause of time or reason of the sentence that begins there."""
    return _ASIDE.search(text, max(sentence, start - 40), start) is not None


def owned_end(text: str, end: int) -> int | None:
    """Return where the words end that make a name up to ``end`` an owner: "Hadad's enforcer". None if it is none.

    A government, an office or a speech speaks for its owner.
    """
    owned = _OWNED.match(text, end)
    return None if owned is None or _WORDS_OR_STATE.fullmatch(owned["noun"]) else owned.end()


def is_appealed_to(text: str, start: int, end: int) -> bool:
    """Whether whoever has the floor only agrees with who is named: "as the secretary said, we …", unquoted."""
    return _APPEAL.search(text, max(0, start - 10), start) is not None and not _QUOTES.match(text, end)


def tells(text: str, end: int) -> bool:
    """Whether the words after a name that ends at ``end`` report what it said."""
    return _TELLS.match(text, end) is not None


def tellers(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the pronouns and offices between two places whose words whoever has the floor passes on."""
    for who in _WHO_TELLS.finditer(text, start, end):
        if tells(text, who.end()) and not is_appealed_to(text, *who.span()):
            yield who.span()


def offices_in(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where offices of the speaker's own state are named between two places: "the President"."""
    yield from (office.span() for office in _OFFICE_HOLDER.finditer(text, start, end))
