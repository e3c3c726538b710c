"""``brinkwatch run``, one monitoring cycle and its summary; ``brinkwatch serve``, every deployment until stopped."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from extractors.counts import plural
from extractors.errors import BrinkwatchError
from flows.cli.output import Console
from flows.phrases import first_of
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from flows.steps.cycle import Cycle
    from flows.steps.detect import Detected
    from flows.steps.digest import Digested
    from flows.steps.ingest import Ingested
    from flows.steps.notify import Notified

STEPS = ("ingested", "detected", "notified", "digested")
"""The results of a cycle, as `--json` names them."""
AWAY = "Failed to reach API"
"""How Prefect says that its server does not answer."""
_FEW = 3
"""Up to this many feeds that failed in the same way are listed one by one."""


class ServerAwayError(BrinkwatchError):
    """A Prefect server that does not answer."""


def run(
    prefect: Annotated[
        bool, typer.Option("--prefect", help="Record the cycle as Prefect flow runs, as if PREFECT_API_URL were set.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures of the cycle as JSON.")] = False,
    quiet_start: Annotated[
        bool, typer.Option("--quiet-start", help="Fill an empty warehouse without an alert each: one summary of it.")
    ] = False,
) -> None:
    """Run one cycle: seeds and due feeds → articles → signals → warehouse → alerts.

    Safe to run again at once: the second run finds nothing new.

    Examples: brinkwatch run; PREFECT_API_URL=http://127.0.0.1:4200/api brinkwatch run
    """
    from flows.steps.notify import route_of
    from warehouse.store import Warehouse

    settings = load_settings()
    route_of(settings)  # what is configured by half is said before anything is fetched
    quiet = quiet_start and not Warehouse(settings.warehouse).exists()
    recorded = prefect or os.environ.get("PREFECT_API_URL")
    cycle = run_with_prefect(quiet=quiet) if recorded else run_plainly(settings, quiet=quiet)
    if as_json:
        print(json.dumps({step: getattr(cycle, step).counts for step in STEPS}))
    else:
        summarise(cycle, settings, Console(stderr=True), learned=learned(settings) if quiet else "")


def serve() -> None:
    """Serve ingest, detect, notify, digest and report on their schedules and events, until stopped.

    Needs a Prefect API (PREFECT_API_URL); for work pools instead, see flows/prefect.yaml.
    """
    from flows.steps.notify import route_of

    settings = load_settings()
    route_of(settings)  # half a configuration is reported before anything starts
    from flows.prefect_settings import apply_prefect_defaults

    apply_prefect_defaults()
    from flows.orchestration.deployments import serve_all

    serve_all(settings)


def run_plainly(settings: Settings, *, quiet: bool = False) -> "Cycle":
    """Run the steps directly, with progress on stderr; if ``quiet``, seeds are only part of the backlog summary."""
    from flows.steps.cycle import Progress, run_cycle
    from flows.steps.liveness import check_liveness, repair_times, timed
    from warehouse.store import Warehouse

    Warehouse(settings.warehouse).migrate()
    repair_times(settings)
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting")
        progress = Progress(
            on_feed=lambda done, of: bar.update(task, description=f"feeds {done}/{of}"),
            on_article=lambda done: bar.update(task, description=f"articles read: {done}"),
        )
        cycle = run_cycle(settings, now=datetime.now(UTC), progress=progress, quiet=quiet)
    check_liveness(settings, now=datetime.now(UTC), every=timed(settings))
    return cycle


def run_with_prefect(*, quiet: bool = False) -> "Cycle":
    """Run the flows, recorded by the configured Prefect API or by a temporary one."""
    from flows.prefect_settings import apply_prefect_defaults

    apply_prefect_defaults()
    from flows.detect import detect
    from flows.digest import digest
    from flows.ingest import ingest
    from flows.notify import notify
    from flows.steps.cycle import Cycle

    try:
        ingested: Ingested = outcome(ingest(return_state=True))
    except RuntimeError as error:
        if AWAY not in str(error):
            raise
        raise ServerAwayError(f"{error}: start it, or unset PREFECT_API_URL for a cycle without it") from error
    detected: Detected = outcome(detect(return_state=True))
    notified: Notified = outcome(notify(in_full=() if quiet else ingested.seeds, return_state=True))
    digested: Digested = outcome(digest(return_state=True))
    return Cycle(ingested=ingested, detected=detected, notified=notified, digested=digested)


def outcome(state: "State[Any]") -> Any:
    """Return the result of a flow run, even if it could not deliver; raise whatever ended it early."""
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    return result


def summarise(cycle: "Cycle", settings: Settings, console: Console, *, learned: str = "") -> None:
    """Print what the cycle found, which feeds did not answer, when feeds are due again, and what to do next."""
    ingested, detected, notified = cycle.ingested, cycle.detected, cycle.notified
    blocked = (notified.blocked,) if notified.blocked else ()
    for line in (*ingested.failures, *ingested.missed, *ingested.notices, *blocked):
        console.print(Text(f"! {line}", style="yellow"))
    for line in told_together(ingested.outcomes):
        console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
    rows = Table.grid(padding=(0, 2))
    answered = ingested.feeds - len(ingested.outcomes)
    asked = f"{answered} of {plural(ingested.feeds, 'due feed')}" if ingested.feeds else "no feed was due"
    rows.add_row("read", f"{plural(len(ingested.seeds), 'seed document')}, {asked}")
    rows.add_row("new", plural(len(ingested.articles), "article"))
    rows.add_row(
        "found",
        f"{plural(detected.weapons, 'mention')} of weapons, {plural(detected.statements, 'statement')}, "
        f"{plural(detected.transfers, 'stage')} of transfers in {plural(detected.articles, 'article')} read",
    )
    rows.add_row("alerts", notified.summary)
    if cycle.digested.sent or cycle.digested.failed:
        rows.add_row("digests", cycle.digested.summary)
    if cycle.again.articles:
        more = f", {cycle.left} to go" if cycle.left else ""
        rows.add_row(
            "read again", f"{plural(cycle.again.articles, 'stored article')}, as lexicons or rules changed{more}"
        )
    if learned:
        rows.add_row("learned", learned)
    if due := next_feeds(settings):
        rows.add_row("feeds", due)
    rows.add_row("warehouse", str(settings.warehouse))
    console.print(rows)
    console.print(Text(next_step(cycle), style="dim"))


def next_feeds(settings: Settings) -> str:
    """Say when feeds are due again, and how many of them failed when they were last asked."""
    from flows.sources.feedlist import load_feeds
    from warehouse.store import Warehouse
    from warehouse.tables.articles import feed_states

    with Warehouse(settings.warehouse).transaction() as tx:
        states = feed_states(tx)
    listed = [states[feed.id] for feed in load_feeds(settings.seeds / "feeds.csv") if feed.id in states]
    due = min((state["next_due_at"] for state in listed if state["next_due_at"]), default=None)
    if due is None:
        return ""
    failed = [state["last_fetched_at"] for state in listed if state["consecutive_failures"]]
    trouble = f"{plural(len(failed), 'feed')} failed at {max(failed):%H:%M}, next try" if failed else "next due"
    return f"{trouble} {due:%H:%M} UTC"


def learned(settings: Settings) -> str:
    """Say what an empty warehouse holds after its first cycle."""
    from warehouse.query import query

    ((weapons, lines, sides, steps),) = query(
        settings.warehouse,
        """
        SELECT
            (SELECT count(*) FROM weapons WHERE specific), (SELECT count(*) FROM red_lines),
            (SELECT count(DISTINCT side) FROM red_lines), (SELECT count(*) FROM weapon_timeline)
        """,
    ).rows
    return (
        f"{plural(weapons, 'weapon system')}, {plural(lines, 'red line')} of {plural(sides, 'side')}, "
        f"{plural(steps, 'step')} of transfers; "
        "from now on, what is new is reported"
    )


def told_together(outcomes: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Yield a line for each feed with outcome and reason; many alike, as without a network, share one, a few named."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for feed, outcome, reason in outcomes:
        alike[outcome.replace("_", " "), reason].append(feed)
    for (outcome, reason), feeds in alike.items():
        if len(feeds) > _FEW:
            yield f"{len(feeds)} feeds {outcome}: {reason} ({first_of(feeds)})"
        else:
            yield from (f"{feed:24} {outcome:12} {reason}" for feed in feeds)


def next_step(cycle: "Cycle") -> str:
    """Suggest one thing to do next."""
    if cycle.notified.waiting:
        return "Alerts wait, and the next cycle tries again. Next: brinkwatch doctor"
    if cycle.notified.sent:
        return 'Next: brinkwatch alerts list · brinkwatch sql "FROM red_line_ledger"'
    return "Nothing new. Next: brinkwatch sql · brinkwatch feeds list"
