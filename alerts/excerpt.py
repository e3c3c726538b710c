"""Turns a stretch of a hostile document into one line a person can be shown, with its key words as spans."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

LIMIT = 300
"""Characters of a sentence that an alert shows at most, ellipses included."""

Span = tuple[int, int]

_REACH = 1_000
"""How far a sentence may run on either side of what is looked for: a 5 MB line is not read for one word in it."""

_BREAK = re.compile(r"[.!?…][\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Capt|Adm|Sgt|Sen|Rep|Gov|St|vs|Inc|Jan|Feb|Aug|Sept?|Oct|Nov|Dec))\.$"
)


def clean(text: str) -> str:
    """Return ``text`` on one line, without control, direction and other invisible characters or lone surrogates."""
    return "".join(_visible(text)).strip()


def sentence_around(document: str, start: int, end: int) -> Span:
    """Return the span of the sentence that holds ``document[start:end]``, by punctuation and line ends alone.

    The policy runs while the warehouse is open, where no language processing may; two sentences taken for one cost a
    reader nothing.
    """
    low, high = max(0, start - _REACH), min(len(document), end + _REACH)
    left = max(document.rfind("\n", low, start) + 1, low)
    line_end = document.find("\n", end, high)
    right = line_end if line_end >= 0 else high
    for found in _BREAK.finditer(document, left, right):
        if _ABBREVIATION.search(document, max(left, found.start() - 6), found.start() + 1):
            continue
        if found.end() <= start:
            left = found.end()
        elif found.start() >= end:
            right = found.end()
            break
    return left, right


def excerpt(document: str, span: Span, marks: Iterable[Span], *, limit: int = LIMIT) -> tuple[str, tuple[Span, ...]]:
    """Return ``document[span]`` cleaned and cut to ``limit`` at a word, with the marks as spans into what is left.

    ``marks`` are spans of the document; those that overlap are joined, those outside or cut off are dropped.
    """
    start = max(0, min(span[0], len(document)))
    end = min(span[1], len(document), start + 4 * _REACH)
    pieces = list(_visible(document[start:end]))
    places = _places(pieces)
    text = "".join(pieces)
    moved = [(places[max(a, start) - start], places[min(b, end) - start]) for a, b in marks if a < end and b > start]
    return _cut(text, _joined(_trimmed(text, moved)), limit)


def _visible(text: str) -> Iterable[str]:
    """Yield one piece per character: itself, one space for a run of white space, or nothing."""
    spaced = True
    for char in text:
        if char.isspace():
            yield "" if spaced else " "
            spaced = True
        elif unicodedata.category(char) in {"Cc", "Cf", "Cs", "Cn", "Co"}:
            yield ""
        else:
            yield char
            spaced = False


def _places(pieces: Sequence[str]) -> list[int]:
    places = [0]
    for piece in pieces:
        places.append(places[-1] + len(piece))
    return places


def _trimmed(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans without the white space at their ends; empty ones are gone."""
    kept = []
    for start, end in spans:
        inner = text[start:end]
        first = start + len(inner) - len(inner.lstrip())
        last = first + len(inner.strip())
        if first < last:
            kept.append((first, last))
    return kept


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _cut(text: str, marks: list[Span], limit: int) -> tuple[str, tuple[Span, ...]]:
    """Cut ``text`` to ``limit`` so that the first key words stay, at words where there are any."""
    text = text.rstrip()
    if len(text) <= limit:
        return text, tuple(marks)
    low = _window_start(text, marks, limit)
    lead = "…" if low else ""
    room = limit - len(lead)
    if len(text) - low <= room:
        high, tail = len(text), ""
    else:
        space = text.rfind(" ", low + room // 2, low + room)
        high, tail = (space if space > 0 else low + room - 1), "…"
    shift = len(lead) - low
    kept = tuple((max(a, low) + shift, min(b, high) + shift) for a, b in marks if a < high and b > low)
    return f"{lead}{text[low:high]}{tail}", kept


def _window_start(text: str, marks: list[Span], limit: int) -> int:
    if not marks or marks[0][1] < limit - 1:
        return 0
    wanted = min(max(0, marks[0][0] - limit // 3), len(text) - limit + 1)
    space = text.find(" ", wanted, marks[0][0])
    return space + 1 if space >= 0 else wanted


def gaps(text: str, marks: Sequence[Span]) -> list[tuple[str, bool]]:
    """Split ``text`` at its marks into (piece, is it a key word), in order and without empty pieces."""
    edges = sorted({0, len(text), *(min(max(edge, 0), len(text)) for mark in marks for edge in mark)})
    return [(text[a:b], any(start <= a and b <= end for start, end in marks)) for a, b in pairwise(edges)]
