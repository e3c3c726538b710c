"""The table ``subscriptions``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from warehouse.rows import execute, select, upsert


def load_subscriptions(connection: DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Return the fields of each subscription, by feed id."""
    return {row["feed"]: row for row in select(connection, "FROM subscriptions")}


def save_subscriptions(connection: DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store subscriptions as they are now."""
    upsert(connection, "subscriptions", rows, key="feed")


def note_hub_failure(connection: DuckDBPyConnection, feed: str, error: str) -> None:
    """Store why a hub did not accept a request; if it has answered otherwise in the meantime, that stays."""
    execute(connection, "UPDATE subscriptions SET error = $error WHERE feed = $feed", feed=feed, error=error)


def note_push(connection: DuckDBPyConnection, feed: str, *, now: datetime) -> None:
    """Store that a hub announced something new: the feed is due until it has been polled after that."""
    execute(connection, "UPDATE subscriptions SET pushed_at = $now WHERE feed = $feed", feed=feed, now=now)
