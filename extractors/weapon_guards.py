"""Telling weapons from their namesakes by the words around them, as the guards in ``seeds/weapon_guards.jsonl`` say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from extractors.weapon_lexicon import Guard
from extractors.weapon_names import Atoms, Match

NEAR = 30
"""Atoms to either side that count as near."""
BESIDE = 3
"""Atoms after a name among which a class noun may stand: "Patriot air defence system"."""


class Verdict(StrEnum):
    """What a guard says of one name in its place."""

    TAKEN = "taken"
    REFUSED = "refused"
    OPEN = "open"
    """Nothing speaks for or against it here; a sure mention of the same system in the document decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A verdict, and the guard's field and word it rests on."""

    verdict: Verdict
    reason: str


class Judge:
    """Applies guards; holds every word list once, and each guard's lists already joined."""

    def __init__(self, guards: Mapping[str, Guard], words: Mapping[str, frozenset[str]]) -> None:
        """Join the word lists of every guard."""
        self._guards = guards
        self._next = {guard.id: _joined(guard.next, words) for guard in guards.values()}
        self._before = {guard.id: _joined(guard.before, words) for guard in guards.values()}
        self._near = {guard.id: _joined(guard.near, words) for guard in guards.values()}
        self._avoid_next = {guard.id: _joined(guard.avoid_next, words) for guard in guards.values()}
        self._avoid_before = {guard.id: _joined(guard.avoid_before, words) for guard in guards.values()}
        self._avoid_near = {guard.id: _joined(guard.avoid_near, words) for guard in guards.values()}

    def rule(self, match: Match, atoms: Atoms) -> Ruling:
        """Return what the guard of ``match`` says; a name without a guard is always meant."""
        if match.name.guard is None:
            return Ruling(verdict=Verdict.TAKEN, reason="unambiguous name")
        guard = self._guards[match.name.guard]
        return self._beside(guard, match, atoms) or self._around(guard, match, atoms)

    def _beside(self, guard: Guard, match: Match, atoms: Atoms) -> Ruling | None:
        low, high = atoms.sentence(match.start)
        after = _grams(atoms, match.end, min(match.end + 1, high), reach=high)
        before = _grams(atoms, max(match.start - 1, low), match.start, reach=match.start)
        before |= _grams(atoms, max(match.start - 2, low), match.start - 1, reach=match.start)
        for words, place in ((self._avoid_next, after), (self._avoid_before, _adjacent(atoms, match, low))):
            if word := _hit(words[guard.id], place):
                return Ruling(verdict=Verdict.REFUSED, reason=f"{word!r} beside it")
        following = _grams(atoms, match.end, min(match.end + BESIDE, high), reach=high)
        if word := _hit(self._next[guard.id], following) or _hit(self._before[guard.id], before):
            return Ruling(verdict=Verdict.TAKEN, reason=f"{word!r} beside it")
        return None

    def _around(self, guard: Guard, match: Match, atoms: Atoms) -> Ruling:
        low, high = max(match.start - NEAR, 0), min(match.end + NEAR, len(atoms))
        around = _grams(atoms, low, match.start, reach=match.start) | _grams(atoms, match.end, high, reach=high)
        if word := _hit(self._avoid_near[guard.id], around):
            return Ruling(verdict=Verdict.REFUSED, reason=f"{word!r} near it")
        found = self._near[guard.id] & around
        if found and len(found) >= guard.near_min:
            return Ruling(verdict=Verdict.TAKEN, reason=f"{min(found)!r} near it")
        if guard.otherwise == "take":
            return Ruling(verdict=Verdict.TAKEN, reason="nothing speaks against it")
        verdict = Verdict.OPEN if guard.carry else Verdict.REFUSED
        return Ruling(verdict=verdict, reason=f"no word of {', '.join(guard.near or guard.next)} near it")


def _joined(names: Iterable[str], words: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*(words[name] for name in names))


def _grams(atoms: Atoms, start: int, end: int, *, reach: int) -> set[str]:
    """Return the atoms from ``start`` to ``end`` and the pairs that begin there and end before ``reach``."""
    found = set(atoms.lower[start:end])
    found.update(f"{atoms.lower[at]} {atoms.lower[at + 1]}" for at in range(start, min(end, reach - 1)))
    return found


def _adjacent(atoms: Atoms, match: Match, low: int) -> set[str]:
    """Return the word right before the name, and that with the one before it; none if punctuation parts them."""
    start = match.start
    if start <= low or not atoms.joined(start):
        return set()
    found = {atoms.lower[start - 1]}
    if start - 1 > low:
        found.add(f"{atoms.lower[start - 2]} {atoms.lower[start - 1]}")
    return found


def _hit(words: frozenset[str], place: set[str]) -> str | None:
    found = words & place
    return min(found) if found else None
