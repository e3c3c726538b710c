"""Feeds that publish by a played clock, polled as the shipped schedule and the policy would: no network, no waiting."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from flows.sources import schedule
from flows.sources.feed_records import FeedSpec, FeedState, FetchSettings
from flows.sources.objectives import Bounds
from flows.sources.schedule import Poll

START = datetime(2026, 11, 23, tzinfo=UTC)
DAYTIME = range(6, 22)
"""Hours in which a newsroom brings out most of its news."""
BY_DAY = 0.9
"""That share of them."""
LATE_S = 8.0
"""Seconds after its time at which a run may look for feeds that are due."""


@dataclass
class PlayedFeed:
    """What a feed publishes and shows, and what a monitor knows of it."""

    spec: FeedSpec
    published: Sequence[datetime]
    shows: int
    body_bytes: int = 20_000
    says_unchanged: bool = True
    """Whether its server answers 304."""
    hint_s: int | None = None
    state: FeedState | None = None
    seen: int = 0
    """How many entries were published by the last poll."""
    stored: dict[int, datetime] = field(default_factory=dict)
    """When each entry was first met, by number."""
    requests: int = 0
    wire_bytes: int = 0

    def poll(self, now: datetime, settings: FetchSettings) -> None:
        """Ask the feed once, and let the policy say when it is asked again."""
        state = self.state or FeedState(feed=self.spec.id, url=self.spec.url, listed_url=self.spec.url)
        by_now = bisect_right(self.published, now)
        first = max(0, by_now - self.shows)
        new = range(max(self.seen, first), by_now)
        unchanged = not new and self.says_unchanged and self.state is not None and schedule.conditional(state)
        self.requests += 1
        self.wire_bytes += 0 if unchanged else self.body_bytes
        asked_in_vain = None if new or (not schedule.conditional(state)) else 0 if unchanged else self.body_bytes
        poll = Poll(new=len(new), published=[self.published[n] for n in new], cost=asked_in_vain, hint_s=self.hint_s)
        state = replace(state, entries=by_now - first, polls_since_full=state.polls_since_full + 1 if unchanged else 0)
        self.state = schedule.after_success(self.spec, state, poll, now, settings)
        self.stored |= dict.fromkeys(new, now)
        self.seen = by_now

    def waits(self, since: datetime) -> list[float]:
        """Return the seconds from publication to the poll that met it, of the entries published after ``since``."""
        met = ((at, self.published[number]) for number, at in self.stored.items())
        return sorted((at - published).total_seconds() for at, published in met if published > since)

    def missed(self) -> int:
        """Return how many entries came and went between two polls."""
        return sum(1 for number in range(min(self.stored), self.seen) if number not in self.stored)


def feed(name: str, tier: str, *, shows: int, a_day: float, days: int = 4, **about: object) -> PlayedFeed:
    """Make a feed that brings ``a_day`` entries a day at random, most by day, and did so before the clock starts."""
    dice = random.Random(name)
    published = newsroom_times(dice, a_day, START - timedelta(days=max(4.0, 2 * shows / a_day)), days)
    own = {key: about.pop(key) for key in ("kind", "bounds") if key in about}
    spec = FeedSpec(id=name, outlet=name, url=f"https://{name}.example/feed", tier=tier, **own)  # type: ignore[arg-type]
    return PlayedFeed(spec, published, shows, **about)  # type: ignore[arg-type]


def newsroom_times(dice: random.Random, a_day: float, begin: datetime, days: int) -> list[datetime]:
    """Return the instants of publication from ``begin`` to ``days`` after the clock starts."""
    peak = max(BY_DAY / len(DAYTIME), (1 - BY_DAY) / (24 - len(DAYTIME))) * a_day
    at, times = begin, []
    while at < START + timedelta(days=days):
        at += timedelta(hours=dice.expovariate(peak))
        rate = BY_DAY / len(DAYTIME) if at.hour in DAYTIME else (1 - BY_DAY) / (24 - len(DAYTIME))
        if dice.random() < rate * a_day / peak:
            times.append(at)
    return times


def play(
    feeds: Sequence[PlayedFeed], *, days: float = 4, every_s: float = 60, bounds: dict[str, Bounds] | None = None
) -> None:
    """Let the clock run, a cycle every so many seconds; each begins some seconds late, as runs do."""
    settings, dice = FetchSettings(bounds=bounds or {}), random.Random(1)
    by_id = {each.spec.id: each for each in feeds}
    specs = [each.spec for each in feeds]
    for number in range(int(days * 86_400 / every_s)):
        now = START + timedelta(seconds=number * every_s + dice.uniform(0, LATE_S))
        states = {name: each.state for name, each in by_id.items() if each.state}
        for due_feed in schedule.due(specs, states, now, bounds):
            by_id[due_feed.feed.id].poll(now, settings)


def percentile(times: Sequence[float], share: float) -> float:
    """Return the time within which that share of sorted ``times`` lies, in minutes."""
    return times[min(len(times) - 1, int(share * len(times)))] / 60
