"""The plain majority of feeds, read quickly: well-formed RSS 2.0 and Atom 1.0 that use nothing unusual.

feedparser understands everything and takes its time. Whatever is not certainly plain (a document type, xml:base, inline
markup, an element given twice, …) is declined here and left to it. What is read has feedparser's keys and values: the
tests compare the two on every fixture.
"""

import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
FEEDBURNER = "{http://rssnamespace.org/feedburner/ext/1.0}"
SYNDICATION = "{http://purl.org/rss/1.0/modules/syndication/}"
ITEM = {
    "title": "title", "link": "link", "guid": "id", "pubDate": "published", "description": "summary",
    "author": "author", f"{DC}creator": "author", f"{DC}date": "updated",
    f"{FEEDBURNER}origLink": "feedburner_origlink",
}  # fmt: skip
CHANNEL = {
    "title": "title", "link": "link", "language": "language", "ttl": "ttl",
    f"{SYNDICATION}updatePeriod": "sy_updateperiod", f"{SYNDICATION}updateFrequency": "sy_updatefrequency",
}  # fmt: skip
ENTRY = {f"{ATOM}title": "title", f"{ATOM}id": "id", f"{ATOM}published": "published", f"{ATOM}updated": "updated"}
UNUSED = frozenset({"category", "comments", "enclosure", "source", f"{CONTENT}encoded"})
IGNORED = (
    "{http://search.yahoo.com/mrss/}content",
    "{http://search.yahoo.com/mrss/}thumbnail",
    "{http://search.yahoo.com/mrss/}credit",
    "{http://wellformedweb.org/CommentAPI/}",
    "{http://purl.org/rss/1.0/modules/slash/}",
    "{com-wordpress:feed-additions:1}",
)
Children = dict[Any, list[Any]]
"""The children of an element by tag; a comment's tag is no string."""
TEXT_TYPES = frozenset({"", "text", "html", "text/html", "text/plain"})


UNUSUAL = re.compile(r"xml:base|<!DOCTYPE|<!ENTITY|[\x80-\x9f]|&#(?:1[2-5]\d|x[89][0-9a-f]);", re.IGNORECASE)
"""Also control characters that mean letters of windows-1252, which feedparser translates."""


class NotPlainError(ValueError):
    """The document uses something that feedparser must judge."""


def parse(text: str) -> dict[str, Any] | None:
    """Return feedparser's ``version``, ``feed`` and ``entries`` of a plain document, or None."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, encoding="utf-8")
    if UNUSUAL.search(text):
        return None
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
        parsed = _rss(root) if root.tag == "rss" and root.get("version", "").startswith("2.") else _atom(root)
    except (etree.XMLSyntaxError, NotPlainError, UnicodeEncodeError):
        return None
    return parsed if parsed["entries"] else None


def _rss(root: Any) -> dict[str, Any]:
    channels = root.findall("channel")
    if len(channels) != 1 or len(root) != 1:
        raise NotPlainError("channels")
    children = _by_tag(channels[0])
    entries = [_item(_by_tag(item)) for item in children.get("item", ())]
    return {"version": "rss20", "feed": _fields(children, CHANNEL), "entries": entries}


def _item(children: Children) -> dict[str, Any]:
    entry = _fields(children, ITEM)
    strange = [tag for tag in children if not _is_usual(tag)]
    if strange or not {"title", "summary"} & set(entry):
        raise NotPlainError(f"{strange[:1] or 'neither title nor description'}")
    bodies = _values(children, f"{CONTENT}encoded")
    entry["content"] = [{"value": body} for body in bodies]
    entry["summary"] = entry.get("summary") or next(iter(bodies), None)
    entry["tags"] = [{"term": term} for term in _values(children, "category")]
    if "link" not in entry and "guid" in children and children["guid"][0].get("isPermaLink", "true") != "false":
        entry["link"] = entry.get("id")
    return entry


def _is_usual(tag: object) -> bool:
    """Say whether an element of an item is one we read, or one that says nothing of its text, link or date."""
    return isinstance(tag, str) and (tag in ITEM or tag in UNUSED or tag.startswith(IGNORED))


def _atom(root: Any) -> dict[str, Any]:
    if root.tag != f"{ATOM}feed":
        raise NotPlainError(root.tag)
    children = _by_tag(root)
    feed = _fields(children, {f"{ATOM}title": "title"})
    feed["link"] = _atom_link(children)
    feed["language"] = root.get("{http://www.w3.org/XML/1998/namespace}lang")
    entries = [_entry(_by_tag(entry)) for entry in children.get(f"{ATOM}entry", ())]
    return {"version": "atom10", "feed": feed, "entries": entries}


def _entry(children: Children) -> dict[str, Any]:
    if f"{ATOM}source" in children:
        raise NotPlainError("an entry of another feed")
    entry = _fields(children, ENTRY)
    summaries, bodies = _values(children, f"{ATOM}summary"), _values(children, f"{ATOM}content")
    if len(summaries) > 1 or len(bodies) > 1:
        raise NotPlainError("more than one text")
    entry["summary"] = (summaries or bodies or [None])[0]
    entry["content"] = [{"value": body} for body in bodies]
    entry["link"] = _atom_link(children)
    entry["tags"] = [dict(child.attrib) for child in children.get(f"{ATOM}category", ())]
    names = [_value(name) for author in children.get(f"{ATOM}author", ()) for name in author.findall(f"{ATOM}name")]
    entry["author"] = names[0] if names else None
    return entry


def _atom_link(children: Children) -> str | None:
    links = [link for link in children.get(f"{ATOM}link", ()) if link.get("rel", "alternate") == "alternate"]
    if len(links) > 1:
        raise NotPlainError("more than one link")
    return links[0].get("href") if links else None


def _by_tag(element: Any) -> Children:
    children: Children = {}
    for child in element:
        children.setdefault(child.tag, []).append(child)
    return children


def _fields(children: Children, names: dict[str, str]) -> dict[str, Any]:
    """Return the values of ``children`` by feedparser's names; each may be given once."""
    fields: dict[str, Any] = {}
    for tag, elements in children.items():
        name = names.get(tag)
        if name is None:
            continue
        if name in fields or len(elements) > 1:
            raise NotPlainError(f"more than one {name}")
        fields[name] = _value(elements[0])
    return fields


def _values(children: Children, tag: str) -> list[str | None]:
    return [_value(child) for child in children.get(tag, ())]


def _value(element: Any) -> str | None:
    """Return the text of an element that holds nothing but text."""
    if len(element) or element.get("type", "") not in TEXT_TYPES or element.get("src") or element.get("mode"):
        raise NotPlainError("inline markup or another type")
    value = (element.text or "").strip()
    return value or None
