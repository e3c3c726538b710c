"""What the lexicons know of the ids in the warehouse: the names of actors, the facts of weapons."""

from collections.abc import Mapping
from pathlib import Path

from extractors.actors.lexicon import load_actors, load_places
from extractors.weapons.lexicon import Weapon, load_weapons


def names_of(seeds: Path) -> dict[str, str]:
    """Return the names of people, states and organisations by id."""
    return {each.id: each.name for each in load_actors(seeds)} | {each.id: each.name for each in load_places(seeds)}


def facts_of(seeds: Path) -> dict[str, Mapping[str, str]]:
    """Return what is known of each listed weapon, by its id: the name of the fact and its value."""
    return {weapon.id: _facts(weapon) for weapon in load_weapons(seeds).weapons}


def _facts(weapon: Weapon) -> dict[str, str]:
    known = {
        "Origin": weapon.origin,
        "NATO name": weapon.nato,
        "Range": f"{weapon.range_km:,} km" if weapon.range_km else None,
        "Nuclear": "can carry a nuclear warhead" if weapon.nuclear_capable else None,
    }
    return {fact: value for fact, value in known.items() if value}
