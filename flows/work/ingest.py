"""Due feeds and seed documents → new articles in the warehouse."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from flows.settings import Settings
from flows.sources.feedlist import load_feeds
from flows.sources.polling import due
from flows.sources.records import (
    Failure,
    FeedForUpdate,
    FeedSpec,
    FeedState,
    FeedUpdate,
    FetchFacts,
    FetchSettings,
    Outcome,
)
from flows.sources.seeds import read_seeds
from flows.sources.update import update_feeds
from warehouse.records import FeedRows
from warehouse.store import Warehouse

FEEDS, ARTICLES = 1_000, 3_000
"""After how many feeds or articles what waits is stored in one transaction: it is held in memory, and others wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one step of ingesting brought; steps add up."""

    articles: tuple[str, ...] = ()
    """Ids of the articles that are new."""
    seeds: tuple[str, ...] = ()
    """Ids of the seed documents that could be read, known ones included."""
    feeds: int = 0
    """Feeds whose turn it was."""
    outcomes: tuple[tuple[str, str, str], ...] = ()
    """(feed, outcome, reason) of each feed that did not answer with news, in the order they ended."""
    failures: tuple[str, ...] = ()
    """What could not be read, a line each."""
    notices: tuple[str, ...] = ()
    """What changed in a feed's health, a line each."""

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures that the row of a run holds."""
        return {
            "articles": len(self.articles),
            "seeds": len(self.seeds),
            "feeds": self.feeds,
            "not_answered": len(self.outcomes),
            "failures": len(self.failures),
        }

    @property
    def summary(self) -> str:
        """Say it in one line."""
        silent = f", {len(self.outcomes)} without an answer" if self.outcomes else ""
        return f"{len(self.articles)} new articles; {self.feeds} feeds asked{silent}"

    def __add__(self, other: "Ingested") -> "Ingested":
        return Ingested(
            articles=self.articles + other.articles,
            seeds=self.seeds + other.seeds,
            feeds=self.feeds + other.feeds,
            outcomes=self.outcomes + other.outcomes,
            failures=self.failures + other.failures,
            notices=self.notices + other.notices,
        )


def ingest(
    settings: Settings, *, now: datetime, on_feed: Callable[[int, int], None] = lambda _done, _of: None
) -> Ingested:
    """Take in seeds and due feeds within the budget of one cycle; ``on_feed`` is told how many feeds are done."""
    taken = take_seeds(settings, now=now)
    turns = due_feeds(settings, now=now)
    return taken + take_feeds(settings, turns, now=now, on_feed=on_feed)


def take_seeds(settings: Settings, *, now: datetime) -> Ingested:
    """Store the seed documents that are new."""
    warehouse = Warehouse(settings.warehouse)
    articles, failures = read_seeds(settings.seeds / "articles", now)
    new = warehouse.save_articles(articles, failures=[_flat(failure) for failure in failures], now=now)
    return Ingested(
        articles=tuple(new),
        seeds=tuple(article.id for article in articles),
        failures=tuple(f"{failure.where}: {failure.reason}" for failure in failures),
    )


def due_feeds(settings: Settings, *, now: datetime) -> list[FeedForUpdate]:
    """Return the feeds whose turn it is, the longest overdue first."""
    feeds = load_feeds(settings.seeds / "feeds.csv")
    rows = Warehouse(settings.warehouse).feed_states()
    return due(feeds, {feed: FeedState(**row) for feed, row in rows.items()}, now)


def take_feeds(
    settings: Settings,
    turns: Sequence[FeedForUpdate],
    *,
    now: datetime,
    on_feed: Callable[[int, int], None] = lambda _done, _of: None,
) -> Ingested:
    """Fetch the feeds and store what is new; what the budget does not allow stays due."""
    with undisturbed():
        return asyncio.run(_take_feeds(settings, turns, now=now, on_feed=on_feed))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep what is loaded out of the search for garbage, which would take a seventh of a cycle of many feeds."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _take_feeds(
    settings: Settings, turns: Sequence[FeedForUpdate], *, now: datetime, on_feed: Callable[[int, int], None]
) -> Ingested:
    warehouse = Warehouse(settings.warehouse)
    taken = Ingested(feeds=len(turns))
    updates = update_feeds(
        turns,
        settings=fetch_settings(settings),
        now=now,
        budget=timedelta(seconds=settings.fetch_budget),
        known=warehouse.known_identities,
    )
    async for batch in batches(_told(updates, on_feed, of=len(turns))):
        # in a thread, so that the other feeds are fetched meanwhile
        taken += await asyncio.to_thread(_store, warehouse, batch, now=now)
    return taken


async def _told(
    updates: AsyncIterator[FeedUpdate], on_feed: Callable[[int, int], None], *, of: int
) -> AsyncIterator[FeedUpdate]:
    done = 0
    async for update in updates:
        done += 1
        on_feed(done, of)
        yield update


async def batches(updates: AsyncIterator[FeedUpdate]) -> AsyncIterator[list[FeedUpdate]]:
    """Yield what is to be stored in one transaction each."""
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
    """Return the limits of fetching as the settings have them."""
    return FetchSettings(
        contact=settings.contact,
        allow=settings.allow_hosts,
        total_timeout_s=settings.fetch_timeout,
        spacing_s=settings.fetch_spacing,
    )


def _store(warehouse: Warehouse, updates: Sequence[FeedUpdate], *, now: datetime) -> Ingested:
    """Store a batch in one transaction: a feed's state must never be ahead of its articles."""
    new = warehouse.save_feeds([rows_of(update) for update in updates], now=now)
    quiet = {Outcome.UPDATED, Outcome.UNCHANGED}
    return Ingested(
        articles=tuple(new),
        outcomes=tuple(
            (update.feed.id, update.facts.outcome, update.facts.reason or "")
            for update in updates
            if update.facts.outcome not in quiet
        ),
        notices=tuple(update.notice for update in updates if update.notice),
    )


def rows_of(update: FeedUpdate) -> FeedRows:
    """Return the rows that a feed's turn becomes; the memory of a feed that did not change is not written again."""
    state = _flat(update.state)
    if update.facts.outcome != Outcome.UPDATED:
        del state["memory"]
    return FeedRows(
        spec=_flat(update.feed),
        state=state,
        facts=_flat(update.facts),
        articles=update.articles,
        bands=update.bands,
        failures=[_flat(failure) for failure in update.failures],
    )


def _flat(record: FeedSpec | FeedState | FetchFacts | Failure) -> dict[str, Any]:
    """Return the fields of a record by name; ``asdict`` copies each value, which takes as long as storing it."""
    return {field.name: getattr(record, field.name) for field in fields(record)}
