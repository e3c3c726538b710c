"""The Prefect flow ``notify``: alerts that wait → Slack or the terminal → the events ``brinkwatch.alert.fired``."""

from collections.abc import Collection
from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.observe import alert_table, announce_alerts, figures, leave_artifact, listed, run_name
from flows.settings import Settings, load_settings
from flows.silent_runs import end_silent_runs
from flows.work import notify as work
from flows.work.record import recorded
from warehouse.store import Warehouse


@task(name="drain", retries=2, retry_delay_seconds=[5, 30], timeout_seconds=1200, cache_policy=NO_CACHE)
def drain(settings: Settings, now: datetime, in_full: Collection[str]) -> work.Notified:
    """Send what waits; a retry goes on where the last attempt stopped."""
    return work.notify(settings, now=now, in_full=in_full)


@flow(name="notify", flow_run_name=run_name, timeout_seconds=1800, persist_result=False, validate_parameters=False)
def notify(in_full: Collection[str] = ()) -> State[work.Notified]:
    """Drain the outbox, whatever event started this, until nothing may be sent now.

    Looks once more before it ends, as ``detect`` does. The run that finds that nothing has got through for a while
    fails with the notice as its message, so that an automation on failed runs tells of it; later ones do not repeat it.
    """
    end_silent_runs()
    settings = load_settings()
    Warehouse(settings.warehouse).migrate()
    notified = send_all(settings, in_full)
    while work.ready(settings, now=datetime.now(UTC)):
        notified += send_all(settings, in_full)
    Warehouse(settings.warehouse).publish()
    leave_artifact(
        "notify",
        notified.summary,
        figures(notified.counts),
        listed("Delivery blocked", [notified.blocked] if notified.blocked else []),
        listed("Why alerts wait or were set aside", notified.errors),
        alert_table(notified.fired),
    )
    if notified.blocked:
        return Failed(name="Delivery blocked", message=notified.blocked, data=notified)
    return Completed(message=notified.summary, data=notified)


def send_all(settings: Settings, in_full: Collection[str]) -> work.Notified:
    """Send what may be sent now, and announce each alert that arrived."""
    now = datetime.now(UTC)
    with recorded(settings, "notify", now=now) as counts:
        notified = drain(settings, now, in_full)
        counts.update(notified.counts)
    announce_alerts(notified.fired)
    return notified
