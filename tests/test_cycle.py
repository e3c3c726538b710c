"""A whole cycle: what it finds, that it can be repeated, killed at any moment, and run beside itself."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from newsroom import Newsroom, open_newsroom, seeds_with

from flows.settings import Settings
from flows.work.cycle import run_cycle
from warehouse.query import query

STORIES = [
    (
        "Berlin refuses Taurus again",
        "Germany has again refused to send Taurus cruise missiles to Ukraine, officials said.",
    ),
    (
        "Minister warns on bridge",
        "Russian Foreign Minister Sergey Lavrov warned that any attack on the Crimean bridge would mean war.",
    ),
    (
        "Tehran parades Fattah",
        "Iran displayed its Fattah-1 hypersonic missile in Tehran on Friday, state television said.",
    ),
    (
        "Taipei orders HIMARS",
        "Taiwan signed a contract for 29 HIMARS launchers with the United States, its ministry said.",
    ),
    ("Council debates parking", "The town council put off its decision on parking fees until after the summer fair."),
]


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with open_newsroom() as room:
        yield room


@pytest.fixture
def settings(newsroom: Newsroom, seeds: Path, tmp_path: Path) -> Settings:
    """Settings of a fresh monitor whose one feed is the newsroom."""
    return Settings(
        warehouse=tmp_path / "data" / "warehouse.duckdb",
        seeds=seeds_with(newsroom, seeds, tmp_path / "seeds"),
        allow_hosts=frozenset({"127.0.0.1"}),
        fetch_budget=20,
        _env_file=None,
    )


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    """Ask the published snapshot, as an analyst would."""
    return list(query(settings.warehouse, sql).rows)


CONTENT = {
    "articles": "SELECT id FROM articles",
    "weapons": "SELECT article, weapon, start FROM weapon_mentions",
    "statements": "SELECT article, kind, speaker, start FROM statements",
    "transfers": "SELECT article, weapon, recipient, stage FROM transfers",
    "alerts": "SELECT id FROM alerts",
    "delivered": "SELECT alert FROM deliveries WHERE status = 'delivered'",
}


def content(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Return everything a cycle stores that does not depend on when it ran."""
    return {name: sorted(rows(settings, sql), key=str) for name, sql in CONTENT.items()}


def test_a_fresh_cycle_tells_the_seeds_and_a_second_one_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """The seed documents show a newcomer what an alert is; nothing is said twice."""
    first = run_cycle(settings, now=datetime.now(UTC))
    shown = capsys.readouterr().out
    for name in ("Tomahawk", "Storm Shadow", "SCALP", "ATACMS", "F-16", "Taurus", "Putin", "Peskov", "Medvedev"):
        assert name.casefold() in shown.casefold()
    assert first.notified.sent > 0
    second = run_cycle(settings, now=datetime.now(UTC))
    assert (second.ingested.articles, second.detected.articles, second.notified.sent) == ((), 0, 0)
    assert capsys.readouterr().out == ""


def test_news_of_a_known_feed_is_told_in_full(
    newsroom: Newsroom, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first fetch is backlog; what appears later is news, and news of nothing is silent."""
    newsroom.carry(*STORIES[0])
    run_cycle(settings, now=datetime.now(UTC))
    capsys.readouterr()
    for story in STORIES[1:]:
        newsroom.carry(*story)
    overdue = datetime.now(UTC).replace(microsecond=0)
    forget_schedule(settings)
    cycle = run_cycle(settings, now=overdue)
    shown = capsys.readouterr().out
    assert len(cycle.ingested.articles) == 4
    assert "Lavrov" in shown
    assert "Fattah" in shown
    assert "parking" not in shown


def forget_schedule(settings: Settings) -> None:
    """Make every feed due now, as time would."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("UPDATE feeds SET next_due_at = NULL")


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which a process runs with ``settings``."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("BRINKWATCH_", "PREFECT_"))},
        "BRINKWATCH_WAREHOUSE": str(settings.warehouse),
        "BRINKWATCH_SEEDS": str(settings.seeds),
        "BRINKWATCH_ALLOW_HOSTS": "127.0.0.1",
    }


def start(settings: Settings) -> subprocess.Popen[str]:
    """Start ``brinkwatch run`` as a process of its own group, so that its workers die with it."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "run"],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parent.parent,
    )


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_twenty_kills_lose_nothing_and_store_nothing_twice(
    newsroom: Newsroom, settings: Settings, tmp_path: Path
) -> None:
    """kill -9 at random moments, then run to the end: the warehouse is that of a cycle nobody disturbed."""
    for story in STORIES:
        newsroom.carry(*story)
    undisturbed = settings.model_copy(update={"warehouse": tmp_path / "undisturbed.duckdb"})
    began = time.monotonic()
    process = start(undisturbed)
    assert process.communicate(timeout=120)[0] is not None
    whole = time.monotonic() - began
    chance = random.Random(20)
    for _ in range(20):
        process = start(settings)
        time.sleep(whole * chance.uniform(0.3, 1.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
    time.sleep(11)  # until the lease of what the last one was sending has ended
    last = start(settings)
    output, _ = last.communicate(timeout=120)
    assert last.returncode == 0, output
    assert content(settings) == content(undisturbed)
    assert rows(settings, "SELECT count(*) - count(DISTINCT alert) FROM deliveries WHERE status = 'delivered'") == [
        (0,)
    ]


@pytest.mark.slow
def test_two_cycles_at_once_both_end_and_nothing_is_there_twice(newsroom: Newsroom, settings: Settings) -> None:
    """Neither sees a lock error; together they say everything once."""
    for story in STORIES:
        newsroom.carry(*story)
    processes = [start(settings), start(settings)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert not any("lock" in output.casefold() for output in outputs)
    stored = content(settings)
    assert len(stored["articles"]) == len(STORIES) + 2
    assert all(len(found) == len(set(found)) for found in stored.values())
