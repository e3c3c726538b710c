"""A warehouse that is damaged, or whose disk is full: said as what it is, at once, by every command alike."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from transactions import store_articles, transact
from warehouses import file_of

from extractors.records import Article
from flows.cli.__main__ import main
from flows.cli.doctor import findings
from flows.settings import load_settings
from warehouse.errors import DiskFullError, ForeignLogError, WarehouseDamagedError
from warehouse.publish import snapshot_path
from warehouse.store import Warehouse
from warehouse.tables.runs import latest_runs, start_run

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ROOT = Path(__file__).parent.parent
HEADERS, BLOCK = 3 * 4096, 262_144
FULL = "the disk is full. Free some space in {} and run again: nothing is lost"


def written(path: Path, *, salt: str = "") -> Path:
    """Make a warehouse of some blocks whose last run is in the log."""
    warehouse = Warehouse(path)
    warehouse.migrate()
    texts = [" ".join(f"{salt}{number * 7919 + word}" for word in range(900)) for number in range(600)]
    store_articles(warehouse, [Article(id=f"{n}", text=text) for n, text in enumerate(texts)], now=NOW)
    warehouse.publish()
    transact(warehouse, start_run, "logged", now=NOW)
    return path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("sound") / "w.duckdb")


@pytest.fixture
def warehouse(sound: Path, tmp_path: Path) -> Warehouse:
    """A copy of a sound file and its log, to be damaged."""
    for path in (sound, log_of(sound)):
        shutil.copy(path, tmp_path / path.name)
    return Warehouse(tmp_path / sound.name)


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def flip(path: Path, *places: int) -> None:
    with path.open("r+b") as opened:
        for place in places:
            opened.seek(place)
            (byte,) = opened.read(1)
            opened.seek(place)
            opened.write(bytes([byte ^ 0xFF]))


def cut(path: Path, *, by: int = 0, to: int = 0) -> None:
    os.truncate(path, path.stat().st_size - by if by else to)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte of the first header is another": (lambda path: flip(path, 100), "stored at byte 0 is not what was written"),
    "the file says it is of another kind": (lambda path: flip(path, 10), "not a DuckDB database"),
    "a byte of both headers is another": (lambda path: flip(path, 4116, 8212), "is not what was written"),
    "the last byte is gone": (lambda path: cut(path, by=1), "it ends too early"),
    "the last block is gone": (lambda path: cut(path, by=BLOCK), "it ends too early"),
    "half of it is gone": (lambda path: cut(path, by=path.stat().st_size // 2), "it ends too early"),
    "less than the headers is left": (lambda path: cut(path, to=5000), "it ends too early"),
    "nothing is left": (lambda path: path.write_bytes(b""), "not a DuckDB database"),
    "a byte of the log is another": (lambda path: flip(log_of(path), 200), "its log cannot be read"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_told_at_once_with_what_to_do(
    warehouse: Warehouse, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens the file learns it within two seconds of work: nobody waits for a lock that nobody holds."""
    monkeypatch.setattr("warehouse.connection._pause", lambda *_: pytest.fail("waited for a lock"))
    damage, told = DAMAGE[what]
    damage(file_of(warehouse.path))
    began = time.process_time()
    with pytest.raises(WarehouseDamagedError, match=told) as caught:
        warehouse.migrate()
    assert time.process_time() - began < 2
    assert str(caught.value).startswith(f"warehouse {warehouse.path}: damaged: ")
    assert "brinkwatch restore" in str(caught.value)


def test_damage_far_from_the_headers_shows_when_it_is_read(warehouse: Warehouse) -> None:
    """At the latest when everything is, as ``doctor`` and ``backup`` do."""
    path = file_of(warehouse.path)
    block = HEADERS + (path.stat().st_size // BLOCK // 2) * BLOCK
    flip(path, block + BLOCK // 2)
    with pytest.raises(WarehouseDamagedError, match=f"stored at byte {block} is not what was written there"):
        warehouse.verify()


def test_what_is_no_log_is_refused(warehouse: Warehouse) -> None:
    """It would be begun anew in silence."""
    log_of(file_of(warehouse.path)).write_bytes(b"garbage " * 99)
    with pytest.raises(ForeignLogError, match=r"w\.duckdb\.wal, is none of this file"):
        warehouse.migrate()


def test_a_log_cut_off_by_a_crash_is_none_of_that(warehouse: Warehouse) -> None:
    """What was not committed to its end never was; zeros are a log that a power cut kept from being written."""
    cut(log_of(file_of(warehouse.path)), by=20)
    assert transact(warehouse, latest_runs) == []
    log_of(file_of(warehouse.path)).write_bytes(bytes(64))
    assert warehouse.verify()["articles"] == 600


LIMITED = """
import resource, runpy, sys
room = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
runpy.run_module("flows.cli", run_name="__main__", alter_sys=True)
"""


def brinkwatch(*words: str, warehouse: Path, room: int | None = None) -> subprocess.CompletedProcess[str]:
    """Call the command line; with ``room``, no file may grow beyond so many bytes."""
    called = ["-c", LIMITED, str(room)] if room else ["-m", "flows.cli"]
    return subprocess.run(
        [sys.executable, *called, *words],
        env={**os.environ, "BRINKWATCH_WAREHOUSE": str(warehouse), "PYTHONPATH": str(ROOT), "COLUMNS": "400"},
        cwd=warehouse.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_doctor_and_run_tell_the_same_of_a_damaged_file(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run says it in one line; doctor puts what to do about it below."""
    flip(file_of(warehouse.path), 100)
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(warehouse.path))
    told = told_by_doctor()
    assert "brinkwatch restore" in told
    assert told_by_run(monkeypatch, capsys) == f"brinkwatch: warehouse {warehouse.path}: {told}"


def test_a_write_that_finds_no_room_is_told_as_a_full_disk(tmp_path: Path) -> None:
    """Without a traceback; nothing is half stored, and later all is well."""
    path = written(tmp_path / "w.duckdb")
    log_of(path).unlink()
    run = brinkwatch("run", warehouse=path, room=200)
    assert (run.returncode, run.stderr) == (2, f"brinkwatch: warehouse {path}: {FULL.format(tmp_path)}\n")
    assert Warehouse(path).verify()["articles"] == 600


def test_run_and_doctor_tell_the_same_of_a_full_disk(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before DuckDB meets it in the middle of a commit, and without writing anything."""
    monkeypatch.setattr("warehouse.connection.shutil.disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(warehouse.path))
    told = told_by_doctor()
    assert told == FULL.format(file_of(warehouse.path).parent)
    assert told_by_run(monkeypatch, capsys) == f"brinkwatch: warehouse {warehouse.path}: {told}"


def told_by_doctor() -> str:
    """Return what ``doctor`` finds of the warehouse and its advice, as one message."""
    found = next(each for each in findings(load_settings(), feeds=False) if each.what == "warehouse")
    assert not found.ok
    return f"{found.detail}. {found.advice[:1].upper()}{found.advice[1:]}"


def told_by_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what ``run`` says as it ends."""
    monkeypatch.setattr("sys.argv", ["brinkwatch", "run"])
    monkeypatch.setenv("COLUMNS", "400")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    return capsys.readouterr().err.removesuffix("\n")


def test_a_copy_without_room_keeps_the_snapshot_there_is(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old one stays whole, no draft is left, and the error names the disk."""
    warehouse.publish()
    snapshot = snapshot_path(file_of(warehouse.path))
    before = snapshot.read_bytes()
    transact(warehouse, start_run, "later", now=NOW)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("warehouse.publish.shutil.copyfile", full)
    with pytest.raises(DiskFullError):
        warehouse.publish()
    assert snapshot.read_bytes() == before
    assert [path.name for path in snapshot.parent.iterdir() if "draft" in path.name] == []
