"""A month of invented news through the real steps: each event alerts once, at once, and gathers its later reports."""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from slackserver import CHANNEL, TOKEN, Slack, running
from transactions import store_articles

from alerts.delivery.slack import SlackBot
from extractors.records import Alert, Article, content_id
from flows.demo.happenings import Line, Step, Threat
from flows.demo.press import DAYS, FIRST_DAY, OUTLETS, Report, happenings, month
from flows.settings import Settings
from flows.steps.detect import detect
from flows.steps.notify import drain, route_of
from flows.steps.pickup import refresh_messages
from warehouse.store import Warehouse

pytestmark = pytest.mark.slow

CYCLE = timedelta(days=1)
MAY_BE_SPLIT = 6
"""Alerts beyond the first of their event, mostly "cleared a shipment", which the reader takes for a delivery; to be
lowered, never raised again: one was allowed, and none needed, when rules read the month.
"""
MAY_BE_MISSED = 5
"""Events of which no report is understood, 4 of 53 when this was written; to be lowered, never raised."""


@dataclass
class Month:
    """What the month brought: alerts by event in the order in which they fired, and the channel as it ended."""

    reports: list[Report]
    slack: Slack
    fired: dict[int | None, list[tuple[datetime, Alert]]] = field(default_factory=lambda: defaultdict(list))

    def first_report(self, event: int | None) -> Report:
        return next(report for report in self.reports if report.event == event)

    def found(self) -> dict[int, list[tuple[datetime, Alert]]]:
        """The events that were alerted."""
        return {event: fired for event, fired in self.fired.items() if event is not None}


@pytest.fixture(scope="module")
def played(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """The month, told to a Slack on loopback, one cycle a day; of its world nothing is known beforehand."""
    folder = tmp_path_factory.mktemp("month")
    ignored = shutil.ignore_patterns("articles", "holdings.jsonl")
    invented = shutil.copytree(seeds, folder / "seeds", ignore=ignored)
    with running() as slack:
        settings = Settings(
            warehouse=folder / "w.duckdb", seeds=invented, slack_token=TOKEN,
            slack_channel=CHANNEL, slack_api_url=f"{slack.url}/api/", _env_file=None,
        )  # fmt: skip
        yield play(settings, Month(reports=month(noise=4), slack=slack))


def play(settings: Settings, played: Month) -> Month:
    """Let every report arrive in the cycle after its publication."""
    warehouse, route = Warehouse(settings.warehouse), route_of(settings)
    assert isinstance(route, SlackBot)
    warehouse.migrate()
    events: dict[str, int | None] = {}
    for number in range(1, DAYS + 3):
        now = FIRST_DAY + number * CYCLE
        arriving = {article_of(each, now): each for each in played.reports if now - CYCLE < each.published <= now}
        events |= {article.id: report.event for article, report in arriving.items()}
        store_articles(warehouse, list(arriving), now=now)
        for alert in detect(settings, now=now).alerts:
            if alert.suppressed is None:
                played.fired[events[alert.article]].append((now, alert))
        drain(settings, route, now=now)
        if number % 4 == 0:
            warehouse.publish()
            refresh_messages(warehouse, route, now=now)
    while refresh_messages(warehouse, route, now=now):
        pass
    return played


def article_of(report: Report, now: datetime) -> Article:
    """The report as a feed brings it."""
    return Article(
        id=content_id(report.path, report.text), identity=report.path, url=f"https://press.example{report.path}",
        title=report.title, text=report.text, source=report.outlet.name, ownership=report.outlet.ownership,
        published=report.published, seen=now,
    )  # fmt: skip


def test_the_month_is_what_it_claims_to_be() -> None:
    """Events of every kind, told by one outlet to nearly all, up to three days late, and the same month every time."""
    reports = month()
    assert [report.text for report in reports] == [report.text for report in month()]
    outlets = [len({each.outlet for each in reports if each.event == event}) for event in range(len(happenings()))]
    assert min(outlets) == 1
    assert max(outlets) > len(OUTLETS) * 0.8
    assert sum(outlets) == sum(report.event is not None for report in reports)
    assert {type(what) for _, what in happenings()} > {Line, Threat, Step}
    assert not any(re.search(r"[{}]", report.title + report.text) for report in reports)


def test_each_event_alerts_once(played: Month) -> None:
    """Alerts for each event that was found; split are those whose rewordings have hardly a word in common."""
    split = {event: fired for event, fired in played.found().items() if len(fired) > 1}
    assert sum(len(fired) - 1 for fired in split.values()) <= MAY_BE_SPLIT, [
        [alert.sentence for _, alert in fired] for fired in split.values()
    ]


def test_nearly_every_event_is_found(played: Month) -> None:
    """By any of its reports."""
    events = happenings()
    missed = [events[event] for event in range(len(events)) if event not in played.found()]
    assert len(missed) <= MAY_BE_MISSED, missed


def test_the_alert_comes_in_the_cycle_that_stored_the_first_report(played: Month) -> None:
    """Not when the third outlet has written it more plainly; a few first reports are not understood."""
    late = [
        event
        for event, fired in played.found().items()
        if not fired[0][0] - CYCLE < played.first_report(event).published <= fired[0][0]
    ]
    assert len(late) <= 3, [played.first_report(event).text for event in late]


def test_ordinary_news_alerts_nobody(played: Month) -> None:
    """Strikes of unions, red lines of budgets and coaches who threaten to resign."""
    assert [alert.sentence for _, alert in played.fired.get(None, ())] == []


def test_no_day_brings_thirty_alerts(played: Month) -> None:
    """At default settings."""
    days: dict[str, int] = defaultdict(int)
    for fired in played.fired.values():
        for at, _ in fired:
            days[f"{at:%Y-%m-%d}"] += 1
    assert max(days.values()) < 30


def test_every_alert_is_told_once_and_later_reports_are_counted_in_its_message(played: Month) -> None:
    """Of what other outlets wrote, 85 % was found in the line below the first; the rest is not understood."""
    told = [alert.id for fired in played.fired.values() for _, alert in fired]
    sent = played.slack.alerts()
    assert len(sent) == len(set(sent))
    assert set(told) <= set(sent)  # the day's digest brings stages that are only considered beside them
    reports = {event: {each.outlet for each in played.reports if each.event == event} for event in played.found()}
    later = sum(len(outlets) - 1 for outlets in reports.values())
    counted = sum(
        int(n) for message in played.slack.messages for n in re.findall(r"\+(\d+) outlet", str(message["blocks"]))
    )
    assert counted >= 0.8 * later, f"{counted} of {later}"
