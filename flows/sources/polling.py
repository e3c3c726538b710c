"""When a feed is polled next: by how much of it was new, by failures, and by what its publisher asks for."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from flows.sources.records import FeedForUpdate, FeedSpec, FeedState


def due(feeds: Iterable[FeedSpec], states: Mapping[str, FeedState], now: datetime) -> list[FeedForUpdate]:
    """Return the feeds whose turn it is at ``now``, the longest overdue first; a feed without a state is due."""
    turns = [
        FeedForUpdate(feed=feed, state=states.get(feed.id) or FeedState(feed=feed.id, url=feed.url)) for feed in feeds
    ]
    turns = [turn for turn in turns if turn.state.next_due_at is None or turn.state.next_due_at <= now]
    return sorted(turns, key=lambda turn: (turn.state.next_due_at is not None, turn.state.next_due_at or now))
