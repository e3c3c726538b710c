"""The command line as a user meets it: what it prints, what it says of a mistake, and its exit status."""

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from newsroom import Newsroom, open_newsroom, parsing_here, seeds_with
from transactions import transact
from typer.testing import CliRunner, Result

from extractors.records import Article
from flows.cli.__main__ import app, formatter, main
from flows.cli.output import Console
from flows.cli.run import ServerAwayError, next_step, run_with_prefect, summarise, told_together
from flows.settings import Settings
from flows.steps import readers
from flows.steps.cycle import Cycle, run_cycle
from flows.steps.detect import Detected
from flows.steps.ingest import Ingested
from flows.steps.notify import Notified
from flows.steps.readers import ReadArticles
from warehouse.connection import transaction
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.tables.alerts import mutes_in_force

pytestmark = pytest.mark.usefixtures("in_process")

FIRST = ("read", "new ", "foun")
WIDE = {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with open_newsroom() as room:
        room.carry("Berlin refuses Taurus", "Germany has refused to send Taurus cruise missiles to Ukraine.")
        yield room


@pytest.fixture(scope="module")
def monitor(newsroom: Newsroom, seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A monitor that has run one cycle."""
    folder = tmp_path_factory.mktemp("monitor")
    settings = Settings(
        warehouse=folder / "warehouse.duckdb",
        seeds=seeds_with(newsroom, seeds, folder / "seeds"),
        allow_hosts=frozenset({"127.0.0.1"}),
        _env_file=None,
    )
    with parsing_here():
        run_cycle(settings, now=datetime.now(UTC))
    return settings


@pytest.fixture(autouse=True)
def _environment(monitor: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(monitor.warehouse))
    monkeypatch.setenv("BRINKWATCH_SEEDS", str(monitor.seeds))
    monkeypatch.setenv("BRINKWATCH_ALLOW_HOSTS", "127.0.0.1")


def call(*words: str, status: int = 0) -> Result:
    result = CliRunner().invoke(app, list(words), env=WIDE)
    assert result.exit_code == status, (result.output, result.exception)
    return result


def let_runs_end(monitor: Settings, ago: timedelta) -> None:
    """Let every run have ended so long ago."""
    with transaction(monitor.warehouse) as connection:
        connection.execute("UPDATE runs SET finished_at = $ended", {"ended": datetime.now(UTC) - ago})


def an_alert(monitor: Settings) -> str:
    return str(
        query(monitor.warehouse, "SELECT id FROM alerts WHERE suppressed IS NULL ORDER BY id LIMIT 1").rows[0][0]
    )


def test_extract_prints_one_object_per_article_and_names_bad_lines(tmp_path: Path) -> None:
    """The rest goes on, in input order; the exit status says that something was wrong."""
    lines = ['{"id": "a", "text": "Berlin sent Taurus missiles to Kyiv."}', "{", '{"id": "b", "text": "Rain."}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    result = call("extract", "in.jsonl", status=1)
    first, second = map(json.loads, result.stdout.splitlines())
    assert [first["id"], second["id"]] == ["a", "b"]
    assert {"taurus"} <= {weapon["weapon"] for weapon in first["weapons"]}
    assert (second["weapons"], second["transfers"], second["statements"]) == ([], [], [])
    assert "in.jsonl:2" in result.stderr


def test_extract_reads_much_in_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It prints the same in the same order, and names what is no article."""
    texts = ["Berlin sent Taurus missiles to Kyiv.", "Rain.", "Moscow warned that any strike would mean war."]
    lines = [json.dumps({"id": str(number), "text": text}) for number, text in enumerate(texts * 7)]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join([*lines[:9], "{", *lines[9:]]))
    monkeypatch.setenv("BRINKWATCH_READERS", "2")
    alone = CliRunner().invoke(app, ["extract", str(path)])
    pools: list[int] = []
    pool = readers.pool

    def counted(seeds: Path, workers: int, *, nice: int) -> AbstractContextManager[Callable[[Article], ReadArticles]]:
        pools.append(workers)
        return pool(seeds, workers, nice=nice)

    monkeypatch.setattr(readers, "pool", counted)
    monkeypatch.setattr("flows.cli.extract.MUCH", 50)
    several = CliRunner().invoke(app, ["extract", str(path)])
    assert pools == [2]
    assert (several.stdout, several.stderr, several.exit_code) == (alone.stdout, alone.stderr, 1)
    assert [json.loads(line)["id"] for line in several.stdout.splitlines()] == [str(number) for number in range(21)]


def test_extract_shows_its_progress_on_a_terminal_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted stands apart from the results, which are the same; a pipe or file on stderr gets none of it."""
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "An F-16 landed."}\n{"id": "b", "text": "Rain."}')
    plain, shown = call("extract", "in.jsonl"), io.StringIO()
    assert plain.stderr == ""
    terminal = Console(file=shown, force_terminal=True, _environ={"TERM": "xterm"})
    monkeypatch.setattr("flows.cli.extract.Console", lambda **_: terminal)
    assert call("extract", "in.jsonl").stdout == plain.stdout
    assert "articles read: 2" in shown.getvalue()


def test_extract_reads_standard_input() -> None:
    """A dash is a pipe."""
    result = CliRunner().invoke(app, ["extract", "-"], input='{"id": "a", "text": "An F-16 landed."}\n')
    assert [weapon["text"] for weapon in json.loads(result.stdout)["weapons"]] == ["F-16"]


def test_sql_lists_relations_and_prints_results_in_every_format(tmp_path: Path) -> None:
    """Without a query, what there is to ask; with one, rows as people and as programs read them."""
    listed = call("sql").stdout
    assert "red_line_ledger  view" in listed
    assert "2 rows" in call("sql", "SELECT * FROM articles WHERE feed IS NULL").stdout
    call("sql", "--format", "csv", "--output", "out.csv", "SELECT 1 AS one")
    assert (tmp_path / "out.csv").read_text() == "one\n1\n"
    call("sql", "-f", "json", "-o", "out.json", "SELECT 1 AS one")
    assert json.loads((tmp_path / "out.json").read_text()) == [{"one": 1}]
    call("sql", "-f", "parquet", "-o", "out.parquet", "SELECT 1 AS one")
    assert (tmp_path / "out.parquet").read_bytes().startswith(b"PAR1")


def test_alerts_are_listed_shown_and_explained(monitor: Settings) -> None:
    """From the list to one alert, to why it was made and what became of it."""
    alert = an_alert(monitor)
    assert alert in call("alerts", "list").stdout
    assert alert in {json.loads(line)["alert"]["id"] for line in call("alerts", "list", "--json").stdout.splitlines()}
    assert "why new" in call("alerts", "show", alert[:10]).stdout
    why = call("alerts", "why", alert).stdout
    assert "decided" in why
    assert "on terminal" in why


def test_an_alert_can_be_sent_again_and_a_sample_tried(monitor: Settings) -> None:
    """Where nothing else is configured both go to the terminal."""
    alert = an_alert(monitor)
    assert alert in call("alerts", "resend", alert).stdout
    assert "Sample alert" in call("alerts", "test").stdout


def test_a_subject_is_muted_until_it_is_unmuted(monitor: Settings) -> None:
    """Muting is stored with its reason; unmuting what is not muted is a mistake."""
    call("alerts", "mute", "taurus", "--for", "2d", "--reason", "daily")
    (mute,) = transact(Warehouse(monitor.warehouse), mutes_in_force, datetime.now(UTC))
    assert (mute.subject, mute.reason) == ("taurus", "daily")
    call("alerts", "unmute", "taurus")
    assert transact(Warehouse(monitor.warehouse), mutes_in_force, datetime.now(UTC)) == []


def test_feeds_are_listed_and_one_can_be_tried(newsroom: Newsroom) -> None:
    """The list shows how each feed is doing; a trial stores nothing."""
    assert "The Newsroom" in call("feeds", "list").stdout
    assert json.loads(call("feeds", "list", "--json").stdout)["state"]["health"] == "ok"
    assert "Berlin refuses Taurus" in call("feeds", "test", f"{newsroom.address}/feed.xml").stdout
    call("feeds", "test", f"{newsroom.address}/nowhere.xml", status=1)


def test_explain_shows_signals_rules_and_alerts(monitor: Settings, tmp_path: Path) -> None:
    """For a file and for a stored article, as text and as a page that escapes what it shows."""
    (tmp_path / "doc.txt").write_text(
        "<b>Berlin</b> refused to send Taurus missiles to Kyiv. The Patriots beat the Bills."
    )
    text = call("explain", "doc.txt").stdout
    assert "weapon: Taurus" in text
    assert "not a weapon: Patriots" in text
    call("explain", "doc.txt", "--html", "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert re.search('<mark class="weapon"[^>]*>Taurus</mark>', page)
    stored = str(query(monitor.warehouse, "SELECT id FROM articles WHERE feed IS NULL LIMIT 1").rows[0][0])
    assert "Alerts" in call("explain", stored).stdout


def test_doctor_checks_what_a_cycle_needs(monitor: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is well; then a misspelt setting and a Prefect API that does not answer are named with advice."""
    let_runs_end(monitor, timedelta(0))
    assert "✗" not in call("doctor").stdout
    monkeypatch.setenv("BRINKWATCH_WHAREHOUSE", "x")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    findings = [json.loads(line) for line in call("doctor", "--json", status=1).stdout.splitlines()]
    assert {finding["what"] for finding in findings if not finding["ok"]} == {"settings", "prefect"}
    assert all(finding["advice"] for finding in findings if not finding["ok"])


def test_doctor_tells_of_a_timer_that_no_longer_starts_cycles(
    monitor: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By how often they are to come; without that, it only says when the last one was."""
    let_runs_end(monitor, timedelta(0))
    assert re.search(r"detect \d+ \w+ ago, digest \d+ \w+ ago, ingest \d+ \w+ ago, notify", call("doctor").stdout)
    monkeypatch.setenv("BRINKWATCH_RUN_EVERY", "60")
    assert "No ingest has succeeded" not in call("doctor").stdout
    let_runs_end(monitor, timedelta(minutes=11))
    findings = [json.loads(line) for line in call("doctor", "--json", status=1).stdout.splitlines()]
    told = [finding["detail"].split(" since ")[0] for finding in findings if not finding["ok"]]
    assert told == [f"No {step} has succeeded" for step in ("ingest", "detect", "notify", "digest")]


def test_lexicons_are_checked_and_tried() -> None:
    """Sound lexicons are counted; a sentence shows what they yield."""
    assert "weapons.jsonl" in call("lexicon", "check").stdout
    assert "weapon: HIMARS" in call("lexicon", "try", "HIMARS launchers arrived.").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["explain", "nothing-here"], "neither a file nor"),
        (["alerts", "show", "zzzz"], "no alert zzzz; brinkwatch alerts list"),
        (["alerts", "unmute", "zzzz"], "zzzz is not muted"),
        (["sql", "SELEC 1"], "syntax error"),
        (["sql", "DROP TABLE articles"], "read-only"),
        (["sql", "FROM read_csv('/etc/hosts')"], "--external"),
        (["extract", "nowhere.txt"], "nowhere.txt"),
    ],
)
def test_a_mistake_is_one_message_and_status_two(
    words: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for what a user can fix."""
    monkeypatch.setattr("sys.argv", ["brinkwatch", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    error = " ".join(capsys.readouterr().err.split())
    assert ended.value.code == 2
    assert says in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "words",
    [
        *(["alerts", *words.split()] for words in ("list", "show a", "why a", "resend a", "mute RU", "unmute RU")),
        *(["correct", *words.split()] for words in ("list", "export", "false-positive a", "direction a", "undo a")),
        ["alerts", "mutes"],
        ["sql", "SELECT 1"],
    ],
    ids=" ".join,
)
def test_where_no_cycle_has_run_nothing_is_left_behind(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped path is named, with what to do, and no folder, file or lock of that name appears."""
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(tmp_path / "typo" / "w.duckdb"))
    monkeypatch.setattr("sys.argv", ["brinkwatch", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    error = " ".join(capsys.readouterr().err.split())
    assert ended.value.code == 2
    assert "typo" in error
    assert "brinkwatch run" in error
    assert list(tmp_path.iterdir()) == []


def test_a_broken_lexicon_names_every_line(
    seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, line and what is wrong, for all files in one round."""
    for path in seeds.glob("*.jsonl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name in ("weapons.jsonl", "actors.jsonl"):
        with (tmp_path / name).open("a") as stream:
            stream.write('{"id": 7}\n')
    monkeypatch.setenv("BRINKWATCH_SEEDS", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["brinkwatch", "lexicon", "check"])
    with pytest.raises(SystemExit):
        main()
    error = capsys.readouterr().err
    assert "weapons.jsonl:" in error
    assert "actors.jsonl:" in error
    assert "'id' must be a string, not 7" in error


def test_feeds_that_fail_alike_share_a_line() -> None:
    """Without a network the summary is one line with a few names; a feed with a fault of its own keeps its own."""
    outcomes = [(f"feed-{number}", "failed", "unreachable") for number in range(9)] + [("odd", "gone_quiet", "410")]
    together, alone = told_together(outcomes)
    assert together == "9 feeds failed: unreachable (feed-0, feed-1, feed-2, feed-3, feed-4 and 4 more)"
    assert alone.split() == ["odd", "gone", "quiet", "410"]


def test_a_summary_counts_in_words(monitor: Settings) -> None:
    """One of each is no plural, and where no feed was due it does not count those that answered."""
    printed = io.StringIO()
    console = Console(file=printed, width=200)
    for count in (1, 2, 0):
        ids = ("x",) * count
        cycle = Cycle(
            ingested=Ingested(articles=ids, seeds=ids, feeds=count),
            detected=Detected(articles=count, weapons=count, statements=count, transfers=count),
            notified=Notified(),
        )
        summarise(cycle, monitor, console)
    read = [line.split(maxsplit=1)[1].strip() for line in printed.getvalue().splitlines() if line[:4] in FIRST]
    assert read == [
        "1 seed document, 1 of 1 due feed", "1 article",
        "1 mention of weapons, 1 statement, 1 stage of transfers in 1 article read",
        "2 seed documents, 2 of 2 due feeds", "2 articles",
        "2 mentions of weapons, 2 statements, 2 stages of transfers in 2 articles read",
        "0 seed documents, no feed was due", "0 articles",
        "0 mentions of weapons, 0 statements, 0 stages of transfers in 0 articles read",
    ]  # fmt: skip


def test_a_text_without_signals_says_so() -> None:
    """Instead of the head of an empty table."""
    shown = call("lexicon", "try", "Nothing to see here.").stdout
    assert "Nothing found." in shown
    assert "detail" not in shown


@pytest.mark.filterwarnings("default")
def test_a_server_that_does_not_answer_is_an_error_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says what to do; other errors of Prefect stay what they are."""
    monkeypatch.setattr("flows.prefect_settings.apply_prefect_defaults", lambda: None)
    for error, raised in (("Failed to reach API at http://x/api/", ServerAwayError), ("other", RuntimeError)):
        monkeypatch.setattr("flows.ingest.ingest", Mock(side_effect=RuntimeError(error)))
        with pytest.raises(raised, match=error):
            run_with_prefect(quiet=False)


@pytest.mark.parametrize(
    ("notified", "said"),
    [
        (Notified(), "Nothing new."),
        (Notified(waiting=5), "Alerts wait, and the next cycle tries again. Next: brinkwatch doctor"),
    ],
)
def test_a_cycle_says_what_to_do_next(notified: Notified, said: str) -> None:
    """While Slack is away that is no cycle without news, as it was once said."""
    assert next_step(Cycle(ingested=Ingested(), detected=Detected(), notified=notified)).startswith(said)


@pytest.mark.parametrize(("form", "line"), [("json", True), ("text", False), ("none", False)])
def test_log_records_can_be_json(form: str, line: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One object on one line, with its traceback; wrong settings are for the command to report, not for its log."""
    monkeypatch.setenv("BRINKWATCH_LOG_FORMAT", form)
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("flows.x", logging.ERROR, "x.py", 1, "cannot read %s", ("é",), sys.exc_info())
    written = formatter().format(record)
    if not line:
        assert written.startswith(f"{record.asctime} ERROR flows.x: cannot read é\nTraceback")
        return
    found = json.loads(written)
    assert "\n" not in written
    assert (found["level"], found["logger"], found["message"]) == ("ERROR", "flows.x", "cannot read é")
    assert datetime.fromisoformat(found["time"]).tzinfo is not None
    assert "ValueError: two" in found["exc_info"]
