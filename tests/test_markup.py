"""Markup becomes plain text with nothing active left in it."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources.parsing import markup


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("<p>One</p><p>Two &amp; three</p>", "One\nTwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
        ("in<b>li</b>ne", "inline"),
        ("<script>evil()</script>text<style>p{}</style>", "text"),
        ("&lt;p&gt;twice&lt;/p&gt;", "twice"),
        ("&lt;script&gt;evil()&lt;/script&gt;text", "text"),
        ("&amp;lt;b&amp;gt;thrice&amp;lt;/b&amp;gt;", "thrice"),
        ("AT&amp;T", "AT&T"),
        ("AT&T", "AT&T"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("price &lt; 5", "price < 5"),
        ("<img src=x onerror=alert(1)>caption", "caption"),
        ("<a href='javascript:x'>link</a>", "link"),
        ("<!-- hidden -->seen", "seen"),
        ("no\u200bbreak\u202eevil", "nobreakevil"),
        ("a\x00b\x07c", "abc"),
        ("  many \n\n\n  spaces\t", "many\nspaces"),
        ("tail <script", "tail"),
        ("Pu\u0300\u0301\u0302\u0303\u0304\u0305tin", "Pu\u0300\u0301\u0302tin"),
        ("&#117;&#769;&#770;&#771;&#772;", "u\u0301\u0302\u0303"),
        ("Vie\u0302\u0323t Nam, \u0e17\u0e35\u0e48", "Vie\u0302\u0323t Nam, \u0e17\u0e35\u0e48"),
        ("soft\ud800surrogate", "soft\ufffdsurrogate"),
    ],
)  # fmt: skip
def test_text_is_what_a_reader_sees(source: str, text: str) -> None:
    """Blocks are lines, entities are characters, scripts are nothing."""
    assert markup.plain(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("F-16 <Block 70> delivered", "F-16 ‹Block 70› delivered"),
        ("F-16 &lt;Block 70&gt; delivered", "F-16 ‹Block 70› delivered"),
        ("F-16 &amp;lt;Block 70&amp;gt; delivered", "F-16 ‹Block 70› delivered"),
        ("<UPDATE> Talks fail", "‹UPDATE› Talks fail"),
        ("<UPDATE> <b>Talks</b> fail", "‹UPDATE› Talks fail"),
        ("<b>Talks</b> fail", "Talks fail"),
        ("&lt;EM&gt;Talks&lt;/EM&gt; fail", "Talks fail"),
        ("<o:p>Talks</o:p> fail", "Talks fail"),
        ("<blink2>Talks</blink2> fail", "Talks fail"),
        ("<custom a='b'>Talks fail", "Talks fail"),
        ("<script>evil()</script>Talks fail", "Talks fail"),
    ],
)
def test_titles_keep_text_in_angle_brackets(source: str, text: str) -> None:
    """What is no element is text; what is one, or might be, is not."""
    assert markup.one_line(source) == text


def test_titles_are_one_line() -> None:
    """Line breaks in a title are spaces."""
    assert markup.one_line("<p>Putin\nwarns</p> <i>NATO</i>") == "Putin warns NATO"


def test_a_storm_of_brackets_in_a_title_takes_linear_time() -> None:
    """What is too long for a title is not searched once for each bracket."""
    started = time.process_time()
    markup.one_line("".join(f"<w{number}>" for number in range(50_000)))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "bomb",
    ["<div>" * 60_000, "<a " * 100_000, "<" * 200_000, "&lt;" * 100_000, "<table>" * 20_000, "<!--" * 50_000],
)
def test_towers_of_markup_take_linear_time(bomb: str) -> None:
    """No repetition takes more than a few seconds."""
    started = time.process_time()
    markup.plain(bomb)
    assert time.process_time() - started < 5


PIECES = st.sampled_from([*"<>&;/!-' x\"=", "script", "p", "&lt;", "&amp;", "&#60;", "onload", "<p>", "a"])


@given(st.lists(PIECES, max_size=30))
def test_no_tag_is_left(pieces: list[str]) -> None:
    """Whatever is written, no opening of an element comes out."""
    assert not re.search(r"<(?:script|p|a)[\s>/]", markup.plain("".join(pieces)))
