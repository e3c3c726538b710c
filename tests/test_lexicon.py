"""Lexicons: what a file may hold, and what is said of one that holds something else."""

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.lexicon import LexiconError, load_jsonl, parse


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: str
    colour: Colour = Colour.RED
    size: Literal["S", "M"] = "M"
    words: tuple[str, ...] = ()
    inner: tuple[Inner, ...] = ()
    weight: float | None = None
    count: int = 0
    lists: dict[str, tuple[str, ...]] | None = None

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("'count' is negative")


def load(folder: Path, text: str | bytes) -> tuple[Entry, ...]:
    path = folder / "entries.jsonl"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_jsonl(path, build=Entry)


def test_entries_come_typed_and_in_order(tmp_path: Path) -> None:
    """Lists become tuples, names become enum members, objects become dataclasses; blank lines are skipped."""
    text = '{"id": "b", "colour": "blue", "words": ["x"], "inner": [{"word": "y"}], "weight": 2}\n\n{"id": "a"}\n'
    first, second = load(tmp_path, text)
    assert first == Entry(id="b", colour=Colour.BLUE, words=("x",), inner=(Inner(word="y"),), weight=2.0)
    assert second == Entry(id="a")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "a", "size": "L"}', "entries.jsonl:1: 'size' must be one of S, M, not 'L'"),
        ('{"id": "a", "colour": "green"}', "entries.jsonl:1: 'colour' must be one of red, blue, not 'green'"),
        ('{"id": "a", "colour": []}', "entries.jsonl:1: 'colour' must be one of red, blue, not []"),
        ('{"id": 7}', "entries.jsonl:1: 'id' must be a string, not 7"),
        ('{"id": " "}', "entries.jsonl:1: 'id' is empty"),
        ('{"id": "a", "count": true}', "entries.jsonl:1: 'count' must be a whole number, not true"),
        ('{"id": "a", "words": "x"}', "entries.jsonl:1: 'words' must be a list"),
        ('{"id": "a", "words": ["x", 1]}', "entries.jsonl:1: 'words[1]' must be a string, not 1"),
        ('{"id": "a", "inner": [{"wort": "x"}]}', "entries.jsonl:1: unknown field 'inner[0].wort'"),
        ('{"id": "a", "lists": []}', "entries.jsonl:1: 'lists' must be an object"),
        ('{"id": "a", "count": -1}', "entries.jsonl:1: 'count' is negative"),
        ('{"id": "a", "id": "b"}', "entries.jsonl:1: field given twice: id"),
        ("{}", "entries.jsonl:1: missing field 'id'"),
        ("[]", "entries.jsonl:1: expected a JSON object"),
        ("\n{", "entries.jsonl:2: invalid JSON at column 2"),
        ("[" * 200_000, "entries.jsonl:1: nested too deeply"),
        ('{"id": "a"}\n{"id": "a"}', "entries.jsonl:2: 'a' is already on line 1"),
        ('\n{"id": "caf\xe9"}'.encode("latin-1"), "entries.jsonl:2: not UTF-8"),
    ],
)
def test_a_wrong_line_is_named_with_what_is_wrong(tmp_path: Path, text: str | bytes, said: str) -> None:
    """Every message starts with file and line."""
    with pytest.raises(LexiconError) as caught:
        load(tmp_path, text)
    assert said in str(caught.value)


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    """One round of corrections is enough."""
    with pytest.raises(LexiconError) as caught:
        load(tmp_path, '{"id": 1, "colour": "green", "x": 2}\n{"id": "a"}\n{')
    assert [problem.line for problem in caught.value.problems] == [1, 1, 1, 3]


def test_a_missing_file_is_a_problem_of_that_file(tmp_path: Path) -> None:
    """The user sees the file's name, not a traceback."""
    with pytest.raises(LexiconError, match=r"^none\.jsonl:0: cannot be read: No such file"):
        load_jsonl(tmp_path / "none.jsonl", build=Entry)


@given(st.text())
def test_no_line_breaks_the_loader(line: str) -> None:
    """Whatever an editor saves is either an entry or a ValueError."""
    with suppress(ValueError):
        assert isinstance(parse(line, build=Entry), Entry)
