"""The deployed monitor: a real Prefect server, ``brinkwatch serve``, a newsroom and a Slack, all on loopback."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from livedesk import Desk, answers, open_desk, prefect_server, until

from flows.work.ingest import ingest

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def desk(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A monitor whose backlog has been told, with a Prefect server of its own and ``serve`` running."""
    with open_desk(seeds, tmp_path_factory.mktemp("live")) as made, prefect_server(made):
        until(lambda: answers(made.api), seconds=120)
        made.serve()
        yield made


def publish(desk: Desk, number: int) -> str:
    """Let an article appear in a feed that is due; return a word that only its alert will say."""
    weapon, country = (("Kalibr", "Ruritania"), ("Zircon", "Graustark"), ("Oreshnik", "Zenda"))[number]
    words = f"any delivery of {weapon} missiles to {country} would mean war"
    desk.publish(f"Minister warns {country}", f"Russian Foreign Minister Sergey Lavrov warned that {words}.")
    return country


def automations(desk: Desk) -> list[dict[str, Any]]:
    """Return the automations that watch over runs."""
    found = desk.call("/automations/filter", {})
    return [each for each in found if each["name"].startswith("brinkwatch:")]


def within(desk: Desk, seconds: float) -> None:
    """Let the server miss a sign of life sooner."""
    for each in automations(desk):
        said = {name: each[name] for name in ("name", "description", "enabled", "actions")}
        changed = said | {"trigger": each["trigger"] | {"within": seconds}}
        desk.call(f"/automations/{each['id']}", changed, method="PUT")


def test_an_article_that_appears_is_in_slack_soon_after_its_poll(desk: Desk) -> None:
    """From the start of ``ingest``, through two events, to the message; docs/deployment.md has measured times."""
    words = publish(desk, 0)
    desk.trigger("ingest/scheduled")
    until(lambda: desk.told(words), seconds=60)
    assert desk.told(words) == 1


def test_what_a_lost_event_would_have_told_is_found_by_the_next_schedule(desk: Desk) -> None:
    """Articles that were stored without any event are read and told when ``detect`` runs for whatever reason."""
    words = publish(desk, 1)
    ingest(desk.settings, now=datetime.now(UTC))
    desk.trigger("detect/triggered")
    until(lambda: desk.told(words), seconds=60)
    assert desk.told(words) == 1


def test_serve_killed_in_the_middle_loses_nothing_and_says_nothing_twice(desk: Desk) -> None:
    """The server marks its runs, and the schedules that follow do what they left undone.

    A sign of life is missed after 40 s here, to save time. Started again, ``serve`` renews the automation that somebody
    has changed, and makes no second one.
    """
    within(desk, 40.0)
    words = publish(desk, 2)
    desk.trigger("ingest/scheduled")
    until(lambda: desk.at_work("detect"), seconds=60)
    desk.kill()
    until(lambda: not desk.runs("RUNNING", "PENDING"), seconds=120)
    desk.serve()
    for deployment in ("detect/triggered", "notify/triggered"):
        desk.trigger(deployment)
        until(lambda: not desk.runs("RUNNING", "PENDING"), seconds=60)
    until(lambda: desk.told(words), seconds=30)
    assert set(Counter(desk.slack.alerts()).values()) == {1}
    expected = [timedelta(seconds=90), timedelta(seconds=120)]
    assert sorted(timedelta(seconds=each["trigger"]["within"]) for each in automations(desk)) == expected
