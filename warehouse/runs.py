"""The table ``runs``."""

from collections.abc import Mapping
from datetime import datetime

from duckdb import DuckDBPyConnection

from extractors.records import content_id
from warehouse.records import Run
from warehouse.rows import insert, packed, select


def start_run(connection: DuckDBPyConnection, kind: str, *, now: datetime, salt: str) -> str:
    """Record the start of a run; ``salt`` tells two runs of one instant apart. Return its id."""
    run = content_id("run", kind, now.isoformat(), salt)
    insert(connection, "runs", [{"id": run, "kind": kind, "started_at": now}])
    return run


def finish_run(
    connection: DuckDBPyConnection,
    run: str,
    *,
    now: datetime,
    outcome: str,
    counts: Mapping[str, int],
    note: str | None,
) -> None:
    """Record how a run ended."""
    select(
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
        counts=packed(dict(counts)),
    )


def runs(connection: DuckDBPyConnection, *, limit: int) -> list[Run]:
    """Return the latest runs, newest first."""
    rows = select(connection, "SELECT * FROM runs ORDER BY started_at DESC, id LIMIT $limit", limit=limit)
    return [Run(**{**row, "counts": row["counts"] or {}}) for row in rows]


def counts(connection: DuckDBPyConnection) -> dict[str, int]:
    """Return how many rows each table holds."""
    tables = select(connection, "SELECT table_name AS name FROM duckdb_tables() WHERE NOT internal ORDER BY name")
    return {table["name"]: _count(connection, table["name"]) for table in tables}


def _count(connection: DuckDBPyConnection, table: str) -> int:
    return int(select(connection, f"SELECT count(*) AS held FROM {table}")[0]["held"])  # noqa: S608 - from the catalogue
