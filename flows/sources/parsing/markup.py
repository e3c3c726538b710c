"""Turns markup into plain text with nothing active left in it."""

import html
import re

import ftfy
import ftfy.badness
import nh3

_BLOCKS = (
    "address article aside blockquote br caption dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr li main nav ol p pre section table td th tr ul"
)
_DROPPED = "script style noscript iframe object embed applet svg math template title head select"
_OTHERS = (
    "a abbr acronym area audio b base bdi bdo big body button canvas center cite code col colgroup data datalist del "
    "details dfn dialog dir em fieldset font frame frameset html i img input ins kbd label legend link map mark meta "
    "meter noframes optgroup option output param picture progress q rp rt ruby s samp small source span strike strong "
    "sub summary sup tbody textarea tfoot thead time track tt u var video wbr blink marquee nobr"
)
BLOCKS = frozenset(_BLOCKS.split())
DROPPED = frozenset(_DROPPED.split())
"""Elements whose content is never part of a text."""
HTML = BLOCKS | DROPPED | frozenset(_OTHERS.split())
MARKUP = re.compile(r"<[A-Za-z/!?][^<>]*>|<(?:script|style|iframe|object|embed|svg|math|!--)", re.IGNORECASE)
LEFTOVER = re.compile(r"<(?=[A-Za-z/!?])")
"""What could still open an element if the text were put into a page."""
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BRACKETED = re.compile(r"(?:<|&(?:amp;)?lt;)(?P<text>[A-Za-z][^<>&]{0,80})(?:>|&(?:amp;)?gt;)")
_BLOCK_TAG = re.compile(r"</?(?:{})>|<(?:br|hr)>".format("|".join(sorted(BLOCKS))))
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_STACKED = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
"""More accents on one letter than any language uses, which are meant to cover the lines around it."""
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_HIDDEN = re.compile(r"<(?:script|style|template|title)\b[^<>]*>[^<]*", re.IGNORECASE)
_ANY_BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(BLOCKS))})\b[^<>]*>", re.IGNORECASE)
LONGEST = 1_000_000
LONGEST_TITLE = 2_000
"""Characters above which no title is, and looking at every bracket takes long."""
DEEPEST = 500
"""Nesting from which on the parser's time grows with the square of the depth: 60,000 take half a minute."""
_EMBEDDED = re.compile(r"<(iframe|object|applet|svg|math|noscript|select)\b[^<>]*>", re.IGNORECASE)
_CLEANER = nh3.Cleaner(
    tags=set(BLOCKS), attributes={}, clean_content_tags=set(DROPPED), link_rel=None, strip_comments=True
)
ROUNDS = 3
"""How often text that unescapes to markup is cleaned again: feeds escape twice, rarely three times."""


def plain(markup: str) -> str:
    """Return the text of ``markup``: one line per block, without tags, scripts, invisible or control characters."""
    lines = (" ".join(line.split()) for line in _cleaned(markup).split("\n"))
    return "\n".join(filter(None, lines))


def _cleaned(markup: str) -> str:
    """Return the text of ``markup`` with white space and empty lines as they come."""
    text = markup[:LONGEST]
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
    for _ in range(ROUNDS):
        if not _has_markup(text):
            break
        text = _once(text)
    if "<" in text:
        text = LEFTOVER.sub("‹", MARKUP.sub(" ", text))
    if not text.isascii() and ftfy.badness.is_bad(text):
        text = ftfy.fix_encoding(text)  # mojibake written as entities
    if not text.isascii():
        text = _STACKED.sub(r"\1", text)
    if not text.isprintable():
        text = _CONTROLS.sub("", text.replace("\r", "\n"))
    return text


def _has_markup(text: str) -> bool:
    """Return whether there is anything to remove; most titles contain neither character."""
    return ("<" in text and MARKUP.search(text) is not None) or ("&" in text and ENTITY.search(text) is not None)


def one_line(markup: str) -> str:
    """Return the text of ``markup`` on one line: titles, names.

    Text in angle brackets that is not an HTML element is kept, in brackets that open none.
    """
    if ("<" in markup or "&" in markup) and len(markup) <= LONGEST_TITLE:
        markup = _BRACKETED.sub(lambda found: _bracketed(found, markup), markup)
    return " ".join(_cleaned(markup).split())


def _bracketed(found: re.Match[str], markup: str) -> str:
    name = found["text"].split()[0].lower()
    element = name in HTML or ":" in name or "=" in found["text"] or found["text"].endswith("/")
    return found[0] if element or re.search(rf"/{re.escape(name)}\b", markup, re.IGNORECASE) else f"‹{found['text']}›"


def _once(text: str) -> str:
    if _depth(text) > DEEPEST:
        return html.unescape(_stripped(text))
    text = _without_open_ends(text)
    cleaned = _CLEANER.clean(text)
    if MARKUP.search(text):
        cleaned = _BLOCK_TAG.sub("\n", cleaned.replace("\n", " ") if "<" in cleaned else cleaned)
    return html.unescape(cleaned)


def _without_open_ends(text: str) -> str:
    """Remove start tags of dropped elements that have no end tag, and would take the rest of the text with them."""
    if not _EMBEDDED.search(text):
        return text
    lower = text.lower()
    ends = {name: lower.rfind(f"</{name}") for name in {found[1].lower() for found in _EMBEDDED.finditer(text)}}

    def kept(tag: re.Match[str]) -> str:
        return " " if tag[0].endswith("/>") or tag.start() > ends[tag[1].lower()] else tag[0]

    return _EMBEDDED.sub(kept, text)


def _depth(text: str) -> int:
    deepest = depth = 0
    for match in _TAG.finditer(text):
        depth += -1 if match[1] else 0 if match[2].lower() in {"br", "img", "p", "li", "hr"} else 1
        deepest = max(deepest, depth)
    return deepest


def _stripped(text: str) -> str:
    """Remove tags without interpreting them, from extremely nested markup."""
    return MARKUP.sub(" ", _ANY_BLOCK.sub("\n", _HIDDEN.sub(" ", text)))
