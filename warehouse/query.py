"""Read-only SQL for analysts, on the published snapshot only: nobody who reads keeps a cycle from writing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from extractors.records import utc
from warehouse.connection import prepare
from warehouse.errors import QueryError, WarehouseError, WarehouseMissingError
from warehouse.publish import snapshot_path


class Format(StrEnum):
    """How a result is written out."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


_COPY = {Format.CSV: "FORMAT csv, HEADER", Format.JSON: "FORMAT json, ARRAY", Format.PARQUET: "FORMAT parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a query returned, instants in UTC."""

    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


class Column(NamedTuple):
    """A column, as ``brinkwatch sql`` lists it."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table or view, as ``brinkwatch sql`` lists it."""

    name: str
    kind: str
    """table or view."""
    comment: str
    columns: tuple[Column, ...]


def query(warehouse: Path, sql: str, *, parameters: Mapping[str, Any] | None = None, external: bool = False) -> Result:
    """Run ``sql`` on the snapshot of ``warehouse``; ``external`` allows other files and the network.

    Raises WarehouseMissingError when nothing was published yet, QueryError for what DuckDB refuses.
    """
    with _reading(warehouse, external=external) as connection:
        done = connection.execute(sql, parameters)
        columns = [column[0] for column in done.description or ()]
        rows = [tuple(map(_instant, row)) for row in done.fetchall()]
    return Result(columns=columns, rows=rows)


def export(warehouse: Path, sql: str, path: Path, *, form: Format, external: bool = False) -> None:
    """Write the rows of one query to ``path``, replacing what is there; no other file is within its reach."""
    with _reading(warehouse, external=external, writes=path) as connection:
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryError(warehouse, "only one query that returns rows can be written to a file")
        # The query comes last, so that a semicolon or comment at its end does no harm.
        connection.execute(f"CREATE TEMP VIEW exported AS {statements[0].query}")
        target = str(path.absolute()).replace("'", "''")
        connection.execute(f"COPY (FROM temp.exported) TO '{target}' ({_COPY[form]})")


def describe(warehouse: Path) -> list[Relation]:
    """Return the tables and views with their comments, in alphabetical order."""
    with _reading(warehouse, external=False) as connection:
        relations = connection.execute(
            """
            SELECT table_name AS name, 'table' AS kind, comment FROM duckdb_tables() WHERE NOT internal
            UNION ALL SELECT view_name, 'view', comment FROM duckdb_views() WHERE NOT internal
            ORDER BY name
            """
        ).fetchall()
        columns = connection.execute(
            """
            SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
            WHERE NOT internal ORDER BY table_name, column_index
            """
        ).fetchall()
    return [
        Relation(
            name=name,
            kind=kind,
            comment=comment or "",
            columns=tuple(
                Column(name=column, type=kind_of, comment=about or "")
                for owner, column, kind_of, about in columns
                if owner == name
            ),
        )
        for name, kind, comment in relations
    ]


@contextmanager
def _reading(warehouse: Path, *, external: bool, writes: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the snapshot so that a query can neither change it nor reach anything but the file it ``writes``."""
    snapshot = snapshot_path(warehouse)
    if not snapshot.exists():
        raise WarehouseMissingError(warehouse, "nothing is published yet; run a cycle first: brinkwatch run")
    try:
        connection = duckdb.connect(snapshot, read_only=True, config={"autoinstall_known_extensions": external})
    except duckdb.Error as error:
        raise WarehouseError(snapshot, f"cannot be opened: {error}") from error
    try:
        prepare(connection)
        if writes:
            # DuckDB writes to a name of its own first, and renames that when all is well.
            paths = [str(path.absolute()) for path in (writes, writes.with_name(f"tmp_{writes.name}"))]
            connection.execute("SET allowed_paths = $paths", {"paths": paths})
        if not external:
            connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    except duckdb.Error as error:
        raise QueryError(warehouse, str(error)) from error
    finally:
        connection.close()


def _instant(value: Any) -> Any:
    return utc(value) if isinstance(value, datetime) and value.tzinfo else value
