"""Empty warehouses: migrated once in a process and copied from then on, which takes a hundredth of the time."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lakes import Server

from warehouse.places import Place
from warehouse.publish import snapshot_path
from warehouse.store import Warehouse

postgres: Server | None = None
"""Where the warehouses of a test are made that runs on lakes; see ``conftest``."""


def new_place(path: Path) -> Place:
    """Return where a test has its warehouse, which is not there yet: ``path``, or a lake."""
    return postgres.new_database() if postgres else path


def new_warehouse(place: Place) -> Warehouse:
    """Make a warehouse at ``place``, or a lake, that holds nothing but its tables and views."""
    if postgres:
        return Warehouse(postgres.new_lake())
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
