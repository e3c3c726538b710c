"""Opening the warehouse for writing: one process at a time, for one short transaction. For lakes, see ``lake``.

DuckDB excludes every other process while a file is open for writing, and polling for its lock may starve (measured:
14 s with two writers). So writers queue on an advisory lock in a separate file beside the warehouse. Analysts are not
affected, because they read the published snapshot.

Starting DuckDB takes most of the processor time of a small transaction (15 of 21 ms), so a process keeps the instance.
Between transactions it has no file: the warehouse is attached for one transaction and then detached, which closes it
and releases DuckDB's lock. An instance that met an error, or much data, is not used again.
"""

import errno
import fcntl
import itertools
import logging
import os
import random
import re
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import duckdb

from warehouse import lake
from warehouse.errors import (
    DiskFullError,
    ForeignLogError,
    WarehouseBusyError,
    WarehouseDamagedError,
    WarehouseError,
)
from warehouse.places import Lake, Place
from warehouse.rows import MACROS

log = logging.getLogger(__name__)

Transaction = duckdb.DuckDBPyConnection
"""The first argument of the functions in ``tables``: an open transaction on the warehouse."""

PATIENCE_S = 120.0
"""How long to wait for other writers before giving up; their transactions take seconds at most."""

RESERVE = 32 << 20
"""Bytes that must be free beside a warehouse: DuckDB 1.5.5 aborts if a commit that changed an indexed row fails."""

STRANGER_S = 1.5
"""After how long it is said that, and for whom, one waits who is no writer of ours."""

MOST_IDS = 2_048
"""So many at once DuckDB looks up in an index; of more it reads the whole column."""

FIRST_PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.1

# A checkpoint rewrites the last row group of every changed table. With article texts, the usual 122,880 rows are 400 MB
# (measured: 5 s; with 16,384 rows 0.4 s). It happens when publishing and after much was written, not whenever a
# connection closes: each later transaction would read a long log again (3 MB: 0.3 s in a file of a million articles).
_ATTACH = """
PRAGMA disable_checkpoint_on_shutdown;
ATTACH '{path}' AS warehouse ({options});
USE warehouse;
"""
_DETACH = "USE memory; DETACH DATABASE IF EXISTS warehouse"
# In formats from 1.3 on, DuckDB 1.5.5 loses an update of a table with a key that is still in the log, if its rows lie
# in two row groups (measured in each of three sequences of 250 small transactions). In older ones never; those do not
# say which file a log belongs to. In its default, 1.0, it writes the index of a table anew whenever a row is added
# (0.3 s for a million). A file in that is in 1.2 as soon as something is folded into it.
_NEW = "ROW_GROUP_SIZE 16384, STORAGE_VERSION 'v1.2.0'"
_AS_IT_IS = "ROW_GROUP_SIZE 16384"
_IS_NEWER = "cannot be lowered"
_SAFE = "v1.2.0+"
_FORMAT = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'warehouse'"

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    # transactions are short: more threads use more processor time and are no faster (one needs a tenth less)
    "threads": 1,
    # it makes texts of 5 kB a third as large, but of 60 of them 2,048 each are unpacked: 0.39 s instead of 0.01
    "disabled_compression_methods": "zstd",
}

LITTLE = 1 << 20
"""Bytes of log up to which it is left as it is, and the instance kept: of much data, it would not give back 100 MB."""
USES = 100
"""Transactions after which an instance is given up: it grows by 15 kB with each."""
_transactions = itertools.count(1)
_idle: deque[duckdb.DuckDBPyConnection] = deque()
"""Instances of DuckDB that have no file open; a forked process starts its own."""
os.register_at_fork(after_in_child=_idle.clear)

_LOCKED = "Could not set lock on file"
_FULL = re.compile("No space left on device|File too large|Disk quota exceeded")
_FOREIGN = re.compile("WAL does not match database file|WAL checkpoint iteration does not match")
_DAMAGED = re.compile(
    r"Corrupt [^:]*|not a valid DuckDB database file|Could not read (?:enough|all) bytes|Failure while replaying WAL"
    "|[Ff]ailed to deserialize|Serialization Error"
)
_HEADERS = 3 * 4096
_SHORT_LOG = 16_384
_MARK, _MARK_AT = b"DUCK", 8
"""What a database of DuckDB bears, and where."""
_LOG_BEGINS = b"d\x00be\x00"


@contextmanager
def transaction(place: Place, *, patience_s: float = PATIENCE_S) -> Iterator[Transaction]:
    """Open ``place`` for writing, and commit when the block ends; roll back when it raises.

    WarehouseError names the place and the cause when it cannot be opened or written.
    """
    with writing(place, patience_s=patience_s) as connection:
        connection.begin()
        try:
            yield connection
            connection.commit()
        except BaseException:
            # a failed commit has already ended the transaction, so there is nothing left to roll back
            with suppress(duckdb.TransactionException):
                connection.rollback()
            raise


def writing(place: Place, *, patience_s: float = PATIENCE_S) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Hold the write lock and an open connection to ``place``, without a transaction."""
    deadline = time.monotonic() + patience_s
    return lake.writing(place, deadline=deadline) if isinstance(place, Lake) else _writing_file(place, deadline)


@contextmanager
def _writing_file(path: Path, deadline: float) -> Iterator[duckdb.DuckDBPyConnection]:
    check_is_database(path)
    with locked(path, deadline=deadline), _attached(path, deadline) as connection:
        try:
            yield connection
        except duckdb.Error as error:
            if trouble := trouble_of(path, error):
                raise trouble from error
            raise


@contextmanager
def _attached(path: Path, deadline: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open ``path`` in an instance that is idle, or a new one, with a session of its own."""
    check_free_space(path, RESERVE)
    _check_log(path)
    much = False
    with lent(keep=lambda: not much) as connection:
        _attach(connection, path, deadline)
        yield connection
        much = _log_size(path) > LITTLE
        if much:
            _fold_beside_nobody(connection, path)
        detach(connection)


def _fold_beside_nobody(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Fold a log that has grown long into the file, unless that is being copied: the copy would have to be made again.

    What was written stays written if this fails; the next transaction tries again.
    """
    with _lock_file(path, "publish") as handle, suppress(duckdb.Error):
        if _taken(handle):
            connection.execute("CHECKPOINT")


def renew(path: Path, *, patience_s: float = PATIENCE_S) -> bool:
    """Write a file whose format loses updates anew in one that does not; return whether that was necessary."""
    copy = path.with_name(f"{path.name}.renewed")
    with writing(path, patience_s=patience_s) as connection:
        ((written_in,),) = connection.execute(_FORMAT).fetchall()
        if written_in == _SAFE:
            return False
        log.warning("warehouse %s: written anew, because DuckDB loses changes in format %s", path, written_in)
        check_free_space(path, RESERVE + path.stat().st_size)
        copy.unlink(missing_ok=True)  # of somebody who was killed; beside no file, DuckDB begins its log anew
        connection.execute(f"ATTACH '{quoted(copy)}' AS renewed ({_NEW})")
        connection.execute("COPY FROM DATABASE warehouse TO renewed; CHECKPOINT renewed; DETACH renewed; CHECKPOINT")
        detach(connection)
        with copy.open("rb") as whole:
            os.fsync(whole.fileno())
        copy.replace(path)  # the log of the old file was folded just now
    return True


@contextmanager
def lent(*, keep: Callable[[], bool]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a session of an instance without a file, which is kept for the next if the block succeeds and ``keep``."""
    instance = _instance()
    connection = instance.cursor()
    try:
        yield connection
    except BaseException:
        connection.close()
        instance.close()
        raise
    connection.close()
    if keep() and next(_transactions) % USES:
        _idle.append(instance)
    else:
        instance.close()


def log_of(path: Path) -> Path:
    """Return the write-ahead log that DuckDB keeps beside a file."""
    return path.with_name(f"{path.name}.wal")


def _log_size(path: Path) -> int:
    log = log_of(path)
    return log.stat().st_size if log.exists() else 0


def _instance() -> duckdb.DuckDBPyConnection:
    try:
        return _idle.pop()
    except IndexError:
        return duckdb.connect(config=_CONFIG)


def detach(connection: duckdb.DuckDBPyConnection) -> None:
    """Close the file, whose log stays as it is; harmless if that was done before."""
    connection.execute(_DETACH)


def exists(place: Place) -> bool:
    """Return whether there is a warehouse; CatalogError if nobody can tell."""
    return lake.exists(place) if isinstance(place, Lake) else place.exists()


def stamps(path: Path) -> tuple[tuple[int, int] | None, ...]:
    """Return time and size of the file and of its log, of which every write changes some; None for a missing one."""
    return tuple(_stamp(each) for each in (path, log_of(path)))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def trouble_of(path: Place, error: duckdb.Error) -> WarehouseError | None:
    """Return the error that says what is wrong with the file or its disk; None if the statement is at fault."""
    if isinstance(path, Lake):
        return lake.trouble_of(path, error)
    if not isinstance(error, (duckdb.OperationalError, duckdb.FatalException)):
        return None
    text = _first_line(error)
    if _FULL.search(text):
        return DiskFullError(path)
    if _FOREIGN.search(text):
        return ForeignLogError(path)
    if _DAMAGED.search(text):
        return WarehouseDamagedError(path, _damage(text))
    return WarehouseError(path, _without_kind(text)) if isinstance(error, duckdb.IOException) else None


def disk_trouble(path: Path, error: OSError) -> WarehouseError:
    """Return the error that says why nothing can be written at ``path`` or beside it."""
    full = error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
    return DiskFullError(path) if full else WarehouseError(path, f"cannot be written: {error.strerror}")


def _damage(text: str) -> str:
    """Return in plain words what a message of DuckDB means."""
    if place := re.search(r"does not match stored checksum .* location (\d+)", text):
        return f"what is stored at byte {place.group(1)} is not what was written there"
    signs = {"WAL": "its log cannot be read", "Could not read": "it ends too early", "valid": "not a DuckDB database"}
    return next((meaning for sign, meaning in signs.items() if sign in text), _without_kind(text))


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the time zone, so that instants mean the same on every machine, and let ids be found by their index.

    With more than 50 ids, DuckDB would read every text to find theirs (of a million, 60 took 4 s instead of 0.02 s).
    """
    connection.execute(f"SET TimeZone = 'UTC'; SET dynamic_or_filter_threshold = {MOST_IDS}")


def locked(place: Place, *, purpose: str = "", deadline: float | None = None) -> AbstractContextManager[None]:
    """Hold the advisory lock on ``place`` for a ``purpose``; the lock without a name is that of writers."""
    deadline = deadline or time.monotonic() + PATIENCE_S
    if isinstance(place, Lake):
        return lake.locked(place, purpose=purpose, deadline=deadline)
    return _locked_file(place, purpose, deadline)


@contextmanager
def _locked_file(path: Path, purpose: str, deadline: float) -> Iterator[None]:
    with _lock_file(path, purpose) as handle:
        _wait_for(handle, path, deadline)
        yield


def counted(place: Place, *, purpose: str) -> AbstractContextManager[Callable[[], bool]]:
    """Count as one process that does ``purpose`` with ``place``; yield a function that says whether it is the last."""
    return lake.counted(place, purpose=purpose) if isinstance(place, Lake) else _counted_file(place, purpose)


@contextmanager
def _counted_file(path: Path, purpose: str) -> Iterator[Callable[[], bool]]:
    with _lock_file(path, purpose) as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield lambda: _taken(handle)


@contextmanager
def _lock_file(path: Path, purpose: str) -> Iterator[int]:
    lock = path.with_name(f"{path.name}{f'.{purpose}' if purpose else ''}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise disk_trouble(path, error) from error
    try:
        yield handle
    finally:
        os.close(handle)  # and with it the lock, even when the process is killed


def _taken(handle: int) -> bool:
    """Return whether the lock could be taken, because nobody else holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for(handle: int, path: Path, deadline: float) -> None:
    pause = FIRST_PAUSE_S
    while not _taken(handle):
        pause = _pause(pause, path, deadline, "other processes kept writing to it")


def check_writable(path: Place) -> None:
    """Raise WarehouseError where a file at ``path`` could not be made; nothing is made. A lake was reached before."""
    if isinstance(path, Lake):
        return
    folder = next(each for each in path.absolute().parents if each.exists())
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise WarehouseError(path, "cannot be written: the folder is not writable")


def check_not_held(path: Place, *, patience_s: float) -> None:
    """Raise WarehouseBusyError where a stranger keeps the live file open for so long; our own writers are awaited."""
    if isinstance(path, Lake):
        return  # there no stranger keeps anybody waiting
    check_is_database(path)
    with locked(path), _attached(path, time.monotonic() + patience_s):
        pass


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, deadline: float) -> None:
    """Open; wait while another program (a notebook, the DuckDB shell) has the live file open, and soon name it."""
    pause, began, told, options = FIRST_PAUSE_S, time.monotonic(), False, _NEW
    while True:
        try:
            connection.execute(_ATTACH.format(path=quoted(path), options=options))
        except duckdb.Error as error:
            if _IS_NEWER in str(error):
                options = _AS_IT_IS
                continue
            if _LOCKED not in str(error):
                raise trouble_of(path, error) or WarehouseError(path, f"cannot be opened: {error}") from error
            why = f"another program has it open: {_holder(error)}"
            pause = _pause(pause, path, deadline, why)
            if not told and time.monotonic() - began > STRANGER_S:
                told = True
                log.warning("warehouse %s: %s; waiting", path, why)
        else:
            _check_length(connection, path)
            prepare(connection)
            connection.execute(MACROS)
            return


def _holder(error: duckdb.Error) -> str:
    """Return which program holds the file, as DuckDB names it."""
    found = re.search(r"lock is held in (.+? \(PID \d+\)[^.]*)", str(error))
    return found[1] if found else _without_kind(_first_line(error))


def check_free_space(path: Path, needed: int) -> None:
    """Raise DiskFullError if fewer bytes are free than ``needed``."""
    if shutil.disk_usage(path.parent).free < needed:
        raise DiskFullError(path)


def check_is_database(path: Path) -> None:
    """Raise WarehouseDamagedError for a file that is none: before a lock is left beside what is somebody else's."""
    begins = b""
    with suppress(OSError), path.open("rb") as opened:
        begins = opened.read(_MARK_AT + len(_MARK))
    if any(begins) and begins[_MARK_AT:] != _MARK:  # an empty one may just be being made
        raise WarehouseDamagedError(path, "not a DuckDB database")


def _check_log(path: Path) -> None:
    """Raise ForeignLogError for a file that is not a log: DuckDB would take it for an empty one and overwrite it."""
    log = log_of(path)
    begins = b""
    with suppress(OSError), log.open("rb") as opened:
        begins = opened.read(len(_LOG_BEGINS))
    if not _LOG_BEGINS.startswith(begins) and any(begins):  # zeros: a power cut prevented the log from being written
        raise ForeignLogError(path)


def _check_length(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise WarehouseDamagedError for a truncated file, which DuckDB would notice only on reading what is missing.

    Empty blocks may be missing at its end, and a long log may fill some of them when it is replayed.
    """
    used = "SELECT block_size * used_blocks FROM pragma_database_size() WHERE database_name = 'warehouse'"
    ((length,),) = connection.execute(used).fetchall()
    if path.stat().st_size < _HEADERS + length and _log_size(path) < _SHORT_LOG:
        raise WarehouseDamagedError(path, "it ends too early")


def _pause(pause: float, path: Path, deadline: float, why: str) -> float:
    """Sleep about ``pause`` seconds, so that waiting processes do not keep in step; return the next pause."""
    if time.monotonic() >= deadline:
        raise WarehouseBusyError(path, why)
    time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
    return min(pause * 1.5, LONGEST_PAUSE_S)


def quoted(path: Path) -> str:
    """Return a path escaped for an SQL literal."""
    return str(path).replace("'", "''")


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0]


def _without_kind(text: str) -> str:
    """Return a message of DuckDB without the class of error it begins with."""
    return re.sub(r"^(?:[A-Z]\w+ )+Error: ", "", text)
