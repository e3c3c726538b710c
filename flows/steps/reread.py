"""Stored articles read again in the background, after an edit of a lexicon, rule or model.

That takes hours if there are many. So it has a budget, and a worker process of low priority does the reading; in the
meantime this process looks for new articles and may read them at once. The results are stored a few articles at a time.
"""

import os
import pickle
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Any

from extractors.errors import BrinkwatchError
from extractors.records import Article
from flows.settings import Settings
from flows.steps import detect as step
from flows.steps.detect import Detected
from warehouse.store import Warehouse
from warehouse.tables.articles import articles_to_read_again, count_to_read_again

AGAIN = 10
"""Articles read again between two transactions: a second or two, of which others wait a tenth for the warehouse."""
PAUSE_S = 0.2
"""Pause after each such transaction: whoever waits for the warehouse asks for it more often than that, and gets it."""
LOOK_S = 0.05
"""How often the caller of ``read_again`` may look for new articles while one is being read."""
NICE = 10
"""Niceness of the worker: when others need the processor, it gets about a tenth."""


class WorkerGoneError(BrinkwatchError):
    """The worker process has ended by itself."""

    def __init__(self) -> None:
        super().__init__("the process that reads stored articles again has ended: was there too little memory for it?")


@dataclass(slots=True)
class Lookout:
    """Looks for new articles, as often as one likes: it opens the warehouse only after somebody has written to it."""

    settings: Settings
    seen: object = field(default=None, init=False)

    def waits(self) -> bool:
        """Return whether an article is waiting; False if nothing was written since the last call."""
        written = Warehouse(self.settings.warehouse).written()
        if written == self.seen:
            return False
        self.seen = written
        return step.waits(self.settings)


def count_again(settings: Settings) -> int:
    """Return the number of stored articles that were read by a version other than the present one."""
    version = step.version_now(settings.seeds)
    with Warehouse(settings.warehouse).transaction() as tx:
        return count_to_read_again(tx, version=version)


def read_again(
    settings: Settings,
    *,
    now: datetime,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Detected]:
    """Read articles again that another version has read, latest first, until ``seconds`` are over.

    Yields what was stored since it last did, mostly nothing: before each article and every ``LOOK_S`` while it is being
    read, so that the caller can read new ones in between.
    """
    version = step.version_now(settings.seeds)
    with worker_for(settings.seeds) as worker:
        yield from awaited(worker)
        if worker.answer() != version:
            return  # edited since this process started, so the next one reads them
        end = clock() + seconds
        while batch := _read_before(settings, version):
            read, failures = [], []
            for article in batch:
                worker.ask(article)
                yield from awaited(worker)
                signals, failed = worker.answer()
                read += signals
                failures += failed
            saved = step.save(settings, read, failures, now=now)
            sleep(PAUSE_S)
            yield saved
            if clock() >= end:
                return


def _read_before(settings: Settings, version: str) -> list[Article]:
    with Warehouse(settings.warehouse).transaction() as tx:
        return articles_to_read_again(tx, version=version, limit=AGAIN)


def awaited(worker: "Worker") -> Iterator[Detected]:
    """Yield an empty result, at least once, until ``worker`` answers."""
    yield Detected()
    while not worker.answers(LOOK_S):
        yield Detected()


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that reads one article after the other. Its first answer, once it is ready, is its version."""

    pid: int
    questions: IO[bytes]
    replies: IO[bytes]

    def ask(self, article: Article) -> None:
        """Send an article to be read."""
        pickle.dump(article, self.questions)
        self.questions.flush()

    def answers(self, seconds: float) -> bool:
        """Return whether there is an answer, or will be within ``seconds``."""
        return bool(select.select([self.replies], [], [], seconds)[0])

    def answer(self) -> Any:
        """Return the version at first, then what ``extracted`` returns for each article sent."""
        try:
            return pickle.load(self.replies)  # noqa: S301 - our own process wrote it
        except EOFError:
            raise WorkerGoneError from None


@contextmanager
def worker_for(seeds: Path) -> Iterator[Worker]:
    """Start a process that reads with ``seeds``, and end it with the block; it also ends when its parent does."""
    arguments = (sys.executable, "-m", __name__, str(NICE), str(seeds))
    # in a session of its own, so that Ctrl-C reaches the parent only
    with Popen(arguments, stdin=PIPE, stdout=PIPE, start_new_session=True) as process:  # noqa: S603 - this module
        assert process.stdin
        assert process.stdout
        try:
            yield Worker(process.pid, process.stdin, process.stdout)
        finally:
            process.kill()


def main() -> None:
    """Read what the parent sends, until the parent has gone."""
    os.nice(int(sys.argv[1]))
    seeds, target = Path(sys.argv[2]), sys.stdout.buffer
    sys.stdout = sys.stderr  # so that what a library prints does not mix with the answers
    version, extractor = step.version_now(seeds), step.extractor_of(seeds)
    reply(version, target)
    with suppress(EOFError, BrokenPipeError, pickle.UnpicklingError):
        while True:
            article = pickle.load(sys.stdin.buffer)  # noqa: S301 - its parent wrote it
            reply(step.extracted(extractor, [article]), target)


def reply(answer: object, target: IO[bytes]) -> None:
    """Send one answer."""
    pickle.dump(answer, target)
    target.flush()


if __name__ == "__main__":
    main()
