"""The demo: invented feeds through the real steps, in a place of its own."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.commands.demo import settings_for
from flows.demo.happenings import OFFICES
from flows.demo.newsroom import Press
from flows.demo.press import FIRST_DAY, OUTLETS, month


def test_a_feed_holds_what_was_published_by_now_and_nothing_else() -> None:
    """Addresses lead to the articles; what is not yet written is not there."""
    reports = month()
    noon = reports[60].published
    press = Press(reports=reports, now=noon, address="http://127.0.0.1:1")
    feeds = [press.answer(f"/{outlet.id}/feed.xml") for outlet in OUTLETS]
    assert sum(feed[1].count("<item>") for feed in feeds if feed) == 61
    assert press.answer(reports[60].path) is not None
    assert press.answer(reports[61].path) is None
    assert press.answer("/nobody/feed.xml") is None


def test_nobody_is_named() -> None:
    """Invented words are put into the mouths of offices, never of persons."""
    assert all(re.match(r"the |NATO", office.name) for office in OFFICES.values())


def test_nothing_of_the_users_is_touched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not the warehouse, not the feeds, not Slack."""
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(tmp_path / "mine.duckdb"))
    monkeypatch.setenv("BRINKWATCH_SLACK_TOKEN", "xoxb-mine")
    monkeypatch.setenv("BRINKWATCH_SLACK_CHANNEL", "C0MINE")
    monkeypatch.setenv("BRINKWATCH_SLACK_WEBHOOK", "https://hooks.example/mine")
    settings = settings_for(tmp_path / "demo")
    assert settings.warehouse.parent == settings.seeds.parent == tmp_path / "demo"
    assert not settings.slack_configured


@pytest.mark.slow
def test_it_shows_alerts_and_leaves_a_warehouse_to_query(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it suggests at the end works as it is printed; the user's warehouse is not even created."""
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(tmp_path / "mine.duckdb"))
    monkeypatch.setenv("COLUMNS", "110")
    shown = CliRunner().invoke(app, ["demo", "--days", "3", "--folder", str(tmp_path / "demo")])
    assert shown.exit_code == 0, shown.output
    assert f"{FIRST_DAY:%A, %-d %B %Y}" in shown.stdout
    assert "why new" in shown.stdout
    assert not (tmp_path / "mine.duckdb").exists()
    lines = [line.strip() for line in shown.stdout.split("Look further:")[1].splitlines()]
    (address,) = [line.partition("=")[2] for line in lines if line.startswith("export")]
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", address)
    for line in lines:
        if line.startswith("brinkwatch ") and "weapon" not in line:
            done = CliRunner().invoke(app, shlex.split(line)[1:])
            assert done.exit_code == 0, (line, done.output)
    again = CliRunner().invoke(app, ["demo", "--folder", str(tmp_path / "demo")])
    assert "exists already" in str(again.exception)
