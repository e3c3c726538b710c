"""Warnings that menace nobody: to one's own people, from whoever has no means, of a war that all would lose."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from readings import reading, scene

from extractors.actors.finder import ActorFinder
from extractors.records import Article, Kind
from extractors.statements.finder import StatementFinder, Thresholds
from extractors.text.quotes import quotations

OWN, MEANS, CROWD, WAR = (
    "warns its own",
    "commands neither force nor sanctions",
    "a crowd speaks for nobody",
    "says how terrible a war would be",
)
OTHER = "warns of somebody else"
BODY = "heads no state"
GOOD, THING = "vows something good", "what threatens is no actor"
NONE = "reader"
DATA = Path(__file__).parent / "data" / "lookalikes.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def finder(seeds: Path, actors: ActorFinder) -> StatementFinder:
    return StatementFinder(seeds, actors=actors, thresholds=Thresholds(statement=0.4, commentary=0.4))


def rule(finder: StatementFinder, actors: ActorFinder, text: str, **roles: Any) -> str:
    """Why the one statement of ``text`` is refused, or that the reader found it."""
    (said,) = finder.find(
        Article(id="a", text=text), scene(text, actors), [reading(text, **roles)], quotations=quotations(text)
    )
    why = said.rule.split(";")[0]
    assert (said.kind is Kind.COMMENTARY) == (why != NONE)
    return why


@pytest.mark.parametrize(
    ("text", "speaker", "why"),
    [
        ("Poland warned its citizens to leave Belarus at once.", "Poland", OWN),
        ("Estonia told residents of Tallinn to stay indoors during the drill.", "Estonia", OWN),
        ("Finland urged people in Helsinki to store water in case Russia attacks.", "Finland", OWN),
        ("Taiwan advised travellers from Taipei against trips to China.", "Taiwan", OWN),
        ("Sweden cautioned the public in Gotland and all Sweden to expect sabotage by Russia.", "Sweden", OWN),
        ("India ordered its nationals out of Pakistan before the strikes.", "India", OWN),
        ("Israel warned residents of southern Lebanon to leave or be bombed.", "Israel", NONE),
        ("Russia warned the inhabitants of Kharkiv in Ukraine that strikes would follow.", "Russia", NONE),
        ("Turkey warned civilians to flee before it bombs the hills of Syria.", "Turkey", NONE),
        ("Iran warned ships off Oman not to come near.", "Iran", NONE),
        ("North Korea told South Korea that its people would burn.", "North Korea", NONE),
        ("China warned Japan that its citizens would pay for the landing.", "China", NONE),
    ],
)
def test_advice_to_ones_own_people_is_no_threat(
    finder: StatementFinder, actors: ActorFinder, text: str, speaker: str, why: str
) -> None:
    """Whose people they are a pronoun or their place tells; those of another side are menaced."""
    assert rule(finder, actors, text, speaker=speaker) == why


@pytest.mark.parametrize(
    ("text", "speaker", "why"),
    [
        (
            "Norway's central bank warned Russia's default would have grave consequences.",
            "Norway's central bank",
            MEANS,
        ),
        ("The United Nations warned Israel that aid would stop.", "The United Nations", MEANS),
        ("The UN chief warned Sudan of the consequences.", "The UN chief", MEANS),
        ("The UN Security Council threatened Sudan with an embargo.", "The UN Security Council", NONE),
        ("The United Nations Security Council threatened Sudan.", "The United Nations Security Council", NONE),
        ("The US ambassador to the United Nations warned Iran.", "The US ambassador to the United Nations", NONE),
        ("The UN relief chief warned that Sudan faces dire consequences.", "The UN relief chief", MEANS),
        ("The French health minister warned Britain of severe measures.", "The French health minister", MEANS),
        ("The UN humanitarian envoy warned Israel of consequences.", "The UN humanitarian envoy", MEANS),
        ("Ireland's food agency warned Brazil of consequences.", "Ireland's food agency", MEANS),
        ("The Norwegian defence minister warned Russia of consequences.", "The Norwegian defence minister", NONE),
        ("The French trade minister warned Britain of severe measures.", "The French trade minister", NONE),
        ("The Bank of the Volga warned Norway.", "Russia's security council", NONE),
        ("Israel's air force chief warned Iran of dire consequences.", "Israel's air force chief", NONE),
        ("Iran's atomic energy chief warned Israel of consequences.", "Iran's atomic energy chief", NONE),
    ],
)
def test_who_has_no_means_can_only_be_concerned(
    finder: StatementFinder, actors: ActorFinder, text: str, speaker: str, why: str
) -> None:
    """Central banks, aid and health; ministers of defence and trade have means."""
    roles = {"speaker": speaker} if speaker in text else {}
    assert rule(finder, actors, text, **roles) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Norway talked on as Auto Workers president ¦Ada Lund¦ threatened Russia with strikes.", BODY),
        ("Norway talked on as teachers' union leader ¦Ada Lund¦ threatened Russia with strikes.", BODY),
        ("Norway talked on as football federation president ¦Ada Lund¦ threatened Russia.", BODY),
        ("Norway talked on as university president ¦Ada Lund¦ threatened Russia with a boycott.", BODY),
        ("Norway talked on as oil company boss ¦Ada Lund¦ threatened Russia with a halt.", BODY),
        ("Norwegian president ¦Ada Lund¦ threatened Russia with strikes.", NONE),
        ("Norway's parliament president ¦Ada Lund¦ threatened Russia with strikes.", NONE),
        ("Norway's army chief ¦Ada Lund¦ threatened Russia with strikes.", NONE),
        ("After talks with teachers, Norway's president ¦Ada Lund¦ threatened Russia.", NONE),
        ("Norway's president ¦Ada Lund¦ threatened the Russian football federation president.", NONE),
    ],
)
def test_the_head_of_a_union_speaks_for_no_state(
    finder: StatementFinder, actors: ActorFinder, text: str, why: str
) -> None:
    """Nor does that of a company, a club or a university, although it is a president; ``¦`` is around the name."""
    assert rule(finder, actors, text.replace("¦", ""), speaker=text.split("¦")[1]) == why


@pytest.mark.parametrize(
    ("text", "speaker", "why"),
    [
        ("In Tehran thousands marched for Iran and chanted “We will flatten Haifa in Israel”.", "", CROWD),
        ("Banners with “Serbia, we are coming” hung in Pristina, Kosovo.", "", CROWD),
        ("Supporters of Israel were chanting that Gaza would burn, near Egypt.", "", CROWD),
        ("Hezbollah fighters chanted that they would burn Haifa in Israel.", "Hezbollah", NONE),
        ("Iran enchanted nobody and said it would strike Israel.", "Iran", NONE),
        ("Iran said at a march that it would strike Israel.", "Iran", NONE),
    ],
)
def test_a_crowd_speaks_for_nobody(
    finder: StatementFinder, actors: ActorFinder, text: str, speaker: str, why: str
) -> None:
    """Unless the sentence names an organ or a group that says it."""
    assert rule(finder, actors, text, **({"speaker": speaker} if speaker else {})) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Germany warned Ukraine that Russia may attack its power plants.", OTHER),
        ("Finland warns Sweden Russia could cut the cables off Gotland.", OTHER),
        ("Egypt warned Israel that Iran might fire missiles at Eilat.", OTHER),
        ("Poland warned Lithuania that Belarus is planning to close the corridor.", OTHER),
        ("Taiwan warned Japan that Chinese forces could soon blockade the strait.", OTHER),
        ("Estonia warned Latvia of a Russian attack on its radio masts.", OTHER),
        ("Armenia warned Iran of an imminent assault by Azerbaijan.", OTHER),
        ("South Korea warned Japan of new North Korean missiles.", OTHER),
        ("Kuwait warned that Iraq intends to strike the pipeline.", OTHER),
        ("Jordan has cautioned Lebanon that Israel plans to invade the valley.", OTHER),
        ("Russia warned Romania that Russia may strike its airfields.", NONE),
        ("Russia warned Germany that Ukraine may pay for the tanks.", NONE),
        ("China warned Japan that Taiwan could become a battlefield.", NONE),
        ("Iran warned Iraq that Israel may not use its airspace.", NONE),
        ("Russia warned Romania that Ukraine may use its airfields and that they are legitimate targets.", NONE),
        ("Iran warned Cyprus that Israel could use its bases: we would burn them.", NONE),
        ("North Korea warned Japan that South Korea could soon be wiped out.", NONE),
        ("Iran warned Israel that Hezbollah could strike Haifa.", NONE),
        ("Turkey warned Greece of a strike on its islands.", NONE),
        ("Russia warned Ukraine of an attack by Russia on its ports.", NONE),
        ("Iran warned Israel that it may attack Haifa.", NONE),
    ],
)
def test_who_warns_of_another_state_does_not_threaten(
    finder: StatementFinder, actors: ActorFinder, text: str, why: str
) -> None:
    """What a third state may do; not what it may suffer or is told not to do, and not what an ally in arms may do."""
    speaker = next(name for name in ("South Korea", "North Korea", text.split(maxsplit=1)[0]) if text.startswith(name))
    assert rule(finder, actors, text, speaker=speaker) == why


@pytest.mark.parametrize(
    ("condition", "consequence", "why"),
    [
        ("a war over Crimea", "would be a catastrophe for the whole world", WAR),
        ("War with Turkey", "would be a disaster", WAR),
        ("any conflict in the strait", "would be devastating for trade", WAR),
        ("a new nuclear confrontation", "would have no winners", WAR),
        ("the war", "unbearable", WAR),
        ("a war over Crimea", "would be met with everything we have, a catastrophe", NONE),
        ("a war over Crimea", "will end in disaster for those who begin it", NONE),
        ("any attack on Crimea", "would be a catastrophe for Kyiv", NONE),
        ("war crimes", "would bring a tragedy on Israel", NONE),
        ("a war over Crimea", "would mean the end of Turkey", NONE),
    ],
)
def test_who_laments_a_war_draws_no_line(
    finder: StatementFinder, actors: ActorFinder, condition: str, consequence: str, why: str
) -> None:
    """Where the words say what one's own side will do, or what is lamented is no war, it is one."""
    text = f"Russia told Turkey that {condition} {consequence}."
    assert rule(finder, actors, text, speaker="Russia", condition=condition, consequence=consequence) == why


@pytest.mark.parametrize(
    ("text", "consequence", "why"),
    [
        ("Serbia vowed to help Armenia rebuild.", "help Armenia rebuild", GOOD),
        ("Iran promised Syria closer cooperation at sea.", "closer cooperation at sea", GOOD),
        ("Turkey vows to stand with Pakistan.", "stand with Pakistan", GOOD),
        ("Serbia vowed to help Armenia fight on.", "help Armenia fight on", NONE),
        ("Iran promised Syria support in the attack.", "support in the attack", NONE),
        ("Turkey vows to cut aid to Greece.", "cut aid to Greece", NONE),
        ("Turkey vows to answer Greece.", "answer Greece", NONE),
        ("The drought threatens to empty the canal of Egypt, said Israel.", "empty the canal", THING),
        ("Israel and Egypt averted a standoff that threatened to become a war.", "become a war", THING),
        ("The rift threatens Israel and Egypt, said Cairo.", "", THING),
        ("Israel strikes Syria as the war against Hamas threatens to escalate.", "escalate", THING),
        ("Israel and Egypt talk as the dispute over the Nile threatens to spread.", "spread", THING),
        ("In its war against Hamas, Israel threatens to close the crossing to Egypt.", "close the crossing", NONE),
        ("Turkey stands shoulder to shoulder with Egypt.", "stands shoulder to shoulder with Egypt", GOOD),
        ("Egypt vows to bring home the hostages from Libya.", "bring home the hostages", GOOD),
        ("In the crisis Egypt threatens to close the canal to Israel.", "close the canal to Israel", NONE),
        ("Israel threatens to make the dispute with Egypt a war.", "make the dispute with Egypt a war", NONE),
    ],
)
def test_vows_of_good_and_threatening_things_menace_nobody(
    finder: StatementFinder, actors: ActorFinder, text: str, consequence: str, why: str
) -> None:
    """Help and cooperation without harm; what threatens must be somebody."""
    roles = {"consequence": consequence} if consequence else {}
    assert rule(finder, actors, text, speaker=text.split(maxsplit=1)[0], **roles) == why


@pytest.mark.parametrize(
    ("text", "condition", "kind"),
    [
        ("Iran vows revenge after Israel bombed Isfahan.", "bombed Isfahan", Kind.THREAT),
        ("Iran vows revenge after Israel bombed Isfahan.", "Israel bombed Isfahan", Kind.THREAT),
        ("Iran vows revenge following the raid on Isfahan.", "the raid on Isfahan", Kind.THREAT),
        ("Iran promises Israel war because tanks rolled into Tyre.", "because tanks rolled into Tyre", Kind.THREAT),
        ("Iran vows revenge now that Israel bombed Isfahan.", "Israel bombed Isfahan", Kind.THREAT),
        ("Iran vows revenge if Israel bombs Isfahan.", "Israel bombs Isfahan", Kind.RED_LINE),
        ("Iran vows revenge after any raid on Isfahan.", "any raid on Isfahan", Kind.RED_LINE),
        ("Iran told Israel that it would strike back after another raid.", "another raid", Kind.RED_LINE),
        ("Iran would answer, following an attack that would kill guards, Israel heard.",
         "an attack that would kill guards", Kind.RED_LINE),
        ("After talks, Iran said that bombing Isfahan would mean war with Israel.", "bombing Isfahan", Kind.RED_LINE),
    ],
)  # fmt: skip
def test_an_answer_to_a_past_deed_is_a_threat(
    finder: StatementFinder, actors: ActorFinder, text: str, condition: str, kind: Kind
) -> None:
    """A limit names an act that can still be left undone."""
    (said,) = finder.find(
        Article(id="a", text=text),
        scene(text, actors),
        [reading(text, speaker="Iran", condition=condition)],
        quotations=quotations(text),
    )
    assert (said.kind, said.condition) == (kind, condition if kind is Kind.RED_LINE else None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_what_reads_like_a_threat_and_is_none(
    finder: StatementFinder, actors: ActorFinder, case: dict[str, Any]
) -> None:
    """Dangers foreseen, deeds of others, offers, advice, pleas, what is denied or done, who is told to leave."""
    roles = {role: case[role] for role in ("speaker", "condition", "consequence") if role in case}
    assert rule(finder, actors, case["text"], **roles) == (NONE if case["alike"] else case["kind"])


def test_every_kind_has_as_many_that_are_one() -> None:
    """Twenty of each, and of dangers foreseen twice as many."""
    told = Counter((case["kind"], case["alike"]) for case in CASES)
    assert len(told) == 18
    assert set(told.values()) == {20, 40}
