"""How long things are kept: logs for some months, articles in which nothing was found for as long as configured.

Only days on which something was stored count. A clock that jumps months ahead therefore ages the past by no more than
the days on which the monitor then runs, and deletes nothing prematurely.
"""

from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from warehouse.rows import execute, select

_LOGS = {"runs": "started_at", "fetches": "started_at", "failures": "seen_at", "operator_lines": "recorded_at"}

# the first of the last days on which something was stored, without days stored by a clock that was ahead
_SINCE = """
WITH days AS (SELECT DISTINCT date_trunc('day', {moment}) AS day FROM {table} WHERE {moment} < $tomorrow)
SELECT min(day) AS since FROM (FROM days ORDER BY day DESC LIMIT $days) HAVING count(*) = $days
"""
_EMPTY = """
WITH found AS (
    SELECT article FROM weapon_mentions UNION ALL SELECT article FROM transfers UNION ALL SELECT article FROM statements
    UNION ALL SELECT article FROM claims UNION ALL SELECT article FROM alerts
)
DELETE FROM articles WHERE seen < $before AND read_by IS NOT NULL AND id NOT IN (SELECT article FROM found)
"""


def forget(connection: DuckDBPyConnection, *, logs: int, articles: int = 0, now: datetime) -> int:
    """Delete logs of more than so many days ago and, unless 0, articles in which nothing was found; count rows."""
    gone = forget_logs(connection, days=logs, now=now)
    return gone + (forget_articles(connection, days=articles, now=now) if articles else 0)


def forget_logs(connection: DuckDBPyConnection, *, days: int, now: datetime) -> int:
    """Delete what was logged more than ``days`` ago; return the number of rows."""
    if (before := _kept_from(connection, "runs", "started_at", days=days, now=now)) is None:
        return 0
    return sum(
        execute(connection, f"DELETE FROM {table} WHERE {moment} < $before", before=before)  # noqa: S608 - constants
        for table, moment in _LOGS.items()
    )


def forget_articles(connection: DuckDBPyConnection, *, days: int, now: datetime) -> int:
    """Delete articles without a finding that were stored more than ``days`` ago; return how many.

    Stories that are left without articles are deleted too.
    """
    if (before := _kept_from(connection, "articles", "seen", days=days, now=now)) is None:
        return 0
    gone = execute(connection, _EMPTY, before=before)
    if gone:
        execute(connection, "DELETE FROM stories WHERE id NOT IN (SELECT story FROM articles WHERE story IS NOT NULL)")
        execute(connection, "DELETE FROM event_reports WHERE article NOT IN (SELECT id FROM articles)")
    return gone


def _kept_from(connection: DuckDBPyConnection, table: str, moment: str, *, days: int, now: datetime) -> datetime | None:
    """Return the midnight from which on everything is kept: ``days`` ago, or earlier if days are missing.

    None while there are fewer days than are kept. Whole days, so that most cycles find nothing to delete.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    sql = _SINCE.format(table=table, moment=moment)
    found = select(connection, sql, tomorrow=today + timedelta(days=1), days=days + 1)
    return min(found[0]["since"], today - timedelta(days=days)) if found else None
