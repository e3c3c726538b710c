"""``brinkwatch metrics``: the monitor's figures for Prometheus, once or as a service."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.settings import load_settings


def metrics(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, for node exporter's textfile collector.")
    ] = None,
    serve: Annotated[
        str | None,
        typer.Option(metavar="[HOST:]PORT", help="Answer /metrics and /health there until stopped; on loopback."),
    ] = None,
) -> None:
    """Print the monitor's figures in Prometheus's text format, from the published snapshot.

    Example: brinkwatch metrics --serve 9464
    """
    from flows.steps import metrics as step

    settings = load_settings()
    if serve is not None:
        step.serve(settings, serve)
    elif output is not None:
        step.write_metrics(settings, output, now=datetime.now(UTC))
    else:
        print(step.exposition(settings, now=datetime.now(UTC)).decode(), end="")
