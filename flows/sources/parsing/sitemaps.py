"""News sitemaps: entries are pages, with a title and a date of publication."""

import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from flows.sources.parsing import markup, repair
from flows.sources.parsing.entries import Document, NotAFeedError, RawEntry, absolute, each, text_of, window


def read(text: str, url: str, limit: int, start: int) -> Document:
    """Parse a sitemap fetched from ``url``; NotAFeedError if it contains no news."""
    repair.check_depth(text)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    text = repair.references(re.sub(r"^<\?xml[^>]*\?>", "", text))
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None or _name(root) == "sitemapindex":
        raise NotAFeedError("a sitemap index: list the news sitemap itself")
    pages = [page for page in root.iter() if _name(page) == "url" and _child(page, "news") is not None]
    if not pages:
        raise NotAFeedError("a sitemap without news")
    entries, bad = each(window(pages, limit, start), lambda page: _entry(page, url))
    return Document(kind="sitemap", entries=entries, total=len(pages), bad=bad)


def _entry(page: Any, base: str) -> RawEntry:
    def get(*path: str) -> str | None:
        found = page
        for name in path:
            found = None if found is None else _child(found, name)
        return None if found is None else text_of(found.xpath("string()"))

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
        other_dates=tuple(filter(None, [get("lastmod")])),
        categories=tuple(markup.one_line(word)[:100] for word in keywords if word.strip()),
        language=get("news", "publication", "language"),
    )


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if _name(child) == name), None)


def _name(element: Any) -> str:
    """Return an element's name in lower case without its namespace, which sitemaps write in many ways."""
    return re.split("[}:]", element.tag)[-1].lower() if isinstance(element.tag, str) else ""
