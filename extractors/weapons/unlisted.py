"""Named systems that no list holds yet: new designations, and capitalised names that a class of weapons explains.

| rule             | what it reads                                                                    |
|------------------|----------------------------------------------------------------------------------|
| `designation`    | a number behind a maker's prefix, among military words: "AGM-181"                |
| `number`         | a number behind a common prefix, such as F or T, beside other weapons: "T-95"    |
| `listed`         | a name in one breath with a known system: "Kalibr and Banderol"                  |
| `before-class`   | a name right before a class of weapons: "the Flamingo long-range cruise missile" |
| `apposition`     | a class of weapons that explains a name: "the FP-5, a long-range missile"        |
| `after-class`    | a name that a class of weapons introduces: "a drone called Morok"                |
| `ship-class`     | a class of ships: "a Dolphin-class submarine"; never a ship by its own name      |
| `again`          | a name found by another rule, elsewhere in the document                          |
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain, pairwise

from extractors.weapons.lexicon import Designation, WeaponLexicon
from extractors.weapons.name_forms import LONGEST_REACH, NameForms, is_coded, is_quoted, is_spelled, is_touching
from extractors.weapons.name_trie import HYPHENS, Atoms, Match, full_end

INTRODUCING = frozenset({"a", "an", "another", "first", "its", "latest", "newest", "new", "their", "our"})
"""What stands before a class whose name is still to come."""
NEAR = 30
"""Atoms among which a military word must stand."""
BESIDE = 12
"""Atoms among which another weapon must stand where a prefix alone says little."""
BREAKS = frozenset({",", "(", "–", "—", "”,", ",”", '",', ',"', "),", "’,", ",’"})
LEADING_AWAY = frozenset({"on", "for", "with", "in", "to", "against", "about", "from", "by", "at", "over"})
"""Prepositions that make a class part of something else: "a treaty on missiles"."""
TROOPS = frozenset({"unit", "units"})
SORTS = frozenset({"type", "kind", "sort", "class", "variant", "version", "family", "series", "one", "model"})
NUMBERING = frozenset({"designation", "number"})
SHIPS = frozenset({"warship", "submarine"})
CONJUNCTIONS = frozenset({"and", "or"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """A named system at atoms ``start`` to ``end`` that the lexicon does not hold."""

    start: int
    end: int
    category: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPhrase:
    """A mention of a class of weapons, at atoms ``start`` to ``end``."""

    start: int
    end: int
    category: str


class UnlistedFinder:
    """Finds names of systems by their form and by the class of weapons that explains them."""

    def __init__(self, lexicon: WeaponLexicon) -> None:
        """Take designation prefixes, classes and word lists from ``lexicon``."""
        self._prefixes = {entry.prefix: entry for entry in lexicon.designations}
        self._openings = frozenset(map(str.lower, self._prefixes))
        self._telling_prefixes = frozenset(entry.prefix for entry in lexicon.designations if not entry.common)
        self._ships = {group.id for group in lexicon.classes if group.category in SHIPS}
        self._unreported = {group.id for group in lexicon.classes if not group.reported}
        self._categories = {
            group.id: group.category for group in lexicon.classes if group.names and group.category not in SHIPS
        }
        self._coded = {
            group.id: group.category
            for group in lexicon.classes
            if not group.names and lexicon.categories[group.category].names and group.category not in SHIPS
        }
        self._names = NameForms(lexicon)
        self._strangers = lexicon.words["no-names"]
        self._actions = lexicon.words["class-actions"]
        self._openers = lexicon.words["apposition-openers"]
        self._closers = lexicon.words["apposition-closers"]
        self._naming = lexicon.words["naming-verbs"]
        self._military = lexicon.words["mil-generic"]
        self._bygone = lexicon.words["bygone"]
        self._airliners = lexicon.words["airliners"]

    def find(self, atoms: Atoms, taken: Sequence[Match]) -> list[Unlisted]:
        """Return the unlisted systems of a document in order, given the names already ``taken`` in it."""
        known = [match for match in taken if not match.name.generic]
        covered = {at for match in known for at in range(match.start, match.end)}
        found: list[Unlisted] = []
        rules = (self._designations(atoms, taken), self._named(atoms, taken), self._ship_classes(atoms, taken))
        for one in (*chain(*rules), *self._listed(atoms, known)):
            place = range(one.start, one.end)
            if covered.isdisjoint(place) and not self._misread(atoms, one, covered):
                covered.update(place)
                found.append(one)
        if found:
            found += self._again(atoms, found, covered)
        return sorted(found, key=lambda one: one.start)

    def _misread(self, atoms: Atoms, one: Unlisted, covered: Set[int]) -> bool:
        """Return whether it is an airliner, part of a listed name ("C-177 Globemaster"), or of a museum or a film."""
        if " ".join(atoms.lower[one.start : one.start + 2]) in self._airliners:
            return True
        if one.rule in NUMBERING and one.end in covered and atoms.joined(one.end):
            return True
        words = atoms.lower[max(one.start - BESIDE, 0) : one.end + BESIDE]
        return not self._bygone.isdisjoint(words) or any(f"{a} {b}" in self._bygone for a, b in pairwise(words))

    def may_hold(self, atoms: Atoms) -> bool:
        """Return whether a designation stands anywhere; all other rules need a weapon of the lexicon to start from."""
        if self._telling_prefixes.isdisjoint(atoms.spellings):
            return False
        return any(True for _ in self._designations(atoms, ()))

    def _designations(self, atoms: Atoms, taken: Sequence[Match]) -> Iterator[Unlisted]:
        places = [match.start for match in taken if self._telling(match)]
        for before in atoms.among(self._openings):
            if found := self._designation(atoms, before + 1, places):
                yield found

    def _designation(self, atoms: Atoms, at: int, places: Sequence[int]) -> Unlisted | None:
        """Return the system that the number at atom ``at`` designates; ``places`` are where other weapons stand."""
        prefix = self._prefix_of(atoms, at)
        end = full_end(atoms, at + 1) if prefix else None
        if prefix is None or end is None or not self._military_around(atoms, at):
            return None
        if prefix.common and not _has_near(places, at):
            return None
        rule = "number" if prefix.common else "designation"
        reason = f"numbered like {prefix.examples[0]}"
        return Unlisted(start=at - 1, end=end, category=prefix.category, rule=rule, reason=reason)

    def _prefix_of(self, atoms: Atoms, at: int) -> Designation | None:
        """Return the prefix before atom ``at``, if that is such a number as its makers put behind it."""
        if at >= len(atoms) or not atoms.lower[at].isdigit():
            return None
        prefix = self._prefixes.get(atoms.word(at - 1))
        if prefix is None or prefix.digits not in {None, len(atoms.lower[at])}:
            return None
        return prefix if _prefixed(atoms, at, common=prefix.common) else None

    def _telling(self, match: Match) -> bool:
        return not match.name.generic or match.name.owner not in self._unreported

    def _military_around(self, atoms: Atoms, at: int) -> bool:
        return not self._military.isdisjoint(atoms.lower[max(at - NEAR, 0) : at + NEAR])

    def _listed(self, atoms: Atoms, known: Sequence[Match]) -> Iterator[Unlisted]:
        """Yield names that "and" or "or", or acronyms that a comma too, joins to a known system."""
        for match in known:
            for name in (self._listed_after(atoms, match.end), self._listed_before(atoms, match.start)):
                if name and self._is_listed(atoms, *name):
                    reason = f"named together with {match.name.text}"
                    yield Unlisted(start=name[0], end=name[1], category="weapon", rule="listed", reason=reason)

    def _listed_after(self, atoms: Atoms, end: int) -> tuple[int, int] | None:
        """Return the name that a list goes on with behind a system that ends before atom ``end``."""
        if end + 1 < len(atoms) and atoms.lower[end] in CONJUNCTIONS and atoms.joined(end):
            stop = self._names.starting_at(atoms, end + 1)
            return (end + 1, stop) if stop else None
        return (end, end + 1) if self._acronym_listed(atoms, end, atoms.gap(end)) else None

    def _listed_before(self, atoms: Atoms, start: int) -> tuple[int, int] | None:
        """Return the name that stands in a list before a system that begins at atom ``start``."""
        at = start - 1
        if at > 0 and atoms.lower[at] in CONJUNCTIONS and atoms.joined(start):
            return self._names.ending_at(atoms, at) if atoms.joined(at) else None
        return (at, start) if self._acronym_listed(atoms, at, atoms.gap(start)) else None

    def _is_listed(self, atoms: Atoms, start: int, end: int) -> bool:
        """Return whether a short and certain name stands there, and not the beginning of more."""
        return end - start <= 2 and not self._names.doubtful(atoms, start, end) and self._ends(atoms, end)

    def _acronym_listed(self, atoms: Atoms, at: int, gap: str) -> bool:
        """Return whether a long acronym stands at atom ``at``, and only a comma between it and the next name."""
        if not 0 <= at < len(atoms) or gap != ", ":
            return False
        word = atoms.word(at)
        return len(word) > 4 and word.isupper() and word.isalpha() and self._names.may_belong(atoms, at)

    def _ends(self, atoms: Atoms, at: int) -> bool:
        """Return whether neither more of a name nor a verb of speech follows atom ``at``."""
        if at >= len(atoms) or not atoms.joined(at):
            return True
        return not atoms.word(at)[0].isupper() and atoms.lower[at] not in self._actions | {"said", "told", "says"}

    def _ship_classes(self, atoms: Atoms, taken: Sequence[Match]) -> Iterator[Unlisted]:
        places = [match.start for match in taken if match.name.generic and match.name.owner in self._ships]
        for at in range(1, len(atoms)) if places else ():
            if atoms.lower[at] != "class" or atoms.gap(at) not in HYPHENS:
                continue
            name = self._names.ending_at(atoms, at)
            if name is not None and _has_near(places, at):
                reason = "a class, with ships beside it"
                yield Unlisted(start=name[0], end=at + 1, category="warship", rule="ship-class", reason=reason)

    def _named(self, atoms: Atoms, taken: Sequence[Match]) -> Iterator[Unlisted]:
        places = [match.start for match in taken if not match.name.generic]
        for match in taken:
            if match.name.generic and match.name.owner in self._coded:
                yield from self._coded_names(atoms, match)
            if not match.name.generic or match.name.owner not in self._categories:
                continue
            phrase = ClassPhrase(start=match.start, end=match.end, category=self._categories[match.name.owner])
            if match.name.owner in self._unreported:
                found = [self._before(atoms, phrase)] if _has_near(places, match.start) else []
            else:
                found = [read(atoms, phrase) for read in (self._before, self._apposition, self._after)]
            yield from filter(None, found)

    def _coded_names(self, atoms: Atoms, match: Match) -> Iterator[Unlisted]:
        """Yield names beside a class that stands beside many other capitals too, if they look like a make's."""
        phrase = ClassPhrase(start=match.start, end=match.end, category=self._coded[match.name.owner])
        if self._acts(atoms, phrase.end) or atoms.lower[phrase.end - 1] in TROOPS:
            return  # "BARS-13 artillery units"
        for read in (self._before, self._apposition, self._after):
            found = read(atoms, phrase)
            if found is not None and is_coded(atoms, found.start, found.end):
                yield found

    def _before(self, atoms: Atoms, phrase: ClassPhrase) -> Unlisted | None:
        first = self._names.modified_from(atoms, phrase.start)
        if not is_touching(atoms.gap(first)):
            return None
        name = self._names.ending_at(atoms, first)
        if name is None:
            return None
        plain = not is_coded(atoms, *name)
        if plain and (self._acts(atoms, phrase.end) or self._names.doubtful(atoms, *name)):
            return None
        if plain and atoms.word(phrase.end - 1)[0].isupper():
            if phrase.end - phrase.start == 1:
                # "Bovington Tank Museum": one capitalised class noun is part of some other name.
                return None
            name = (self._names.capitals_from(atoms, name[0]), phrase.end)
        return _found(name, phrase, "before-class", atoms)

    def _apposition(self, atoms: Atoms, phrase: ClassPhrase) -> Unlisted | None:
        if not self._closed(atoms, phrase.end):
            return None
        opener = self._opener(atoms, phrase.start)
        name = self._names.ending_at(atoms, opener) if opener is not None else None
        if name is None or name[1] - name[0] > 3:
            return None
        if not is_coded(atoms, *name) and not self._introduced(atoms, name[0]):
            return None
        return _found(name, phrase, "apposition", atoms)

    def _after(self, atoms: Atoms, phrase: ClassPhrase) -> Unlisted | None:
        at, naming = self._past_naming(atoms, phrase.end)
        if at >= len(atoms) or at >= atoms.sentence(phrase.start)[1]:
            return None
        end = self._names.starting_at(atoms, at)
        if end is None:
            return None
        if is_coded(atoms, at, end):
            told = naming or is_quoted(atoms, at) or self._beside(atoms, phrase, at, end)
        else:
            told = naming or is_quoted(atoms, at) or self._explains(atoms, phrase, at, end)
            told = told and not self._names.doubtful(atoms, at, end)
        return _found((at, end), phrase, "after-class", atoms) if told else None

    def _past_naming(self, atoms: Atoms, at: int) -> tuple[int, bool]:
        """Return the atom after "called", "known as the" and the like, and whether any of them says "called"."""
        start, naming = at, False
        while at < len(atoms) and at - start < 4 and atoms.lower[at] in self._naming:
            naming = naming or atoms.lower[at] not in {"the", "a", "as"}
            at += 1
        return at, naming

    def _beside(self, atoms: Atoms, phrase: ClassPhrase, at: int, end: int) -> bool:
        """Return whether a designation follows its class: "the munition Ram-3X", "a missile, Saqib-4, …"."""
        if at == phrase.end:
            direct = atoms.gap(at) == " "
            return direct or (_breaks(atoms.gap(at)) and not _continues(atoms, end))
        return self._explains(atoms, phrase, at, end)

    def _explains(self, atoms: Atoms, phrase: ClassPhrase, at: int, end: int) -> bool:
        """Return whether a name explains "a new missile": between commas, with its article: "…, the Rastakhiz, …"."""
        first = self._names.modified_from(atoms, phrase.start)
        new = first > 0 and atoms.lower[first - 1] in INTRODUCING
        alone = at == phrase.end + 1 and _breaks(atoms.gap(phrase.end)) and not _continues(atoms, end)
        return new and alone and atoms.lower[phrase.end] == "the"

    def _again(self, atoms: Atoms, found: Sequence[Unlisted], covered: set[int]) -> Iterator[Unlisted]:
        """Yield further mentions of names already found, written the same way."""
        names = {tuple(atoms.word(at) for at in range(one.start, one.end)): one for one in found}
        starts: dict[str, list[tuple[str, ...]]] = {}
        for name in sorted(names, key=len, reverse=True):
            starts.setdefault(name[0], []).append(name)
        for at in range(len(atoms)):
            for name in starts.get(atoms.word(at), ()):
                place = range(at, at + len(name))
                if covered.isdisjoint(place) and is_spelled(atoms, at, name):
                    covered.update(place)
                    one = names[name]
                    yield Unlisted(start=at, end=place.stop, category=one.category, rule="again", reason=one.rule)
                    break

    def _acts(self, atoms: Atoms, at: int) -> bool:
        """Return whether an action or an organisation follows: "Hezbollah rocket fire", "Kerch missile brigade"."""
        return at < len(atoms) and atoms.joined(at) and atoms.lower[at] in self._actions

    def _opener(self, atoms: Atoms, start: int) -> int | None:
        """Return the atom after the comma before "a new long-range" and the like."""
        for at in range(start, max(start - LONGEST_REACH, 0), -1):
            gap = atoms.gap(at).strip()
            if gap in BREAKS:
                return at if atoms.lower[at] in self._openers else None
            if atoms.lower[at] in LEADING_AWAY or (atoms.lower[at] == "of" and atoms.lower[at - 1] not in SORTS):
                return None
            if not (atoms.joined(at) and (atoms.word(at - 1).islower() or atoms.lower[at - 1] in self._strangers)):
                return None
        return None

    def _closed(self, atoms: Atoms, at: int) -> bool:
        """Return whether a noun phrase ends before atom ``at``."""
        return at >= len(atoms) or not atoms.joined(at) or atoms.lower[at] in self._closers

    def _introduced(self, atoms: Atoms, at: int) -> bool:
        """Return whether what stands before atom ``at`` makes a thing of a plain name: "the Flamingo, a missile"."""
        return at > 0 and atoms.lower[at - 1] in {"the", "new", "its", "called", "dubbed", "named", "of"}


def _breaks(gap: str) -> bool:
    """Return whether a comma, a bracket or a dash opens an apposition."""
    return gap.strip() in BREAKS or gap in {" - ", " -- "}


def _continues(atoms: Atoms, at: int) -> bool:
    """Return whether the same noun phrase or clause goes on at atom ``at``."""
    return at < len(atoms) and atoms.joined(at)


def _prefixed(atoms: Atoms, at: int, *, common: bool) -> bool:
    """Return whether a hyphen, or nothing, joins the number at atom ``at`` to a prefix that begins a word."""
    before = atoms.gap(at - 1)
    if not before or before[-1] in HYPHENS or len(atoms.lower[at]) > (3 if common else 4):
        return False
    if atoms.gap(at) in HYPHENS:
        return True
    return atoms.gap(at) == "" and common and len(atoms.lower[at - 1]) > 1 and len(atoms.lower[at]) > 1


def _has_near(places: Sequence[int], at: int) -> bool:
    """Return whether one of ``places``, in order, is at most BESIDE atoms from ``at``."""
    first = bisect_left(places, at - BESIDE)
    return first < len(places) and places[first] <= at + BESIDE


def _found(name: tuple[int, int], phrase: ClassPhrase, rule: str, atoms: Atoms) -> Unlisted:
    start, end = name
    told = atoms.text[atoms.starts[phrase.start] : atoms.ends[phrase.end - 1]]
    return Unlisted(start=start, end=end, category=phrase.category, rule=rule, reason=f"{told!r} says what it is")
