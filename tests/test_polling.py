"""When feeds are polled, and how they are said to do: pure decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.sources import dialing, health, polling
from flows.sources.language import language_of
from flows.sources.politeness import retry_after_s
from flows.sources.records import Failed, FeedSpec, FeedState, FetchFacts, FetchSettings, Trouble

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
    assert [turn.feed.id for turn in polling.due(feeds, states, NOW)] == ["d", "b", "a"]


@pytest.mark.parametrize(
    ("overlap", "hint", "expected"),
    [
        (0.9, None, 1350),
        (0.5, None, 900),
        (0.1, None, 450),
        (None, None, 1125),
        (0.1, 1800, 1800),
        (0.1, 86_400, 3600),
        (0.0, None, 450),
    ],
)
def test_the_interval_follows_the_overlap(overlap: float | None, hint: int | None, expected: int) -> None:
    """Mostly known: less often; mostly new: more often; ttl and max-age slow down to an hour at most."""
    assert polling.next_interval(STATE, overlap, hint, SETTINGS) == expected


def test_the_interval_stays_within_bounds() -> None:
    """Between five minutes and six hours."""
    state = STATE
    for overlap in [0.0] * 20:
        state = replace(state, interval_s=polling.next_interval(state, overlap, None, SETTINGS))
    assert state.interval_s == SETTINGS.min_interval_s
    for overlap in [1.0] * 40:
        state = replace(state, interval_s=polling.next_interval(state, overlap, None, SETTINGS))
    assert state.interval_s == SETTINGS.max_interval_s


def test_jitter_spreads_feeds_and_is_repeatable() -> None:
    """The same feed at the same time waits the same; feeds differ; nobody strays by more than a twentieth."""
    waits = {(polling.next_due(f"f{n}", NOW, 1000) - NOW).total_seconds() for n in range(50)}
    assert len(waits) == 50
    assert all(950 <= wait <= 1050 for wait in waits)
    assert polling.next_due("f", NOW, 10) == polling.next_due("f", NOW, 10)


def test_backoff_is_linear_and_ends_at_a_day() -> None:
    """Each hard failure adds an interval; Retry-After is the least."""
    failure = Failed(url="u", trouble=Trouble.HTTP_STATUS, reason="HTTP 404", weight=1.0)
    assert [polling.backoff_s(replace(STATE, failure_weight=n), failure) for n in (0, 1, 2)] == [1800, 2700, 3600]
    assert polling.backoff_s(replace(STATE, failure_weight=1e6), failure) == 24 * 3600
    assert polling.backoff_s(STATE, replace(failure, retry_after_s=7200)) == 7200


def test_304_is_asked_for_only_where_it_can_be_believed() -> None:
    """Not while entries wait, nor for an audit, nor of a server that lied twice."""
    assert polling.conditional(STATE)
    assert not polling.conditional(replace(STATE, pending=1))
    assert not polling.conditional(replace(STATE, polls_since_full=polling.AUDIT_AFTER))
    assert not polling.conditional(replace(STATE, lying_304=polling.LIES))


def test_a_permanent_redirect_must_repeat_in_a_row() -> None:
    """Two, an interruption, and three more."""
    state, seen = STATE, []
    for target in ["https://b.example/"] * 2 + [None] + ["https://b.example/"] * 3:
        state = polling.after_redirect(state, target)
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
        ("99999999999", 86_400), ("soon", None), ("", None), (None, None), ("-5", None),
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
    assert not dialing.is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses_are_dialled(address: str) -> None:
    """Everything else is the internet."""
    assert dialing.is_public(address)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Putin warns NATO that supplying Tomahawk missiles to Ukraine would be a new stage of escalation", "en"),
        ("Tomahawk missiles", "en"),
        ("", "en"),
        ("Россия предупреждает", "ru"),
        ("Президент России заявил, что поставки ракет большой дальности станут новым этапом эскалации", "ru"),
        ("Le président russe a averti que la livraison de missiles serait une nouvelle étape de l'escalade", "fr"),
        ("Der russische Präsident warnte, die Lieferung von Raketen wäre eine neue Stufe der Eskalation", "de"),
        ("El presidente ruso advirtió que la entrega de misiles sería una nueva etapa de la escalada", "es"),
        ("북한은 미사일 발사를 경고했다", "ko"),
    ],
)  # fmt: skip
def test_the_language_is_told_where_there_is_enough_to_tell(text: str, language: str) -> None:
    """Short texts are what the feed says they are, unless their alphabet gives them away."""
    assert language_of(text) == language
