"""Options that several commands take."""

from datetime import UTC, date, datetime, time
from typing import Any

import typer


def day_option(help_text: str) -> Any:
    """Return an option that takes a day, as its first instant in UTC."""
    return typer.Option(parser=day_named, metavar="YYYY-MM-DD", help=help_text)


def day_named(text: str) -> datetime:
    """Return the first instant of a day, or raise BadParameter that shows how days are written."""
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(), UTC)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day such as 2026-02-28") from None
