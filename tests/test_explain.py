"""What ``brinkwatch explain`` tells: all that the reader was asked about, what came of it, and what was refused."""

import pytest
from readings import moved, reading, scene

from extractors.pipeline import Extractor
from extractors.records import Article, Kind, Stage
from flows.cli.explanation import Explanation, Row, judged_row, moved_row
from flows.cli.explanation_page import as_html

LINE = "Moscow warned that it would retaliate if Kyiv attacked the bridge."
SENT = "Germany will deliver Patriot systems to Ukraine, the ministry said."


def test_every_sentence_that_was_read_is_told(extractor: Extractor) -> None:
    """With its probabilities, its spans and its speaker; the weapons in it with their stages."""
    article = Article(id="a", text=f"{LINE} {SENT}")
    doc = extractor.read(article)
    told = Explanation.of(extractor, article)
    assert len(told.judged) == len(doc._.readings) >= 2
    assert len(told.moved) == sum(len(each.weapons) for each in doc._.readings) >= 1
    assert "red line 0." in told.judged[0].detail
    assert "→ Russia, for RU" in told.judged[0].detail
    assert "“Moscow”" in told.judged[0].detail
    assert all("stages: " in row.detail for row in told.moved)


def test_a_refusal_says_why(extractor: Extractor) -> None:
    """The same words in an opinion piece are no statement, and the reason is told, on the page too."""
    told = Explanation.of(extractor, Article(id="a", text=LINE, genre="opinion"))
    assert told.judged[0].rule == "rejected: genre opinion"
    page = as_html([told])
    assert "rejected: genre opinion" in page
    assert "Read for statements" in page


def test_what_is_left_unread_is_told(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    """An article with too many sentences says how many were not read, in the terminal and on the page."""
    assert Explanation.of(extractor, Article(id="a", text=LINE)).unread == ()
    monkeypatch.setattr("extractors.reader.reader.MOST_READ", 1)
    told = Explanation.of(extractor, Article(id="a", text=f"{LINE} {SENT} {LINE}"))
    assert [row.what for row in told.unread] == ["2 more sentences"]
    assert "2 more sentences" in as_html([told])


def test_a_sentence_below_the_threshold_is_told_as_none(extractor: Extractor) -> None:
    """Nobody is looked for, nothing is refused: the probabilities say enough."""
    doubted = reading(LINE, red_line=0.01, threat=0.01)
    (judged,) = extractor.statements.judge(Article(id="a", text=LINE), scene(LINE, extractor.actors), [doubted])
    assert judged_row(judged, [], LINE) == Row(
        what="not a statement",
        detail=f"{LINE}\nred line 0.01, threat 0.01, commentary 0.00\nexplicit 0.00, nuclear 0.00",
        rule="",
    )


def test_a_stage_that_became_no_transfer_says_so(extractor: Extractor) -> None:
    """What the reader saw stands beside what came of it."""
    weapon = moved(SENT, "Patriot", Stage.PLEDGED, supplier="Germany", recipient="Ukraine", background=0.2)
    doc = extractor.read(Article(id="a", text=SENT))
    mention = next(each for each in doc._.weapons if each.text == "Patriot")
    row = moved_row(weapon, reading(SENT, weapons=[weapon]), mention, [], SENT)
    assert row.rule.startswith("no transfer")
    assert row.detail.splitlines() == [
        "stages: pledged 0.90; background 0.20",
        "supplier: “Germany” 0.90",
        "recipient: “Ukraine” 0.90",
    ]


def test_a_refused_statement_is_kept_as_commentary(extractor: Extractor) -> None:
    """It can be looked up, and never alerts."""
    signals = extractor.extract(Article(id="a", text=LINE, genre="opinion"))
    assert [each.kind for each in signals.statements] == [Kind.COMMENTARY]
