"""Markup made plain text with nothing active left in it."""

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
BLOCKS = frozenset(_BLOCKS.split())
DROPPED = frozenset(_DROPPED.split())
"""Elements whose content is never part of a text."""
MARKUP = re.compile(r"<[A-Za-z/!?][^<>]*>|<(?:script|style|iframe|object|embed|svg|math|!--)", re.IGNORECASE)
LEFTOVER = re.compile(r"<(?=[A-Za-z/!?])")
"""What could still open an element if somebody put this text into a page."""
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BLOCK_TAG = re.compile(r"</?(?:{})>|<(?:br|hr)>".format("|".join(sorted(BLOCKS))))
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_HIDDEN = re.compile(r"<(?:script|style|template|title)\b[^<>]*>[^<]*", re.IGNORECASE)
_ANY_BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(BLOCKS))})\b[^<>]*>", re.IGNORECASE)
LONGEST = 1_000_000
DEEPEST = 500
"""Elements inside each other from which the parser's time grows with their square: 60,000 take it half a minute."""
_CLEANER = nh3.Cleaner(
    tags=set(BLOCKS), attributes={}, clean_content_tags=set(DROPPED), link_rel=None, strip_comments=True
)
ROUNDS = 3
"""How often text that unescapes to markup again is cleaned again: feeds escape twice, rarely thrice."""


def plain(markup: str) -> str:
    """Return the text of ``markup``: a line per block, no tags, no scripts, no invisible or control characters."""
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
        text = ftfy.fix_encoding(text)  # mojibake that was written as entities
    if not text.isprintable():
        text = _CONTROLS.sub("", text.replace("\r", "\n"))
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def _has_markup(text: str) -> bool:
    """Say whether there is anything to take out; most titles hold neither character."""
    return ("<" in text and MARKUP.search(text) is not None) or ("&" in text and ENTITY.search(text) is not None)


def one_line(markup: str) -> str:
    """Return the text of ``markup`` on one line: titles, names."""
    return " ".join(plain(markup).split())


def _once(text: str) -> str:
    if _depth(text) > DEEPEST:
        return html.unescape(_stripped(text))
    cleaned = _CLEANER.clean(text)
    if MARKUP.search(text):
        cleaned = _BLOCK_TAG.sub("\n", cleaned.replace("\n", " ") if "<" in cleaned else cleaned)
    return html.unescape(cleaned)


def _depth(text: str) -> int:
    deepest = depth = 0
    for match in _TAG.finditer(text):
        depth += -1 if match[1] else 0 if match[2].lower() in {"br", "img", "p", "li", "hr"} else 1
        deepest = max(deepest, depth)
    return deepest


def _stripped(text: str) -> str:
    """Take tags out without understanding them: for markup that is a tower of elements."""
    return MARKUP.sub(" ", _ANY_BLOCK.sub("\n", _HIDDEN.sub(" ", text)))
