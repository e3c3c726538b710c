"""Turns part of a hostile document into one line that can be shown, with its key words as spans."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

LIMIT = 300
"""Most characters of a sentence that an alert shows, ellipses included."""

MOST_MARKS = 3
"""Most accents and vowel signs shown on one letter; more are meant to cover the lines around it."""

Span = tuple[int, int]

_QUOTES = 2
"""Quotation marks that may be set around what is cut."""
_REACH = 1_000
"""How far a sentence is followed to either side, so that a line of 5 MB is not read for one word in it."""

_BREAK = re.compile(r"[.!?…][\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Capt|Adm|Sgt|Sen|Rep|Gov|St|vs|Inc|Jan|Feb|Aug|Sept?|Oct|Nov|Dec))\.$"
)


_CLOSING, _OPENING = frozenset("”’"), re.compile(r"[“‘]")
"""A quotation mark at the end of a key word, and what must stand before it there."""


def clean(text: str) -> str:
    """Return ``text`` on one line, without control, direction and other invisible characters or piled-up accents."""
    return "".join(_visible(text)).strip()


def sentence_around(document: str, start: int, end: int) -> Span:
    """Return the span of the sentence that contains ``document[start:end]``, by punctuation and line ends alone.

    The policy runs while the warehouse is open, when no language processing may; taking two sentences for one does no
    harm here.
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


def whole_sentences(document: str, start: int, end: int) -> Span:
    """Return the span of the sentences in which ``document[start:end]`` begins and ends."""
    words = list(re.finditer(r"\w", document[start:end]))
    if not words:
        return start, end
    last = start + words[-1].start()
    return min(start, sentence_around(document, start, start)[0]), max(
        end, sentence_around(document, last, last + 1)[1]
    )


def excerpt(document: str, span: Span, marks: Iterable[Span], *, limit: int = LIMIT) -> tuple[str, tuple[Span, ...]]:
    """Return ``document[span]`` cleaned and cut to ``limit`` at a word, with the marks as spans of the result.

    ``marks`` are spans of the document; they are widened to whole words, those that overlap are joined, those outside
    or cut off are dropped. A quotation that goes on beyond the text is closed, one that began before it is opened.
    """
    start = max(0, min(span[0], len(document)))
    end = min(span[1], len(document), start + 4 * _REACH)
    pieces = list(_visible(document[start:end]))
    places = _places(pieces)
    text = "".join(pieces)
    moved = [(places[max(a, start) - start], places[min(b, end) - start]) for a, b in marks if a < end and b > start]
    kept = _joined(text, (_on_words(text, span) for span in _trimmed(text, moved)))
    shown = _balanced(*_cut(text, kept, limit))
    return shown if len(shown[0]) <= limit else _balanced(*_cut(text, kept, limit - _QUOTES))


def _on_words(text: str, span: Span) -> Span:
    """Return ``span`` with the rest of the words, and of the bracket, that it cuts."""
    start, end = span
    while start and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end + (text[start:end].count("[") > text[start:end].count("]") == 0 and text[end : end + 1] == "]")


def _balanced(text: str, marks: tuple[Span, ...]) -> tuple[str, tuple[Span, ...]]:
    """Return ``text`` with the quotation marks that its quotations lack; ``marks`` move along."""
    lead, tail = _missing(text)
    if lead:
        marks = tuple((start + len(lead), end + len(lead)) for start, end in marks)
    return f"{lead}{text}{tail}", marks


def _missing(text: str) -> tuple[str, str]:
    """Return the quotation marks to be set before and after ``text``."""
    curly = [char for char in text if char in "“”"]
    straight = [found.start() for found in re.finditer('"', text)]
    lead = "“" if curly[:1] == ["”"] else ""
    tail = "”" if curly[-1:] == ["“"] else ""
    if len(straight) % 2:
        opens = straight[-1] == 0 or text[straight[-1] - 1].isspace()
        lead, tail = (lead, tail + '"') if opens else ('"' + lead, tail)
    return lead, tail


def _visible(text: str) -> Iterable[str]:
    """Yield one piece per character: the character, one space for a run of white space, or nothing."""
    spaced, marks = True, 0
    for char in text:
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if char.isspace():
            yield "" if spaced else " "
            spaced = True
        elif kind in {"Cc", "Cf", "Cs", "Cn", "Co"} or marks > MOST_MARKS:
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
    """Return the spans without white space at their ends or a mark that closes an earlier quotation, if any is left."""
    kept = []
    for start, end in spans:
        inner = text[start:end]
        first = start + len(inner) - len(inner.lstrip())
        last = first + len(inner.strip())
        if text[last - 1 : last] in _CLOSING and not _OPENING.search(text, first, last - 1):
            last -= 1
        if first < last:
            kept.append((first, last))
    return kept


def _joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans with those joined that overlap or have only a space between them."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _cut(text: str, marks: list[Span], limit: int) -> tuple[str, tuple[Span, ...]]:
    """Cut ``text`` to ``limit``, between words if possible, so that the first key words stay."""
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
    """Split ``text`` at its marks into pairs (piece, whether it is a key word), without empty pieces."""
    edges = sorted({0, len(text), *(min(max(edge, 0), len(text)) for mark in marks for edge in mark)})
    return [(text[a:b], any(start <= a and b <= end for start, end in marks)) for a, b in pairwise(edges)]
