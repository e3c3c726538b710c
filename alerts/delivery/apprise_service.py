"""E-mail and other services, by way of Apprise, which knows how to reach each."""

import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.delivery.route import Receipt, RetryError, RouteError
from alerts.messages import Digest, Enclosed, Message
from alerts.wording.digest_text import digest_title, plain_digest
from alerts.wording.render import plain, safe_link, title_of
from extractors.records import Alert

if TYPE_CHECKING:
    from apprise import Apprise
    from apprise.attachment.memory import AttachMemory

NAMED = 20
"""Alerts of a message that are named: a service has no place for more."""
_CALLS = re.compile(r"([@<])(?=[\w!@#&/])")
"""What some services take for a call to somebody or for markup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service that routes.toml names; its address holds secrets and comes from the settings.

    Apprise says whether a message was sent, and not why not: whatever fails is tried again later, so that a message
    whose answer was lost may arrive twice.
    """

    channel: str
    """The name by which rules and digests mean it."""
    apprise: "Apprise | None" = field(repr=False)
    trouble: str = ""
    """Why nothing can be sent, without ``apprise``: then everything waits, and nothing is lost."""
    pause: float = 0.5
    remembers: bool = False

    @property
    def name(self) -> str:
        """The name of the route."""
        return f"service {self.channel}"

    @classmethod
    def connect(cls, channel: str, address: str | None) -> "Service":
        """Return a service; one without an address, or with one that Apprise cannot read, refuses every message."""
        if not address:
            return cls(channel=channel, apprise=None, trouble=f"it has no address: set {setting(channel)}")
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - takes a tenth of a second

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it logs addresses
        apprise = Apprise(asset=AppriseAsset(app_id="Brinkwatch", app_desc="Brinkwatch", app_url=""))
        if not apprise.add(address):
            return cls(channel=channel, apprise=None, trouble=f"{setting(channel)} is no address that Apprise can read")
        return cls(channel=channel, apprise=apprise)

    def find(
        self, alerts: Sequence[Alert], *, roots: Collection[Receipt] = (), since: datetime | None = None
    ) -> dict[str, Receipt]:
        """Return nothing: no service can be searched."""
        del alerts, roots, since
        return {}

    def send(self, message: Message, *, parent: Receipt | None = None) -> Receipt:
        """Send ``message``; a later report of a story is a message of its own."""
        del parent
        links = dict.fromkeys(filter(None, (safe_link(alert.url) for alert in message.alerts[:NAMED])))
        self._notify(title_of(message), "\n".join([plain(message, named=NAMED), *links]))
        return Receipt(channel=self.name)

    def deliver_digest(self, digest: Digest, enclosed: Enclosed) -> Receipt:
        """Send ``digest`` with its chart and its page as files, to services that take any."""
        from apprise.attachment.memory import AttachMemory  # noqa: PLC0415 - as above

        files = {"escalation.png": ("image/png", enclosed.chart), "digest.html": ("text/html", enclosed.page.encode())}
        attached = [
            AttachMemory(content=content, name=name, mimetype=kind)  # type: ignore[no-untyped-call]
            for name, (kind, content) in files.items()
        ]
        self._notify(digest_title(digest), plain_digest(digest), attached)
        return Receipt(channel=self.name)

    def _notify(self, title: str, body: str, files: Sequence["AttachMemory"] = ()) -> None:
        if self.apprise is None:
            raise RouteError(self.trouble)
        if not self.apprise.notify(literal(body), literal(title), body_format="text", attach=[*files] or None):
            raise RetryError(f"{self.channel} did not take the message")


def setting(channel: str) -> str:
    """Return the variable that holds the address of a service."""
    return f"BRINKWATCH_SERVICES__{channel.upper()}"


def literal(text: str) -> str:
    """Return text in which nothing calls anybody: an invisible word joiner follows each sign that might begin that.

    Lines that are addresses stay as they are.
    """
    lines = text.split("\n")
    return "\n".join(line if safe_link(line.strip()) else _CALLS.sub("\\1\u2060", line) for line in lines)
