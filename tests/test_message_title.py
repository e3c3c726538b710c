"""The title of a message, which is all that a notification shows of it."""

import pytest
from news_examples import alert

from alerts.messages import Form, Message
from alerts.wording.render import TITLE, title_of

SHORT = "Oslo pledges Anvil to Bergen"
LONG = "Oslo draws a red line for Bergen: any ship of its fleet that comes nearer than ninety miles to the strait"


@pytest.mark.parametrize(
    ("headlines", "title"),
    [
        ([SHORT], SHORT),
        ([SHORT, "Bergen uses Anvil"], f"{SHORT}; Bergen uses Anvil"),
        ([SHORT, SHORT], SHORT),
        ([LONG, SHORT], f"{LONG}; {SHORT}"),
        ([LONG, SHORT, "Bergen uses Anvil"], f"{LONG}; {SHORT} (+1 more)"),
        ([LONG, LONG.replace("Oslo", "Rome"), SHORT], f"{LONG} (+2 more)"),
        ([LONG * 2], LONG * 2),
        ([LONG * 2, SHORT], f"{LONG * 2} (+1 more)"),
    ],
)
def test_a_title_names_what_it_has_room_for(headlines: list[str], title: str) -> None:
    """A number hides what the others tell, so they are counted only where they do not fit; the first always stays."""
    alerts = tuple(alert(number, headline=each) for number, each in enumerate(headlines))
    shown = title_of(Message(form=Form.STORY, alerts=alerts))
    assert shown == title
    assert len(shown) <= TITLE or shown.startswith(headlines[0])
