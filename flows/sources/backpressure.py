"""How far fetching may run ahead of parsing, and parsing of storing, because memory holds what is in between."""

import asyncio
from collections.abc import Callable

from flows.sources.feed_records import FeedUpdate


class Backpressure:
    """Pauses fetching while parsing or storing lags behind, because everything is held in memory."""

    def __init__(self) -> None:
        self._eased = asyncio.Event()
        self._full: Callable[[], bool] = lambda: False

    def watch(self, full: Callable[[], bool]) -> None:
        """From now on, call ``full`` each time something was parsed or stored."""
        self._full = full

    def eased(self) -> None:
        """Let waiting tasks check again, if there is room: each time that would wake them all."""
        if not self._full():
            self._eased.set()

    async def wait(self) -> None:
        """Wait until there is room."""
        while self._full():
            self._eased.clear()
            await self._eased.wait()


class EndedUpdates:
    """Finished updates, in their order; ``asyncio.wait`` would go through all remaining ones each time."""

    def __init__(self) -> None:
        self.backpressure = Backpressure()
        """Eased whenever an update is taken."""
        self._tasks: asyncio.Queue[asyncio.Task[FeedUpdate]] = asyncio.Queue()
        self.articles = 0
        """Number of their articles that have not been taken yet."""

    def put(self, task: asyncio.Task[FeedUpdate]) -> None:
        """Add an update that has ended."""
        self.articles += _articles(task)
        self._tasks.put_nowait(task)

    async def next(self, end: float) -> asyncio.Task[FeedUpdate] | None:
        """Return the next one; None if there is none before ``end``."""
        try:
            task = self._tasks.get_nowait()  # mostly there is one: a timer for each would take longer than the rest
        except asyncio.QueueEmpty:
            try:
                async with asyncio.timeout_at(end):
                    task = await self._tasks.get()
            except TimeoutError:
                return None
        self.articles -= _articles(task)
        self.backpressure.eased()
        return task


def _articles(task: asyncio.Task[FeedUpdate]) -> int:
    return 0 if task.cancelled() or task.exception() else len(task.result().articles)
