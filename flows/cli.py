"""The command line ``brinkwatch``: what users, their scripts and schedulers call."""

import logging
import sys
from typing import Annotated

import typer
from rich.console import Console

from extractors.errors import BrinkwatchError
from flows.commands.alerts import alerts
from flows.commands.backtest import backtest
from flows.commands.correct import correct
from flows.commands.demo import demo
from flows.commands.doctor import doctor
from flows.commands.explain import explain
from flows.commands.extract import extract
from flows.commands.feeds import feeds
from flows.commands.lexicon import lexicon
from flows.commands.run import run
from flows.commands.serve import serve
from flows.commands.sql import sql
from flows.commands.weapon import weapon

app = typer.Typer(
    help="Watches the news for escalation: weapon systems, their transfers, red lines and threats.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (run, serve, extract, sql, explain, weapon, backtest, demo, doctor):
    app.command()(command)
app.add_typer(feeds, name="feeds")
app.add_typer(alerts, name="alerts")
app.add_typer(correct, name="correct")
app.add_typer(lexicon, name="lexicon")


@app.callback()
def configure(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done to stderr.")] = False,
) -> None:
    """Set up logging before any command."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


def main() -> None:
    """Run the command line; what a user can mend is one line on stderr and exit status 2, without a traceback."""
    try:
        app()
    except BrinkwatchError as error:
        Console(stderr=True).print(f"brinkwatch: {error}", style="red", markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # the reader of a pipe has seen enough (`brinkwatch sql … | head`)
        sys.stderr.close()
        sys.exit(141)


if __name__ == "__main__":
    main()
