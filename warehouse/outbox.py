"""The tables ``alerts``, ``deliveries`` and ``mutes``: who is told what, with leases so that a crash loses nothing."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Alert, AlertKind
from warehouse.errors import NoSuchAlertError
from warehouse.records import (
    Claimed,
    Delivery,
    DeliveryStatus,
    FalseAlarm,
    Mute,
    Report,
    Retold,
    Status,
    StoredAlert,
    Waiting,
)
from warehouse.rows import insert, select

FIELDS = tuple(field.name for field in fields(Alert))


def save_alerts(connection: DuckDBPyConnection, alerts: Sequence[Alert], *, now: datetime) -> None:
    """Store what was decided; a decision made before stays as it is. What waits for a digest is not suppressed."""
    rows = [
        {name: getattr(alert, name) for name in FIELDS}
        | {
            "status": Status.SUPPRESSED if alert.suppressed and not alert.not_before else Status.PENDING,
            "decided_at": now,
        }
        for alert in alerts
    ]
    insert(connection, "alerts", rows, on_conflict="IGNORE")


def claim_alerts(
    connection: DuckDBPyConnection,
    *,
    route: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    channels: Sequence[str] | None,
) -> list[Claimed]:
    """Take alerts that nobody has delivered or holds; whole stories, oldest first.

    ``channels`` are those the route serves: "" is for alerts that name none; None serves all.
    """
    owed = _owed(connection, route=route, now=now, channels=channels)
    stories = {row["story"] for row in owed[:limit]}
    taken = [row for row in owed if row["story"] in stories]
    rows = [
        {
            "alert": row["id"],
            "route": route,
            "status": DeliveryStatus.CLAIMED,
            "attempts": row["attempts"] + 1,
            "lease_until": now + lease,
            "retry_at": None,
            "receipt": row["receipt"],
            "error": row["error"],
            "reports": None,
            "changed_at": now,
        }
        for row in taken
    ]
    insert(connection, "deliveries", rows, on_conflict="REPLACE")
    return [Claimed(alert=_alert(row), attempts=row["attempts"] + 1, parent=row["parent"]) for row in taken]


def _owed(
    connection: DuckDBPyConnection, *, route: str, now: datetime, channels: Sequence[str] | None
) -> list[dict[str, Any]]:
    return select(
        connection,
        """
        WITH owed AS (
            SELECT alerts.*, coalesce(here.attempts, 0) AS attempts, here.receipt, here.error
            FROM alerts
            LEFT JOIN deliveries AS here ON here.alert = alerts.id AND here.route = $route
            WHERE (
                    here.status = 'queued'
                    OR alerts.status = 'pending'
                    AND (alerts.not_before IS NULL OR alerts.not_before <= $now)
                    AND ($channels IS NULL OR coalesce(alerts.channel, '') IN (FROM listed($channels)))
                )
                AND (here.retry_at IS NULL OR here.retry_at <= $now)
                AND NOT EXISTS (
                    FROM deliveries AS other
                    WHERE other.alert = alerts.id AND other.status = 'claimed' AND other.lease_until > $now
                )
                -- of one story nothing is said before what came first
                AND alerts.story NOT IN (
                    SELECT earlier.story
                    FROM deliveries AS held
                    JOIN alerts AS earlier ON earlier.id = held.alert
                    WHERE held.route = $route
                        AND earlier.status = 'pending'
                        AND (held.retry_at > $now OR (held.status = 'claimed' AND held.lease_until > $now))
                )
        ),
        told AS (
            SELECT alerts.story, arg_min(told.receipt, (told.changed_at, told.alert)) AS receipt
            FROM deliveries AS told
            JOIN alerts ON alerts.id = told.alert
            WHERE told.route = $route AND told.status = 'delivered' AND alerts.story IN (SELECT story FROM owed)
            GROUP BY alerts.story
        )
        SELECT owed.*, told.receipt AS parent
        FROM owed LEFT JOIN told ON told.story = owed.story
        ORDER BY owed.decided_at, owed.story, owed.severity DESC, owed.id
        """,
        route=route,
        now=now,
        channels=channels,
    )


def record_delivery(
    connection: DuckDBPyConnection,
    alerts: Sequence[str],
    *,
    route: str,
    status: DeliveryStatus,
    now: datetime,
    receipt: str | None,
    error: str | None,
    retry_at: datetime | None,
) -> None:
    """Store what became of claimed alerts; one still claimed keeps its lease."""
    select(
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
    if status in {DeliveryStatus.DELIVERED, DeliveryStatus.POISON}:
        select(
            connection,
            "UPDATE alerts SET status = $status WHERE id IN (FROM listed($alerts))",
            status=status,
            alerts=alerts,
        )


def resend(connection: DuckDBPyConnection, alert_id: str, *, route: str, now: datetime) -> None:
    """Queue an alert for ``route`` again, as if it had never been tried there."""
    found = alert(connection, alert_id)
    if found is None:
        raise NoSuchAlertError(alert_id)
    row = {
        "alert": found.alert.id,
        "route": route,
        "status": DeliveryStatus.QUEUED,
        "attempts": 0,
        "lease_until": None,
        "retry_at": None,
        "receipt": None,
        "error": None,
        "reports": None,
        "changed_at": now,
    }
    insert(connection, "deliveries", [row], on_conflict="REPLACE")


def channels_named(connection: DuckDBPyConnection, *, since: datetime) -> list[str]:
    """Return the channels that alerts name which wait, or were decided ``since`` then."""
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


def waiting(connection: DuckDBPyConnection, *, route: str, now: datetime, channels: Sequence[str] | None) -> Waiting:
    """Return what has not been told yet, why, and when this was last asked by a run that ended well.

    What quiet hours hold back does not wait for the route.
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
        WHERE alerts.status = 'pending'
            AND (alerts.not_before IS NULL OR alerts.not_before <= $now)
            AND ($channels IS NULL OR coalesce(alerts.channel, '') IN (FROM listed($channels)))
        """,
        route=route,
        now=now,
        channels=channels,
    )
    return Waiting(**row, ready=len(_owed(connection, route=route, now=now, channels=channels)))


# --- how far a story travelled


def retold(connection: DuckDBPyConnection, *, route: str, since: datetime, limit: int) -> list[Retold]:
    """Return messages sent on ``route`` whose claims or events more, or fewer, articles report than when last drawn.

    Those with alerts that were marked as false alarms since, or no longer are, are among them, however old.
    Summaries and digests are left out: they speak of many stories.
    """
    rows = select(
        connection,
        """
        WITH RECURSIVE corrected_since AS (
            SELECT receipt FROM deliveries JOIN alerts ON alerts.id = deliveries.alert
            WHERE alerts.claim IN (SELECT claim FROM corrections)
        ),
        told AS (
            SELECT here.receipt, here.alert, here.reports, here.false_alarms, here.changed_at, alerts.claim,
                alerts.article, alerts.story, alerts.headline
            FROM deliveries AS here JOIN alerts ON alerts.id = here.alert
            WHERE here.route = $route AND here.status = 'delivered' AND here.receipt IS NOT NULL
                AND NOT alerts.backlog
                AND (here.changed_at >= $since OR here.receipt IN (FROM corrected_since))
        ),
        same(receipt, headline, id) AS (
            SELECT receipt, headline, claim FROM told
            UNION SELECT receipt, headline, merged_into FROM claims JOIN same USING (id)
            WHERE claims.merged_into IS NOT NULL
        ),
        marked AS (
            SELECT
                receipt,
                list({'headline': headline, 'made_by': made_by, 'reason': reason} ORDER BY headline) AS false_alarms
            FROM same JOIN corrections ON corrections.claim = same.id
            WHERE corrections.kind = 'false_positive' AND undone_at IS NULL
            GROUP BY receipt
        ),
        said AS (
            SELECT claim, article FROM statements WHERE claim IN (SELECT id FROM same)
            UNION SELECT claim, article FROM transfers WHERE claim IN (SELECT id FROM same)
            UNION SELECT claim, article FROM weapon_mentions WHERE claim IN (SELECT id FROM same)
        ),
        worded AS (
            SELECT receipt, min(words) AS words FROM same JOIN claims USING (id)
            WHERE words IS NOT NULL GROUP BY receipt
        ),
        -- a revision counts until the one that replaced it has been read
        gone AS (
            SELECT id FROM articles WHERE superseded_by IN (SELECT id FROM articles WHERE read_by IS NOT NULL)
        ),
        carried AS (
            SELECT same.receipt, list(DISTINCT articles.id) AS articles
            FROM same JOIN said ON said.claim = same.id JOIN articles ON articles.id = said.article
            WHERE articles.id NOT IN (SELECT id FROM gone) AND articles.source IS NOT NULL
            GROUP BY same.receipt
        ),
        also AS (
            SELECT
                told.receipt, count(DISTINCT articles.identity) AS reports, count(DISTINCT articles.source) AS outlets
            FROM told
            JOIN event_reports AS mine ON mine.article = told.article
            JOIN event_reports AS other ON other.event = mine.event AND other.article <> mine.article
            JOIN articles ON articles.id = other.article AND articles.superseded_by IS NULL
            JOIN carried ON carried.receipt = told.receipt AND NOT list_contains(carried.articles, other.article)
            WHERE articles.source IS NOT NULL
            GROUP BY told.receipt
        )
        SELECT
            told.receipt, list(told.alert ORDER BY told.alert) AS alerts,
            coalesce(any_value(carried.articles), []) AS articles,
            bool_and(told.article IN (SELECT id FROM gone)) AS withdrawn,
            coalesce(any_value(marked.false_alarms), []) AS false_alarms,
            any_value(worded.words) AS words,
            coalesce(any_value(also.reports), 0) AS also_reports, coalesce(any_value(also.outlets), 0) AS also_outlets
        FROM told
        LEFT JOIN carried ON carried.receipt = told.receipt
        LEFT JOIN marked ON marked.receipt = told.receipt
        LEFT JOIN worded ON worded.receipt = told.receipt
        LEFT JOIN also ON also.receipt = told.receipt
        GROUP BY told.receipt
        HAVING count(DISTINCT told.story) = 1 AND (
            coalesce(min(told.reports), 1)
                <> len(coalesce(any_value(carried.articles), [])) + coalesce(any_value(also.reports), 0)
            OR coalesce(min(told.false_alarms), 0) <> len(coalesce(any_value(marked.false_alarms), []))
        )
        ORDER BY max(told.changed_at) DESC, told.receipt LIMIT $limit
        """,
        route=route,
        since=since,
        limit=limit,
    )
    return [_retold(connection, **row) for row in rows]


def _retold(
    connection: DuckDBPyConnection,
    *,
    receipt: str,
    alerts: list[str],
    articles: list[str],
    withdrawn: bool,
    false_alarms: list[dict[str, str]],
    words: str | None,
    also_reports: int,
    also_outlets: int,
) -> Retold:
    told = select(connection, "SELECT * FROM alerts WHERE id IN (FROM listed($alerts))", alerts=alerts)
    texts = select(
        connection,
        "SELECT source, text, coalesce(published, seen) AS said_at FROM articles WHERE id IN (FROM listed($articles))",
        articles=articles,
    )
    return Retold(
        receipt=receipt,
        alerts=tuple(map(_alert, told)),
        articles=tuple((row["source"], row["text"], row["said_at"]) for row in texts),
        withdrawn=withdrawn and not articles,
        false_alarms=tuple(FalseAlarm(**each) for each in false_alarms),
        words=words,
        also_reports=also_reports,
        also_outlets=also_outlets,
    )


def record_retold(connection: DuckDBPyConnection, receipt: str, *, route: str, reports: int, false_alarms: int) -> None:
    """Store how many articles carried a message's claims, and how many were false alarms, when it was drawn."""
    select(
        connection,
        """
        UPDATE deliveries SET reports = $reports, false_alarms = $false_alarms
        WHERE route = $route AND receipt = $receipt
        """,
        route=route,
        receipt=receipt,
        reports=reports,
        false_alarms=false_alarms,
    )


# --- looking alerts up


def alerts(
    connection: DuckDBPyConnection, *, status: Status | None, since: datetime | None, limit: int
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


def alert(connection: DuckDBPyConnection, alert_id: str) -> StoredAlert | None:
    """Return the alert with this id, or the only one whose id begins so."""
    rows = select(
        connection,
        "SELECT * FROM alerts WHERE starts_with(id, $id) ORDER BY id = $id DESC LIMIT 2",
        id=alert_id,
    )
    exact = [row for row in rows if row["id"] == alert_id] or rows
    return _with_deliveries(connection, exact)[0] if len(exact) == 1 else None


def alerts_of(connection: DuckDBPyConnection, article: str) -> list[Alert]:
    """Return what was decided because of an article."""
    rows = select(
        connection, "SELECT * FROM alerts WHERE article = $article ORDER BY severity DESC, id", article=article
    )
    return [_alert(row) for row in rows]


def reports(connection: DuckDBPyConnection, claim: str) -> list[Report]:
    """Return every article that makes ``claim``, by publication, with the first sentence in which it does."""
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
    """Return the outlets that reported each of ``claims``, in the order in which they did."""
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
            alert=_alert(row),
            status=Status(row["status"]),
            decided_at=row["decided_at"],
            deliveries=tuple(delivery for delivery in deliveries if delivery.alert == row["id"]),
        )
        for row in rows
    ]


def _alert(row: dict[str, Any]) -> Alert:
    values = {name: row[name] for name in FIELDS}
    values["marks"] = tuple((start, end) for start, end in row["marks"])
    values["mentions"] = tuple(row["mentions"] or ())
    values["decision"] = tuple(row["decision"] or ())
    return Alert(**{**values, "kind": AlertKind(row["kind"])})


# --- mutes


def mute(connection: DuckDBPyConnection, subject: str, *, now: datetime, until: datetime | None, reason: str) -> None:
    """Keep news of ``subject`` from being sent."""
    row = {"subject": subject, "until": until, "reason": reason, "muted_at": now}
    insert(connection, "mutes", [row], on_conflict="REPLACE")


def unmute(connection: DuckDBPyConnection, subject: str) -> bool:
    """Send news of ``subject`` again; return whether it was muted."""
    return bool(select(connection, "DELETE FROM mutes WHERE subject = $subject RETURNING subject", subject=subject))


def mutes(connection: DuckDBPyConnection, now: datetime) -> list[Mute]:
    """Return the mutes in force."""
    rows = select(connection, "SELECT * FROM mutes WHERE until IS NULL OR until > $now ORDER BY subject", now=now)
    return [Mute(**row) for row in rows]
