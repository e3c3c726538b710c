"""``brinkwatch demo``: invented news from feeds on loopback, through the real steps, into the terminal; and a score."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from extractors.counts import plural
from extractors.errors import BrinkwatchError
from flows.cli.output import Console, OutputError, show_rows
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.demo.newsroom import Press
    from flows.demo.truth import Truth
    from flows.steps.cycle import Cycle

SHOWN = 12
"""Days that are played unless more are asked for: the whole story, in well under two minutes."""
SECONDS_A_DAY = 4
WIDEST = 110

LEDGER = (
    "SELECT side, speaker, condition, times_said, len(outlets) AS outlets FROM red_line_ledger "
    "ORDER BY times_said DESC, first_said LIMIT 5"
)


class FolderInUseError(BrinkwatchError):
    """The folder for the demo exists already."""


def demo(
    days: Annotated[int, typer.Option(min=1, max=30, help="How many days of the month.")] = SHOWN,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the demo's warehouse here; the folder must not exist yet.")
    ] = None,
) -> None:
    """Replay invented news, without network: thirty outlets on loopback, alerts in this terminal, a score at the end.

    Your own warehouse, feeds and Slack are not touched. Interrupted, it leaves nothing behind.
    """
    console = Console()
    if folder and folder.exists():
        raise FolderInUseError(f"{folder} exists already; name a new folder for the demo")
    place = made(folder)
    try:
        introduce(console, days)
        with invented_feeds(place) as press:
            settings = settings_for(place)
            cycles = list(play(press, settings, console, days=days))
        close(place, settings, press, cycles, console)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        Console(stderr=True).print(Text(f"Stopped early: {place} is removed.", style="dim"))
        raise


def made(folder: Path | None) -> Path:
    """Make the folder of the demo, a temporary one where none is named."""
    try:
        if folder:
            folder.mkdir(parents=True)
        return folder or Path(tempfile.mkdtemp(prefix="brinkwatch-demo-"))
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror}") from error


def introduce(console: Console, days: int) -> None:
    """Say what this is, and how long it takes."""
    console.print(
        Text.assemble(
            (f"{plural(days, 'day')} of invented news, about {max(30, days * SECONDS_A_DAY)} seconds. ", "bold"),
            "The states, offices and weapons exist; none of this was ever said or done. Thirty outlets on loopback "
            "report it, copy it, reword it and relay it, up to three days late. Every alert below is what Brinkwatch "
            "would have sent; Ctrl-C ends it and leaves nothing behind.\n",
        ),
        width=min(console.width, WIDEST),
    )


def settings_for(place: Path) -> Settings:
    """Return the user's settings with the warehouse and feeds of the demo, and the terminal as the only route."""
    own = {"warehouse": place / "warehouse.duckdb", "seeds": place / "seeds", "allow_hosts": frozenset({"127.0.0.1"})}
    quiet = {"slack_token": None, "slack_channel": None, "slack_webhook": None, "fetch_spacing": 0.0}
    return load_settings().model_copy(update=own | quiet)


@contextmanager
def invented_feeds(place: Path) -> Iterator["Press"]:
    """Serve the press, listed in a copy of the seeds that shipped; of its world nothing is known beforehand."""
    from flows.demo.newsroom import Press, serving
    from flows.demo.press import FIRST_DAY, month
    from flows.demo.saga import reports_of
    from flows.demo.truth import first_of_saga
    from flows.settings import SEEDS

    press = Press(reports=month(noise=4, more=list(reports_of(first_of_saga()))), now=FIRST_DAY)
    real = shutil.ignore_patterns("articles", "feeds.csv", "routes.toml", "holdings.jsonl")
    shutil.copytree(SEEDS, place / "seeds", ignore=real)
    with serving(press):
        (place / "seeds" / "feeds.csv").write_text(press.feeds_csv(), encoding="utf-8")
        yield press


def play(press: "Press", settings: Settings, console: Console, *, days: int) -> Iterator["Cycle"]:
    """Run one cycle a day, in the evening; the first takes in the backlog of every feed."""
    from flows.demo.press import FIRST_DAY
    from flows.steps.cycle import run_cycle

    for day in range(days + 1):
        press.now = FIRST_DAY + timedelta(days=day, hours=6)
        console.print(Text(f"{press.now:%A, %-d %B %Y}\n", style="bold reverse" if console.is_terminal else "bold"))
        cycle = run_cycle(settings, now=press.now)
        console.print(Text(day_in_words(cycle), style="dim"))
        yield cycle


def day_in_words(cycle: "Cycle") -> str:
    """Summarise a day in one line."""
    known, sent = cycle.detected.corroborations, cycle.notified.sent
    new = plural(sent, "alert") if sent else "nothing new"
    again = f", {plural(known, 'report')} of known claims" if known else ""
    return f"{plural(len(cycle.ingested.articles), 'article')}: {new}{again}\n"


def close(place: Path, settings: Settings, press: "Press", cycles: list["Cycle"], console: Console) -> None:
    """Show Slack and a correction, say what was shown and how to look further, and end with the score."""
    from flows.demo.truth import Truth

    truth = Truth(press=press, settings=settings)
    show_slack(truth, console)
    show_figures(cycles, console)
    show_ledger(settings, console)
    fired = [alert for cycle in cycles for alert in cycle.notified.fired]
    console.print(
        Text.assemble(
            ("\nLook further:\n", "bold"),
            f"  export BRINKWATCH_WAREHOUSE={settings.warehouse}\n",
            '  brinkwatch sql "FROM red_line_ledger"\n',
            '  brinkwatch weapon "NASAMS"\n',
            "  brinkwatch alerts list\n",
            f"  brinkwatch alerts why {fired[0].id if fired else 'ID'}\n",
            f"When you are done: unset BRINKWATCH_WAREHOUSE; rm -r {place}\n",
        ),
        soft_wrap=True,
    )
    show_score(truth, console)


def show_slack(truth: "Truth", console: Console) -> None:
    """Show three messages as Slack would: a line, what crosses it in its thread, and one that was corrected."""
    from flows.steps.pickup import note_of

    heading(console, "In Slack it would look like this")
    for panel in truth.slack_messages(note_of):
        console.print(panel, width=min(console.width, WIDEST))
    console.print()


def show_figures(cycles: list["Cycle"], console: Console) -> None:
    """Say how much of what was read is told."""
    fired = sum(cycle.notified.sent for cycle in cycles)
    figures = Table.grid(padding=(0, 2))
    figures.add_row("days", str(len(cycles) - 1))
    figures.add_row("articles", f"{sum(len(cycle.ingested.articles) for cycle in cycles)} from 30 outlets")
    figures.add_row("alerts", f"{fired}, {fired / max(1, len(cycles) - 1):.1f} a day")
    figures.add_row(
        "known again",
        f"{plural(sum(cycle.detected.corroborations for cycle in cycles), 'report')} of what was already known",
    )
    heading(console, "What you have seen")
    console.print(figures)


def show_ledger(settings: Settings, console: Console) -> None:
    """Show the red lines reported most often."""
    from warehouse.query import query

    ledger = query(settings.warehouse, LEDGER)
    console.print(Text("\nThe red lines reported most often", style="bold"))
    show_rows(
        ledger.columns, [tuple("" if value is None else str(value) for value in row) for row in ledger.rows], console
    )


def show_score(truth: "Truth", console: Console) -> None:
    """Compare what was reported with what happened, and name what was missed or wrong."""
    score = truth.score()
    heading(console, "Score against its own truth")
    console.print(Text(str(score), style="bold"))
    for line in truth.named(score.missed):
        console.print(Text(f"  missed: {line}", style="dim"))
    for name, told in (("reversed", score.reversed), ("false", score.false), ("told again", score.repeated)):
        for each in told:
            console.print(Text(f"  {name}: {each.headline}", style="dim"))


def heading(console: Console, text: str) -> None:
    """Print a line with a title."""
    console.print(Rule(Text(text, style="bold"), align="left", characters="─", style="dim"))
