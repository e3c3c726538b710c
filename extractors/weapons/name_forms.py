"""The form of a name that no list holds: which capitalised words and numbers make it up, and when they mean nothing."""

import re

from extractors.weapons.lexicon import WeaponLexicon
from extractors.weapons.name_trie import HYPHENS, QUOTES, Atoms

LONGEST_REACH = 10
"""Atoms between a class and the name it explains."""
LONGEST_NAME = 5
"""Atoms: "Wing Loong-10B" has four."""
LONGEST_VARIANT = 3
"""Letters of a variant's mark."""
MOST_PLACES = 8
"""Places of a doubtful name that are looked at, so that the time stays linear."""
_AFTER_DATELINE = re.compile(r"(?:(?:\)\s*|\s+)[-–—]|\)?:)\s+[\"“‘']?")
"""What stands between "MOSCOW" or "MOSCOW (Reuters)" and a sentence, which is no place to judge capitals."""


class NameForms:
    """Finds where names begin and end in a document, by capitals, numbers and the word lists of the lexicon."""

    def __init__(self, lexicon: WeaponLexicon) -> None:
        """Take from ``lexicon`` the words that belong to no name of a system."""
        self._strangers = lexicon.words["no-names"]
        self._nouns = lexicon.words["hard-nouns"]
        self._modifiers = lexicon.words["name-modifiers"]

    def ending_at(self, atoms: Atoms, end: int) -> tuple[int, int] | None:
        """Return the name that ends before atom ``end``: capitalised words and numbers, none of them a stranger."""
        start, low = end, atoms.sentence(end - 1)[0] if end else 0
        while start > low and end - start < LONGEST_NAME and self.may_belong(atoms, start - 1):
            if start < end and not atoms.joined(start):
                break
            start -= 1
        while start < end and (atoms.lower[start].isdigit() and not _glued(atoms, start + 1, end)):
            start += 1
        return (start, end) if self._is_name(atoms, start, end) else None

    def starting_at(self, atoms: Atoms, start: int) -> int | None:
        """Return where the name that begins at atom ``start`` ends."""
        end = start
        while end < len(atoms) and end - start < LONGEST_NAME and self.may_belong(atoms, end):
            if end > start and not atoms.joined(end):
                break
            end += 1
        return end if self._is_name(atoms, start, end) else None

    def modified_from(self, atoms: Atoms, start: int) -> int:
        """Return where the adjectives before atom ``start`` begin."""
        at = start
        while at > 0 and start - at < LONGEST_REACH and atoms.joined(at) and atoms.lower[at - 1] in self._modifiers:
            if atoms.word(at - 1)[0].isupper() and not atoms.word(at)[0].isupper():
                break
            at -= 1
        return at

    def capitals_from(self, atoms: Atoms, start: int) -> int:
        """Return where "Terminal High Altitude" begins, whose words are adjectives elsewhere."""
        at = start
        while at > 0 and start - at < LONGEST_NAME and atoms.joined(at) and atoms.word(at - 1)[0].isupper():
            if atoms.lower[at - 1] not in self._modifiers:
                break
            at -= 1
        return at

    def may_belong(self, atoms: Atoms, at: int) -> bool:
        word = atoms.word(at)
        return (
            (word[0].isupper() or word.isdigit())
            and word.lower() not in self._strangers
            and word.lower() not in self._nouns
        )

    def _is_name(self, atoms: Atoms, start: int, end: int) -> bool:
        words = [atoms.word(at) for at in range(start, end)]
        if not any(word[0].isupper() for word in words):
            return False
        if start and atoms.gap(start)[-1:] in HYPHENS | {"'", "’"} and atoms.gap(start)[:1] != " ":
            return False
        if "".join(words).lower() in self._strangers:
            return False
        if len(words) == 1:
            return len(words[0]) >= 4 and (words[0][1:].islower() or words[0].isupper())
        return not words[-1][0].islower()

    def doubtful(self, atoms: Atoms, start: int, end: int) -> bool:
        """Return whether capitals may mean nothing here: where a sentence starts, a dateline ends, or in a headline."""
        low, _ = atoms.sentence(start)
        if atoms.lower[start] in atoms.lowercased:
            return True
        starts = start == low or _AFTER_DATELINE.fullmatch(atoms.gap(start))
        return (bool(starts) or self._headline(atoms, start, end)) and not self._confirmed(atoms, start, end)

    def _headline(self, atoms: Atoms, start: int, end: int) -> bool:
        low, high = atoms.sentence(start)
        words = [atoms.word(at) for at in range(low, high) if not start <= at < end and len(atoms.lower[at]) > 3]
        capitals = sum(word[0].isupper() for word in words)
        return capitals > 0.6 * len(words)

    def _confirmed(self, atoms: Atoms, start: int, end: int) -> bool:
        """Return whether the name also stands in the middle of a sentence that is no headline."""
        for at in atoms.places(atoms.word(start))[:MOST_PLACES]:
            low, _ = atoms.sentence(at)
            inside = at != start and at > low and atoms.word(at - 1).islower()
            if inside and not self._headline(atoms, at, at + end - start):
                return True
        return False


def is_coded(atoms: Atoms, start: int, end: int) -> bool:
    """Return whether a number or a variant's letters mark a name as a make's: FP-5, Rosomakha-M."""
    last = atoms.word(end - 1)
    lettered = end - start > 1 and atoms.gap(end - 1) in HYPHENS and last.isupper() and len(last) <= LONGEST_VARIANT
    return lettered or _numbered(atoms, start, end)


def _numbered(atoms: Atoms, start: int, end: int) -> bool:
    """Return whether a number is part of the name, as in FP-5, and does not just count: "Kyiv Downs 35 Drones"."""
    return any(atoms.lower[at].isdigit() and not atoms.gap(at).isspace() for at in range(start + 1, end))


def _glued(atoms: Atoms, at: int, end: int) -> bool:
    return at < end and atoms.starts[at] == atoms.ends[at - 1]


def is_quoted(atoms: Atoms, at: int) -> bool:
    gap = atoms.gap(at)
    return gap[-1:] in QUOTES and gap.strip("".join(QUOTES) + " \u00a0") in {"", ","}


def is_touching(gap: str) -> bool:
    """Return whether only a space, a hyphen or a closing quotation mark stands between."""
    return len(gap) <= 2 and all(char in QUOTES or char in HYPHENS or char in " \u00a0" for char in gap)


def is_spelled(atoms: Atoms, at: int, name: tuple[str, ...]) -> bool:
    if at + len(name) > len(atoms):
        return False
    return all(
        atoms.word(at + step) == word and (step == 0 or atoms.joined(at + step)) for step, word in enumerate(name)
    )
