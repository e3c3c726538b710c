"""``brinkwatch export``: views of the published warehouse as files for other programs."""

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from extractors.errors import BrinkwatchError
from extractors.suggestions import did_you_mean, similar
from flows.cli.output import Console
from flows.settings import load_settings


class Shape(StrEnum):
    """The format of a file."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"


class ExportFolderError(BrinkwatchError):
    """There is no folder to write to."""


class NoSuchViewError(BrinkwatchError):
    """No view or table has this name."""


def export(
    views: Annotated[
        list[str] | None, typer.Argument(help="Views or tables; all views if none is given.", show_default=False)
    ] = None,
    *,
    shape: Annotated[Shape, typer.Option("--format", "-f", help="The format of the files.")] = Shape.PARQUET,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for them.")] = Path("export"),
) -> None:
    """Write each view to a file of its name; files that are there are replaced.

    Examples: brinkwatch export -o /data/brinkwatch; brinkwatch export plover_events --format json
    """
    from warehouse.query import Format, describe
    from warehouse.query import export as write

    warehouse = load_settings().warehouse
    relations = {each.name: each.kind for each in describe(warehouse)}
    wanted = named(views or [name for name, kind in relations.items() if kind == "view"], relations)
    make_folder(output)
    for name in wanted:
        path = output.resolve() / f"{name}.{shape}"
        write(warehouse, f'FROM "{name}"', path, form=Format(shape))
        Console(stderr=True).print(Text(f"{path.stat().st_size:>12,} bytes  {output / path.name}"), soft_wrap=True)


def make_folder(output: Path) -> None:
    """Make a folder, or raise ExportFolderError saying why not."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportFolderError(f"{output} cannot be made a folder: {error.strerror}") from error


def named(views: Collection[str], there: Collection[str]) -> Collection[str]:
    """Return the names, or raise NoSuchViewError for one that nothing has, with what comes near."""
    for view in views:
        if view not in there:
            hint = did_you_mean(similar(view, there), otherwise="brinkwatch sql lists all of them")
            raise NoSuchViewError(f"no view or table {view}{hint}")
    return views
