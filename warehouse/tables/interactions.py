"""The table ``interactions``: what people asked for in Slack, stored in the transaction of what it did."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import AlertKind
from warehouse.rows import execute, insert, select
from warehouse.stored_records import Interaction


def find_interaction(connection: DuckDBPyConnection, interaction: str) -> Interaction | None:
    """Return what was done about an interaction, if anything was."""
    rows = select(connection, "SELECT * FROM interactions WHERE id = $id", id=interaction)
    return Interaction(**rows[0]) if rows else None


def save_interaction(connection: DuckDBPyConnection, done: Interaction) -> None:
    """Store what was done about an interaction; one that is stored already is a bug."""
    insert(connection, "interactions", [asdict(done)])


def mark_answered(connection: DuckDBPyConnection, interaction: str, *, now: datetime) -> None:
    """Record that the person was told."""
    execute(connection, "UPDATE interactions SET answered_at = $now WHERE id = $id", now=now, id=interaction)


def unanswered(connection: DuckDBPyConnection, *, since: datetime) -> list[Interaction]:
    """Return what was done since then without the person being told, the earliest first."""
    rows = select(
        connection,
        "SELECT * FROM interactions WHERE answered_at IS NULL AND asked_at >= $since ORDER BY asked_at, id",
        since=since,
    )
    return [Interaction(**row) for row in rows]


def told_in(connection: DuckDBPyConnection, alert: str, *, channel: str, message: str) -> bool:
    """Whether an alert was delivered in this message of Slack."""
    rows = select(
        connection,
        """
        SELECT 1 FROM deliveries
        WHERE alert = $alert AND status = 'delivered'
            AND (receipt = $place OR starts_with(receipt, $place || ':'))
        """,
        alert=alert,
        place=f"{channel}:{message}",
    )
    return bool(rows)


def subject_of(connection: DuckDBPyConnection, claim: str) -> str:
    """Return what is muted with an alert on ``claim``: the steps of its weapon, its weapon, or who speaks.

    The words are those of ``brinkwatch alerts mute``; the claim itself where nothing wider is known.
    """
    rows = select(
        connection,
        """
        SELECT c.kind, c.weapon, c.side, min(s.speaker_id) AS speaker
        FROM claims AS c LEFT JOIN statements AS s ON s.claim = c.id
        WHERE c.id = $claim GROUP BY c.kind, c.weapon, c.side
        """,
        claim=claim,
    )
    return next(map(_subject, rows), "") or claim


def _subject(row: dict[str, Any]) -> str:
    if row["kind"] == AlertKind.NEW_STATEMENT:
        return f"speakers={row['speaker']}" if row["speaker"] else f"sides={row['side']}" if row["side"] else ""
    if not row["weapon"]:
        return ""
    return f"kinds=stage weapons={row['weapon']}" if row["kind"] == AlertKind.NEW_STAGE else f"weapons={row['weapon']}"


def relays_of(connection: DuckDBPyConnection, claim: str) -> list[str]:
    """Return who passed on a statement, as its reports say."""
    rows = select(
        connection,
        """
        SELECT DISTINCT relayed_by FROM statements
        WHERE claim = $claim AND relayed_by IS NOT NULL ORDER BY relayed_by
        """,
        claim=claim,
    )
    return [row["relayed_by"] for row in rows]
