"""What whoever runs the monitor is told arrives, in its order, whatever Slack, the warehouse or Prefect does."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prefect.client.schemas.schedules import IntervalSchedule
from slackserver import HOOK, Fault, Slack, once
from transactions import transact
from warehouses import file_of, new_warehouse

from alerts.delivery.slack import SlackWebhook
from flows.orchestration import supervision
from flows.settings import Settings
from flows.steps import liveness, operator_lines
from flows.steps.liveness import check_liveness
from flows.steps.operator_lines import tell_lines, tell_operator
from warehouse.connection import transaction
from warehouse.rows import select
from warehouse.store import Warehouse
from warehouse.stored_records import Notice
from warehouse.tables.operator_lines import AT_ONCE, add_lines

NOW = datetime(2026, 11, 29, 6, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path, slack: Slack) -> Settings:
    path = tmp_path / "w.duckdb"
    new_warehouse(path)
    return Settings(warehouse=path, slack_webhook=slack.url + HOOK, _env_file=None)


def look(settings: Settings, at: datetime, *wrong: str) -> None:
    """Look at the monitor, which has so many things wrong with it."""
    check_liveness(settings, now=at, every={}, more=[Notice(subject=text, text=text) for text in wrong])


def told(slack: Slack) -> list[str]:
    return [message["text"] for message in slack.hooked]


def statuses(settings: Settings) -> list[str]:
    with transaction(settings.warehouse) as connection:
        return [row["status"] for row in select(connection, "SELECT status FROM operator_lines ORDER BY number")]


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (Fault(status=403), 1),
        (Fault(status=404, body="no_team"), 1),
        (Fault(status=429, retry_after=30), 1),
        (Fault(status=503), 1),
        (Fault(drop="before"), 1),
        (Fault(drop="after"), 2),  # only Slack knows that it had taken it
        (Fault(delay=60), 2),
    ],
)
def test_what_slack_does_not_take_is_told_a_minute_later(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch, fault: Fault, times: int
) -> None:
    """Closed, limited, broken, gone or slow; twice where its answer was lost. Logged once."""
    slack.faults = once("webhook", fault)
    with monkeypatch.context() as patched:
        if fault.delay:
            connect = partial(SlackWebhook.connect, timeout=1)
            patched.setattr(operator_lines, "SlackWebhook", SimpleNamespace(connect=connect))
        look(settings, NOW, "The disk is full")
    look(settings, NOW + MINUTE / 2)
    assert len(slack.calls) == 1
    look(settings, NOW + MINUTE)
    look(settings, NOW + 2 * MINUTE)
    assert told(slack) == ["The disk is full"] * times
    assert statuses(settings) == ["delivered"]


def test_a_process_that_dies_before_it_tells_leaves_that_to_the_next(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was recorded as reported is: in the log at once, in Slack by whoever looks next."""
    with monkeypatch.context() as killed, suppress(SystemExit):
        killed.setattr(liveness, "tell_lines", lambda *_, **__: exit())
        look(settings, NOW, "The disk is full")
    assert told(slack) == []
    look(settings, NOW + MINUTE, "The disk is full")
    assert told(slack) == ["The disk is full"]
    assert caplog.text.count("The disk is full") == 1


def test_a_night_without_slack_ends_in_one_message(settings: Settings, slack: Slack) -> None:
    """In the order in which it happened. Slack is asked ever more rarely, at last each hour, or when there is news."""
    slack.faults = lambda *_: Fault(status=503)
    tried = list[int]()
    for minute in (0, 1, 2, 3, 6, 7, 14, 15, 30, 31, 62, 63, 122, 123):
        look(settings, NOW + minute * MINUTE, *(["The disk is full"] if minute < 100 else []))
        tried += [minute] * (len(slack.calls) - len(tried))
    assert tried == [0, 1, 3, 7, 15, 31, 63, 123]
    look(settings, NOW + 130 * MINUTE, "The clock is off")
    assert len(slack.calls) == len(tried) + 1
    slack.faults = lambda *_: None
    look(settings, NOW + 192 * MINUTE)
    assert told(slack) == ["The disk is full\nThe clock is off"]


def test_what_slack_has_not_taken_within_a_day_stays_in_the_table(
    settings: Settings, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    """And so does what it will never take, which holds up nothing else. The log says so."""
    slack.revoked = slack.archived = True
    look(settings, NOW, "The disk is full")
    slack.archived = False
    look(settings, NOW + DAY + MINUTE)
    slack.faults = once("webhook", Fault(status=400, body="invalid_payload"))
    look(settings, NOW + DAY + 2 * MINUTE, "What no Slack takes")
    look(settings, NOW + DAY + 3 * MINUTE, "The clock is off")
    assert told(slack) == ["The clock is off"]
    assert statuses(settings) == ["dead_letter", "dead_letter", "delivered"]
    assert "Slack did not take 1 lines within a day" in caplog.text


def test_many_lines_are_told_in_few_messages_by_one_of_many_processes(settings: Settings, slack: Slack) -> None:
    """Those who tell at the same time tell nothing twice."""
    lines = [f"Line {number}" for number in range(2 * AT_ONCE + 1)]
    transact(Warehouse(settings.warehouse), add_lines, lines, now=NOW)
    tellers = [Thread(target=tell_lines, args=[settings], kwargs={"now": NOW}) for _ in range(3)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert [text.split("\n") for text in told(slack)] == [lines[:AT_ONCE], lines[AT_ONCE:-1], lines[-1:]]


def test_a_line_dated_by_a_clock_that_was_ahead_waits_for_no_date(settings: Settings, slack: Slack) -> None:
    """Neither does the pause after a failure."""
    slack.faults = once("webhook", Fault(status=503))
    look(settings, NOW + 10 * DAY, "The disk is full")
    look(settings, NOW)
    assert told(slack) == ["The disk is full"]


def test_without_a_warehouse_a_line_goes_straight_to_slack_and_the_log(
    settings: Settings, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be the warehouse that is damaged."""
    file_of(settings.warehouse).write_bytes(b"no database" * 2000)
    tell_operator(settings, "The warehouse is damaged")
    assert told(slack) == ["The warehouse is damaged"]
    assert [record.message for record in caplog.records] == ["The warehouse is damaged"]


class Server:
    """A Prefect server with runs that lie ten days ahead, which fails once in six calls: a look, five deletions."""

    def __init__(self, fails_at: int, *, done: bool) -> None:
        begin = datetime.now(UTC) + 10 * DAY
        self.runs = [begin + number * MINUTE for number in range(60)]
        self.calls, self.fails_at, self.done = 0, fails_at, done

    def read_flow_runs(self, *, flow_run_filter: Any, **_: Any) -> list[SimpleNamespace]:
        found = self.answer(lambda: sorted(self.found(flow_run_filter.model_dump(mode="json"))))
        return [SimpleNamespace(expected_start_time=at) for at in found]

    def request(self, _method: str, _path: str, *, json: Any) -> httpx.Response:
        deleted = self.answer(lambda: self.delete(json))
        return httpx.Response(200, json={"deleted": deleted}, request=httpx.Request("POST", "http://x"))

    def answer(self, do: Callable[[], list[Any]]) -> list[Any]:
        """Do what was asked for; fail once, before or after it is done."""
        self.calls += 1
        fails = self.calls == self.fails_at
        result = do() if self.done or not fails else []
        if fails:
            raise httpx.ReadTimeout("too busy")
        return result

    def found(self, wanted: Any) -> list[datetime]:
        after = datetime.fromisoformat(wanted["expected_start_time"]["after_"])
        return [at for at in self.runs if at >= after]

    def delete(self, body: Any) -> list[str]:
        gone = self.found(body["flow_runs"])[: body["limit"]]
        self.runs = [at for at in self.runs if at not in gone]
        return [at.isoformat() for at in gone]


@pytest.mark.parametrize(
    ("fails_at", "done"),
    [(0, False), (1, False), (2, False), (2, True), (3, False), (3, True), (5, False), (5, True), (6, False)],
)
def test_runs_scheduled_too_far_ahead_are_reported_once_whatever_request_fails(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch, fails_at: int, done: bool
) -> None:
    """Before it is done or after: the next look does the rest, and says nothing of it again."""
    server = Server(fails_at, done=done)
    schedule = SimpleNamespace(active=True, schedule=IntervalSchedule(interval=MINUTE))
    deployment = SimpleNamespace(id=uuid4(), entrypoint="flows.ingest.ingest", schedules=[schedule])
    monkeypatch.setattr(supervision, "get_client", lambda **_: nullcontext(server))
    monkeypatch.setattr(supervision, "deployed", lambda _: [deployment])
    first = server.runs[0]
    for _ in range(3):
        supervision.repair_schedules(settings)
    assert server.runs == []
    assert told(slack) == [
        f"The clock has gone back: ingest was scheduled for {first.day} {first:%b %H:%M} UTC, runs again"
    ]
