"""Stored articles read again in the background, after an edit of a lexicon, rule or model.

That takes hours if there are many. So it has a budget, and a worker process of low priority does the reading; in the
meantime this process looks for new articles and may read them at once. The results are stored a few articles at a time.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from extractors.records import Article
from flows.settings import Settings
from flows.steps import detect as step
from flows.steps import readers
from flows.steps.detect import Detected
from flows.steps.readers import NICE, Worker, worker_for
from warehouse.store import Warehouse
from warehouse.tables.articles import articles_to_read_again, count_to_read_again

AGAIN = 10
"""Articles read again between two transactions: a second or two, of which others wait a tenth for the warehouse."""
PAUSE_S = 0.2
"""Pause after each such transaction: whoever waits for the warehouse asks for it more often than that, and gets it."""
LOOK_S = 0.05
"""How often the caller of ``read_again`` may look for new articles while one is being read."""


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
    version = readers.version_now(settings.seeds)
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
    version = readers.version_now(settings.seeds)
    with worker_for(settings.seeds, nice=NICE) as worker:
        yield from awaited(worker)
        if worker.answer() != version:
            return  # edited since this process started, so the next one reads them
        end = clock() + seconds
        while batch := _read_before(settings, version):
            read, failures = [], []
            for article in batch:
                worker.ask(article)
                yield from awaited(worker)
                found, failed = worker.answer()
                read += found
                failures += failed
            saved = step.save(settings, read, failures, now=now)
            sleep(PAUSE_S)
            yield saved
            if clock() >= end:
                return


def _read_before(settings: Settings, version: str) -> list[Article]:
    with Warehouse(settings.warehouse).transaction() as tx:
        return articles_to_read_again(tx, version=version, limit=AGAIN)


def awaited(worker: Worker) -> Iterator[Detected]:
    """Yield an empty result, at least once, until ``worker`` answers."""
    yield Detected()
    while not worker.answers(LOOK_S):
        yield Detected()
