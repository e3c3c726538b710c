"""Slack through a bot token: messages can be looked up, threaded and updated."""

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from alerts.route import (
    DeliveryError,
    Echo,
    Message,
    Receipt,
    RetryError,
    RouteError,
)
from alerts.slack.answers import TIMEOUT, NoParentError, advice_on, header, quiet_log, refuse, unreachable
from alerts.slack.blocks import Json, alerts_in, payload
from extractors.records import Alert

API = "https://slack.com/api/"
_BEFORE = timedelta(hours=1)
"""How long before an alert was seen the channel is searched: covers clocks that disagree."""
_PAGE = 200
_PAGES = 100
_TOKEN = re.compile(r"[\x21-\x7e]+")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What ``diagnose`` found about one thing."""

    ok: bool
    what: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackBot:
    """Posts with a bot token to one channel, looks its messages up by their metadata, threads and updates them."""

    client: WebClient = field(repr=False)
    channel: str
    name: str = "slack"
    pause: float = 1.0
    """Slack takes one message per second and channel."""
    remembers: bool = True

    @classmethod
    def connect(cls, token: str, channel: str, *, base_url: str = API, timeout: int = TIMEOUT) -> "SlackBot":
        """Return a bot; raises RouteError for a channel that is not an id. Nothing is sent yet.

        A token with a line end or an ellipsis in it, as copying leaves them, would be shown by the error of the HTTP
        client; so it is refused here, unseen.
        """
        if not _TOKEN.fullmatch(token):
            raise RouteError("the Slack token holds white space or other characters that no token has")
        if not _CHANNEL.fullmatch(channel):
            raise RouteError(
                f"{channel!r} is no channel id; it looks like C0123456789 (channel details, at the bottom)"
            )
        client = WebClient(token, base_url, timeout, retry_handlers=[], logger=quiet_log())
        return cls(client=client, channel=channel)

    def find(self, alerts: Sequence[Alert], *, roots: Collection[Receipt] = ()) -> dict[str, Receipt]:
        """Return where each of ``alerts`` is in the channel already, be it as a message or as a reply.

        Replies are not in the channel's history: they are read under the ``roots`` given and under every message of the
        same stories.
        """
        if not alerts:
            return {}
        me = self._call(self.client.auth_test)["user_id"]
        threads = {root.ts for root in roots if root.channel == self.channel}
        found: dict[str, Receipt] = {}
        for message, story, ids in self._ours(self._history(min(alert.seen for alert in alerts) - _BEFORE), me=me):
            found |= dict.fromkeys(ids, Receipt(channel=self.channel, ts=message["ts"]))
            if message.get("reply_count") and any(story == alert.story or alert.id in ids for alert in alerts):
                threads.add(message["ts"])
        for thread in sorted(threads):
            for reply, _, ids in self._ours(self._replies(thread), me=me):
                if reply["ts"] != thread:
                    found |= dict.fromkeys(ids, Receipt(channel=self.channel, ts=reply["ts"], thread=thread))
        return {alert.id: found[alert.id] for alert in alerts if alert.id in found}

    @staticmethod
    def _ours(messages: Iterable[Json], *, me: str) -> Iterator[tuple[Json, str, list[str]]]:
        """Yield our messages with the story and alerts in them; what another app wrote is never believed."""
        for message in messages:
            story, ids = alerts_in(message)
            if ids and message.get("user") == me:
                yield message, story, ids

    def send(self, message: Message, *, parent: Receipt | None = None) -> Receipt:
        """Post ``message``; a reply whose parent was deleted becomes a message of its own."""
        thread = parent.ts if parent and parent.channel == self.channel else None
        try:
            answer = self._call(
                self.client.chat_postMessage,
                **payload(message),
                channel=self.channel,
                thread_ts=thread or None,
                mrkdwn=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except NoParentError:
            return self.send(message)
        return Receipt(channel=answer["channel"], ts=answer["ts"], thread=thread or "")

    def update(self, message: Message, receipt: Receipt, *, echo: Echo | None = None, note: str = "") -> None:
        """Draw ``message`` anew in place. Safe to repeat; one deleted in the meantime stays deleted."""
        body = payload(message, echo=echo, note=note)
        try:
            self._call(self.client.chat_update, **body, channel=receipt.channel, ts=receipt.ts)
        except NoParentError:
            logging.getLogger(__name__).info("message %s is gone from Slack: not updated", receipt)

    def diagnose(self) -> list[Finding]:
        """Check token, scopes and channel, without posting anything."""
        try:
            who = self._call(self.client.auth_test)
        except DeliveryError as error:
            return [Finding(ok=False, what=f"Slack token: {error}", advice=advice_on(str(error)))]
        findings = [Finding(ok=True, what=f"Slack token: {who.get('user')} in {who.get('team')}")]
        scopes = {scope.strip() for scope in header(who.headers, "x-oauth-scopes").split(",")}
        if scopes != {""} and "chat:write" not in scopes:
            findings.append(
                Finding(ok=False, what="Slack scope chat:write is missing", advice=advice_on("missing_scope"))
            )
        try:
            self._call(self.client.conversations_history, channel=self.channel, limit=1)
        except DeliveryError as error:
            return [*findings, Finding(ok=False, what=f"Slack channel: {error}", advice=advice_on(str(error)))]
        return [*findings, Finding(ok=True, what=f"Slack channel {self.channel}: readable")]

    def _history(self, oldest: datetime) -> Iterator[Json]:
        since = f"{oldest.timestamp():.6f}"
        return self._pages(self.client.conversations_history, oldest=since, include_all_metadata=True)

    def _replies(self, thread: str) -> Iterator[Json]:
        try:
            yield from self._pages(self.client.conversations_replies, ts=thread, include_all_metadata=True)
        except NoParentError:
            return

    def _pages(self, method: Callable[..., SlackResponse], **options: Any) -> Iterator[Json]:
        """Yield every message; a channel too busy to be read to its end is an error, never "not found"."""
        cursor = None
        for _ in range(_PAGES):
            answer = self._call(method, channel=self.channel, limit=_PAGE, cursor=cursor, **options)
            yield from answer.get("messages") or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
        raise RetryError(f"more than {_PAGES * _PAGE} messages to look through")

    @staticmethod
    def _call(method: Callable[..., SlackResponse], **options: Any) -> SlackResponse:
        try:
            return method(**options)
        except SlackApiError as error:
            response = error.response
            refuse(
                str(response.get("error")), status=response.status_code, headers=response.headers, data=response.data
            )
        except (OSError, HTTPException) as error:
            raise unreachable(error) from None
