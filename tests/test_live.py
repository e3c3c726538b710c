"""The deployed monitor: a real Prefect server, ``brinkwatch serve``, a newsroom and a Slack, all on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from newsroom import Newsroom, open_newsroom, seeds_with
from slackserver import CHANNEL, TOKEN, Slack, running

from flows.settings import Settings
from flows.work.cycle import run_cycle
from flows.work.ingest import ingest
from warehouse.connection import transaction

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parent.parent


@dataclass
class Desk:
    """A deployed monitor and what it watches and tells."""

    room: Newsroom
    slack: Slack
    settings: Settings
    api: str
    environment: dict[str, str]
    folder: Path
    served: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the Prefect API, again while its database is busy; with a body it is a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.api}{path}", data, {"Content-Type": "application/json"})
        for _ in range(30):
            try:
                with urlopen(request, timeout=30) as answer:
                    return json.loads(answer.read() or b"null")
            except HTTPError as error:
                if error.code != 503:
                    raise
            time.sleep(1)
        raise AssertionError(f"{path} was never answered")

    def serve(self) -> None:
        """Start ``brinkwatch serve`` and wait until its deployments are there and somebody runs them."""
        with (self.folder / "serve.log").open("ab") as log:
            command = [sys.executable, "-m", "flows.cli", "serve"]
            self.served.append(start(command, self.environment, log))
        until(lambda: b"deployments are being served" in (self.folder / "serve.log").read_bytes(), seconds=60)

    def kill(self) -> None:
        """End ``serve`` and the processes of its runs as a power cut would."""
        process = self.served.pop()
        for pid in (process.pid, *descendants(process.pid)):
            os.kill(pid, signal.SIGKILL)
        process.wait()
        (self.folder / "serve.log").unlink()

    def trigger(self, deployment: str) -> None:
        """Start a deployment as its schedule would, once more when that finds another run still at work."""
        found = self.call(f"/deployments/name/{deployment}")
        while self.started(found["id"]) == "CANCELLED":
            time.sleep(0.5)

    def started(self, deployment: str) -> str:
        """Create a run of a deployment; return its state once it is no longer about to start."""
        run = self.call(f"/deployments/{deployment}/create_flow_run", {})["id"]
        until(lambda: self.state(run) not in {"SCHEDULED", "PENDING"}, seconds=60)
        return self.state(run)

    def state(self, run: str) -> str:
        """Return the type of the state of a flow run."""
        return str(self.call(f"/flow_runs/{run}")["state_type"])

    def runs(self, *states: str) -> list[str]:
        """Return the names of the flow runs in these states."""
        wanted = {"flow_runs": {"state": {"type": {"any_": list(states)}}}}
        return [run["name"] for run in self.call("/flow_runs/filter", wanted)]

    def publish(self, number: int) -> str:
        """Let an article appear in a feed that is due; return a word that only its alert will say."""
        weapon, country = (("Kalibr", "Ruritania"), ("Zircon", "Graustark"), ("Oreshnik", "Zenda"))[number]
        words = f"any delivery of {weapon} missiles to {country} would mean war"
        self.room.carry(f"Minister warns {country}", f"Russian Foreign Minister Sergey Lavrov warned that {words}.")
        with transaction(self.settings.warehouse) as connection:
            connection.execute("UPDATE feeds SET next_due_at = NULL")
        return country

    def told(self, words: str) -> int:
        """Return how often Slack was told of this."""
        return sum(words in json.dumps(message["blocks"]) for message in self.slack.messages)


@pytest.fixture(scope="module")
def desk(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A monitor whose backlog has been told, with a Prefect server of its own and ``serve`` running."""
    folder = tmp_path_factory.mktemp("live")
    with open_newsroom() as room, running() as slack:
        settings = Settings(
            warehouse=folder / "warehouse.duckdb", seeds=seeds_with(room, seeds, folder / "seeds"),
            allow_hosts=frozenset({"127.0.0.1"}), slack_token=TOKEN, slack_channel=CHANNEL,
            slack_api_url=f"{slack.url}/api/", _env_file=None,
        )  # fmt: skip
        with prefect_server(folder) as (api, environment):
            run_cycle(settings, now=datetime.now(UTC))
            environment |= {
                "BRINKWATCH_WAREHOUSE": str(settings.warehouse), "BRINKWATCH_SEEDS": str(settings.seeds),
                "BRINKWATCH_ALLOW_HOSTS": "127.0.0.1", "BRINKWATCH_SLACK_TOKEN": TOKEN,
                "BRINKWATCH_SLACK_CHANNEL": CHANNEL, "BRINKWATCH_SLACK_API_URL": settings.slack_api_url,
            }  # fmt: skip
            made = Desk(room, slack, settings, api, environment, folder)
            until(lambda: answers(api), seconds=120)
            made.serve()
            try:
                yield made
            finally:
                made.kill()


@contextmanager
def prefect_server(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Start a Prefect server, which is not ready at once; yield its API and the environment of its clients."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    environment = {
        **os.environ, "PREFECT_HOME": str(folder / "prefect"), "PREFECT_API_URL": api, "PYTHONPATH": str(ROOT),
        "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }  # fmt: skip
    with (folder / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
        process = start(command, environment, log)
        try:
            yield api, environment
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def start(command: list[str], environment: dict[str, str], log: Any) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own."""
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    children = [int(line) for line in found.stdout.split()]
    return [*children, *(each for child in children for each in descendants(child))]


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(api: str) -> bool:
    """Return whether the Prefect server is up."""
    try:
        with urlopen(f"{api}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def until(reached: Callable[[], object], *, seconds: float) -> float:
    """Wait until something is so; return how long that took. Fails after ``seconds``."""
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.2)
    return time.monotonic() - began


def test_an_article_that_appears_is_in_slack_soon_after_its_poll(desk: Desk) -> None:
    """From the start of ``ingest``, through two events, to the message; docs/deployment.md has measured times."""
    words = desk.publish(0)
    desk.trigger("ingest/scheduled")
    until(lambda: desk.told(words), seconds=60)
    assert desk.told(words) == 1


def test_what_a_lost_event_would_have_told_is_found_by_the_next_schedule(desk: Desk) -> None:
    """Articles that were stored without any event are read and told when ``detect`` runs for whatever reason."""
    words = desk.publish(1)
    ingest(desk.settings, now=datetime.now(UTC))
    desk.trigger("detect/triggered")
    until(lambda: desk.told(words), seconds=60)
    assert desk.told(words) == 1


def test_serve_killed_in_the_middle_loses_nothing_and_says_nothing_twice(desk: Desk) -> None:
    """Its runs are marked within two minutes, and the schedules that follow do what they left undone."""
    words = desk.publish(2)
    desk.trigger("ingest/scheduled")
    until(lambda: [name for name in desk.runs("RUNNING") if name.startswith("detect")], seconds=60)
    desk.kill()
    desk.serve()
    until(lambda: not desk.runs("RUNNING", "PENDING"), seconds=120)
    for deployment in ("detect/triggered", "notify/triggered"):
        desk.trigger(deployment)
        until(lambda: not desk.runs("RUNNING", "PENDING"), seconds=60)
    until(lambda: desk.told(words), seconds=30)
    assert set(Counter(desk.slack.alerts()).values()) == {1}
