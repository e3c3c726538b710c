"""Distinguishes weapons from namesakes by the words around them, as ``seeds/weapon_guards.jsonl`` says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from extractors.weapons.lexicon import Guard
from extractors.weapons.name_trie import Atoms, Match

NEAR = 30
"""How many atoms to either side count as near."""
_LINKER_WORDS = """
    a after against and any are as at away back be been before but by can could during for from had has have if in into
    is it its may more not of off on or out over should since so than that the their this to under until was were when
    where which while who will with would
"""
_LINKERS = frozenset(_LINKER_WORDS.split())
"""Words that may follow a name that stands for the thing itself."""
BESIDE = 3
"""How many atoms after a name may contain a class noun: "Patriot air defence system"."""


class Verdict(StrEnum):
    """What a guard says about one name in its place."""

    TAKEN = "taken"
    REFUSED = "refused"
    OPEN = "open"
    """No evidence for or against it here; a certain mention of the same system in the document decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A verdict, with the field of the guard and the word behind it."""

    verdict: Verdict
    reason: str
    untold: bool = False
    """Whether the words around it speak neither for nor against it, and it qualifies no other noun."""


class Judge:
    """Applies guards, with each guard's word lists joined in advance."""

    def __init__(self, guards: Mapping[str, Guard], words: Mapping[str, frozenset[str]]) -> None:
        """Join the word lists of every guard."""
        self._guards = guards
        self._next = {guard.id: _joined(guard.next, words) for guard in guards.values()}
        self._before = {guard.id: _joined(guard.before, words) for guard in guards.values()}
        self._near = {guard.id: _joined(guard.near, words) for guard in guards.values()}
        self._avoid_next = {guard.id: _joined(guard.avoid_next, words) for guard in guards.values()}
        self._avoid_before = {guard.id: _joined(guard.avoid_before, words) for guard in guards.values()}
        self._avoid_untold = {guard.id: _joined(guard.avoid_untold, words) for guard in guards.values()}
        self._avoid_near = {guard.id: _joined(guard.avoid_near, words) for guard in guards.values()}

    def rule(self, match: Match, atoms: Atoms) -> Ruling:
        """Return what the guard of ``match`` says; a name without a guard is always meant."""
        if match.name.guard is None:
            return Ruling(verdict=Verdict.TAKEN, reason="unambiguous name")
        guard = self._guards[match.name.guard]
        return self._beside(guard, match, atoms) or self._around(guard, match, atoms)

    def _beside(self, guard: Guard, match: Match, atoms: Atoms) -> Ruling | None:
        after, before = _following(atoms, match.end), _preceding(atoms, match.start)
        after_one = _grams(atoms, match.end, min(after, match.end + 1), reach=after)
        if word := _hit(self._avoid_next[guard.id], after_one):
            return Ruling(verdict=Verdict.REFUSED, reason=f"{word!r} beside it")
        word = _hit(self._next[guard.id], _grams(atoms, match.end, after, reach=after))
        word = word or _hit(self._before[guard.id], _grams(atoms, before, match.start, reach=match.start))
        if word:
            return Ruling(verdict=Verdict.TAKEN, reason=f"{word!r} beside it")
        if word := _hit(self._avoid_before[guard.id], _last_gram(atoms, before, match.start)):
            return Ruling(verdict=Verdict.REFUSED, reason=f"{word!r} beside it")
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
        return Ruling(
            verdict=Verdict.OPEN if guard.carry else Verdict.REFUSED,
            reason=f"no word of {', '.join(guard.near or guard.next)} near it",
            untold=_stands_alone(match, atoms) and not _hit(self._avoid_untold[guard.id], around),
        )


def _stands_alone(match: Match, atoms: Atoms) -> bool:
    """Whether a name qualifies no other noun: "Stingers for Taipei", but not "Boxer puppies".

    The plural of a class never does: "frigates built in Spain".
    """
    following = atoms.lower[match.end] if _following(atoms, match.end) > match.end else ""
    plural = match.name.generic and atoms.lower[match.end - 1].endswith("s")
    return plural or following in _LINKERS or not following


def _joined(names: Iterable[str], words: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*(words[name] for name in names))


def _grams(atoms: Atoms, start: int, end: int, *, reach: int) -> set[str]:
    """Return the atoms from ``start`` to ``end`` and the pairs that begin there and end before ``reach``."""
    found = set(atoms.lower[start:end])
    found.update(f"{atoms.lower[at]} {atoms.lower[at + 1]}" for at in range(start, min(end, reach - 1)))
    return found


def _following(atoms: Atoms, end: int) -> int:
    """Return where the words end that follow atom ``end`` without a comma or the like between."""
    stop = end
    while stop < len(atoms) and stop - end < BESIDE and atoms.near(stop):
        stop += 1
    return stop


def _preceding(atoms: Atoms, start: int) -> int:
    """Return where the words begin that lead up to atom ``start`` without a comma or the like between."""
    first = start
    while first > 0 and start - first < BESIDE - 1 and atoms.near(first):
        first -= 1
    return first


def _last_gram(atoms: Atoms, before: int, start: int) -> set[str]:
    found = set(atoms.lower[max(start - 1, before) : start])
    if start - before > 1:
        found.add(f"{atoms.lower[start - 2]} {atoms.lower[start - 1]}")
    return found


def _hit(words: frozenset[str], place: set[str]) -> str | None:
    found = words & place
    return min(found) if found else None
