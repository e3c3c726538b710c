"""Condition and consequence of a limit, as spans of the sentence that draws it.

A limit names an act and what it would bring. News puts that in few shapes, tried in this order: "if X, Y", "Y if X",
"X or Y", "one more X and Y", "Moscow would treat X as Y", "our red line is X", "warned against X", "X would mean Y",
"whoever does X will suffer Y". What is announced without an act to avoid is no limit: "the killing will be avenged",
"our answer will be painful". Works on surface forms alone, for headlines have no grammar a parser would know.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from extractors import condition_words as words
from extractors.cues import normalise

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limit:
    """Spans of the condition and of the consequence in a sentence; None where the sentence has none."""

    condition: Span | None
    consequence: Span | None


_CLAUSE = 4
"""Words of the shortest clause that "this" is taken to mean."""


def find_limit(sentence: str) -> Limit:
    """Return what ``sentence`` forbids and what would follow; linear in its length."""
    text = _plain(sentence)
    for shape in (_conditional, _alternative, _step, _regarded, _line, _warned, _verdict, _trespass, _any, _leaning):
        limit = shape(text)
        if limit is not None:
            return Limit(_trim(sentence, limit.condition), _trim(sentence, limit.consequence))
    return Limit(None, None)


def _plain(sentence: str) -> str:
    """Return the sentence with plain quotes, hyphens and spaces, letters as they are."""
    norm = normalise(sentence)
    return "".join(low if low in "\"'- " else char for low, char in zip(norm, sentence, strict=True))


# -- "if X, Y" -----------------------------------------------------------------------------------------------------


def _conditional(text: str) -> Limit | None:
    opening = next(_openings(text), None)
    if opening is None:
        return None
    start, opened = opening
    if _leads(text, start):
        middle = _main_clause(text, opened)
        if middle is not None:
            return Limit((start, middle), (middle + 1, _end(text, middle + 1)))
    return Limit(_pointed_at(text, start) or (start, _end(text, opened)), _before(text, start))


def _openings(text: str) -> Iterator[Span]:
    """Yield the words that open a condition."""
    for match in words.OPENS.finditer(text):
        if _is_condition(text, match):
            yield match.span()
    for match in words.SHOULD.finditer(text):
        yield match.start(match.lastgroup or 0), match.end()


def _is_condition(text: str, match: re.Match[str]) -> bool:
    """Whether a clause that opens like a condition is one: "until" without a "not" is a goal, "when" mostly a date."""
    word, start = match.group().lower(), match.start()
    if any(idle.start() <= start < idle.end() for idle in words.IDLE.finditer(text, max(0, start - 20), start + 40)):
        return False
    if word == "until" and not _leads(text, start):
        return bool(words.NEGATED.search(text, 0, start))
    if words.TIMED.fullmatch(word):
        shifted = " would " in text and not word.startswith("when")
        return bool(re.search(rf"\b{words.WILL}\b", text)) and (shifted or not words.HAPPENED.match(text, start))
    return True


def _pointed_at(text: str, start: int) -> Span | None:
    """Return what "if it happened" points back to, where it stands in the same sentence."""
    if not words.POINTS_BACK.match(text, start):
        return None
    verdict = _verdict(text[:start])
    return verdict.condition if verdict else _antecedent(text, start)


def _leads(text: str, start: int) -> bool:
    """Say whether a conditional at ``start`` opens its clause, so that the main clause follows it."""
    before = text[:start].rstrip(" \"'“‘(,")
    return not before or before[-1] in ":;.!?-–—…" or words.LEADER.search(before[-20:]) is not None


def _main_clause(text: str, start: int) -> int | None:
    """Return the comma after which the main clause of a leading conditional begins."""
    for comma in re.finditer(r",[\"']?|[\"'] (?=then|we|it|they)| then\b", text[start:]):
        at = start + comma.start()
        if words.MODAL.search(text[at : at + 90]):
            return at
    return None


def _before(text: str, end: int) -> Span | None:
    """Return the main clause before a trailing conditional: what follows the reporting verb."""
    start = 0
    for match in words.CLAUSE_START.finditer(text, 0, end):
        if match.end() < end - 8:
            start = match.end()
    return (start, end) if start < end else None


# -- "X or Y", "X and Y" -------------------------------------------------------------------------------------------


def _alternative(text: str) -> Limit | None:
    found = words.OR_ELSE.search(text)
    if found is None:
        return None
    demanded = words.DEMANDED.search(text, 0, found.start())
    start = demanded.end() if demanded else _clause_start(text, found.start())
    return Limit((start, found.start()), (found.start() + 3, _end(text, found.end())))


def _step(text: str) -> Limit | None:
    """'One more shot and we will answer', 'Touch our ships and you become a target'."""
    found = words.STEP.search(text)
    if found is None:
        return None
    return Limit((found.start("act"), found.start("then")), (found.end("then"), _end(text, found.end("then"))))


# -- "X would be Y" ------------------------------------------------------------------------------------------------


def _regarded(text: str) -> Limit | None:
    """'Moscow would treat X as an act of war', 'called X "a red line"'."""
    for found in words.REGARDS.finditer(text):
        start, stop = found.span("act")
        grave = found["will"] or re.search(words.GRAVE, text[found.end() : found.end() + 60], re.IGNORECASE)
        if grave and text[start:stop] not in words.POINTERS:
            return Limit((start, stop), (found.start(), _end(text, found.end())))
    return None


def _line(text: str) -> Limit | None:
    """'Our red line is that X', 'a red line on X'."""
    found = words.LINE.search(text)
    return Limit((found.end(), _end(text, found.end())), None) if found else None


def _verdict(text: str) -> Limit | None:
    """'X would mean war', 'whoever does X will regret it'."""
    for verdict in sorted(_verdicts(text), key=lambda match: match.start()):
        span = _subject(text, verdict.start())
        subject = text[slice(*span)].strip(" ,\"'")
        if subject.lower() in words.POINTERS and re.match(words.WILL, verdict.group(), re.IGNORECASE):
            referred = _antecedent(text, span[0])
            if referred:
                return Limit(referred, (verdict.start(), _end(text, verdict.end())))
        if _forbids(subject, verdict):
            return Limit(span, (verdict.start(), _end(text, verdict.end())))
        means = words.MEANS.search(text, verdict.end()) if verdict.re in (words.JUDGED, words.CAUSES) else None
        if means:
            return Limit(means.span("act"), (verdict.start(), means.start()))
    return None


def _verdicts(text: str) -> Iterator[re.Match[str]]:
    for pattern in (words.JUDGED, words.CAUSES, words.BRINGS, words.TARGET, words.UNANSWERED, words.SUFFERS):
        yield from pattern.finditer(text)


def _forbids(subject: str, verdict: re.Match[str]) -> bool:
    """Whether ``subject`` is an act to avoid, and the verdict what it would be or bring."""
    if not subject or words.OWN.search(subject):
        return False
    if verdict.re in (words.UNANSWERED, words.SUFFERS):
        return (
            bool(words.GENERIC.search(subject))
            and not words.DONE.search(subject)
            and not subject.lower().startswith("no ")
        )
    if verdict.re is words.BRINGS and words.DEED.search(subject):
        return False
    if verdict.re is words.TARGET:
        return bool(words.INTRUDES.search(subject)) and not words.DONE.search(subject)
    loose = (words.AGAIN if verdict.re is words.BRINGS else words.PLACED).search(subject)
    return len(subject.split()) > 1 and bool(loose or words.IS_ACT.search(subject) or words.GENERIC.search(subject))


def _subject(text: str, end: int) -> Span:
    """Return the subject of a verb at ``end``: its clause so far, without who says it and what frames it."""
    aside = words.ASIDE.search(text, 0, end)
    end = aside.start() if aside else end
    start = _clause_start(text, end)
    if start >= end and text[:start].rstrip().endswith(("that", "which")):
        end = len(text[:start].rstrip().removesuffix("that").removesuffix("which"))
        start = _clause_start(text, end)
    frame = words.FRAME.match(text, start, end)
    return (frame.end() if frame else start), end


def _clause_start(text: str, end: int) -> int:
    start = 0
    for match in words.CLAUSE_START.finditer(text, 0, end):
        quoted = text[match.end() : end]
        if match.group() not in ("'", '"') or (quoted.strip() and match.group() not in quoted):
            start = match.end()
    return start + len(text[start:end]) - len(text[start:end].lstrip())


def _antecedent(text: str, end: int) -> Span | None:
    """Return what "this" means in "this would lead to war": the last clause before it that is not who says it."""
    starts = [0, *(match.end() for match in words.CLAUSE_START.finditer(text, 0, end))]
    for begin, stop in reversed(list(pairwise([*starts, end]))):
        clause = text[begin : min(stop, _end(text, begin))]
        if len(clause.split()) >= _CLAUSE and not (begin == 0 and words.LEADER.search(text[:stop].rstrip())):
            return begin, begin + len(clause)
    return None


# -- objects of harm and of warnings -------------------------------------------------------------------------------


def _trespass(text: str) -> Limit | None:
    """'will shoot down drones that enter its airspace': the harm names whom it would meet."""
    harm = words.HARMS.search(text)
    found = words.TRESPASS.search(text, harm.end()) if harm else None
    if not harm or not found:
        return None
    return Limit((found.start(), _end(text, found.end())), (harm.start(), found.start()))


def _warned(text: str) -> Limit | None:
    """'warned against X', 'will not tolerate X'."""
    found = words.AGAINST.search(text)
    return Limit((found.end(), _end(text, found.end())), None) if found else None


def _any(text: str) -> Limit | None:
    """'will answer any X', 'the price for the next X'."""
    found = words.ANY.search(text)
    if found is None:
        return None
    if found["no"]:
        return Limit(found.span("no"), (found.end("no"), _end(text, found.end("no") + 1)))
    start = found.start("next") if found["next"] else found.start()
    return Limit((start, _end(text, start)), None)


def _leaning(text: str) -> Limit | None:
    """'They must withdraw; otherwise we will strike': the act stands in the words before."""
    found = words.LEANS.search(text)
    if found is None:
        return None
    return Limit(_antecedent(text, found.start()) or found.span(), (found.end(), _end(text, found.end())))


def _end(text: str, start: int) -> int:
    """Return where the clause ends that holds ``start``; a quotation opened inside it belongs to it."""
    for match in words.CLAUSE_END.finditer(text, start):
        if match.group() != '"' or text.count('"', start, match.start()) % 2 == 0:
            return match.start()
    return len(text)


def _trim(sentence: str, span: Span | None) -> Span | None:
    if span is None:
        return None
    start, end = span
    while start < end and sentence[start] in " ,\"'“”‘’:;-–—\n":
        start += 1
    while end > start and sentence[end - 1] in " ,\"'“”‘’:;-–—\n.":
        end -= 1
    return (start, end) if end > start else None
