"""From what the reader marked to transfers: parties, quantities, what the article says elsewhere."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import NLP, moved, reading, scene, span

from extractors.actors.finder import ActorFinder
from extractors.reader.decoding import SentenceReading
from extractors.reader.settings import TransferThresholds
from extractors.records import Stage, Transfer
from extractors.statements.speakers import SpeakerResolver
from extractors.transfers.class_nouns import narrowed, unnamed
from extractors.transfers.finder import TransferFinder
from extractors.transfers.parties import PartyResolver
from extractors.transfers.quantities import quantity
from extractors.weapons.finder import WeaponFinder


@pytest.fixture(scope="module")
def finder(seeds: Path, actors: ActorFinder, weapons: WeaponFinder) -> TransferFinder:
    floors = TransferThresholds(stages=dict.fromkeys(Stage, 0.4), party=0.3)
    speakers = SpeakerResolver(seeds, actors=actors)
    return TransferFinder(seeds, speakers=speakers, makers=weapons.lexicon.makers, thresholds=floors)


def told(
    finder: TransferFinder,
    actors: ActorFinder,
    weapons: WeaponFinder,
    text: str,
    readings: Sequence[SentenceReading],
) -> list[Transfer]:
    return finder.find(scene(text, actors), readings, weapons=weapons.find(NLP(text)))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("India ordered 114 ¦Rafale fighters.", 114),
        ("Denmark gave a dozen ¦F-16 jets.", 12),
        ("Denmark will donate nineteen ¦F-16 jets.", 19),
        ("Australia will buy up to 220 ¦Tomahawk missiles.", 220),
        ("Poland ordered 1,000 ¦K2 tanks.", 1000),
        ("Germany will send 14 more ¦Leopard 2 tanks.", 14),
        ("It sent two thousand ¦Shahed drones.", 2000),
        ("It sent 3 thousand ¦Shahed drones.", 3000),
        ("Three dozen ¦F-16 jets came.", 36),
        ("It ordered a hundred ¦Taurus missiles.", 100),
        ("It fired five hundred ¦ATACMS missiles.", 500),
        ("A ¦Taurus missile fell.", None),
        ("A million people fled the ¦Shahed drones.", None),
        ("It has 240 mm ¦rocket launchers.", None),
        ("Kyiv got 155-millimetre ¦howitzers.", None),
        ("Kyiv got ¦F-16 jets.", None),
        ("Mk 82 ¦bombs fell.", None),
        ("In 2023 Sweden sent ¦Archer howitzers.", None),
        ("Warsaw pays $500 for ¦HIMARS launchers.", None),
        ("Five countries and ¦Patriot batteries.", None),
        ("After 3 years ¦Taurus missiles came.", None),
        ("¦Taurus", None),
    ],
)
def test_a_quantity_counts_the_weapon(text: str, number: int | None) -> None:
    """No calibre, no year, no price, no part of a name; ``¦`` stands before the weapon."""
    assert quantity(text.replace("¦", ""), text.index("¦")) == number


@given(st.text(alphabet="0123456789, aAdozen thousand-mm$", max_size=60))
def test_any_words_before_a_weapon_are_a_quantity_or_none(text: str) -> None:
    """Whatever stands there, the answer is a whole number that is not negative, or nothing."""
    found = quantity(text, len(text))
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Cruise missiles came. The missiles are new.", ["cruise-missile", "cruise-missile"]),
        ("Glide bombs came. The bombs are new.", ["glide-bomb", "glide-bomb"]),
        (
            "Cruise missiles and ballistic missiles came. The missiles are new.",
            ["cruise-missile", "ballistic-missile", "missile"],
        ),
        ("Tanks came. The bombs are new.", ["tank", "bomb"]),
        ("Light tanks and armoured vehicles came.", ["main-battle-tank", "armoured-vehicle"]),
        ("Armoured vehicles, radios and light tanks came.", ["armoured-vehicle", "main-battle-tank"]),
        ("Missiles, helicopters as well as cruise missiles came.", ["missile", "helicopter", "cruise-missile"]),
        ("Glide bombs came, 40 of them. Bombs are few.", ["glide-bomb", "glide-bomb"]),
    ],
)
def test_a_class_means_the_only_narrower_one(weapons: WeaponFinder, text: str, meant: list[str]) -> None:
    """By its own name or by the wider categories of its line; not where there are two, or none, or in one list."""
    found = narrowed(text, weapons.find(NLP(text)), weapons.lexicon.categories)
    assert [mention.weapon for mention in found] == meant


@pytest.mark.parametrize(
    ("text", "words", "sides"),
    [
        ("Germany sent it.", "Germany", ["DE"]),
        ("Berlin sent it.", "Berlin", ["DE"]),
        ("Germany's Rheinmetall sent it.", "Germany's Rheinmetall", ["DE"]),
        ("Sudan's RSF sent it.", "Sudan's RSF", ["rsf"]),
        ("Germany, Poland and Spain sent it.", "Germany, Poland and Spain", ["DE", "PL", "ES"]),
        ("Iran sent it to Hezbollah.", "Hezbollah", ["hezbollah"]),
        ("President Zelensky asked for it.", "President Zelensky", ["UA"]),
        ("Vladimir Putin paused. He sent it.", "He", ["RU"]),
        pytest.param("Reuters reported it.", "Reuters", []),
        ("LONDON – Sweden sent it.", "LONDON", []),
        ("LONDON (Reuters) - Sweden sent it.", "LONDON", []),
        ("LONDON – Sweden sent it.", "Sweden", ["SE"]),
        ("London – not Paris – sent it.", "London", ["GB"]),
        ("Nobody knows.", "Nobody", []),
    ],
)
def test_a_party_is_the_state_or_group_that_its_words_name(
    seeds: Path, actors: ActorFinder, text: str, words: str, sides: list[str]
) -> None:
    """By name, capital, leader, pronoun; a list names several, a company stands for its state, a medium for none."""
    resolver = PartyResolver(speakers=SpeakerResolver(seeds, actors=actors), least=0.3)
    assert [party.side for party in resolver.resolve([span(text, words)], scene(text, actors))] == sides


def test_who_intercepts_a_weapon_does_not_use_it(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder
) -> None:
    """Whoever fires one at the same target does."""
    text = "Ukraine said its guns intercepted six Shahed drones of Russia at dawn."
    down = moved(text, "Shahed", Stage.USED, recipient="Ukraine")
    assert told(finder, actors, weapons, text, [reading(text, weapons=[down])]) == []
    got = moved(text, "Shahed", Stage.DELIVERED, supplier="Russia", recipient="Ukraine")
    assert told(finder, actors, weapons, text, [reading(text, weapons=[got])]) == []
    text = "Ukraine said its guns intercepted six jets with Patriot missiles."
    used = moved(text, "Patriot", Stage.USED, recipient="Ukraine")
    (found,) = told(finder, actors, weapons, text, [reading(text, weapons=[used])])
    assert (found.weapon, found.recipient, found.stage) == ("patriot", "UA", Stage.USED)


@pytest.mark.parametrize(
    ("giving", "getting", "maker", "parties"),
    [
        ({"Oslo": 0.95, "Rome": 0.5}, {"Oslo": 0.7, "Rome": 0.9}, None, ("NO", "IT")),
        ({"Rome": 0.95, "Oslo": 0.5}, {"Rome": 0.7, "Oslo": 0.9}, None, ("IT", "NO")),
        ({"Oslo": 0.9, "Rome": 0.8}, {"Oslo": 0.8, "Rome": 0.85}, None, None),
        ({"Oslo": 0.9, "Rome": 0.8}, {"Oslo": 0.8, "Rome": 0.85}, "NO", ("NO", "IT")),
        ({"Oslo": 0.9, "Rome": 0.8}, {"Oslo": 0.8, "Rome": 0.85}, "FR", None),
        ({"Oslo": 0.95, "Rome": 0.5, "Paris": 0.3}, {"Oslo": 0.9, "Rome": 0.9}, "NO", None),
        ({"Oslo": 0.9}, {"Rome": 0.9, "Oslo": 0.85}, None, ("NO", "IT")),
        ({"Oslo": 0.9}, {"Oslo": 0.8}, None, None),
    ],
)
def test_two_sides_get_the_roles_that_fit_both_best(
    seeds: Path,
    actors: ActorFinder,
    giving: dict[str, float],
    getting: dict[str, float],
    maker: str | None,
    parties: tuple[str, str] | None,
) -> None:
    """Unless the reverse is nearly as likely; who developed the weapon supplies it. Of three, each is judged alone."""
    text = "Oslo, Rome and Paris spoke of the Patriot."
    weapon = replace(
        moved(text, "Patriot", Stage.PLEDGED),
        suppliers=tuple(span(text, words, score) for words, score in giving.items()),
        recipients=tuple(span(text, words, score) for words, score in getting.items()),
    )
    resolver = PartyResolver(speakers=SpeakerResolver(seeds, actors=actors), least=0.3)
    told = reading(text, weapons=[weapon])
    suppliers, recipients = resolver.both(weapon, scene(text, actors), maker=maker, reading=told)
    found = [(one.side, other.side) for one in suppliers for other in recipients]
    assert found == ([parties] if parties else [])


def test_a_party_the_reader_doubts_is_none(seeds: Path, actors: ActorFinder) -> None:
    """Below its floor a span does not count."""
    resolver = PartyResolver(speakers=SpeakerResolver(seeds, actors=actors), least=0.3)
    text = "Germany sent it."
    assert resolver.resolve([span(text, "Germany", 0.2)], scene(text, actors)) == []


def test_each_stage_supplier_and_recipient_is_a_transfer(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder
) -> None:
    """Two suppliers of one weapon are two transfers, with the quantity and the sentence."""
    text = "Germany and Poland will send 14 Leopard 2 tanks to Ukraine."
    weapon = moved(text, "Leopard 2", Stage.PLEDGED, supplier="Germany and Poland", recipient="Ukraine")
    found = told(finder, actors, weapons, text, [reading(text, weapons=[weapon])])
    assert [(each.weapon, each.supplier, each.recipient, each.stage, each.quantity) for each in found] == [
        ("leopard-2", "DE", "UA", Stage.PLEDGED, 14),
        ("leopard-2", "PL", "UA", Stage.PLEDGED, 14),
    ]
    assert {text[each.start : each.end] for each in found} == {text}


@pytest.mark.parametrize(("score", "background"), [(0.9, True), (0.1, False)])
def test_what_is_told_as_past_is_marked(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder, score: float, background: bool
) -> None:
    """As sure as the reader is of it."""
    text = "Germany, which sent Patriot systems to Ukraine, is pleased."
    weapon = moved(text, "Patriot", Stage.DELIVERED, supplier="Germany", recipient="Ukraine", background=score)
    (found,) = told(finder, actors, weapons, text, [reading(text, weapons=[weapon])])
    assert found.background is background


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Poland urged Germany to give Taurus missiles to Ukraine.", True),
        ("Ukraine urged Germany to give Taurus missiles to Ukraine.", False),
        ("It urged Germany to give Taurus missiles to Ukraine.", False),
        ("Germany was asked for Taurus missiles by Ukraine.", False),
    ],
)
def test_what_is_asked_for_tells_how_sure_it_is_and_who_asks(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder, text: str, others: bool
) -> None:
    """Others ask, if neither the recipient nor a pronoun does; the probability of the reader has two digits."""
    weapon = moved(text, "Taurus", Stage.REQUESTED, supplier="Germany", recipient="Ukraine")
    weapon = replace(weapon, stages={**weapon.stages, Stage.REQUESTED: 0.9764})
    (found,) = told(finder, actors, weapons, text, [reading(text, weapons=[weapon])])
    assert (found.confidence, found.asked_by_others) == (0.98, others)


@pytest.mark.parametrize(
    ("supplier", "recipient"), [("Germany", ""), ("", "Germany"), ("Germany", "Berlin")], ids=["none", "alone", "same"]
)
def test_without_two_sides_there_is_no_transfer(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder, supplier: str, recipient: str
) -> None:
    """A transfer nobody gets is none; nor is one whose two names mean one side, which tell no direction."""
    text = "Germany said in Berlin that ATACMS systems were sent."
    weapon = moved(text, "ATACMS", Stage.DELIVERED, supplier=supplier, recipient=recipient)
    found = told(finder, actors, weapons, text, [reading(text, weapons=[weapon])])
    told_of = [(None, "DE")] if recipient == "Germany" else []
    assert [(each.supplier, each.recipient) for each in found] == told_of


@pytest.mark.parametrize(
    ("supplier", "recipient"),
    [("Netherlands", "Russia"), ("Germany", "Russia"), ("Russia", "NATO"), ("Japan", "Russia"), ("Iran", "Israel")],
)
def test_enemies_do_not_arm_each_other(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder, supplier: str, recipient: str
) -> None:
    """Where a sentence seems to say so it was misread; one beside them may."""
    text = f"{supplier}, which {recipient} has scolded for years, asked China and will send the F-16 jets."
    for to, found in ((recipient, 0), ("China", 1)):
        weapon = moved(text, "F-16", Stage.PLEDGED, supplier=supplier, recipient=to)
        assert len(told(finder, actors, weapons, text, [reading(text, weapons=[weapon])])) == found


@pytest.mark.parametrize(("weapon", "found"), [("nuclear weapon", 0), ("nuclear warheads", 0), ("Storm Shadow", 1)])
def test_nobody_uses_a_nuclear_weapon_that_another_gave(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder, weapon: str, found: int
) -> None:
    """What surveys, films and history say of one is no alert of the highest severity."""
    text = f"Many believe that the {weapon} was used by Ukraine in the storm of the year before."
    used = moved(text, weapon, Stage.USED, recipient="Ukraine")
    assert len(told(finder, actors, weapons, text, [reading(text, weapons=[used])])) == found


def test_what_a_sentence_leaves_unsaid_comes_from_the_article(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder
) -> None:
    """The recipient of the headline is that of the lead."""
    text = "Germany to send Patriot systems to Ukraine\n\nBerlin will deliver Patriot systems in March."
    head, lead = text.split("\n\n")
    first = moved(text, "Patriot", Stage.PLEDGED, supplier="Germany", recipient="Ukraine")
    at = text.index("Patriot", len(head))
    second = moved(text, "Patriot", Stage.DELIVERED, supplier="Berlin")
    second = type(second)(
        start=at, end=at + 7, stages=second.stages, background=0.0, suppliers=second.suppliers, recipients=()
    )
    readings = [reading(text, head, weapons=[first]), reading(text, lead, weapons=[second])]
    found = told(finder, actors, weapons, text, readings)
    assert [(each.stage, each.supplier, each.recipient) for each in found] == [
        (Stage.PLEDGED, "DE", "UA"),
        (Stage.DELIVERED, "DE", "UA"),
    ]


def test_the_measured_set_is_balanced() -> None:
    """Hundreds of sentences, as many without a transfer as with one, and every stage; measured in ``test_measured``."""
    table = Path(__file__).parent / "data" / "transfers.jsonl"
    cases = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()]
    without = sum(not case["transfers"] for case in cases)
    assert len(cases) >= 500
    assert 0.4 < without / len(cases) < 0.6
    assert {row[3] for case in cases for row in case["transfers"]} == {str(stage) for stage in Stage}


@pytest.mark.parametrize(
    ("text", "speaker", "background"),
    [
        ("“As Kyiv asks Berlin for Taurus, nobody thinks ahead,” wrote Ona Velt of a think tank.", "Ona Velt", True),
        ("Ona Velt of a think tank wrote that Kyiv asks Berlin for Taurus.", "Ona Velt", False),
        ("“Kyiv asks Berlin for Taurus,” said Volodymyr Zelensky.", "Volodymyr Zelensky", False),
    ],
)
def test_the_rhetoric_of_an_expert_is_no_news(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder, text: str, speaker: str, background: bool
) -> None:
    """Quoted words of somebody without an office tell what is known; what is reported, or an official says, is news."""
    weapon = moved(text, "Taurus", Stage.REQUESTED, supplier="Berlin", recipient="Kyiv")
    (found,) = told(finder, actors, weapons, text, [reading(text, speaker=speaker, weapons=[weapon])])
    assert found.background is background


@pytest.mark.parametrize(
    ("score", "supplier", "told_of"), [(0.85, "Washington", True), (0.75, "Washington", False), (0.85, "", False)]
)
def test_a_possible_weapon_is_one_where_its_transfer_is_surely_told(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder, score: float, supplier: str, told_of: bool
) -> None:
    """From one side that is named to another; else the name may mean something else."""
    text = "Washington clears Stingers for Taipei."
    (possible,) = weapons.search(NLP(text)).possible
    weapon = moved(text, "Stingers", Stage.PLEDGED, supplier=supplier, recipient="Taipei")
    weapon = replace(weapon, stages={**weapon.stages, Stage.PLEDGED: score})
    found = finder.find(scene(text, actors), [reading(text, weapons=[weapon])], weapons=(), possible=[possible])
    assert [(one.weapon, one.supplier, one.recipient) for one in found] == [("stinger", "US", "TW")] * told_of


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Lima awaits planes for the war.", ["planes"]),
        ("Lima awaits the F-16. The planes are old, its troops say.", []),
        ("Lima awaits tanks, trucks and rifles for its troops.", ["trucks", "rifles"]),
        ("Lima awaits tanks. The vehicles will be armed.", []),
        ("Lima awaits tanks. Rifles will follow, its troops say.", ["Rifles"]),
    ],
)
def test_a_vague_class_may_be_what_the_text_names_elsewhere(
    weapons: WeaponFinder, text: str, classes: list[str]
) -> None:
    """But not what stands in a list with it, nor what no such class includes."""
    found = weapons.search(NLP(text))
    left = unnamed(text, found.possible, found.certain, weapons.lexicon.categories)
    assert [mention.text for mention in left] == classes


@pytest.mark.parametrize(
    ("text", "weapon", "recipient", "found"),
    [
        ("Germany is to modernise its Leopard 2 tanks.", "Leopard 2", "Germany", 0),
        ("Britain ordered 148 Challenger 3 tanks.", "Challenger 3", "Britain", 0),
        ("Norway is to get Leopard 2 tanks.", "Leopard 2", "Norway", 1),
    ],
)
def test_what_a_state_gets_of_its_own_makers_is_no_transfer(
    finder: TransferFinder,
    actors: ActorFinder,
    weapons: WeaponFinder,
    text: str,
    weapon: str,
    recipient: str,
    found: int,
) -> None:
    """Where no supplier is named, the country that developed a system is taken to supply itself."""
    got = moved(text, weapon, Stage.PLEDGED, recipient=recipient)
    assert len(told(finder, actors, weapons, text, [reading(text, weapons=[got])])) == found


def test_what_a_question_takes_for_granted_is_told(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder
) -> None:
    """A reporter asserts nothing, but the reader tells what the question presupposes from what it asks."""
    text = "Q Why did Germany send Taurus missiles to Ukraine only now?\n\nMR. PRICE: It took time."
    weapon = moved(text, "Taurus", Stage.DELIVERED, supplier="Germany", recipient="Ukraine")
    (found,) = told(finder, actors, weapons, text, [reading(text, text.partition("\n")[0], weapons=[weapon])])
    assert (found.stage, found.supplier, found.recipient, found.said_by) == (Stage.DELIVERED, "DE", "UA", None)


@pytest.mark.parametrize(("score", "said_by"), [(0.9, "Germany"), (0.42, None)])
def test_nobody_says_what_a_newspaper_argues(
    finder: TransferFinder, actors: ActorFinder, weapons: WeaponFinder, score: float, said_by: str | None
) -> None:
    """A speaker that is less likely than not is none."""
    text = "Another argument for Berlin to send Kyiv Taurus missiles is their range."
    weapon = moved(text, "Taurus", Stage.PLEDGED, supplier="Berlin", recipient="Kyiv")
    read = reading(text, speaker="Berlin", weapons=[weapon])
    read = replace(read, spans={**read.spans, "speaker": (span(text, "Berlin", score),)})
    (found,) = told(finder, actors, weapons, text, [read])
    assert found.said_by == said_by
