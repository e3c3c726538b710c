"""Reports once that nothing can be delivered, however often it is called."""

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
    """Return a notice if the oldest undelivered alert has just waited longer than ``patience``, otherwise None.

    ``previous`` is when this was last called. The moment lies between two calls exactly once per outage, so nothing
    needs to be remembered but the time of the last run.
    """
    if waiting_since is None or now < waiting_since + patience:
        return None
    if previous is not None and previous >= waiting_since + patience:
        return None
    count = f"{waiting} {'alert waits' if waiting == 1 else 'alerts wait'}"
    since = f"{waiting_since:%-d %b %H:%M} UTC"
    return f"Nothing reaches {route}: {count} since {since}. Last error: {error or 'none recorded'}"
