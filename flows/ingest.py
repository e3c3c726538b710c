"""The Prefect flow ``ingest``: seeds and due feeds → new articles → the event ``articles.stored``."""

from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.observe import announce, figures, leave_artifact, listed, run_name, table
from flows.settings import Settings, load_settings
from flows.silent_runs import end_silent_runs
from flows.sources.records import FeedForUpdate
from flows.work import ingest as work
from flows.work.record import recorded
from warehouse.store import Warehouse


@task(name="seeds", retries=2, retry_delay_seconds=[5, 30], timeout_seconds=120, cache_policy=NO_CACHE)
def take_seeds(settings: Settings, now: datetime) -> work.Ingested:
    """Store the seed documents that are new."""
    return work.take_seeds(settings, now=now)


@task(name="feeds", retries=2, retry_delay_seconds=[5, 30], timeout_seconds=900, cache_policy=NO_CACHE)
def take_feeds(settings: Settings, turns: list[FeedForUpdate], now: datetime) -> work.Ingested:
    """Fetch the due feeds: all in one task, so that they share one budget; a retry goes on from what is stored."""
    return work.take_feeds(settings, turns, now=now)


@flow(name="ingest", flow_run_name=run_name, timeout_seconds=1800, persist_result=False, validate_parameters=False)
def ingest() -> State[work.Ingested]:
    """Take in what is new and announce it, one event for all of it."""
    end_silent_runs()
    settings, now = load_settings(), datetime.now(UTC)
    Warehouse(settings.warehouse).migrate()
    with recorded(settings, "ingest", now=now) as counts:
        taken = take_seeds(settings, now)
        turns = work.due_feeds(settings, now=now)
        if turns:
            taken += take_feeds(settings, turns, now)
        counts.update(taken.counts)
    if taken.articles:
        announce("articles.stored", articles=len(taken.articles), ids=taken.articles[:500])
    Warehouse(settings.warehouse).publish()
    leave_artifact(
        "ingest",
        taken.summary,
        figures(taken.counts),
        listed("Feeds whose health changed", taken.notices),
        table(("feed", "outcome", "why"), taken.outcomes),
        listed("Could not be read", taken.failures),
    )
    return Completed(message=taken.summary, data=taken)
