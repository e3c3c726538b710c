"""Transfers of arms: which weapon, from whom to whom, and how far it has come."""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.actors import ActorFinder
from extractors.attribution import Utterance
from extractors.lexicon import LexiconError
from extractors.records import Signals, Speech, Stage, Transfer, WeaponMention
from extractors.sentences import build_nlp
from extractors.transfer_cues import LISTS, CueIndex, Form, regular_gerund, regular_past, regular_present, tokens
from extractors.transfers import TransferFinder
from extractors.weapons import WeaponFinder

TABLE = Path(__file__).parent / "data" / "transfers.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
SEEDS = Path(__file__).parent.parent / "seeds"
CUES: list[dict[str, Any]] = [
    json.loads(line) for line in (SEEDS / "transfer_cues.jsonl").read_text(encoding="utf-8").splitlines()
]

Finder = Callable[..., list[Transfer]]
Reader = Callable[..., tuple[list[WeaponMention], list[Transfer]]]


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Reads the weapons and transfers of a text; ``said`` makes the whole text the words of a speaker."""
    nlp, weapons, actors, transfers = build_nlp(), WeaponFinder(SEEDS), ActorFinder(SEEDS), TransferFinder(SEEDS)

    def read(text: str, *, said: str | None = None) -> tuple[list[WeaponMention], list[Transfer]]:
        doc = nlp(text)
        named = weapons.find(doc)
        utterances = [] if said is None else [utterance(said, len(text))]
        return named, transfers.find(doc, weapons=named, actors=actors.find(doc), utterances=utterances)

    return read


@pytest.fixture(scope="module")
def find(reader: Reader) -> Finder:
    """Finds the transfers of a text."""
    return lambda text, **options: reader(text, **options)[1]


def utterance(speaker: str, end: int) -> Utterance:
    return Utterance(
        speaker=speaker,
        speaker_id=None,
        side=None,
        role=None,
        official=True,
        speech=Speech.INDIRECT,
        cue="said",
        cue_class="say",
        start=0,
        end=end,
        content=((0, end),),
        relayed_by=None,
        rule="test",
    )


def told(transfers: list[Transfer]) -> set[tuple[str, str | None, str | None, str]]:
    return {(item.weapon, item.supplier, item.recipient, str(item.stage)) for item in transfers}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case["id"],
            marks=[pytest.mark.xfail(reason=case["known_failure"], strict=True)] if "known_failure" in case else [],
        )
        for case in CASES
    ],
)
def test_sentences(find: Finder, case: dict[str, Any]) -> None:
    """Each sentence of the table yields exactly the transfers it tells of, and most tell of none."""
    assert {tuple(row) for row in case["transfers"]} == told(find(case["text"]))


def test_table_is_balanced() -> None:
    """The table holds 500 sentences and more, as many without a transfer as with one, and every stage."""
    without = sum(not case["transfers"] for case in CASES)
    stages = {row[3] for case in CASES for row in case["transfers"]}
    assert len(CASES) >= 500
    assert 0.4 < without / len(CASES) < 0.6
    assert {str(stage) for stage in Stage} == stages


ARTICLES = [
    (
        "the recipient named in the headline is that of the lead",
        "Germany to send Leopard tanks to Ukraine\n\nBerlin will deliver 14 Leopard 2 tanks in March.",
        {("leopard-2", "DE", "UA", "pledged")},
    ),
    (
        "a class stands for the system named before",
        "Ukraine presses for F-16s\n\nDenmark agreed to send the fighter jets to Ukraine.",
        {("f-16", "DK", "UA", "requested"), ("f-16", "DK", "UA", "pledged")},
    ),
    (
        "a definite noun stands for the weapon named before",
        "Kyiv waits for ATACMS. Washington will send the weapons to Ukraine.",
        {("atacms", "US", "UA", "pledged")},
    ),
    (
        "a pronoun stands for the weapon named before",
        "Taurus missiles have a long range, and Berlin refuses to send them to Ukraine.",
        {("taurus", "DE", "UA", "refused")},
    ),
    (
        "a hedge gives way to a plain statement elsewhere",
        "Washington might send ATACMS to Ukraine\n\nThe United States approved the delivery of ATACMS to Ukraine.",
        {("atacms", "US", "UA", "pledged")},
    ),
]


@pytest.mark.parametrize(("fact", "text", "expected"), ARTICLES, ids=[fact for fact, _, _ in ARTICLES])
def test_articles(find: Finder, fact: str, text: str, expected: set[tuple[str, ...]]) -> None:
    """What a sentence leaves unsaid comes from the rest of the article."""
    assert expected == told(find(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Washington approved the sale of 50 ATACMS to Kyiv.", 50),
        ("Germany will send 14 more Leopard 2 tanks to Ukraine.", 14),
        ("Denmark will donate nineteen F-16 jets to Ukraine.", 19),
        ("Australia will buy up to 220 Tomahawk missiles from the United States.", 220),
        ("Poland ordered 1,000 K2 tanks from South Korea.", 1000),
        ("In 2023 Sweden sent Archer howitzers to Ukraine.", None),
        ("Warsaw pays $500 for HIMARS launchers from the United States.", None),
    ],
)
def test_quantity(find: Finder, text: str, expected: int | None) -> None:
    """A quantity is the number that belongs to the weapon: no year, no price."""
    assert {expected} >= {item.quantity for item in find(text)}


def test_a_number_is_read(find: Finder) -> None:
    """The quantity is on the transfer, as a whole number."""
    assert [item.quantity for item in find("Washington approved the sale of 50 ATACMS to Kyiv.")] == [50]


def test_said_by(find: Finder) -> None:
    """A transfer within somebody's words keeps who said it."""
    text = "Germany will send Patriot systems to Ukraine, Boris Pistorius said."
    assert [item.said_by for item in find(text, said="Boris Pistorius")] == ["Boris Pistorius"]
    assert [item.said_by for item in find(text)] == [None]


def test_what_an_enemy_fears_is_no_plan() -> None:
    """Who is at war with the recipient knows of no plans: of what might come he only warns."""
    text = "Supplying Taurus missiles to Ukraine would be a step too far for Berlin."
    feared = replace(utterance("Dmitry Peskov", len(text)), side="RU")
    weighed = replace(feared, speaker="Friedrich Merz", side="DE")
    nlp, weapons, actors = build_nlp(), WeaponFinder(SEEDS), ActorFinder(SEEDS)
    doc, finder = nlp(text), TransferFinder(SEEDS)
    found = [
        told(finder.find(doc, weapons=weapons.find(doc), actors=actors.find(doc), utterances=[said]))
        for said in (feared, weighed)
    ]
    assert found == [set(), {("taurus", "DE", "UA", "considered")}]


def test_span_is_the_sentence(find: Finder) -> None:
    """A transfer points at the sentence that tells of it, in code points."""
    text = "Кyiv waits. 🛡 Germany will send Patriot systems to Ukraine. It rains."
    (transfer,) = find(text)
    assert "Germany will send Patriot systems to Ukraine." in text[transfer.start : transfer.end]
    assert "It rains" not in text[transfer.start : transfer.end]


def test_supplier_is_never_the_recipient(find: Finder) -> None:
    """Nobody sends arms to himself."""
    assert find("Ukraine sent Leopard 2 tanks to Ukraine.") == []


@pytest.mark.parametrize(
    "cue",
    [pytest.param(cue, id=cue["id"]) for cue in CUES if cue["kind"] not in LISTS],
)
def test_each_cue_is_found_in_its_example(cue: dict[str, Any]) -> None:
    """Every line of the lexicon carries a sentence in which it is found."""
    index = CueIndex(SEEDS)
    words = tokens(cue["example"])
    found = {reading.cue.id for place in range(len(words)) for reading in index.at(words, place)[1]}
    assert cue["id"] in found


@pytest.mark.parametrize(
    ("verb", "present", "past", "gerund"),
    [
        ("supply", "supplies", "supplied", "supplying"),
        ("donate", "donates", "donated", "donating"),
        ("furnish", "furnishes", "furnished", "furnishing"),
        ("deploy", "deploys", "deployed", "deploying"),
        ("agree", "agrees", "agreed", "agreeing"),
    ],
)
def test_regular_verbs(verb: str, present: str, past: str, gerund: str) -> None:
    """Regular verbs are inflected as English does."""
    assert (present, past, gerund) == (regular_present(verb), regular_past(verb), regular_gerund(verb))


def test_multiword_verbs_inflect_in_front() -> None:
    """Of "hand over" only the verb changes."""
    index = CueIndex(SEEDS)
    length, readings = index.at(tokens("handed over"), 0)
    assert length == 2
    assert {Form.PAST, Form.PARTICIPLE} == {reading.form for reading in readings}


def test_wrong_cue_names_its_line(tmp_path: Path) -> None:
    """An analyst's mistake is named with file and line."""
    (tmp_path / "transfer_cues.jsonl").write_text('{"id": "x", "kind": "act", "example": "y", "verb": "send"}\n')
    with pytest.raises(LexiconError, match=r"transfer_cues\.jsonl:1: an act needs an agent"):
        CueIndex(tmp_path)


PIECES = st.sampled_from(
    [
        "Germany",
        "Ukraine",
        "Taurus missiles",
        "F-16 jets",
        "will",
        "not",
        "send",
        "to",
        "from",
        "by",
        "which",
        ",",
        "and",
        "if",
        "approved",
        "the",
        "sale",
        "of",
        "US",
        "-",
        "supplied",
        "used",
        "50",
        ".",
        ";",
        "\n",
        "’s",
        "refused",
        "for",
        "�",
        "\x00",
        "🛡",
        "“",
        "”",
        "them",
        "train",
        "that",
        "Kyiv's",
        "request",
        "arrive",
        "in",
        ":",
        "—",
    ]
)


@given(st.lists(PIECES, max_size=40).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(find: Finder, text: str) -> None:
    """No text raises, and every transfer is well formed."""
    for transfer in find(text):
        assert 0 <= transfer.start < transfer.end <= len(text)
        assert transfer.recipient is not None
        assert transfer.supplier != transfer.recipient


def test_time_is_linear() -> None:
    """One endless sentence of weapons and actors takes time in proportion to its length."""
    part = "Germany will send F-16 jets and Leopard 2 tanks to Ukraine , which asked for Taurus missiles , "
    doc, weapons, actors = build_nlp(), WeaponFinder(SEEDS), ActorFinder(SEEDS)
    finder = TransferFinder(SEEDS)

    def cost(times: int) -> float:
        text = doc(part * times)
        mentions = [
            replace(mention, start=mention.start + at * len(part), end=mention.end + at * len(part))
            for at in range(times)
            for mention in weapons.find(doc(part))
        ]
        named = actors.find(text)
        start = process_time()
        finder.find(text, weapons=mentions, actors=named, utterances=[])
        return process_time() - start

    def best(times: int) -> float:
        return min(cost(times) for _ in range(3))

    cost(10)
    assert best(800) < 16 * max(best(100), 0.02)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["short", "dev", "seeds"])
def test_floors(reader: Reader, shared: Path, name: str) -> None:
    """On the measuring sets transfers are found at least as well as they were."""
    floors = json.loads((Path(__file__).parent / "floors.json").read_text(encoding="utf-8"))["transfers"]
    table = measured(reader, shared, name)
    assert table["transfers"]["f1"] >= floors[f"{name}_f1"]
    assert table["transfers"]["precision"] >= floors[f"{name}_precision"]
    assert table["supplier"]["accuracy"] >= floors[f"{name}_supplier"]


def measured(reader: Reader, shared: Path, name: str) -> dict[str, dict[str, float]]:
    """Return the table of the scorer that lies beside the measuring sets."""
    spec = importlib.util.spec_from_file_location("score", shared / "eval" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    score = scorer.Score(shared / "seeds")
    for line in (shared / "eval" / f"{name}.gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        weapons, transfers = reader(scorer.document_text(gold, shared / "seeds"))
        score.document(gold, Signals(article="", weapons=tuple(weapons), transfers=tuple(transfers)).as_json())
    table: dict[str, dict[str, float]] = score.table()
    return table
