"""Looks things up in the warehouse for many feeds at once."""

import asyncio
from collections.abc import Callable, Sequence

Known = Callable[[Sequence[str]], set[str]]
"""Returns which article identities the warehouse holds. Called in a thread, one call at a time."""

GATHERED, LONGEST_S, GLANCE_S = 30, 2.0, 0.02


class BatchedLookup:
    """Collects the questions that arrive while one is being answered, and asks them together.

    Opening the warehouse costs as much as reading ten feeds, so a thousand feeds that each opened it would wait for
    each other. After each answer, questions are collected for thirty times as long as it took, while ``busy`` says that
    more may come.
    """

    def __init__(self, known: Known, *, busy: Callable[[], bool] = lambda: True) -> None:
        self._known = known
        self._busy = busy
        self._turn = asyncio.Lock()
        self._waiting: list[str] = []
        self._answer: asyncio.Future[set[str]] | None = None
        self._not_before = 0.0

    async def held(self, identities: Sequence[str]) -> set[str]:
        """Return those of ``identities`` that the warehouse holds."""
        if not identities:
            return set()
        self._waiting += identities
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._ask())
        return (await asyncio.shield(self._answer)) & set(identities)

    async def _ask(self) -> set[str]:
        clock = asyncio.get_running_loop().time
        async with self._turn:
            while clock() < self._not_before and self._busy():
                await asyncio.sleep(GLANCE_S)
            asked, self._waiting, self._answer = self._waiting, [], None
            started = clock()
            held = await asyncio.to_thread(self._known, asked)
            self._not_before = clock() + min(GATHERED * (clock() - started), LONGEST_S)
            return held
