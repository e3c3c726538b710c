"""The health of a feed, and a line about it at every change. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from flows.sources.feed_records import FeedState, FetchFacts

FAILING_WEIGHT = 3.0
"""Weight of consecutive failures from which on a feed counts as failing: three hard or twelve transient ones."""
QUIET_AFTER = timedelta(days=21)
"""Time without a new entry; the slowest listed feeds bring one a week."""


def judge(before: FeedState, after: FeedState, facts: FetchFacts, now: datetime) -> tuple[FeedState, str | None]:
    """Return ``after`` with its health, and a line for people if that has changed."""
    health = _health(after, now)
    lines = [_change(before, health, after), _moved(before, after)]
    if facts.lying_304 and before.lying_304 == 0:
        lines.append('said "not modified" although it was; asked in full from now on if that happens again')
    if after.identity_policy != before.identity_policy and before.first_fetched_at is not None:
        lines.append(
            f"its entries are now told apart by {after.identity_policy}, no longer by {before.identity_policy}"
        )
    after = replace(after, health=health) if after.health != health else after
    return after, "; ".join(line for line in lines if line) or None


def _health(state: FeedState, now: datetime) -> str:
    if state.health == "gone" and state.last_success_at != state.last_fetched_at:
        return "gone"
    if state.failure_weight >= FAILING_WEIGHT:
        return "failing"
    if state.last_success_at is None:
        return "new"
    newest = state.last_new_at or state.first_fetched_at or now
    return "quiet" if now - newest > QUIET_AFTER else "ok"


def _change(before: FeedState, health: str, after: FeedState) -> str | None:
    if health == before.health or before.health == "new" == health:
        return None
    if health == "failing":
        return f"fails for the {after.consecutive_failures}. time: {after.last_error}"
    if health == "gone":
        return "retired by its publisher (410)"
    if health == "quiet":
        return f"answers, but brought nothing new for {QUIET_AFTER.days} days"
    return "recovered" if before.health in {"failing", "quiet", "gone"} else None


def _moved(before: FeedState, after: FeedState) -> str | None:
    return f"moved to {after.url}" if after.url != before.url else None
