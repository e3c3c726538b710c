"""The deployed monitor: a real Prefect server, ``brinkwatch serve``, a newsroom and a Slack, all on loopback."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from livedesk import Desk, answers, open_desk, prefect_server, until

from flows.steps.ingest import ingest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600), pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def desk(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A monitor whose backlog has been told, with a Prefect server of its own and ``serve`` running."""
    with open_desk(seeds, tmp_path_factory.mktemp("live")) as made, prefect_server(made):
        until(lambda: answers(made.api))
        made.serve()
        yield made


@pytest.fixture(autouse=True)
def _listen(desk: Desk) -> None:
    desk.listen()


def publish(desk: Desk, number: int) -> str:
    """Let an article appear in a feed that is due; return a word that only its alert will say."""
    weapon, country = (("Kalibr", "Ruritania"), ("Zircon", "Graustark"), ("Oreshnik", "Zenda"))[number]
    words = f"any delivery of {weapon} missiles to {country} would mean war"
    desk.publish(f"Minister warns {country}", f"Russian Foreign Minister Sergey Lavrov warned that {words}.")
    return country


def test_an_article_that_appears_is_in_slack_soon_after_its_poll(desk: Desk) -> None:
    """From the start of ``ingest``, through two events, to the message; docs/deployment.md has measured times."""
    words = publish(desk, 0)
    desk.trigger("ingest/scheduled")
    until(lambda: desk.told(words))
    assert desk.told(words) == 1


def test_what_a_lost_event_would_have_told_is_found_by_the_next_schedule(desk: Desk) -> None:
    """Articles that were stored without any event are read and told when ``detect`` runs for whatever reason."""
    words = publish(desk, 1)
    ingest(desk.settings, now=datetime.now(UTC))
    desk.trigger("detect/triggered")
    until(lambda: desk.told(words))
    assert desk.told(words) == 1


def test_serve_killed_in_the_middle_loses_nothing_and_says_nothing_twice(desk: Desk) -> None:
    """Started again it ends the runs that were cut off, and the schedules that follow do what they left undone.

    On a slow machine some run is always at work, so these alone are waited for.
    """
    words = publish(desk, 2)
    desk.trigger("ingest/scheduled")
    until(lambda: desk.at_work("detect"))
    desk.kill()
    cut = [run["id"] for run in desk.runs("RUNNING", "PENDING")]
    desk.serve()
    until(lambda: desk.have_ended(cut))
    for deployment in ("detect/triggered", "notify/triggered"):
        desk.complete(deployment)
    until(lambda: desk.told(words))
    assert set(Counter(desk.slack.alerts()).values()) == {1}
