"""``brinkwatch backtest``: replay an archive in time order, and list the alerts it would have raised."""

import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from extractors.counts import plural
from extractors.errors import BrinkwatchError
from flows.cli.output import Console, print_json
from flows.settings import load_settings

if TYPE_CHECKING:
    from flows.steps.backtest import Backtest, Day


class ScratchInUseError(BrinkwatchError):
    """The file for the scratch warehouse exists already."""


def backtest(
    archive: Annotated[Path, typer.Argument(help="A .jsonl or .jsonl.gz file of articles.")],
    warehouse: Annotated[
        Path | None, typer.Option(help="Keep the scratch warehouse here; the file must not exist yet.")
    ] = None,
    every: Annotated[int, typer.Option(min=1, max=168, help="How many hours of the archive make one cycle.")] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per day.")] = False,
) -> None:
    """Replay an archive through extraction, novelty and policy, and report the alerts it would have raised.

    Nothing is sent, and your own warehouse is left alone. Example: brinkwatch backtest 2023.jsonl.gz --every 6
    """
    from flows.steps.backtest import backtest as replay
    from flows.steps.backtest import read_archive

    articles, bad = read_archive(archive)
    errors = Console(stderr=True)
    for line in bad:
        errors.print(Text(f"{line.where}: {line.why}", style="yellow"))
    with ExitStack() as stack:
        scratch = warehouse or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "backtest.duckdb"
        if scratch.exists():
            raise ScratchInUseError(f"{scratch} exists already; name a new file for the replay")
        settings = load_settings().model_copy(update={"warehouse": scratch})
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        bar = stack.enter_context(Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal))
        task = bar.add_task("starting")
        result = replay(
            articles,
            settings,
            every=timedelta(hours=every),
            on_article=lambda done: bar.update(task, description=f"articles {done}/{len(articles)}"),
        )
        if warehouse:
            _publish(warehouse)
    if as_json:
        for day in result.days:
            print_json(as_object(day))
    else:
        show(result, Console())
    if bad:
        raise typer.Exit(1)


def _publish(warehouse: Path) -> None:
    """Publish the scratch warehouse, so that ``brinkwatch sql`` can read it."""
    from warehouse.store import Warehouse

    Warehouse(warehouse).publish()


def as_object(day: "Day") -> dict[str, Any]:
    """Return a day as a JSON object."""
    return {
        "day": day.day,
        "articles": day.articles,
        "messages": day.messages,
        "alerts": [
            {
                "id": fired.alert.id,
                "at": fired.at.isoformat(),
                "kind": fired.alert.kind,
                "severity": fired.alert.severity,
                "headline": fired.alert.headline,
                "why": fired.alert.why,
                "sentence": fired.alert.sentence,
                "story": fired.alert.story,
                "title": fired.alert.title,
                "outlet": fired.alert.outlet,
                "url": fired.alert.url,
                "outlets": list(fired.outlets),
                "backlog": fired.alert.backlog,
            }
            for fired in day.fired
        ],
        "suppressed": dict(day.suppressed.most_common()),
    }


def show(result: "Backtest", console: Console) -> None:
    """Print each day's alerts, the most severe first, and the totals."""
    for day in result.days:
        if day.fired:
            console.print(show_day(day))
    days = result.span_days or 1
    totals = Table.grid(padding=(0, 2))
    totals.add_row("read", f"{plural(result.articles, 'article')} of {plural(result.span_days, 'day')}")
    totals.add_row(
        "alerts", f"{result.alerts} in {plural(result.messages, 'message')}, {result.alerts / days:.1f} a day"
    )
    for reason, count in result.suppressed.most_common():
        totals.add_row("held back", Text(f"{count}  {reason}"))
    console.print(totals)


def show_day(day: "Day") -> Table:
    """Return the alerts of one day as a table."""
    sent = f"{plural(len(day.fired), 'alert')} in {plural(day.messages, 'message')}"
    title = f"{day.day}  {sent}, {sum(day.suppressed.values())} held back, {plural(day.articles, 'article')}"
    table = Table("severity", "what is new", "outlets", title=title, title_justify="left", show_edge=False, expand=True)
    for fired in sorted(day.fired, key=lambda fired: -fired.alert.severity):
        others = len(fired.outlets) - 1
        outlets = f"{fired.alert.outlet or '–'}" + (f" and {others} more" if others > 0 else "")
        table.add_row(f"{fired.alert.severity}/5", Text(fired.alert.headline), Text(outlets))
    return table
