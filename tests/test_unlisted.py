"""Unlisted systems: names no lexicon holds, told by their form and by the class of weapons that explains them."""

import pytest
from spacy.language import Language

from extractors.records import WeaponMention
from extractors.text.sentences import build_nlp
from extractors.weapons.finder import WeaponFinder, slug


@pytest.fixture(scope="module")
def nlp() -> Language:
    return build_nlp()


@pytest.fixture(scope="module")
def finder(weapons: WeaponFinder) -> WeaponFinder:
    return weapons


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
    ("text", "expected"),
    [
        ("The Shadow Strom missiles have a range of 155 miles.", ["storm-shadow"]),
        ("They were shown the F1-6 fighter jet beside Su-35 bombers.", ["f-16", "su-35"]),
        ("They were shown the F-61 fighter jet beside Su-35 bombers.", ["f-61", "su-35"]),
        ("Ukraine showed the Stormward cruise missile.", ["stormward"]),
    ],
)
def test_letters_that_changed_places_are_no_new_system(
    finder: WeaponFinder, nlp: Language, text: str, expected: list[str]
) -> None:
    """A listed name that is misspelt is that system; other digits are another one."""
    assert [mention.weapon for mention in finder.find(nlp(text)) if mention.specific] == expected


APPOSITIONS = [
    ("South Korea tests the Cheonryong-9, an underwater drone, off Busan.", {"Cheonryong-9"}),
    ("Iran showed a new ballistic missile, the Rastakhiz-2, on Tuesday.", {"Rastakhiz-2"}),
    ("Iran showed its new ballistic missile, the Tondar-Azam, on Army Day.", {"Tondar-Azam"}),
    ("They showed a ballistic missile and a new air-to-air missile, Saqib-4.", {"Saqib-4"}),
    ("Belarus showed a loitering munition, Chekan-V, in Minsk.", {"Chekan-V"}),
    ("The loitering munition Ram-3X is built in Lviv for the army.", {"Ram-3X"}),
    ("North Korea named the combat drone Saetbyol-12.", {"Saetbyol-12"}),
    ("The Hrim-3, a ballistic missile with a range of 500 km, was tested.", {"Hrim-3"}),
    ("Tehran showed a ballistic missile named Haj Rahimi at the parade.", {"Haj Rahimi"}),
    ("The ballistic missile (designated HX-99) flew 500 km.", {"HX-99"}),
    ("The Rosomakha-M howitzer entered service with the army.", {"Rosomakha-M"}),
    ("The army fields FA-77 fighter jets and Palantin-K electronic warfare stations.", {"FA-77", "Palantin-K"}),
    ('The "Sych" loitering munition is built in Lviv.', {"Sych"}),
]


@pytest.mark.parametrize(("text", "names"), APPOSITIONS)
def test_a_class_and_a_name_explain_each_other(finder: WeaponFinder, nlp: Language, text: str, names: set[str]) -> None:
    """In either order, between commas, brackets or side by side."""
    assert {mention.text for mention in unlisted(finder, nlp, text)} == names


STRANGERS = [
    "They met at a remote Caspian rocket launcher.",
    "Peru shot at an Ecuador Fighter Jet over the Amazon.",
    "Battlefield tanks are half of it, he wrote of the war.",
    "Rebels fired an Andean rocket launcher at the army.",
    "The army paraded a Wartime Tank of its grandfathers.",
    "Underwater drones attacked the fleet at night.",
    "They bought Mongolia fighter jets for the war.",
    "Makeshift rocket launchers stood on the hills of the front.",
    "A Decoy drone fell on the base of the navy.",
    "Terrifying missiles rained on the front, a soldier said.",
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
    "The Budapest Memorandum, a treaty on ballistic missiles, failed.",
    "Its newest combat drone, Baykar said, flew for an hour in the war.",
    "A new ballistic missile, Washington says, breaks the deal with Iran.",
    "The ballistic missile, Kim said, can reach Guam.",
    "Resolution 2231, the ballistic missile embargo, expired.",
    "The G-7 missile sanctions will take effect in May.",
    "BARS-13 artillery units held off the army near Kreminna.",
    "He carried an AR-99 assault rifle and a handgun.",
    "Ukraine's Spiderweb drone operation burned bombers.",
    "A combat drone operator named Oleh hit two tanks in the war.",
    "Flight MH17, a passenger jet, was downed by a missile in the war.",
    "Operation Rising Lion, a missile campaign against Iran, ended.",
    "The ballistic missile hit School No 12 in Kryvyi Rih.",
    "The one-of-a-kind Hornvieh tank was to be an exhibit at a museum of the war.",
    "In the video game the Duskfang missile destroys tanks and ships.",
    "They load a helicopter onto a C-177 Globemaster III for the war.",
]


AIRLINERS = [
    ("A Tu-134 of the defence ministry landed at the air force base.", []),
    ("Prigozhin's Tu-134 left as air defence units watched.", []),
    ("The army uses an ageing TU-154 aircraft.", []),
    ("A Tu-154M and a Tu-95 took off from the air force base.", ["tu-95"]),
    ("An Il-62M with North Korean troops landed, the army said.", []),
    ("The Il-96, an aircraft of the air force, flew to Minsk.", []),
    ("Drones hit an An-148 jet at the army's airfield.", []),
    ("Drones hit a Yak-42 on the airfield of the army.", []),
    ("A Tu-214 aircraft carried missiles to the front.", []),
    ("Drones hit a Tu-223 at the air force base.", ["tu-223"]),
    ("The air force flew a Tu-195 bomber to the war.", ["tu-195"]),
    ("Drones hit an Il-21 at the air force base.", ["il-21"]),
    ("Drones hit a Yak-141 on the airfield of the army.", ["yak-141"]),
    ("The army fired a Kh-134 at the port.", ["kh-134"]),
]


@pytest.mark.parametrize(("text", "expected"), AIRLINERS)
def test_airliners_are_no_weapons(finder: WeaponFinder, nlp: Language, text: str, expected: list[str]) -> None:
    """Whatever the maker's prefix says of its other aircraft; those stay weapons."""
    assert [mention.weapon for mention in finder.find(nlp(text)) if mention.specific] == expected


@pytest.mark.parametrize("text", STRANGERS)
def test_other_capitals_beside_weapons_are_no_systems(finder: WeaponFinder, nlp: Language, text: str) -> None:
    """Nations, ships by name, companies, groups, people, treaties, museums and headlines."""
    assert unlisted(finder, nlp, text) == []
