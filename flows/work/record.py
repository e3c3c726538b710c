"""The row a step leaves in ``runs``; apart from the cycle, so that ``ingest`` and ``notify`` import no model."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flows.settings import Settings
from warehouse.store import Warehouse


@contextmanager
def recorded(settings: Settings, kind: str, *, now: datetime) -> Iterator[dict[str, int]]:
    """Leave a row in ``runs`` that says when a step ran, how it ended, and the counts it put into what this yields."""
    warehouse = Warehouse(settings.warehouse)
    run, counts = warehouse.start_run(kind, now=now), dict[str, int]()
    try:
        yield counts
    except BaseException as error:
        note = f"{type(error).__name__}: {error}"
        warehouse.finish_run(run, now=datetime.now(UTC), outcome="failed", counts=counts, note=note)
        raise
    warehouse.finish_run(run, now=datetime.now(UTC), outcome="completed", counts=counts)
