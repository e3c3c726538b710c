"""Slack through a bot token: messages can be looked up, threaded and updated."""

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackRequestError
from slack_sdk.web import SlackResponse

from alerts.delivery.route import DeliveryError, Receipt, RetryError, RouteError
from alerts.delivery.slack.answers import TIMEOUT, NoParentError, advice_on, call, header, quiet_log
from alerts.delivery.slack.blocks import Json, alerts_in, digest_in, digest_payload, escape, payload, whisper
from alerts.messages import Digest, Enclosed, Message, Pickup
from alerts.wording.excerpt import clean
from extractors.records import Alert, AlertKind

log = logging.getLogger(__name__)

API = "https://slack.com/api/"
NEEDED = {"chat:write": "nothing can be sent", "files:write": "digests come without their chart"}
"""Scopes, and what fails without them; that the channel can be read is tried."""
NEEDED_TO_LISTEN = {"commands": "/brinkwatch is no command"}
_BEFORE = timedelta(hours=1)
"""How far back from the time an alert was seen the channel is searched, in case clocks disagree."""
_PAGE = 200
_PAGES = 100
_SHORT = 3
"""Words with no more letters, and lines with no more words, are too short to identify an alert."""
_ALIKE = 0.6
_TOKEN = re.compile(r"[\x21-\x7e]+")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check by ``diagnose``."""

    ok: bool
    what: str
    advice: str = ""


def _same(alert: Alert, said: Iterable[tuple[str, Receipt]]) -> Receipt | None:
    """Return the first message that reports ``alert``: with who does what, and a line with most of its words.

    What a headline adds after a colon are the words of one report, which another one puts otherwise.
    """
    if alert.kind is not AlertKind.NEW_STATEMENT:
        return None
    headline, words = escape(clean(alert.headline.partition(":")[0])), _words(alert.sentence)
    likely = ((text.split("\n"), place) for text, place in said if headline in text)
    return next((place for lines, place in likely if any(_alike(words, _words(line)) for line in lines)), None)


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > _SHORT}


def _alike(words: set[str], others: set[str]) -> bool:
    return min(len(words), len(others)) > _SHORT and len(words & others) >= _ALIKE * min(len(words), len(others))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackBot:
    """Posts to one channel with a bot token; finds its messages by metadata, threads and updates them."""

    client: WebClient = field(repr=False)
    channel: str
    name: str = "slack"
    pause: float = 1.0
    """Slack accepts one message per second and channel."""
    remembers: bool = True
    buttons: bool = False
    """Whether alerts have buttons, which need a process that listens to them."""

    @classmethod
    def connect(
        cls, token: str, channel: str, *, base_url: str = API, timeout: int = TIMEOUT, buttons: bool = False
    ) -> "SlackBot":
        """Return a bot; raises RouteError for a channel that is not an id. Nothing is sent yet.

        A token with a line end or an ellipsis in it, as copying may leave them, would appear in the error of the HTTP
        client, so it is refused here without being shown.
        """
        if not _TOKEN.fullmatch(token):
            raise RouteError("the Slack token contains white space or other characters that no token has")
        if not _CHANNEL.fullmatch(channel):
            raise RouteError(
                f"{channel!r} is not a channel id; one looks like C0123456789 (channel details, at the bottom)"
            )
        client = WebClient(token, base_url, timeout, retry_handlers=[], logger=quiet_log())
        return cls(client=client, channel=channel, buttons=buttons)

    def find(
        self, alerts: Sequence[Alert], *, roots: Collection[Receipt] = (), since: datetime | None = None
    ) -> dict[str, Receipt]:
        """Return where each of ``alerts`` already is in the channel, as a message or as a reply.

        Replies are not in the channel's history: they are read under the given ``roots`` and under every message of the
        same stories. ``since`` a restore, a statement may have been reported from another outlet's article, under
        another id; then it is recognised by its words.
        """
        if not alerts:
            return {}
        me = call(self.client.auth_test)["user_id"]
        threads = {root.ts for root in roots if root.channel == self.channel}
        found: dict[str, Receipt] = {}
        said: list[tuple[str, Receipt]] = []
        oldest = min([alert.seen for alert in alerts] + ([since] if since else [])) - _BEFORE
        for message, story, ids in self._ours(self._history(oldest), me=me):
            found |= dict.fromkeys(ids, self._receipt(message))
            said.append((message.get("text", ""), self._receipt(message)))
            if message.get("reply_count") and any(story == alert.story or alert.id in ids for alert in alerts):
                threads.add(message["ts"])
        for thread in sorted(threads):
            for reply, _, ids in self._ours(self._replies(thread), me=me):
                if reply["ts"] != thread:
                    found |= dict.fromkeys(ids, self._receipt(reply))
                    said.append((reply.get("text", ""), found[ids[0]]))
        return {alert.id: there for alert in alerts if (there := found.get(alert.id) or (since and _same(alert, said)))}

    def _receipt(self, message: Json) -> Receipt:
        """Return where a message is; a reply that is shown in the channel too belongs to its thread."""
        ts, thread = str(message["ts"]), str(message.get("thread_ts", message["ts"]))
        return Receipt(channel=self.channel, ts=ts, thread="" if thread == ts else thread)

    @staticmethod
    def _ours(messages: Iterable[Json], *, me: str) -> Iterator[tuple[Json, str, list[str]]]:
        """Yield our messages with their story and alerts; messages of other apps are never trusted."""
        for message in messages:
            story, ids = alerts_in(message)
            if ids and message.get("user") == me:
                yield message, story, ids

    def send(self, message: Message, *, parent: Receipt | None = None) -> Receipt:
        """Post ``message``; if the parent of a reply was deleted, it becomes a message of its own.

        A reply that changes what was reported before is shown in the channel too.
        """
        thread = parent.ts if parent and parent.channel == self.channel else None
        try:
            answer = call(
                self.client.chat_postMessage,
                **payload(message, buttons=self.buttons),
                channel=self.channel,
                thread_ts=thread or None,
                reply_broadcast=bool(thread and message.changes) or None,
                mrkdwn=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except NoParentError:
            return self.send(message)
        return Receipt(channel=answer["channel"], ts=answer["ts"], thread=thread or "")

    def deliver_digest(self, digest: Digest, enclosed: Enclosed) -> Receipt:
        """Post ``digest`` unless it is in the channel, and its chart below it unless that is there.

        A chart that Slack does not take is left out: the digest has arrived without it.
        """
        receipt = self._find_digest(digest)
        there = receipt and any(reply.get("text") == escape(enclosed.caption) for reply in self._replies(receipt.ts))
        receipt = receipt or self._post_digest(digest)
        if not there:
            try:
                self._upload(enclosed, receipt)
            except (DeliveryError, SlackRequestError) as error:
                log.warning("the digest on %s has no chart: %s", self.name, error)
        return receipt

    def _find_digest(self, digest: Digest) -> Receipt | None:
        me = call(self.client.auth_test)["user_id"]
        found = (each for each in self._history(digest.until - _BEFORE) if digest_in(each) == digest.id)
        return next((self._receipt(each) for each in found if each.get("user") == me), None)

    def _post_digest(self, digest: Digest) -> Receipt:
        answer = call(
            self.client.chat_postMessage,
            **digest_payload(digest),
            channel=self.channel,
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        return Receipt(channel=answer["channel"], ts=answer["ts"])

    def _upload(self, enclosed: Enclosed, receipt: Receipt) -> None:
        """Upload the chart into the thread of the digest, with its caption as the text of the message."""
        call(
            self.client.files_upload_v2,
            content=enclosed.chart,
            filename="escalation.png",
            title=enclosed.caption,
            alt_txt=enclosed.caption,
            initial_comment=escape(enclosed.caption),
            channel=self.channel,
            thread_ts=receipt.ts,
        )

    def say(self, text: str) -> None:
        """Post one line for whoever runs the monitor; it is not an alert."""
        call(self.client.chat_postMessage, text=escape(text), channel=self.channel, mrkdwn=False)

    def team(self) -> str:
        """Return the id of the workspace."""
        return str(call(self.client.auth_test)["team_id"])

    def whisper(self, text: str, *, channel: str, user: str, thread: str | None = None) -> None:
        """Answer one person, unseen by others."""
        call(
            self.client.chat_postEphemeral, **whisper(text), channel=channel, user=user, thread_ts=thread, mrkdwn=False
        )

    def update(self, message: Message, receipt: Receipt, *, pickup: Pickup | None = None, note: str = "") -> None:
        """Update ``message`` in place. Safe to repeat; one that has been deleted stays deleted."""
        body = payload(message, pickup=pickup, note=note, buttons=self.buttons)
        try:
            call(self.client.chat_update, **body, channel=receipt.channel, ts=receipt.ts)
        except NoParentError:
            log.info("message %s is gone from Slack: not updated", receipt)

    def diagnose(self) -> list[Finding]:
        """Check token, scopes and channel, without posting anything."""
        try:
            who = call(self.client.auth_test)
        except DeliveryError as error:
            return [Finding(ok=False, what=f"Slack token: {error}", advice=advice_on(str(error)))]
        findings = [Finding(ok=True, what=f"Slack token: {who.get('user')} in {who.get('team')}")]
        scopes = {scope.strip() for scope in header(who.headers, "x-oauth-scopes").split(",")}
        needed = NEEDED | (NEEDED_TO_LISTEN if self.buttons else {})
        findings += [
            Finding(
                ok=False,
                what=f"Slack scope {scope} is missing: {effect}",
                advice=f"Give the app the bot scope {scope} and reinstall it",
            )
            for scope, effect in needed.items()
            if scopes != {""} and scope not in scopes
        ]
        try:
            call(self.client.conversations_history, channel=self.channel, limit=1)
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
        """Yield every message; a channel too busy to be read completely is an error, never "not found"."""
        cursor = None
        for _ in range(_PAGES):
            answer = call(method, channel=self.channel, limit=_PAGE, cursor=cursor, **options)
            yield from answer.get("messages") or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
        raise RetryError(f"more than {_PAGES * _PAGE} messages to look through")
