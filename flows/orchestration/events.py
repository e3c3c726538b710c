"""The events that a run emits: those that start the next flow, and one per alert for automations of users."""

import logging
from collections.abc import Sequence
from typing import Any

from prefect.events import emit_event

from extractors.records import Alert

log = logging.getLogger(__name__)

MOST_EVENTS = 100
"""Most alerts announced in one run; a flood of alerts should not flood the server with events."""


def announce(event: str, **payload: Any) -> None:
    """Emit ``event``. It may be lost; then the next flow's own schedule finds the work."""
    emit_event(event=event, resource={"prefect.resource.id": f"brinkwatch.{event}"}, payload=payload)


def announce_alerts(fired: Sequence[Alert]) -> None:
    """Emit ``brinkwatch.alert.fired`` for each alert that arrived, for automations of users; not for the backlog."""
    news = [alert for alert in fired if not alert.backlog]
    for alert in news[:MOST_EVENTS]:
        emit_event(event="brinkwatch.alert.fired", resource=resource_of(alert), payload=payload_of(alert))
    if len(news) > MOST_EVENTS:
        log.warning("%d of %d alerts are not announced as events", len(news) - MOST_EVENTS, len(news))


def resource_of(alert: Alert) -> dict[str, str]:
    """Return the labels by which an automation can select alerts."""
    return {
        "prefect.resource.id": f"brinkwatch.alert.{alert.id}",
        "prefect.resource.name": alert.headline,
        "brinkwatch.kind": alert.kind,
        "brinkwatch.severity": str(alert.severity),
        "brinkwatch.outlet": alert.outlet or "",
        "brinkwatch.ownership": alert.ownership or "",
    }


def payload_of(alert: Alert) -> dict[str, Any]:
    """Return what an automation can report of an alert, as JSON values."""
    names = ("id", "kind", "headline", "why", "sentence", "severity", "speaker", "role", "outlet", "title", "url")
    published = alert.published.isoformat() if alert.published else None
    return {name: getattr(alert, name) for name in names} | {"published": published}
