"""The table ``runs``."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from duckdb import DuckDBPyConnection

from extractors.records import content_id
from warehouse.rows import execute, insert, packed, select
from warehouse.stored_records import Run


def start_run(connection: DuckDBPyConnection, kind: str, *, now: datetime) -> str:
    """Record the start of a run of a flow; return its id."""
    run = content_id("run", kind, now.isoformat(), uuid4().hex)
    insert(connection, "runs", [{"id": run, "kind": kind, "started_at": now}])
    return run


def finish_run(
    connection: DuckDBPyConnection,
    run: str,
    *,
    now: datetime,
    outcome: str,
    counts: Mapping[str, int] | None = None,
    note: str | None = None,
) -> None:
    """Record how a run ended."""
    execute(
        connection,
        """
        UPDATE runs SET finished_at = $now, outcome = $outcome, note = $note,
            counts = from_json_strict($counts, '"MAP(VARCHAR, BIGINT)"')
        WHERE id = $run
        """,
        run=run,
        now=now,
        outcome=outcome,
        note=note,
        counts=packed(dict(counts or {})),
    )


def latest_runs(connection: DuckDBPyConnection, *, limit: int = 20) -> list[Run]:
    """Return the latest runs, newest first."""
    rows = select(connection, "SELECT * FROM runs ORDER BY started_at DESC, id LIMIT $limit", limit=limit)
    return [Run(**{**row, "counts": row["counts"] or {}}) for row in rows]


def read_all(connection: DuckDBPyConnection) -> dict[str, int]:
    """Read every value of every table; return the number of rows of each."""
    return {table: _read(connection, table) for table in tables_of(connection)}


def tables_of(connection: DuckDBPyConnection) -> list[str]:
    """Return the names of all tables of the warehouse."""
    tables = "SELECT table_name AS name FROM duckdb_tables() WHERE database_name = current_database() ORDER BY name"
    return [table["name"] for table in select(connection, tables)]


def _read(connection: DuckDBPyConnection, table: str) -> int:
    held = "SELECT count(*) AS held, max(hash(COLUMNS(*))) FROM"
    return int(select(connection, f"{held} {table}")[0]["held"])
