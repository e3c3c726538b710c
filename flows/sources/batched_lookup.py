"""Looks things up in the warehouse for many feeds at once."""

import asyncio
from collections.abc import Callable, Sequence

Known = Callable[[Sequence[str]], set[str]]
"""Returns which article identities the warehouse holds. Called in a thread, one call at a time."""

MANY, LONGEST_S, GLANCE_S = 3_000, 5.0, 0.02
"""Questions that are asked at once when so many wait, and after how many seconds fewer are."""


class BatchedLookup:
    """Collects questions while ``busy`` says that more may come, and asks them together.

    Opening the warehouse costs as much as reading ten feeds, so a thousand feeds that each opened it would wait for
    each other.
    """

    def __init__(self, known: Known, *, busy: Callable[[], bool] = lambda: True) -> None:
        self._known = known
        self._busy = busy
        self._turn = asyncio.Lock()
        self._waiting: list[str] = []
        self._answer: asyncio.Future[set[str]] | None = None

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
            end = clock() + LONGEST_S
            while len(self._waiting) < MANY and clock() < end and self._busy():
                await asyncio.sleep(GLANCE_S)
            asked, self._waiting, self._answer = self._waiting, [], None
            return await asyncio.to_thread(self._known, asked)
