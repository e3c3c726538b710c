"""Draining the warehouse's outbox into a Slack on loopback: echoes, corrections, outages, and senders that die."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dying import PROCESSES
from news_examples import alert
from slackserver import CHANNEL, HOOK, TOKEN, Fault, Slack, once, running
from transactions import store_articles, transact
from warehouses import new_warehouse

from alerts.delivery.outbox import OutboxSettings
from alerts.delivery.slack import SlackBot
from extractors.records import Article
from flows.settings import Settings
from flows.steps import notify as step
from flows.steps.detect import detect
from flows.steps.notify import drain, notify, route_of, watch
from flows.steps.pickup import WITHDRAWN
from flows.steps.run_log import recorded
from warehouse.connection import transaction
from warehouse.store import Warehouse
from warehouse.tables.alerts import save_alerts
from warehouse.tables.outbox import waiting_on

NOW = datetime.now(UTC)
FIRST = "Russian Foreign Minister Sergey Lavrov warned that any delivery of Kalibr missiles to Moldova would mean war."
BRIDGE = "Vladimir Putin warned that an attack on the Crimean bridge would be a red line."
OWN = "Any delivery of Kalibr missiles to Moldova would mean war, Sergey Lavrov warned reporters in Moscow on Friday."


@pytest.fixture
def slack() -> Iterator[Slack]:
    """A workspace of its own."""
    with running() as workspace:
        yield workspace


@pytest.fixture
def settings(slack: Slack, seeds: Path, tmp_path: Path) -> Settings:
    """A monitor that tells a bot's channel."""
    made = Settings(
        warehouse=tmp_path / "warehouse.duckdb", seeds=seeds, slack_token=TOKEN, slack_channel=CHANNEL,
        slack_api_url=f"{slack.url}/api/", digest_above=1_000, _env_file=None,
    )  # fmt: skip
    new_warehouse(made.warehouse)
    return made


def arrive(settings: Settings, outlet: str, text: str, *, minutes: int, revision: int = 1) -> None:
    """Let an article arrive and be read."""
    name, when = outlet.casefold(), NOW + timedelta(minutes=minutes)
    article = Article(
        id=f"{name}-{revision}", identity=name, title=f"Lavrov warns, says {outlet}", text=text, source=outlet,
        url=f"https://{name}.example/1", published=when, seen=when,
    )  # fmt: skip
    store_articles(Warehouse(settings.warehouse), [article], now=when)
    detect(settings, now=when)


def fill(settings: Settings, numbers: range, *, stories: int) -> None:
    """Store alerts as ``detect`` does."""
    seen = datetime.now(UTC)
    rows = [alert(number, story=f"story-{number % stories}", seen=seen) for number in numbers]
    with transaction(settings.warehouse) as connection:
        save_alerts(connection, rows, now=seen)


def shown(slack: Slack) -> str:
    """Everything the channel shows now."""
    return json.dumps([message["blocks"] for message in slack.messages])


def test_a_message_tells_how_far_its_story_travelled(settings: Settings, slack: Slack) -> None:
    """In place, when other outlets join its claim, and not again while nothing changes."""
    arrive(settings, "Gazette", FIRST, minutes=0)
    assert notify(settings, now=NOW).messages == 1
    arrive(settings, "Mirror", FIRST, minutes=1)
    arrive(settings, "Courier", OWN, minutes=2)
    assert [notify(settings, now=NOW).updated for _ in range(2)] == [1, 0]
    assert len(slack.messages) == 1
    assert "+2 outlets, 1 independent" in shown(slack)


def test_updates_give_way_to_what_is_to_be_sent(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two messages to be drawn anew the second waits for the next run if an alert is ready by then."""
    for outlet, text in (("Gazette", FIRST), ("Herald", BRIDGE)):
        arrive(settings, outlet, text, minutes=0)
    assert notify(settings, now=NOW).messages == 2
    for outlet, text in (("Mirror", FIRST), ("Courier", BRIDGE)):
        arrive(settings, outlet, text, minutes=1)
    ready = iter([0, 1, 0])
    monkeypatch.setattr(step, "ready", lambda *_, **__: next(ready))
    assert [notify(settings, now=NOW).updated for _ in range(2)] == [1, 1]


def test_a_message_is_corrected_when_its_article_is(settings: Settings, slack: Slack) -> None:
    """The alert stays, and says that its article no longer does."""
    arrive(settings, "Gazette", FIRST, minutes=0)
    notify(settings, now=NOW)
    assert WITHDRAWN not in shown(slack)
    arrive(settings, "Gazette", "The minister was misquoted.", minutes=5, revision=2)
    assert notify(settings, now=NOW).updated == 1
    assert WITHDRAWN in shown(slack)
    assert len(slack.messages) == 1


def test_the_operator_is_told_once_that_nothing_gets_through(
    settings: Settings, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, in the summary, and over the webhook where there is one beside the bot; without any secret."""
    both = settings.model_copy(update={"slack_webhook": Settings(slack_webhook=slack.url + HOOK).slack_webhook})
    slack.revoked = True
    fill(settings, range(3), stories=3)
    assert notify(both, now=datetime.now(UTC)).blocked == ""
    told = []
    for minutes in (1, 6, 11, 16, 21):
        now = datetime.now(UTC) + timedelta(minutes=minutes)
        with recorded(both, "notify", now=now):
            told.append(watch(both, route_of(both), now=now))
    assert [bool(notice) for notice in told] == [False, False, True, False, False]
    assert told[2].startswith("Nothing reaches slack: 3 alerts wait since")
    assert "token_revoked" in told[2]
    assert [message["text"] for message in slack.hooked] == [told[2]]
    assert caplog.text.count("Nothing reaches slack") == 1
    assert TOKEN not in caplog.text
    assert HOOK not in caplog.text


def test_a_drain_ends_when_nothing_gets_through(settings: Settings, slack: Slack) -> None:
    """Also one whose time is ahead of the clock, by which a refused alert may be tried again at once."""
    fill(settings, range(3), stories=3)
    slack.revoked = True
    notified = drain(settings, route_of(settings), now=datetime.now(UTC) + timedelta(days=1))
    assert (notified.sent, notified.waiting) == (0, 3)
    assert len(slack.calls) == 1


def test_a_webhook_counts_what_it_may_have_said_twice(settings: Settings, slack: Slack) -> None:
    """It cannot be asked what became of a message whose answer was lost."""
    hook = Settings(slack_webhook=slack.url + HOOK).slack_webhook
    webhook = settings.model_copy(update={"slack_webhook": hook, "slack_token": None})
    fill(settings, range(1), stories=1)
    slack.faults = once("webhook", Fault(drop="after"))
    first = notify(webhook, now=datetime.now(UTC))
    second = notify(webhook, now=datetime.now(UTC) + timedelta(seconds=settings.lease + 1))
    assert [(each.sent, each.waiting, each.repeats) for each in (first, second)] == [(0, 1, 0), (1, 0, 1)]
    assert len(slack.hooked) == 2
    assert "1 possibly sent twice" in second.summary


# --- killed senders

LEASE = OutboxSettings(
    lease=timedelta(minutes=5), timeout=timedelta(seconds=60), worst_delay=timedelta(seconds=60)
)  # fmt: skip


def send_in_a_process(settings: Settings, ahead: timedelta) -> None:
    """Drain until nothing waits, by a clock that is so much ahead and without Slack's pace."""
    step.outbox_settings = lambda *_: LEASE
    step.clock = lambda: datetime.now(UTC) + ahead
    bot = SlackBot.connect(TOKEN, CHANNEL, base_url=settings.slack_api_url, timeout=60)
    while transact(Warehouse(settings.warehouse), waiting_on, route="slack", now=step.clock()).alerts:
        drain(settings, replace(bot, pause=0.0), now=step.clock())


@pytest.mark.slow
def test_killed_senders_lose_nothing_and_say_nothing_twice(settings: Settings, slack: Slack) -> None:
    """Ten kills among 40 alerts of 20 stories, half of them replies; benchmarks/kills.py does more of that.

    When a sender has been killed its lease ends by a played clock, as soon as Slack has done all that it was asked.
    """
    dice, killed = random.Random(5), 0
    for wave in range(2):
        fill(settings, range(20 * wave, 20 * wave + 20), stories=20)
        for _ in range(5):
            sender = PROCESSES.Process(target=send_in_a_process, args=(settings, killed * LEASE.lease))
            sender.start()
            sender.join(dice.uniform(0.02, 0.12))
            if sender.is_alive():
                sender.kill()
                killed += 1
            sender.join()
            slack.settle()
        last = PROCESSES.Process(target=send_in_a_process, args=(settings, killed * LEASE.lease))
        last.start()
        last.join()
        assert last.exitcode == 0
    assert Counter(slack.alerts()) == {alert(number).id: 1 for number in range(40)}
    assert [len(slack.roots), len(slack.replies)] == [20, 20]
    assert killed >= 5
