"""Publishing the snapshot that analysts read, by atomic rename: whoever has the old one open keeps it."""

import os
import shutil
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse.connection import locked, writing
from warehouse.errors import WarehouseError


def snapshot_path(warehouse: Path) -> Path:
    """Return where the snapshot of ``warehouse`` is published, beside it."""
    return warehouse.with_name(f"{warehouse.stem}.published{warehouse.suffix or '.duckdb'}")


def publish(warehouse: Path) -> Path:
    """Replace the snapshot with the present state of ``warehouse``; return its path.

    The write lock is held while the log is folded into the file, and not while that is copied: what is written then
    goes to the log. Only a log that grew long is folded in by its writer; then the copy is made again, under the lock.
    """
    target = snapshot_path(warehouse)
    draft = target.with_name(f".{target.name}.draft")
    with locked(warehouse, purpose="publish"):
        try:
            if not _copied_beside_writers(warehouse, draft):
                with writing(warehouse) as connection:
                    _fold(connection)
                    _copy(warehouse, draft)
            draft.replace(target)
        except OSError as error:
            raise WarehouseError(warehouse, f"snapshot {target} cannot be written: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)
    return target


def _copied_beside_writers(warehouse: Path, draft: Path) -> bool:
    """Return whether the file stayed as it was while it was copied."""
    with writing(warehouse) as connection:
        _fold(connection)
        before = warehouse.stat()
    _copy(warehouse, draft)
    after = warehouse.stat()
    return (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)


def _fold(connection: DuckDBPyConnection) -> None:
    connection.execute("CHECKPOINT")
    connection.close()


def _copy(source: Path, target: Path) -> None:
    """Copy to disk, not just to the cache: after a power cut the renamed file must be whole."""
    shutil.copyfile(source, target)
    with target.open("rb") as handle:
        os.fsync(handle.fileno())
