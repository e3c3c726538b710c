"""When feeds are polled, and how they are said to do: pure decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.sources import health, schedule
from flows.sources.feed_records import Failed, FeedSpec, FeedState, FetchFacts, FetchSettings, Trouble
from flows.sources.http import address_guard
from flows.sources.http.politeness import retry_after_s
from flows.sources.objectives import parse_groups
from flows.sources.schedule import Poll

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HOME = "https://a.example/"
STATE = FeedState(feed="f", url=HOME, listed_url=HOME, first_fetched_at=NOW, last_success_at=NOW)
FACTS = FetchFacts(feed="f", started_at=NOW, duration_s=0.1, outcome="updated")
SETTINGS = FetchSettings()


def test_new_feeds_come_first_then_the_longest_overdue() -> None:
    """A feed is due when its time has come, or when it was never polled."""
    feeds = [FeedSpec(id=name, outlet=name, url=f"https://{name}.example/") for name in "abcd"]
    states = {
        "a": FeedState(feed="a", url="https://a.example/", next_due_at=NOW - timedelta(hours=1)),
        "b": FeedState(feed="b", url="https://b.example/", next_due_at=NOW - timedelta(hours=2)),
        "c": FeedState(feed="c", url="https://c.example/", next_due_at=NOW + timedelta(seconds=1)),
    }
    assert [due_feed.feed.id for due_feed in schedule.due(feeds, states, NOW)] == ["d", "b", "a"]


FEED = FeedSpec(id="f", outlet="F", url=HOME, tier="fast")
KNOWN = replace(STATE, entries=30, rhythm=[1.0] * 24)


def interval(
    poll: Poll | None = None, *, state: FeedState = KNOWN, feed: FeedSpec = FEED, at: datetime = NOW, minutes: float = 5
) -> int:
    """Return the interval after an answer that came so long after the last one."""
    state = replace(state, last_success_at=at - timedelta(minutes=minutes))
    return schedule.after_success(feed, state, poll or Poll(), at, SETTINGS).interval_s


@pytest.mark.parametrize(("tier", "seconds"), [("flash", 60), ("fast", 300), ("normal", 900), ("slow", 7200)])
def test_a_feed_is_never_asked_later_than_its_objective(tier: str, seconds: int) -> None:
    """Also one that has brought nothing for days, while asking in vain is cheap."""
    state = replace(KNOWN, rhythm=[0.01] * 24, unchanged_bytes=0)
    assert interval(state=state, feed=replace(FEED, tier=tier), minutes=5760) == seconds


def test_a_busy_feed_is_asked_sooner() -> None:
    """One entry every three minutes: asked every 72 s, so that two of five polls bring something."""
    assert interval(Poll(new=2), state=replace(KNOWN, entries=1000, rhythm=[20.0] * 24)) == pytest.approx(72, abs=1)


def test_a_feed_is_asked_more_in_its_busy_hours() -> None:
    """Sixty entries between 8 and 10 in the morning, none at night: the next hour's pace counts in advance."""
    rhythm = [30.0 if hour in {8, 9} else 0.0 for hour in range(24)]
    state = replace(KNOWN, entries=1000, rhythm=rhythm)
    at = {hour: interval(state=state, at=NOW + timedelta(hours=hour)) for hour in (3, 7.95, 8.5, 9.5, 12)}
    assert at == pytest.approx({3: 300, 7.95: 48, 8.5: 49, 9.5: 49, 12: 300}, abs=1)


@pytest.mark.parametrize(
    ("entries", "new", "minutes", "expected"),
    [(20, 20, 15, 225), (20, 10, 15, 450), (20, 3, 15, 900), (20, 20, 1, 30), (20, 20, 1800, 450)],
)
def test_entries_that_may_scroll_by_shorten_the_interval_at_once(
    entries: int, new: int, minutes: int, expected: int
) -> None:
    """At the last pace a quarter of the feed may be replaced; where that is not known, the interval is halved."""
    state = replace(STATE, entries=entries, rhythm=[0.0] * 24)
    assert interval(Poll(new=new), state=state, feed=replace(FEED, tier="normal"), minutes=minutes) == expected


def test_hints_of_the_publisher_hold_back_what_only_the_rhythm_asks_for() -> None:
    """A cache of two minutes makes sooner polls useless; no hint makes a feed later than its objective."""
    busy = replace(KNOWN, entries=1000, rhythm=[60.0] * 24)
    assert interval(state=busy) == 30
    assert interval(Poll(hint_s=120), state=busy) == 120
    assert interval(Poll(hint_s=3600), state=busy) == 300


def test_a_server_that_never_says_unchanged_may_be_asked_half_as_often() -> None:
    """Where asking in vain costs a large body each time, the objective may be stretched to twice, not further."""
    large, quiet = 300_000, replace(KNOWN, rhythm=[0.1] * 24)
    assert interval(Poll(cost=large), state=quiet) == 600
    assert interval(Poll(cost=large, hint_s=86_400), state=quiet) == 600
    assert interval(Poll(cost=20_000), state=quiet) == 300
    assert interval(Poll(cost=0), state=replace(quiet, unchanged_bytes=large)) == 300


@pytest.mark.parametrize(
    ("own", "groups", "expected"),
    [
        ("", "", 300),
        ("", "10m-", 600),
        ("", "-2m", 120),
        ("", "10m- wire=1m-3m", 180),
        ("4m-4m", "10m- wire=1m-3m", 240),
        ("12h-", "", 43_200),
        ("-10s", "", 10),
        ("", "press=1h-", 300),
    ],
)
def test_bounds_are_the_feeds_then_its_groups_then_the_settings(own: str, groups: str, expected: int) -> None:
    """Whoever is more specific wins, also over the objective."""
    feed = replace(FEED, kind="wire", bounds=own)
    settings = FetchSettings(bounds=parse_groups(groups))
    assert schedule.after_success(feed, KNOWN, Poll(), NOW + timedelta(minutes=5), settings).interval_s == expected


@pytest.mark.parametrize("text", ["5", "m-h", "5m", "-", "2h-1h", "wire", "a=b=c", "1d-", "-0s"])
def test_wrong_bounds_are_refused(text: str) -> None:
    """The message shows what was written."""
    with pytest.raises(ValueError, match=r"is (not )?an interval"):
        parse_groups(text)


def test_a_rhythm_is_there_after_the_first_fetch() -> None:
    """The newer half of the dated entries tells the pace; a pinned one of last year does not count."""
    first = FeedState(feed="f", url=HOME, listed_url=HOME)
    published = [NOW - timedelta(days=365), *(NOW - timedelta(hours=n) for n in range(1, 20))]
    assert set(schedule.learned(first, Poll(new=20, published=published), NOW)) == {1.0}
    assert set(schedule.learned(first, Poll(new=20), NOW)) == {0.0}


def test_a_rhythm_is_learned_by_the_hour() -> None:
    """Only the hours that were watched change, the longer the more; a clock that went back teaches nothing."""
    rhythm = schedule.learned(KNOWN, Poll(new=4), NOW + timedelta(hours=2))
    assert rhythm[0] == rhythm[1] == pytest.approx(1.22, abs=0.01)
    assert set(rhythm[2:]) == {1.0}
    assert schedule.learned(KNOWN, Poll(new=4), NOW - timedelta(hours=2)) == KNOWN.rhythm


def test_another_tier_in_the_list_holds_at_once() -> None:
    """A feed that was to rest for two hours is asked a minute after its last answer once the list says flash."""
    state = replace(STATE, next_due_at=NOW + timedelta(hours=2), interval_s=7200)
    flash = replace(FEED, tier="flash")
    assert schedule.due([flash], {"f": state}, NOW + timedelta(seconds=61)) != []
    assert schedule.due([flash], {"f": replace(state, consecutive_failures=1)}, NOW + timedelta(seconds=61)) == []


def test_a_feed_is_asked_a_little_early_but_never_before_its_minimum() -> None:
    """So that a run that begins some seconds early does not leave it to the next; what Retry-After asks is kept."""
    state = replace(STATE, next_due_at=NOW + timedelta(minutes=5), interval_s=300)
    asked = NOW + timedelta(minutes=5, seconds=-14)
    assert schedule.due([FEED], {"f": state}, asked) != []
    assert schedule.due([replace(FEED, bounds="5m-")], {"f": state}, asked) == []
    assert schedule.due([FEED], {"f": replace(state, consecutive_failures=1)}, asked) == []


def test_jitter_spreads_feeds_and_is_repeatable() -> None:
    """The same feed at the same time waits the same; feeds differ; nobody waits longer, or less by over a tenth."""
    waits = {(schedule.next_due(f"f{n}", NOW, 1000) - NOW).total_seconds() for n in range(50)}
    assert len(waits) == 50
    assert all(900 <= wait <= 1000 for wait in waits)
    assert schedule.next_due("f", NOW, 10) == schedule.next_due("f", NOW, 10)


def test_backoff_is_linear_and_ends_at_a_day() -> None:
    """Each hard failure adds an interval; Retry-After is the least."""
    failure = Failed(url="u", trouble=Trouble.HTTP_STATUS, reason="HTTP 404", weight=1.0)
    assert [schedule.backoff_s(replace(STATE, failure_weight=n), failure) for n in (0, 1, 2)] == [1800, 2700, 3600]
    assert schedule.backoff_s(replace(STATE, failure_weight=1e6), failure) == 24 * 3600
    assert schedule.backoff_s(STATE, replace(failure, retry_after_s=7200)) == 7200


def test_304_is_asked_for_only_where_it_can_be_believed() -> None:
    """Not while entries wait, nor for an audit, nor of a server that lied twice."""
    assert schedule.conditional(STATE)
    assert not schedule.conditional(replace(STATE, pending=1))
    assert not schedule.conditional(replace(STATE, polls_since_full=schedule.AUDIT_AFTER))
    assert not schedule.conditional(replace(STATE, lying_304=schedule.LIES))


def test_a_permanent_redirect_must_repeat_in_a_row() -> None:
    """Two, an interruption, and three more."""
    state, seen = STATE, []
    for target in ["https://b.example/"] * 2 + [None] + ["https://b.example/"] * 3:
        state = schedule.after_redirect(state, target)
        seen.append(state.url)
    assert seen == ["https://a.example/"] * 5 + ["https://b.example/"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"health": "ok"}, {"failure_weight": 3.0, "consecutive_failures": 3, "last_error": "HTTP 404"}, "3. time"),
        ({"health": "failing"}, {"failure_weight": 4.0}, None),
        ({"health": "failing"}, {}, "recovered"),
        ({"health": "ok"}, {"last_new_at": NOW - timedelta(days=30)}, "answers, but brought nothing new for 21 days"),
        ({"health": "quiet"}, {"last_new_at": NOW - timedelta(days=30)}, None),
        ({"health": "quiet"}, {"last_new_at": NOW}, "recovered"),
        ({"health": "ok"}, {"url": "https://b.example/"}, "moved to https://b.example/"),
        ({"health": "ok"}, {"identity_policy": "title"}, "now told apart by title"),
        ({"health": "ok"}, {}, None),
    ],
)  # fmt: skip
def test_changes_are_said_once(before: dict[str, object], after: dict[str, object], said: str | None) -> None:
    """A feed that begins to fail, goes quiet, moves, degrades or recovers is a line, the first time only."""
    old = replace(STATE, **before)  # type: ignore[arg-type]
    judged, notice = health.judge(old, replace(old, **after), FACTS, NOW)  # type: ignore[arg-type]
    assert (said in notice) if said and notice else (notice is None and said is None)
    assert judged.health in {"ok", "failing", "quiet"}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120), (" 0 ", 0), ("Sat, 21 Nov 2026 01:00:00 GMT", 3600), ("Sat, 21 Nov 2020 01:00:00 GMT", 0),
        ("99999999999", 86_400), ("²", None), ("soon", None), ("", None), (None, None), ("-5", None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    """At most a day; nonsense is nothing."""
    assert retry_after_s(header, NOW) == seconds


PRIVATE = """127.0.0.1 127.8.8.8 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 198.18.0.1
255.255.255.255 192.0.2.1 240.0.0.1 168.63.129.16 192.88.99.1 ::1 :: fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 fec0::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 2002:7f00:1:: 64:ff9b::7f00:1 64:ff9b::a00:1 2001:db8::1 no-address"""
PUBLIC = "93.184.216.34 8.8.8.8 2606:2800:220:1::1 64:ff9b::808:808 ::ffff:8.8.8.8"


@pytest.mark.parametrize("address", PRIVATE.split())
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    """Private, loopback, link-local, metadata, multicast and reserved, also inside IPv6 wrappings."""
    assert not address_guard.is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses_are_dialled(address: str) -> None:
    """Everything else is the internet."""
    assert address_guard.is_public(address)
