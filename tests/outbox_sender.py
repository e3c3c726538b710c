"""A sender that is killed: delivers from a small SQLite outbox, in child processes that die at random points.

Leases end by a played clock, as soon as Slack has done all that it was asked: on a slow machine as on a fast one.

Run as ``python outbox_sender.py OUTBOX URL ROUTE KILLS SEED``; prints one line of JSON about what it did.
"""

import json
import math
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from news_examples import alert
from slackserver import CHANNEL, HOOK, TOKEN, Slack

from alerts.delivery.outbox import OutboxSettings, Outcome, deliver
from alerts.delivery.route import Route
from alerts.delivery.slack import SlackBot, SlackWebhook
from extractors.records import Alert

SETTINGS = OutboxSettings(lease=timedelta(minutes=1), timeout=timedelta(seconds=1), worst_delay=timedelta(seconds=0.2))
BATCH = 6


@dataclass(frozen=True)
class Taken:
    """A claim of the small outbox."""

    alert: Alert
    attempts: int
    parent: str | None
    perhaps_told_since: None = None


class SmallOutbox:
    """What the warehouse does for the outbox, in SQLite: claims with a lease, of each story one alert at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=10, isolation_level="IMMEDIATE")

    def fill(self, count: int, stories: int) -> None:
        """Store ``count`` alerts of ``stories`` stories."""
        with closing(self.open()) as db, db:
            db.execute(
                "CREATE TABLE outbox (number INTEGER PRIMARY KEY, story INTEGER, status TEXT DEFAULT 'new',"
                " attempts INTEGER DEFAULT 0, free REAL DEFAULT 0, receipt TEXT, repeats INTEGER DEFAULT 0)"
            )
            db.execute("CREATE TABLE clock AS SELECT 0.0 AS ahead")
            rows = [(number, number % stories) for number in range(count)]
            db.executemany("INSERT INTO outbox (number, story) VALUES (?, ?)", rows)

    def now(self) -> float:
        """The time by the played clock."""
        with closing(self.open()) as db:
            return time.time() + float(db.execute("SELECT ahead FROM clock").fetchone()[0])

    def end_leases(self, slack: Slack) -> None:
        """Let the time pass that a lease lasts: whatever Slack was asked is done by then."""
        slack.settle()
        with closing(self.open()) as db, db:
            db.execute("UPDATE clock SET ahead = ahead + ?", (SETTINGS.lease.total_seconds(),))

    def claim(self, now: float) -> list[Taken]:
        """Take the oldest unfinished alert of each story, unless somebody holds it."""
        with closing(self.open()) as db, db:
            db.execute("BEGIN IMMEDIATE")
            rows = db.execute(
                "SELECT number, story, attempts + 1 FROM outbox AS one WHERE free <= ? AND number ="
                " (SELECT min(number) FROM outbox WHERE story = one.story"
                " AND status NOT IN ('delivered', 'dead_letter'))"
                " ORDER BY number LIMIT ?",
                (now, BATCH),
            ).fetchall()
            free = now + SETTINGS.lease.total_seconds()
            for number, _, attempts in rows:
                db.execute("UPDATE outbox SET attempts = ?, free = ? WHERE number = ?", (attempts, free, number))
            return [Taken(example(number, story), attempts, self.parent(db, story)) for number, story, attempts in rows]

    @staticmethod
    def parent(db: sqlite3.Connection, story: int) -> str | None:
        found = db.execute("SELECT min(receipt) FROM outbox WHERE story = ? AND status = 'delivered'", (story,))
        receipt: str | None = found.fetchone()[0]
        return receipt

    def record(self, outcome: Outcome) -> None:
        """Store what became of a message."""
        with closing(self.open()) as db, db:
            for alert_id in outcome.alerts:
                free = outcome.retry_at.timestamp() if outcome.retry_at else None
                db.execute(
                    "UPDATE outbox SET status = ?, receipt = ?, free = coalesce(?, free), repeats = repeats + ?"
                    " WHERE number = ?",
                    (outcome.status, outcome.receipt, free, outcome.repeat, int(alert_id, 16)),
                )

    def left(self) -> int:
        """Alerts that are not delivered yet."""
        with closing(self.open()) as db:
            return int(db.execute("SELECT count(*) FROM outbox WHERE status != 'delivered'").fetchone()[0])

    def repeats(self) -> int:
        """Alerts that may have been said twice, by the sender's own account."""
        with closing(self.open()) as db:
            return int(db.execute("SELECT sum(repeats) FROM outbox").fetchone()[0])


def example(number: int, story: int) -> Alert:
    """The alert of this number, seen now by the clock of the loopback Slack."""
    return alert(number, story=f"story-{story}", seen=datetime.now(UTC) - timedelta(minutes=1))


def work(outbox: SmallOutbox, route: Route, slack: Slack, *, most: float) -> None:
    """Deliver until nothing is left; die after so many messages."""
    recorded = 0
    while outbox.left():
        now = outbox.now()
        claims = outbox.claim(now)
        for outcome in deliver(
            claims,
            route,
            until=datetime.fromtimestamp(now, UTC) + SETTINGS.lease,
            clock=lambda: datetime.fromtimestamp(outbox.now(), UTC),
            sleep=time.sleep,
            digest_above=1_000,
            settings=SETTINGS,
        ):
            outbox.record(outcome)
            recorded += 1
            if recorded >= most:
                os.kill(os.getpid(), signal.SIGKILL)
        if not claims:
            outbox.end_leases(slack)


def killed_runs(outbox: SmallOutbox, route: Route, slack: Slack, *, kills: int, dice: random.Random) -> int:
    """Let children work and kill each after a while, at the latest with its first message; return how many that were.

    So there is always something left for the last one, which is not killed.
    """
    killed = 0
    while outbox.left():
        child = os.fork()
        if child == 0:
            work(outbox, route, slack, most=1 if killed < kills else math.inf)
            os._exit(0)
        if killed < kills:
            time.sleep(dice.uniform(0.0, 0.06))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            killed += 1
            outbox.end_leases(slack)
    return killed


def main(arguments: Iterable[str]) -> None:
    """Read the command line, work, report."""
    path, url, name, kills, seed = arguments
    outbox = SmallOutbox(Path(path))
    bot = SlackBot.connect(TOKEN, CHANNEL, base_url=f"{url}/api/", timeout=1)
    route: Route = replace(bot, pause=0.0)
    if name == "webhook":
        route = replace(SlackWebhook.connect(url + HOOK, timeout=1), pause=0.0)
    killed = killed_runs(outbox, route, Slack(url=url), kills=int(kills), dice=random.Random(int(seed)))
    sys.stdout.write(json.dumps({"killed": killed, "left": outbox.left(), "repeats": outbox.repeats()}))


if __name__ == "__main__":
    main(sys.argv[1:])
