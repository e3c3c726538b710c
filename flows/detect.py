"""The Prefect flow ``detect``: articles that wait → signals, novelty and alerts → the event ``signals.stored``."""

from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.observe import alert_table, announce, figures, leave_artifact, run_name
from flows.settings import Settings, load_settings
from flows.silent_runs import end_silent_runs
from flows.work import detect as work
from flows.work.record import recorded
from warehouse.store import Warehouse


@task(
    name="read",
    task_run_name="articles from {done}",
    retries=2,
    retry_delay_seconds=[5, 30],
    timeout_seconds=900,
    cache_policy=NO_CACHE,
)
def read_next(settings: Settings, now: datetime, done: int) -> work.Detected:  # noqa: ARG001 - names the task run
    """Read one more batch; ``done`` articles were read in this run before."""
    return work.read_next(settings, now=now)


@flow(name="detect", flow_run_name=run_name, timeout_seconds=3600, persist_result=False, validate_parameters=False)
def detect() -> State[work.Detected]:
    """Read all that waits, whatever event started this, until nothing does.

    An event that comes while this runs starts nothing, as its run finds this one at work and is cancelled: so this one
    looks once more before it ends.
    """
    end_silent_runs()
    settings = load_settings()
    Warehouse(settings.warehouse).migrate()
    detected = read_all(settings)
    while work.waits(settings):
        detected += read_all(settings)
    leave_artifact("detect", detected.summary, figures(detected.counts), alert_table(detected.alerts))
    return Completed(message=detected.summary, data=detected)


def read_all(settings: Settings) -> work.Detected:
    """Read what waits now; announce what it brought in one event."""
    now = datetime.now(UTC)
    with recorded(settings, "detect", now=now) as counts:
        detected = read_next(settings, now, 0)
        while detected.more:
            detected += read_next(settings, now, detected.articles)
        counts.update(detected.counts)
    if detected.alerts:
        announce("signals.stored", **detected.counts)
    Warehouse(settings.warehouse).publish()
    return detected
