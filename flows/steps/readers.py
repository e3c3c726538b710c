"""What reads articles: the extractor of this process, or other processes that each have one of their own."""

import logging
import os
import pickle
import select
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE, Popen
from typing import IO, TYPE_CHECKING, Any

from extractors.counts import plural
from extractors.errors import BrinkwatchError
from extractors.records import Article, Signals
from extractors.version import version_of
from warehouse.stored_records import Row

if TYPE_CHECKING:
    from extractors.pipeline import Extractor

log = logging.getLogger(__name__)

NICE = 10
"""Niceness of processes that read what is no news: when others need the processor, they get about a tenth."""

ReadArticles = tuple[list[tuple[Article, Signals]], list[Row]]
"""Each article with its signals, and a failure for each that was not read, or not to its end."""


class WorkerGoneError(BrinkwatchError):
    """A process that reads has ended by itself."""


class EditedError(BrinkwatchError):
    """Lexicons were edited after this process had taken up its own."""


@cache
def extractor_of(seeds: Path) -> "Extractor":
    """Return the extractor of ``seeds``, built once per process, so that a run uses one version throughout."""
    from extractors.pipeline import build_extractor  # noqa: PLC0415 - a second that a cycle without news does without

    version_now(seeds)  # computed and kept before the build: an edit in between counts the next time
    return build_extractor(seeds)


@cache
def version_now(seeds: Path) -> str:
    """Return the extractor's version from before it was built, so that an edit in between counts the next time."""
    return version_of(seeds)


def extracted(extractor: "Extractor", batch: Sequence[Article]) -> ReadArticles:
    """Return each article with its signals, and a failure for each that was not read, or not to its end.

    A bug costs the one article that triggers it, and leaves a traceback and a row; it must not stop the monitor.
    """
    read: list[tuple[Article, Signals]] = []
    failures: list[Row] = []
    for article in batch:
        try:
            signals = extractor.extract(article)
        except Exception as error:
            log.exception("article %s cannot be read", article.id)
            failures.append(_failure(article, "extractor", f"{type(error).__name__}: {error}"))
            signals = Signals(article=article.id)
        if signals.unread:
            reason = f"too long: {plural(signals.unread, 'sentence')} that may hold a signal left unread"
            log.warning("article %s is %s", article.id, reason)
            failures.append(_failure(article, "too_long", reason))
        read.append((article, signals))
    return read, failures


def _failure(article: Article, trouble: str, reason: str) -> Row:
    return {"where": article.id, "trouble": trouble, "reason": reason, "feed": article.feed}


def together(parts: Iterable[ReadArticles]) -> ReadArticles:
    """Return what was read in parts, in their order."""
    read: list[tuple[Article, Signals]] = []
    failures: list[Row] = []
    for pairs, failed in parts:
        read += pairs
        failures += failed
    return read, failures


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that reads one article after the other. Its first answer, once it is ready, is its version."""

    pid: int
    questions: IO[bytes]
    replies: IO[bytes]

    def ask(self, article: Article) -> None:
        """Send an article to be read."""
        with gone_if(BrokenPipeError):
            pickle.dump(article, self.questions)
            self.questions.flush()

    def answers(self, seconds: float) -> bool:
        """Return whether there is an answer, or will be within ``seconds``."""
        return bool(select.select([self.replies], [], [], seconds)[0])

    def answer(self) -> Any:
        """Return the version at first, then what ``extracted`` returns for each article sent."""
        with gone_if(EOFError, pickle.UnpicklingError):
            return pickle.load(self.replies)  # noqa: S301 - our own process wrote it


@contextmanager
def gone_if(*errors: type[Exception]) -> Iterator[None]:
    """Raise WorkerGoneError where talking to a worker fails with one of these errors."""
    try:
        yield
    except errors:
        raise WorkerGoneError("a process that reads articles has ended: was there too little memory for it?") from None


@contextmanager
def worker_for(seeds: Path, *, nice: int) -> Iterator[Worker]:
    """Start a process that reads with ``seeds``, and end it with the block; it also ends when its parent does."""
    arguments = (sys.executable, "-m", __name__, str(nice), str(seeds))
    # in a session of its own, so that Ctrl-C reaches the parent only
    with Popen(arguments, stdin=PIPE, stdout=PIPE, start_new_session=True) as process:  # noqa: S603 - this module
        assert process.stdin
        assert process.stdout
        try:
            yield Worker(process.pid, process.stdin, process.stdout)
        finally:
            process.kill()
            with suppress(BrokenPipeError):  # of a worker that ended before it was asked
                process.stdin.close()


@contextmanager
def pool(seeds: Path, workers: int, *, nice: int) -> Iterator[Callable[[Article], ReadArticles]]:
    """Start processes that read; yield what lets one that is idle read an article, for any thread.

    One that has ended is replaced, and its article read by the new one; WorkerGoneError if that ends too. EditedError
    if they would read by another version than this process.
    """
    with ExitStack() as stack:
        idle: SimpleQueue[Worker] = SimpleQueue()

        def start() -> Worker:
            return stack.enter_context(worker_for(seeds, nice=nice))

        for worker in [start() for _ in range(workers)]:
            idle.put(_ready(worker, seeds))
        yield partial(_read, idle, lambda: _ready(start(), seeds))


def _ready(worker: Worker, seeds: Path) -> Worker:
    if worker.answer() != version_now(seeds):
        raise EditedError("lexicons were edited after this process had started")
    return worker


def _read(idle: "SimpleQueue[Worker]", new_worker: Callable[[], Worker], article: Article) -> ReadArticles:
    worker = idle.get()
    try:
        try:
            return _asked(worker, article)
        except WorkerGoneError:
            log.warning("the process that was to read article %s has ended: another reads it", article.id)
            worker = new_worker()
            return _asked(worker, article)
    finally:
        idle.put(worker)


def _asked(worker: Worker, article: Article) -> ReadArticles:
    worker.ask(article)
    answer: ReadArticles = worker.answer()
    return answer


def main() -> None:
    """Read what the parent sends, until the parent has gone."""
    os.nice(int(sys.argv[1]))
    seeds, target = Path(sys.argv[2]), sys.stdout.buffer
    sys.stdout = sys.stderr  # so that what a library prints does not mix with the answers
    version, extractor = version_now(seeds), extractor_of(seeds)
    reply(version, target)
    with suppress(EOFError, BrokenPipeError, pickle.UnpicklingError):
        while True:
            article = pickle.load(sys.stdin.buffer)  # noqa: S301 - its parent wrote it
            reply(extracted(extractor, [article]), target)


def reply(answer: object, target: IO[bytes]) -> None:
    """Send one answer."""
    pickle.dump(answer, target)
    target.flush()


if __name__ == "__main__":
    main()
