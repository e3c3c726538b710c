"""Back-ups: made beside writers, read from end to end, put back, and nothing said twice by what forgot it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from news_examples import alert
from slackserver import CHANNEL, HOOK, TOKEN, Slack, running
from transactions import store_articles, transact
from typer.testing import CliRunner
from warehouses import file_of, new_warehouse

from extractors.records import Article
from flows.cli.__main__ import app
from flows.settings import Settings
from flows.steps.detect import detect
from flows.steps.notify import Notified, notify
from warehouse.connection import transaction
from warehouse.errors import BackupError, WarehouseDamagedError, WarehouseNewerError
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.stored_records import Status
from warehouse.tables.alerts import latest_alerts, save_alerts
from warehouse.tables.outbox import queue_again
from warehouse.tables.runs import latest_runs, start_run

NOW = datetime.now(UTC).replace(microsecond=0)
WARNING = (
    "Russian Foreign Minister Sergey Lavrov warned that any delivery of Kalibr missiles to Moldova would mean war."
)
REWORDED = (
    "Russian Foreign Minister Sergey Lavrov warned on Friday "
    "that any delivery of Kalibr missiles to Moldova would mean war."
)


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running() as workspace:
        yield workspace


@pytest.fixture
def settings(slack: Slack, seeds: Path, tmp_path: Path) -> Settings:
    """A monitor that tells a bot's channel."""
    made = Settings(
        warehouse=tmp_path / "w.duckdb", seeds=seeds, slack_token=TOKEN, slack_channel=CHANNEL,
        slack_api_url=f"{slack.url}/api/", digest_above=1_000, _env_file=None,
    )  # fmt: skip
    new_warehouse(made.warehouse)
    return made


def arrive(settings: Settings, *articles: tuple[str, str], at: datetime = NOW) -> None:
    """Let articles by (outlet, text) come in and be read, each published when it came first."""
    new = [
        Article(
            id=outlet, identity=outlet, title=f"Lavrov warns, says {outlet}", text=text, source=outlet,
            url=f"https://{outlet.casefold()}.example/1", published=NOW - timedelta(minutes=30), seen=at,
        )
        for outlet, text in articles
    ]  # fmt: skip
    store_articles(Warehouse(settings.warehouse), new, now=at)
    detect(settings, now=at)


def fill(settings: Settings, *numbers: int, seen: datetime) -> None:
    """Store alerts as ``detect`` does."""
    rows = [alert(number, seen=seen, published=seen) for number in numbers]
    with transaction(settings.warehouse) as connection:
        save_alerts(connection, rows, now=seen)


def send(settings: Settings, *, at: datetime) -> Notified:
    return notify(settings, now=at)


# --- making and putting back


def test_a_back_up_holds_everything_and_can_be_put_back(tmp_path: Path) -> None:
    """What was there before is kept under another name, with what its log held; the snapshot shows the back-up."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    transact(warehouse, start_run, "before", now=NOW)
    made = warehouse.back_up(now=NOW)
    assert made.path == tmp_path / "backups" / f"w-{NOW:%Y%m%dT%H%M%SZ}.duckdb"
    assert (made.rows["runs"], made.until) == (1, NOW)
    transact(warehouse, start_run, "after", now=NOW + timedelta(minutes=1))
    restored = warehouse.restore(now=NOW + timedelta(minutes=2))
    assert [run.kind for run in transact(warehouse, latest_runs)] == ["before"]
    assert restored.kept
    assert {run.kind for run in transact(Warehouse(restored.kept), latest_runs)} == {"before", "after"}
    warehouse.publish()
    rows = query(warehouse.path, "SELECT data_until, source FROM restores").rows
    assert rows == [(NOW, str(made.path))]
    assert sorted(path.name for path in tmp_path.iterdir() if ".copy" in path.name) == []


def test_a_back_up_that_was_copied_with_its_log_counts_with_it(tmp_path: Path) -> None:
    """So can what a restore has set aside be put back."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    warehouse.back_up(tmp_path / "old.duckdb", now=NOW)
    transact(warehouse, start_run, "after", now=NOW)
    kept = warehouse.restore(tmp_path / "old.duckdb", now=NOW).kept
    assert transact(warehouse, latest_runs) == []
    warehouse.restore(kept, now=NOW + timedelta(seconds=1))
    assert [run.kind for run in transact(warehouse, latest_runs)] == ["after"]


def test_of_the_back_ups_the_last_are_kept(tmp_path: Path) -> None:
    """A timer may make one each night for ever."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    made = [warehouse.back_up(now=NOW + timedelta(days=day), keep=2).path for day in range(4)]
    assert [path.exists() for path in made] == [False, False, True, True]


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_a_back_up_made_by_a_clock_ahead_is_not_the_latest(tmp_path: Path, keep: int) -> None:
    """It goes first and is not put back unasked; a file of another name in the folder is left alone."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    days = (-2, 100, 101, -1, 0)  # the clock was ahead for two of the five nights
    own = tmp_path / "backups" / "w-before-the-move.duckdb"
    for day in days:
        transact(warehouse, start_run, "backup", now=NOW)
        warehouse.back_up(now=NOW + timedelta(days=day), keep=keep)
        own.write_bytes(b"")
    made = {path.name for path in own.parent.iterdir()} - {own.name}
    assert made == {f"w-{NOW + timedelta(days=day):%Y%m%dT%H%M%SZ}.duckdb" for day in (-2, -1, 0)[-keep:]}
    assert own.exists()
    warehouse.restore(now=NOW + timedelta(hours=1))
    assert len(transact(warehouse, latest_runs)) == len(days)


def test_a_damaged_warehouse_is_not_backed_up(tmp_path: Path) -> None:
    """The copy is read before it counts; the back-ups there are stay."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    store_articles(warehouse, [Article(id=f"{n}", text=f"{n * 7919} " * 500) for n in range(2000)], now=NOW)
    warehouse.publish()
    size = file_of(warehouse.path).stat().st_size
    with file_of(warehouse.path).open("r+b") as opened:
        for place in range(size // 2, size, 262_144):  # some blocks hold nothing
            opened.seek(place)
            opened.write(b"\xff\x00\xff")
    with pytest.raises(WarehouseDamagedError, match=str(warehouse.path)):
        warehouse.back_up(now=NOW, keep=1)
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "cause"), [(None, "no back-up"), (b"notes " * 9999, "not a DuckDB database; name another back-up")]
)
def test_what_is_no_back_up_leaves_the_warehouse_alone(tmp_path: Path, content: bytes | None, cause: str) -> None:
    """Nothing is set aside before the back-up has been read."""
    warehouse, source = Warehouse(tmp_path / "w.duckdb"), tmp_path / "backup.duckdb"
    warehouse.migrate()
    if content:
        source.write_bytes(content)
    with pytest.raises(BackupError, match=cause):
        warehouse.restore(source, now=NOW)
    assert list(tmp_path.glob("*replaced*")) == []
    assert warehouse.migrate() == []


def test_a_back_up_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """As the warehouse itself would be."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    with transaction(warehouse.path) as opened:
        opened.execute("INSERT INTO migrations VALUES ('0999_later', now())")
    made = warehouse.back_up(now=NOW)
    with pytest.raises(WarehouseNewerError, match="0999_later"):
        warehouse.restore(made.path, now=NOW)


def test_the_commands_say_what_they_did(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the copy is and what it holds; what was set aside; what becomes of alerts."""
    for name in ("warehouse", "seeds"):
        monkeypatch.setenv(f"BRINKWATCH_{name.upper()}", str(getattr(settings, name)))
    fill(settings, 1, seen=NOW)
    made = CliRunner().invoke(app, ["backup", str(tmp_path / "b.duckdb")])
    assert f"Backed up to {tmp_path / 'b.duckdb'}: 0 articles, 0 statements, 1 alert (" in made.stderr
    restored = CliRunner().invoke(app, ["restore", str(tmp_path / "b.duckdb")])
    assert f"up to {NOW:%Y-%m-%d %H:%M} UTC" in restored.stderr
    assert "w.replaced-" in restored.stderr
    assert "brinkwatch alerts list --status held" in restored.stderr


# --- what was told after the back-up was made


def test_what_waited_when_the_back_up_was_made_is_not_told_again(settings: Settings, slack: Slack) -> None:
    """Nor what was half told; what nobody was told is."""
    warehouse = Warehouse(settings.warehouse)
    fill(settings, *range(5), seen=NOW)
    made = warehouse.back_up(now=NOW)
    assert send(settings, at=NOW).sent == 5
    warehouse.restore(made.path, now=NOW + timedelta(minutes=5))
    fill(settings, 7, seen=NOW + timedelta(minutes=6))
    send(settings, at=NOW + timedelta(minutes=6))
    assert Counter(slack.alerts()) == {alert(number).id: 1 for number in (*range(5), 7)}
    assert {each.status for each in transact(warehouse, latest_alerts)} == {Status.DELIVERED}


def test_what_was_found_and_told_later_is_found_again_and_not_told_again(settings: Settings, slack: Slack) -> None:
    """The feeds bring it once more; its alert has the same id, and Slack has it."""
    warehouse = Warehouse(settings.warehouse)
    made = warehouse.back_up(now=NOW - timedelta(days=1))
    arrive(settings, ("Gazette", WARNING))
    told = send(settings, at=NOW).sent
    assert told > 0
    warehouse.restore(made.path, now=NOW + timedelta(minutes=5))
    arrive(settings, ("Gazette", WARNING), at=NOW + timedelta(minutes=6))
    send(settings, at=NOW + timedelta(minutes=6))
    assert set(Counter(slack.alerts()).values()) == {1}
    assert {each.status for each in transact(warehouse, latest_alerts) if not each.alert.suppressed} == {
        Status.DELIVERED
    }


def test_a_statement_told_of_an_outlet_that_has_gone_from_its_feed_is_known_by_its_words(
    settings: Settings, slack: Slack
) -> None:
    """Another outlet's report, the first one now, would be told under an id of its own; other words still are."""
    warehouse = Warehouse(settings.warehouse)
    made = warehouse.back_up(now=NOW - timedelta(days=1))
    arrive(settings, ("Gazette", WARNING))
    send(settings, at=NOW)
    messages = len(slack.messages)
    warehouse.restore(made.path, now=NOW + timedelta(minutes=5))
    other = "Sergey Lavrov warned that a blockade of Kaliningrad by NATO ships would be an act of war against Russia."
    arrive(settings, ("Mirror", REWORDED), ("Herald", other), at=NOW + timedelta(minutes=6))
    send(settings, at=NOW + timedelta(minutes=6))
    assert len(slack.messages) == messages + 1
    assert "Kaliningrad" in slack.messages[-1]["text"]


def test_what_is_published_after_the_restore_is_not_looked_up(settings: Settings, slack: Slack) -> None:
    """Nobody can have told it; a week later nothing is looked up any more."""
    warehouse = Warehouse(settings.warehouse)
    warehouse.restore(warehouse.back_up(now=NOW).path, now=NOW + timedelta(minutes=5))
    fill(settings, 1, seen=NOW + timedelta(minutes=6))
    old = replace(alert(2, seen=NOW + timedelta(days=8)), published=None)
    with transaction(settings.warehouse) as connection:
        save_alerts(connection, [old], now=old.seen)
    assert send(settings, at=NOW + timedelta(minutes=7)).sent == 2
    assert "conversations.history" not in {method for method, *_ in slack.calls}


def test_a_webhook_holds_what_it_cannot_look_up_and_lists_it(settings: Settings, slack: Slack) -> None:
    """Held until somebody has looked, and sent when asked to; what came after the restore goes out."""
    hook = Settings(slack_webhook=slack.url + HOOK).slack_webhook
    webhook = settings.model_copy(update={"slack_webhook": hook, "slack_token": None})
    warehouse = Warehouse(webhook.warehouse)
    fill(webhook, 1, 2, seen=NOW)
    made = warehouse.back_up(now=NOW)
    assert send(webhook, at=NOW).sent == 2
    warehouse.restore(made.path, now=NOW + timedelta(minutes=5))
    fill(webhook, 3, seen=NOW + timedelta(minutes=6))
    notified = send(webhook, at=NOW + timedelta(minutes=6))
    assert (notified.sent, notified.held) == (1, 2)
    assert "2 held, possibly sent before the restore (brinkwatch alerts list --status held)" in notified.summary
    held = [each.alert.id for each in transact(warehouse, latest_alerts, status=Status.HELD)]
    assert sorted(held) == [alert(1).id, alert(2).id]
    assert send(webhook, at=NOW + timedelta(hours=1)).sent == 0
    transact(warehouse, queue_again, held[0], route="slack-webhook", now=NOW + timedelta(hours=2))
    assert send(webhook, at=NOW + timedelta(hours=2)).sent == 1
    assert len(transact(warehouse, latest_alerts, status=Status.HELD)) == 1
