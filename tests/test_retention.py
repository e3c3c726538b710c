"""What is kept how long, and that nothing an analyst works with goes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from transactions import store_articles, store_signals, transact
from warehouses import file_of, new_warehouse

from extractors.records import Article, Signals, WeaponMention
from flows.settings import Settings
from flows.steps.ingest import forget_old
from warehouse.connection import transaction
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.tables.articles import articles_to_read, save_failures
from warehouse.tables.runs import start_run

NOW = datetime(2026, 11, 29, 13, 30, tzinfo=UTC)
MENTION = WeaponMention(
    weapon="taurus", name="Taurus", category="cruise_missile", specific=True, known=True, family=None, text="Taurus",
    start=0, end=6,
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(warehouse=tmp_path / "w.duckdb", keep_logs=90, _env_file=None)
    new_warehouse(made.warehouse)
    return made


def ids(settings: Settings, sql: str) -> list[str]:
    Warehouse(settings.warehouse).publish()
    return [row[0] for row in query(settings.warehouse, sql).rows]


def worked(settings: Settings, *days: int, now: datetime = NOW) -> None:
    """Let the monitor have run, and have failed to read something, so many days before ``now``."""
    failures = [{"where": f"{day}", "trouble": "t", "reason": "r"} for day in days]
    with transaction(settings.warehouse) as connection:
        for day, failure in zip(days, failures, strict=True):
            start_run(connection, f"{day}", now=now - timedelta(days=day))
            save_failures(connection, [failure], now=now - timedelta(days=day))


def logged(settings: Settings) -> list[list[int]]:
    """Return of which days runs and failures are kept, the latest first."""
    tables = ("SELECT kind FROM runs ORDER BY kind::INT", "SELECT place FROM failures ORDER BY place::INT")
    return [list(map(int, ids(settings, sql))) for sql in tables]


def test_old_logs_go_by_whole_days(settings: Settings) -> None:
    """What is younger stays, and a second time on one day nothing is written."""
    worked(settings, *range(95))
    forget_old(settings, now=NOW)
    assert logged(settings) == [list(range(91))] * 2
    forget_old(settings, now=NOW + timedelta(hours=9))
    assert not file_of(settings.warehouse).with_name("w.duckdb.wal").exists()


@pytest.mark.parametrize(
    ("worked_on", "jump", "kept"),
    [
        (range(95), 0, range(91)),
        (range(95), 1, range(91)),
        (range(95), 400, range(91)),
        (range(60), 400, range(60)),
        (range(300, 395), 0, range(300, 391)),
        (range(0, 500, 7), 0, range(0, 500, 7)),
        ([*range(-400, -390), *range(95)], 0, [*range(-400, -390), *range(91)]),
    ],
    ids=[
        "no jump",
        "a day",
        "a year",
        "a young monitor",
        "switched off for long",
        "run once a week",
        "the clock is back",
    ],
)
def test_a_clock_that_jumps_ahead_deletes_no_logs(
    settings: Settings, worked_on: Sequence[int], jump: int, kept: Sequence[int]
) -> None:
    """Nor does one that is right after a long pause. Days count on which the monitor ran, by whatever clock."""
    worked(settings, *worked_on)
    ahead = NOW + timedelta(days=jump)
    for minute in range(3):
        forget_old(settings, now=ahead + timedelta(minutes=minute))
    assert logged(settings) == [list(kept)] * 2


@pytest.mark.parametrize("jump", [0, 400])
def test_a_clock_that_jumps_ahead_deletes_no_articles(settings: Settings, jump: int) -> None:
    """Of those in which nothing was found, those of the last days stay on which any were stored."""
    for days in range(5):
        store_read(settings, f"{days}", at=NOW - timedelta(days=days))
    now = NOW + timedelta(days=jump)
    store_read(settings, "now", at=now)
    forget_old(settings.model_copy(update={"keep_articles": 3}), now=now)
    kept = ["0", "1", "2"] if jump else ["0", "1", "2", "3"]
    assert ids(settings, "SELECT id FROM articles ORDER BY id") == [*kept, "now"]


def store_read(settings: Settings, name: str, *, at: datetime) -> None:
    """Store an article in which nothing is found."""
    warehouse = Warehouse(settings.warehouse)
    store_articles(warehouse, [Article(id=name, text=f"Rain, {name}.", seen=at)], now=at)
    read = [(each, Signals(article=each.id)) for each in transact(warehouse, articles_to_read, limit=9)]
    store_signals(warehouse, read, version="1", now=at, decide=lambda _news: [])


@pytest.mark.parametrize(("days", "kept"), [(3, ["found", "new", "unread"]), (0, ["empty", "found", "new", "unread"])])
def test_of_old_articles_those_go_in_which_nothing_was_found(settings: Settings, days: int, kept: list[str]) -> None:
    """If asked; those with signals, unread ones and new ones stay, and their stories with them."""
    warehouse, old = Warehouse(settings.warehouse), NOW - timedelta(days=40)
    for day in range(1, 4):
        store_read(settings, f"day {day}", at=NOW - timedelta(days=day))
    articles = [Article(id=name, text=f"Taurus, {name}.", seen=old, published=old) for name in ("empty", "found")]
    store_articles(warehouse, articles, now=old)
    read = [
        (each, Signals(article=each.id, weapons=(MENTION,) if each.id == "found" else ()))
        for each in transact(warehouse, articles_to_read, limit=9)
    ]
    store_signals(warehouse, read, version="1", now=old, decide=lambda _news: [])
    store_articles(warehouse, [Article(id="unread", text="Rain.", seen=old)], now=old)
    store_articles(warehouse, [Article(id="new", text="Sun.", seen=NOW)], now=NOW)
    forget_old(settings.model_copy(update={"keep_articles": days}), now=NOW)
    assert ids(settings, "SELECT id FROM articles WHERE id NOT LIKE 'day%' ORDER BY id") == kept
    told = "SELECT first_article FROM stories WHERE first_article NOT LIKE 'day%' ORDER BY first_article"
    assert ids(settings, told) == kept
    assert ids(settings, "SELECT article FROM weapon_mentions") == ["found"]
