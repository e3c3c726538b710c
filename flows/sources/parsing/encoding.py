"""Decodes bytes to text: what is valid takes precedence over what is declared."""

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import ftfy
import ftfy.bad_codecs  # registers utf-8-variants, in which some databases write what lies beyond 16 bits
import ftfy.badness

from flows.sources.parsing.alphabets import LANGUAGES, SPOKEN, TYPOGRAPHY
from flows.sources.parsing.language import language_of

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
"""First bytes of ``<`` or ``<?xm`` in encodings whose declaration cannot be read as ASCII (XML 1.0, appendix F)."""
DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']|<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})"""
)
WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "shift_jis": "cp932", "x-sjis": "cp932",
    "ms-ansi": "cp1252", "ms-arab": "cp1256", "ms-cyrl": "cp1251", "ms-ee": "cp1250", "ms-greek": "cp1253",
    "ms-hebr": "cp1255", "ms-turk": "cp1254", "winbaltrim": "cp1257", "mac": "mac-roman", "csmacintosh": "mac-roman",
    "big5": "big5hkscs", "x-big5": "big5hkscs", "x-mac-roman": "mac-roman", "macintosh": "mac-roman",
}  # fmt: skip
"""The supersets that browsers use for these labels (https://encoding.spec.whatwg.org/#names-and-labels)."""
SAMPLE = 64 * 1024
HEAD = 8 * 1024
LANGUAGE = re.compile(
    rb"""<(?:dc:)?language[^<>]{0,80}>\s*([A-Za-z]{2})\b|(?:xml:)?lang\s*=\s*["']([A-Za-z]{2})\b""", re.IGNORECASE
)
FITTING, MARGIN = 0.95, 0.01
"""Share of fitting letters from which on a reading counts as that of a language, and its margin over others."""
MARKUP = re.compile(rb"<[^<>]*>")
MISPLACED = re.compile(r"(?<=[a-zà-öø-ÿа-яё])[^\x00-\x7f\W\d_a-zà-öø-ÿа-яё](?<=[A-ZÀ-ÖØ-ÞА-ЯЁЀ-Џ])|[¼½¾](?=[^\W\d_])")
"""A capital inside a word, or a fraction in front of a letter."""


class Decoded(NamedTuple):
    """A text, the encoding it was read with, and whether there was evidence for that."""

    text: str
    name: str
    sure: bool = True


def decode(content: bytes, charset: str | None = None) -> tuple[str, str]:
    """Return the text of ``content`` and the encoding it was read with; see ``judged``."""
    return judged(content, charset)[:2]


def judged(content: bytes, charset: str | None = None, *, languages: Sequence[str] = ()) -> Decoded:
    """Return the text of ``content``, read as what it most likely is.

    Order: byte order mark, UTF-8 if it is valid or nearly so, the transport's ``charset``, the document's own
    declaration. Otherwise the letters decide of the language that the document names, or of one of ``languages`` that
    it may be in. Then mojibake from upstream is undone. U+FFFD appears only if no candidate fits.
    """
    marked = _marked(content)
    if marked is not None:
        return Decoded(*marked)
    for name in ("utf-8", "utf-8-variants"):
        text = _strictly(content, name)
        if text is not None:
            return Decoded(_mended(text), "utf-8")
    names = _declared(content, charset)
    if _mostly_utf8(content, times=4 if set(names) - {"utf-8", "utf8", "cp1252"} else 1):
        return Decoded(_mended(content.decode("utf-8", "stray-bytes")), "utf-8")
    for name in names:
        text = _strictly(content, name)
        if text is not None and not _wrong(text, name):
            return _in_its_language(content, name) or Decoded(_mended(text), name)
    return _detected(content, names, languages)


def _marked(content: bytes) -> tuple[str, str] | None:
    for mark, name in BOMS:
        if content.startswith(mark):
            text = _strictly(content, name)
            if text is not None:
                return _mended(text), name
    for start, name in WIDE:
        if content.startswith(start):
            return _wide(content, name)
    return None


def _wide(content: bytes, name: str) -> tuple[str, str] | None:
    """Decode a document of a known family; only the declaration tells the national variants of EBCDIC apart."""
    if name == "cp037":
        head = content[:400].decode("cp037")
        match = re.search(r"""encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""", head)
        declared = _strictly(content, match[1]) if match else None
        if match and declared is not None and declared.startswith("<?xml"):
            return declared, match[1]
    text = _strictly(content, name)
    return None if text is None else (text, name)


def _declared(content: bytes, charset: str | None) -> list[str]:
    match = DECLARED.search(content[:2048])
    own = (match[1] or match[2]).decode("ascii") if match else None
    names = [name.strip().strip("'\"").lower() for name in (charset, own) if name]
    wider = [WIDER.get(name, name) for name in names if name]
    # servers say latin-1 of documents they know nothing about
    return wider[::-1] if wider[:1] == ["cp1252"] else wider


def _strictly(content: bytes, name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
        if not codec._is_text_encoding:
            return None
        return codec.decode(content, "strict")[0]
    except (LookupError, UnicodeError, ValueError):
        return None


def _wrong(text: str, name: str) -> bool:
    """Return whether a wide encoding was declared for a document that is not wide, which decodes to anything."""
    return name.startswith(("utf-16", "utf-32", "utf16", "utf32", "ucs")) and "<" not in text


def _mended(text: str) -> str:
    """Undo mojibake of UTF-8 that was read upstream as a one-byte encoding; leave everything else as it is."""
    if text.isascii():
        return text
    fixed = ftfy.fix_encoding(text) if len(text) <= SAMPLE or ftfy.badness.is_bad(text[:SAMPLE]) else text
    return fixed if fixed.count("\ufffd") <= text.count("\ufffd") else text


def _in_its_language(content: bytes, name: str) -> Decoded | None:
    """Return the sure reading of a document that is called latin-1 and in a language that is never written in it."""
    own = _language(content) if name == "cp1252" else ""
    if own not in LANGUAGES or name in LANGUAGES[own][1]:
        return None
    best = _best(content, [own])
    return best if best is not None and best.sure else None


def _language(content: bytes) -> str:
    """Return the language that a document names, empty if it names none."""
    named = LANGUAGE.search(content[:HEAD])
    own = (named[1] or named[2]).decode("ascii").lower() if named else ""
    return SPOKEN.get(own, own)


def _detected(content: bytes, names: list[str], languages: Sequence[str]) -> Decoded:
    for hinted in ((_language(content),), languages):
        best = _best(content, [language for language in hinted if language in LANGUAGES])
        if best is not None and best.sure:
            return best
    import charset_normalizer  # noqa: PLC0415  # needed for few documents

    sample = MARKUP.sub(b" ", content[:SAMPLE])
    found = charset_normalizer.from_bytes(sample).best()
    guess = _strictly(content, found.encoding) if found else None
    readings = {sample.decode(name, "replace") for name in ("cp1252", *([found.encoding] if found else []))}
    seemed = [language_of(reading) for reading in sorted(readings)]
    best = _best(content, [language for language in dict.fromkeys(seemed) if language in LANGUAGES])
    if best is not None and best.sure:
        return best
    if found and guess is not None and _mostly_foreign(sample.decode(found.encoding, "replace")):
        return Decoded(_mended(guess), found.encoding, sure=False)
    if best is not None:
        return best
    text = _strictly(content, "cp1252")
    if text is not None:
        return Decoded(_mended(text), "cp1252", sure=False)
    damaged = next((name for name in names if _known(name)), "cp1252")
    return Decoded(content.decode(damaged, "replace"), damaged, sure=False)


def _best(content: bytes, languages: Sequence[str]) -> Decoded | None:
    """Return the reading that fits the letters of one of ``languages``; unsure if another one fits as well."""
    tried: list[tuple[float, int, str, str]] = []
    for language in languages:
        letters, encodings = LANGUAGES[language]
        for name in encodings:
            text = _strictly(content, name)
            if text is not None:
                tried.append((_fit(text[:SAMPLE], frozenset(letters)), -len(tried), text, name))
    if not tried:
        return None
    fit, _, text, name = max(tried)
    rivals = (other for other, _, differing, _ in tried if differing != text and other > fit - MARGIN)
    return Decoded(_mended(text), name, sure=fit >= FITTING and not any(rivals))


def _fit(text: str, letters: frozenset[str]) -> float:
    """Return the share of characters beyond ASCII that fit a language, less misplaced ones; 1 if there are none.

    In a non-Latin alphabet every character is a letter in every encoding, so there the case decides.
    """
    beyond = [char for char in text if char > "\x7f"]
    if not letters:
        beyond = [char for char in beyond if not unicodedata.category(char).startswith("L")]
        return 1 - len(beyond) / max(len(text), 1)
    fitting = sum(1 for char in beyond if char.lower() in letters or char in letters or char in TYPOGRAPHY)
    return (fitting - len(MISPLACED.findall(text))) / max(len(beyond), 1)


def _mostly_foreign(text: str) -> bool:
    """Return whether most letters of a text are beyond ASCII, unlike Latin text with a few accents."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(1 for char in letters if char > "\x7f") > len(letters)


def _mostly_utf8(content: bytes, *, times: int) -> bool:
    """Return whether there are at least ``times`` as many UTF-8 characters as stray bytes."""
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(1 for char in text if ord(char) > 127) - broken
    return good >= max(times * broken, 1)


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as windows-1252, unless it is the beginning of a character that was cut off."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    cut = error.end - error.start > 1 or byte in _first_bytes(error.object)
    try:
        char = byte.decode("cp1252")
    except UnicodeDecodeError:
        char = ""
    if cut or not (char in TYPOGRAPHY or char.isalpha()):
        return "\ufffd", error.end
    return char, error.start + 1


@lru_cache(maxsize=1)
def _first_bytes(content: bytes) -> frozenset[bytes]:
    """Return the bytes that begin more than one character of a document, and so stand for half a one elsewhere."""
    counts = Counter(re.findall(rb"([\xc2-\xf4])[\x80-\xbf]", content))
    return frozenset(byte for byte, count in counts.items() if count > 1)


codecs.register_error("stray-bytes", _stray)


def _known(name: str) -> bool:
    """Return whether ``name`` is an encoding that can decode with replacements; "hex" and "idna" are codecs too."""
    try:
        b"\xff\xd8".decode(name, "replace")
    except (LookupError, UnicodeError, ValueError):
        return False
    return True
