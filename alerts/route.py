"""What is delivered, to where, and how it can fail: the one interface behind which every way of telling people sits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from extractors.errors import BrinkwatchError
from extractors.records import Alert, content_id


class Form(StrEnum):
    """How much a message says about each of its alerts."""

    STORY = "story"
    """Everything, about the few alerts of one story."""
    SUMMARY = "summary"
    """The backlog: counts, and the gravest by name."""
    DAILY = "daily"
    """What is not worth a message of its own, once a day."""
    DIGEST = "digest"
    """A flood of new alerts: the same, but of today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The alerts that reach a person as one message, gravest first; never empty."""

    form: Form
    alerts: tuple[Alert, ...]

    @property
    def id(self) -> str:
        """Identifies the message by the alerts in it, whatever their order."""
        return content_id("message", *sorted(alert.id for alert in self.alerts))

    @property
    def story(self) -> str | None:
        """The story all of it belongs to; None for a summary or a digest."""
        return self.alerts[0].story if self.form is Form.STORY else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where a delivered message is, as its route names places; empty where the route does not say."""

    channel: str = ""
    ts: str = ""
    thread: str = ""
    """The root message's ``ts`` when this is a reply."""

    @property
    def root(self) -> "Receipt":
        """The message that later reports of the story reply to."""
        return Receipt(channel=self.channel, ts=self.thread or self.ts)

    def __str__(self) -> str:
        return f"{self.channel}:{self.ts}:{self.thread}".rstrip(":")

    @classmethod
    def parse(cls, text: str | None) -> "Receipt":
        """Read what ``str`` of a receipt wrote."""
        channel, ts, thread, *_ = [*(text or "").split(":"), "", "", ""]
        return cls(channel=channel, ts=ts, thread=thread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """How far a story has travelled since its first report."""

    outlets: int = 0
    """Outlets beyond the first that carried it."""
    independent: int = 0
    """Those of them that did not copy another's text."""

    def __str__(self) -> str:
        if not self.outlets:
            return ""
        return f"+{self.outlets} {'outlet' if self.outlets == 1 else 'outlets'}, {self.independent} independent"


class DeliveryError(BrinkwatchError):
    """A message did not arrive for certain. The leaves say what to do next; none ever holds a secret."""


class RetryError(DeliveryError):
    """The route refused for now and stored nothing: the same message may go later."""

    def __init__(self, what: str, *, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after
        """Seconds the route asked for; None where it named no time."""


class AmbiguousError(DeliveryError):
    """Nobody knows whether the message arrived: wait for the lease, then look it up before sending again."""


class PoisonError(DeliveryError):
    """The route will never take this message: set it aside and report it."""


class RouteError(DeliveryError):
    """The route is closed to every message (revoked token, missing channel): nothing is wrong with this one."""


class Route(Protocol):
    """A way of telling people. Errors of delivery are leaves of ``DeliveryError``; anything else is a bug."""

    @property
    def name(self) -> str:
        """Names the route in ``deliveries``; never holds a secret."""

    @property
    def pause(self) -> float:
        """Seconds the route wants between two messages."""

    @property
    def remembers(self) -> bool:
        """Whether ``find`` can tell what has arrived; if not, a second attempt may say a thing twice."""

    def find(self, alerts: Sequence[Alert], *, roots: Collection[Receipt] = ()) -> dict[str, Receipt]:
        """Return which of ``alerts`` (by id) have arrived already, as messages or as replies under ``roots``."""

    def send(self, message: Message, *, parent: Receipt | None = None) -> Receipt:
        """Deliver ``message``, as a reply to ``parent`` where the story was told before."""


class LivingRoute(Route, Protocol):
    """A route whose messages can be changed after they were sent."""

    def update(self, message: Message, receipt: Receipt, *, echo: Echo | None = None, note: str = "") -> None:
        """Draw ``message`` anew at ``receipt``, with how far it travelled, or with a correction as ``note``."""
