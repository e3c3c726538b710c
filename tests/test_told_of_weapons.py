"""What sentences tell of weapons besides their use and transfer: wrecks, downed swarms, refusals, voyages, space.

In ``told_of_weapons.jsonl``, ``²`` stands before the weapon and ``¹`` before the side it is said of.
"""

import json
from collections import Counter
from pathlib import Path

import pytest
from readings import NLP

from extractors.transfers.interception import is_brought_down
from extractors.transfers.lookalikes import (
    asked_by_another,
    is_asked_for,
    is_hesitant,
    is_voyage,
    is_withheld,
    may_come,
)
from extractors.weapons.finder import WeaponFinder

DATA = Path(__file__).parent / "data" / "told_of_weapons.jsonl"
CASES = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


def cases(kind: str) -> list[tuple[str, bool]]:
    return [(case["text"], not case["alike"]) for case in CASES if case["kind"] == kind]


def plain(text: str, mark: str) -> tuple[str, int]:
    """The text without marks, and where the first ``mark`` stood."""
    before = text[: text.index(mark)]
    return text.replace("¹", "").replace("²", ""), len(before) - before.count("¹") - before.count("²")


@pytest.mark.parametrize(("text", "down"), cases("downs them"))
def test_who_is_named_behind_a_weapon_may_bring_it_down(text: str, down: bool) -> None:
    """If what it downs is "them"."""
    (told, weapon), (_, user) = plain(text, "²"), plain(text, "¹")
    assert is_brought_down(told, weapon, sentence=0, user=user) is down


@pytest.mark.parametrize(("text", "withheld"), cases("is not given") + cases("is not received"))
def test_what_is_not_given_is_neither_pledged_nor_delivered(text: str, withheld: bool) -> None:
    """Unless something else is not given."""
    told, weapon = plain(text, "²")
    assert is_withheld(told, weapon, sentence=0) is withheld


@pytest.mark.parametrize(("text", "asked"), cases("is asked for"))
def test_what_is_asked_for_is_neither_pledged_nor_delivered(text: str, asked: bool) -> None:
    """Unless it is granted."""
    told, weapon = plain(text, "²")
    assert is_asked_for(told, weapon, sentence=0, end=len(told)) is asked


@pytest.mark.parametrize(("text", "hesitates"), cases("hesitates"))
def test_who_hesitates_has_not_refused(text: str, hesitates: bool) -> None:
    """Unless a refusal is told too."""
    assert is_hesitant(plain(text, "²")[0]) is hesitates


@pytest.mark.parametrize(("text", "another"), cases("is asked for by another"))
def test_others_may_ask_that_a_side_be_given_a_weapon(text: str, another: bool) -> None:
    """Who asks stands before the verb, and whoever is to get it behind it."""
    told, recipient = plain(text, "¹")
    assert (asked_by_another(told, recipient, sentence=0) is not None) is another


@pytest.mark.parametrize(("text", "sails"), cases("only sails"))
def test_a_ship_that_sails_is_not_delivered(text: str, sails: bool) -> None:
    """Unless it changes hands."""
    assert is_voyage(text) is sails


@pytest.mark.parametrize(("text", "open_"), cases("may be given yet"))
def test_what_may_be_given_is_not_delivered(text: str, open_: bool) -> None:
    """What was given may do something yet."""
    assert may_come(text) is open_


@pytest.mark.parametrize(("text", "flies"), cases("flies to space"))
def test_what_flies_to_space_is_no_weapon(weapons: WeaponFinder, text: str, flies: bool) -> None:
    """Whatever class of weapons its name stands before."""
    assert (not [each for each in weapons.find(NLP(text)) if each.specific]) is flies


def test_every_kind_has_as_many_that_only_look_like_it() -> None:
    """Twenty of each."""
    assert set(Counter((case["kind"], case["alike"]) for case in CASES).values()) == {20}
