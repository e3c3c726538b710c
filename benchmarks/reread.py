"""How soon new articles are read and their alerts claimed, while stored ones are read again after an edit and without.

``python -m benchmarks.reread [--size 300000] [--articles 12] [--times 3]``: a warehouse with that many articles, a
process that does what the flow ``detect`` does, and new articles that come in one by one; both cases in turn, several
times over, because machines are now more and now less busy. Prints an object for each: medians and p95 in seconds of
storing an article (as ``ingest``), from stored to read (as ``detect``), from read to claimed (as ``notify``), and of
all together; and how many articles were read again meanwhile. The start of a flow's process, which a new article waits
for only where nothing is read again, is not part of it.
"""

import argparse
import json
import multiprocessing
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.warehouse import fill
from extractors.records import Article
from flows.settings import SEEDS, Settings
from flows.sources.seed_documents import read_seeds
from flows.steps import detect as step
from flows.steps import readers, reread
from warehouse.connection import transaction
from warehouse.novelty.stories import lsh_bands_by_article
from warehouse.store import Warehouse
from warehouse.tables.articles import save_articles
from warehouse.tables.outbox import claim_alerts

ROUTE = "benchmark"
REAL = 5_000
"""Stored articles, the latest, whose text is that of a seed document: more than are read again meanwhile."""


def make_stored(settings: Settings, size: int) -> None:
    """Make a warehouse of ``size`` articles that the present version has read."""
    warehouse, now = Warehouse(settings.warehouse), datetime.now(UTC)
    warehouse.migrate()
    fill(warehouse, size)
    texts = [seed.text for seed in read_seeds(settings.seeds / "articles", now)[0]]
    with transaction(warehouse.path) as connection:
        connection.execute("UPDATE articles SET read_by = $version", {"version": readers.version_now(settings.seeds)})
        connection.execute(
            """
            UPDATE articles SET text = $texts[1 + rowid % len($texts)]
            WHERE id IN (SELECT id FROM articles ORDER BY seen DESC LIMIT $latest)
            """,
            {"texts": texts, "latest": REAL},
        )
    warehouse.publish()


def detect(settings: Settings, pipe: Connection) -> None:
    """Read new articles whenever they are announced, as ``detect`` does; None ends it."""
    readers.extractor_of(settings.seeds)
    pipe.send(0)
    while pipe.recv():
        read_new(settings, pipe)
    pipe.send(0)


def detect_and_read_again(settings: Settings, pipe: Connection) -> None:
    """Read stored articles again, one run of ``detect`` after the other, and new ones at once, until told to end.

    Sends at the end how many were read again.
    """
    readers.extractor_of(settings.seeds)
    pipe.send(0)
    again, lookout = 0, reread.Lookout(settings)
    while not pipe.poll():
        for brought in reread.read_again(settings, now=datetime.now(UTC), seconds=settings.reread_budget):
            again += brought.articles
            if lookout.waits():
                read_new(settings, pipe)
            if pipe.poll():
                break
        Warehouse(settings.warehouse).publish()
    pipe.send(again)


def read_new(settings: Settings, pipe: Connection) -> None:
    """Read the articles that wait, say so, and publish."""
    step.detect(settings, now=datetime.now(UTC))
    pipe.send(time.monotonic())
    Warehouse(settings.warehouse).publish()


def article(number: int) -> Article:
    """Return a new article that makes a claim of its own."""
    now = datetime.now(UTC)
    limit = f"any delivery of Taurus missiles to Port {number} would mean war"
    text = f"Russian Foreign Minister Sergey Lavrov warned that {limit}."
    name = f"new {number} {now.isoformat()}"
    return Article(id=name, identity=name, title=f"Dispatch {number}", text=text, source="S", published=now, seen=now)


def arrive(settings: Settings, number: int, pipe: Connection, *, announced: bool) -> tuple[float, float, float]:
    """Store an article, wait until it was read, and claim what there is to tell; return the seconds of each."""
    warehouse, began, arriving = Warehouse(settings.warehouse), time.monotonic(), [article(number)]
    lsh_bands = lsh_bands_by_article(arriving)
    with warehouse.transaction() as tx:
        save_articles(tx, arriving, lsh_bands, now=datetime.now(UTC))
    stored = time.monotonic()
    if announced:
        pipe.send("an article")
    read = pipe.recv()
    asked = time.monotonic()
    with warehouse.transaction() as tx:
        claim_alerts(tx, route=ROUTE, now=datetime.now(UTC), lease=timedelta(minutes=2))
    return stored - began, read - stored, time.monotonic() - asked


def measure(settings: Settings, *, articles: int, edited: bool) -> dict[str, Any]:
    """Let articles come in at random moments; return what became of them."""
    if edited:
        with (settings.seeds / "weapons.jsonl").open("a") as lexicon:
            lexicon.write("\n")
    context, dice = multiprocessing.get_context("spawn"), random.Random(7)
    ours, theirs = context.Pipe()
    reader = context.Process(target=detect_and_read_again if edited else detect, args=(settings, theirs))
    reader.start()
    ours.recv()
    took = []
    for number in range(articles):
        time.sleep(dice.uniform(1, 5))
        took.append(arrive(settings, number, ours, announced=not edited))
    ours.send(None)
    again = ours.recv()
    reader.join()
    steps = dict(zip(("stored", "read", "claimed"), zip(*took, strict=True), strict=True))
    figures = {name: figure(times) for name, times in (steps | {"all": [sum(each) for each in took]}).items()}
    return {"read_again": again, "articles": articles, **figures}


def figure(times: Sequence[float]) -> dict[str, float]:
    """Return median, p95 and the longest."""
    ordered = sorted(times)
    p95 = ordered[-(-95 * len(ordered) // 100) - 1]
    return {"median": round(statistics.median(times), 2), "p95": round(p95, 2), "longest": round(ordered[-1], 2)}


def main() -> None:
    """Fill a warehouse and measure both cases in it, in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300_000)
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seeds = shutil.copytree(SEEDS, Path(folder) / "seeds")
        settings = Settings(warehouse=Path(folder) / "warehouse.duckdb", seeds=seeds, _env_file=None)
        make_stored(settings, options.size)
        for edited in (False, True) * options.times:
            figures = measure(settings, articles=options.articles, edited=edited)
            print(json.dumps({"size": options.size, "edited": edited, **figures}), flush=True)


if __name__ == "__main__":
    main()
