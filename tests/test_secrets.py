"""Secrets: whatever goes wrong, no token and no webhook address is shown, logged or stored."""

import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from news_examples import alert
from slackserver import CHANNEL, HOOK, TOKEN, Fault, Slack, running
from warehouses import new_warehouse

from alerts.delivery.slack import SlackBot, SlackWebhook
from extractors.errors import BrinkwatchError
from flows import notify as flow
from flows.cli.doctor import findings, slack_findings
from flows.orchestration.artifacts import figures, listed
from flows.settings import Settings
from flows.steps import notify as step
from flows.steps.notify import notify, route_of
from flows.steps.operator_lines import tell_operator
from flows.steps.run_log import recorded
from warehouse.connection import transaction
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.tables.alerts import save_alerts

SECRETS = (TOKEN, HOOK, "secret-token", "secret-hook")
FAULTS = (
    Fault(status=401),
    Fault(error="invalid_auth"),
    Fault(error="token_revoked"),
    Fault(drop="before"),
    Fault(drop="after"),
    Fault(status=429, retry_after=3_600),
    Fault(status=500, body=f"no such hook: {HOOK}"),
    Fault(status=400, error=f"bad token {TOKEN}"),
    Fault(body=f"<html>{TOKEN}{HOOK}</html>"),
)


@pytest.fixture
def slack() -> Iterator[Slack]:
    """A workspace of its own."""
    with running() as workspace:
        yield workspace


@pytest.fixture(params=["bot", "webhook"])
def settings(request: pytest.FixtureRequest, slack: Slack, seeds: Path, tmp_path: Path) -> Settings:
    """A monitor that tells a channel, by either way."""
    bot: dict[str, Any] = {"slack_token": TOKEN, "slack_channel": CHANNEL, "slack_api_url": f"{slack.url}/api/"}
    target = bot if request.param == "bot" else {"slack_webhook": slack.url + HOOK}
    made = Settings(warehouse=tmp_path / "warehouse.duckdb", seeds=seeds, _env_file=None, **target)
    new_warehouse(made.warehouse)
    return made


def fill(settings: Settings, number: int) -> None:
    """Store one alert of a story of its own."""
    with transaction(settings.warehouse) as connection:
        rows = [replace(alert(number, story=f"story-{number}"), seen=datetime.now(UTC))]
        save_alerts(connection, rows, now=datetime.now(UTC))


def stored(settings: Settings) -> str:
    """All that the warehouse holds about deliveries and runs."""
    Warehouse(settings.warehouse).publish()
    return "".join(str(query(settings.warehouse, f"FROM {table}").rows) for table in ("deliveries", "runs", "alerts"))


def test_no_failure_shows_a_secret(
    settings: Settings, slack: Slack, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Not in logs, however loud, nor in summaries, artifacts, the warehouse, what doctor says, or ``repr``."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(step, "time", SimpleNamespace(sleep=lambda _: None, monotonic=time.monotonic))
    seen = [repr(settings), str(settings), repr(route_of(settings)), settings.model_dump_json()]
    failed = 0
    for number, fault in enumerate(FAULTS):
        fill(settings, number)
        slack.faults = lambda *_, fault=fault: fault
        notified = notify(settings, now=datetime.now(UTC))
        tell_operator(settings, "the monitor has gone quiet")
        seen += [notified.summary, repr(notified), listed("errors", notified.errors), figures(notified.counts)]
        seen += map(repr, slack_findings(settings))
        failed += bool(notified.errors)
    seen += map(repr, findings(settings, feeds=False))
    seen += [stored(settings), caplog.text, *capsys.readouterr()]
    assert failed >= 5
    assert [text for text in seen if any(secret in text for secret in SECRETS)] == []


def test_a_bug_shows_no_secret(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody foresaw ends the run; neither its traceback nor the row of the run holds a secret."""
    caplog.set_level(logging.DEBUG)
    fill(settings, 1)
    monkeypatch.setattr(step, "deliver", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError) as raised, recorded(settings, "notify", now=datetime.now(UTC)):
        notify(settings, now=datetime.now(UTC))
    shown = "".join(traceback.format_exception(raised.value)) + stored(settings) + caplog.text
    assert not any(secret in shown for secret in SECRETS)


def test_the_parameters_of_a_task_show_no_secret(settings: Settings) -> None:
    """Prefect shows and stores what a task was called with: settings travel as one object that hides its secrets."""
    assert set(flow.drain.fn.__annotations__) == {"settings", "now", "in_full", "return"}
    assert not any(secret in repr(vars(settings)) for secret in SECRETS)


@pytest.mark.parametrize("wrong", [f"{TOKEN}\n", f"{TOKEN}\r", "xoxb-…secret-token", f" {TOKEN}", ""])
def test_a_token_that_cannot_be_one_is_refused_unseen(wrong: str) -> None:
    """The HTTP client would raise an error that holds it."""
    with pytest.raises(BrinkwatchError) as raised:
        SlackBot.connect(wrong, CHANNEL)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "wrong", ["hooks.slack.com/secret-hook", "https://hooks.slack.com/secret-hook\n", "secret-hook"]
)
def test_a_webhook_that_cannot_be_one_is_refused_unseen(wrong: str) -> None:
    """Its address is the secret."""
    with pytest.raises(BrinkwatchError) as raised:
        SlackWebhook.connect(wrong)
    assert "secret" not in str(raised.value)
