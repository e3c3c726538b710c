"""Ends runs whose process has died: every flow looks for them when it starts, and ``brinkwatch serve`` every minute.

After kill -9 of the process that started it, a run stays Running or Pending for ever, and keeps its flow from ever
starting again. The flows watch each other.
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
SILENT_FOR = timedelta(seconds=100)
"""Three heartbeats: under load one may be lost, but not three."""
_OPEN = FlowRunFilter(
    tags=FlowRunFilterTags(all_=[TAG]),
    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING])),
)


def end_zombie_runs() -> int:
    """Mark our runs without a sign of life as crashed; return how many; if the server fails, try again later."""
    try:
        with get_client(sync_client=True) as client:
            now = datetime.now(UTC)
            zombies = [
                run for run in client.read_flow_runs(flow_run_filter=_OPEN) if not is_alive(client, run, now=now)
            ]
            for run in zombies:
                log.warning("%s gives no sign of life: marked crashed", run.name)
                message = f"no sign of life for {SILENT_FOR.seconds} s: its process has gone"
                client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    except httpx.HTTPError as error:
        log.warning("cannot look for runs whose process has gone: %r", error)
        return 0
    return len(zombies)


def is_alive(client: SyncPrefectClient, run: FlowRun, *, now: datetime) -> bool:
    """Return whether a run recently changed its state or sent a heartbeat; a date in the future is no proof."""
    since, until = now - SILENT_FOR, now + SILENT_FOR
    if run.state is None or since < run.state.timestamp < until:
        return True
    beats = EventFilter(
        occurred=EventOccurredFilter.model_validate({"since": since, "until": until}),
        event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
    )
    return client.read_events(beats, limit=1).total > 0
