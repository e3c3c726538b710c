"""The Prefect flow ``notify``: alerts that wait → Slack or the terminal → the events ``brinkwatch.alert.fired``."""

from collections.abc import Collection
from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.orchestration.artifacts import alert_table, figures, leave_artifact, listed, run_name
from flows.orchestration.events import announce_alerts
from flows.orchestration.supervision import after_work, before_work
from flows.settings import Settings, load_settings
from flows.steps import notify as step
from flows.steps.run_log import recorded
from warehouse.store import Warehouse


@task(name="drain", retries=2, retry_delay_seconds=[5, 30], timeout_seconds=1200, cache_policy=NO_CACHE)
def drain(settings: Settings, now: datetime, in_full: Collection[str]) -> step.Notified:
    """Send what is waiting; a retry continues where the last attempt stopped."""
    return step.notify(settings, now=now, in_full=in_full)


@flow(name="notify", flow_run_name=run_name, timeout_seconds=1800, persist_result=False, validate_parameters=False)
def notify(in_full: Collection[str] = ()) -> State[step.Notified]:
    """Drain the outbox, whatever event started this, until nothing may be sent now.

    Looks once more before it ends, as ``detect`` does. The first run that finds that nothing could be delivered for a
    while fails with the notice as its message, so that an automation on failed runs can report it.
    """
    settings = load_settings()
    before_work(settings)
    notified = send_all(settings, in_full)
    while step.ready(settings, now=datetime.now(UTC)):
        notified += send_all(settings, in_full)
    Warehouse(settings.warehouse).publish(news=notified.changed)
    leave_artifact(
        "notify",
        notified.summary,
        figures(notified.counts),
        listed("Delivery blocked", [notified.blocked] if notified.blocked else []),
        listed("Why alerts wait or were set aside", notified.errors),
        alert_table(notified.fired, fate="sent"),
    )
    after_work(settings)
    if notified.blocked:
        return Failed(name="Delivery blocked", message=notified.blocked, data=notified)
    return Completed(message=notified.summary, data=notified)


def send_all(settings: Settings, in_full: Collection[str]) -> step.Notified:
    """Send what may be sent now, and announce each alert that arrived."""
    now = datetime.now(UTC)
    with recorded(settings, "notify", now=now) as counts:
        notified = drain(settings, now, in_full)
        counts.update(notified.counts)
    announce_alerts(notified.fired)
    return notified
