"""The demo: invented feeds through the real steps, in a place of its own."""

import io
import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from news_examples import alert
from rich.console import Console
from typer.testing import CliRunner
from warehouses import file_of

from alerts.delivery.slack import payload
from alerts.messages import Form, Message, Pickup
from extractors.records import AlertKind
from flows.cli.__main__ import app
from flows.cli.demo import SHOWN, settings_for
from flows.demo.happenings import OFFICES, Line, Step
from flows.demo.newsroom import Press
from flows.demo.press import FIRST_DAY, OUTLETS, month
from flows.demo.saga import SAGA, reports_of
from flows.demo.score import Told, score
from flows.demo.slackview import as_in_slack
from warehouse.novelty.precedents import PAUSE


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
    assert file_of(settings.warehouse).parent == settings.seeds.parent == tmp_path / "demo"
    assert not settings.slack_configured


SIDES = {"Norway": "NO", "Moldova": "MD", "Kremlin": "RU", "": None}
STEP = next(episode.what for episode in SAGA if isinstance(episode.what, Step) and episode.what.stage == "pledged")
LINE = next(episode.what for episode in SAGA if isinstance(episode.what, Line))


@pytest.mark.parametrize(
    ("fields", "sort"),
    [
        ({"stage": "pledged", "supplier": "NO", "recipient": "MD"}, "found"),
        ({"stage": "pledged", "supplier": None, "recipient": "MD"}, "found"),
        ({"stage": "delivered", "supplier": "NO", "recipient": "MD"}, "false"),
        ({"stage": "pledged", "supplier": "MD", "recipient": "NO"}, "reversed"),
        ({"stage": "pledged", "supplier": "GB", "recipient": "MD"}, "false"),
        ({"kind": AlertKind.NEW_STATEMENT, "side": "NO"}, "false"),
        ({"event": 2, "kind": AlertKind.NEW_STATEMENT, "side": "RU"}, "found"),
        ({"event": 2, "kind": AlertKind.NEW_STATEMENT, "side": "KP"}, "false"),
        ({"event": None, "stage": "pledged", "supplier": "NO", "recipient": "MD"}, "false"),
    ],
)
def test_the_score_tells_right_from_wrong(fields: dict[str, Any], sort: str) -> None:
    """By kind, side, stage and parties; what the wrong way round says is counted apart from what is merely false."""
    known: dict[str, Any] = {"event": 1, "kind": AlertKind.NEW_STAGE}
    told = Told(**known | fields)
    scored = score({1: STEP, 2: LINE}, [told], side=SIDES.get)
    assert {"found": len(scored.found), "false": len(scored.false), "reversed": len(scored.reversed)} == {
        name: int(name == sort) for name in ("found", "false", "reversed")
    }
    assert len(scored.missed) == 2 - len(scored.found)


def test_an_event_told_again_is_counted() -> None:
    """And the sentence at the end says all of it."""
    told = Told(event=1, kind=AlertKind.NEW_STAGE, stage="pledged", supplier="NO", recipient="MD")
    scored = score({1: STEP}, [told, told], side=SIDES.get)
    assert str(scored) == "1 event: 1 found, 0 missed, reversed: 0, false: 0, told again: 1"


def test_the_story_is_refused_drawn_twice_pledged_mistaken_and_delivered() -> None:
    """More than three silent days between the two lines, and all of it within the days that are shown."""
    steps = [each.what.stage for each in SAGA if isinstance(each.what, Step)]
    lines = [each.after for each in SAGA if isinstance(each.what, Line)]
    assert steps == ["refused", "pledged", "used", "delivered"]
    assert lines[1] - lines[0] > PAUSE
    assert [each.taken_back for each in SAGA] == [False, False, False, False, True, False]
    assert SAGA[-1].after < timedelta(days=SHOWN)
    assert {report.outlet for report in reports_of(7)} <= set(OUTLETS)


def test_an_interruption_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Wherever it comes, and whoever named the folder."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.steps.cycle.run_cycle", interrupted)
    done = CliRunner().invoke(app, ["demo", "--folder", str(tmp_path / "demo")])
    assert "12 days of invented news, about 48 seconds" in " ".join(done.output.split())
    assert "Stopped early" in done.output
    assert not (tmp_path / "demo").exists()


def test_a_message_is_drawn_as_slack_shows_it() -> None:
    """From its blocks: header, sentence, reason, source, who else carried it, and a correction."""
    blocks = payload(
        Message(form=Form.STORY, alerts=(alert(speaker="Ada"),)),
        pickup=Pickup(outlets=2),
        note="Marked as a false alarm.",
    )
    console = Console(width=90, file=io.StringIO(), record=True)
    console.print(as_in_slack(blocks, channel="#here", thread="A line"))
    shown = console.export_text()
    wanted = ["#here", "in the thread of: A line", "Kremlin draws red line 1", "direct participation", "Speaker: Ada"]
    assert [
        words for words in (*wanted, "Reuters", "+2 outlets", "Marked as a false alarm.") if words not in shown
    ] == []


@pytest.mark.slow
def test_it_shows_alerts_and_leaves_a_warehouse_to_query(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it suggests at the end works as it is printed; the user's warehouse is not even created."""
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(tmp_path / "mine.duckdb"))
    monkeypatch.setenv("COLUMNS", "110")
    shown = CliRunner().invoke(app, ["demo", "--days", "3", "--folder", str(tmp_path / "demo")])
    assert shown.exit_code == 0, shown.output
    assert f"{FIRST_DAY:%A, %-d %B %Y}" in shown.stdout
    assert "why new" in shown.stdout
    assert re.search(
        r"Score against its own truth.+\d+ events: \d+ found, \d+ missed, reversed: 0", shown.stdout, re.DOTALL
    )
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
