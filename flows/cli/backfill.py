"""``brinkwatch backfill``: an archive of old news into the warehouse, without alerts, however often it is ended."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from extractors.counts import plural
from flows.cli.output import Console
from flows.settings import load_settings

if TYPE_CHECKING:
    from flows.steps.backfill import Backfilled


def backfill(
    archive: Annotated[Path, typer.Argument(help="A .jsonl, .jsonl.gz, .parquet, .warc or .warc.gz file.")],
    workers: Annotated[int, typer.Option(min=1, max=256, help="How many processes read.")] = 1,
) -> None:
    """Read an archive of old news into the warehouse; nothing of it is sent.

    Interrupted or killed, it continues where it was when it is called again. Example: brinkwatch backfill 2023.jsonl.gz
    """
    from flows.steps.archives import Archive
    from flows.steps.backfill import backfill as fill

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal)
    with bar:
        task = bar.add_task("starting", total=1.0)
        done = fill(
            load_settings(),
            Archive(archive),
            workers=workers,
            on_batch=lambda so_far: bar.update(task, completed=so_far.share, description=counted(so_far)),
        )
    console.print(Text(f"{archive.name}: {summary(done)}"), soft_wrap=True)
    if done.bad:
        raise typer.Exit(1)


def counted(so_far: "Backfilled") -> str:
    """Return how many articles were stored."""
    return plural(so_far.detected.articles, "article")


def summary(done: "Backfilled") -> str:
    """Return what was found, and what could not be read."""
    if not done.records:
        return "nothing left to read"
    found = done.detected
    bad = f"; {plural(done.bad, 'record')} no article (FROM failures)" if done.bad else ""
    return (
        f"{counted(done)} stored: {plural(found.weapons, 'mention')} of weapons, "
        f"{plural(found.statements, 'statement')}, {plural(found.transfers, 'stage')} of transfers{bad}"
    )
