"""What a class noun stands for: "the jets" are the F-16s named elsewhere, while "tanks" are just tanks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractors.records import WeaponMention

WIDER = {
    "aircraft": ("fighter", "bomber", "helicopter"),
    "armoured_vehicle": ("tank",),
    "artillery": ("rocket_artillery",),
    "air_defence": ("missile_defence", "portable_air_defence"),
    "missile": ("rocket_artillery", "air_defence", "missile_defence"),
    "missile_launcher": ("rocket_artillery",),
    "drone": ("loitering_munition",),
    "bomb": ("guided_bomb", "cluster_munition"),
}
"""Categories that the name of another covers, beside those that say so themselves ("cruise_missile")."""
NO_ADJECTIVES = r"of|to|for|with|and|or|in|on|from|by|at|over|about|sending|send|supplying|as"
DEFINITE = re.compile(
    rf"\b(?:the|these|those|this|that|both)(?: (?!(?:{NO_ADJECTIVES}) )[\w'’-]+){{0,2}} $", re.IGNORECASE
)
"""A determiner with at most two adjectives: "the powerful German" (tanks)."""
POINTING = frozenset({"the", "this", "these", "those", "such", "their", "its", "them", "it"})
"""What a noun phrase or a pronoun that points back begins with."""
LOOK_BACK = 40
"""How many characters before a noun its determiner may stand."""


def narrowed(weapons: Sequence[WeaponMention]) -> list[WeaponMention]:
    """Return ``weapons`` with each name read as the only one it is short for: "Leopard" as Leopard 2, "tank" as
    battle tank."""
    named = {mention.weapon: mention for mention in weapons}
    variants = _variants(named)
    for name, mention in named.items():
        if not mention.specific:
            variants[name] = _covered(mention, named, specific=False)
    return [
        _as(mention, variants[mention.weapon][0]) if len(variants.get(mention.weapon, ())) == 1 else mention
        for mention in weapons
    ]


def covering(weapons: Sequence[WeaponMention]) -> dict[str, list[str]]:
    """Return, for each class noun of an article, the systems it may stand for: F-16 for "jets"."""
    named = {mention.weapon: mention for mention in weapons}
    return {
        name: [other.weapon for other in _covered(mention, named, specific=True)]
        for name, mention in named.items()
        if not mention.specific
    }


def is_definite(mention: WeaponMention, text: str) -> bool:
    """Whether the reader is taken to know which weapons are meant: "the jets", "them"."""
    if mention.text.split(maxsplit=1)[0].casefold() in POINTING:
        return True
    return DEFINITE.search(text[max(0, mention.start - LOOK_BACK) : mention.start]) is not None


def includes(wide: str, narrow: str) -> bool:
    """Whether weapons of category ``narrow`` are also called by the name of ``wide``: jets are aircraft."""
    if wide in ("munition", "weapon"):
        return True
    return wide == narrow or narrow.endswith(f"_{wide}") or narrow in WIDER.get(wide, ())


def _variants(named: Mapping[str, WeaponMention]) -> dict[str, list[WeaponMention]]:
    """Return the systems whose slug begins with that of another: the Leopard 2 of "Leopard"."""
    found: dict[str, list[WeaponMention]] = {}
    for name, mention in named.items():
        stem, _, _ = name.rpartition("-")
        if mention.specific and stem in named:
            found.setdefault(stem, []).append(mention)
    return found


def _covered(mention: WeaponMention, named: Mapping[str, WeaponMention], *, specific: bool) -> list[WeaponMention]:
    """Return what a class may stand for: "missiles" for ATACMS, or for cruise missiles."""
    plain = mention.weapon.replace("-", "_") == mention.category
    return [
        other
        for name, other in named.items()
        if other.specific is specific
        and name != mention.weapon
        and includes(mention.category, other.category)
        and (specific or plain)
    ]


def _as(mention: WeaponMention, system: WeaponMention) -> WeaponMention:
    return replace(system, text=mention.text, start=mention.start, end=mention.end)
