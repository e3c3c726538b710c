"""What a person sees before Slack is configured."""

import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from news_examples import alert
from rich.console import Console

from alerts.delivery.terminal import TerminalRoute
from alerts.messages import Form, Message
from alerts.wording.render import GIST, gist
from extractors.records import Alert, AlertKind


def shown(*alerts: Alert, form: Form = Form.STORY, width: int = 80, colour: bool = False) -> str:
    """What the terminal prints for one message."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colour, color_system="truecolor" if colour else None)
    TerminalRoute(console=console).send(Message(form=form, alerts=alerts))
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120])
def test_everything_an_alert_must_say_fits(width: int) -> None:
    """At every usual width, and no line is longer than the terminal."""
    text = shown(alert(1), width=width)
    flat = " ".join(text.split())
    for piece in (
        "Kremlin draws red line 1",
        "First red line of the Kremlin on this.",
        "The Kremlin warned that any Taurus strike would mean *direct participation*.",
        "Dmitry Peskov, Kremlin spokesman",
        "Reuters · private media · published 21 Nov 2026, 11:00 UTC",
        "https://example.org/berlin",
        "●●●●○ severe 4/5",
        "0000000000000001",
    ):
        assert piece in flat
    assert max(len(line) for line in text.splitlines()) <= width


def test_key_words_are_bold_where_the_terminal_can_show_it() -> None:
    """Asterisks are for terminals that cannot."""
    text = shown(alert(1), width=120, colour=True)
    assert "\x1b[1mdirect participation\x1b[0m" in text
    assert "*" not in text


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    """A missing date is never now, a missing outlet never guessed."""
    text = shown(alert(1, published=None, outlet=None, ownership=None, url=None))
    assert "outlet unknown · ownership unknown · published unknown" in text


def test_the_line_that_is_crossed_is_linked() -> None:
    """Once, and only where it is a plain web address."""
    text = shown(alert(1, related="c", related_url="https://example.org/line"), alert(2, related="c", related_url="x"))
    assert [line.split() for line in text.splitlines() if "the line" in line] == [
        ["the", "line", "https://example.org/line"]
    ]


def test_alerts_of_one_story_share_the_head() -> None:
    """The article is named once."""
    text = shown(alert(1), alert(2))
    assert text.count("Berlin moves") == 1
    assert "red line 1" in text
    assert "red line 2" in text


def test_alerts_on_one_sentence_show_it_once() -> None:
    """With the key words of all of them, and each with its own reason."""
    one = "America gave Ukraine F-16 jets and ATACMS."
    jets, rockets = (
        alert(number, sentence=one, marks=((one.index(name), one.index(name) + len(name)),), why=f"{name} is new.")
        for number, name in enumerate(("F-16", "ATACMS"))
    )
    flat = " ".join(shown(jets, alert(7), rockets, width=120).split())
    assert flat.count("America gave Ukraine *F-16* jets and *ATACMS*.") == 1
    assert "why new F-16 is new. why new ATACMS is new." in flat
    assert "0000000000000000 0000000000000001" in flat


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (datetime(2024, 9, 5, 4, 30, tzinfo=UTC), "5 Sep 2024, 04:30 UTC"),
        (datetime(2024, 9, 5, 0, 0, tzinfo=UTC), "5 Sep 2024"),
        (datetime(2024, 9, 5, 1, 0, tzinfo=timezone(timedelta(hours=3))), "4 Sep 2024, 22:00 UTC"),
        (None, "unknown"),
    ],
)
def test_instants_are_in_utc_and_a_bare_day_has_no_hour(when: datetime | None, text: str) -> None:
    """Midnight is how a date without a time is stored."""
    assert f"published {text}\n" in shown(alert(1, published=when), width=120).replace(" \n", "\n")


def test_who_tells_of_a_transfer_is_no_speaker_of_a_statement() -> None:
    """An expert may report a delivery; that puts no statement into their mouth."""
    flat = " ".join(shown(alert(1, kind=AlertKind.NEW_STAGE, speaker="Jane Doe", role=None), width=120).split())
    assert "said by Jane Doe" in flat
    assert "speaker" not in flat


def test_a_summary_names_the_gravest_and_counts_the_rest() -> None:
    """And says why it is a summary."""
    text = shown(*(alert(number) for number in range(12)), form=Form.SUMMARY)
    assert "From the backlog: 12 statements" in text
    assert "red line 7" in text
    assert "red line 8" not in text
    assert "and 4 more: brinkwatch alerts list" in text


def test_nothing_from_outside_is_markup_or_an_escape_sequence() -> None:
    """A headline in rich markup or with terminal codes is shown as text."""
    bad = "[bold red]x[/] \x1b]0;owned\x07 [link=https://evil.example]y[/link]"
    text = shown(alert(1, headline=bad, title=bad, why=bad, speaker=bad, outlet=bad, url="javascript:alert(1)"))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold red]x[/]" in text
    assert "javascript" not in text


def test_no_secret_and_no_console_in_the_name() -> None:
    """The route is named in tables and logs."""
    assert repr(TerminalRoute()) == "TerminalRoute(name='terminal', pause=0.0, remembers=False)"


def test_a_list_says_what_a_statement_says() -> None:
    """A headline names who draws a line; many of them in a digest tell nothing without the words, cut at one."""
    long = "Any strike on the " + "very " * 40 + "long bridge will be answered."
    text = " ".join(shown(alert(1), alert(2, sentence=long, marks=()), form=Form.DIGEST).split())
    assert "The Kremlin warned that any Taurus strike would mean direct participation." in text
    assert "very very…" in text
    assert len(gist(alert(2, sentence=long))) <= GIST
    assert gist(alert(3, kind=AlertKind.NEW_WEAPON)) == ""
