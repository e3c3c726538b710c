"""A mail server and a JSON webhook on loopback: what Apprise talks to, in the tests."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as takes a message."""

    def handle(self) -> None:
        self.say("220 loopback")
        while line := self.rfile.readline(10_000).strip():
            word = line[:4].upper()
            if word == b"QUIT":
                self.say("221 bye")
                return
            if word == b"DATA":
                self.say("354 go on")
                self.take()
            self.say("250 ok")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline(1_000_000)) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[attr-defined]

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mailbox() -> Iterator[tuple[str, list[EmailMessage]]]:
    """Run a mail server; yield its address for Apprise, and the mails that it takes."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.daemon_threads = True
        mails: list[EmailMessage] = []
        server.mails = mails  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        port = server.server_address[1]
        yield f"mailto://127.0.0.1:{port}/?from=watch@desk.example&to=desk@desk.example&mode=insecure", mails
        server.shutdown()


@contextmanager
def json_service(*, failing: int = 0) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Run a webhook that refuses the first ``failing`` calls; yield its address for Apprise, and what it takes."""
    calls: list[dict[str, Any]] = []
    refusals = [503] * failing

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = refusals.pop() if refusals else 200
            if status == 200:
                calls.append(body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_address[1]}/secret-path", calls
        server.shutdown()
