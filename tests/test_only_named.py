"""A listed system of which nothing is told but its name: namesakes, and arms that only occur, wait for the digest.

In ``told_of_weapons.jsonl``, ``²`` stands before and behind the weapon.
"""

import json
from pathlib import Path

import pytest
from news_examples import NOW, article, weapon

from alerts.policy.decision import PolicySettings, decide
from alerts.policy.severity_scale import shipped_scale
from flows.steps.seeds_folder import SeedsFolder

DATA = Path(__file__).parent / "data" / "told_of_weapons.jsonl"
CASES = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def settings(seeds: Path) -> PolicySettings:
    folder = SeedsFolder.of(seeds)
    return PolicySettings(scale=shipped_scale(), forms=folder.forms, arms=folder.arms, deeds=folder.deeds)


def held_back(
    marked: str, settings: PolicySettings, *, title: str = "News of the day", genre: str = "news", **fields: object
) -> str | None:
    """Why the alert on the weapon between two marks is not sent."""
    source = article(marked.replace("²", ""), title=title, genre=genre)
    told = weapon(source, marked.split("²")[1], **{"category": "fighter", **fields})
    return decide([told], now=NOW, settings=settings)[0].suppressed


def cases(kind: str) -> list[tuple[str, bool]]:
    return [(case["text"], not case["alike"]) for case in CASES if case["kind"] == kind]


@pytest.mark.parametrize(("text", "shares"), cases("shares its name"))
def test_a_name_without_a_word_of_arms_is_a_namesake(text: str, shares: bool, settings: PolicySettings) -> None:
    """However grave the system would be."""
    why = held_back(text, settings, category="chemical_weapon")
    assert why == ("nothing of arms is told with it: goes to the digest" if shares else None)


@pytest.mark.parametrize(("text", "occurs"), cases("only occurs"))
def test_arms_of_one_side_with_which_nothing_is_done_only_occur(
    text: str, occurs: bool, settings: PolicySettings
) -> None:
    """Unless they are grave."""
    why = held_back(text, settings)
    assert why == ("one side has it, and nothing is done with it: goes to the digest" if occurs else None)
    assert held_back(text, settings, category="ballistic_missile") is None


def test_the_title_tells_as_well_what_a_name_means(settings: PolicySettings) -> None:
    """Its sentence may leave out who does what."""
    text = "The ²Rafale² was over the bay."
    assert held_back(text, settings) == "no side is named with it: goes to the digest"
    text = "The ²Rafale² was over the bay, Egypt says."
    assert held_back(text, settings) == "nothing of arms is told with it: goes to the digest"
    assert held_back(text, settings, title="Warplane deployed against Sudan") is None


def test_a_system_on_no_list_was_found_by_what_is_told_with_it(settings: PolicySettings) -> None:
    """Its class stands beside it, or it would not have been taken for a weapon."""
    assert held_back("Canada's auditors look into the ²Zorblax².", settings, known=False) is None


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("How the Rafale jets of Egypt changed the war in Sudan", "named under a title that asks or explains"),
        ("Will Egypt's warplanes stop Sudan?", "named under a title that asks or explains"),
        ("Egypt's warplanes strike Sudan", None),
    ],
)
def test_what_explains_brings_no_new_weapon(title: str, why: str | None, settings: PolicySettings) -> None:
    """It tells again what was known."""
    held = held_back("A ²Rafale² jet of Egypt struck Sudan.", settings, title=title)
    assert held == (f"{why}: goes to the digest" if why else None)


@pytest.mark.parametrize(("genre", "told"), [("anniversary", False), ("news", True), ("opinion", True)])
def test_a_look_back_brings_no_new_weapon(genre: str, told: bool, settings: PolicySettings) -> None:
    """What sailed eighty years ago is on no list, and not new; an opinion piece may name what is."""
    held = held_back("The ²Zorblax² of Egypt struck Sudan.", settings, known=False, genre=genre)
    assert held == (None if told else "a look back at an anniversary brings no new weapon: goes to the digest")
