"""Says once that nothing gets through, however often it is asked."""

from datetime import datetime, timedelta


def watchdog(
    *,
    route: str,
    waiting_since: datetime | None,
    waiting: int,
    error: str | None,
    previous: datetime | None,
    now: datetime,
    patience: timedelta = timedelta(minutes=10),
) -> str | None:
    """Return a notice when the oldest undelivered alert has just waited longer than ``patience``; else None.

    ``previous`` is when this was last asked: the moment lies between the two askings exactly once per outage, so
    nothing needs to be remembered but the time of the last run.
    """
    if waiting_since is None or now < waiting_since + patience:
        return None
    if previous is not None and previous >= waiting_since + patience:
        return None
    count = f"{waiting} {'alert waits' if waiting == 1 else 'alerts wait'}"
    since = f"{waiting_since:%-d %b %H:%M} UTC"
    return f"Nothing reaches {route}: {count} since {since}. Last error: {error or 'none recorded'}"
