"""What every reader of documents returns, and what the readers share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from flows.sources import urls


class NotAFeedError(ValueError):
    """The document is not a feed; the message says what it looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """One entry as in the document: cleaned text, dates still as strings."""

    guid: str | None = None
    url: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    published_raw: str | None = None
    updated_raw: str | None = None
    other_dates: tuple[str, ...] = ()
    """Further dates, in case ``published_raw`` cannot be read."""
    author: str = ""
    categories: tuple[str, ...] = ()
    language: str | None = None
    outlet: str = ""
    """The outlet of the article, if the feed passes on those of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The contents of one document."""

    kind: str
    """rss20, atom10, json, sitemap, …"""
    encoding: str = ""
    title: str = ""
    language: str | None = None
    ttl_s: int | None = None
    hub: str | None = None
    topic: str | None = None
    """The WebSub hub that it names, and the address by which the hub knows it."""
    entries: tuple[RawEntry, ...] = ()
    total: int = 0
    """Entries in the document, including those beyond the limit."""
    bad: tuple[tuple[str, str], ...] = field(default=())
    """Entries that could not be read, and why."""

    @property
    def nothing_read(self) -> str:
        """Why no entry of a document could be read: an empty feed is a success, an unreadable one is not."""
        reason = self.bad[0][1] if self.bad else "none has a title or a text under a name that is known"
        return f"{self.total} entries, but nothing could be read of them: {reason}"


def each(
    items: Iterable[Any], build: Callable[[Any], RawEntry]
) -> tuple[tuple[RawEntry, ...], tuple[tuple[str, str], ...]]:
    """Build every entry that can be built; a bad one does not affect the others."""
    entries: list[RawEntry] = []
    bad: list[tuple[str, str]] = []
    for number, item in enumerate(items, start=1):
        try:
            entries.append(build(item))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            bad.append((f"entry {number}", f"{type(error).__name__}: {error}"))
    return tuple(entries), tuple(bad)


def window(items: list[Any], limit: int, start: int) -> list[Any]:
    """Return the newest half of ``limit`` items and as many from ``start`` on, or all if there are no more."""
    newest = limit // 2
    return items if len(items) <= limit else items[:newest] + items[max(start, newest) :][: limit - newest]


def absolute(link: object, base: str) -> str | None:
    """Return ``link`` as a canonical address, resolved against ``base``; None if it is not a web address."""
    if not isinstance(link, str) or not link.strip():
        return None
    link = link.strip()
    try:
        return urls.canonicalise(link if link.startswith(("http://", "https://")) else urljoin(base, link))
    except ValueError:
        return None


def text_of(value: object) -> str | None:
    """Return a string that contains more than white space; None for anything else."""
    return str(value) if isinstance(value, str) and value.strip() else None
