"""Quotations: the parts of a text between quotation marks.

News mixes curly, straight, single and nested marks and loses some. A quotation ends with its paragraph at the latest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile(r"\n\s*|[\"“”„«»]|(?<!\w)['‘](?=\S)|(?<=\S)['’](?!\w)")
_BEFORE_OPENING = frozenset(" \t\n\xa0([{—–-:/\u2009")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quoted text, including its marks."""

    start: int
    end: int


def quotations(text: str) -> list[Quotation]:
    """Return the outermost quotations in order; linear in ``text``, whatever the number of marks."""
    found: list[Quotation] = []
    for marks, start, end in _paragraphs(text):
        doubles = _double(text, marks, start, end)
        found += doubles
        found += _single(text, marks, doubles)
    found.sort(key=lambda quotation: quotation.start)
    return found


def _paragraphs(text: str) -> Iterator[tuple[list[int], int, int]]:
    """Yield, for every paragraph with marks, their offsets, and where it starts and ends."""
    marks: list[int] = []
    start = 0
    for match in _MARK.finditer(text):
        if match.group()[0] != "\n":
            marks.append(match.start())
            continue
        if marks:
            yield marks, start, match.start()
        marks, start = [], match.end()
    if marks:
        yield marks, start, len(text)


def _double(text: str, marks: list[int], start: int, end: int) -> list[Quotation]:
    doubles = [at for at in marks if text[at] in '"“”„«»']
    if doubles and start < doubles[0] and _only_closes(text, doubles[0]):
        # The opening mark was lost, or was in what a feed cut off.
        rest = _double(text, doubles[1:], doubles[0] + 1, end) if len(doubles) > 1 else []
        return [Quotation(start, doubles[0] + 1), *rest]
    nested, left_open = _paired(text, doubles, end, nesting=True)
    if not left_open:
        return nested
    return _paired(text, doubles, end, nesting=False)[0]


def _paired(text: str, marks: list[int], end: int, *, nesting: bool) -> tuple[list[Quotation], bool]:
    """Pair the marks; the second value says that marks were left over, so that nesting was the wrong reading."""
    found: list[Quotation] = []
    depth, start = 0, 0
    for at in marks:
        if depth == 0:
            if text[at] not in "”»":
                depth, start = 1, at
        elif nesting and _opens(text, at):
            depth += 1
        elif nesting or not _only_opens(text, at):
            depth -= 1
            if depth == 0:
                found.append(Quotation(start, at + 1))
        else:  # an opening mark although the last was not closed: the closing one was lost
            found.append(Quotation(start, at))
            start = at
    if depth:
        found.append(Quotation(start, end))
    return found, depth > 1


def _opens(text: str, at: int) -> bool:
    if _only_opens(text, at):
        return True
    before = text[at - 1 : at]
    return text[at] == '"' and before in _BEFORE_OPENING and not text[at + 1 : at + 2].isspace()


def _only_opens(text: str, at: int) -> bool:
    return text[at] in "“„«"


def _only_closes(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    return text[at] in "”»" or (text[at] == '"' and text[at - 1] in ",.?!…" and (not after or after.isspace()))


def _single(text: str, marks: list[int], doubles: list[Quotation]) -> list[Quotation]:
    """Return 'single-quoted' texts outside double quotations, which headlines prefer."""
    found: list[Quotation] = []
    start: int | None = None
    inside = _Cursor(doubles)
    for at in marks:
        if text[at] not in "'‘’" or inside.holds(at):
            continue
        opening = text[at] == "‘" or (text[at] == "'" and (at == 0 or text[at - 1] in _BEFORE_OPENING))
        if opening and start is None:
            start = at
        elif not opening and start is not None and text[at - 1] not in _BEFORE_OPENING:
            found.append(Quotation(start, at + 1))
            start = None
    return found


class _Cursor:
    """Tells of ascending offsets whether they are inside a sorted list of quotations."""

    def __init__(self, quotations: list[Quotation]) -> None:
        self._left = list(reversed(quotations))

    def holds(self, at: int) -> bool:
        while self._left and self._left[-1].end <= at:
            self._left.pop()
        return bool(self._left) and self._left[-1].start <= at
