"""``brinkwatch backup`` and ``brinkwatch restore``: copies of the whole warehouse."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from extractors.counts import plural
from flows.cli.output import Console
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from warehouse.backup import Copied


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="A new file; by default, one in the folder backups beside the warehouse.")
    ] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="How many back-ups to keep in that folder.")] = None,
) -> None:
    """Copy the whole warehouse, even while cycles run, and verify the copy by reading all of it.

    Example: brinkwatch backup --keep 14
    """
    from warehouse.store import Warehouse

    copied = Warehouse(load_settings().warehouse).back_up(file, now=datetime.now(UTC), keep=keep)
    size = f"{copied.path.stat().st_size / 1e6:,.1f} MB"
    Console(stderr=True).print(Text(f"Backed up to {copied.path}: {held(copied)} ({size})"), soft_wrap=True)


def restore(
    file: Annotated[Path | None, typer.Argument(help="The back-up; by default, the latest in that folder.")] = None,
) -> None:
    """Replace the warehouse with a back-up; the present file is kept under another name.

    Stop `brinkwatch serve`, workers and timers first. Example: brinkwatch restore
    """
    from warehouse.store import Warehouse

    settings = load_settings()
    warehouse = Warehouse(settings.warehouse)
    restored = warehouse.restore(file, now=datetime.now(UTC))
    warehouse.publish()
    lines = [f"Restored {restored.path}: {held(restored)}, up to {restored.until:%Y-%m-%d %H:%M} UTC."]
    lines += [f"The previous warehouse is kept as {restored.kept}."] if restored.kept else []
    lines += [f"Alerts that may have been sent since then are {fate(settings)}."]
    Console(stderr=True).print(Text("\n".join(lines)), soft_wrap=True)


def held(copied: "Copied") -> str:
    """Return the most important figures of a copy, in words."""
    return ", ".join(plural(copied.rows.get(f"{noun}s", 0), noun) for noun in ("article", "statement", "alert"))


def fate(settings: Settings) -> str:
    """Return what the next cycle does with alerts that may have been sent already."""
    if settings.slack_token and settings.slack_channel:
        return "looked up in Slack before they are sent"
    return "held, because the route cannot be searched for them: brinkwatch alerts list --status held"
