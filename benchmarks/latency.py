"""How soon what feeds publish is stored, and what asking them costs, at shipped settings: by a played clock.

``PYTHONPATH=tests python -m benchmarks.latency days|ingest|requests``

``days`` plays four days of feeds of four rhythms, twenty of each: the policy decides when each is asked, cycles come
as flows/prefect.yaml schedules them, each up to eight seconds late. ``ingest`` plays some hours of the same against
the real step: feeds on loopback, fetched, read and stored in a warehouse; only the clock is played, the pause between
two requests to one host is left out, as here all feeds are on one, and documents are parsed in this process.
``requests`` plays 1,000 feeds whose tiers are as frequent as in seeds/feeds.csv, with rhythms from one entry in ten
days to 600 a day. One JSON object is printed for each thing measured.
"""

import argparse
import json
import math
import random
import tempfile
import threading
import time
import warnings
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playedfeeds import LATE_S, START, PlayedFeed, feed, percentile, play

from benchmarks.feeds import WORDS
from flows.prefect_settings import intervals
from flows.settings import SEEDS, Settings
from flows.sources.feed_records import FeedSpec
from flows.sources.feedlist import load_feeds, save_feeds
from flows.sources.objectives import TIERS
from flows.sources.workers import worker
from flows.sources.workers.pool import ParserPool
from flows.steps import ingest
from warehouse.connection import writing
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.tables.articles import feed_states

ROOT = Path(__file__).parent.parent
EVERY_S = intervals()["ingest"].total_seconds()
RHYTHMS = (("fast", 30, 40), ("fast", 100, 120), ("normal", 20, 3), ("flash", 20, 400))
"""Tier, entries that the feed shows, entries a day."""
MORNING = START + timedelta(hours=7)
A_DAY = {"flash": (100, 600), "fast": (20, 200), "normal": (1, 50), "slow": (0.1, 3)}
"""From how many to how many entries a day feeds of a tier bring, in ``requests``."""
ENTRIES = (10, 20, 30, 50, 100)


def report(**facts: Any) -> None:
    """Print what was measured."""
    print(json.dumps(facts), flush=True)


class Publishers:
    """The feeds as they are at the time on their clock."""

    def __init__(self, feeds: Sequence[PlayedFeed]) -> None:
        self.feeds = {each.spec.id: each for each in feeds}
        self.now = START
        self.requests: Counter[str] = Counter()

    def answer(self, name: str, etag: str | None) -> tuple[int, str, bytes]:
        """Return status, validator and body of a feed."""
        played = self.feeds[name]
        last = bisect_right(played.published, self.now)
        tag = f'"{last}"'
        body = b"" if etag == tag else _rss(played, last)
        self.requests[name] += 1
        return 200 if body else 304, tag, body


def _rss(played: PlayedFeed, last: int) -> bytes:
    numbers = range(last - 1, max(-1, last - 1 - played.shows), -1)
    items = "".join(_item(played.spec.id, number, played.published[number]) for number in numbers)
    feed_of = f"<channel><title>{played.spec.id}</title>{items}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{feed_of}</rss>'.encode()


@cache
def _item(name: str, number: int, published: datetime) -> str:
    dice = random.Random(f"{name} {number}")
    link = f"https://{name}.example/{number}"
    return (
        f"<item><title>{' '.join(dice.choices(WORDS, k=9))}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{format_datetime(published)}</pubDate>"
        f"<description>{' '.join(dice.choices(WORDS, k=200))}.</description></item>"
    )


@contextmanager
def serving(publishers: Publishers) -> Iterator[str]:
    """Serve the feeds on a free port of loopback; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, tag, body = publishers.answer(self.path.strip("/"), self.headers.get("If-None-Match"))
            self.send_response(status)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


async def _parse(_: ParserPool, job: str, content: bytes, **options: object) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return worker.answer({"job": job, "options": options}, content)


def days(*, alike: int = 20) -> None:
    """Let four days pass by the policy alone; report each rhythm."""
    for tier, shows, a_day in RHYTHMS:
        feeds = alike_feeds(tier, shows, a_day, alike)
        play(feeds, days=4, every_s=EVERY_S)
        waits = sorted(wait for each in feeds for wait in each.waits(START))
        report(
            tier=tier, shows=shows, a_day=a_day, feeds=alike, **figures(waits),
            missed=sum(each.missed() for each in feeds),
            requests_a_day=round(sum(each.requests for each in feeds) / 4 / alike),
            kb_a_day=round(sum(each.wire_bytes for each in feeds) / 4 / alike / 1000),
        )  # fmt: skip


def alike_feeds(tier: str, shows: int, a_day: float, count: int) -> list[PlayedFeed]:
    """Return feeds of one rhythm."""
    return [feed(f"{tier}-{a_day}-{number}", tier, shows=shows, a_day=a_day) for number in range(count)]


def figures(waits: Sequence[float]) -> dict[str, float]:
    """Return what is told of sorted waits, in minutes."""
    return {
        "entries": len(waits),
        "median_min": round(percentile(waits, 0.5), 2),
        "p95_min": round(percentile(waits, 0.95), 2),
        "slowest_min": round(waits[-1] / 60, 2),
    }


def take_in(*, hours: float) -> None:
    """Let some hours pass over the real step, from seven in the morning; report each rhythm."""
    ParserPool.run = _parse  # type: ignore[assignment]  # hundreds of bodies, each by a process of its own otherwise
    groups = [alike_feeds(tier, shows, a_day, 3 if a_day > 3 else 12) for tier, shows, a_day in RHYTHMS]
    publishers = Publishers([each for group in groups for each in group])
    with serving(publishers) as address, tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder), publishers, address)
        stored = _run(settings, publishers, hours=hours)
        with Warehouse(settings.warehouse).transaction() as tx:
            alarms = {name: state["missed_alarms"] for name, state in feed_states(tx).items()}
        urls = dict(query(settings.warehouse, "SELECT id, url FROM articles").rows)
    met = {str(urls[article]): at for article, at in stored.items()}
    for (tier, shows, a_day), group in zip(RHYTHMS, groups, strict=True):
        about = {"tier": tier, "shows": shows, "a_day": a_day, "hours": hours}
        report(**about, **_told(publishers, group, met), alarms=sum(alarms[each.spec.id] for each in group))


def _settings(folder: Path, publishers: Publishers, address: str) -> Settings:
    (folder / "seeds" / "articles").mkdir(parents=True)
    listed = [
        FeedSpec(id=name, outlet=name, url=f"{address}/{name}", tier=each.spec.tier)
        for name, each in publishers.feeds.items()
    ]
    save_feeds(folder / "seeds" / "feeds.csv", listed)
    made = Settings(
        warehouse=folder / "w.duckdb", seeds=folder / "seeds", allow_hosts=frozenset({"127.0.0.1"}), fetch_spacing=0.0,
        _env_file=None,
    )  # fmt: skip
    Warehouse(made.warehouse).migrate()
    return made


def _run(settings: Settings, publishers: Publishers, *, hours: float) -> dict[str, datetime]:
    """Run a cycle a minute; return when each article was stored: the played time, and how long the cycle took."""
    stored: dict[str, datetime] = {}
    dice = random.Random(1)
    for number in range(int(hours * 3600 / EVERY_S)):
        now = MORNING + timedelta(seconds=number * EVERY_S + dice.uniform(0, LATE_S))
        publishers.now, began = now, time.monotonic()
        taken = ingest.take_feeds(settings, ingest.due_feeds(settings, now=now), now=now)
        stored |= dict.fromkeys(taken.articles, now + timedelta(seconds=time.monotonic() - began))
        if number % 10 == 0:  # as publishing does, which is left out here; else each opening goes through all changes
            with writing(settings.warehouse) as connection:
                connection.execute("CHECKPOINT warehouse")
    Warehouse(settings.warehouse).publish()
    return stored


def _told(publishers: Publishers, group: Sequence[PlayedFeed], met: dict[str, datetime]) -> dict[str, Any]:
    """Return how soon entries were stored, and which never were; those of the last objective may still be."""
    ended = publishers.now - timedelta(seconds=TIERS[group[0].spec.tier] + EVERY_S)
    due = {
        f"https://{each.spec.id}.example/{number}": at
        for each in group
        for number, at in enumerate(each.published)
        if MORNING < at < ended
    }
    waits = sorted((met[url] - at).total_seconds() for url, at in due.items() if url in met)
    asked = sum(publishers.requests[each.spec.id] for each in group) / len(group)
    return {"feeds": len(group), **figures(waits), "never_stored": len(due) - len(waits), "requests": round(asked)}


def requests(*, count: int = 1_000, days: int = 2) -> None:
    """Ask the policy about many feeds of mixed rhythm; report what they cost on average and by tier."""
    dice = random.Random(3)
    tiers = [each.tier for each in load_feeds(SEEDS / "feeds.csv")]
    feeds = [_mixed(dice, number, tiers[number % len(tiers)], days) for number in range(count)]
    play(feeds, days=days, every_s=EVERY_S)
    asked: dict[str, list[int]] = defaultdict(list)
    for each in feeds:
        asked[each.spec.tier].append(each.requests)
    report(
        feeds=count, days=days,
        entries_a_day=round(sum(sum(at > START for at in each.published) for each in feeds) / days),
        requests_a_day=round(sum(map(sum, asked.values())) / days / count, 1),
        kb_a_day=round(sum(each.wire_bytes for each in feeds) / days / count / 1000),
        missed=sum(each.missed() for each in feeds if each.stored),
        by_tier={tier: [len(each), round(sum(each) / days / len(each), 1)] for tier, each in asked.items()},
    )  # fmt: skip


def _mixed(dice: random.Random, number: int, tier: str, days: int) -> PlayedFeed:
    low, high = map(math.log, A_DAY[tier])
    return feed(
        f"{tier}-{number}", tier, shows=dice.choice(ENTRIES), a_day=math.exp(dice.uniform(low, high)), days=days
    )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("days", "ingest", "requests"))
    parser.add_argument("--hours", type=float, default=12, help="how many to play in `ingest`")
    options = parser.parse_args()
    if options.what == "ingest":
        take_in(hours=options.hours)
    else:
        {"days": days, "requests": requests}[options.what]()


if __name__ == "__main__":
    main()
