"""``brinkwatch serve`` beside another, stopped, started again, paused and left behind by a clock; on a real server."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from livedesk import ROOT, Desk, answers, open_desk, prefect_server, until

from flows.prefect_settings import intervals

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600), pytest.mark.filterwarnings("default")]

ALONE = "brinkwatch serve has stopped and nothing else runs its deployments: no news until it is started again"


@pytest.fixture(scope="module")
def desk(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A monitor with a Prefect server of its own; what serves it is started by each test."""
    with open_desk(seeds, tmp_path_factory.mktemp("serving")) as made, prefect_server(made):
        until(lambda: answers(made.api))
        yield made


@pytest.fixture
def served(desk: Desk) -> Iterator[Desk]:
    """The same, served by one process, be it one that an earlier test left.

    What Slack was told before is left out of account.
    """
    if not desk.started:
        desk.serve()
    desk.listen()
    yield desk
    while len(desk.started) > 1:
        desk.kill()


def deployment(desk: Desk, name: str) -> dict[str, Any]:
    return dict(desk.call(f"/deployments/name/{name}"))


def next_run(desk: Desk) -> datetime:
    """Return when ``ingest`` is to run next, once that is planned; what a fast clock had planned does not count."""
    now, planned = datetime.now(UTC), list[datetime]()

    def found() -> bool:
        planned[:] = scheduled(desk, after=now, before=now + timedelta(minutes=10))
        return bool(planned)

    until(found)
    return min(planned)


def scheduled(desk: Desk, **expected: datetime) -> list[datetime]:
    """Return when runs of ``ingest`` are to begin, after or before an instant."""
    limits = {f"{name}_": moment.isoformat() for name, moment in expected.items()}
    wanted = {
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": limits},
        "deployments": {"id": {"any_": [deployment(desk, "ingest/scheduled")["id"]]}},
    }
    return [datetime.fromisoformat(run["expected_start_time"]) for run in desk.call("/flow_runs/filter", wanted)]


def supervision_artifacts(desk: Desk) -> list[str]:
    """Return what the runs have left about the monitor itself."""
    found = desk.call("/artifacts/filter", {"artifacts": {"key": {"any_": ["brinkwatch-supervision"]}}})
    return [artifact["data"].replace("\\", "") for artifact in found]


def plan(desk: Desk, *times: datetime) -> list[str]:
    """Create runs of ``ingest`` that are to begin then; return their ids. What a busy server refuses is asked again."""
    path = f"/deployments/{deployment(desk, 'ingest/scheduled')['id']}/create_flow_run/bulk"
    made, left = list[str](), list(times)
    while left:
        states = [{"type": "SCHEDULED", "state_details": {"scheduled_time": at.isoformat()}} for at in left]
        results = desk.call(path, [{"state": state} for state in states])["results"]
        made += [result["flow_run_id"] for result in results if result["flow_run_id"]]
        left = [at for at, result in zip(left, results, strict=True) if not result["flow_run_id"]]
    return made


def look_until(desk: Desk, reached: Callable[[], object]) -> None:
    """Let runs look at the monitor until something is so: what a busy server refuses one, the next one does."""

    def looked() -> object:
        if not reached():
            desk.complete("notify/triggered")
        return reached()

    until(looked)


def runs_soon(desk: Desk) -> bool:
    """Whether ``ingest`` is to run within two intervals."""
    now = datetime.now(UTC)
    return any(at < now + 2 * intervals()["ingest"] for at in scheduled(desk, after=now))


def states(desk: Desk, runs: list[str]) -> set[str]:
    """Return the types of the states of those runs that are still there."""
    found = desk.call("/flow_runs/filter", {"flow_runs": {"id": {"any_": runs}}})
    return {run["state_type"] for run in found}


def test_of_two_that_serve_either_may_stop_and_the_last_says_so(served: Desk) -> None:
    """No schedule is paused; the last tells it in its log and in Slack, and whoever serves next that it is over."""
    over = f"This is over: {ALONE}"  # who served first may say it of a test before this one
    served.serve()
    assert ALONE not in served.stop(0).replace(over, "")
    assert not any(deployment(served, name)["paused"] for name in ("ingest/scheduled", "detect/triggered"))
    alone, ended = served.said(ALONE), served.said(over)
    assert alone == ended
    assert ALONE in served.stop(0)
    assert not deployment(served, "ingest/scheduled")["paused"]
    assert served.said(ALONE) == alone + 1
    served.serve()
    assert served.said(over) == ended + 1


def test_starting_again_leaves_the_next_run_where_it_was(served: Desk) -> None:
    """The schedule is anchored to the clock, not to whoever starts it; what is due in ten seconds is taken already.

    The server deletes what it had planned, and may plan later runs before the next one.
    """
    planned = next_run(served)
    served.stop()
    served.serve()
    until(lambda: next_run(served) == planned or planned < datetime.now(UTC) + timedelta(seconds=15))
    assert planned.timestamp() % intervals()["ingest"].total_seconds() == 0


def test_runs_that_piled_up_while_nobody_served_are_given_up(desk: Desk, served: Desk) -> None:
    """What was due an hour ago; what falls due meanwhile runs, or gives way to the run of that minute.

    Catching up with a day would help nobody: such a run is deleted, or gives way where a busy server deletes it late.
    However long it takes to serve again, one of the minutes is the last.
    """
    served.stop()
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    missed = plan(desk, *[minute - timedelta(hours=1)] * 60)
    meanwhile = plan(desk, *(minute + timedelta(minutes=late) for late in range(6)))
    assert len(missed) == 60
    desk.serve()
    assert scheduled(desk, before=minute - timedelta(minutes=30)) == []
    assert states(desk, missed) <= {"CANCELLED"}
    until(lambda: states(desk, meanwhile) & {"COMPLETED", "CANCELLED"})


def test_a_paused_deployment_is_told_by_the_others_and_by_doctor(served: Desk) -> None:
    """In Slack, in an artifact and by status 1; resumed, it is over."""
    text, identity = "The deployment ingest/scheduled is paused", deployment(served, "ingest/scheduled")["id"]
    served.call(f"/deployments/{identity}/pause_deployment", {})
    look_until(served, lambda: served.said(text))
    until(lambda: any(text in artifact for artifact in supervision_artifacts(served)))
    doctor = [sys.executable, "-m", "flows.cli", "doctor", "--json"]
    done = subprocess.run(doctor, cwd=ROOT, env=served.environment, capture_output=True, text=True, check=False)
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert f"{text}: resume it in Prefect" in [finding["detail"] for finding in findings if not finding["ok"]]
    served.call(f"/deployments/{identity}/resume_deployment", {})
    look_until(served, lambda: served.said(f"This is over: {text}"))


def test_runs_scheduled_by_a_clock_that_was_ahead_are_scheduled_anew(served: Desk) -> None:
    """While they lie ten days ahead the server schedules no others: nothing would run until then."""
    until(lambda: scheduled(served, after=datetime.now(UTC)))
    postpone(served)

    def told() -> object:
        if not served.said("The clock has gone back: ingest was scheduled for") and runs_soon(served):
            postpone(served)  # a server that was still scheduling for who began to serve has replaced these runs
        return served.said("The clock has gone back: ingest was scheduled for")

    look_until(served, told)
    look_until(served, lambda: runs_soon(served))  # it is told first, and done then


def postpone(desk: Desk) -> None:
    """Put off every scheduled run by ten days, as a clock that is ahead would."""
    path = desk.folder / "prefect" / "prefect.db"
    # each statement a transaction of its own, so that the server never waits for this test
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as database:
        columns = ("expected_start_time", "next_scheduled_start_time")
        later = ", ".join(f"{name} = strftime('%Y-%m-%d %H:%M:%f', {name}, '+10 days')" for name in columns)
        update = f"UPDATE flow_run SET {later} WHERE state_type = 'SCHEDULED' RETURNING expected_start_time"
        (first, *_) = sorted(database.execute(update).fetchall())
    assert datetime.fromisoformat(f"{first[0]}+00:00") > datetime.now(UTC) + timedelta(days=9)


def test_automations_that_took_the_end_of_a_run_for_silence_are_retired(desk: Desk) -> None:
    """A run's last sign of life often reaches the server after its end; those of users are left alone."""
    heartbeat = "prefect.flow-run.heartbeat"
    trigger = {"type": "event", "posture": "Proactive", "after": [heartbeat], "expect": [heartbeat], "within": 90}
    for name in ("brinkwatch: runs whose process has gone", "a user's own"):
        desk.call("/automations/", {"name": name, "trigger": trigger, "actions": [{"type": "do-nothing"}]})
    desk.serve()
    names = {each["name"] for each in desk.call("/automations/filter", {})}
    assert {name for name in names if "triggered" not in name} == {"a user's own"}
    desk.kill()
