"""Digests that are due → the alerts of their days → Slack, e-mail and other services, or the terminal."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.delivery.route import AmbiguousError, DeadLetterError, DeliveryError, DigestRoute
from alerts.messages import Digest, Enclosed
from alerts.policy.digest_schedule import DueDigest, due_digests
from alerts.policy.routes_file import load_routing
from alerts.report.digest_page import enclosed
from extractors.records import DeliveryStatus
from flows.settings import Settings
from flows.steps.notify import clock, outbox_settings, route_of, route_to
from warehouse.reporting import statements
from warehouse.store import Warehouse
from warehouse.tables.digests import channels_with_collected, claim_digest, digest_alerts, settle_digest

log = logging.getLogger(__name__)

BEFORE = {1: timedelta(days=14), 7: timedelta(days=28)}
"""How far back the chart of a daily and of a weekly digest goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """The result of sending what was due; results can be added."""

    sent: int = 0
    failed: int = 0
    """Digests that are tried again."""
    errors: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures for the row of the run."""
        return {"sent": self.sent, "failed": self.failed}

    @property
    def summary(self) -> str:
        """The result in one line."""
        told = f"{self.sent} sent" if self.sent else "none due"
        return told + "".join(f"; {error}" for error in self.errors)

    def __add__(self, other: "Digested") -> "Digested":
        return Digested(
            sent=self.sent + other.sent,
            failed=self.failed + other.failed,
            errors=tuple(dict.fromkeys(self.errors + other.errors)),
        )


def send_due_digests(settings: Settings, *, now: datetime) -> Digested:
    """Send every digest that is due and has not been sent; one that fails is tried again by the next run."""
    done = Digested()
    for each in digests_due(settings, now=now):
        sent = send_digest(settings, each, now=now)
        for error in sent.errors:
            log.error(error)
        done += sent
    return done


def digests_due(settings: Settings, *, now: datetime) -> Iterator[DueDigest]:
    """Yield the digests that routes.toml plans, and those that alerts wait for."""
    routing = load_routing(settings.seeds)
    with Warehouse(settings.warehouse).transaction() as tx:
        waiting = channels_with_collected(tx, now=now)
    at, zone = time.fromisoformat(routing.digest_at), ZoneInfo(routing.zone)
    yield from due_digests(routing.digests, waiting=waiting, now=now, at=at, zone=zone)


def send_digest(settings: Settings, due: DueDigest, *, now: datetime) -> Digested:
    """Send one digest, unless it has been sent or is being sent."""
    route = route_to(settings, route_of(settings), due.to)
    lease = outbox_settings(settings, route).lease
    digest = Digest(days=due.days, until=due.until).id
    with Warehouse(settings.warehouse).transaction() as tx:
        ours = claim_digest(tx, digest, route=route.name, days=due.days, until=due.until, now=now, lease=lease)
    return _deliver(settings, route, read_digest(settings, due), now=now) if ours else Digested()


def read_digest(settings: Settings, due: DueDigest) -> Digest:
    """Return what a digest tells."""
    digest = Digest(days=due.days, until=due.until)
    with Warehouse(settings.warehouse).transaction() as tx:
        read = digest_alerts(
            tx,
            since=digest.since,
            until=due.until,
            channel=due.to,
            everything=due.everything,
            backlog=due.backlog,
        )
    return replace(digest, told=read.told, collected=read.collected, backlog=read.backlog, unsent=read.unsent)


def enclosed_with(settings: Settings, digest: Digest, *, now: datetime) -> Enclosed:
    """Return the page and the chart of a digest, from the snapshot that analysts read."""
    since = digest.until - BEFORE.get(digest.days, timedelta(days=4 * digest.days))
    said = statements(settings.warehouse, since=since, until=digest.until)
    return enclosed(digest, said, since=since, now=now)


def _deliver(settings: Settings, route: DigestRoute, digest: Digest, *, now: datetime) -> Digested:
    """Deliver a claimed digest, and record what became of it before the next is sent."""
    status, receipt, trouble = DeliveryStatus.DELIVERED, None, None
    try:
        receipt = route.deliver_digest(digest, enclosed_with(settings, digest, now=now))
    except DeliveryError as error:
        status, trouble = _status(error), f"the digest did not arrive on {route.name}: {error}"
    with Warehouse(settings.warehouse).transaction() as tx:
        settle_digest(
            tx,
            digest.id,
            route=route.name,
            status=status,
            now=clock(),
            collected=digest.collected,
            receipt=str(receipt) if receipt else None,
            error=trouble,
        )
    return Digested(failed=1, errors=(trouble,)) if trouble else Digested(sent=1)


def _status(error: DeliveryError) -> DeliveryStatus:
    """Return what becomes of a digest: only one whose arrival is open keeps its lease."""
    if isinstance(error, AmbiguousError):
        return DeliveryStatus.CLAIMED
    return DeliveryStatus.DEAD_LETTER if isinstance(error, DeadLetterError) else DeliveryStatus.RETRY
