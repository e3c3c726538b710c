"""Named systems that no list holds yet: new designations, and capitalised names that a class of weapons explains."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.weapon_lexicon import WeaponLexicon
from extractors.weapon_names import HYPHENS, Atoms, Match, full_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """A named system at atoms ``start`` to ``end`` that the lexicon does not hold."""

    start: int
    end: int
    category: str
    rule: str
    reason: str


class UnlistedFinder:
    """Finds names of systems by their form and by the class noun that explains them."""

    def __init__(self, lexicon: WeaponLexicon) -> None:
        """Take designation prefixes, classes and word lists from ``lexicon``."""
        self._prefixes = {entry.prefix: entry for entry in lexicon.designations}

    def find(self, atoms: Atoms, taken: Sequence[Match]) -> list[Unlisted]:
        """Return the unlisted systems of a document, given the names already ``taken`` in it."""
        covered = {at for match in taken for at in range(match.start, match.end)}
        return [found for found in self._designations(atoms) if covered.isdisjoint(range(found.start, found.end))]

    def _designations(self, atoms: Atoms) -> Iterator[Unlisted]:
        for at in range(1, len(atoms)):
            if atoms.gap(at) in HYPHENS and atoms.lower[at].isdigit() and atoms.word(at - 1) in self._prefixes:
                end = full_end(atoms, at + 1)
                if end is not None:
                    entry = self._prefixes[atoms.word(at - 1)]
                    yield Unlisted(
                        start=at - 1,
                        end=end,
                        category=entry.category,
                        rule=f"designation:{entry.id}",
                        reason=f"numbered like {entry.examples[0]}",
                    )
