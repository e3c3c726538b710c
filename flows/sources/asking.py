"""One question at a time to the warehouse, for many feeds at once."""

import asyncio
from collections.abc import Callable, Sequence

Known = Callable[[Sequence[str]], set[str]]
"""Given article identities, return those the warehouse holds. Called in a thread, one call at a time."""


class Asker:
    """Gathers the questions that arrive while one is being answered, and asks them together.

    Opening the warehouse costs as much as reading a feed; a thousand feeds that each opened it would wait for each
    other.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
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
        async with self._turn:
            asked, self._waiting, self._answer = self._waiting, [], None
            return await asyncio.to_thread(self._known, asked)
