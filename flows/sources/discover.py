"""Finds the feed of a page, and tries a feed, for ``brinkwatch feeds add`` and ``brinkwatch feeds test``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from flows.sources import urls
from flows.sources.feed_records import Body, Failed, FetchSettings
from flows.sources.http.fetch import FEED_TYPES, Fetcher
from flows.sources.parsing import dates, encoding
from flows.sources.workers.pool import ParseError, ParserPool

LINK = re.compile(r"<link\b[^<>]{0,1000}>", re.IGNORECASE)
ANCHOR = re.compile(r"<a\b[^<>]{0,1000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([a-zA-Z:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
FEED_TYPE = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/json", re.IGNORECASE)
FEED_PATH = re.compile(
    r"(?:/(?:rss|feeds?|atom)(?:[/.?]|$)|\.(?:rss|atom|rdf)$|rss\.xml$|atom\.xml$|feed\.xml$)", re.IGNORECASE
)
USUAL = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
"""Where publishing systems put their feeds, tried if the page names none."""
MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The result of trying one feed."""

    url: str
    kind: str = ""
    title: str = ""
    language: str | None = None
    entries: int = 0
    newest: datetime | None = None
    problem: str | None = None
    """Why it cannot be used, if it cannot."""


async def try_feed(url: str, *, settings: FetchSettings, now: datetime) -> list[Trial]:
    """Fetch ``url``; if it is a page, fetch the feeds that it names or that are in the usual places.

    The first trial without a ``problem`` is the feed to add; if there is none, the trials say why.
    """
    workers = ParserPool(workers=1, timeout_s=settings.parse_timeout_s, memory_mb=settings.parse_memory_mb)
    async with Fetcher(settings, now=now, listed=[url]) as fetcher, workers as pool:
        body, trial = await _try(url, fetcher, pool, now)
        if trial.problem is None or body is None:
            return [trial]
        named = feed_links(encoding.decode(body.content, body.charset)[0], body.url)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(body.url))
        trials = [trial]
        for candidate in (named or [origin + path for path in USUAL])[:MOST]:
            trials.append((await _try(candidate, fetcher, pool, now))[1])
            if trials[-1].problem is None and not named:
                break
        return sorted(trials, key=lambda trial: trial.problem is not None)


def feed_links(page: str, url: str) -> list[str]:
    """Return the addresses of the feeds that a page names in its head, otherwise of those it links to, in its order."""
    declared = [
        link
        for attributes in map(_attributes, LINK.findall(page[:500_000]))
        if "alternate" in attributes.get("rel", "").lower() and FEED_TYPE.search(attributes.get("type", ""))
        for link in [_absolute(attributes, url)]
        if link
    ]
    linked = [link for tag in ANCHOR.findall(page[:500_000]) if (link := _absolute(_attributes(tag), url))]
    return list(dict.fromkeys(declared or [link for link in linked if FEED_PATH.search(urlsplit(link).path)]))


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): unescape(a or b or c) for name, a, b, c in ATTRIBUTE.findall(tag)}


def _absolute(attributes: dict[str, str], base: str) -> str | None:
    try:
        link = urljoin(base, attributes.get("href", "").strip())
    except ValueError:
        return None
    return link if attributes.get("href") and urls.canonicalise(link) else None


async def _try(url: str, fetcher: Fetcher, pool: ParserPool, now: datetime) -> tuple[Body | None, Trial]:
    answer = await fetcher.get(url, accept=FEED_TYPES)
    if not isinstance(answer, Body):
        reason = answer.reason if isinstance(answer, Failed) else "retired by its publisher (410)"
        return None, Trial(url=url, problem=reason)
    try:
        document = await pool.run("feed", answer.content, charset=answer.charset, url=answer.url, limit=500)
    except ParseError as error:
        return answer, Trial(url=url, problem=error.reason)
    return answer, _trial(answer.moved_to or url, document, now)


def _trial(url: str, document: dict[str, Any], now: datetime) -> Trial:
    entries: Sequence[dict[str, Any]] = document["entries"]
    instants = [dates.read(entry["published_raw"], now=now).instant for entry in entries]
    known = [instant for instant in instants if instant is not None]
    return Trial(
        url=url,
        kind=document["kind"],
        title=document["title"],
        language=document["language"],
        entries=document["total"],
        newest=max(known, default=None),
        problem=None if entries else "a feed without entries",
    )
