"""What a careless user meets in the first hour: nothing misleads, stops or buries them."""

import io
import json
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from transactions import transact
from typer.testing import CliRunner, Result
from warehouses import file_of

from flows.cli import __main__ as command_line
from flows.cli import output
from flows.cli.__main__ import app, main
from flows.cli.alerts import sample
from flows.cli.lexicon import problems_of_folder
from flows.documents import BadDocument, DocumentError, checked_paths, read_documents, read_stream
from flows.settings import Settings
from flows.sources.seed_documents import read_seeds
from flows.steps.cycle import run_cycle
from warehouse.errors import WarehouseBusyError
from warehouse.store import Warehouse
from warehouse.tables.alerts import latest_alerts

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def monitor(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse after its first cycle, in a folder whose feed list has one feed that nothing answers."""
    folder = tmp_path_factory.mktemp("first")
    mine = folder / "seeds"
    mine.mkdir()
    for path in seeds.iterdir():
        (mine / path.name).symlink_to(path)
    (mine / "feeds.csv").unlink()
    line = "a-feed-with-a-long-id,Nobody at Home,http://127.0.0.1:9/feed.xml,GB,private,en,news,press,written here\n"
    (mine / "feeds.csv").write_text("id,outlet,url,country,ownership,language,genre,kind,seen_at\n" + line)
    settings = Settings(warehouse=folder / "w.duckdb", seeds=mine)
    run_cycle(settings, now=NOW, quiet=True)
    return settings


@pytest.fixture
def _ours(monitor: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(monitor.warehouse))
    monkeypatch.setenv("BRINKWATCH_SEEDS", str(monitor.seeds))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


def call(*words: str, status: int = 0) -> Result:
    """Run a command; its exit status is as expected."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, (done.output, done.exception)
    return done


def refusal(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """The one message with which a command line ends."""
    monkeypatch.setattr("sys.argv", ["brinkwatch", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    error = " ".join(capsys.readouterr().err.split())
    assert ended.value.code == 2
    assert "Traceback" not in error
    return error


# --- an empty warehouse ----------------------------------------------------------------------------------------------


def test_a_quiet_start_says_once_what_it_learned(monitor: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it in one message, and nothing of a system that is where it is known to be."""
    with duckdb.connect(file_of(monitor.warehouse), read_only=True) as connection:
        told = connection.execute("SELECT count(DISTINCT receipt), count(*) FROM deliveries").fetchone()
        weapons = connection.execute("SELECT suppressed FROM alerts WHERE kind = 'new_weapon'").fetchall()
    assert told is not None
    assert told[0] == 1
    assert told[1] >= 3
    assert [why for (why,) in weapons if not re.match(r"known before|reported by", why or "")] == []


def test_a_quiet_start_is_an_option_of_run(monitor: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a line on what was learned, which the next run does not repeat; and both say when feeds are due."""
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("BRINKWATCH_SEEDS", str(monitor.seeds))
    first, second = call("run", "--quiet-start"), call("run", "--quiet-start")
    assert "From the backlog:" in first.stdout
    assert "critical 5/5 Vladimir Putin draws a red line" not in first.stdout
    assert "weapon systems" in first.stderr
    assert "weapon systems" not in second.stderr
    for done in (first, second):
        assert re.search(r"feeds\s+1 feed failed at \d\d:\d\d, next try \d\d:\d\d UTC", done.stderr)


def test_the_seeds_make_no_alert_of_an_expert(monitor: Settings) -> None:
    """Nor of what their articles tell as past; that a use is refused is still so."""
    with duckdb.connect(file_of(monitor.warehouse), read_only=True) as connection:
        told = connection.execute("SELECT headline, sentence FROM alerts WHERE suppressed IS NULL").fetchall()
    evidence = {sentence for headline, sentence in told if "asks" in headline}
    assert evidence <= {"He previously said that Zelensky would ask him for Tomahawks."}
    assert [headline for headline, _ in told if "delivered" in headline] == []
    assert len(read_seeds(monitor.seeds / "articles", NOW)[0]) == 2


# --- half a configuration --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_ours")
@pytest.mark.parametrize(
    ("name", "value", "lacks"), [("TOKEN", "xoxb-1", "CHANNEL"), ("CHANNEL", "C0123456789", "TOKEN")]
)
def test_half_of_slack_is_a_failure(
    name: str, value: str, lacks: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named before anything is fetched or served; nothing is told on the terminal instead."""
    monkeypatch.setenv(f"BRINKWATCH_SLACK_{name}", value)
    for command in ("run", "serve"):
        assert f"BRINKWATCH_SLACK_{lacks} is missing" in refusal([command], monkeypatch, capsys)
    findings = [json.loads(line) for line in call("doctor", "--json", status=1).stdout.splitlines()]
    assert [each["what"] for each in findings if f"BRINKWATCH_SLACK_{lacks}" in each["detail"]] == ["slack"]


# --- no tracebacks ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_ours")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["explain", "{seeds}/articles/000_473c74cae7b20ff2.txt", "--html", "/nowhere/x"], "/nowhere/x cannot"),
        (["sql", "-o", "/nowhere/x.csv", "SELECT 1"], "/nowhere/x.csv cannot be written: there is no folder /nowhere"),
        (["sql", "-o", "/proc", "SELECT 1"], "/proc cannot be written: it is a folder"),
        (["sql", "-o", "x.xlsx", "SELECT 1"], "spreadsheets open .csv"),
        (["backup", "/proc/nowhere/x.duckdb"], "/proc/nowhere"),
        (["demo", "--folder", "/proc/nowhere"], "/proc/nowhere"),
        (["extract", "https://example.org/a//b", "gone.txt"], "https://example.org/a//b is an address"),
        (["alerts", "mute", "Kh-101", "--for", "2d"], "'Kh-101' is on no list; did you mean 'kh-101'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_message(
    words: list[str],
    says: str,
    monitor: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With what it is about, spelt as it was given."""
    assert says in refusal([word.format(seeds=monitor.seeds) for word in words], monkeypatch, capsys)


def test_doctor_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no cycle has run there is nothing to check but whether there may be one."""
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(tmp_path / "typo" / "w.duckdb"))
    assert "none yet" in call("doctor").stdout
    assert list(tmp_path.iterdir()) == []


def test_an_old_terminal_gets_the_nearest_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """And JSON stays JSON."""
    ascii_out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", ascii_out)
    output.speak_any_alphabet()
    print("●●○ “no” · Zürich")
    output.print_json({"said": "“no” 😀"})
    text, line = ascii_out.buffer.getvalue().decode("ascii").splitlines()
    assert text == '**. "no" - Z?rich'
    assert json.loads(line) == {"said": "“no” 😀"}


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.2, 0.6, 1.2])
def test_an_early_interruption_leaves_no_traceback(after: float, tmp_path: Path) -> None:
    """While modules are being loaded as well as later."""
    command = [
        sys.executable,
        "-c",
        "from flows.cli import start; print(flush=True); start.main()",
        "extract",
        str(ROOT / "seeds/articles"),
    ]
    started = subprocess.Popen(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert started.stdout
    started.stdout.readline()
    time.sleep(after)
    started.send_signal(signal.SIGINT)
    _, errors = started.communicate()
    assert b"flows" not in errors


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("words", [["feeds", "export"], ["extract"], ["--version"]], ids=" ".join)
def test_a_full_disk_is_one_message(words: list[str]) -> None:
    """Whether the output is written at once or as the program ends."""
    command = [sys.executable, "-m", "flows.cli", *words]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert ended.returncode == 2
    assert ended.stderr == "brinkwatch: not everything was written: No space left on device\n"


def test_the_sample_marks_whole_words() -> None:
    """As an alert does: what would be done, and what would follow."""
    shown = sample(datetime.now(UTC))
    assert [shown.sentence[start:end] for start, end in shown.marks] == [
        "if they do that",
        "the consequences will be severe",
    ]


def test_a_library_interrupted_while_it_loads_leaves_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that it failed, because of the interruption; what failed for another reason is told."""

    def load(cause: BaseException) -> None:
        raise ImportError("initialization failed") from cause

    monkeypatch.setattr(command_line, "app", lambda: load(KeyboardInterrupt()))
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 130
    monkeypatch.setattr(command_line, "app", lambda: load(OSError("no such library")))
    with pytest.raises(ImportError):
        command_line.main()


@pytest.mark.slow
@pytest.mark.usefixtures("_ours")
def test_a_file_that_another_program_holds_is_named_at_once(monitor: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the program that holds it, instead of minutes without a word."""
    monkeypatch.setattr("flows.cli.warehouse_access.PATIENCE_S", 0.2)
    connect = f"c = duckdb.connect({str(monitor.warehouse)!r})"
    hold = f"import duckdb, time; {connect}; print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        done = CliRunner().invoke(app, ["alerts", "list"])
        holder.kill()
    assert isinstance(done.exception, WarehouseBusyError)
    assert f"(PID {holder.pid})" in str(done.exception)


# --- what is printed -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_ours")
def test_lists_are_whole_in_80_columns(monitor: Settings) -> None:
    """Ids can be copied, and no column is cut."""
    listed = call("alerts", "list").stdout
    ids = [stored.alert.id for stored in transact(Warehouse(monitor.warehouse), latest_alerts)]
    assert [each for each in ids if each not in listed] == []
    for words in (["feeds", "list"], ["feeds", "health"]):
        shown = call(*words).stdout
        assert "a-feed-with-a-long-id" in shown
        assert "…" not in shown
        assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.usefixtures("_ours")
def test_muting_says_what_is_muted_until_when() -> None:
    """And how it is taken back."""
    said = call("alerts", "mute", "kh-101", "--until", "2099-12-01").stderr
    assert "until 1 December 2099" in " ".join(said.split())
    assert "brinkwatch alerts unmute kh-101" in " ".join(said.split())
    assert "for good: RU" in call("alerts", "mute", "RU").stderr


# --- texts to read ---------------------------------------------------------------------------------------------------


def test_standard_input_is_text_or_json_lines() -> None:
    """Whatever comes, by what it looks like; a bad first line among JSON lines is still named."""
    (article,) = read_stream(io.BytesIO("Putin warned.\n\nHe said “no”.".encode()))
    assert (article.id, article.text) == ("stdin", "Putin warned.\n\nHe said “no”.")  # type: ignore[union-attr]
    assert [type(each).__name__ for each in read_stream(io.BytesIO(b'\n{"id": "a", "text": "b"}\n'))] == ["Article"]
    bad, good = read_stream(io.BytesIO(b'junk\n{"id": "a", "text": "b"}\n'))
    assert isinstance(bad, BadDocument)
    assert (bad.where, good.id) == ("<stdin>:1", "a")  # type: ignore[union-attr]
    assert list(read_stream(io.BytesIO(b" \n"))) == []


def test_an_empty_folder_and_a_missing_path_say_so(tmp_path: Path) -> None:
    """Every missing path at once, before anything heavy is loaded."""
    (empty,) = read_documents([tmp_path])
    assert empty == BadDocument(where=str(tmp_path), why="holds no file that ends in .txt, .jsonl, .jsonl.gz")
    with pytest.raises(DocumentError, match=r"a\.txt: no such file or folder; b: no such") as error:
        checked_paths(["a.txt", "-", str(tmp_path), "b"])
    assert str(tmp_path) not in str(error.value)


# --- lexicons --------------------------------------------------------------------------------------------------------


WRONG_ALONE = {
    "weapons.jsonl": ('{"id": "x", "name": "X", "category": "tnak", "aliases": ["Xenon"]}',
                      "x: no category 'tnak'; did you mean 'tank'?"),
    "weapon_classes.jsonl": ('{"id": "x", "name": "x", "category": "ray", "phrases": ["ray"]}', "x: no category 'ray'"),
    "weapon_designations.jsonl": ('{"id": "x", "prefix": "XQ", "category": "ray", "examples": []}',
                                  "x: no category 'ray'"),
    "weapon_categories.jsonl": ('{"id": "x", "also": ["ray"]}', "x: no category 'ray'"),
    "actors.jsonl": ('{"id": "x", "name": "X Y", "kind": "robot", "side": "RU"}', "'kind' must be one of"),
    "places.jsonl": ('{"id": "XX", "kind": "state", "name": "X"}', "missing field 'side'"),
    "feeds.csv": ("x,X,no address,GB,private,en,news,press,here,normal,", "no address"),
    "policy.toml": ("\n[nothing]", "unknown table or field 'nothing'"),
}  # fmt: skip
"""A line that is wrong in itself, by its file, and part of what is said of it."""
WRONG_TOGETHER = {
    "actors.jsonl": (('{"id": "x", "name": "X Y", "kind": "person", "side": "RUS"}\n'
                     '{"id": "y", "name": "Y Z", "kind": "person", "side": "Ua"}'),
                     "x: 'side' 'RUS' is not a state of places.jsonl; did you mean 'RU'?", "did you mean 'UA'?"),
    "holdings.jsonl": ('{"weapon": "taurs", "holder": "UA", "source": "x"}', "not 'taurs'"),
}  # fmt: skip
"""Lines that are wrong beside other files; those are compared once each can be read."""


@pytest.mark.parametrize("wrong", [WRONG_ALONE, WRONG_TOGETHER], ids=["alone", "together"])
def test_every_file_of_the_folder_is_checked(seeds: Path, tmp_path: Path, wrong: dict[str, tuple[str, ...]]) -> None:
    """Each line that is wrong is reported, all of them at once: lexicons, sides, feeds, holdings and scale."""
    for path in seeds.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    for file, (lines, *_) in wrong.items():
        with (tmp_path / file).open("a", encoding="utf-8") as stream:
            stream.write(f"{lines}\n")
    found = problems_of_folder(tmp_path)
    said = {file: [problem.what for problem in found if problem.file == file] for file in wrong}
    assert {file: len(texts) for file, texts in said.items()} == {file: len(each) - 1 for file, each in wrong.items()}
    for file, (_, *parts) in wrong.items():
        assert [part in text for part, text in zip(parts, said[file], strict=True)] == [True] * len(parts), file
    assert all(problem.line >= 1 for problem in found)


def test_a_file_without_weapons_is_wrong(seeds: Path, tmp_path: Path) -> None:
    """It would find nothing, and nobody would notice."""
    for path in seeds.iterdir():
        if path.is_file() and path.name != "holdings.jsonl":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "weapons.jsonl").write_text("\n")
    assert "weapons.jsonl:0: holds no weapon" in map(str, problems_of_folder(tmp_path))
