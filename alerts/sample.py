"""An alert that shows what alerts look like, for trying a route out."""

from datetime import datetime, timedelta

from alerts.route import Form, Message
from extractors.records import Alert, AlertKind, content_id


def sample_message(*, now: datetime) -> Message:
    """Return a message that says it is a test; each moment makes another one, so that none is taken for a repeat."""
    sentence = "This is a test: if you can read it, alerts will arrive here, with their key words in bold."
    mark = sentence.index("alerts will arrive")
    alert = Alert(
        id=content_id("sample", now.isoformat()),
        kind=AlertKind.NEW_STATEMENT,
        claim="sample",
        article="sample",
        story=content_id("sample-story", now.isoformat()),
        headline="Test of this route",
        why="Asked for with `brinkwatch alerts test`.",
        sentence=sentence,
        marks=((mark, mark + len("alerts will arrive")),),
        severity=1,
        speaker="Brinkwatch",
        role="the monitor you are setting up",
        outlet="Brinkwatch",
        title="No news: a test message",
        published=now - timedelta(minutes=1),
        seen=now,
    )
    return Message(form=Form.STORY, alerts=(alert,))
