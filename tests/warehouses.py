"""Empty warehouses: migrated once in a process and copied from then on, which takes a hundredth of the time."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from warehouse.store import Warehouse


def new_warehouse(path: Path) -> Warehouse:
    """Make a warehouse at ``path`` that holds nothing but its tables and views."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated())
    return Warehouse(path)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "w.duckdb")
        warehouse.migrate()
        return warehouse.publish().read_bytes()
