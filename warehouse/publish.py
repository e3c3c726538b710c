"""Publishes the snapshot that analysts read, by atomic rename: whoever has the old one open keeps it.

A lake needs none: its readers see the last commit. There small files are merged instead.
"""

import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse import lake
from warehouse.connection import PATIENCE_S, detach, disk_trouble, locked, log_of, writing
from warehouse.places import Lake, Place

LAG = timedelta(minutes=15)
"""How long runs and polls alone may be missing from the snapshot: each copy is as large as the warehouse."""


def snapshot_path(warehouse: Path) -> Path:
    """Return the path of the snapshot, beside ``warehouse``."""
    return warehouse.with_name(f"{warehouse.stem}.published{warehouse.suffix or '.duckdb'}")


def published_at(warehouse: Place) -> datetime | None:
    """Return of when the state is that analysts read; None if nothing was published yet."""
    if isinstance(warehouse, Lake):
        last = lake.last_commit(warehouse)
        return last[1] if last else None
    snapshot = snapshot_path(warehouse)
    return datetime.fromtimestamp(snapshot.stat().st_mtime, UTC) if snapshot.exists() else None


def publish(warehouse: Place, *, news: bool = True) -> None:
    """Replace the snapshot with the present state of ``warehouse``, unless that is unchanged.

    Without ``news`` for analysts, as after a cycle that only polled, the snapshot may be up to ``LAG`` old.
    """
    if isinstance(warehouse, Lake):
        lake.compact(warehouse, deadline=time.monotonic() + PATIENCE_S)
        return
    target = snapshot_path(warehouse)
    if _stands(warehouse, target, lag=0.0 if news else LAG.total_seconds()):
        return
    draft = target.with_name(f".{target.name}.draft")
    with locked(warehouse, purpose="publish"):
        try:
            copy_whole(warehouse, draft)
            draft.replace(target)
        except OSError as error:
            raise disk_trouble(warehouse, error) from error
        finally:
            draft.unlink(missing_ok=True)


def _stands(warehouse: Path, snapshot: Path, *, lag: float) -> bool:
    """Whether the snapshot shows the warehouse as it is, or as it was at most ``lag`` seconds ago."""
    log = log_of(warehouse)
    try:
        live, shown = warehouse.stat(), snapshot.stat()
    except FileNotFoundError:
        return False
    same = (live.st_mtime_ns, live.st_size) == (shown.st_mtime_ns, shown.st_size)
    return (same and not log.exists()) or 0 <= time.time() - shown.st_mtime < lag


def copy_whole(warehouse: Path, target: Path) -> None:
    """Copy the present state of ``warehouse``; one copy at a time, see ``locked``.

    The write lock is held while the log is folded into the file, but not while the file is copied: what is written then
    goes to the log. If a writer folds in a log that has grown long, the copy is made again, under the lock.
    """
    if not _copied_beside_writers(warehouse, target):
        with writing(warehouse) as connection:
            fold(connection)
            _copy(warehouse, target)


def _copied_beside_writers(warehouse: Path, draft: Path) -> bool:
    """Copy without the lock; return whether the file was unchanged in the meantime."""
    with writing(warehouse) as connection:
        fold(connection)
        before = warehouse.stat()
    _copy(warehouse, draft)
    after = warehouse.stat()
    return (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)


def fold(connection: DuckDBPyConnection) -> None:
    """Fold the log into the file, and close that."""
    connection.execute("CHECKPOINT")
    detach(connection)


def _copy(source: Path, target: Path) -> None:
    """Copy to disk, not only to the cache: after a power cut the renamed file must be complete.

    The copy has the modification time of the state it shows, which tells the next call whether anything has changed.
    """
    written = source.stat()
    shutil.copyfile(source, target)
    with target.open("rb") as handle:
        os.fsync(handle.fileno())
    os.utime(target, ns=(written.st_atime_ns, written.st_mtime_ns))
