"""Bytes become the text somebody wrote: what validates is believed before what is declared."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources.parsing import encoding
from flows.sources.parsing.alphabets import COUNTRIES, languages_of

RUSSIAN = "Россия предупреждает: ответ на поставки ракет последует незамедлительно, заявил министр обороны"
CASES = [
    # text, encoded as, declared in the document, declared by the transport
    (RUSSIAN, "utf-8", "windows-1251", "windows-1251"),
    (RUSSIAN, "utf-8", "utf-8", "iso-8859-1"),
    (RUSSIAN, "cp1251", "windows-1251", None),
    (RUSSIAN, "cp1251", "utf-8", None),
    (RUSSIAN, "cp1251", None, None),
    (RUSSIAN, "cp1251", None, "windows-1251"),
    (RUSSIAN, "cp1251", "utf-8", "utf-8"),
    (RUSSIAN, "koi8-r", "koi8-r", None),
    (RUSSIAN, "utf-16", "utf-8", None),
    (RUSSIAN, "utf-16-le", "utf-16", "utf-8"),
    (RUSSIAN, "utf-32-be", "ucs-4", None),
    ("“Quotes” – and €", "cp1252", "iso-8859-1", None),
    ("“Quotes” – and €", "cp1252", "us-ascii", None),
    ("북한은 미사일을 발사했다고 밝혔다", "cp949", "euc-kr", None),
    ("中国国防部发言人表示坚决反对", "gb18030", "gb2312", None),
    ("ミサイルを発射したと発表した", "cp932", "shift_jis", None),
    ("Zażółć gęślą jaźń", "utf-8-sig", "iso-8859-2", None),
    ("plain", "cp037", "cp037", None),
    ("plain", "cp500", "ibm500", None),
]


LANGUAGES = {
    case["language"]: case
    for case in map(json.loads, (Path(__file__).parent / "data" / "languages.jsonl").read_text("utf-8").splitlines())
}
"""A text in each language, and encodings it is found in."""
PAIRS = [(language, used) for language, case in LANGUAGES.items() for used in case["encodings"]]
STRAY = [
    # UTF-8 with bytes that are none, the text meant
    ("They said it|92s – naïve", "They said it’s – naïve"),
    ("été à Paris, caf|e9 noir", "été à Paris, café noir"),
    (f"{RUSSIAN} |97 {RUSSIAN}", f"{RUSSIAN} — {RUSSIAN}"),
    ("Łódź |93quoted|94 Kraków", "Łódź “quoted” Kraków"),
    ("naïve, it|92s", "naïve, it’s"),
]


@pytest.mark.parametrize(("text", "used", "own", "transport"), CASES)
def test_the_text_comes_back(text: str, used: str, own: str | None, transport: str | None) -> None:
    """Whatever is declared, by whomever, and wrongly or not."""
    declaration = f' encoding="{own}"' if own else ""
    document = f'<?xml version="1.0"{declaration}?><rss><title>{text}</title></rss>'
    decoded, _ = encoding.decode(document.encode(used), transport)
    assert text in decoded


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("Itâ€™s Zelenskyâ€™s", "It’s Zelensky’s"),
        ("Ð Ð¾ÑÑÐ¸Ñ Ð¿ÑÐµÐ´ÑÐ¿ÑÐµÐ¶Ð´Ð°ÐµÑ".replace("Ð Ð¾ÑÑÐ¸Ñ", "Ð¼Ð¸Ñ"), None),
        ("Łódź, Kraków and “quotes”", "Łódź, Kraków and “quotes”"),
        ("São Paulo – Ã is a letter", "São Paulo – Ã is a letter"),
    ],
)
def test_mojibake_is_undone_and_real_letters_stay(broken: str, mended: str | None) -> None:
    """UTF-8 read as Latin by somebody upstream is restored; letters that merely look odd are left alone."""
    decoded, _ = encoding.decode(broken.encode())
    assert "\ufffd" not in decoded
    if mended is not None:
        assert decoded == mended


def undeclared(language: str, used: str, *, head: str = "") -> bytes:
    text = LANGUAGES[language]["text"]
    return f'<?xml version="1.0"?><rss><channel>{head}<item><title>{text}</title></item></channel></rss>'.encode(used)


@pytest.mark.parametrize(("language", "used"), PAIRS)
def test_the_language_of_the_document_tells_its_encoding(language: str, used: str) -> None:
    """Where nothing declares an encoding, the letters of the language do; every pair comes back right."""
    document = undeclared(language, used, head=f"<language>{language}-xx</language>")
    assert LANGUAGES[language]["text"] in encoding.judged(document).text


@pytest.mark.parametrize(("language", "used"), PAIRS)
def test_the_country_of_the_outlet_tells_it_too(language: str, used: str) -> None:
    """For a document that does not even say its language."""
    hinted = languages_of(COUNTRIES[language][0])
    assert LANGUAGES[language]["text"] in encoding.judged(undeclared(language, used), languages=hinted).text


@pytest.mark.parametrize(("language", "used"), PAIRS)
def test_what_nothing_tells_is_right_or_said_to_be_unsure(language: str, used: str) -> None:
    """Letters alone may mislead; then nobody is told that they did not."""
    decoded = encoding.judged(undeclared(language, used))
    assert LANGUAGES[language]["text"] in decoded.text or not decoded.sure


@pytest.mark.parametrize(("broken", "meant"), STRAY)
@pytest.mark.parametrize("declared", [None, "utf-8", "iso-8859-1"])
def test_utf8_with_a_stray_byte_is_repaired_whole(broken: str, meant: str, declared: str | None) -> None:
    """One byte of another encoding costs neither itself nor the rest."""
    content = re.sub(rb"\|(..)", lambda byte: bytes.fromhex(byte[1].decode()), broken.encode())
    assert encoding.judged(content, declared).text == meant


def test_a_few_broken_bytes_do_not_turn_utf8_into_something_else() -> None:
    """A cut character costs itself only."""
    decoded, name = encoding.decode(f"<rss>{RUSSIAN * 3}</rss>".encode()[:-8] + b"\xd0</rss>")
    assert (name, decoded.count("\ufffd")) == ("utf-8", 1)
    assert RUSSIAN in decoded


def test_thousands_of_broken_bytes_take_linear_time() -> None:
    """The document is searched once for what the halves of characters begin, not once for each half."""
    content = b"<rss>" + (f"{RUSSIAN} ".encode() + b"\xd0 ") * 10_000
    started = time.process_time()
    assert encoding.decode(content)[1] == "utf-8"
    assert time.process_time() - started < 10


@given(
    st.binary(max_size=300),
    st.none() | st.text(max_size=12) | st.sampled_from(["utf-16", "hex", "HEX", "rot13", "idna", "punycode"]),
)
def test_no_bytes_raise(content: bytes, charset: str | None) -> None:
    """Any bytes under any declaration are text."""
    text, _ = encoding.decode(content, charset)
    assert isinstance(text, str)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_ascii_and_utf8_survive(text: str) -> None:
    """What validates as UTF-8 never gains a replacement character."""
    decoded, _ = encoding.decode(b"<rss>" + text.encode() + b"</rss>", "windows-1252")
    assert decoded.count("\ufffd") <= text.count("\ufffd")
