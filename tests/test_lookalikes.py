"""Warnings that menace nobody: from whoever has no means, of what others may do, of dangers foreseen."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from readings import reading, scene

from extractors.actors.finder import ActorFinder
from extractors.reader.settings import StatementThresholds
from extractors.records import Article, Kind
from extractors.statements.finder import StatementFinder

MEANS, OTHER = "commands neither force nor sanctions", "warns of somebody else"
GOOD, THING = "vows something good", "what threatens is no actor"
NONE = "reader"
DATA = Path(__file__).parent / "data" / "lookalikes.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def finder(seeds: Path, actors: ActorFinder) -> StatementFinder:
    return StatementFinder(seeds, actors=actors, thresholds=StatementThresholds(statement=0.4, commentary=0.4))


def rule(finder: StatementFinder, actors: ActorFinder, text: str, **roles: Any) -> str:
    """Why the one statement of ``text`` is refused, or that the reader found it."""
    (said,) = finder.find(Article(id="a", text=text), scene(text, actors), [reading(text, **roles)])
    why = said.rule.split(";")[0]
    assert (said.kind is Kind.COMMENTARY) == (why != NONE)
    return why


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
    )
    assert (said.kind, said.condition) == (kind, condition if kind is Kind.RED_LINE else None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_what_reads_like_a_threat_and_is_none(
    finder: StatementFinder, actors: ActorFinder, case: dict[str, Any]
) -> None:
    """Dangers foreseen, deeds of others, offers, advice, pleas, what is denied or done."""
    roles = {role: case[role] for role in ("speaker", "condition", "consequence") if role in case}
    assert rule(finder, actors, case["text"], **roles) == (NONE if case["alike"] else case["kind"])


def test_every_kind_has_as_many_that_are_one() -> None:
    """Twenty of each, and of dangers foreseen twice as many."""
    told = Counter((case["kind"], case["alike"]) for case in CASES)
    assert len(told) == 12
    assert set(told.values()) == {20, 40}
