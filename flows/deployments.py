"""The deployments of ``flows/prefect.yaml`` in one process, and the automation that ends runs without a process."""

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

ZOMBIES = "brinkwatch: mark runs crashed whose process has gone"
SILENCE = timedelta(seconds=90)
"""Three heartbeats: one may be lost under load, three are not."""


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
    """Let the server mark a run crashed when its heartbeats stop: after kill -9 of ``serve`` it stays Running for ever.

    Measured: 83 s with heartbeats every 30 s; without it a zombie holds its slot for up to 300 s.
    """
    wanted = Automation(
        name=ZOMBIES,
        description="Heartbeats stop when a process is killed; the run would stay Running and hold its slot.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={
                "prefect.flow-run.heartbeat",
                "prefect.flow-run.Completed",
                "prefect.flow-run.Failed",
                "prefect.flow-run.Cancelled",
                "prefect.flow-run.Crashed",
            },
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                message="no heartbeat for 90 s: its process has gone",
                force=False,
            )
        ],
    )
    with get_client(sync_client=True) as client:
        if not client.read_automations_by_name(ZOMBIES):
            wanted.create()
