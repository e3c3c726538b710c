"""WebSub: hubs are asked, believed where they can be, and only make a feed due."""

import asyncio
import hashlib
import hmac
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import aiohttp
import pytest
from aiohttp import web
from livedesk import free_port, until
from newsroom import Newsroom, open_newsroom, seeds_with
from transactions import transact
from warehouses import new_warehouse

from flows.settings import Settings, SettingsError
from flows.sources import schedule, websub
from flows.sources.feed_records import FeedSpec, FeedState
from flows.sources.parsing import feeds
from flows.sources.websub import Subscription
from flows.steps import ingest
from flows.steps.websub import application, ask_hubs, listen
from warehouse.store import Warehouse
from warehouse.tables.articles import feed_states
from warehouse.tables.subscriptions import load_subscriptions, save_subscriptions

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FEED = FeedSpec(id="f", outlet="F", url="https://f.example/feed", tier="slow")
STATE = FeedState(feed="f", url=FEED.url, hub="https://hub.example/", topic="https://f.example/feed")
ASKED = Subscription(feed="f", hub="https://hub.example/", topic="https://f.example/feed", attempts=1, ask_at=NOW)
ACTIVE = replace(
    ASKED, status="active", attempts=0, ask_at=NOW + timedelta(days=7), lease_until=NOW + timedelta(days=9)
)


def asked(known: Subscription | None, *, state: FeedState = STATE, days: float = 0) -> list[Subscription]:
    """Return what is asked of hubs so many days from now."""
    return websub.to_ask([FEED], {"f": state}, {"f": known} if known else {}, NOW + timedelta(days=days))


def test_a_hub_is_asked_when_a_feed_names_it_and_when_its_lease_runs_out() -> None:
    """Once, not before three quarters of the lease are over; a feed without a hub and one not listed are left alone."""
    assert [each.attempts for each in asked(None)] == [1]
    assert (asked(ACTIVE, days=6.9), len(asked(ACTIVE, days=7))) == ([], 1)
    assert asked(ACTIVE, days=7)[0].status == "active"
    assert asked(None, state=replace(STATE, hub=None)) == []
    assert websub.to_ask([], {"f": STATE}, {}, NOW) == []


def test_a_hub_that_does_not_answer_is_asked_ever_less() -> None:
    """After five minutes, ten, twenty, up to a day; one that denied after a week; another hub at once."""
    waits, known = [], None
    for _ in range(10):
        (known,) = websub.to_ask([FEED], {"f": STATE}, {"f": known} if known else {}, known.ask_at if known else NOW)
        waits.append((known.ask_at - NOW).total_seconds() / 60)
    steps = [round(after - before) for before, after in zip([0.0, *waits], waits, strict=False)]
    assert steps == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]
    denied = websub.answered(ASKED, {"hub.mode": "denied", "hub.topic": ASKED.topic, "hub.reason": "no"}, NOW)
    assert denied is not None
    assert (denied.status, denied.error) == ("denied", "denied by the hub: no")
    assert (asked(denied, days=6.9), len(asked(denied, days=7))) == ([], 1)
    assert len(asked(denied, state=replace(STATE, hub="https://other.example/"))) == 1


@pytest.mark.parametrize(
    ("change", "days"),
    [
        ({}, 10.0),
        ({"hub.lease_seconds": "1"}, 5 / 1440),
        ({"hub.lease_seconds": "999999999"}, 60.0),
        ({"hub.topic": "https://f.example/other"}, None),
        ({"hub.mode": "unsubscribe"}, None),
        ({"hub.mode": ""}, None),
        ({"hub.lease_seconds": ""}, None),
        ({"hub.lease_seconds": "-5"}, None),
        ({"hub.lease_seconds": "²"}, None),
    ],
)
def test_only_what_was_asked_for_is_confirmed(change: dict[str, str], days: float | None) -> None:
    """Another topic, an end nobody asked for, and a lease that is no number are not; leases have sane lengths."""
    query = {"hub.mode": "subscribe", "hub.topic": ASKED.topic, "hub.lease_seconds": "864000"} | change
    found = websub.answered(ASKED, query, NOW)
    assert (found and found.lease_until) == (None if days is None else NOW + timedelta(days=days))
    assert websub.answered(ACTIVE, query, NOW) is None, "nothing was asked"


def test_what_is_pushed_must_be_signed_where_a_key_could_be_given() -> None:
    """By any of the methods of the standard; over http no key is given, as it could be read on the way."""
    key = websub.signing_key(ASKED, "secret")
    assert key is not None
    for method in websub.METHODS:
        digest = hmac.new(key.encode(), b"body", method).hexdigest()
        assert websub.genuine(b"body", f"{method}={digest}", key)
        assert not websub.genuine(b"other", f"{method}={digest}", key)
    md5 = hmac.new(key.encode(), b"body", hashlib.md5).hexdigest()
    assert not any(websub.genuine(b"body", signature, key) for signature in ("", "sha256=", f"md5={md5}", "sha256=é"))
    assert websub.genuine(b"body", "", websub.signing_key(replace(ASKED, hub="http://hub.example/"), "secret"))
    assert key not in websub.callback("https://m.example", ASKED, "secret")


def test_a_push_makes_a_feed_due_until_it_was_asked_after_it() -> None:
    """Not before its minimum, and not while it fails or asked to be left alone."""
    state = replace(STATE, last_success_at=NOW, next_due_at=NOW + timedelta(hours=2), interval_s=7200)
    pushed = replace(state, pushed_at=NOW + timedelta(seconds=5))
    after = {seconds: NOW + timedelta(seconds=seconds) for seconds in (20, 30)}
    assert schedule.due([FEED], {"f": state}, after[30]) == []
    assert schedule.due([FEED], {"f": pushed}, after[20]) == []
    assert len(schedule.due([FEED], {"f": pushed}, after[30])) == 1
    assert schedule.due([FEED], {"f": replace(pushed, pushed_at=NOW - timedelta(seconds=5))}, after[30]) == []
    assert schedule.due([FEED], {"f": replace(pushed, consecutive_failures=1)}, after[30]) == []


ATOM = 'xmlns:atom="http://www.w3.org/2005/Atom"'
HUB = '<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="https://f.example/topic"/>'
ENTRY = "<atom:entry><atom:title>Title</atom:title><atom:id>1</atom:id></atom:entry>"
ITEM = "<item><title>Title</title><link>https://f.example/1</link></item>"
DOCUMENTS = {
    "rss": f'<rss version="2.0" {ATOM}><channel>{HUB}{ITEM}</channel></rss>',
    "rss that is not plain": f'<rss version="2.0" {ATOM}><channel>{HUB}{ITEM}<item><x/></item></channel></rss>',
    "atom": f'<atom:feed {ATOM}>{HUB}{ENTRY}</atom:feed>',
    "json": '{"items": [{"id": "1", "title": "T"}], "feed_url": "https://f.example/topic",'
    ' "hubs": [{"type": "rssCloud", "url": "https://x.example/"}, {"type": "WebSub", "url": "https://hub.example/"}]}',
}  # fmt: skip


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_feed_names_its_hub_and_its_topic(kind: str) -> None:
    """In every format that can."""
    document = feeds.read(DOCUMENTS[kind].encode(), charset=None, url=FEED.url, limit=10)
    assert (document.hub, document.topic) == ("https://hub.example/", "https://f.example/topic")


# --- a hub on loopback


@dataclass
class Hub:
    """A hub that asks whether a subscription is meant and pushes when a test says so."""

    forms: list[dict[str, str]] = field(default_factory=list)
    echoes: list[tuple[int, str]] = field(default_factory=list)
    status: int = 202

    async def take(self, request: web.Request) -> web.Response:
        """Take a subscription and verify it at once, as hubs may."""
        wanted = {key: str(value) for key, value in (await request.post()).items()}
        self.forms.append(wanted)
        if self.status == 202:
            self.echoes.append(await self.ask(wanted["hub.topic"]))
        return web.Response(status=self.status)

    async def ask(self, topic: str, *, mode: str = "subscribe") -> tuple[int, str]:
        """Ask the last subscriber whether it meant it."""
        query = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": "abc", "hub.lease_seconds": "3600"}
        async with aiohttp.ClientSession() as client, client.get(self.forms[-1]["hub.callback"], params=query) as reply:
            return reply.status, await reply.text()

    async def push(self, *, path: str = "", signature: str = "") -> int:
        """Tell the last subscriber that there is something new."""
        headers = {"X-Hub-Signature": signature}
        target = self.forms[-1]["hub.callback"] + path
        async with aiohttp.ClientSession() as client, client.post(target, data=b"body", headers=headers) as reply:
            return reply.status


@asynccontextmanager
async def served(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture
def room() -> Iterator[Newsroom]:
    with open_newsroom() as made:
        made.carry("Council debates parking", "The town council put off its decision on parking fees. " * 9)
        yield made


@pytest.fixture
def settings(room: Newsroom, seeds: Path, tmp_path: Path, in_process: None) -> Settings:
    """A monitor whose one feed, the newsroom, names a hub on loopback."""
    ours, hub = free_port(), free_port()
    room.hub = f"http://127.0.0.1:{hub}/"
    made = Settings(
        warehouse=tmp_path / "w.duckdb", seeds=seeds_with(room, seeds, tmp_path / "seeds"), websub_secret="secret",
        allow_hosts=frozenset({"127.0.0.1", f"127.0.0.1:{hub}"}), websub_url=f"http://127.0.0.1:{ours}",
        websub_listen=f"127.0.0.1:{ours}", fetch_spacing=0.0, _env_file=None,
    )  # fmt: skip
    new_warehouse(made.warehouse)
    take(made, datetime.now(UTC))
    return made


def take(settings: Settings, now: datetime) -> ingest.Ingested:
    return ingest.take_feeds(settings, ingest.due_feeds(settings, now=now), now=now)


def stored(settings: Settings) -> Subscription:
    return Subscription(**transact(Warehouse(settings.warehouse), load_subscriptions)["newsroom"])


def talking(settings: Settings, room: Newsroom, hub: Hub, script: object) -> None:
    """Let the hub and the service run while ``script`` does."""

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/", hub.take)
        hub_port, our_port = int(room.hub.split(":")[2].strip("/")), int(settings.websub_listen.split(":")[1])
        async with served(app, hub_port), served(application(settings), our_port):
            await script()  # type: ignore[operator]

    asyncio.run(run())


def test_a_subscription_is_verified_pushed_and_renewed(settings: Settings, room: Newsroom) -> None:
    """From the feed that names a hub to the article that is stored a minute after a push instead of a quarter hour."""
    hub = Hub()

    async def script() -> None:
        assert [await ask_hubs(settings, now=datetime.now(UTC)) for _ in range(2)] == [1, 0]
        assert hub.echoes == [(200, "abc")]
        assert (stored(settings).status, stored(settings).attempts) == ("active", 0)
        assert await hub.ask(stored(settings).topic) == (404, "404: Not Found"), "asked once, confirmed once"
        assert await hub.push(path="x") == 404
        assert stored(settings).pushed_at is None
        assert await hub.push() == 202
        assert await ask_hubs(settings, now=datetime.now(UTC) + timedelta(minutes=46)) == 1
        assert hub.echoes[1] == (200, "abc")

    talking(settings, room, hub, script)
    assert hub.forms[0]["hub.topic"] == f"{room.address}/feed.xml"
    assert "hub.secret" not in hub.forms[0]
    pushed = stored(settings).pushed_at
    assert pushed is not None
    room.carry("Fair postponed", "The summer fair was put off until the rain stops, the council said on Monday. " * 9)
    state = FeedState(**transact(Warehouse(settings.warehouse), feed_states)["newsroom"])
    assert state.pushed_at == pushed
    assert len(take(settings, pushed + timedelta(seconds=31)).articles) == 1


def test_a_push_that_is_not_signed_as_agreed_is_ignored(settings: Settings, room: Newsroom) -> None:
    """It is answered like any other, so that whoever guesses learns nothing."""
    secure = replace(ASKED, feed="newsroom", status="active")
    row = {name: getattr(secure, name) for name in Subscription.__slots__}
    transact(Warehouse(settings.warehouse), save_subscriptions, [row])
    key = websub.signing_key(secure, "secret") or ""
    hub = Hub(forms=[{"hub.callback": websub.callback(settings.websub_url, secure, "secret")}])

    async def script() -> None:
        for signature in ("", "sha256=00"):
            assert await hub.push(signature=signature) == 202
        assert stored(settings).pushed_at is None
        assert await hub.push(signature=f"sha256={hmac.new(key.encode(), b'body', 'sha256').hexdigest()}") == 202
        assert stored(settings).pushed_at is not None

    talking(settings, room, hub, script)


@pytest.mark.parametrize(("status", "error"), [(500, "HTTP 500"), (404, "HTTP 404"), (429, "HTTP 429")])
def test_a_hub_that_refuses_is_noted(settings: Settings, room: Newsroom, status: int, error: str) -> None:
    """And polled feeds go on as before."""
    hub = Hub(status=status)

    async def script() -> None:
        await ask_hubs(settings, now=datetime.now(UTC))

    talking(settings, room, hub, script)
    assert (stored(settings).status, stored(settings).error) == ("asked", error)


def test_a_hub_that_was_asked_by_a_clock_ahead_is_asked_again_and_its_feed_named(
    settings: Settings, room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """When the clock is right again; once."""
    hub = Hub(status=500)

    async def script() -> None:
        await ask_hubs(settings, now=datetime.now(UTC) + timedelta(days=10))
        hub.status = 202
        assert [await ask_hubs(settings, now=datetime.now(UTC)) for _ in range(2)] == [1, 0]

    talking(settings, room, hub, script)
    assert stored(settings).status == "active"
    assert caplog.text.count("hubs scheduled too far ahead are asked now: newsroom") == 1


def test_a_hub_at_an_address_nobody_allowed_is_not_asked(settings: Settings, room: Newsroom) -> None:
    """A feed could name any service of the machine or the network behind it."""
    hub = Hub()
    strict = settings.model_copy(update={"allow_hosts": frozenset({"127.0.0.1"})})

    async def script() -> None:
        await ask_hubs(strict, now=datetime.now(UTC))

    talking(settings, room, hub, script)
    assert hub.forms == []
    assert "is not an address of the public internet" in str(stored(settings).error)


def test_listening_without_an_address_or_a_secret_is_refused(settings: Settings) -> None:
    """The message names what to set."""
    with pytest.raises(SettingsError, match="BRINKWATCH_WEBSUB_URL"):
        listen(settings.model_copy(update={"websub_url": ""}))


@pytest.mark.slow
def test_the_service_answers_until_it_is_stopped(settings: Settings, room: Newsroom, tmp_path: Path) -> None:
    """As ``brinkwatch feeds listen``, from the environment; it stops at once and without a trace."""
    names = ("warehouse", "seeds", "websub_url", "websub_listen")
    environment = {f"BRINKWATCH_{name.upper()}": str(getattr(settings, name)) for name in names}
    command = [sys.executable, "-m", "flows.cli", "feeds", "listen"]
    secret = {"BRINKWATCH_WEBSUB_SECRET": "secret"}
    with subprocess.Popen(command, env={**os.environ, **environment, **secret}, stderr=subprocess.PIPE) as service:
        try:
            until(lambda: answers_404(settings.websub_url))
        finally:
            service.terminate()
        assert service.wait() == 0
        assert service.stderr is not None
        assert b"Traceback" not in service.stderr.read()


def answers_404(url: str) -> bool:
    """Whether somebody is there who knows no such subscription."""
    try:
        urlopen(f"{url}/websub/nobody/x", timeout=2)
    except HTTPError as error:
        return error.code == 404
    except OSError:
        return False
    return False
