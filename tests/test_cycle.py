"""A whole cycle: what it finds, that it can be repeated, killed at any moment, and run beside itself."""

import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from dying import PROCESSES
from newsroom import Newsroom, open_newsroom, seeds_with
from warehouses import new_place

from flows.settings import Settings
from flows.steps.cycle import run_cycle
from flows.steps.notify import TERMINAL_LEASE
from warehouse.connection import transaction
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
        warehouse=new_place(tmp_path / "data" / "warehouse.duckdb"),
        seeds=seeds_with(newsroom, seeds, tmp_path / "seeds"),
        allow_hosts=frozenset({"127.0.0.1"}),
        fetch_budget=3600,
        _env_file=None,
    )


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    """Ask the published snapshot, as an analyst would."""
    return list(query(settings.warehouse, sql).rows)


CONTENT = {
    "articles": "SELECT id FROM articles",
    "weapons": "SELECT id FROM weapon_mentions",
    "statements": "SELECT id FROM statements",
    "transfers": "SELECT id FROM transfers",
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
    for name in ("Tomahawk", "Putin", "Peskov", "Medvedev"):
        assert name.casefold() in shown.casefold()
    assert first.notified.sent > 0
    second = run_cycle(settings, now=datetime.now(UTC))
    assert (second.ingested.articles, second.detected.articles, second.notified.sent) == ((), 0, 0)
    assert capsys.readouterr().out == ""


def test_news_of_a_known_feed_is_told_in_full(
    newsroom: Newsroom, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first fetch is backlog; what appears later is news, and what is known or tells nothing is silent."""
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
    assert "New weapon: Fattah" not in shown  # Iran is known to hold it
    assert "parking" not in shown


def forget_schedule(settings: Settings) -> None:
    """Make every feed due now, as time would."""
    with transaction(settings.warehouse) as tx:
        tx.execute("UPDATE feeds SET next_due_at = NULL")


def cycle_in_a_process(settings: Settings, log: Path, ahead: timedelta) -> None:
    """Run one cycle with its output in a file; a process group of its own, so that its workers die with it."""
    os.setsid()
    with log.open("a") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
        run_cycle(settings, now=datetime.now(UTC) + ahead)


@pytest.mark.slow
def test_twenty_kills_lose_nothing_and_store_nothing_twice(
    newsroom: Newsroom, settings: Settings, tmp_path: Path
) -> None:
    """kill -9 at random moments, then run to the end: the warehouse is that of a cycle nobody disturbed."""
    for story in STORIES:
        newsroom.carry(*story)
    log, chance, kills, round_ = tmp_path / "log", random.Random(20), 0, 0
    expected, whole = undisturbed(settings_of(settings, tmp_path, "undisturbed"), log)
    while kills < 20:
        round_ += 1
        killed_now, disturbed = 0, settings_of(settings, tmp_path, f"round-{round_}")
        while killed_now < 10 and killed(start(disturbed, log), after=whole * chance.uniform(0.1, 0.7)):
            killed_now += 1
        kills += killed_now
        # what the last one was sending is free again when its lease has ended
        assert ended(start(disturbed, log, ahead=TERMINAL_LEASE)) == 0, log.read_text()
        assert content(disturbed) == expected


def settings_of(settings: Settings, folder: Path, name: str) -> Settings:
    """Return the settings with a warehouse of their own."""
    return settings.model_copy(update={"warehouse": new_place(folder / f"{name}.duckdb")})


def undisturbed(settings: Settings, log: Path) -> tuple[dict[str, list[tuple[object, ...]]], float]:
    """Return what a cycle stores that nobody disturbs, and how many seconds it takes."""
    first = PROCESSES.Process(target=os.getpid)  # what processes are forked from takes seconds to be ready
    first.start()
    first.join()
    began = time.monotonic()
    assert ended(start(settings, log)) == 0, log.read_text()
    return content(settings), time.monotonic() - began


def killed(process: BaseProcess, *, after: float) -> bool:
    """Kill a process and its workers after so many seconds; return whether it was still at work."""
    process.join(after)
    alive = process.is_alive()
    if alive:
        assert process.pid is not None
        os.killpg(process.pid, signal.SIGKILL)
    process.join()
    return alive


@pytest.mark.slow
def test_two_cycles_at_once_both_end_and_nothing_is_there_twice(
    newsroom: Newsroom, settings: Settings, tmp_path: Path
) -> None:
    """Neither sees a lock error; together they say everything once."""
    for story in STORIES:
        newsroom.carry(*story)
    logs = [tmp_path / "one", tmp_path / "other"]
    both = [start(settings, log) for log in logs]
    assert [ended(process) for process in both] == [0, 0], [log.read_text() for log in logs]
    assert not any("lock" in log.read_text().casefold() for log in logs)
    stored = content(settings)
    assert len(stored["articles"]) == len(STORIES) + 2
    assert len(stored["delivered"]) > 0
    assert all(len(found) == len(set(found)) for found in stored.values())


def start(settings: Settings, log: Path, *, ahead: timedelta = timedelta(0)) -> BaseProcess:
    """Start a cycle whose clock is so much ahead."""
    process = PROCESSES.Process(target=cycle_in_a_process, args=(settings, log, ahead))
    process.start()
    return process


def ended(process: BaseProcess) -> int | None:
    """Wait for a process and return its exit status."""
    process.join()
    return process.exitcode
