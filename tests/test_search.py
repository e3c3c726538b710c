"""Search: words in any form, ranked, each claim once, within what the filters leave."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import desk
import pytest
from transactions import transact
from typer.testing import CliRunner, Result

from flows.cli.__main__ import app
from flows.cli.search import NoSuchSideError, NothingToFindError, snippet
from warehouse.query import query
from warehouse.search import Filters, find, terms
from warehouse.store import Warehouse
from warehouse.tables.corrections import mark_false


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk.published(tmp_path_factory.mktemp("desk") / "w.duckdb")


def found(warehouse: Path, words: str, *, limit: int = 10, **filters: Any) -> list[str]:
    rows = find(warehouse, terms(words), filters=Filters(**filters), limit=limit)
    return [row["sentence"] for row in rows]


REFUSED, PLEDGED, DELIVERED = (
    "Germany refused to send Taurus missiles to Ukraine.",
    "Germany pledged Taurus missiles to Ukraine.",
    "Germany has delivered Taurus missiles to Ukraine.",
)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("refuse", REFUSED),
        ("REFUSES", REFUSED),
        ("delivery taurus", DELIVERED),
        ("deliveries", DELIVERED),
        ('"taurus missiles reach"', desk.LINE),
        ("ada vale", desk.LINE),
        ("parking", None),
        ("title 8", "Title 8"),
    ],
)
def test_words_are_found_in_other_forms(warehouse: Path, words: str, first: str | None) -> None:
    """Case and endings do not matter; a phrase is found as it stands; speakers and titles are looked at, bodies not."""
    assert next(iter(found(warehouse, words)), None) == first


@pytest.mark.parametrize("written", ["F-16", "F16", "f 16", "F‑16s"])
def test_a_designation_is_found_however_it_is_written(written: str) -> None:
    """With a hyphen of any sort, a space, or nothing; and not in the middle of a word."""
    (term,) = terms("F-16")
    assert term.in_python.search(f"an {written}, they say")
    assert not term.in_python.search("F-160")
    assert not term.in_python.search("xF-16")


def test_what_has_all_words_comes_first(warehouse: Path) -> None:
    """What has fewer is left out; a rare word counts more than one that is everywhere."""
    assert found(warehouse, "taurus refused") == [REFUSED]
    assert found(warehouse, "taurus zeppelin")[0] in {REFUSED, PLEDGED, DELIVERED, desk.LINE}
    assert found(warehouse, "zeppelin") == []


def test_a_claim_is_found_once(warehouse: Path) -> None:
    """With the number of articles that make it."""
    (row,) = find(warehouse, terms("war with us"), filters=Filters(), limit=10)
    assert (row["sentence"], row["articles"], row["kind"]) == (desk.LINE, 3, "red_line")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kinds": ["refused"]}, {REFUSED}),
        ({"kinds": ["red_line", "pledged"]}, {desk.LINE, PLEDGED}),
        ({"sides": ["DE"]}, {REFUSED, PLEDGED, DELIVERED}),
        ({"sides": ["DE", "Germany"]}, {REFUSED, PLEDGED, DELIVERED, desk.LINE}),
        ({"weapons": ["taurus"], "kinds": ["red_line"]}, {desk.LINE}),
        ({"weapons": ["kh-101"]}, set()),
        ({"weapons": ["taurus"], "before": "pledged"}, {REFUSED, desk.LINE}),
        ({"weapons": ["taurus"], "before": "used"}, {REFUSED, PLEDGED, DELIVERED, desk.LINE}),
        ({"since": desk.NOW - timedelta(days=4)}, {PLEDGED, DELIVERED}),
        ({"until": desk.NOW - timedelta(days=11)}, {REFUSED, desk.LINE}),
    ],
)
def test_filters_leave_out_the_rest(warehouse: Path, filters: dict[str, Any], expected: set[str]) -> None:
    """By kind, by who speaks, gives, gets or is spoken to, by weapon, by day, and by what had not been done yet."""
    assert set(found(warehouse, "taurus", **filters)) == expected


def test_whole_texts_are_looked_through_when_asked(warehouse: Path) -> None:
    """They take longer."""
    assert found(warehouse, "grain corridor") == []
    assert found(warehouse, "grain corridor", texts=True) == ["Title 8"]


def test_other_alphabets_are_found() -> None:
    """Words of any script, without English endings cut from them."""
    (term,) = terms("ракеты")
    assert term.in_python.search("Ракеты летят")
    assert term.part == "ракеты"


def test_a_false_alarm_is_not_found(tmp_path: Path) -> None:
    """What an analyst marked is in no view."""
    path = desk.published(tmp_path / "w.duckdb", desk.DAYS[:3])
    ((claim,),) = query(path, "SELECT claim FROM transfers").rows
    transact(Warehouse(path), mark_false, claim, reason="wrong", by="me", now=desk.NOW)
    Warehouse(path).publish()
    assert REFUSED not in found(path, "taurus")


def test_words_are_no_pattern(warehouse: Path) -> None:
    """Signs of regular expressions and of SQL are signs."""
    assert found(warehouse, "taurus.*' OR (1=1 --") == found(warehouse, 'taurus or "1 1"')
    assert terms("(*)") == []


def test_a_snippet_shows_the_words_that_were_found() -> None:
    """Of a long sentence the part with them; markup and colours of the terminal are shown as text."""
    sentence = f"{'word ' * 200}[red]The taurus\x1b[31m arrived."
    shown = snippet(sentence, terms("taurus"))
    assert "[red]The taurus" in shown.plain
    assert "\x1b" not in shown.plain
    assert [shown.plain[span.start : span.end] for span in shown.spans] == ["taurus"]


def call(warehouse: Path, *words: str) -> Result:
    return CliRunner(env={"BRINKWATCH_WAREHOUSE": str(warehouse), "COLUMNS": "120"}).invoke(app, ["search", *words])


def test_the_command_prints_what_and_where(warehouse: Path) -> None:
    """A side and a weapon are given by their names, a kind with a space."""
    shown = call(warehouse, "taurus", "--side", "germany", "--kind", "refused", "--weapon", "KEPD 350").stdout
    assert "refused: Taurus · DE → UA" in shown
    assert REFUSED in shown
    assert "https://outlet2.example/2?a=1&b=2" in shown
    assert "1 found" in shown
    (row,) = [
        json.loads(line) for line in call(warehouse, "war", "--kind", "red line", "-f", "json").stdout.splitlines()
    ]
    assert (row["who"], row["side"], row["ownership"]) == ("Ada Vale", "RU", "state")


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        (["taurus", "--side", "Germny"], NoSuchSideError, "did you mean Germany"),
        (["…"], NothingToFindError, "no word"),
        (["taurus", "--kind", "refusal"], None, "not one of red_line"),
        (["taurus", "--weapon", "taurus", "--before", "article"], None, "not one of requested"),
        (["taurus", "--before", "delivered"], None, "--before needs --weapon"),
        (["taurus", "--since", "01.02.2026"], None, "'01.02.2026' is not a day such as 2026-02-28"),
        (["taurus", "--until", "2026-02-30"], None, "'2026-02-30' is not a day"),
        (["taurus", "--since", "2026-02-02", "--until", "2026-02-01"], None, "nothing is on or after 2026-02-02 and"),
        (["taurus", "--since", "2026-02-02", "--until", "2026-02-02"], None, "nothing is on or after 2026-02-02 and"),
    ],
)
def test_a_mistake_is_answered_with_what_there_is(
    warehouse: Path, words: list[str], error: type[Exception] | None, says: str
) -> None:
    """Sides that come near, the kinds, and that there is nothing to look for."""
    done = call(warehouse, *words)
    assert done.exit_code != 0
    assert says in " ".join((str(done.exception) if error else done.output).split())
