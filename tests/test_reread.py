"""After an edit of lexicons or rules: news first, stored articles again in the background, within a budget."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from unittest.mock import Mock

import pytest
from transactions import store_articles, transact
from warehouses import file_of, new_warehouse

from extractors.records import Article
from extractors.version import version_files, version_of
from flows import detect as flow
from flows.settings import Settings
from flows.steps import cycle, readers, reread
from flows.steps import detect as step
from flows.steps.cycle import run_cycle
from flows.steps.detect import detect
from flows.steps.readers import WorkerGoneError, extracted, extractor_of, worker_for
from flows.steps.reread import Lookout, count_again, read_again
from warehouse.connection import LONGEST_PAUSE_S, transaction
from warehouse.publish import LAG, snapshot_path
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.tables.runs import latest_runs, start_run

NOW = datetime.now(UTC).replace(microsecond=0)
LONG = 3000.0
"""Seconds that reading again may take where all of it is to be read: more than the slowest machine needs."""
WARNING = "Russian Foreign Minister Sergey Lavrov warned that any delivery of {} missiles to Ruritania would mean war."


@pytest.fixture
def settings(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A monitor without feeds that has read five articles, two of which it stores at once when it reads them again."""
    monkeypatch.setattr(reread, "AGAIN", 2)
    monkeypatch.setattr(reread, "worker_for", played_worker)
    (tmp_path / "seeds").mkdir()
    for path in seeds.iterdir():
        (tmp_path / "seeds" / path.name).symlink_to(path)
    for name in ("feeds.csv", "articles"):
        (tmp_path / "seeds" / name).unlink()
    (tmp_path / "seeds" / "feeds.csv").write_text((seeds / "feeds.csv").read_text().splitlines()[0] + "\n")
    (tmp_path / "seeds" / "articles").mkdir()
    made = Settings(warehouse=tmp_path / "w.duckdb", seeds=tmp_path / "seeds", reread_budget=LONG, _env_file=None)
    new_warehouse(made.warehouse)
    for hour in range(5):
        arrive(made, hour, at=NOW - timedelta(hours=9 - hour))
    detect(made, now=NOW - timedelta(hours=4))
    return made


def arrive(settings: Settings, number: int, *, at: datetime) -> None:
    text = WARNING.format(("Kalibr", "Iskander", "Oreshnik", "Kinzhal", "Zircon", "Taurus", "Bastion")[number])
    article = Article(id=f"a{number}", identity=f"a{number}", title="A warning", text=text, source=f"S{number}",
                      published=at, seen=at)  # fmt: skip
    store_articles(Warehouse(settings.warehouse), [article], now=at)


class PlayedWorker:
    """Reads in this process, and answers when it has been looked at so often as one says."""

    def __init__(self, seeds: Path, looks: int = 0) -> None:
        self.seeds, self.looks, self.asked = seeds, looks, list[Article]()

    def ask(self, article: Article) -> None:
        self.asked.append(article)
        self.left = self.looks

    def answers(self, seconds: float) -> bool:
        if not self.asked or self.left == 0:
            return True
        self.left -= 1
        return False

    def answer(self) -> object:
        return extracted(extractor_of(self.seeds), self.asked[-1:]) if self.asked else readers.version_now(self.seeds)


@contextmanager
def played_worker(seeds: Path, *, nice: int) -> Iterator[PlayedWorker]:
    yield PlayedWorker(seeds)


def edit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lexicons be others than those the articles were read with."""
    monkeypatch.setattr(readers, "version_now", lambda seeds: f"edited {version_of(seeds)}")


def read_by(settings: Settings) -> list[str]:
    """Return which articles the present version has read."""
    with transaction(settings.warehouse) as connection:
        rows = connection.execute(
            "SELECT id FROM articles WHERE read_by = $version ORDER BY id",
            {"version": readers.version_now(settings.seeds)},
        )
        return [article for (article,) in rows.fetchall()]


class Clock:
    """Goes on by a second whenever it is read."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def read(settings: Settings, *, seconds: float = LONG, pauses: list[float] | None = None) -> int:
    """Read stored articles again for so many of the clock's seconds; return how many that were."""
    pause = (lambda _: None) if pauses is None else pauses.append
    return sum(each.articles for each in read_again(settings, now=NOW, seconds=seconds, clock=Clock(), sleep=pause))


def test_the_latest_are_read_again_first_and_no_longer_than_allowed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the budget does not allow is read next time; then nothing waits any more."""
    assert count_again(settings) == 0
    edit(monkeypatch)
    assert read(settings, seconds=1) == 2
    assert read_by(settings) == ["a3", "a4"]
    pauses: list[float] = []
    assert read(settings, seconds=9, pauses=pauses) == 3
    assert len(pauses) == 2
    assert min(pauses) > LONGEST_PAUSE_S * 1.5, "who waits for the file gets its turn between two transactions"
    assert count_again(settings) == 0


def test_between_two_looks_for_news_one_article_at_most_is_handed_over(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And while it is read, however long that takes, one can look as often as one likes."""
    edit(monkeypatch)
    worker = PlayedWorker(settings.seeds, looks=7)
    monkeypatch.setattr(reread, "worker_for", lambda _, nice: contextmanager(lambda: iter([worker]))())
    handed_over = [len(worker.asked) for _ in read_again(settings, now=NOW, seconds=LONG, sleep=lambda _: None)]
    assert max(after - before for before, after in pairwise(handed_over)) == 1
    assert all(handed_over.count(number) >= 8 for number in range(1, 6))


def test_looking_for_news_opens_the_warehouse_only_where_somebody_wrote(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it was that was written; what comes in is seen by the next look."""
    looked = Mock(side_effect=step.waits)
    monkeypatch.setattr(step, "waits", looked)
    lookout = Lookout(settings)
    assert [lookout.waits() for _ in range(9)] == [False] * 9
    assert looked.call_count == 1
    arrive(settings, 5, at=NOW)
    assert [lookout.waits() for _ in range(3)] == [True, False, False]
    transact(Warehouse(settings.warehouse), start_run, "ingest", now=NOW)
    Warehouse(settings.warehouse).publish()
    assert lookout.waits()
    detect(settings, now=NOW)
    assert not lookout.waits()
    assert looked.call_count == 4


def test_the_flow_reads_new_articles_while_one_is_read_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before that is stored, and those that come in later likewise, each as soon as it has come."""
    edit(monkeypatch)
    done: list[str] = []

    class Observed(PlayedWorker):
        def ask(self, article: Article) -> None:
            done.append(f"asked {article.id}")
            if article.id in {"a4", "a2"}:
                arrive(settings, 5 if article.id == "a4" else 6, at=NOW)
            super().ask(article)

    def news(_settings: Settings) -> step.Detected:
        done.append("new")
        return detect(settings, now=NOW)

    worker = Observed(settings.seeds, looks=3)
    monkeypatch.setattr(reread, "worker_for", lambda _, nice: contextmanager(lambda: iter([worker]))())
    monkeypatch.setattr(flow, "read_all", news)
    assert flow.read_all_again(settings).articles == 7
    assert done == ["asked a4", "new", "asked a3", "asked a2", "new", "asked a1", "asked a0"]
    assert read_by(settings) == [f"a{number}" for number in range(7)]


def test_a_run_reads_nothing_again_by_lexicons_that_are_older_than_its_worker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was edited since the run began is read with by the next one."""
    edit(monkeypatch)
    monkeypatch.setattr(PlayedWorker, "answer", lambda _: "another edit")
    assert read(settings) == 0
    assert read_by(settings) == []


def test_the_worker_reads_as_its_parent_does_with_lower_priority(
    settings: Settings,
) -> None:
    """It says by which version, and ends when its parent has gone."""
    article = Article(id="a9", title="A warning", text=WARNING.format("Taurus"))
    with worker_for(settings.seeds, nice=1) as worker:  # with more it takes minutes on a busy machine
        assert worker.answer() == readers.version_now(settings.seeds)
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == min(os.nice(0) + 1, 19)
        worker.ask(article)
        read, failures = worker.answer()
        assert (read, failures) == extracted(extractor_of(settings.seeds), [article])
        worker.questions.close()
        with pytest.raises(WorkerGoneError):
            worker.answer()


def test_a_cycle_tells_the_news_before_it_reads_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the edited lexicons, and published before; the weapon, with which nothing is done, is left to the digest."""
    run_cycle(settings, now=NOW)
    capsys.readouterr()
    edit(monkeypatch)
    arrive(settings, 5, at=NOW)

    def again(*_: object, **__: object) -> Iterator[step.Detected]:
        assert "Taurus" in capsys.readouterr().out
        told = query(settings.warehouse, "SELECT kind, status FROM alerts WHERE article = 'a5' ORDER BY kind").rows
        assert told == [("new_statement", "delivered"), ("new_weapon", "pending")]
        yield from read_again(settings, now=NOW, seconds=LONG)

    monkeypatch.setattr(cycle, "read_again", again)
    made = run_cycle(settings, now=NOW)
    assert (made.detected.articles, made.again.articles, made.left) == (1, 5, 0)


# --- a cycle that finds nothing


def published(warehouse: Warehouse, *, news: bool = True) -> int:
    """Publish; return what another snapshot would change."""
    warehouse.publish(news=news)
    return snapshot_path(file_of(warehouse.path)).stat().st_ino


def test_a_cycle_that_finds_nothing_copies_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither file changes; the log gets the rows that say that it ran. No extractor is built."""
    run_cycle(settings, now=NOW)
    files = (file_of(settings.warehouse), snapshot_path(file_of(settings.warehouse)))
    before = [path.stat() for path in files]
    monkeypatch.setattr(readers, "extractor_of", lambda _: pytest.fail("nothing was to be read"))
    run_cycle(settings, now=NOW + timedelta(seconds=5))
    after = [path.stat() for path in files]
    assert [(each.st_ino, each.st_mtime_ns, each.st_size) for each in before] == [
        (each.st_ino, each.st_mtime_ns, each.st_size) for each in after
    ]
    assert file_of(settings.warehouse).with_name("w.duckdb.wal").stat().st_size < 10_000
    kinds = [run.kind for run in transact(Warehouse(settings.warehouse), latest_runs, limit=4)]
    assert sorted(kinds) == ["detect", "digest", "ingest", "notify"]


def test_a_warehouse_that_is_up_to_date_is_not_written_to(settings: Settings) -> None:
    """Migrating again leaves no log, and publishing again no new snapshot."""
    warehouse = Warehouse(settings.warehouse)
    before = published(warehouse)
    warehouse.migrate()
    assert not file_of(settings.warehouse).with_name("w.duckdb.wal").exists()
    assert published(warehouse) == before


def test_what_is_no_news_reaches_the_snapshot_in_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the latest when the snapshot is older than the lag, also when the clock was put back meanwhile."""
    warehouse = Warehouse(settings.warehouse)
    inode = published(warehouse)
    written = file_of(settings.warehouse).stat().st_mtime
    transact(warehouse, start_run, "ingest", now=NOW)
    for seconds, copied in ((LAG.total_seconds() - 1, False), (LAG.total_seconds(), True), (-5, True)):
        monkeypatch.setattr("warehouse.publish.time.time", lambda at=written + seconds: at)
        now = published(warehouse, news=False)
        assert (now != inode) is copied, seconds
        inode, written = now, file_of(settings.warehouse).stat().st_mtime
        transact(warehouse, start_run, "ingest", now=NOW)


def test_what_the_version_depends_on_is_code_weights_and_lexicons(seeds: Path) -> None:
    """Articles are read again after an edit of any of these, not of the model's card or licence, nor of the training.

    Wherever the checkout lies: this was once told by the whole path, which may hold a folder named training too.
    """
    names = {"/".join(path.parts[-2:]) for path in version_files(seeds)}
    assert {"reader/decoding.py", "model/reader.json", "seeds/actors.jsonl"} <= names
    assert names.isdisjoint({"model/CARD.md", "model/LICENSE", "training/__main__.py"})
