"""Archives of articles, a record at a time from any place on: JSON lines, Parquet, and WARC with pages."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from extractors.records import Article, content_id
from flows.documents import BadDocument, DocumentError, NotAnArticleError, article_from, open_binary, read_lines
from flows.sources import urls
from warehouse.parquet import count_parquet_rows, parquet_rows

FIRST_BYTES = 1 << 20
PAGE_BYTES = 4 << 20
"""Most of a page that is read, decompressed."""
PAGE_TYPES = {"text/html", "application/xhtml+xml"}
SUFFIXES = (".jsonl", ".jsonl.gz", ".parquet", ".warc", ".warc.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """A page as a crawler got it: its article is yet to be found."""

    id: str
    """Where in which archive it is."""
    url: str
    content: bytes
    charset: str | None


class Record(NamedTuple):
    """One record, and how many of the archive are done with it."""

    done: int
    document: Article | WebPage | BadDocument


@dataclass(slots=True)
class Archive:
    """A file of articles. DocumentError or ArchiveError names it and says why it cannot be read."""

    path: Path
    share: float = field(default=0.0, init=False)
    """How much of it was read so far, from 0 to 1."""

    def key(self) -> str:
        """Return what tells this archive from others, wherever it lies: a hash of its size and its first megabyte."""
        with open_binary(self.path) as file:
            return content_id("archive", str(self.path.stat().st_size), file.read(FIRST_BYTES).hex())

    def records(self, *, skip: int = 0) -> Iterator[Record]:
        """Yield what follows the first ``skip`` records, in the order of the file."""
        name = self.path.name
        if not name.endswith(SUFFIXES):
            raise DocumentError(f"{self.path}: not an archive; its name must end in {', '.join(SUFFIXES)}")
        if name.endswith(".parquet"):
            return self._rows(skip)
        return self._pages(skip) if name.endswith((".warc", ".warc.gz")) else self._lines(skip)

    def _lines(self, skip: int) -> Iterator[Record]:
        with self._unpacked() as (file, stream):
            for done, line in enumerate(islice(stream, skip, None), start=skip + 1):
                self._note(file)
                yield from (Record(done, each) for each in read_lines([line], str(self.path), first=done))

    def _rows(self, skip: int) -> Iterator[Record]:
        count = count_parquet_rows(self.path)
        for done, row in enumerate(parquet_rows(self.path, skip=skip), start=skip + 1):
            self.share = done / count
            try:
                yield Record(done, article_from(row))
            except NotAnArticleError as error:
                yield Record(done, BadDocument(where=f"{self.path}: row {done}", why=str(error)))

    def _pages(self, skip: int) -> Iterator[Record]:
        try:
            from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - of the extra "warc"
        except ImportError:
            raise DocumentError(f"{self.path}: to read WARC, install the extra: pip install brinkwatch[warc]") from None
        with open_binary(self.path) as file:
            try:
                pages = ArchiveIterator(file, record_types=WarcRecordType.response, auto_decode="all")
                for done, record in enumerate(islice(pages, skip, None), start=skip + 1):
                    self._note(file)
                    if page := _page(record, f"{self.path}: response {done}"):
                        yield Record(done, page)
            except OSError as error:
                raise DocumentError(f"{self.path}: {error}") from error

    @contextmanager
    def _unpacked(self) -> Iterator[tuple[BinaryIO, BinaryIO]]:
        """Open the file, and what is in it; DocumentError for a file that is damaged."""
        with open_binary(self.path) as file, gzip.GzipFile(fileobj=file) as unpacked:
            try:
                yield file, cast("BinaryIO", unpacked) if self.path.suffix == ".gz" else file
            except (OSError, EOFError, zlib.error) as error:
                raise DocumentError(f"{self.path}: {error}") from error

    def _note(self, file: BinaryIO) -> None:
        self.share = file.tell() / max(self.path.stat().st_size, 1)


def _page(record: Any, where: str) -> WebPage | None:
    """Return the page in a response; None for an error, an image or anything else that is no page."""
    url = record.headers.get("WARC-Target-URI", "").strip("<>")
    status = record.http_headers.status_code if record.http_headers else None
    if status != HTTPStatus.OK or record.http_content_type not in PAGE_TYPES or not url:
        return None
    return WebPage(id=where, url=url, content=record.reader.read(PAGE_BYTES), charset=record.http_charset)


def identity_of(document: Article | WebPage) -> str:
    """Return the identity of the article that a document is or holds: what its address names, or else its id."""
    return (urls.identity(document.url) if document.url else None) or document.id


def arrived(article: Article, *, now: datetime) -> Article:
    """Return the article as a feed would have brought it: one revision of what its address names."""
    identity = identity_of(article)
    return replace(article, id=content_id(identity, article.document), identity=identity, seen=now)
