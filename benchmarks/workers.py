"""Processes that backfill, detect and send at once, killed with -9 again and again: what is lost, or said twice.

``PYTHONPATH=tests python -m benchmarks.workers [--workers 2] [--articles 100000] [--live 200] [--kills 40] [--lake]``:
each worker stores its part of an archive, and after every batch reads the news that came in meanwhile and sends what it
alerts on to a Slack on loopback. Any of them is killed, half of them in the middle of a write or a send, and started
again. Reading is replaced by a stand-in that takes no time: every live article, and of the archive one in 20, makes a
claim of its own. Prints an object: what was stored and told, how often, and how long alerts waited beyond their lease.
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lakes
from slackserver import CHANNEL, TOKEN, Slack
from slackserver import running as slack_running

from alerts.delivery.outbox import OutboxSettings
from alerts.delivery.slack import SlackBot
from benchmarks.kills import SEND, WRITE, marked, watched_transaction
from extractors.records import Article, Kind, Signals, Speech, Statement
from flows.settings import Settings
from flows.steps import backfill, notify, readers
from flows.steps.archives import Archive
from flows.steps.backtest import arrived
from flows.steps.detect import detect
from warehouse.novelty.stories import lsh_bands_by_article
from warehouse.places import Place
from warehouse.rows import select
from warehouse.store import Warehouse
from warehouse.tables.articles import save_articles

QUICK = OutboxSettings(lease=timedelta(seconds=30), timeout=timedelta(seconds=5), worst_delay=timedelta(seconds=3))
"""Short enough to see leases end, long enough for a busy machine, which may take seconds to answer for Slack."""
WORDS = [f"word{number}" for number in range(3_000)]


def text_of(number: int) -> str:
    """Return a text that no other article has."""
    draw = random.Random(number)
    return f"{' '.join(draw.choices(WORDS, k=25)).capitalize()}. {' '.join(draw.choices(WORDS, k=60)).capitalize()}."


def write_archive(path: Path, numbers: Sequence[int]) -> None:
    """Write the articles of one part of the archive."""
    with path.open("w") as file:
        for number in numbers:
            known = {"id": f"old {number}", "url": f"https://old.example/{number}", "source": f"outlet {number % 50}"}
            line = known | {"title": f"Old {number}", "text": text_of(number), "published": "2025-03-01T00:00:00Z"}
            file.write(f"{json.dumps(line)}\n")


def live(number: int) -> Article:
    """Return an article that comes in while the archive is stored."""
    now, url = datetime.now(UTC), f"https://new.example/{number}"
    made = Article(id=url, url=url, title=f"New {number}", text=text_of(-1 - number), source="S", published=now)
    return arrived(made, now=now)


def signals_of(article: Article) -> Signals:
    """Return what the stand-in for reading finds."""
    kind, number = article.title.split()
    if kind == "Old" and int(number) % 20:
        return Signals(article=article.id)
    start = len(article.title) + 2
    said = Statement(
        kind=Kind.RED_LINE, speaker="A Speaker", speaker_id=f"speaker-{number}", side=f"S{int(number) % 12}",
        speech=Speech.DIRECT, cue="said", start=start, end=start + article.text.index("."), severity=4, confidence=0.95,
        quote=article.text.partition(".")[0], condition=" ".join(article.text.split()[:8]), consequence="will follow",
    )  # fmt: skip
    return Signals(article=article.id, statements=(said,))


def stand_in() -> None:
    """Let this process read without taking any time."""

    def extracted(_extractor: Any, batch: Sequence[Article]) -> readers.ReadArticles:
        return [(article, signals_of(article)) for article in batch], []

    @contextmanager
    def reading(_seeds: Path, _workers: int) -> Iterator[backfill.Reading]:
        def read(document: Any, now: datetime) -> "Future[readers.ReadArticles]":
            done: Future[readers.ReadArticles] = Future()
            done.set_result(extracted(None, [replace(arrived(document, now=now), backlog=True)]))
            return done

        yield read

    readers.extracted = extracted
    readers.extractor_of = lambda _seeds: SimpleNamespace(names={})  # type: ignore[assignment,misc,return-value]
    backfill.readers = reading


def work(settings: Settings, part: Path, doing: Any) -> None:
    """Store a part of the archive; read and send the news that came in, after each batch and at the end."""
    stand_in()
    notify.outbox_settings = lambda *_: QUICK
    Warehouse.transaction = watched_transaction(Warehouse.transaction, doing)  # type: ignore[method-assign]
    Warehouse.fold = marked(Warehouse.fold, doing, WRITE)  # type: ignore[method-assign]
    SlackBot.send = marked(SlackBot.send, doing, SEND)  # type: ignore[method-assign]
    route = notify.route_of(settings)
    assert isinstance(route, SlackBot)
    route = replace(route, pause=0.0)  # type: ignore[type-var]

    def tell() -> None:
        detect(settings, now=datetime.now(UTC))
        notify.drain(settings, route, now=datetime.now(UTC))

    backfill.backfill(settings, Archive(part), workers=1, on_batch=lambda _so_far: tell())
    while asked(settings, WAITING)[0]["waiting"]:
        tell()
        time.sleep(0.2)


WAITING = """
SELECT (SELECT count(*) FROM articles WHERE read_by IS NULL) + (SELECT count(*) FROM alerts WHERE status = 'pending')
    AS waiting
"""
STATE = """
SELECT (SELECT count(*) FROM articles) AS articles, (
    SELECT coalesce(max(epoch($now - lease_until)), 0) FROM deliveries WHERE status = 'claimed'
) AS beyond
"""
TABLES = """
SELECT
    (SELECT count(*) FROM articles) AS articles, (SELECT count(DISTINCT identity) FROM articles) AS identities,
    (SELECT count(*) FROM statements) AS statements, (SELECT count(*) FROM claims) AS claims,
    (SELECT count(DISTINCT claim) FROM statements) AS claims_made, (SELECT count(*) FROM alerts) AS alerts,
    (SELECT count(DISTINCT id) FROM alerts) AS alert_ids, (SELECT count(DISTINCT claim) FROM alerts) AS claims_alerted,
    (SELECT count(*) FROM alerts WHERE status = 'delivered') AS delivered,
    (SELECT count(*) FROM alerts WHERE status = 'pending') AS pending,
    (SELECT max(epoch(changed_at - decided_at)) FROM deliveries JOIN alerts ON alerts.id = alert
        WHERE deliveries.status = 'delivered') AS longest_from_decision_to_told
"""


def asked(settings: Settings, sql: str, **values: Any) -> list[dict[str, Any]]:
    """Return the rows of a query on the live warehouse."""
    with Warehouse(settings.warehouse).transaction() as tx:
        return select(tx, sql, **values)


@dataclass
class Killed:
    """The workers, which are started again when they were killed, and what they were killed in."""

    context: BaseContext
    settings: Settings
    parts: Sequence[Path]
    dice: random.Random = field(default_factory=lambda: random.Random(5))
    workers: list[tuple[BaseProcess, Any]] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)

    def start(self, part: Path) -> tuple[BaseProcess, Any]:
        """Start what stores a part."""
        doing = self.context.Value("i", 0, lock=False)  # a lock would die with its holder
        worker = self.context.Process(target=work, args=(self.settings, part, doing))  # type: ignore[attr-defined]
        worker.start()
        return worker, doing

    def kill_one(self) -> None:
        """Kill any worker, in the middle of what is aimed at if that comes, and start it again."""
        number = self.dice.randrange(len(self.parts))
        worker, doing = self.workers[number]
        aim = self.dice.choice((0, 0, WRITE, SEND))
        deadline = time.monotonic() + 5.0
        while aim and doing.value != aim and worker.is_alive() and time.monotonic() < deadline:
            time.sleep(0.0005)
        time.sleep(self.dice.uniform(0.0, 0.02 if aim else 0.5))
        if not worker.is_alive() or worker.pid is None:
            return
        os.kill(worker.pid, signal.SIGSTOP)
        self.hits.append(int(doing.value))
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        self.workers[number] = self.start(self.parts[number])


def run(place: Place, given: argparse.Namespace, folder: Path, slack: Slack) -> dict[str, Any]:
    """Let workers store the archive and tell the news, and kill them; return what became of all."""
    settings = Settings(
        warehouse=place, slack_token=TOKEN, slack_channel=CHANNEL, slack_api_url=f"{slack.url}/api/",
        digest_above=1_000, readers=1, _env_file=None,
    )  # fmt: skip
    Warehouse(place).migrate()
    parts = [folder / f"part{number}.jsonl" for number in range(given.workers)]
    for number, part in enumerate(parts):
        write_archive(part, range(number, given.articles, given.workers))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.workers"])
    killed = Killed(context, settings, parts)
    killed.workers = [killed.start(part) for part in parts]
    began, came, beyond = time.monotonic(), 0, 0.0
    while any(worker.is_alive() for worker, _ in killed.workers):
        (state,) = asked(settings, STATE, now=datetime.now(UTC))
        beyond, share = max(beyond, state["beyond"]), state["articles"] / given.articles
        while came < min(given.live, given.live * share + 1):
            arriving = [live(came)]
            with Warehouse(place).transaction() as tx:
                save_articles(tx, arriving, lsh_bands_by_article(arriving), now=datetime.now(UTC))
            came += 1
        if len(killed.hits) < given.kills * min(1.0, share * 1.1):
            killed.kill_one()
        time.sleep(0.2)
    work(settings, parts[0], context.Value("i", 0, lock=False))
    said = Counter(slack.alerts())
    return {
        "workers": given.workers, "archive": given.articles, "live": came, "killed": len(killed.hits),
        "in_a_write": killed.hits.count(WRITE), "in_a_send": killed.hits.count(SEND),
        "seconds": round(time.monotonic() - began), "codes": [worker.exitcode for worker, _ in killed.workers],
        **asked(settings, TABLES)[0],
        "told": len(said), "told_twice": sum(count - 1 for count in said.values()),
        "lease": QUICK.lease.total_seconds(), "longest_beyond_lease": round(beyond, 1),
    }  # fmt: skip


def main() -> None:
    """Run on a file or on a lake."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in {"workers": 2, "articles": 100_000, "live": 200, "kills": 40}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--lake", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        slack = stack.enter_context(slack_running(Slack()))
        place: Place = folder / "w.duckdb"
        if given.lake:
            place = stack.enter_context(lakes.running()).new_database()
        figures = run(place, given, folder, slack)
    print(json.dumps({"warehouse": "lake" if given.lake else "file", **figures}), flush=True)


if __name__ == "__main__":
    main()
