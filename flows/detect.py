"""The Prefect flow ``detect``: unread articles → signals, novelty and alerts → the event ``signals.stored``."""

from contextlib import closing
from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.orchestration.artifacts import alert_table, figures, leave_artifact, run_name
from flows.orchestration.events import announce
from flows.orchestration.supervision import after_work, before_work
from flows.settings import Settings, load_settings
from flows.steps import detect as step
from flows.steps import reread
from flows.steps.run_log import recorded
from warehouse.store import Warehouse


@task(
    name="read",
    task_run_name="articles from {done}",
    retries=2,
    retry_delay_seconds=[5, 30],
    timeout_seconds=900,
    cache_policy=NO_CACHE,
)
def read_next(
    settings: Settings,
    reader: step.BatchReader,
    now: datetime,
    done: int,  # noqa: ARG001 - names the task run
) -> step.Detected:
    """Read one more batch; ``done`` articles have been read in this run before."""
    return step.read_next(settings, reader, now=now)


@flow(name="detect", flow_run_name=run_name, timeout_seconds=3600, persist_result=False, validate_parameters=False)
def detect() -> State[step.Detected]:
    """Read unread articles, whatever event started this, until there are none.

    An event that arrives meanwhile starts nothing, because its run finds this one at work and is cancelled; so this one
    looks once more before it ends. Articles that another version has read come last, and give way to new ones.
    """
    settings = load_settings()
    before_work(settings)
    detected = read_all(settings) + read_all_again(settings)
    while step.waits(settings):
        detected += read_all(settings)
    leave_artifact("detect", detected.summary, figures(detected.counts), alert_table(detected.alerts))
    after_work(settings)
    return Completed(message=detected.summary, data=detected)


def read_all(settings: Settings) -> step.Detected:
    """Read what is waiting now; announce the result in one event."""
    now = datetime.now(UTC)
    with recorded(settings, "detect", now=now) as counts, closing(step.BatchReader(settings)) as reader:
        detected = read_next(settings, reader, now, 0)
        while detected.more:
            detected += read_next(settings, reader, now, detected.articles)
        counts.update(detected.counts)
    if detected.alerts:
        announce("signals.stored", **detected.counts)
    Warehouse(settings.warehouse).publish(news=bool(detected.articles))
    return detected


def read_all_again(settings: Settings) -> step.Detected:
    """Read stored articles again within the budget, if necessary; new ones are read first whenever some arrive."""
    again = news = step.Detected()
    if not reread.count_again(settings):
        return again
    lookout, now = reread.Lookout(settings), datetime.now(UTC)
    with recorded(settings, "reread", now=now) as counts:
        for stored in reread.read_again(settings, now=now, seconds=settings.reread_budget):
            again += stored
            if lookout.waits():
                news += read_all(settings)
        counts.update(again.counts)
    Warehouse(settings.warehouse).publish()
    return again + news
