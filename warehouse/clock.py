"""Undoes what a clock that was ahead has postponed, so that the monitor does not sleep until that date."""

from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from extractors.counts import plural
from warehouse.rows import execute, select

DISAGREE = timedelta(minutes=2)
"""How much the clocks of two hosts may differ; anything dated later comes from a clock that was ahead."""
LONGEST_RETRY = timedelta(hours=28)
"""Slack's Retry-After is accepted up to 99,999 s."""
LONGEST_HOLD = timedelta(hours=25)
"""Quiet hours and the daily digest postpone by less than a day, or an hour more on the day the clocks change."""


def bring_back(connection: DuckDBPyConnection, *, now: datetime, lease: timedelta) -> list[str]:
    """Make due whatever is postponed for longer than is possible; return a line for each kind of thing that was.

    A lease is cut to its length and not to nothing, because whoever holds it may still be sending.
    """
    ahead, free = now + DISAGREE, now + lease
    leases = execute(connection, _LEASES, now=now, ahead=ahead, free=free)
    retries = execute(connection, _RETRIES, now=now, ahead=ahead, longest=now + LONGEST_RETRY)
    (held,) = select(connection, _HELD, now=now, ahead=ahead, longest=now + LONGEST_HOLD)
    execute(connection, _RELEASE, now=now, ahead=ahead, longest=now + LONGEST_HOLD)
    mutes = select(connection, _MUTES, now=now, ahead=ahead)
    execute(connection, _SHORTEN, now=now, ahead=ahead)
    counted = {
        f"leased for longer than a lease lasts, free from {_at(free)}": leases,
        "scheduled for a retry too far ahead, tried now": retries,
        "held back until a date too far ahead, sent now": held["alerts"],
    }
    lines = [f"{plural(count, 'alert')} {what}" for what, count in counted.items() if count]
    lines += [f"the mute of {row['subject']} began in the future, and ends on {_at(row['until'])}" for row in mutes]
    return [f"The clock has gone back: {line}" for line in lines]


_LEASES = """
UPDATE deliveries SET lease_until = least(lease_until, $free), changed_at = least(changed_at, $now)
WHERE status = 'claimed' AND (lease_until > $free OR changed_at > $ahead)
"""
_RETRIES = """
UPDATE deliveries SET retry_at = $now, changed_at = least(changed_at, $now)
WHERE status = 'retry' AND (retry_at > $longest OR changed_at > $ahead)
"""
_HELD = """
SELECT count(*) AS alerts FROM alerts
WHERE status = 'pending' AND (decided_at > $ahead OR not_before > $longest) AND not_before >= $now
"""
_RELEASE = """
UPDATE alerts SET
    decided_at = least(decided_at, $now), not_before = CASE WHEN not_before > $now THEN $now ELSE not_before END
WHERE status = 'pending' AND (decided_at > $ahead OR not_before > $longest)
"""
# the duration is kept, because that is what was asked for
_MUTES = """
SELECT subject, $now + (until - muted_at) AS until FROM mutes WHERE until IS NOT NULL AND muted_at > $ahead
ORDER BY subject
"""
_SHORTEN = """
UPDATE mutes SET until = $now + (until - muted_at), muted_at = $now WHERE until IS NOT NULL AND muted_at > $ahead
"""


def _at(when: datetime) -> str:
    return f"{when:%-d %b %H:%M} UTC"
