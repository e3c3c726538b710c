"""Figures on the monitor itself, for metrics and health checks: from the published snapshot, so that no writer waits.

Each file of ``metrics/`` is one metric: its name, on the first line what it means, and the query. A gauge yields a
``value`` for each combination of its other columns; a histogram yields ``counts`` by upper bound and the ``sum``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way in which a feed may have changed its shape."""

    feed: str
    what: str
    """What would be wrong, as the end of a sentence."""
    changed: bool
    well: bool
    """Neither, where too little came to tell or it has been so for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the news itself says of the monitor."""

    articles: int
    """Articles of the last hour that were no backlog."""
    promised: float
    """How many the feeds that are being polled usually bring in it, by what was learned of each hour of the day."""
    shapes: Sequence[Shape]
    drift: float
    """How far the scores of the last week are from those of the month before: see the metric ``confidence_drift``."""
    chance: float
    """The distance that chance hardly exceeds: see ``confidence_drift_critical``."""
    scores: tuple[float, float]
    """Mean confidence of the last week and of the month before."""


_SUCCESSES = """
SELECT kind AS step, coalesce(max(finished_at) FILTER (outcome = 'completed'), min(started_at)) AS latest
FROM runs GROUP BY kind
"""


_HOUR = """
SELECT
    (SELECT count(*) FROM articles WHERE seen > $now - INTERVAL 1 HOUR AND seen <= $now AND NOT backlog) AS articles,
    (
        SELECT coalesce(sum(rhythm[1 + ($hour + 23) % 24] * (1 - $part) + rhythm[1 + $hour] * $part), 0)
        FROM feeds WHERE last_fetched_at > $now - INTERVAL 1 DAY
    ) AS promised
"""
_SCORES = """
SELECT coalesce(avg(confidence) FILTER (recent), 0) AS here, coalesce(avg(confidence) FILTER (NOT recent), 0) AS there
FROM scores
"""
# the last day against the two weeks before: nine of ten, and at most one of five
_SHAPES = """
WITH brought AS (
    SELECT
        feed, count(*) FILTER (seen > $day) AS here, count(*) FILTER (seen <= $day) AS there,
        count(*) FILTER (seen > $day AND published IS NULL) AS undated_here,
        count(*) FILTER (seen <= $day AND published IS NULL) AS undated_there
    FROM articles WHERE seen > $since AND seen <= $now AND NOT backlog AND feed IS NOT NULL GROUP BY feed
),
failed AS (
    SELECT feed, trouble, count(*) FILTER (seen_at > $day) AS here, count(*) FILTER (seen_at <= $day) AS there
    FROM failures WHERE seen_at > $since AND seen_at <= $now AND feed IS NOT NULL GROUP BY feed, trouble
),
shares AS (
    SELECT feed, 'its articles have no date' AS what, undated_here AS bad, here AS every,
        undated_there AS bad_before, there AS every_before
    FROM brought
    UNION ALL
    SELECT feed, 'its pages give no article', failed.here, brought.here, failed.there, brought.there
    FROM failed JOIN brought USING (feed) WHERE trouble = 'page'
    UNION ALL
    SELECT feed, 'its entries cannot be read', failed.here, failed.here + coalesce(brought.here, 0),
        failed.there, failed.there + coalesce(brought.there, 0)
    FROM failed LEFT JOIN brought USING (feed) WHERE trouble = 'entry'
)
SELECT feed, what,
    every >= 5 AND every_before >= 20 AND bad >= 0.9 * every AND bad_before <= 0.2 * every_before AS changed,
    every >= 5 AND bad < 0.5 * every AS well
FROM shares
UNION ALL
SELECT id, 'what it sends is no feed', consecutive_failures >= 5 AND failed.here >= 5, consecutive_failures = 0
FROM feeds JOIN failed ON failed.feed = feeds.id AND trouble = 'not_a_feed' WHERE last_success_at IS NOT NULL
UNION ALL
SELECT id, 'it sends no entries', entries = 0, entries > 0
FROM feeds WHERE list_sum(rhythm) >= 1 AND consecutive_failures = 0
ORDER BY feed, what
"""


def signs(warehouse: Place, *, now: datetime) -> Signs:
    """Return what the news says of the monitor; WarehouseMissingError when nothing was published yet."""
    day = now - timedelta(days=1)
    with reading_often(warehouse) as rows:
        _prepare(rows, warehouse, now)
        (hour,) = rows(_HOUR, now=now, hour=now.astimezone(UTC).hour, part=now.minute / 60)
        (scores,) = rows(_SCORES)
        drift, chance = (
            _metric(rows, HERE / "gauges" / f"{name}.sql").rows[0]["value"]
            for name in ("confidence_drift", "confidence_drift_critical")
        )
        shapes = [Shape(**row) for row in rows(_SHAPES, now=now, day=day, since=day - timedelta(days=14))]
    return Signs(**hour, shapes=shapes, drift=drift, chance=chance, scores=(scores["here"], scores["there"]))


def measure(warehouse: Place, *, now: datetime) -> Measured:
    """Measure everything; WarehouseMissingError when nothing was published yet."""
    with reading_often(warehouse) as rows:
        _prepare(rows, warehouse, now)
        return Measured(gauges=_metrics(rows, "gauges"), histograms=_metrics(rows, "histograms"))


def successes(warehouse: Place) -> Successes:
    """Return when each step last succeeded; WarehouseMissingError when nothing was published yet."""
    whole = isinstance(warehouse, Lake) or stamps(warehouse) == stamps(snapshot_path(warehouse))
    with reading_often(warehouse) as rows:
        return Successes(latest={row["step"]: row["latest"] for row in rows(_SUCCESSES)}, whole=whole)


def _prepare(rows: Callable[..., Sequence[Row]], warehouse: Place, now: datetime) -> None:
    rows("SET VARIABLE now = $now", now=now)
    rows("SET VARIABLE published = $published", published=published_at(warehouse))
    rows((HERE / "prepare.sql").read_text(encoding="utf-8"))


def _metrics(rows: Callable[..., Sequence[Row]], kind: str) -> list[Metric]:
    return [_metric(rows, path) for path in sorted((HERE / kind).glob("*.sql"))]


def _metric(rows: Callable[..., Sequence[Row]], path: Path) -> Metric:
    sql = path.read_text(encoding="utf-8")
    return Metric(name=path.stem, help=sql.partition("\n")[0].removeprefix("-- "), rows=rows(sql))
