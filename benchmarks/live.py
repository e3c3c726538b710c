"""The deployed monitor, set up by the commands of docs/deployment.md, on loopback: how fast, and what survives what.

``PYTHONPATH=tests python -m benchmarks.live deploy|latency|outages|idle [--section NAME] [--database URL] …``

``deploy`` waits until the schedules, as they are in flows/prefect.yaml, have told an article; ``latency`` touches
neither schedules nor feed while articles appear for some minutes (``--minutes 60`` for the real hour) in a feed of
``--tier``; ``outages`` kills server and worker with -9; ``idle`` measures what nothing to do costs and logs. One JSON
object is printed for each thing measured. Times are in seconds.
"""

import argparse
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from livedesk import ROOT, Desk, descendants, free_port, open_desk, until
from newsroom import feeds_csv

from flows.sources.objectives import TIERS

PAGE = ROOT / "docs" / "deployment.md"
POLL = 30
"""Seconds between two runs of each flow in ``outages``; the net of ``detect`` takes twice that."""
_READY = {"Work pools": b"started!", "One process with Prefect": b"deployments are being served"}
_COUNTRIES = (
    "Armenia", "Belarus", "Chile", "Denmark", "Egypt", "Finland", "Georgia", "Hungary", "India", "Jordan", "Kenya",
    "Latvia", "Mexico", "Norway", "Oman", "Peru", "Qatar", "Romania", "Sweden", "Turkey",
)  # fmt: skip


@cache
def weapons() -> list[str]:
    """Return names of systems that mean nothing else, one of each family."""
    rows = map(json.loads, (ROOT / "seeds" / "weapons.jsonl").read_text(encoding="utf-8").splitlines())
    named = {row.get("family", row["id"]): row["name"] for row in rows if not row["guards"]}
    return [name for name in named.values() if len(name) > 3 and re.search(r"[A-Z].*\d", name)]


def article(number: int) -> tuple[str, str]:
    """Return title and body of an article that makes a claim of its own: it is the first to name its weapon."""
    weapon, country = weapons()[number], _COUNTRIES[number % len(_COUNTRIES)]
    limit = f"any delivery of {weapon} to {country} would mean war"
    return f"Dispatch {number:03} on {country}", f"Russian Foreign Minister Sergey Lavrov warned that {limit}."


def report(**facts: Any) -> None:
    """Print what was measured."""
    print(json.dumps(facts), flush=True)


def commands(section: str) -> list[str]:
    """Return the shell commands of a section of the page, line by line."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0].split("\n### ")[0]
    return "".join(re.findall(r"```sh\n(.+?)```", text, re.DOTALL)).splitlines()


@dataclass
class Deployed:
    """A desk that was set up by the page."""

    desk: Desk
    lines: list[str]
    ready: bytes
    published: list[str] = field(default_factory=list)

    def follow(self, *chosen: str) -> None:
        """Run the lines of the page that hold one of these words; the exports always."""
        lines = [line for line in self.lines if line.startswith("export") or any(word in line for word in chosen)]
        script = "\n".join(lines)
        done = subprocess.run(
            ["bash", "-e", "-c", script], cwd=ROOT, env=self.desk.environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    def deploy(self) -> None:
        """Follow the page from its first line to the last, which goes on until it is killed."""
        began = time.monotonic()
        self.follow(*self.lines[:-1])
        self.work()
        report(deployed_after=round(time.monotonic() - began, 1))

    def work(self) -> None:
        """Start what runs the flows: the exports and the last line of the page."""
        exports = [line for line in self.lines if line.startswith("export")]
        self.desk.start(["bash", "-e", "-c", "\n".join([*exports, self.lines[-1]])], ready=self.ready)

    def kill_server(self) -> None:
        """End the server as a power cut would."""
        for pid in self.server():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def server(self) -> list[int]:
        """Return the processes of the server: those of this Prefect home that were started with its command."""
        home = f"PREFECT_HOME={self.desk.environment['PREFECT_HOME']}\0".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes()
                if home in (process / "environ").read_bytes() and (
                    b"uvicorn" in command or b"server\0start" in command
                ):
                    found.append(int(process.name))
        return found

    def back(self) -> None:
        """Start the server again after it was killed."""
        self.follow("server start", "until curl")

    def every(self, deployment: str, seconds: float) -> None:
        """Change the interval of a schedule."""
        found = self.desk.call(f"/deployments/name/{deployment}")
        (old,) = found["schedules"]
        schedule = {"schedule": old["schedule"] | {"interval": seconds}}
        self.desk.call(f"/deployments/{found['id']}/schedules/{old['id']}", schedule, method="PATCH")

    def hurry(self) -> None:
        """Give the schedules the intervals of a test."""
        self.every("ingest/scheduled", POLL)
        self.every("detect/triggered", 2 * POLL)
        self.every("notify/triggered", POLL)

    def appear(self) -> str:
        """Let the next article appear in the feed; return the words by which its message is known."""
        title, body = article(len(self.published))
        self.published.append(title)
        self.desk.room.carry(title, body, age=timedelta())
        return title

    def publish(self) -> str:
        """The same, in a feed that is due."""
        words = self.appear()
        self.desk.make_due()
        return words

    def wait(self, words: str, *, seconds: float) -> float:
        """Return after how long an article was told; the feed stays due meanwhile, whoever polled it before."""
        began = nudged = time.monotonic()
        while not self.desk.told(words):
            assert time.monotonic() - began < seconds, f"{words}: not told within {seconds} s"
            if time.monotonic() - nudged > 5:
                self.desk.make_due()
                nudged = time.monotonic()
            time.sleep(0.2)
        return time.monotonic() - began

    def check(self) -> None:
        """Every article was told once, no alert twice."""
        lost = [title for title in self.published if not self.desk.told(title)]
        twice = [alert for alert, count in Counter(self.desk.slack.alerts()).items() if count > 1]
        report(articles=len(self.published), lost=lost, alerts_said_twice=twice)


@contextmanager
def deployed(section: str, folder: Path, database: str | None) -> Iterator[Deployed]:
    """Set a monitor up as a section of the page says, on a free port instead of 4200, its logs in ``folder``."""
    port = free_port()
    log = str(folder / "prefect.log")
    lines = [line.replace("4200", str(port)).replace("prefect.log", log) for line in commands(section)]
    with open_desk(ROOT / "seeds", folder, port=port) as desk:
        desk.environment["PREFECT_SERVER_API_PORT"] = str(port)
        if database:
            desk.environment["PREFECT_API_DATABASE_CONNECTION_URL"] = database
        made = Deployed(desk, lines, _READY[section])
        try:
            made.deploy()
            yield made
        finally:
            made.kill_server()


# --- what is measured


def deploy(made: Deployed) -> None:
    """Touch nothing after the page's last line, until an article has come through schedule and events alone."""
    waited = made.wait(made.publish(), seconds=400)
    fired = made.desk.call("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}})
    by = Counter(f"{run['name'].split()[0]} {(run['created_by'] or {}).get('type')}" for run in fired)
    automations = [each["name"] for each in made.desk.call("/automations/filter", {})]
    report(told_after=round(waited, 1), runs=by, automations=automations)
    made.check()


def latency(made: Deployed, *, minutes: float, tier: str) -> None:
    """From the appearance of an article to its message, at shipped settings, a feed polled as its tier says."""
    (made.desk.settings.seeds / "feeds.csv").write_text(feeds_csv(made.desk.room, tier=tier), encoding="utf-8")
    until(lambda: made.desk.runs("COMPLETED"), seconds=200)
    began, (process,) = time.monotonic(), made.desk.started
    used, asked = cpu(process.pid), made.desk.room.asked
    dice, appeared, took, next_at = random.Random(1), dict[str, float](), dict[str, float](), began
    while next_at < began + 60 * minutes or appeared.keys() - took.keys():
        now = time.monotonic()
        if next_at <= now and next_at < began + 60 * minutes:
            appeared[made.appear()] = now
            next_at += dice.uniform(20, 60)
        took |= {words: now - at for words, at in appeared.items() if words not in took and made.desk.told(words)}
        assert now < began + 60 * minutes + TIERS[tier] + 300, f"not told: {appeared.keys() - took.keys()}"
        time.sleep(0.3)
    lasted = time.monotonic() - began
    times = sorted(took.values())
    report(
        tier=tier, minutes=minutes, articles=len(times), median=round(statistics.median(times), 1),
        p95=round(times[-(-95 * len(times) // 100) - 1], 1), slowest=round(times[-1], 1),
        at_most=[60 + TIERS[tier] / 2, 120 + TIERS[tier]], polls=made.desk.room.asked - asked,
        core=round((cpu(process.pid) - used) / lasted, 3),
    )  # fmt: skip
    made.check()


def outages(made: Deployed) -> None:
    """Kill the server, what runs the flows, and the server while an event is on its way."""
    made.hurry()
    made.wait(made.publish(), seconds=120)
    for name, kill in (("server", kill_server), ("worker", kill_worker), ("event lost", lose_event)):
        words = made.publish()
        kill(made, words)
        report(killed=name, told_after=round(made.wait(words, seconds=300), 1))
    until(lambda: not made.desk.runs("RUNNING", "PENDING"), seconds=150)
    made.check()


def kill_server(made: Deployed, _: str) -> None:
    """Kill the server while ``detect`` reads; bring it back after 15 s."""
    until(lambda: made.desk.at_work("detect"), seconds=120)
    made.kill_server()
    time.sleep(15)
    made.back()


def kill_worker(made: Deployed, _: str) -> None:
    """Kill what runs the flows, and its runs, while ``detect`` reads; report when the server has marked them."""
    until(lambda: made.desk.at_work("detect"), seconds=120)
    cut = [run["id"] for run in made.desk.runs("RUNNING", "PENDING")]
    made.desk.kill()
    began = time.monotonic()
    made.work()
    until(lambda: not {"RUNNING", "PENDING"} & {made.desk.state(run) for run in cut}, seconds=300)
    report(runs_cut=len(cut), marked_after=round(time.monotonic() - began, 1))


def lose_event(made: Deployed, words: str) -> None:
    """Kill the server while ``ingest`` waits for a slow feed, and bring it back when that has stored its articles."""
    rss = made.desk.room.rss

    def slow() -> bytes:
        made.kill_server()
        time.sleep(5)
        return rss()

    made.desk.room.rss = slow  # type: ignore[method-assign]
    made.desk.make_due()
    until(lambda: not made.server(), seconds=120)
    made.desk.room.rss = rss  # type: ignore[method-assign]
    time.sleep(20)
    report(event_lost=words, told_without_it=made.desk.told(words))
    made.back()


def idle(made: Deployed, *, minutes: float) -> None:
    """What the monitor costs and logs while no feed brings anything; `ingest` runs once a minute.

    Time and memory are those beside the server; lines are counted from the first of either log.
    """
    time.sleep(60)
    (process,) = made.desk.started
    before, began = cpu(process.pid), time.monotonic()
    peak = 0
    while time.monotonic() - began < 60 * minutes:
        children = descendants(process.pid)
        peak = max(peak, sum(rss(pid) for pid in (process.pid, *children)))
        time.sleep(2)
    took = cpu(process.pid) - before
    own = rss(process.pid) // 1024
    report(minutes=minutes, core=round(took / 60 / minutes, 4), own_mb=own, peak_mb=peak // 1024)
    logs = {path.name: path.read_text(encoding="utf-8").splitlines() for path in made.desk.folder.glob("*.log")}
    faults = [line for lines in logs.values() for line in lines if re.search("ERROR|CRITICAL|Traceback", line)]
    report(lines={name: len(lines) for name, lines in logs.items()}, faults=len(faults), of_which=faults[:20])


def cpu(pid: int) -> float:
    """Return CPU seconds of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / 100


def rss(pid: int) -> int:
    """Return resident memory in kB; 0 for a process that has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found.group(1)) if found else 0


MEASURED = {"deploy": deploy, "outages": outages}


def main() -> None:
    """Read the command line, set up, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=(*MEASURED, "latency", "idle"))
    parser.add_argument("--section", choices=_READY, default="Work pools")
    parser.add_argument("--database", help="of the Prefect server; SQLite by default")
    parser.add_argument("--tier", choices=TIERS, default="flash", help="of the feed in `latency`")
    parser.add_argument("--minutes", type=float, default=10, help="of `latency` and `idle`")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.mkdtemp()), help="for warehouse and logs")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options.folder.mkdir(parents=True, exist_ok=True)
    with deployed(options.section, options.folder, options.database) as made:
        if options.what == "latency":
            latency(made, minutes=options.minutes, tier=options.tier)
        elif options.what == "idle":
            idle(made, minutes=options.minutes)
        else:
            MEASURED[options.what](made)


if __name__ == "__main__":
    main()
