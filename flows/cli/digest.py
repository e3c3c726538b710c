"""``brinkwatch digest``: what the alerts of some days come to, in the terminal, as a page, or sent at once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from extractors.errors import BrinkwatchError
from flows.cli.output import Console
from flows.cli.warehouse_access import opened
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from alerts.messages import Digest

PLACES = ("terminal", "page", "slack")
"""Where a digest can go besides channels and services."""


class DigestError(BrinkwatchError):
    """A digest that did not arrive, or cannot be written."""


def digest(
    days: Annotated[int, typer.Option(min=1, max=31, help="The last so many days: 1 for a day, 7 for a week.")] = 1,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLACE",
            help="terminal, page, slack, the id of a channel, or a service; may be given several times.",
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file of the page.")] = Path("digest.html"),
) -> None:
    """Tell what the alerts of the last days come to: the gravest of each sort, and those left to the digest.

    The days are those on which Brinkwatch told them, whenever they were published. The terminal and the page only show
    it; what is sent counts as told. Digests that are sent every day or week are planned in seeds/routes.toml.

    Example: brinkwatch digest --days 7 --to page -o week.html
    """
    settings, now = load_settings(), datetime.now(UTC)
    opened(settings)
    for place in dict.fromkeys(to or ["terminal"]):
        if place == "terminal":
            show(settings, days, now)
        elif place == "page":
            write(settings, days, now, output)
        else:
            send(settings, days, now, place)


def digest_of(settings: Settings, days: int, now: datetime) -> "Digest":
    """Return the digest of the last days, as it goes to where alerts go."""
    from alerts.policy.digest_schedule import DueDigest
    from flows.steps.digest import read_digest

    return read_digest(settings, DueDigest(days=days, until=now, to="", everything=True, backlog=True))


def show(settings: Settings, days: int, now: datetime) -> None:
    """Print the digest."""
    from alerts.delivery.terminal import draw_digest

    Console().print(draw_digest(digest_of(settings, days, now)))


def write(settings: Settings, days: int, now: datetime, output: Path) -> None:
    """Write the digest as a page."""
    from flows.steps.digest import enclosed_with

    page = enclosed_with(settings, digest_of(settings, days, now), now=now).page
    try:
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise DigestError(f"{output} cannot be written: {error.strerror}") from error
    Console(stderr=True).print(Text(f"Wrote {output}", style="dim"), soft_wrap=True)


def send(settings: Settings, days: int, now: datetime, place: str) -> None:
    """Send the digest to Slack or to a service."""
    from alerts.policy.digest_schedule import DueDigest, check_channel
    from flows.steps.digest import send_digest

    channel = "" if place == "slack" else place
    if channel:
        try:
            check_channel("--to", channel)
        except ValueError as error:
            raise typer.BadParameter(f"{error}; or {', '.join(PLACES)}") from None
    if not settings.slack_configured and channel.upper() == channel:
        raise DigestError("Slack is not configured: see docs/slack.md")
    done = send_digest(settings, DueDigest(days=days, until=now, to=channel, everything=True, backlog=True), now=now)
    if done.errors:
        raise DigestError("; ".join(done.errors))
    Console(stderr=True).print(Text(f"Sent to {place}.", style="dim"))
