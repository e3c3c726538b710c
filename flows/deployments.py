"""The deployments of ``flows/prefect.yaml`` in one process, and the automation that ends runs without a process."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import yaml
from prefect import Flow, serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger, EventTrigger
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, Posture
from prefect.types.entrypoint import EntrypointType

from flows.silent_runs import end_silent_runs

log = logging.getLogger(__name__)

ASK_AGAIN = 5.0
"""Seconds after which ``serve`` looks again for a server that does not answer."""
PREFECT_YAML = Path(__file__).with_name("prefect.yaml")

OURS: dict[str, str | list[str]] = {"prefect.resource.role": ["tag"], "prefect.resource.id": ["prefect.tag.brinkwatch"]}
"""Runs of other people's flows on the same server need give no sign of life."""
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
    """Serve every deployment of ``prefect.yaml`` until stopped, also when the server goes and comes back.

    Prefect's own loop ends after three questions without an answer, which at one a second is a short absence.
    """
    while True:
        try:
            watch_for_zombies()
            end_silent_runs()
            serve(*deployments())
            return
        except* (RuntimeError, httpx.HTTPError) as errors:
            log.warning("the Prefect server does not answer, asking again: %r", errors.exceptions[-1])
        time.sleep(ASK_AGAIN)


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
    """Let the server mark runs crashed that give no sign of life; what it knows under another definition is renewed."""
    with get_client(sync_client=True) as client:
        for wanted in map(automation, WATCHES):
            known = client.read_automations_by_name(wanted.name)
            if not known:
                client.create_automation(wanted)
            for each in known:
                # whoever has switched it off wants it off
                renewed = wanted.model_copy(update={"enabled": each.enabled})
                if definition(each) != definition(renewed):
                    client.update_automation(each.id, renewed)


def definition(known: AutomationCore) -> dict[str, Any]:
    """Return what an automation says, without what the server adds."""
    return known.model_dump(include=set(AutomationCore.model_fields))


def automation(watch: Watch) -> AutomationCore:
    """Return the automation that ends what ``watch`` finds silent."""
    return AutomationCore(
        name=watch.name,
        description=watch.message,
        trigger=EventTrigger(
            after=set(watch.after),
            expect=set(watch.expect),
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            match_related=OURS,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=watch.within,
        ),
        actions=[ChangeFlowRunState(name="Crashed", state=StateType.CRASHED, message=watch.message, force=False)],
    )


if __name__ == "__main__":  # what a work pool needs besides `prefect deploy`: see docs/deployment.md
    watch_for_zombies()
    end_silent_runs()
