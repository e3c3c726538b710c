"""The table ``deliveries``: who sends what, with leases, so that a crash loses nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import DeliveryStatus
from warehouse.rows import execute, select, upsert
from warehouse.stored_records import Claimed, Status, Waiting
from warehouse.tables.alerts import alert_of, find_alert

SETTLED = {DeliveryStatus.DELIVERED: Status.DELIVERED, DeliveryStatus.DEAD_LETTER: Status.DEAD_LETTER}
"""What becomes of an alert by what became of it on one route."""

KEY = "alert, route"
"""Of ``deliveries``."""

IN_DOUBT = timedelta(days=7)
"""How long after a restore an article from before may come in again whose alert has already been sent."""


def claim_alerts(
    connection: DuckDBPyConnection,
    *,
    route: str,
    now: datetime,
    lease: timedelta,
    limit: int = 500,
    channels: Sequence[str] | None = None,
) -> list[Claimed]:
    """Claim undelivered alerts that nobody else has claimed, for ``lease``: whole stories, oldest first.

    ``channels`` are those that the route serves; "" stands for alerts that name none. None is all of Slack, whose ids
    are in capitals: services have routes of their own.
    """
    owed = _owed(connection, route=route, now=now, channels=channels)
    stories = {row["story"] for row in owed[:limit]}
    taken = [row for row in owed if row["story"] in stories]
    rows = [
        _delivery(row["id"], route=route, status=DeliveryStatus.CLAIMED, now=now)
        | {"attempts": row["attempts"] + 1, "lease_until": now + lease}
        | {"receipt": row["receipt"], "error": row["error"]}
        for row in taken
    ]
    upsert(connection, "deliveries", rows, key=KEY)
    return [
        Claimed(
            alert=alert_of(row),
            attempts=row["attempts"] + 1,
            parent=row["parent"],
            perhaps_told_since=row["perhaps_told_since"],
        )
        for row in taken
    ]


def hold_doubtful(
    connection: DuckDBPyConnection, *, route: str, now: datetime, channels: Sequence[str] | None = None
) -> list[str]:
    """Hold alerts that may have been sent before a restore, on a route that cannot be searched; return their ids."""
    owed = _owed(connection, route=route, now=now, channels=channels)
    doubtful = [row["id"] for row in owed if row["perhaps_told_since"]]
    rows = [
        {
            "alert": alert,
            "route": route,
            "status": DeliveryStatus.HELD,
            "attempts": 0,
            "error": f"may have been sent before the restore, and {route} cannot be searched",
            "changed_at": now,
        }
        for alert in doubtful
    ]
    upsert(connection, "deliveries", rows, key=KEY)
    execute(connection, "UPDATE alerts SET status = 'held' WHERE id IN (FROM listed($alerts))", alerts=doubtful)
    return doubtful


def _owed(
    connection: DuckDBPyConnection, *, route: str, now: datetime, channels: Sequence[str] | None
) -> list[dict[str, Any]]:
    return select(
        connection,
        """
        SELECT * FROM owed_alerts($route, $now, $in_doubt)
        WHERE asked_for OR CASE
            WHEN $channels IS NULL THEN channel IS NULL OR channel = upper(channel)
            ELSE coalesce(channel, '') IN (FROM listed($channels))
        END
        ORDER BY decided_at, story, severity DESC, id
        """,
        route=route,
        now=now,
        in_doubt=IN_DOUBT,
        channels=channels,
    )


def record_delivery(
    connection: DuckDBPyConnection,
    alerts: Sequence[str],
    *,
    route: str,
    status: DeliveryStatus,
    now: datetime,
    receipt: str | None = None,
    error: str | None = None,
    retry_at: datetime | None = None,
) -> None:
    """Store the outcome for claimed ``alerts`` of one message; one that stays claimed keeps its lease."""
    execute(
        connection,
        """
        UPDATE deliveries SET
            status = $status, error = $error, retry_at = $retry_at, changed_at = $now,
            receipt = coalesce($receipt, receipt),
            lease_until = CASE WHEN $status = 'claimed' THEN lease_until END
        WHERE alert IN (FROM listed($alerts)) AND route = $route
        """,
        alerts=alerts,
        route=route,
        status=status,
        now=now,
        receipt=receipt,
        error=error,
        retry_at=retry_at,
    )
    if status in SETTLED:
        execute(
            connection,
            "UPDATE alerts SET status = $status WHERE id IN (FROM listed($alerts))",
            status=SETTLED[status],
            alerts=alerts,
        )


def queue_again(connection: DuckDBPyConnection, alert_id: str, *, route: str, now: datetime) -> None:
    """Queue an alert for ``route`` again, as if it had never been tried there."""
    row = _delivery(find_alert(connection, alert_id).alert.id, route=route, status=DeliveryStatus.QUEUED, now=now)
    upsert(connection, "deliveries", [row], key=KEY)


def _delivery(alert: str, *, route: str, status: DeliveryStatus, now: datetime) -> dict[str, Any]:
    """Return a row of ``deliveries`` as before the first attempt."""
    none_yet = dict.fromkeys(("lease_until", "retry_at", "receipt", "error", "reports", "corrections", "false_alarms"))
    return {"alert": alert, "route": route, "status": status, "attempts": 0, "changed_at": now, **none_yet}


def channels_named(connection: DuckDBPyConnection, *, since: datetime) -> list[str]:
    """Return the channels named by alerts that are waiting or were decided ``since`` then."""
    rows = select(
        connection,
        """
        SELECT DISTINCT channel FROM alerts
        WHERE channel IS NOT NULL AND (status = 'pending' OR decided_at >= $since)
        ORDER BY channel
        """,
        since=since,
    )
    return [row["channel"] for row in rows]


def waiting_on(
    connection: DuckDBPyConnection, *, route: str, now: datetime, channels: Sequence[str] | None = None
) -> Waiting:
    """Return what is unsent on the ``channels`` of a route, why, and when the last successful run asked for this.

    Alerts that are held back by quiet hours or left to a digest do not count.
    """
    (row,) = select(
        connection,
        """
        SELECT
            count(*) AS alerts, min(greatest(alerts.decided_at, alerts.not_before)) AS since,
            arg_max(here.error, here.changed_at) FILTER (here.error IS NOT NULL) AS error,
            (
                SELECT max(started_at) FROM runs WHERE kind = 'notify' AND outcome = 'completed' AND started_at < $now
            ) AS asked_before
        FROM alerts LEFT JOIN deliveries AS here ON here.alert = alerts.id AND here.route = $route
        WHERE alerts.status = 'pending' AND alerts.suppressed IS NULL
            AND (alerts.not_before IS NULL OR alerts.not_before <= $now)
            AND CASE
                WHEN $channels IS NULL THEN alerts.channel IS NULL OR alerts.channel = upper(alerts.channel)
                ELSE coalesce(alerts.channel, '') IN (FROM listed($channels))
            END
        """,
        route=route,
        now=now,
        channels=channels,
    )
    return Waiting(**row, ready=len(_owed(connection, route=route, now=now, channels=channels)))
