"""Documents from disk: what is an article, what is not, and that one bad line costs one line."""

import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extractors.records import Article
from flows.documents import BadDocument, DocumentError, parse_published, read_documents, read_lines


def test_a_text_file_is_an_article_named_after_its_stem(tmp_path: Path) -> None:
    """The whole file is the text; a byte order mark is not."""
    (tmp_path / "one.txt").write_bytes("\ufeffMoscow warned.".encode())
    assert list(read_documents([tmp_path / "one.txt"])) == [Article(id="one", text="Moscow warned.")]


def test_a_folder_is_read_in_order_and_other_files_are_left_alone(tmp_path: Path) -> None:
    """Sidecars and notes beside the documents are no documents."""
    for name in ("b.txt", "a.txt", "a.json", "notes.md"):
        (tmp_path / name).write_text("{}")
    assert [document.id for document in read_documents([tmp_path]) if isinstance(document, Article)] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON: expecting property name enclosed in double quotes at character 2"),
        ("[1]", "an object was expected, not a list"),
        ("null", "an object was expected, not null"),
        ("true", "an object was expected, not true or false"),
        ("0.5", "an object was expected, not a number"),
        ('"x"', "an object was expected, not a string"),
        ('{"text": "x"}', "no id"),
        ('{"id": "", "text": "x"}', "no id"),
        ('{"id": "a"}', "no text"),
        ('{"id": 7, "text": "x"}', "id is a whole number, not a string"),
        ('{"id": "a", "text": "x", "title": ["y"]}', "title is a list, not a string"),
        ('{"id": "a", "text": {"en": "x"}}', "text is an object, not a string"),
        ("[" * 100_000, "nested too deeply, or a number with too many digits"),
        ('{"id": "a", "text": "x", "n": ' + "1" * 5000 + "}", "nested too deeply, or a number with too many digits"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(line: str, why: str) -> None:
    """The line number counts from 1; the lines around it are read."""
    good = json.dumps({"id": "good", "text": "fine"})
    bad, article = read_lines(io.BytesIO(f"{line}\n\n{good}\n".encode()), "in.jsonl")
    assert isinstance(bad, BadDocument)
    assert bad.where == "in.jsonl:1"
    assert why in bad.why
    assert isinstance(article, Article)
    assert article.id == "good"


def test_bytes_that_are_no_utf8_are_a_bad_document(tmp_path: Path) -> None:
    """A text in another encoding is named, never guessed."""
    (tmp_path / "cp1251.txt").write_bytes("Москва".encode("cp1251"))
    (bad,) = read_documents([tmp_path / "cp1251.txt"])
    assert isinstance(bad, BadDocument)
    assert "not UTF-8" in bad.why


def test_lines_in_another_encoding_are_named() -> None:
    """In the same words, and not in those of a decoder; UTF-16 has a byte order mark."""
    stream = io.BytesIO('{"id": "a", "text": "x"}'.encode("utf-16"))
    assert list(read_lines(stream, "in.jsonl")) == [BadDocument(where="in.jsonl:1", why="not UTF-8: byte 0 is 0xff")]


def test_a_path_that_is_not_there_is_an_error_with_its_name(tmp_path: Path) -> None:
    """A misspelt path must not look like an empty document."""
    with pytest.raises(DocumentError, match=r"nowhere\.txt"):
        list(read_documents([tmp_path / "nowhere.txt"]))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2024-09-12T10:00:00Z", datetime(2024, 9, 12, 10, tzinfo=UTC)),
        ("2024-09-12T10:00:00+03:00", datetime(2024, 9, 12, 7, tzinfo=UTC)),
        ("2024-09-12", datetime(2024, 9, 12, tzinfo=UTC)),
        ("2024-09-12T10:00:00", None),  # of which zone?
        ("0001-01-01T00:00:00+05:00", None),  # before the first year in UTC
        ("yesterday", None),
        ("", None),
        (None, None),
        (1726135200, None),
    ],
)
def test_a_date_is_read_or_unknown_and_never_guessed(raw: object, expected: datetime | None) -> None:
    """An unreadable date is unknown, and no error."""
    assert parse_published(raw) == expected


def test_packed_lines_are_read_and_damage_is_named(tmp_path: Path) -> None:
    """Alone and in a folder; what came before the damage is kept."""
    packed = gzip.compress(b'{"id": "a", "text": "Rain."}\n' + b'{"id": "b", "text": "Sun."}\n' * 9)
    (tmp_path / "whole.jsonl.gz").write_bytes(packed)
    assert [each.id for each in read_documents([tmp_path]) if isinstance(each, Article)] == ["a", *"b" * 9]
    (tmp_path / "whole.jsonl.gz").write_bytes(packed[:-8])
    (tmp_path / "none.jsonl.gz").write_bytes(b"no gzip\n")
    bad = [each for each in read_documents([tmp_path]) if isinstance(each, BadDocument)]
    assert [Path(each.where).name for each in bad] == ["none.jsonl.gz", "whole.jsonl.gz"]
    assert all("damaged, or no gzip file" in each.why for each in bad)
