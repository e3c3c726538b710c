"""Many articles, read by several processes: the same result, whichever of them is killed."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from transactions import store_articles
from warehouses import new_warehouse

from extractors.records import Article
from flows.settings import Settings
from flows.steps import detect as step
from flows.steps import readers
from flows.steps.detect import detect
from flows.steps.readers import Worker, WorkerGoneError, pool, worker_for
from warehouse.connection import transaction
from warehouse.store import Warehouse

NOW = datetime.now(UTC).replace(microsecond=0)
WARNING = "Russian Foreign Minister Sergey Lavrov warned that any delivery of {} missiles to Ruritania would mean war."
WEAPONS = ("Kalibr", "Iskander", "Oreshnik", "Kinzhal", "Zircon", "Taurus", "Bastion", "ATACMS", "Tomahawk")
ARTICLES = [
    Article(id=f"a{number}", identity=f"a{number}", title="A warning", text=WARNING.format(weapon), source="S",
            published=NOW, seen=NOW)
    for number, weapon in enumerate(WEAPONS)
]  # fmt: skip


class PlayedWorker:
    """Reads in this process; ends when it is asked for an article that it dies of."""

    def __init__(self, seeds: Path, dies_of: list[str]) -> None:
        self.seeds, self.dies_of, self.asked = seeds, dies_of, list[Article]()

    def ask(self, article: Article) -> None:
        self.asked.append(article)

    def answer(self) -> object:
        if not self.asked:
            return readers.version_now(self.seeds)
        if self.asked[-1].id in self.dies_of:
            self.dies_of.remove(self.asked[-1].id)
            raise WorkerGoneError("gone")
        return readers.extracted(readers.extractor_of(self.seeds), self.asked[-1:])


@pytest.fixture
def dies_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Articles that a worker is to die of, once for each time they are listed; workers are played."""
    listed: list[str] = []

    @contextmanager
    def worker(seeds: Path, *, nice: int) -> Iterator[PlayedWorker]:
        assert nice == 0, "news is read at the priority of everything else"
        yield PlayedWorker(seeds, listed)

    monkeypatch.setattr(readers, "worker_for", worker)
    monkeypatch.setattr(step, "MANY", 6)
    monkeypatch.setattr(step, "BATCH", 2)
    return listed


def monitor(path: Path, seeds: Path, *, processes: int) -> Settings:
    """Return the settings of a monitor in which the articles wait to be read."""
    made = Settings(warehouse=path, seeds=seeds, readers=processes, _env_file=None)
    new_warehouse(path)
    store_articles(Warehouse(path), ARTICLES, now=NOW)
    return made


def stored(settings: Settings) -> list[list[tuple[object, ...]]]:
    """Return what was found and decided, and which articles were read."""
    tables = ("statements", "claims", "alerts", "failures")
    with transaction(settings.warehouse) as connection:
        found = [connection.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in tables]
        return [*found, connection.execute("SELECT id, read_by FROM articles ORDER BY id").fetchall()]


@pytest.mark.parametrize("deaths", [[], ["a0", "a3", "a8"], ["a4", "a4"]])
def test_several_processes_find_what_one_finds(
    seeds: Path, tmp_path: Path, dies_of: list[str], deaths: list[str]
) -> None:
    """Nothing is lost or repeated if some of them die; if two die of one article, this process reads on alone."""
    one, several = (monitor(tmp_path / f"{count}.duckdb", seeds, processes=count) for count in (1, 2))
    expected = detect(one, now=NOW)
    assert (expected.articles, expected.statements) == (9, 9)
    dies_of += deaths
    assert detect(several, now=NOW) == expected
    assert dies_of == []
    assert stored(several) == stored(one)


def test_an_article_with_too_many_sentences_is_read_to_the_limit_and_said_so(
    seeds: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was found before stays; a row for ``failures`` and the log say how much was left unread."""
    monkeypatch.setattr("extractors.reader.reader.MOST_READ", 2)
    text = " ".join(WARNING.format(weapon) for weapon in WEAPONS)
    ((_, signals),), failures = readers.extracted(readers.extractor_of(seeds), [Article(id="long", text=text)])
    assert signals.statements
    assert signals.unread == signals.as_json()["unread"] == len(WEAPONS) - 2
    (failure,) = failures
    assert (failure["where"], failure["trouble"]) == ("long", "too_long")
    assert "7 sentences" in failure["reason"]
    assert "article long is too long" in caplog.text


def test_few_articles_start_no_process(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process takes as long to start as this one takes to read a hundred and fifty."""
    monkeypatch.setattr(readers, "pool", lambda *_: pytest.fail("this process reads"))
    assert detect(monitor(tmp_path / "w.duckdb", seeds, processes=8), now=NOW).articles == 9


def test_processes_that_read_with_other_lexicons_are_not_used(
    seeds: Path, tmp_path: Path, dies_of: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run stays with the version that it began with."""
    settings = monitor(tmp_path / "w.duckdb", seeds, processes=2)
    monkeypatch.setattr(PlayedWorker, "answer", lambda _: "another edit")
    assert detect(settings, now=NOW).articles == 9
    assert {version for _, version in stored(settings)[-1]} == {readers.version_now(seeds)}


def test_an_article_that_ends_two_processes_is_given_up_and_the_next_is_read(seeds: Path, dies_of: list[str]) -> None:
    """And no place for a process is lost: with one, the next article still has one."""
    dies_of += ["a0", "a0"]
    with pool(seeds, 1, nice=0) as read:
        with pytest.raises(WorkerGoneError):
            read(ARTICLES[0])
        assert read(ARTICLES[1]) == readers.extracted(readers.extractor_of(seeds), [ARTICLES[1]])


@pytest.mark.slow
def test_a_process_that_is_killed_is_replaced(seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is asked and while it reads; what it was to read is read, and no process is left at the end."""
    started: list[int] = []

    @contextmanager
    def watched(seeds: Path, *, nice: int) -> Iterator[Worker]:
        with worker_for(seeds, nice=nice) as worker:
            started.append(worker.pid)
            yield worker

    monkeypatch.setattr(readers, "worker_for", watched)
    with pool(seeds, 1, nice=0) as read:
        os.kill(started[0], signal.SIGKILL)
        expected = [readers.extracted(readers.extractor_of(seeds), [article]) for article in ARTICLES]
        assert [read(article) for article in ARTICLES] == expected
        ask = Worker.ask

        def killed_when_asked(worker: Worker, article: Article) -> None:
            ask(worker, article)
            if worker.pid == started[1]:
                os.kill(worker.pid, signal.SIGKILL)

        monkeypatch.setattr(Worker, "ask", killed_when_asked)
        assert [read(article) for article in ARTICLES] == expected
    assert len(started) == 3
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
