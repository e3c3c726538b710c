"""What an operator sees of a run in Prefect (name, state, artifact), and the events that wake flows and automations."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event
from prefect.runtime import flow_run

from alerts.render import safe_link, severity_text
from extractors.records import Alert

log = logging.getLogger(__name__)

MOST_EVENTS = 100
"""Alerts announced one by one in a run; a flood of more is no reason to flood a server with events."""
LISTED = 50
"""Rows of a table that an artifact shows."""


def run_name() -> str:
    """Return the name of the present flow run: which flow, and when."""
    return f"{flow_run.flow_name} {datetime.now(UTC):%-d %b %H:%M:%S}"


def announce(event: str, **payload: Any) -> None:
    """Emit ``event``. It may be lost; the next flow's own schedule finds whatever it would have told."""
    emit_event(event=event, resource={"prefect.resource.id": f"brinkwatch.{event}"}, payload=payload)


def announce_alerts(fired: Sequence[Alert]) -> None:
    """Emit ``brinkwatch.alert.fired`` for each alert that arrived, for automations of users; the backlog is no news."""
    news = [alert for alert in fired if not alert.backlog]
    for alert in news[:MOST_EVENTS]:
        emit_event(event="brinkwatch.alert.fired", resource=resource_of(alert), payload=payload_of(alert))
    if len(news) > MOST_EVENTS:
        log.warning("%d of %d alerts are not announced as events", len(news) - MOST_EVENTS, len(news))


def resource_of(alert: Alert) -> dict[str, str]:
    """Return the labels by which an automation can choose alerts."""
    return {
        "prefect.resource.id": f"brinkwatch.alert.{alert.id}",
        "prefect.resource.name": alert.headline,
        "brinkwatch.kind": alert.kind,
        "brinkwatch.severity": str(alert.severity),
        "brinkwatch.outlet": alert.outlet or "",
        "brinkwatch.ownership": alert.ownership or "",
    }


def payload_of(alert: Alert) -> dict[str, Any]:
    """Return what an automation can tell of an alert, as JSON takes it."""
    names = ("id", "kind", "headline", "why", "sentence", "severity", "speaker", "role", "outlet", "title", "url")
    published = alert.published.isoformat() if alert.published else None
    return {name: getattr(alert, name) for name in names} | {"published": published}


# --- artifacts


def leave_artifact(flow: str, title: str, *sections: str) -> None:
    """Leave what a run did with it, as Markdown."""
    body = "\n\n".join(section for section in (f"## {escaped(title)}", *sections) if section)
    create_markdown_artifact(key=f"brinkwatch-{flow}", markdown=f"{body}\n", description=title)


def figures(counts: Mapping[str, int]) -> str:
    """Return counts as a table."""
    return table(("what", "how many"), [(name.replace("_", " "), str(count)) for name, count in counts.items()])


def alert_table(alerts: Sequence[Alert]) -> str:
    """Return alerts as a table: how grave, what, who reports it, and whether it was sent."""
    rows = [
        (severity_text(alert.severity), alert.headline, _linked(alert), alert.suppressed or "to be sent", alert.id)
        for alert in alerts
    ]
    return table(("severity", "what is new", "source", "sent?", "alert"), rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table of words from anywhere; nothing when there are no rows."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *([_cell(text) for text in row] for row in rows[:LISTED])]
    more = [f"\nand {len(rows) - LISTED} more"] if len(rows) > LISTED else []
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), *more])


def listed(heading: str, lines: Iterable[str]) -> str:
    """Return lines as a list under a heading; nothing when there are none."""
    items = [f"- {escaped(line)}" for line in lines]
    return "\n".join([f"**{heading}**", "", *items[:LISTED]]) if items else ""


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def _cell(text: str) -> str:
    return text if isinstance(text, Markdown) else escaped(text)


def _linked(alert: Alert) -> str:
    link = safe_link(alert.url)
    outlet = alert.outlet or "outlet unknown"
    return Markdown(f"[{escaped(outlet)}](<{link}>)") if link else outlet


def escaped(text: str) -> str:
    """Return text from outside so that Markdown shows it as it is."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-!|~&" else char for char in " ".join(text.split()))
