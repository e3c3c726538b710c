"""Who is named: spellings, sides, offices by date, surnames, and what is nobody's name."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import NLP

from extractors.actors.finder import ActorFinder, ActorMention
from extractors.actors.spellings import unmarked
from extractors.lexicon import LexiconError


@pytest.fixture(scope="module")
def finder(actors: ActorFinder) -> ActorFinder:
    return actors


def found(finder: ActorFinder, text: str, on: date | None = None) -> list[ActorMention]:
    return finder.find(NLP(text), on=on)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zelenskiy met Zelenskyy.", [("volodymyr-zelensky", "UA")] * 2),
        ("The Kremlin and the White House", [("kremlin", "RU"), ("white-house", "US")]),
        ("Berlin told Pyongyang", [("DE", "DE"), ("KP", "KP")]),
        ("U.S. troops, U.K. aid", [("us-military", "US"), ("GB", "GB")]),
        ("Iran’s Foreign Ministry", [("iranian-foreign-ministry", "IR")]),
        ("PUTIN WARNS WEST", [("vladimir-putin", "RU"), ("west", "west")]),
        ("Jens Stoltenberg of NATO", [("jens-stoltenberg", "nato"), ("nato", "nato")]),
        ("the Houthis and Hezbollah", [("houthis", "houthis"), ("hezbollah", "hezbollah")]),
        ("tell us about turkey and polish", []),
        ("Kim smiled.", []),
        ("North Korea's Kim smiled.", [("KP", "KP"), ("kim-jong-un", "KP")]),
        ("Kim Jong-un spoke. Kim smiled.", [("kim-jong-un", "KP")] * 2),
        ("Boris Johnson left, but Magic Johnson stayed.", [("boris-johnson", "GB")]),
        ("Hunter Biden spoke.", [("hunter-biden", "US")]),
        ("Tangsiri and the Basij", [("alireza-tangsiri", "IR"), ("basij", "IR")]),
        ("Nangaa of the Congo River Alliance", [("corneille-nangaa", "m23"), ("congo-river-alliance", "m23")]),
        ("Dendias met Nikos Christodoulides.", [("nikos-dendias", "GR"), ("nikos-christodoulides", "CY")]),
        ("the UN Security Council and UNSC", [("un-security-council", "un")] * 2),
        ("Twan Mrat Naing’s Arakan Army", [("twan-mrat-naing", "arakan-army"), ("arakan-army", "arakan-army")]),
        ("Sidi Omar of the Polisario", [("sidi-mohamed-omar", "polisario"), ("polisario-front", "polisario")]),
        ("Iván Mordisco’s dissidents. Mordisco spoke.", [("nestor-gregorio-vera", "farc-dissidents")] * 2),
        ("A lions' den, a red line, bar none; key points and a rose.", []),
        ("Mullah Yaqoob in Kabul", [("mohammad-yaqoob", "AF"), ("AF", "AF")]),
        ("Tomer Bar left. A bar opened. Bar flew.", [("tomer-bar", "IL"), ("tomer-bar", "IL")]),
        ("The Baloch asked; dawn broke over Bondi Beach.", []),
        ("Erdoğan met Péter Szijjártó.", [("recep-tayyip-erdogan", "TR"), ("peter-szijjarto", "HU")]),
        ("Kim Yo Jong and Moon Jae In", [("kim-yo-jong", "KP"), ("moon-jae-in", "KR")]),
        ("Muhammad Shtayyeh, Valeriy Zaluzhny", [("mohammad-shtayyeh", "PS"), ("valerii-zaluzhnyi", "UA")]),
        ("Al Shabaab fought El Sisi’s army.", [("al-shabaab", "al-shabaab"), ("abdel-fattah-el-sisi", "EG")]),
        ("Leaders met in Sharm el-Sheikh; Hussein al-Sheikh spoke.", [("hussein-al-sheikh", "PS")]),
        ("A Sikorsky landed; Sikorski spoke.", [("sikorsky", "US"), ("radoslaw-sikorski", "PL")]),
        ("Mainland China asked us about Yoon-style politics.", [("CN", "CN"), ("yoon-suk-yeol", "KR")]),
    ],
)
def test_names_are_found_with_their_side(text: str, expected: list[tuple[str, str]], finder: ActorFinder) -> None:
    """Spellings, capitals, demonyms and surnames lead to one actor; ordinary words to none."""
    assert [(m.actor, m.side) for m in found(finder, text)] == expected


@pytest.mark.parametrize(
    ("name", "day", "office"),
    [
        ("Joe Biden", date(2023, 5, 1), True),
        ("Joe Biden", date(2025, 5, 1), False),
        ("Donald Trump", date(2023, 5, 1), False),
        ("Donald Trump", date(2025, 5, 1), True),
        ("Dmitry Medvedev", date(2010, 5, 1), True),
        ("Dmitry Medvedev", date(2024, 5, 1), True),
        ("Petro Poroshenko", date(2022, 5, 1), False),
        ("Colin Powell", date(2003, 5, 1), True),
        ("Colin Powell", date(2009, 5, 1), False),
        ("Vladimir Putin", date(1999, 9, 1), True),
        ("Vladimir Putin", date(2010, 5, 1), True),
        ("Fiona Hill", date(2023, 5, 1), False),
        ("Joe Biden", None, True),
        ("Rahul Gandhi", date(2025, 5, 1), False),
        ("Sergio Mattarella", date(2025, 5, 1), True),
    ],
)
def test_office_depends_on_the_day(name: str, day: date | None, office: bool, finder: ActorFinder) -> None:
    """Only who is in office speaks for a state; an unknown day leaves it open."""
    (mention,) = found(finder, name, day)
    assert mention.office is office


def test_the_role_is_the_one_held_on_the_day(finder: ActorFinder) -> None:
    """Medvedev was president until 2012 and is deputy chairman of the Security Council since 2020."""
    roles = [finder.resolve("Medvedev", on=date(year, 6, 1)) for year in (2010, 2015, 2023)]
    assert [mention and mention.role for mention in roles] == [
        "President of Russia",
        "Prime Minister of Russia",
        "Deputy Chairman of the Security Council of Russia",
    ]


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("Ri Yong Ho spoke.", date(2012, 1, 1), ["ri-yong-ho-general"]),
        ("Ri Yong Ho spoke.", date(2018, 1, 1), ["ri-yong-ho"]),
        ("Assad spoke.", date(1999, 1, 1), ["hafez-al-assad"]),
        ("Koizumi spoke.", date(2003, 1, 1), ["junichiro-koizumi"]),
        ("Koizumi spoke.", date(2025, 12, 1), ["shinjiro-koizumi"]),
        ("The US ambassador, Rice, spoke.", date(2004, 1, 1), ["US", "condoleezza-rice"]),
        ("The US ambassador, Rice, spoke.", date(2010, 1, 1), ["US", "susan-rice"]),
        ("The US trader Rice spoke.", date(2024, 1, 1), ["US"]),
        ("Susan Rice spoke. Rice left.", date(2024, 1, 1), ["susan-rice", "susan-rice"]),
        ("The US director, Patel, spoke.", date(2025, 6, 1), ["US", "kash-patel"]),
        ("CIA Director Tenet spoke.", date(2003, 1, 1), ["cia", "george-tenet"]),
        ("Taiwan asked the MND, China the MND", None,
         ["TW", "taiwan-defence-ministry", "CN", "chinese-defence-ministry"]),
        ("The MND spoke.", None, []),
    ],
)  # fmt: skip
def test_of_several_of_one_name_it_is_the_one_in_office(
    text: str, day: date | None, expected: list[str], finder: ActorFinder
) -> None:
    """Two who share a name are told apart by the day; a country vouches for a surname while they hold office."""
    assert [mention.actor for mention in found(finder, text, day)] == expected


@pytest.mark.parametrize(
    ("name", "day", "actor"),
    [
        ("Rice", date(2002, 1, 1), "condoleezza-rice"),
        ("Rice", date(2012, 1, 1), "susan-rice"),
        ("Rice", date(2024, 1, 1), None),
        ("Susan Rice", date(2024, 1, 1), "susan-rice"),
    ],
)
def test_a_surname_alone_is_who_holds_an_office(name: str, day: date, actor: str | None, finder: ActorFinder) -> None:
    """The label of a turn in a transcript names nobody who left office long ago."""
    mention = finder.resolve(name, on=day)
    assert (mention.actor if mention else None) == actor


@pytest.mark.parametrize(
    ("text", "office"),
    [("Tiraspol", True), ("Transnistria", False), ("Kaliningrad", False), ("KCNA", True), ("TASS", False)],
)
def test_capitals_and_voices_of_states_speak(text: str, office: bool, finder: ActorFinder) -> None:
    """The seat of a breakaway government speaks, its land does not; of the agencies only the voice of a state does."""
    (mention,) = found(finder, f"{text} spoke.")
    assert mention.office is office


@pytest.mark.parametrize(("text", "actor"), [("Berlin", "DE"), ("the Kremlin", "kremlin"), ("us", None), ("", None)])
def test_a_bare_string_resolves(text: str, actor: str | None, finder: ActorFinder) -> None:
    """What a transfer or an addressee names leads to an actor, or to None."""
    mention = finder.resolve(text)
    assert (mention.actor if mention else None) == actor


def test_the_lists_are_as_large_as_promised(finder: ActorFinder) -> None:
    """At least 4,900 actors who speak for a side, every state with a two-letter code, sides that exist."""
    kinds = Counter(actor.kind for actor in finder.actors)
    assert sum(kinds[kind] for kind in ("person", "organ", "force", "group", "alliance")) >= 4900
    states = {place.id for place in finder.places if place.kind == "state"}
    assert len(states) >= 193
    assert all(len(code) == 2 for code in states)
    sides = {actor.side for actor in finder.actors if actor.side.isupper()}
    assert sides <= states


@pytest.mark.parametrize("since", ["2020-13-01", "20200101", "2020-W10-1"])
def test_a_wrong_date_is_named_with_its_line(tmp_path: Path, since: str) -> None:
    """An analyst who mistypes a date learns where; days are compared as text, so there is one way to write one."""
    (tmp_path / "places.jsonl").write_text("")
    line = {"id": "x", "name": "X Y", "kind": "person", "side": "RU", "roles": [{"title": "T", "since": since}]}
    (tmp_path / "actors.jsonl").write_text(json.dumps(line))
    with pytest.raises(LexiconError, match=r"actors\.jsonl:1"):
        ActorFinder(tmp_path)


@given(text=st.text(max_size=200))
@settings(max_examples=100)
def test_mentions_stand_where_they_say(text: str, finder: ActorFinder) -> None:
    """On any text mentions are in order, apart, and are the text they claim to be."""
    last = 0
    for mention in found(finder, f"Moscow {text} Putin"):
        assert last <= mention.start < mention.end
        last = mention.end


SPELLINGS_FILE = Path(__file__).parent / "data" / "actor_spellings.jsonl"
SPELLINGS = [json.loads(line) for line in SPELLINGS_FILE.read_text(encoding="utf-8").splitlines()]
"""Spellings with accents, hyphens and apostrophes that were aliases once."""


def test_nobody_is_listed_by_spellings_that_differ_only_in_accents_and_hyphens(finder: ActorFinder) -> None:
    """One of them finds the others."""
    names = [(actor.id, unmarked(name)) for actor in finder.actors for name in (actor.name, *actor.aliases)]
    assert [each for each, times in Counter(names).items() if times > 1] == []


def test_a_name_needs_no_alias_for_its_accents_and_hyphens(finder: ActorFinder) -> None:
    """All that had one are found without it."""
    named = {
        each["text"]: [mention.actor for mention in found(finder, f"Later {each['text']} left.")] for each in SPELLINGS
    }
    assert named == {each["text"]: [each["actor"]] for each in SPELLINGS}
