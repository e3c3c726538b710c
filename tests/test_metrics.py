"""Metrics and health: what they say of a warehouse, that no writer waits for them, and how they are asked for."""

import asyncio
import itertools
import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from aiohttp.test_utils import TestClient, TestServer
from livedesk import free_port
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner
from warehouses import file_of, new_warehouse

from flows.cli.__main__ import app
from flows.settings import Settings, SettingsError
from flows.steps.metrics import MetricsError, application, exposition, serve, troubles
from warehouse import connection, query
from warehouse.connection import transaction, writing
from warehouse.errors import WarehouseMissingError
from warehouse.publish import LAG, snapshot_path
from warehouse.rows import insert
from warehouse.store import Warehouse
from warehouse.stored_records import Row

ROOT = Path(__file__).parent.parent
DOCS, METRICS = ROOT / "docs", ROOT / "warehouse" / "metrics"
NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty monitor that a timer starts every five minutes."""
    path = tmp_path / "w.duckdb"
    new_warehouse(path)
    return Settings(warehouse=path, run_every=300, _env_file=None)


def hold(settings: Settings, **tables: Sequence[Row]) -> None:
    """Store rows and publish them."""
    with transaction(settings.warehouse) as tx:
        for table, rows in tables.items():
            insert(tx, table, rows)
    Warehouse(settings.warehouse).publish()


def exported(settings: Settings) -> defaultdict[str, dict[tuple[str, ...], float]]:
    """Return what is exported under each name, by the values of its labels."""
    found = defaultdict[str, dict[tuple[str, ...], float]](dict)
    for family in text_string_to_metric_families(exposition(settings, now=NOW).decode()):
        for each in family.samples:
            found[each.name.removeprefix("brinkwatch_")][tuple(each.labels.values())] = each.value
    return found


def feed(name: str, *, health: str = "ok", due: timedelta = DAY, failures: int = 0) -> Row:
    numbers = (
        "failure_weight",
        "redirect_count",
        "polls_since_full",
        "lying_304",
        "missed_alarms",
        "entries",
        "pending",
    )
    texts = dict.fromkeys(("outlet", "listed_url", "url", "identity_policy"), name)
    state = {"health": health, "next_due_at": NOW + due, "consecutive_failures": failures, "interval_s": 300}
    return {"id": name, **texts, **dict.fromkeys(numbers, 0), **state}


def article(name: str, *, age: timedelta = MINUTE, late: timedelta | None = None, **more: Any) -> Row:
    """An article that was stored so long ago, and ``late`` after its publication."""
    seen = NOW - age
    texts = dict.fromkeys(("identity", "title", "text", "genre", "language"), name)
    published, state = None if late is None else seen - late, {"read_by": "1", "superseded_by": None}
    return {"id": name, **texts, "seen": seen, "published": published, "backlog": False, **state, **more}


def statement(number: int, confidence: float, *, of: str = "a", kind: str = "threat") -> Row:
    texts = dict.fromkeys(("plover", "speech", "cue", "quote", "rule"), "x")
    marks = {"explicit": False, "nuclear": False, "severity": 3, "reasons": [], "repeats": []}
    place = {"span_start": number, "span_end": number + 1}
    return {"id": f"s{number}", "article": of, "kind": kind, "confidence": confidence, **texts, **marks, **place}


def alert(name: str, *, status: str = "pending", waits: timedelta = MINUTE, **more: Any) -> Row:
    texts = dict.fromkeys(("kind", "claim", "article", "story", "headline", "why", "sentence", "title"), name)
    at = NOW - waits
    state = {"status": status, "decided_at": at, "seen": at, "published": at, "backlog": False, "severity": 3}
    return {"id": name, **texts, "marks": [], "not_before": None, "suppressed": None, **state, **more}


def ran(step: str, *, ago: timedelta, outcome: str = "completed") -> Row:
    times = {"started_at": NOW - ago - MINUTE, "finished_at": NOW - ago}
    return {"id": f"{step} {ago} {outcome}", "kind": step, "outcome": outcome, **times}


# --- what is exported ------------------------------------------------------------------------------------------------


def test_feeds_are_counted_by_health_and_by_what_they_owe(settings: Settings) -> None:
    """Those that are due, and those that did not answer, beside the health of each."""
    hold(settings, feeds=[feed("a", due=-MINUTE), feed("b", health="failing", failures=2), feed("c")])
    found = exported(settings)
    assert found["feeds"] == {("ok",): 2, ("failing",): 1}
    assert (found["feeds_due"], found["feeds_without_answer"]) == ({(): 1}, {(): 1})


def test_articles_and_findings_are_counted(settings: Settings) -> None:
    """Everything that is stored; unread is what is current and nobody has read."""
    stored = [article("a"), article("b", read_by=None), article("c", read_by=None, superseded_by="b")]
    weapon = {"name": "x", "category": "x", "specific": True}
    hold(
        settings,
        articles=stored,
        weapons=[{"id": "w", "known": True, **weapon}, {"id": "v", "known": False, **weapon}],
        statements=[statement(1, 0.9), statement(2, 0.9, kind="red_line")],
    )
    found = exported(settings)
    assert (found["articles"], found["articles_unread"]) == ({(): 3}, {(): 1})
    assert found["weapons"] == {("true",): 1, ("false",): 1}
    assert found["statements"] == {("threat",): 1, ("red_line",): 1}
    assert found["transfers"] == {}


def test_delays_are_those_of_news(settings: Settings) -> None:
    """From publication until it was stored and until its alert was delivered; neither of backlog nor without a date."""
    told = {"alert": "told", "route": "slack", "status": "delivered", "attempts": 1}
    hold(
        settings,
        articles=[
            article("a", late=40 * timedelta(seconds=1)), article("b", late=100 * DAY), article("c"),
            article("d", late=DAY, backlog=True),
        ],
        alerts=[alert("told", status="delivered", waits=5 * MINUTE), alert("waiting")],
        deliveries=[{**told, "changed_at": NOW - 2 * MINUTE}, {**told, "route": "desk", "changed_at": NOW}],
    )  # fmt: skip
    found = exported(settings)
    stored = found["publication_to_stored_seconds_bucket"]
    assert [stored[bound,] for bound in ("30.0", "60.0", "259200.0", "+Inf")] == [0, 1, 1, 2]
    assert found["publication_to_stored_seconds_sum"] == {(): 40 + 100 * 86_400}
    alerted = found["publication_to_alert_seconds_bucket"]
    assert [alerted[bound,] for bound in ("120.0", "180.0", "+Inf")] == [0, 1, 1]


def test_the_outbox_is_what_is_owed_now(settings: Settings) -> None:
    """Its length, and how long the oldest waits; what quiet hours hold back counts from their end."""
    hold(settings)
    found = exported(settings)
    assert (found["outbox_alerts"], found["outbox_oldest_seconds"]) == ({(): 0}, {(): 0})
    hold(
        settings,
        alerts=[
            alert("old", waits=9 * MINUTE), alert("new"), alert("sent", status="delivered", waits=DAY),
            alert("quiet", waits=DAY, not_before=NOW + MINUTE), alert("digest", waits=DAY, suppressed="digest"),
            alert("over", waits=DAY, not_before=NOW - 2 * MINUTE),
        ],
    )  # fmt: skip
    found = exported(settings)
    assert (found["outbox_alerts"], found["outbox_oldest_seconds"]) == ({(): 3}, {(): 540})
    assert found["alerts"] == {("pending",): 5, ("delivered",): 1}


@pytest.mark.parametrize(
    ("recent", "before", "drift"),
    [
        ([0.9, 0.7], [0.7, 0.9], 0.0),
        ([0.9, 0.9], [0.6, 0.6, 0.6], 1.0),
        ([0.6, 0.9], [0.6, 0.6], 0.5),
        ([0.9], [], 0.0),
        ([], [], 0.0),
    ],
)
def test_scores_drift_as_far_as_their_distributions_lie_apart(
    settings: Settings, recent: list[float], before: list[float], drift: float
) -> None:
    """The last week against the month before it; nothing to compare with is no drift, and older scores do not count."""
    scores = [*((each, "recent") for each in recent), *((each, "before") for each in before), (0.1, "older")]
    hold(
        settings,
        articles=[article("recent", age=6 * DAY), article("before", age=30 * DAY), article("older", age=38 * DAY)],
        statements=[statement(number, score, of=of) for number, (score, of) in enumerate(scores)],
    )
    found = exported(settings)
    assert found["confidence_drift"] == {(): pytest.approx(drift)}
    assert found["confidence_drift_critical"] == {(): 1.0}
    assert found["statement_confidence_count"] == {(): len(scores)}


def test_drift_is_measured_against_what_chance_explains(settings: Settings) -> None:
    """The distance of Smirnov's test at one in a hundred: less, the more statements there are."""
    hold(
        settings,
        articles=[article("recent"), article("before", age=30 * DAY)],
        statements=[statement(number, 0.9, of="recent" if number < 100 else "before") for number in range(400)],
    )
    assert exported(settings)["confidence_drift_critical"] == {(): pytest.approx(1.628 * (1 / 100 + 1 / 300) ** 0.5)}


def test_each_step_has_its_last_success_its_duration_and_its_interval(settings: Settings) -> None:
    """A failure is no success, however late it is."""
    hold(
        settings, runs=[ran("ingest", ago=DAY), ran("ingest", ago=MINUTE), ran("ingest", ago=0 * DAY, outcome="failed")]
    )
    found = exported(settings)
    assert found["step_last_success_timestamp_seconds"] == {("ingest",): (NOW - MINUTE).timestamp()}
    assert found["step_last_duration_seconds"] == {("ingest",): 60}
    assert set(found["step_interval_seconds"].values()) == {300}
    deployed = settings.model_copy(update={"run_every": None})
    assert exported(deployed)["step_interval_seconds"]["detect",] == 900


def test_neither_metrics_nor_health_wait_for_a_writer(settings: Settings) -> None:
    """Both are answered while the live file is locked."""
    hold(settings, articles=[article("a")])
    with writing(settings.warehouse):
        assert exported(settings)["articles"] == {(): 1}
        assert troubles(settings, now=NOW) == []


def test_metrics_show_what_is_published_and_do_not_start_duckdb_for_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scrape opens the snapshot anew, in what the last one left running, unless that is large; nothing is cached."""
    idle = deque[duckdb.DuckDBPyConnection]()
    monkeypatch.setattr(connection, "_idle", idle)
    monkeypatch.setattr(connection, "_transactions", itertools.count(1))
    hold(settings, articles=[article("a")])
    assert exported(settings)["articles"] == {(): 1}
    hold(settings, articles=[article("b")])
    with monkeypatch.context() as patch:
        patch.setattr(duckdb, "connect", lambda *_, **__: pytest.fail("one is running"))
        assert [exported(settings)["articles"] for _ in range(3)] == [{(): 2}] * 3
    monkeypatch.setattr(query, "SMALL", 0)
    exported(settings)
    assert not idle


# --- health ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "unpublished", "late"), [(14, False, False), (16, False, True), (16, True, False), (31, True, True)]
)
def test_a_step_that_has_not_succeeded_for_three_intervals_is_unhealthy(
    settings: Settings, ago: int, unpublished: bool, late: bool
) -> None:
    """If something was written since the snapshot, a success may be among it: that is allowed for."""
    hold(settings, runs=[ran("ingest", ago=ago * MINUTE), ran("detect", ago=MINUTE), ran("reread", ago=DAY)])
    if unpublished:
        with transaction(settings.warehouse) as tx:
            insert(tx, "runs", [ran("notify", ago=MINUTE)])
    since = NOW - ago * MINUTE
    reason = f"No ingest has succeeded since {since:%-d %b %H:%M} UTC; it is due every 5 minutes"
    assert troubles(settings, now=NOW) == ([reason] if late else [])
    assert timedelta(minutes=15) == LAG


def test_a_step_that_never_succeeded_is_late_since_it_first_ran(settings: Settings) -> None:
    """A step that never ran, as on a monitor without it, is not expected."""
    hold(settings, runs=[ran("notify", ago=DAY, outcome="failed"), ran("ingest", ago=MINUTE)])
    assert [reason.partition(" has")[0] for reason in troubles(settings, now=NOW)] == ["No notify"]


def test_a_warehouse_that_cannot_be_read_is_unhealthy(settings: Settings) -> None:
    """Not there, not published yet, or a damaged snapshot: the reason says which."""
    assert "nothing is published yet" in troubles(settings, now=NOW)[0]
    with pytest.raises(WarehouseMissingError):
        exposition(settings, now=NOW)
    hold(settings)
    assert troubles(settings, now=NOW) == []
    snapshot_path(file_of(settings.warehouse)).write_bytes(b"no database" * 1000)
    assert "damaged" in troubles(settings, now=NOW)[0]
    file_of(settings.warehouse).unlink()
    assert troubles(settings, now=NOW) == [f"warehouse {settings.warehouse}: does not exist"]


# --- the dashboard and the rules for alerts ---------------------------------------------------------------------------


def queries() -> Iterator[tuple[str, str]]:
    """Yield every expression of the dashboard and of the rules in the documentation, with the legend it is shown by."""
    dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        yield from ((target["expr"], target["legendFormat"]) for target in panel["targets"])
    blocks = re.findall(r"```yaml\n(.+?)```", (DOCS / "operations.md").read_text(encoding="utf-8"), re.DOTALL)
    for group in [group for block in blocks for group in yaml.safe_load(block).get("groups", [])]:
        yield from ((rule["expr"], rule["annotations"]["summary"]) for rule in group["rules"])


def test_every_query_names_metrics_and_labels_that_are_exported(settings: Settings) -> None:
    """Nothing on the dashboard stays empty, and no rule sleeps for ever, because of a name."""
    hold(settings)
    text = exposition(settings, now=NOW).decode()
    names = {family.name for family in text_string_to_metric_families(text)}
    names |= {f"{each}_bucket" for each in names}
    asked = [(re.findall(r"brinkwatch_\w+", query), legend) for query, legend in queries()]
    assert {name for used, _ in asked for name in used} <= names
    assert [query for query, _ in queries() if "brinkwatch" not in query] == []
    labels = {
        label for path in METRICS.rglob("*.sql") for label in re.findall(r"SELECT (\w+), ", path.read_text("utf-8"))
    }
    shown = {label for _, legend in asked for label in re.findall(r"{{ ?(?:\$labels\.)?(\w+) ?}}", legend)}
    assert shown <= labels | {"le"}
    assert len(asked) > 25


def test_every_metric_is_described_and_documented(settings: Settings) -> None:
    """Its first line says what it means, and the table of the documentation names it."""
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    files = [path for path in METRICS.rglob("*.sql") if path.stem != "prepare"]
    assert [path.stem for path in files if not path.read_text("utf-8").startswith("-- ")] == []
    assert [path.stem for path in files if f"`{path.stem}`" not in page and f"_{path.stem}`" not in page] == []


# --- how they are asked for ------------------------------------------------------------------------------------------


async def answers(settings: Settings) -> dict[str, tuple[int, str, str]]:
    """Return status, type and body of each address."""
    found = {}
    async with TestClient(TestServer(application(settings))) as client:
        for path in ("/metrics", "/health", "/"):
            async with client.get(path) as answer:
                found[path] = answer.status, answer.content_type, await answer.text()
    return found


def test_a_server_answers_both(settings: Settings) -> None:
    """Metrics and health with status 200, or 503 and the reason."""
    found = asyncio.run(answers(settings))
    assert [status for status, *_ in found.values()] == [503, 503, 404]
    assert "nothing is published yet" in found["/metrics"][2]
    assert json.loads(found["/health"][2])["healthy"] is False
    hold(settings, articles=[article("a")])
    found = asyncio.run(answers(settings))
    assert [(status, kind) for status, kind, _ in found.values()][:2] == [
        (200, "text/plain"),
        (200, "application/json"),
    ]
    assert "\nbrinkwatch_articles 1.0\n" in found["/metrics"][2]
    assert json.loads(found["/health"][2]) == {"healthy": True, "reasons": []}


def test_the_command_prints_or_writes_a_whole_file(settings: Settings, tmp_path: Path) -> None:
    """A file that was there is replaced; one that cannot be written is named."""
    hold(settings, articles=[article("a")])
    environment = {"BRINKWATCH_WAREHOUSE": str(settings.warehouse)}
    target = tmp_path / "brinkwatch.prom"
    target.write_text("old", encoding="utf-8")
    printed = CliRunner().invoke(app, ["metrics"], env=environment)
    written = CliRunner().invoke(app, ["metrics", "-o", str(target)], env=environment)
    assert (printed.exit_code, written.exit_code, written.output) == (0, 0, "")
    assert {"# TYPE brinkwatch_articles gauge", "brinkwatch_articles 1.0"} <= set(printed.output.splitlines())
    assert target.read_text(encoding="utf-8") == printed.output
    assert list(tmp_path.glob("brinkwatch.prom*")) == [target]
    refused = CliRunner().invoke(app, ["metrics", "-o", str(tmp_path / "no" / "m.prom")], env=environment)
    assert "m.prom cannot be written: No such file" in str(refused.exception)


@pytest.mark.parametrize("address", ["port", "127.0.0.1", "127.0.0.1:99999", ":"])
def test_an_address_that_is_none_is_refused(settings: Settings, address: str) -> None:
    """The message says what one looks like."""
    with pytest.raises(SettingsError, match="not a port such as 9464"):
        serve(settings, address)


def test_a_host_that_is_not_here_is_named(settings: Settings) -> None:
    """An address of another machine cannot be listened on."""
    with pytest.raises(MetricsError, match=r"192\.0\.2\.1:\d+ cannot be listened on"):
        serve(settings, f"192.0.2.1:{free_port()}")
