"""Who gives and who gets by the words around a name: "sold by Oslo", "Oslo's offer of", "Oslo is to receive".

The reader marks names in both roles where a sentence is hard; these constructions leave no doubt, whatever the order.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

Role = Literal["gives", "gets"]
"""The role of a named side in the transfer of one weapon."""


class Name(NamedTuple):
    """A named side and where it stands in the text."""

    side: str
    start: int
    end: int
    adjective: bool
    """Whether it only qualifies what follows: in "the Polish order" it may be the buyer's side or the maker's."""


_GIVE = (
    r"(?:send(?:s|ing)?|sent|suppl(?:y|ies|ied|ying)|deliver(?:s|ed|ing)?|provid(?:e|es|ed|ing)|giv(?:e|es|en|ing)|gave"
    r"|donat(?:e|es|ed|ing)|ship(?:s|ped|ping)?|transfer(?:s|red|ring)?|hand(?:s|ed|ing)?|sell(?:s|ing)?|sold"
    r"|export(?:s|ed|ing)?|lend(?:s|ing)?|lent|gift(?:s|ed|ing)?|offer(?:s|ed|ing)?|pledg(?:e|es|ed|ing)"
    r"|promis(?:e|es|ed|ing)|part(?:s|ed|ing)? with|pass(?:es|ed|ing)? on|turn(?:s|ed|ing)? over)"
)
_GET = (
    r"(?:buy(?:s|ing)?|bought|order(?:s|ed|ing)?|purchas(?:e|es|ed|ing)|acquir(?:e|es|ed|ing)|receiv(?:e|es|ed|ing)"
    r"|get(?:s|ting)?|got|obtain(?:s|ed|ing)?|procur(?:e|es|ed|ing)|import(?:s|ed|ing)?|select(?:s|ed|ing)?"
    r"|cho(?:ose|oses|osing|se|sen)|pick(?:s|ed|ing)?|opt(?:s|ed|ing)? for|settl(?:es|ed|ing) on|sign(?:s|ed|ing)? for"
    r"|tak(?:e|es|en|ing) delivery of|took delivery of|commission(?:s|ed|ing)?|induct(?:s|ed|ing)?)"
)
_GIVEN = (
    r"(?:sent|supplied|delivered|provided|given|donated|shipped|transferred|handed(?: over)?|sold|exported|lent"
    r"|loaned|gifted|offered|pledged|promised|made|built|manufactured|turned over)"
)
_GOTTEN = (
    r"(?:bought|ordered|purchased|acquired|received|obtained|procured|imported|selected|chosen|picked|commissioned)"
)
_GIFT = (
    r"(?:offers?|sales?|deliver(?:y|ies)|gifts?|donations?|shipments?|exports?|transfers?|loans?|promises?|pledges?)"
)
_PLEA = r"(?:requests?|pleas?|appeals?)"
_ORDER = rf"(?:orders?|purchases?|acquisitions?|procurement|{_PLEA})"
_ASK = r"(?:ask|urg|press|push|beg|implor|lobb|call|turn|appeal|plead)(?:s|es|e|ed|ies|ied|ing)?(?: (?:on|to|with))?"
_ORGAN = (
    r"(?:['’]s?)? (?:[a-z-]+ ){0,2}?(?:government|cabinet|parliament|ministry|minister|army|navy|air force|military"
    r"|armed forces|coast ?guard|police|president|chancellor|prime minister|premier|junta|king|company|maker|firm"
    r"|forces|troops|soldiers|rebels|fighters)"
)
"""What may follow the name of a state whose organ acts."""
_AUXILIARY = (
    r"(?:has|have|had|will|would|may|might|could|can|should|must|is|are|was|were|be|been|being|also|now|not|yet"
    r"|[a-z]+ly|already|again|just|once|since|first|then|to|set|due)"
)
_INTENDS = (
    r"(?:agree|decid|plan|vow|promis|pledg|offer|want|hope|prepar|threaten|refus|declin|intend|seek|sought|wish|aim"
    r"|mov|begin|beg[au]n|start|continu|read|like|able|willing|expect|suppos|about|pois|keen|free)[a-z]*"
)
_DOES = rf"(?:{_ORGAN})?(?P<before>(?: {_AUXILIARY}){{0,5}}(?: {_INTENDS} to)?) "
_GIVES = re.compile(rf"{_DOES}(?P<verb>{_GIVE})\b")
_GETS = re.compile(rf"{_DOES}(?P<verb>{_GET})\b")
_PASSIVE = re.compile(r"\b(?:be|been|being|is|are|was|were)(?: [a-z]+ly| now| also| already)*$")
_ORGAN_NAMED = re.compile(rf"{_ORGAN}\b")
_OWN_GIFT = re.compile(rf"(?:['’]s? (?:[a-z-]+ ){{0,2}}?| ){_GIFT} (?:of|to)\b|-(?:supplied|donated|provided)\b")
_NO_SUBJECT = re.compile(
    r"\b(?:by|of|from|with|against|in|at|on|near|over|to|for|than|like|behind) (?:the )?$", re.IGNORECASE
)
_PURPOSE = re.compile(r" to\b")
"""After a name within a sentence; at its beginning it is a headline's future."""
_HANDED_TO = re.compile(rf"\b{_GIVE} (?:over )?(?:to )?(?:the )?$", re.IGNORECASE)
_RECEIVER = re.compile(rf"(?:{_ORGAN})?(?! ?['’])[ ,]")
_ASKED = re.compile(rf"\b{_ASK} (?:the )?$", re.IGNORECASE)
_ASKED_FOR = re.compile(rf"(?:{_ORGAN})? (?:(?P<gives>for|to {_GIVE})|to {_GET})\b")
_MOVED = re.compile(rf"\b(?:{_GIVE}|{_GIFT}|{_GET})\b[^.;:]*$", re.IGNORECASE)
_MEANT_FOR = re.compile(
    r"[\w-]*(?: (?!and\b|or\b|while\b|when\b|as\b|belong)[\w/-]+){0,4}? (?:to|for) (?:the |[a-z-]+ )?"
)
_DONE_BY = re.compile(
    rf"(?:(?! not\b| never\b)[^.;:]){{0,50}}?\b(?P<verb>{_GIVEN}|{_GOTTEN})(?: [a-z]+){{0,3}}? "
    r"(?P<by>by|to|from) (?:the )?"
)
_BESIDE = re.compile(r"[\w-]*(?: (?![a-z]+(?:ed|en)\b)[\w-]+)? (?:by|from|to) (?:the )?")
"""Between a weapon and a name that belongs to the noun before the weapon."""
_NOUN_BY = re.compile(
    rf"\b(?:(?P<gift>{_GIFT})|(?P<plea>{_PLEA})|{_ORDER})(?: (?:of|for) [^.;:,]{{1,60}}?)? "
    r"(?P<by>by|from|to) (?:the )?$"
)
_AWAY = re.compile(
    rf"[.;:!?]\s|, (?:and|but)\b|\b(?:who|which|while|after|when|before|until|because|letters?|lists?|notes?"
    rf"|delegations?|{_ORDER}|(?-i:and [A-Z]\w+))\b",
    re.IGNORECASE,
)
"""Between a verb and the weapon: it governs something else."""
_FARTHEST = 110
"""Most code points between a verb and the weapon."""


def roles(
    text: str, weapon: tuple[int, int], names: Sequence[Name], *, sentence: tuple[int, int]
) -> Mapping[str, Role]:
    """Return the role of each side whose role in the transfer of ``weapon`` its words tell; all are places in ``text``.

    Whoever buys it for another does not get it.
    """
    ahead = text[sentence[0] : weapon[0]]
    meant = {name.side for name in names if _is_meant_for(text[weapon[1] : name.start], ahead)}
    told: dict[str, set[Role]] = defaultdict(set)
    for name in names:
        before = text[sentence[0] : name.start]
        if name.end <= weapon[0]:
            found = _ahead(before, text[name.end : weapon[0]], adjective=name.adjective)
        else:
            found = _behind(before, text[weapon[1] : name.start], ahead)
        told[name.side].update(role for role in found if role == "gives" or not meant or name.side in meant)
    return {side: next(iter(found)) for side, found in told.items() if len(found) == 1}


def _is_meant_for(between: str, ahead: str) -> bool:
    """Whether a name right behind a weapon gets it: "will buy guns for Kyiv"; ``ahead`` is what precedes the weapon."""
    return _MEANT_FOR.fullmatch(between) is not None and _MOVED.search(ahead) is not None


def _ahead(before: str, between: str, *, adjective: bool) -> Iterator[Role]:
    """Yield the roles of a name that stands after ``before``, with ``between`` before the weapon."""
    yield from _of_noun(before)
    if _reaches(_OWN_GIFT.match(between)):
        yield "gives"
    if adjective and not _ORGAN_NAMED.match(between):
        return
    if _ASKED.search(before) and (asked := _ASKED_FOR.match(between)):
        yield "gives" if asked["gives"] else "gets"
    elif not _NO_SUBJECT.search(before) and not (before.strip() and _PURPOSE.match(between)):
        yield from _acting(between)
    if _HANDED_TO.search(before) and _reaches(_RECEIVER.match(between)):
        yield "gets"


def _acting(between: str) -> Iterator[Role]:
    """Yield the role of the subject of a verb that governs the weapon: who is sent something gets it."""
    if _reaches(gives := _GIVES.match(between)) and gives:
        passive = _PASSIVE.search(gives["before"]) and not gives["verb"].endswith("ing")
        yield "gets" if passive else "gives"
    if _reaches(gets := _GETS.match(between)) and gets and not _PASSIVE.search(gets["before"]):
        yield "gets"


def _behind(before: str, between: str, ahead: str) -> Iterator[Role]:
    """Yield the roles of a name with ``between`` after the weapon and ``ahead`` before it."""
    if done := _DONE_BY.fullmatch(between):
        given = re.fullmatch(_GIVEN, done["verb"]) is not None
        if done["by"] == "from" or (done["by"] == "by" and given):
            yield "gives"
        elif done["by"] == "by" or given:
            yield "gets"
    elif _is_meant_for(between, ahead):
        yield "gets"
    elif _BESIDE.fullmatch(between):
        yield from _of_noun(before)


def _of_noun(before: str) -> Iterator[Role]:
    """Yield the role of a name after a noun: "sale to", "request from", "order by"."""
    noun = _NOUN_BY.search(before)
    if noun and noun["gift"]:
        yield "gets" if noun["by"] == "to" else "gives"
    elif noun and (noun["by"] == "by" or (noun["by"] == "from" and noun["plea"])):
        yield "gets"


def _reaches(found: re.Match[str] | None) -> bool:
    """Whether no more than a clause lies between what was ``found`` and the end of its string, the weapon."""
    rest = found.string[found.end() :] if found else ""
    return found is not None and len(rest) <= _FARTHEST and _AWAY.search(rest) is None
