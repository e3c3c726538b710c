"""From what the reader marked to statements: kinds, refusals, condition and consequence, speech, repeats told once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import reading, scene

from extractors.actors.finder import ActorFinder
from extractors.reader.decoding import SentenceReading
from extractors.reader.settings import StatementThresholds
from extractors.records import Article, Kind, Speech, Statement
from extractors.statements.finder import StatementFinder
from extractors.statements.repeats import fold_repeats

LINE = "Moscow warned NATO that it would respond if Kyiv attacked the bridge."
ROLES: dict[str, Any] = {
    "speaker": "Moscow",
    "condition": "if Kyiv attacked the bridge",
    "consequence": "it would respond",
    "addressee": "NATO",
}


@pytest.fixture(scope="module")
def finder(seeds: Path, actors: ActorFinder) -> StatementFinder:
    return StatementFinder(seeds, actors=actors, thresholds=StatementThresholds(statement=0.4, commentary=0.4))


def found(
    finder: StatementFinder, actors: ActorFinder, text: str, *readings: SentenceReading, genre: str = "news"
) -> list[Statement]:
    article = Article(id="a", text=text, genre=genre)
    return finder.find(article, scene(text, actors), readings)


def test_what_the_reader_marked_stands_in_the_statement(finder: StatementFinder, actors: ActorFinder) -> None:
    """Speaker, side, addressee, condition, consequence and how sure, with the sentence as evidence."""
    (said,) = found(finder, actors, LINE, reading(LINE, **ROLES))
    assert (said.kind, said.speaker, said.side, said.addressee) == (Kind.RED_LINE, "Russia", "RU", "NATO")
    assert (said.condition, said.consequence) == (ROLES["condition"], ROLES["consequence"])
    assert (said.quote, LINE[said.start : said.end], said.cue) == (LINE, LINE, "warned")
    assert (said.confidence, said.speech) == (0.95, Speech.INDIRECT)


@pytest.mark.parametrize(
    ("probabilities", "kinds"),
    [
        ({"red_line": 0.9, "threat": 0.05}, [Kind.RED_LINE]),
        ({"red_line": 0.2, "threat": 0.7}, [Kind.THREAT]),
        ({"red_line": 0.25, "threat": 0.2}, [Kind.RED_LINE]),
        ({"red_line": 0.1, "threat": 0.1, "commentary": 0.7}, [Kind.COMMENTARY]),
        ({"red_line": 0.1, "threat": 0.1, "commentary": 0.1}, []),
    ],
)
def test_the_kind_is_the_likeliest_above_its_threshold(
    finder: StatementFinder, actors: ActorFinder, probabilities: dict[str, float], kinds: list[Kind]
) -> None:
    """Red line and threat together decide that it is a statement, the greater which."""
    assert [said.kind for said in found(finder, actors, LINE, reading(LINE, **probabilities))] == kinds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "speaker", "genre", "reason"),
    [
        (LINE, "Moscow", "opinion", "genre opinion"),
        (LINE, "Moscow", "anniversary", "genre anniversary"),
        ("Former president Dmitry Medvedev said that it would mean war.", "Former president Dmitry Medvedev", "news",
         "speaker holds no office"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_statement_of_a_side_stays_commentary(
    finder: StatementFinder, actors: ActorFinder, text: str, speaker: str, genre: str, reason: str
) -> None:
    """However sure the reader is; the rule says why."""
    (said,) = found(finder, actors, text, reading(text, speaker=speaker), genre=genre)
    assert said.kind is Kind.COMMENTARY
    assert said.rule.startswith(reason)


def test_a_question_from_the_floor_is_no_statement(finder: StatementFinder, actors: ActorFinder) -> None:
    """Who asks whether there will be war threatens nobody."""
    text = "Q Will any attack on your bases mean war?\n\nMS. PSAKI: We will see."
    (said,) = found(finder, actors, text, reading(text, "Will any attack on your bases mean war?"))
    assert (said.kind, said.rule.split(";")[0]) == (Kind.COMMENTARY, "a question from the floor")


@pytest.mark.parametrize(
    ("text", "score", "nuclear"),
    [
        (LINE, 0.9, True),
        (LINE, 0.1, False),
        ("Moscow warned that it would deploy more nuclear forces.", 0.1, True),
        ("Tehran warned over its nuclear talks.", 0.1, False),
        ("Tehran warned over a strike on its nuclear plant.", 0.1, False),
    ],
)
def test_nuclear_is_what_is_threatened(
    finder: StatementFinder, actors: ActorFinder, text: str, score: float, nuclear: bool
) -> None:
    """The reader or the words say so; a nuclear plant is no nuclear weapon."""
    (said,) = found(finder, actors, text, reading(text, nuclear=score))
    assert said.nuclear is nuclear


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("“If they attack us once more, we will respond with force,” Putin said.", Speech.DIRECT),
        ("Putin said in Minsk on Monday that Russia would “respond” to any attack.", Speech.MIXED),
        ("Putin said Russia would respond.", Speech.INDIRECT),
        ("THE PRESIDENT: We will respond.", Speech.DIRECT),
    ],
)
def test_speech_is_direct_where_the_words_are_quoted(
    finder: StatementFinder, actors: ActorFinder, text: str, speech: Speech
) -> None:
    """Mostly quoted or spoken from the floor: direct; in part: mixed."""
    (said,) = found(finder, actors, text, reading(text))
    assert said.speech is speech


def test_explicit_are_the_words_red_line(finder: StatementFinder, actors: ActorFinder) -> None:
    """Whatever the reader thinks of them."""
    text = "Moscow said that NATO troops in Odesa would be a red line."
    assert found(finder, actors, text, reading(text, speaker="Moscow"))[0].explicit
    assert not found(finder, actors, LINE, reading(LINE, **ROLES))[0].explicit
    denied = "Moscow said that supplies are no red line."
    assert found(finder, actors, denied, reading(denied, speaker="Moscow"))[0].explicit


def test_of_an_endless_sentence_the_part_that_tells_is_quoted(finder: StatementFinder, actors: ActorFinder) -> None:
    """Evidence is a sentence a person can read."""
    text = f"Moscow warned that {'of course ' * 100}it would respond if Kyiv attacked the bridge."
    (said,) = found(finder, actors, text, reading(text, **{**ROLES, "addressee": "Moscow"}))
    assert said.quote == "it would respond if Kyiv attacked the bridge."


# --- repeats ---------------------------------------------------------------------------------------------------------


def statement(quote: str, start: int = 0, **fields: object) -> Statement:
    known = {
        "kind": Kind.THREAT,
        "speaker": "Vladimir Putin",
        "speaker_id": "vladimir-putin",
        "side": "RU",
        "speech": Speech.INDIRECT,
        "cue": "warned",
        "start": start,
        "end": start + len(quote),
        "quote": quote,
    }
    return Statement(**(known | fields))  # type: ignore[arg-type]


def test_what_the_headline_says_again_is_one_statement() -> None:
    """The fullest words win; the headline is a repeat of them."""
    head = statement("Putin threatens strikes on Kyiv ministries")
    body = statement("Putin warned that Russia would launch strikes on ministries in Kyiv if attacked again.", 50)
    (told,) = fold_repeats([head, body], title_end=42)
    assert (told.start, told.repeats) == (50, ((head.start, head.end),))


@pytest.mark.parametrize(
    "other",
    [
        {"side": "CN", "speaker": "Xi Jinping"},
        {"kind": Kind.COMMENTARY},
        {"nuclear": True},
        {"quote": "The embassy will be closed and the grain deal ended."},
    ],
    ids=["side", "commentary", "nuclear", "words"],
)
def test_what_differs_is_not_folded(other: dict[str, object]) -> None:
    """Another side, another sort, nuclear or not, or other words: two statements."""
    one = statement("Any strike on the bridge will be answered with force.")
    assert len(fold_repeats([one, replace(one, start=100, end=150, **other)])) == 2  # type: ignore[arg-type]


def test_nothing_is_lost_by_folding() -> None:
    """Every statement is told or listed as a repeat; the order is that of the text."""
    told = [statement(f"Strike number {at % 7} will be answered in kind {at % 3}", at * 100) for at in range(300)]
    folded = fold_repeats(told)
    assert sum(1 + len(each.repeats) for each in folded) == len(told)
    assert [each.start for each in folded] == sorted(each.start for each in folded)


@given(st.text(alphabet="aI if“”\"'’\n.—will attack warn red line İ", min_size=1, max_size=200))
@settings(max_examples=60)
def test_no_text_raises(finder: StatementFinder, actors: ActorFinder, text: str) -> None:
    """Whatever was read, quotes are their spans."""
    for said in found(finder, actors, text, reading(text)):
        assert text[said.start : said.end] == said.quote
