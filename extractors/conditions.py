"""Condition and consequence of a limit, as spans of the sentence that draws it.

"If X, Y", "Y if X", "Y unless X", "any attempt to X would mean Y", "X or face Y": five shapes cover most of what
officials say. Works on surface forms alone, for headlines have no grammar a parser would know.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from extractors.cues import normalise

Span = tuple[int, int]

_OPENS = re.compile(
    r"\b(?:if|unless|in case|in the event|in the case of|in response to any|as long as|so long as|until"
    r"|should (?=(?:they|it|he|she|the|any|anyone|we|[A-Z])))\b"
)
_SHOULD = re.compile(r"\bshould (?=[A-Z]|(?:they|it|he|she|the|any|anyone|you|either|one)\b)")
_MODAL = re.compile(
    r"\b(?:will|would|shall|won't|wouldn't|must|may|might|could|can|cannot|is going to|are going to|we'll|they'll|it'll"
    r"|he'll|there'll|then|why|be prepared|has the right|have the right|reserves? the right|is ready|are ready|there is"
    r"|there are)\b"
)
_VERDICT = re.compile(
    r"\b(?:(?:would|will|could|may|might|can|shall|to)"
    r" (?:also |only |inevitably |immediately |automatically |certainly |further )?"
    r"(?:mean|lead to|trigger|provoke|constitute|be|become|draw|result in|bring|spark|cause|prompt|cross|entail|have"
    r"|escalate|risk|represent|amount to|make|render|require|force|undermine|endanger|threaten|spell|open|face)\b"
    r"|(?:means|is|are|was|has crossed|have crossed|crossed|crosses|constitutes|amounts to|risks|leads to)\b)"
)
_SAID = (
    r"(?:said|says|saying|warned|warns|warning|told|tells|stated|states|added|adds|declared|declares|stressed|insisted"
    r"|threatened|threatens|vowed|vows|argued|claimed|claims|announced|reiterated|wrote|noted)"
)
_CLAUSE_START = re.compile(rf"\bthat\b,?|\b{_SAID}\b(?: (?:on |last )?[A-Z]\w+day)?[,:]?|[:;]|[\"“”]| - | – | — ")
_CLAUSE_END = re.compile(
    rf"[;:]|[.!?](?:[\"'”’\s]|$)|[\"”](?=,? )|,? [-–—] "
    rf"|,[\"'”’]* (?:(?:as|after|while|amid|adding|according|but|and {_SAID})\b|[^,]{{1,60}}? {_SAID}\b|{_SAID}\b)"
    r"|(?<=\w) (?:as|amid|after|while) (?=[A-Za-z‘'])"
)
_LEADER = re.compile(rf"\b(?:that|and|but|because|so|again|{_SAID})$", re.IGNORECASE)
_OR_FACE = re.compile(r"\bor (?:else )?(?:face|risk|it will|they will|we will|be|suffer)\b")
_AGAINST = re.compile(r"\bwarn(?:s|ed|ing)?\b[^.;]{0,60}?\b(?:against|not to|to stop|over)\b")
_WOULD = re.compile(r"would|will|could|may|might|can|shall")
_REFERRING = frozenset({"this", "that", "it", "which", "this step", "that step", "such a step", "such a move"})
_CLAUSE = 4
"""Words of the shortest clause that "this" is taken to mean."""
_ANY = re.compile(r"\bany (?!other\b|more\b|time\b|way\b|case\b|of\b)[a-z]")


@dataclass(frozen=True, slots=True)
class Limit:
    """Spans of the condition and of the consequence in a sentence; None where the sentence has none."""

    condition: Span | None
    consequence: Span | None


def find_limit(sentence: str) -> Limit:
    """Return what ``sentence`` forbids and what would follow; linear in its length."""
    folded = _plain(sentence)
    for shape in (_conditional, _alternative, _verdict, _against):
        limit = shape(folded)
        if limit is not None:
            return Limit(_trim(sentence, limit.condition), _trim(sentence, limit.consequence))
    return Limit(None, None)


def _plain(sentence: str) -> str:
    """Return the sentence with plain quotes, hyphens and spaces, letters as they are."""
    norm = normalise(sentence)
    return "".join(low if low in "\"'- " else char for low, char in zip(norm, sentence, strict=True))


def _conditional(text: str) -> Limit | None:
    opened = _OPENS.search(normalise(text)) or _SHOULD.search(text)
    if opened is None:
        return None
    start = opened.start()
    if _leads(text, start):
        middle = _main_clause(text, opened.end())
        if middle is not None:
            return Limit((start, middle), (middle + 1, _end(text, middle + 1)))
    return Limit((start, _end(text, opened.end())), _before(text, start))


def _leads(text: str, start: int) -> bool:
    """Say whether a conditional at ``start`` opens its clause, so that the main clause follows it."""
    before = text[:start].rstrip(" \"'“‘(,")
    if not before or before[-1] in ":;.!?-–—…":
        return True
    return (
        re.search(rf"(?:\b(?:that|and|but|because|so|again|says|said|warned|{_SAID}))$", before[-20:], re.IGNORECASE)
        is not None
    )


def _main_clause(text: str, start: int) -> int | None:
    """Return the comma after which the main clause of a leading conditional begins."""
    for comma in re.finditer(r",[\"']?|[\"'] (?=then|we|it|they)| then\b", text[start:]):
        at = start + comma.start()
        if _MODAL.search(text[at : at + 90]):
            return at
    return None


def _before(text: str, end: int) -> Span | None:
    """Return the main clause before a trailing conditional: what follows the reporting verb."""
    start = 0
    for match in _CLAUSE_START.finditer(text, 0, end):
        if match.end() < end - 8:
            start = match.end()
    return (start, end) if start < end else None


def _alternative(text: str) -> Limit | None:
    found = _OR_FACE.search(text)
    if found is None:
        return None
    start = 0
    for match in re.finditer(r"\b(?:to|must|should|either)\b", text[: found.start()]):
        start = start or match.end()
    return Limit((start, found.start()), (found.start() + 3, _end(text, found.end())))


def _verdict(text: str) -> Limit | None:
    for verdict in _VERDICT.finditer(text):
        start = 0
        for match in _CLAUSE_START.finditer(text, 0, verdict.start()):
            start = match.end()
        subject = text[start : verdict.start()].strip(" ,\"'")
        named = (start, verdict.start()) if len(subject.split()) >= 2 else None
        if _WOULD.match(verdict.group()) and subject.lower() in _REFERRING:
            named = _antecedent(text, start) or named
        if named:
            return Limit(named, (verdict.start(), _end(text, verdict.end())))
    return None


def _antecedent(text: str, end: int) -> Span | None:
    """Return what "this" means in "this would lead to war": the last clause before it that is not who says it."""
    starts = [0, *(match.end() for match in _CLAUSE_START.finditer(text, 0, end))]
    for begin, stop in reversed(list(pairwise([*starts, end]))):
        clause = text[begin : min(stop, _end(text, begin))]
        if len(clause.split()) >= _CLAUSE and not (begin == 0 and _LEADER.search(text[:stop].rstrip())):
            return begin, begin + len(clause)
    return None


def _against(text: str) -> Limit | None:
    found = _AGAINST.search(text) or _ANY.search(text)
    if found is None:
        return None
    start = found.end() if text[found.start() : found.start() + 3].lower() != "any" else found.start()
    return Limit((start, _end(text, start)), None)


def _end(text: str, start: int) -> int:
    found = _CLAUSE_END.search(text, start)
    return found.start() if found else len(text)


def _trim(sentence: str, span: Span | None) -> Span | None:
    if span is None:
        return None
    start, end = span
    while start < end and sentence[start] in " ,\"'“”‘’:;-–—\n":
        start += 1
    while end > start and sentence[end - 1] in ' ,"“”‘:;-–—\n.':
        end -= 1
    return (start, end) if end > start else None
