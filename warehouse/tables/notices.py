"""The table ``notices``, and the figures behind it: the state of the monitor itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from duckdb import DuckDBPyConnection

from warehouse.clock import DISAGREE
from warehouse.rows import select, upsert
from warehouse.stored_records import Noted, Notice, Pulse, Row

DAYS = 8
"""The last day and the week before it."""
REMIND = timedelta(days=1)
"""After this time, something that is still wrong is reported again."""


def measure_pulse(connection: DuckDBPyConnection, *, now: datetime) -> Pulse:
    """Return when each step last succeeded, what each day brought, and how far the clock is off."""
    known = now + DISAGREE  # rows dated later were written by a clock that was ahead
    steps = select(connection, _STEPS, known=known)
    days = select(connection, _DAYS, now=now, since=now - timedelta(days=DAYS))
    (clock,) = select(connection, _CLOCK, known=known, since=now - timedelta(days=1))
    return Pulse(
        began=min((row["began"] for row in steps), default=None),
        succeeded={row["kind"]: row["succeeded"] for row in steps if row["succeeded"]},
        articles=_by_day(days, "articles"),
        signals=_by_day(days, "signals"),
        clock_off=timedelta(seconds=clock["off"]) if clock["hosts"] >= 3 else None,
    )


_STEPS = """
SELECT kind, min(started_at) AS began, max(finished_at) FILTER (outcome = 'completed') AS succeeded
FROM runs WHERE coalesce(finished_at, started_at) <= $known GROUP BY kind
"""
_DAYS = """
WITH read AS (
    SELECT id, floor(epoch($now - seen) / 86400)::INTEGER AS day FROM articles
    WHERE seen > $since AND seen <= $now AND NOT backlog
)
SELECT
    day, count(*) AS articles,
    count(*) FILTER (
        id IN (SELECT article FROM weapon_mentions)
        OR id IN (SELECT article FROM transfers)
        OR id IN (SELECT article FROM statements)
    ) AS signals
FROM read GROUP BY day
"""
# the last answer of each feed, and the median, because some server's clock is always wrong
_CLOCK = """
WITH latest AS (
    SELECT feed, arg_max(clock_off_s, started_at) AS off FROM fetches
    WHERE started_at BETWEEN $since AND $known AND clock_off_s IS NOT NULL GROUP BY feed
)
SELECT count(*) AS hosts, median(off) AS off FROM latest
"""


def _by_day(rows: Sequence[Mapping[str, int]], name: str) -> tuple[int, ...]:
    found = {row["day"]: row[name] for row in rows}
    return tuple(found.get(day, 0) for day in range(DAYS))


def save_notices(connection: DuckDBPyConnection, notices: Sequence[Notice], *, now: datetime) -> Noted:
    """Store what is wrong now and what no longer is; return what must be reported, each item to one caller only."""
    lasting = {row["subject"]: row for row in select(connection, "SELECT * FROM notices WHERE over_at IS NULL")}
    later = [row for notice in notices if (row := _after(lasting.get(notice.subject), notice, now))]
    changed = [row for row in later if row != lasting.get(row["subject"])]
    upsert(connection, "notices", changed, key="subject")
    return Noted(
        told=tuple(row["notice"] for row in changed if row["told_at"] == now and not row["over_at"]),
        over=tuple(row["notice"] for row in changed if row["told_at"] and row["over_at"]),
    )


def _after(before: Row | None, notice: Notice, now: datetime) -> dict[str, Any] | None:
    """Return the new row of a subject; None if nothing was wrong and nothing is."""
    if notice.text is None:
        return {**before, "over_at": now} if before else None
    # neither lies in the future, whatever the clock showed when it was written
    seen_at = min(before["seen_at"], now) if before else now
    told_at = min(before["told_at"], now) if before and before["told_at"] else None
    if notice.sure and now - seen_at >= notice.patience and (told_at is None or now - told_at >= REMIND):
        told_at = now
    return {"subject": notice.subject, "notice": notice.text, "seen_at": seen_at, "told_at": told_at, "over_at": None}
