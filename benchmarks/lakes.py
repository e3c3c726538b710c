"""The same news into a file and on a lake: is what they hold, and what is told, the same to the byte?

``PYTHONPATH=tests python -m benchmarks.lakes [stream|month]``: the stream is the 8,166 items of the measuring sets (a
folder beside the checkout, ``--shared``), the month that of the demo. Each day of it is one cycle on either: stored,
read, decided, told to a Slack on loopback, messages updated, published. An article is read once, for both. Needs
PostgreSQL. Prints an object: rows by table and view, what differs, and the processor time of each.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import lakes
from slackserver import CHANNEL, TOKEN, Slack
from slackserver import running as slack_running

from alerts.delivery.slack import SlackBot
from extractors.records import Article, Signals
from flows.demo.press import FIRST_DAY, month
from flows.settings import SEEDS, Settings
from flows.steps import notify, pickup, readers
from flows.steps.backtest import Cycle, arrived, cycles, read_archive
from flows.steps.detect import detect
from warehouse.novelty.stories import lsh_bands_by_article
from warehouse.places import Place
from warehouse.query import describe, query
from warehouse.store import Warehouse
from warehouse.tables.articles import save_articles

DAY = timedelta(days=1)


class CountedSlack(Slack):
    """One whose messages have the same times on every run."""

    def next_ts(self) -> str:
        """Return the next time."""
        self.last_ts += 1
        return f"{self.last_ts:.6f}"


@dataclass
class Side:
    """A monitor on one kind of warehouse."""

    settings: Settings
    slack: Slack
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def timed(self, step: str, run: Callable[[], Any]) -> Any:
        """Do a step, and add up its processor time."""
        began = time.process_time()
        done = run()
        self.seconds[step] += time.process_time() - began
        return done

    def play(self, cycle: Cycle) -> None:
        """Let the articles of a cycle arrive, and do all that a cycle does with them."""
        warehouse, now = Warehouse(self.settings.warehouse), cycle.now
        articles = [arrived(article, now=now) for article in cycle.articles]
        lsh_bands = lsh_bands_by_article(articles)

        def store() -> None:
            with warehouse.transaction() as tx:
                save_articles(tx, articles, lsh_bands, now=now)

        self.timed("store", store)
        self.timed("detect", partial(detect, self.settings, now=now))
        route = notify.route_of(self.settings)
        assert isinstance(route, SlackBot)
        route = replace(route, pause=0.0)  # type: ignore[type-var]
        self.timed("notify", partial(notify.drain, self.settings, route, now=now))
        self.timed("refresh", partial(pickup.refresh_messages, warehouse, route, now=now))
        self.timed("publish", warehouse.publish)

    def held(self) -> dict[str, list[str]]:
        """Return all rows of all tables and views, and all messages, as text."""
        place = self.settings.warehouse
        names = [each.name for each in describe(place) if each.name != "migrations"]
        rows = {name: sorted(map(repr, query(place, f'FROM "{name}"').rows)) for name in names}
        return rows | {"Slack": [json.dumps(message, sort_keys=True) for message in self.slack.messages]}


def read_once() -> None:
    """Let what was read in an article be kept, because both kinds of warehouse are given the same."""
    read: dict[str, Signals] = {}
    extracted = readers.extracted

    def remembered(extractor: Any, batch: Sequence[Article]) -> readers.ReadArticles:
        missing = [article for article in batch if article.id not in read]
        found, failures = extracted(extractor, missing)
        read.update((article.id, signals) for article, signals in found)
        return [(article, read[article.id]) for article in batch], failures

    readers.extracted = remembered


def stop_clock(now: datetime) -> None:
    """Let whoever asks be told the time of the cycle."""
    notify.clock = lambda: now
    notify.steady_clock = lambda: lambda: now


def stream(shared: Path) -> list[Cycle]:
    """Return the days of the measuring stream."""
    articles, _ = read_archive(shared / "eval" / "stream.jsonl.gz")
    return list(cycles(articles, every=DAY))


def demo_month(_shared: Path) -> list[Cycle]:
    """Return the days of the month of the demo."""
    articles = [
        Article(
            id=each.path, url=f"https://press.example{each.path}", title=each.title, text=each.text,
            source=each.outlet.name, ownership=each.outlet.ownership, published=each.published,
        )
        for each in sorted(month(noise=4), key=lambda each: each.published)
    ]  # fmt: skip
    assert articles[0].published >= FIRST_DAY
    return list(cycles(articles, every=DAY))


PLAYED = {"stream": stream, "month": demo_month}


def compare(played: Iterable[Cycle], folder: Path, server: lakes.Server) -> dict[str, Any]:
    """Play the same to both and return what they hold, what differs, and what each took."""
    seeds = shutil.copytree(SEEDS, folder / "seeds", ignore=shutil.ignore_patterns("articles"))
    places: dict[str, Place] = {"file": folder / "w.duckdb", "lake": server.new_database()}
    with slack_running(CountedSlack()) as one, slack_running(CountedSlack()) as other:
        sides = {
            kind: Side(
                Settings(
                    warehouse=place, seeds=seeds, slack_token=TOKEN, slack_channel=CHANNEL,
                    slack_api_url=f"{slack.url}/api/", readers=1, _env_file=None,
                ),
                slack,
            )
            for (kind, place), slack in zip(places.items(), (one, other), strict=True)
        }  # fmt: skip
        read_once()
        for side in sides.values():
            Warehouse(side.settings.warehouse).migrate()
        for number, cycle in zip(count(1), played, strict=False):
            stop_clock(cycle.now)
            for side in sides.values():
                side.play(cycle)
            print(f"{number} {cycle.now:%d %b}: {len(one.messages)} messages", flush=True)
        held = {kind: side.held() for kind, side in sides.items()}
    return {
        "rows": {name: len(rows) for name, rows in held["file"].items() if rows},
        "differ": {name: differing(held["file"][name], held["lake"].get(name, [])) for name in held["file"]},
        "seconds": {
            kind: {step: round(took, 2) for step, took in side.seconds.items()} for kind, side in sides.items()
        },
    }


def differing(ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Return the first rows that only one of both holds."""
    return [f"- {row[:400]}" for row in ours if row not in set(theirs)][:3] + [
        f"+ {row[:400]}" for row in theirs if row not in set(ours)
    ][:3]


def main() -> None:
    """Play what is named to both, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=PLAYED)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, lakes.running() as server:
        compared = compare(PLAYED[given.what](given.shared), Path(folder), server)
    compared["differ"] = {name: rows for name, rows in compared["differ"].items() if rows} or "nothing"
    print(json.dumps({"what": given.what, "at": f"{datetime.now(UTC):%Y-%m-%d}"} | compared, indent=1), flush=True)


if __name__ == "__main__":
    main()
