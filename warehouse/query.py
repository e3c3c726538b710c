"""Read-only SQL for analysts, on the published snapshot only, so that no reader keeps a cycle from writing."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

import duckdb
from duckdb import DuckDBPyConnection, StatementType

from extractors.records import utc
from warehouse import lake
from warehouse.connection import check_is_database, detach, disk_trouble, lent, prepare, quoted
from warehouse.errors import QueryError, WarehouseError, WarehouseMissingError
from warehouse.places import Lake, Place
from warehouse.publish import published_at, snapshot_path
from warehouse.query_guard import RETURN_ROWS, allowed, refusal, unreadable
from warehouse.rows import MACROS, select
from warehouse.stored_records import Limits


class Format(StrEnum):
    """The format in which a result is written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


_COPY = {Format.CSV: "FORMAT csv, HEADER", Format.JSON: "FORMAT json, ARRAY", Format.PARQUET: "FORMAT parquet"}

_LISTS = re.compile(r"\s*(?:SHOW|DESCRIBE|DESC|SUMMARIZE)\b", re.IGNORECASE)
"""Beginnings of statements that return rows but are not queries by themselves."""
SMALL = 1 << 28
"""Bytes of a snapshot up to which DuckDB is kept running for the next reading."""
_FORMULA = r"'^[=+@\t\r-]'"
"""Beginnings of texts that a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a query, with instants in UTC."""

    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]
    more: bool = False
    """Whether there are more rows than the limit."""


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


def query(warehouse: Place, sql: str, *, parameters: Mapping[str, Any] | None = None, external: bool = False) -> Result:
    """Run one of this program's own queries on the snapshot of ``warehouse``.

    Raises WarehouseMissingError if nothing has been published yet, QueryError for what DuckDB refuses.
    """
    with _reading(warehouse, external=external) as connection:
        return _result(connection.execute(sql, parameters), rows=None)


@contextmanager
def reading(warehouse: Place) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Yield what runs this program's own SQL, with parameters by name, on one snapshot, and returns rows by column.

    The snapshot stays the same while the block lasts, also when another is published.
    """
    with _reading(warehouse, external=False) as connection:
        connection.execute(MACROS)
        yield lambda sql, **parameters: select(connection, sql, **parameters)


@contextmanager
def reading_often(warehouse: Place) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Do the same for what asks every few seconds, on one core: DuckDB is kept running in between, without a file.

    Starting it takes more processor time than reading a small snapshot; of a large one it would keep too much memory.
    """
    if isinstance(warehouse, Lake):
        with reading(warehouse) as rows:
            yield rows
        return
    _demand_published(warehouse)
    snapshot = snapshot_path(warehouse)
    small = snapshot.stat().st_size <= SMALL
    try:
        with lent(keep=lambda: small) as connection:
            connection.execute(f"ATTACH '{quoted(snapshot)}' AS warehouse (READ_ONLY); USE warehouse")
            prepare(connection)
            yield lambda sql, **parameters: select(connection, sql, **parameters)
            detach(connection)
    except duckdb.Error as error:
        raise unreadable(warehouse, error) or WarehouseError(snapshot, f"cannot be read: {error}") from error


def results(warehouse: Place, sql: str, *, external: bool = False, limits: Limits | None = None) -> Iterator[Result]:
    """Run every statement in ``sql`` on the snapshot; yield the result of each that returns rows.

    ``external`` allows access to other files and the network. QueryError says why a statement is refused.
    """
    with _reading(warehouse, external=external, limits=limits) as connection:
        for statement in allowed(connection, warehouse, sql, external=external):
            with _timed(connection, limits):
                result = _result(connection.execute(statement), rows=limits.rows if limits else None)
            if statement.type in RETURN_ROWS:
                yield result


def export(
    warehouse: Place, sql: str, path: Path, *, form: Format, external: bool = False, limits: Limits | None = None
) -> None:
    """Write the rows of one query to ``path``, replacing what is there; it can reach no other file.

    Statements before it may prepare it. Nothing is written if it returns more rows than allowed.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        with _reading(warehouse, external=external, limits=limits, writes=draft) as connection:
            statements = allowed(connection, warehouse, sql, external=external)
            returning = [each for each in statements if each.type in RETURN_ROWS]
            if not returning or returning != statements[-1:] or returning[0].type != StatementType.SELECT:
                raise QueryError(warehouse, "only one query that returns rows can be written to a file or a stream")
            with _timed(connection, limits):
                for statement in statements[:-1]:
                    connection.execute(statement)
                rows = _export(connection, statements[-1].query, draft, form=form, most=limits.rows if limits else None)
            if limits and rows > limits.rows:
                raise QueryError(warehouse, f"the query returns more than {limits.rows:,} rows; --no-limits writes all")
        draft.replace(path)
    except OSError as error:
        raise disk_trouble(path, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _export(connection: DuckDBPyConnection, sql: str, target: Path, *, form: Format, most: int | None) -> int:
    """Write at most one row more than ``most``; return how many were written."""
    connection.sql(sql)  # binds the query as it was written, so that an error refers to nothing else
    # the query comes last, so that a semicolon or comment at its end does no harm
    query = f"FROM ({sql.rstrip('; ')})" if _LISTS.match(sql) else sql
    connection.execute(f"CREATE TEMP VIEW result AS {query}")
    columns = connection.execute("DESCRIBE temp.result").fetchall()
    shown = ", ".join(_harmless(name, kind) if form is Format.CSV else _named(name) for name, kind, *_ in columns)
    limit = "" if most is None else f"LIMIT {most + 1}"
    rows = f"SELECT {shown} FROM temp.result {limit}"  # noqa: S608 - column names, quoted
    options = f"{_COPY[form]}, USE_TMP_FILE false"
    ((count,),) = connection.execute(f"COPY ({rows}) TO '{quoted(target.absolute())}' ({options})").fetchall()
    return int(count)


def _harmless(name: str, kind: str) -> str:
    """Return a column in which an apostrophe precedes any text that a spreadsheet would run as a formula."""
    column = _named(name)
    if kind != "VARCHAR":
        return column
    return f"CASE WHEN regexp_matches({column}, {_FORMULA}) THEN '''' || {column} ELSE {column} END AS {column}"


def _named(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def describe(warehouse: Place) -> list[Relation]:
    """Return the tables and views with their comments, in alphabetical order."""
    with _reading(warehouse, external=False) as connection:
        relations = connection.execute(
            """
            SELECT table_name AS name, 'table' AS kind, comment FROM duckdb_tables()
            WHERE database_name = current_database()
            UNION ALL SELECT view_name, 'view', comment FROM duckdb_views()
            WHERE NOT internal AND database_name = current_database()
            ORDER BY name
            """
        ).fetchall()
        columns = connection.execute(
            """
            SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
            WHERE NOT internal AND database_name = current_database() ORDER BY table_name, column_index
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
def _reading(
    warehouse: Place, *, external: bool, limits: Limits | None = None, writes: Path | None = None
) -> Iterator[DuckDBPyConnection]:
    """Open the snapshot so that a query can neither change it nor access anything but the file it ``writes``."""
    connection = _opened(warehouse, external=external, limits=limits)
    try:
        prepare(connection)
        if not external:
            connection.execute("SET allowed_paths = $paths", {"paths": [str(writes.absolute())] if writes else []})
            if isinstance(warehouse, Lake):
                connection.execute("SET allowed_directories = $data", {"data": [lake.data_path(connection)]})
            connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        if isinstance(warehouse, Lake):
            connection.begin()  # all statements see one state
        yield connection
    except duckdb.Error as error:
        raise refusal(connection, warehouse, error, limits) from error
    finally:
        connection.close()


def _opened(warehouse: Place, *, external: bool, limits: Limits | None) -> DuckDBPyConnection:
    _demand_published(warehouse)
    # otherwise what does not fit into memory would be written to files beside the snapshot
    config: dict[str, Any] = {"memory_limit": limits.memory, "temp_directory": ""} if limits else {}
    config["autoinstall_known_extensions"] = external
    if isinstance(warehouse, Lake):
        return lake.reader(warehouse, config)
    snapshot = snapshot_path(warehouse)
    try:
        return duckdb.connect(snapshot, read_only=True, config=config)
    except duckdb.Error as error:
        raise unreadable(warehouse, error) or WarehouseError(snapshot, f"cannot be opened: {error}") from error


def _demand_published(warehouse: Place) -> None:
    if published_at(warehouse) is None:
        if not isinstance(warehouse, Lake):
            check_is_database(warehouse)
        raise WarehouseMissingError(warehouse, "nothing is published yet; run a cycle first: brinkwatch run")


@contextmanager
def _timed(connection: DuckDBPyConnection, limits: Limits | None) -> Iterator[None]:
    """Interrupt what runs longer than allowed."""
    timer = Timer(limits.seconds if limits else 0, connection.interrupt)
    if limits:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _result(done: DuckDBPyConnection, *, rows: int | None) -> Result:
    columns = [column[0] for column in done.description or ()]
    found = done.fetchall() if rows is None else done.fetchmany(rows + 1)
    shown = [tuple(map(_instant, row)) for row in found[:rows]]
    return Result(columns=columns, rows=shown, more=len(shown) < len(found))


def _instant(value: Any) -> Any:
    return utc(value) if isinstance(value, datetime) and value.tzinfo else value
