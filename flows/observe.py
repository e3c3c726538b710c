"""What an operator sees of a run in Prefect: one artifact a run, and events that wake the next flow early."""

import logging
from collections.abc import Mapping
from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event

log = logging.getLogger(__name__)


def announce(event: str, **payload: Any) -> None:
    """Emit ``event``. It may be lost; the next flow's own schedule finds whatever it would have told."""
    emit_event(event=event, resource={"prefect.resource.id": f"brinkwatch.{event}"}, payload=payload)


def leave_artifact(flow: str, counts: Mapping[str, int], *, notes: tuple[str, ...] = ()) -> None:
    """Leave a table of ``counts`` and the notes with the flow run."""
    rows = "\n".join(f"| {name.replace('_', ' ')} | {count} |" for name, count in counts.items())
    listed = "\n".join(f"- {escaped(note)}" for note in notes)
    create_markdown_artifact(
        key=f"brinkwatch-{flow}", markdown=f"| what | how many |\n|---|---:|\n{rows}\n\n{listed}\n", description=flow
    )


def escaped(text: str) -> str:
    """Return text from outside so that Markdown shows it as it is."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-!|" else char for char in " ".join(text.split()))
