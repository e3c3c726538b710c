"""Findings of careful readers, written down as exact words, to places in the text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from extractors.reader.passages import Span
from extractors.training.data import STATEMENTS, Document, Party, Said, Told

Row = Mapping[str, Any]

_TEXTS = {
    "speaker": "speaker_text",
    "condition": "condition",
    "consequence": "consequence",
    "addressee": "addressee_text",
}
"""Where a finding keeps the words of each role."""


def said_in(document: Document, findings: Iterable[Row]) -> dict[int, list[Said]]:
    """Return what ``findings`` mark in each sentence, by its number, wherever their words stand."""
    marks = [(place, one) for one in findings if one["t"] == "s" for place in places(document.text, one["evidence"])]
    found: dict[int, list[Said]] = {}
    for at, sentence in enumerate(document.sentences if marks else ()):
        for place, one in marks:
            if _touch(place, sentence):
                found.setdefault(at, []).append(said_of(document.text, one, sentence))
    return found


def said_of(text: str, finding: Row, sentence: Span) -> Said:
    """Return ``finding`` with the spans of its words that are nearest to ``sentence``."""
    if finding["kind"] not in STATEMENTS:
        return Said(kind=finding["kind"], likely=finding.get("likely"), sure=finding.get("sure"))
    asked = {role: key for role, key in _TEXTS.items() if role != "addressee" or key in finding}
    return Said(
        kind=finding["kind"],
        explicit=bool(finding["explicit"]),
        nuclear=bool(finding["nuclear"]),
        spans={role: _spans(text, finding.get(key), sentence) for role, key in asked.items()},
    )


def told_in(document: Document, findings: Iterable[Row]) -> list[Told]:
    """Return the transfers among ``findings``, each at the place of its words."""
    told = (
        told_of(document.text, one, next(places(document.text, one["evidence"]), None))
        for one in findings
        if one["t"] == "x"
    )
    return [one for one in told if one]


def told_of(text: str, finding: Row, evidence: Span | None) -> Told | None:
    """Return a transfer whose evidence stands at ``evidence``; None where its weapon is not named."""
    weapon = nearest(text, finding["weapon_text"], evidence) if evidence else None
    if not evidence or not weapon:
        return None
    return Told(
        weapon=weapon,
        evidence=evidence,
        stage=finding["stage"],
        supplier=party_of(text, finding, "supplier", evidence),
        recipient=party_of(text, finding, "recipient", evidence),
        sure=bool(finding.get("sure")),
        background=finding.get("background"),
    )


def party_of(text: str, finding: Row, role: str, near: Span) -> Party:
    return Party(code=finding[role], span=nearest(text, finding.get(f"{role}_text"), near))


def nearest(text: str, part: str | None, near: Span) -> Span | None:
    """Return the occurrence of ``part`` inside ``near``, else the one closest to where that begins."""
    start, end = near
    return min(
        places(text, part or ""), key=lambda span: (not start <= span[0] < end, abs(span[0] - start)), default=None
    )


def _spans(text: str, part: str | None, near: Span) -> tuple[Span, ...]:
    span = nearest(text, part, near)
    return (span,) if span else ()


def places(text: str, part: str) -> Iterator[Span]:
    at = text.find(part) if part else -1
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + 1)


def _touch(one: Span, other: Span) -> bool:
    """Whether two spans share half of the shorter one, as ``score_real.py`` counts."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > 0 and 2 * shared >= min(one[1] - one[0], other[1] - other[0])
