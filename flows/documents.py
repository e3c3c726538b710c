"""Documents from disk or standard input, for commands that need no warehouse: paths in, articles out."""

import gzip
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from extractors.errors import BrinkwatchError
from extractors.lexicon import JSON_NAMES
from extractors.records import Article
from flows.sources import genre

ENDINGS = (".txt", ".jsonl", ".jsonl.gz")
"""Files in a folder that are read."""


class DocumentError(BrinkwatchError):
    """A path that cannot be read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadDocument:
    """A file or line that is not an article; the others are read all the same."""

    where: str
    why: str


class NotAnArticleError(ValueError):
    """A line that is no JSON, or a JSON value that does not have the fields of an article."""


_IN_JSON = JSON_NAMES | {list: "a list", dict: "an object"}
"""What a decoded value is called in JSON."""


def checked_paths(names: Sequence[str]) -> list[Path]:
    """Return paths that are there, or raise DocumentError that names every other: before anything heavy is loaded."""
    wrong = [_no_document(name) for name in names if name != "-" and not Path(name).exists()]
    if wrong:
        raise DocumentError("; ".join(wrong))
    return [Path(name) for name in names]


def _no_document(name: str) -> str:
    if "://" in name:
        return f"{name} is an address: extract reads files; save the page, or add its feed with brinkwatch feeds add"
    return f"{name}: no such file or folder"


def read_documents(paths: list[Path]) -> Iterator[Article | BadDocument]:
    """Yield every article under ``paths`` in order: files with one of the ``ENDINGS``, folders, or ``-`` for stdin."""
    for path in paths:
        if path == Path("-"):
            yield from read_stream(sys.stdin.buffer)
        elif path.is_dir():
            found = sorted(p for p in path.iterdir() if p.name.endswith(ENDINGS))
            yield from read_documents(found)
            if not found:
                yield BadDocument(where=str(path), why=f"holds no file that ends in {', '.join(ENDINGS)}")
        elif path.suffix == ".jsonl":
            with open_binary(path) as stream:
                yield from read_lines(stream, str(path))
        elif path.name.endswith(".jsonl.gz"):
            yield from read_packed(path)
        else:
            with open_binary(path) as stream:
                yield read_text(stream.read(), path)


def read_stream(stream: BinaryIO) -> Iterator[Article | BadDocument]:
    """Yield what comes on standard input: the articles of JSON lines, or plain text as one article, ``stdin``."""
    first = next((line for line in stream if line.strip()), b"")
    if first.lstrip().startswith(b"{"):
        yield from read_lines(chain([first], stream), "<stdin>")
        return
    lines = [first, *stream]
    if any(line.startswith(b'{"') for line in lines):
        yield from read_lines(lines, "<stdin>")
    elif first:
        yield read_text(b"".join(lines), Path("stdin"))


def open_binary(path: Path) -> BinaryIO:
    """Open ``path`` or raise DocumentError with the reason."""
    try:
        return path.open("rb")
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from error


def read_packed(path: Path) -> Iterator[Article | BadDocument]:
    """Yield the article of each JSON line of a gzip file; where that is damaged, what follows is reported."""
    with open_binary(path) as packed, gzip.GzipFile(fileobj=packed) as stream:
        try:
            yield from read_lines(stream, str(path))
        except (OSError, EOFError, zlib.error) as error:
            yield BadDocument(where=str(path), why=f"damaged, or no gzip file: {error}")


def read_text(data: bytes, path: Path) -> Article | BadDocument:
    """Return a ``.txt`` file as an article, whose id is the file's stem."""
    try:
        return Article(id=path.stem, text=data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return BadDocument(where=str(path), why=_no_utf8(data, error))


def read_lines(stream: Iterable[bytes], name: str, *, first: int = 1) -> Iterator[Article | BadDocument]:
    """Yield the article of each JSON line; a bad line is reported with its number, counted from ``first``."""
    for number, line in enumerate(stream, start=first):
        if not line.strip():
            continue
        try:
            yield article_from(decoded(line))
        except NotAnArticleError as error:
            yield BadDocument(where=f"{name}:{number}", why=str(error))


def decoded(line: bytes) -> Any:
    """Return the JSON value on a line, or raise NotAnArticleError in the words of whoever wrote the file."""
    try:
        return json.loads(line.decode("utf-8-sig").rstrip())
    except UnicodeDecodeError as error:
        raise NotAnArticleError(_no_utf8(line, error)) from error
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        raise NotAnArticleError(f"not JSON: {what} at character {error.pos + 1}") from error
    except (ValueError, RecursionError) as error:
        raise NotAnArticleError("nested too deeply, or a number with too many digits") from error


def _no_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    return f"not UTF-8: byte {error.start} is 0x{data[error.start]:02x}"


def article_from(value: Any) -> Article:
    """Return the article in a decoded JSON object, or raise NotAnArticleError naming the field that is wrong."""
    if not isinstance(value, dict):
        raise NotAnArticleError(f"an object was expected, not {_IN_JSON[type(value)]}")
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
    """Return the string under ``name``, None if it is absent or null."""
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise NotAnArticleError(f"{name} is {_IN_JSON[type(found)]}, not a string")
    return found


def parse_published(raw: object) -> datetime | None:
    """Return an RFC 3339 instant in UTC, or the midnight of a bare date; anything else is unknown."""
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw.strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(moment.date(), time(), UTC) if is_bare_date(raw) else None


def is_bare_date(raw: str) -> bool:
    """Whether ``raw`` is a day without a time of day."""
    try:
        date.fromisoformat(raw.strip())
    except ValueError:
        return False
    return True
