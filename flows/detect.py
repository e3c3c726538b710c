"""The Prefect flow ``detect``: articles that wait → signals, novelty and alerts → the event ``signals.stored``."""

from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.observe import announce, leave_artifact
from flows.settings import Settings, load_settings
from flows.work import detect as work
from flows.work.cycle import recorded
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


@flow(name="detect", flow_run_name="detect", timeout_seconds=3600, persist_result=False, validate_parameters=False)
def detect() -> work.Detected:
    """Read all that waits, whatever event started this; announce what it brought in one event."""
    settings, now = load_settings(), datetime.now(UTC)
    warehouse = Warehouse(settings.warehouse)
    warehouse.migrate()
    with recorded(settings, "detect", now=now) as counts:
        detected = read_next(settings, now, 0)
        while detected.more:
            detected += read_next(settings, now, detected.articles)
        counts.update(detected.counts)
    warehouse.publish()
    suppressed = tuple(f"{alert.headline}: {alert.suppressed}" for alert in detected.alerts if alert.suppressed)
    leave_artifact("detect", detected.counts, notes=suppressed[:50])
    if detected.alerts:
        announce("signals.stored", **detected.counts)
    return detected
