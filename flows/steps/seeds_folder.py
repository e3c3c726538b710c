"""A seeds folder as a whole: ids that rules may name, how texts call a side, who holds what.

Needs the lexicons alone, and not the trained reader. Rules, scale and holdings are read anew whenever asked for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from alerts.policy.crossings import Forms
from alerts.policy.holdings import Holdings, load_holdings
from alerts.policy.routes_file import load_routing
from alerts.policy.routing import Routing
from alerts.policy.severity_scale import Scale, load_scale
from extractors.actors.lexicon import Actor, Place, load_actors, load_places
from extractors.actors.spellings import unmarked
from extractors.lexicon import Problem, entry_lines
from extractors.suggestions import did_you_mean, similar
from extractors.weapons.lexicon import WeaponLexicon, load_weapons

_NO_SIDE = frozenset({"media", "expert", "company"})
"""Kinds of actors that stand for no state or group."""
_ARMS = ("mil-generic", "hard-nouns", "chemical")
"""Lists of words for arms and fighting."""


@dataclass(frozen=True, kw_only=True)
class SeedsFolder:
    """The lexicons of one folder."""

    seeds: Path
    weapons: WeaponLexicon
    actors: tuple[Actor, ...]
    places: tuple[Place, ...]

    @classmethod
    def of(cls, seeds: Path) -> "SeedsFolder":
        """Load them; LexiconError names every line that is wrong."""
        return cls(
            seeds=seeds,
            weapons=load_weapons(seeds),
            actors=load_actors(seeds),
            places=load_places(seeds),
        )

    @cached_property
    def ids(self) -> Mapping[str, Collection[str]]:
        """The ids that rules may name, by the field that names them."""
        weapons, classes = self.weapons.weapons, self.weapons.classes
        systems = {weapon.id for weapon in weapons} | {group.id for group in classes}
        sides = {place.id for place in self.places} | {actor.id for actor in self.actors}
        return {
            "sides": sides | {actor.side for actor in self.actors},
            "speakers": {actor.id for actor in self.actors},
            "weapons": systems | {weapon.family for weapon in weapons if weapon.family},
            "categories": self.weapons.categories.keys() | {group.id for group in classes},
        }

    @cached_property
    def forms(self) -> Forms:
        """How texts call each state, alliance and group: by its names, and those of its organs and officials.

        Without accents and hyphens, as ``is_named`` compares them.
        """
        forms: dict[str, set[str]] = defaultdict(set)
        for place in self.places:
            forms[place.id] |= {place.name, *place.aliases, *place.demonyms, *place.capitals}
        for actor in self.actors:
            for side in {actor.side, actor.id} if actor.kind not in _NO_SIDE else ():
                forms[side] |= {actor.name, *actor.aliases}
        return {side: tuple(sorted(set(map(unmarked, names)))) for side, names in forms.items()}

    @cached_property
    def arms(self) -> frozenset[str]:
        """Words for arms and fighting, without names of sides."""
        words = self.weapons.words
        sides = {name.lower() for names in self.forms.values() for name in names}
        return frozenset().union(*(words[name] for name in _ARMS)) - sides

    @property
    def deeds(self) -> frozenset[str]:
        """Words for what is done with arms."""
        return self.weapons.words["weapon-verbs"]

    def routing(self) -> Routing:
        """Return the rules as they are now; LexiconError names every line that is wrong."""
        return load_routing(self.seeds, known=self.ids)

    def scale(self) -> Scale:
        """Return how severe news is, as policy.toml says now; LexiconError names every line that is wrong."""
        return load_scale(self.seeds, categories=self.ids["categories"])

    def holdings(self) -> Holdings:
        """Return who is known to hold what, as holdings.jsonl says now; LexiconError names every line that is wrong."""
        return load_holdings(self.seeds, self.weapons.weapons, sides=self.ids["sides"])

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the lexicons beside each other: no weapons at all, and sides that are not states."""
        if not self.weapons.weapons:
            yield Problem(file="weapons.jsonl", line=0, what="holds no weapon")
        states = {place.id: place.alpha3 or place.id for place in self.places}
        for line, actor in zip(entry_lines(self.seeds / "actors.jsonl"), self.actors, strict=True):
            for side in (actor.side, *(role.side for role in actor.roles if role.side)):
                if side != side.lower() and side not in states:
                    what = f"{actor.id}: 'side' {side!r} is not a state of places.jsonl{_meant(side, states)}"
                    yield Problem(file="actors.jsonl", line=line, what=what)

    def without_surname(self) -> list[str]:
        """Return the persons whom an article that goes on with a surname alone does not name."""
        return [
            actor.name
            for actor in self.actors
            if actor.kind == "person" and all(" " in name for name in (actor.name, *actor.aliases, *actor.short))
        ]


def _meant(side: str, states: Mapping[str, str]) -> str:
    """Return the hint for a side that is not a state; ``states`` holds the ISO 3166-1 alpha-3 code of each."""
    near = [state for state, alpha3 in states.items() if side.upper() in {state, alpha3}]
    return did_you_mean([repr(state) for state in near or similar(side, states, most=1)])


@cache
def seeds_folder_of(seeds: Path) -> SeedsFolder:
    """Return a folder, loaded once a process."""
    return SeedsFolder.of(seeds)
