"""Archives read into the warehouse: every article once, whoever is killed, and nothing of it sent."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from dying import is_killed, then_die
from transactions import store_articles
from typer.testing import CliRunner
from warehouses import new_warehouse

from extractors.errors import BrinkwatchError
from extractors.records import Article, Signals
from flows.cli.__main__ import app
from flows.settings import Settings
from flows.steps import backfill as step
from flows.steps import readers
from flows.steps.archives import Archive
from flows.steps.backfill import OLD, Backfilled, backfill
from flows.steps.notify import ready
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.tables.backfills import note_done

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ALL = 1_000
"""Articles of an archive that takes long enough to be killed in the middle, on a fast machine too."""
WARNING = "Russian Foreign Minister Sergey Lavrov warned that any delivery of {} missiles would mean war."
DOCUMENTS = [
    {
        "id": f"d{number}",
        "title": "A warning" if number else None,
        "text": WARNING.format("Taurus" if number % 2 else "Tomahawk"),
        "source": "The Archive",
        "published": f"2023-03-0{number + 1}T12:00:00+00:00",
    }
    for number in range(7)
]


@pytest.fixture
def settings(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A monitor whose archives are stored two records at a time."""
    two_at_a_time(monkeypatch)
    made = Settings(warehouse=tmp_path / "w.duckdb", seeds=seeds, _env_file=None)
    new_warehouse(made.warehouse)
    return made


def two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "BATCH", 2)
    monkeypatch.setattr(step, "AHEAD", 1)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Seven articles, and a line that is none."""
    path = tmp_path / "old.jsonl"
    lines = [json.dumps(each) for each in DOCUMENTS]
    path.write_text("\n".join([*lines[:3], "no article", *lines[3:], ""]), encoding="utf-8")
    return Archive(path)


class HereWorker:
    """Reads in this process, or finds nothing."""

    def __init__(self, seeds: Path, *, reads: bool) -> None:
        self.seeds, self.reads, self.asked = seeds, reads, list[Article]()

    def ask(self, article: Article) -> None:
        self.asked.append(article)

    def answer(self) -> object:
        if not self.asked:
            return readers.version_now(self.seeds)
        article = self.asked[-1]
        if self.reads:
            return readers.extracted(readers.extractor_of(self.seeds), [article])
        return [(article, Signals(article=article.id))], []


def reading_here(monkeypatch: pytest.MonkeyPatch, *, reads: bool) -> None:
    @contextmanager
    def worker(seeds: Path, *, nice: int) -> Iterator[HereWorker]:
        yield HereWorker(seeds, reads=reads)

    monkeypatch.setattr(readers, "worker_for", worker)
    if not reads:
        monkeypatch.setattr(readers, "extractor_of", lambda _seeds: SimpleNamespace(names={}))


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    Warehouse(settings.warehouse).publish()
    return list(query(settings.warehouse, sql).rows)


def test_an_archive_is_read_and_nothing_of_it_is_sent(
    settings: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its articles are read, its claims are known from then on, and a record that is none has a row that says so."""
    reading_here(monkeypatch, reads=True)
    told = list[Backfilled]()
    done = backfill(settings, archive, workers=1, clock=lambda: NOW, on_batch=told.append)
    assert (done.detected.articles, done.bad, done.records, done.share) == (7, 1, 8, 1.0)
    assert [each.records for each in told] == [2, 4, 6, 8]
    assert rows(settings, "SELECT count(*), count(read_by), bool_and(backlog), count(story) FROM articles") == [
        (7, 7, True, 7)
    ]
    assert rows(settings, "SELECT DISTINCT status, suppressed FROM alerts WHERE kind = 'new_statement'") == [
        ("suppressed", OLD)
    ]
    assert rows(settings, "SELECT count(*) FROM alerts WHERE suppressed IS NULL") == [(0,)]
    assert ready(settings, now=NOW) == 0
    assert rows(settings, "SELECT place, trouble FROM failures") == [(f"{archive.path}:4", "archive")]
    assert rows(settings, "SELECT name, records, articles, finished_at FROM backfills") == [("old.jsonl", 8, 7, NOW)]
    assert backfill(settings, archive, workers=1).records == 0


@pytest.mark.parametrize("place", ["note_done", "on_batch"])
def test_whoever_is_killed_continues_with_the_next_batch(
    settings: Settings, archive: Archive, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right before the second batch is committed, and right after it was: every article is there once."""
    assert is_killed(killed_in_the_second_batch, settings, archive, place)
    reading_here(monkeypatch, reads=False)
    stored = 2 if place == "note_done" else 3  # the fourth line is no article
    assert rows(settings, "SELECT count(*) FROM articles") == [(stored,)]
    done = backfill(settings, archive, workers=1)
    assert done.detected.articles == 7 - stored
    assert rows(settings, "SELECT count(*), count(DISTINCT identity), count(read_by) FROM articles") == [(7, 7, 7)]
    assert rows(settings, "SELECT records, articles FROM backfills") == [(8, 7)]
    assert rows(settings, "SELECT count(*) FROM failures") == [(1,)]


def killed_in_the_second_batch(settings: Settings, archive: Archive, place: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        reading_here(patch, reads=False)
        two_at_a_time(patch)
        if place == "note_done":
            patch.setattr(step, "note_done", then_die(note_done, times=2))
        told = then_die(lambda _: None, times=2) if place == "on_batch" else print
        backfill(settings, archive, workers=1, on_batch=told)


def test_what_is_stored_already_is_left_as_it_is(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive's other version of an address replaces nothing, and of two in one archive the first is stored."""
    reading_here(monkeypatch, reads=False)
    live = Article(id="live", identity="https://a.example/1", text="As it is now", url="https://a.example/1", seen=NOW)
    store_articles(Warehouse(settings.warehouse), [live], now=NOW)
    path = tmp_path / "old.jsonl"
    addresses = [("x", "https://a.example/1"), ("y", "https://a.example/2"), ("z", "https://a.example/2")]
    lines = [{"id": name, "text": f"Earlier {name}", "url": url} for name, url in addresses]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert backfill(settings, Archive(path), workers=1).detected.articles == 1
    assert rows(settings, "SELECT text, superseded_by FROM articles ORDER BY text") == [
        ("As it is now", None), ("Earlier y", None),
    ]  # fmt: skip


def packed(folder: Path, suffix: str) -> Archive:
    """Make an archive of the documents in one of the formats."""
    path, lines = folder / f"old{suffix}", folder / "lines.json"
    lines.write_text("\n".join(map(json.dumps, DOCUMENTS)), encoding="utf-8")
    if suffix == ".parquet":
        moment = "(published::VARCHAR || '+00')::TIMESTAMPTZ AS published"
        table = f"SELECT * REPLACE ({moment}), 1 AS other FROM read_json('{lines}')"
        duckdb.sql(f"COPY ({table}) TO '{path}' (FORMAT parquet)")
    else:
        path.write_bytes(gzip.compress(lines.read_bytes()) if suffix.endswith(".gz") else lines.read_bytes())
    return Archive(path)


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".parquet"])
def test_every_format_is_read_from_any_place_on(tmp_path: Path, suffix: str) -> None:
    """The same articles, each with its place, and at the end the whole of the file was read."""
    archive = packed(tmp_path, suffix)
    found = list(archive.records(skip=0))
    articles = [record.document for record in found if isinstance(record.document, Article)]
    assert [record.done for record in found] == list(range(1, 8))
    assert [article.id for article in articles] == [each["id"] for each in DOCUMENTS]
    assert articles[1].published == datetime(2023, 3, 2, 12, tzinfo=UTC)
    assert (articles[0].title, articles[1].title, articles[1].source) == ("", "A warning", "The Archive")
    assert archive.share == 1.0
    assert list(archive.records(skip=5)) == found[5:]
    assert list(archive.records(skip=7)) == []


def response(url: str, body: bytes, *, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    """Return a response as a crawler archives it, its body compressed on the way."""
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Encoding: gzip\r\n\r\n".encode() + gzip.compress(body)
    warc = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2023-03-04T00:00:00Z\r\n"
    warc += f"WARC-Record-ID: <urn:uuid:{len(url)}>\r\nContent-Type: application/http; msgtype=response\r\n"
    return f"{warc}Content-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n"


PAGE = f"""<html><head><title>Lavrov warns - a.example</title>
<meta property="article:published_time" content="2023-03-01T12:00:00+03:00"></head>
<body><article><h1>Lavrov warns</h1>{"".join(f"<p>{WARNING.format(name)}</p>" for name in "ABCDEFGHIJKL")}</article>
</body></html>"""


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
def test_a_warc_is_read_page_by_page(
    settings: Settings, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text, title, date and outlet are those of the page; an error and an image are none; no article is said."""
    reading_here(monkeypatch, reads=False)
    responses = [
        response("https://www.a.example/1?utm_source=x", PAGE.encode()),
        response("https://a.example/2", b"gone", status="404 Not Found"),
        response("https://a.example/3", b"GIF89a", kind="image/gif"),
        response("https://a.example/4", b"<html><body></body></html>"),
    ]
    path = tmp_path / f"crawl{suffix}"
    path.write_bytes(b"".join(gzip.compress(each) if suffix.endswith(".gz") else each for each in responses))
    assert [record.done for record in Archive(path).records(skip=1)] == [4]
    done = backfill(settings, Archive(path), workers=1)
    assert (done.detected.articles, done.records, done.bad) == (1, 4, 0)
    ((title, text, source, published, url),) = rows(
        settings, "SELECT title, text, source, published, url FROM articles"
    )
    assert (title, source, url) == ("Lavrov warns", "a.example", "https://www.a.example/1")
    assert str(text).count("Lavrov warned") == 12
    assert published == datetime(2023, 3, 1, 9, tzinfo=UTC)
    assert rows(settings, "SELECT place, reason FROM failures") == [(f"{path}: response 4", "shows no article (empty)")]


def test_a_damaged_warc_is_named(tmp_path: Path) -> None:
    """One whose bytes are not what was compressed, and a file that is none."""
    path = tmp_path / "crawl.warc.gz"
    packed_page = bytearray(gzip.compress(response("https://a.example/1", PAGE.encode())))
    packed_page[len(packed_page) // 2] ^= 255
    for content in (bytes(packed_page), b"none"):
        path.write_bytes(content)
        with pytest.raises(BrinkwatchError, match=r"crawl\.warc\.gz: "):
            list(Archive(path).records())


def test_an_archive_is_known_by_its_content(tmp_path: Path) -> None:
    """Wherever it lies; with other content it is another one."""
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    one.write_text("{}\n")
    other.write_text("{}\n")
    assert Archive(one).key() == Archive(other).key()
    other.write_text("{}\n{}\n")
    assert Archive(one).key() != Archive(other).key()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("old.csv", b"id,text", "its name must end in .jsonl"),
        ("old.jsonl.gz", gzip.compress(b'{"id": "a", "text": ""}' * 999)[:-9], "old.jsonl.gz: "),
        ("old.parquet", b"none", "old.parquet: "),
        ("missing.jsonl", None, "No such file"),
    ],
)
def test_a_file_that_is_no_archive_is_named(
    settings: Settings, tmp_path: Path, name: str, content: bytes | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And why it cannot be read."""
    reading_here(monkeypatch, reads=False)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BrinkwatchError, match=why):
        backfill(settings, Archive(tmp_path / name), workers=1)


def test_a_table_without_articles_is_no_archive(tmp_path: Path) -> None:
    """A Parquet file needs some of the columns; a row without a text is named by its number."""
    path = tmp_path / "t.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS other) TO '{path}' (FORMAT parquet)")
    with pytest.raises(BrinkwatchError, match="has none of the columns id, title, text"):
        list(Archive(path).records())
    duckdb.sql(f"COPY (SELECT 'a' AS id) TO '{path}' (FORMAT parquet)")
    assert [(each.document.where, each.document.why) for each in Archive(path).records()] == [  # type: ignore[union-attr]
        (f"{path}: row 1", "no text")
    ]


@pytest.mark.slow
def test_the_command_killed_in_the_middle_and_called_again_stores_every_article_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes read, and end with the one that started them."""
    monkeypatch.setattr(step, "BATCH", 100)
    path = tmp_path / "long.jsonl"
    path.write_text("\n".join(json.dumps({"id": f"a{n}", "text": WARNING.format(f"X{n}")}) for n in range(ALL)))
    environment = {"BRINKWATCH_WAREHOUSE": str(settings.warehouse), "BRINKWATCH_SEEDS": str(settings.seeds)}
    call = ["backfill", str(path), "--workers", "2"]
    with subprocess.Popen([sys.executable, "-m", "flows.cli", *call], env={**os.environ, **environment}) as process:
        while not stored(settings):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    half = stored(settings)
    assert 0 < half < ALL
    result = CliRunner().invoke(app, call, env=environment)
    assert (result.exit_code, f"{ALL - half} articles stored" in result.output) == (0, True)
    assert rows(settings, "SELECT count(*), count(DISTINCT identity), count(read_by) FROM articles") == [(ALL,) * 3]


def stored(settings: Settings) -> int:
    with Warehouse(settings.warehouse).transaction() as tx:
        ((count,),) = tx.execute("SELECT count(*) FROM articles").fetchall()
    return int(count)
