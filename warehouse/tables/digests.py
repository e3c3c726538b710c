"""The table ``digests``, and the alerts that a digest tells: each is sent once to each place, whatever crashes."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from extractors.records import Alert, DeliveryStatus
from warehouse.rows import execute, select, upsert
from warehouse.stored_records import DigestAlerts, Row
from warehouse.tables.alerts import alert_of

HELD_BACK = ("muted:", "rule ")
"""How the reason begins why an alert was held back by somebody's wish, and not because another one tells the same."""


def channels_with_collected(connection: DuckDBPyConnection, *, now: datetime) -> frozenset[str]:
    """Return the channels for which alerts wait that were left to a digest whose time has come; "" for no channel."""
    rows = select(
        connection,
        """
        SELECT DISTINCT coalesce(channel, '') AS channel FROM alerts
        WHERE status = 'pending' AND suppressed IS NOT NULL AND not_before <= $now
        """,
        now=now,
    )
    return frozenset(row["channel"] for row in rows)


def claim_digest(
    connection: DuckDBPyConnection,
    digest: str,
    *,
    route: str,
    days: int,
    until: datetime,
    now: datetime,
    lease: timedelta,
) -> bool:
    """Claim a digest for ``lease``; return whether it is ours to send: neither sent, set aside nor being sent."""
    found = select(
        connection, "SELECT * FROM digests WHERE digest = $digest AND route = $route", digest=digest, route=route
    )
    before: Row = found[0] if found else {"attempts": 0, "status": None, "lease_until": None}
    if before["lease_until"] and before["lease_until"] > now:
        return False
    if before["status"] in {DeliveryStatus.DELIVERED, DeliveryStatus.DEAD_LETTER}:
        return False
    row = {
        "digest": digest,
        "route": route,
        "days": days,
        "until": until,
        "status": DeliveryStatus.CLAIMED,
        "attempts": before["attempts"] + 1,
        "lease_until": now + lease,
        "changed_at": now,
    }
    upsert(connection, "digests", [row], key="digest, route")
    return True


def digest_alerts(
    connection: DuckDBPyConnection, *, since: datetime, until: datetime, channel: str, everything: bool, backlog: bool
) -> DigestAlerts:
    """Return what a digest tells: the alerts decided in a period that are told, and those left to it for ``channel``.

    With ``everything``, alerts of all channels are told; with ``backlog``, also those that came with one. False
    positives are left out.
    """
    rows = select(
        connection,
        """
        SELECT
            alerts.*,
            alerts.suppressed IS NOT NULL AND alerts.not_before IS NOT NULL AS is_collected,
            coalesce(alerts.channel, '') = $channel AS is_here
        FROM alerts LEFT JOIN claims ON claims.id = alerts.claim
        WHERE NOT coalesce(claims.false_alarm, false) AND (
            alerts.decided_at > $since AND alerts.decided_at <= $until
            AND (NOT alerts.backlog OR $backlog AND alerts.suppressed IS NULL)
            OR alerts.status = 'pending' AND alerts.suppressed IS NOT NULL AND alerts.not_before <= $until
        )
        ORDER BY alerts.severity DESC, alerts.decided_at, alerts.id
        """,
        since=since,
        until=until,
        channel=channel,
        backlog=backlog,
    )
    shown = [row for row in rows if everything or row["is_here"]]
    return DigestAlerts(
        told=tuple(alert_of(row) for row in shown if row["suppressed"] is None and not row["backlog"]),
        backlog=tuple(alert_of(row) for row in shown if row["suppressed"] is None and row["backlog"]),
        collected=tuple(
            alert_of(row)
            for row in shown
            if row["is_collected"] and row["is_here"] and row["status"] == "pending" and row["not_before"] <= until
        ),
        unsent=sum((row["suppressed"] or "").startswith(HELD_BACK) and not row["is_collected"] for row in shown),
    )


def settle_digest(
    connection: DuckDBPyConnection,
    digest: str,
    *,
    route: str,
    status: DeliveryStatus,
    now: datetime,
    collected: Sequence[Alert] = (),
    receipt: str | None = None,
    error: str | None = None,
) -> None:
    """Store what became of a claimed digest; the alerts that were left to it arrived with it. Only a claim is kept."""
    execute(
        connection,
        """
        UPDATE digests SET
            status = $status, receipt = coalesce($receipt, receipt), error = $error, changed_at = $now,
            lease_until = CASE WHEN $status = 'claimed' THEN lease_until END
        WHERE digest = $digest AND route = $route
        """,
        digest=digest,
        route=route,
        status=status,
        receipt=receipt,
        error=error,
        now=now,
    )
    if status is DeliveryStatus.DELIVERED:
        _arrived(connection, [alert.id for alert in collected], route=route, now=now)


def _arrived(connection: DuckDBPyConnection, alerts: Collection[str], *, route: str, now: datetime) -> None:
    """Record alerts as delivered with a digest: without a receipt, so that no story is continued below it."""
    rows = [
        {"alert": alert, "route": route, "status": DeliveryStatus.DELIVERED, "attempts": 1, "changed_at": now}
        for alert in alerts
    ]
    upsert(connection, "deliveries", rows, key="alert, route")
    execute(connection, "UPDATE alerts SET status = 'delivered' WHERE id IN (FROM listed($alerts))", alerts=alerts)
