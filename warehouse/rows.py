"""Rows in and out by column name: the one place where records become SQL parameters.

Values are passed as one JSON text per statement. Given one by one, DuckDB 1.5 looks for pandas at every value, which
costs 0.2 ms each if pandas is not installed: 500 articles took 0.7 s instead of 0.03 s.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from duckdb import DuckDBPyConnection

from extractors.records import utc

_SURROGATE = re.compile("[\ud800-\udfff]")

AT_ONCE = 1_000
"""Most rows per statement: parsing their JSON takes many times its size in memory."""

Conflict = Literal["FAIL", "IGNORE", "REPLACE"]

_INSERT = {"FAIL": "INSERT", "IGNORE": "INSERT OR IGNORE", "REPLACE": "INSERT OR REPLACE"}

MACROS = """
CREATE TEMP MACRO listed(texts) AS TABLE SELECT unnest(from_json_strict(texts, '["VARCHAR"]')) AS item;
"""
"""Macros of every connection: ``id IN (FROM listed($ids))`` with ``ids=packed([...])``."""


def insert(
    connection: DuckDBPyConnection,
    table: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    on_conflict: Conflict = "FAIL",
    returning: str | None = None,
) -> list[Any]:
    """Insert ``rows``, which all have the same keys; return the column ``returning`` of the rows written."""
    if not rows:
        return []
    tail = f"RETURNING {returning}" if returning else ""
    # depth 2 unfolds the list of rows and each row, but no lists inside a row
    sql = f"""
        {_INSERT[on_conflict]} INTO {table} BY NAME
        SELECT unnest(from_json_strict($rows, $shape), max_depth := 2) {tail}
        """
    shape = packed([_shape(connection, table, rows[0])])
    written: list[Any] = []
    for start in range(0, len(rows), AT_ONCE):
        done = connection.execute(sql, {"rows": packed(rows[start : start + AT_ONCE]), "shape": shape})
        written += [value for (value,) in done.fetchall()] if returning else []
    return written


def execute(connection: DuckDBPyConnection, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run a statement that writes; return the rows of its RETURNING clause, if it has one, as ``select`` does."""
    rows = select(connection, sql, **parameters)
    return [] if rows and rows[0].keys() == {"Count"} else rows


def select(connection: DuckDBPyConnection, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run a query; return its rows by column name, with instants in UTC. Collections are ``packed`` for it."""
    given = {name: _parameter(value) for name, value in parameters.items()}
    done = connection.execute(sql, given)
    columns = [column[0] for column in done.description or ()]
    return [dict(zip(columns, map(_read, row), strict=True)) for row in done.fetchall()]


def packed(value: Any) -> str:
    """Return ``value`` as JSON that DuckDB accepts: each lone surrogate, which is not text, becomes one U+FFFD."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_json)
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _shape(connection: DuckDBPyConnection, table: str, columns: Collection[str]) -> dict[str, str]:
    """Return the types of ``columns``; a column that the table lacks is a bug, and raises KeyError."""
    described = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall()  # noqa: S608
    types = dict(described)
    return {column: types[column] for column in columns}


def _parameter(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    return packed(value) if isinstance(value, (list, tuple, set, frozenset)) else value


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"no column holds a {type(value).__name__}: {value!r}")


def _read(value: Any) -> Any:
    return utc(value) if isinstance(value, datetime) else value
