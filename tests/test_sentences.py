"""Where sentences of news text end."""

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import NLP
from spacy.lang.en import English
from spacy.tokens import DocBin

from extractors.text.boundaries import boundaries, paragraphs
from extractors.text.sentences import build_nlp


def split(text: str) -> list[str]:
    cuts = [0, *boundaries(text), len(text)]
    return [text[a:b].strip() for a, b in pairwise(cuts)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["He met Gen. Mark Milley and Lt. Col. Ann Ray.", "They spoke."],
        ["The U.S. Army left the U.S.", "The base closed."],
        ["Mr. Putin spoke.", "Mrs. May did not."],
        ["It is No. 10 on the list.", "No. 11 is next."],
        ["On Oct. 7 it began.", "It ended."],
        ["Donald J. Trump spoke at 5 p.m. Tuesday.", "He left."],
        ['"Will he stop?" Lavrov asked.', "Nobody knew."],
        ['"We will respond," he said.', '"Wait."', "He left."],
        ["“We will respond.”", "The end came."],
        ["He paused... and went on.", "He left..."],
        ["Shells cost $3.5 million.", "Tanks cost more!", "Why?", "Nobody knows."],
        ["The army (Reuters) left.", "(It returned.)", "It stayed."],
        ["Putin warns West", "The president spoke."],
        ["Russia attacked.[1]", "Ukraine replied.[2][3]", "It ended."],
        ["Sen. Lindsey Graham (R-S.C.) spoke.", "He left."],
        ["This is required.", "Volodymyr spoke."],
    ],
    ids=lambda sentences: sentences[0][:30],
)
def test_sentences_of_news(sentences: list[str]) -> None:
    """Abbreviations, initials, quotations, brackets, footnotes and headlines."""
    joint = "\n\n" if sentences[0] == "Putin warns West" else " "
    assert split(joint.join(sentences)) == sentences


def test_a_lost_space_still_ends_a_sentence() -> None:
    """Pages glue paragraphs together: "required.Volodymyr"; also before a quotation."""
    assert split("A response will be required.Volodymyr Zelensky left.")[1] == "Volodymyr Zelensky left."
    assert split("A response will be required.“Volodymyr is out,” he said.")[1] == "“Volodymyr is out,” he said."
    assert len(split("He went to the shop called Buy.“com” in May.")) == 1


@given(text=st.text(max_size=300))
@settings(max_examples=200)
def test_boundaries_ascend_inside_the_text(text: str) -> None:
    """On any text, lone surrogates included, the document keeps its length and its sentences cover it."""
    found = list(boundaries(text))
    assert found == sorted(set(found))
    assert all(0 < at < len(text) for at in found)
    doc = NLP(text)
    assert len(doc.text) == len(text)
    assert "".join(sentence.text_with_ws for sentence in doc.sents) == doc.text


@pytest.mark.parametrize("piece", ["a", "(", '"', ". ", "\n", " ", ".", "Mr.", '! "', "\ud800"])
def test_time_is_linear(piece: str) -> None:
    """A hundred thousand characters of one kind take a moment, not a minute."""
    started = time.process_time()
    NLP(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 10


@pytest.mark.shared
def test_boundaries_of_a_news_treebank(shared: Path) -> None:
    """UD English PUD, news half, ten sentences joined at a time."""
    docs = DocBin().from_disk(shared / "train/parser/ud_pud_news.spacy").get_docs(spacy.blank("en").vocab)
    gold = [sentence.text.strip() for doc in docs for sentence in doc.sents]
    hits = total = 0
    for at in range(0, len(gold), 10):
        group = gold[at : at + 10]
        ends = {len(" ".join(group[:n])) + 1 for n in range(1, len(group))}
        found = set(boundaries(" ".join(group)))
        hits += 2 * len(ends & found)
        total += len(ends) + len(found)
    floor = json.loads((Path(__file__).parent / "floors.json").read_text())["sentences"]["pud_news_f"]
    assert hits / total >= floor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  Leading space and  two,\u00a0“quoted” words.\n\nNext line? ",
        "It's Putin's word: \"can't\", he said; Mr. Smith (a.m.) of the U.S. paid $5bn, 10km away :)",
        "don't, cannot! I'm; we’ve… end.Next —dash— long-range F-16s\n",
    ],
)
def test_words_are_cut_as_the_rules_of_the_tokenizer_cut_them(text: str) -> None:
    """The short cut for plain words changes no token."""
    ours, rules = build_nlp()(text), English()(text)
    assert [(token.text, token.whitespace_) for token in ours] == [(t.text, t.whitespace_) for t in rules]


def test_paragraphs_split_like_the_text_they_stand_in() -> None:
    """A paragraph by itself has the sentences that it has in its text."""
    text = "First one. Second \n \n Third? Yes.\nA line\n\n\nNo. 4. The end."
    alone = [at for begin, end in paragraphs(text) for at in (begin, *boundaries(text, begin, end))]
    assert alone == [0, *boundaries(text)]
