"""Slack through an incoming webhook, which answers "ok" and nothing else."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPException

from slack_sdk.webhook import WebhookClient, WebhookResponse

from alerts.delivery.route import Receipt, RouteError
from alerts.delivery.slack.answers import TIMEOUT, quiet_log, refuse, unreachable
from alerts.delivery.slack.blocks import Json, digest_payload, escape, payload
from alerts.messages import Digest, Enclosed, Message
from extractors.records import Alert

_WEBHOOK = re.compile(r"https?://[\w.:-]+/[\w/.-]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackWebhook:
    """Posts to an incoming webhook, which answers "ok" and nothing else: no threads, updates or look-up."""

    client: WebhookClient = field(repr=False)
    name: str = "slack-webhook"
    pause: float = 1.0
    remembers: bool = False

    @classmethod
    def connect(cls, url: str, *, timeout: int = TIMEOUT) -> "SlackWebhook":
        """Return a webhook route; raise RouteError, which does not show it, for anything but a web address."""
        if not _WEBHOOK.fullmatch(url):
            raise RouteError(
                "the Slack webhook is not a web address; one begins with https://hooks.slack.com/services/"
            )
        return cls(client=WebhookClient(url, timeout, retry_handlers=[], logger=quiet_log()))

    def find(
        self, alerts: Sequence[Alert], *, roots: Collection[Receipt] = (), since: datetime | None = None
    ) -> dict[str, Receipt]:
        """Return nothing: a webhook cannot be searched."""
        del alerts, roots, since
        return {}

    def send(self, message: Message, *, parent: Receipt | None = None) -> Receipt:
        """Post ``message``; a later report of a story is a message of its own."""
        del parent
        body = payload(message)
        self._post({"text": body["text"], "blocks": body["blocks"]})
        return Receipt(channel=self.name)

    def deliver_digest(self, digest: Digest, enclosed: Enclosed) -> Receipt:
        """Post ``digest``; a webhook takes no files."""
        del enclosed
        body = digest_payload(digest)
        self._post({"text": body["text"], "blocks": body["blocks"]})
        return Receipt(channel=self.name)

    def say(self, text: str) -> None:
        """Post one line for the operator, for instance that the main route is closed; it is not an alert."""
        self._post({"text": escape(text)})

    def _post(self, body: Json) -> None:
        try:
            answer: WebhookResponse = self.client.send_dict({**body, "mrkdwn": False, "unfurl_links": False})
        except (OSError, HTTPException) as error:
            raise unreachable(error) from None
        if answer.status_code != 200:
            refuse(answer.body[:80], status=answer.status_code, headers=answer.headers)
