"""The pipeline: the gate drops nothing, the version follows its parts, and no text breaks it."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from extractors.pipeline import Extractor, build_extractor
from extractors.records import Article


@pytest.fixture(scope="module")
def extractor(seeds: Path) -> Extractor:
    return build_extractor(seeds)


def full_reading(extractor: Extractor, article: Article) -> list[object]:
    """Return what the parts find when none is left out, whatever the gate says."""
    doc = extractor.nlp(article.document)
    weapons, actors = extractor.weapons.find(doc), extractor.actors.find(doc)
    told = extractor.attribution.find(doc, actors)
    statements = extractor.statements.find(doc, article=article, utterances=told, actors=actors, weapons=weapons)
    transfers = extractor.transfers.find(doc, weapons=weapons, actors=actors, utterances=told)
    return [*weapons, *statements, *transfers]


PIECES = st.sampled_from(
    [
        *("Putin warned", "“", "”", '"', "that", "NATO", "would mean war", "if", "the Storm Shadow missiles", "F-16s"),
        *("\n\n", "\ud800", "\x00", "\u202e", "<b>", "Москва", "а́", "🚀", "said Peskov.", "he", "tanks", "red line"),
        *("Berlin refused to send", "Taurus", "to Kyiv", "—", "(", "]", "U.S.", "Gen.", "Kh-101, Kh-555 and Kh-22"),
        "MOSCOW: STRIKES WILL BE ANSWERED",
    ]
)


@given(pieces=st.lists(PIECES | st.text(max_size=8), max_size=40), title=st.booleans())
@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_read_and_every_span_is_one(extractor: Extractor, pieces: list[str], title: bool) -> None:
    """Spans lie in the document; what is printed can always be encoded."""
    text = " ".join(pieces)
    article = Article(id="x", title=text[:40] if title else "", text=text)
    signals = extractor.extract(article)
    size = len(article.document)
    for each in (*signals.weapons, *signals.transfers, *signals.statements):
        assert 0 <= each.start < each.end <= size
    for weapon in signals.weapons:
        assert article.document[weapon.start : weapon.end] == weapon.text
    json.dumps(signals.as_json(), ensure_ascii=False).encode("utf-8")


def test_every_form_of_every_cue_is_found_where_it_stands(extractor: Extractor) -> None:
    """The words by which forms are looked up hide none of them."""
    finder = extractor.statements.cues
    forms = [(cue.id, form.replace("*", "").replace("…", "any")) for cue in finder.cues.values() for form in cue.forms]
    told = [(name, f"so we{form} it" if form[0] == "'" else f"so {form} it") for name, form in forms]
    hidden = [text for name, text in told if name not in {match.cue for match in finder.find(text)}]
    assert hidden == []


def test_an_article_in_another_language_is_kept_and_not_read(extractor: Extractor) -> None:
    """The rules are English: applied to other languages they would invent."""
    article = Article(id="x", text="Moscow warned that any attack would mean war with F-16s.", language="de")
    assert extractor.extract(article).weapons == ()


def test_the_version_changes_with_a_lexicon_and_only_then(seeds: Path, tmp_path: Path) -> None:
    """An analyst who adds a weapon has stored articles read again."""
    for path in seeds.glob("*.jsonl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    same = build_extractor(tmp_path).version
    assert same == build_extractor(seeds).version
    with (tmp_path / "weapons.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert build_extractor(tmp_path).version != same


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ordinary.jsonl.gz", "conflict.jsonl.gz"])
def test_the_gate_drops_nothing_that_a_full_reading_finds(name: str, shared: Path, extractor: Extractor) -> None:
    """What the cheap first pass turns away holds nothing."""
    with gzip.open(shared / "eval" / name, "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            article = Article(id=row["id"], title=row.get("title") or "", text=row["text"])
            if not extractor.may_hold(article.document):
                assert full_reading(extractor, article) == [], article.id


def test_speakers_are_traced_only_where_something_is_said_or_sent(extractor: Extractor) -> None:
    """A weapon on show costs no attribution; a threat does."""
    shown = extractor.read(Article(id="x", text="A Leopard 2 tank stood in the museum. Visitors took pictures of it."))
    threat = extractor.read(Article(id="y", text="Dmitry Peskov warned that any attack would mean war."))
    assert shown.weapons
    assert not shown.statements
    assert not shown.transfers
    assert "utterances" not in vars(shown)
    assert threat.statements
    assert "utterances" in vars(threat)


def test_what_no_part_needs_is_not_cut_into_tokens(extractor: Extractor) -> None:
    """Text without a weapon or a cue is turned away by the raw text."""
    reading = extractor.read(Article(id="x", text="The bakery opens at eight. Bread is sold out by ten."))
    assert not (reading.weapons)
    assert not (reading.statements)
    assert not (reading.transfers)
    assert "doc" not in vars(reading)
