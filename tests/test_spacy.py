"""Extraction as spaCy knows it: one configuration, factories anyone may name, extensions, span groups, streams."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from extractors.components import register_extensions
from extractors.pipeline import load_pipeline
from extractors.records import Article

TEXT = (
    "Vladimir Putin warned that any attack on “Crimea” would mean war with NATO. "
    "Germany sent Patriot missiles to Ukraine."
)
GROUPS = ("weapons", "quotes", "readings", "actors", "statements", "transfers")


@pytest.fixture(scope="module")
def nlp(seeds: Path) -> Language:
    return load_pipeline(seeds)


def found(doc: Doc) -> dict[str, object]:
    return {name: getattr(doc._, name) for name in GROUPS}


def test_the_configuration_is_the_pipeline(nlp: Language) -> None:
    """Every component by its name, in order, made by the factory of that name."""
    names = ["sentences", "weapons", "quotes", "reader", "actors", "statements", "transfers"]
    assert nlp.pipe_names == [f"brinkwatch_{name}" for name in names]
    assert nlp.pipe_factories == {name: name for name in nlp.pipe_names}


def test_what_is_found_stands_on_the_doc(nlp: Language) -> None:
    """As records under ``doc._``, as spans of whole tokens under the same name."""
    doc = nlp(TEXT)
    assert set(GROUPS) <= set(doc.spans)
    for name in GROUPS:
        records, spans = getattr(doc._, name), doc.spans[name]
        assert len(records) == len(spans) > 0, name
        assert all(span.start_char <= one.start and one.end <= span.end_char for one, span in zip(records, spans))  # noqa: B905
    assert [span.text for span in doc.spans["statements"]] == [TEXT.split(". ", maxsplit=1)[0] + "."]


def test_an_article_on_the_doc_gives_date_and_title(nlp: Language) -> None:
    """``doc._.article`` may be set before the pipeline runs; a bare text is an article without either."""
    register_extensions()
    doc = nlp.make_doc(TEXT)
    doc._.article = Article(id="a", text=TEXT, genre="opinion")
    assert {str(said.kind) for said in nlp(doc)._.statements} == {"commentary"}


def test_a_stream_comes_out_as_it_went_in(nlp: Language) -> None:
    """``nlp.pipe`` gives every document what ``nlp`` gives it, in order."""
    texts = [TEXT, "The bakery opens at eight.", TEXT.upper(), ""]

    def stream() -> Iterator[str]:
        yield from texts

    assert [found(doc) for doc in nlp.pipe(stream())] == [found(nlp(text)) for text in texts]


def test_a_pipeline_on_disk_is_the_same_pipeline(nlp: Language, seeds: Path, tmp_path: Path) -> None:
    """Saved and loaded by spaCy alone, it finds the same."""
    nlp.to_disk(tmp_path / "pipeline")
    again = spacy.load(tmp_path / "pipeline")
    assert again.pipe_names == nlp.pipe_names
    assert found(again(TEXT)) == found(nlp(TEXT))
    assert found(load_pipeline(seeds).from_bytes(nlp.to_bytes())(TEXT)) == found(nlp(TEXT))


def test_a_project_of_ones_own_adds_components_as_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The examples of docs/spacy.md, in its order: weapons in three lines, all components, an article with a date."""
    page = (Path(__file__).parent.parent / "docs" / "spacy.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for example in re.findall(r"```python\n(.+?)```", page, re.DOTALL):
        exec(example, names)  # our own page
    printed = capsys.readouterr().out
    assert "('Patriot', 'patriot', 'air_defence')" in printed
    assert "Vladimir Putin" in printed


def test_all_components_run_in_a_project_of_ones_own(nlp: Language) -> None:
    """On spaCy's own tokens the same statements and transfers are found."""
    own = spacy.blank("en")
    own.add_pipe("sentencizer")
    for name in nlp.pipe_names[1:]:
        own.add_pipe(name)
    assert own(TEXT)._.statements == nlp(TEXT)._.statements
    assert own(TEXT)._.transfers == nlp(TEXT)._.transfers
