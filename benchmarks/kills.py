"""Senders killed with -9 while they drain the warehouse into a Slack on loopback: what is lost, what is said twice.

``PYTHONPATH=tests python -m benchmarks.kills [bot|dropped|webhook]``: 200 alerts of 120 stories arrive in 20 waves, and
100 senders are killed at random moments between opening the warehouse and the last message. Prints an object per case.
"""

import json
import multiprocessing
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import BaseContext
from pathlib import Path

from news_examples import alert
from slackserver import CHANNEL, HEALTHY, HOOK, TOKEN, Fault, Faults, Slack, running, sometimes

from alerts.outbox import OutboxSettings
from flows.settings import Settings
from flows.work import notify as work
from warehouse import outbox
from warehouse.connection import transaction
from warehouse.store import Warehouse

ALERTS, STORIES, WAVES, KILLS = 200, 120, 20, 100
QUICK = OutboxSettings(
    lease=timedelta(seconds=2.5), timeout=timedelta(seconds=1), worst_delay=timedelta(seconds=0.2)
)  # fmt: skip


def send(settings: Settings) -> None:
    """Drain until nothing waits, with leases short enough to see many of them end, and without Slack's pace."""
    work.outbox_settings = lambda *_: QUICK
    route = replace(work.route_of(settings), pause=0.0)  # type: ignore[type-var]
    while left(settings):
        work.drain(settings, route, now=datetime.now(UTC))
        time.sleep(0.02)


def left(settings: Settings) -> int:
    """Return how many alerts nobody has been told of."""
    with transaction(settings.warehouse) as connection:
        return int(connection.execute("SELECT count(*) FROM alerts WHERE status = 'pending'").fetchall()[0][0])


def arrive(settings: Settings, numbers: Iterable[int]) -> None:
    """Store alerts as ``detect`` does."""
    now = datetime.now(UTC)
    rows = [alert(number, story=f"story-{number % STORIES}", seen=now) for number in numbers]
    with transaction(settings.warehouse) as connection:
        outbox.save_alerts(connection, rows, now=now)


def killed(context: BaseContext, settings: Settings, slack: Slack, dice: random.Random) -> bool:
    """Start a sender and kill it: after a random time, counted from its start or from its first call of Slack."""
    calls = len(slack.calls)
    sender = context.Process(target=send, args=(settings,))  # type: ignore[attr-defined]
    sender.start()
    deadline = time.monotonic() + dice.choice((0.0, 3.0))
    while time.monotonic() < deadline and sender.is_alive() and len(slack.calls) == calls:
        time.sleep(0.002)
    sender.join(dice.uniform(0.0, 0.3))
    alive = bool(sender.is_alive())
    if alive:
        os.kill(sender.pid, signal.SIGKILL)
    sender.join()
    return alive


def run(name: str, route: str, faults: Faults) -> None:
    """Let the alerts of one case arrive, kill senders among them, let the last one finish; print what became of all."""
    context, dice, count = multiprocessing.get_context("forkserver"), random.Random(5), 0
    context.set_forkserver_preload(["flows.work.notify", "news_examples", "slackserver"])
    with running(Slack(faults=faults)) as slack, tempfile.TemporaryDirectory() as folder:
        bot = {"slack_token": TOKEN, "slack_channel": CHANNEL, "slack_api_url": f"{slack.url}/api/"}
        target = bot if route == "bot" else {"slack_webhook": slack.url + HOOK}
        path = Path(folder) / "warehouse.duckdb"
        settings = Settings(warehouse=path, digest_above=1_000, _env_file=None, **target)  # type: ignore[arg-type]
        Warehouse(path).migrate()
        for wave in range(WAVES):
            arrive(settings, range(ALERTS * wave // WAVES, ALERTS * (wave + 1) // WAVES))
            while count < KILLS * (wave + 1) // WAVES:
                count += killed(context, settings, slack, dice)
                if not left(settings):
                    break
            last = context.Process(target=send, args=(settings,))
            last.start()
            last.join()
            Warehouse(path).publish()
    said = Counter(slack.alerts() if route == "bot" else hooked(slack))
    lost = sum(said[alert(number).id] == 0 for number in range(ALERTS))
    print(json.dumps({"case": name, "killed": count, "lost": lost, **twice(slack, route, said)}), flush=True)


def hooked(slack: Slack) -> list[str]:
    """Return the id of every alert that the webhook was told, once for each time."""
    texts = (re.search(r"red line (\d+)", message["text"]) for message in slack.hooked)
    return [alert(int(found.group(1))).id for found in texts if found]


def twice(slack: Slack, route: str, said: Counter[str]) -> dict[str, int]:
    """Count what was said more than once; a bot's messages and thread replies apart."""
    if route == "webhook":
        return {"repeats": sum(count - 1 for count in said.values())}
    counts = {}
    for name, messages in (("roots", slack.roots), ("replies", slack.replies)):
        ids = Counter(message["metadata"]["event_payload"]["alerts"] for message in messages)
        counts |= {name: len(messages), f"{name}_twice": sum(count - 1 for count in ids.values())}
    return counts | {"alerts_twice": sum(count - 1 for count in said.values())}


CASES = {
    "bot": ("bot", HEALTHY),
    "dropped": ("bot", sometimes("chat.postMessage", Fault(drop="after"), share=0.2)),
    "webhook": ("webhook", HEALTHY),
}


def main() -> None:
    """Run the cases named, or all: ``dropped`` loses 20 % of the answers after their message was stored."""
    for name in sys.argv[1:] or CASES:
        run(name, *CASES[name])


if __name__ == "__main__":
    main()
