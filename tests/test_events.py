"""Different articles on one event are one event; copies, other weapons and other days are told apart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from transactions import store_articles, store_signals, transact
from warehouses import new_warehouse

from extractors.records import Alert, AlertKind, Article, DeliveryStatus, News, Signals, WeaponMention, content_id
from flows.steps.pickup import note_of
from warehouse.novelty.events import Events, Report, alike, report_of
from warehouse.novelty.preparation import prepare
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.stored_records import SentMessage
from warehouse.tables.outbox import claim_alerts, record_delivery
from warehouse.tables.refreshes import record_refresh, sent_messages_to_refresh

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
FIRST = "Harbour port burns after strike with anvil glide bombs"
SAME = "Glide bombs of the anvil type set the harbour port ablaze"
OTHER = "Parliament debates what the anvil costs, and sends the budget to a committee"


def article(number: int, title: str, *, hours: float = 0, **fields: Any) -> Article:
    when = NOW + timedelta(hours=hours)
    return Article(
        id=f"a{number}", identity=f"u{number}", title=title, text=f"Text {number}.", source=f"Outlet {number}",
        published=when, seen=when, **fields,
    )  # fmt: skip


def signals(read: Article, *slugs: str) -> Signals:
    mentions = tuple(
        WeaponMention(
            weapon=slug, name=slug.title(), category="missile", specific=True, known=True, family=None, text=slug,
            start=0, end=len(slug),
        )
        for slug in slugs
    )  # fmt: skip
    return Signals(article=read.id, weapons=mentions)


def report(number: int, title: str, *slugs: str, hours: float = 0, **fields: str | None) -> Report:
    read = article(number, title, hours=hours, **fields)
    made = report_of(prepare(read, signals(read, *(slugs or ("anvil",))), now=NOW), now=NOW)
    assert made
    return made


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (report(2, SAME), True),
        (report(2, SAME, hours=47), True),
        (report(2, SAME, hours=49), False),
        (report(2, SAME, "bellows"), False),
        (report(2, SAME, "bellows", "anvil"), True),
        (report(2, OTHER), False),
    ],
)
def test_reports_of_one_event_are_near_and_alike(other: Report, same: bool) -> None:
    """Near in date, with an anchor in common, and with the same telling words in title or lead."""
    events = Events()
    first = events.place(report(1, FIRST))
    assert (events.place(other).event == first.event) is same


def test_copies_are_of_one_event_however_they_are_titled() -> None:
    """A story is one text, so it is one event."""
    assert alike(report(1, FIRST, story="s"), report(2, OTHER, story="s")) == 1.0


def test_an_event_ends() -> None:
    """Reports that follow each other by a day do not make one event of a week."""
    events = Events()
    placed = [events.place(report(day, FIRST, hours=24 * day)) for day in range(8)]
    assert len({each.event for each in placed}) == 2


def test_an_event_ends_although_its_reports_come_in_batches(tmp_path: Path) -> None:
    """Where it began is known, however long ago."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    for day in range(8):
        store(warehouse, "1", (article(day, FIRST, hours=24 * day), ("anvil",)))
    warehouse.publish()
    assert query(warehouse.path, "SELECT articles FROM events ORDER BY first_reported").rows == [(5,), (3,)]


def test_an_article_in_which_nothing_was_found_is_no_report() -> None:
    """Ordinary news costs nothing."""
    read = article(1, FIRST)
    assert report_of(prepare(read, Signals(article=read.id), now=NOW), now=NOW) is None


def decide(news: Sequence[News]) -> list[Alert]:
    return [
        Alert(
            id=content_id("alert", item.claim), kind=AlertKind.NEW_WEAPON, claim=item.claim, article=item.article.id,
            story=item.article.story or "", headline="New weapon", why="", sentence="", marks=(), severity=3,
            speaker=None, role=None, outlet=item.article.source, ownership=None, title="", url=None,
            published=item.article.published, seen=NOW, backlog=False, suppressed=None,
        )
        for item in news
    ]  # fmt: skip


def store(warehouse: Warehouse, version: str, *found: tuple[Article, tuple[str, ...]]) -> None:
    store_articles(warehouse, [read for read, _ in found], now=NOW)
    store_signals(
        warehouse,
        [(read, signals(read, *slugs)) for read, slugs in found],
        version=version,
        now=NOW,
        decide=decide,
    )


def test_events_are_stored_and_outlast_another_reading(tmp_path: Path) -> None:
    """The view tells what each event is about, in which outlets; an article read again stays where it is."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    one, two, three = article(1, FIRST), article(2, SAME, hours=5), article(3, OTHER, hours=6)
    store(warehouse, "1", (one, ("anvil",)))
    store(warehouse, "1", (two, ("anvil",)), (three, ("anvil",)))
    store(warehouse, "2", (two, ("bellows",)))
    warehouse.publish()
    held = query(warehouse.path, "SELECT title, articles, outlets FROM events ORDER BY first_reported")
    assert list(map(tuple, held.rows)) == [(FIRST, 2, ["Outlet 1", "Outlet 2"]), (OTHER, 1, ["Outlet 3"])]


def test_a_message_says_who_else_reports_its_event(tmp_path: Path) -> None:
    """Articles that tell other things of the event are counted beside those that make the claim."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    store(warehouse, "1", (article(1, FIRST), ("anvil", "bellows")))
    for number, claimed in enumerate(
        transact(warehouse, claim_alerts, route="slack", now=NOW, lease=timedelta(minutes=1))
    ):
        transact(
            warehouse,
            record_delivery,
            [claimed.alert.id],
            route="slack",
            status=DeliveryStatus.DELIVERED,
            now=NOW,
            receipt=f"C:{number}",
        )
    assert transact(warehouse, sent_messages_to_refresh, route="slack", since=NOW - timedelta(days=1), limit=5) == []
    store(warehouse, "1", (article(2, SAME, hours=5), ("anvil",)))
    moved = transact(warehouse, sent_messages_to_refresh, route="slack", since=NOW - timedelta(days=1), limit=5)
    told = {len(each.articles): (each.also_reports, each.also_outlets) for each in moved}
    assert told == {1: (1, 1), 2: (0, 0)}
    for each in moved:
        transact(warehouse, record_refresh, each, route="slack")
    assert transact(warehouse, sent_messages_to_refresh, route="slack", since=NOW - timedelta(days=1), limit=5) == []


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"also_reports": 4, "also_outlets": 3}, "Also on this event: 4 reports by 3 outlets."),
        ({"also_reports": 1, "also_outlets": 1}, "Also on this event: 1 report by 1 outlet."),
        ({"words": "We will stop the gas."}, "What was said: “We will stop the gas.”"),
        ({}, ""),
    ],
)
def test_the_line_below_a_message_reads(fields: dict[str, Any], note: str) -> None:
    """Who else reports the event, and what vague words turned out to mean."""
    assert note_of(SentMessage(receipt="C:1", alerts=(), articles=(), withdrawn=False, **fields)) == note
