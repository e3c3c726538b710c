"""When a feed is polled next, so that its latency objective is met at the least cost. Pure: time is an argument.

An interval is never longer than the objective while polls that bring nothing are cheap. A busy feed is polled sooner,
because many of its polls bring something, and one whose entries may scroll away sooner still. Failures, Retry-After and
servers that always send a large body lengthen the interval.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from extractors.records import content_id
from flows.sources.feed_records import Failed, FeedForUpdate, FeedSpec, FeedState, FetchSettings
from flows.sources.objectives import TIERS, Bounds, bounds_of
from flows.sources.urls import with_password

EARLY_S = 15
"""Runs begin a little early or late: a feed due within this time, or a quarter of its interval, is polled now."""
WORTH = 0.4
"""Expected new entries for which a feed is polled before its objective ends: two of five polls bring something."""
SCROLLED = 0.25
"""Share of a feed's entries that may be replaced between two polls, at the fastest pace known for it."""
CHEAP_BYTES = 32 * 1024
STRETCH = 2
"""Factor of the objective for a feed that costs more than that whenever it brings nothing."""
MEMORY_H = 4.0
"""Hours of observing an hour of the day after which earlier observations count for a third."""
LONGEST_LOOK_BACK = timedelta(days=7)
LONGEST_BACKOFF_S = 24 * 3600
GONE_S = 30 * 24 * 3600
"""A retired feed is polled once a month, because 410 has been seen by mistake."""
CLOCKS_DISAGREE = timedelta(minutes=2)
"""How much the clocks of two polling hosts may differ."""
AUDIT_AFTER = 12
"""Consecutive 304 answers after which the body is fetched unconditionally."""
LIES = 2
"""Number of false 304 answers after which polls are no longer conditional."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What an answer says about a feed's rhythm and about the cost of polling it."""

    new: int = 0
    published: Sequence[datetime] = ()
    """When its new entries were published, as far as they say."""
    cost: int | None = None
    """Bytes of an answer that brought nothing; None if that says nothing about the next one."""
    hint_s: int | None = None
    """Seconds that the publisher asks to wait (ttl, max-age)."""


def due(
    feeds: Iterable[FeedSpec],
    states: Mapping[str, FeedState],
    now: datetime,
    bounds: Mapping[str, Bounds] | None = None,
) -> list[FeedForUpdate]:
    """Return the feeds that are due at ``now``: new ones first, then those fetched longest ago."""
    due_feeds = [FeedForUpdate(feed=feed, state=_state(feed, states.get(feed.id))) for feed in feeds]
    waiting = [(due_from(due_feed, bounds or {}), due_feed) for due_feed in due_feeds]
    waiting.sort(key=lambda each: each[0])
    return [due_feed for at, due_feed in waiting if at <= now or beyond_reach(due_feed.state, now)]


def due_from(due_feed: FeedForUpdate, groups: Mapping[str, Bounds]) -> datetime:
    """Return when a feed may be polled: rather a little early than a run late, but never before its minimum.

    The decision after its last poll holds at most for its objective, because the list may give another tier since.
    """
    state, answered = due_feed.state, due_feed.state.last_success_at
    if state.next_due_at is None:
        return datetime.min.replace(tzinfo=UTC)
    if answered is None or state.consecutive_failures or state.health == "gone":
        return state.next_due_at
    shortest, _ = bounds_of(due_feed.feed.bounds, due_feed.feed.kind, groups)
    latest = answered + timedelta(seconds=longest_s(due_feed.feed, state, groups))
    early = timedelta(seconds=min(EARLY_S, state.interval_s / 4))
    pushed = state.pushed_at if state.pushed_at and state.pushed_at > answered else latest
    return max(min(state.next_due_at, latest, pushed) - early, answered + timedelta(seconds=shortest))


def beyond_reach(state: FeedState, now: datetime) -> bool:
    """Return whether a feed is due later than it can be at ``now``, because the clock has gone back.

    Before feeds had objectives, a twentieth was added to some intervals.
    """
    if state.next_due_at is None:
        return False
    failing = LONGEST_BACKOFF_S if state.consecutive_failures else 0
    longest = GONE_S if state.health == "gone" else max(state.interval_s, failing)
    return state.next_due_at > now + timedelta(seconds=1.05 * longest) + CLOCKS_DISAGREE


def _state(feed: FeedSpec, state: FeedState | None) -> FeedState:
    if state is None:
        return FeedState(feed=feed.id, url=feed.url, listed_url=feed.url)
    if "***" in f"{state.url} {state.listed_url} {state.redirect_url}":
        state = replace(
            state,
            url=with_password(state.url, feed.url),
            listed_url=with_password(state.listed_url, feed.url),
            redirect_url=with_password(state.redirect_url, feed.url) if state.redirect_url else None,
        )
    if state.listed_url and state.listed_url != feed.url:
        fresh = replace(state, url=feed.url, listed_url=feed.url, etag=None, last_modified=None, body_hash=None)
        return replace(fresh, entries=0, next_due_at=None, redirect_url=None, redirect_count=0, lying_304=0)
    return state


def conditional(state: FeedState) -> bool:
    """Return whether a poll may be conditional: not while entries are pending, for an audit, or after false 304s."""
    return not state.pending and state.polls_since_full < AUDIT_AFTER and state.lying_304 < LIES


def next_interval(
    feed: FeedSpec, state: FeedState, poll: Poll, now: datetime, settings: FetchSettings, *, pace: float = 0.0
) -> int:
    """Return the seconds to the next poll after a success; ``pace`` is entries per hour in the last interval."""
    shortest, _ = bounds_of(feed.bounds, feed.kind, settings.bounds)
    longest = longest_s(feed, state, settings.bounds)
    if state.pending:
        return shortest
    rate = _ahead(state.rhythm, now, longest)
    worth = max(_seconds(WORTH, rate), poll.hint_s or 0)
    scrolled = _seconds(SCROLLED * state.entries, max(rate, pace)) if state.entries else math.inf
    if pace and poll.new >= state.entries:  # every entry is new, so there may have been more
        scrolled = min(scrolled, state.interval_s / 2)
    return round(max(min(worth, scrolled, longest), shortest))


def longest_s(feed: FeedSpec, state: FeedState, groups: Mapping[str, Bounds]) -> int:
    """Return the longest interval of a feed that answers, in seconds: its objective, within its bounds."""
    shortest, longest = bounds_of(feed.bounds, feed.kind, groups)
    costly = (state.unchanged_bytes or 0) > CHEAP_BYTES
    return max(min(TIERS[feed.tier] * (STRETCH if costly else 1), longest), shortest)


def _seconds(entries: float, an_hour: float) -> float:
    return 3600 * entries / an_hour if an_hour else math.inf


def _ahead(rhythm: Sequence[float], now: datetime, seconds: float) -> float:
    """Return the highest known rate of the hours of the day that the next ``seconds`` touch."""
    last = now.hour + int((now.minute * 60 + seconds) / 3600)
    return max((rhythm[hour % 24] for hour in range(now.hour, last + 1)), default=0.0) if rhythm else 0.0


def learned(state: FeedState, poll: Poll, now: datetime) -> list[float]:
    """Return the entries per hour of a feed for each hour of the day in UTC, as known after ``poll``."""
    since = state.last_success_at
    if since is None:
        return [_first_rate(poll.published, now)] * 24
    if now <= since:
        return state.rhythm
    rate = poll.new / ((now - since) / HOUR)
    known = state.rhythm or [0.0] * 24
    shares = _shares(max(since, now - LONGEST_LOOK_BACK), now)
    return [round(old + (rate - old) * share, 5) for old, share in zip(known, shares, strict=True)]


def _first_rate(published: Sequence[datetime], now: datetime) -> float:
    """Return the rate of the newer half of a feed's entries, because others may be very old."""
    newer = sorted(each for each in published if each < now)[len(published) // 2 :]
    return round(len(newer) / max((now - newer[0]) / HOUR, 1.0), 5) if newer else 0.0


@lru_cache(maxsize=1024)
def _shares(since: datetime, now: datetime) -> tuple[float, ...]:
    """Return how much an observation between two instants counts for each hour of the day, from 0 to 1.

    Cached, because the feeds of one run are polled at one instant, and most of them again at another.
    """
    return tuple(-math.expm1(-hours / MEMORY_H) for hours in _watched(since, now))


def _watched(since: datetime, now: datetime) -> list[float]:
    """Return how much of each hour of the day, in hours, lies between two instants."""
    hours = [0.0] * 24
    while since < now:
        end = min(now, since.replace(minute=0, second=0, microsecond=0) + HOUR)
        hours[since.hour] += (end - since) / HOUR
        since = end
    return hours


def next_due(feed: str, now: datetime, seconds: float) -> datetime:
    """Return ``now`` plus ``seconds`` minus up to a tenth, to spread the feeds; always the same for a feed and time."""
    share = int(content_id(feed, now.isoformat()), 16) / 2**64
    return now + timedelta(seconds=seconds * (1 - 0.1 * share))


def backoff_s(state: FeedState, failure: Failed) -> float:
    """Return the seconds to wait after ``failure``: linear in the failures so far, and at most a day."""
    weight = state.failure_weight + failure.weight
    return max(min(state.interval_s * (1 + weight), LONGEST_BACKOFF_S), failure.retry_after_s or 0)


def after_redirect(state: FeedState, moved_to: str | None, *, believe_after: int = 3) -> FeedState:
    """Record a permanent redirect; follow it for good once it has been seen ``believe_after`` times in a row."""
    if moved_to is None or moved_to == state.url:
        return replace(state, redirect_url=None, redirect_count=0) if state.redirect_url else state
    count = state.redirect_count + 1 if moved_to == state.redirect_url else 1
    if count < believe_after:
        return replace(state, redirect_url=moved_to, redirect_count=count)
    return replace(state, url=moved_to, redirect_url=None, redirect_count=0)


def after_failure(state: FeedState, failure: Failed, now: datetime) -> FeedState:
    """Return the state after a failed attempt; a moved feed that keeps failing returns to its listed address."""
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
    """Return the state of a feed that its publisher has retired (410)."""
    due_at = now + timedelta(seconds=GONE_S)
    return replace(
        state, last_fetched_at=now, health="gone", last_error="retired by its publisher (410)", next_due_at=due_at
    )


def after_success(
    feed: FeedSpec, state: FeedState, poll: Poll, now: datetime, settings: FetchSettings, **told: Any
) -> FeedState:
    """Return the state after an answer that was read, or that said "not modified"; ``told`` are fields it sets."""
    since = state.last_success_at
    pace = poll.new / ((now - since) / HOUR) if since and since < now else 0.0
    known = replace(
        state,
        rhythm=learned(state, poll, now),
        unchanged_bytes=state.unchanged_bytes if poll.cost is None else poll.cost,
        last_fetched_at=now,
        last_success_at=now,
        first_fetched_at=state.first_fetched_at or now,
        consecutive_failures=0,
        failure_weight=0.0,
        last_error=None,
        **told,
    )
    interval_s = next_interval(feed, known, poll, now, settings, pace=pace)
    return replace(known, interval_s=interval_s, next_due_at=next_due(state.feed, now, interval_s))
