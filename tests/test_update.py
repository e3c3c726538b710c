"""Feeds over several polls: nothing lost, nothing twice, whatever the feed does to its entries and validators."""

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from badserver import BadServer, Request, answer, item, rss

from extractors.records import Article
from flows.sources import batched_lookup
from flows.sources.backpressure import Backpressure
from flows.sources.batched_lookup import BatchedLookup
from flows.sources.feed_records import FeedSpec, FeedState, FeedUpdate, FetchSettings, Trouble
from flows.sources.http.politeness import HostGate
from flows.sources.schedule import due
from flows.sources.update import update_feeds

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PATIENT: dict[str, Any] = {"connect_timeout_s": 300.0, "read_timeout_s": 300.0, "total_timeout_s": 300.0}
"""More than a server on loopback needs on the busiest machine."""
SETTINGS = FetchSettings(
    allow=frozenset({"localhost"}), spacing_s=0.0, per_host=20, full_text=False, workers=1, **PATIENT
)  # fmt: skip


@dataclass
class Monitor:
    """Polls one feed again and again, and stores what it brings as the warehouse does."""

    server: BadServer
    settings: FetchSettings = SETTINGS
    path: str = "feed"
    state: FeedState | None = None
    now: datetime = START
    articles: dict[str, Article] = field(default_factory=dict)
    """By article id, so that a repeat is no second row."""
    batches: list[list[str]] = field(default_factory=list)
    """Titles of the articles each poll brought, repeats included."""

    async def poll(self, *, hours: float = 30, budget: float = 300) -> FeedUpdate:
        self.now += timedelta(hours=hours)
        feed = FeedSpec(id="f", outlet="Outlet", url=self.server.url(self.path))
        due_feeds = due([feed], {"f": self.state} if self.state else {}, self.now)
        identities = {article.identity for article in self.articles.values()}
        updates = update_feeds(
            due_feeds,
            settings=self.settings,
            now=self.now,
            budget=timedelta(seconds=budget),
            known=lambda asked: identities & set(asked),
        )
        (update,) = [update async for update in updates]
        self.state = update.state
        self.batches.append([article.title for article in update.articles])
        self.articles |= {article.id: article for article in update.articles}
        return update

    @property
    def identities(self) -> int:
        return len({article.identity for article in self.articles.values()})


def monitored(script: Callable[[Monitor], Awaitable[None]], settings: FetchSettings = SETTINGS) -> Monitor:
    """Run ``script`` against a fresh server and return the monitor."""

    async def run() -> Monitor:
        async with BadServer() as server:
            monitor = Monitor(server, settings)
            await script(monitor)
            return monitor

    return asyncio.run(run())


def serve(monitor: Monitor, items: list[str], **headers: str) -> None:
    monitor.server.serve("feed", rss(items), **headers)


def conditional(monitor: Monitor, items: list[str], *, etag: str) -> None:
    """Serve ``items`` under an ETag, and 304 to whoever has it."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.headers.get("if-none-match") == etag:
            await answer(writer, status="304 Not Modified", headers={"ETag": etag})
        else:
            await answer(writer, rss(items), headers={"ETag": etag})

    monitor.server.behaviours["feed"] = behave


CHANGES: dict[str, tuple[list[str], list[str], int]] = {
    # first poll, second poll, entries that are new in the second
    "nothing changed": ([item(1), item(2)], [item(1), item(2)], 0),
    "one more": ([item(1), item(2)], [item(3), item(1), item(2)], 1),
    "reordered": ([item(1), item(2), item(3)], [item(3), item(1), item(2)], 0),
    "new guids for all": ([item(n, guid=f"a{n}") for n in range(4)], [item(n, guid=f"b{n}") for n in range(4)], 0),
    "new guids for all and no links": (
        [item(n, guid=f"a{n}", link=" ") for n in range(4)],
        [item(n, guid=f"b{n}", link=" ") for n in range(4)],
        0,
    ),
    "new links for all": (
        [item(n, link=f"http://localhost/{n}?session=1") for n in range(4)],
        [item(n, link=f"http://localhost/{n}?session=2") for n in range(4)],
        0,
    ),
    "new tracking in all links": (
        [item(n, link=f"http://localhost/{n}?utm_id=1") for n in range(4)],
        [item(n, link=f"http://www.localhost/{n}?utm_id=2#x") for n in range(4)],
        0,
    ),
    "one slug follows its edited title": (
        [item(1), item(2, link="http://localhost/old-slug", title="Old")],
        [item(1), item(2, link="http://localhost/new-slug", title="New")],
        0,
    ),
    "new dates for all": (
        [item(n, date="Fri, 20 Nov 2026 10:00:00 GMT") for n in range(4)],
        [item(n, date="Fri, 20 Nov 2026 11:00:00 GMT") for n in range(4)],
        0,
    ),
    "same time for old and new": (
        [item(1, date="Fri, 20 Nov 2026 10:00:00 GMT")],
        [item(n, date="Fri, 20 Nov 2026 10:00:00 GMT") for n in (1, 2, 3)],
        2,
    ),
    "new ones dated before the old": (
        [item(50), item(51)],
        [item(50), item(51), item(1), item(2)],
        2,
    ),
    "all link home": (
        [item(n, link="http://localhost/") for n in range(3)],
        [item(n, link="http://localhost/") for n in range(5)],
        2,
    ),
    "one that links home, later another": (
        [item(1), item(2, link="http://localhost/"), item(3, link="http://localhost/")],
        [item(4, link="http://localhost/"), item(1)],
        1,
    ),
    "one guid for all": (
        [item(n, guid="x") for n in range(3)],
        [item(n, guid="x") for n in range(5)],
        2,
    ),
    "one guid and one link for all": (
        [item(n, guid="x", link="http://localhost/") for n in range(3)],
        [item(n, guid="x", link="http://localhost/") for n in range(5)],
        2,
    ),
    "guids by position": (
        [item(n, guid=f"{i}") for i, n in enumerate((1, 2, 3))],
        [item(n, guid=f"{i}") for i, n in enumerate((4, 1, 2))],
        1,
    ),
    "guids by position and no links": (
        [item(n, guid=f"{i}", link=" ") for i, n in enumerate((1, 2, 3))],
        [item(n, guid=f"{i}", link=" ") for i, n in enumerate((4, 1, 2))],
        1,
    ),
    "same headline every day": (
        [item(1, title="Daily briefing")],
        [item(2, title="Daily briefing"), item(1, title="Daily briefing")],
        1,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("in_process")
def test_new_is_told_from_known(change: str) -> None:
    """Whatever changes around an entry, it is new exactly once."""
    first, second, expected = CHANGES[change]

    async def script(monitor: Monitor) -> None:
        serve(monitor, first)
        await monitor.poll()
        serve(monitor, second)
        update = await monitor.poll()
        assert update.facts.new_entries == expected
        again = await monitor.poll()
        assert (again.facts.new_entries, again.articles) == (0, ())

    assert monitored(script).identities == len(first) + expected


@pytest.mark.usefixtures("in_process")
def test_an_edited_body_is_a_new_revision_of_the_same_article() -> None:
    """A live blog gains text at one address: same identity, another id, read again."""

    async def script(monitor: Monitor) -> None:
        for text in ("Morning", "Morning and noon", "Morning, noon and night"):
            serve(monitor, [item(1, text=text), item(2)])
            await monitor.poll()

    monitor = monitored(script)
    assert monitor.batches == [["Item 1", "Item 2"], ["Item 1"], ["Item 1"]]
    assert (len(monitor.articles), monitor.identities) == (4, 2)


def test_an_edited_title_is_no_new_article() -> None:
    """Same address, another headline: a revision."""

    async def script(monitor: Monitor) -> None:
        for title in ("Talks fail", "Talks fail, minister says"):
            serve(monitor, [item(1, title=title)])
            await monitor.poll()

    assert monitored(script).identities == 1


def test_a_restart_repeats_nothing() -> None:
    """With its states lost, the monitor still knows by identity what the warehouse holds."""

    async def script(monitor: Monitor) -> None:
        serve(monitor, [item(n) for n in range(5)])
        await monitor.poll()
        monitor.state = None
        update = await monitor.poll()
        assert (update.facts.new_entries, update.articles) == (0, ())

    monitored(script)


def test_a_feed_that_turned_over_raises_the_alarm() -> None:
    """Nothing of the last poll is there any more: what came and went in between was never seen, and that is said."""

    async def script(monitor: Monitor) -> None:
        serve(monitor, [item(n) for n in range(10)])
        first = await monitor.poll()
        serve(monitor, [item(n) for n in range(30, 40)])
        second = await monitor.poll()
        assert (first.facts.may_have_missed, second.facts.may_have_missed) == (False, True)
        assert second.state.missed_alarms == 1
        assert second.state.interval_s < first.state.interval_s
        assert second.facts.new_entries == 10

    monitored(script)


@pytest.mark.usefixtures("in_process")
def test_a_feed_that_turned_over_raises_the_alarm_though_another_brought_the_same() -> None:
    """What a sister feed had is no second article; of this feed, everything between two polls may still be missing."""

    async def script(monitor: Monitor) -> None:
        serve(monitor, [item(n) for n in range(10)])
        await monitor.poll()
        own, monitor.state, monitor.path = monitor.state, None, "sister"
        monitor.server.serve("sister", rss([item(n) for n in range(30, 40)]))
        await monitor.poll()
        monitor.state, monitor.path = own, "feed"
        serve(monitor, [item(n) for n in range(30, 40)])
        update = await monitor.poll()
        assert (update.facts.new_entries, update.facts.may_have_missed) == (0, True)
        again = await monitor.poll()
        assert (again.facts.overlap, again.facts.may_have_missed) == (None, False)

    assert monitored(script).identities == 20


@pytest.mark.usefixtures("in_process")
def test_a_feed_at_a_new_address_and_one_cut_off_raise_no_alarm() -> None:
    """There nothing of the last poll need be."""

    async def cut(request: Request, writer: asyncio.StreamWriter) -> None:
        body = rss(item(n) for n in range(60, 80)).encode()
        await answer(writer, body[: len(body) // 3], headers={"Content-Length": str(len(body))})

    async def script(monitor: Monitor) -> None:
        serve(monitor, [item(n) for n in range(10)])
        await monitor.poll()
        monitor.path = "moved"
        monitor.server.serve("moved", rss([item(n) for n in range(30, 40)]))
        moved = await monitor.poll()
        monitor.server.behaviours["moved"] = cut
        truncated = await monitor.poll()
        assert (moved.facts.overlap, moved.facts.may_have_missed) == (0.0, False)
        assert (truncated.facts.overlap, truncated.facts.may_have_missed) == (0.0, False)

    monitored(script)


@pytest.mark.usefixtures("in_process")
def test_not_modified_is_believed_until_the_audit_and_lies_are_counted() -> None:
    """An ETag that never changes is found out by asking in full now and then; after two lies 304 is not asked for."""

    async def script(monitor: Monitor) -> None:
        conditional(monitor, [item(1)], etag='"same"')
        await monitor.poll()
        for number in (2, 3):
            conditional(monitor, [item(n) for n in range(1, number + 1)], etag='"same"')
            outcomes = [(await monitor.poll()).facts for _ in range(13)]
            assert [facts.status for facts in outcomes] == [304] * 12 + [200]
            assert (outcomes[-1].lying_304, outcomes[-1].new_entries) == (True, 1)
        assert (await monitor.poll()).facts.status == 200
        assert monitor.state is not None
        assert monitor.state.lying_304 == 2

    assert monitored(script).identities == 3


def test_the_same_body_with_new_validators_is_unchanged() -> None:
    """Without a usable ETag, the body's hash spares the parser."""

    async def script(monitor: Monitor) -> None:
        monitor.server.serve("feed", rss([item(1)]))
        await monitor.poll()
        assert (await monitor.poll()).facts.outcome == "unchanged"

    monitored(script)


@pytest.mark.usefixtures("in_process")
def test_a_malformed_entry_costs_itself_and_comes_when_it_is_mended() -> None:
    """The others are read, it has a row that says why; nothing is read twice when it can be read at last."""

    async def script(monitor: Monitor) -> None:
        serve(monitor, [item(1), "<item></item>", item(3)])
        first = await monitor.poll()
        assert [failure.trouble for failure in first.failures] == [Trouble.ENTRY]
        serve(monitor, [item(1), item(2), item(3)])
        second = await monitor.poll()
        assert (second.failures, second.facts.new_entries) == ((), 1)

    assert monitored(script).batches == [["Item 1", "Item 3"], ["Item 2"]]


@pytest.mark.usefixtures("in_process")
def test_what_a_cap_cuts_comes_later_in_spite_of_304() -> None:
    """A document over the limit is read over several polls, unconditionally until the whole of it was."""

    async def script(monitor: Monitor) -> None:
        conditional(monitor, [item(n) for n in range(100)], etag='"v1"')
        updates = [await monitor.poll() for _ in range(12)]
        assert updates[0].facts.pending == 80
        assert updates[0].state.interval_s >= 0
        assert [u.facts.status for u in updates][-2:] == [304, 304]

    monitor = monitored(script, replace(SETTINGS, max_entries=20))
    assert monitor.identities == 100
    assert len(monitor.articles) == 100


def test_pages_over_the_cap_come_later_in_spite_of_304() -> None:
    """At most so many pages are read for a feed in one cycle; the entries over it wait, and are fetched next."""

    async def script(monitor: Monitor) -> None:
        port = monitor.server.port
        items = [item(n, link=f"http://localhost:{port}/page?{n}") for n in range(7)]
        conditional(monitor, items, etag='"v1"')
        monitor.server.serve("page", lambda request: page(f"Item {request.path}"), Content_Type="text/html")
        updates = [await monitor.poll() for _ in range(4)]
        assert [len(update.articles) for update in updates] == [3, 3, 1, 0]
        assert [update.facts.pending for update in updates] == [4, 1, 0, 0]
        assert updates[0].articles[0].backlog
        assert updates[3].facts.status == 304

    monitor = monitored(script, replace(SETTINGS, full_text=True, pages_per_feed=3))
    assert monitor.identities == 7
    assert all("quite a few words" in article.text for article in monitor.articles.values())


def page(title: str, paragraphs: int = 8) -> str:
    text = "".join(
        f"<p>Paragraph {n} of {title} has quite a few words about an item, so that it is taken for the article.</p>"
        for n in range(paragraphs)
    )
    return f"<html><head><title>{title}</title></head><body><nav>Home</nav><article>{text}</article></body></html>"


@pytest.mark.usefixtures("in_process")
def test_a_live_blog_is_read_again_when_only_its_update_time_changes() -> None:
    """Its page grows while the feed's summary stays: each update is a revision of one article."""

    async def script(monitor: Monitor) -> None:
        for hour in (10, 11, 12):
            link = f"http://localhost:{monitor.server.port}/live/page"
            entry = f"""<entry><title>Ukraine war live: strikes on Kyiv</title><id>1</id><link href="{link}"/>
                <published>2026-11-20T09:00:00Z</published><updated>2026-11-20T{hour}:00:00Z</updated>
                <summary>Follow our live coverage</summary></entry>"""
            monitor.server.serve("feed", f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>')
            monitor.server.serve("live/page", page("Live strikes", hour), Content_Type="text/html")
            await monitor.poll()

    monitor = monitored(script, replace(SETTINGS, full_text=True))
    assert (len(monitor.articles), monitor.identities) == (3, 1)


def with_page(behave: Callable[[Monitor], None], link: str = "page") -> FeedUpdate:
    """Poll a feed of one entry whose page behaves as told."""
    updates: list[FeedUpdate] = []

    async def script(monitor: Monitor) -> None:
        url = f"http://localhost:{monitor.server.port}/{link}"
        serve(monitor, [item(1, link=url, text="A summary of the item")])
        behave(monitor)
        updates.append(await monitor.poll())

    monitored(script, replace(SETTINGS, full_text=True, total_timeout_s=10.0, read_timeout_s=5.0))
    return updates[0]


def shows(html: str | bytes, kind: str = "text/html") -> Callable[[Monitor], None]:
    return lambda monitor: monitor.server.serve("page", html, Content_Type=kind)


def behaves(path: str, like: str) -> Callable[[Monitor], None]:
    return lambda monitor: monitor.server.behaviours.update({path: monitor.server.behaviours[like]})


def forbidden(monitor: Monitor) -> None:
    monitor.server.serve("robots.txt", "User-agent: *\nDisallow: /")
    monitor.server.serve("page", page("Item"))


JAVASCRIPT = "<html><body><p>Please enable JavaScript to view the item.</p></body></html>"
PAYWALL = """<html><body><article><p>The item began well.</p>
<p>Subscribe to continue reading this item. Already a subscriber? Log in.</p></article></body></html>"""
CONSENT = """<html><body><div><p>We use cookies and our partners use cookies to improve the item.
Accept all cookies or manage your choices.</p></div></body></html>"""
PAGES: dict[str, tuple[Callable[[Monitor], None], Trouble, str]] = {
    "robots.txt forbids it": (forbidden, Trouble.ROBOTS, "robots.txt"),
    "robots.txt is broken": (behaves("robots.txt", "broken"), Trouble.ROBOTS, "robots.txt"),
    "it hangs": (behaves("page", "hang"), Trouble.PAGE, "in time"),
    "it is missing": (behaves("page", "missing"), Trouble.PAGE, "HTTP 404"),
    "it is a picture": (shows(b"\x89PNG", "image/png"), Trouble.PAGE, "image/png"),
    "it wants JavaScript": (shows(JAVASCRIPT), Trouble.PAGE, "javascript"),
    "it wants a subscription": (shows(PAYWALL), Trouble.PAGE, "paywall"),
    "it wants consent": (shows(CONSENT), Trouble.PAGE, "cookies"),
    "it is empty": (shows(""), Trouble.PAGE, "empty"),
    "it is about something else": (
        shows("<html><body><article>" + "<p>Roses want sun and water.</p>" * 20 + "</article></body></html>"),
        Trouble.PAGE,
        "nothing longer",
    ),
}


@pytest.mark.parametrize("what", PAGES)
def test_without_the_page_the_summary_is_kept(what: str) -> None:
    """A page that shows no article costs nothing but itself, and there is a row that says why."""
    behave, trouble, reason = PAGES[what]
    update = with_page(behave)
    (article,) = update.articles
    (failure,) = update.failures
    assert article.text == "A summary of the item"
    assert failure.trouble == trouble
    assert reason in failure.reason


def test_a_page_gives_the_full_text() -> None:
    """Where the feed gives a summary, the article's text is the page's, without navigation."""
    update = with_page(lambda m: m.server.serve("page", page("Item 1"), Content_Type="text/html"))
    assert update.failures == ()
    assert update.articles[0].text.count("quite a few words") == 8
    assert "Home" not in update.articles[0].text


def test_a_permanent_redirect_is_followed_for_good_after_three_polls() -> None:
    """And a feed that fails at its new address goes back to the listed one."""

    async def script(monitor: Monitor) -> None:
        monitor.path = "moved"
        urls = [(await monitor.poll()).state.url.rpartition("/")[2] for _ in range(3)]
        assert urls == ["moved", "moved", "good"]
        monitor.server.behaviours["good"] = monitor.server.behaviours["missing"]
        urls = [(await monitor.poll()).state.url.rpartition("/")[2] for _ in range(3)]
        assert urls == ["good", "good", "moved"]

    monitored(script)


def test_failures_back_off_linearly_and_are_said_once() -> None:
    """404 never kills a feed: the wait grows by an interval each time, up to a day; one notice, and one on recovery."""

    async def script(monitor: Monitor) -> None:
        monitor.path = "missing"
        updates = [await monitor.poll() for _ in range(6)]
        waits = [(u.state.next_due_at - u.facts.started_at).total_seconds() for u in updates if u.state.next_due_at]
        assert waits == sorted(waits)
        assert waits[-1] <= 24 * 3600 * 1.05
        assert [update.notice is not None for update in updates] == [False, False, True, False, False, False]
        assert updates[-1].state.health == "failing"
        monitor.server.behaviours["missing"] = monitor.server.behaviours["good"]
        update = await monitor.poll()
        assert (update.state.health, update.notice) == ("ok", "recovered")

    monitored(script)


def test_the_first_fetch_is_backlog_and_what_follows_is_current() -> None:
    """An undated entry counts by whether its feed was known; one older than 72 hours is backlog whenever it comes."""

    async def script(monitor: Monitor) -> None:
        serve(monitor, [item(1), item(2, date="some day")])
        assert {a.backlog for a in (await monitor.poll(hours=1)).articles} == {True}
        fresh = item(3, date="Sat, 21 Nov 2026 05:00:00 GMT")
        serve(monitor, [fresh, item(4, date="some day"), item(5, date="Tue, 10 Nov 2026 05:00:00 GMT")])
        update = await monitor.poll(hours=4)
        assert [a.backlog for a in update.articles] == [False, False, True]

    monitored(script)


def test_many_questions_are_asked_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """While more may come, questions gather until there are many; each gets its own answer."""
    monkeypatch.setattr(batched_lookup, "MANY", 40)
    monkeypatch.setattr(batched_lookup, "LONGEST_S", 600.0)
    asked: list[int] = []
    come: list[int] = []

    def known(identities: Sequence[str]) -> set[str]:
        asked.append(len(identities))
        time.sleep(0.05)
        return {identity for identity in identities if identity.endswith("0")}

    async def ask() -> list[set[str]]:
        lookup = BatchedLookup(known, busy=lambda: len(come) < 100)

        async def one(number: int) -> set[str]:
            await asyncio.sleep(number / 1000)
            come.append(number)
            return await lookup.held([str(number), f"{number}0"])

        return await asyncio.gather(*(one(number) for number in range(100)))

    answers = asyncio.run(ask())
    assert all(f"{number}0" in answer for number, answer in enumerate(answers))
    assert all(answer <= {str(number), f"{number}0"} for number, answer in enumerate(answers))
    assert sum(asked) == 200
    assert min(asked[:-1]) >= 40


def test_few_questions_wait_only_some_time_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even while documents are being read all the time."""
    monkeypatch.setattr(batched_lookup, "LONGEST_S", 0.05)

    async def ask() -> set[str]:
        return await BatchedLookup(set, busy=lambda: True).held(["1"])

    assert asyncio.run(ask()) == {"1"}


def test_no_question_waits_for_others_that_do_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once no document is being read, the next question is asked at once, however long the last one took."""
    monkeypatch.setattr(asyncio, "sleep", lambda _: pytest.fail("waited"))

    def known(identities: Sequence[str]) -> set[str]:
        time.sleep(0.1)
        return set(identities)

    async def ask() -> None:
        lookup = BatchedLookup(known, busy=lambda: False)
        for number in range(3):
            assert await lookup.held([str(number)]) == {str(number)}

    asyncio.run(ask())


def test_no_more_is_fetched_than_is_read() -> None:
    """A request waits while as many documents wait for a parser as may."""

    async def script() -> list[str]:
        told: list[str] = []
        read = asyncio.Event()
        gate = HostGate(per_host=2, spacing_s=0.0, concurrency=2, backpressure=read.wait)

        async def request() -> None:
            async with gate.slot("example.org"):
                told.append("asked")

        task = asyncio.create_task(request())
        await asyncio.sleep(0.01)
        told.append("read")
        read.set()
        await task
        return told

    assert asyncio.run(script()) == ["read", "asked"]


def test_what_waits_for_room_is_not_woken_in_vain() -> None:
    """As long as there is no room, something that was read or stored costs one look, however many requests wait."""
    room, looks = False, 0

    def full() -> bool:
        nonlocal looks
        looks += 1
        return not room

    async def script() -> int:
        nonlocal room
        backpressure = Backpressure()
        backpressure.watch(full)
        waiting = [asyncio.create_task(backpressure.wait()) for _ in range(50)]
        await asyncio.sleep(0)
        before = looks
        for _ in range(10):
            backpressure.eased()
            await asyncio.sleep(0)
        looked, room = looks - before, True
        backpressure.eased()
        await asyncio.gather(*waiting)
        return looked

    assert asyncio.run(script()) == 10


def test_what_asks_the_workers_loads_no_parser() -> None:
    """Parsers take 20 MB, which only the workers' memory has to hold."""
    script = (
        "import sys, flows.sources.update; print(sorted({'feedparser', 'lxml', 'nh3', 'ftfy'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_one_bug_costs_one_feed(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An exception nobody foresaw is logged whole and becomes that feed's failure."""

    def explode(*_: object, **__: object) -> None:
        raise KeyError("nobody expects this")

    monkeypatch.setattr("flows.sources.reading.Reading.of", explode)

    async def script(monitor: Monitor) -> None:
        serve(monitor, [item(1)])
        update = await monitor.poll()
        assert (update.facts.outcome, update.failures[0].trouble) == ("failed", Trouble.PARSER)
        assert "nobody expects this" in caplog.text

    monitored(script)


@pytest.mark.usefixtures("in_process")
def test_requests_for_robots_txt_that_the_budget_cuts_off_end_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """One host never answers and the others wait behind it; when the budget ends they are given up, not met by bugs."""

    async def script(monitor: Monitor) -> None:
        links = [f"http://localhost:{monitor.server.port}/page", *(f"http://site{n}.localhost/page" for n in range(40))]
        serve(monitor, [item(n, link=link, text="A summary") for n, link in enumerate(links)])
        monitor.server.behaviours["robots.txt"] = monitor.server.behaviours["hang"]
        await monitor.poll(budget=1.0)

    monitored(script, replace(SETTINGS, full_text=True, concurrency=1))
    gc.collect()
    assert caplog.text == ""


def test_a_password_in_a_feeds_address_is_used_and_never_stored_or_shown() -> None:
    """Nothing of an update holds it, after a success, a redirect and a failure; and it is sent each time."""

    async def script(monitor: Monitor) -> None:
        server = monitor.server
        server.serve("feed", rss([item(1)]))
        for path in ("feed", "moved", "missing"):
            address = server.url(path).replace("://", "://reader:s3cret@")
            feed = FeedSpec(id="f", outlet="Outlet", url=address)
            for _ in range(4):
                monitor.now += timedelta(hours=30)
                due_feeds = due([feed], {"f": monitor.state} if monitor.state else {}, monitor.now)
                updates = update_feeds(
                    due_feeds,
                    settings=monitor.settings,
                    now=monitor.now,
                    budget=timedelta(seconds=30),
                    known=lambda _: set(),
                )
                (update,) = [update async for update in updates]
                monitor.state = update.state
                assert "s3cret" not in repr(update)
        assert {request.headers.get("authorization") for request in server.requests} == {"Basic cmVhZGVyOnMzY3JldA=="}

    monitored(script)
