"""The deployments of ``flows/prefect.yaml`` in one process."""

import logging
import time
from datetime import datetime
from importlib import import_module
from threading import Thread
from typing import Any

import httpx
from prefect import Flow, serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.schedules import Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.orchestration.scheduled_runs import drop_missed_runs
from flows.orchestration.supervision import started, stopped, supervise
from flows.orchestration.zombie_runs import end_zombie_runs
from flows.prefect_settings import described
from flows.settings import Settings
from warehouse.connection import counted

log = logging.getLogger(__name__)

ASK_AGAIN = 5.0
"""Seconds after which ``serve`` tries a server again that does not answer."""
RETIRED = "brinkwatch: runs "
"""Prefix of former automations, which ended silent runs: they filled the server's log and often came too late."""


def serve_all(settings: Settings) -> None:
    """Serve every deployment in ``prefect.yaml`` until stopped, even if the server goes away and comes back.

    Prefect's own loop ends after three unanswered requests, which at one per second is a short absence.
    """
    with counted(settings.warehouse, purpose="serve") as alone:
        started(settings)
        Thread(target=supervise, args=[settings], daemon=True).start()
        try:
            serve_for_ever()
        finally:
            if alone():
                stopped(settings)


def serve_for_ever() -> None:
    """Serve until stopped; the schedules stay active, because another process may serve them too."""
    while True:
        try:
            make_ready()
            serve(*deployments(), pause_on_shutdown=False)
            return
        except* (RuntimeError, httpx.HTTPError) as errors:
            log.warning("the Prefect server does not answer, trying again: %r", errors.exceptions[-1])
        time.sleep(ASK_AGAIN)


def make_ready() -> None:
    """Clear away what earlier processes left behind."""
    retire_automations()
    end_zombie_runs()
    drop_missed_runs()


def deployments() -> list[RunnerDeployment]:
    """Return the deployments described in ``prefect.yaml``."""
    return [deployment(row) for row in described()]


def deployment(row: dict[str, Any]) -> RunnerDeployment:
    """Return one deployment without its work pool, which ``serve`` does not need."""
    flow = flow_at(row["entrypoint"])
    limit = row["concurrency_limit"]
    made = flow.to_deployment(
        row["name"],
        schedules=[schedule_of(each) for each in row["schedules"]],
        triggers=[
            DeploymentEventTrigger.model_validate({"name": row["name"]} | each) for each in row.get("triggers", [])
        ],
        concurrency_limit=ConcurrencyLimitConfig(
            limit=limit["limit"], collision_strategy=ConcurrencyLimitStrategy(limit["collision_strategy"])
        ),
        description=row["description"],
        entrypoint_type=EntrypointType.MODULE_PATH,  # a file path would put flows/ first on the import path of the run
        tags=row["tags"],
    )
    assert isinstance(made, RunnerDeployment)  # a coroutine only if an event loop is running
    return made


def schedule_of(row: dict[str, Any]) -> Schedule:
    """Return a schedule anchored to the clock: without an anchor, every restart would postpone the next run."""
    return Interval(row["interval"], anchor_date=datetime.fromisoformat(row["anchor_date"]))


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """Return the flow that a dotted entrypoint names."""
    module, _, name = entrypoint.rpartition(".")
    found = getattr(import_module(module), name)
    assert isinstance(found, Flow)
    return found


def retire_automations() -> None:
    """Delete the automations that earlier versions left on the server."""
    with get_client(sync_client=True) as client:
        for known in client.read_automations():
            if known.name.startswith(RETIRED):
                client.delete_automation(known.id)


if __name__ == "__main__":  # what a work pool needs besides `prefect deploy`: see docs/deployment.md
    make_ready()
