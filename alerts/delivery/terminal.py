"""Alerts in a terminal, used until Slack is configured. Readable in 80 columns and without colour."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from alerts.delivery.route import Receipt
from alerts.messages import Digest, Enclosed, Form, Message
from alerts.wording.digest_text import digest_period, digest_title, sections
from alerts.wording.excerpt import clean
from alerts.wording.render import (
    because,
    by_sentence,
    gist,
    moment,
    pieces,
    related_links,
    rest_text,
    severity_dots,
    severity_text,
    source_of,
    title_of,
    voices,
)
from extractors.records import Alert

_COLOURS = {1: "dim", 2: "cyan", 3: "yellow", 4: "bold dark_orange", 5: "bold red"}
_WIDEST = 110
"""Longer lines than this are tiring to read."""
NAMED = 8
"""How many alerts a summary or digest lists by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalRoute:
    """Prints messages to the console. What was printed counts as delivered."""

    console: Console = field(default_factory=Console, repr=False)
    name: str = "terminal"
    pause: float = 0.0
    remembers: bool = False

    def find(
        self, alerts: Sequence[Alert], *, roots: Collection[Receipt] = (), since: datetime | None = None
    ) -> dict[str, Receipt]:
        """Return nothing: a terminal cannot be searched."""
        del alerts, roots, since
        return {}

    def send(self, message: Message, *, parent: Receipt | None = None) -> Receipt:
        """Print ``message``; later reports of a story are printed like the first one."""
        del parent
        self.console.print(draw(message, marked=self.console.color_system is None), width=_width(self.console))
        return Receipt(channel=self.name)

    def deliver_digest(self, digest: Digest, enclosed: Enclosed) -> Receipt:
        """Print ``digest``; a terminal shows neither picture nor page."""
        del enclosed
        self.console.print(draw_digest(digest), width=_width(self.console))
        return Receipt(channel=self.name)


def _width(console: Console) -> int:
    return min(console.width, _WIDEST)


def draw(message: Message, *, marked: bool = False) -> RenderableType:
    """Return ``message`` for rich; ``marked`` puts asterisks around key words where bold cannot be seen."""
    if message.form is not Form.STORY:
        return _summary(message)
    source = source_of(message.alerts[0])
    parts: list[RenderableType] = [_heading(source.title or title_of(message)), _source(message)]
    for alerts in by_sentence(message.alerts):
        parts += [Text(), _alerts(alerts, marked=marked)]
    return Group(*parts, Text())


def _heading(title: str) -> RenderableType:
    return Rule(Text(title, style="bold"), align="left", characters="─", style="dim")


def _source(message: Message) -> RenderableType:
    source = source_of(message.alerts[0])
    line = Text(f"{source.outlet} · {source.ownership} · published {moment(source.published)}", style="dim")
    if source.link:
        line.append("\n" + source.link, style=f"dim link {source.link}")
    return line


def _alerts(alerts: Sequence[Alert], *, marked: bool) -> RenderableType:
    """Return the alerts on one sentence."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_row("sentence", sentence_text(alerts, marked=marked))
    for label, who in voices(alerts):
        rows.add_row(label, Text(who))
    for why in dict.fromkeys(clean(alert.why) for alert in alerts):
        rows.add_row("why new", Text(why))
    for link in related_links(alerts):
        rows.add_row("the line", Text(link, style=f"link {link}"))
    rows.add_row("alert", Text(" ".join(alert.id for alert in alerts), style="dim"))
    return Group(*map(_top, alerts), Padding(rows, (0, 0, 0, 2)))


def _top(alert: Alert) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True, style=_COLOURS[alert.severity])
    row.add_column(overflow="fold", style="bold")
    row.add_row(f"{severity_dots(alert.severity)} {severity_text(alert.severity):12}", Text(clean(alert.headline)))
    return row


def sentence_text(alerts: Sequence[Alert], *, marked: bool) -> Text:
    """Return the sentence with its key words bold, or between asterisks when ``marked``."""
    text = Text()
    for piece, key in pieces(alerts):
        text.append(f"*{piece}*" if key and marked else piece, style="bold" if key else "")
    return text


def _summary(message: Message) -> RenderableType:
    parts: list[RenderableType] = [_heading(title_of(message)), Text(because(message.form), style="dim"), Text()]
    parts.append(_rows(message.alerts[:NAMED]))
    if rest := rest_text(message.alerts, NAMED):
        parts.append(Text(rest, style="dim"))
    return Group(*parts, Text())


def draw_digest(digest: Digest) -> RenderableType:
    """Return ``digest`` for rich."""
    parts: list[RenderableType] = [_heading(digest_title(digest)), Text(digest_period(digest), style="dim")]
    for section in sections(digest):
        parts += [Text(f"\n{section.heading}", style="bold"), _rows(section.named)]
        parts += [Text(section.rest, style="dim")] if section.rest else []
    return Group(*parts, Text())


def _rows(alerts: Iterable[Alert]) -> RenderableType:
    """Return a line or two about each of many alerts."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_column(style="dim", no_wrap=True)
    for alert in alerts:
        source = source_of(alert)
        what = Text.assemble((clean(alert.headline), "bold"), f"\n{gist(alert)}" if gist(alert) else "")
        what.append(f"\n{source.outlet}, {moment(source.published)}", style="dim")
        rows.add_row(Text(severity_text(alert.severity), style=_COLOURS[alert.severity]), what, Text(alert.id))
    return rows
