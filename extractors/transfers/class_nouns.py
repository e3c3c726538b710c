"""What a class noun refers to: "the jets" may be the F-16s named elsewhere, while "tanks" are just tanks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from extractors.records import WeaponMention
from extractors.weapons.lexicon import Category

ANYTHING = frozenset({"munition", "weapon"})
"""Categories that include all others."""
_LISTED = re.compile(r"[^.;:!?\n]{0,40}?(?:,|&|\b(?:and|or|as well as|plus)\b)[^.;:!?\n]{0,40}", re.IGNORECASE)
"""What stands between two members of a list."""


def narrowed(text: str, weapons: Sequence[WeaponMention], categories: Mapping[str, Category]) -> list[WeaponMention]:
    """Return the ``weapons`` of ``text`` with each name resolved to the only one it can stand for.

    "Leopard" to Leopard 2, "tank" to battle tank; but in "battle tanks and armoured vehicles" each is itself.
    """
    named = {mention.weapon: mention for mention in weapons}
    variants = _variants(named)
    listed = set(_listed(text, weapons))
    for name, mention in named.items():
        if not mention.specific:
            covered = _covered(mention, named, categories)
            variants[name] = [other for other in covered if frozenset((name, other.weapon)) not in listed]
    return [
        _as(mention, variants[mention.weapon][0]) if len(variants.get(mention.weapon, ())) == 1 else mention
        for mention in weapons
    ]


def unnamed(
    text: str, possible: Sequence[WeaponMention], weapons: Sequence[WeaponMention], categories: Mapping[str, Category]
) -> list[WeaponMention]:
    """Return the ``possible`` weapons of ``text`` without the classes that refer to one of its other ``weapons``.

    After "F-16" the "planes" are those; but in "tanks and vehicles" the vehicles are none of the tanks.
    """
    listed = set(_listed(text, sorted((*possible, *weapons), key=lambda mention: mention.start)))
    return [
        mention
        for mention in possible
        if mention.specific
        or not any(
            includes(mention.category, other.category, categories)
            and frozenset((mention.weapon, other.weapon)) not in listed
            for other in weapons
        )
    ]


def includes(wide: str, narrow: str, categories: Mapping[str, Category]) -> bool:
    """Whether weapons of category ``narrow`` are also called by the name of ``wide``: jets are aircraft."""
    also = categories[narrow].also if narrow in categories else ()
    return wide in ANYTHING or wide == narrow or narrow.endswith(f"_{wide}") or wide in also


def _listed(text: str, weapons: Sequence[WeaponMention]) -> Iterator[frozenset[str]]:
    """Yield every two weapons that stand in one list."""
    members: list[str] = []
    for one, other in pairwise(weapons):
        if not _LISTED.fullmatch(text, one.end, other.start):
            members = []
            continue
        members = [*members, one.weapon]
        yield from (frozenset((member, other.weapon)) for member in members)


def _variants(named: Mapping[str, WeaponMention]) -> dict[str, list[WeaponMention]]:
    """Return the systems whose slug begins with that of another: the Leopard 2 of "Leopard"."""
    found: dict[str, list[WeaponMention]] = {}
    for name, mention in named.items():
        stem, _, _ = name.rpartition("-")
        if mention.specific and stem in named:
            found.setdefault(stem, []).append(mention)
    return found


def _covered(
    mention: WeaponMention, named: Mapping[str, WeaponMention], categories: Mapping[str, Category]
) -> list[WeaponMention]:
    """Return the classes that a plain one may refer to: "missiles" to cruise missiles."""
    if mention.weapon.replace("-", "_") != mention.category:
        return []
    return [
        other
        for name, other in named.items()
        if not other.specific and name != mention.weapon and includes(mention.category, other.category, categories)
    ]


def _as(mention: WeaponMention, system: WeaponMention) -> WeaponMention:
    return replace(system, text=mention.text, start=mention.start, end=mention.end)
