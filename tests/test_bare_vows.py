"""Threats that only promise that something will follow: one person's, within days, are one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from extractors.records import Kind, Speech, Statement
from warehouse.novelty.bare_vows import (
    is_bare,
    same_limit,
    same_matter,
    same_menace,
    same_promise,
    same_vow,
    same_warning,
)
from warehouse.novelty.statement_similarity import Wording, wording_of

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def vow(consequence: str, *, day: int = 0, title: str = "", **fields: Any) -> Wording:
    known: dict[str, Any] = {"speaker": "Ada", "speaker_id": "ada", "side": "XA", "kind": Kind.THREAT} | fields
    quote = f"{known['speaker']} vowed to {consequence}."
    said = Statement(
        speech=Speech.INDIRECT, cue="vowed", start=0, end=len(quote), quote=quote, consequence=consequence, **known
    )
    return wording_of(said, reported_at=NOW + timedelta(days=day), title=title)


@pytest.mark.parametrize(
    ("consequence", "bare"),
    [
        ("take revenge", True),
        ("take decisive action", True),
        ("punish Bela Mihaly", True),
        ("respond harshly", True),
        ("give a tough answer", True),
        ("make them pay the price", True),
        ("escalate the fight", True),
        ("intervene in the war", True),
        ("join the fighting in Tyre", True),
        ("keep all options on the table", True),
        ("open a second front", True),
        ("widen the war", True),
        ("raise tariffs on Japan", False),
        ("open the dam above Varna and flood the plain", False),
        ("widen the minefields off the port of Varna", False),
        ("keep the gas for Bulgaria and Romania shut", False),
        ("burn the port of Varna", False),
        ("close the strait", False),
        ("answer with missiles on the port of Varna", False),
        ("withdraw from the treaty", False),
        ("send forty thousand men over the river in response", False),
    ],
)
def test_a_bare_vow_does_not_say_what_will_be_done(consequence: str, bare: bool) -> None:
    """A name or an adverb beside it may stand; a deed may not."""
    assert is_bare(vow(consequence)) is bare


def test_a_limit_is_never_bare() -> None:
    """What it forbids is its content."""
    assert not is_bare(vow("respond harshly", kind=Kind.RED_LINE, condition="any raid on Varna"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (vow("take revenge"), vow("punish the guilty"), True),
        (vow("take revenge", title="Varna raided"), vow("burn the port of Varna"), True),
        (vow("take revenge", title="Varna raided"), vow("burn the port of Varna", day=2), False),
        (vow("take revenge", title="The election"), vow("burn the port of Varna"), False),
        (vow("take revenge"), vow("punish the guilty", day=2), True),
        (vow("take revenge"), vow("punish the guilty", day=3), False),
        (vow("take revenge"), vow("punish the guilty", speaker_id="bela"), False),
        (vow("take revenge", speaker_id=None), vow("punish the guilty", speaker_id=None), False),
        (vow("take revenge"), vow("punish the guilty", nuclear=True), False),
        (vow("take revenge on Iran"), vow("punish Japan"), False),
        (vow("burn the port of Varna"), vow("close the strait"), False),
        (vow("take revenge"), vow("respond", kind=Kind.RED_LINE, condition="any raid on Varna"), False),
    ],
)
def test_one_persons_bare_vows_of_some_days_are_one(one: Wording, other: Wording, same: bool) -> None:
    """Whatever the outlets call them; not of another person, later, nuclear, against others, or with a limit."""
    assert same_vow(one, other) is same
    assert same_vow(other, one) is same


FRONT: dict[str, Any] = {"side": "river-front", "speaker": "Front", "speaker_id": "river-front"}
MIROV: dict[str, Any] = {"side": "river-front", "speaker": "Mirov", "speaker_id": "mirov"}


@pytest.mark.parametrize(
    ("group", "leader", "title", "same"),
    [
        ("take revenge", "respond decisively", "Hospital of Tyre bombed", True),
        ("make them pay the price", "punish the killers", "Commander killed in Tyre", True),
        ("respond with all its strength", "take revenge", "Raid on the valley", True),
        ("take revenge", "burn the refineries of the coast", "Hospital of Tyre bombed", True),
        ("give a harsh answer", "sink ships in the gulf", "Blockade of the gulf", True),
        ("shoot prisoners", "take revenge", "Houses of Tyre bombed", True),
        ("take tough measures", "shut the canal", "Sanctions on the Front", True),
        ("respond", "strike airports", "Airport of Tyre bombed", True),
        ("punish the killers", "fire rockets at the port of Varna", "Commander killed in Tyre", True),
        ("take decisive action", "resolutely respond", "", True),
        ("escalate the fight", "intervene in the war", "Tyre bombed", True),
        ("keep all options on the table", "open another front", "Speech in Tyre", True),
        ("join the war", "possible escalation", "Speech in Tyre", True),
        ("shut the canal", "burn the refineries of the coast", "Hospital of Tyre bombed", False),
        ("shoot prisoners", "sink ships in the gulf", "Blockade of the gulf", False),
        ("strike airports", "fire rockets at the port of Varna", "Airport of Tyre bombed", False),
        ("take revenge", "shut the canal", "", False),
    ],
)
def test_a_group_and_its_leader_vow_one_thing(group: str, leader: str, title: str, same: bool) -> None:
    """On one day, on one matter, whichever is told first; two deeds that are named stay two."""
    one, other = vow(group, title=title, **FRONT), vow(leader, title=title, **MIROV)
    assert same_vow(one, other) is same
    assert same_vow(other, one) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FRONT, MIROV | {"side": "hill-front"}),
        (MIROV | {"speaker_id": "rasko"}, MIROV),
        (FRONT | {"side": "XA", "speaker_id": "XA"}, MIROV | {"side": "XA"}),
        (FRONT | {"speaker_id": None}, MIROV),
    ],
)
def test_a_vow_of_another_voice_is_another(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Of another group, of two of its members, of a state, which has many voices, or of nobody known."""
    assert not same_vow(vow("take revenge", **one), vow("respond", **other))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("any raid on Varna", "severe consequences"), ("if Varna is raided", "burn the depots"), True),
        (("any raid on Varna", "respond harshly"), ("should Varna be raided", "take revenge"), True),
        (("opening a second front", "retaliation"), ("if it opens a front", "order a raid on the port of Tyre"), True),
        (("joining the war in Tyre", "pay the price"), ("if it joins the war", "send the fleet to the gulf"), True),
        (("supplying the rebels", "a tough answer"), ("if it keeps supplying rebels", "close the strait"), True),
        (("any raid on Varna", "burn the depots"), ("if Varna is raided", "sink the ships in the bay"), False),
        (("any raid on Varna", "respond harshly"), ("if the strait is mined", "take revenge"), False),
        (("supplying the rebels", "a tough answer"), ("if the dam is filled", "close the strait"), False),
        (("opening a second front", "bomb the port of Tyre"), ("if it opens a front", "cut the pipes to Varna"), False),
        (("joining the war in Tyre", "pay the price"), ("if prisoners are shot", "pay the price"), False),
    ],
)
def test_one_limit_is_drawn_once_a_day(one: tuple[str, str], other: tuple[str, str], same: bool) -> None:
    """However outlets put what would follow; not the next day but one, of another act, nor with two deeds."""
    first = vow(one[1], kind=Kind.RED_LINE, condition=one[0])
    for day, alike in ((0, same), (1, same), (2, False)):
        second = vow(other[1], day=day, kind=Kind.RED_LINE, condition=other[0])
        assert same_limit(first, second) is alike
        assert same_limit(second, first) is alike
    assert not same_limit(first, vow(other[1], speaker_id="bela", kind=Kind.RED_LINE, condition=other[0]))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            ("if Japan sells India submarines", "face consequences"),
            ("a deal of Japan with India", "pay a price"),
            False,
        ),
        (
            ("if Japan sells submarines to India", "make Japan pay the price"),
            ("going through with the sale of submarines", "respond to Japan and India"),
            True,
        ),
        (
            ("if Cuba trains pilots of Brazil", "respond harshly to Cuba"),
            ("any training of pilots from Brazil", "make Cuba pay"),
            True,
        ),
        (
            ("should Egypt let Sudan use the base", "take measures against Egypt"),
            ("if the base is opened", "retaliate against Egypt and Sudan"),
            True,
        ),
        (
            ("buying oil of Libya through Cyprus", "punish Cyprus"),
            ("if it does not stop the oil trade", "punish Cyprus and Libya"),
            True,
        ),
        (
            ("if Qatar ships drones to Yemen", "respond to Qatar"),
            ("letting drones pass from Qatar to Yemen", "price to pay"),
            True,
        ),
        (
            ("if Norway lends Sweden its radar", "make Norway pay"),
            ("the loan of a radar to Sweden", "respond to Norway"),
            True,
        ),
        (
            ("if Mexico gives Venezuela a port", "answer Mexico harshly"),
            ("until the port is refused", "severe consequences for Mexico and Venezuela"),
            True,
        ),
        (
            ("if Cyprus lets the tankers of Libya dock", "respond to Cyprus"),
            ("docking of the tankers", "take steps against Cyprus and Libya"),
            True,
        ),
        (
            ("if Vietnam hosts drills of Japan", "measures against Vietnam"),
            ("joint drills in Vietnam with Japan", "consequences"),
            True,
        ),
        (
            ("if Morocco hands Algeria the captives", "make Morocco pay"),
            ("handing over captives", "respond to Morocco and Algeria"),
            True,
        ),
        # another deed, a deed with one state alone, another third state, and consequences that are deeds
        (
            ("if Japan sells submarines to India", "make Japan pay the price"),
            ("if the envoys of India land in Japan", "respond to Japan"),
            False,
        ),
        (("if Cuba trains pilots", "respond to Cuba"), ("any training of pilots", "make Cuba pay"), False),
        (
            ("if Cuba trains pilots of Brazil", "respond to Cuba"),
            ("if Cuba trains pilots of Mexico", "respond to Cuba"),
            False,
        ),
        (
            ("if Egypt lets Sudan use the base", "close the wells along the border"),
            ("if the base is opened to Sudan", "burn the depots of Egypt in the desert"),
            False,
        ),
        (
            ("buying oil of Libya through Cyprus", "punish Cyprus"),
            ("if it does not stop the oil trade of Libya", "board tankers off Cyprus by night"),
            False,
        ),
        (
            ("if Qatar ships drones to Yemen", "respond to Qatar"),
            ("if pilgrims of Yemen are held in Qatar", "respond to Qatar"),
            False,
        ),
        (
            ("if Norway lends Sweden its radar", "make Norway pay"),
            ("if Norway dams the river above Sweden", "make Norway pay"),
            False,
        ),
        (
            ("if Mexico gives Venezuela a port", "answer Mexico harshly"),
            ("if Brazil gives Venezuela a port", "answer Brazil harshly"),
            False,
        ),
        (
            ("if Vietnam hosts drills of Japan", "measures against Vietnam"),
            ("if Vietnam sends its workers to Japan", "consequences for Vietnam"),
            False,
        ),
    ],
)
def test_one_warning_over_a_deed_between_two_states_is_one(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    """Whoever speaks for the side and however it is put; not the next day but one, sharper, or of another side."""
    first = vow(one[1], kind=Kind.RED_LINE, condition=one[0])
    for day, alike in ((0, same), (1, same), (2, False)):
        second = vow(other[1], day=day, kind=Kind.RED_LINE, condition=other[0], speaker_id="XA")
        assert same_warning(first, second) is alike
        assert same_warning(second, first) is alike
    elsewhere = vow(other[1], kind=Kind.RED_LINE, condition=other[0], side="XB")
    assert not same_warning(first, elsewhere)
    assert not same_warning(first, vow(other[1], kind=Kind.RED_LINE, condition=other[0], nuclear=True))
    assert not same_warning(first, vow(other[1]))


def line(condition: str | None, consequence: str | None, title: str = "", **fields: Any) -> Wording:
    known: dict[str, Any] = {
        "speaker": "XA",
        "speaker_id": None,
        "side": "XA",
        "kind": Kind.RED_LINE,
        "day": 0,
    } | fields
    day = known.pop("day")
    quote = " ".join(filter(None, ("They threatened to", consequence, condition)))
    said = Statement(
        speech=Speech.INDIRECT, cue="warned", start=0, end=len(quote), quote=quote,
        condition=condition, consequence=consequence, **known,
    )  # fmt: skip
    return wording_of(said, reported_at=NOW + timedelta(days=day), title=title)


ULTIMATUM = line("unless the junta frees the governor", "take all necessary measures", "Chad: neighbours act on mutiny")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (line("if the junta stays in power", "use force", "Mutiny in Chad"), True),
        (line("unless order returns after the mutiny", "intervene with troops", "Chad's neighbours meet"), True),
        (line("to reverse the mutiny", "military action", "Chad: markets shut"), True),
        (line("if the governor is not reinstated", "attack", "Chad in the grip of fear"), True),
        (line("if the junta refuses", "respond", "Chad: deadline draws near", day=2), True),
        (line(None, "intervene against the junta", "Chad waits"), True),
        (line("unless the mutiny ends", "go to war", "Leaders speak on Chad", speaker_id="ada"), True),
        (line("if the governor is harmed", "armed action", "Chad's governor is ill"), True),
        (line("until the junta leaves", "keep all options on the table", "In Chad, prices rise"), True),
        (line("if the junta of Chad goes on", "strike", ""), True),
        (line("if the junta stays in power", "use force", "Mutiny in Chad", day=3), False),
        (line("if the junta stays in power", "use force", "The mutiny"), False),
        (line("if the junta stays in power", "use force", "Mutiny in Chad", side="XB"), False),
        (line("if the junta stays in power", "use nuclear weapons", "Mutiny in Chad", nuclear=True), False),
        (line("if the junta stays in power", "cut its electricity and close the wells", "Mutiny in Chad"), False),
        (line("if the junta stays in power", "blockade the river ports", "Mutiny in Chad"), False),
        (line("if the junta stays in power", "use force", "Mutiny in Peru"), False),
        (line("if fishermen of Chad cross the lake", "use force", "Catch of perch falls"), False),
        (line("if cattle thieves come again", "use force", "Chad: herds lost"), False),
        (line(None, "respond to the shelling of a village", "Chad: what we know today"), False),
        (line("if the junta stays in power", None, "Mutiny in Chad"), False),
        (line("if the junta sends drones", "expel its envoys", "Mutiny in Chad"), False),
        (line("if the junta stays in power", "freeze the accounts of its families", "Mutiny in Chad"), False),
    ],
)
def test_one_ultimatum_that_promises_force_is_told_in_many_words(other: Wording, same: bool) -> None:
    """On one matter and within two days; another deed, matter, state or side, or a nuclear one, is another."""
    assert same_menace(ULTIMATUM, other) is same
    assert same_menace(other, ULTIMATUM) is same


PROMISE = line("if Oman builds a reactor", "build a reactor of our own", "Heir speaks on oil and the atom")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PROMISE, line("if Oman gets one", "have a reactor as well", "Heir on reactor of Oman"), True),
        (PROMISE, line("if Oman does", "build a reactor", "Heir dodges question on oil"), True),
        (PROMISE, line("once Oman builds it", "reactor of its own", "Oil price rises, heir builds", day=2), True),
        (line(None, "burn the Leopards", "Leopards here"), line(None, "they will burn", "Leopards come"), True),
        (line(None, "sink tankers in the gulf"), line(None, "sink every tanker", "Tankers avoid gulf"), True),
        (line(None, "shut the pipeline to Varna"), line(None, "close the pipeline", "Varna braces"), True),
        (line(None, "jail the envoys", "Envoys of Peru"), line(None, "jail them all", "Envoys leave", day=1), True),
        (line(None, "flood the valley of Tyre"), line(None, "flood it", "In the valley of Tyre"), True),
        (line(None, "annex the islands", "Ferry row"), line(None, "annex islands over ferry"), True),
        (line(None, "halt grain ships", "Odd silence in port"), line(None, "stop grain", "Grain ships wait"), True),
        (PROMISE, line("if Oman does", "build a reactor", "Heir dodges question on oil", day=3), False),
        (PROMISE, line("if Oman does", "build a reactor", "Heir dodges question on oil", side="XB"), False),
        (PROMISE, line("if Oman does", "build a reactor", "Heir on oil", speaker_id="a", nuclear=True), False),
        (PROMISE, line("if Oman builds a reactor", "close the airspace", "Heir on oil"), False),
        (PROMISE, line("if pilgrims are harmed", "build a reactor", "Heir dodges question on oil"), False),
        (line(None, "burn the first Leopards"), line(None, "burn the embassy", "Crowd at the gate"), False),
        (line(None, "sink tankers in the gulf"), line(None, "sink the ferry", "Storm in the strait"), False),
        (line(None, "respond", "Bridge of Varna hit"), line(None, "respond", "Bridge of Varna closed"), False),
        (line(None, "strike", "Live: what we know"), line(None, "strike", "Live: what we know"), False),
        (line(None, "jail the envoys", speaker_id="a"), line(None, "jail the envoys", speaker_id="b"), False),
        (line(None, "annex the islands", "Ferry row"), line(None, "shell the islands", "Ferry row"), False),
    ],
)  # fmt: skip
def test_one_deed_that_is_promised_twice_is_one(one: Wording, other: Wording, same: bool) -> None:
    """By one voice within two days, over one matter; not on another condition."""
    assert same_promise(one, other) is same
    assert same_promise(other, one) is same


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"title": "Front shells the dam"}, True),
        ({"title": "The dam of Chad"}, True),
        ({"title": "Front shells the dam", "day": 1}, True),
        ({"title": "Front shells the dam", "day": 2}, False),
        ({"title": "Front shells the dam", "speaker_id": "bela"}, False),
        ({"title": "Front shells the dam", "speaker_id": None}, False),
        ({"title": "Elections near"}, False),
    ],
)
def test_one_speaker_menaces_once_a_day_on_one_matter(other: dict[str, Any], same: bool) -> None:
    """Although one report, or both, name no state."""
    first = line(None, "ramp up military action over the dam", speaker_id="ada")
    second = line(None, "take military action", **{"speaker_id": "ada"} | other)
    assert same_menace(first, second) is same
    assert same_menace(second, first) is same


def spoken(quote: str, *, day: int = 0, speaker: str | None = None, side: str = "IL", **fields: Any) -> Wording:
    said = Statement(
        kind=Kind.THREAT, speaker=None, speaker_id=speaker, side=side, speech=Speech.INDIRECT, cue="",
        start=0, end=len(quote), quote=quote, **fields,
    )  # fmt: skip
    return wording_of(said, reported_at=NOW + timedelta(days=day))


ONE_MATTER = [
    ("The quarry at Tyre would be taken from Lebanon.", "A minister spoke of a raid on a quarry in Lebanon."),
    ("Officials warned Iran over its ferries.", "Iran will see no ferries in its ports, ministers said."),
    ("The dam in Ethiopia may not be filled.", "Ethiopia was told to leave its dam empty."),
    ("Pipelines to Poland will be shut.", "No pipeline to Poland is safe, an aide said."),
    ("Egypt must keep tunnels closed.", "Any tunnel from Egypt will be flooded."),
    ("Syria's airports are targets.", "The airport of a town in Syria may burn."),
    ("Jordan risks its orchards.", "Orchards in Jordan would be cut down."),
    ("Turkey was warned about the strait's lighthouse.", "The lighthouse must stay dark, Turkey was told."),
    ("Yemen will lose its harbour.", "A harbour of Yemen could be mined."),
    ("India may not build the canal.", "The canal means a clash with India."),
    ("Cuba's refinery will not stand.", "If Cuba opens its refinery, it will be hit."),
    ("A convoy through Georgia will be stopped.", "Georgia should turn the convoy round."),
    ("Cables off Norway will be cut.", "Norway was told that a cable can break."),
    ("The festival in Moldova must end.", "Moldova faces a raid over its festival."),
    ("Satellites over Japan are fair game.", "Japan would lose a satellite, it was said."),
    ("Peru was warned over prisoners.", "Prisoners in Peru must be freed or else."),
    ("Fishermen of Spain will be driven off.", "Spain should call its fishermen home."),
    ("Kenya's embassy will be stormed.", "The embassy of Kenya is not safe."),
    ("The bridge to Latvia will fall.", "Latvia was told not to cross the bridge."),
    ("Mali will pay for the pilgrims.", "For its pilgrims Mali was promised a war."),
]  # fmt: skip
OTHER_MATTERS = [
    ("Ministers spoke of the quarry at Tyre in Lebanon.", "Lebanon was warned over its ferries."),
    ("Officials warned Iran over its ferries.", "No ferries may reach Yemen, ministers said."),
    ("The dam in Ethiopia may not be filled.", "Sudan was told to leave its dam empty."),
    ("Pipelines to Poland will be shut.", "Poland was told to send its diplomats home."),
    ("Egypt must keep tunnels closed.", "Egypt will be attacked."),
    ("Syria's airports are targets.", "Iraq may lose its airports."),
    ("Jordan risks its orchards.", "War with Jordan is possible."),
    ("Turkey was warned about the lighthouse.", "Troops of Turkey will be struck."),
    ("Yemen will lose its harbour.", "Oman will lose its harbour."),
    ("India may not build the canal.", "India faces consequences."),
    ("Cuba's refinery will not stand.", "Haiti's refinery will be hit."),
    ("A convoy through Georgia will be stopped.", "Georgia will face a response."),
    ("Cables off Norway will be cut.", "Cables off Sweden will be cut."),
    ("The festival in Moldova must end.", "Moldova must withdraw its army."),
    ("Satellites over Japan are fair game.", "Satellites over Korea are fair game."),
    ("Peru was warned over prisoners.", "Peru was warned over its tariffs."),
    ("Fishermen of Spain will be driven off.", "Fishermen will be driven off."),
    ("Kenya's embassy will be stormed.", "Kenya is told that force is an option."),
    ("The bridge to Latvia will fall.", "Estonia was told not to cross the bridge."),
    ("Mali will pay for the pilgrims.", "Mali will pay the price."),
]


@pytest.mark.parametrize(
    ("pair", "same"), [(each, True) for each in ONE_MATTER] + [(each, False) for each in OTHER_MATTERS]
)
def test_a_side_speaks_twice_of_a_matter_and_a_state(pair: tuple[str, str], same: bool) -> None:
    """In a day, whoever speaks; a common word of war or a state alone is no matter."""
    one, other = map(spoken, pair)
    assert same_matter(one, other) is same
    assert same_matter(other, one) is same


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({"day": 1}, True),
        ({"day": 2}, False),
        ({"side": "EG"}, False),
        ({"nuclear": True}, False),
    ],
)
def test_one_matter_is_of_one_side_and_a_day(fields: dict[str, Any], same: bool) -> None:
    """And nuclear words make it another."""
    assert same_matter(spoken(ONE_MATTER[0][0]), spoken(ONE_MATTER[0][1], **fields)) is same


@pytest.mark.parametrize(("day", "same"), [(2, True), (3, False)])
def test_one_voice_may_leave_the_state_out_and_take_a_day_longer(day: int, same: bool) -> None:
    """If both name a state, it is one of theirs."""
    first = spoken("Officials warned Iran over its ferries.", speaker="ada")
    assert same_matter(first, spoken("The ferries will be sunk.", speaker="ada", day=day)) is same
    assert not same_matter(first, spoken("Ferries of Oman will be sunk.", speaker="ada"))


LIMITS = (
    ("any delivery of ferries to Armenia", "a blockade of the canal by Iran", False),
    ("any attack on the ferries", "a change of the constitution", False),
    ("any delivery of ferries to Armenia", "whoever sends ferries to Armenia", True),
    ("an attack on the canal", "any attack on the canal and its locks", True),
)


@pytest.mark.parametrize(("one", "other", "same"), LIMITS)
def test_limits_on_acts_with_nothing_in_common_are_two_matters(one: str, other: str, same: bool) -> None:
    """However much their articles share, and though one voice draws both on one day."""

    def limit(condition: str) -> Wording:
        return vow("sink the ferries of Iran in the strait", condition=condition, title="Iran and its ferries")

    assert same_matter(limit(one), limit(other)) is same
    assert same_matter(limit(other), limit(one)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [({"taurus"}, {"atacms"}, False), ({"taurus"}, set(), False), ({"taurus"}, {"taurus", "atacms"}, True)],
)
def test_words_on_other_weapons_are_another_matter(one: set[str], other: set[str], same: bool) -> None:
    """A weapon that was not spoken of before is news."""
    first = spoken("Officials warned Iran over its ferries.")
    pair = (replace(first, weapons=frozenset(one)), replace(first, weapons=frozenset(other)))
    assert same_matter(*pair) is same
