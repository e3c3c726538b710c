"""Opening the live file: one process at a time, for one short transaction.

DuckDB shuts every other process out while a file is open for writing, and who polls for its lock may starve (measured:
14 s with two writers). So writers queue on an advisory lock in a file of its own beside the warehouse; analysts never
meet it, because they read the published snapshot.
"""

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseBusyError, WarehouseError
from warehouse.rows import MACROS

PATIENCE_S = 120.0
"""How long to wait for other writers before giving up; their transactions take seconds at most."""

FIRST_PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.1

# A checkpoint writes the last row group of every changed table anew, and with article texts the usual 122,880 rows are
# 400 MB of it (measured: 5 s; with 16,384 rows 0.4 s). It happens when publishing, not whenever a connection closes.
_ATTACH = """
PRAGMA disable_checkpoint_on_shutdown;
ATTACH '{path}' AS warehouse (ROW_GROUP_SIZE 16384);
USE warehouse;
"""


@contextmanager
def transaction(path: Path, *, patience_s: float = PATIENCE_S) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open ``path`` for writing, and commit when the block ends; roll back when it raises.

    WarehouseError names the path and the cause when the file cannot be opened or written.
    """
    with writing(path, patience_s=patience_s) as connection:
        connection.begin()
        try:
            yield connection
            connection.commit()
        except BaseException:
            # A commit that failed has ended the transaction already; there is nothing left to roll back then.
            with suppress(duckdb.TransactionException):
                connection.rollback()
            raise


@contextmanager
def writing(path: Path, *, patience_s: float = PATIENCE_S) -> Iterator[duckdb.DuckDBPyConnection]:
    """Hold the write lock and an open connection to ``path``, without a transaction."""
    deadline = time.monotonic() + patience_s
    with locked(path, deadline=deadline):
        connection = _open(path, deadline)
        try:
            yield connection
        except duckdb.IOException as error:
            raise WarehouseError(path, _first_line(error)) from error
        finally:
            connection.close()


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make instants mean the same on every machine."""
    connection.execute("SET TimeZone = 'UTC'")


@contextmanager
def locked(path: Path, *, purpose: str = "", deadline: float | None = None) -> Iterator[None]:
    """Hold the advisory lock on ``path`` for a ``purpose``; the one without a name is that of writers."""
    deadline = deadline or time.monotonic() + PATIENCE_S
    lock = path.with_name(f"{path.name}{f'.{purpose}' if purpose else ''}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise WarehouseError(path, f"cannot be written: {error.strerror}") from error
    try:
        _wait_for(handle, path, deadline)
        yield
    finally:
        os.close(handle)  # and with it the lock, also when the process is killed


def _wait_for(handle: int, path: Path, deadline: float) -> None:
    pause = FIRST_PAUSE_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause = _pause(pause, path, deadline, "other processes kept writing to it")
        else:
            return


def _open(path: Path, deadline: float) -> duckdb.DuckDBPyConnection:
    """Connect; wait while a stranger (a notebook, the DuckDB shell) has the live file open."""
    pause = FIRST_PAUSE_S
    # transactions are short: more threads take more of the processor and end no sooner (a tenth less without them)
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 1})
    while True:
        try:
            connection.execute(_ATTACH.format(path=str(path).replace("'", "''")))
        except duckdb.Error as error:
            if "lock" not in str(error).casefold():
                raise WarehouseError(path, f"cannot be opened: {_first_line(error)}") from error
            pause = _pause(pause, path, deadline, f"another program has it open: {_first_line(error)}")
        else:
            prepare(connection)
            connection.execute(MACROS)
            return connection


def _pause(pause: float, path: Path, deadline: float, why: str) -> float:
    """Sleep about ``pause`` seconds, so that waiting processes do not march in step; return the next pause."""
    if time.monotonic() >= deadline:
        raise WarehouseBusyError(path, why)
    time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
    return min(pause * 1.5, LONGEST_PAUSE_S)


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0]
