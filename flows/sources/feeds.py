"""Feeds of every kind, read into one form. The only module that knows feedparser.

Runs inside a worker process (``worker``), because a hostile document may cost any amount of time and memory.
RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0, RDF and CDF by feedparser, on text we decoded and cut to size; JSON Feed 1.x and news
sitemaps by the small readers below.
"""

import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

import feedparser
from lxml import etree  # type: ignore[import-untyped]

from flows.sources import encoding, markup, plainfeeds, urls

ENTRY_END = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
ENTRY_START = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)(?=[\s>])[^<>]*>", re.IGNORECASE)
ROOT = re.compile(r"<(?:\w{1,20}:)?(rss|feed|rdf|channel|urlset|sitemapindex|html|!doctype html)\b", re.IGNORECASE)
TAG = re.compile(r"<(/?)(?![!?])[^\s<>/]+[^<>]*?(/?)>")
DEEPEST = 500
"""Open elements at once; real feeds, escaped HTML included, stay below 60."""
REFERENCE = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?![A-Za-z][A-Za-z0-9]*;|#\d{1,8};|#[xX][0-9A-Fa-f]{1,6};)"
    r"|&#(?:(?P<decimal>\d{5,8})|[xX](?P<hex>[0-9A-Fa-f]{4,6}));",
    re.DOTALL,
)
"""An ampersand that begins no reference, or a reference that may be to no character; what is marked as character data
is gone past."""
HALF = re.compile("[\ud800-\udfff]")
COMMA = re.compile(r",(?=\s*[\]}])")
"""One too many for JSON."""
TEXTUAL = re.compile(r"text/|.*(?:xml|html)|$", re.IGNORECASE)
"""Types of contents that are text; pictures and sound are given in base64."""


class NotAFeedError(ValueError):
    """The document is something else; the message says what it looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """One entry as the document gives it: cleaned text, dates still as strings."""

    guid: str | None = None
    url: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    published_raw: str | None = None
    updated_raw: str | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one document yielded."""

    kind: str
    """rss20, atom10, json, sitemap, …"""
    encoding: str = ""
    title: str = ""
    language: str | None = None
    ttl_s: int | None = None
    entries: tuple[RawEntry, ...] = ()
    total: int = 0
    """Entries in the document, also those beyond the limit."""
    bad: tuple[tuple[str, str], ...] = field(default=())
    """Entries that could not be read: which, and why."""


def read(
    content: bytes, *, charset: str | None, url: str, limit: int, start: int = 0, truncated: bool = False
) -> Document:
    """Read a document fetched from ``url``; NotAFeedError when it is none.

    Of a document with more than ``limit`` entries, the newest half of the limit is read and as much from ``start`` on.
    Of a ``truncated`` one, the last entry is left out if it is not whole.
    """
    text, name = encoding.decode(content, charset)
    text = text.lstrip("\ufeff \t\r\n\x00")
    if truncated:
        text = text[: max((match.end() for match in ENTRY_END.finditer(text)), default=len(text))]
    if not text:
        raise NotAFeedError("empty")
    reader = _reader(text)
    return replace(reader(text, url, limit, start), encoding=name)


def _reader(text: str) -> Callable[[str, str, int, int], Document]:
    if text[0] in "{[":
        return _json_feed
    root = ROOT.search(text[:20_000])
    name = root[1].lower() if root else ""
    if name in {"urlset", "sitemapindex"}:
        return _sitemap
    return _xml_feed


def _xml_feed(text: str, url: str, limit: int, start: int) -> Document:
    _check_depth(text)
    text, total = _window(text, limit, start)
    return _plain_feed(text, url, total) or _any_feed(text, url, total)


def _plain_feed(text: str, url: str, total: int) -> Document | None:
    """Read a document that is plain enough to be read quickly."""
    parsed = plainfeeds.parse(text)
    if parsed is None:
        return None
    base = parsed["feed"].get("link") or url
    base = base if urls.canonicalise(base) else url
    entries, bad = _each(parsed["entries"], lambda entry: _from_feedparser(entry, base))
    return _document(parsed, entries, bad, total)


def _any_feed(text: str, url: str, total: int) -> Document:
    """Read whatever feedparser can make an entry of."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    text = _mended(text)
    source = io.BytesIO(text.encode("utf-8", "replace"))
    parsed = feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.entries and not parsed.get("version"):
        raise NotAFeedError(_looks_like(text))
    base = parsed.feed.get("link") or url
    base = base if urls.canonicalise(base) else url
    entries, bad = _each(parsed.entries, lambda entry: _from_feedparser(entry, base))
    if parsed.get("bozo") and len(ENTRY_START.findall(text)) > sum(1 for entry in entries if _says_something(entry)):
        entries, bad = _one_by_one(text, headers, base, entries)
    return _document(parsed, entries, bad, total)


def _mended(text: str) -> str:
    """Escape stray ampersands ("R&D"), behind which feedparser makes up a semicolon, and undo impossible references.

    A pair of references to the halves of a character in UTF-16 is that character.
    """
    text = REFERENCE.sub(_reference, text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if HALF.search(text) else text


def _reference(found: re.Match[str]) -> str:
    if found["decimal"] is None and found["hex"] is None:
        return "&amp;" if found[0] == "&" else found[0]
    code = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
    half = 0xD800 <= code < 0xE000
    return chr(code) if half else found[0] if code <= sys.maxunicode else "\ufffd"


def _document(parsed: Any, entries: tuple[RawEntry, ...], bad: tuple[tuple[str, str], ...], total: int) -> Document:
    feed = parsed["feed"]
    return Document(
        kind=parsed.get("version") or "unknown",
        title=markup.one_line(str(feed.get("title") or "")),
        language=_text(feed.get("language")),
        ttl_s=_ttl(feed),
        entries=entries,
        total=max(total, len(parsed["entries"])),
        bad=bad,
    )


def _check_depth(text: str) -> None:
    """Refuse a document that is a tower of open elements before a recursive reader meets it."""
    if text.count("<") < 2 * DEEPEST:
        return
    depth = 0
    for match in TAG.finditer(re.sub(r"<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL)):
        depth += -1 if match[1] else 0 if match[2] else 1
        if depth > DEEPEST:
            raise NotAFeedError(f"more than {DEEPEST} elements inside each other")


def _window(text: str, limit: int, start: int) -> tuple[str, int]:
    """Cut a long document down to ``limit`` entries, and count all of them."""
    ends = [match.end() for match in ENTRY_END.finditer(text)]
    if len(ends) <= limit:
        return text, len(ends)
    newest = limit // 2
    first = min(max(start, newest), len(ends) - 1)
    last = min(first + limit - newest, len(ends)) - 1
    kept = text[: ends[newest - 1]] + text[ends[first - 1] : ends[last]] + text[ends[-1] :]
    return kept, len(ends)


def _one_by_one(
    text: str, headers: dict[str, str], base: str, together: tuple[RawEntry, ...]
) -> tuple[tuple[RawEntry, ...], tuple[tuple[str, str], ...]]:
    """Read each entry of a malformed document by itself, so that one which is never closed does not swallow the next.

    The document as a whole stands where that yields more.
    """
    starts = [match.start() for match in ENTRY_START.finditer(text)]
    last = [match.end() for match in ENTRY_END.finditer(text)]
    ends = [*starts[1:], max([*last, starts[-1]])]
    entries: list[RawEntry] = []
    bad: list[tuple[str, str]] = []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1):
        source = io.BytesIO((text[: starts[0]] + text[start:end]).encode("utf-8", "replace"))
        parsed = feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
        found = _each(parsed.entries, lambda entry: _from_feedparser(entry, base))[0]
        entries += [entry for entry in found if _says_something(entry)]
        if not any(map(_says_something, found)):
            bad.append((f"entry {number}", "malformed: neither title nor text could be read"))
    better = len(entries) > sum(map(_says_something, together))
    return (tuple(entries), tuple(bad)) if better else (together, ())


def _says_something(entry: RawEntry) -> bool:
    return bool(entry.title or entry.content)


def _looks_like(text: str) -> str:
    start = text[:2000].lower()
    if "<html" in start or "<!doctype html" in start:
        return "a web page, not a feed"
    return f"not a feed: begins with {text[:40]!r}"


def _each(
    items: Iterable[Any], build: Callable[[Any], RawEntry]
) -> tuple[tuple[RawEntry, ...], tuple[tuple[str, str], ...]]:
    """Build every entry that can be built; one bad entry never takes the others with it."""
    entries: list[RawEntry] = []
    bad: list[tuple[str, str]] = []
    for number, item in enumerate(items, start=1):
        try:
            entries.append(build(item))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            bad.append((f"entry {number}", f"{type(error).__name__}: {error}"))
    return tuple(entries), tuple(bad)


def _from_feedparser(entry: Any, base: str) -> RawEntry:
    def get(key: str) -> str | None:
        # dict.get, because FeedParserDict answers "updated" with "published" and warns
        return _text(dict.get(entry, key))

    parts = [part for part in dict.get(entry, "content") or () if TEXTUAL.match(part.get("type") or "")]
    contents = [_text(part.get("value")) or "" for part in parts]
    raw_summary = get("summary") or ""
    summary = markup.plain(raw_summary)
    content = max([markup.plain(part) for part in contents if part != raw_summary] + [summary], key=len)
    guid = get("id")
    return RawEntry(
        guid=guid,
        url=_link(entry, guid, base),
        title=markup.one_line(get("title") or ""),
        summary=summary,
        content=content,
        published_raw=get("published") or get("created") or get("updated"),
        updated_raw=get("updated"),
        author=markup.one_line(get("author") or ""),
        categories=tuple(_terms(entry)),
        language=_text((dict.get(entry, "title_detail") or {}).get("language")),
    )


def _link(entry: Any, guid: str | None, base: str) -> str | None:
    candidates = [dict.get(entry, "feedburner_origlink"), dict.get(entry, "link")]
    candidates += [link.get("href") for link in dict.get(entry, "links") or () if link.get("rel") == "alternate"]
    if guid and guid.lower().startswith(("http://", "https://")):
        candidates.append(guid)
    for candidate in candidates:
        url = absolute(candidate, base)
        if url:
            return url
    return None


def absolute(link: object, base: str) -> str | None:
    """Return ``link`` as a canonical address, resolved against ``base``; None if it is not one of the web."""
    if not isinstance(link, str) or not link.strip():
        return None
    link = link.strip()
    try:
        return urls.canonicalise(link if link.startswith(("http://", "https://")) else urljoin(base, link))
    except ValueError:
        return None


def _terms(entry: Any) -> Iterator[str]:
    for tag in dict.get(entry, "tags") or ():
        term = markup.one_line(str(tag.get("label") or tag.get("term") or ""))
        if term:
            yield term[:100]


def _ttl(feed: Any) -> int | None:
    """Return how long the publisher asks to wait between polls, in seconds (RSS ttl, syndication module)."""
    ttl = _text(feed.get("ttl"))
    if ttl and ttl.strip().isdigit() and len(ttl) < 8:
        return int(ttl) * 60
    period = {"hourly": 3600, "daily": 86_400, "weekly": 604_800}.get(
        (_text(feed.get("sy_updateperiod")) or "").strip()
    )
    often = (_text(feed.get("sy_updatefrequency")) or "1").strip()
    return period // max(1, int(often)) if period and often.isdigit() and len(often) < 5 else None


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) and value.strip() else None


def _json(text: str) -> Any:
    """Read JSON, with line breaks in strings and commas too many if need be."""
    for attempt in (str, lambda text: COMMA.sub("", text)):
        try:
            return json.loads(attempt(text), strict=False)
        except (ValueError, RecursionError) as error:
            failure = error
    raise NotAFeedError(f"JSON that cannot be read: {failure}") from failure


def _json_feed(text: str, url: str, limit: int, start: int) -> Document:
    feed = _json(text)
    items = feed.get("items") if isinstance(feed, dict) else None
    items = list(items.values()) if isinstance(items, dict) else items  # a list of PHP with a gap in it
    if not isinstance(items, list):
        raise NotAFeedError("JSON, but no JSON Feed: it has no list of items")
    chosen = (
        items if len(items) <= limit else items[: limit // 2] + items[max(start, limit // 2) :][: limit - limit // 2]
    )
    entries, bad = _each(chosen, lambda item: _from_json(item, feed, url))
    return Document(
        kind="json",
        title=markup.one_line(_text(feed.get("title")) or ""),
        language=_text(feed.get("language")),
        entries=entries,
        total=len(items),
        bad=bad,
    )


def _from_json(item: dict[str, Any], feed: dict[str, Any], url: str) -> RawEntry:
    base = absolute(feed.get("home_page_url"), url) or url
    body = _text(item.get("content_text")) or markup.plain(_text(item.get("content_html")) or "")
    summary = markup.plain(_text(item.get("summary")) or "")
    authors = [author for author in _list(item.get("authors") or item.get("author")) if isinstance(author, dict)]
    guid = item.get("id")
    return RawEntry(
        guid=str(guid) if isinstance(guid, str | int | float) and str(guid) else None,
        url=absolute(item.get("url"), base)
        or absolute(item.get("external_url"), base)
        or absolute(guid, "about:blank"),
        title=markup.one_line(_text(item.get("title")) or ""),
        summary=summary or markup.plain(body),
        content=max(markup.plain(body), summary, key=len),
        published_raw=_text(item.get("date_published")) or _text(item.get("date_modified")),
        updated_raw=_text(item.get("date_modified")),
        author=markup.one_line(_text(authors[0].get("name")) or "") if authors else "",
        categories=tuple(markup.one_line(tag)[:100] for tag in _list(item.get("tags")) if isinstance(tag, str)),
        language=_text(item.get("language")),
    )


def _list(value: object) -> list[Any]:
    """Return a list where one is due, also if its only item was given without it."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _sitemap(text: str, url: str, limit: int, start: int) -> Document:
    """Read a sitemap that carries news: entries are pages, with a title and a date of publication."""
    _check_depth(text)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    text = _mended(re.sub(r"^<\?xml[^>]*\?>", "", text))
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None or _name(root) == "sitemapindex":
        raise NotAFeedError("a sitemap index: list the news sitemap itself")
    pages = [page for page in root.iter() if _name(page) == "url" and _child(page, "news") is not None]
    if not pages:
        raise NotAFeedError("a sitemap without news")
    half = limit // 2
    chosen = pages if len(pages) <= limit else pages[:half] + pages[max(start, half) :][: limit - half]
    entries, bad = _each(chosen, lambda page: _from_sitemap(page, url))
    return Document(kind="sitemap", entries=entries, total=len(pages), bad=bad)


def _from_sitemap(page: Any, base: str) -> RawEntry:
    def get(*path: str) -> str | None:
        found = page
        for name in path:
            found = None if found is None else _child(found, name)
        return None if found is None else _text(found.xpath("string()"))

    location = absolute(get("loc"), base)
    if location is None:
        raise ValueError("no address")
    keywords = (get("news", "keywords") or "").split(",")
    return RawEntry(
        guid=location,
        url=location,
        title=markup.one_line(get("news", "title") or ""),
        published_raw=get("news", "publication_date") or get("lastmod"),
        updated_raw=get("lastmod"),
        categories=tuple(markup.one_line(word)[:100] for word in keywords if word.strip()),
        language=get("news", "publication", "language"),
    )


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if _name(child) == name), None)


def _name(element: Any) -> str:
    """Return an element's name without its namespace: sitemaps spell that in many ways, or do not declare it."""
    return re.split("[}:]", element.tag)[-1] if isinstance(element.tag, str) else ""
