"""Weapons in text: listed systems, systems that no list holds, and classes of weapons without a name.

    document → atoms → names (a trie) → guards → short forms the document makes clear → unlisted systems → mentions

The gate, ``WeaponFinder.may_hold``, looks for names of systems and class nouns, ignoring guards, and for designations,
so it only rejects text in which these steps would find nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from spacy.tokens import Doc

from extractors.records import WeaponMention
from extractors.text.sentences import offsets, sentence_starts, text_of
from extractors.text.spans import SpanIndex
from extractors.weapons.guards import Judge, Verdict
from extractors.weapons.lexicon import Weapon, WeaponClass, WeaponLexicon, load_weapons
from extractors.weapons.name_trie import Atoms, Match, Name, NameTrie
from extractors.weapons.unlisted import Unlisted, UnlistedFinder

LONGEST_MENTION = 60
"""Most code points of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place where a weapon may be meant, and why it was accepted or rejected."""

    weapon: str
    text: str
    start: int
    end: int
    taken: bool
    reason: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The weapons of a document, and names of listed systems of which its words do not tell whether they are meant."""

    certain: list[WeaponMention]
    possible: list[WeaponMention]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    match: Match
    taken: bool
    reason: str
    untold: bool = False


class WeaponFinder:
    """Finds every weapon in a document."""

    def __init__(self, seeds: Path, *, lexicon: WeaponLexicon | None = None) -> None:
        """Load the lexicon from the ``seeds`` folder, unless one is given."""
        self.lexicon = lexicon or load_weapons(seeds)
        self._weapons = {weapon.id: weapon for weapon in self.lexicon.weapons}
        self._classes = {group.id: group for group in self.lexicon.classes}
        self._judge = Judge(self.lexicon.guards, self.lexicon.words)
        self._trie = NameTrie(_names(self.lexicon))
        self._unlisted = UnlistedFinder(self.lexicon)
        self._letters = _by_letters(_names(self.lexicon))
        self._telling_trie = NameTrie(name for name in _names(self.lexicon) if self._counting(name))

    def may_hold(self, text: str) -> bool:
        """Return False only if ``find`` would return nothing; about ten times faster."""
        atoms = Atoms(text)
        trie = self._telling_trie
        named = any(trie.may_begin(atoms, at) and trie.at(atoms, at) for at in atoms.among(trie.first))
        return named or self._unlisted.may_hold(atoms)

    def find(self, doc: Doc) -> list[WeaponMention]:
        """Return the weapons in ``doc`` in order, without overlaps."""
        return self.search(doc).certain

    def search(self, doc: Doc) -> Found:
        """Return the weapons in ``doc`` and those that may be meant, both in order and without overlaps."""
        atoms = _atoms(doc)
        decided = self._decide(atoms)
        certain = self._certain([one.match for one in decided if one.taken], atoms)
        known = SpanIndex(certain)
        possible: list[WeaponMention] = []
        for one in decided:
            if not self._is_possible(one):
                continue
            mention = self._mention(one.match, atoms)
            behind = possible[-1].end if possible else 0
            if mention.start >= behind and not known.touching(mention.start, mention.end):
                possible.append(mention)
        return Found(certain=certain, possible=possible)

    def _is_possible(self, one: _Decided) -> bool:
        """Whether it counts where its transfer is told: a name that nothing explains, or a class too vague alone."""
        if not one.match.name.generic:
            return one.untold and not one.taken
        group = self._classes[one.match.name.owner]
        return group.transferable and (one.untold if group.reported else one.taken)

    def _certain(self, taken: list[Match], atoms: Atoms) -> list[WeaponMention]:
        unlisted = self._unlisted.find(atoms, taken)
        kept = [
            self._mention(match, atoms) for match in taken if self._telling(match.name) and not _inside(match, unlisted)
        ]
        kept += [self._unlisted_mention(found, atoms) for found in unlisted]
        short = [mention for mention in kept if mention.end - mention.start <= LONGEST_MENTION]
        return sorted(short, key=lambda mention: mention.start)

    def explain(self, doc: Doc) -> list[Candidate]:
        """Return every place in ``doc`` that was considered, with the reason for or against it."""
        atoms = _atoms(doc)
        decided = list(self._decide(atoms))
        found = [self._candidate(each, atoms) for each in decided]
        for each in self._unlisted.find(atoms, [one.match for one in decided if one.taken]):
            mention = self._unlisted_mention(each, atoms)
            found.append(
                Candidate(
                    weapon=mention.weapon,
                    text=mention.text,
                    start=mention.start,
                    end=mention.end,
                    taken=True,
                    reason=each.reason,
                    rule=each.rule,
                )
            )
        return sorted(found, key=lambda candidate: (candidate.start, candidate.end))

    def _decide(self, atoms: Atoms) -> list[_Decided]:
        """Return every name found, with its verdict; accepted names do not overlap."""
        ruled = list(self._ruled(atoms))
        sure = {self._kin(each.match) for each, verdict in ruled if verdict is Verdict.TAKEN}
        return [_settled(each, verdict, carried=self._kin(each.match) in sure) for each, verdict in ruled]

    def _ruled(self, atoms: Atoms) -> Iterator[tuple[_Decided, Verdict]]:
        behind = 0
        for at in atoms.among(self._trie.first):
            for match in self._trie.at(atoms, at) if at >= behind else ():
                ruling = self._judge.rule(match, atoms)
                taken = ruling.verdict is Verdict.TAKEN
                yield (
                    _Decided(match=match, taken=taken, reason=ruling.reason, untold=ruling.untold),
                    ruling.verdict,
                )
                if ruling.verdict is not Verdict.REFUSED:
                    behind = match.end
                    break

    def _kin(self, match: Match) -> str:
        """Return what short forms refer back to: the family of a system, or itself."""
        if match.name.generic:
            return f"class {match.name.owner}"
        weapon = self._weapons[match.name.owner]
        return weapon.family or weapon.id

    def _telling(self, name: Name) -> bool:
        """Return whether a mention is a signal by itself, and not just the class noun of a name before it."""
        return not name.generic or self._classes[name.owner].reported

    def _counting(self, name: Name) -> bool:
        """Return whether a mention can be a signal, at least where its transfer is told."""
        return self._telling(name) or self._classes[name.owner].transferable

    def _owner(self, name: Name) -> Weapon | WeaponClass:
        return self._classes[name.owner] if name.generic else self._weapons[name.owner]

    def _mention(self, match: Match, atoms: Atoms) -> WeaponMention:
        owner = self._owner(match.name)
        start, end = atoms.starts[match.start], atoms.ends[match.end - 1]
        return WeaponMention(
            weapon=owner.id,
            name=owner.name,
            category=owner.category,
            specific=not match.name.generic,
            known=not match.name.generic,
            family=owner.family if isinstance(owner, Weapon) else None,
            text=atoms.text[start:end],
            start=start,
            end=end,
            rule=_rule(match.name),
        )

    def _unlisted_mention(self, found: Unlisted, atoms: Atoms) -> WeaponMention:
        """Return a mention of a new system, or of a listed one that the words around it confirm against its guard.

        A misspelled listed one has the letters and digits of its name in another order: F1-6, Shadow Strom.
        """
        for match in self._trie.at(atoms, found.start):
            if match.end == found.end and not match.name.generic:
                return self._mention(match, atoms)
        if name := self._letters.get(_letters(atoms.text[atoms.starts[found.start] : atoms.ends[found.end - 1]])):
            return self._mention(Match(name=name, start=found.start, end=found.end), atoms)
        return _new_mention(found, atoms)

    def _candidate(self, decided: _Decided, atoms: Atoms) -> Candidate:
        match = decided.match
        start, end = atoms.starts[match.start], atoms.ends[match.end - 1]
        return Candidate(
            weapon=match.name.owner,
            text=atoms.text[start:end],
            start=start,
            end=end,
            taken=decided.taken,
            reason=decided.reason,
            rule=_rule(match.name),
        )


def slug(name: str) -> str:
    """Return the id of an unlisted system, made from its name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "unnamed"


def _names(lexicon: WeaponLexicon) -> Iterator[Name]:
    for weapon in lexicon.weapons:
        for alias in weapon.aliases:
            yield Name(owner=weapon.id, text=alias, guard=weapon.guards.get(alias))
    for group in lexicon.classes:
        for phrase in group.phrases:
            yield Name(owner=group.id, text=phrase, generic=True, guard=group.guard)


def _by_letters(names: Iterable[Name]) -> dict[tuple[str, str], Name]:
    """Return the names of systems by their letters, if there are enough of them."""
    return {_letters(name.text): name for name in names if not name.generic and len(name.text) > 3}


def _letters(name: str) -> tuple[str, str]:
    """Return the letters of a name in alphabetical order, and its digits as they are: T-27 is not a misspelled T-72."""
    return "".join(sorted(filter(str.isalpha, name.casefold()))), "".join(filter(str.isdigit, name))


def _atoms(doc: Doc) -> Atoms:
    return Atoms(text_of(doc), sentences=offsets(doc)[sentence_starts(doc)].tolist())


def _settled(decided: _Decided, verdict: Verdict, *, carried: bool) -> _Decided:
    if verdict is Verdict.OPEN and carried:
        return _Decided(match=decided.match, taken=True, reason="named beyond doubt elsewhere in the document")
    return decided


def _rule(name: Name) -> str:
    kind = "class" if name.generic else "lexicon"
    return f"{kind}:{name.owner}:{name.guard}" if name.guard else f"{kind}:{name.owner}"


def _inside(match: Match, unlisted: list[Unlisted]) -> bool:
    return any(found.start < match.end and match.start < found.end for found in unlisted)


def _new_mention(found: Unlisted, atoms: Atoms) -> WeaponMention:
    start, end = atoms.starts[found.start], atoms.ends[found.end - 1]
    text = atoms.text[start:end]
    return WeaponMention(
        weapon=slug(text),
        name=text,
        category=found.category,
        specific=True,
        known=False,
        family=None,
        text=text,
        start=start,
        end=end,
        rule=found.rule,
    )
