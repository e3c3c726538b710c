"""The Prefect flows: thin over the plain steps, run twice under Prefect's own test harness."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from newsroom import open_newsroom, seeds_with

from flows.prefect_defaults import DEFAULTS
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
    from flows.ingest import ingest
    from flows.notify import notify

    with open_newsroom() as room:
        room.carry("Berlin refuses Taurus", "Germany has refused to send Taurus cruise missiles to Ukraine.")
        warehouse = tmp_path / "warehouse.duckdb"
        monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(warehouse))
        monkeypatch.setenv("BRINKWATCH_SEEDS", str(seeds_with(room, seeds, tmp_path / "seeds")))
        monkeypatch.setenv("BRINKWATCH_ALLOW_HOSTS", "127.0.0.1")
        first = ingest(), detect(), notify()
        second = ingest(), detect(), notify()
    assert [len(taken.articles) for taken in (first[0], second[0])] == [3, 0]
    assert [read.articles for read in (first[1], second[1])] == [3, 0]
    assert first[2].sent > 0
    assert second[2].sent == 0
    assert "Taurus" in capsys.readouterr().out
    kinds = query(warehouse, "SELECT kind, count(*) FROM runs WHERE outcome = 'completed' GROUP BY ALL ORDER BY kind")
    assert list(kinds.rows) == [("detect", 2), ("ingest", 2), ("notify", 2)]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_runs_that_give_no_sign_of_life_are_ended_and_no_others(
    prefect_api: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long silent runs of ours are marked crashed; young ones, those that beat and other people's are left alone."""
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.events import emit_event
    from prefect.states import Pending, Running

    from flows import silent_runs

    @flow
    def some_flow() -> None:
        """Never run."""

    monkeypatch.setattr(silent_runs, "SILENT", timedelta(seconds=10))
    with get_client(sync_client=True) as client:
        runs = {
            name: client.create_flow_run(some_flow, state=state, tags=[tag])
            for name, state, tag in (
                ("gone", Running(), silent_runs.TAG),
                ("never started", Pending(), silent_runs.TAG),
                ("beats", Running(), silent_runs.TAG),
                ("another's", Running(), "other"),
            )
        }
        assert silent_runs.end_silent_runs() == 0
        time.sleep(11)
        runs["young"] = client.create_flow_run(some_flow, state=Running(), tags=[silent_runs.TAG])
        emit_event(
            event="prefect.flow-run.heartbeat", resource={"prefect.resource.id": f"prefect.flow-run.{runs['beats'].id}"}
        )
        time.sleep(5)  # events reach the server's tables a moment later
        assert silent_runs.end_silent_runs() == 2
        ended = {name for name, run in runs.items() if client.read_flow_run(run.id).state_type == "CRASHED"}
    assert ended == {"gone", "never started"}


def test_every_deployment_can_be_served_as_prefect_yaml_describes_it() -> None:
    """One file describes the deployments of the worker and of ``serve``."""
    from flows.deployments import deployments

    described = yaml.safe_load(YAML.read_text(encoding="utf-8"))["deployments"]
    served = deployments()
    assert [made.entrypoint for made in served] == [row["entrypoint"] for row in described]
    assert [made.concurrency_limit for made in served] == [1, 1, 1]
    assert [len(made.triggers) for made in served] == [0, 1, 1]


def test_serve_waits_for_a_server_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it goes while runs are polled or is not there to begin with; other errors end it."""
    import httpx

    from flows import deployments

    lost = ExceptionGroup("polling", [RuntimeError("Service exceeded error threshold.")])
    outcomes = iter([lost, httpx.ConnectError("refused"), None, KeyError("a bug")])

    def serve(*_: object) -> None:
        if (outcome := next(outcomes)) is not None:
            raise outcome

    monkeypatch.setattr(deployments, "ASK_AGAIN", 0.0)
    monkeypatch.setattr(deployments, "watch_for_zombies", lambda: None)
    monkeypatch.setattr(deployments, "end_silent_runs", lambda: 0)
    monkeypatch.setattr(deployments, "serve", serve)
    deployments.serve_all()
    with pytest.raises(KeyError):
        deployments.serve_all()
    assert list(outcomes) == []


def test_only_our_own_runs_are_watched() -> None:
    """A run of somebody else's flow on the same server owes no sign of life."""
    from flows.deployments import OURS, WATCHES, automation

    described = yaml.safe_load(YAML.read_text(encoding="utf-8"))["deployments"]
    for row in described:
        assert set(OURS["prefect.resource.id"]) & {f"prefect.tag.{tag}" for tag in row["tags"]}
    for watch in WATCHES:
        assert automation(watch).trigger.model_dump()["match_related"] == OURS
