"""Rows in and out by column name: the one place where records become SQL parameters."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Literal

from duckdb import DuckDBPyConnection

from extractors.records import utc

_SURROGATE = re.compile("[\ud800-\udfff]")

Conflict = Literal["FAIL", "IGNORE", "REPLACE"]

_INSERT = {"FAIL": "INSERT", "IGNORE": "INSERT OR IGNORE", "REPLACE": "INSERT OR REPLACE"}


def insert(
    connection: DuckDBPyConnection,
    table: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    on_conflict: Conflict = "FAIL",
    returning: str | None = None,
) -> list[Any]:
    """Insert ``rows``, which all have the same keys; return the column ``returning`` of those that were written."""
    if not rows:
        return []
    tail = f"RETURNING {returning}" if returning else ""
    # Depth 2 unfolds the list of rows and each row, and leaves lists inside a row alone.
    sql = f"{_INSERT[on_conflict]} INTO {table} BY NAME SELECT unnest($rows, max_depth := 2) {tail}"
    done = connection.execute(sql, {"rows": [_row(row) for row in rows]})
    return [value for (value,) in done.fetchall()] if returning else []


def select(connection: DuckDBPyConnection, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the rows of a query by column name, instants in UTC."""
    done = connection.execute(sql, {name: storable(value) for name, value in parameters.items()})
    columns = [column[0] for column in done.description or ()]
    return [dict(zip(columns, map(_read, row), strict=True)) for row in done.fetchall()]


def storable(value: Any) -> Any:
    """Return ``value`` as DuckDB takes it: a lone surrogate, which is no text, becomes U+FFFD, one for one."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [storable(item) for item in value]
    if isinstance(value, datetime):
        return utc(value)
    return value


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: storable(value) for name, value in row.items()}


def _read(value: Any) -> Any:
    return utc(value) if isinstance(value, datetime) else value
