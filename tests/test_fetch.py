"""One cycle over a server that does everything wrong: every feed ends in the right row, and no other feed notices."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from badserver import BEHAVIOURS, GOOD, BadServer, Request, answer, let_pass

from flows.sources.feed_records import Body, Failed, FeedSpec, FeedState, FeedUpdate, Fetched, FetchSettings, Trouble
from flows.sources.http.address_guard import places
from flows.sources.http.fetch import Fetcher, agent
from flows.sources.schedule import due
from flows.sources.update import update_feeds

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SETTINGS = FetchSettings(
    allow=frozenset({"localhost"}),
    spacing_s=0.0,
    per_host=200,
    concurrency=200,
    connect_timeout_s=1_000.0,
    read_timeout_s=2_000.0,
    total_timeout_s=3_000.0,
    max_entries=200,
    parse_timeout_s=60.0,
    full_text=False,
)
ALL_TIMEOUTS_S = 3_500.0
"""After so many seconds each has run out: so many pass when nothing else is left to wait for."""
BUDGET = timedelta(hours=2)
GOOD_FEEDS = [f"good?{n}" for n in range(5)]

ENTRIES = {
    "good": 3, "no-length": 3, "hundred-headers": 3, "gzip": 3, "gzip-members": 3, "deflate": 3, "deflate-raw": 3,
    "br": 3, "zstd": 3, "moved": 3, "moved-308": 3, "found": 3, "moved-then-found": 3, "from-2041": 3, "json-feed": 1,
    "sitemap": 1, "length-twice": 3, "length-twice-in-one": 3, "length-twice-gzip": 3, "length-and-chunks": 3,
    "chunks-and-length": 3, "space-before-colon": 3, "line-without-colon": 3, "line-feeds-only": 3,
    "announced-length-twice": 3, "encoded-as-binary": 3, "encoded-as-charset": 3, "encoded-in-pieces": 3,
    "changed-by-a-proxy": 3, "wall": 3, "wall-elsewhere": 3, "wall-for-good": 3,
    "file-gz": 3, "file-gz-in-gzip": 3, "file-zst": 3, "sitemap-gz": 1,
    "one-bad-entry": 3, "entry-of-nothing": 2, "active": 1, "cp1251-undeclared": 1, "utf8-as-cp1251": 1, "utf16": 1,
    "mojibake": 1, "nulls": 3, "same-time": 9, "same-guid": 4, "same-link": 4, "same-guid-and-link": 4,
    "no-guid-no-link": 4, "odd-dates": 3, "long-line": 1, "many": 200, "truncated": 4, "external": 1, "laughs": 1,
    "nested-escaped": 1,
}  # fmt: skip
"""Articles that each of these brings on the first poll."""
TROUBLES = {
    "hang": Trouble.TIMEOUT, "hang-in-head": Trouble.TIMEOUT, "drip": Trouble.TIMEOUT, "drip-head": Trouble.TIMEOUT,
    "closed": Trouble.TRUNCATED, "reset": Trouble.TRUNCATED, "no-http": Trouble.NOT_HTTP,
    "bad-chunks": Trouble.NOT_HTTP, "bad-length": Trouble.NOT_HTTP, "huge-header": Trouble.NOT_HTTP,
    "lengths-that-differ": Trouble.NOT_HTTP, "chunks-without-sizes": Trouble.TRUNCATED,
    "length-twice-too-large": Trouble.TOO_LARGE, "wall-that-stays": Trouble.BAD_REDIRECT,
    "file-gz-bomb": Trouble.TOO_LARGE, "file-gz-bomb-in-gzip": Trouble.TOO_LARGE,
    "file-gz-garbage": Trouble.BAD_ENCODING,
    "gzip-bomb": Trouble.TOO_LARGE, "br-bomb": Trouble.TOO_LARGE, "zstd-bomb": Trouble.TOO_LARGE,
    "endless": Trouble.TOO_LARGE, "gzip-garbage": Trouble.BAD_ENCODING, "gzip-not": Trouble.BAD_ENCODING,
    "encoded-twice": Trouble.BAD_ENCODING, "encoded-strangely": Trouble.BAD_ENCODING,
    "loop": Trouble.BAD_REDIRECT, "to-itself": Trouble.BAD_REDIRECT, "far-0": Trouble.BAD_REDIRECT,
    "to-file": Trouble.BAD_REDIRECT, "to-script": Trouble.BAD_REDIRECT, "to-nowhere": Trouble.BAD_REDIRECT,
    "to-garbage": Trouble.BAD_REDIRECT, "to-loopback": Trouble.REFUSED_ADDRESS, "to-mapped": Trouble.REFUSED_ADDRESS,
    "to-number": Trouble.REFUSED_ADDRESS, "to-zero": Trouble.REFUSED_ADDRESS, "to-metadata": Trouble.REFUSED_ADDRESS,
    "to-private": Trouble.REFUSED_ADDRESS, "to-loopback-6": Trouble.REFUSED_ADDRESS,
    "missing": Trouble.HTTP_STATUS, "forbidden": Trouble.HTTP_STATUS, "broken": Trouble.HTTP_STATUS,
    "unavailable": Trouble.HTTP_STATUS, "unasked-304": Trouble.HTTP_STATUS, "no-content": Trouble.HTTP_STATUS,
    "teapot": Trouble.HTTP_STATUS, "html": Trouble.NOT_A_FEED, "html-as-feed": Trouble.NOT_A_FEED,
    "empty": Trouble.NOT_A_FEED, "spaces": Trouble.NOT_A_FEED, "image": Trouble.NOT_A_FEED, "json": Trouble.NOT_A_FEED,
    "json-deep": Trouble.NOT_A_FEED, "sitemap-index": Trouble.NOT_A_FEED, "nested": Trouble.NOT_A_FEED,
}  # fmt: skip
"""How each of these fails."""
SILENT = {"hang", "hang-in-head", "hang-in-body", "drip", "drip-head"}
"""Those that only a timeout ends."""


def nothing(_: object) -> set[str]:
    """An empty warehouse."""
    return set()


async def collect(updates: AsyncIterator[FeedUpdate]) -> dict[str, FeedUpdate]:
    return {update.feed.id: update async for update in updates}


def spec(server: BadServer, path: str) -> FeedSpec:
    return FeedSpec(id=path, outlet=path, url=server.url(path))


@pytest.fixture(scope="module")
def cycle() -> dict[str, Any]:
    """One cycle over every behaviour that does not concern a whole host, and five good feeds among them."""

    async def run() -> dict[str, Any]:
        async with BadServer() as server:
            paths = [*ENTRIES, *TROUBLES, "gone", "hang-in-body", "gzip-truncated", *GOOD_FEEDS]
            due_feeds = due([spec(server, path) for path in paths], {}, NOW)
            loop, updates = asyncio.get_running_loop(), dict[str, FeedUpdate]()
            started = loop.time()
            async for update in update_feeds(due_feeds, settings=SETTINGS, now=NOW, budget=BUDGET, known=nothing):
                updates[update.feed.id] = update
                if updates.keys() == {due_feed.feed.id for due_feed in due_feeds} - SILENT:
                    let_pass(ALL_TIMEOUTS_S)
            return {"updates": updates, "seconds": loop.time() - started, "server": server}

    return asyncio.run(run())


def test_every_behaviour_is_tried() -> None:
    """No behaviour of the server lacks a test, and there are more than forty."""
    hosts = {"unavailable-for", "throttled-seconds", "throttled-date", "throttled", "throttled-nonsense"}
    helpers = {"loop-back", "gone", "hang-in-body", "gzip-truncated"} | {f"far-{n}" for n in range(1, 12)}
    assert set(BEHAVIOURS) - hosts - helpers == set(ENTRIES) | set(TROUBLES)
    assert len(BEHAVIOURS) > 80


@pytest.mark.parametrize(("path", "count"), ENTRIES.items())
def test_what_can_be_read_is_read(cycle: dict[str, Any], path: str, count: int) -> None:
    """A feed that is odd but readable brings all its entries."""
    update = cycle["updates"][path]
    assert update.facts.outcome == "updated", update.failures
    assert len(update.articles) == count


@pytest.mark.parametrize(("path", "trouble"), TROUBLES.items())
def test_what_cannot_be_read_has_a_row_that_says_why(cycle: dict[str, Any], path: str, trouble: Trouble) -> None:
    """A feed that cannot be read fails for the right reason, in one line, and is due again."""
    update = cycle["updates"][path]
    assert (update.facts.outcome, update.failures[0].trouble) == ("failed", trouble)
    assert "\n" not in update.failures[0].reason
    assert update.failures[0].reason
    assert NOW < update.state.next_due_at <= NOW + timedelta(days=1.1)
    assert update.state.failure_weight > 0


@pytest.mark.parametrize("path", GOOD_FEEDS)
def test_other_feeds_are_untouched(cycle: dict[str, Any], path: str) -> None:
    """A good feed in the middle of bad ones brings its entries, and quickly."""
    update = cycle["updates"][path]
    assert (update.facts.outcome, len(update.articles)) == ("updated", 3)


def test_the_cycle_ends_in_time(cycle: dict[str, Any]) -> None:
    """Timeouts run side by side: a hundred bad feeds together take many times as long as the cycle."""
    assert sum(update.facts.duration_s for update in cycle["updates"].values()) > 3 * cycle["seconds"]


def test_a_retired_feed_is_left_alone(cycle: dict[str, Any]) -> None:
    """410 is said once, and the feed is asked again in a month."""
    update = cycle["updates"]["gone"]
    assert (update.facts.outcome, update.state.health) == ("gone", "gone")
    assert update.state.next_due_at == NOW + timedelta(days=30)
    assert update.notice


@pytest.mark.parametrize("path", ["truncated", "gzip-truncated"])
def test_a_broken_answer_is_used_and_asked_for_again(cycle: dict[str, Any], path: str) -> None:
    """What arrived whole is kept, and nothing is remembered that would make the server say "not modified"."""
    update = cycle["updates"][path]
    assert update.articles
    assert update.failures[-1].trouble == Trouble.TRUNCATED
    assert (update.state.etag, update.state.last_modified, update.state.body_hash) == (None, None, None)


def test_an_entry_without_anything_has_a_row(cycle: dict[str, Any]) -> None:
    """One empty entry is named and skipped; the others stay."""
    assert [f.trouble for f in cycle["updates"]["entry-of-nothing"].failures] == [Trouble.ENTRY]


def test_nothing_active_is_left(cycle: dict[str, Any]) -> None:
    """Markup is gone, also markup that was escaped twice; external entities are not read."""
    article = cycle["updates"]["active"].articles[0]
    assert (article.title, "script" in article.text, "<" in article.text) == ("Tanks", False, False)
    assert "root:" not in cycle["updates"]["external"].articles[0].document
    assert len(cycle["updates"]["laughs"].articles[0].document) < 10_000


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("cp1251-undeclared", "Россия предупреждает"),
        ("utf8-as-cp1251", "Россия предупреждает"),
        ("utf16", "Wide"),
        ("mojibake", "It’s Zelensky’s"),
    ],
)
def test_wrong_charset_declarations_do_no_harm(cycle: dict[str, Any], path: str, title: str) -> None:
    """What validates is believed before what is declared."""
    assert cycle["updates"][path].articles[0].title == title


def test_dates_are_read_or_unknown(cycle: dict[str, Any]) -> None:
    """An odd date is read, one in the future or in another tongue is unknown, and the raw string is kept."""
    articles = cycle["updates"]["odd-dates"].articles
    assert [a.published for a in articles] == [datetime(2022, 7, 27, 19, 35, 5, tzinfo=UTC), None, None]
    assert [a.published_raw for a in articles][2] == "gestern"


def test_a_permanent_redirect_is_not_believed_at_once(cycle: dict[str, Any]) -> None:
    """A 301 is remembered only where every hop was permanent, and not yet followed for good."""
    updates = cycle["updates"]
    assert updates["moved"].state.redirect_url.endswith("/good")
    assert updates["moved"].state.url.endswith("/moved")
    assert updates["moved-then-found"].state.redirect_url.endswith("/found")
    assert updates["found"].state.redirect_url is None


async def get(server: BadServer, path: str, **settings: Any) -> Any:
    allowed = FetchSettings(allow=frozenset({f"localhost:{server.port}"}), **settings)
    async with Fetcher(allowed, now=NOW) as fetcher:
        return await fetcher.get(server.url(path))


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("throttled-seconds", 3600),
        ("throttled-date", 24 * 3600),
        ("throttled", 900),
        ("throttled-nonsense", 900),
        ("unavailable-for", 7200),
    ],
)
def test_retry_after_pauses_the_host(path: str, seconds: int) -> None:
    """Seconds, a date (at most a day) or nothing: the host is left alone, for all its feeds."""

    async def run() -> None:
        async with BadServer() as server, Fetcher(SETTINGS, now=NOW, listed=[server.url("")]) as fetcher:
            first = await fetcher.get(server.url(path))
            second = await fetcher.get(server.url("good"))
            assert isinstance(first, Failed)
            assert isinstance(second, Failed)
            assert (first.trouble, second.trouble) == (Trouble.THROTTLED, Trouble.THROTTLED)
            assert first.retry_after_s == seconds
            assert server.hits["good"] == 0

    asyncio.run(run())


def test_a_name_that_changes_its_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the address is checked when it is dialled, so no earlier answer of the name matters."""
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    real = socket.getaddrinfo

    def resolve(host: str, port: int, **options: Any) -> Any:
        return real(next(answers) if host == "rebind.example" else host, port, **options)

    async def run() -> None:
        async with BadServer() as server, Fetcher(SETTINGS, now=NOW, listed=[server.url("")]) as fetcher:
            assert (resolve("rebind.example", server.port))[0][4][0] == "93.184.216.34"
            answer = await fetcher.get(f"http://rebind.example:{server.port}/good")
            assert isinstance(answer, Failed)
            assert answer.trouble == Trouble.REFUSED_ADDRESS
            assert server.hits["good"] == 0

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    asyncio.run(run())


def test_names_without_an_address_fail_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network forty feeds fail side by side, each in one line."""
    asked, most = set[int](), list[int]()

    def resolve(*_: Any, **__: Any) -> Any:
        asked.add(threading.get_ident())
        most.append(len(asked))
        time.sleep(0.1)
        asked.discard(threading.get_ident())
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    async def run() -> dict[str, FeedUpdate]:
        feeds = [FeedSpec(id=f"f{n}", outlet="x", url=f"https://f{n}.example/feed") for n in range(40)]
        updates = update_feeds(due(feeds, {}, NOW), settings=SETTINGS, now=NOW, budget=BUDGET, known=nothing)
        return await collect(updates)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    updates = asyncio.run(run())
    assert {update.failures[0].reason for update in updates.values()} == {"the host name has no address"}
    assert max(most) > 3


@pytest.mark.usefixtures("in_process")
def test_what_does_not_fit_the_budget_stays_due() -> None:
    """A slow feed is postponed with its state as it was, and the cycle ends."""

    async def run() -> dict[str, FeedUpdate]:
        async with BadServer() as server:
            due_feeds = due([spec(server, "hang"), spec(server, "good")], {}, NOW)
            budget = timedelta(seconds=500)
            updates = update_feeds(due_feeds, settings=SETTINGS, now=NOW, budget=budget, known=nothing)
            first = await anext(updates)
            let_pass(budget.total_seconds())
            return {first.feed.id: first} | await collect(updates)

    updates = asyncio.run(run())
    assert (updates["hang"].facts.outcome, updates["hang"].state.next_due_at) == ("postponed", None)
    assert updates["good"].articles


@pytest.mark.usefixtures("in_process")
def test_validators_are_sent_back_as_they_came() -> None:
    """Last-Modified is a token of the server's: one from 2041 is returned unchanged."""

    async def run() -> None:
        async with BadServer() as server:
            feed, states = spec(server, "from-2041"), dict[str, FeedState]()
            for now in (NOW, NOW + timedelta(days=1)):
                due_feeds = due([feed], states, now)
                updates = update_feeds(due_feeds, settings=SETTINGS, now=now, budget=BUDGET, known=nothing)
                (update,) = (await collect(updates)).values()
                states = {feed.id: update.state}
            assert server.requests[-1].headers["if-modified-since"] == "Tue, 01 Jan 2041 00:00:00 GMT"
            assert update.facts.outcome == "unchanged"

    asyncio.run(run())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_cookie_lives_for_one_chain_of_redirects(host: str) -> None:
    """What a wall sets is sent back to it at once and forgotten: no visit can be tied to another."""

    async def run() -> list[str]:
        async with BadServer() as server:
            base = server.url("").replace("localhost", host)
            settings = replace(SETTINGS, allow=frozenset({host}))
            async with Fetcher(settings, now=NOW, listed=[base]) as fetcher:
                await fetcher.get(f"{base}wall")
                await fetcher.get(f"{base}good")
            return [request.headers.get("cookie", "") for request in server.requests]

    assert asyncio.run(run()) == ["", "pass=yes", ""]


def test_a_tolerant_request_is_guarded_too() -> None:
    """Asking again in another way opens no address that is forbidden."""

    async def run() -> int:
        async with BadServer() as server, Fetcher(FetchSettings(), now=NOW) as fetcher:
            request = fetcher._tolerantly(server.url("length-twice"), {})
            with pytest.raises(OSError, match="not an address of the public internet"):
                await request
            return server.hits.total()

    assert asyncio.run(run()) == 0


def test_an_answer_that_breaks_http_says_whose_fault_it_is() -> None:
    """The message names the server and what it did."""

    async def run() -> Fetched:
        async with BadServer() as server, Fetcher(SETTINGS, now=NOW, listed=[server.url("")]) as fetcher:
            return await fetcher.get(server.url("lengths-that-differ"))

    failed = asyncio.run(run())
    assert isinstance(failed, Failed)
    assert re.match(r"the server breaks HTTP: it gives '5' and '\d+' for its length", failed.reason)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["chunked-with-content-length", "duplicate-content-length", "space-before-colon"])
def test_answers_that_curl_reads_are_read(shared: Path, name: str) -> None:
    """As they were sent by real servers."""
    raw = (shared / "fixtures" / "feed-cases" / f"02-{name}.http").read_bytes()
    assert titles_of(raw) == ["Raw story"]


@pytest.mark.shared
def test_a_sitemap_in_a_compressed_file_is_read(shared: Path) -> None:
    """Its server says nothing of the compression."""
    packed = (shared / "fixtures" / "feed-cases" / "09-news-sitemap.xml.gz").read_bytes()
    assert titles_of(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-gzip\r\n\r\n" + packed) == ["From the sitemap"]


def titles_of(raw: bytes) -> list[str]:
    """Return the titles of the articles that an answer brings, sent byte for byte."""

    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    async def run() -> FeedUpdate:
        async with BadServer() as server:
            server.behaviours["raw"] = behave
            due_feeds = due([spec(server, "raw")], {}, NOW)
            updates = update_feeds(due_feeds, settings=SETTINGS, now=NOW, budget=BUDGET, known=nothing)
            return (await collect(updates))["raw"]

    return [article.title for article in asyncio.run(run()).articles]


def test_the_user_agent_says_who_asks() -> None:
    """A publisher can tell who reads and how to reach them."""
    assert agent(FetchSettings(contact="mailto:desk@example.org")).endswith("; mailto:desk@example.org")

    async def run() -> None:
        async with BadServer() as server:
            assert isinstance(await get(server, "good"), Body)
            assert server.requests[0].headers["user-agent"].startswith("Brinkwatch/")

    asyncio.run(run())


def test_a_host_is_allowed_at_its_port_and_no_other() -> None:
    """A feed of an intranet that redirects to another service of the same machine is refused, and so is its page."""

    async def run() -> tuple[list[Any], int]:
        async with BadServer() as feeds, BadServer() as other:

            async def elsewhere(_: Request, writer: asyncio.StreamWriter) -> None:
                await answer(writer, status="302 Found", headers={"Location": other.url("good")})

            feeds.behaviours["to-other-port"] = elsewhere
            async with Fetcher(SETTINGS, now=NOW, listed=[feeds.url("")]) as fetcher:
                asked = [feeds.url("good"), feeds.url("to-other-port"), other.url("good")]
                return [await fetcher.get(url) for url in asked], len(other.requests)

    (good, *refused), reached = asyncio.run(run())
    assert isinstance(good, Body)
    assert [answered.trouble for answered in refused] == [Trouble.REFUSED_ADDRESS] * 2
    assert reached == 0


@pytest.mark.parametrize(
    ("allow", "listed", "expected"),
    [
        (["localhost:8080"], [], ["localhost:8080"]),
        (["a.lan"], [], ["a.lan:443", "a.lan:80"]),
        (
            ["a.lan"],
            ["http://a.lan:8080/feed", "http://b.lan:8080/feed", "http://[a.lan:1/"],
            ["a.lan:443", "a.lan:80", "a.lan:8080"],
        ),
        (["a.lan:81"], ["http://a.lan:8080/feed"], ["a.lan:81"]),
        (["[::1]"], ["http://[::1]:8080/feed"], ["[::1]:443", "[::1]:80", "[::1]:8080"]),
    ],
)
def test_a_host_without_a_port_is_allowed_where_the_list_names_it(
    allow: list[str], listed: list[str], expected: list[str]
) -> None:
    """And at the ports of the web; one with a port only there."""
    assert sorted(places(allow, listed)) == expected


def test_spacing_keeps_requests_to_one_host_apart() -> None:
    """Two requests to one host start at least four fifths of the spacing apart."""

    async def run() -> float:
        settings = FetchSettings(allow=frozenset({"localhost"}), spacing_s=0.5)
        async with BadServer() as server, Fetcher(settings, now=NOW, listed=[server.url("")]) as fetcher:
            started = time.monotonic()
            await asyncio.gather(*(fetcher.get(server.url("good")) for _ in range(3)))
            return time.monotonic() - started

    assert asyncio.run(run()) >= 0.8


def test_a_state_of_another_address_starts_afresh() -> None:
    """When the list gives a feed another address, nothing of the old one's validators is used."""
    old = FeedState(feed="a", url="http://old.example/", listed_url="http://old.example/", etag='"x"', body_hash="h")
    (due_feed,) = due([FeedSpec(id="a", outlet="A", url="http://new.example/")], {"a": old}, NOW)
    assert (due_feed.state.url, due_feed.state.etag, due_feed.state.body_hash) == ("http://new.example/", None, None)


@pytest.mark.parametrize(
    ("headers", "off"),
    [
        ({"Date": "Sat, 21 Nov 2026 02:00:00 GMT"}, 864_000),
        ({"Date": "Sat, 21 Nov 2026 01:00:00 GMT", "Age": "3600"}, 864_000),
        ({"Date": "Sat, 21 Nov 2026 02:00:00 -0000"}, 864_000),
        ({"Date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_clock_is_compared_with_the_servers(headers: dict[str, str], off: int | None) -> None:
    """By the Date of its answer, which a cache may have kept for a while; what is no date says nothing."""

    async def run() -> Fetched:
        async with BadServer() as server:
            server.serve("feed", GOOD, **headers)
            url = server.url("feed")
            async with Fetcher(SETTINGS, now=datetime(2026, 12, 1, 2, tzinfo=UTC), listed=[url]) as fetcher:
                return await fetcher.get(url)

    body = asyncio.run(run())
    assert isinstance(body, Body)
    assert body.clock_off_s == (off and pytest.approx(off, abs=300))
