"""The tables ``alerts`` and ``mutes``: what was decided, who else reported it, and how its delivery went."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Alert, AlertKind, DeliveryStatus
from warehouse.errors import NoSuchAlertError
from warehouse.rows import execute, given_id, insert_missing, select, upsert
from warehouse.stored_records import Delivery, Mute, Report, Status, StoredAlert

FIELDS = tuple(field.name for field in fields(Alert))


def save_alerts(connection: DuckDBPyConnection, alerts: Sequence[Alert], *, now: datetime, anew: bool = False) -> None:
    """Store decisions; one made before stays as it is, unless it was made ``anew``.

    An alert that waits for a digest is not suppressed.
    """
    rows = [
        {name: getattr(alert, name) for name in FIELDS}
        | {
            "status": Status.SUPPRESSED if alert.suppressed and not alert.not_before else Status.PENDING,
            "decided_at": now,
        }
        for alert in alerts
    ]
    (upsert if anew else insert_missing)(connection, "alerts", rows, key="id")


def latest_alerts(
    connection: DuckDBPyConnection, *, status: Status | None = None, since: datetime | None = None, limit: int = 50
) -> list[StoredAlert]:
    """Return the latest alerts, newest first."""
    rows = select(
        connection,
        """
        SELECT * FROM alerts
        WHERE ($status IS NULL OR status = $status) AND ($since IS NULL OR decided_at >= $since)
        ORDER BY decided_at DESC, severity DESC, id LIMIT $limit
        """,
        status=status,
        since=since,
        limit=limit,
    )
    return _with_deliveries(connection, rows)


def find_alert(connection: DuckDBPyConnection, alert_id: str) -> StoredAlert:
    """Return the alert with this id, or the only one whose id begins like this; NoSuchAlertError if there is none."""
    wanted = given_id(alert_id)
    rows = select(
        connection,
        "SELECT * FROM alerts WHERE starts_with(id, $id) ORDER BY id = $id DESC, id LIMIT 5",
        id=wanted,
    )
    exact = [row for row in rows if row["id"] == wanted] or rows
    if len(exact) != 1:
        raise NoSuchAlertError(wanted, [row["id"] for row in exact])
    return _with_deliveries(connection, exact)[0]


def alerts_of(connection: DuckDBPyConnection, article: str) -> list[Alert]:
    """Return the alerts that an article led to, suppressed ones included."""
    rows = select(
        connection, "SELECT * FROM alerts WHERE article = $article ORDER BY severity DESC, id", article=article
    )
    return [alert_of(row) for row in rows]


def reports_of(connection: DuckDBPyConnection, claim: str) -> list[Report]:
    """Return every article that makes ``claim``, by publication, with the first sentence that does."""
    rows = select(
        connection,
        """
        WITH RECURSIVE same(id) AS (
            SELECT $claim
            UNION SELECT claims.merged_into FROM claims JOIN same USING (id) WHERE claims.merged_into IS NOT NULL
        ),
        said AS (
            SELECT article, quote AS sentence, span_start FROM statements WHERE claim IN (FROM same)
            UNION ALL SELECT article, sentence, span_start FROM transfers WHERE claim IN (FROM same)
            UNION ALL SELECT article, text, span_start FROM weapon_mentions WHERE claim IN (FROM same)
        )
        SELECT
            said.article, any_value(source) AS outlet, any_value(ownership) AS ownership, any_value(title) AS title,
            any_value(url) AS url, any_value(published) AS published, any_value(seen) AS seen,
            arg_min(said.sentence, said.span_start) AS sentence
        FROM said JOIN articles ON articles.id = said.article
        GROUP BY said.article
        ORDER BY coalesce(any_value(published), any_value(seen)), said.article
        """,
        claim=claim,
    )
    return [Report(**row) for row in rows]


def outlets_of(connection: DuckDBPyConnection, claims: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the outlets that reported each of ``claims``, in the order of their reports."""
    rows = select(
        connection,
        """
        WITH RECURSIVE same(asked, id) AS (
            SELECT item, item FROM listed($claims)
            UNION SELECT asked, merged_into FROM claims JOIN same USING (id) WHERE claims.merged_into IS NOT NULL
        ),
        said AS (
            SELECT claim, article FROM statements
            UNION ALL SELECT claim, article FROM transfers
            UNION ALL SELECT claim, article FROM weapon_mentions
        ),
        reported AS (
            SELECT asked, source, min(coalesce(published, seen)) AS reported_at
            FROM same JOIN said ON said.claim = same.id JOIN articles ON articles.id = said.article
            WHERE source IS NOT NULL
            GROUP BY asked, source
        )
        SELECT asked, list(source ORDER BY reported_at, source) AS outlets FROM reported GROUP BY asked
        """,
        claims=claims,
    )
    return {row["asked"]: tuple(row["outlets"]) for row in rows}


def _with_deliveries(connection: DuckDBPyConnection, rows: Sequence[dict[str, Any]]) -> list[StoredAlert]:
    found = select(
        connection,
        "SELECT * FROM deliveries WHERE alert IN (FROM listed($alerts)) ORDER BY changed_at, route",
        alerts=[row["id"] for row in rows],
    )
    deliveries = [Delivery(**{**row, "status": DeliveryStatus(row["status"])}) for row in found]
    return [
        StoredAlert(
            alert=alert_of(row),
            status=Status(row["status"]),
            decided_at=row["decided_at"],
            deliveries=tuple(delivery for delivery in deliveries if delivery.alert == row["id"]),
        )
        for row in rows
    ]


def alert_of(row: dict[str, Any]) -> Alert:
    """Return a row of ``alerts`` as a record."""
    values = {name: row[name] for name in FIELDS}
    values["marks"] = tuple((start, end) for start, end in row["marks"])
    values["mentions"] = tuple(row["mentions"] or ())
    values["decision"] = tuple(row["decision"] or ())
    return Alert(**{**values, "kind": AlertKind(row["kind"])})


# --- mutes


def mute(
    connection: DuckDBPyConnection, subject: str, *, now: datetime, until: datetime | None = None, reason: str = ""
) -> None:
    """Keep alerts on ``subject`` (id of a weapon, speaker, side, feed or claim) from being sent."""
    row = {"subject": subject, "until": until, "reason": reason, "muted_at": now}
    upsert(connection, "mutes", [row], key="subject")


def unmute(connection: DuckDBPyConnection, subject: str) -> bool:
    """End the mute of ``subject``; return whether there was one."""
    return execute(connection, "DELETE FROM mutes WHERE subject = $subject", subject=subject) > 0


def ids_held(connection: DuckDBPyConnection, ids: Collection[str]) -> set[str]:
    """Return those of ``ids`` that are weapons some article named, or claims."""
    rows = select(
        connection,
        "SELECT item FROM listed($ids) WHERE item IN (SELECT id FROM weapons UNION SELECT id FROM claims)",
        ids=set(ids),
    )
    return {row["item"] for row in rows}


def mutes_in_force(connection: DuckDBPyConnection, now: datetime) -> list[Mute]:
    """Return the mutes in force."""
    rows = select(connection, "SELECT * FROM mutes WHERE until IS NULL OR until > $now ORDER BY subject", now=now)
    return [Mute(**row) for row in rows]
