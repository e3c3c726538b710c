"""The Prefect flow ``notify``: alerts that wait → Slack or the terminal → the event ``alert.fired``."""

from collections.abc import Collection
from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.observe import announce, leave_artifact
from flows.settings import Settings, load_settings
from flows.work import notify as work
from flows.work.cycle import recorded
from warehouse.store import Warehouse


@task(name="drain", retries=2, retry_delay_seconds=[5, 30], timeout_seconds=1200, cache_policy=NO_CACHE)
def drain(settings: Settings, now: datetime, in_full: Collection[str]) -> work.Notified:
    """Send what waits; a retry goes on where the last attempt stopped."""
    return work.notify(settings, now=now, in_full=in_full)


@flow(name="notify", flow_run_name="notify", timeout_seconds=1800, persist_result=False, validate_parameters=False)
def notify(in_full: Collection[str] = ()) -> work.Notified:
    """Drain the outbox, whatever event started this."""
    settings, now = load_settings(), datetime.now(UTC)
    Warehouse(settings.warehouse).migrate()
    with recorded(settings, "notify", now=now) as counts:
        notified = drain(settings, now, in_full)
        counts.update(notified.counts)
    Warehouse(settings.warehouse).publish()
    leave_artifact("notify", notified.counts, notes=notified.errors)
    if notified.sent:
        announce("alert.fired", **notified.counts)
    return notified
