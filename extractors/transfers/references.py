"""What a class noun refers to: "the jets" may be the F-16s named elsewhere, while "tanks" are just tanks."""

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
"""Categories included in another, besides those whose name says so ("cruise_missile")."""


def narrowed(weapons: Sequence[WeaponMention]) -> list[WeaponMention]:
    """Return ``weapons`` with each name resolved to the only one it can stand for: "Leopard" to Leopard 2, "tank" to
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
    """Return what a class may refer to: "missiles" to ATACMS, or to cruise missiles."""
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
