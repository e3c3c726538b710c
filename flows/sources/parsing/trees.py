"""Parses a document into a tree in which every entry is flat: its own fields, and nothing of another story.

Real feeds put elements of other stories inside an entry: related articles, attachments, authors with a page of their
own. A parser that looks at names only takes their link, date or text for the entry's. So only direct children of an
entry count: text with markup in it becomes text, containers keep the few children that are known, and every other
container is dropped.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urljoin

from lxml import etree  # type: ignore[import-untyped]

from flows.sources.parsing import markup, repair

ATOM = "{http://www.w3.org/2005/Atom}"
ATOM_03 = "{http://purl.org/atom/ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
TERMS = "{http://purl.org/dc/terms/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
ITUNES = "{http://www.itunes.com/DTDs/PodCast-1.0.dtd}"
XHTML = "{http://www.w3.org/1999/xhtml}"
XML = "{http://www.w3.org/XML/1998/namespace}"
BASE = f"{XML}base"
PLAIN = frozenset({
    "", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/", "http://backend.userland.com/rss",
    "http://backend.userland.com/rss2", "http://blogs.law.harvard.edu/tech/rss", "http://channel.netscape.com/rdf/simple/0.9/",
})  # fmt: skip
"""Namespaces of RSS."""
VOCABULARIES = PLAIN | {ATOM[1:-1], ATOM_03[1:-1]}
READ = VOCABULARIES | {name[1:-1] for name in (DC, TERMS, CONTENT, ITUNES, XHTML)}
"""Namespaces whose elements may contain an entry's text, link or date."""
TITLED = READ | {MEDIA[1:-1]}
"""Namespaces whose titles are known."""
ENTRIES = ("item", "entry")
FEEDS = frozenset({"rss", "rdf", "feed", "channel"})
NO_STORIES = FEEDS | {"image", "textinput", "source", "author"}
OWN_TEXTS = frozenset({"description", "summary", "content", "encoded", "body", "fullitem", "abstract"})
"""Elements in these namespaces that are read as the text of an entry."""
OTHER_TEXTS = frozenset({"description", "summary", "subtitle", "div"})
"""Elements in any namespace whose text is that of an entry without one of its own."""
WHOLE_TEXTS = frozenset({"fulltext", "full-text"})
TEXTS = frozenset({
    "title", "description", "summary", "content", "encoded", "body", "div", "subtitle", "tagline", "abstract", "info",
    "rights", "copyright", "fullitem", "fulltext", "full-text",
})  # fmt: skip
OLDER = {
    f"{TERMS}{new}": f"{DC}{old}"
    for new, old in (("abstract", "description"), ("description", "description"), ("date", "date"))
}
"""Older names of elements in Dublin Core."""
KEPT = {
    "author": frozenset({"name", "email", "uri", "url"}),
    "contributor": frozenset({"name", "email", "uri", "url"}),
    "source": frozenset({"title", "id", "link", "updated", "subtitle"}),
    "group": frozenset({"title", "description", "text"}),
    "content": frozenset({"title", "description", "text"}),
    "date": frozenset(),
}
"""Containers in an entry, and those of their children that belong to it."""
DOCTYPE = re.compile("<!DOCTYPE", re.IGNORECASE)
HEAD = 4_000
TEXTUAL = re.compile(r"text/|.*(?:xml|html)|[^/]*$", re.IGNORECASE)
"""Content types that are text; any other is given in base64 (RFC 4287, 4.1.3.3)."""

BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
PICTURES = re.compile(r"(?:image|audio|video|font)/", re.IGNORECASE)


def parse(text: str) -> Any | None:
    """Return the root of a document that is well-formed or can be made so; None for any other."""
    if DOCTYPE.search(text[:HEAD]):
        text = repair.well_formed(text)  # a document type may refer to entities that are never fetched
    root = _strictly(text)
    if root is None:
        repaired = repair.well_formed(text)
        root = _strictly(repaired) if repaired != text else None
    if root is None:
        return None
    _common_names(root)
    _resolve(root)
    for entry in entries_of(root):
        flatten(entry)
    return root


def written(root: Any) -> str:
    """Return a tree as the text of a document."""
    return str(etree.tostring(root.getroottree(), encoding="unicode"))


def _strictly(text: str) -> Any | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, encoding="utf-8")
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError, ValueError):
        return None


def entries_of(root: Any) -> Iterator[Any]:
    """Return the entries of a document, but none nested in another."""
    found = list(root.iter(*(f"{{*}}{name}" for name in ENTRIES)))
    last = None
    for entry in found or [element for element in root.iter() if local(element) in ENTRIES]:
        if last is None or last not in entry.iterancestors():
            last = entry
            yield entry


def is_alternate(relation: str | None) -> bool:
    """Return whether a link leads to the entry itself; RFC 4287 allows addresses as relations."""
    return (relation or "alternate").lower().rpartition("/")[2] == "alternate"


def local(element: Any) -> str:
    """Return an element's name without its namespace, in lower case; empty for a comment."""
    tag = element.tag
    return _without_namespace(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _namespace(element: Any) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag[0] == "{" else ""


def _common_names(root: Any) -> None:
    """Give elements of Dublin Core their older name, and those of RSS and Atom theirs if something hides it."""
    for element in root.iter(*OLDER):
        element.tag = OLDER[element.tag]
    if next(entries_of(root), None) is None and local(root) in FEEDS:
        _call_stories_entries(root)
    strange = _strange_namespace(root)
    if strange is None:
        return
    own = ATOM if local(root) in {"feed", "entry"} else ""
    for element in root.iter(f"{{{strange}}}*"):
        element.tag = own + element.tag.rpartition("}")[2]
        for name, value in element.attrib.items():
            if name.startswith(f"{{{strange}}}"):
                del element.attrib[name]
                element.set(name.rpartition("}")[2], value)


def _call_stories_entries(root: Any) -> None:
    """Rename the stories of a feed that calls them something else: whatever has a title and an address."""
    own = f"{ATOM}entry" if root.tag.startswith(ATOM) else "item"
    for element in list(root.iter()):
        names = {local(child) for child in element}
        if "title" in names and names & {"link", "url", "guid", "id"} and local(element) not in NO_STORIES:
            element.tag = own


def _strange_namespace(root: Any) -> str | None:
    """Return the custom namespace of all entries, or else of the titles of all entries; None if there is none."""
    entry = next(entries_of(root), None)
    if entry is None or _namespace(entry) not in VOCABULARIES:
        return None if entry is None else _namespace(entry)
    if any(_namespace(title) in TITLED for title in _titles(entry)):
        return None
    found = [_namespace(title) for each in entries_of(root) for title in _titles(each)]
    return None if not found or TITLED.intersection(found) else found[0]


def _titles(entry: Any) -> list[Any]:
    return [child for child in entry if local(child) == "title"]


def _resolve(root: Any) -> None:
    """Resolve Atom links against xml:base and remove that, so that no parser resolves an id against it."""
    based = root.xpath("//*[@xml:base]")
    if not based:
        return
    for link in root.iter(f"{ATOM}link", f"{ATOM_03}link", "link"):
        attribute = link.get("href")
        address = attribute if attribute is not None else link.text
        if address and address.strip():
            resolved = _against([link, *link.iterancestors()], address.strip())
            if attribute is None:
                link.text = resolved
            else:
                link.set("href", resolved)
    for element in based:
        del element.attrib[BASE]


def _against(chain: list[Any], address: str) -> str:
    for element in chain:
        base = element.get(BASE)
        if base:
            try:
                address = urljoin(base, address)
            except ValueError:
                return address
    return address


def flatten(entry: Any) -> None:
    """Reduce an entry to its fields as text, and to known containers with their known children."""
    described = media = False
    others: list[Any] = []
    for child in list(entry):
        name = local(child)
        if not name:
            continue
        _reduce(entry, child, name)
        if child.tag.startswith(MEDIA):
            media = True
        elif name in OWN_TEXTS and _namespace(child) in READ:
            described = described or bool((child.text or "").strip())
        elif name in OTHER_TEXTS:
            others.append(child)
    if media:
        others = [*_captions(entry), *others]
        _entitle(entry)
    if others and not described:
        _describe(entry, others)


def _reduce(entry: Any, child: Any, name: str) -> None:
    """Turn a field with markup in it into text, keep of a known container what belongs to the entry, drop others."""
    if name in WHOLE_TEXTS:
        child.tag = f"{CONTENT}encoded"
    if name == "content" or child.get("mode") or child.get("encoding"):
        _decode(child)
    if not len(child) or name in ENTRIES or not any(map(local, child)):
        if name == "link":
            _address_as_text(child)
    elif name in TEXTS and not child.tag.startswith(MEDIA):
        _as_text(child)
    elif name in KEPT:
        _prune(child, KEPT[name])
    else:
        if name == "categories":
            _lift(entry, child, "category")
        _remove(entry, child)


def _address_as_text(link: Any) -> None:
    """Give a link of RSS the form that RSS prescribes, if its address is an attribute as in Atom."""
    if not link.tag.startswith((ATOM, ATOM_03)) and is_alternate(link.get("rel")):
        link.text = (link.text or "").strip() or link.get("href") or link.get("url")


def _describe(entry: Any, others: list[Any]) -> None:
    """Use the first of other texts as that of an entry, as in feeds of videos."""
    text = next((other.text for other in others if (other.text or "").strip()), None)
    if text is not None:
        ours = etree.SubElement(entry, f"{_prefix(entry)}{'summary' if _prefix(entry) else 'description'}")
        ours.text = text
        if _prefix(entry):
            ours.set("type", "html")


def _captions(entry: Any) -> list[Any]:
    """Return the texts in Media RSS, which may describe an entry."""
    holders = (entry, *_groups(entry))
    return [text for name in ("description", "text") for holder in holders for text in holder.findall(f"{MEDIA}{name}")]


def _groups(entry: Any) -> list[Any]:
    return [*entry.findall(f"{MEDIA}group"), *entry.findall(f"{MEDIA}content")]


def _entitle(entry: Any) -> None:
    """Use a title in a group of Media RSS as that of an entry without one, and remove the groups."""
    named = any(local(child) == "title" and not child.tag.startswith(MEDIA) for child in entry if local(child))
    for group in _groups(entry):
        title = None if named else group.find(f"{MEDIA}title")
        if title is not None and title.text:
            etree.SubElement(entry, f"{_prefix(entry)}title").text = title.text
            named = True
        _remove(entry, group)


def _prefix(entry: Any) -> str:
    namespace = _namespace(entry)
    return f"{{{namespace}}}" if namespace else ""


def _remove(parent: Any, child: Any) -> None:
    child.tail = None
    parent.remove(child)


def _lift(entry: Any, container: Any, name: str) -> None:
    """Move the children with a ``name`` from a container into the entry, if they hold only text."""
    entry.extend([child for child in container if local(child) == name and not len(child)])


def _prune(container: Any, kept: frozenset[str]) -> None:
    for child in list(container):
        if len(child) or (local(child) and local(child) not in kept):
            _remove(container, child)


def _as_text(element: Any) -> None:
    """Replace inline markup by the same markup as escaped text."""
    if element.tag.startswith((ATOM, ATOM_03)):
        element.set("type", "html" if element.tag.startswith(ATOM) else "text/html")
        element.attrib.pop("mode", None)
        if element.tag.startswith(ATOM_03):
            element.set("mode", "escaped")
    value = "".join(_written(element))
    for child in list(element):
        element.remove(child)
    element.text = value


def _written(element: Any) -> Iterator[str]:
    """Yield the contents of an element as HTML, without attributes and without other stories."""
    stack: list[tuple[Any, Iterator[Any], str]] = [(element, iter(element), "")]
    yield escape(element.text or "", quote=False)
    while stack:
        parent, children, end = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield end
            if stack:
                yield escape(parent.tail or "", quote=False)
            continue
        name = local(child)
        if not isinstance(child.tag, str):
            yield (child.text or "") if child.tag is etree.Entity else ""
            yield escape(child.tail or "", quote=False)
        elif name in markup.HTML or not _is_foreign(child):
            yield f"<{name}>" if name in markup.HTML else ""
            yield escape(child.text or "", quote=False)
            stack.append((child, iter(child), f"</{name}>" if name in markup.HTML and name not in repair.VOID else ""))
        else:
            yield escape(child.tail or "", quote=False)


def _is_foreign(element: Any) -> bool:
    """Return whether an element inside a text is a field or a story, and not markup."""
    return local(element) in FIELDS or any(local(child) in FIELDS for child in element)


FIELDS = frozenset({"link", "guid", "pubdate", "description", "url", "published", "updated", "item", "entry", "id"})


def _decode(content: Any) -> None:
    """Decode base64 to text, and replace an unknown content type by a known one."""
    kind = (content.get("type") or "").strip()
    coded = "base64" in {(content.get("mode") or "").lower(), (content.get("encoding") or "").lower()}
    if not coded and (not kind or kind in {"text", "html", "xhtml"} or ("/" in kind and TEXTUAL.match(kind))):
        return
    if coded or not TEXTUAL.match(kind):
        given = content.text or ""
        content.text = (_from_base64(given) or "") if BASE64.fullmatch(given) or PICTURES.match(kind) else given
        kind = "html" if coded and "html" in kind else "text"
    else:
        kind = "html"
    for name in ("mode", "encoding"):
        content.attrib.pop(name, None)
    content.set("type", kind if content.tag.startswith(ATOM) else f"text/{'plain' if kind == 'text' else 'html'}")


def _from_base64(text: str) -> str | None:
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return decoded if not re.search(r"[\x00-\x08\x0e-\x1f]", decoded) else None
