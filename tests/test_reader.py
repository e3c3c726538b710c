"""The trained reader: what it is shown, that what it marks lies in the text, and how a model that is none is told."""

import re
import shutil
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.reader.decoding import spans_of
from extractors.reader.encoder import LONGEST, MODEL, NOWHERE, Encoder, ModelError
from extractors.reader.passages import Passage, context_of
from extractors.reader.prefilter import features_of
from extractors.reader.reader import Reader
from extractors.reader.settings import load_settings
from extractors.reader.topic import LONGEST as LONGEST_TEXT
from flows.cli.doctor import RESTORE, checked

TEXT = "Moscow warned Kyiv. Any strike with Storm Shadow missiles will mean war, he said."
SENTENCE = (TEXT.index("Any"), len(TEXT))
WEAPON = (TEXT.index("Storm"), TEXT.index("Storm") + len("Storm Shadow"))


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def passage(**fields: object) -> Passage:
    known = {"text": TEXT, "start": SENTENCE[0], "end": SENTENCE[1], "context": ((0, 19),), "weapons": (WEAPON,)}
    return Passage(**(known | fields))  # type: ignore[arg-type]


def test_pieces_stand_where_they_say(reader: Reader) -> None:
    """First the sentence, then its context; a piece that is no mark is a word or part of one in its place."""
    encoded = reader.encoder.cutter.encode(passage())
    words = [TEXT[start:end] for start, end in encoded.places if (start, end) != NOWHERE]
    assert words[0] == "Any"
    assert "Moscow" in words[words.index("said") :]
    assert all(word.strip() == word and word for word in words)
    assert encoded.segments == [0] * encoded.length + [1] * (len(encoded.pieces) - encoded.length)


def test_a_weapon_stands_between_its_marks(reader: Reader) -> None:
    """The marks are pieces of their own; what is between them is the mention and nothing else."""
    encoded = reader.encoder.cutter.encode(passage())
    ((span, opening, closing),) = encoded.weapons
    inside = encoded.places[opening + 1 : closing]
    assert span == WEAPON
    assert (inside[0][0], inside[-1][1]) == WEAPON
    assert encoded.places[opening] == encoded.places[closing] == NOWHERE


@pytest.mark.parametrize(
    ("text", "same"),
    [("US warns us", "USA warns us"), ("A US strike", "A USA strike"), ("LEAVE US ALONE", "leave us alone")],
)
def test_the_country_is_not_the_pronoun(reader: Reader, text: str, same: str) -> None:
    """Pieces have no case; where all is in capitals, nothing tells which it is."""
    shown = [reader.encoder.cutter.encode(Passage(text=each, start=0, end=len(each))) for each in (text, same)]
    assert shown[0].pieces == shown[1].pieces


def test_of_a_long_sentence_the_beginning_is_read(reader: Reader) -> None:
    """What stands behind the last piece that is read gets no mark and no answer."""
    text = "word " * 200 + "Taurus."
    late = (text.index("Taurus"), text.index("Taurus") + 6)
    encoded = reader.encoder.cutter.encode(Passage(text=text, start=0, end=len(text), weapons=((0, 4), late)))
    assert [weapon.span for weapon in encoded.weapons] == [(0, 4)]
    assert encoded.length <= LONGEST + 4


PIECES = st.sampled_from(
    ["Moscow warned ", "Storm Shadow ", "if they attack, ", "we will respond. ", "\n\n", "“", "\ufffd", "\x00",
     "Москва ", "🚀 ", "а́", "\u202e", "U.S. ", "x" * 300, "[CLS] ", "[unused0] "]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join))
@settings(max_examples=80)
def test_every_span_lies_in_the_text(reader: Reader, text: str) -> None:
    """Whatever is read, what is marked is a place in it, and every probability is one."""
    weapons = [(at, at + 5) for at in range(len(text)) if text.startswith("Storm", at)]
    for reading in reader.read(text, weapons=weapons)[0]:
        assert 0 <= reading.start < reading.end <= len(text)
        spans = [span for role in reading.spans.values() for span in role]
        spans += [span for weapon in reading.weapons for span in (*weapon.suppliers, *weapon.recipients)]
        assert all(0 <= span.start < span.end <= len(text) and 0 <= span.score <= 1 for span in spans)
        assert all((weapon.start, weapon.end) in weapons for weapon in reading.weapons)
        kinds = (reading.red_line, reading.threat, reading.commentary)
        assert all(0 <= each <= 1 for each in (*kinds, reading.nuclear, reading.explicit))
        assert sum(kinds) <= 1.0001


def test_runs_of_likely_pieces_are_spans() -> None:
    """A piece between two sure ones belongs to them; a mark of a weapon parts nothing, the context does."""
    places = [(0, 3), (4, 7), NOWHERE, (8, 11), NOWHERE, (50, 55)]
    likely = np.array([0.9, 0.3, 0.0, 0.8, 0.0, 0.7], dtype=np.float32)
    assert [(span.start, span.end) for span in spans_of(likely, places)] == [(0, 11), (50, 55)]
    assert spans_of(np.zeros(6, dtype=np.float32), places) == ()


def test_the_context_is_what_stands_before_and_the_title() -> None:
    """Of a first sentence it is the next one; of what stands under a title, the title too."""
    sentences = [(0, 20), (22, 60), (61, 90)]
    assert context_of(sentences, 0, title_end=20) == ((22, 60),)
    assert context_of(sentences, 2, title_end=20) == ((0, 60),)
    assert context_of([(0, 20), (300, 400), (402, 450)], 2, title_end=20) == ((300, 400), (0, 20))


def test_words_of_the_prefilter_have_no_case_and_no_numbers() -> None:
    """Words and their neighbours; numbers are alike, curly marks straight."""
    assert features_of("Don’t send 114") == {"don't", "send", "0", "don't send", "send 0"}


CONFLICT = """Russian missiles struck the Ukrainian capital overnight as troops massed at the border, the army said.
Air defence batteries brought down most of the drones, while shells fell on three villages near the front, killing four
soldiers and wounding several civilians. Kyiv called on its allies to send more interceptors; the ministry of defence in
Moscow spoke of a strike against depots, airfields and command posts. Witnesses heard explosions along the river, where
artillery had been moved up during the week. The alliance convenes tomorrow to discuss the offensive, sanctions and an
exchange of prisoners that a mediator has offered to arrange before winter."""
EVERYDAY = """The bakery on Main Street sold out of cakes before noon, and its owner promised more for the weekend. Mary
Jones opened the shop with her sister ten years ago, when rents were low and the neighbourhood had only one café. Now
customers queue around the corner for cinnamon rolls, sourdough loaves and birthday orders decorated by hand. She hopes
to hire two apprentices in spring, buy a larger oven and offer evening classes for beginners. The school across the road
has already booked a visit, and the local paper called her apple pie the best in town, which made everybody laugh since
grandmother wrote that recipe on an envelope long before anyone thought of selling it."""


def test_the_words_of_a_text_say_whether_it_is_news_of_conflict(reader: Reader) -> None:
    """Case and what stands far down do not matter; a short text says neither."""
    conflict, everyday = map(reader.topic.conflict, (CONFLICT, EVERYDAY))
    assert conflict is not None
    assert everyday is not None
    assert conflict > 0 > everyday
    assert reader.topic.conflict(CONFLICT.upper()) == conflict
    assert reader.topic.conflict(f"{EVERYDAY}{' ' * LONGEST_TEXT}{CONFLICT}") == everyday
    assert reader.topic.conflict("The bakery sold out before noon.") is None


def test_everyday_news_takes_from_a_statement_and_news_of_conflict_adds_nothing(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sentence needs more certainty above a report of a bakery than above one of a war, or alone."""
    sentence = "Strike us again and we will answer, the minister warned."

    def statements() -> list[float]:
        texts = [f"{sentence} {around}" for around in (EVERYDAY, CONFLICT, "Cakes sold well.")]
        return [reader.read(text, weapons=[])[0][0].statement for text in texts]

    everyday, *others = statements()
    monkeypatch.setattr(reader, "settings", replace(reader.settings, topic_weight=0.0))
    undoubted = statements()
    assert everyday < undoubted[0]
    assert others == undoubted[1:]


def test_everyday_news_passes_fewer_of_its_sentences(reader: Reader) -> None:
    """What may be a statement in news of conflict is not even read where the topic says that it is none."""
    sentence = "The council said it would respond."
    assert reader.prefilter.statement(sentence)
    assert reader.may_hold(sentence)
    assert not reader.may_hold(f"{EVERYDAY} {sentence}")


@pytest.fixture
def runs(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the encoder has been run for since the test began, as the number of word pieces of each passage."""
    counted: list[int] = []
    run = reader.encoder._run

    def counting(pieces: tuple[int, ...], *rest: Any) -> Any:
        counted.append(len(pieces))
        return run(pieces, *rest)

    monkeypatch.setattr(reader.encoder, "_remembered", lru_cache(maxsize=None)(counting))
    return counted


def warnings(count: int) -> str:
    return " ".join(f"Moscow will strike back if Kyiv hits town {number}." for number in range(count))


def test_an_equal_sentence_in_equal_context_is_not_run_twice(reader: Reader, runs: list[int]) -> None:
    """It is read in its own place all the same, and a copy of the text costs nothing; other words are run."""
    line = "Moscow will strike back if Kyiv crosses the line. "
    few, _ = reader.read(line * 20, weapons=())
    ran = len(runs)
    many, _ = reader.read(line * 40, weapons=())
    assert len(runs) == ran < 20
    assert [each.start for each in many] == [number * len(line) for number in range(40)]
    assert many[19].threat == few[19].threat
    assert many[19].spans["condition"][0].start - many[18].spans["condition"][0].start == len(line)
    reader.read(line * 20 + "Moscow will strike back if Kyiv crosses the river.", weapons=())
    assert len(runs) == ran + 1


def test_the_encoder_runs_once_for_each_sentence_and_for_no_more_than_the_limit(
    reader: Reader, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice as many sentences cost twice as many runs of equal size; what is left unread is counted."""
    for count in (15, 30):
        runs.clear()
        reader.encoder._remembered.cache_clear()
        readings, unread = reader.read(warnings(count), weapons=())
        assert (len(readings), unread, len(runs)) == (count, 0, count)
        assert max(runs) <= 60
    monkeypatch.setattr("extractors.reader.reader.MOST_READ", 20)
    runs.clear()
    readings, unread = reader.read(warnings(110), weapons=())
    assert (len(readings), unread) == (20, 90)
    assert len(runs) <= 20


@pytest.mark.parametrize("lost", ["reader.onnx", "reader.json", "tokenizer.json", "prefilter.npz", "topic.npz"])
@pytest.mark.parametrize("damaged", [False, True], ids=["missing", "damaged"])
def test_a_model_that_is_none_says_so(tmp_path: Path, lost: str, damaged: bool) -> None:
    """Missing or damaged: an error that names the folder, and never a traceback of a library."""
    for name in ("reader.onnx", "reader.json", "tokenizer.json", "prefilter.npz", "topic.npz"):
        (tmp_path / name).symlink_to(MODEL / name)
    (tmp_path / lost).unlink()
    if damaged:
        (tmp_path / lost).write_bytes(b"nothing of the sort")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Reader(tmp_path)


def test_a_vocabulary_without_marks_is_refused(tmp_path: Path) -> None:
    """A tokenizer of another model reads the words and could not mark a weapon."""
    (tmp_path / "reader.onnx").symlink_to(MODEL / "reader.onnx")
    text = (MODEL / "tokenizer.json").read_text(encoding="utf-8")
    (tmp_path / "tokenizer.json").write_text(text.replace("[unused0]", "[unused7]"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"lacks \[unused0\]"):
        Encoder(tmp_path)


@pytest.mark.parametrize(
    ("written", "instead", "problem"),
    [
        ('"margin_weight": ', '"margin_wieght": ', "unknown field 'margin_wieght'; missing field 'margin_weight'"),
        ('"version": 1', '"version": 2', "'version' must be one of 1, not 2"),
        ('"alone": 0.6', '"alone": "0.6"', "'thresholds.statements.alone' must be a number, not"),
        ('"home": 0.7', '"home": 70', "'home' must be between 0 and 1, not 70"),
        ('"used": 0.65', '"use": 0.65', "'stages' must name each stage once: use, used missing or unknown"),
    ],
)
def test_settings_that_are_wrong_are_named(tmp_path: Path, written: str, instead: str, problem: str) -> None:
    """With the file and the field, before anything is read."""
    text = (MODEL / "reader.json").read_text(encoding="utf-8")
    assert written in text
    (tmp_path / "reader.json").write_text(text.replace(written, instead), encoding="utf-8")
    with pytest.raises(ModelError, match=re.escape("reader.json cannot be loaded: ") + ".*" + re.escape(problem)):
        load_settings(tmp_path)


def test_doctor_says_how_a_missing_model_comes_back(tmp_path: Path) -> None:
    """Whichever check needed it."""
    shutil.copy(MODEL / "reader.json", tmp_path)
    finding = checked("routes", lambda: str(Reader(tmp_path)), "correct these lines")
    assert (finding.ok, finding.advice) == (False, RESTORE)
    assert str(tmp_path) in finding.detail


@pytest.mark.slow
@pytest.mark.parametrize("part", ["a", "no end in sight ", "\ufffd"])
def test_a_line_of_five_megabytes_is_answered(reader: Reader, part: str) -> None:
    """One sentence without an end is read like any other: its beginning, in its context."""
    text = part * (5_000_000 // len(part))
    start = time.process_time()
    assert len(reader.read(text, weapons=[(0, 1)])[0]) <= 1
    assert time.process_time() - start < 60
