"""Empty warehouses: migrated once in a process and copied from then on, which takes a hundredth of the time."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from warehouse.places import Lake, Place
from warehouse.publish import snapshot_path
from warehouse.store import Warehouse

new_lake: Callable[[], Lake] | None = None
"""Makes a lake instead, in tests of what is the same on both; see ``conftest``."""


def new_warehouse(place: Place) -> Warehouse:
    """Make a warehouse at ``place`` that holds nothing but its tables and views."""
    if new_lake:
        return Warehouse(new_lake())
    path = file_of(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated())
    return Warehouse(path)


def file_of(place: Place) -> Path:
    """Return the file that a test is about."""
    assert isinstance(place, Path)
    return place


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w.duckdb"
        warehouse = Warehouse(path)
        warehouse.migrate()
        warehouse.publish()
        return snapshot_path(path).read_bytes()
