"""Which alerts are sent as one message. Pure."""

from collections.abc import Collection, Iterable

from alerts.messages import Form, Message
from alerts.policy.routing import FOR_DIGEST
from extractors.records import Alert, AlertKind

_ORDER = {AlertKind.NEW_STATEMENT: 0, AlertKind.NEW_STAGE: 1, AlertKind.NEW_WEAPON: 2}


def group(alerts: Iterable[Alert], *, digest_above: int, in_full: Collection[str] = ()) -> list[Message]:
    """Return the messages for ``alerts``: one per story, one for the backlog; or one digest of a flood.

    More than ``digest_above`` new alerts are a flood. ``in_full`` holds ids of articles that are reported like news
    although they are backlog (the seeds, in a terminal). Stories keep the order in which they were found. An alert that
    was left to the daily or weekly digest is here only if somebody asked for it.
    """
    told = [alert for alert in alerts if not alert.suppressed or is_collected(alert)]
    shown = [alert for alert in told if alert.article in in_full]
    backlog = [alert for alert in told if alert.backlog and alert.article not in in_full]
    fresh = [alert for alert in told if not alert.backlog and alert.article not in in_full]
    messages = _stories(shown)
    if backlog:
        messages.append(Message(form=Form.SUMMARY, alerts=most_severe_first(backlog)))
    if len(fresh) > digest_above:
        messages.append(Message(form=Form.DIGEST, alerts=most_severe_first(fresh)))
        return messages
    return messages + _stories(fresh)


def _stories(alerts: Iterable[Alert]) -> list[Message]:
    stories: dict[str, list[Alert]] = {}
    for alert in alerts:
        stories.setdefault(alert.story, []).append(alert)
    return [Message(form=Form.STORY, alerts=most_severe_first(told)) for told in stories.values()]


def is_collected(alert: Alert) -> bool:
    """Whether an alert is left to the daily or weekly digest."""
    return (alert.suppressed or "").endswith(FOR_DIGEST)


def most_severe_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Sort by severity; among equals, statements come before stages and stages before new weapons."""
    return tuple(sorted(alerts, key=lambda alert: (-alert.severity, _ORDER[alert.kind])))
