"""How things are counted in words."""

import re
from pathlib import Path

import pytest

from extractors.counts import plural

PRODUCT = ("alerts", "extractors", "flows", "warehouse")
BY_HAND = re.compile(r"== 1 else '\w+s'")


@pytest.mark.parametrize(
    ("count", "noun", "many", "words"),
    [
        (0, "weapon", "", "0 weapons"),
        (1, "weapon", "", "1 weapon"),
        (2, "weapon", "", "2 weapons"),
        (1, "entry", "entries", "1 entry"),
        (1_200, "entry", "entries", "1,200 entries"),
        (1, "stage of a transfer", "stages of transfers", "1 stage of a transfer"),
    ],
)
def test_one_is_not_many(count: int, noun: str, many: str, words: str) -> None:
    """Thousands are parted."""
    assert plural(count, noun, many) == words


def test_nothing_makes_a_plural_by_hand(seeds: Path) -> None:
    """There is one place for it."""
    sources = [path for folder in PRODUCT for path in (seeds.parent / folder).rglob("*.py") if path.name != "counts.py"]
    assert [str(path) for path in sources if BY_HAND.search(path.read_text(encoding="utf-8"))] == []
