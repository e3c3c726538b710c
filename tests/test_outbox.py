"""Delivery: nothing lost, nothing twice, in order, at the pace the route wants."""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from news_examples import NOW, alert
from outbox_sender import SmallOutbox
from slackserver import HEALTHY, Fault, Faults, Slack, running, sometimes

from alerts.delivery.outbox import MessageUpdate, OutboxSettings, Outcome, backoff, deliver, refresh
from alerts.delivery.route import AmbiguousError, DeadLetterError, DeliveryError, Receipt, RetryError, Route, RouteError
from alerts.delivery.watchdog import watchdog
from alerts.messages import Form, Message, Pickup
from extractors.records import Alert, DeliveryStatus
from flows.settings import Settings
from flows.steps import notify as step
from flows.steps.notify import drain
from warehouse.connection import transaction
from warehouse.store import Warehouse
from warehouse.tables.alerts import save_alerts

LEASE = timedelta(seconds=120)
SETTINGS = OutboxSettings(lease=LEASE)


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


Trouble = Callable[[Message], tuple[str, DeliveryError] | None]
"""What goes wrong with a message: ``before`` or ``after`` it was stored, and the error."""


@dataclass
class FakeRoute:
    """Keeps what it is sent; ``trouble`` says what goes wrong with each message, before or after it was stored."""

    clock: Clock
    name: str = "fake"
    pause: float = 1.0
    remembers: bool = True
    trouble: Trouble = lambda _: None
    finding: DeliveryError | None = None
    takes: float = 0.0
    sent: list[tuple[datetime, Message, Receipt]] = field(default_factory=list)

    def find(
        self, alerts: Sequence[Alert], *, roots: Collection[Receipt] = (), since: datetime | None = None
    ) -> dict[str, Receipt]:
        if self.finding:
            raise self.finding
        wanted = {each.id for each in alerts}
        return {each.id: receipt for _, message, receipt in self.sent for each in message.alerts if each.id in wanted}

    def send(self, message: Message, *, parent: Receipt | None = None) -> Receipt:
        self.clock.now += timedelta(seconds=self.takes)
        when, error = self.trouble(message) or ("never", DeliveryError())
        if when == "before":
            raise error
        receipt = Receipt(channel="fake", ts=str(len(self.sent) + 1), thread=parent.ts if parent else "")
        self.sent.append((self.clock.now, message, receipt))
        if when == "after":
            raise error
        return receipt

    def said(self) -> list[str]:
        """The ids of the alerts that arrived, once for each time."""
        return [each.id for _, message, _ in self.sent for each in message.alerts]


@dataclass(frozen=True)
class Claimed:
    """A claim, as the warehouse hands it out."""

    alert: Alert
    attempts: int = 1
    parent: str | None = None
    perhaps_told_since: datetime | None = None


def run(claims: Sequence[Claimed], route: Route, clock: Clock, **options: Any) -> list[Outcome]:
    """Deliver claims whose lease begins now."""
    known: dict[str, Any] = {"until": clock.now + LEASE, "digest_above": 30, "settings": SETTINGS}
    return list(deliver(claims, route, clock=clock, sleep=clock.sleep, **(known | options)))


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at noon."""
    return Clock()


# --- the ordinary way


def test_alerts_are_delivered_one_message_per_story_and_second(clock: Clock) -> None:
    """The receipt is recorded with each; the pace is the route's."""
    route = FakeRoute(clock)
    outcomes = run([Claimed(alert(1)), Claimed(alert(2)), Claimed(alert(3, story="story-1"))], route, clock)
    assert [(outcome.alerts, outcome.status, outcome.receipt) for outcome in outcomes] == [
        ((alert(1).id, alert(3).id), DeliveryStatus.DELIVERED, "fake:1"),
        ((alert(2).id,), DeliveryStatus.DELIVERED, "fake:2"),
    ]
    assert clock.slept == [1.0]


def test_a_route_without_a_pace_is_not_slowed_down(clock: Clock) -> None:
    """A terminal prints at once."""
    run([Claimed(alert(number)) for number in range(5)], FakeRoute(clock, pause=0.0), clock)
    assert clock.slept == []


def test_a_later_report_replies_to_the_first_message_of_its_story(clock: Clock) -> None:
    """Even when that one was a reply itself."""
    route = FakeRoute(clock)
    run([Claimed(alert(1), parent="fake:7"), Claimed(alert(2), parent="fake:9:8")], route, clock)
    assert [receipt.thread for *_, receipt in route.sent] == ["7", "8"]


def test_a_flood_is_one_digest(clock: Clock) -> None:
    """What waited for a day arrives as one message."""
    route = FakeRoute(clock)
    run([Claimed(alert(number)) for number in range(200)], route, clock)
    assert [(message.form, len(message.alerts)) for _, message, _ in route.sent] == [(Form.DIGEST, 200)]


def test_more_alerts_than_a_message_can_name_are_several_messages(clock: Clock) -> None:
    """The ids of all of them must fit into its metadata."""
    route = FakeRoute(clock)
    run([Claimed(alert(number, backlog=True)) for number in range(700)], route, clock)
    assert [len(message.alerts) for _, message, _ in route.sent] == [300, 300, 100]


# --- second attempts


def test_an_alert_that_arrived_is_not_sent_again(clock: Clock) -> None:
    """The sender before died between sending and recording."""
    route = FakeRoute(clock)
    run([Claimed(alert(1))], route, clock)
    (outcome,) = run([Claimed(alert(1), attempts=2)], route, clock)
    assert (outcome.status, outcome.receipt) == (DeliveryStatus.DELIVERED, "fake:1")
    assert len(route.sent) == 1


def test_a_reply_finds_a_parent_that_was_never_recorded(clock: Clock) -> None:
    """The look-up of the first alert yields the thread of the second."""
    route = FakeRoute(clock)
    run([Claimed(alert(1))], route, clock)
    run([Claimed(alert(1), attempts=2), Claimed(alert(2, story="story-1"))], route, clock)
    assert route.sent[-1][2].thread == "1"


def test_only_second_attempts_are_looked_up(clock: Clock) -> None:
    """First attempts cannot have arrived."""
    route = FakeRoute(clock, finding=RetryError("history is closed"))
    (outcome,) = run([Claimed(alert(1))], route, clock)
    assert outcome.status is DeliveryStatus.DELIVERED


def test_nothing_is_sent_while_looking_up_fails(clock: Clock) -> None:
    """Not knowing is no reason to repeat."""
    route = FakeRoute(clock, finding=RouteError("missing_scope"))
    outcomes = run([Claimed(alert(1), attempts=2), Claimed(alert(2))], route, clock)
    assert [(len(outcome.alerts), outcome.status) for outcome in outcomes] == [(2, DeliveryStatus.RETRY)]
    assert route.sent == []


def test_a_route_that_cannot_be_asked_says_what_may_be_a_repeat(clock: Clock) -> None:
    """Better twice than never, and counted."""
    route = FakeRoute(clock, remembers=False)
    outcomes = run([Claimed(alert(1), attempts=2), Claimed(alert(2))], route, clock)
    assert [outcome.repeat for outcome in outcomes] == [True, False]


# --- trouble


def failing(when: str, error: DeliveryError, *numbers: int) -> Trouble:
    """Trouble with the messages that hold these alerts; with all of them when none is given."""
    ids = {alert(number).id for number in numbers}
    return lambda message: (when, error) if not ids or ids & {each.id for each in message.alerts} else None


def test_an_ambiguous_alert_stays_claimed_and_the_others_go_on(clock: Clock) -> None:
    """It is looked up when its lease is over."""
    route = FakeRoute(clock, trouble=failing("after", AmbiguousError("dropped"), 1))
    outcomes = run([Claimed(alert(1)), Claimed(alert(2))], route, clock)
    assert [(outcome.status, outcome.retry_at) for outcome in outcomes] == [
        (DeliveryStatus.CLAIMED, None),
        (DeliveryStatus.DELIVERED, None),
    ]


def test_a_story_waits_for_its_doubtful_alert(clock: Clock) -> None:
    """Order within a story is kept: the backlog told it first, and nobody knows whether that arrived."""
    route = FakeRoute(clock, trouble=failing("before", AmbiguousError("dropped"), 1))
    outcomes = run([Claimed(alert(1, backlog=True)), Claimed(alert(2, story="story-1"))], route, clock)
    assert [outcome.status for outcome in outcomes] == [DeliveryStatus.CLAIMED, DeliveryStatus.RETRY]
    assert outcomes[1].retry_at == NOW + LEASE
    assert route.sent == []


def test_a_short_rate_limit_is_waited_for(clock: Clock) -> None:
    """As long as Slack says, then on."""
    limits = [RetryError("429", after=7), RetryError("429", after=0)]
    route = FakeRoute(clock, trouble=lambda _: ("before", limits.pop(0)) if limits else None)
    (outcome,) = run([Claimed(alert(1))], route, clock)
    assert outcome.status is DeliveryStatus.DELIVERED
    assert clock.slept == [7.0, 1.0]


@pytest.mark.parametrize("after", [31, 3_600, 86_400])
def test_a_long_rate_limit_ends_the_run(clock: Clock, after: int) -> None:
    """Nobody sleeps longer than the lease; all of it is free again when Slack said."""
    route = FakeRoute(clock, trouble=failing("before", RetryError("429", after=after)))
    outcomes = run([Claimed(alert(1)), Claimed(alert(2))], route, clock)
    assert [outcome.status for outcome in outcomes] == [DeliveryStatus.RETRY, DeliveryStatus.RETRY]
    assert all(outcome.retry_at and outcome.retry_at >= NOW + timedelta(seconds=after) for outcome in outcomes)
    assert clock.slept == []


def test_a_closed_route_is_asked_once(clock: Clock) -> None:
    """A revoked token is not tried with every alert, and no alert is blamed."""
    asked = Mock(side_effect=failing("before", RouteError("token_revoked")))
    route = FakeRoute(clock, trouble=asked)
    outcomes = run([Claimed(alert(number)) for number in range(9)], route, clock)
    assert {outcome.status for outcome in outcomes} == {DeliveryStatus.RETRY}
    assert {outcome.error for outcome in outcomes} == {"token_revoked"}
    assert asked.call_count == 1


def test_the_undeliverable_alert_of_a_message_is_found_and_set_aside(clock: Clock) -> None:
    """The others of its story arrive one by one."""
    route = FakeRoute(clock, trouble=failing("before", DeadLetterError("invalid_blocks"), 2))
    claims = [Claimed(alert(number, story="story-1")) for number in (1, 2, 3)]
    outcomes = run(claims, route, clock)
    assert [(outcome.alerts[0][-1], outcome.status) for outcome in outcomes] == [
        ("1", DeliveryStatus.DELIVERED),
        ("2", DeliveryStatus.DEAD_LETTER),
        ("3", DeliveryStatus.DELIVERED),
    ]
    assert [receipt.thread for *_, receipt in route.sent] == ["", "1"]


def test_a_digest_that_is_refused_is_not_broken_into_a_flood(clock: Clock) -> None:
    """One bad alert among 256 costs eight more messages, not 255."""
    route = FakeRoute(clock, trouble=failing("before", DeadLetterError("invalid_blocks"), 100))
    outcomes = run([Claimed(alert(number)) for number in range(256)], route, clock)
    assert sum(len(outcome.alerts) for outcome in outcomes if outcome.status is DeliveryStatus.DELIVERED) == 255
    assert len(route.sent) == 8


@pytest.mark.parametrize(
    ("attempts", "age", "status"),
    [
        (10, timedelta(days=4), DeliveryStatus.DEAD_LETTER),
        (9, timedelta(days=4), DeliveryStatus.CLAIMED),
        (500, timedelta(days=2), DeliveryStatus.CLAIMED),
    ],
)
def test_an_alert_in_doubt_for_ever_is_set_aside(
    clock: Clock, attempts: int, age: timedelta, status: DeliveryStatus
) -> None:
    """But a day or two of outage, however many attempts, loses nothing."""
    route = FakeRoute(clock, trouble=failing("before", AmbiguousError("500")))
    (outcome,) = run([Claimed(alert(1, seen=NOW - age), attempts=attempts)], route, clock)
    assert outcome.status is status


def test_nothing_is_sent_that_could_arrive_after_the_lease(clock: Clock) -> None:
    """What is left is given back, untried."""
    route = FakeRoute(clock, takes=9.0)
    outcomes = run([Claimed(alert(number)) for number in range(20)], route, clock)
    assert all(when <= NOW + LEASE - SETTINGS.worst_delay for when, *_ in route.sent)
    assert len(route.sent) == Counter(outcome.status for outcome in outcomes)[DeliveryStatus.DELIVERED] == 8
    assert {outcome.error for outcome in outcomes if outcome.status is DeliveryStatus.RETRY} == {
        "the lease is running out"
    }


def test_a_lease_too_short_for_a_late_answer_is_refused() -> None:
    """Seven of 150 alerts were said twice with one."""
    with pytest.raises(ValueError, match="must be longer"):
        OutboxSettings(lease=timedelta(seconds=40))


@pytest.mark.parametrize(("attempts", "least", "most"), [(1, 7.5, 15), (2, 15, 30), (5, 120, 240), (99, 450, 900)])
def test_backoff_doubles_and_ends(attempts: int, least: float, most: float) -> None:
    """With jitter, so that senders do not return together."""
    spread = [backoff(attempts, settings=SETTINGS, chance=chance).total_seconds() for chance in (0.0, 1.0)]
    assert spread == [least, most]


TROUBLE = st.sampled_from(
    [
        None,
        None,
        None,
        ("before", AmbiguousError("drop")),
        ("after", AmbiguousError("drop")),
        ("before", RetryError("429", after=5)),
        ("before", RetryError("429", after=90)),
        ("before", RetryError("refused")),
        ("before", RouteError("token_revoked")),
    ]
)


@given(
    troubles=st.lists(TROUBLE, max_size=40),
    deaths=st.lists(st.integers(0, 9), max_size=8),
    stories=st.integers(1, 8),
    count=st.integers(1, 24),
)
def test_whatever_happens_nothing_is_lost_or_said_twice(
    troubles: list[tuple[str, DeliveryError] | None], deaths: list[int], stories: int, count: int
) -> None:
    """Any sequence of failures, with senders that die before recording: each alert arrives once, in order."""
    clock = Clock()
    troubles, deaths = list(troubles), list(deaths)
    route = FakeRoute(clock, trouble=lambda _: troubles.pop() if troubles else None)
    pending = dict.fromkeys(range(count), 0)
    parents: dict[str, str] = {}
    for _ in range(60):
        claims = [
            Claimed(alert(n, story=f"s{n % stories}"), attempts + 1, parents.get(f"s{n % stories}"))
            for n, attempts in pending.items()
        ]
        pending = {number: attempts + 1 for number, attempts in pending.items()}
        dies_after = deaths.pop() if deaths else 99
        outcomes = deliver(
            claims, route, until=clock.now + LEASE, clock=clock, sleep=clock.sleep,
            digest_above=30, settings=SETTINGS,
        )  # fmt: skip
        told: list[str] = []
        for outcome, _ in zip(outcomes, range(dies_after), strict=False):
            told += outcome.alerts
            if outcome.status is DeliveryStatus.DELIVERED:
                for each in outcome.alerts:
                    number = int(each, 16)
                    parents.setdefault(f"s{number % stories}", outcome.receipt or "")
                    del pending[number]
        assert len(told) == len(set(told))
        clock.now += LEASE
    assert pending == {}
    assert Counter(route.said()) == {alert(number).id: 1 for number in range(count)}
    assert all(len({receipt.root.ts for receipt in said}) == 1 for said in by_story(route).values())


def by_story(route: FakeRoute) -> dict[str, list[Receipt]]:
    """The receipts of each story, in the order of arrival."""
    found: dict[str, list[Receipt]] = {}
    for _, message, receipt in route.sent:
        for story in {each.story for each in message.alerts}:
            found.setdefault(story, []).append(receipt)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("count", "digest_above", "messages"), [(300, 20, range(1, 11)), (90, 1_000, range(30, 41))])
def test_a_day_without_slack_loses_nothing_and_does_not_flood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, digest_above: int, messages: range
) -> None:
    """Three alerts of each story arrive meanwhile; Slack returns with rate limits and 5 % of the answers lost."""
    clock, dice = Clock(), random.Random(3)
    back = NOW + timedelta(days=1)
    storm = [("before", RetryError("429", after=seconds)) for seconds in (20, 3_600, 5, 20, 90)]

    def trouble(_: Message) -> tuple[str, DeliveryError] | None:
        if clock.now < back:
            return "before", RetryError("Slack is unreachable: Connection refused")
        if storm:
            return storm.pop()
        return ("after", AmbiguousError("dropped")) if dice.random() < 0.05 else None

    monkeypatch.setattr(step, "clock", clock)
    monkeypatch.setattr(step, "time", SimpleNamespace(sleep=clock.sleep, monotonic=lambda: clock().timestamp()))
    route, warehouse = FakeRoute(clock, trouble=trouble), Warehouse(tmp_path / "warehouse.duckdb")
    known = Settings(warehouse=warehouse.path, digest_above=digest_above, _env_file=None)
    warehouse.migrate()
    for part in range(12):
        clock.now = NOW + timedelta(hours=2 * part)
        numbered = range(part * count // 12, (part + 1) * count // 12)
        arrived = [alert(number, story=f"s{number % (count // 3)}", seen=clock.now) for number in numbered]
        with transaction(warehouse.path) as connection:
            save_alerts(connection, arrived, now=clock.now)
        warehouse.publish()
        assert drain(known, route, now=clock.now).sent == 0
    clock.now = back
    while clock.now < back + timedelta(hours=3) and len(route.said()) < count:
        drain(known, route, now=clock.now)
        clock.now += timedelta(minutes=5)
    assert Counter(route.said()) == {alert(number).id: 1 for number in range(count)}
    assert len(route.sent) in messages
    assert all(later[0] - first[0] >= timedelta(seconds=1) for first, later in pairwise(route.sent))
    told = {number: place for place, (_, message, _) in enumerate(route.sent) for number in numbers(message)}
    assert all(told[number] <= told[number + count // 3] for number in range(count * 2 // 3))


def numbers(message: Message) -> list[int]:
    """The numbers of the alerts in a message."""
    return [int(each.id, 16) for each in message.alerts]


# --- updates


@dataclass
class Board(FakeRoute):
    """A route whose messages can be changed; fails when told to."""

    errors: list[DeliveryError | None] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    name: str = "board"

    def update(self, message: Message, receipt: Receipt, *, pickup: Pickup | None = None, note: str = "") -> None:
        if error := self.errors.pop(0):
            raise error
        self.drawn.append(f"{receipt.ts} {pickup} {note}".strip())


def stories(count: int) -> list[MessageUpdate]:
    """Messages that were told, each by now carried by one more outlet."""
    return [
        MessageUpdate(
            message=Message(form=Form.STORY, alerts=(alert(number),)),
            receipt=Receipt(channel="board", ts=str(number)),
            pickup=Pickup(outlets=1, independent=1),
        )
        for number in range(count)
    ]


def test_stories_that_moved_on_are_drawn_anew_in_place(clock: Clock) -> None:
    """One a second, and each recorded."""
    board = Board(clock, errors=[None, None])
    assert len(list(refresh(stories(2), board, sleep=clock.sleep))) == 2
    assert board.drawn == ["0 +1 outlet, 1 independent", "1 +1 outlet, 1 independent"]
    assert clock.slept == [1.0]


@pytest.mark.parametrize("error", [RetryError("429", after=9), AmbiguousError("dropped"), RouteError("token_revoked")])
def test_an_update_that_fails_is_left_for_the_next_run(clock: Clock, error: DeliveryError) -> None:
    """And so is all that comes after it: drawing twice does no harm."""
    done = list(refresh(stories(3), Board(clock, errors=[None, error]), sleep=clock.sleep))
    assert [each.receipt.ts for each in done] == ["0"]


def test_an_update_that_is_refused_for_good_is_not_tried_for_ever(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It counts as done, and the log says so."""
    done = list(refresh(stories(2), Board(clock, errors=[DeadLetterError("invalid_blocks"), None]), sleep=clock.sleep))
    assert [each.receipt.ts for each in done] == ["0", "1"]
    assert "board:0 is not updated: invalid_blocks" in caplog.text


# --- killed senders


def killed(tmp_path: Path, route: str, *, faults: Faults = HEALTHY) -> tuple[Slack, dict[str, Any]]:
    """Deliver 60 alerts of 36 stories with a sender that is killed 30 times; benchmarks/kills.py does more of that."""
    outbox = SmallOutbox(tmp_path / "outbox.db")
    outbox.fill(60, stories=36)
    with running(Slack(faults=faults)) as slack:
        sender = Path(__file__).with_name("outbox_sender.py")
        command = [sys.executable, str(sender), str(outbox.path), slack.url, route, "30", "11"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return slack, json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "share"),
    [
        (Fault(), 0.0),
        (Fault(drop="after"), 0.2),
        (Fault(late=1.1), 0.05),
    ],
    ids=["kills alone", "answers lost", "stored after the client gave up"],
)
def test_kills_lose_nothing_and_say_nothing_twice(tmp_path: Path, fault: Fault, share: float) -> None:
    """Neither as a message nor as a reply, whatever else goes wrong meanwhile."""
    slack, report = killed(tmp_path, "bot", faults=sometimes("chat.postMessage", fault, share=share))
    assert report == {"killed": 30, "left": 0, "repeats": 0}
    assert Counter(slack.alerts()) == {alert(number).id: 1 for number in range(60)}
    assert [len(slack.roots), len(slack.replies)] == [36, 24]


@pytest.mark.slow
def test_kills_with_a_webhook_lose_nothing(tmp_path: Path) -> None:
    """It cannot be asked, so some things are said again, at most one for each kill, and the sender knows which.

    What it is killed over twice, each time before it has noted the answer, it counts once.
    """
    slack, report = killed(tmp_path, "webhook")
    texts = [message["text"] for message in slack.hooked]
    said = Counter(
        number for number in range(60) for text in texts if text.startswith(f"Kremlin draws red line {number}\n")
    )
    assert (report["killed"], report["left"]) == (30, 0)
    assert set(said) == set(range(60))
    assert sum(said.values()) - 60 <= report["killed"]
    assert sum(times > 1 for times in said.values()) <= report["repeats"]


# --- the watchdog


def test_the_watchdog_says_once_that_nothing_gets_through() -> None:
    """Asked every minute for an hour, with alerts waiting since noon."""
    minutes = [NOW + timedelta(minutes=minute) for minute in range(60)]
    notices = [
        watchdog(route="slack", waiting_since=NOW, waiting=3, error="token_revoked", previous=before, now=now)
        for before, now in pairwise(minutes)
    ]
    assert [notice for notice in notices if notice] == [
        "Nothing reaches slack: 3 alerts wait since 21 Nov 12:00 UTC. Last error: token_revoked"
    ]


def test_the_watchdog_is_silent_when_nothing_waits() -> None:
    """Also at the first run of all."""
    assert watchdog(route="slack", waiting_since=None, waiting=0, error=None, previous=None, now=NOW) is None


def test_the_watchdog_speaks_at_its_first_run() -> None:
    """When alerts have waited since before."""
    waiting = NOW - timedelta(hours=1)
    assert watchdog(route="slack", waiting_since=waiting, waiting=1, error=None, previous=None, now=NOW) == (
        "Nothing reaches slack: 1 alert waits since 21 Nov 11:00 UTC. Last error: none recorded"
    )
