"""Who says what: direct, indirect and mixed speech, headlines, pronouns, relays, and those who speak for nobody."""

import json
import runpy
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.actors import ActorFinder
from extractors.attribution import Attributor, Utterance
from extractors.quotes import quotations
from extractors.reporting import load_wordings
from extractors.sentences import build_nlp
from extractors.units import Alphabet, UnitReader

HERE = Path(__file__).parent
CASES = [json.loads(line) for line in (HERE / "data" / "attribution.jsonl").read_text(encoding="utf-8").splitlines()]
Read = Callable[..., list[Utterance]]


@pytest.fixture(scope="module")
def read(seeds: Path) -> Read:
    nlp, actors, attributor = build_nlp(), ActorFinder(seeds), Attributor(seeds)

    def utterances(text: str, *, on: date | None = None) -> list[Utterance]:
        doc = nlp(text)
        return attributor.find(doc, actors.find(doc, on=on))

    return utterances


def overlap(spans: Iterable[tuple[int, int]], start: int, end: int) -> int:
    return sum(max(0, min(end, b) - max(start, a)) for a, b in spans)


def carrying(utterances: list[Utterance], start: int, end: int) -> Utterance | None:
    """The utterance that says most of a span and little besides."""
    near = [u for u in utterances if 2 * overlap(u.content, start, end) >= end - start]
    return min(near, key=lambda u: (u.end - u.start, -u.start)) if near else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_words_are_given_to_their_speaker(case: dict[str, Any], read: Read) -> None:
    """Each case of the table: what is said, by whom, for a side or not, relayed by whom."""
    start = case["text"].index(case["said"])
    found = carrying(read(case["text"]), start, start + len(case["said"]))
    if case.get("silent"):
        assert found is None or (found.speaker is None and not found.official)
        return
    assert found is not None
    assert (found.speaker, found.official) == (case["speaker"], case["official"])
    if "relayed_by" in case:
        assert found.relayed_by == case["relayed_by"]


@pytest.mark.parametrize(
    ("day", "official"), [(date(2022, 3, 1), True), (date(2024, 3, 1), False), (date(2026, 3, 1), False)]
)
def test_a_leader_out_of_office_speaks_for_no_state(day: date, official: bool, read: Read) -> None:
    """Boris Johnson was prime minister until September 2022."""
    (found,) = read("Boris Johnson said that the tanks would be sent.", on=day)
    assert (found.speaker_id, found.official) == ("boris-johnson", official)


@pytest.mark.parametrize("marks", ['""', "“”", "«»"])
def test_the_kind_of_quotation_marks_does_not_matter(marks: str, read: Read) -> None:
    """Straight, curly and angle marks give the same speakers."""
    text = f"{marks[0]}We will respond,{marks[1]} Putin said. {marks[0]}The answer will be harsh.{marks[1]}"
    assert [u.speaker for u in read(text)] == ["Vladimir Putin"] * 2


@pytest.mark.parametrize("name", ["Zelensky", "Zelenskyy", "Zelenskiy", "Volodymyr Zelenskyi"])
def test_the_spelling_of_a_name_does_not_matter(name: str, read: Read) -> None:
    """All spellings resolve to one speaker."""
    (found,) = read(f"{name} warned that the bridge would be struck.")
    assert (found.speaker, found.side, found.cue_class) == ("Volodymyr Zelensky", "UA", "warn")


def test_a_row_cut_in_parts_keeps_its_units(seeds: Path) -> None:
    """Plain words and units of several words alike, with their places in the text."""
    text = 'Gen. Jean-Pierre Roux has, on Monday, warned people against coming there: "No."\n'
    alphabet = Alphabet(load_wordings(seeds))
    (row,) = UnitReader(build_nlp()(text), mentions=[], quotations=quotations(text), alphabet=alphabet).rows()
    assert row.codes == "tNNxcfwcVefzd:q"
    assert [text[unit.start : unit.end] for unit in row[:4]] == ["Gen.", "Jean-Pierre", "Roux", "has"]
    assert [unit for part in row.cut(4) for unit in part] == list(row)
    assert "".join(part.codes for part in row.cut(4)) == row.codes


FRAGMENTS = [
    '"',
    "“",
    "”",
    "'",
    "\n\n",
    " ",
    ". ",
    ", ",
    "Putin",
    "said",
    "(",
    "he",
    "Moscow:",
    "Q ",
    "as saying",
    "by",
]


@given(parts=st.lists(st.sampled_from(FRAGMENTS)))
@settings(max_examples=150, deadline=None)
def test_no_order_of_marks_and_words_is_an_error(parts: list[str], read: Read) -> None:
    """Odd numbers of quotation marks, unclosed brackets, fragments: spans stay inside the text and in order."""
    text = "".join(parts)
    for utterance in read(text):
        assert 0 <= utterance.start <= utterance.end <= len(text)
        assert all(0 <= start < end <= len(text) for start, end in utterance.content)


@given(text=st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_read(text: str, read: Read) -> None:
    """Whatever a feed sends, reading it raises nothing."""
    read(text)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["seeds", "dev", "short"])
def test_speakers_of_gold_statements(name: str, shared: Path, read: Read) -> None:
    """The utterance that carries a gold statement has its speaker, at the floor or better."""
    measure = runpy.run_path(str(shared / "eval" / "score.py"))
    document_text, same_speaker = measure["document_text"], measure["same_speaker"]
    right = total = 0
    for line in (shared / "eval" / f"{name}.gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        text = document_text(gold, shared / "seeds")
        published = str(gold.get("published") or "")
        utterances = read(text, on=date.fromisoformat(published[:10]) if len(published) >= 10 else None)
        for statement in gold["statements"]:
            start = text.index(statement["evidence"])
            found = best(utterances, start, start + len(statement["evidence"]))
            right += found is not None and same_speaker(found.speaker, statement)
            total += 1
    floor = json.loads((HERE / "floors.json").read_text())["attribution"][name]
    assert right / total >= floor


def best(utterances: list[Utterance], start: int, end: int) -> Utterance | None:
    """The utterance that covers a span best; a gold span may hold the attribution too."""
    near = [u for u in utterances if overlap([(u.start, u.end)], start, end)]

    def fit(u: Utterance) -> float:
        said, whole = overlap(u.content, start, end), overlap([(u.start, u.end)], start, end)
        covers = 2 * said + whole >= end - start
        size = end - start
        return 10 * covers + min(1, (said + 0.3 * whole) / size) - 0.3 * (u.end - u.start - whole) / size

    return max(near, key=fit, default=None)
