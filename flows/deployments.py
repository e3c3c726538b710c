"""The deployments of ``flows/prefect.yaml`` in one process, and the automation that ends runs without a process."""

from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from prefect import Flow, serve
from prefect.automations import Automation
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger, EventTrigger
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import Posture
from prefect.types.entrypoint import EntrypointType

PREFECT_YAML = Path(__file__).with_name("prefect.yaml")

ENDED = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Which sign of life a run owes once it has given another, and within what time."""

    name: str
    after: frozenset[str]
    expect: frozenset[str]
    within: timedelta
    message: str


WATCHES = (
    Watch(
        name="brinkwatch: runs whose process has gone",
        # a process that dies in its first seconds has sent no heartbeat yet
        after=frozenset({"prefect.flow-run.Running", "prefect.flow-run.heartbeat"}),
        expect=frozenset({"prefect.flow-run.heartbeat", *ENDED}),
        within=timedelta(seconds=90),  # three heartbeats: one may be lost under load, three are not
        message="no heartbeat for 90 s: its process has gone",
    ),
    Watch(
        name="brinkwatch: runs that never started",
        after=frozenset({"prefect.flow-run.Pending", "prefect.flow-run.Submitting"}),
        expect=frozenset({"prefect.flow-run.Running", *ENDED}),
        within=timedelta(seconds=120),
        message="not started within 120 s: what should have started it has gone",
    ),
)
"""After kill -9 of ``serve`` or a worker its runs stay Running, or about to start, for ever, and keep their slots."""


def serve_all() -> None:
    """Serve every deployment of ``prefect.yaml`` until stopped."""
    watch_for_zombies()
    serve(*deployments())


def deployments() -> list[RunnerDeployment]:
    """Return the deployments as ``prefect.yaml`` describes them."""
    rows = yaml.safe_load(PREFECT_YAML.read_text(encoding="utf-8"))["deployments"]
    return [deployment(row) for row in rows]


def deployment(row: dict[str, Any]) -> RunnerDeployment:
    """Return one deployment without its work pool, which ``serve`` does not need."""
    flow = flow_at(row["entrypoint"])
    limit = row["concurrency_limit"]
    made = flow.to_deployment(
        row["name"],
        interval=[schedule["interval"] for schedule in row["schedules"]],
        triggers=[
            DeploymentEventTrigger.model_validate({"name": row["name"]} | each) for each in row.get("triggers", [])
        ],
        concurrency_limit=ConcurrencyLimitConfig(
            limit=limit["limit"], collision_strategy=ConcurrencyLimitStrategy(limit["collision_strategy"])
        ),
        description=row["description"],
        entrypoint_type=EntrypointType.MODULE_PATH,  # a file path would put flows/ first on the path of the run
        tags=row["tags"],
    )
    assert isinstance(made, RunnerDeployment)  # a coroutine only where an event loop is running
    return made


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """Return the flow that a dotted entrypoint names."""
    module, _, name = entrypoint.rpartition(".")
    found = getattr(import_module(module), name)
    assert isinstance(found, Flow)
    return found


def watch_for_zombies() -> None:
    """Let the server mark runs crashed that give no sign of life."""
    with get_client(sync_client=True) as client:
        for watch in WATCHES:
            if not client.read_automations_by_name(watch.name):
                automation(watch).create()


def automation(watch: Watch) -> Automation:
    """Return the automation that ends what ``watch`` finds silent."""
    return Automation(
        name=watch.name,
        description=watch.message,
        trigger=EventTrigger(
            after=set(watch.after),
            expect=set(watch.expect),
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=watch.within,
        ),
        actions=[ChangeFlowRunState(name="Crashed", state=StateType.CRASHED, message=watch.message, force=False)],
    )
