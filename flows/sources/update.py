"""One cycle over the due feeds: fetch, read, tell new from known, fetch the full text of what is new."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

from flows.sources.records import FeedForUpdate, FeedUpdate, FetchSettings

Known = Callable[[Sequence[str]], set[str]]
"""Given article identities, return those the warehouse holds. Called on the event loop, once per changed feed: be quick."""


async def update_feeds(
    turns: Sequence[FeedForUpdate],
    *,
    settings: FetchSettings,
    now: datetime,
    budget: timedelta,
    known: Known,
) -> AsyncIterator[FeedUpdate]:
    """Yield one FeedUpdate per turn, in the order they finish, all within ``budget``; what did not fit is POSTPONED.

    Nothing is raised for what a server, a feed or a page does. Store each update (state, articles, facts) in one
    transaction: the state remembers which entries were taken.
    """
    raise NotImplementedError(turns, settings, now, budget, known)
    yield
