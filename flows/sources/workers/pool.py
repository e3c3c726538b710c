"""A few worker processes that parse within limits: a bomb costs its own document and a restart."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from typing import Any

from flows.sources.workers.frames import PREFIX, REPLY, packed, unpacked

PATIENCE = 4
"""Factor of its processor time that a job may take: on a busy machine a good document should not be blamed."""
TURN_S = 5.0
"""How long a feed's document waits for its turn: a thousand should not wait longer for one that hangs."""


class ParseError(Exception):
    """A document that could not be parsed; ``kind`` is not_a_feed or parser."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class ParserPool:
    """Runs jobs in at most ``workers`` processes, started when first needed.

    Feeds are parsed one after the other, because one process parses them as fast as another stores what they bring;
    a second one is started for pages, or beside a document that hangs. A job that takes more than ``timeout_s`` of
    processor time or ``memory_mb`` fails with ParseError, and only its process is replaced. Use as an async context
    manager.
    """

    def __init__(
        self, *, workers: int, timeout_s: float, memory_mb: int, on_done: Callable[[], None] = lambda: None
    ) -> None:
        self._on_done = on_done
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._idle: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()
        for _ in range(workers):
            self._idle.put_nowait(None)
        self._alive: set[Process] = set()
        self._turn = asyncio.Lock()
        self.jobs = 0
        """Number of jobs in progress or waiting."""

    async def __aenter__(self) -> "ParserPool":
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in list(self._alive):
            await self._end(process)

    async def run(self, job: str, content: bytes, **options: Any) -> dict[str, Any]:
        """Return the worker's answer to ``job`` (feed or page) on ``content``."""
        self.jobs += 1
        try:
            async with contextlib.nullcontext() if job == "page" else self._in_turn():
                reply = await self._run(job, content, options)
        finally:
            self.jobs -= 1
            self._on_done()
        if "error" in reply:
            raise ParseError(reply["error"], reply["reason"])
        return reply

    @contextlib.asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Wait until no feed is being parsed, or as long as that may take."""
        try:
            async with asyncio.timeout(TURN_S):
                await self._turn.acquire()
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            self._turn.release()

    async def _run(self, job: str, content: bytes, options: dict[str, Any]) -> dict[str, Any]:
        process = await self._idle.get()
        done = False
        try:
            process = process or await self._start()
            reply = await asyncio.wait_for(_ask(process, job, content, options), PATIENCE * self._timeout_s)
            done = True
        except TimeoutError as error:
            raise self._too_long() from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            if process and await process.wait() == -signal.SIGPROF:
                raise self._too_long() from error
            raise ParseError("parser", "ended its parser: too much memory, or a crash") from error
        finally:
            # a worker that did not answer, for whatever reason, is out of step and must not be used again
            if not done and process is not None:
                await self._end(process)
            self._idle.put_nowait(process if done else None)
        return reply

    def _too_long(self) -> ParseError:
        return ParseError("parser", f"took the parser longer than {self._timeout_s:g} s")

    async def _start(self) -> Process:
        arguments = (sys.executable, "-m", "flows.sources.workers.worker", str(self._memory_mb), str(self._timeout_s))
        process = await asyncio.create_subprocess_exec(*arguments, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        self._alive.add(process)
        return process

    async def _end(self, process: Process) -> None:
        self._alive.discard(process)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin:
            process.stdin.close()
        await process.wait()


async def _ask(process: Process, job: str, content: bytes, options: dict[str, Any]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    header = packed({"job": job, "options": options})
    process.stdin.write(PREFIX.pack(len(header), len(content)) + header + content)
    await process.stdin.drain()
    (size,) = REPLY.unpack(await process.stdout.readexactly(REPLY.size))
    return unpacked(await process.stdout.readexactly(size))
