"""Messages: alerts that are sent together, in which form, how far their story has spread since, and digests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from extractors.counts import plural
from extractors.records import Alert, content_id

MOST_ALERTS = 300
"""Most alerts in one message: their ids (16 characters each) must fit into the metadata of a Slack message."""


class Form(StrEnum):
    """How much a message says about each of its alerts."""

    STORY = "story"
    """The alerts of one story, in full."""
    SUMMARY = "summary"
    """The backlog: counts, and the most severe alerts by name."""
    DIGEST = "digest"
    """A flood of new alerts: counts, and the most severe alerts by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The alerts of one message, most severe first; never empty."""

    form: Form
    alerts: tuple[Alert, ...]

    @property
    def id(self) -> str:
        """Identifies the message by its alerts, whatever their order."""
        return content_id("message", *sorted(alert.id for alert in self.alerts))

    @property
    def story(self) -> str | None:
        """The story that all alerts belong to; None for a summary or a digest."""
        return self.alerts[0].story if self.form is Form.STORY else None

    @property
    def changes(self) -> bool:
        """Whether it changes something that was sent before, in whose thread it is news for the whole channel."""
        return self.form is Form.STORY and any(alert.related for alert in self.alerts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """How far a story has spread since its first report."""

    outlets: int = 0
    """Outlets that carried it after the first."""
    independent: int = 0
    """Those of them that did not copy another's text."""

    def __str__(self) -> str:
        if not self.outlets:
            return ""
        return f"+{plural(self.outlets, 'outlet')}, {self.independent} independent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What the alerts of some days come to, for those who look once a day or once a week."""

    days: int
    until: datetime
    """When the period ends; it begins ``days`` earlier."""
    told: tuple[Alert, ...] = ()
    """Alerts that have messages of their own, most severe first."""
    collected: tuple[Alert, ...] = ()
    """Alerts that were left to the digest, most severe first: nobody was told of them before."""
    backlog: tuple[Alert, ...] = ()
    """Alerts of older news that came with a backlog, most severe first; only where they are asked for."""
    unsent: int = 0
    """How many more were neither sent nor left to the digest, for instance because they are muted."""

    @property
    def id(self) -> str:
        """Identifies the digest by its period, whatever it tells."""
        return content_id("digest", self.days, self.until.isoformat())

    @property
    def since(self) -> datetime:
        """When the period begins."""
        return self.until - timedelta(days=self.days)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Everything that it tells."""
        return self.told + self.collected + self.backlog


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """What goes with a digest where the route can carry it."""

    chart: bytes
    """A picture in PNG."""
    caption: str
    """What the picture shows, for those who do not see it."""
    page: str
    """The digest as HTML, in one file."""
