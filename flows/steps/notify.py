"""Alert rows not yet delivered → grouping, routing, rate limit → Slack or the terminal → delivery rows."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from alerts.delivery.apprise_service import Service
from alerts.delivery.outbox import OutboxSettings, Outcome, deliver
from alerts.delivery.route import Route, RouteError
from alerts.delivery.slack import SlackBot, SlackWebhook
from alerts.delivery.terminal import TerminalRoute
from alerts.delivery.watchdog import watchdog
from alerts.policy.digest_schedule import is_service
from extractors.counts import plural
from extractors.records import Alert, DeliveryStatus
from flows.settings import Settings
from flows.steps.operator_lines import tell_operator
from flows.steps.pickup import FOLLOWED_FOR, refresh_messages
from warehouse.store import Warehouse
from warehouse.stored_records import Waiting
from warehouse.tables.outbox import channels_named, claim_alerts, hold_doubtful, record_delivery, waiting_on

log = logging.getLogger(__name__)

AnyRoute = TerminalRoute | SlackBot | SlackWebhook | Service

TERMINAL_LEASE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """The result of draining the outbox once; results can be added."""

    route: str = ""
    fired: tuple[Alert, ...] = ()
    """Alerts that arrived."""
    messages: int = 0
    repeats: int = 0
    """Alerts that may have arrived twice: tried before, over a route that cannot tell whether they arrived."""
    updated: int = 0
    """Messages updated because their story has spread or was corrected."""
    waiting: int = 0
    """Alerts to be tried again."""
    dead_letters: int = 0
    """Alerts set aside because the route will never accept them."""
    held: int = 0
    """Alerts that may have been sent before a restore, on a route that cannot be searched."""
    errors: tuple[str, ...] = ()
    """Why alerts are waiting or were set aside, each reason once."""
    blocked: str = ""
    """The notice, given once, that nothing could be delivered for a while."""

    @property
    def sent(self) -> int:
        """Return how many alerts arrived."""
        return len(self.fired)

    @property
    def changed(self) -> bool:
        """Whether anything was sent, or what is to be sent has changed."""
        return any((self.sent, self.updated, self.waiting, self.dead_letters, self.held))

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures for the row of the run."""
        return {
            "sent": self.sent,
            "messages": self.messages,
            "repeats": self.repeats,
            "updated": self.updated,
            "waiting": self.waiting,
            "dead_letters": self.dead_letters,
            "held": self.held,
        }

    @property
    def summary(self) -> str:
        """The result in one line."""
        told = (
            f"{self.sent} sent to {self.route} in {plural(self.messages, 'message')}" if self.sent else "none to send"
        )
        more = {
            "possibly sent twice": self.repeats,
            "updated": self.updated,
            "waiting": self.waiting,
            "set aside": self.dead_letters,
            "held, possibly sent before the restore (brinkwatch alerts list --status held)": self.held,
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
            dead_letters=self.dead_letters + other.dead_letters,
            held=self.held + other.held,
            errors=tuple(dict.fromkeys(self.errors + other.errors)),
            blocked=self.blocked or other.blocked,
        )


def notify(settings: Settings, *, now: datetime, in_full: Collection[str] = ()) -> Notified:
    """Drain the outbox, then update sent messages until there is something to send again.

    ``in_full`` names articles that are reported in full although they are backlog.
    """
    notified, routes = Notified(), routes_of(settings, now=now)
    for route in routes:
        drained = drain(settings, route, now=now, in_full=in_full)
        notified += replace(drained, blocked=watch(settings, route, now=now))
    for route in routes:
        if isinstance(route, SlackBot):
            updated = refresh_messages(
                Warehouse(settings.warehouse), route, now=now, gives_way=lambda: bool(ready(settings, now=clock()))
            )
            notified += Notified(updated=updated)
    return notified


def ready(settings: Settings, *, now: datetime) -> int:
    """Return how many alerts may be sent now, for instance because of an event while a drain was ending."""
    return sum(_waiting(settings, route, now=now).ready for route in routes_of(settings, now=now))


def _waiting(settings: Settings, route: Route, *, now: datetime) -> Waiting:
    with Warehouse(settings.warehouse).transaction() as tx:
        return waiting_on(tx, route=route.name, now=now, channels=served(route))


def watch(settings: Settings, route: Route, *, now: datetime) -> str:
    """Return, log, and send over the second route if there is one, once, that nothing can be delivered."""
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
    if settings.slack_webhook and isinstance(route, SlackBot):
        tell_operator(settings, notice)
    else:
        log.error(notice)
    return notice


def route_of(settings: Settings) -> AnyRoute:
    """Return where alerts go: Slack if it is configured, otherwise the terminal.

    RouteError if only half of it is configured: nothing counts as delivered on a terminal that nobody looks at.
    """
    if settings.slack_lacks:
        raise RouteError(f"half of Slack is configured: {settings.slack_lacks} is missing (see docs/slack.md)")
    if settings.slack_token and settings.slack_channel:
        token = settings.slack_token.get_secret_value()
        buttons = settings.slack_app_token is not None
        return SlackBot.connect(token, settings.slack_channel, base_url=settings.slack_api_url, buttons=buttons)
    if settings.slack_webhook:
        return SlackWebhook.connect(settings.slack_webhook.get_secret_value())
    return TerminalRoute()


def routes_of(settings: Settings, *, now: datetime) -> list[AnyRoute]:
    """Return where alerts go, and a route of its own for each service, and with a bot each channel, named lately.

    So every channel has its own leases, order and pace, and one that is closed stops no other.
    """
    route = route_of(settings)
    with Warehouse(settings.warehouse).transaction() as tx:
        named = channels_named(tx, since=now - FOLLOWED_FOR)
    routes = [route, *(route_to(settings, route, channel) for channel in named)]
    return list({each.name: each for each in routes}.values())


def route_to(settings: Settings, route: AnyRoute, channel: str) -> AnyRoute:
    """Return the route to a channel or service that a rule names: ``route`` itself if it is the only one to Slack."""
    if is_service(channel):
        address = settings.services.get(channel)
        return Service.connect(channel, address.get_secret_value() if address else None)
    if not isinstance(route, SlackBot) or channel in {"", route.channel}:
        return route
    return replace(route, channel=channel, name=f"{route.name} {channel}")


def route_for(settings: Settings, alert: Alert) -> AnyRoute:
    """Return where one alert would go now."""
    return route_to(settings, route_of(settings), alert.channel or "")


def served(route: Route) -> list[str] | None:
    """Return the channels whose alerts go over ``route``, "" for those that name none; None serves all of Slack."""
    if isinstance(route, Service):
        return [route.channel]
    if not isinstance(route, SlackBot):
        return None
    return [route.channel] if route.name.endswith(f" {route.channel}") else ["", route.channel]


def drain(settings: Settings, route: Route, *, now: datetime, in_full: Collection[str] = ()) -> Notified:
    """Claim, send and record until nothing is left that may be sent now, or nothing can be delivered."""
    warehouse, outbox, steady = Warehouse(settings.warehouse), outbox_settings(settings, route), steady_clock()
    outcomes: list[Outcome] = []
    alerts: dict[str, Alert] = {}
    channels = served(route)
    held = [] if route.remembers else _hold_doubtful(warehouse, route, now=max(now, steady()))
    settled = True
    while settled:
        asked = max(now, steady())  # the lease runs from here, however long the claim waits for the file
        with warehouse.transaction() as tx:
            claims = claim_alerts(tx, route=route.name, now=asked, lease=outbox.lease, channels=channels)
        if claims and outcomes:
            time.sleep(route.pause)  # between two rounds as well as between two messages
        settled = False  # what a round could not settle is left for the next run, whatever the clock says
        alerts |= {claim.alert.id: claim.alert for claim in claims}
        if isinstance(route, SlackWebhook) and any(claim.alert.channel for claim in claims):
            log.warning("a webhook has only one channel: alerts for others go there too")
        for outcome in deliver(
            claims,
            route,
            until=asked + outbox.lease,
            clock=steady,
            sleep=time.sleep,
            settings=outbox,
            digest_above=settings.digest_above,
            in_full=in_full,
        ):
            record(warehouse, route, outcome)
            outcomes.append(outcome)
            settled |= outcome.status in {DeliveryStatus.DELIVERED, DeliveryStatus.DEAD_LETTER}
    return replace(tally(route, outcomes, alerts), held=len(held))


def _hold_doubtful(warehouse: Warehouse, route: Route, *, now: datetime) -> list[str]:
    with warehouse.transaction() as tx:
        return hold_doubtful(tx, route=route.name, now=now, channels=served(route))


def outbox_settings(settings: Settings, route: Route) -> OutboxSettings:
    """Return the time limits of delivery; a terminal has no delay, so after a kill the next cycle soon goes on."""
    if isinstance(route, TerminalRoute):
        soon = timedelta(seconds=1)
        return OutboxSettings(lease=TERMINAL_LEASE, timeout=soon, worst_delay=soon)
    return OutboxSettings(lease=timedelta(seconds=settings.lease))


def clock() -> datetime:
    """Return the present instant: leases and Slack's rate limits go by real time, not by the time of the cycle."""
    return datetime.now(UTC)


def steady_clock() -> Callable[[], datetime]:
    """Return a clock that never goes back, so that no lease lasts longer because the machine's clock was set back."""
    wall, began = clock(), time.monotonic()
    return lambda: max(clock(), wall + timedelta(seconds=time.monotonic() - began))


def record(warehouse: Warehouse, route: Route, outcome: Outcome) -> None:
    """Store the outcome of one message before the next is sent."""
    with warehouse.transaction() as tx:
        record_delivery(
            tx,
            outcome.alerts,
            route=route.name,
            status=outcome.status,
            now=clock(),
            receipt=outcome.receipt,
            error=outcome.error,
            retry_at=outcome.retry_at,
        )


def tally(route: Route, outcomes: Collection[Outcome], alerts: Mapping[str, Alert]) -> Notified:
    """Count what was sent, what is waiting and what was set aside."""
    last = {alert: outcome.status for outcome in outcomes for alert in outcome.alerts}
    counts = Counter(last.values())
    delivered = [outcome for outcome in outcomes if outcome.status is DeliveryStatus.DELIVERED]
    return Notified(
        route=route.name,
        fired=tuple(alerts[alert] for outcome in delivered for alert in outcome.alerts),
        messages=len(delivered),
        repeats=sum(len(outcome.alerts) for outcome in delivered if outcome.repeat),
        waiting=counts[DeliveryStatus.RETRY] + counts[DeliveryStatus.CLAIMED],
        dead_letters=counts[DeliveryStatus.DEAD_LETTER],
        errors=tuple(dict.fromkeys(outcome.error for outcome in outcomes if outcome.error)),
    )
