"""The warehouse as commands open it: those that need one to be there, and those that do without."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.settings import Settings

if TYPE_CHECKING:
    from warehouse.connection import Transaction
    from warehouse.store import Warehouse


PATIENCE_S = 2.0
"""How long a person waits for another program, such as a notebook, to close the live file."""


def opened(settings: Settings) -> "Warehouse":
    """Return the warehouse, brought up to date; raise WarehouseMissingError, and create none, if there is none.

    WarehouseBusyError says within two seconds which other program has it open, unless that is a writer of ours.
    """
    from warehouse.connection import check_not_held
    from warehouse.errors import WarehouseMissingError
    from warehouse.store import Warehouse

    warehouse = Warehouse(settings.warehouse)
    if not warehouse.exists():
        raise WarehouseMissingError(settings.warehouse, "does not exist yet; run a cycle first: brinkwatch run")
    check_not_held(settings.warehouse, patience_s=PATIENCE_S)
    warehouse.migrate()
    return warehouse


@contextmanager
def reading(settings: Settings) -> Iterator["Transaction | None"]:
    """Open a transaction of the warehouse; None, and no file, where there is none yet."""
    from warehouse.store import Warehouse

    warehouse = Warehouse(settings.warehouse)
    if not warehouse.exists():
        yield None
        return
    with warehouse.transaction() as tx:
        yield tx
