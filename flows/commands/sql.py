"""``brinkwatch sql``: read-only SQL on the published warehouse, also while a cycle runs."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from flows.settings import load_settings

if TYPE_CHECKING:
    from warehouse.query import Relation


class Shape(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def sql(
    query: Annotated[str | None, typer.Argument(help="One SQL statement; without it, the tables and views.")] = None,
    shape: Annotated[Shape, typer.Option("--format", "-f", help="How to print the result.")] = Shape.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of to stdout.")] = None,
    external: Annotated[bool, typer.Option("--external", help="Allow other files and the network.")] = False,
) -> None:
    """Query the warehouse.

    Examples: brinkwatch sql "FROM new_weapons"; brinkwatch sql -f csv "SELECT speaker, condition FROM red_line_ledger"
    """
    from warehouse import query as reader

    settings, console = load_settings(), Console()
    if query is None:
        list_relations(reader.describe(settings.warehouse), console)
    elif shape is Shape.TABLE and output is None:
        result = reader.query(settings.warehouse, query, external=external)
        show(result.columns, result.rows, console)
    else:
        target = output or Path("/dev/stdout")
        sys.stdout.flush()
        form = reader.Format(Shape.CSV if shape is Shape.TABLE else shape)
        reader.export(settings.warehouse, query, target, form=form, external=external)


def list_relations(relations: "Sequence[Relation]", console: Console) -> None:
    """Print each table and view with its comment and columns."""
    for relation in relations:
        console.print(Text.assemble((relation.name, "bold"), (f"  {relation.kind}", "dim"), f"\n  {relation.comment}"))
        console.print(Text("  " + ", ".join(name for name, _, _ in relation.columns), style="dim"))


def show(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], console: Console) -> None:
    """Print a result as a table; values are text from outside and never markup."""
    table = Table(*(Column(header=Text(name)) for name in columns), show_edge=False)
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console.print(table)
    console.print(Text(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}", style="dim"))
