"""JSON Feed 1.x, which feedparser does not know."""

import json
import re
from typing import Any

from flows.sources.parsing import markup
from flows.sources.parsing.entries import Document, NotAFeedError, RawEntry, absolute, each, text_of, window

COMMA = re.compile(r",(?=\s*[\]}])")
"""A trailing comma, which JSON does not allow."""


def read(text: str, url: str, limit: int, start: int) -> Document:
    """Parse a JSON Feed fetched from ``url``; NotAFeedError if it is not one."""
    feed = _loads(text)
    items = feed.get("items") if isinstance(feed, dict) else None
    items = list(items.values()) if isinstance(items, dict) else items  # a PHP array with a gap in it
    if not isinstance(items, list):
        raise NotAFeedError("JSON, but no JSON Feed: it has no list of items")
    entries, bad = each(window(items, limit, start), lambda item: _entry(item, feed, url))
    hubs = [hub for hub in _list(feed.get("hubs")) if isinstance(hub, dict) and hub.get("type") == "WebSub"]
    return Document(
        kind="json",
        hub=text_of(hubs[0].get("url")) if hubs else None,
        topic=text_of(feed.get("feed_url")),
        title=markup.one_line(text_of(feed.get("title")) or ""),
        language=text_of(feed.get("language")),
        entries=entries,
        total=len(items),
        bad=bad,
    )


def _loads(text: str) -> Any:
    """Parse JSON, tolerating line breaks in strings and trailing commas."""
    for attempt in (str, lambda text: COMMA.sub("", text)):
        try:
            return json.loads(attempt(text), strict=False)
        except (ValueError, RecursionError) as error:
            failure = error
    raise NotAFeedError(f"JSON that cannot be read: {failure}") from failure


def _entry(item: dict[str, Any], feed: dict[str, Any], url: str) -> RawEntry:
    base = absolute(feed.get("home_page_url"), url) or url
    bodies = [markup.plain(text_of(item.get(name)) or "") for name in ("content_text", "content_html")]
    body = max(bodies, key=len)
    summary = markup.plain(text_of(item.get("summary")) or "")
    authors = [author for author in _list(item.get("authors") or item.get("author")) if isinstance(author, dict)]
    guid = item.get("id")
    return RawEntry(
        guid=str(guid) if isinstance(guid, str | int | float) and str(guid) else None,
        url=absolute(item.get("url"), base)
        or absolute(item.get("external_url"), base)
        or absolute(guid, "about:blank"),
        title=markup.one_line(text_of(item.get("title")) or ""),
        summary=summary or body,
        content=max(body, summary, key=len),
        published_raw=text_of(item.get("date_published")) or text_of(item.get("date_modified")),
        updated_raw=text_of(item.get("date_modified")),
        other_dates=tuple(filter(None, [text_of(item.get("date_modified"))])),
        author=markup.one_line(text_of(authors[0].get("name")) or "") if authors else "",
        categories=tuple(markup.one_line(tag)[:100] for tag in _list(item.get("tags")) if isinstance(tag, str)),
        language=text_of(item.get("language")),
    )


def _list(value: object) -> list[Any]:
    """Return a list where one is expected, even if its only item was given without it."""
    return value if isinstance(value, list) else [] if value is None else [value]
