"""A clock that jumps ten days ahead and comes back: what was put off meanwhile does not wait for that date."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from news_examples import alert
from transactions import transact
from warehouses import new_warehouse

from alerts.policy.routing import QuietHours, Routing, Silence
from extractors.records import Alert, DeliveryStatus
from flows.settings import Settings
from flows.sources import schedule, websub
from flows.sources.feed_records import FeedForUpdate, FeedSpec, FeedState, FeedUpdate, FetchFacts, FetchSettings
from flows.sources.websub import Subscription
from flows.steps import ingest, notify
from warehouse.clock import bring_back
from warehouse.connection import transaction
from warehouse.store import Warehouse
from warehouse.tables.alerts import mute, mutes_in_force, save_alerts
from warehouse.tables.articles import save_feeds
from warehouse.tables.outbox import claim_alerts, record_delivery, waiting_on

NOW = datetime(2026, 11, 29, 6, tzinfo=UTC)
JUMP = timedelta(days=10)
THEN = NOW + JUMP
LEASE = timedelta(minutes=2)
FEED = FeedSpec(id="f", outlet="f", url="https://f.example/")


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "w.duckdb")


def decided(warehouse: Warehouse, *alerts: Alert, at: datetime) -> None:
    with transaction(warehouse.path) as connection:
        save_alerts(connection, alerts, now=at)


def owed(warehouse: Warehouse, *, at: datetime) -> list[str]:
    return [each.alert.id for each in transact(warehouse, claim_alerts, route="slack", now=at, lease=LEASE)]


def back(warehouse: Warehouse, *, at: datetime = NOW) -> list[str]:
    return transact(warehouse, bring_back, now=at, lease=LEASE)


def test_a_lease_taken_by_a_clock_that_was_ahead_ends_when_a_lease_can(warehouse: Warehouse) -> None:
    """Not at once: its holder may still be sending. It is said once."""
    decided(warehouse, alert(1), at=NOW)
    assert len(owed(warehouse, at=THEN)) == 1
    assert back(warehouse) == [
        "The clock has gone back: 1 alert leased for longer than a lease lasts, free from 29 Nov 06:02 UTC"
    ]
    assert back(warehouse, at=NOW + timedelta(minutes=1)) == []
    assert owed(warehouse, at=NOW + timedelta(minutes=1)) == []
    assert len(owed(warehouse, at=NOW + LEASE)) == 1


def test_what_was_to_be_tried_again_in_ten_days_is_tried_now(warehouse: Warehouse) -> None:
    """However short the wait was by the clock that was ahead."""
    decided(warehouse, alert(1), alert(2), at=NOW)
    failed, soon = owed(warehouse, at=THEN), THEN + timedelta(seconds=15)
    transact(
        warehouse,
        record_delivery,
        failed,
        route="slack",
        status=DeliveryStatus.RETRY,
        now=THEN,
        error="x",
        retry_at=soon,
    )
    assert owed(warehouse, at=NOW) == []
    assert back(warehouse) == ["The clock has gone back: 2 alerts scheduled for a retry too far ahead, tried now"]
    assert sorted(owed(warehouse, at=NOW)) == sorted(failed)


def test_what_quiet_hours_held_back_by_a_clock_that_was_ahead_is_sent(warehouse: Warehouse) -> None:
    """What such a clock decided counts as of now: otherwise nobody would be told that it does not arrive."""
    held = QuietHours(start="05:00", end="07:00").until(THEN, ZoneInfo("UTC"))
    decided(warehouse, replace(alert(1), not_before=held), alert(2), at=THEN)
    assert back(warehouse) == ["The clock has gone back: 1 alert held back until a date too far ahead, sent now"]
    assert transact(warehouse, waiting_on, route="slack", now=NOW).since == NOW
    assert len(owed(warehouse, at=NOW)) == 2


def test_a_mute_made_by_a_clock_that_was_ahead_keeps_its_span(warehouse: Warehouse) -> None:
    """Three days are three days; one for good stays so."""
    transact(warehouse, mute, "kh-101", now=THEN, until=THEN + timedelta(days=3))
    transact(warehouse, mute, "RU", now=THEN)
    assert back(warehouse) == [
        "The clock has gone back: the mute of kh-101 began in the future, and ends on 2 Dec 06:00 UTC"
    ]
    assert [mute.subject for mute in transact(warehouse, mutes_in_force, NOW + timedelta(days=2))] == ["RU", "kh-101"]
    assert [mute.subject for mute in transact(warehouse, mutes_in_force, NOW + timedelta(days=3))] == ["RU"]


def test_without_a_jump_nothing_is_touched(warehouse: Warehouse) -> None:
    """Leases, retries, quiet hours and mutes of now stay as they are, also where another host is a minute ahead."""
    ahead = NOW + timedelta(minutes=1)
    decided(warehouse, alert(1), at=NOW)
    later = owed(warehouse, at=NOW)
    transact(
        warehouse,
        record_delivery,
        later,
        route="slack",
        status=DeliveryStatus.RETRY,
        now=ahead,
        retry_at=NOW + 3 * LEASE,
    )
    decided(warehouse, replace(alert(2), not_before=NOW + timedelta(hours=24)), at=ahead)
    transact(warehouse, mute, "kh-101", now=ahead, until=NOW + timedelta(days=365))
    assert back(warehouse) == []
    assert owed(warehouse, at=NOW) == []


def test_a_silence_that_a_clock_ahead_saw_end_holds_again() -> None:
    """Silences are asked by the time of each alert, and remember nothing."""
    routing = Routing(silences=(Silence(weapons=("kh-101",), until="2026-12-05"),))
    assert [len(routing.silences_at(at)) for at in (NOW, THEN, NOW)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (FeedState(feed="f", url=FEED.url, next_due_at=NOW + timedelta(minutes=15), interval_s=900), False),
        (FeedState(feed="f", url=FEED.url, next_due_at=THEN, interval_s=900), True),
        (FeedState(feed="f", url=FEED.url, next_due_at=NOW + timedelta(hours=3), interval_s=900), True),
        (FeedState(feed="f", url=FEED.url, next_due_at=NOW + timedelta(hours=23), consecutive_failures=9), False),
        (FeedState(feed="f", url=FEED.url, next_due_at=THEN, consecutive_failures=9), True),
        (FeedState(feed="f", url=FEED.url, next_due_at=THEN, health="gone"), False),
        (FeedState(feed="f", url=FEED.url, next_due_at=NOW + timedelta(days=40), health="gone"), True),
    ],
)
def test_a_feed_due_later_than_its_longest_wait_is_due(state: FeedState, due: bool) -> None:
    """An interval for one that answers, a day for one that fails, a month for one that is gone."""
    assert [due_feed.feed.id for due_feed in schedule.due([FEED], {"f": state}, NOW)] == ["f"] * due
    assert schedule.beyond_reach(state, NOW) == due


@pytest.mark.parametrize("bounds", ["30s-30s", "", "48h-72h"])
def test_a_feed_that_answered_by_a_clock_ahead_is_due_whatever_its_bounds(bounds: str) -> None:
    """Its last answer lies ahead too. By a clock that is right it waits as its bounds say, and no clock is blamed."""
    feed, unknown = replace(FEED, bounds=bounds), FeedState(feed="f", url=FEED.url, listed_url=FEED.url)
    for at, due in ((NOW, []), (THEN, [feed])):
        state = schedule.after_success(feed, unknown, schedule.Poll(), at, FetchSettings())
        assert [due_feed.feed for due_feed in schedule.due([feed], {"f": state}, NOW)] == due
        assert schedule.beyond_reach(state, NOW) == bool(due)


SUBSCRIBED = Subscription(
    feed="f", hub="https://hub.example/", topic="https://f.example/feed", attempts=1, ask_at=NOW
)  # fmt: skip
ASKS = {
    "asked": ({}, 0),
    "asked for the fifth time": ({}, 4),
    "granted for the shortest time": ({"hub.mode": "subscribe", "hub.lease_seconds": "300"}, 0),
    "granted for ten days": ({"hub.mode": "subscribe", "hub.lease_seconds": "864000"}, 0),
    "granted for the longest time": ({"hub.mode": "subscribe", "hub.lease_seconds": "99999999"}, 0),
    "to be renewed": ({"hub.mode": "subscribe", "hub.lease_seconds": "300"}, 1),
    "denied": ({"hub.mode": "denied"}, 0),
    "denied, asked again": ({"hub.mode": "denied"}, 1),
}


def subscribed(answer: dict[str, str], asks: int, at: datetime) -> Subscription:
    """Return a subscription after a hub answered at an instant, and was asked so often again, the last time then."""
    known = websub.answered(SUBSCRIBED, {"hub.topic": SUBSCRIBED.topic, **answer}, at) if answer else None
    state = {"f": FeedState(feed="f", url=FEED.url, hub=SUBSCRIBED.hub, topic=SUBSCRIBED.topic)}
    for _ in range(asks if answer else asks + 1):
        (known,) = websub.to_ask([FEED], state, {"f": replace(known, ask_at=at)} if known else {}, at)
    assert known is not None
    return known


@pytest.mark.parametrize("jump", [timedelta(0), timedelta(minutes=1), timedelta(minutes=3), JUMP, timedelta(days=100)])
@pytest.mark.parametrize("what", ASKS)
def test_a_hub_that_was_asked_by_a_clock_ahead_is_asked_at_once(what: str, jump: timedelta) -> None:
    """Whatever it answered, and however short the jump: that its lease has run out nobody would notice otherwise."""
    known = subscribed(*ASKS[what], at=NOW + jump)
    state = {"f": FeedState(feed="f", url=FEED.url, hub=known.hub, topic=known.topic)}
    ahead = jump > timedelta(minutes=2)
    assert websub.beyond_reach(known, NOW) == ahead
    again = websub.to_ask([FEED], state, {"f": known}, NOW)
    assert len(again) == ahead
    assert all(NOW < each.ask_at <= NOW + websub.LONGEST_WAIT for each in again)
    assert not any(websub.beyond_reach(each, NOW) for each in again), "once"


def test_a_lease_does_not_last_longer_for_its_sender_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender's own clock runs on, and jumps ahead with the machine's."""
    wall, ticks = [THEN], [100.0]
    monkeypatch.setattr(notify, "clock", lambda: wall[0])
    monkeypatch.setattr(notify, "time", SimpleNamespace(monotonic=lambda: ticks[0]))
    steady = notify.steady_clock()
    wall[0], ticks[0] = NOW, 107.0
    assert steady() == THEN + timedelta(seconds=7)
    wall[0] = THEN + JUMP
    assert steady() == THEN + JUMP


def test_feeds_put_off_by_a_clock_that_was_ahead_are_asked_and_named(
    seeds: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """All of them were fetched at a date to come; each is asked at once, and one line says so."""
    (tmp_path / "feeds.csv").write_bytes((seeds / "feeds.csv").read_bytes())
    settings = Settings(warehouse=tmp_path / "w.duckdb", seeds=tmp_path, _env_file=None)
    new_warehouse(settings.warehouse)
    due_feeds = ingest.due_feeds(settings, now=THEN)
    with transaction(settings.warehouse) as connection:
        rows = [ingest.rows_of(fetched(due_feed)) for due_feed in due_feeds]
        save_feeds(connection, rows, now=THEN)
    assert ingest.due_feeds(settings, now=THEN + timedelta(seconds=30)) == []
    assert "The clock has gone back" not in caplog.text
    assert len(ingest.due_feeds(settings, now=NOW)) == len(due_feeds)
    (said,) = re.findall(r"feeds scheduled too far ahead are polled now: (.+) and (\d+) more", caplog.text)
    assert len(said[0].split(", ")) + int(said[1]) == len(due_feeds)


def fetched(due_feed: FeedForUpdate) -> FeedUpdate:
    facts = FetchFacts(feed=due_feed.feed.id, started_at=THEN, duration_s=0.1, outcome="unchanged")
    return FeedUpdate(
        feed=due_feed.feed,
        state=schedule.after_success(due_feed.feed, due_feed.state, schedule.Poll(), THEN, FetchSettings()),
        facts=facts,
    )
