"""An archive replayed: time, cycles, what is reported, and that it is what a live run would have done."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from extractors.records import Article
from flows.cli.__main__ import app
from flows.documents import DocumentError
from flows.settings import Settings
from flows.steps.backtest import backtest, cycles, read_archive
from warehouse.query import query

DAY = datetime(2026, 3, 4, tzinfo=UTC)
WARNING = "Russian Foreign Minister Sergey Lavrov warned that any attack on the Crimean bridge would mean war."
ARCHIVE = [
    {"id": "c", "source": "Third", "published": "2026-03-06", "title": "Rain", "text": "It rained."},
    {"id": "a", "source": "First", "published": "2026-03-04", "title": "Minister warns", "text": WARNING},
    {"id": "b", "source": "Second", "published": "2026-03-05", "title": "Lavrov", "text": WARNING, "url": "x"},
    {"id": "d", "source": "Third", "title": "Undated", "text": "Nothing happened."},
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive.jsonl.gz"
    lines = [*map(json.dumps, ARCHIVE), "not json"]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def test_archive_is_read_in_order_of_publication(archive: Path) -> None:
    """Articles come by date, one without a date stays behind the one before it, and bad lines are named."""
    articles, bad = read_archive(archive)
    assert [article.id for article in articles] == ["a", "b", "d", "c"]
    assert [line.where for line in bad] == [f"{archive}:5"]


@pytest.mark.parametrize(("hours", "expected"), [(24, [2, 1]), (6, [1, 1, 1]), (48, [3])])
def test_cycles_end_at_whole_multiples(hours: int, expected: list[int]) -> None:
    """Whatever is published within one cycle arrives together, at its end."""
    moments = [DAY, DAY + timedelta(hours=7), DAY + timedelta(days=1)]
    articles = [Article(id=str(number), text="", published=moment) for number, moment in enumerate(moments)]
    cut = list(cycles(articles, every=timedelta(hours=hours)))
    assert [len(cycle.articles) for cycle in cut] == expected
    assert all(cycle.now > max(a.published for a in cycle.articles if a.published) for cycle in cut)


def test_replay_alerts_what_a_live_run_would_have(archive: Path, seeds: Path, tmp_path: Path) -> None:
    """One claim of two outlets is one alert, on the day of the first, told with both."""
    articles, _ = read_archive(archive)
    settings = Settings(warehouse=tmp_path / "w.duckdb", seeds=seeds)
    result = backtest(articles, settings, every=timedelta(days=1))
    assert (result.articles, result.alerts, result.messages, result.span_days) == (4, 1, 1, 3)
    ((fired,),) = [day.fired for day in result.days if day.fired]
    assert (fired.at, fired.outlets, fired.alert.backlog) == (DAY + timedelta(days=1), ("First", "Second"), False)


def test_command_reports_days_and_keeps_the_warehouse_asked_for(archive: Path, tmp_path: Path) -> None:
    """Each day is one JSON object; a bad line ends in status 1; the kept warehouse can be queried and not replaced."""
    kept = tmp_path / "kept.duckdb"
    call = ["backtest", str(archive), "--json", "--warehouse", str(kept)]
    done = CliRunner().invoke(app, call)
    days = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [(day["day"][-2:], len(day["alerts"])) for day in days] == [("04", 1), ("05", 0), ("06", 0)]
    assert days[0]["alerts"][0]["outlets"] == ["First", "Second"]
    assert query(kept, "SELECT count(*) FROM articles").rows == [(4,)]
    assert "exists already" in str(CliRunner().invoke(app, call).exception)


def test_totals_are_printed(archive: Path) -> None:
    """A person reads the headline, the day and the totals."""
    printed = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["backtest", str(archive)]).stdout
    assert "Lavrov draws a red line" in printed
    assert "1 in 1 message, 0.3 a day" in printed


def test_file_that_is_no_archive_is_named(tmp_path: Path) -> None:
    """A missing or damaged file ends with one line that names it."""
    damaged = tmp_path / "damaged.jsonl.gz"
    damaged.write_bytes(gzip.compress(b"{}" * 1000)[:-12])
    (tmp_path / "photo.jpg").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "folder").mkdir()
    named = {"missing.jsonl": "No such file", "photo.jpg": "its name must end in .jsonl", "folder": "Is a directory"}
    for name, why in (named | {damaged.name: ""}).items():
        with pytest.raises(DocumentError, match=f"{name}.*{why}"):
            read_archive(tmp_path / name)
