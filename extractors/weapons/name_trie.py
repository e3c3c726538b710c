"""Names in text: a document as a row of atoms, and a trie over them that knows every name at once.

An atom is a run of letters or a run of digits, so that "F-16", "F16", "F‑16" and "F 16" are the same two atoms and no
spelling with another hyphen or space needs an entry of its own. Matching is linear: the trie is left after at most
as many steps as the longest name has atoms.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import cached_property

ATOM = re.compile(r"[^\W\d_]+|\d+")
SHORT = re.compile(r"[A-Za-z]\d")
HYPHENS = frozenset("-‐‑‒–−")
"""Hyphen, Unicode hyphen, non-breaking hyphen, figure dash, en dash, minus: all occur inside names."""
JOINTS = HYPHENS | frozenset(" \t\n\u00a0\u2007\u2009\u202f\u00ad/.'’‘ʼ`´")
QUOTES = frozenset("\"'“”„«»‘’")
LONGEST_SUFFIX = 5
"""Atoms of a variant's suffix, as in F-16AM or S-300PMU-2."""


class Atoms:
    """A document cut into atoms, with the bounds of its sentences."""

    def __init__(self, text: str, *, sentences: Iterable[int] = ()) -> None:
        """Cut ``text``; ``sentences`` are the offsets at which sentences start."""
        words = ATOM.findall(text)
        self.text = text
        self.spellings = {word: word.lower() for word in words}
        """Every word as the document writes it, with its lower case."""
        self.lower = [self.spellings[word] for word in words]
        self._sentences = sorted(sentences)

    def __len__(self) -> int:
        return len(self.lower)

    @cached_property
    def lowercased(self) -> frozenset[str]:
        """Every word the document also writes in lower case: such a one is hardly a name."""
        return frozenset(word for word, lower in self.spellings.items() if word == lower)

    @cached_property
    def starts(self) -> list[int]:
        """Where each atom starts: worked out only for text in which some word may be a name's."""
        return [match.start() for match in ATOM.finditer(self.text)]

    @cached_property
    def ends(self) -> list[int]:
        """Where each atom ends."""
        return [match.end() for match in ATOM.finditer(self.text)]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        for at in range(len(self)):
            places[self.word(at)].append(at)
        return places

    def places(self, word: str) -> list[int]:
        """Return the atoms written exactly as ``word``."""
        return self._places.get(word, [])

    def among(self, words: Set[str]) -> list[int]:
        """Return the atoms whose lower-case form is one of ``words``."""
        return [at for at, word in enumerate(self.lower) if word in words]

    def gap(self, at: int) -> str:
        """Return what stands between atom ``at`` and the one before."""
        return self.text[self.ends[at - 1] : self.starts[at]] if 0 < at < len(self.starts) else "\n\n"

    def word(self, at: int) -> str:
        """Return atom ``at`` as it is written."""
        return self.text[self.starts[at] : self.ends[at]]

    def joined(self, at: int) -> bool:
        """Return whether atom ``at`` may continue a name after the one before: nothing or one joint between them."""
        gap = self.starts[at] - self.ends[at - 1]
        return gap == 0 or (gap == 1 and self.text[self.ends[at - 1]] in JOINTS)

    def near(self, at: int) -> bool:
        """Return whether atom ``at`` follows the one before as words of one phrase do, quotation marks aside."""
        gap = self.text[self.ends[at - 1] : self.starts[at]]
        return len(gap) <= 3 and all(char in JOINTS or char in QUOTES for char in gap) and gap.count("\n") < 2

    def sentence(self, at: int) -> tuple[int, int]:
        """Return the first atom, and the one after the last, of the sentence that holds atom ``at``."""
        if not self._sentences:
            return 0, len(self.starts)
        index = bisect_right(self._sentences, self.starts[at])
        low = self._sentences[index - 1] if index else 0
        high = self._sentences[index] if index < len(self._sentences) else len(self.text)
        return bisect_left(self.starts, low), bisect_left(self.starts, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name of one system or class, ready to be matched."""

    owner: str
    text: str
    generic: bool = False
    guard: str | None = None

    def fits(self, atoms: Atoms, start: int, end: int) -> bool:
        """Return whether atoms ``start`` to ``end`` are written as this name may be."""
        first = atoms.word(start)
        if self.generic or self.text[0].islower():
            return first[:2].isupper() or not _is_acronym(self.text)
        if not (first[0].isupper() or first[0].isdigit() or not first.isascii()):
            return False
        if self.text.endswith("-class") and atoms.gap(end - 1) not in HYPHENS:
            return False
        if end - start > 1 and len(first) == 1 and atoms.starts[start + 1] > atoms.ends[start]:
            # "A 10-year-old" is no A-10: a single letter needs its hyphen.
            return atoms.gap(start + 1) in HYPHENS or self.text[1:2] not in HYPHENS
        if self.text[1:2] in HYPHENS and SHORT.fullmatch(atoms.text, atoms.starts[start], atoms.ends[end - 1]):
            # "U2" is a band and "B2" a vitamin: a letter and a digit need it too.
            return False
        return not _is_acronym(self.text) or first[:2].isupper()


def _is_acronym(text: str) -> bool:
    first = ATOM.match(text)
    return first is not None and len(first.group()) > 1 and first.group().isupper()


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A name found at atoms ``start`` to ``end``, variant suffix and plural included."""

    name: Name
    start: int
    end: int


class NameTrie:
    """Every name of a lexicon, walked atom by atom."""

    def __init__(self, names: Iterable[Name]) -> None:
        """Add every name with the spellings that follow from it."""
        self._root = _Node()
        for name in names:
            for spelling in spellings(name.text):
                self._add(spelling, name)
        self.first = frozenset(self._root.children)

    def _add(self, spelling: tuple[str, ...], name: Name) -> None:
        node = self._root
        for atom in spelling:
            node = node.children.setdefault(atom, _Node())
        node.names.append(name)

    def may_begin(self, atoms: Atoms, start: int) -> bool:
        """Return whether the words from atom ``start`` on make a name, whatever stands between them."""
        node, end = self._root.children.get(atoms.lower[start]), start + 1
        while node is not None and not node.names:
            node = node.children.get(atoms.lower[end]) if end < len(atoms) else None
            end += 1
        return node is not None

    def at(self, atoms: Atoms, start: int) -> list[Match]:
        """Return the names that begin at atom ``start``, the longest first."""
        matches: list[Match] = []
        node, end = self._root.children.get(atoms.lower[start]), start + 1
        while node is not None:
            if node.names:
                matches[:0] = self._ending(node, atoms, start, end)
            node = node.children.get(atoms.lower[end]) if end < len(atoms) else None
            if node is not None and not atoms.joined(end):
                break
            end += 1
        return matches

    def _ending(self, node: _Node, atoms: Atoms, start: int, end: int) -> Iterator[Match]:
        names = [name for name in node.names if name.fits(atoms, start, end)]
        if not names or _attached(atoms, start):
            return
        stop = full_end(atoms, end)
        if stop is not None:
            yield from (Match(name=name, start=start, end=stop) for name in names)


def spellings(text: str) -> set[tuple[str, ...]]:
    """Return the rows of atoms that are this name: as given, in the plural, and two words written as one."""
    atoms = tuple(match.group().lower() for match in ATOM.finditer(text))
    found = {atoms}
    if len(atoms) == 2 and all(len(atom) >= 4 and atom.isalpha() for atom in atoms):
        found.add(("".join(atoms),))
    if atoms[-1].isalpha() and len(atoms[-1]) > 1:
        found |= {(*spelling[:-1], plural) for spelling in tuple(found) for plural in plurals(spelling[-1])}
    return found


def plurals(word: str) -> tuple[str, ...]:
    """Return how news makes a plural of a lower-case word: Abrams is its own."""
    if word.endswith(("s", "x", "ch", "sh")):
        return (word + "es",)
    if word.endswith("y") and word[-2] not in "aeiou":
        return (word[:-1] + "ies", word + "s")
    return (word + "s",)


def full_end(atoms: Atoms, end: int) -> int | None:
    """Return where a name that matched up to ``end`` ends with its variant's suffix; None if it is part of more.

    "F-16AM", "S-300PMU-2", "Leopard 2A6" and "F-16s" end after the suffix; "S-300,000" and "T-72th" are no names.
    """
    if atoms.lower[end - 1].isalpha():
        return end if not _attached(atoms, end) or _variant(atoms.word(end)) else None
    stop = end
    while stop - end < LONGEST_SUFFIX and _attached(atoms, stop):
        if not _variant(atoms.word(stop)):
            return None
        stop += 1
    if _numbered(atoms, stop):
        stop += 1
    return None if _in_number(atoms, stop) else stop


def _attached(atoms: Atoms, at: int) -> bool:
    return 0 < at < len(atoms) and atoms.starts[at] == atoms.ends[at - 1]


def _variant(word: str) -> bool:
    return word.isdigit() or word.isupper() or len(word) == 1 or word[:-1].isupper()


def _numbered(atoms: Atoms, at: int) -> bool:
    """Return whether a variant's number follows, as in B61-12 or Mirage 2000-5."""
    if at >= len(atoms) or atoms.gap(at) not in HYPHENS:
        return False
    return atoms.lower[at].isdigit() and len(atoms.lower[at]) <= 2 and not _attached(atoms, at + 1)


def _in_number(atoms: Atoms, at: int) -> bool:
    end = atoms.ends[at - 1]
    return atoms.text[end : end + 1] in {".", ",", "%"} and atoms.text[end + 1 : end + 2].isdigit()
