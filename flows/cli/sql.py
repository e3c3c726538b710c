"""``brinkwatch sql``: read-only SQL on the published snapshot, even while a cycle runs."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from extractors.counts import plural
from flows.cli.output import Console, OutputError, check_place, show_rows
from flows.settings import load_settings

if TYPE_CHECKING:
    from warehouse.query import Relation, Result

SHOWN = 10_000
"""Rows of a result that are printed as a table; nobody reads more."""
_OF_SPREADSHEETS = frozenset({"xlsx", "xls", "ods", "numbers"})


class Shape(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def sql(
    query: Annotated[str, typer.Argument(help="SQL statements; without any, lists tables and views.")] = "",
    shape: Annotated[
        Shape | None,
        typer.Option(
            "--format", "-f", help="Format of the result; by default a table, or what the ending of --output says."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of stdout.")] = None,
    external: Annotated[bool, typer.Option("--external", help="Allow reading other files and the network.")] = False,
    no_limits: Annotated[
        bool, typer.Option("--no-limits", help="Allow more than a million rows, 1 GB of memory and 60 s.")
    ] = False,
) -> None:
    """Query the warehouse.

    Examples: brinkwatch sql "FROM new_weapons"; brinkwatch sql -o ledger.csv "FROM red_line_ledger"
    """
    from warehouse import query as reader
    from warehouse.stored_records import Limits

    settings, console = load_settings(), Console()
    shape = shape or shape_of(output)
    if not query.strip():
        list_relations(reader.describe(settings.warehouse), console)
    elif shape is Shape.TABLE and output is None:
        limits = None if no_limits else Limits(rows=SHOWN)
        for result in reader.results(settings.warehouse, query, external=external, limits=limits):
            show(result, console)
    else:
        form = reader.Format(Shape.CSV if shape is Shape.TABLE else shape)
        limits = None if no_limits else Limits()
        with written(output) as path:
            reader.export(settings.warehouse, query, path, form=form, external=external, limits=limits)


def shape_of(output: Path | None) -> Shape:
    """Return the format that the name of a file implies, CSV if it implies none; without a file, a table."""
    if output is None:
        return Shape.TABLE
    ending = output.suffix.lstrip(".").lower()
    if ending in _OF_SPREADSHEETS:
        raise OutputError(f"{output}: no {ending} can be written; spreadsheets open .csv: name it so, or say --format")
    return Shape(ending) if ending in set(Shape) else Shape.CSV


@contextmanager
def written(output: Path | None) -> Iterator[Path]:
    """Yield the file to write a result to; a stream gets the result afterwards, appended and never truncated."""
    if output and not is_stream(output):
        check_place(output)
        yield output.resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result"
        yield path
        with path.open("rb") as result, output.open("ab") if output else nullcontext(sys.stdout.buffer) as stream:
            shutil.copyfileobj(result, stream)


def is_stream(output: Path) -> bool:
    """Whether a path is something to append to and not to replace, like /dev/stdout."""
    special = output.absolute().parts[1:2] in (("dev",), ("proc",)) or (output.exists() and not output.is_file())
    return special and not output.is_dir()


def list_relations(relations: "Sequence[Relation]", console: Console) -> None:
    """Print each table and view with its comment and columns."""
    for relation in relations:
        console.print(Text.assemble((relation.name, "bold"), (f"  {relation.kind}", "dim"), f"\n  {relation.comment}"))
        console.print(Text("  " + ", ".join(name for name, _, _ in relation.columns), style="dim"))


def show(result: "Result", console: Console) -> None:
    """Print a result; values come from outside and are never interpreted as markup."""
    rows = [tuple("" if value is None else str(value) for value in row) for row in result.rows]
    show_rows(result.columns, rows, console)
    count = plural(len(rows), "row")
    console.print(Text(f"only the first {count} shown; --no-limits shows all" if result.more else count, style="dim"))
