"""Repairs a document's text before it is parsed."""

import html
import re
import sys

from flows.sources.parsing import markup
from flows.sources.parsing.entries import NotAFeedError

DEEPEST = 500
"""Most elements open at once; real feeds, including escaped HTML, stay below 60."""
VOID = frozenset(["area", "br", "col", "embed", "hr", "img", "input", "meta", "param", "track", "wbr"])
"""HTML elements without an end tag; in feeds ``link``, ``source`` and ``base`` have one."""
INLINE = markup.HTML - {"base", "body", "head", "html", "link", "source", "summary", "title"}
"""HTML elements whose names no feed uses for its own elements."""
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom", "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0", "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/", "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}  # fmt: skip
"""Namespaces of prefixes used without a declaration; any other prefix gets a namespace of its own."""
DECLARED = re.compile(r"""(xmlns(?::[\w.-]+)?\s*=\s*["'])([^"'<>]+)(?=["'])""")
ADDRESS = re.compile(r"^https?://(?:www\.)?|[/#\s]+$")
TAG = re.compile(r"<(/?)(?![!?])([^\s<>/]+)[^<>]*?(/?)>")
CDATA = r"<!\[CDATA\[(?:.*?\]\]>|.*)"
"""Character data; without an end it extends to that of the document, so that no end is searched for twice."""
PIECE = re.compile(
    rf"{CDATA}|<!--(?:.*?-->|.*)|<[?](?:.*?[?]>|.*)|<!DOCTYPE[^<>\[]*>"
    r"|<(?P<end>/?)(?P<name>[A-Za-z_][\w.:-]*)(?P<rest>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>",
    re.DOTALL | re.IGNORECASE,
)
"""A tag, or something in which what looks like a tag is not one."""
ATTRIBUTE = re.compile(r"([\w.:-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)")
REFERENCE = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?![A-Za-z][A-Za-z0-9]*;|#\d{1,8};|#[xX][0-9A-Fa-f]{1,6};)"
    r"|&#(?:(?P<decimal>\d{5,8})|[xX](?P<hex>[0-9A-Fa-f]{4,6}));",
    re.DOTALL,
)
"""An ampersand that begins no reference, or a reference to an impossible character; marked character data is
skipped."""
HALF = re.compile("[\ud800-\udfff]")
ENTITY = re.compile(
    rf"{CDATA}|&(?P<name>[A-Za-z][A-Za-z0-9]*);|&#(?P<number>\d{{1,3}}|[xX][0-9a-fA-F]{{1,2}});", re.DOTALL
)
ENTRIES = frozenset({"item", "entry"})
ROOTS = ENTRIES | {"rss", "rdf", "feed", "channel"}
ENTRY_START = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)(?=[\s>])[^<>]*>", re.IGNORECASE)
ENTRY_END = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
DECLARATION = re.compile(r"xmlns:([\w.-]+)\s*=")
STRAY = re.compile(r"<(?![!A-Za-z/?])")
XML_ENTITIES = frozenset({"lt", "gt", "amp", "quot", "apos"})
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def check_depth(text: str) -> None:
    """Refuse an extremely nested document before a recursive parser sees it.

    An end tag closes what was left open inside its element, as in unescaped HTML, and a new entry closes what the one
    before it left open.
    """
    if text.count("<") < 2 * DEEPEST:
        return
    tower: list[str] = []
    for match in TAG.finditer(re.sub(CDATA, "", text, flags=re.DOTALL)):
        name = match[2].lower()
        if match[1]:
            if name in tower:
                while tower.pop() != name:
                    pass
        elif not match[3] and name not in VOID:
            if _local(name) in ENTRIES and name in tower:
                del tower[tower.index(name) :]
            tower.append(name)
            if len(tower) > DEEPEST:
                raise NotAFeedError(f"more than {DEEPEST} elements inside each other")


def namespaces(text: str) -> str:
    """Return a document in which known namespaces are spelt as their authors do.

    Feeds write them with https, without www or the final slash, in other capitals, or as an earlier version.
    """
    return DECLARED.sub(lambda found: found[1] + KNOWN.get(_bare(found[2]), found[2]), text)


def _bare(namespace: str) -> str:
    return ADDRESS.sub("", namespace.strip().lower())


_SPELT = (
    *NAMESPACES.values(), "http://purl.org/rss/1.0/", "http://purl.org/atom/ns#", "http://www.w3.org/1999/xhtml",
)  # fmt: skip
KNOWN = {_bare(namespace): namespace for namespace in _SPELT} | {"purl.org/dc/elements/1.0": NAMESPACES["dc"]}
"""Namespaces by what is left of them without the parts that vary."""


def references(text: str) -> str:
    """Escape stray ampersands ("R&D"), after which feedparser would add a semicolon, and undo impossible references.

    A pair of references to the two halves of a UTF-16 character becomes that character.
    """
    text = REFERENCE.sub(_reference, text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if HALF.search(text) else text


def _reference(found: re.Match[str]) -> str:
    if found["decimal"] is None and found["hex"] is None:
        return "&amp;" if found[0] == "&" else found[0]
    code = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
    half = 0xD800 <= code < 0xE000
    return chr(code) if half else found[0] if code <= sys.maxunicode else "\ufffd"


def well_formed(text: str) -> str:
    """Return a document without the mistakes that keep it from being XML, as far as the meaning is clear.

    Unescaped HTML is escaped, HTML entities become characters, control characters and anything outside the root
    element are removed, attributes get quotes, undeclared prefixes are declared, and an unclosed element ends with the
    one around it or where the next entry begins.
    """
    if "<!ENTITY" in text:
        return text
    return _Balance().of(CONTROLS.sub("", ENTITY.sub(_character, references(text))))


class _Balance:
    """Rewrites a document's tags so that they match."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._prefixes: set[str] = set()

    def of(self, text: str) -> str:
        position = 0
        for match in PIECE.finditer(text):
            if self._open:
                self._pieces.append(STRAY.sub("&lt;", text[position : match.start()]))
            position = match.end()
            self._take(match)
            if self._pieces and not self._open:
                break
        if not self._pieces or ENTRY_START.search(text, position):
            return text
        while self._open:
            self._close()
        declared = set(DECLARATION.findall(text))
        missing = (
            f' xmlns:{prefix}="{NAMESPACES.get(prefix.lower(), f"urn:prefix:{prefix}")}"'
            for prefix in sorted(self._prefixes - declared - {"xml", "xmlns"})
        )
        self._pieces[0] = re.sub(r"(?=/?>$)", "".join(missing), self._pieces[0], count=1)
        return "".join(self._pieces)

    def _take(self, match: re.Match[str]) -> None:
        name = match["name"]
        if not name:
            self._pieces += [match[0]] if self._open else []
        elif name.lower() in INLINE:
            self._pieces += [f"&lt;{match['end']}{name.lower()}&gt;"] if self._open else []
        elif match["end"]:
            self._end(name)
        elif self._open or _local(name) in ROOTS:
            self._start(name, match["rest"])

    def _start(self, name: str, rest: str) -> None:
        if _local(name) in ENTRIES:
            outermost = next((at for at, each in enumerate(self._open) if _local(each) in ENTRIES), len(self._open))
            while len(self._open) > outermost:
                self._close()
        closed = rest.rstrip().endswith("/")
        self._pieces.append(f"<{name}{self._attributes(rest)}{'/' * closed}>")
        self._prefixes |= {name.rpartition(":")[0]} - {""}
        if not closed:
            self._open.append(name)

    def _end(self, name: str) -> None:
        if name.lower() not in map(str.lower, self._open):
            return
        while self._close().lower() != name.lower():
            pass

    def _close(self) -> str:
        name = self._open.pop()
        self._pieces.append(f"</{name}>")
        return name

    def _attributes(self, rest: str) -> str:
        attributes: dict[str, str] = {}
        for name, value in ATTRIBUTE.findall(rest):
            self._prefixes |= {name.rpartition(":")[0]} - {""}
            attributes.setdefault(name, value if value[0] in "\"'" else f'"{value.rstrip("/") or "/"}"')
        return "".join(f" {name}={value}" for name, value in attributes.items())


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _character(found: re.Match[str]) -> str:
    name, number = found["name"], found["number"]
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return (
            "" if code < 32 and code not in {9, 10, 13} else html.unescape(found[0]) if 128 <= code < 160 else found[0]
        )
    if not name or name in XML_ENTITIES:
        return found[0]
    meant = html.unescape(found[0])
    return f"&amp;{name};" if meant == found[0] else meant.replace("&", "&amp;").replace("<", "&lt;")
