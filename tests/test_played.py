"""Four days of feeds by a played clock, at the shipped schedule: how late entries are noticed, and what it costs."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from playedfeeds import START, PlayedFeed, feed, percentile, play

from flows.sources.objectives import parse_groups

EVERY_S = yaml.safe_load((Path(__file__).parent.parent / "flows" / "prefect.yaml").read_text())["deployments"][0][
    "schedules"
][0]["interval"]
ALIKE = 6
"""Feeds of each rhythm: of three entries a day, one feed shows too few in four days to tell."""


def alike(name: str, tier: str, *, shows: int, a_day: float) -> list[PlayedFeed]:
    return [feed(f"{name}-{number}", tier, shows=shows, a_day=a_day) for number in range(ALIKE)]


def waits(feeds: Sequence[PlayedFeed]) -> list[float]:
    return sorted(wait for each in feeds for wait in each.waits(START))


@pytest.mark.parametrize(
    ("tier", "shows", "a_day", "median", "p95"),
    [
        ("fast", 30, 40, 3, 6),
        ("fast", 100, 120, 3, 6),
        ("normal", 20, 3, 8, 20),
        ("flash", 20, 400, 1, 3),
        ("slow", 10, 2, 65, 125),
    ],
)
def test_what_is_published_is_noticed_within_the_objective(
    tier: str, shows: int, a_day: float, median: float, p95: float
) -> None:
    """In minutes from publication to the poll that meets it; nothing scrolls by."""
    feeds = alike(tier, tier, shows=shows, a_day=a_day)
    play(feeds, every_s=EVERY_S)
    assert percentile(waits(feeds), 0.5) <= median
    assert percentile(waits(feeds), 0.95) <= p95
    assert sum(each.missed() for each in feeds) == 0


def test_a_busy_feed_loses_nothing_in_any_tier() -> None:
    """Twenty entries and four hundred a day: the rhythm shortens what the objective would allow."""
    feeds = [feed(tier, tier, shows=20, a_day=400) for tier in ("fast", "normal", "slow")]
    play(feeds, every_s=EVERY_S)
    assert [each.missed() for each in feeds] == [0, 0, 0]
    assert percentile(waits(feeds), 0.95) <= 5


def test_a_burst_is_followed_at_once() -> None:
    """A quiet feed of ten entries that suddenly brings one a minute for two hours loses none after the first poll."""
    quiet = feed("quiet", "normal", shows=10, a_day=2)
    burst = [START + timedelta(days=2, minutes=n) for n in range(120)]
    quiet.published = sorted([*quiet.published, *burst])
    play([quiet], days=2.5, every_s=EVERY_S)
    assert quiet.missed() <= 5
    late = [(at - quiet.published[n]).total_seconds() for n, at in quiet.stored.items() if quiet.published[n] in burst]
    assert sorted(late)[len(late) // 2] <= 180


def test_a_cycle_every_five_minutes_serves_the_objectives_it_can() -> None:
    """Without a server, by a timer of five minutes: `fast` is met, nothing waits for an hour."""
    feeds = alike("timer", "fast", shows=30, a_day=40)
    play(feeds, every_s=300)
    assert percentile(waits(feeds), 0.5) <= 3
    assert percentile(waits(feeds), 0.95) <= 6


def test_what_asking_costs() -> None:
    """A poll of a feed that says "unchanged" costs a request; every thirteenth in a row is a whole body, to be sure."""
    (quiet,) = feeds = [feed("quiet", "normal", shows=20, a_day=0.2)]
    play(feeds, every_s=EVERY_S)
    assert quiet.requests / 4 == pytest.approx(96, rel=0.05)
    assert quiet.wire_bytes / 4 <= 10 * quiet.body_bytes


def test_a_server_that_sends_everything_each_time_is_asked_half_as_often() -> None:
    """300 kB a poll would be 28 MB a day; the objective stretches to twice."""
    (large,) = feeds = [feed("large", "normal", shows=20, a_day=3, body_bytes=300_000, says_unchanged=False)]
    play(feeds, every_s=EVERY_S)
    assert large.requests / 4 <= 55
    assert percentile(large.waits(START), 0.95) <= 31


def test_a_groups_minimum_is_kept() -> None:
    """A minimum of ten minutes for a group is never undercut, however busy its feeds are."""
    wire = feed("wire", "flash", shows=20, a_day=400, kind="wire")
    play([wire], days=1, every_s=EVERY_S, bounds=parse_groups("wire=10m-"))
    polls = sorted(set(wire.stored.values()))
    assert min(after - before for before, after in pairwise(polls)) >= timedelta(minutes=10)
