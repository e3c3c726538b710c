"""Delivers claimed alerts: look up, group, send, and return what to record. Stores nothing itself.

A claimed alert belongs to this sender until its lease ends. Between sending and recording, the process may die or an
answer may be lost. So an alert on its second attempt, or one that may have been sent before a restore, is looked up
first; an answer that leaves the outcome open leaves the alert claimed; and nothing is sent so late that it could
arrive after the lease.
"""

import logging
import random
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from alerts.delivery.route import (
    AmbiguousError,
    DeadLetterError,
    DeliveryError,
    LivingRoute,
    Receipt,
    RetryError,
    Route,
)
from alerts.messages import MOST_ALERTS, Message, Pickup
from alerts.policy.grouping import group
from extractors.records import Alert, DeliveryStatus

log = logging.getLogger(__name__)


class ClaimedAlert(Protocol):
    """An alert that belongs to this sender until its lease ends."""

    @property
    def alert(self) -> Alert: ...

    @property
    def attempts(self) -> int:
        """Attempts so far, this one included."""

    @property
    def parent(self) -> str | None:
        """The receipt of the story's first message on this route."""

    @property
    def perhaps_told_since(self) -> datetime | None:
        """Since when it may have been sent, although this is the first attempt; None if it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome for the alerts of one message, or for all that were not tried; recorded before the next is sent."""

    alerts: tuple[str, ...]
    status: DeliveryStatus
    """DELIVERED, RETRY, CLAIMED or DEAD_LETTER."""
    receipt: str | None = None
    error: str | None = None
    retry_at: datetime | None = None
    repeat: bool = False
    """It may have been sent twice: there was an earlier attempt, and the route cannot tell whether that arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxSettings:
    """Time limits of delivery. Raises ValueError for a lease that ends before a late answer could arrive."""

    lease: timedelta = timedelta(seconds=120)
    timeout: timedelta = timedelta(seconds=10)
    """How long one call to the route may take."""
    worst_delay: timedelta = timedelta(seconds=30)
    """How long after the client gave up the route may still store a message."""
    patience: timedelta = timedelta(seconds=30)
    """The longest rate limit that is waited for; a longer one ends the run."""
    first_backoff: timedelta = timedelta(seconds=15)
    most_backoff: timedelta = timedelta(minutes=15)
    most_attempts: int = 10
    give_up: timedelta = timedelta(days=3)
    """Age at which an alert still in doubt after ``most_attempts`` is set aside; an outage alone is no reason."""

    def __post_init__(self) -> None:
        if self.lease <= self.margin:
            raise ValueError(f"the lease of {self.lease} must be longer than {self.margin}, timeout and worst delay")

    @property
    def margin(self) -> timedelta:
        """How much of the lease must be left when a message is sent."""
        return self.timeout + self.worst_delay


def backoff(attempts: int, *, settings: OutboxSettings, chance: float) -> timedelta:
    """Return how long to wait after ``attempts``: doubling, capped, and reduced by up to half by ``chance`` (0–1)."""
    doubled: timedelta = min(settings.first_backoff * (1 << min(attempts - 1, 20)), settings.most_backoff)
    return doubled * (0.5 + chance / 2)


def deliver(
    claims: Sequence[ClaimedAlert],
    route: Route,
    *,
    until: datetime,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    settings: OutboxSettings,
    digest_above: int,
    in_full: Collection[str] = (),
) -> Iterator[Outcome]:
    """Deliver ``claims``, whose lease ends at ``until``; yield what to record, each before the next is sent.

    Every claim is in exactly one outcome. Of one story, no alert is sent while an earlier one is in doubt.
    """
    return _Delivery(
        route=route,
        until=until,
        clock=clock,
        sleep=sleep,
        settings=settings,
        digest_above=digest_above,
        in_full=in_full,
    ).run(claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageUpdate:
    """A delivered message whose story has changed since."""

    message: Message
    receipt: Receipt
    pickup: Pickup
    """How far the story has spread by now."""
    note: str = ""
    """What was corrected, if anything was."""


def refresh(
    updates: Iterable[MessageUpdate], route: LivingRoute, *, sleep: Callable[[float], None]
) -> Iterator[MessageUpdate]:
    """Update messages in place; yield each that is up to date, to be recorded before the next is updated.

    Updating twice does no harm, so nothing is claimed; what fails is left for the next run.
    """
    for place, each in enumerate(updates):
        if place:
            sleep(route.pause)
        try:
            route.update(each.message, each.receipt, pickup=each.pickup, note=each.note)
        except DeadLetterError as error:
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
    settings: OutboxSettings
    digest_above: int
    in_full: Collection[str]
    attempts: dict[str, int] = field(default_factory=dict)
    roots: dict[str, Receipt] = field(default_factory=dict)
    """The first message of each story sent so far."""
    doubtful: set[str] = field(default_factory=set)
    """Stories with a message whose outcome is unknown."""
    stopped: DeliveryError | None = None
    last_sent: datetime | None = None

    def run(self, claims: Sequence[ClaimedAlert]) -> Iterator[Outcome]:
        self.attempts = {claim.alert.id: claim.attempts for claim in claims}
        self.roots = {claim.alert.story: Receipt.parse(claim.parent).root for claim in claims if claim.parent}
        waiting = [claim.alert for claim in claims]
        retried = [claim.alert for claim in claims if claim.attempts > 1 or claim.perhaps_told_since]
        since = min((claim.perhaps_told_since for claim in claims if claim.perhaps_told_since), default=None)
        found: Mapping[str, Receipt] = {}
        if retried and self.route.remembers:
            try:
                found = self.route.find(retried, roots=self.roots.values(), since=since)
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
        for message in group(alerts, digest_above=self.digest_above, in_full=self.in_full):
            yield from _chunks(message)

    def _arrived(self, alerts: Iterable[Alert], found: Mapping[str, Receipt]) -> Iterator[Outcome]:
        for alert in alerts:
            if receipt := found.get(alert.id):
                self.roots.setdefault(alert.story, receipt.root)
                yield Outcome(alerts=(alert.id,), status=DeliveryStatus.DELIVERED, receipt=str(receipt))

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
        except DeadLetterError as error:
            yield from self._undeliverable(message, error)
        except DeliveryError as error:
            self.stopped = error
            yield self._later(message.alerts, error)
        else:
            for alert in message.alerts:
                self.roots.setdefault(alert.story, receipt.root)
            yield Outcome(
                alerts=_ids(message.alerts),
                status=DeliveryStatus.DELIVERED,
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

    def _undeliverable(self, message: Message, error: DeadLetterError) -> Iterator[Outcome]:
        """Find the cause by splitting the message, which also helps if it was merely too large."""
        if len(message.alerts) == 1:
            log.error("alert %s is set aside: %s", message.alerts[0].id, error)
            yield Outcome(alerts=_ids(message.alerts), status=DeliveryStatus.DEAD_LETTER, error=str(error))
            return
        half = len(message.alerts) // 2
        for part in (message.alerts[:half], message.alerts[half:]):
            yield from self._message(replace(message, alerts=part))

    def _open(self, message: Message, error: AmbiguousError) -> Outcome:
        tried = min(self.attempts[alert.id] for alert in message.alerts) >= self.settings.most_attempts
        old = all(self.clock() - alert.seen > self.settings.give_up for alert in message.alerts)
        if tried and old:
            log.error("alerts %s are set aside: %s", ", ".join(_ids(message.alerts)), error)
            return Outcome(alerts=_ids(message.alerts), status=DeliveryStatus.DEAD_LETTER, error=str(error))
        return Outcome(alerts=_ids(message.alerts), status=DeliveryStatus.CLAIMED, error=str(error))

    def _later(self, alerts: Sequence[Alert], error: DeliveryError) -> Outcome:
        asked = timedelta(seconds=(error.after or 0) if isinstance(error, RetryError) else 0)
        chance = random.random()  # noqa: S311 - spreads load, guards nothing
        wait = backoff(self._most_attempts(alerts), settings=self.settings, chance=chance)
        retry_at = self.clock() + max(asked, wait)
        return Outcome(
            alerts=tuple(alert.id for alert in alerts), status=DeliveryStatus.RETRY, error=str(error), retry_at=retry_at
        )

    def _held(self, message: Message, why: str, *, until: datetime) -> Outcome:
        """Give back what was not tried."""
        return Outcome(alerts=_ids(message.alerts), status=DeliveryStatus.RETRY, error=why, retry_at=until)

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


def _chunks(message: Message, *, most: int = MOST_ALERTS) -> Iterator[Message]:
    """Split a message with more alerts than the ids in its metadata can identify."""
    for place in range(0, len(message.alerts), most):
        yield replace(message, alerts=message.alerts[place : place + most])
