"""Publishing the snapshot that analysts read, by atomic rename: whoever has the old one open keeps it."""

import os
import shutil
from pathlib import Path

from warehouse.connection import writing
from warehouse.errors import WarehouseError


def snapshot_path(warehouse: Path) -> Path:
    """Return where the snapshot of ``warehouse`` is published, beside it."""
    return warehouse.with_name(f"{warehouse.stem}.published{warehouse.suffix or '.duckdb'}")


def publish(warehouse: Path) -> Path:
    """Replace the snapshot with the present state of ``warehouse``; return its path.

    The write lock is held meanwhile, so that the copy is of one moment and nothing of it is still in the log.
    """
    target = snapshot_path(warehouse)
    draft = target.with_name(f".{target.name}.draft")
    with writing(warehouse) as connection:
        connection.execute("CHECKPOINT")
        connection.close()
        try:
            _copy(warehouse, draft)
            draft.replace(target)
        except OSError as error:
            raise WarehouseError(warehouse, f"snapshot {target} cannot be written: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)
    return target


def _copy(source: Path, target: Path) -> None:
    """Copy to disk, not just to the cache: after a power cut the renamed file must be whole."""
    shutil.copyfile(source, target)
    with target.open("rb") as handle:
        os.fsync(handle.fileno())
