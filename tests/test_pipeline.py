"""The pipeline: the gate drops nothing, the version follows its parts, and no text breaks it."""

import gc
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from extractors.lexicon import LexiconError
from extractors.pipeline import Extractor, build_extractor, problems_of, signals_of
from extractors.records import Article, Kind, Signals
from extractors.text.spans import HasSpan
from extractors.version import version_of

THREAT = "Vladimir Putin warned that any attack on Crimea would mean war with NATO."
SENT = "Germany has delivered Patriot missiles to Ukraine."


PIECES = st.sampled_from(
    [
        *("Putin warned", "“", "”", '"', "that", "NATO", "would mean war", "if", "the Storm Shadow missiles", "F-16s"),
        *("\n\n", "\ud800", "\x00", "\u202e", "<b>", "Москва", "а́", "🚀", "said Peskov.", "he", "tanks", "red line"),
        *("Berlin refused to send", "Taurus", "to Kyiv", "—", "(", "]", "U.S.", "Gen.", "Kh-101, Kh-555 and Kh-22"),
        *("MOSCOW: STRIKES WILL BE ANSWERED", "THE PRESIDENT:", "Q ", "(KCNA) --"),
    ]
)


@given(pieces=st.lists(PIECES | st.text(max_size=8), max_size=40), title=st.booleans())
@hypothesis_settings(max_examples=60)
def test_any_text_is_read_and_every_span_is_one(extractor: Extractor, pieces: list[str], title: bool) -> None:
    """Spans lie in the document; what is printed can always be encoded."""
    text = " ".join(pieces)
    article = Article(id="x", title=text[:40] if title else "", text=text)
    signals = extractor.extract(article)
    document = article.document.replace("\ud800", "\ufffd")
    found: list[HasSpan] = [*signals.weapons, *signals.transfers, *signals.statements]
    assert all(0 <= each.start < each.end <= len(document) for each in found)
    for weapon in signals.weapons:
        assert document[weapon.start : weapon.end] == weapon.text
    for statement in signals.statements:
        assert document[statement.start : statement.end] == statement.quote
    json.dumps(signals.as_json(), ensure_ascii=False).encode("utf-8")


def test_an_utterly_clear_threat_and_delivery_are_found(extractor: Extractor) -> None:
    """From text to record, with speaker and parties resolved."""
    signals = extractor.extract(Article(id="x", text=f"{THREAT} {SENT}"))
    (said,) = [each for each in signals.statements if each.kind is not Kind.COMMENTARY]
    (sent,) = signals.transfers
    assert (said.kind, said.speaker_id, said.side) == (Kind.RED_LINE, "vladimir-putin", "RU")
    assert (sent.weapon, sent.supplier, sent.recipient, str(sent.stage)) == ("patriot", "DE", "UA", "delivered")


def test_a_name_that_may_mean_something_else_is_a_weapon_where_it_is_transferred(extractor: Extractor) -> None:
    """And only there; every possible weapon that is reported has a transfer."""
    sold = extractor.extract(Article(id="x", text="Washington clears Stingers for Taipei."))
    named = extractor.extract(Article(id="x", text="Washington met the Stingers in Taipei."))
    assert ([weapon.text for weapon in sold.weapons], len(sold.transfers)) == (["Stingers"], 1)
    assert named.weapons == ()


def test_a_vague_class_is_a_weapon_where_it_is_transferred(extractor: Extractor) -> None:
    """ "Planes" alone are no news, and not even a reason to read the rest of a text."""
    sent = extractor.extract(Article(id="x", text="Canada will give Ukraine planes, its defence minister said."))
    flown = extractor.extract(Article(id="x", text="Planes of Canada flew over Ukraine, its defence minister said."))
    assert [(one.weapon, one.supplier, one.recipient) for one in sent.transfers] == [("military-plane", "CA", "UA")]
    assert (flown.weapons, flown.transfers) == ((), ())


def test_an_article_in_another_language_is_kept_and_not_read(extractor: Extractor) -> None:
    """The reader knows English: applied to other languages it would invent."""
    assert extractor.extract(Article(id="x", text=THREAT, language="de")) == Signals(article="x")


def test_the_version_changes_with_a_lexicon_and_only_then(seeds: Path, tmp_path: Path) -> None:
    """An analyst who adds a weapon has stored articles read again."""
    for path in seeds.glob("*.jsonl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    same = version_of(tmp_path)
    assert same == version_of(seeds)
    with (tmp_path / "weapons.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert version_of(tmp_path) != same


def test_garbage_is_looked_for_again_when_lexicons_cannot_be_loaded(tmp_path: Path) -> None:
    """While they are loaded it is not."""
    with pytest.raises(LexiconError):
        build_extractor(tmp_path)
    assert gc.isenabled()


def test_every_lexicon_beside_the_code_is_loaded(seeds: Path, tmp_path: Path) -> None:
    """A file that nothing reads would be edited in vain: when any one of them is damaged there is a problem.

    Holdings are no part of extraction: what decides on alerts reads them, and tests/test_holdings.py checks that.
    """
    for path in set(seeds.glob("*.jsonl")) - {seeds / "holdings.jsonl"}:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    unread = []
    for path in sorted(tmp_path.glob("*.jsonl")):
        kept = path.read_bytes()
        path.write_text("no lexicon", encoding="utf-8")
        unread += [] if any(problem.file == path.name for problem in problems_of(tmp_path)) else [path.name]
        path.write_bytes(kept)
    assert unread == []


def sample(path: Path, every: int) -> list[Article]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for at, line in enumerate(stream) if at % every == 0]
    return [Article(id=row["id"], title=row.get("title") or "", text=row["text"]) for row in rows]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "every"), [("ordinary.jsonl.gz", 10), ("conflict.jsonl.gz", 5)])
def test_the_gate_drops_nothing_that_a_full_reading_finds(
    name: str, every: int, shared: Path, extractor: Extractor
) -> None:
    """What the cheap first pass turns away holds nothing."""
    for article in sample(shared / "eval" / name, every):
        if not extractor.may_hold(article.document):
            assert signals_of(extractor.read(article)) == Signals(article=article.id), article.id
