"""One cycle over the due feeds: all at once, as far as the budget, memory and politeness allow."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from flows.sources import schedule, urls
from flows.sources.backpressure import EndedUpdates
from flows.sources.batched_lookup import BatchedLookup, Known
from flows.sources.feed_records import (
    Body,
    Failed,
    Failure,
    FeedForUpdate,
    FeedUpdate,
    FetchFacts,
    FetchSettings,
    Gone,
    Outcome,
    Trouble,
)
from flows.sources.http.answers import HARD
from flows.sources.http.fetch import Fetcher
from flows.sources.http.politeness import Robots
from flows.sources.one_feed import FeedUpdater
from flows.sources.page_reader import PageReader
from flows.sources.workers.pool import ParserPool

LAST_MOMENT = 0.1
"""Share of the budget kept for finishing, in which no page is requested or waited for."""

MOST_JOBS, MOST_ARTICLES = 50, 2_000
"""Most documents waiting for a parser, and articles waiting to be stored, before fetching pauses."""

log = logging.getLogger(__name__)


async def update_feeds(
    due_feeds: Sequence[FeedForUpdate],
    *,
    settings: FetchSettings,
    now: datetime,
    budget: timedelta,
    known: Known,
) -> AsyncIterator[FeedUpdate]:
    """Yield one FeedUpdate per due feed, in the order they finish, within ``budget``; the rest is POSTPONED.

    Nothing that a server, a feed or a page does raises an exception. Store each update (state, articles, facts) in one
    transaction, because the state remembers which entries were taken.
    """
    end = asyncio.get_running_loop().time() + budget.total_seconds()
    last_moment = end - LAST_MOMENT * budget.total_seconds()
    ended = EndedUpdates()
    listed = [due_feed.feed.url for due_feed in due_feeds]
    async with _updater(settings, ended, listed=listed, now=now, last_moment=last_moment, known=known) as updater:
        tasks = {asyncio.create_task(updater.update(due_feed)): due_feed for due_feed in due_feeds}
        for task in tasks:
            task.add_done_callback(ended.put)
        try:
            async for update in _as_they_end(tasks, ended, now, end):
                yield _without_passwords(update)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _updater(
    settings: FetchSettings,
    ended: EndedUpdates,
    *,
    listed: Sequence[str],
    now: datetime,
    last_moment: float,
    known: Known,
) -> AsyncIterator[FeedUpdater]:
    """Open the client and the parsers that the feeds of one cycle share."""
    backpressure = ended.backpressure
    pool = ParserPool(
        workers=settings.workers,
        timeout_s=settings.parse_timeout_s,
        memory_mb=settings.parse_memory_mb,
        on_done=backpressure.eased,
    )
    fetcher = Fetcher(settings, now=now, listed=listed, backpressure=backpressure.wait)
    backpressure.watch(lambda: pool.jobs > MOST_JOBS or ended.articles > MOST_ARTICLES)
    robots = Robots(partial(_robots, fetcher), agent=settings.user_agent.split("/")[0])
    async with pool, fetcher, robots:
        pages = PageReader(
            settings=settings, now=now, fetcher=fetcher, pool=pool, robots=robots, last_moment=last_moment
        )
        lookup = BatchedLookup(known, busy=lambda: pool.jobs > 0)
        yield FeedUpdater(settings=settings, now=now, lookup=lookup, fetcher=fetcher, pool=pool, pages=pages)


def _without_passwords(update: FeedUpdate) -> FeedUpdate:
    """Return an update without passwords, as it may be stored; ``schedule.due`` takes them from the list again."""
    hide = urls.without_password
    if "@" not in f"{update.feed.url}{update.state.url}":
        return update
    facts, state = update.facts, update.state
    return replace(
        update,
        feed=replace(update.feed, url=hide(update.feed.url)),
        state=replace(
            state,
            url=hide(state.url),
            listed_url=hide(state.listed_url),
            redirect_url=hide(state.redirect_url) if state.redirect_url else None,
            topic=hide(state.topic) if state.topic else None,
            last_error=hide(state.last_error) if state.last_error else None,
        ),
        facts=replace(facts, reason=hide(facts.reason) if facts.reason else None),
        notice=hide(update.notice) if update.notice else None,
    )


async def _as_they_end(
    tasks: dict[asyncio.Task[FeedUpdate], FeedForUpdate], ended: EndedUpdates, now: datetime, end: float
) -> AsyncIterator[FeedUpdate]:
    while tasks and (task := await ended.next(end)) is not None:
        due_feed, error = tasks.pop(task), task.exception()  # what is stored should not be held as well
        yield task.result() if error is None else _crashed(due_feed, error, now)
    for due_feed in tasks.values():
        facts = FetchFacts(
            feed=due_feed.feed.id, started_at=now, duration_s=0.0, outcome=Outcome.POSTPONED, reason="no time left"
        )
        yield FeedUpdate(feed=due_feed.feed, state=due_feed.state, facts=facts)


def _crashed(due_feed: FeedForUpdate, error: BaseException, now: datetime) -> FeedUpdate:
    """A bug costs the one feed that triggers it, and is logged with its traceback."""
    log.error("feed %s met a bug", due_feed.feed.id, exc_info=error)
    reason = f"met a bug of ours: {type(error).__name__}: {error}"[:300]
    failed = Failed(url=due_feed.state.url, trouble=Trouble.PARSER, reason=reason, weight=HARD)
    facts = FetchFacts(feed=due_feed.feed.id, started_at=now, duration_s=0.0, outcome=Outcome.FAILED, reason=reason)
    failure = Failure(where=due_feed.state.url, trouble=Trouble.PARSER, reason=reason, feed=due_feed.feed.id)
    state = schedule.after_failure(due_feed.state, failed, now)
    return FeedUpdate(feed=due_feed.feed, state=state, facts=facts, failures=(failure,))


async def _robots(fetcher: Fetcher, url: str) -> str | None:
    answer = await fetcher.get(url, accept="text/plain")
    if isinstance(answer, Body):
        return answer.content.decode("utf-8", "replace")
    if isinstance(answer, Gone) or (isinstance(answer, Failed) and answer.status and 400 <= answer.status < 429):
        return ""
    return None
