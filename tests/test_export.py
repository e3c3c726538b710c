"""Exports: each view as a file, and claims as events that other monitors read."""

import json
import re
from pathlib import Path

import desk
import pytest
from typer.testing import CliRunner

from extractors.records import Stage
from flows.cli.__main__ import app
from flows.cli.export import ExportFolderError, NoSuchViewError
from warehouse.query import describe, query


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk.published(tmp_path_factory.mktemp("desk") / "w.duckdb")


def export(warehouse: Path, folder: Path, *words: str) -> list[Path]:
    done = CliRunner(env={"BRINKWATCH_WAREHOUSE": str(warehouse)}).invoke(app, ["export", "-o", str(folder), *words])
    if done.exception:
        raise done.exception
    return sorted(folder.iterdir())


@pytest.mark.parametrize(("form", "reader"), [("parquet", "read_parquet"), ("csv", "read_csv"), ("json", "read_json")])
def test_each_view_is_a_file_with_all_its_rows(warehouse: Path, tmp_path: Path, form: str, reader: str) -> None:
    """As SQL counts them, in every format."""
    views = sorted(each.name for each in describe(warehouse) if each.kind == "view")
    files = export(warehouse, tmp_path / "out", "--format", form)
    assert [path.name for path in files] == [f"{view}.{form}" for view in views]
    for path in files:
        ((held,),) = query(warehouse, f"SELECT count(*) FROM {path.stem}").rows
        ((written,),) = query(warehouse, f"SELECT count(*) FROM {reader}('{path}')", external=True).rows
        assert written == held, path.name


def test_a_view_is_named_or_the_nearest_told(warehouse: Path, tmp_path: Path) -> None:
    """Nothing is written for a name that nothing has."""
    assert [path.name for path in export(warehouse, tmp_path / "one", "events", "-f", "csv")] == ["events.csv"]
    with pytest.raises(NoSuchViewError, match="did you mean events"):
        export(warehouse, tmp_path / "none", "event")
    assert not (tmp_path / "none").exists()
    with pytest.raises(ExportFolderError, match="cannot be made a folder: File exists"):
        export(warehouse, tmp_path / "one" / "events.csv", "events")


def test_claims_are_events_of_plover(warehouse: Path, tmp_path: Path) -> None:
    """Each once, with who does what to whom, on the day of the first report, and where that stands."""
    (path,) = export(warehouse, tmp_path / "out", "plover_events", "--format", "json")
    events = json.loads(path.read_text(encoding="utf-8"))
    assert len({event["event_id"] for event in events}) == len(events)
    moved = {event["kind"]: event for event in events if event["weapon"]}
    assert [moved[stage]["event_type"] for stage in ("refused", "pledged", "delivered")] == ["REJECT", "AGREE", "AID"]
    assert (moved["pledged"]["actor"], moved["pledged"]["recipient"]) == ("DE", "UA")
    (line,) = [event for event in events if event["kind"] == "red_line"]
    assert (line["event_type"], line["actor"], line["recipient_text"]) == ("THREATEN", "RU", "Germany")
    assert (line["event_date"], line["articles"], line["severity"]) == ("2026-03-10", 3, 4)
    assert line["sentence"] == desk.LINE


def test_who_asks_is_the_actor_of_a_request(tmp_path: Path) -> None:
    """And who uses a weapon that of its use: the recipient of the transfer."""
    days = [
        desk.moved(0, "Ukraine asked Germany for Taurus missiles.", Stage.REQUESTED, day=-3),
        desk.moved(1, "Ukraine used Taurus missiles.", Stage.USED, day=-1),
    ]
    rows = query(
        desk.published(tmp_path / "w.duckdb", days),
        "SELECT event_type, actor, recipient FROM plover_events ORDER BY event_date",
    ).rows
    assert rows == [("REQUEST", "UA", "DE"), ("ASSAULT", "UA", None)]


def test_every_field_of_an_event_is_documented(warehouse: Path) -> None:
    """The page names the columns of the view, and no others."""
    page = (Path(__file__).parent.parent / "docs" / "export.md").read_text(encoding="utf-8")
    table = page[page.index("| field |") : page.index("```json")]
    documented = [
        name for cell in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    ]
    (view,) = [each for each in describe(warehouse) if each.name == "plover_events"]
    assert documented == [column.name for column in view.columns]
