"""What every command prints alike: JSON, tables that fit the terminal, files, and characters an old terminal has."""

import codecs
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich import console
from rich.cells import cell_len
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from extractors.errors import BrinkwatchError

_NEAREST = {
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "...", "–": "-", "—": "-", "‑": "-", "·": "-", "●": "*",
    "○": ".", "✓": "+", "✗": "x", "→": "->", "×": "x", "─": "-", "━": "-", "│": "|", "┃": "|", "┼": "+", "╇": "+",
    "\u00a0": " ",
}  # fmt: skip
"""What stands for a character that the terminal does not have."""


_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What is not seen, but commands a terminal or a page: control characters, marks of direction, halves of characters."""


def without_commands(text: str) -> str:
    """Return ``text`` without what turns round, hides or ends what stands beside it."""
    return _COMMANDS.sub("", text)


class Console(console.Console):
    """A terminal that no text can command, wherever it comes from: neither erase what is shown nor turn it round."""

    def render(
        self, renderable: console.RenderableType, options: console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the parts of what is printed without commands, except those of this program itself."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=without_commands(segment.text))


class OutputError(BrinkwatchError):
    """A file that cannot be written."""


def speak_any_alphabet() -> None:
    """Let no output fail for a character that the terminal or pipe has not: the nearest one is written instead."""
    codecs.register_error("nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="nearest")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    cut = error.object[error.start : error.end]
    return "".join(_NEAREST.get(char, "?") for char in cut), error.end


def print_json(value: Any) -> None:
    """Print one JSON object on a line, whatever alphabet the output has."""
    whole = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, default=str, ensure_ascii=not whole))


def write_text(path: Path, text: str) -> None:
    """Write a file, or raise OutputError that names it and why it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error


def check_place(path: Path) -> None:
    """Raise OutputError if no file can be written there: before what takes long, and is written by another library."""
    if path.is_dir():
        raise OutputError(f"{path} cannot be written: it is a folder")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"{path} cannot be written: there is no folder {path.absolute().parent}")


def compact(*columns: str | Column) -> Table:
    """Return a table that is narrow enough for 80 columns: no lines between, one space beside each cell."""
    return Table(*columns, box=None, padding=(0, 1, 0, 0), header_style="bold")


def stacked(*lines: str | Text | None) -> Text:
    """Return a cell of several lines, all but the first dim; empty ones are left out."""
    first, *rest = [line if isinstance(line, Text) else Text(line or "") for line in lines]
    for line in rest:
        line.stylize("dim")
    return Text("\n").join([first, *(line for line in rest if line)])


def show_rows(columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    """Print rows as a table where it fits, else each as a block; values are text from outside and never markup."""
    if _width_of(columns, rows) > console.width:
        _show_records(columns, rows, console)
        return
    table = Table(*(Column(header=Text(name)) for name in columns), show_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _width_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how wide a table of these rows is: the longest line of each column, and a bar and two spaces between."""
    return sum(max(map(_line_length, column)) + 3 for column in zip(columns, *rows, strict=True)) - 1


def _line_length(text: str) -> int:
    """Return how wide the longest line of a text is."""
    return max(map(cell_len, text.split("\n")))


def _show_records(columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    """Print each row as a block, a line for each column."""
    for number, row in enumerate(rows, 1):
        console.print(Rule(Text(f"{number}"), align="left", style="dim"))
        block = Table.grid(Column(style="dim", no_wrap=True), Column(overflow="fold"), padding=(0, 2))
        for name, value in zip(columns, row, strict=True):
            block.add_row(Text(name), Text(value))
        console.print(block)
