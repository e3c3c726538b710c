"""A cycle over many feeds on loopback, cold and with 304s, stored: ``python -m benchmarks.feeds [--peer PYTHON]``.

Once over plain feeds and once over mixed ones. ``--peer`` is the interpreter of an environment with the library
reader (lemon24/reader), an optional peer that is no dependency: it updates the same feeds from the same server in the
same run, with its own storage. Every measured cycle runs in a process of its own; CPU is that of the cycle, parsers
included, starting Python left out; memory is the most that it and each of its parsers ever held, added up. Ours
publishes after it, unmeasured, as a real one does after reading the articles. Full text is off on both sides.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiohttp import web

from flows.sources.feed_records import FeedForUpdate, FeedSpec, FeedState, FeedUpdate, FetchSettings
from flows.sources.schedule import due
from flows.sources.update import update_feeds
from flows.steps.ingest import batches, rows_of, undisturbed
from warehouse.store import Warehouse
from warehouse.tables.articles import feed_states, known_identities, save_feeds

ENTRIES = 30
START = datetime(2026, 11, 21, tzinfo=UTC)
_COMMON = "the of and to in a that for on with was by as said will has from its"
_NEWS = (
    "minister missiles delivered before winter other side warned response case long range strikes territory allowed "
    "allies met summit week after talks failed troops drones air defence systems brigade border region officials told "
    "reporters according statement ministry president foreign secretary agreed new package worth million euros include "
    "launchers radar ammunition training pilots parliament vote sanctions oil price grain port attack killed injured "
    "residents power plant governor wrote telegram city overnight sirens engineers repaired line supply budget election"
)
WORDS = (*_COMMON.split() * 3, *_NEWS.split())
"""A third of the words are function words, as in news."""
PEER = """
import json, resource, sys, time
from reader import make_reader
path, base, count, workers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
reader = make_reader(path, search_enabled=False)
if sys.argv[5] == "add":
    for number in range(count):
        reader.add_feed(f"{base}/{number}", exist_ok=True)
started, cpu = time.monotonic(), time.process_time()
reader.update_feeds(workers=workers, scheduled=False)
seconds, cpu = time.monotonic() - started, time.process_time() - cpu
mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
entries = reader.get_entry_counts().total
print(json.dumps({"seconds": seconds, "cpu": cpu, "mb": mb, "entries": entries}))
"""


def document(number: int, *, mixed: bool = False) -> bytes:
    """Return feed ``number`` of 30 entries, each with a summary of some 600 characters that no other one has.

    Plain ones are RSS 2.0; mixed ones in turn Atom with XHTML, RSS with content:encoded, Atom with media:group, Atom
    with xml:base, and plain.
    """
    draw = random.Random(number)
    if mixed and number % 5 != 4:
        return SHAPES[number % 5](number, draw).encode()
    items = "".join(
        f"<item><title>{' '.join(draw.choices(WORDS, k=9)).capitalize()}</title>"
        f'<link>http://localhost/{number}/{n}</link><guid isPermaLink="false">{number}-{n}</guid>'
        f"<pubDate>Fri, 20 Nov 2026 {n % 24:02d}:00:00 GMT</pubDate>"
        f"<description>&lt;p&gt;{' '.join(draw.choices(WORDS, k=100))}.&lt;/p&gt;</description></item>"
        for n in range(ENTRIES)
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'
    return feed.encode()


def _words(draw: random.Random, count: int) -> str:
    return " ".join(draw.choices(WORDS, k=count))


def _atom(number: int, draw: random.Random, *, body: str, namespace: str = "", base: str = "") -> str:
    """Return an Atom feed; ``body`` with ``{}`` for the text of each entry."""
    link = "" if base else f"http://localhost/{number}/"
    entries = "".join(
        f"<entry><title>{_words(draw, 9).capitalize()}</title><id>urn:{number}:{n}</id>"
        f'<link rel="alternate" href="{link}{n}"/><updated>2026-11-20T{n % 24:02d}:00:00Z</updated>'
        f"{body.format(f'{_words(draw, 50)}.', f'{_words(draw, 50)}.')}</entry>"
        for n in range(ENTRIES)
    )
    start = f'<feed xmlns="http://www.w3.org/2005/Atom"{namespace}{base and f" xml:base={base!r}"}>'
    return f'<?xml version="1.0"?>{start}<title>Feed {number}</title><id>urn:{number}</id>{entries}</feed>'


def _xhtml(number: int, draw: random.Random) -> str:
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>{}</p><p><a href="/more"><b>{}</b></a></p></div>'
    return _atom(number, draw, body=f'<content type="xhtml">{div}</content>')


def _encoded(number: int, draw: random.Random) -> str:
    items = "".join(
        f"<item><title>{_words(draw, 9).capitalize()}</title><link>http://localhost/{number}/{n}</link>"
        f'<guid isPermaLink="false">{number}-{n}</guid><pubDate>Fri, 20 Nov 2026 {n % 24:02d}:00:00 GMT</pubDate>'
        f"<description>{_words(draw, 30)}</description><content:encoded><![CDATA[<p>{_words(draw, 70)}.</p>"
        f"<p><img src='/x.jpg'/></p>]]></content:encoded></item>"
        for n in range(ENTRIES)
    )
    namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    start = f'<?xml version="1.0"?><rss version="2.0" {namespace}>'
    return f"{start}<channel><title>Feed {number}</title>{items}</channel></rss>"


def _media(number: int, draw: random.Random) -> str:
    text = "<media:title>Clip</media:title><media:content url='v.mp4'/><media:description>{} {}</media:description>"
    group = f"<media:group>{text}</media:group>"
    return _atom(number, draw, body=group, namespace=' xmlns:media="http://search.yahoo.com/mrss/"')


def _based(number: int, draw: random.Random) -> str:
    body = '<summary type="html">&lt;p&gt;{} {}&lt;/p&gt;</summary>'
    return _atom(number, draw, body=body, base=f"http://localhost/{number}/")


SHAPES = (_xhtml, _encoded, _media, _based)


async def _serve(pipe: Connection, count: int, mixed: bool) -> None:
    documents = [document(number, mixed=mixed) for number in range(count)]

    async def feed(request: web.Request) -> web.Response:
        tag = f'"{request.match_info["number"]}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        body = documents[int(request.match_info["number"])]
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": tag})

    app = web.Application()
    app.router.add_get("/{number}", feed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    pipe.send(runner.addresses[0][1])
    await asyncio.Event().wait()


def _serve_forever(pipe: Connection, count: int, mixed: bool) -> None:
    asyncio.run(_serve(pipe, count, mixed))


@contextmanager
def server(count: int, *, mixed: bool = False) -> Iterator[str]:
    """Serve ``count`` feeds from a process of their own; yields the base address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve_forever, args=(theirs, count, mixed), daemon=True
    )
    process.start()
    try:
        yield f"http://localhost:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def cycle(path: Path, base: str, count: int, *, workers: int, number: int) -> dict[str, Any]:
    """Run cycle ``number`` over ``count`` feeds with a warehouse at ``path``, and measure it."""
    warehouse = Warehouse(path)
    warehouse.migrate()
    now = START + number * timedelta(days=1)
    feeds = [FeedSpec(id=f"f{n}", outlet=f"Outlet {n}", url=f"{base}/{n}") for n in range(count)]
    settings = FetchSettings(
        allow=frozenset({"localhost"}), spacing_s=0.0, per_host=64, full_text=False, workers=workers
    )
    started, before = time.monotonic(), time.process_time()
    with warehouse.transaction() as tx:
        states = {feed: FeedState(**row) for feed, row in feed_states(tx).items()}
    with undisturbed():
        articles, wire, storing, parsers = asyncio.run(_update(warehouse, due(feeds, states, now), settings, now))
    seconds, own = time.monotonic() - started, time.process_time() - before
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 + parsers
    warehouse.publish()
    return {
        "seconds": seconds,
        "of them storing": storing,
        "cpu": own + children.ru_utime + children.ru_stime,
        "mb": megabytes,
        "entries": articles,
        "wire_mb": wire / 2**20,
        "stored_mb": sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) / 2**20,
    }


async def _update(
    warehouse: Warehouse, due_feeds: list[FeedForUpdate], settings: FetchSettings, now: datetime
) -> tuple[int, int, float, float]:
    articles, wire, storing, parsers = 0, 0, 0.0, 0.0
    updates = update_feeds(
        due_feeds, settings=settings, now=now, budget=timedelta(hours=1), known=partial(_known, warehouse)
    )
    async for batch in batches(updates):
        started = time.monotonic()
        parsers = max(parsers, _children_mb())
        articles += len(await asyncio.to_thread(_save, warehouse, batch, now=now))
        wire += sum(update.facts.wire_bytes for update in batch)
        storing += time.monotonic() - started
    return articles, wire, storing, parsers


def _known(warehouse: Warehouse, identities: Sequence[str]) -> set[str]:
    with warehouse.transaction() as tx:
        return known_identities(tx, identities)


def _save(warehouse: Warehouse, updates: Sequence[FeedUpdate], *, now: datetime) -> list[str]:
    rows = [rows_of(update) for update in updates]
    with warehouse.transaction() as tx:
        return save_feeds(tx, rows, now=now)


def _children_mb() -> float:
    """Return the most that the parsers that run held; what the kernel says of ended ones may be our own memory."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    peaks = (re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in pids)
    return sum(int(peak[1]) for peak in peaks if peak) / 1024


def _run(command: list[str]) -> dict[str, Any]:
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return result


def _report(name: str, feeds: int, result: dict[str, Any]) -> None:
    figures = "  ".join(f"{key} {value:9.2f}" for key, value in result.items())
    print(f"{name:22} {feeds:5} feeds  {figures}  ms/feed {1000 * result['seconds'] / feeds:7.2f}", flush=True)


def compare(base: str, count: int, *, peer: str | None, workers: int) -> None:
    """Measure a cold and an unchanged cycle, ours and the peer's, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(("cold", "unchanged")):
            own = [sys.executable, "-m", "benchmarks.feeds", "--cycle", str(number), "--base", base]
            own += ["--feeds", str(count), "--workers", str(workers), "--path", f"{folder}/ours.duckdb"]
            _report(f"brinkwatch {name}", count, _run(own))
            for threads in (1, 20) if peer else ():
                path = f"{folder}/peer-{threads}.sqlite"
                action = "add" if number == 0 else "update"
                _report(
                    f"reader({threads:2}) {name}",
                    count,
                    _run([str(peer), "-c", PEER, path, base, str(count), str(threads), action]),
                )


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, nargs="+", default=[1000])
    parser.add_argument("--workers", type=int, default=FetchSettings().workers, help="parser processes")
    parser.add_argument("--peer", help="the interpreter of an environment with reader")
    parser.add_argument("--cycle", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--base", help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cycle is not None:
        result = cycle(options.path, options.base, options.feeds[0], workers=options.workers, number=options.cycle)
        print(json.dumps(result))
        return
    for mixed in (False, True):
        print("mixed feeds" if mixed else "plain feeds", flush=True)
        with server(max(options.feeds), mixed=mixed) as base:
            for count in options.feeds:
                compare(base, count, peer=options.peer, workers=options.workers)


if __name__ == "__main__":
    main()
