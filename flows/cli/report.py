"""``brinkwatch report``: a static site of what the warehouse holds of a period."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from extractors.counts import plural
from flows.cli.options import day_option
from flows.cli.output import Console
from flows.settings import load_settings


def report(
    days: Annotated[int, typer.Option(min=1, help="The last so many days, up to the latest article.")] = 30,
    since: Annotated[datetime | None, day_option("From this day on, instead of --days.")] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", help="A new or empty folder, or s3://bucket/prefix, or that of an earlier report."
        ),
    ] = "report",
) -> None:
    """Write a static site: alerts, escalation, weapons, red lines, speakers, events, and a feed of the alerts.

    It needs no server and asks nobody for anything: open index.html. Example: brinkwatch report --days 7 -o site
    """
    from flows.steps.report import make_report

    files = make_report(
        load_settings(), output, now=datetime.now(UTC), days=days, since=since.date() if since else None
    )
    first = f"{output.rstrip('/')}/index.html"
    Console(stderr=True).print(Text(f"Wrote {plural(len(files), 'file')}. Open {first}"), soft_wrap=True)
