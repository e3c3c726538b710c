"""Unlisted systems: names no lexicon holds, told by their form and by the class of weapons that explains them."""

from pathlib import Path

import pytest
from spacy.language import Language

from extractors.records import WeaponMention
from extractors.sentences import build_nlp
from extractors.weapons import WeaponFinder, slug


@pytest.fixture(scope="module")
def nlp() -> Language:
    return build_nlp()


@pytest.fixture(scope="module")
def finder(seeds: Path) -> WeaponFinder:
    return WeaponFinder(seeds)


def unlisted(finder: WeaponFinder, nlp: Language, text: str) -> list[WeaponMention]:
    return [mention for mention in finder.find(nlp(text)) if mention.specific and not mention.known]


NEW = [
    ("Ukraine showed the Trembovka cruise missile.", "Trembovka", "cruise_missile", "before-class"),
    ("Kyiv fired its new Zorya-7 long-range drones.", "Zorya-7", "drone", "before-class"),
    ("The ZX-9, a long-range cruise missile, was unveiled.", "ZX-9", "cruise_missile", "apposition"),
    ("They unveiled a ballistic missile called Morena on Friday.", "Morena", "ballistic_missile", "after-class"),
    ("The army tested the AGM-999 over the sea.", "AGM-999", "air_to_surface_missile", "designation"),
    ("Tanks of the type T-19 were seen in the war.", "T-19", "tank", "number"),
    ("Storm Shadow and Brightfang were both used.", "Brightfang", "weapon", "listed"),
    ("A Halvard-class frigate sailed with the navy to war.", "Halvard-class", "warship", "ship-class"),
]


@pytest.mark.parametrize(("text", "name", "category", "rule"), NEW)
def test_a_new_system_is_found_by_rule(
    finder: WeaponFinder, nlp: Language, text: str, name: str, category: str, rule: str
) -> None:
    """Each pattern of the table in the module has its example."""
    (mention,) = unlisted(finder, nlp, text)
    assert (mention.text, mention.category, mention.rule) == (name, category, rule)
    assert mention.weapon == slug(name)


def test_a_name_once_explained_is_known_in_the_whole_document(finder: WeaponFinder, nlp: Language) -> None:
    """Later mentions need no class noun."""
    found = unlisted(finder, nlp, "Kyiv showed the Trembovka cruise missile. Ten of the Trembovka were fired.")
    assert [mention.rule for mention in found] == ["before-class", "again"]
    assert {mention.weapon for mention in found} == {"trembovka"}


@pytest.mark.parametrize(
    ("text", "weapons"),
    [
        ("The Shadow Strom missiles have a range of 155 miles.", ["storm-shadow"]),
        ("They were shown the F1-6 fighter jet beside Su-35 bombers.", ["f-16", "su-35"]),
        ("They were shown the F-61 fighter jet beside Su-35 bombers.", ["f-61", "su-35"]),
        ("Ukraine showed the Stormward cruise missile.", ["stormward"]),
    ],
)
def test_letters_that_changed_places_are_no_new_system(
    finder: WeaponFinder, nlp: Language, text: str, weapons: list[str]
) -> None:
    """A listed name that is misspelt is that system; other digits are another one."""
    assert [mention.weapon for mention in finder.find(nlp(text)) if mention.specific] == weapons


STRANGERS = [
    "MOSCOW – Flying reconnaissance drones near the base will have consequences, the ministry said.",
    "ANKARA (AP) - Stationing ballistic missiles there is no plan of ours.",
    "BEIJING: “Selling cruise missiles to the island is a provocation.”",
    "Russian missiles, Ukrainian drones and Israeli jets were seen in May.",
    "The USS Carney, a guided-missile destroyer, shot down drones.",
    "Lockheed Martin missiles and Boeing bombers sell well.",
    "Hezbollah rocket fire and a Kharkiv missile strike were reported.",
    "Ivan Petrov, a missile expert, spoke about tanks.",
    "Wagner Group fighters and the Azov Brigade had tanks.",
    "New START and the Budapest Memorandum limit nuclear missiles.",
    "Bovington Tank Museum shows tanks of the war.",
    "Kyiv Downs 35 Drones in Overnight Attack",
]


@pytest.mark.parametrize("text", STRANGERS)
def test_other_capitals_beside_weapons_are_no_systems(finder: WeaponFinder, nlp: Language, text: str) -> None:
    """Nations, ships by name, companies, groups, people, treaties, museums and headlines."""
    assert unlisted(finder, nlp, text) == []
