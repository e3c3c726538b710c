"""Fast parsing of most feeds: RSS and Atom 1.0 with flat entries (``trees``) and names that are known here.

feedparser understands everything but is slow. Documents with anything unknown are left to it. The result has
feedparser's keys and values; the tests compare the two on every fixture.
"""

from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from flows.sources.parsing.trees import ATOM, CONTENT, DC, MEDIA, READ, XML, entries_of, is_alternate, local

FEEDBURNER = "{http://rssnamespace.org/feedburner/ext/1.0}"
SYNDICATION = "{http://purl.org/rss/1.0/modules/syndication/}"
ITEM = {
    "title": "title", "link": "link", "guid": "id", "pubDate": "published", "description": "summary",
    "author": "author", f"{DC}creator": "author", f"{DC}date": "updated", f"{ATOM}updated": "updated",
    f"{FEEDBURNER}origLink": "feedburner_origlink",
}  # fmt: skip
CHANNEL = {
    "title": "title", "link": "link", "language": "language", "ttl": "ttl",
    f"{SYNDICATION}updatePeriod": "sy_updateperiod", f"{SYNDICATION}updateFrequency": "sy_updatefrequency",
}  # fmt: skip
ENTRY = {
    f"{ATOM}title": "title", f"{ATOM}id": "id", f"{ATOM}published": "published", f"{ATOM}updated": "updated",
    f"{FEEDBURNER}origLink": "feedburner_origlink",
}  # fmt: skip
USED = {
    "item": frozenset({*ITEM, "category", "source", f"{CONTENT}encoded"}),
    "entry": frozenset({
        *ENTRY, f"{DC}date", f"{DC}description", f"{DC}creator",
        *(f"{ATOM}{name}" for name in ("summary", "content", "link", "category", "author")),
    }),
}  # fmt: skip
"""Elements of an entry that are parsed here."""
UNUSED = frozenset({"comments", "enclosure", *(f"{ATOM}{name}" for name in ("contributor", "rights"))})
IGNORED = (
    MEDIA,
    f"{ATOM}link",
    "{http://wellformedweb.org/CommentAPI/}",
    "{http://purl.org/rss/1.0/modules/slash/}",
    "{http://purl.org/syndication/thread/1.0}",
)
"""Elements without text, link or date of an entry; ``trees`` has already used those of Media RSS."""
Children = dict[Any, list[Any]]
"""The children of an element, by tag; a comment's tag is not a string."""
TEXT_TYPES = frozenset({"", "text", "html", "xhtml", "text/html", "text/plain"})


DATES = frozenset({"published", "updated"})


class NotPlainError(ValueError):
    """The document contains something that is left to feedparser."""


def read(root: Any) -> dict[str, Any] | None:
    """Return ``version``, ``feed`` and ``entries`` of a document's tree as feedparser would, or None."""
    try:
        return _rss(root) if root.tag == "rss" else _atom(root)
    except NotPlainError:
        return None


def _rss(root: Any) -> dict[str, Any]:
    version = root.get("version", "")
    channels = root.findall("channel")
    if not version.startswith(("2", "0.9")) or len(channels) != 1:
        raise NotPlainError("channels")
    children = _by_tag(channels[0])
    found = list(entries_of(root))
    if {item.tag for item in found} - {"item"}:
        raise NotPlainError("entries of another kind")
    entries = [_item(_by_tag(item)) for item in found]
    feed = _fields(children, CHANNEL) | {"links": _links(children)}
    return {"version": "rss20" if version[0] == "2" else "rss", "feed": feed, "entries": entries}


def _item(children: Children) -> dict[str, Any]:
    _check(children, USED["item"])
    entry = _fields(children, ITEM)
    bodies = _values(children, f"{CONTENT}encoded")
    entry["content"] = [{"value": body} for body in bodies]
    entry["summary"] = entry.get("summary") or next(iter(bodies), None)
    if not {"title", "summary"} & {name for name, value in entry.items() if value}:
        raise NotPlainError("neither title nor text")
    entry["tags"] = [{"term": term} for term in _values(children, "category")]
    entry["links"] = _links(children)
    entry["source"] = _source(children.get("source", ()))
    return entry


def _source(elements: Any) -> dict[str, Any]:
    """Return title and address of the outlet that an item names, as feedparser does."""
    return {"title": elements[0].text, "href": elements[0].get("url")} if elements else {}


def _check(children: Children, used: frozenset[str]) -> None:
    """Raise NotPlainError for elements that feedparser may use and this module does not know."""
    for tag in children:
        if tag in used or tag in UNUSED or (isinstance(tag, str) and tag.startswith(IGNORED)):
            continue
        namespace = tag[1:].partition("}")[0] if isinstance(tag, str) and tag[0] == "{" else ""
        if not isinstance(tag, str) or namespace in READ:
            raise NotPlainError(f"{tag}")


def _atom(root: Any) -> dict[str, Any]:
    if root.tag != f"{ATOM}feed":
        raise NotPlainError(root.tag)
    children = _by_tag(root)
    feed = _fields(children, {f"{ATOM}title": "title"})
    feed["link"], feed["links"] = _atom_link(children), _links(children)
    feed["language"] = root.get(f"{XML}lang")
    found = list(entries_of(root))
    if {entry.tag for entry in found} - {f"{ATOM}entry"}:
        raise NotPlainError("entries of another kind")
    entries = [_entry(_by_tag(entry)) for entry in found]
    return {"version": "atom10", "feed": feed, "entries": entries}


def _entry(children: Children) -> dict[str, Any]:
    _check(children, USED["entry"])
    entry = _fields(children, ENTRY)
    summaries, bodies = _values(children, f"{ATOM}summary"), _values(children, f"{ATOM}content")
    if len(summaries) > 1 or len(bodies) > 1:
        raise NotPlainError("more than one text")
    others = _values(children, f"{DC}description")
    entry["summary"] = (summaries or bodies or others or [None])[0]
    entry["content"] = [{"value": body} for body in (*bodies, *others)]
    dates = [date for date in _values(children, f"{DC}date") if date]
    entry["updated"] = entry.get("updated") or next(iter(dates), None)
    entry["other_dates"] = [*entry.get("other_dates", ()), *dates]
    entry["link"] = _atom_link(children)
    entry["tags"] = [dict(child.attrib) for child in children.get(f"{ATOM}category", ())]
    authors = children.get(f"{ATOM}author", ())
    names = [_value(each) for tag in ("name", "email") for author in authors for each in author.findall(f"{ATOM}{tag}")]
    entry["author"] = next(filter(None, [*names, *_values(children, f"{DC}creator")]), None)
    return entry


def _atom_link(children: Children) -> str | None:
    links = [link for link in children.get(f"{ATOM}link", ()) if is_alternate(link.get("rel"))]
    if len(links) > 1:
        raise NotPlainError("more than one link")
    return (links[0].get("href") or (links[0].text or "").strip() or None) if links else None


def _links(children: Children) -> list[dict[str, str]]:
    return [dict(link.attrib) for link in children.get(f"{ATOM}link", ())]


def _by_tag(element: Any) -> Children:
    children: Children = {}
    for child in element:
        if local(child):
            children.setdefault(child.tag, []).append(child)
        elif child.tag is etree.Entity:
            raise NotPlainError("an entity")
    return children


def _fields(children: Children, names: dict[str, str]) -> dict[str, Any]:
    """Return the values of ``children`` by feedparser's names; each but dates may occur only once."""
    fields: dict[str, Any] = {}
    for tag, elements in children.items():
        name = names.get(tag)
        if name is None:
            continue
        if name in DATES:
            values = [value for value in map(_value, elements) if value]
            fields[name] = values[-1] if values else fields.get(name)
            fields.setdefault("other_dates", []).extend(values)
            continue
        if name in fields or len(elements) > 1:
            raise NotPlainError(f"more than one {name}")
        fields[name] = _value(elements[0])
    return fields


def _values(children: Children, tag: str) -> list[str | None]:
    return [_value(child) for child in children.get(tag, ())]


def _value(element: Any) -> str | None:
    """Return the text of an element that contains only text."""
    if len(element) or element.get("type", "") not in TEXT_TYPES or element.get("src") or element.get("mode"):
        raise NotPlainError("inline markup or another type")
    value = (element.text or "").strip()
    return value or None
