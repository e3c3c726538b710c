"""Senders killed with -9 while they drain the warehouse into a Slack on loopback: what is lost, what is said twice.

``PYTHONPATH=tests python -m benchmarks.kills [bot|dropped|restored|webhook]``: 200 alerts of 120 stories arrive in 12
waves, and 60 senders are killed: half of them in the middle of a write (a claim, a record, the snapshot) or of a send,
the others at random moments. Prints an object per case.
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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from news_examples import alert
from slackserver import CHANNEL, HEALTHY, HOOK, TOKEN, Fault, Faults, Slack, running, sometimes

from alerts.delivery.outbox import OutboxSettings
from alerts.delivery.slack import SlackBot, SlackWebhook
from flows.settings import Settings
from flows.steps import notify as step
from warehouse.connection import transaction
from warehouse.store import Warehouse
from warehouse.tables.alerts import save_alerts

ALERTS, STORIES, WAVES, KILLS = 200, 120, 12, 60
WRITE, SEND = 1, 2
"""What a sender is in the middle of; 0 is anything else."""
QUICK = OutboxSettings(
    lease=timedelta(seconds=10), timeout=timedelta(seconds=1), worst_delay=timedelta(seconds=0.2)
)  # fmt: skip
"""Leases of 2.5 s ran out on a busy machine before anything was sent, time and again."""


def send(settings: Settings, doing: Any) -> None:
    """Drain until nothing waits, with leases short enough to see many of them end, and without Slack's pace."""
    step.outbox_settings = lambda *_: QUICK
    Warehouse.transaction = watched_transaction(Warehouse.transaction, doing)  # type: ignore[method-assign]
    Warehouse.publish = marked(Warehouse.publish, doing, WRITE)  # type: ignore[method-assign]
    for route_of_kind in (SlackBot, SlackWebhook):
        route_of_kind.send = marked(route_of_kind.send, doing, SEND)  # type: ignore[method-assign]
    route = replace(step.route_of(settings), pause=0.0)  # type: ignore[type-var]
    while left(settings):
        step.drain(settings, route, now=datetime.now(UTC))
        Warehouse(settings.warehouse).publish()


def marked(call: Callable[..., Any], doing: Any, what: int) -> Callable[..., Any]:
    """Let whoever aims at this process see when it is in the middle of ``call``."""

    def watched(*arguments: Any, **options: Any) -> Any:
        doing.value = what
        try:
            return call(*arguments, **options)
        finally:
            doing.value = 0

    return watched


def watched_transaction(transaction: Callable[..., Any], doing: Any) -> Callable[..., Any]:
    """Let whoever aims at this process see when it is in the middle of a transaction."""

    @contextmanager
    def watched(warehouse: Warehouse) -> Iterator[Any]:
        doing.value = WRITE
        try:
            with transaction(warehouse) as tx:
                yield tx
        finally:
            doing.value = 0

    return watched


def left(settings: Settings) -> int:
    """Return how many alerts nobody has been told of."""
    with transaction(settings.warehouse) as connection:
        return int(connection.execute("SELECT count(*) FROM alerts WHERE status = 'pending'").fetchall()[0][0])


def arrive(settings: Settings, numbers: Iterable[int]) -> None:
    """Store alerts as ``detect`` does."""
    now = datetime.now(UTC)
    rows = [alert(number, story=f"story-{number % STORIES}", seen=now) for number in numbers]
    with transaction(settings.warehouse) as connection:
        save_alerts(connection, rows, now=now)


def killed(context: BaseContext, settings: Settings, doing: Any, dice: random.Random, aim: int) -> int | None:
    """Start a sender and kill it, in the middle of what is aimed at if that comes; return what it was doing, if killed.

    It is stopped first, so that what it says it was doing is what it was killed in.
    """
    doing.value = 0
    sender = context.Process(target=send, args=(settings, doing))  # type: ignore[attr-defined]
    sender.start()
    deadline = time.monotonic() + 5.0
    while aim and doing.value != aim and sender.is_alive() and time.monotonic() < deadline:
        time.sleep(0.0005)
    sender.join(dice.uniform(0.0, 0.02 if aim else 0.5))
    if not sender.is_alive():
        return None
    os.kill(sender.pid, signal.SIGSTOP)
    hit = int(doing.value)
    os.kill(sender.pid, signal.SIGKILL)
    sender.join()
    return hit


def run(name: str, route: str, faults: Faults) -> None:
    """Let the alerts of one case arrive, kill senders among them, let the last one finish; print what became of all."""
    context, dice, hits = multiprocessing.get_context("forkserver"), random.Random(5), list[int]()
    context.set_forkserver_preload(["flows.steps.notify", "news_examples", "slackserver"])
    doing = context.Value("i", 0, lock=False)  # a lock would die with its holder
    with running(Slack(faults=faults)) as slack, tempfile.TemporaryDirectory() as folder:
        bot = {"slack_token": TOKEN, "slack_channel": CHANNEL, "slack_api_url": f"{slack.url}/api/"}
        target = {"slack_webhook": slack.url + HOOK} if route == "webhook" else bot
        path = Path(folder) / "warehouse.duckdb"
        settings = Settings(warehouse=path, digest_above=1_000, _env_file=None, **target)  # type: ignore[arg-type]
        Warehouse(path).migrate()
        for wave in range(WAVES):
            arrive(settings, range(ALERTS * wave // WAVES, ALERTS * (wave + 1) // WAVES))
            made = Warehouse(path).back_up(now=datetime.now(UTC)).path if route == "restored" and not wave % 5 else None
            while len(hits) < KILLS * (wave + 1) // WAVES and left(settings):
                aimed = sum(map(bool, hits)) <= len(hits) / 2
                hit = killed(context, settings, doing, dice, dice.choice((WRITE, SEND)) if aimed else 0)
                hits += [] if hit is None else [hit]
            if made:
                Warehouse(path).restore(made, now=datetime.now(UTC))
            last = context.Process(target=send, args=(settings, doing))
            last.start()
            last.join()
    said = Counter(hooked(slack) if route == "webhook" else slack.alerts())
    lost = sum(said[alert(number).id] == 0 for number in range(ALERTS))
    kills = {"killed": len(hits), "in_a_write": hits.count(WRITE), "in_a_send": hits.count(SEND)}
    print(json.dumps({"case": name, **kills, "lost": lost, **twice(slack, route, said)}), flush=True)


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
    "restored": ("restored", HEALTHY),
    "webhook": ("webhook", HEALTHY),
}


def main() -> None:
    """Run the cases named, or all.

    ``dropped`` loses 20 % of the answers after their message was stored; in ``restored``, after every fifth wave, a
    back-up made before its kills takes the place of the warehouse.
    """
    for name in sys.argv[1:] or CASES:
        run(name, *CASES[name])


if __name__ == "__main__":
    main()
