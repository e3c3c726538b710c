"""One monitoring cycle: ingest, detect, notify and digest, in this order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flows.settings import Settings
from flows.steps.detect import Detected, detect
from flows.steps.digest import Digested, send_due_digests
from flows.steps.ingest import Ingested, ingest
from flows.steps.notify import Notified, notify
from flows.steps.reread import Lookout, count_again, read_again
from flows.steps.run_log import recorded
from warehouse.store import Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """The results of the steps."""

    ingested: Ingested
    detected: Detected
    notified: Notified
    digested: Digested = field(default_factory=Digested)
    again: Detected = field(default_factory=Detected)
    """The result of reading stored articles again."""
    left: int = 0
    """Number of stored articles still to be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Functions that are called with the progress of a cycle."""

    on_feed: Callable[[int, int], None] = lambda _done, _of: None
    on_article: Callable[[int], None] = lambda _done: None


def run_cycle(settings: Settings, *, now: datetime, progress: Progress | None = None, quiet: bool = False) -> Cycle:
    """Run the steps once, then read stored articles again if they need it; a second call finds nothing new.

    Seed documents are told in full, or with ``quiet`` in the summary of what is old.
    """
    progress, warehouse = progress or Progress(), Warehouse(settings.warehouse)
    warehouse.migrate()
    with recorded(settings, "ingest", now=now) as counts:
        ingested = ingest(settings, now=now, on_feed=progress.on_feed)
        counts.update(ingested.counts)
    with recorded(settings, "detect", now=now) as counts:
        detected = detect(settings, now=now, on_article=progress.on_article)
        counts.update(detected.counts)
    with recorded(settings, "notify", now=now) as counts:
        notified = notify(settings, now=now, in_full=() if quiet else ingested.seeds)
        counts.update(notified.counts)
    warehouse.publish(news=bool(ingested.articles or detected.articles or notified.changed))
    with recorded(settings, "digest", now=now) as counts:
        digested = send_due_digests(settings, now=now)
        counts.update(digested.counts)
    again, left = Detected(), count_again(settings)
    if left:
        again = _read_again(settings, now=now, progress=progress)
        left = count_again(settings)
        warehouse.publish()
    return Cycle(ingested=ingested, detected=detected, notified=notified, digested=digested, again=again, left=left)


def _read_again(settings: Settings, *, now: datetime, progress: Progress) -> Detected:
    """Read stored articles again until the budget is spent or new ones arrive, which the next cycle reads."""
    again, lookout = Detected(), Lookout(settings)
    with recorded(settings, "reread", now=now) as counts:
        for stored in read_again(settings, now=now, seconds=settings.reread_budget):
            again += stored
            progress.on_article(again.articles)
            if lookout.waits():
                break
        counts.update(again.counts)
    return again
