"""The file itself: opening, locking, migrating, publishing, and what analysts may do with the snapshot."""

import fcntl
import itertools
import json
import re
import shutil
import subprocess
import sys
from collections import deque
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import duckdb
import pytest
from transactions import transact
from warehouses import file_of

from warehouse import connection
from warehouse.connection import transaction
from warehouse.errors import QueryError, WarehouseBusyError, WarehouseError, WarehouseMissingError, WarehouseNewerError
from warehouse.migrations import MIGRATIONS_TABLE, migrate, scripts
from warehouse.publish import snapshot_path
from warehouse.query import Format, describe, export, query
from warehouse.store import Warehouse
from warehouse.tables.runs import start_run

CONTRACT = (
    "articles",
    "stories",
    "feeds",
    "fetches",
    "weapons",
    "weapon_mentions",
    "transfers",
    "statements",
    "red_lines",
    "alerts",
    "deliveries",
    "runs",
    "new_weapons",
    "red_line_ledger",
    "weapon_timeline",
    "escalation_daily",
    "feed_health",
)

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    warehouse = Warehouse(tmp_path_factory.mktemp("published") / "w.duckdb")
    warehouse.migrate()
    transact(warehouse, start_run, "it's", now=NOW)
    warehouse.publish()
    return file_of(warehouse.path)


# --- opening


@pytest.mark.parametrize(
    ("name", "cause"),
    [("text.duckdb", "not a DuckDB database"), ("text.duckdb/w.duckdb", "cannot be written"), ("", "directory")],
)
def test_path_that_cannot_be_a_warehouse_is_named_with_the_cause(tmp_path: Path, name: str, cause: str) -> None:
    """A file of another kind, a folder, and a path inside a file each give one clear error."""
    (tmp_path / "text.duckdb").write_text("notes " * 3000)
    path = tmp_path / name if name else tmp_path
    with pytest.raises(WarehouseError, match=cause) as caught:
        Warehouse(path).migrate()
    assert str(path) in str(caught.value)


def test_beside_a_file_that_is_no_warehouse_nothing_is_left(tmp_path: Path) -> None:
    """It is somebody else's, and its name was mistyped; also a reader says what it is, and not that all is new."""
    path = tmp_path / "notes.txt"
    path.write_text("notes " * 3000)
    with pytest.raises(WarehouseError, match="not a DuckDB database"):
        Warehouse(path).migrate()
    with pytest.raises(WarehouseError, match="not a DuckDB database"):
        query(path, "FROM alerts")
    assert list(tmp_path.iterdir()) == [path]


def test_writer_that_waits_too_long_says_so(tmp_path: Path) -> None:
    """Behind a writer that does not end, the next gives up after its patience."""
    path = tmp_path / "w.duckdb"
    with (tmp_path / "w.duckdb.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(WarehouseBusyError, match="kept writing"), transaction(path, patience_s=0.05):
            pass


def test_stranger_with_the_live_file_open_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB's own lock is retried until the patience ends, and the error says that another program holds it."""
    pauses: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: sum(pauses), sleep=pauses.append)
    monkeypatch.setattr(connection, "time", clock)
    monkeypatch.setattr(connection, "_ATTACH", "SELECT error('Could not set lock on file')")
    with pytest.raises(WarehouseBusyError, match="another program"), transaction(tmp_path / "w.duckdb", patience_s=9):
        pass
    assert 9 <= sum(pauses) < 10
    assert len(pauses) > 50


def held_open() -> list[Path]:
    """Return the files that this process has open; the folder that lists them is one, and gone by then."""
    found = []
    for each in list(Path("/proc/self/fd").iterdir()):
        with suppress(FileNotFoundError):
            found.append(each.readlink())
    return found


def test_the_file_is_closed_between_transactions(tmp_path: Path) -> None:
    """The instance that is kept holds no file: another program can open the warehouse and finds what was written."""
    path = tmp_path / "w.duckdb"
    for number in range(2):
        with transaction(path) as tx:
            tx.execute("CREATE TABLE IF NOT EXISTS numbers (number INTEGER)")
            tx.execute("INSERT INTO numbers VALUES ($number)", {"number": number})
            tx.execute("FROM numbers, range(10_000)")  # a result that nobody fetches
        assert path.with_name("w.duckdb.wal").stat().st_size
        assert path not in held_open()
    script = f"import duckdb; print(duckdb.connect({str(path)!r}).execute('FROM numbers').fetchall())"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[(0,), (1,)]"


def test_each_transaction_has_a_session_of_its_own(tmp_path: Path) -> None:
    """Nothing that one transaction set for itself is there in the next, whichever warehouse that opens."""
    for name in ("one", "other"):
        with transaction(tmp_path / f"{name}.duckdb") as tx:
            assert tx.execute("SELECT getvariable('since')").fetchall() == [(None,)]
            tx.execute("SET VARIABLE since = 1")
            tx.execute("CREATE TEMP TABLE waiting (id INTEGER)")
            tx.execute("CREATE TABLE stored (id INTEGER)")


def test_two_warehouses_may_be_open_at_once(tmp_path: Path) -> None:
    """Each has an instance of its own."""
    with transaction(tmp_path / "one.duckdb") as one, transaction(tmp_path / "other.duckdb") as other:
        one.execute("CREATE TABLE kept (id INTEGER)")
        assert not other.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'kept'").fetchall()


def test_what_met_an_error_or_grew_is_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instance is kept after a success; not after an error, much data or many uses."""
    path, idle = tmp_path / "w.duckdb", deque[duckdb.DuckDBPyConnection]()
    monkeypatch.setattr(connection, "_idle", idle)
    monkeypatch.setattr(connection, "_transactions", itertools.count(1))
    monkeypatch.setattr(connection, "USES", 4)
    monkeypatch.setattr(connection, "LITTLE", 10_000)
    kept = []
    much = "CREATE TABLE many AS SELECT uuid()::VARCHAR AS id FROM range(2_000)"
    for sql in ("CREATE TABLE few (id INTEGER)", "FROM nowhere", much, "CHECKPOINT"):
        with suppress(duckdb.CatalogException), connection.writing(path) as opened:
            opened.execute(sql)
        kept.append(len(idle))
    for _ in range(3):
        with transaction(path):
            pass
        kept.append(len(idle))
    assert kept == [1, 0, 0, 1, 1, 0, 1]


def test_a_long_log_is_folded_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every later transaction would read it again; while the file is copied it stays, and the next one folds it."""
    path = tmp_path / "w.duckdb"
    log = path.with_name("w.duckdb.wal")
    monkeypatch.setattr(connection, "LITTLE", 10_000)
    much = "CREATE OR REPLACE TABLE many AS SELECT uuid()::VARCHAR AS id FROM range(2_000)"
    logs = []
    for sql, copied in (("CREATE TABLE few (id INTEGER)", False), (much, False), (much, True), ("FROM few", False)):
        with connection.locked(path, purpose="publish") if copied else nullcontext(), transaction(path) as tx:
            tx.execute(sql)
        logs.append(log.exists())
    assert logs == [True, False, True, False]
    with transaction(path) as tx:
        assert tx.execute("SELECT count(*) FROM many").fetchall() == [(2_000,)]


def test_path_may_hold_a_quote(tmp_path: Path) -> None:
    """A folder named by a person does not break the SQL that opens the file in it."""
    assert Warehouse(tmp_path / "it's" / "w.duckdb").migrate() == list(scripts("migrations"))


def test_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    """What was written before an error is rolled back, and the error is not wrapped."""

    def fail() -> None:
        with transaction(tmp_path / "w.duckdb") as opened:
            opened.execute("CREATE TABLE t (i INTEGER)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with transaction(tmp_path / "w.duckdb") as opened:
        assert opened.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]


# --- migrating


def test_migrating_twice_does_it_once(tmp_path: Path) -> None:
    """A warehouse that is up to date stays as it is; what was done is in the file and not only in its log."""
    warehouse = Warehouse(tmp_path / "w.duckdb")
    assert warehouse.migrate() == list(scripts("migrations"))
    assert not (tmp_path / "w.duckdb.wal").exists()
    assert warehouse.migrate() == []


VALUES = {
    "BOOLEAN": "true",
    "TIMESTAMP WITH TIME ZONE": "now()",
    "DATE": "today()",
    "VARCHAR": "'x'",
    "JSON": "'{}'",
    "MAP": "MAP {}",
}
"""What a column of a type is filled with; numbers take 1, lists none."""


def fill(opened: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Put a row into every table but the list of migrations; return how many rows each holds."""
    columns = opened.execute("SELECT table_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL")
    tables = {table for table, _ in columns.fetchall()} - {"migrations"}
    for table in tables:
        types = [row[1] for row in opened.execute(f"DESCRIBE {table}").fetchall()]
        values = ["[]" if kind.endswith("[]") else VALUES.get(kind.split("(")[0], "1") for kind in types]
        opened.execute(f"INSERT INTO {table} VALUES ({', '.join(values)})")
    return {table: opened.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}


@cache
def migrated(done: int) -> bytes:
    """Return a warehouse file after so many migrations."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w.duckdb"
        if done:
            path.write_bytes(migrated(done - 1))
        with duckdb.connect(path) as opened:
            if done:
                name, script = list(scripts("migrations").items())[done - 1]
                opened.begin().execute(script)
                opened.execute("INSERT INTO migrations VALUES ($name, now())", {"name": name}).commit()
            else:
                opened.execute(MIGRATIONS_TABLE)
        return path.read_bytes()


@pytest.mark.parametrize("done", range(1, len(scripts("migrations"))))
def test_warehouse_that_holds_rows_is_brought_up_to_date(tmp_path: Path, done: int) -> None:
    """From every earlier state, a row in each table: DuckDB refuses changes of full tables that empty ones take."""
    warehouse = Warehouse(tmp_path / "w.duckdb")
    file_of(warehouse.path).write_bytes(migrated(done))
    with transaction(warehouse.path) as opened:
        before = fill(opened)
    assert warehouse.migrate() == list(scripts("migrations"))[done:]
    after = warehouse.verify()
    lost = {table for table, rows in before.items() if after.get(table, rows) < rows}
    assert lost <= {"story_bands"}, "prints of another kind are dropped, nothing else"


def test_former_names_in_rows_become_those_of_today(tmp_path: Path) -> None:
    """A dead letter was called poison: in alerts, in deliveries and in the figures of runs."""
    warehouse = Warehouse(tmp_path / "w.duckdb")
    file_of(warehouse.path).write_bytes(migrated(sum(name < "0022" for name in scripts("migrations"))))
    with transaction(warehouse.path) as opened:
        fill(opened)
        opened.execute("UPDATE alerts SET status = 'poison'; UPDATE deliveries SET status = 'poison'")
        opened.execute("UPDATE runs SET counts = MAP {'sent': 3, 'poison': 2}; UPDATE story_bands SET bands = [7]")
    warehouse.migrate()
    with transaction(warehouse.path) as opened:
        rows = opened.execute("SELECT a.status, d.status, counts FROM alerts AS a, deliveries AS d, runs")
        assert rows.fetchall() == [("dead_letter", "dead_letter", {"sent": 3, "dead_letters": 2})]
        assert opened.execute("SELECT lsh_bands FROM story_bands").fetchall() == [([7],)]


RULES = (("reader 0.97; others ask", 0.97, True), ("reader 0.60", 0.6, False), ("another", 1.0, False))
"""Rules of transfers as they were, and what they said."""


def test_what_rules_of_transfers_said_becomes_columns(tmp_path: Path) -> None:
    """How sure the reader was, and whether others ask."""
    warehouse = Warehouse(tmp_path / "w.duckdb")
    file_of(warehouse.path).write_bytes(migrated(sum(name < "0029" for name in scripts("migrations"))))
    with transaction(warehouse.path) as opened:
        fill(opened)
        for rule, *_ in RULES:
            opened.execute(
                "INSERT INTO transfers SELECT * REPLACE ($rule AS rule) FROM transfers LIMIT 1", {"rule": rule}
            )
    warehouse.migrate()
    with transaction(warehouse.path) as opened:
        rows = opened.execute("SELECT rule, confidence, asked_by_others FROM transfers WHERE rule <> 'x'").fetchall()
    assert sorted(rows) == sorted(RULES)


SUPPOSITIONS = (
    ("no conduct; no speaker", True),
    ("no speaker", True),
    ("reader; named in the sentence, unsure", True),
    ("reader; named in the sentence", False),
    ("reader; holds the floor (title)", False),
)
"""Rules of statements as they were, and whether they only suppose who speaks."""


def test_what_rules_of_statements_said_becomes_a_column(tmp_path: Path) -> None:
    """Whether it is only supposed who speaks."""
    warehouse = Warehouse(tmp_path / "w.duckdb")
    file_of(warehouse.path).write_bytes(migrated(sum(name < "0030" for name in scripts("migrations"))))
    with transaction(warehouse.path) as opened:
        fill(opened)
        for rule, _ in SUPPOSITIONS:
            opened.execute(
                "INSERT INTO statements SELECT * REPLACE ($rule AS rule) FROM statements LIMIT 1", {"rule": rule}
            )
    warehouse.migrate()
    with transaction(warehouse.path) as opened:
        rows = opened.execute("SELECT rule, speaker_supposed FROM statements WHERE rule <> 'x'").fetchall()
    assert sorted(rows) == sorted(SUPPOSITIONS)


def test_warehouse_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """The error names what this version does not know."""
    warehouse = Warehouse(tmp_path / "w.duckdb")
    warehouse.migrate()
    with transaction(warehouse.path) as opened:
        opened.execute("INSERT INTO migrations VALUES ('0999_later', now())")
    with pytest.raises(WarehouseNewerError, match="0999_later"):
        warehouse.migrate()


def test_migration_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    """A change and its record are one transaction, so that a migration is never half done."""
    path = tmp_path / "w.duckdb"
    Warehouse(path).migrate()
    steps = scripts("migrations") | {"0998_broken": "CREATE TABLE extra (i INTEGER); SELECT error('broken')"}
    with pytest.raises(duckdb.InvalidInputException, match="broken"), transaction(path) as opened:
        migrate(opened, path, known=steps)
    assert "extra" not in Warehouse(path).verify()
    assert Warehouse(path).migrate() == []


# --- the snapshot


def test_everything_an_analyst_sees_is_described(published: Path) -> None:
    """The tables and views of the contract are there, and every one and every column has a comment."""
    relations = describe(published)
    assert set(CONTRACT) <= {relation.name for relation in relations}
    bare = [
        f"{relation.name}.{name}"
        for relation in relations
        for name, comment in [("", relation.comment), *((column.name, column.comment) for column in relation.columns)]
        if not comment
    ]
    assert bare == []


@pytest.mark.parametrize("relation", CONTRACT)
def test_every_table_and_view_answers(published: Path, relation: str) -> None:
    """Each can be queried in an empty warehouse."""
    assert query(published, f"SELECT count(*) FROM {relation}").rows == [(1 if relation == "runs" else 0,)]


def test_instants_come_back_in_utc(published: Path) -> None:
    """What an analyst's script gets is aware and in UTC."""
    assert query(published, "SELECT started_at FROM runs").rows == [(NOW,)]


def test_reader_keeps_what_it_opened_and_never_blocks_the_writer(tmp_path: Path) -> None:
    """With a snapshot open, writing and publishing go on; whoever opens it next sees the new state."""
    warehouse = Warehouse(tmp_path / "w.duckdb")
    warehouse.migrate()
    warehouse.publish()
    with duckdb.connect(snapshot_path(file_of(warehouse.path)), read_only=True) as reader:
        transact(warehouse, start_run, "ingest", now=NOW)
        warehouse.publish()
        assert reader.execute("SELECT count(*) FROM runs").fetchall() == [(0,)]
    assert query(warehouse.path, "SELECT count(*) FROM runs").rows == [(1,)]
    assert [path.name for path in tmp_path.iterdir() if "draft" in path.name] == []


@pytest.mark.parametrize(("folds", "published"), [(False, 1), (True, 2)])
def test_writers_go_on_while_the_snapshot_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folds: bool, published: int
) -> None:
    """What is written during the copy waits for the next snapshot; where it changed the file, the copy is made anew."""
    warehouse = Warehouse(tmp_path / "w.duckdb")
    warehouse.migrate()
    transact(warehouse, start_run, "before", now=NOW)
    copies: list[Path] = []

    def copy(source: Path, target: Path) -> None:
        if not copies:
            transact(warehouse, start_run, "meanwhile", now=NOW)
            with connection.writing(source) as writer:
                writer.execute("CHECKPOINT" if folds else "SELECT 1")
        copies.append(target)
        shutil.copyfile(source, target)

    monkeypatch.setattr("warehouse.publish._copy", copy)
    warehouse.publish()
    assert query(warehouse.path, "SELECT count(*) FROM runs").rows == [(published,)]
    assert len(copies) == 1 + folds


def test_nothing_published_yet_says_what_to_do(tmp_path: Path) -> None:
    """Before the first cycle the error names the command that makes a snapshot."""
    with pytest.raises(WarehouseMissingError, match="brinkwatch run"):
        query(tmp_path / "w.duckdb", "SELECT 1")


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("DELETE FROM runs", "read-only"),
        ("CREATE TABLE t (i INTEGER)", "read-only"),
        ("FROM read_text('/etc/hostname')", "--external"),
        ("COPY runs TO 'out.csv'", "--external"),
        ("ATTACH 'other.duckdb'", "--external"),
        ("INSTALL httpfs", "--external"),
        ("SET enable_external_access = true", "locked"),
        ("SELEC 1", "syntax error"),
    ],
)
def test_query_reaches_nothing_but_the_snapshot(published: Path, sql: str, cause: str) -> None:
    """Writing, other files, extensions and changes of these limits are refused."""
    with pytest.raises(QueryError, match=cause):
        query(published, sql)


def test_external_allows_other_files(published: Path, tmp_path: Path) -> None:
    """An analyst who asks for it can join a file of their own."""
    (tmp_path / "own.csv").write_text("i\n7\n")
    assert query(published, f"FROM '{tmp_path / 'own.csv'}'", external=True).rows == [(7,)]


def test_result_is_written_in_each_form(published: Path, tmp_path: Path) -> None:
    """CSV, JSON and Parquet hold the same rows, and replace what was there."""
    for form in Format:
        path = tmp_path / f"it's.{form}"
        path.write_text("old")
        export(published, "SELECT kind, 1 AS n FROM runs; -- a comment", path, form=form)
    assert (tmp_path / "it's.csv").read_text() == "kind,n\nit's,1\n"
    assert json.loads((tmp_path / "it's.json").read_text()) == [{"kind": "it's", "n": 1}]
    name = str(tmp_path / "it's.parquet").replace("'", "''")
    assert query(published, f"FROM '{name}'", external=True).rows == [("it's", 1)]


@pytest.mark.parametrize("sql", ["SELECT 1; SELECT 2", "SET threads = 1", "FROM read_text('/etc/hostname')"])
def test_only_one_query_of_the_snapshot_is_written(published: Path, tmp_path: Path, sql: str) -> None:
    """Permission to write one file is permission for nothing else."""
    with pytest.raises(QueryError, match=re.compile("only one query|--external")):
        export(published, sql, tmp_path / "out.csv", form=Format.CSV)


def test_snapshot_lies_beside_the_warehouse() -> None:
    """Its name says what it is."""
    assert snapshot_path(Path("data/warehouse.duckdb")) == Path("data/warehouse.published.duckdb")


FORMAT = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()"


def test_a_change_in_the_log_is_not_lost(tmp_path: Path) -> None:
    """Also of rows that were folded into the file at different times, which newer formats of DuckDB lose."""
    path = tmp_path / "w.duckdb"
    with transaction(path) as tx:
        tx.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, read_by VARCHAR)")
    for begin in (0, 100):
        with transaction(path) as tx:
            tx.execute(f"INSERT INTO a SELECT i, NULL FROM range({begin}, {begin + 100}) AS rows (i)")
        Warehouse(path).fold()
    with transaction(path) as tx:
        tx.execute("UPDATE a SET read_by = 'v' WHERE id IN (SELECT i FROM range(200) AS rows (i))")
    with transaction(path) as tx:
        assert tx.execute("SELECT count(read_by) FROM a").fetchall() == [(200,)]


def test_a_file_in_a_format_that_loses_changes_is_written_anew(tmp_path: Path) -> None:
    """With what is in its log, with comments and keys, and with nothing left beside it."""
    path = tmp_path / "w.duckdb"
    warehouse = Warehouse(path)
    warehouse.migrate()
    transact(warehouse, start_run, "folded", now=NOW)
    warehouse.fold()
    with duckdb.connect() as old:
        old.execute(f"ATTACH '{path}' AS new; ATTACH '{tmp_path / 'old'}' AS old (STORAGE_VERSION 'v1.4.0')")
        old.execute("COPY FROM DATABASE new TO old")
    shutil.move(tmp_path / "old", path)
    transact(warehouse, start_run, "in the log", now=NOW)

    def facts() -> tuple[object, ...]:
        with transaction(path) as tx:
            rows = tx.execute("SELECT count(*), list(kind ORDER BY kind) FROM runs").fetchall()
            comments = tx.execute("SELECT count(comment) FROM duckdb_columns()").fetchall()
            keys = tx.execute("SELECT count(*) FROM duckdb_constraints()").fetchall()
            return rows, comments, keys, tx.execute(FORMAT).fetchall()

    before = facts()
    with duckdb.connect(tmp_path / "w.duckdb.renewed") as killed:  # in the middle of an earlier attempt
        killed.execute("PRAGMA disable_checkpoint_on_shutdown; CREATE TABLE runs (left_over INTEGER)")
    assert (tmp_path / "w.duckdb.renewed.wal").exists()
    warehouse.migrate()
    assert (before[-1], facts()) == ([("v1.4.0+",)], (*before[:-1], [("v1.2.0+",)]))
    assert not connection.renew(path)
    assert not list(tmp_path.glob("*.renewed*"))
