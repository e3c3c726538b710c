"""``brinkwatch sql``: what statements may do, how far they may go, and how results are written."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from transactions import store_articles
from typer.testing import CliRunner, Result
from warehouses import file_of, new_warehouse

from extractors.records import Article
from flows.cli.__main__ import app, main
from warehouse.errors import QueryError, SnapshotError
from warehouse.publish import snapshot_path
from warehouse.query import Format, export, results
from warehouse.stored_records import Limits

NOW = datetime(2026, 3, 4, tzinfo=UTC)
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    warehouse = new_warehouse(tmp_path_factory.mktemp("analyst") / "w.duckdb")
    store_articles(
        warehouse, [Article(id=f"{n}", title="=cmd()" if n else "Plain", text="word " * 200) for n in range(3)], now=NOW
    )
    warehouse.publish()
    return file_of(warehouse.path)


@pytest.fixture(autouse=True)
def _environment(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(published))


@pytest.fixture
def untouched(published: Path) -> Iterator[Path]:
    """The snapshot, which a test must leave as it is, with nothing beside it that was not there."""
    snapshot = snapshot_path(published)
    before, beside = snapshot.read_bytes(), sorted(published.parent.iterdir())
    yield snapshot
    assert snapshot.read_bytes() == before
    assert sorted(published.parent.iterdir()) == beside


def call(*words: str, width: int = 200, status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["sql", *words], env={"COLUMNS": str(width), "TERM": "dumb", "NO_COLOR": "1"})
    assert result.exit_code == status, (result.output, result.exception)
    return result


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """Return what is said of a mistake."""
    monkeypatch.setattr("sys.argv", ["brinkwatch", "sql", *words])
    with pytest.raises(SystemExit):
        main()
    return " ".join(capsys.readouterr().err.split())


WRITES = (
    "COPY (SELECT 1) TO '{}'",
    "COPY (SELECT 1) TO '{}.wal'",
    "COPY articles TO '{}.wal' (FORMAT parquet)",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{}.wal'",
    "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '{}.wal'",
    "PREPARE p AS COPY (SELECT 1) TO '{}.wal'; EXECUTE p",
    "EXPORT DATABASE '{}.wal'",
    "CALL enable_logging(storage = 'file', storage_path = '{}.wal')",
    "FROM enable_logging(storage = 'file', storage_path = '{}.wal')",
    "ATTACH '{}' AS other (READ_WRITE)",
    "ATTACH '{}' AS other (READ_ONLY false)",
    "ATTACH '{}' AS other; CREATE TABLE other.t AS SELECT 1",
    "SELECT 1; COPY (SELECT 1) TO '{}.wal'",
    "DELETE FROM articles",
    "CREATE TABLE t AS SELECT 1",
    "UPDATE articles SET title = ''",
    "DROP VIEW events",
    "SET profiling_output = '{}.wal'",
    "CHECKPOINT",
    "VACUUM",
)


@pytest.mark.parametrize("external", [False, True])
@pytest.mark.parametrize("sql", WRITES)
def test_no_statement_writes_the_snapshot_or_its_log(
    published: Path, untouched: Path, sql: str, external: bool
) -> None:
    """Nor anything beside it, whatever the statement hides in, and also where other files may be read."""
    with pytest.raises(QueryError, match=r"read-only|--external|settings are locked"):
        list(results(published, sql.format(untouched), external=external))


def test_another_database_may_be_read_where_that_is_allowed(published: Path, untouched: Path) -> None:
    """Its tables join those of the snapshot."""
    sql = f"ATTACH '{published}' AS live; SELECT count(*) FROM live.articles JOIN articles USING (id)"
    assert [result.rows for result in results(published, sql, external=True)] == [[(3,)]]


@pytest.mark.parametrize(
    "sql",
    ["FROM read_text('/etc/hostname')", "ATTACH 'other.duckdb'", "INSTALL httpfs", "LOAD httpfs", "FROM 'x.csv'"],
)
def test_a_refusal_names_the_flag_that_lifts_it(
    sql: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is out of reach is in reach with --external."""
    assert "--external" in told(capsys, monkeypatch, sql)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["FROM red_line_ledge"], "no table or view red_line_ledge; did you mean red_line_ledger"),
        (["FROM zzz"], "no table or view zzz; brinkwatch sql lists all of them"),
        (["SELECT nothing FROM runs"], 'column "nothing" not found'),
        (["-f", "csv", "SELECT nothing FROM runs"], 'column "nothing" not found'),
        (["-f", "csv", "SELEC 1"], "syntax error"),
        (["-f", "csv", "SELECT title::INT FROM articles"], "Could not convert string 'Plain' to INT32"),
        (["-f", "json", "SELECT 1; SELECT 2"], "only one query"),
        (["DROP TABLE articles"], "read-only: a query cannot change"),
    ],
)
def test_an_error_shows_no_name_that_is_not_the_analysts(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the view a result is written from, nor a file of ours, nor a table of DuckDB's own."""
    error = told(capsys, monkeypatch, *words)
    assert says in error
    assert not any(name in error for name in ("COPY", "TEMP VIEW", "temp.", "draft", "pg_", "duckdb_", "published"))


# --- limits


@pytest.mark.parametrize(
    ("limits", "sql", "says"),
    [
        (
            Limits(seconds=0.2),
            "SELECT count(*) FROM range(1000000000) a, range(9999) b WHERE a.range = -b.range",
            "0.2 s",
        ),
        (Limits(memory="60MB"), "SELECT count(DISTINCT md5(range::VARCHAR)) FROM range(5000000)", "60MB of memory"),
    ],
)
def test_a_query_that_takes_too_much_is_stopped(published: Path, limits: Limits, sql: str, says: str) -> None:
    """The error names the limit and the flag that lifts it; nothing is spilled beside the snapshot."""
    for run in (lambda: list(results(published, sql, limits=limits)), lambda: written(published, sql, limits=limits)):
        with pytest.raises(QueryError, match=f"{says}; --no-limits"):
            run()
    assert [path.name for path in published.parent.iterdir() if "tmp" in path.name] == []


def written(published: Path, sql: str, *, limits: Limits | None = None, form: Format = Format.CSV) -> str:
    export(published, sql, Path("out"), form=form, limits=limits)
    return Path("out").read_text()


def test_more_rows_than_allowed_are_not_written_by_halves(published: Path) -> None:
    """What stood there stays; as many as allowed, and all without limits, are written."""
    Path("out").write_text("old")
    with pytest.raises(QueryError, match="more than 10 rows; --no-limits"):
        written(published, "FROM range(11)", limits=Limits(rows=10))
    assert Path("out").read_text() == "old"
    assert len(written(published, "FROM range(10)", limits=Limits(rows=10)).splitlines()) == 11
    assert len(written(published, "FROM range(20)").splitlines()) == 21


def test_a_table_shows_the_first_rows_and_says_that_there_are_more() -> None:
    """Ten thousand, which nobody reads, or all of them."""
    shown = call("SELECT range AS n FROM range(10001)").stdout
    assert shown.splitlines()[-1] == "only the first 10,000 rows shown; --no-limits shows all"
    assert call("--no-limits", "FROM range(10001)").stdout.splitlines()[-1] == "10,001 rows"


# --- how results are shown and written


def test_several_statements_show_each_result() -> None:
    """Those that return none prepare what follows."""
    shown = call("SELECT 1 AS one; CREATE TEMP TABLE t AS SELECT 2 AS two; FROM t").stdout
    assert [line.strip() for line in shown.splitlines() if line.strip().isalnum()] == ["one", "1", "two", "2"]
    assert shown.count("1 row") == 2


def test_an_empty_query_lists_the_tables() -> None:
    """As none does."""
    assert call("").stdout == call().stdout == call(" \n").stdout
    assert "red_line_ledger  view" in call("").stdout


def test_what_is_wider_than_the_terminal_comes_as_one_record_a_block() -> None:
    """Each column on a line of its own, none cut off; what fits is a table."""
    sql = "SELECT id, title, text FROM articles ORDER BY id LIMIT 2"
    lines = call(sql, width=60).stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith(("1 ─", "2 ─"))] == ["1", "2"]
    assert [line.split() for line in lines if line.startswith("id")] == [["id", "0"], ["id", "1"]]
    assert sum(line.count("word") for line in lines) == 400
    assert all(len(line) <= 60 for line in lines)
    assert "│" in call("SELECT id, title FROM articles", width=60).stdout


@pytest.mark.parametrize(
    ("name", "begins"), [("x.parquet", b"PAR1"), ("x.json", b"["), ("x.csv", b"n\n"), ("x", b"n\n")]
)
def test_a_file_is_written_as_it_is_named(tmp_path: Path, name: str, begins: bytes) -> None:
    """Unless a format is asked for."""
    call("-o", name, "SELECT 1 AS n")
    assert (tmp_path / name).read_bytes().startswith(begins)
    call("-f", "json", "-o", name, "SELECT 1 AS n")
    assert json.loads((tmp_path / name).read_text()) == [{"n": 1}]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "options", [["-f", "csv"], ["-f", "json"], ["-f", "parquet"], ["-f", "csv", "-o", "/dev/stdout"]]
)
def test_a_result_goes_to_the_stream_it_is_given(published: Path, tmp_path: Path, options: list[str]) -> None:
    """What a shell opened for appending keeps what it holds, and /dev/stdout stays what it is."""
    target = tmp_path / "kept"
    target.write_bytes(b"kept\n")
    with target.open("ab") as stream:
        command = [sys.executable, "-m", "flows.cli", "sql", *options, "SELECT 1 AS n"]
        subprocess.run(command, stdout=stream, cwd=ROOT, check=True)
    assert target.read_bytes().startswith((b"kept\nn\n1\n", b'kept\n[\n\t{"n":1}', b"kept\nPAR1"))
    assert Path("/dev/stdout").is_symlink()


def test_no_exported_text_is_a_formula_to_a_spreadsheet(published: Path) -> None:
    """An apostrophe tells it that a title is text; numbers stay numbers, and other forms keep what is stored."""
    sql = "SELECT title, -1 AS minus, '@x' AS at, '-y' AS dash, 'a=b' AS inside FROM articles ORDER BY id DESC LIMIT 1"
    assert list(csv.reader(written(published, sql).splitlines()))[1] == ["'=cmd()", "-1", "'@x", "'-y", "a=b"]
    assert json.loads(written(published, sql, form=Format.JSON))[0]["title"] == "=cmd()"


@pytest.mark.parametrize("sql", ["SHOW TABLES;", "DESCRIBE runs", "SUMMARIZE runs", "PRAGMA table_info('runs')"])
def test_lists_of_what_there_is_can_be_written_too(published: Path, sql: str) -> None:
    """They return rows, like a query."""
    assert len(written(published, sql).splitlines()) > 3


def test_a_result_is_written_in_its_order(published: Path) -> None:
    """Also where the query ends in a comment."""
    rows = written(published, "SELECT hash(range) AS h FROM range(50000) ORDER BY h; -- by hash").splitlines()[1:]
    assert rows == sorted(rows, key=int)


def test_a_damaged_snapshot_is_told_from_a_damaged_warehouse(published: Path, tmp_path: Path) -> None:
    """It is made anew by the next cycle; nothing has to be restored."""
    copy = tmp_path / "w.duckdb"
    snapshot_path(copy).write_bytes(snapshot_path(published).read_bytes()[:5_000])
    with pytest.raises(SnapshotError, match=r"w\.published\.duckdb is damaged. Remove it; the next cycle"):
        list(results(copy, "FROM runs"))
