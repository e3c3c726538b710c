"""What an operator sees of a run in Prefect: its name, and an artifact that says what it did.

One Markdown artifact a run: ``create_table_artifact`` makes one of each table, and has no place for the lists.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from alerts.wording.render import safe_link, severity_text
from extractors.records import Alert

LISTED = 50
"""Most rows of a table in an artifact."""


def run_name() -> str:
    """Return the name of the present flow run: flow and time."""
    return f"{flow_run.flow_name} {datetime.now(UTC):%-d %b %H:%M:%S}"


def leave_artifact(flow: str, title: str, *sections: str) -> None:
    """Attach an artifact in Markdown to the present run."""
    body = "\n\n".join(section for section in (f"## {escaped(title)}", *sections) if section)
    create_markdown_artifact(key=f"brinkwatch-{flow}", markdown=f"{body}\n", description=title)


def figures(counts: Mapping[str, int]) -> str:
    """Return counts as a table."""
    return table(("what", "how many"), [(name.replace("_", " "), str(count)) for name, count in counts.items()])


def alert_table(alerts: Sequence[Alert], *, fate: str = "to be sent") -> str:
    """Return alerts as a table: severity, headline, source, and ``fate`` or the reason why it is not sent."""
    rows = [
        (severity_text(alert.severity), alert.headline, _linked(alert), alert.suppressed or fate, alert.id)
        for alert in alerts
    ]
    return table(("severity", "what is new", "source", "sent?", "alert"), rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, with its cells escaped; nothing if there are no rows."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *([_cell(text) for text in row] for row in rows[:LISTED])]
    more = [f"\nand {len(rows) - LISTED} more"] if len(rows) > LISTED else []
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), *more])


def listed(heading: str, lines: Iterable[str]) -> str:
    """Return lines as a list under a heading; nothing if there are none."""
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
