"""What every command prints alike: help that fits the terminal, and text from outside that does not command it."""

import inspect
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from typer.main import get_command
from typer.testing import CliRunner

from flows.cli.__main__ import app
from flows.cli.output import Console, show_rows

HOSTILE = "a\x1b[2Jb\x1b]0;owned\x07c\x9b31md\u202egnp.exe\u2066e\x08\x08\x00"
SHOWN = "a[2Jb]0;ownedc31mdgnp.exee"
CLI = Path(__file__).parent.parent / "flows" / "cli"


def printed(what: RenderableType, **terminal: object) -> str:
    """What a terminal of 60 columns is sent."""
    console = Console(file=io.StringIO(), width=60, **terminal)  # type: ignore[arg-type]
    console.print(what)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_no_text_commands_the_terminal() -> None:
    """Wherever it stands; lines and tabs stay, and what is drawn around it stays in place."""
    table = Table(HOSTILE, HOSTILE)
    table.add_row(Text(HOSTILE), Panel(HOSTILE))
    for what in (HOSTILE, Text(HOSTILE), Panel(HOSTILE, title=Text(HOSTILE)), table):
        sent = printed(what)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", sent)
        assert SHOWN[:10] in sent
        assert len({len(line) for line in sent.splitlines() if line[:1] in "┃│╭╰┏└"}) <= 1
    assert printed("one\ntwo") == "one\ntwo\n"


def test_colours_are_still_sent() -> None:
    """What this program itself says to a terminal is obeyed."""
    assert "\x1b[1mbold\x1b[0m" in printed(Text("bold", style="bold"), force_terminal=True, color_system="standard")


def test_rows_of_a_query_are_shown_and_not_obeyed() -> None:
    """As a table, and as one record a block where they are wide."""
    for rows in ([(HOSTILE,)], [(HOSTILE + "word " * 30,)]):
        console = Console(file=io.StringIO(), width=60)
        show_rows(["title"], rows, console)
        assert SHOWN in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", sorted(CLI.glob("*.py")), ids=lambda path: path.stem)
def test_every_command_prints_through_it(path: Path) -> None:
    """None has a console of its own."""
    assert path.stem == "output" or not re.search(r"rich(\.console)? import .*\b[Cc]onsole\b", path.read_text())


def commands(group: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command, by the words that call it."""
    for name, each in group.commands.items():
        yield (*path, name)
        if hasattr(each, "commands"):
            yield from commands(each, *path, name)


@pytest.mark.parametrize("words", sorted(commands(get_command(app))), ids=" ".join)
def test_help_fills_the_lines_of_a_narrow_terminal(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of the source do not show in it, and nothing of it is taken for markup."""
    monkeypatch.setenv("COLUMNS", "80")
    shown = CliRunner().invoke(app, [*words, "--help"]).output
    prose = shown[shown.index("Usage:") :].split("╭")[0]
    first, *paragraphs = [re.findall(r"\S.*\S", part) for part in re.split(r"\n\s*\n", prose)][1:]
    command: Any = get_command(app)
    for word in words:
        command = command.commands[word]
    assert " ".join(prose.split()).endswith(" ".join(inspect.cleandoc(command.help).replace("`", "").split()))
    for paragraph in (first, *paragraphs):
        for line, following in pairwise(paragraph):
            assert len(line) + 1 + len(following.split()[0]) > 77
