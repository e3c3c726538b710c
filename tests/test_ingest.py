"""From feeds to stored articles: what one cycle leaves in the warehouse for the next."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import Newsroom, open_newsroom, seeds_with
from transactions import transact
from warehouses import new_warehouse

from extractors.records import Article
from flows.settings import Settings
from flows.sources.feed_records import FeedSpec, FeedState, FeedUpdate, FetchFacts, Outcome
from flows.steps import ingest
from flows.steps.cycle import run_cycle
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.tables.articles import feed_states

pytestmark = pytest.mark.usefixtures("in_process")

BODY = "The town council put off its decision on parking fees until after the summer fair, officials said. " * 4
LAVROV = "Russian Foreign Minister Sergey Lavrov warned that any attack on the Crimean bridge would mean war."
MEDVEDEV = "Dmitry Medvedev said that Russia would use nuclear weapons if NATO troops entered Ukraine."


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with open_newsroom() as room:
        room.carry("Council debates parking", BODY)
        yield room


@pytest.fixture
def settings(newsroom: Newsroom, seeds: Path, tmp_path: Path) -> Settings:
    """Settings of a monitor with an empty warehouse, whose one feed is the newsroom."""
    path = tmp_path / "data" / "warehouse.duckdb"
    new_warehouse(path)
    folder = seeds_with(newsroom, seeds, tmp_path / "seeds")
    return Settings(warehouse=path, seeds=folder, allow_hosts=frozenset({"127.0.0.1"}), _env_file=None)


def take(settings: Settings, *, hours: float) -> ingest.Ingested:
    """Take in the feeds as they are so many hours from now."""
    now = datetime.now(UTC) + timedelta(hours=hours)
    return ingest.take_feeds(settings, ingest.due_feeds(settings, now=now), now=now)


def state(settings: Settings) -> FeedState:
    return FeedState(**transact(Warehouse(settings.warehouse), feed_states)["newsroom"])


def test_an_unchanged_feed_keeps_its_memory(settings: Settings) -> None:
    """The memory is not written again, and still tells what is known after it."""
    first = take(settings, hours=0)
    before = state(settings)
    second = take(settings, hours=30)
    after = state(settings)
    assert (len(first.articles), len(second.articles), second.outcomes) == (1, 0, ())
    assert before.memory == after.memory != ""
    assert after.last_fetched_at != before.last_fetched_at


def test_an_address_that_is_edited_in_the_list_is_used_at_once(settings: Settings) -> None:
    """The feed keeps its memory, and is fetched from where the list now says."""
    take(settings, hours=0)
    with open_newsroom() as moved:
        moved.carry("Fair postponed", BODY)
        listed = settings.seeds / "feeds.csv"
        listed.write_text(listed.read_text().replace(state(settings).listed_url, f"{moved.address}/feed.xml"))
        taken = take(settings, hours=0)
        assert (len(taken.articles), state(settings).url) == (1, f"{moved.address}/feed.xml")


def test_progress_is_told_feed_by_feed(settings: Settings) -> None:
    """Whoever watches sees each feed finish."""
    told: list[tuple[int, int]] = []
    now = datetime.now(UTC)
    ingest.take_feeds(settings, ingest.due_feeds(settings, now=now), now=now, on_feed=lambda *done: told.append(done))
    assert told == [(1, 1)]


def test_feeds_that_may_have_missed_entries_are_named(settings: Settings, newsroom: Newsroom) -> None:
    """Those and no others; a run that finds nothing has nothing to tell."""
    assert take(settings, hours=0).missed == ()
    newsroom.carry("Fair postponed", BODY)
    assert take(settings, hours=1).missed == ()
    assert not take(settings, hours=2).tells
    newsroom.shows = 1
    newsroom.carry("Rain expected", BODY)
    taken = take(settings, hours=3)
    assert taken.missed == (f"newsroom: {ingest.TURNED_OVER}",)
    assert taken.tells
    assert take(settings, hours=4).missed == ()


def test_what_changes_in_a_feed_names_it(settings: Settings, newsroom: Newsroom) -> None:
    """A line for people says which feed it is about."""
    take(settings, hours=0)
    newsroom.rss = lambda: b"<html>no feed</html>"  # type: ignore[method-assign]
    notices = [notice for hours in range(2, 40, 6) for notice in take(settings, hours=hours).notices]
    assert [notice.split(": ")[0] for notice in notices] == ["newsroom"]


def update(*, articles: int) -> FeedUpdate:
    feed = FeedSpec(id="f", outlet="F", url="https://f.example/")
    facts = FetchFacts(feed="f", started_at=datetime.now(UTC), duration_s=0.0, outcome=Outcome.UPDATED)
    article = Article(id="a", text="text")
    held = tuple(replace(article, id=f"a{number}") for number in range(articles))
    return FeedUpdate(feed=feed, state=FeedState(feed="f", url=feed.url), facts=facts, articles=held)


@pytest.mark.parametrize(
    ("feeds", "articles", "expected"),
    [
        (3, 0, [3]),
        (ingest.FEEDS + 1, 0, [ingest.FEEDS, 1]),
        (5, ingest.ARTICLES // 2, [2, 2, 1]),
        (2, ingest.ARTICLES + 1, [1, 1]),
        (0, 0, []),
    ],
)
def test_what_waits_is_stored_before_it_is_much(feeds: int, articles: int, expected: list[int]) -> None:
    """A batch ends with so many feeds or articles; none is lost between two."""

    async def updates() -> AsyncIterator[FeedUpdate]:
        for _ in range(feeds):
            yield update(articles=articles)

    async def sizes() -> list[int]:
        return [len(batch) async for batch in ingest.batches(updates())]

    assert asyncio.run(sizes()) == expected


def alerts(settings: Settings) -> list[str]:
    rows = query(settings.warehouse, "SELECT title FROM alerts WHERE suppressed IS NULL ORDER BY decided_at").rows
    return [str(title) for (title,) in rows]


@pytest.mark.slow
def test_a_live_blog_alerts_only_what_it_gained(settings: Settings, newsroom: Newsroom) -> None:
    """Its new text is a revision of the same article, read again; what it said before is not told again."""
    now = datetime.now(UTC)
    seeds = settings.seeds / "articles"
    seeds.unlink()
    seeds.mkdir()
    run_cycle(settings, now=now)
    newsroom.carry("War live: Friday", f"{LAVROV} {BODY}")
    run_cycle(settings, now=now + timedelta(hours=1))
    before = alerts(settings)
    title, body, published = newsroom.entries[-1]
    newsroom.entries[-1] = (title, f"{MEDVEDEV} {body}", published)
    cycle = run_cycle(settings, now=now + timedelta(hours=2))
    gained = alerts(settings)
    assert (len(before), len(gained), len(cycle.ingested.articles)) == (1, 2, 1)
    ((identities, revisions),) = query(
        settings.warehouse, "SELECT count(DISTINCT identity), count(*) FROM articles WHERE title LIKE 'War live%'"
    ).rows
    assert (identities, revisions) == (1, 2)
