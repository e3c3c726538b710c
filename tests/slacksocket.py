"""Socket Mode on loopback, as https://docs.slack.dev/apis/events-api/using-socket-mode says, misbehaviour included.

It takes only tickets that ``apps.connections.open`` gave out, each once, greets, sends what is not acknowledged again
to whoever connects next, announces that it will close, closes without a word, and sends what nobody knows.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from slackserver import Slack
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

Json = dict[str, Any]
APP = "A000"


@dataclass
class Socket:
    """The side of Slack."""

    slack: Slack
    connections: list[ServerConnection] = field(default_factory=list)
    greeted: int = 0
    """How many connections there have been."""
    pending: dict[str, Json] = field(default_factory=dict)
    """What was sent and not acknowledged, by envelope."""
    acks: list[tuple[str, Json | None]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def send(self, kind: str, payload: object, *, again: str = "") -> str:
        """Send a request, or the same one ``again``; return the id of its envelope."""
        envelope = again or f"envelope-{next(self.numbers)}"
        message = {"envelope_id": envelope, "type": kind, "payload": payload,
                   "accepts_response_payload": kind == "slash_commands"}  # fmt: skip
        self.pending[envelope] = message
        self.say(message)
        return envelope

    def say(self, message: Json | str) -> None:
        """Say anything to the latest connection, if there is one."""
        with suppress(ConnectionClosed, IndexError):
            say(self.connections[-1], message)

    def disconnect(self, reason: str) -> None:
        """Announce that the connection will be closed."""
        self.say({"type": "disconnect", "reason": reason, "debug_info": {"host": "loopback"}})

    def drop(self) -> None:
        """Close the connection without a word."""
        self.connections[-1].close_socket()

    def answer_to(self, envelope: str) -> Json | None:
        """Return what came with the acknowledgement of an envelope."""
        return next(payload for acked, payload in self.acks if acked == envelope)

    def acked(self, *envelopes: str) -> Callable[[], bool]:
        """Return what says whether these were acknowledged."""
        return lambda: set(envelopes) <= {acked for acked, _ in self.acks}

    def handle(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        assert connection.request is not None
        ticket = parse_qs(urlsplit(connection.request.path).query).get("ticket", [""])[0]
        if ticket not in self.slack.tickets:
            connection.close(1008, "invalid ticket")
            return
        self.slack.tickets.discard(ticket)
        self.connections.append(connection)
        self.greeted += 1
        with suppress(ConnectionClosed):
            say(connection, {"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}})
            for message in list(self.pending.values()):
                say(connection, message)
            for text in connection:
                message = json.loads(text)
                self.pending.pop(message["envelope_id"], None)
                self.acks.append((message["envelope_id"], message.get("payload")))
        self.connections.remove(connection)


def say(connection: ServerConnection, message: Json | str) -> None:
    """Send one frame of text."""
    connection.send(message if isinstance(message, str) else json.dumps(message))


@contextmanager
def socket_mode(slack: Slack) -> Iterator[Socket]:
    """Serve Socket Mode for a workspace."""
    socket = Socket(slack)
    server: Server
    with serve(socket.handle, "127.0.0.1", 0) as server:
        slack.socket_url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield socket
        for connection in list(socket.connections):
            connection.close_socket()
        server.shutdown()
        thread.join()
