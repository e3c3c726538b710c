"""Datelines: where a report was written, and by which agency."""

import pytest

from extractors.text.datelines import agency_dateline, in_dateline, without_dateline


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("OSLO – The cabinet met.", "The cabinet met."),
        ("OSLO (AFP) — The cabinet met.", "The cabinet met."),
        ("TUNIS, March 3 (AFP) -- The cabinet met.", "The cabinet met."),
        ("NEW YORK/OSLO, Dec. 12 - The cabinet met.", "The cabinet met."),
        ("Oslo – the cabinet met.", "Oslo – the cabinet met."),
        ("NATO-led forces met.", "NATO-led forces met."),
        ("The cabinet met – in OSLO.", "The cabinet met – in OSLO."),
        ("NATO warned Oslo.", "NATO warned Oslo."),
    ],
)
def test_what_a_sentence_says_begins_behind_its_dateline(text: str, rest: str) -> None:
    """A place in capitals, with or without a day and an agency; whatever stands there does not speak."""
    assert without_dateline(text) == rest
    assert in_dateline(text, 0) is (rest != text)


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("Pyongyang, June 24 (KCNA) -- The ministry warned.", "KCNA"),
        ("A title\n\nTehran (Tasnim) – The ministry warned.", "Tasnim"),
        ("The ministry (KCNA) warned.", None),
        (f"{'Long. ' * 110}\nPyongyang (KCNA) -- The ministry warned.", None),
    ],
)
def test_an_agency_stands_in_brackets_before_a_dash(text: str, agency: str | None) -> None:
    """Near the beginning, the place in any letters."""
    found = agency_dateline(text)
    assert (found and found["agency"]) == agency
