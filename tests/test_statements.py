"""Statements: red lines and threats are found, commentary and the rest of the news are not."""

import gzip
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.actors import ActorFinder
from extractors.attribution import Attributor
from extractors.classifier import WeightsError, load_classifier
from extractors.conditions import find_limit
from extractors.cues import CueFinder, load_cues, normalise
from extractors.records import Article, Kind, Signals, Statement
from extractors.sentences import build_nlp
from extractors.severity import assess, rung_of
from extractors.statements import StatementFinder, fold_repeats
from extractors.training import statements as recipe

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
CASES = [json.loads(line) for line in (Path(__file__).parent / "data" / "statements.jsonl").read_text().splitlines()]
FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text())["statements"]


@cache
def parts():
    """The parts a statement needs, loaded once."""
    return build_nlp(), ActorFinder(SEEDS), Attributor(SEEDS), StatementFinder(SEEDS)


def found(text: str, *, title: str = "", genre: str = "news") -> list[Statement]:
    """Every statement of a text, commentary included."""
    nlp, actors, attributor, finder = parts()
    article = Article(id="a", text=text, title=title, genre=genre)
    doc = nlp(article.document)
    mentions = actors.find(doc)
    utterances = attributor.find(doc, mentions)
    return finder.find(doc, article=article, utterances=utterances, actors=mentions, weapons=[])


def fired(text: str, **options: str) -> list[Statement]:
    """Red lines and threats of a text."""
    return [statement for statement in found(text, **options) if statement.kind is not Kind.COMMENTARY]


def test_constructed_sentences_reach_their_floor():
    """Of sentences made by construction, most with a statement fire and most without do not."""
    said = [(case["label"] in ("red_line", "threat"), bool(fired(case["text"]))) for case in CASES]
    recall = sum(hit for true, hit in said if true) / sum(true for true, _ in said)
    false = sum(hit for true, hit in said if not true) / sum(not true for true, _ in said)
    assert len(CASES) >= 300
    assert recall >= FLOORS["constructed_recall"]
    assert 1 - false >= FLOORS["constructed_silence"]


SENTENCE = "Moscow warned that it would retaliate if Kyiv attacked the bridge with “Western missiles”."


@pytest.mark.parametrize(
    "variant",
    [
        SENTENCE.replace("“", '"').replace("”", '"'),
        SENTENCE.replace("“", "‘").replace("”", "’"),
        SENTENCE.replace(" that", "\u00a0that"),
        SENTENCE.replace("Moscow", "Beijing").replace("Kyiv", "Taipei"),
        SENTENCE.replace("Moscow", "Tehran").replace("Kyiv", "Israel"),
    ],
)
def test_quotes_spaces_and_names_change_nothing(variant):
    """The same sentence with other quotes, spaces or countries is the same kind of statement."""
    assert [s.kind for s in fired(variant)] == [s.kind for s in fired(SENTENCE)] == [Kind.RED_LINE]


def test_speaker_condition_and_severity_are_told():
    """A statement names who speaks, what is forbidden and how loud it is."""
    (statement,) = fired(
        "Russian President Vladimir Putin warned that Moscow would retaliate if Kyiv attacked the bridge."
    )
    assert statement.speaker == "Vladimir Putin"
    assert statement.side == "RU"
    assert statement.condition == "if Kyiv attacked the bridge"
    assert statement.severity >= 3
    assert "limit" in statement.rule


def test_a_repeat_is_folded_into_the_fullest():
    """A headline and the lead that repeats it are one statement with a repeat."""
    (statement,) = fired(
        "Iran warned on Sunday that it will retaliate against American bases if the United States attacks.",
        title="Iran warns it will retaliate if US attacks",
    )
    assert len(statement.repeats) == 1


def test_opinion_never_draws_a_red_line():
    """In an opinion piece the same words are commentary."""
    assert fired(SENTENCE) != []
    assert fired(SENTENCE, genre="opinion") == []


@pytest.mark.parametrize(
    ("sentence", "condition"),
    [
        ("Iran warns it will retaliate if US attacks", "if US attacks"),
        ("If they cross the river, we will respond.", "If they cross the river"),
        ("Unless the siege ends, ships will be hit.", "Unless the siege ends"),
        ("He warned that any attack on the bridge would mean war.", "any attack on the bridge"),
        ("The talks ended on Tuesday", None),
    ],
)
def test_conditions_are_spans_of_the_sentence(sentence, condition):
    """Leading, trailing and nominal conditions are cut where they end."""
    span = find_limit(sentence).condition
    assert (sentence[span[0] : span[1]] if span else None) == condition


@pytest.mark.parametrize("cue", load_cues(SEEDS), ids=lambda cue: cue.id)
def test_every_cue_finds_its_example(cue):
    """The example of a cue holds it."""
    assert cue.id in {match.cue for match in CueFinder(load_cues(SEEDS)).find(normalise(cue.example))}


@given(st.text(max_size=200))
def test_normalising_keeps_offsets(text):
    """Whatever the text, its normalised copy is as long."""
    assert len(normalise(text)) == len(text)


@given(st.text(alphabet="aI if“”\"'’\n.—will attack warn red line İ\ud800", max_size=300))
@settings(deadline=None, max_examples=60)
def test_no_text_raises(text):
    """Hostile text gives statements whose quotes are their spans, never an exception."""
    for statement in found(text):
        assert text.replace("\ud800", "\ufffd")[statement.start : statement.end] == statement.quote


@given(st.text(max_size=300))
def test_no_sentence_breaks_the_condition_finder(text):
    """Any string has a limit or none."""
    for span in (find_limit(text).condition, find_limit(text).consequence):
        assert span is None or 0 <= span[0] < span[1] <= len(text)


def test_severity_has_reasons_and_a_rung():
    """A nuclear limit of a head of state is as loud as it gets."""
    loud = assess(
        kind=Kind.RED_LINE,
        text="nuclear strike",
        role="president",
        explicit=True,
        nuclear=True,
        condition=True,
        consequence=True,
    )
    faint = assess(
        kind=Kind.COMMENTARY, text="fears", role=None, explicit=False, nuclear=False, condition=False, consequence=False
    )
    assert (loud.level, faint.level) == (5, 1)
    assert "nuclear" in loud.reasons
    assert rung_of("it will deploy troops")[0] == 6


def test_unreadable_weights_say_so(tmp_path):
    """A file that is no archive is an error that names it."""
    (tmp_path / "w.npz").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match=r"w\.npz"):
        load_classifier(tmp_path / "w.npz")


def test_folding_keeps_different_sides_apart():
    """Two sides that say the same are two statements."""
    (one,) = fired(SENTENCE)
    (other,) = fired(SENTENCE.replace("Moscow", "Beijing"))
    assert len(fold_repeats([one, other])) == 2


def articles(path: Path) -> list[Article]:
    """The articles of a measuring set."""
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [
        Article(
            id=r["id"],
            title=r.get("title") or "",
            text=r.get("text") or (path.parents[1] / "seeds" / r["file"]).read_text(),
        )
        for r in rows
    ]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["dev", "seeds"])
def test_gold_statements_reach_their_floor(shared, tmp_path, name):
    """Found and false statements on the gold passages are no worse than pinned."""
    out = tmp_path / "out.jsonl"
    gold = shared / "eval" / f"{name}.gold.jsonl"
    signals = [Signals(article=a.id, statements=tuple(found(a.text, title=a.title))) for a in articles(gold)]
    out.write_text("".join(json.dumps(s.as_json()) + "\n" for s in signals))
    command = [
        sys.executable,
        str(shared / "eval" / "score.py"),
        str(gold),
        str(out),
        "--json",
        "--texts",
        str(shared / "seeds"),
    ]
    table = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert table["statements"]["tp"] >= FLOORS[f"{name}_found"]
    assert table["statements"]["fp"] <= FLOORS[f"{name}_false"]


@pytest.mark.shared
def test_the_gate_drops_nothing(shared):
    """A text the gate turns away holds no triggered sentence."""
    nlp, _, _, finder = parts()
    for article in articles(shared / "eval" / "short.gold.jsonl"):
        if not finder.may_hold(article.document):
            assert not any(finder.cues.triggered(normalise(sentence.text)) for sentence in nlp(article.document).sents)


@pytest.mark.shared
@pytest.mark.slow
def test_held_out_sentences_and_headlines_reach_their_floor(shared):
    """In five folds, near-copies kept together, the classifier is no worse than pinned."""
    words = load_classifier().words
    examples = [*recipe.labelled_sentences(shared), *recipe.labelled_headlines(shared)]
    examples += [*recipe.labelled_by_fingerprint(shared), *recipe.own_examples()]
    data = recipe.prepare(examples, words=words)
    probabilities, threshold, _, _ = recipe.cross_validate(data)
    for origin in ("sentences", "headlines"):
        *_, f1 = recipe.measure(probabilities, data, threshold=threshold, origin=origin)
        assert f1 >= FLOORS[f"folds_{origin}_f1"]
