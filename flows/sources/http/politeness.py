"""How often a host is contacted, and whether it permits that."""

import asyncio
import math
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from flows.sources.parsing import dates
from flows.sources.parsing.numbers import is_number

LONGEST_RETRY_S = 24 * 3600.0
ROBOTS_LONGEST = 512 * 1024
"""RFC 9309 asks crawlers to read at least 500 KiB."""


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return how many seconds a Retry-After header (seconds or a date) asks to wait, at most a day."""
    value = (header or "").strip()
    if is_number(value):
        return min(float(value[:9]), LONGEST_RETRY_S)
    moment = dates.read(value, now=now + timedelta(days=400)).instant
    if moment is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_S)


class ThrottledError(Exception):
    """The host asked for a longer pause than this cycle can wait."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} asked to wait {seconds:.0f} s")
        self.seconds = seconds


class HostGate:
    """Admits requests to each host: few at once, spaced with jitter, and none while the host has asked for a pause.

    ``backpressure`` waits until there is room for what the next request brings.
    """

    def __init__(
        self,
        *,
        per_host: int,
        spacing_s: float,
        concurrency: int,
        backpressure: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._spacing_s = spacing_s
        self._backpressure = backpressure
        self._all = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))
        self._next_start: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}

    def pause(self, host: str, seconds: float) -> None:
        """Send no requests to ``host`` for ``seconds``."""
        until = asyncio.get_running_loop().time() + seconds
        self._paused_until[host] = max(until, self._paused_until.get(host, -math.inf))

    @asynccontextmanager
    async def slot(self, host: str) -> AsyncIterator[None]:
        """Wait for a slot at ``host``; ThrottledError if it is paused."""
        async with self._hosts[host]:
            self._check(host)
            await self._space(host)
            self._check(host)
            async with self._all:
                if self._backpressure:
                    await self._backpressure()
                yield

    def _check(self, host: str) -> None:
        remaining = self._paused_until.get(host, -math.inf) - asyncio.get_running_loop().time()
        if remaining > 0:
            raise ThrottledError(host, remaining)

    async def _space(self, host: str) -> None:
        clock = asyncio.get_running_loop().time
        start = max(clock(), self._next_start.get(host, -math.inf))
        self._next_start[host] = start + self._spacing_s * random.uniform(0.8, 1.2)  # noqa: S311
        if start > clock():
            await asyncio.sleep(start - clock())


class Robots:
    """Remembers the robots.txt of every host for one cycle, as an async context manager.

    ``fetch`` returns the text of a robots.txt, empty if the host has none, None if it could not be read, which forbids
    everything (RFC 9309, 2.3.1.4).
    """

    def __init__(self, fetch: Callable[[str], Awaitable[str | None]], *, agent: str) -> None:
        self._fetch = fetch
        self._agent = agent
        self._rules: dict[str, asyncio.Task[Protego | None]] = {}

    async def __aenter__(self) -> "Robots":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cancel pending requests: nobody waits for them when the cycle ends, and their connections are closed."""
        for asked in self._rules.values():
            asked.cancel()
        await asyncio.gather(*self._rules.values(), return_exceptions=True)

    async def allows(self, url: str) -> bool:
        """Return whether ``url`` may be read."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.create_task(self._read(site))
        rules = await asyncio.shield(self._rules[site])
        return rules is not None and bool(rules.can_fetch(url, self._agent))

    async def _read(self, site: str) -> Protego | None:
        text = await self._fetch(f"{site}/robots.txt")
        return None if text is None else Protego.parse(text[:ROBOTS_LONGEST])
