"""Messages that were sent and must be updated, because their stories have spread or were corrected since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from warehouse.rows import execute, select
from warehouse.stored_records import FalseAlarm, Fixed, SentMessage
from warehouse.tables.alerts import alert_of


def sent_messages_to_refresh(
    connection: DuckDBPyConnection, *, route: str, since: datetime, limit: int
) -> list[SentMessage]:
    """Return messages sent on ``route`` whose claims or events have more, or fewer, reports than when last updated.

    Messages with alerts that were corrected since, or no longer are, are included, however old. Summaries and digests
    are left out, because they cover many stories.
    """
    rows = select(
        connection,
        """
        SELECT * EXCLUDE (last_changed_at) FROM messages_to_refresh($route, $since)
        ORDER BY last_changed_at DESC, receipt LIMIT $limit
        """,
        route=route,
        since=since,
        limit=limit,
    )
    told = select(
        connection,
        "SELECT * FROM alerts WHERE id IN (FROM listed($alerts))",
        alerts={alert for row in rows for alert in row["alerts"]},
    )
    texts = select(
        connection,
        """
        SELECT id, source, text, coalesce(published, seen) AS said_at
        FROM articles WHERE id IN (FROM listed($articles))
        """,
        articles={article for row in rows for article in row["articles"]},
    )
    return [_sent_message(told, texts, **row) for row in rows]


def _sent_message(
    told: Sequence[dict[str, Any]],
    texts: Sequence[dict[str, Any]],
    *,
    receipt: str,
    alerts: list[str],
    articles: list[str],
    withdrawn: bool,
    false_alarms: list[dict[str, str]],
    fixed: list[dict[str, Any]],
    words: str | None,
    also_reports: int,
    also_outlets: int,
) -> SentMessage:
    return SentMessage(
        receipt=receipt,
        alerts=tuple(alert_of(row) for row in told if row["id"] in alerts),
        articles=tuple((row["source"], row["text"], row["said_at"]) for row in texts if row["id"] in articles),
        withdrawn=withdrawn and not articles,
        false_alarms=tuple(FalseAlarm(**each) for each in false_alarms),
        fixed=tuple(Fixed(**each) for each in fixed),
        words=words,
        also_reports=also_reports,
        also_outlets=also_outlets,
    )


def record_refresh(connection: DuckDBPyConnection, sent: SentMessage, *, route: str) -> None:
    """Store how many articles carry the claims of a message, its false alarms and corrections, as it was now drawn."""
    execute(
        connection,
        """
        UPDATE deliveries SET reports = $reports, false_alarms = $false_alarms, corrections = $corrections
        WHERE route = $route AND receipt = $receipt
        """,
        route=route,
        receipt=sent.receipt,
        reports=sent.reports,
        false_alarms=len(sent.false_alarms),
        corrections=sent.corrections,
    )
