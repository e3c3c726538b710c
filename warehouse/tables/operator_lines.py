"""The table ``operator_lines``: what whoever runs the monitor is told, until Slack has taken it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from extractors.records import DeliveryStatus
from warehouse.rows import execute, insert, select
from warehouse.stored_records import Row

LASTS = timedelta(days=1)
"""After this time a line is no news: what is still wrong is reported again."""
AT_ONCE = 20
"""Most lines of one message: a night's worth comes in a few."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""How long to wait after an attempt that failed, twice as long after each: the lines may have arrived."""


def add_lines(connection: DuckDBPyConnection, lines: Sequence[str], *, now: datetime, once: bool = False) -> list[str]:
    """Store lines to be told; return them. With ``once``, those that were stored within the last day are left out."""
    (known,) = select(connection, _KNOWN, since=now - LASTS)
    added = [line for line in lines if not (once and line in known["lately"])]
    row = {"status": DeliveryStatus.QUEUED, "attempts": 0, "recorded_at": now, "changed_at": now}
    rows = [{"number": known["last"] + place, "line": line, **row} for place, line in enumerate(added, 1)]
    insert(connection, "operator_lines", rows)
    return added


def expire_lines(connection: DuckDBPyConnection, *, now: datetime) -> int:
    """Set aside the lines that nobody has taken for a day; return how many."""
    return execute(connection, _EXPIRE, before=now - LASTS, now=now)


def lines_to_tell(connection: DuckDBPyConnection, *, now: datetime) -> Sequence[Row]:
    """Return the first lines that wait, in their order; none during the pause after a failure, unless one is new."""
    rows = select(connection, _WAITING, most=AT_ONCE)
    return rows if any(_due(row, now) for row in rows) else []


def settle_lines(
    connection: DuckDBPyConnection, *, last: int, status: DeliveryStatus, now: datetime, error: str | None = None
) -> None:
    """Store what became of the lines that waited, up to number ``last``."""
    execute(connection, _SETTLE, last=last, status=status, error=error, now=now)


_KNOWN = """
SELECT coalesce(max(number), 0) AS last, coalesce(list(line) FILTER (recorded_at > $since), []) AS lately
FROM operator_lines
"""
_WAITING = "SELECT * FROM operator_lines WHERE status = 'queued' ORDER BY number LIMIT $most"
_EXPIRE = """
UPDATE operator_lines SET status = 'dead_letter', changed_at = $now
WHERE status = 'queued' AND recorded_at < $before
"""
_SETTLE = """
UPDATE operator_lines SET status = $status, attempts = attempts + 1, error = $error, changed_at = $now
WHERE status = 'queued' AND number <= $last
"""


def _due(row: Row, now: datetime) -> bool:
    """Whether a line is new or its pause is over; a date in the future comes from a clock that was ahead."""
    pause = min(FIRST_PAUSE * 2 ** min(row["attempts"] - 1, 10), LONGEST_PAUSE)
    return not row["attempts"] or not row["changed_at"] <= now < row["changed_at"] + pause
