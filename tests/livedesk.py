"""A deployed monitor on loopback: a real Prefect server, what runs the flows, a newsroom and a Slack."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from newsroom import Newsroom, open_newsroom, seeds_with
from slackserver import CHANNEL, TOKEN, Slack, running

from flows.settings import Settings
from flows.steps.cycle import run_cycle
from warehouse.connection import transaction

ROOT = Path(__file__).parent.parent
PATIENCE_S = 900.0
"""How long a busy machine may take for anything: no test states it, it only ends one that would wait for ever."""


@dataclass
class Desk:
    """A deployed monitor and what it watches and tells."""

    room: Newsroom
    slack: Slack
    settings: Settings
    api: str
    environment: dict[str, str]
    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    heard: int = 0
    """How many messages of Slack are older than the test that is running."""

    def call(self, path: str, body: object = None, *, method: str | None = None) -> Any:
        """Ask the Prefect API, again while it is busy or away; with a body it is a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.api}{path}", data, {"Content-Type": "application/json"}, method=method)
        for _ in range(60):
            try:
                with urlopen(request, timeout=30) as answer:
                    return json.loads(answer.read() or b"null")
            except HTTPError as error:
                if error.code != 503:
                    raise
            except OSError:
                pass
            time.sleep(1)
        raise AssertionError(f"{path} was never answered")

    def start(self, command: list[str], *, ready: bytes) -> None:
        """Start what runs the flows, and wait until its log says that it does."""
        path = self.folder / f"{len(list(self.folder.glob('*.log')))}.log"
        with path.open("wb") as log:
            self.started.append(start(command, self.environment, log))
            self.logs.append(path)
        until(lambda: ready in path.read_bytes())

    def serve(self) -> None:
        """Run the flows by ``brinkwatch serve``."""
        self.start([sys.executable, "-m", "flows.cli", "serve"], ready=b"deployments are being served")

    def stop(self, place: int = -1) -> str:
        """End what runs the flows as a service manager would; return what it has logged."""
        process, log = self.started.pop(place), self.logs.pop(place)
        process.terminate()
        process.wait(timeout=PATIENCE_S)
        return log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """End what runs the flows, and its runs, as a power cut would."""
        process, _ = self.started.pop(), self.logs.pop()
        kill_all(process.pid)
        process.wait()

    def trigger(self, deployment: str) -> str:
        """Start a deployment as its schedule would, anew while that finds another run at work; return the run's id."""
        identity, flow = self.call(f"/deployments/name/{deployment}")["id"], deployment.partition("/")[0]
        while self.state(run := self.begun(identity)) == "CANCELLED":
            time.sleep(0.5)
            until(lambda: not self.at_work(flow))  # a busy machine needs no more runs that give way
        return run

    def begun(self, deployment: str) -> str:
        """Create a run of a deployment; return its id once it is no longer about to start."""
        run = str(self.call(f"/deployments/{deployment}/create_flow_run", {})["id"])
        until(lambda: self.state(run) not in {"SCHEDULED", "PENDING"})
        return run

    def complete(self, deployment: str) -> None:
        """Start a deployment likewise, and wait for the end of this run, whatever others the schedules start."""
        run = self.trigger(deployment)
        until(lambda: self.have_ended([run]))

    def have_ended(self, runs: Iterable[str]) -> bool:
        """Whether each of these runs has come to an end of some kind."""
        return not {"SCHEDULED", "PENDING", "RUNNING"} & {self.state(run) for run in runs}

    def state(self, run: str) -> str:
        """Return the type of the state of a flow run."""
        return str(self.call(f"/flow_runs/{run}")["state_type"])

    def runs(self, *states: str) -> list[dict[str, Any]]:
        """Return the flow runs in these states."""
        return list(self.call("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": list(states)}}}}))

    def at_work(self, flow: str) -> bool:
        """Whether a run of this flow is running."""
        return any(run["name"].startswith(flow) for run in self.runs("RUNNING"))

    def publish(self, title: str, body: str) -> None:
        """Let an article appear in a feed that is due."""
        self.room.carry(title, body)
        self.make_due()

    def make_due(self) -> None:
        """Let the next poll ask the feed."""
        with transaction(self.settings.warehouse) as connection:
            connection.execute("UPDATE feeds SET next_due_at = NULL")

    def listen(self) -> None:
        """Let only what Slack is told from now on count, whatever other tests had it told."""
        self.heard = len(self.slack.messages)

    def said(self, words: str) -> int:
        """Return how many lines of messages begin so."""
        texts = (str(message.get("text")) for message in self.slack.messages[self.heard :])
        return sum(line.startswith(words) for text in texts for line in text.split("\n"))

    def told(self, words: str) -> int:
        """Return how many messages say this in their blocks."""
        blocks = (message["blocks"] for message in self.slack.messages[self.heard :])
        return sum(words in json.dumps(each, ensure_ascii=False) for each in blocks)


@contextmanager
def open_desk(seeds: Path, folder: Path, *, port: int | None = None) -> Iterator[Desk]:
    """Open a newsroom and a Slack, and let the monitor take in the seeds and the feed's backlog; nothing is deployed.

    What was started by ``Desk.start`` is killed at the end.
    """
    api = f"http://127.0.0.1:{port or free_port()}/api"
    with open_newsroom() as room, running() as slack:
        settings = Settings(
            warehouse=folder / "warehouse.duckdb", seeds=seeds_with(room, seeds, folder / "seeds"),
            allow_hosts=frozenset({"127.0.0.1"}), slack_token=TOKEN, slack_channel=CHANNEL,
            slack_api_url=f"{slack.url}/api/", _env_file=None,
        )  # fmt: skip
        environment = {
            **os.environ, "PREFECT_HOME": str(folder / "prefect"), "PREFECT_API_URL": api, "PYTHONPATH": str(ROOT),
            "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "BRINKWATCH_WAREHOUSE": str(settings.warehouse), "BRINKWATCH_SEEDS": str(settings.seeds),
            "BRINKWATCH_ALLOW_HOSTS": "127.0.0.1", "BRINKWATCH_SLACK_TOKEN": TOKEN,
            "BRINKWATCH_SLACK_CHANNEL": CHANNEL, "BRINKWATCH_SLACK_API_URL": settings.slack_api_url,
        }  # fmt: skip
        desk = Desk(room, slack, settings, api, environment, folder)
        run_cycle(settings, now=datetime.now(UTC))
        try:
            yield desk
        finally:
            while desk.started:
                desk.kill()


@contextmanager
def prefect_server(desk: Desk) -> Iterator[None]:
    """Start a Prefect server, which is not ready at once; it looks often for what is to be scheduled."""
    port = desk.api.removesuffix("/api").rpartition(":")[2]
    environment = desk.environment | {"PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5"}
    with (desk.folder / "server.log").open("wb") as log:
        process = start([sys.executable, "-m", "prefect", "server", "start", "--port", port], environment, log)
        try:
            yield
        finally:
            kill_all(process.pid)
            process.wait()


def start(command: list[str], environment: dict[str, str], log: Any) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own."""
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)


def kill_all(pid: int) -> None:
    """Kill a process and those that it started."""
    for each in (pid, *descendants(pid)):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


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


def until(reached: Callable[[], object], *, seconds: float = PATIENCE_S) -> float:
    """Wait until something is so; return how long that took. Fails after ``seconds``."""
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.2)
    return time.monotonic() - began
