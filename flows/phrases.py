"""Lists, times and stages in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from extractors.counts import plural


def first_of(names: Sequence[str], *, most: int = 5) -> str:
    """Return the first few names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def moment(when: datetime) -> str:
    """Return an instant in words."""
    return f"{when:%-d %b %H:%M} UTC"


def duration(span: timedelta) -> str:
    """Return a duration in its largest whole unit."""
    seconds = round(abs(span).total_seconds())
    for unit, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= unit:
            return plural(seconds // unit, noun)
    return plural(seconds, "second")


def stage_name(stage: str) -> str:
    """Return a stage as a reader knows it."""
    return stage.replace("_", " ")
