"""Lakes: what is different from a file. What is the same, the tests of ``conftest.ON_BOTH`` state on both."""

import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import duckdb
import lakes
import pytest
import warehouses
from desk import DAYS, article, published
from lakes import Server
from s3server import bucket
from transactions import store_articles, transact
from typer.testing import CliRunner

from flows.cli.__main__ import app
from warehouse import lake, migrations
from warehouse.connection import Transaction, counted, locked, transaction
from warehouse.copying import copy
from warehouse.errors import (
    BackupError,
    CatalogError,
    CopyError,
    DeniedError,
    QueryError,
    WarehouseBusyError,
    WarehouseError,
    WarehouseMissingError,
)
from warehouse.places import Lake, place_of
from warehouse.publish import published_at
from warehouse.query import Format, describe, export, query, results
from warehouse.store import Warehouse
from warehouse.tables.runs import latest_runs, start_run

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
SOON = 0.5
"""Seconds that a test waits for a lock that is held."""


@pytest.fixture
def place(postgres: Server) -> Lake:
    """An empty lake."""
    return postgres.new_lake()


def held(path: Path | Lake) -> dict[str, list[str]]:
    """All rows of all tables and views, as text."""
    names = [each.name for each in describe(path) if each.name != "migrations"]
    return {name: sorted(map(repr, query(path, f'FROM "{name}"').rows)) for name in names}


def test_a_lake_without_its_extra_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before anything is tried."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WarehouseError, match=r"needs the extra 'lake': pip install 'brinkwatch\[lake\]'"):
        Warehouse(Lake("host=nowhere dbname=desk")).migrate()


# --- what it holds


def test_the_same_articles_bring_the_same_to_both(
    place: Lake, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signals, claims, red lines, alerts and what every view says of them."""
    file = published(tmp_path / "w.duckdb")
    monkeypatch.setattr(warehouses, "postgres", postgres)
    monkeypatch.setattr(postgres, "new_lake", lambda: place)
    published(tmp_path / "none.duckdb")
    assert held(place) == held(file)


def test_a_new_lake_has_what_a_new_file_has(place: Lake, tmp_path: Path) -> None:
    """Tables and views with the same columns and types, and the same comments except on columns of views."""
    file = tmp_path / "w.duckdb"
    Warehouse(file).migrate()
    Warehouse(file).publish()
    there, here = describe(place), describe(file)
    assert [(each.name, each.kind, each.comment) for each in there] == [
        (each.name, each.kind, each.comment) for each in here
    ]
    for ours, theirs in zip(there, here, strict=True):
        what = 3 if ours.kind == "table" else 2
        assert [column[:what] for column in ours.columns] == [column[:what] for column in theirs.columns], ours.name


def test_a_lake_that_is_up_to_date_is_not_written_to(place: Lake) -> None:
    """Migrating and publishing again make no commit."""
    before = Warehouse(place).written()
    assert Warehouse(place).migrate() == []
    Warehouse(place).publish()
    assert Warehouse(place).written() == before


def test_a_later_migration_runs_without_its_keys(place: Lake) -> None:
    """Whatever way a key is written."""
    known = migrations.scripts("migrations") | {
        "9001_keys": """
            CREATE TABLE one (id VARCHAR PRIMARY KEY, n INTEGER);
            CREATE TABLE two (id VARCHAR NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (id, n));
            ALTER TABLE one ADD COLUMN sure BOOLEAN DEFAULT 'false';
            INSERT INTO one BY NAME SELECT 'a' AS id;
            """,
    }
    with transaction(place) as connection:
        assert migrations.migrate(connection, place, known=known) == ["9001_keys"]
        assert connection.execute("SELECT id, sure FROM one").fetchall() == [("a", False)]
    with transaction(place) as connection:
        assert migrations.migrate(connection, place, known=known) == []


def test_a_lake_that_holds_transfers_gets_what_their_rules_said(place: Lake) -> None:
    """As a file does: a column is added to rows and filled in one transaction."""
    with transaction(place) as connection:
        connection.execute("DELETE FROM migrations WHERE name = '0029_confidence_of_transfers'")
        connection.execute("ALTER TABLE transfers DROP COLUMN confidence")
        connection.execute("ALTER TABLE transfers DROP COLUMN asked_by_others")
        connection.execute(
            """
            INSERT INTO transfers BY NAME SELECT 't' AS id, 'a' AS article, 'w' AS weapon, 'requested' AS stage,
                'REQUEST' AS plover, 's' AS sentence, 0 AS span_start, 1 AS span_end, 'reader 0.97; others ask' AS rule
            """
        )
    assert Warehouse(place).migrate() == ["0029_confidence_of_transfers"]
    with transaction(place) as connection:
        assert connection.execute("SELECT confidence, asked_by_others FROM transfers").fetchall() == [(0.97, True)]


def test_a_monitor_moves_to_a_lake_and_back(place: Lake, postgres: Server, tmp_path: Path) -> None:
    """Every table and every view says the same in all three, and nothing is copied over something else."""
    file, back = published(tmp_path / "w.duckdb"), tmp_path / "back.duckdb"
    rows = copy(file, place)
    assert rows == copy(place, back) == Warehouse(back).verify()
    assert rows["articles"] == len(DAYS)
    Warehouse(back).publish()
    assert held(file) == held(place) == held(back)
    with pytest.raises(CopyError, match="holds a warehouse already"):
        copy(file, place)
    other = tmp_path / "notes.jsonl"
    other.write_text('{"id": 1}')
    with pytest.raises(CopyError, match=r"notes\.jsonl exists already and is no warehouse"):
        copy(file, other)
    assert other.read_text() == '{"id": 1}'
    with pytest.raises(CopyError, match="there is no warehouse at"):
        copy(postgres.new_database(), tmp_path / "new.duckdb")


def test_a_copy_that_differs_is_not_made(place: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a row of it stays, and it can be made again."""
    file = published(tmp_path / "w.duckdb")
    monkeypatch.setattr("warehouse.copying._checked", lambda _connection, table, _of: (7, len(table)))
    with pytest.raises(CopyError, match="is not as it was"):
        copy(file, place)
    monkeypatch.undo()
    assert Warehouse(place).verify()["articles"] == 0
    assert copy(file, place)["articles"] == len(DAYS)


def test_the_command_copies(postgres: Server, tmp_path: Path) -> None:
    """From a file to an address where nothing is yet."""
    file, new = published(tmp_path / "w.duckdb"), postgres.new_database()
    done = CliRunner().invoke(app, ["warehouse", "copy", str(file), str(new)], env={"BRINKWATCH_LAKE_DATA": new.data})
    assert done.exit_code == 0, done.output
    assert f"{len(DAYS)} articles" in done.output
    assert held(file) == held(new)


def test_a_lake_is_no_file_to_back_up(place: Lake) -> None:
    """The message says what to do instead."""
    with pytest.raises(BackupError, match="warehouse copy"):
        Warehouse(place).back_up(now=NOW)
    with pytest.raises(BackupError, match="warehouse copy"):
        Warehouse(place).restore(now=NOW)


# --- one writes at a time


def beside(lake_held: Callable[[], object]) -> Thread:
    """Run something that holds a lock in another thread, and return when it does."""
    thread = Thread(target=lake_held, daemon=True)
    thread.start()
    return thread


def test_writers_wait_for_each_other_and_are_told_for_whom(place: Lake) -> None:
    """Who gives up is told who writes, and since when."""
    took, done = Event(), Event()

    def write() -> None:
        with transaction(place) as tx:
            start_run(tx, "ingest", now=NOW)
            took.set()
            done.wait(60)

    writer = beside(write)
    assert took.wait(60)
    with (
        pytest.raises(WarehouseBusyError, match=r"kept writing to it: brinkwatch on \S+ \(PID \d+\) since \d\d:\d\d:"),
        transaction(place, patience_s=SOON),
    ):
        pass
    done.set()
    writer.join(60)
    assert [run.kind for run in transact(Warehouse(place), latest_runs)] == ["ingest"]


def test_who_waits_long_is_told_for_whom(
    place: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, in the log, however long it is."""
    monkeypatch.setattr(lake, "TELL_S", 0.05)
    with locked(place):
        waiter = beside(lambda: transact(Warehouse(place), start_run, "ingest", now=NOW))
        while not caplog.records:
            waiter.join(0.05)
        waiter.join(SOON)
    waiter.join(60)
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith(f"warehouse {place}: brinkwatch on ")
    assert told.endswith(" writes to it; waiting")


def test_who_lost_the_lock_stores_nothing(place: Lake) -> None:
    """The state a transaction began with is the one it commits to: what another wrote meanwhile makes it fail."""

    def write_twice(tx: Transaction) -> None:
        start_run(tx, "ingest", now=NOW)
        other = tx.cursor()
        lake.enter(other)
        start_run(other, "detect", now=NOW)

    with pytest.raises(CatalogError, match="nothing was stored"):
        transact(Warehouse(place), write_twice)
    assert [run.kind for run in transact(Warehouse(place), latest_runs)] == ["detect"]


def test_a_killed_writer_leaves_nothing_and_keeps_nobody_waiting(place: Lake) -> None:
    """Of its transaction no row stays, and the next one begins at once."""
    code = (
        "import sys, time; from datetime import UTC, datetime; from warehouse.connection import transaction\n"
        "from warehouse.places import Lake; from warehouse.tables.runs import start_run\n"
        "with transaction(Lake(sys.argv[1])) as tx:\n"
        "    start_run(tx, 'ingest', now=datetime.now(UTC)); print('written', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, place.catalog], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "written\n"
        writer.kill()
    assert transact(Warehouse(place), latest_runs) == []


def test_what_two_store_at_once_is_stored_once(place: Lake) -> None:
    """Both found it missing before either had the lock."""
    articles, begin = [article(number, "Nothing of note.", day=-1) for number in range(20)], Event()
    new: list[list[str]] = []

    def store() -> None:
        begin.wait(60)
        new.append(store_articles(Warehouse(place), articles, now=NOW))

    hosts = [beside(store) for _ in range(2)]
    begin.set()
    for host in hosts:
        host.join(120)
    assert sorted(map(len, new)) == [0, 20]
    assert query(place, "SELECT count(*), count(DISTINCT id) FROM articles").rows == [(20, 20)]


def test_kills_lose_no_commit_and_leave_no_half(place: Lake) -> None:
    """A writer that is killed again and again: what it said is stored is stored, once, and of the rest nothing."""
    code = (
        "import sys; from datetime import UTC, datetime; from itertools import count\n"
        "from warehouse.connection import transaction; from warehouse.places import Lake\n"
        "from warehouse.tables.runs import start_run\n"
        "for number in count():\n"
        "    with transaction(Lake(sys.argv[1])) as tx:\n"
        "        for _ in range(3): start_run(tx, f'{sys.argv[2]}-{number}', now=datetime.now(UTC))\n"
        "    print(f'{sys.argv[2]}-{number}', flush=True)"
    )
    said, chance = set[str](), random.Random(5)
    for wave in range(10):
        command = [sys.executable, "-c", code, place.catalog, str(wave)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            said |= {writer.stdout.readline().strip() for _ in range(chance.randrange(1, 4))}
            time.sleep(chance.uniform(0, 0.1))
            writer.kill()
            said |= set(writer.stdout.read().split())
    stored = dict(query(place, "SELECT kind, count(*) FROM runs GROUP BY kind").rows)
    assert set(stored.values()) == {3}
    assert said <= set(stored)
    assert len(stored) <= len(said) + 10


def test_processes_that_do_one_thing_are_counted(place: Lake) -> None:
    """The last to end knows that it is the last."""
    with counted(place, purpose="serve") as outer:
        with counted(place, purpose="serve") as inner:
            assert not inner()
        assert outer()


# --- readers


def test_readers_see_the_last_commit_and_keep_what_they_began_with(place: Lake) -> None:
    """Nothing has to be published."""
    transact(Warehouse(place), start_run, "ingest", now=NOW)
    first = published_at(place)
    found = results(place, "SELECT count(*) FROM runs; SELECT count(*) FROM runs")
    assert next(found).rows == [(1,)]
    transact(Warehouse(place), start_run, "detect", now=NOW)
    assert next(found).rows == [(1,)]
    assert query(place, "SELECT count(*) FROM runs").rows == [(2,)]
    after = published_at(place)
    assert first
    assert after
    assert first < after


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO runs BY NAME SELECT 'x' AS id",
        "DELETE FROM runs",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM postgres_query('__ducklake_metadata_warehouse', 'SELECT 1')",
        "CALL postgres_execute('__ducklake_metadata_warehouse', 'DROP TABLE ducklake_snapshot')",
        "FROM __ducklake_metadata_warehouse.ducklake_snapshot",
        "FROM postgres_scan('dbname=postgres', 'pg_catalog', 'pg_class')",
        "FROM query('SELECT 1')",
        "CHECKPOINT",
        "ATTACH 'dbname=postgres' AS other (TYPE postgres)",
        "SET enable_external_access = true",
    ],
)
def test_a_query_reads_the_lake_and_nothing_else(place: Lake, sql: str) -> None:
    """Neither the catalog behind it, nor other databases, nor files."""
    with pytest.raises(QueryError):
        list(results(place, sql))
    assert query(place, "SELECT count(*) FROM runs").rows == [(0,)]


def test_a_result_is_written_to_a_file(place: Lake, tmp_path: Path) -> None:
    """The one file that a query may write."""
    transact(Warehouse(place), start_run, "ingest", now=NOW)
    export(place, "SELECT kind FROM runs", tmp_path / "runs.csv", form=Format.CSV)
    assert (tmp_path / "runs.csv").read_text() == "kind\ningest\n"


# --- a role that may only read


def recipe() -> str:
    """How docs/lake.md makes such a role, with the names of these tests."""
    page = (Path(__file__).parent.parent / "docs" / "lake.md").read_text()
    (script,) = re.findall(r"```text\n(CREATE ROLE.*?)```", page, re.DOTALL)
    assert "ROLE brinkwatch" in script
    return str(script).replace("ROLE brinkwatch", f"ROLE {lakes.USER}").replace("TO brinkwatch", f"TO {lakes.USER}")


@pytest.fixture
def analyst(place: Lake, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """A monitor with news, as whoever has that role reaches it; some of its tables were made after the role."""
    postgres.run_sql(place, recipe())
    monkeypatch.setattr(warehouses, "postgres", postgres)
    monkeypatch.setattr(postgres, "new_lake", lambda: place)
    published(tmp_path / "none.duckdb")
    reached = replace(place, catalog=place.catalog.replace(f"user={lakes.USER}", "user=analyst"))
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(reached))
    yield reached
    lake.close()
    postgres.run_sql(place, "DROP OWNED BY analyst; DROP ROLE analyst")


def test_who_may_only_read_reads_all(analyst: Lake, place: Lake, tmp_path: Path) -> None:
    """By SQL, by the commands that ask, by the report, and as a copy in a file."""
    assert held(analyst) == held(place)
    (alert, *_), *_ = query(place, "SELECT id FROM alerts ORDER BY id").rows
    for words in (
        ["sql", "SELECT count(*) FROM articles"],
        ["search", "Taurus"],
        ["alerts", "list"],
        ["alerts", "why", alert],
        ["explain", "a00"],
        ["weapon", "taurus"],
        ["correct", "list"],
        ["feeds", "health"],
        ["metrics"],
        ["export", "--output", str(tmp_path / "export")],
        ["report", "--output", str(tmp_path / "report")],
        ["warehouse", "copy", str(analyst), str(tmp_path / "copy.duckdb")],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, (words, done.output)


def test_who_may_only_read_changes_nothing(analyst: Lake, place: Lake) -> None:
    """Whatever writes says why it did not, in a sentence."""
    (alert, *_), *_ = query(place, "SELECT id FROM alerts ORDER BY id").rows
    before = Warehouse(place).written(), held(place)
    for words in (
        ["run"],
        ["alerts", "mute", "UA"],
        ["alerts", "resend", alert],
        ["correct", "false-positive", alert],
    ):
        done = CliRunner().invoke(app, words)
        assert isinstance(done.exception, DeniedError), (words, done.output)
        denied = r" user=analyst .*: nothing was stored: permission denied for table \w+\. A role for analysts may only"
        assert re.search(denied, str(done.exception)), words
    assert (Warehouse(place).written(), held(place)) == before


def test_files_that_may_not_be_written_are_named() -> None:
    """Where the role may write and the user may not."""
    error = duckdb.IOException('IO Error: Cannot open file "/mnt/lake/a.parquet": Permission denied')
    trouble = lake.trouble_of(Lake("dbname=desk"), error)
    assert isinstance(trouble, DeniedError)
    assert 'nothing was stored: Cannot open file "/mnt/lake/a.parquet": Permission denied. A role' in str(trouble)


# --- files


def test_many_small_commits_are_merged(place: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many, their rows lie together in a file; not before, and not again without new ones."""
    monkeypatch.setattr(lake, "COMPACT_EVERY", 5)
    warehouse = Warehouse(place)
    inlined = "SELECT count(*) FROM ducklake_list_files('warehouse', 'runs')"
    counts = []
    for number in range(5):
        transact(warehouse, start_run, f"kind {number}", now=NOW)
        warehouse.publish()
        with transaction(place) as tx:
            counts.append(tx.execute(inlined).fetchall()[0][0])
    before = warehouse.written()
    warehouse.publish()
    assert warehouse.written() == before
    assert counts[:3] == [0, 0, 0]
    assert counts[-1] == 1
    assert warehouse.verify()["runs"] == 5


def test_texts_come_back_as_they_were(place: Lake) -> None:
    """Whatever is in them, whether they lie in the catalog or in a file."""
    hostile = ["it's", 'a "quote"', "back\\slash", "line\nbreak", "", "é😀\u202e", "NULL", "[1, 2]", "{}"]
    for rows in (1, 50):
        with transaction(place) as tx:
            tx.execute("DELETE FROM runs")
            for text in hostile * rows:
                start_run(tx, text, now=NOW)
        with transaction(place) as tx:
            found = tx.execute("SELECT DISTINCT kind FROM runs").fetchall()
        assert {kind for (kind,) in found} == set(hostile)


def test_files_may_lie_in_a_bucket(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written, read, merged and queried there, with what S3 clients know from the environment."""
    monkeypatch.setattr(lake, "COMPACT_EVERY", 1)
    with bucket() as held_there:
        for name, value in held_there.environment.items():
            monkeypatch.setenv(name, value)
        new = Lake(postgres.new_database().catalog, data="s3://desk/lake")
        warehouse = Warehouse(new)
        warehouse.migrate()
        transact(warehouse, start_run, "ingest", now=NOW)
        warehouse.publish()
        assert [key for key in held_there.objects if key.startswith("lake/main/runs/")]
        assert query(new, "SELECT kind FROM runs").rows == [("ingest",)]
        with pytest.raises(QueryError, match="cannot access other files"):
            list(results(new, "FROM read_text('s3://desk/other')"))


# --- without a server


def test_a_server_that_is_away_is_named(tmp_path: Path, postgres: Server) -> None:
    """Reading, writing and asking whether there is a lake say the same, with advice; nothing is taken for missing."""
    away = place_of(f"ducklake:postgres:host={tmp_path} dbname=desk", data="x")
    for step in (Warehouse(away).migrate, Warehouse(away).exists, lambda: query(away, "SELECT 1")):
        with pytest.raises(CatalogError, match=r"connection to server on socket .* See that PostgreSQL"):
            step()


def test_where_there_is_no_lake_readers_say_so(postgres: Server) -> None:
    """And make none."""
    empty = postgres.new_database()
    with pytest.raises(WarehouseMissingError, match="nothing is published yet"):
        query(empty, "SELECT 1")
    assert not Warehouse(empty).exists()


def test_a_lake_outlives_a_restart_of_its_server(place: Lake, postgres: Server) -> None:
    """A process that had it open goes on with the next transaction, or the one after."""
    transact(Warehouse(place), start_run, "ingest", now=NOW)
    postgres.control("--mode=fast", "stop")
    with pytest.raises((CatalogError, duckdb.Error)):
        transact(Warehouse(place), start_run, "lost", now=NOW)
    postgres.control("start")
    transact(Warehouse(place), start_run, "detect", now=NOW)
    assert {run.kind for run in transact(Warehouse(place), latest_runs)} == {"ingest", "detect"}
