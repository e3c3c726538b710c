"""Our deployments on the server and their scheduled runs; deletes those that would be in the way."""

from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.client.schemas.sorting import FlowRunSort

from flows.orchestration.zombie_runs import TAG

AT_ONCE = 50
"""Most runs that Prefect deletes in one call."""
MOMENT = timedelta(seconds=1)
"""Less than lies between two runs of a schedule."""
_SCHEDULED = FlowRunFilterTags(all_=["auto-scheduled"])
"""Runs that the server made for a schedule, and no user."""


def deployed(client: SyncPrefectClient) -> list[DeploymentResponse]:
    """Return our deployments."""
    return client.read_deployments(deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG])))


def flow_of(deployment: DeploymentResponse) -> str:
    """Return the name of a deployment's flow."""
    return (deployment.entrypoint or "").rpartition(".")[2]


def every(deployment: DeploymentResponse) -> timedelta | None:
    """Return the interval of a deployment's schedules on the server, which a user may have changed."""
    active = (each.schedule for each in deployment.schedules if each.active)
    return min((each.interval for each in active if isinstance(each, IntervalSchedule)), default=None)


def drop_missed_runs() -> None:
    """Delete the runs that accumulated while nobody ran them, except those of the last interval."""
    with get_client(sync_client=True) as client:
        for deployment in deployed(client):
            if interval := every(deployment):
                _give_up(client, _waiting(deployment, before_=datetime.now(UTC) - interval))


def scheduled_too_late(client: SyncPrefectClient, deployment: DeploymentResponse, *, now: datetime) -> datetime | None:
    """Return when a deployment's schedule would start it next, if that is too far ahead, otherwise None.

    Such runs were scheduled by a clock that has since gone back. While there are any, the server schedules no others.
    """
    coming = _waiting(deployment, tags=_SCHEDULED, after_=now)
    runs = client.read_flow_runs(flow_run_filter=coming, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=1)
    first, interval = runs[0].expected_start_time if runs else None, every(deployment)
    return None if first is None or interval is None or first <= now + 2 * interval else first


def bring_back_runs(client: SyncPrefectClient, deployment: DeploymentResponse, *, first: datetime) -> None:
    """Delete what the schedule has planned from ``first`` on, so that the server schedules anew.

    ``first`` goes last: as long as any run is left, ``scheduled_too_late`` returns the same.
    """
    for begin in (first + MOMENT, first):
        _give_up(client, _waiting(deployment, tags=_SCHEDULED, after_=begin))


def _waiting(
    deployment: DeploymentResponse, *, tags: FlowRunFilterTags | None = None, **expected: datetime
) -> FlowRunFilter:
    """Return a filter for the runs of a deployment that have not begun, ``after_`` or ``before_`` an instant."""
    return FlowRunFilter(
        tags=tags,
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime.model_validate(expected),
    )


def _give_up(client: SyncPrefectClient, wanted: FlowRunFilter) -> None:
    body: dict[str, Any] = {"flow_runs": wanted.model_dump(mode="json"), "limit": AT_ONCE}
    deleted = True
    while deleted:
        answer = client.request("POST", "/flow_runs/bulk_delete", json=body)  # type: ignore[arg-type] # not in its list
        deleted = bool(answer.raise_for_status().json()["deleted"])
