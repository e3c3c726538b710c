"""Alert rows not yet delivered → grouping, routing, rate limit → Slack or the terminal → delivery rows."""

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.outbox import OutboxSettings, Outcome, Status, deliver
from alerts.policy import PolicySettings
from alerts.route import Route
from alerts.slack import SlackBot, SlackWebhook
from alerts.terminal import TerminalRoute
from flows.settings import Settings
from warehouse.records import DeliveryStatus
from warehouse.store import Warehouse

TERMINAL_LEASE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """What one drain of the outbox sent."""

    route: str = ""
    sent: int = 0
    """Alerts that arrived."""
    messages: int = 0
    waiting: int = 0
    """Alerts to be tried again."""
    poison: int = 0
    """Alerts set aside because the route will never take them."""
    errors: tuple[str, ...] = ()
    """Why alerts wait or were set aside, each reason once."""

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures that the row of a run holds."""
        return {"sent": self.sent, "messages": self.messages, "waiting": self.waiting, "poison": self.poison}

    @property
    def summary(self) -> str:
        """Say it in one line."""
        told = (
            f"{self.sent} sent to {self.route} in {plural(self.messages, 'message')}" if self.sent else "none to send"
        )
        waiting = f", {self.waiting} waiting" if self.waiting else ""
        poison = f", {self.poison} set aside" if self.poison else ""
        return told + waiting + poison + "".join(f"; {error}" for error in self.errors)


def notify(settings: Settings, *, now: datetime, in_full: Collection[str] = ()) -> Notified:
    """Drain the outbox; ``in_full`` names articles told like news although they are backlog."""
    return drain(settings, route_of(settings), now=now, in_full=in_full)


def route_of(settings: Settings) -> Route:
    """Return where alerts go: Slack where it is configured, else the terminal."""
    if settings.slack_token and settings.slack_channel:
        token = settings.slack_token.get_secret_value()
        return SlackBot.connect(token, settings.slack_channel, base_url=settings.slack_api_url)
    if settings.slack_webhook:
        return SlackWebhook.connect(settings.slack_webhook.get_secret_value())
    return TerminalRoute()


def drain(settings: Settings, route: Route, *, now: datetime, in_full: Collection[str] = ()) -> Notified:
    """Claim, send and record until nothing is left that may be sent now."""
    warehouse, outbox = Warehouse(settings.warehouse), outbox_settings(settings, route)
    policy = PolicySettings(digest_above=settings.digest_above)
    outcomes: list[Outcome] = []
    while True:
        asked = max(now, clock())  # the lease runs from here, however long the claim waits for its turn at the file
        claims = warehouse.claim_alerts(route=route.name, now=asked, lease=outbox.lease)
        if not claims:
            return told(route, outcomes)
        for outcome in deliver(
            claims,
            route,
            until=asked + outbox.lease,
            clock=clock,
            sleep=time.sleep,
            policy=policy,
            settings=outbox,
            in_full=in_full,
        ):
            record(warehouse, route, outcome)
            outcomes.append(outcome)


def outbox_settings(settings: Settings, route: Route) -> OutboxSettings:
    """Return the times of delivery; nothing is late on a terminal, so that a cycle killed there soon goes on."""
    if isinstance(route, TerminalRoute):
        soon = timedelta(seconds=1)
        return OutboxSettings(lease=TERMINAL_LEASE, timeout=soon, worst_delay=soon)
    return OutboxSettings(lease=timedelta(seconds=settings.lease))


def clock() -> datetime:
    """Return the present instant: leases and Slack's rate limits go by real time, whatever time a cycle is given."""
    return datetime.now(UTC)


def record(warehouse: Warehouse, route: Route, outcome: Outcome) -> None:
    """Store what became of one message before the next is sent."""
    warehouse.record_delivery(
        outcome.alerts,
        route=route.name,
        status=DeliveryStatus(outcome.status),
        now=clock(),
        receipt=outcome.receipt,
        error=outcome.error,
        retry_at=outcome.retry_at,
    )


def plural(count: int, noun: str) -> str:
    """Count things in words."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def told(route: Route, outcomes: Collection[Outcome]) -> Notified:
    """Count what was sent, what waits and what was set aside."""
    alerts = Counter[Status]()
    for outcome in outcomes:
        alerts[outcome.status] += len(outcome.alerts)
    return Notified(
        route=route.name,
        sent=alerts[Status.DELIVERED],
        messages=sum(outcome.status is Status.DELIVERED for outcome in outcomes),
        waiting=alerts[Status.RETRY] + alerts[Status.CLAIMED],
        poison=alerts[Status.POISON],
        errors=tuple(dict.fromkeys(outcome.error for outcome in outcomes if outcome.error)),
    )
