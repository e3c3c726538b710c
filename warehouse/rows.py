"""Rows in and out by column name: the one place where records become SQL parameters.

Values are passed as one text per statement, with a line of JSON for each row. Given one by one, DuckDB 1.5 looks for
pandas at every value, which costs 0.2 ms each if pandas is not installed: 500 articles took 0.7 s instead of 0.03 s. As
one JSON list, it takes four times as long to read them.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import orjson
from duckdb import DuckDBPyConnection

from extractors.records import utc
from warehouse.errors import NoIdError

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_ESCAPED_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")
"""As JSON writes it: what only looks like it stands behind a backslash that is itself escaped."""

AT_ONCE = 1_000
"""Most rows per statement: parsing their JSON takes many times its size in memory."""

MACROS = """
CREATE TEMP MACRO listed(texts) AS TABLE SELECT unnest(from_json_strict(texts, '["VARCHAR"]')) AS item;
"""
"""Macros of every connection: ``id IN (FROM listed($ids))`` with ``ids=packed([...])``."""


def given_id(typed: str) -> str:
    """Return an id, or the beginning of one, as somebody typed it; NoIdError for none, with which every id begins."""
    if not typed.strip():
        raise NoIdError
    return typed.strip()


_GIVEN = """
SELECT unnest(from_json_strict(line, $shape)) FROM (SELECT unnest(string_split($lines, chr(10))) AS line)
"""


def insert(connection: DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, which all have the same keys; that one of them is stored already is a bug."""
    _write(connection, f"INSERT INTO {table} BY NAME {_GIVEN}", table, rows)


def insert_missing(connection: DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]], *, key: str) -> None:
    """Insert those of ``rows`` whose ``key``, one column or several, is not stored; of two with one key, the first."""
    first = {tuple(row[column] for column in key.split(", ")): row for row in reversed(rows)}
    _write(connection, _merge(table, key), table, [*reversed(first.values())])


def upsert(connection: DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]], *, key: str) -> None:
    """Insert ``rows``, or set their columns where their ``key``, one column or several, is stored; each key once."""
    columns = [column for column in next(iter(rows), ()) if column not in key.split(", ")]
    matched = f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{column} = given.{column}' for column in columns)}"
    _write(connection, _merge(table, key, matched), table, rows)


def update(connection: DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]], *, key: str) -> None:
    """Set the columns of ``rows``, which are all stored, each ``key`` once; in a file, they are found by its index."""
    columns = [column for column in next(iter(rows), ()) if column != key]
    setting = ", ".join(f"{column} = given.{column}" for column in columns)
    sql = f"UPDATE {table} SET {setting} FROM ({_GIVEN}) AS given WHERE {table}.{key} = given.{key}"  # noqa: S608
    _write(connection, sql, table, rows)


def _merge(table: str, key: str, matched: str = "") -> str:
    """Return a statement for files and lakes: a lake has no keys and no ON CONFLICT, and in a file MERGE is as fast."""
    return f"MERGE INTO {table} USING ({_GIVEN}) AS given USING ({key}) {matched} WHEN NOT MATCHED THEN INSERT BY NAME"


def _write(connection: DuckDBPyConnection, sql: str, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        shape = packed(_shape(connection, table, rows[0]))
        for start in range(0, len(rows), AT_ONCE):
            lines = "\n".join(map(packed, rows[start : start + AT_ONCE]))
            connection.execute(sql, {"lines": lines, "shape": shape})


def execute(connection: DuckDBPyConnection, sql: str, **parameters: Any) -> int:
    """Run a statement that inserts, updates or deletes; return the number of rows that it changed."""
    ((count,),) = connection.execute(sql, _given(parameters)).fetchall()
    return int(count)


def row_of(record: Any) -> dict[str, Any]:
    """Return the fields of a record by name; ``asdict`` would copy each value first."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def select(connection: DuckDBPyConnection, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run a query; return its rows by column name, with instants in UTC. Collections are ``packed`` for it."""
    done = connection.execute(sql, _given(parameters))
    columns = [(name, kind.id.startswith("timestamp")) for name, kind, *_ in done.description or ()]
    return [
        {name: utc(value) if instant and value else value for (name, instant), value in zip(columns, row, strict=True)}
        for row in done.fetchall()
    ]


def packed(value: Any) -> str:
    """Return ``value`` as one line of JSON that every warehouse accepts.

    A lone surrogate, which is no text, and a NUL, which PostgreSQL does not hold in lists, become U+FFFD.
    """
    try:
        text = orjson.dumps(value, default=_json, option=_OWN).decode()
    except orjson.JSONEncodeError:
        text = _NO_TEXT.sub("\ufffd", _encoder.encode(value))
    return _ESCAPED_NUL.sub("\\1\ufffd", text) if "\\u0000" in text else text


def _shape(connection: DuckDBPyConnection, table: str, columns: Collection[str]) -> dict[str, str]:
    """Return the types of ``columns``; a column that the table lacks is a bug, and raises KeyError."""
    described = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall()  # noqa: S608
    types = dict(described)
    return {column: types[column] for column in columns}


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _parameter(value) for name, value in parameters.items()}


def _parameter(value: Any) -> Any:
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    return packed(value) if isinstance(value, (list, tuple, set, frozenset)) else value


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"no column holds a {type(value).__name__}: {value!r}")


_OWN = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_json)
"""For the little that orjson refuses, which takes a third of the time: lone surrogates, and very deep lists."""
