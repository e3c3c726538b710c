"""The Prefect flow ``ingest``: seeds and due feeds → new articles → the event ``articles.stored``."""

from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.orchestration.artifacts import figures, leave_artifact, listed, run_name, table
from flows.orchestration.events import announce
from flows.orchestration.supervision import after_work, before_work
from flows.settings import Settings, load_settings
from flows.sources.feed_records import FeedForUpdate
from flows.steps import ingest as step
from flows.steps.run_log import recorded
from warehouse.store import Warehouse


@task(name="feeds", retries=2, retry_delay_seconds=[5, 30], timeout_seconds=900, cache_policy=NO_CACHE)
def take_feeds(settings: Settings, due: list[FeedForUpdate], now: datetime) -> step.Ingested:
    """Fetch the due feeds, all in one task, so that they share one budget; a retry continues from what is stored."""
    return step.take_feeds(settings, due, now=now)


@flow(name="ingest", flow_run_name=run_name, timeout_seconds=1800, persist_result=False, validate_parameters=False)
def ingest() -> State[step.Ingested]:
    """Store what is new, and announce it in one event."""
    settings, now = load_settings(), datetime.now(UTC)
    before_work(settings)
    step.forget_old(settings, now=now)
    with recorded(settings, "ingest", now=now) as counts:
        taken = step.take_seeds(settings, now=now)
        due = step.due_feeds(settings, now=now)
        if due:
            taken += take_feeds(settings, due, now)
        counts.update(taken.counts)
    if taken.articles:
        announce("articles.stored", articles=len(taken.articles), ids=taken.articles[:500])
    Warehouse(settings.warehouse).publish(news=bool(taken.articles))
    if taken.tells:
        leave_artifact(
            "ingest",
            taken.summary,
            figures(taken.counts),
            listed("Feeds that may have missed entries", taken.missed),
            listed("Feeds whose health changed", taken.notices),
            table(("feed", "outcome", "why"), taken.outcomes),
            listed("Could not be read", taken.failures),
        )
    after_work(settings)
    return Completed(message=taken.summary, data=taken)
