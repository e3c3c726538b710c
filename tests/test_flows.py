"""The Prefect flows: thin over the plain steps, run twice under Prefect's own test harness."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from livedesk import until
from newsroom import open_newsroom, seeds_with

from flows.prefect_settings import DEFAULTS
from warehouse.query import query

YAML = Path(__file__).parent.parent / "flows" / "prefect.yaml"


@pytest.fixture(scope="module")
def prefect_api() -> Iterator[None]:
    """One temporary Prefect server for the module: starting it takes 15–30 s."""
    patch = pytest.MonkeyPatch()
    for name, value in DEFAULTS.items():
        patch.setenv(name, value)
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
    patch.undo()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_flows_run_twice_and_the_second_time_bring_nothing(
    prefect_api: None, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the plain steps do is what the flows do, with tasks, events and an artifact around it."""
    from flows.detect import detect
    from flows.digest import digest
    from flows.ingest import ingest
    from flows.notify import notify

    with open_newsroom() as room:
        room.carry("Berlin refuses Taurus", "Germany has refused to send Taurus cruise missiles to Ukraine.")
        warehouse = tmp_path / "warehouse.duckdb"
        monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(warehouse))
        monkeypatch.setenv("BRINKWATCH_SEEDS", str(seeds_with(room, seeds, tmp_path / "seeds")))
        monkeypatch.setenv("BRINKWATCH_ALLOW_HOSTS", "127.0.0.1")
        first: tuple[Any, ...] = ingest(), detect(), notify()
        second: tuple[Any, ...] = ingest(), detect(), notify()
        due: Any = digest()
    assert [len(taken.articles) for taken in (first[0], second[0])] == [3, 0]
    assert [read.articles for read in (first[1], second[1])] == [3, 0]
    assert first[2].sent > 0
    assert (second[2].sent, due.failed) == (0, 0)
    assert "Taurus" in capsys.readouterr().out
    # What changes nothing is not published at once, so the snapshot may still show the first round only.
    kinds = query(warehouse, "SELECT DISTINCT kind FROM runs WHERE outcome = 'completed' ORDER BY kind")
    assert list(kinds.rows) == [("detect",), ("ingest",), ("notify",)]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_runs_that_give_no_sign_of_life_are_ended_and_no_others(
    prefect_api: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long silent runs of ours are marked crashed; young ones, those that beat and other people's are left alone.

    Looked at from the moment at which all but the young one are too old.
    """
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import State
    from prefect.events import emit_event
    from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
    from prefect.states import Pending, Running

    from flows.orchestration import zombie_runs

    @flow
    def some_flow() -> None:
        """Never run."""

    with get_client(sync_client=True) as client:
        states: dict[str, State[Any]] = {"gone": Running(), "never started": Pending(), "beats": Running()}
        runs = {
            name: client.create_flow_run(some_flow, state=state, tags=[zombie_runs.TAG])
            for name, state in states.items()
        }
        runs["another's"] = client.create_flow_run(some_flow, state=Running(), tags=["other"])
        assert zombie_runs.end_zombie_runs() == 0
        moment = max(run.state.timestamp for run in runs.values() if run.state) + timedelta(microseconds=1)
        runs["young"] = client.create_flow_run(some_flow, state=Running(), tags=[zombie_runs.TAG])
        resource = {"prefect.resource.id": f"prefect.flow-run.{runs['beats'].id}"}
        emit_event(event="prefect.flow-run.heartbeat", resource=resource)
        beats = EventFilter(
            event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
            resource=EventResourceFilter(id=[*resource.values()]),
        )
        until(lambda: client.read_events(beats, limit=1).total)  # events reach the server's tables a moment later
        later = SimpleNamespace(now=lambda _: moment + zombie_runs.SILENT_FOR)
        monkeypatch.setattr(zombie_runs, "datetime", later)
        assert zombie_runs.end_zombie_runs() == 2
        ended = {name for name, run in runs.items() if client.read_flow_run(run.id).state_type == "CRASHED"}
    assert ended == {"gone", "never started"}


@pytest.mark.parametrize(("since", "alive"), [(timedelta(minutes=-1), True), (timedelta(days=10), False)])
def test_a_run_dated_later_than_now_proves_nothing(since: timedelta, alive: bool) -> None:
    """A run that a clock ten days ahead left behind is ended like any other that sends no heartbeat."""
    from flows.orchestration.zombie_runs import is_alive

    now = datetime.now(UTC)
    client = SimpleNamespace(read_events=lambda _filter, limit: SimpleNamespace(total=0))
    run = SimpleNamespace(id="r", state=SimpleNamespace(timestamp=now + since))
    assert is_alive(client, run, now=now) == alive  # type: ignore[arg-type]


def test_every_deployment_can_be_served_as_prefect_yaml_describes_it() -> None:
    """One file describes the deployments of the worker and of ``serve``."""
    from flows.orchestration.deployments import deployments

    described = yaml.safe_load(YAML.read_text(encoding="utf-8"))["deployments"]
    served = deployments()
    assert [made.entrypoint for made in served] == [row["entrypoint"] for row in described]
    assert {made.concurrency_limit for made in served} == {1}
    assert [made.flow_name for made in served if made.triggers] == ["detect", "notify"]


def test_serve_waits_for_a_server_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it goes while runs are polled or is not there to begin with; other errors end it."""
    import httpx

    from flows.orchestration import deployments

    lost = ExceptionGroup("polling", [RuntimeError("Service exceeded error threshold.")])
    outcomes = iter([lost, httpx.ConnectError("refused"), None, KeyError("a bug")])

    def serve(*_: object, pause_on_shutdown: bool) -> None:
        assert not pause_on_shutdown
        if (outcome := next(outcomes)) is not None:
            raise outcome

    monkeypatch.setattr(deployments, "ASK_AGAIN", 0.0)
    monkeypatch.setattr(deployments, "make_ready", lambda: None)
    monkeypatch.setattr(deployments, "serve", serve)
    deployments.serve_for_ever()
    with pytest.raises(KeyError):
        deployments.serve_for_ever()
    assert list(outcomes) == []


def test_every_deployment_bears_the_tag_by_which_its_runs_are_ours() -> None:
    """A run of somebody else's flow on the same server owes no sign of life."""
    from flows.orchestration.zombie_runs import TAG

    assert all(TAG in row["tags"] for row in yaml.safe_load(YAML.read_text(encoding="utf-8"))["deployments"])
