"""``brinkwatch run``: one monitoring cycle and a summary a person can read."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from flows.work.cycle import Cycle
    from flows.work.detect import Detected
    from flows.work.ingest import Ingested
    from flows.work.notify import Notified

_FEW = 3
"""Feeds that failed in one way and are still told one by one."""


def run(
    prefect: Annotated[
        bool, typer.Option("--prefect", help="Record the cycle as Prefect flow runs (so too with PREFECT_API_URL set).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures of the cycle as JSON.")] = False,
) -> None:
    """Run one cycle: seeds and due feeds → articles → signals → warehouse → alerts.

    Safe to run again at once: the second run finds nothing new.

    Examples: brinkwatch run; PREFECT_API_URL=http://127.0.0.1:4200/api brinkwatch run
    """
    settings = load_settings()
    cycle = run_with_prefect() if prefect or os.environ.get("PREFECT_API_URL") else run_plainly(settings)
    if as_json:
        print(json.dumps({step: getattr(cycle, step).counts for step in ("ingested", "detected", "notified")}))
    else:
        summarise(cycle, settings, Console(stderr=True))


def run_plainly(settings: Settings) -> "Cycle":
    """Run the steps directly, with progress on stderr."""
    from flows.work.cycle import Progress, run_cycle

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting")
        progress = Progress(
            on_feed=lambda done, of: bar.update(task, description=f"feeds {done}/{of}"),
            on_article=lambda done: bar.update(task, description=f"articles read: {done}"),
        )
        return run_cycle(settings, now=datetime.now(UTC), progress=progress)


def run_with_prefect() -> "Cycle":
    """Run the three flows, recorded by the Prefect API there is, or by a temporary one."""
    from flows.prefect_defaults import apply_prefect_defaults

    apply_prefect_defaults()
    from flows.detect import detect
    from flows.ingest import ingest
    from flows.notify import notify
    from flows.work.cycle import Cycle

    ingested: Ingested = outcome(ingest(return_state=True))
    detected: Detected = outcome(detect(return_state=True))
    notified: Notified = outcome(notify(in_full=ingested.seeds, return_state=True))
    return Cycle(ingested=ingested, detected=detected, notified=notified)


def outcome(state: "State[Any]") -> Any:
    """Return what a flow run brought, also where it could not deliver; raise what ended it early."""
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    return result


def summarise(cycle: "Cycle", settings: Settings, console: Console) -> None:
    """Print what the cycle brought, what did not answer, and what to do next."""
    ingested, detected, notified = cycle.ingested, cycle.detected, cycle.notified
    blocked = (notified.blocked,) if notified.blocked else ()
    for line in (*ingested.failures, *ingested.notices, *blocked):
        console.print(Text(f"! {line}", style="yellow"))
    for line in told_together(ingested.outcomes):
        console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
    rows = Table.grid(padding=(0, 2))
    answered = ingested.feeds - len(ingested.outcomes)
    rows.add_row("read", f"{len(ingested.seeds)} seed documents, {answered} of {ingested.feeds} due feeds")
    rows.add_row("new", f"{len(ingested.articles)} articles")
    rows.add_row(
        "found",
        f"{detected.weapons} mentions of weapons, {detected.statements} statements, "
        f"{detected.transfers} stages of transfers in {detected.articles} articles read",
    )
    rows.add_row("alerts", notified.summary)
    rows.add_row("warehouse", str(settings.warehouse))
    console.print(rows)
    console.print(Text(next_step(cycle), style="dim"))


def told_together(outcomes: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Yield a line for each feed, its outcome and why; many of one kind, as without a network, share one."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for feed, outcome, reason in outcomes:
        alike[outcome.replace("_", " "), reason].append(feed)
    for (outcome, reason), feeds in alike.items():
        if len(feeds) > _FEW:
            yield f"{len(feeds)} feeds {outcome}: {reason} ({', '.join(feeds)})"
        else:
            yield from (f"{feed:24} {outcome:12} {reason}" for feed in feeds)


def next_step(cycle: "Cycle") -> str:
    """Suggest one thing to do next."""
    if cycle.notified.sent:
        return 'Next: brinkwatch alerts list · brinkwatch sql "FROM red_line_ledger"'
    return "Nothing new. Next: brinkwatch sql · brinkwatch feeds list"
