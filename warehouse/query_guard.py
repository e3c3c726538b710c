"""What an analyst's statements may do, and how refusals read: with advice, and with no internal names."""

import re
from collections.abc import Iterator

import duckdb
from duckdb import DuckDBPyConnection, StatementType

from extractors.suggestions import did_you_mean, similar
from warehouse.connection import trouble_of
from warehouse.errors import QueryError, SnapshotError, WarehouseDamagedError, WarehouseError
from warehouse.places import Lake, Place
from warehouse.publish import snapshot_path
from warehouse.stored_records import Limits

RETURN_ROWS = {StatementType.SELECT, StatementType.EXPLAIN}
_ALLOWED = RETURN_ROWS | {
    StatementType.CREATE,
    StatementType.INSERT,
    StatementType.UPDATE,
    StatementType.DELETE,
    StatementType.DROP,
    StatementType.ALTER,
    StatementType.SET,
    StatementType.TRANSACTION,
}
"""Kinds of statements that write no file: DuckDB protects the snapshot, but lets them make temporary tables."""
_EXTERNAL = {StatementType.ATTACH, StatementType.DETACH, StatementType.LOAD}

# With these words a statement of an allowed kind writes all the same: a log, a profile, another database.
_WRITES = re.compile(
    r"\benable_(?:logging|profiling)\b|\bREAD_WRITE\b|\bREAD_ONLY\s*=?\s*'?(?:false|0|off)", re.IGNORECASE
)
# On a lake these would reach the catalog behind it, and other databases. It is no wall: that is the role's rights.
_CATALOG = re.compile(r"\b(?:postgres_\w+|__ducklake_\w+|query)\b\"?\s*[.(]", re.IGNORECASE)
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(?:ANALYZE\s+)?(?:\([^)]*\)\s*)?", re.IGNORECASE)
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_OURS = re.compile(r"\s*LINE \d+: (?:COPY \(SELECT|CREATE TEMP VIEW result).*", re.DOTALL)
_LINE = 80

_FAR = "a query cannot access other files, databases or the network; --external allows reading them"
_SAID = {
    "disabled by configuration": _FAR,
    "disabled through configuration": _FAR,
    "read-only mode": "read-only: a query cannot change the warehouse, but may create temporary tables",
    "configuration has been locked": "settings are locked while a query runs",
}


def allowed(connection: DuckDBPyConnection, warehouse: Place, sql: str, *, external: bool) -> list[duckdb.Statement]:
    """Return the statements in ``sql``; raise QueryError for one that could write a file or needs ``external``."""
    statements = connection.extract_statements(sql)
    for statement in statements:
        kinds = set(_kinds(connection, statement))
        beyond = isinstance(warehouse, Lake) and _CATALOG.search(statement.query)
        if not external and (kinds & _EXTERNAL or beyond):
            raise QueryError(warehouse, f"{_FAR}: {_shortened(statement.query)}")
        if not kinds <= _ALLOWED | _EXTERNAL or _WRITES.search(statement.query):
            raise QueryError(
                warehouse, f"read-only: no statement can write a file, use --output: {_shortened(statement.query)}"
            )
    return statements


def _kinds(connection: DuckDBPyConnection, statement: duckdb.Statement) -> Iterator[StatementType]:
    """Yield the kind of a statement, and of one that it explains, because explaining may run it."""
    yield statement.type
    if statement.type == StatementType.EXPLAIN:
        for explained in connection.extract_statements(_EXPLAIN.sub("", statement.query, count=1)):
            yield explained.type


def _shortened(sql: str) -> str:
    line = " ".join(sql.split())
    return line if len(line) <= _LINE else f"{line[:_LINE]}…"


def refusal(
    connection: DuckDBPyConnection, warehouse: Place, error: duckdb.Error, limits: Limits | None
) -> WarehouseError:
    """Return a DuckDB error as an analyst should read it."""
    return unreadable(warehouse, error) or QueryError(
        warehouse, _beyond(error, limits) or _said(connection, str(error))
    )


def unreadable(warehouse: Place, error: duckdb.Error) -> WarehouseError | None:
    """Return what is wrong with the snapshot; None if it can be read."""
    if isinstance(warehouse, Lake):
        return trouble_of(warehouse, error)
    damaged = isinstance(trouble_of(warehouse, error), WarehouseDamagedError)
    return SnapshotError(warehouse, snapshot_path(warehouse)) if damaged else None


def _beyond(error: duckdb.Error, limits: Limits | None) -> str | None:
    if limits and isinstance(error, duckdb.InterruptException):
        return f"the query takes longer than {limits.seconds:g} s; --no-limits allows it"
    if limits and isinstance(error, duckdb.OutOfMemoryException):
        return f"the query needs more than {limits.memory} of memory; --no-limits allows it"
    return None


def _said(connection: DuckDBPyConnection, text: str) -> str:
    text = _OURS.sub("", text)
    if missing := _NO_TABLE.search(text):
        return _no_table(connection, missing.group(1))
    return next((said for sign, said in _SAID.items() if sign in text), text)


def _no_table(connection: DuckDBPyConnection, name: str) -> str:
    relations = "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal"
    near = similar(name, [relation for (relation,) in connection.execute(relations).fetchall()])
    return f"no table or view {name}{did_you_mean(near, otherwise='brinkwatch sql lists all of them')}"
