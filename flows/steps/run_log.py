"""The row of a step in ``runs``; separate from the cycle, so that ``ingest`` and ``notify`` import no model."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flows.settings import Settings
from warehouse.store import Warehouse
from warehouse.tables.runs import finish_run, start_run


@contextmanager
def recorded(settings: Settings, kind: str, *, now: datetime) -> Iterator[dict[str, int]]:
    """Record in ``runs`` when a step ran, how it ended, and the counts it puts into the yielded dictionary."""
    warehouse, counts = Warehouse(settings.warehouse), dict[str, int]()
    with warehouse.transaction() as tx:
        run = start_run(tx, kind, now=now)
    try:
        yield counts
    except BaseException as error:
        note = f"{type(error).__name__}: {error}"
        with warehouse.transaction() as tx:
            finish_run(tx, run, now=datetime.now(UTC), outcome="failed", counts=counts, note=note)
        raise
    with warehouse.transaction() as tx:
        finish_run(tx, run, now=datetime.now(UTC), outcome="completed", counts=counts)
