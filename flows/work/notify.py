"""Alert rows not yet delivered → grouping, routing, rate limit → Slack or the terminal → delivery rows."""

import logging
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from alerts.outbox import OutboxSettings, Outcome, Status, deliver
from alerts.policy import PolicySettings
from alerts.route import DeliveryError, Route
from alerts.slack import SlackBot, SlackWebhook
from alerts.terminal import TerminalRoute
from alerts.watchdog import watchdog
from extractors.records import Alert
from flows.settings import Settings
from flows.work.echo import FOLLOWED, retell
from warehouse.records import DeliveryStatus, Waiting
from warehouse.store import Warehouse

log = logging.getLogger(__name__)

TERMINAL_LEASE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """What one drain of the outbox sent; drains add up."""

    route: str = ""
    fired: tuple[Alert, ...] = ()
    """Alerts that arrived."""
    messages: int = 0
    repeats: int = 0
    """Alerts that may have arrived twice: they had been tried before, by a route that cannot tell what became of it."""
    updated: int = 0
    """Messages drawn anew because other outlets carry their story by now."""
    waiting: int = 0
    """Alerts to be tried again."""
    poison: int = 0
    """Alerts set aside because the route will never take them."""
    errors: tuple[str, ...] = ()
    """Why alerts wait or were set aside, each reason once."""
    blocked: str = ""
    """The notice that nothing has got through for a while; said once."""

    @property
    def sent(self) -> int:
        """Return how many alerts arrived."""
        return len(self.fired)

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures that the row of a run holds."""
        return {
            "sent": self.sent,
            "messages": self.messages,
            "repeats": self.repeats,
            "updated": self.updated,
            "waiting": self.waiting,
            "poison": self.poison,
        }

    @property
    def summary(self) -> str:
        """Say it in one line."""
        told = (
            f"{self.sent} sent to {self.route} in {plural(self.messages, 'message')}" if self.sent else "none to send"
        )
        more = {
            "perhaps said twice": self.repeats,
            "updated": self.updated,
            "waiting": self.waiting,
            "set aside": self.poison,
        }
        counted = "".join(f", {count} {what}" for what, count in more.items() if count)
        return told + counted + "".join(f"; {error}" for error in self.errors)

    def __add__(self, other: "Notified") -> "Notified":
        return Notified(
            route=self.route or other.route,
            fired=self.fired + other.fired,
            messages=self.messages + other.messages,
            repeats=self.repeats + other.repeats,
            updated=self.updated + other.updated,
            waiting=self.waiting + other.waiting,
            poison=self.poison + other.poison,
            errors=tuple(dict.fromkeys(self.errors + other.errors)),
            blocked=self.blocked or other.blocked,
        )


def notify(settings: Settings, *, now: datetime, in_full: Collection[str] = ()) -> Notified:
    """Drain the outbox, bring what was sent up to date; ``in_full`` names articles told although they are backlog."""
    notified = Notified()
    for route in routes_of(settings, now=now):
        drained = drain(settings, route, now=now, in_full=in_full)
        updated = retell(Warehouse(settings.warehouse), route, now=now) if isinstance(route, SlackBot) else 0
        notified += replace(drained, updated=updated, blocked=watch(settings, route, now=now))
    return notified


def ready(settings: Settings, *, now: datetime) -> int:
    """Return how many alerts may be sent now: what an event announced while a drain was ending."""
    return sum(_waiting(settings, route, now=now).ready for route in routes_of(settings, now=now))


def _waiting(settings: Settings, route: Route, *, now: datetime) -> Waiting:
    return Warehouse(settings.warehouse).waiting(route=route.name, now=now, channels=served(route))


def watch(settings: Settings, route: Route, *, now: datetime) -> str:
    """Return, log, and tell over the second route, if there is one, that nothing has got through for a while; once."""
    waiting = _waiting(settings, route, now=now)
    notice = watchdog(
        route=route.name,
        waiting_since=waiting.since,
        waiting=waiting.alerts,
        error=waiting.error,
        previous=waiting.asked_before,
        now=now,
    )
    if notice is None:
        return ""
    log.error(notice)
    if settings.slack_webhook and isinstance(route, SlackBot):
        try:
            SlackWebhook.connect(settings.slack_webhook.get_secret_value()).say(notice)
        except DeliveryError as error:
            log.error("the webhook cannot tell it either: %s", error)
    return notice


def route_of(settings: Settings) -> Route:
    """Return where alerts go: Slack where it is configured, else the terminal."""
    if settings.slack_token and settings.slack_channel:
        token = settings.slack_token.get_secret_value()
        return SlackBot.connect(token, settings.slack_channel, base_url=settings.slack_api_url)
    if settings.slack_webhook:
        return SlackWebhook.connect(settings.slack_webhook.get_secret_value())
    return TerminalRoute()


def routes_of(settings: Settings, *, now: datetime) -> list[Route]:
    """Return where alerts go, and with a bot each further channel that a rule named lately: a route of its own.

    So every channel has its own leases, order and pace, and one that is closed stops no other.
    """
    route = route_of(settings)
    if not isinstance(route, SlackBot):
        return [route]
    named = Warehouse(settings.warehouse).channels_named(since=now - FOLLOWED)
    return [route, *(route_to(route, channel) for channel in named if channel != route.channel)]


def route_to(route: SlackBot, channel: str) -> SlackBot:
    """Return the route of the same bot to another channel."""
    return replace(route, channel=channel, name=f"{route.name} {channel}")


def route_for(settings: Settings, alert: Alert) -> Route:
    """Return where one alert goes by now."""
    route = route_of(settings)
    other = isinstance(route, SlackBot) and alert.channel not in {None, route.channel}
    return route_to(route, alert.channel or "") if other and isinstance(route, SlackBot) else route


def served(route: Route) -> list[str] | None:
    """Return the channels whose alerts go over ``route``, "" for those that name none; None serves all."""
    if not isinstance(route, SlackBot):
        return None
    return [route.channel] if route.name.endswith(f" {route.channel}") else ["", route.channel]


def drain(settings: Settings, route: Route, *, now: datetime, in_full: Collection[str] = ()) -> Notified:
    """Claim, send and record until nothing is left that may be sent now, or nothing more gets through."""
    warehouse, outbox = Warehouse(settings.warehouse), outbox_settings(settings, route)
    policy = PolicySettings(digest_above=settings.digest_above)
    outcomes: list[Outcome] = []
    alerts: dict[str, Alert] = {}
    settled = True
    while settled:
        asked = max(now, clock())  # the lease runs from here, however long the claim waits for its turn at the file
        claims = warehouse.claim_alerts(route=route.name, now=asked, lease=outbox.lease, channels=served(route))
        if claims and outcomes:
            time.sleep(route.pause)  # between two rounds as between two messages
        settled = False  # what a round could not settle is for the next run, whatever time it thinks it is
        alerts |= {claim.alert.id: claim.alert for claim in claims}
        if isinstance(route, SlackWebhook) and any(claim.alert.channel for claim in claims):
            log.warning("a webhook has only one channel: alerts for others go there too")
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
            settled |= outcome.status in {Status.DELIVERED, Status.POISON}
    return told(route, outcomes, alerts)


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


def told(route: Route, outcomes: Collection[Outcome], alerts: Mapping[str, Alert]) -> Notified:
    """Count what was sent, what waits and what was set aside."""
    last = {alert: outcome.status for outcome in outcomes for alert in outcome.alerts}
    counts = Counter(last.values())
    delivered = [outcome for outcome in outcomes if outcome.status is Status.DELIVERED]
    return Notified(
        route=route.name,
        fired=tuple(alerts[alert] for outcome in delivered for alert in outcome.alerts),
        messages=len(delivered),
        repeats=sum(len(outcome.alerts) for outcome in delivered if outcome.repeat),
        waiting=counts[Status.RETRY] + counts[Status.CLAIMED],
        poison=counts[Status.POISON],
        errors=tuple(dict.fromkeys(outcome.error for outcome in outcomes if outcome.error)),
    )
