"""The interface that every way of delivering alerts implements, and how a delivery can fail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alerts.messages import Digest, Enclosed, Message, Pickup
from extractors.errors import BrinkwatchError
from extractors.records import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where a delivered message is, in the terms of its route; empty if the route does not say."""

    channel: str = ""
    ts: str = ""
    thread: str = ""
    """The root message's ``ts`` when this is a reply."""

    @property
    def root(self) -> "Receipt":
        """The message to which later reports of the story reply."""
        return Receipt(channel=self.channel, ts=self.thread or self.ts)

    def __str__(self) -> str:
        return f"{self.channel}:{self.ts}:{self.thread}".rstrip(":")

    @classmethod
    def parse(cls, text: str | None) -> "Receipt":
        """Parse what ``str`` of a receipt returned."""
        channel, ts, thread, *_ = [*(text or "").split(":"), "", "", ""]
        return cls(channel=channel, ts=ts, thread=thread)


class DeliveryError(BrinkwatchError):
    """A message did not certainly arrive. Each subclass says what to do next; none ever contains a secret."""


class RetryError(DeliveryError):
    """The route refused the message for now and stored nothing: it may be sent later."""

    def __init__(self, what: str, *, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after
        """Seconds the route asked to wait; None if it named no time."""


class AmbiguousError(DeliveryError):
    """Nobody knows whether the message arrived: wait for the lease, then look it up before sending again."""


class DeadLetterError(DeliveryError):
    """The route will never accept this message: set it aside and report it."""


class RouteError(DeliveryError):
    """The route accepts no message at all (revoked token, missing channel): nothing is wrong with this one."""


class Route(Protocol):
    """A way of delivering messages. It fails with subclasses of ``DeliveryError``; anything else is a bug."""

    @property
    def name(self) -> str:
        """The name of the route in ``deliveries``; never contains a secret."""

    @property
    def pause(self) -> float:
        """Seconds that the route wants between two messages."""

    @property
    def remembers(self) -> bool:
        """Whether ``find`` can tell what has arrived; if not, a second attempt may send an alert twice."""

    def find(
        self, alerts: Sequence[Alert], *, roots: Collection[Receipt] = (), since: datetime | None = None
    ) -> dict[str, Receipt]:
        """Return which of ``alerts`` (by id) have already arrived, as messages or as replies under ``roots``.

        They may have arrived any time ``since`` then, although they were seen later.
        """

    def send(self, message: Message, *, parent: Receipt | None = None) -> Receipt:
        """Deliver ``message``, as a reply to ``parent`` if the story was reported before."""


class DigestRoute(Protocol):
    """A way of delivering digests; it fails as a route of alerts does."""

    @property
    def name(self) -> str:
        """The name of the route in ``digests``; never contains a secret."""

    def deliver_digest(self, digest: Digest, enclosed: Enclosed) -> Receipt:
        """Deliver ``digest`` with as much of what is enclosed as the route can carry, unless it can see it there."""


class LivingRoute(Route, Protocol):
    """A route whose messages can be changed after they were sent."""

    def update(self, message: Message, receipt: Receipt, *, pickup: Pickup | None = None, note: str = "") -> None:
        """Update ``message`` at ``receipt`` with how far it has spread, or with a correction as ``note``."""
