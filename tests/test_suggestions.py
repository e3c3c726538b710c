"""What somebody may have meant: which names are near, and how they are asked for."""

import re
from pathlib import Path

import pytest

from extractors.suggestions import did_you_mean, similar

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("taurs", ["Taurus"]),
        ("TAURUS ", ["Taurus"]),
        ("trid", ["Trident"]),
        ("", []),
        ("zzz", []),
        ("aurora borealis", []),
    ],
)
def test_near_is_what_is_spelled_alike(name: str, near: list[str]) -> None:
    """Whatever its case; and nothing that has only a few letters in common."""
    assert similar(name, ["Taurus", "Trident", "Kh-101"]) == near


def test_another_spelling_suggests_the_name_it_stands_for() -> None:
    """Once, though several of its spellings are near."""
    sides = {"Germany": "DE", "Germania": "DE", "Ghana": "GH"}
    assert similar("germny", sides, called=sides) == ["DE"]
    assert similar("germny", sides) == ["Germany", "Germania"]


def test_names_are_asked_for_in_words() -> None:
    """As the end of a message; without any, it says what to do, if there is something to do."""
    assert did_you_mean(["A"]) == "; did you mean A?"
    assert did_you_mean(["A", "B", "C"]) == "; did you mean A, B or C?"
    assert did_you_mean([], otherwise="see the list") == "; see the list"
    assert did_you_mean([]) == ""


def test_only_one_module_words_a_suggestion() -> None:
    """Ten copies differed in what they thought near, and in their punctuation."""
    folders = ("alerts", "extractors", "flows", "warehouse")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if path.name != "suggestions.py"]
    assert [path.name for path in sources if re.search(r"do you mean|\; did you mean", path.read_text())] == []
