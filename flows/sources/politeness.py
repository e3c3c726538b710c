"""How often a host is asked, and whether it wants to be."""

import asyncio
import math
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from flows.sources import dates

LONGEST_RETRY_S = 24 * 3600.0
ROBOTS_LONGEST = 512 * 1024
"""RFC 9309 asks crawlers to read at least 500 KiB."""


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return how many seconds a Retry-After header (seconds or a date) asks to wait, at most a day."""
    value = (header or "").strip()
    if value.isdigit():
        return min(float(value[:9]), LONGEST_RETRY_S)
    moment = dates.read(value, now=now + timedelta(days=400)).instant
    if moment is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_S)


class ThrottledError(Exception):
    """The host asked to be left alone, for longer than this cycle can wait."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} asked to wait {seconds:.0f} s")
        self.seconds = seconds


class HostGate:
    """Lets requests through to each host: few at once, spaced with jitter, none while the host asked for a pause.

    ``room`` waits until there is room for what the next one brings.
    """

    def __init__(
        self, *, per_host: int, spacing_s: float, concurrency: int, room: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        self._spacing_s = spacing_s
        self._room = room
        self._all = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))
        self._next_start: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}

    def pause(self, host: str, seconds: float) -> None:
        """Ask nothing of ``host`` for ``seconds``."""
        until = asyncio.get_running_loop().time() + seconds
        self._paused_until[host] = max(until, self._paused_until.get(host, -math.inf))

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at ``host``; ThrottledError if it is paused."""
        async with self._hosts[host]:
            self._check(host)
            await self._space(host)
            self._check(host)
            async with self._all:
                if self._room:
                    await self._room()
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
    """Remembers the robots.txt of every host for one cycle.

    ``fetch`` returns the text of a robots.txt, empty when the host has none, None when it could not be read; the latter
    means hands off (RFC 9309, 2.3.1.4).
    """

    def __init__(self, fetch: Callable[[str], Awaitable[str | None]], *, agent: str) -> None:
        self._fetch = fetch
        self._agent = agent
        self._rules: dict[str, asyncio.Task[Protego | None]] = {}

    async def allows(self, url: str) -> bool:
        """Say whether ``url`` may be read."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.create_task(self._read(site))
        rules = await asyncio.shield(self._rules[site])
        return rules is not None and bool(rules.can_fetch(url, self._agent))

    async def _read(self, site: str) -> Protego | None:
        text = await self._fetch(f"{site}/robots.txt")
        return None if text is None else Protego.parse(text[:ROBOTS_LONGEST])
