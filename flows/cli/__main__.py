"""The command line ``brinkwatch``: what users, their scripts and schedulers call."""

import errno
import logging
import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from extractors.errors import BrinkwatchError
from flows.cli.alerts import alerts
from flows.cli.backfill import backfill
from flows.cli.backtest import backtest
from flows.cli.backup import backup, restore
from flows.cli.correct import correct
from flows.cli.demo import demo
from flows.cli.digest import digest
from flows.cli.doctor import doctor
from flows.cli.explain import explain
from flows.cli.export import export
from flows.cli.extract import extract
from flows.cli.feeds import feeds
from flows.cli.lexicon import lexicon
from flows.cli.metrics import metrics
from flows.cli.output import Console, speak_any_alphabet
from flows.cli.report import report
from flows.cli.run import run, serve
from flows.cli.search import search
from flows.cli.slack import slack
from flows.cli.sql import sql
from flows.cli.warehouse import warehouse
from flows.cli.weapon import weapon
from flows.settings import SettingsError, load_settings

FULL = {errno.ENOSPC, errno.EDQUOT}

app = typer.Typer(
    help="Watches the news for escalation: weapon systems, their transfers, red lines and threats.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # which alone fills the lines of a paragraph
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    run,
    serve,
    extract,
    sql,
    search,
    report,
    digest,
    export,
    explain,
    weapon,
    backfill,
    backtest,
    demo,
    backup,
    restore,
    doctor,
    metrics,
):
    app.command()(command)
app.add_typer(feeds, name="feeds")
app.add_typer(alerts, name="alerts")
app.add_typer(correct, name="correct")
app.add_typer(slack, name="slack")
app.add_typer(lexicon, name="lexicon")
app.add_typer(warehouse, name="warehouse")


def print_version(wanted: bool) -> None:
    """Print the version and stop, if it is ``wanted``."""
    if wanted:
        print(f"brinkwatch {version('brinkwatch')}")
        raise typer.Exit


@app.callback()
def configure(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log to stderr what is done.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Set up logging before any command."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter())
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])


def formatter() -> logging.Formatter:
    """Return how log records are written; as text if the settings are wrong, which the command itself reports."""
    with suppress(SettingsError):
        if load_settings().log_format == "json":
            from pythonjsonlogger.json import JsonFormatter

            fields = "%(levelname)s %(name)s %(process)d %(message)s"
            return JsonFormatter(fields, rename_fields={"levelname": "level", "name": "logger"}, timestamp="time")
    return logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def call() -> None:
    """Run the command, and write all that it printed, which Python would do only as it ends.

    Python has no stream where whoever started it closed it (``>&-``).
    """
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    try:
        app()
    finally:
        sys.stdout.flush()


def main() -> None:
    """Run the command line; an error that a user can fix is one line on stderr and exit status 2, not a traceback."""
    speak_any_alphabet()
    try:
        call()
    except BrinkwatchError as error:
        Console(stderr=True).print(f"brinkwatch: {error}", style="red", markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except ImportError as error:
        # a library that is interrupted while it loads says that it failed
        if not isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
            raise
        sys.exit(130)
    except BrokenPipeError:
        # whatever reads the pipe has seen enough (`brinkwatch sql … | head`)
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        if error.errno not in FULL:
            raise
        Console(stderr=True).print(f"brinkwatch: not everything was written: {error.strerror}", style="red")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would try once more as it ends
        sys.exit(2)


if __name__ == "__main__":
    main()
