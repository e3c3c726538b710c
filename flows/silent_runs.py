"""Ends runs whose process has gone: every flow looks for them when it starts.

The server's own watch (``flows.deployments.WATCHES``) is quicker, but under load it was seen to miss some, and such a
run kept its flow from ever starting again. Three flows look after each other.
"""

import logging
from datetime import UTC, datetime, timedelta

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter
from prefect.states import Crashed

log = logging.getLogger(__name__)

TAG = "brinkwatch"
SILENT = timedelta(seconds=100)
"""Three heartbeats; a little longer than the server's own watch, which so gets the first word."""
_OPEN = FlowRunFilter(
    tags=FlowRunFilterTags(all_=[TAG]),
    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING])),
)


def end_silent_runs() -> int:
    """Mark our runs crashed that have given no sign of life, and return how many; one in trouble is asked later."""
    try:
        with get_client(sync_client=True) as client:
            silent = [run for run in client.read_flow_runs(flow_run_filter=_OPEN) if not lives(client, run)]
            for run in silent:
                log.warning("%s gives no sign of life: marked crashed", run.name)
                message = f"no sign of life for {SILENT.seconds} s: its process has gone"
                client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    except httpx.HTTPError as error:
        log.warning("cannot look for runs whose process has gone: %r", error)
        return 0
    return len(silent)


def lives(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Say whether a run has lately changed its state or sent a heartbeat."""
    since = datetime.now(UTC) - SILENT
    if run.state is None or run.state.timestamp > since:
        return True
    beats = EventFilter(
        occurred=EventOccurredFilter.model_validate({"since": since}),
        event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
    )
    return client.read_events(beats, limit=1).total > 0
