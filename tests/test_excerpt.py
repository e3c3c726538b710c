"""One line of evidence out of any document."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.wording.excerpt import clean, excerpt, gaps, sentence_around


def cut(text: str, *words: str, limit: int = 300) -> tuple[str, list[str]]:
    """The excerpt of all of ``text`` with ``words`` marked, and the marks as text."""
    marks = [(text.index(word), text.index(word) + len(word)) for word in words]
    shown, kept = excerpt(text, (0, len(text)), marks, limit=limit)
    return shown, [shown[a:b] for a, b in kept]


def test_a_short_sentence_stays_as_it_is() -> None:
    """Nothing is cut that fits."""
    assert cut("We will strike Kyiv.", "strike") == ("We will strike Kyiv.", ["strike"])


def test_white_space_is_one_space_and_marks_follow() -> None:
    """Line breaks inside a sentence are the outlet's layout, not the speaker's words."""
    assert cut("We  will\n\tstrike\u00a0Kyiv.", "strike\u00a0Kyiv") == ("We will strike Kyiv.", ["strike Kyiv"])


def test_piled_up_accents_are_cut() -> None:
    """They would cover the lines above and below; what languages write, three at most, stays, and marks still fit."""
    piled = "".join(f"{letter}" + "\u0301\u0e48\u0302\u0489\u0303" * 20 for letter in "strike")
    shown, marks = cut(f"We will {piled} Kyiv.", piled)
    assert len(shown) == len("We will strike Kyiv.") + 3 * len("strike")
    assert marks == [shown.split()[2]]
    assert clean("Vie\u0302\u0323t Nam \u05e9\u05c1\u05b8\u05dc") == "Vie\u0302\u0323t Nam \u05e9\u05c1\u05b8\u05dc"


def test_a_long_sentence_is_cut_at_a_word() -> None:
    """The ellipsis says so and counts."""
    shown, marks = cut("word " * 100, limit=40)
    assert shown == "word word word word word word word word…"
    assert marks == []


def test_the_key_word_stays_when_it_is_far_inside() -> None:
    """Otherwise the alert would show a sentence without what it is about."""
    shown, marks = cut("word " * 100 + "Oreshnik " + "word " * 100, "Oreshnik", limit=60)
    assert marks == ["Oreshnik"]
    assert shown.startswith("…word")
    assert shown.endswith("word…")
    assert len(shown) <= 60


def test_a_word_longer_than_the_limit_is_cut_all_the_same() -> None:
    """A hostile line has no spaces."""
    shown, _ = cut("x" * 1_000, limit=50)
    assert len(shown) == 50


@pytest.mark.parametrize(
    ("text", "words", "marks"),
    [
        ("It would cross a red line.", ("cross a", "red line"), ["cross a red line"]),
        ("It would cross a big red line.", ("cross a", "red line"), ["cross a", "red line"]),
        ("He said it “would mean war”.", ("would mean war”",), ["would mean war"]),
        ("He said it “would mean war”.", ("“would mean war”",), ["“would mean war”"]),
        ("He said ‘war’ would follow.", ("war’",), ["war"]),
    ],
)
def test_marks_beside_each_other_are_one_and_close_no_quotation(
    text: str, words: tuple[str, ...], marks: list[str]
) -> None:
    """A key word ends before the mark that closes what began before it."""
    assert cut(text, *words)[1] == marks


def test_overlapping_marks_are_joined() -> None:
    """Bold within bold is bold."""
    assert cut("direct participation of Nato", "direct participation", "participation of Nato")[1] == [
        "direct participation of Nato"
    ]


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\u202e", "\u200b", "\u2066", "\ud800", "\x9b", "\ufeff"])
def test_characters_that_act_on_a_terminal_or_hide_are_gone(char: str) -> None:
    """Escape sequences, direction overrides and zero-width characters reach nobody."""
    assert clean(f"Tomahawk{char}s") == "Tomahawks"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two has Kh-101 in it. Three.", "Two has Kh-101 in it. "),
        ("Gen. Smith saw Kh-101. He left.", "Gen. Smith saw Kh-101. "),
        ("J. D. Vance saw Kh-101.\nNext line.", "J. D. Vance saw Kh-101."),
        ("Title\n\nKh-101 flew", "Kh-101 flew"),
        ("He said: “No.” “Kh-101 flies,” she said.", "“Kh-101 flies,” she said."),
    ],
)
def test_sentence_around(text: str, sentence: str) -> None:
    """Ends at punctuation before a capital, or at the line; not at an abbreviation."""
    start = text.index("Kh-101")
    low, high = sentence_around(text, start, start + 6)
    assert text[low:high] == sentence


def test_a_line_of_five_megabytes_is_not_read_for_one_word() -> None:
    """Time does not grow with the line."""
    text = "word. Word " * 250_000 + "Oreshnik " + "word. Word " * 250_000
    start = text.index("Oreshnik")
    began = time.process_time()
    span = sentence_around(text, start, start + 8)
    excerpt(text, span, [(start, start + 8)])
    assert time.process_time() - began < 0.1


@given(st.text(st.characters()), st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99))))
def test_gaps_lose_nothing(text: str, marks: list[tuple[int, int]]) -> None:
    """Whatever the marks, the pieces are the text."""
    assert "".join(piece for piece, _ in gaps(text, marks)) == text
