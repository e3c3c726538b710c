"""A Slack on loopback that behaves as https://docs.slack.dev says, and fails when told to.

It keeps messages in memory, checks tokens, scopes, membership, limits and the structure of blocks, and answers with
Slack's own error codes. ``faults`` decide what goes wrong: they see the method and the running number of the request.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

Json = dict[str, Any]

TOKEN = "xoxb-secret-token"
APP_TOKEN = "xapp-secret-token"
CHANNEL = "C0000000001"
HOOK = "/services/T000/B000/secret-hook"

MOST_TEXT_IN_BLOCKS = 9_600
"""Undocumented; more than this was seen refused (slackapi/bolt-js issue 2867)."""
MOST_METADATA = 8_000
"""Undocumented; a cautious guess."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request; the default is nothing."""

    status: int = 200
    error: str | None = None
    retry_after: int | None = None
    delay: float = 0.0
    late: float = 0.0
    """Seconds after which the message is stored although the client has long gone."""
    drop: str | None = None
    """``before`` or ``after`` storing, the connection closes without an answer."""
    body: str | None = None


Faults = Callable[[str, int], Fault | None]
HEALTHY: Faults = lambda _method, _count: None  # noqa: E731 - a value among others that are made by functions


class SlackError(Exception):
    """An answer with ``ok`` false."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"ok": False, "error": code, **more}


@dataclass
class Slack:
    """The state of the workspace."""

    scopes: set[str] = field(default_factory=lambda: {"chat:write", "channels:history", "files:write", "commands"})
    members: set[str] = field(default_factory=lambda: {CHANNEL})
    channels: dict[str, list[Json]] = field(default_factory=lambda: {CHANNEL: [], "C0000000002": []})
    hooked: list[Json] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    """What was uploaded, by the id of the file."""
    whispers: list[Json] = field(default_factory=list)
    """What one person alone was shown."""
    socket_url: str = ""
    """Where Socket Mode is served; empty where it is switched off."""
    tickets: set[str] = field(default_factory=set)
    """Addresses of Socket Mode that were given out and not used."""
    revoked: bool = False
    archived: bool = False
    page: int = 200
    faults: Faults = HEALTHY
    calls: list[tuple[str, float, Json]] = field(default_factory=list)
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    last_ts: float = 0.0

    @property
    def messages(self) -> list[Json]:
        """Everything in the bot's channel, replies included."""
        return self.channels[CHANNEL]

    @property
    def roots(self) -> list[Json]:
        """Messages that are no replies."""
        return [message for message in self.messages if message.get("thread_ts", message["ts"]) == message["ts"]]

    @property
    def replies(self) -> list[Json]:
        """Messages in threads."""
        return [message for message in self.messages if message.get("thread_ts", message["ts"]) != message["ts"]]

    def alerts(self) -> list[str]:
        """The id of every alert said in the channel, once for each time it was said."""
        found = []
        for message in self.messages:
            ids = message["metadata"].get("event_payload", {}).get("alerts", "")
            found += [ids[place : place + 16] for place in range(0, len(ids), 16)]
        return found

    # --- the methods

    def authorise(self, token: str | None, method: str) -> None:
        if not token:
            raise SlackError("not_authed")
        if token != (APP_TOKEN if method == "apps.connections.open" else TOKEN):
            raise SlackError("invalid_auth")
        if self.revoked:
            raise SlackError("token_revoked")

    def need(self, scope: str) -> None:
        if scope not in self.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def channel(self, name: Any, *, writing: bool = False) -> list[Json]:
        if name not in self.channels:
            raise SlackError("channel_not_found")
        if name not in self.members:
            raise SlackError("not_in_channel")
        if writing and self.archived:
            raise SlackError("is_archived")
        return self.channels[name]

    def auth_test(self, _: Json) -> Json:
        return {
            "url": self.url,
            "team": "Desk",
            "user": "brinkwatch",
            "team_id": "T000",
            "user_id": "U000",
            "bot_id": "B000",
        }

    def chat_post_message(self, body: Json) -> Json:
        self.need("chat:write")
        channel = self.channel(body.get("channel"), writing=True)
        message = checked(body) | {"type": "message", "user": "U000", "bot_id": "B000", "ts": self.next_ts()}
        if thread := body.get("thread_ts"):
            parent = next((each for each in channel if each["ts"] == thread), None)
            if parent is None:
                raise SlackError("thread_not_found")
            parent["reply_count"] = parent.get("reply_count", 0) + 1
            parent["thread_ts"] = thread
            message["thread_ts"] = thread
            if body.get("reply_broadcast") in {True, "true", "1"}:
                message["subtype"] = "thread_broadcast"
        channel.append(message)
        return {"channel": body["channel"], "ts": message["ts"], "message": message}

    def chat_post_ephemeral(self, body: Json) -> Json:
        self.need("chat:write")
        self.channel(body.get("channel"), writing=True)
        self.whispers.append(checked(body) | {name: body.get(name) for name in ("channel", "user", "thread_ts")})
        return {"message_ts": self.next_ts()}

    def apps_connections_open(self, _: Json) -> Json:
        if not self.socket_url:
            raise SlackError("forbidden_for_app_without_socket_mode")
        ticket = f"ticket-{random.getrandbits(64):x}"
        self.tickets.add(ticket)
        return {"url": f"{self.socket_url}/link/?ticket={ticket}&app_id=A000"}

    def chat_update(self, body: Json) -> Json:
        self.need("chat:write")
        for message in self.channel(body.get("channel"), writing=True):
            if message["ts"] == body.get("ts"):
                message.update(checked(body), edited={"user": "U000", "ts": self.next_ts()})
                return {"channel": body["channel"], "ts": message["ts"], "text": message["text"]}
        raise SlackError("message_not_found")

    def conversations_history(self, body: Json) -> Json:
        self.need("channels:history")
        oldest = float(body.get("oldest") or 0)
        channel = self.channel(body.get("channel"))
        shown = [
            each
            for each in channel
            if float(each["ts"]) > oldest
            and (each.get("thread_ts", each["ts"]) == each["ts"] or each.get("subtype") == "thread_broadcast")
        ]
        return self.paged(list(reversed(shown)), body)

    def conversations_replies(self, body: Json) -> Json:
        self.need("channels:history")
        thread = body.get("ts")
        channel = self.channel(body.get("channel"))
        if not any(each["ts"] == thread for each in channel):
            raise SlackError("thread_not_found")
        return self.paged([each for each in channel if thread in (each["ts"], each.get("thread_ts"))], body)

    def files_get_upload_url_external(self, body: Json) -> Json:
        self.need("files:write")
        if not body.get("filename") or int(body.get("length") or 0) <= 0:
            raise SlackError("invalid_arguments")
        file = f"F{len(self.uploads):010}"
        self.uploads[file] = b""
        return {"upload_url": f"{self.url}/upload/v1/{file}", "file_id": file}

    def files_complete_upload_external(self, body: Json) -> Json:
        """Share uploaded files as one message, whose text is the comment."""
        self.need("files:write")
        files = json.loads(body["files"])
        if not all(self.uploads.get(file["id"]) for file in files):
            raise SlackError("file_not_found")
        channel = self.channel(body.get("channel_id"), writing=True)
        message = {"type": "message", "user": "U000", "text": body.get("initial_comment", ""), "files": files,
                   "blocks": [], "metadata": {}, "ts": self.next_ts()}  # fmt: skip
        if thread := body.get("thread_ts"):
            message["thread_ts"] = thread
        channel.append(message)
        return {"files": files}

    def paged(self, messages: list[Json], body: Json) -> Json:
        start = int(body.get("cursor") or 0)
        size = min(int(body.get("limit") or 100), self.page)
        shown = messages[start : start + size]
        if str(body.get("include_all_metadata", "0")) not in {"1", "true", "True"}:
            shown = [{key: value for key, value in each.items() if key != "metadata"} for each in shown]
        more = start + size < len(messages)
        cursor = str(start + size) if more else ""
        return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": cursor}}

    def settle(self) -> None:
        """Wait until all that was asked before is done, also by clients that have gone since."""
        with urlopen(f"{self.url}/settle"):
            pass

    def next_ts(self) -> str:
        self.last_ts = max(time.time(), self.last_ts + 0.000_1)
        return f"{self.last_ts:.6f}"


def checked(body: Json) -> Json:
    """Return what is stored of a message, or refuse it as Slack does."""
    blocks, text = body.get("blocks") or [], body.get("text") or ""
    if not blocks and not text:
        raise SlackError("no_text")
    if len(text) > 40_000:
        raise SlackError("msg_too_long")
    if errors := [*block_errors(blocks)]:
        raise SlackError("invalid_blocks", errors=errors)
    if sum(map(len, texts_in(blocks))) > MOST_TEXT_IN_BLOCKS:
        raise SlackError("msg_blocks_too_long")
    metadata = body.get("metadata") or {}
    if len(json.dumps(metadata)) > MOST_METADATA:
        raise SlackError("metadata_too_large")
    if metadata and not (metadata.get("event_type") and isinstance(metadata.get("event_payload"), dict)):
        raise SlackError("invalid_metadata_format")
    return {"text": text, "blocks": blocks, "metadata": metadata}


def texts_in(node: Any) -> Iterator[str]:
    """Every text anywhere in blocks."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from texts_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts_in(value)


def block_errors(blocks: Any) -> Iterator[str]:
    """What Slack's schema would complain about."""
    if not isinstance(blocks, list):
        yield "blocks is no list"
        return
    if len(blocks) > 50:
        yield "no more than 50 items allowed [json-pointer:/blocks]"
    for place, block in enumerate(blocks):
        check = CHECKS.get(block.get("type"))
        errors = check(block) if check else iter(["unsupported type"])
        yield from (f"{error} [json-pointer:/blocks/{place}]" for error in errors)


def _length(text: Any, most: int) -> Iterator[str]:
    if not isinstance(text, str) or not text:
        yield "must be more than 0 characters"
    elif len(text) > most:
        yield f"must be less than {most + 1} characters"
    elif not text.isprintable() and text.replace("\n", "").isprintable() is False:
        yield "control character"


def _header(block: Json) -> Iterator[str]:
    if block["text"].get("type") != "plain_text":
        yield "header must be plain_text"
    yield from _length(block["text"].get("text"), 150)


def _context(block: Json) -> Iterator[str]:
    if not 1 <= len(block["elements"]) <= 10:
        yield "between 1 and 10 elements"
    for element in block["elements"]:
        if element.get("type") not in {"plain_text", "mrkdwn"}:
            yield "unsupported element"
        yield from _length(element.get("text"), 3_000)


def _rich(block: Json) -> Iterator[str]:
    if not block["elements"]:
        yield "no elements"
    for element in block["elements"]:
        kind = element.get("type")
        if kind == "rich_text_list":
            for section in element["elements"]:
                yield from _leaves(section)
        elif kind in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}:
            yield from _leaves(element)
        else:
            yield f"unsupported element {kind}"


def _actions(block: Json) -> Iterator[str]:
    if not 1 <= len(block["elements"]) <= 25:
        yield "between 1 and 25 elements"
    if len({element["action_id"] for element in block["elements"]}) < len(block["elements"]):
        yield "action_id already exists"
    for element in block["elements"]:
        if element.get("type") != "button":
            yield "unsupported element"
        limits = [(element["text"], 75), *zip(_confirmed(element), (100, 300, 30, 30), strict=False)]
        for text, most in limits:
            if text.get("type") != "plain_text":
                yield "must be plain_text"
            yield from _length(text["text"], most)
        yield from _length(element["action_id"], 255)
        yield from _length(element["value"], 2_000)


def _confirmed(element: Json) -> list[Json]:
    """The texts that are shown before a button acts: title, text, confirm, deny."""
    confirm = element.get("confirm")
    return [confirm[name] for name in ("title", "text", "confirm", "deny")] if confirm else []


CHECKS: dict[str, Callable[[Json], Iterator[str]]] = {
    "header": _header,
    "context": _context,
    "rich_text": _rich,
    "divider": lambda _: iter(()),
    "actions": _actions,
}
MENTIONS = {"user": "user_id", "usergroup": "usergroup_id", "broadcast": "range"}


def _leaves(section: Json) -> Iterator[str]:
    if not section["elements"]:
        yield "empty section"
    for leaf in section["elements"]:
        if leaf["type"] in MENTIONS and leaf.get(MENTIONS[leaf["type"]]):
            continue
        if leaf["type"] == "date" and isinstance(leaf.get("timestamp"), int) and leaf.get("format"):
            continue
        yield from _length(leaf.get("text"), 3_000)
        if leaf["type"] == "link" and not str(leaf.get("url")).startswith(("http://", "https://")):
            yield "invalid url"
        if leaf["type"] not in {"text", "link"}:
            yield f"unsupported leaf {leaf['type']}"
        if not set(leaf.get("style", {})) <= {"bold", "italic", "strike", "code"}:
            yield "unsupported style"


METHODS = {
    "auth.test": Slack.auth_test,
    "chat.postMessage": Slack.chat_post_message,
    "chat.update": Slack.chat_update,
    "chat.postEphemeral": Slack.chat_post_ephemeral,
    "apps.connections.open": Slack.apps_connections_open,
    "conversations.history": Slack.conversations_history,
    "files.getUploadURLExternal": Slack.files_get_upload_url_external,
    "files.completeUploadExternal": Slack.files_complete_upload_external,
    "conversations.replies": Slack.conversations_replies,
}


class _Handler(BaseHTTPRequestHandler):
    slack: Slack
    server: "_Server"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        with self.server.apart():
            while self.server.busy:
                time.sleep(0.002)
        self._answer(200, "settled")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/upload/v1/"):
            self.slack.uploads[path.rpartition("/")[2]] = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200, "OK")
            return
        body = self._body()
        method = "webhook" if path.startswith("/services/") else path.removeprefix("/api/")
        with self.slack.lock:
            count = len(self.slack.calls)
            self.slack.calls.append((method, time.monotonic(), body))
            fault = self.slack.faults(method, count) or Fault()
        if fault.drop == "before":
            self._hang_up()
            return
        if fault.status != 200 or fault.error:
            self._fail(fault)
            return
        time.sleep(fault.late)
        with self.slack.lock:
            status, answer = self._webhook(path, body) if method == "webhook" else self._api(method, body)
        time.sleep(fault.delay)
        if fault.drop == "after":
            self._hang_up()
            return
        self._answer(status, fault.body or answer)

    def _body(self) -> Json:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if "json" in self.headers.get("Content-Type", ""):
            return dict(json.loads(raw or "{}"))
        body: Json = dict(parse_qsl(raw))
        return body | {key: json.loads(body[key]) for key in ("blocks", "metadata") if key in body}

    def _api(self, method: str, body: Json) -> tuple[int, str]:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ") or body.get("token")
        try:
            self.slack.authorise(token, method)
            if method not in METHODS:
                raise SlackError("unknown_method")
            return 200, json.dumps({"ok": True, **METHODS[method](self.slack, body)})
        except SlackError as error:
            return 200, json.dumps(error.answer)

    def _webhook(self, path: str, body: Json) -> tuple[int, str]:
        if path != HOOK:
            return 404, "no_service"
        if self.slack.archived:
            return 410, "channel_is_archived"
        try:
            self.slack.hooked.append(checked(body))
        except SlackError as error:
            return 400, error.answer["error"]
        return 200, "ok"

    def _fail(self, fault: Fault) -> None:
        answer = fault.body or json.dumps({"ok": False, "error": fault.error or "ratelimited"})
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        self._answer(fault.status, answer, **headers)

    def _answer(self, status: int, body: str, **headers: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8" if body.startswith("{") else "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-OAuth-Scopes", ",".join(sorted(self.slack.scopes)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        try:
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.busy = 0
        """Connections that were accepted and are not done."""
        self.lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.count(1)  # in the order in which they connected; the thread may begin later
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.count(-1)

    def count(self, change: int) -> None:
        with self.lock:
            self.busy += change

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Leave the connection of the caller out of the count."""
        self.count(-1)
        try:
            yield
        finally:
            self.count(1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""


@contextmanager
def running(slack: Slack | None = None) -> Iterator[Slack]:
    """Run a Slack on loopback; ``url`` is what goes into the settings as its API address."""
    slack = slack or Slack()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"slack": slack}))
    slack.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield slack
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def once(method: str, fault: Fault) -> Faults:
    """Let ``fault`` happen to the first call of ``method`` and to no other."""
    left = [fault]
    return lambda called, _: left.pop() if called == method and left else None


def sometimes(method: str, fault: Fault, *, share: float, seed: int = 7) -> Faults:
    """Let ``fault`` happen to a share of the calls of ``method``."""
    dice = random.Random(seed)
    return lambda called, _: fault if called == method and dice.random() < share else None
