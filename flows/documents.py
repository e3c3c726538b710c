"""Documents from disk or standard input, for the commands that need no warehouse: paths in, articles out."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

from extractors.errors import BrinkwatchError
from extractors.records import Article
from flows.sources import genre


class DocumentError(BrinkwatchError):
    """A path that cannot be read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadDocument:
    """A file or line that is no article; the rest goes on."""

    where: str
    why: str


class NotAnArticleError(ValueError):
    """A JSON value that does not have the fields of an article."""


def read_documents(paths: list[Path]) -> Iterator[Article | BadDocument]:
    """Yield every article under ``paths`` in order: ``.txt``, ``.jsonl``, folders of either, or ``-`` for stdin."""
    for path in paths:
        if path == Path("-"):
            yield from read_lines(sys.stdin.buffer, "<stdin>")
        elif path.is_dir():
            yield from read_documents(sorted(p for p in path.iterdir() if p.suffix in {".txt", ".jsonl"}))
        elif path.suffix == ".jsonl":
            with open_binary(path) as stream:
                yield from read_lines(stream, str(path))
        else:
            with open_binary(path) as stream:
                yield read_text(stream.read(), path)


def open_binary(path: Path) -> BinaryIO:
    """Open ``path`` or raise DocumentError with the reason."""
    try:
        return path.open("rb")
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from error


def read_text(data: bytes, path: Path) -> Article | BadDocument:
    """Return the article a ``.txt`` file is: its id is the file's stem."""
    try:
        return Article(id=path.stem, text=data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return BadDocument(where=str(path), why=f"not UTF-8: byte {error.start} is 0x{data[error.start]:02x}")


def read_lines(stream: BinaryIO, name: str) -> Iterator[Article | BadDocument]:
    """Yield the article of each JSON line; a bad line is named by its number."""
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            yield article_from(json.loads(line))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            yield BadDocument(where=f"{name}:{number}", why=f"not JSON: {error}")
        except NotAnArticleError as error:
            yield BadDocument(where=f"{name}:{number}", why=str(error))


def article_from(value: Any) -> Article:
    """Return the article in a decoded JSON object, or raise NotAnArticleError naming the field that is wrong."""
    if not isinstance(value, dict):
        raise NotAnArticleError(f"an object was expected, not {type(value).__name__}")
    fields = {name: text_field(value, name) for name in ("id", "title", "text", "url", "source")}
    if not fields["id"]:
        raise NotAnArticleError("no id")
    if fields["text"] is None:
        raise NotAnArticleError("no text")
    title, text = fields["title"] or "", fields["text"]
    return Article(
        id=fields["id"],
        title=title,
        text=text,
        url=fields["url"],
        source=fields["source"],
        published=parse_published(value.get("published")),
        genre=genre.detect(title=title, text=text, url=fields["url"]),
    )


def text_field(value: dict[str, Any], name: str) -> str | None:
    """Return the string under ``name``, None where it is absent or null."""
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise NotAnArticleError(f"{name} is {type(found).__name__}, not a string")
    return found


def parse_published(raw: object) -> datetime | None:
    """Return an RFC 3339 instant in UTC, or the midnight of a bare date; anything else is unknown."""
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw.strip())
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return datetime.combine(moment.date(), time(), UTC) if is_bare_date(raw) else None


def is_bare_date(raw: str) -> bool:
    """Whether ``raw`` names a day and no time of day."""
    try:
        date.fromisoformat(raw.strip())
    except ValueError:
        return False
    return True
