"""From bytes to text: what validates is believed before what is declared."""

import codecs
import re

import charset_normalizer
import ftfy
import ftfy.badness

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
"""How ``<`` or ``<?xm`` begins in encodings in which a declaration cannot be read as ASCII (XML 1.0, appendix F)."""
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
"""What browsers read these labels as: a superset (https://encoding.spec.whatwg.org/#names-and-labels)."""
SAMPLE = 64 * 1024


def decode(content: bytes, charset: str | None = None) -> tuple[str, str]:
    """Return the text of ``content`` and the name of the encoding it was read with.

    Order: byte order mark, UTF-8 if it validates, the transport's ``charset``, the document's own declaration, a
    detector; then mojibake made by somebody upstream is undone. U+FFFD appears only where no candidate fits whole.
    """
    marked = _marked(content)
    if marked is not None:
        return marked
    for name in ("utf-8", *_declared(content, charset)):
        text = _strictly(content, name)
        if text is not None and not _wrong(text, name):
            return _mended(text), name
    return _detected(content, charset)


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
    """Read a document of known family; EBCDIC has national variants, which only the declaration tells apart."""
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
    # latin-1 is what servers say of documents they know nothing of
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
    """Say whether a wide encoding was declared of a document that is not wide: it decodes into anything."""
    return name.startswith(("utf-16", "utf-32", "utf16", "utf32", "ucs")) and "<" not in text


def _mended(text: str) -> str:
    """Undo UTF-8 that somebody upstream read as a one-byte encoding; leave everything else as it is."""
    if text.isascii():
        return text
    fixed = ftfy.fix_encoding(text) if len(text) <= SAMPLE or ftfy.badness.is_bad(text[:SAMPLE]) else text
    return fixed if fixed.count("\ufffd") <= text.count("\ufffd") else text


def _detected(content: bytes, charset: str | None) -> tuple[str, str]:
    names = _declared(content, charset)
    best = charset_normalizer.from_bytes(content[:SAMPLE]).best()
    candidates = [*([best.encoding] if best else []), "cp1252"]
    for name in candidates:
        text = _strictly(content, name)
        if text is not None:
            return _mended(text), name
    damaged = "utf-8" if _mostly_utf8(content) else next((n for n in names if _known(n)), "cp1252")
    return content.decode(damaged, "replace"), damaged


def _mostly_utf8(content: bytes) -> bool:
    """Say whether UTF-8 with a few broken bytes is likelier than any one-byte encoding."""
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(1 for char in text if ord(char) > 127) - broken
    return good > 4 * broken


def _known(name: str) -> bool:
    """Say whether ``name`` decodes anything with replacements: "hex" and "idna" are codecs too."""
    try:
        b"\xff\xd8".decode(name, "replace")
    except (LookupError, UnicodeError, ValueError):
        return False
    return True
