"""One monitoring cycle: ingest, detect, notify, in order, and what a person is told of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flows.settings import Settings
from flows.work.detect import Detected, detect
from flows.work.ingest import Ingested, ingest
from flows.work.notify import Notified, notify
from flows.work.record import recorded
from warehouse.store import Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What the three steps brought."""

    ingested: Ingested
    detected: Detected
    notified: Notified


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Who is told how far a cycle has come."""

    on_feed: Callable[[int, int], None] = lambda _done, _of: None
    on_article: Callable[[int], None] = lambda _done: None


def run_cycle(settings: Settings, *, now: datetime, progress: Progress | None = None) -> Cycle:
    """Run the three steps once; a second call at once finds nothing new."""
    progress = progress or Progress()
    Warehouse(settings.warehouse).migrate()
    with recorded(settings, "ingest", now=now) as counts:
        ingested = ingest(settings, now=now, on_feed=progress.on_feed)
        counts.update(ingested.counts)
    with recorded(settings, "detect", now=now) as counts:
        detected = detect(settings, now=now, on_article=progress.on_article)
        counts.update(detected.counts)
    with recorded(settings, "notify", now=now) as counts:
        notified = notify(settings, now=now, in_full=ingested.seeds)
        counts.update(notified.counts)
    Warehouse(settings.warehouse).publish()
    return Cycle(ingested=ingested, detected=detected, notified=notified)
