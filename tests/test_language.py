"""The trained pipeline: what it gives back, that hostile text does not break it, and how well it parses news."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example

from extractors.language import LONGEST, PARTS, WEIGHTS, load, read
from extractors.sentences import build_nlp

NAMES_ONLY, BLANK = load(parts=("ner",)), build_nlp()
NEWS = "Vladimir Putin warned the West on Thursday. “We will answer,” Dmitry Peskov told reporters in Moscow."


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load()


@pytest.fixture(scope="module")
def blank() -> Language:
    return build_nlp()


@pytest.fixture(scope="module")
def floors() -> dict[str, float]:
    path = Path(__file__).parent / "floors.json"
    return json.loads(path.read_text(encoding="utf-8"))["language"]


def annotations(doc: Doc) -> list[tuple[str, str, str, int, str]]:
    return [(token.tag_, token.pos_, token.dep_, token.head.i, token.ent_type_) for token in doc]


def test_all_parts_annotate_a_sentence(nlp: Language, blank: Language) -> None:
    """Tags, dependencies with heads, and names come back for every token."""
    first, second = read(nlp, blank(NEWS).sents)
    warned = next(token for token in first if token.text == "warned")
    assert (warned.pos_, warned.tag_, warned.dep_) == ("VERB", "VBD", "ROOT")
    assert [token.text for token in warned.lefts if token.dep_ == "nsubj"] == ["Vladimir"]
    assert {(name.text, name.label_) for name in first.ents} >= {("Vladimir Putin", "PERSON")}
    assert [token.text for token in second if token.dep_ == "nsubj" and token.head.text == "told"] == ["Dmitry"]


@pytest.mark.parametrize(
    ("sentence", "verb", "subject"),
    [
        ("The minister said the strikes would continue.", "said", "minister"),
        ("“There will be consequences,” said Maria Zakharova.", "said", "Maria"),
        ("Berlin will not send the missiles to Ukraine, the chancellor added.", "added", "chancellor"),
        ("According to officials, Iran launched the drones overnight.", "launched", "Iran"),
    ],
)
def test_who_does_what(nlp: Language, blank: Language, sentence: str, verb: str, subject: str) -> None:
    """The subject of a verb is found before it and, in reported speech, behind it."""
    (doc,) = read(nlp, [blank(sentence)[:]])
    found = [token.text for token in doc if token.dep_ == "nsubj" and token.head.text == verb]
    assert found == [subject]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_alone_sets_its_own_annotation_and_no_other(blank: Language, part: str) -> None:
    """Each part can be loaded without the others."""
    (doc,) = read(load(parts=(part,)), [next(blank(NEWS).sents)])
    asked = {"tagger": "TAG", "morphologizer": "POS", "parser": "DEP", "ner": "ENT_IOB"}
    assert {name: doc.has_annotation(attribute) for name, attribute in asked.items()} == {
        name: name == part for name in asked
    }


def test_a_part_alone_says_the_same_as_in_company(nlp: Language, blank: Language) -> None:
    """No part leans on the annotation of another."""
    spans = list(blank(NEWS).sents)
    together = [[(token.dep_, token.head.i) for token in doc] for doc in read(nlp, spans)]
    alone = [[(token.dep_, token.head.i) for token in doc] for doc in read(load(parts=("parser",)), spans)]
    assert alone == together


def test_an_unknown_part_is_named() -> None:
    """A misspelt part is an error that says which."""
    with pytest.raises(ValueError, match="lemmatiser"):
        load(parts=("parser", "lemmatiser"))


def test_tokens_and_offsets_are_those_of_the_span(nlp: Language, blank: Language) -> None:
    """Token i of the result is token i of the span, so offsets differ by where the span starts."""
    doc = blank("Odd  spaces\tand\n\nbreaks. 😀 Then Olaf Scholz spoke.\r\nEnd")
    for span, parsed in zip(doc.sents, read(nlp, doc.sents), strict=True):
        assert [token.text for token in parsed] == [token.text for token in span]
        assert [token.idx + span.start_char for token in parsed] == [token.idx for token in span]


def test_a_span_stays_one_sentence(nlp: Language, blank: Language) -> None:
    """The splitter has decided; the parser does not split again."""
    doc = blank("Stop. Go away! Do it now? He left.")
    (parsed,) = read(nlp, [doc[:]])
    assert len(list(parsed.sents)) == 1


def test_the_given_document_is_not_changed(nlp: Language, blank: Language) -> None:
    """Reading is without side effects on what other parts hold."""
    doc = blank(NEWS)
    before = doc.to_bytes()
    list(read(nlp, doc.sents))
    assert doc.to_bytes() == before


def test_company_in_the_batch_changes_nothing(nlp: Language, blank: Language) -> None:
    """A sentence reads the same alone, among others and a second time."""
    spans = list(blank(f"{NEWS} {NEWS} It rained in Kyiv.").sents)
    batch = [annotations(doc) for doc in read(nlp, spans)]
    assert [annotations(doc) for span in spans for doc in read(nlp, [span])] == batch
    assert [annotations(doc) for doc in read(nlp, spans)] == batch


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n", "\ud800", "a\udfffb \x00\x01 c", "“““", ")" * 50, "e\u0301" * 30, "🇺🇦" * 20, "A" * 20_000],
)
def test_hostile_text_is_read(nlp: Language, blank: Language, text: str) -> None:
    """Empty, broken and absurd text gives documents of the same length and no exception."""
    doc = blank(text)
    assert [len(parsed) for parsed in read(nlp, [doc[:]])] == [len(doc)]


def test_no_spans_no_documents(nlp: Language) -> None:
    """Nothing in, nothing out."""
    assert list(read(nlp, [])) == []


def test_a_span_longer_than_the_limit_is_read_in_pieces(nlp: Language, blank: Language) -> None:
    """No token is lost, and the next span is not disturbed."""
    doc = blank("word " * (2 * LONGEST + 7) + ". He left.")
    spans: list[Span] = list(doc.sents)
    parsed = list(read(nlp, spans))
    assert [len(item) for item in parsed] == [len(span) for span in spans]
    assert len(list(parsed[0].sents)) >= 3


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_keeps_its_tokens(text: str) -> None:
    """Whatever the text, the result has its tokens."""
    doc = BLANK(text)
    for span, parsed in zip(doc.sents, read(NAMES_ONLY, doc.sents), strict=True):
        assert [token.text for token in parsed] == [token.text for token in span]


def test_loading_is_quick_and_silent() -> None:
    """A fresh interpreter with warnings as errors loads the weights; loading itself takes about a third of a second."""
    code = (
        "import time, extractors.language as language; started = time.process_time(); language.load();"
        " print(time.process_time() - started)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 2.0
    assert done.stderr == ""


def test_time_grows_with_the_text(nlp: Language, blank: Language) -> None:
    """Four times the text takes well under ten times as long, also as one endless sentence."""

    def seconds(words: int) -> float:
        doc = blank("missile " * words)
        started = time.process_time()
        list(read(nlp, [doc[:]]))
        return time.process_time() - started

    seconds(100)
    assert seconds(8_000) < 10 * seconds(2_000)


def test_weights_are_small_and_carry_their_licence() -> None:
    """At most 15 MB; licence and attribution lie beside them, and no path of the machine that made them."""
    files = [path for path in WEIGHTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 15_000_000
    assert "Attribution-ShareAlike 4.0" in (WEIGHTS.parent / "LICENSE").read_text(encoding="utf-8")
    attribution = (WEIGHTS.parent / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for corpus in ("English Web Treebank", "GUM", "WikiGold", "CrossNER", "Broad Twitter Corpus", "Universal NER"):
        assert corpus in attribution
    assert "/" not in json.loads((WEIGHTS / "meta.json").read_text(encoding="utf-8"))["description"]


def gold(shared: Path, name: str, nlp: Language) -> list[Doc]:
    return list(DocBin().from_disk(shared / "train" / f"{name}.spacy").get_docs(nlp.vocab))


@pytest.mark.shared
def test_dependencies_of_news_reach_the_floor(nlp: Language, shared: Path, floors: dict[str, float]) -> None:
    """Labelled attachment on 150 sentences of the PUD treebank's news, never trained on."""
    docs = gold(shared, "parser/ud_pud_news", nlp)[:150]
    predicted = read(nlp, [nlp.make_doc(doc.text)[:] for doc in docs])
    examples = [Example(guess, doc) for guess, doc in zip(predicted, docs, strict=True)]
    scores = Scorer.score_deps(
        examples,
        "dep",
        getter=lambda token, attribute: getattr(token, f"{attribute}_"),
        ignore_labels=("p", "punct"),
    )
    assert scores["dep_las"] >= floors["pud_news_150_las"]
    assert scores["dep_las_per_type"]["nsubj"]["f"] >= floors["pud_news_150_nsubj"]


@pytest.mark.shared
def test_names_reach_the_floor(nlp: Language, shared: Path, floors: dict[str, float]) -> None:
    """Exact F of persons, and F of boundaries over persons, organisations and places, on 400 sentences of PUD."""
    docs = gold(shared, "ner/ner_uner_pud", nlp)[:400]
    wanted, found = set(), set()
    for i, (doc, guess) in enumerate(zip(docs, read(nlp, [nlp.make_doc(doc.text)[:] for doc in docs]), strict=True)):
        wanted |= {(i, e.start_char, e.end_char, e.label_) for e in doc.ents if e.label_ != "MISC"}
        found |= {(i, e.start_char, e.end_char, e.label_) for e in guess.ents if e.label_ != "MISC"}
    persons = [{name for name in names if name[3] == "PERSON"} for names in (wanted, found)]
    bounds = [{name[:3] for name in names} for names in (wanted, found)]
    assert f_score(*persons) >= floors["uner_pud_400_person"]
    assert f_score(*bounds) >= floors["uner_pud_400_boundaries"]


def f_score(wanted: set, found: set) -> float:
    return 2 * len(wanted & found) / (len(wanted) + len(found))
