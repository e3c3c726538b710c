"""The WebSub service: requests subscriptions from hubs, answers their verification, and records their pushes."""

import asyncio
import logging
import signal
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from hmac import compare_digest

from aiohttp import web

from extractors.errors import BrinkwatchError
from flows.phrases import first_of
from flows.settings import Settings, SettingsError
from flows.sources import websub
from flows.sources.feed_records import FeedState
from flows.sources.feedlist import load_feeds
from flows.sources.http.fetch import Fetcher
from flows.sources.websub import Subscription
from flows.steps.ingest import fetch_settings
from flows.steps.operator_lines import tell_operator
from warehouse.store import Warehouse
from warehouse.tables.articles import feed_states
from warehouse.tables.subscriptions import load_subscriptions, note_hub_failure, note_push, save_subscriptions

log = logging.getLogger(__name__)

EVERY_S = 60.0
"""Seconds between two searches for subscriptions to request or renew."""
SETTINGS = web.AppKey("settings", Settings)


def listen(settings: Settings) -> None:
    """Serve hubs until stopped; SettingsError names a setting that is missing."""
    if not settings.websub_url or settings.websub_secret is None:
        raise SettingsError("BRINKWATCH_WEBSUB_URL, BRINKWATCH_WEBSUB_SECRET: required for hubs to reach this process")
    Warehouse(settings.warehouse).migrate()
    asyncio.run(_listen(settings))


async def _listen(settings: Settings) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    runner = web.AppRunner(application(settings), access_log=None)
    await runner.setup()
    host, _, port = settings.websub_listen.rpartition(":")
    await web.TCPSite(runner, host.strip("[]"), int(port)).start()
    log.info("listening for hubs at %s", settings.websub_listen)
    try:
        while not stopped.is_set():
            try:
                await ask_hubs(settings, now=datetime.now(UTC))
            except BrinkwatchError as error:  # a list that is being edited, a warehouse that is busy
                log.warning("hubs will be asked later: %s", error)
            await _pause(stopped)
    finally:
        await runner.cleanup()


async def _pause(stopped: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(EVERY_S):
            await stopped.wait()
    except TimeoutError:
        return


async def ask_hubs(settings: Settings, *, now: datetime) -> int:
    """Request the subscriptions that are due; return how many. Stored first, because hubs answer at once."""
    warehouse, feeds = Warehouse(settings.warehouse), load_feeds(settings.seeds / "feeds.csv")
    states, known = await asyncio.to_thread(_states, warehouse), await asyncio.to_thread(_subscriptions, warehouse)
    due = websub.to_ask(feeds, states, known, now)
    if not due:
        return 0
    if late := [each.feed for each in due if each.feed in known and websub.beyond_reach(known[each.feed], now)]:
        text = "The clock has gone back: hubs scheduled too far ahead are asked now"
        await asyncio.to_thread(tell_operator, settings, f"{text}: {first_of(late)}")
    await asyncio.to_thread(_save, warehouse, due)
    listed = [feed.url for feed in feeds]
    async with Fetcher(fetch_settings(settings), now=now, listed=listed) as fetcher:
        await asyncio.gather(*(_ask(settings, fetcher, each) for each in due))
    return len(due)


async def _ask(settings: Settings, fetcher: Fetcher, wanted: Subscription) -> None:
    failed = await fetcher.post(wanted.hub, websub.form(wanted, base=settings.websub_url, secret=_secret(settings)))
    if failed is not None:
        log.warning("the hub of %s: %s", wanted.feed, failed.reason)
        await asyncio.to_thread(_note_failure, Warehouse(settings.warehouse), wanted.feed, failed.reason)


def application(settings: Settings) -> web.Application:
    """Return the web application for hubs."""
    app = web.Application(client_max_size=fetch_settings(settings).max_bytes)
    app[SETTINGS] = settings
    app.router.add_get("/websub/{feed}/{token}", verify)
    app.router.add_post("/websub/{feed}/{token}", take)
    return app


async def verify(request: web.Request) -> web.Response:
    """Answer a hub that verifies a subscription, or denies it."""
    found = websub.answered(await _subscription(request), request.query, datetime.now(UTC))
    if found is None:
        raise web.HTTPNotFound
    await asyncio.to_thread(_save, _warehouse(request), [found])
    return web.Response(text=request.query.get("hub.challenge", ""))


async def take(request: web.Request) -> web.Response:
    """Record that a feed has something new; a push without a valid signature is acknowledged but ignored."""
    subscription = await _subscription(request)
    key = websub.signing_key(subscription, _secret(request.app[SETTINGS]))
    if websub.genuine(await request.read(), request.headers.get("X-Hub-Signature", ""), key):
        await asyncio.to_thread(_note_push, _warehouse(request), subscription.feed)
    else:
        log.warning("a push for %s is not signed with the agreed key", subscription.feed)
    return web.Response(status=202)


async def _subscription(request: web.Request) -> Subscription:
    """Return the subscription behind an address; for any other a 404, which tells a hub to stop."""
    known = await asyncio.to_thread(_subscriptions, _warehouse(request))
    found = known.get(request.match_info["feed"])
    told = request.match_info["token"].encode("utf-8", "replace")
    if found is None or not compare_digest(websub.token(found, _secret(request.app[SETTINGS])).encode(), told):
        raise web.HTTPNotFound
    return found


def _warehouse(request: web.Request) -> Warehouse:
    return Warehouse(request.app[SETTINGS].warehouse)


def _secret(settings: Settings) -> str:
    return settings.websub_secret.get_secret_value() if settings.websub_secret else ""


# --- run in a thread, because they may wait for the warehouse


def _states(warehouse: Warehouse) -> dict[str, FeedState]:
    with warehouse.transaction() as tx:
        return {feed: FeedState(**row) for feed, row in feed_states(tx).items()}


def _subscriptions(warehouse: Warehouse) -> dict[str, Subscription]:
    with warehouse.transaction() as tx:
        return {feed: Subscription(**row) for feed, row in load_subscriptions(tx).items()}


def _save(warehouse: Warehouse, subscriptions: Sequence[Subscription]) -> None:
    rows = [{field.name: getattr(each, field.name) for field in fields(each)} for each in subscriptions]
    with warehouse.transaction() as tx:
        save_subscriptions(tx, rows)


def _note_failure(warehouse: Warehouse, feed: str, reason: str) -> None:
    with warehouse.transaction() as tx:
        note_hub_failure(tx, feed, reason)


def _note_push(warehouse: Warehouse, feed: str) -> None:
    with warehouse.transaction() as tx:
        note_push(tx, feed, now=datetime.now(UTC))
