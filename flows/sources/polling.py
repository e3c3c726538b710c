"""When a feed is polled next: by how much of it was new, by failures, and by what its publisher asks for. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from extractors.records import content_id
from flows.sources.records import Failed, FeedForUpdate, FeedSpec, FeedState, FetchSettings

MOSTLY_KNOWN, MOSTLY_NEW = 0.67, 0.33
"""Above the first share of known entries the feed is polled less often, below the second more often (Media Cloud's)."""
LONGEST_HINT_S = 3600
"""ttl and max-age may slow polling down to this, not further: publishers set them carelessly."""
LONGEST_BACKOFF_S = 24 * 3600
GONE_S = 30 * 24 * 3600
"""A retired feed is asked once a month: 410 has been known to be a mistake."""
AUDIT_AFTER = 12
"""Answers of 304 in a row after which the body is asked for unconditionally."""
LIES = 2
"""Times a 304 proved false after which it is not asked for any more."""


def due(feeds: Iterable[FeedSpec], states: Mapping[str, FeedState], now: datetime) -> list[FeedForUpdate]:
    """Return the feeds whose turn it is at ``now``, the longest overdue last fetched first; new feeds come first."""
    turns = [FeedForUpdate(feed=feed, state=_state(feed, states.get(feed.id))) for feed in feeds]
    turns = [turn for turn in turns if turn.state.next_due_at is None or turn.state.next_due_at <= now]
    return sorted(turns, key=lambda turn: (turn.state.next_due_at is not None, turn.state.next_due_at or now))


def _state(feed: FeedSpec, state: FeedState | None) -> FeedState:
    if state is None:
        return FeedState(feed=feed.id, url=feed.url, listed_url=feed.url)
    if state.listed_url and state.listed_url != feed.url:
        fresh = replace(state, url=feed.url, listed_url=feed.url, etag=None, last_modified=None, body_hash=None)
        return replace(fresh, next_due_at=None, redirect_url=None, redirect_count=0, lying_304=0)
    return state


def conditional(state: FeedState) -> bool:
    """Say whether "not modified" may be asked for: not while entries wait, nor for an audit, nor of a liar."""
    return not state.pending and state.polls_since_full < AUDIT_AFTER and state.lying_304 < LIES


def next_interval(state: FeedState, overlap: float | None, hint_s: int | None, settings: FetchSettings) -> int:
    """Return the seconds to the next poll after a success; ``overlap`` None means that nothing had changed."""
    factor = 1.25 if overlap is None else 1.5 if overlap > MOSTLY_KNOWN else 0.5 if overlap < MOSTLY_NEW else 1.0
    if state.first_fetched_at is None:
        factor = 1.0
    wanted = max(state.interval_s * factor, min(hint_s or 0, LONGEST_HINT_S))
    return round(min(max(wanted, settings.min_interval_s), settings.max_interval_s))


def next_due(feed: str, now: datetime, seconds: float) -> datetime:
    """Return ``now`` plus ``seconds`` with up to a tenth of jitter, the same for the same feed and time."""
    share = int(content_id(feed, now.isoformat()), 16) / 2**64
    return now + timedelta(seconds=seconds * (0.95 + 0.1 * share))


def backoff_s(state: FeedState, failure: Failed) -> float:
    """Return the seconds to wait after ``failure``: linear in the failures so far, at most a day, never for ever."""
    weight = state.failure_weight + failure.weight
    return max(min(state.interval_s * (1 + weight), LONGEST_BACKOFF_S), failure.retry_after_s or 0)


def after_redirect(state: FeedState, moved_to: str | None, *, believe_after: int = 3) -> FeedState:
    """Remember a permanent redirect, and follow it for good once it was seen ``believe_after`` times in a row."""
    if moved_to is None or moved_to == state.url:
        return replace(state, redirect_url=None, redirect_count=0) if state.redirect_url else state
    count = state.redirect_count + 1 if moved_to == state.redirect_url else 1
    if count < believe_after:
        return replace(state, redirect_url=moved_to, redirect_count=count)
    return replace(state, url=moved_to, redirect_url=None, redirect_count=0)


def after_failure(state: FeedState, failure: Failed, now: datetime) -> FeedState:
    """Return the state after a failed attempt; a moved feed that keeps failing goes back to its listed address."""
    weight = state.failure_weight + failure.weight
    lost = weight >= 3 and state.listed_url and state.url != state.listed_url
    return replace(
        state,
        url=state.listed_url if lost else state.url,
        etag=None if lost else state.etag,
        last_modified=None if lost else state.last_modified,
        last_fetched_at=now,
        consecutive_failures=state.consecutive_failures + 1,
        failure_weight=weight,
        last_error=failure.reason,
        next_due_at=next_due(state.feed, now, backoff_s(state, failure)),
    )


def after_gone(state: FeedState, now: datetime) -> FeedState:
    """Return the state of a feed its publisher retired (410)."""
    due_at = now + timedelta(seconds=GONE_S)
    return replace(
        state, last_fetched_at=now, health="gone", last_error="retired by its publisher (410)", next_due_at=due_at
    )


def after_success(state: FeedState, now: datetime, interval_s: int) -> FeedState:
    """Return the state after an answer that was read, or that said "not modified"."""
    return replace(
        state,
        interval_s=interval_s,
        last_fetched_at=now,
        last_success_at=now,
        first_fetched_at=state.first_fetched_at or now,
        consecutive_failures=0,
        failure_weight=0.0,
        last_error=None,
        next_due_at=next_due(state.feed, now, interval_s),
    )
