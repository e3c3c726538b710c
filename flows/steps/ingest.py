"""Due feeds and seed documents → new articles in the warehouse."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from extractors.counts import plural
from flows.phrases import first_of
from flows.settings import Settings
from flows.sources.feed_records import (
    Failure,
    FeedForUpdate,
    FeedSpec,
    FeedState,
    FeedUpdate,
    FetchFacts,
    FetchSettings,
    Outcome,
)
from flows.sources.feedlist import load_feeds
from flows.sources.schedule import beyond_reach, due
from flows.sources.seed_documents import read_seeds
from flows.sources.update import update_feeds
from flows.steps.operator_lines import tell_operator
from warehouse.novelty.stories import lsh_bands_by_article
from warehouse.retention import forget
from warehouse.store import Warehouse
from warehouse.stored_records import FeedRows
from warehouse.tables.articles import feed_states, known_identities, save_articles, save_failures, save_feeds

FEEDS, ARTICLES = 1_000, 3_000
"""Most feeds or articles per transaction: they are held in memory until then, and other writers wait during it."""

TURNED_OVER = "may have missed entries: none from the last poll were left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """The result of one step of ingesting; results can be added."""

    articles: tuple[str, ...] = ()
    """Ids of the new articles."""
    seeds: tuple[str, ...] = ()
    """Ids of the seed documents that could be read, known ones included."""
    feeds: int = 0
    """Feeds that were due."""
    outcomes: tuple[tuple[str, str, str], ...] = ()
    """Feed, outcome and reason for each feed that was not updated, in the order in which they ended."""
    failures: tuple[str, ...] = ()
    """What could not be read, one line each."""
    notices: tuple[str, ...] = ()
    """Changes in the health of feeds, one line each."""
    missed: tuple[str, ...] = ()
    """Feeds of which entries may have been missed, and why, one line each."""

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures for the row of the run."""
        return {
            "articles": len(self.articles),
            "seeds": len(self.seeds),
            "feeds": self.feeds,
            "not_answered": len(self.outcomes),
            "failures": len(self.failures),
        }

    @property
    def tells(self) -> bool:
        """Whether there is more to report than one line; with a run every minute, there mostly is not."""
        return bool(self.articles or self.outcomes or self.failures or self.notices or self.missed)

    @property
    def summary(self) -> str:
        """The result in one line."""
        silent = f", {len(self.outcomes)} without an answer" if self.outcomes else ""
        return f"{plural(len(self.articles), 'new article')}; {plural(self.feeds, 'feed')} polled{silent}"

    def __add__(self, other: "Ingested") -> "Ingested":
        return Ingested(
            articles=self.articles + other.articles,
            seeds=self.seeds + other.seeds,
            feeds=self.feeds + other.feeds,
            outcomes=self.outcomes + other.outcomes,
            failures=self.failures + other.failures,
            notices=self.notices + other.notices,
            missed=self.missed + other.missed,
        )


def ingest(
    settings: Settings, *, now: datetime, on_feed: Callable[[int, int], None] = lambda _done, _of: None
) -> Ingested:
    """Read seeds and due feeds within the budget of one cycle; ``on_feed`` is called with the number of feeds done."""
    forget_old(settings, now=now)
    taken = take_seeds(settings, now=now)
    due_now = due_feeds(settings, now=now)
    return taken + take_feeds(settings, due_now, now=now, on_feed=on_feed)


def forget_old(settings: Settings, *, now: datetime) -> None:
    """Delete what is no longer to be kept."""
    with Warehouse(settings.warehouse).transaction() as tx:
        forget(tx, logs=settings.keep_logs, articles=settings.keep_articles, now=now)


def take_seeds(settings: Settings, *, now: datetime) -> Ingested:
    """Store new seed documents."""
    articles, failures = read_seeds(settings.seeds / "articles", now)
    lsh_bands = lsh_bands_by_article(articles)
    with Warehouse(settings.warehouse).transaction() as tx:
        save_failures(tx, [_flat(failure) for failure in failures], now=now)
        new = save_articles(tx, articles, lsh_bands, now=now)
    return Ingested(
        articles=tuple(new),
        seeds=tuple(article.id for article in articles),
        failures=tuple(f"{failure.where}: {failure.reason}" for failure in failures),
    )


def due_feeds(settings: Settings, *, now: datetime) -> list[FeedForUpdate]:
    """Return the feeds that are due, most overdue first."""
    feeds = load_feeds(settings.seeds / "feeds.csv")
    with Warehouse(settings.warehouse).transaction() as tx:
        rows = feed_states(tx)
    due_now = due(feeds, {feed: FeedState(**row) for feed, row in rows.items()}, now, settings.poll_bounds)
    if late := [each.feed.id for each in due_now if beyond_reach(each.state, now)]:
        tell_operator(
            settings, f"The clock has gone back: feeds scheduled too far ahead are polled now: {first_of(late)}"
        )
    return due_now


def take_feeds(
    settings: Settings,
    due_now: Sequence[FeedForUpdate],
    *,
    now: datetime,
    on_feed: Callable[[int, int], None] = lambda _done, _of: None,
) -> Ingested:
    """Fetch the feeds and store what is new; what the budget does not allow stays due."""
    with undisturbed():
        return asyncio.run(_take_feeds(settings, due_now, now=now, on_feed=on_feed))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Exempt what is loaded from garbage collection, which would take a seventh of a cycle with many feeds."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _take_feeds(
    settings: Settings, due_now: Sequence[FeedForUpdate], *, now: datetime, on_feed: Callable[[int, int], None]
) -> Ingested:
    warehouse = Warehouse(settings.warehouse)
    taken = Ingested(feeds=len(due_now))
    updates = update_feeds(
        due_now,
        settings=fetch_settings(settings),
        now=now,
        budget=timedelta(seconds=settings.fetch_budget),
        known=partial(_known, warehouse),
    )
    async for batch in batches(_reported(updates, on_feed, of=len(due_now))):
        # in a thread, so that other feeds are fetched in the meantime
        taken += await asyncio.to_thread(_store, warehouse, batch, now=now)
    return taken


def _known(warehouse: Warehouse, identities: Collection[str]) -> set[str]:
    with warehouse.transaction() as tx:
        return known_identities(tx, identities)


async def _reported(
    updates: AsyncIterator[FeedUpdate], on_feed: Callable[[int, int], None], *, of: int
) -> AsyncIterator[FeedUpdate]:
    done = 0
    async for update in updates:
        done += 1
        on_feed(done, of)
        yield update


async def batches(updates: AsyncIterator[FeedUpdate]) -> AsyncIterator[list[FeedUpdate]]:
    """Yield batches, each to be stored in one transaction."""
    waiting, articles = list[FeedUpdate](), 0
    async for update in updates:
        waiting.append(update)
        articles += len(update.articles)
        if len(waiting) >= FEEDS or articles >= ARTICLES:
            yield waiting
            waiting, articles = [], 0
    if waiting:
        yield waiting


def fetch_settings(settings: Settings) -> FetchSettings:
    """Return the limits of fetching from the settings."""
    return FetchSettings(
        contact=settings.contact,
        allow=settings.allow_hosts,
        total_timeout_s=settings.fetch_timeout,
        spacing_s=settings.fetch_spacing,
        bounds=settings.poll_bounds,
    )


def _store(warehouse: Warehouse, updates: Sequence[FeedUpdate], *, now: datetime) -> Ingested:
    """Store a batch in one transaction, because a feed's state must never be ahead of its articles."""
    rows = [rows_of(update) for update in updates]
    with warehouse.transaction() as tx:
        new = save_feeds(tx, rows, now=now)
    quiet = {Outcome.UPDATED, Outcome.UNCHANGED}
    return Ingested(
        articles=tuple(new),
        outcomes=tuple(
            (update.feed.id, update.facts.outcome, update.facts.reason or "")
            for update in updates
            if update.facts.outcome not in quiet
        ),
        notices=tuple(f"{update.feed.id}: {update.notice}" for update in updates if update.notice),
        missed=tuple(f"{update.feed.id}: {TURNED_OVER}" for update in updates if update.facts.may_have_missed),
    )


def rows_of(update: FeedUpdate) -> FeedRows:
    """Return the rows of an update of a feed, without the memory of a feed that has not changed."""
    state = _flat(update.state)
    if update.facts.outcome != Outcome.UPDATED:
        del state["memory"]
    return FeedRows(
        spec=_flat(update.feed),
        state=state,
        facts=_flat(update.facts),
        articles=update.articles,
        lsh_bands=lsh_bands_by_article(update.articles),
        failures=[_flat(failure) for failure in update.failures],
    )


def _flat(record: FeedSpec | FeedState | FetchFacts | Failure) -> dict[str, Any]:
    """Return the fields of a record by name; ``asdict`` copies each value, which takes as long as storing it."""
    return {name: getattr(record, name) for name in record.__slots__}
