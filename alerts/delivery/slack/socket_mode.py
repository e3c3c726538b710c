"""Socket Mode: Slack sends clicks and commands over a connection that we open, so that no public address is needed.

The client of slack_sdk keeps the connection: it opens a new one when Slack says that the old one will be closed, and
again when it breaks. What is taken is acknowledged only when it is done, so that Slack repeats what a crash cut off.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from alerts.delivery.route import AmbiguousError, DeliveryError, RetryError, RouteError
from alerts.delivery.slack.answers import TIMEOUT, call, quiet_log
from alerts.delivery.slack.blocks import Json, whisper
from alerts.delivery.slack.bot import Finding
from extractors.errors import BrinkwatchError

log = logging.getLogger(__name__)

AGAIN_S = 10.0
"""Seconds after which a connection that could not be opened is tried again."""
LOST_S = 30.0
"""Seconds between two looks at whether the connection is there."""
_TOLD_S = 0.1
"""Seconds between two times that the client is told to end."""
_ADVICE = (
    "Switch on Socket Mode, generate an app-level token (xapp-…) with the scope connections:write, and set "
    "BRINKWATCH_SLACK_APP_TOKEN"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What follows from a request of Slack."""

    text: str = ""
    """The answer to a command, which goes with the acknowledgement."""
    afterwards: Callable[[], None] = lambda: None
    """What is done when Slack knows that the request was taken."""


Take = Callable[[str, Mapping[str, Any], str], Reply]
"""Takes the kind and the payload of a request, and the id of the app that the connection belongs to."""


def listen(app_token: str, take: Take, *, base_url: str, stopped: Event, ping_s: float = 3.0) -> None:
    """Receive requests until ``stopped``; raises RouteError when Slack does not let this app listen.

    A connection that breaks without a word is noticed after five pings, ``ping_s`` seconds apart.
    """
    client = SocketModeClient(
        app_token,
        logger=quiet_log(),
        web_client=WebClient(base_url=base_url, timeout=TIMEOUT, retry_handlers=[], logger=quiet_log()),
        ping_interval=ping_s,
        concurrency=4,
    )
    listener = _Listener(take)
    client.message_listeners.append(listener.greeted)
    client.socket_mode_request_listeners.append(listener.asked)
    try:
        while not _started(client) and not stopped.wait(AGAIN_S):
            pass
        _watch(client, stopped)
    finally:
        _close(client)


def _close(client: SocketModeClient) -> None:
    """End the connection. The client forgets to if it was about to receive from it, so it is told until it has."""
    client.auto_reconnect_enabled = False
    receiver = client.current_session_runner
    receiver.event.set()
    while receiver.is_alive():
        client.current_session_state.terminated = True
        receiver.thread.join(_TOLD_S)
    client.close()


def _watch(client: SocketModeClient, stopped: Event) -> None:
    """Say when the connection is lost for long, and when it is back: the client tries by itself, and says nothing."""
    lost = False
    while not stopped.wait(LOST_S):
        if lost != (not client.is_connected()):
            lost = not lost
            log.warning("Slack cannot be listened to: trying again" if lost else "listening to Slack again")


def _started(client: SocketModeClient) -> bool:
    """Ask Slack for a connection and open it; from then on the client keeps it. What will not pass is raised."""
    client.wss_uri = None
    try:
        call(client.connect)
        return True
    except (RetryError, AmbiguousError) as trouble:
        log.warning("not listening to Slack yet: %s", trouble)
    except DeliveryError as trouble:
        raise RouteError(f"Slack does not let this app listen: {trouble}") from None
    return False


def diagnose(app_token: str, *, base_url: str) -> Finding:
    """Check that Slack lets this app listen; the connection that it offers is not opened."""
    client = WebClient(base_url=base_url, timeout=TIMEOUT, retry_handlers=[], logger=quiet_log())
    try:
        call(client.apps_connections_open, app_token=app_token)
    except DeliveryError as error:
        return Finding(ok=False, what=f"Slack app token: {error}", advice=_ADVICE)
    return Finding(ok=True, what="Slack app token: Socket Mode may be opened")


class _Listener:
    """Hands requests on, and acknowledges them."""

    def __init__(self, take: Take) -> None:
        self.take = take
        self.app = ""

    def greeted(self, _: BaseSocketModeClient, message: Json, __: str | None) -> None:
        """Learn from the greeting which app the connection belongs to."""
        if message.get("type") == "hello":
            self.app = str((message.get("connection_info") or {}).get("app_id", ""))
            log.info("listening to Slack as %s", self.app)

    def asked(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Take a request, and acknowledge it when it is done; one that could not be taken comes again, or fails."""
        try:
            reply = self.take(request.type, request.payload, self.app)
        except BrinkwatchError as error:
            log.error("a request of Slack was not taken: %s", error)
            return
        body = {"response_type": "ephemeral", **whisper(reply.text)} if reply.text else None
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=body))
        reply.afterwards()
