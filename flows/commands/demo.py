"""``brinkwatch demo``: a month of invented news from feeds on loopback, through the real steps, into the terminal."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from extractors.errors import BrinkwatchError
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.work.cycle import Cycle

LEDGER = (
    "SELECT side, speaker, condition, times_said, len(outlets) AS outlets FROM red_line_ledger "
    "ORDER BY times_said DESC, first_said LIMIT 5"
)


class FolderInUseError(BrinkwatchError):
    """The demo writes into a folder of its own."""


def demo(
    days: Annotated[int, typer.Option(min=1, max=30, help="How many days of the month.")] = 30,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the demo's warehouse here; the folder must not exist yet.")
    ] = None,
) -> None:
    """Replay a month of invented news, without network: thirty outlets on loopback, alerts in this terminal.

    Your own warehouse, feeds and Slack are not touched.
    """
    console = Console()
    if folder and folder.exists():
        raise FolderInUseError(f"{folder} exists already; name a new folder for the demo")
    place = folder or Path(tempfile.mkdtemp(prefix="brinkwatch-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    console.print(
        Text.assemble(
            ("A month of invented news. ", "bold"),
            "The states, offices and weapons exist; none of this was ever said or done. Thirty outlets on loopback "
            "report it, copy it, reword it and relay it, up to three days late. Every alert below is what Brinkwatch "
            "would have sent.\n",
        ),
        width=min(console.width, 110),
    )
    with invented_feeds(place) as press:
        cycles = list(play(press, settings_for(place), console, days=days))
    close(place, cycles, console)


def settings_for(place: Path) -> Settings:
    """Return the user's settings with a warehouse and feeds of the demo, and nothing to send to but the terminal."""
    own = {"warehouse": place / "warehouse.duckdb", "seeds": place / "seeds", "allow_hosts": frozenset({"127.0.0.1"})}
    quiet = {"slack_token": None, "slack_channel": None, "slack_webhook": None, "fetch_spacing": 0.0}
    return load_settings().model_copy(update=own | quiet)


@contextmanager
def invented_feeds(place: Path) -> Iterator[Any]:
    """Serve the press, listed in a copy of the seeds that shipped."""
    from flows.demo.newsroom import Press, serving
    from flows.demo.press import FIRST_DAY, month
    from flows.settings import SEEDS

    press = Press(reports=month(), now=FIRST_DAY)
    shutil.copytree(SEEDS, place / "seeds", ignore=shutil.ignore_patterns("articles", "feeds.csv", "routes.toml"))
    with serving(press):
        (place / "seeds" / "feeds.csv").write_text(press.feeds_csv(), encoding="utf-8")
        yield press


def play(press: Any, settings: Settings, console: Console, *, days: int) -> Iterator["Cycle"]:
    """Run one cycle a day, in the morning; the first takes in the backlog of every feed."""
    from flows.demo.press import FIRST_DAY
    from flows.work.cycle import run_cycle

    for day in range(days + 1):
        press.now = FIRST_DAY + timedelta(days=day, hours=6)
        console.print(Text(f"{press.now:%A, %-d %B %Y}\n", style="bold reverse" if console.is_terminal else "bold"))
        cycle = run_cycle(settings, now=press.now)
        console.print(Text(told(cycle), style="dim"))
        yield cycle


def told(cycle: "Cycle") -> str:
    """Say what a day brought beside its alerts."""
    from flows.work.notify import plural

    known, sent = cycle.detected.corroborations, cycle.notified.sent
    new = plural(sent, "alert") if sent else "nothing new"
    again = f", {plural(known, 'report')} of what was told before" if known else ""
    return f"{plural(len(cycle.ingested.articles), 'article')}: {new}{again}\n"


def close(place: Path, cycles: list["Cycle"], console: Console) -> None:
    """Say what was shown, which red lines were drawn, and how to look further."""
    from warehouse.query import query

    warehouse = place / "warehouse.duckdb"
    fired = [alert for cycle in cycles for alert in cycle.notified.fired]
    figures = Table.grid(padding=(0, 2))
    figures.add_row("days", str(len(cycles) - 1))
    figures.add_row("articles", f"{sum(len(cycle.ingested.articles) for cycle in cycles)} from 30 outlets")
    figures.add_row("alerts", f"{len(fired)}, {len(fired) / max(1, len(cycles) - 1):.1f} a day")
    figures.add_row(
        "known again", f"{sum(cycle.detected.corroborations for cycle in cycles)} reports of what was told already"
    )
    console.print(Rule(Text("What you have seen", style="bold"), align="left", characters="─", style="dim"))
    console.print(figures)
    ledger = query(warehouse, LEDGER)
    table = Table(*ledger.columns, show_edge=False, title="The red lines told most often", title_justify="left")
    for row in ledger.rows:
        table.add_row(*(Text(str(value if value is not None else "")) for value in row))
    console.print()
    console.print(table)
    console.print(
        Text.assemble(
            ("\nLook further:\n", "bold"),
            f"  export BRINKWATCH_WAREHOUSE={warehouse}\n",
            '  brinkwatch sql "FROM red_line_ledger"\n',
            '  brinkwatch weapon "Storm Shadow"\n',
            "  brinkwatch alerts list\n",
            f"  brinkwatch alerts why {fired[0].id if fired else 'ID'}\n",
            f"When you are done: unset BRINKWATCH_WAREHOUSE; rm -r {place}",
        ),
        soft_wrap=True,
    )
