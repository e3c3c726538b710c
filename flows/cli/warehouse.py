"""``brinkwatch warehouse copy``: a monitor moves from a file to a lake, and back."""

from typing import Annotated

import typer
from rich.text import Text

from extractors.counts import plural
from flows.cli.output import Console
from flows.settings import load_settings

warehouse = typer.Typer(no_args_is_help=True, help="The warehouse as a whole.")


@warehouse.callback()
def of_warehouse() -> None:
    """Keep ``copy`` a command of its own, though it is the only one."""


@warehouse.command()
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A file, or the address of a lake.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A new file, or the address of a new lake.")],
) -> None:
    """Copy a whole warehouse between a file and a lake, and verify the copy by counts and checksums.

    Stop `brinkwatch serve`, workers and timers first, and set BRINKWATCH_WAREHOUSE to the copy before you start them.
    Example: brinkwatch warehouse copy data/warehouse.duckdb "ducklake:postgres:host=db dbname=brinkwatch"
    """
    from warehouse.copying import copy as copied
    from warehouse.errors import CopyError
    from warehouse.places import place_of
    from warehouse.store import Warehouse

    data = load_settings().lake_data
    try:
        origin, place = place_of(source, data=data), place_of(target, data=data)
    except ValueError as error:
        raise CopyError(str(error)) from None
    rows = copied(origin, place)
    Warehouse(place).publish()
    held = ", ".join(plural(rows[f"{noun}s"], noun) for noun in ("article", "statement", "alert"))
    Console(stderr=True).print(Text(f"Copied to {place}: {held}. Set BRINKWATCH_WAREHOUSE to it."), soft_wrap=True)
