"""What a correction may say: stages, sides, weapons and speakers by the names that analysts type."""

from typing import Any

from extractors.errors import BrinkwatchError
from extractors.records import Stage
from extractors.suggestions import did_you_mean, similar
from flows.settings import Settings

UNKNOWN = "unknown"


class NoSuchSpeakerError(BrinkwatchError):
    """Nobody with this name is listed, and no side was given."""


class NoSuchValueError(BrinkwatchError):
    """A value that a transfer cannot have: not a stage, or a side or weapon that no list holds."""


def stage_of(text: str) -> str:
    """Return the stage with this name; NoSuchValueError suggests similar ones."""
    name = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    if name in list(Stage):
        return Stage(name).value
    raise NoSuchValueError(f"{text!r} is not a stage{did_you_mean(similar(name, Stage) or list(Stage))}")


def side_named(settings: Settings, name: str) -> tuple[str | None, str]:
    """Return id and name of a side, None for "unknown"; NoSuchValueError suggests similar ones."""
    from extractors.actors.finder import ActorFinder
    from extractors.transfers.parties import side_of

    if name.casefold() == UNKNOWN:
        return None, UNKNOWN
    finder = ActorFinder(settings.seeds)
    names = finder.names
    found = finder.resolve(names.get(name, name)) or finder.resolve(names.get(name.upper(), name.title()))
    side = side_of(found) if found and found.kind not in {"media", "expert"} else None
    if side:
        return side, names.get(side, side)
    called = [each.name for each in finder.actors if each.kind not in {"media", "expert"}]
    near = similar(name, [*(each.name for each in finder.places), *called])
    hint = did_you_mean(near, otherwise="see seeds/places.jsonl and actors.jsonl.")
    raise NoSuchValueError(f"{name!r} is on no list of states, alliances and groups{hint} Or say: {UNKNOWN}")


def weapon_named(settings: Settings, name: str) -> dict[str, Any]:
    """Return the row of a listed weapon or class; NoSuchWeaponError suggests similar ones."""
    from extractors.weapons.lexicon import load_weapons
    from flows.cli.weapon import resolve as resolve_weapon

    lexicon = load_weapons(settings.seeds)
    names = {each.id: (each.name, *each.phrases) for each in lexicon.classes}
    names |= {each.id: (each.name, *each.aliases) for each in lexicon.weapons}
    found = resolve_weapon(name, names)
    system = next((each for each in lexicon.weapons if each.id == found), None)
    category = system.category if system else next(each.category for each in lexicon.classes if each.id == found)
    return {
        "id": found,
        "name": names[found][0],
        "category": category,
        "family": system.family if system else None,
        "specific": system is not None,
        "known": True,
    }


def speaker_named(settings: Settings, name: str, side: str | None) -> tuple[str, str, str]:
    """Return name, id and side of a speaker; NoSuchSpeakerError or NoSuchValueError suggests similar names."""
    from extractors.actors.finder import ActorFinder

    side = side_named(settings, side)[0] if side else None
    finder = ActorFinder(settings.seeds)
    found = finder.resolve(finder.names.get(name, name))
    if found and (side or found.side):
        return found.name, found.actor, side or found.side or ""
    if side and name.strip():
        return name, "-".join(name.casefold().split()), side
    surnames = {listed.split()[-1]: listed for listed in finder.names.values()}
    near = similar(name, [*surnames, *finder.names.values()], called=surnames)
    hint = did_you_mean(near, otherwise="nobody listed has a similar name.")
    raise NoSuchSpeakerError(f"{name!r} is not listed{hint} Or give the side: --side RU")
