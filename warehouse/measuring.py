"""Figures on the monitor itself, for metrics and health checks: from the published snapshot, so that no writer waits.

Each file of ``metrics/`` is one metric: its name, on the first line what it means, and the query. A gauge yields a
``value`` for each combination of its other columns; a histogram yields ``counts`` by upper bound and the ``sum``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warehouse.connection import stamps
from warehouse.places import Lake, Place
from warehouse.publish import published_at, snapshot_path
from warehouse.query import reading_often
from warehouse.stored_records import Row

HERE = Path(__file__).parent / "metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What was measured for one metric."""

    name: str
    help: str
    rows: Sequence[Row]
    """Of a gauge: labels and ``value``; of a histogram one row: ``counts`` by upper bound, and the ``sum``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All metrics of one snapshot, in the order of their names."""

    gauges: Sequence[Metric]
    histograms: Sequence[Metric]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successes:
    """When each step that ever ran last succeeded, or first ran if it never did."""

    latest: Mapping[str, datetime]
    whole: bool
    """Whether the snapshot shows everything; a success since then is not known otherwise."""


_SUCCESSES = """
SELECT kind AS step, coalesce(max(finished_at) FILTER (outcome = 'completed'), min(started_at)) AS latest
FROM runs GROUP BY kind
"""


def measure(warehouse: Place, *, now: datetime) -> Measured:
    """Measure everything; WarehouseMissingError when nothing was published yet."""
    with reading_often(warehouse) as rows:
        published = published_at(warehouse)
        rows("SET VARIABLE now = $now", now=now)
        rows("SET VARIABLE published = $published", published=published)
        rows((HERE / "prepare.sql").read_text(encoding="utf-8"))
        return Measured(gauges=_metrics(rows, "gauges"), histograms=_metrics(rows, "histograms"))


def successes(warehouse: Place) -> Successes:
    """Return when each step last succeeded; WarehouseMissingError when nothing was published yet."""
    whole = isinstance(warehouse, Lake) or stamps(warehouse) == stamps(snapshot_path(warehouse))
    with reading_often(warehouse) as rows:
        return Successes(latest={row["step"]: row["latest"] for row in rows(_SUCCESSES)}, whole=whole)


def _metrics(rows: Callable[..., Sequence[Row]], kind: str) -> list[Metric]:
    return [_metric(rows, path) for path in sorted((HERE / kind).glob("*.sql"))]


def _metric(rows: Callable[..., Sequence[Row]], path: Path) -> Metric:
    sql = path.read_text(encoding="utf-8")
    return Metric(name=path.stem, help=sql.partition("\n")[0].removeprefix("-- "), rows=rows(sql))
