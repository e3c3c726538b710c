"""Copies a warehouse row by row to a place of another kind: from a file to a lake, and back."""

from collections.abc import Mapping

import duckdb
from duckdb import DuckDBPyConnection

from warehouse import lake, migrations
from warehouse.connection import exists, locked, quoted, transaction, trouble_of, writing
from warehouse.errors import CopyError, WarehouseDamagedError
from warehouse.places import Lake, Place
from warehouse.tables.runs import tables_of


def copy(source: Place, target: Place) -> Mapping[str, int]:
    """Copy everything from ``source``, on which writers wait, to a new or empty ``target``; return the rows by table.

    Number of rows and checksum of each table are compared before anything counts: a copy is whole, or is not made.
    CopyError says why it cannot be.
    """
    if not exists(source):
        raise CopyError(f"there is no warehouse at {source} to copy")
    if source == target:
        raise CopyError(f"{target} is where the warehouse is already")
    _migrate(source)
    try:
        _migrate(target)
    except WarehouseDamagedError as error:
        raise CopyError(f"{target} exists already and is no warehouse; name a new file") from error
    with locked(source), writing(target) as connection:
        try:
            return _copied(connection, source, target)
        except duckdb.Error as error:
            raise trouble_of(source, error) or error from error
        finally:
            connection.execute("DETACH DATABASE IF EXISTS origin")


def _migrate(place: Place) -> None:
    with transaction(place) as connection:
        migrations.migrate(connection, place)


def _copied(connection: DuckDBPyConnection, source: Place, target: Place) -> dict[str, int]:
    if isinstance(source, Lake):
        lake.load(connection, source)
        lake.attach_as(connection, source, "origin")
    else:
        connection.execute(f"ATTACH '{quoted(source)}' AS origin")  # not read-only, for there may be a log to replay
    connection.begin()
    try:
        rows = {table: _copy_table(connection, table, target) for table in tables_of(connection)}
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return rows


def _copy_table(connection: DuckDBPyConnection, table: str, target: Place) -> int:
    if table == "migrations":
        connection.execute("DELETE FROM migrations")
    elif connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall():  # noqa: S608 - a table of ours
        raise CopyError(f"{target} holds a warehouse already: {table} has rows; name another place")
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM origin.{table}")  # noqa: S608
    held, copied = _checked(connection, f"origin.{table}", table), _checked(connection, table, table)
    if held != copied:
        raise CopyError(f"{target}: {table} is not as it was; rows and checksum are {copied}, and should be {held}")
    return copied[0]


def _checked(connection: DuckDBPyConnection, table: str, of: str) -> tuple[int, int]:
    """Return the number of rows of a table and a checksum of all its values, in whatever order they are."""
    columns = ", ".join(name for name, *_ in connection.execute(f"DESCRIBE {of}").fetchall())
    checked = f"SELECT count(*), coalesce(sum(hash({columns})::HUGEINT), 0) FROM {table}"  # noqa: S608
    ((rows, checksum),) = connection.execute(checked).fetchall()
    return int(rows), int(checksum)
