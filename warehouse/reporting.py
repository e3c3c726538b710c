"""What the published warehouse holds of a period: the lists of ``reports/*.sql`` that a report is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from warehouse.errors import WarehouseMissingError
from warehouse.places import Place
from warehouse.query import reading
from warehouse.stored_records import Row

HERE = Path(__file__).parent / "reports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a report is about, both ends included."""

    since: datetime
    until: datetime
    """When the warehouse last saw an article, whatever day that bears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The rows of a report: each list by the name of its file, each row by the names of its columns."""

    period: Period
    lists: Mapping[str, Sequence[Row]]


def material(warehouse: Place, *, days: int, since: date | None = None) -> Material:
    """Read the lists for the last ``days`` up to the latest article, or ``since`` a day, from one snapshot.

    Days are those of UTC. Raises WarehouseMissingError when nothing was published yet.
    """
    with reading(warehouse) as rows:
        (latest,) = rows("SELECT max(seen) AS seen FROM articles")
        period = _period(latest["seen"] or datetime.now(UTC), days=days, since=since)
        lists = {path.stem: _list(rows, path.stem, period) for path in sorted(HERE.glob("*.sql"))}
    return Material(period=period, lists=lists)


def statements(warehouse: Place, *, since: datetime, until: datetime) -> list[Row]:
    """Read the acts of speech of a period, as a report has them; none when nothing was published yet."""
    try:
        with reading(warehouse) as rows:
            return _list(rows, "statements", Period(since=since, until=until))
    except WarehouseMissingError:
        return []


def _list(rows: Callable[..., Sequence[Row]], name: str, period: Period) -> list[Row]:
    rows("SET VARIABLE since = $since", since=period.since)
    rows("SET VARIABLE until = $until", until=period.until)
    return list(rows((HERE / f"{name}.sql").read_text(encoding="utf-8")))


def _period(until: datetime, *, days: int, since: date | None) -> Period:
    first = since or until.date() - timedelta(days=days - 1)
    return Period(since=datetime.combine(first, time(), tzinfo=UTC), until=until)
