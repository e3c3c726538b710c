"""Parses feeds of every kind into one form. The only module that knows feedparser.

Runs inside a worker process (``worker``), because a hostile document may take any amount of time and memory.
RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0, RDF and CDF are parsed by feedparser, from text that was decoded and cut to size
here; JSON Feed 1.x and news sitemaps by modules of their own.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from flows.sources import urls
from flows.sources.parsing import encoding, jsonfeeds, markup, plainfeeds, repair, sitemaps, trees
from flows.sources.parsing.entries import Document, NotAFeedError, RawEntry, absolute, each, text_of
from flows.sources.parsing.numbers import is_number
from flows.sources.parsing.repair import ENTRY_END, ENTRY_START

ROOT = re.compile(r"<(?:\w{1,20}:)?(rss|feed|rdf|channel|urlset|sitemapindex|html|!doctype html)\b", re.IGNORECASE)
HEAD = re.compile(r"<(?:\w{1,20}:)?(?:rss|rdf|feed|channel)\b[^<>]*>", re.IGNORECASE)
"""The element that contains the entries of a document."""
TEXTUAL = re.compile(r"text/|.*(?:xml|html)|$", re.IGNORECASE)
"""Content types that are text; pictures and sound are given in base64."""


def read(
    content: bytes,
    *,
    charset: str | None,
    url: str,
    limit: int,
    start: int = 0,
    truncated: bool = False,
    languages: Sequence[str] = (),
) -> Document:
    """Parse a document fetched from ``url``; NotAFeedError if it is not a feed, or if no entry can be read.

    In a document with more than ``limit`` entries, half the limit of the newest is read, and as many from ``start`` on.
    In a ``truncated`` one, the last entry is left out unless it is complete. ``languages`` that it may be in help if
    nothing declares the encoding.
    """
    text, name, sure = encoding.judged(content, charset, languages=languages)
    text = text.lstrip("\ufeff \t\r\n\x00")
    if truncated:
        text = text[: max((match.end() for match in ENTRY_END.finditer(text)), default=len(text))]
    if not text:
        raise NotAFeedError("empty")
    document = _reader(text)(text, url, limit, start)
    if document.total and not document.entries:
        raise NotAFeedError(document.nothing_read)
    doubt = () if sure else (("encoding", f"nothing says which one it is; read as {name}, which may be wrong"),)
    return replace(document, encoding=name, bad=(*document.bad, *doubt))


def _reader(text: str) -> Callable[[str, str, int, int], Document]:
    if text[0] in "{[":
        return jsonfeeds.read
    root = ROOT.search(text[:20_000])
    name = root[1].lower() if root else ""
    if name in {"urlset", "sitemapindex"}:
        return sitemaps.read
    return _xml_feed


def _xml_feed(text: str, url: str, limit: int, start: int) -> Document:
    repair.check_depth(text)
    text = repair.namespaces(text)
    text, total = _window(text, limit, start)
    root = trees.parse(text)
    if root is None:
        return _malformed(text, url, total)
    parsed = plainfeeds.read(root) or _by_feedparser(trees.written(root))
    if not parsed["entries"] and not parsed.get("version"):
        raise NotAFeedError(_looks_like(text))
    return _document(parsed, *_built(parsed, url), total)


def _malformed(text: str, url: str, total: int) -> Document:
    """Parse a document that cannot be repaired as a whole; or by its entries, if that yields more."""
    parsed = _by_feedparser(repair.references(text))
    entries, bad = _built(parsed, url)
    if len(ENTRY_START.findall(text)) > sum(map(_says_something, entries)):
        entries, bad = _one_by_one(text, _base(parsed, url), entries)
    if not entries and not parsed.get("version"):
        raise NotAFeedError(_looks_like(text))
    return _document(parsed, entries, bad, total)


def _by_feedparser(text: str) -> Any:
    """Return whatever feedparser makes of a document; nothing if it fails on a malformed one."""
    import feedparser  # noqa: PLC0415  # 9 MB in every worker, for the few documents that need it

    headers = {"content-type": "application/xml; charset=utf-8"}
    source = io.BytesIO(text.encode("utf-8", "replace"))
    try:
        return feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except (LookupError, AttributeError, TypeError, ValueError):
        return {"feed": {}, "entries": []}


def _built(parsed: Any, url: str) -> tuple[tuple[RawEntry, ...], tuple[tuple[str, str], ...]]:
    base = _base(parsed, url)
    return each(parsed["entries"], lambda entry: _from_feedparser(entry, base))


def _base(parsed: Any, url: str) -> str:
    """Return the base address of relative links in entries: that of the site, if it is an address."""
    return absolute(parsed["feed"].get("link"), url) or url


def _document(parsed: Any, entries: tuple[RawEntry, ...], bad: tuple[tuple[str, str], ...], total: int) -> Document:
    feed = parsed["feed"]
    return Document(
        kind=parsed.get("version") or "unknown",
        title=markup.one_line(str(feed.get("title") or "")),
        language=text_of(feed.get("language")),
        ttl_s=_ttl(feed),
        hub=_related(feed, "hub"),
        topic=_related(feed, "self"),
        entries=entries,
        total=max(total, len(parsed["entries"])),
        bad=bad,
    )


def _related(feed: Any, relation: str) -> str | None:
    """Return the address of a link with this relation."""
    links = feed.get("links") or ()
    return next((text_of(link.get("href")) for link in links if link.get("rel") == relation), None)


def _window(text: str, limit: int, start: int) -> tuple[str, int]:
    """Reduce a long document to ``limit`` entries, and count all of them."""
    ends = [match.end() for match in ENTRY_END.finditer(text)]
    if len(ends) <= limit:
        return text, len(ends)
    newest = limit // 2
    first = min(max(start, newest), len(ends) - 1)
    last = min(first + limit - newest, len(ends)) - 1
    kept = text[: ends[newest - 1]] + text[ends[first - 1] : ends[last]] + text[ends[-1] :]
    return kept, len(ends)


def _one_by_one(
    text: str, base: str, together: tuple[RawEntry, ...]
) -> tuple[tuple[RawEntry, ...], tuple[tuple[str, str], ...]]:
    """Parse each entry of a malformed document by itself, so that an unclosed one does not swallow the next.

    The document as a whole is used if that yields more.
    """
    starts = [match.start() for match in ENTRY_START.finditer(text)]
    last = [match.end() for match in ENTRY_END.finditer(text)]
    ends = [*starts[1:], max([*last, starts[-1]])]
    head = "".join(HEAD.findall(text[: starts[0]]))
    entries: list[RawEntry] = []
    bad: list[tuple[str, str]] = []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1):
        found = [entry for entry in _alone(head, text[start:end], base) if _says_something(entry)]
        entries += found
        if not found:
            bad.append((f"entry {number}", "malformed: neither title nor text could be read"))
    better = len(entries) > sum(map(_says_something, together))
    return (tuple(entries), tuple(bad)) if better else (together, ())


def _alone(head: str, entry: str, base: str) -> tuple[RawEntry, ...]:
    root = trees.parse(head + entry)
    parsed = None if root is None else plainfeeds.read(root)
    parsed = parsed or _by_feedparser(repair.references(head + entry))
    return each(parsed["entries"], lambda each_: _from_feedparser(each_, base))[0]


def _says_something(entry: RawEntry) -> bool:
    return bool(entry.title or entry.content)


def _looks_like(text: str) -> str:
    start = text[:2000].lower()
    if "<html" in start or "<!doctype html" in start:
        return "a web page, not a feed"
    return f"not a feed: begins with {text[:40]!r}"


def _from_feedparser(entry: Any, base: str) -> RawEntry:
    def get(key: str) -> str | None:
        # dict.get, because FeedParserDict answers "updated" with "published" and warns
        return text_of(dict.get(entry, key))

    parts = [part for part in dict.get(entry, "content") or () if TEXTUAL.match(part.get("type") or "")]
    contents = [text_of(part.get("value")) or "" for part in parts]
    raw_summary = get("summary") or ""
    summary = markup.plain(raw_summary)
    content = max([markup.plain(part) for part in contents if part != raw_summary] + [summary], key=len)
    guid = get("id")
    given = (get("published"), get("created"), get("updated"), *dict.get(entry, "other_dates", ()))
    dates = list(dict.fromkeys(date for date in given if date))
    return RawEntry(
        guid=guid,
        url=_link(entry, guid, base),
        title=markup.one_line(get("title") or ""),
        summary=summary,
        content=content,
        published_raw=next(iter(dates), None),
        updated_raw=get("updated"),
        other_dates=tuple(dates[1:]),
        author=markup.one_line(get("author") or ""),
        categories=tuple(dict.fromkeys(_terms(entry))),
        language=text_of((dict.get(entry, "title_detail") or {}).get("language")),
        outlet=_outlet(entry),
    )


def _outlet(entry: Any) -> str:
    """Return the outlet whose article an aggregator links to, if the feed names it."""
    link, name = text_of(dict.get(entry, "link")), text_of((dict.get(entry, "source") or {}).get("title"))
    return markup.one_line(name)[:200] if name and link and urls.is_aggregated(link) else ""


def _link(entry: Any, guid: str | None, base: str) -> str | None:
    link = dict.get(entry, "link")
    # an id in place of a link counts as one only if it is a complete address
    made_up = dict.get(entry, "guidislink") and link == guid
    candidates = [dict.get(entry, "feedburner_origlink"), None if made_up else link]
    links = dict.get(entry, "links") or ()
    candidates += [link.get("href") for link in links if trees.is_alternate(link.get("rel"))]
    if guid and guid.lower().startswith(("http://", "https://")):
        candidates.append(guid)
    for candidate in candidates:
        url = absolute(candidate, base)
        if url:
            return url
    return None


def _terms(entry: Any) -> Iterator[str]:
    for tag in dict.get(entry, "tags") or ():
        term = markup.one_line(str(tag.get("label") or tag.get("term") or ""))
        if term:
            yield term[:100]


def _ttl(feed: Any) -> int | None:
    """Return how long the publisher asks to wait between polls, in seconds (RSS ttl, syndication module)."""
    ttl = text_of(feed.get("ttl"))
    if ttl and is_number(ttl.strip()) and len(ttl) < 8:
        return int(ttl) * 60
    period = {"hourly": 3600, "daily": 86_400, "weekly": 604_800}.get(
        (text_of(feed.get("sy_updateperiod")) or "").strip()
    )
    often = (text_of(feed.get("sy_updatefrequency")) or "1").strip()
    return period // max(1, int(often)) if period and is_number(often) and len(often) < 5 else None
