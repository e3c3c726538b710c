"""The weapon lexicons that an analyst edits: systems, categories, classes, guards against namesakes, and designations.

| file                       | one line is                                                              |
|----------------------------|--------------------------------------------------------------------------|
| `weapons.jsonl`            | a system: names it goes by, and the guard of every name that also means something else |
| `weapon_categories.jsonl`  | a category of systems and classes, and wider ones by whose names it is called |
| `weapon_classes.jsonl`     | a class of weapons ("ballistic missile") and the phrases that name it     |
| `weapon_guards.jsonl`      | what must, or must not, stand near a doubtful name                        |
| `weapon_words.jsonl`       | the word lists guards and patterns refer to                               |
| `weapon_designations.jsonl`| prefixes by which makers number their systems ("AGM-", "Kh-")             |
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from extractors.lexicon import LexiconError, Problem, entry_lines, load_jsonl
from extractors.suggestions import did_you_mean, similar

_References = tuple[str, Iterable[str]]
"""The id of an entry, and what it refers to."""
CATEGORIES = "weapon_categories.jsonl"
SHIPPED = Path(__file__).parents[2] / "seeds"
REQUIRED_LISTS = frozenset(
    {
        "airliners",
        "no-names",
        "name-modifiers",
        "class-actions",
        "apposition-openers",
        "apposition-closers",
        "naming-verbs",
        "hard-nouns",
        "mil-generic",
        "bygone",
    }
)
"""The word lists that distinguish names of unlisted systems from other capitalised words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What ``category`` of a system, a class or a designation may be: a line of ``weapon_categories.jsonl``."""

    id: str
    """In words joined by underscores; if it ends with the id of another, it is included in that one."""
    also: tuple[str, ...] = ()
    """Other categories by whose names it is called too: a fighter is an aircraft."""
    names: bool = True
    """Whether a name that no list holds is news in this category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weapon:
    """A weapon system, or a platform or class of ships, as a line of ``weapons.jsonl``.

    Spellings with other hyphens or spaces, plurals, possessives and variants ("F-16C") need no alias of their own.
    """

    id: str
    """A slug that never changes, because alerts and tables contain it."""
    name: str
    category: str
    aliases: tuple[str, ...]
    """All names that mean this system, including ``name`` if it occurs in text."""
    guards: dict[str, str] = field(default_factory=dict)
    """The guard of each alias that also means something else."""
    origin: str | None = None
    """ISO 3166-1 alpha-2 of the country that developed it; None if several did."""
    unroca: Literal["I", "II", "III", "IV", "V", "VI", "VII"] | None = None
    """Category of the UN Register of Conventional Arms; None outside its seven."""
    nato: str | None = None
    """NATO reporting name."""
    family: str | None = None
    """Shared by systems that news does not distinguish, such as Storm Shadow and SCALP."""
    range_km: int | None = None
    nuclear_capable: bool | None = None
    range_source: str | None = None
    """The source of ``range_km`` and ``nuclear_capable``."""

    def __post_init__(self) -> None:
        """Refuse a guard without its alias, and a fact without its source."""
        strangers = [alias for alias in self.guards if alias not in self.aliases]
        if strangers:
            raise ValueError(f"'guards' names {strangers[0]!r}, which is not an alias")
        if not self.aliases:
            raise ValueError("'aliases' is empty")
        if (self.range_km is not None or self.nuclear_capable is not None) and self.range_source is None:
            raise ValueError("'range_km' and 'nuclear_capable' need a 'range_source'")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaponClass:
    """A class of weapons, which makes a generic mention. Plurals are derived from ``phrases``."""

    id: str
    name: str
    category: str
    phrases: tuple[str, ...]
    guard: str | None = None
    reported: bool = True
    """Whether a mention is a signal by itself; of "systems" or "launchers", only a name before them is."""
    transferable: bool = False
    """Whether it counts where its transfer is told: if it is reported, without what its guard asks for."""
    names: bool = True
    """Whether a capitalised name before it is the name of a system: "Flamingo missile", but not "Boston bomb"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What distinguishes a weapon from its namesakes. The fields named in the order below name word lists.

    Tried in this order: a word of ``avoid_next`` directly after the name rejects it; a word of ``next`` or ``before``
    beside it accepts it; a word of ``avoid_before`` directly before it rejects it; ``avoid_near`` rejects it;
    ``near_min`` different words of ``near`` accept it; and so does, with ``carry``, a certain mention of the same
    system or family elsewhere in the document. Else ``otherwise`` decides.
    """

    id: str
    next: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    near_min: int = 1
    avoid_next: tuple[str, ...] = ()
    avoid_before: tuple[str, ...] = ()
    avoid_near: tuple[str, ...] = ()
    avoid_untold: tuple[str, ...] = ()
    """Words near which a name that nothing explains does not count even where its transfer is told."""
    carry: bool = True
    otherwise: Literal["refuse", "take"] = "refuse"

    @property
    def lists(self) -> Iterable[str]:
        """Every word list this guard refers to."""
        accepting = (*self.next, *self.before, *self.near)
        return (*accepting, *self.avoid_next, *self.avoid_before, *self.avoid_near, *self.avoid_untold)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """Words, or phrases of two words, in lower case, for guards and patterns to refer to."""

    id: str
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a word that can never match."""
        odd = [word for word in self.words if word != word.lower() or len(word.split()) > 2]
        if odd:
            raise ValueError(f"'words' holds {odd[0]!r}: expected lower case and at most two words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Designation:
    """A prefix by which makers or observers number their systems, such as AGM or Kh."""

    id: str
    prefix: str
    category: str
    examples: tuple[str, ...]
    digits: int | None = None
    """How many digits must follow, if others mean something else: an F-16, but a Ford F-150."""
    common: bool = False
    """Many other things are numbered like this: it only counts beside other weapons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaponLexicon:
    """All weapon lexicons, cross-checked."""

    weapons: tuple[Weapon, ...]
    categories: Mapping[str, Category]
    classes: tuple[WeaponClass, ...]
    guards: Mapping[str, Guard]
    words: Mapping[str, frozenset[str]]
    designations: tuple[Designation, ...]

    @property
    def makers(self) -> dict[str, str]:
        """The country that developed each system, by its id."""
        return {weapon.id: weapon.origin for weapon in self.weapons if weapon.origin}

    def without(self, hidden: frozenset[str]) -> "WeaponLexicon":
        """Return a lexicon without the systems ``hidden``, to measure how unlisted ones are found."""
        return replace(self, weapons=tuple(weapon for weapon in self.weapons if weapon.id not in hidden))


def load_weapons(seeds: Path) -> WeaponLexicon:
    """Load the weapon lexicon from a seeds folder; LexiconError names every line that cannot be used."""
    weapons = load_jsonl(seeds / "weapons.jsonl", build=Weapon)
    classes = load_jsonl(seeds / "weapon_classes.jsonl", build=WeaponClass)
    guards = load_jsonl(seeds / "weapon_guards.jsonl", build=Guard)
    words = load_jsonl(seeds / "weapon_words.jsonl", build=WordList)
    designations = load_jsonl(seeds / "weapon_designations.jsonl", build=Designation)
    lexicon = WeaponLexicon(
        weapons=weapons,
        categories=load_categories(seeds),
        classes=classes,
        guards={guard.id: guard for guard in guards},
        words={group.id: frozenset(group.words) for group in words},
        designations=designations,
    )
    problems = tuple(_cross_check(lexicon, seeds))
    if problems:
        raise LexiconError(problems)
    return lexicon


def load_categories(seeds: Path) -> dict[str, Category]:
    """Load ``weapon_categories.jsonl``, the shipped one if ``seeds`` has none; LexiconError names every wrong line."""
    return {category.id: category for category in load_jsonl(_categories_file(seeds), build=Category)}


def _categories_file(seeds: Path) -> Path:
    own = seeds / CATEGORIES
    return own if own.exists() else SHIPPED / CATEGORIES


def _cross_check(lexicon: WeaponLexicon, seeds: Path) -> Iterable[Problem]:
    """Yield every reference that leads nowhere."""
    for name in sorted(REQUIRED_LISTS - lexicon.words.keys()):
        yield Problem(file="weapon_words.jsonl", line=0, what=f"missing word list {name!r}")
    systems, classes, guards, makers = lexicon.weapons, lexicon.classes, lexicon.guards.values(), lexicon.designations
    categories, by_prefix = lexicon.categories, seeds / "weapon_designations.jsonl"
    asked: tuple[tuple[Path, str, Collection[str], list[_References]], ...] = (
        (_categories_file(seeds), "category", categories, [(one.id, one.also) for one in categories.values()]),
        (seeds / "weapons.jsonl", "category", categories, [(one.id, (one.category,)) for one in systems]),
        (seeds / "weapons.jsonl", "guard", lexicon.guards, [(one.id, one.guards.values()) for one in systems]),
        (seeds / "weapon_classes.jsonl", "category", categories, [(one.id, (one.category,)) for one in classes]),
        (
            seeds / "weapon_classes.jsonl",
            "guard",
            lexicon.guards,
            [(one.id, (one.guard,) if one.guard else ()) for one in classes],
        ),
        (by_prefix, "category", categories, [(one.id, (one.category,)) for one in makers]),
        (seeds / "weapon_guards.jsonl", "word list", lexicon.words, [(one.id, one.lists) for one in guards]),
    )
    for path, kind, there, entries in asked:
        for line, (entry, names) in zip(entry_lines(path), entries, strict=True):
            for name in sorted(set(names) - set(there)):
                yield Problem(file=path.name, line=line, what=f"{entry}: no {kind} {name!r}{_meant(name, there)}")


def _meant(name: str, there: Iterable[str]) -> str:
    return did_you_mean([repr(near) for near in similar(name, there, most=1)])
