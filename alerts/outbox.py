"""How claimed alerts are delivered: look up, group, send, and say what to record. Stores nothing itself.

A claim belongs to this sender until its lease ends. Between sending and recording the process may die, or an answer may
be lost; so an alert on its second attempt is looked up first, an answer that leaves the outcome open leaves the claim
alone, and nothing is sent so late that it could arrive after the lease.
"""

import logging
import random
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from alerts.policy import PolicySettings, group
from alerts.route import (
    AmbiguousError,
    DeliveryError,
    Echo,
    LivingRoute,
    Message,
    PoisonError,
    Receipt,
    RetryError,
    Route,
)
from extractors.records import Alert

log = logging.getLogger(__name__)


class Claim(Protocol):
    """An alert that belongs to this sender until its lease ends."""

    @property
    def alert(self) -> Alert: ...

    @property
    def attempts(self) -> int:
        """This attempt included."""

    @property
    def parent(self) -> str | None:
        """The receipt of the story's first message on this route."""


class Status(StrEnum):
    """What to record; the values are those of ``deliveries.status``."""

    DELIVERED = "delivered"
    RETRY = "retry"
    """Did not arrive for certain; free again at ``retry_at``."""
    CLAIMED = "claimed"
    """Nobody knows: stays claimed until the lease ends, and is looked up then."""
    POISON = "poison"
    """Will never be taken: set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message's alerts, or of all that were not tried; to be recorded before the next is sent."""

    alerts: tuple[str, ...]
    status: Status
    receipt: str | None = None
    error: str | None = None
    retry_at: datetime | None = None
    repeat: bool = False
    """It may have been said twice: an earlier attempt was made and the route cannot tell whether it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxSettings:
    """Times of delivery. Raises ValueError for a lease that ends before a late answer could come."""

    lease: timedelta = timedelta(seconds=120)
    timeout: timedelta = timedelta(seconds=10)
    """How long one call of the route may take."""
    worst_delay: timedelta = timedelta(seconds=30)
    """How much later than the client gave up the route may still store a message."""
    patience: timedelta = timedelta(seconds=30)
    """A rate limit up to this is waited for; a longer one ends the run."""
    first_backoff: timedelta = timedelta(seconds=15)
    most_backoff: timedelta = timedelta(minutes=15)
    most_attempts: int = 10
    give_up: timedelta = timedelta(days=3)
    """An alert this old that stays in doubt after ``most_attempts`` is set aside; no outage alone makes it so."""

    def __post_init__(self) -> None:
        if self.lease <= self.margin:
            raise ValueError(f"the lease of {self.lease} must be longer than {self.margin}, timeout and worst delay")

    @property
    def margin(self) -> timedelta:
        """What must be left of the lease when a message is sent."""
        return self.timeout + self.worst_delay


def backoff(attempts: int, *, settings: OutboxSettings, chance: float) -> timedelta:
    """Return how long to wait after ``attempts``: doubling, capped, and spread by ``chance`` (0–1) to half of it."""
    doubled: timedelta = min(settings.first_backoff * (1 << min(attempts - 1, 20)), settings.most_backoff)
    return doubled * (0.5 + chance / 2)


def deliver(
    claims: Sequence[Claim],
    route: Route,
    *,
    until: datetime,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    policy: PolicySettings,
    settings: OutboxSettings,
    in_full: Collection[str] = (),
) -> Iterator[Outcome]:
    """Deliver ``claims``, whose lease ends at ``until``; yield what to record, each before the next is sent.

    Every claim is in exactly one outcome. Of one story, no alert is sent while an earlier one is in doubt.
    """
    return _Delivery(
        route=route, until=until, clock=clock, sleep=sleep, policy=policy, settings=settings, in_full=in_full
    ).run(claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A delivered message whose story has moved on since."""

    message: Message
    receipt: Receipt
    echo: Echo
    """How far the story has travelled by now."""
    note: str = ""
    """What was corrected, if anything was."""


def refresh(told: Iterable[Told], route: LivingRoute, *, sleep: Callable[[float], None]) -> Iterator[Told]:
    """Draw messages anew in place; yield each that is up to date, to be recorded before the next is drawn.

    Drawing twice does no harm, so nothing is claimed: what fails is left for the next run.
    """
    for place, each in enumerate(told):
        if place:
            sleep(route.pause)
        try:
            route.update(each.message, each.receipt, echo=each.echo, note=each.note)
        except PoisonError as error:
            log.error("message %s is not updated: %s", each.receipt, error)
        except DeliveryError as error:
            log.warning("messages on %s are updated later: %s", route.name, error)
            return
        yield each


@dataclass(slots=True, kw_only=True)
class _Delivery:
    """One run over the claims of one route, with what it has learned so far."""

    route: Route
    until: datetime
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    policy: PolicySettings
    settings: OutboxSettings
    in_full: Collection[str]
    attempts: dict[str, int] = field(default_factory=dict)
    roots: dict[str, Receipt] = field(default_factory=dict)
    """The first message of each story told so far."""
    doubtful: set[str] = field(default_factory=set)
    """Stories with a message whose fate is open."""
    stopped: DeliveryError | None = None
    last_sent: datetime | None = None

    def run(self, claims: Sequence[Claim]) -> Iterator[Outcome]:
        self.attempts = {claim.alert.id: claim.attempts for claim in claims}
        self.roots = {claim.alert.story: Receipt.parse(claim.parent).root for claim in claims if claim.parent}
        waiting = [claim.alert for claim in claims]
        retried = [claim.alert for claim in claims if claim.attempts > 1]
        found: Mapping[str, Receipt] = {}
        if retried and self.route.remembers:
            try:
                found = self.route.find(retried, roots=self.roots.values())
            except DeliveryError as error:
                self.doubtful |= {alert.story for alert in retried}
                self.stopped = error
        yield from self._arrived(retried, found)
        messages = deque(self._messages([alert for alert in waiting if alert.id not in found]))
        while messages and not self.stopped:
            yield from self._message(messages.popleft())
        if messages and self.stopped:
            yield self._later([alert for message in messages for alert in message.alerts], self.stopped)

    def _messages(self, alerts: Iterable[Alert]) -> Iterator[Message]:
        for message in group(alerts, settings=self.policy, in_full=self.in_full):
            yield from _chunks(message)

    def _arrived(self, alerts: Iterable[Alert], found: Mapping[str, Receipt]) -> Iterator[Outcome]:
        for alert in alerts:
            if receipt := found.get(alert.id):
                self.roots.setdefault(alert.story, receipt.root)
                yield Outcome(alerts=(alert.id,), status=Status.DELIVERED, receipt=str(receipt))

    def _message(self, message: Message) -> Iterator[Outcome]:
        if self.stopped:
            yield self._later(message.alerts, self.stopped)
            return
        if message.story in self.doubtful:
            yield self._held(message, "an earlier report of the story is in doubt", until=self.until)
            return
        self._keep_pace()
        if self.clock() + self.settings.margin >= self.until:
            yield self._held(message, "the lease is running out", until=self.clock())
            return
        yield from self._send(message)

    def _send(self, message: Message) -> Iterator[Outcome]:
        parent = self.roots.get(message.story) if message.story else None
        try:
            receipt = self._posted(message, parent)
        except RetryError as error:
            yield from self._refused(message, error)
        except AmbiguousError as error:
            self.doubtful |= {alert.story for alert in message.alerts}
            yield self._open(message, error)
        except PoisonError as error:
            yield from self._poisoned(message, error)
        except DeliveryError as error:
            self.stopped = error
            yield self._later(message.alerts, error)
        else:
            for alert in message.alerts:
                self.roots.setdefault(alert.story, receipt.root)
            yield Outcome(
                alerts=_ids(message.alerts),
                status=Status.DELIVERED,
                receipt=str(receipt),
                repeat=not self.route.remembers and self._most_attempts(message.alerts) > 1,
            )

    def _posted(self, message: Message, parent: Receipt | None) -> Receipt:
        try:
            return self.route.send(message, parent=parent)
        finally:
            self.last_sent = self.clock()  # a message whose answer was lost counts too

    def _refused(self, message: Message, error: RetryError) -> Iterator[Outcome]:
        """Wait for a short rate limit and try again; end the run for a long one."""
        wait = timedelta(seconds=max(1.0, error.after)) if error.after is not None else timedelta.max
        if wait <= self.settings.patience and self.clock() + wait + self.settings.margin < self.until:
            self.sleep(wait.total_seconds())
            yield from self._send(message)
            return
        self.stopped = error
        yield self._later(message.alerts, error)

    def _poisoned(self, message: Message, error: PoisonError) -> Iterator[Outcome]:
        """Find the culprit by halves, which also makes a message smaller that was only too large."""
        if len(message.alerts) == 1:
            log.error("alert %s is set aside: %s", message.alerts[0].id, error)
            yield Outcome(alerts=_ids(message.alerts), status=Status.POISON, error=str(error))
            return
        half = len(message.alerts) // 2
        for part in (message.alerts[:half], message.alerts[half:]):
            yield from self._message(replace(message, alerts=part))

    def _open(self, message: Message, error: AmbiguousError) -> Outcome:
        tried = min(self.attempts[alert.id] for alert in message.alerts) >= self.settings.most_attempts
        old = all(self.clock() - alert.seen > self.settings.give_up for alert in message.alerts)
        if tried and old:
            log.error("alerts %s are set aside: %s", ", ".join(_ids(message.alerts)), error)
            return Outcome(alerts=_ids(message.alerts), status=Status.POISON, error=str(error))
        return Outcome(alerts=_ids(message.alerts), status=Status.CLAIMED, error=str(error))

    def _later(self, alerts: Sequence[Alert], error: DeliveryError) -> Outcome:
        asked = timedelta(seconds=(error.after or 0) if isinstance(error, RetryError) else 0)
        chance = random.random()  # noqa: S311 - spreads load, guards nothing
        wait = backoff(self._most_attempts(alerts), settings=self.settings, chance=chance)
        retry_at = self.clock() + max(asked, wait)
        return Outcome(
            alerts=tuple(alert.id for alert in alerts), status=Status.RETRY, error=str(error), retry_at=retry_at
        )

    def _held(self, message: Message, why: str, *, until: datetime) -> Outcome:
        """Give back what was not tried."""
        return Outcome(alerts=_ids(message.alerts), status=Status.RETRY, error=why, retry_at=until)

    def _keep_pace(self) -> None:
        if self.last_sent is None:
            return
        left = self.route.pause - (self.clock() - self.last_sent).total_seconds()
        if left > 0:
            self.sleep(left)

    def _most_attempts(self, alerts: Iterable[Alert]) -> int:
        return max(self.attempts[alert.id] for alert in alerts)


def _ids(alerts: Iterable[Alert]) -> tuple[str, ...]:
    return tuple(alert.id for alert in alerts)


def _chunks(message: Message, *, most: int = 300) -> Iterator[Message]:
    """Split a message whose alerts are too many to be found again by the ids it carries."""
    for place in range(0, len(message.alerts), most):
        yield replace(message, alerts=message.alerts[place : place + most])
