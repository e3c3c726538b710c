"""Training, as far as it needs none of what the extra ``train`` brings: folds, examples, labels, choosing, measuring.

The network, its losses and the export are checked by ``extractors/training/test_model.py`` where that extra is
installed.
"""

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from extractors.actors.lexicon import load_places
from extractors.reader.settings import load_settings
from extractors.records import WeaponMention
from extractors.text.boundaries import fingerprint, sentences_in
from extractors.training import evaluation, selection
from extractors.training.counterfactuals import Counterfactuals
from extractors.training.data import (
    Desk,
    Document,
    Example,
    Party,
    Said,
    Told,
    WeaponExample,
    examples_of,
    read_examples,
    write_examples,
)
from extractors.training.findings import said_in, told_in
from extractors.training.folds import folds_of
from extractors.training.labels import labelled, labels_of
from extractors.training.sources import may_teach, quoted, read_rows

ROOT = Path(__file__).parent.parent
TEXT = "Berlin spoke first. If Kyiv asks again, Germany will send Taurus missiles to Ukraine, Moscow was told."
FINDINGS = [
    {
        "id": "a",
        "t": "s",
        "s": 1,
        "kind": "threat",
        "evidence": "Germany will send Taurus missiles",
        "speaker": "Germany",
        "speaker_text": "Berlin",
        "side": "DE",
        "condition": "If Kyiv asks again",
        "consequence": None,
        "explicit": True,
        "nuclear": False,
    },
    {
        "id": "a",
        "t": "x",
        "s": 1,
        "weapon_text": "Taurus",
        "evidence": "Germany will send Taurus missiles to Ukraine",
        "stage": "pledged",
        "supplier": "DE",
        "supplier_text": "Germany",
        "recipient": "UA",
        "recipient_text": None,
        "sure": False,
    },
]


@pytest.fixture
def document() -> Document:
    """Two sentences with one weapon."""
    start = TEXT.index("Taurus")
    weapon = WeaponMention(
        weapon="taurus",
        name="Taurus",
        category="cruise_missile",
        specific=True,
        known=True,
        family=None,
        text="Taurus",
        start=start,
        end=start + 6,
    )
    sentences = list(sentences_in(TEXT))
    return Document(source="long", id="a", fold=1, text=TEXT, title_end=0, sentences=sentences, weapons=[weapon])


def test_pieces_of_one_source_and_texts_under_one_title_share_a_fold() -> None:
    """However the pieces are numbered; a title of a word or two, "Statement", joins nothing."""
    rows = [{"id": f"g{source:05d}-{piece}", "title": "Statement"} for source in range(40) for piece in range(3)]
    folds = folds_of([*rows, {"id": "x", "title": "One and the same"}, {"id": "y", "title": "One, and the same!"}])
    assert all(len({folds[f"g{source:05d}-{piece}"] for piece in range(3)}) == 1 for source in range(40))
    assert folds["x"] == folds["y"]
    assert set(folds.values()) == {0, 1, 2, 3, 4}


def test_nothing_learns_from_the_untouched_fold_nor_from_what_is_held_out() -> None:
    """With half of the held-out fold taught, the other half stays unseen; sets that are not measured on teach whole."""

    def taught(fold: int, source: str = "long", **choice: Any) -> int:
        examples = (Example(source=source, document=f"d{n}", fold=fold, text="", end=0) for n in range(100))
        return sum(may_teach(one, **choice) for one in examples)

    assert [taught(fold, held_out=1) for fold in range(5)] == [0, 0, 100, 100, 100]
    assert [taught(fold) for fold in range(5)] == [0, 100, 100, 100, 100]
    assert (taught(0, held_out=1, half=True), taught(0, half=True), taught(0, source="pool")) == (0, 0, 100)
    assert 35 < taught(1, held_out=1, half=True) < 65


def test_an_example_is_a_sentence_with_what_stands_before_it(document: Document) -> None:
    """Spans move into the text of the example, also those of the context; what was not annotated stays unknown."""
    said, told = said_in(document, FINDINGS), told_in(document, FINDINGS)
    first, second = examples_of(document, said=said, told=told)
    shown = {role: [second.text[start:end] for start, end in spans] for role, spans in second.spans.items()}
    (weapon,) = second.weapons
    assert (first.kind, second.kind, second.explicit, second.nuclear) == ("none", "threat", True, False)
    assert second.sentence == TEXT[document.sentences[1][0] :]
    assert [second.text[start:end] for start, end in second.context] == ["Berlin spoke first."]
    assert shown == {"speaker": ["Berlin"], "condition": ["If Kyiv asks again"], "consequence": []}
    assert second.text[weapon.start : weapon.end] == "Taurus"
    assert (weapon.stages, weapon.silence, weapon.recipient) == ({"pledged": 0.5}, 1.0, None)
    assert weapon.supplier is not None
    assert [second.text[start:end] for start, end in weapon.supplier] == ["Germany"]


def test_the_passage_of_an_example_is_what_the_reader_is_shown(seeds: Path) -> None:
    """A headline is read with what follows it, a sentence with what stands before it and with the title."""
    row = {"id": "a", "title": "Kyiv waits", "text": "Berlin hesitates. " * 30 + "Then it sends Taurus."}
    document = Desk(seeds).open(row, source="long", fold=1)
    examples = examples_of(document, said={}, told=())
    title, last = examples[0].passage, examples[-1].passage
    assert (title.in_title, last.in_title) == (True, False)
    assert [title.text[slice(*span)] for span in title.context] == ["Berlin hesitates."]
    assert last.text[slice(*last.context[1])] == "Kyiv waits"
    assert [last.text[slice(*span)] for span in last.weapons] == ["Taurus"]


def test_what_a_finding_leaves_in_doubt_weighs_little(document: Document) -> None:
    """A weapon inside the words that tell of another one may be meant too, so its silence is worth a third."""
    told = Told(
        weapon=(20, 22),
        evidence=document.sentences[1],
        stage="pledged",
        supplier=Party(code=None, span=None),
        recipient=Party(code=None, span=None),
    )
    other, taurus = examples_of(document, said={}, told=[told])[1].weapons
    assert (other.silence, taurus.silence) == (1.0, 0.3)


def test_optional_and_unjudged_sentences_teach_nothing_about_statements(document: Document) -> None:
    """Nor does commentary beside an optional one."""
    said = {0: [Said(kind="commentary"), Said(kind="optional")]}
    assert examples_of(document, said=said, told=())[0].kind == "optional"
    assert examples_of(document, said={}, told=(), judged=False)[0].kind == "optional"


def test_examples_are_read_as_they_were_written(document: Document, tmp_path: Path) -> None:
    """Through JSON and back they encode the same passage."""
    written = examples_of(document, said=said_in(document, FINDINGS), told=told_in(document, FINDINGS))
    assert write_examples(tmp_path / "examples.jsonl", written) == 2
    read = list(read_examples(tmp_path / "examples.jsonl"))
    assert [one.passage for one in read] == [one.passage for one in written]
    assert [(one.kind, one.tells) for one in read] == [("none", False), ("threat", True)]


def test_labels_hold_no_text_and_give_the_same_examples(document: Document) -> None:
    """Hashes and offsets, from which whoever has the text gets back what the annotated words gave."""
    labels = json.loads(json.dumps(list(labels_of([document], shown=[0, 1], findings=FINDINGS))))
    direct = examples_of(document, said=said_in(document, FINDINGS), told=told_in(document, FINDINGS))
    assert labels[0] == {"document": "a", "start": 0, "sentence": fingerprint("Berlin spoke first.")}
    assert "missiles" not in json.dumps(labels)
    assert list(labelled([document], labels)) == direct


def test_where_only_transfers_were_judged_nothing_is_said_of_statements(document: Document) -> None:
    """What was not asked about is no negative."""
    labels = [{**label, "judged": "transfers"} for label in labels_of([document], shown=[0, 1], findings=FINDINGS)]
    direct = examples_of(document, said={}, told=told_in(document, FINDINGS))
    found = list(labelled([document], labels))
    assert [one.kind for one in found] == ["optional", "optional"]
    assert [one.weapons for one in found] == [one.weapons for one in direct]


def test_labels_of_an_edited_sentence_are_not_used(document: Document) -> None:
    """The hash tells that a document no longer says what was judged."""
    labels = [{"document": "a", "start": 0, "sentence": fingerprint("Bonn spoke first.")}]
    assert list(labelled([document], labels)) == []


def test_a_text_that_stands_in_a_held_one_is_known_whatever_its_length() -> None:
    """A sentence as a whole, an article by a stretch of it."""
    held = "the minister said we will answer any strike on our soil with all we have " * 8
    assert quoted("we will answer any strike", held)
    assert not quoted("we will answer no strike", held)
    assert quoted("an opening of its own that is long enough " * 5 + held, held)
    assert not quoted("an opening of its own that is long enough " * 20, held)


def test_sentences_of_a_table_are_texts_each_once(tmp_path: Path) -> None:
    """Quotation marks are part of the text; an event that shares its sentence adds none."""
    table = tmp_path / "events.tsv"
    rows = [
        "sentence\tsource\ttarget\tgold_root",
        '"No," he said.\ta\tb\tREJECT',
        '"No," he said.\tb\ta\tAGREE',
        "Yes.\t\t\tX",
    ]
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert list(read_rows(table)) == [{"id": "plover-0", "text": '"No," he said.'}, {"id": "plover-1", "text": "Yes."}]


def test_a_round_asks_for_no_sentence_twice(document: Document) -> None:
    """The surest first, each with its neighbours, whatever else it was drawn for."""
    text = "A sentence that stands here. " * 60
    documents = [
        Document(source="pool", id=name, fold=1, text=text, title_end=0, sentences=list(sentences_in(text)), weapons=())
        for name in "ab"
    ]
    scores = [float(number == 30) for number in range(120)]
    wanted = selection.Wanted(sure=1, unsure=10, near=50, transfers=5, unsure_transfers=5, near_transfers=20, random=9)
    passages = selection.choose(scores, scores, documents, wanted=wanted, chance=random.Random(1))
    shown = [number for passage in passages for number in passage]
    assert [28, 29, 30, 31, 32] in passages
    assert len(shown) == len(set(shown))
    assert not any(59 in passage and 60 in passage for passage in passages)


def test_a_batch_shows_readers_where_they_are_and_is_read_back(document: Document, tmp_path: Path) -> None:
    """Numbers of the sentences, the opening of the text and what stands before."""
    selection.write_batches(tmp_path, [[1]], [document], {"a": {"source": "paper"}})
    batch = (tmp_path / "batch-00.txt").read_text(encoding="utf-8")
    assert selection.shown_in(batch) == {1}
    assert "BEFORE: …Berlin spoke first." in batch
    done, findings = selection.finished([*FINDINGS, {"batch": "batch-00.txt", "done": True}])
    assert (done, findings) == ({"batch-00"}, FINDINGS)


@pytest.mark.shared
def test_counts_of_one_document_are_those_of_the_script(shared: Path) -> None:
    """What was found, of whom, in which words, and how sure the product was."""
    statement = {
        "kind": "threat",
        "start": TEXT.index("Germany"),
        "end": len(TEXT),
        "speaker": "Germany",
        "side": "DE",
        "condition": "If Kyiv asks",
        "consequence": None,
        "confidence": 0.75,
    }
    case = (
        evaluation.scorer(shared),
        {"id": "a", "text": TEXT},
        FINDINGS,
        {"statements": [statement], "transfers": []},
    )
    counts = evaluation.counts_of(*case)
    assert (counts["statements gold"], counts["statements found"], counts["statements right"]) == (1, 1, 1)
    assert (counts["kind"], counts["side"], counts["speaker"]) == (1, 1, 1)
    assert (counts["condition"], counts["condition gold"], counts["condition predicted"]) == (3, 4, 3)
    assert list(evaluation.judged(*case)) == [(0.75, True)]


def test_a_passage_counts_once_and_a_reversed_transfer_is_never_right() -> None:
    """Its label against what was found; supplier and recipient exchanged are worse than silence."""
    statement = {"statements": [{"kind": "red_line"}], "transfers": []}
    assert evaluation.passage_counts({"label": "none"}, statement)["statements right"] == 0
    assert evaluation.passage_counts({"label": "threat"}, statement)["statements found"] == 1
    told = {"supplier": "UA", "recipient": "DE", "stage": "requested"}
    passage = {"supplier": "DE", "recipient": "UA", "stages": ["requested"]}
    counts = evaluation.passage_counts(passage, {"statements": [], "transfers": [told]})
    assert (counts["told"], counts["right"], counts["reversed"]) == (1, 0, 1)


def test_a_set_of_passages_is_measured_by_what_it_was_annotated_with() -> None:
    """Statements where labels say what each is, the direction of transfers where stages are told."""
    assert list(evaluation.passage_measures([{"label": "threat"}])) == ["statements P", "statements R", "statements F1"]
    measures = evaluation.passage_measures([{"stages": ["pledged"]}])
    assert {name: of(Counter(told=4, right=3, reversed=1)) for name, of in measures.items()} == {
        "transfers right": 0.75,
        "transfers reversed": 0.25,
    }


def test_an_ablation_takes_one_part_out_and_leaves_the_others() -> None:
    """Without the prefilter every sentence is read, with its margin; without the margin none is added."""
    prefilter = SimpleNamespace(margin=len, statement=str.isupper, transfer=str.isupper)
    reader = SimpleNamespace(prefilter=prefilter, encoder=SimpleNamespace(), settings=load_settings())
    whole = reader.settings
    extractor: Any = SimpleNamespace(reader=reader)
    evaluation.leave_out(extractor, "prefilter")
    assert (reader.prefilter.statement("a"), reader.prefilter.transfer("a"), reader.prefilter.margin("abc")) == (
        1,
        1,
        3,
    )
    assert reader.settings == whole
    evaluation.leave_out(extractor, "margin")
    evaluation.leave_out(extractor, "context")
    assert reader.settings == replace(whole, margin_weight=0.0)
    evaluation.leave_out(extractor, "topic")
    assert reader.settings == replace(whole, margin_weight=0.0, topic_weight=0.0)


def test_an_interval_holds_its_value_and_narrows_with_documents() -> None:
    """Drawn by document, the same in every run."""
    counts = [Counter({"statements found": n % 2, "statements gold": 1}) for n in range(100)]
    few, many = (evaluation.interval(part, evaluation.MEASURES["statements R"]) for part in (counts[:10], counts))
    assert few.low <= few.value == many.value <= few.high
    assert many.high - many.low < few.high - few.low
    assert str(evaluation.interval(counts, evaluation.MEASURES["statements R"])) == str(many)


def test_calibration_error_is_the_gap_between_what_is_told_and_what_is_true() -> None:
    """None where four of five are right at .8; half where all are right at .5."""
    assert evaluation.calibration_error([(0.8, True)] * 4 + [(0.8, False)]) == pytest.approx(0)
    assert evaluation.calibration_error([(0.5, True)] * 4) == pytest.approx(0.5)


def test_the_lock_file_holds_nothing_that_only_training_needs() -> None:
    """Torch is larger than all that the product needs."""
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not any(f"\n{name}==" in f"\n{locked}" for name in ("torch", "transformers", "scikit-learn"))


def test_a_counterfactual_says_of_others_what_was_said(seeds: Path) -> None:
    """Every form of a state gives way, the same everywhere, and so does a weapon; what is annotated moves along."""
    text = "Oslo gave Ukraine 12 Taurus missiles and US tanks.\nNorway had refused."
    spans = {words: (text.index(words), text.index(words) + len(words)) for words in ("Oslo", "Ukraine", "Taurus")}
    weapon = WeaponExample(
        start=spans["Taurus"][0],
        end=spans["Taurus"][1],
        stages={"delivered": 1.0},
        silence=1.0,
        supplier=[spans["Oslo"]],
        recipient=[spans["Ukraine"]],
        background=None,
    )
    end = text.index("\n")
    told = Example(
        source="s", document="d", fold=1, text=text, end=end, context=[(end + 1, len(text))], weapons=[weapon]
    )
    capitals = {place.capitals[0]: place.name for place in load_places(seeds) if place.capitals}
    for seed in range(20):
        other = Counterfactuals(seeds, ["Gripen"]).of(told, random.Random(seed), weapons=True)
        (moved,) = other.weapons
        (supplier,), (recipient,) = (
            [other.text[slice(*span)] for span in spans or ()] for spans in (moved.supplier, moved.recipient)
        )
        assert other.sentence.startswith(f"{supplier} gave {recipient} 12 Gripen missiles and ")
        assert other.text[moved.start : moved.end] == "Gripen"
        assert other.text[slice(*other.context[0])] == f"{capitals[supplier]} had refused."


def test_an_example_without_states_stays_as_it_is(seeds: Path) -> None:
    """There is nobody to tell it of."""
    told = Example(source="s", document="d", fold=1, text="It rains in Jordan.", end=19)
    assert Counterfactuals(seeds, ["Gripen"]).of(told, random.Random(1)) is told
