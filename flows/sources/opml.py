"""Import and export of feed lists as OPML 2.0, the exchange format of feed readers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from lxml import etree  # type: ignore[import-untyped]

from flows.sources import feedlist, urls
from flows.sources.feed_records import FeedSpec, SourceError
from flows.sources.parsing import markup

LARGEST = 5 * 1024 * 1024
OWN = ("id", "country", "ownership", "genre", "kind", "seen_at", "tier", "bounds")
"""Columns without an attribute in OPML; written as attributes of the same names, as the format allows."""


def export_opml(feeds: Iterable[FeedSpec], *, title: str = "Brinkwatch feeds") -> str:
    """Return the list as one OPML document, grouped by kind."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for kind, group in groupby(sorted(feeds, key=lambda feed: feed.kind), key=lambda feed: feed.kind):
        folder = etree.SubElement(body, "outline", text=kind or "other")
        for feed in group:
            own = {name: getattr(feed, name) for name in OWN if getattr(feed, name)}
            address = urls.without_password(feed.url)
            attributes = {"type": "rss", "text": feed.outlet, "xmlUrl": address, "language": feed.language}
            etree.SubElement(folder, "outline", attributes | own)
    document: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return document.decode("utf-8")


def import_opml(content: bytes, *, where: str = "OPML") -> list[FeedSpec]:
    """Return the feeds that an OPML document lists, each address once; missing values get the list's defaults.

    SourceError if the document is not OPML, or lists nothing that can be fetched.
    """
    if len(content) > LARGEST:
        raise SourceError(where, f"is larger than {LARGEST >> 20} MB")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(content, parser) if content.strip() else None
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise SourceError(where, "is not an OPML document")
    feeds = list(_feeds(root))
    if not feeds:
        raise SourceError(where, "lists no feed")
    return feeds


def merge(listed: Sequence[FeedSpec], found: Iterable[FeedSpec]) -> list[FeedSpec]:
    """Return those of ``found`` whose address is not listed, under unused ids."""
    taken = {feed.id for feed in listed}
    new: list[FeedSpec] = []
    for feed in found:
        if feedlist.listed_as(listed, feed.url) is None:
            new.append(replace(feed, id=unique(feed.id, taken)))
            taken.add(new[-1].id)
    return new


def _feeds(root: etree._Element) -> Iterator[FeedSpec]:
    addresses: set[str] = set()
    names: set[str] = set()
    for outline in root.iter("outline"):
        attributes = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
        url = urls.canonicalise(attributes.get("xmlurl", ""))
        if url is None or urls.identity(url) in addresses:
            continue
        feed = _feed(attributes, attributes["xmlurl"], names)
        addresses.add(urls.identity(url) or url)
        names.add(feed.id)
        yield feed


def _feed(attributes: dict[str, str], url: str, taken: set[str]) -> FeedSpec:
    outlet = markup.one_line(attributes.get("text") or attributes.get("title") or "") or urls.host_of(url)
    own = {name: attributes[name] for name in OWN if attributes.get(name)}
    name = own.pop("id", "") or slug(outlet)
    feed = FeedSpec(
        id=unique(name, taken), outlet=outlet, url=url, language=attributes.get("language", "en")[:2], **own
    )
    problem = feedlist.problem_of(feed)
    # another program may have used attributes of the same names for something else
    return feed if problem is None else FeedSpec(id=unique(slug(outlet), taken), outlet=outlet, url=url)


def slug(text: str) -> str:
    """Return ``text`` as an id: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:50] or "feed"


def unique(name: str, taken: set[str]) -> str:
    """Return ``name``, numbered if it is taken."""
    return next(
        candidate for n in range(1, len(taken) + 2) if (candidate := name if n == 1 else f"{name}-{n}") not in taken
    )
