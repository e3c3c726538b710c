"""Who is known to hold and to use what, as ``seeds/holdings.jsonl`` and the lexicon say: what is no news however empty
the warehouse is."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.lexicon import LexiconError, Problem, entry_lines, load_jsonl
from extractors.records import Stage, WeaponMention

if TYPE_CHECKING:
    from extractors.weapons.lexicon import Weapon

FILE = "holdings.jsonl"
SUPPLIED = frozenset({Stage.REQUESTED, Stage.CONSIDERED, Stage.PLEDGED, Stage.DELIVERED})
"""Stages that lie behind a side that holds a system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A line of ``holdings.jsonl``."""

    weapon: str
    """A system or a family: an id of ``weapons.jsonl``."""
    holder: str
    """ISO 3166-1 alpha-2, or the slug of an alliance or a group."""
    source: str
    """Who says so in public."""
    used: bool = False
    """It has used the system in war."""
    since: str | None = None
    """The year, or month (``2023-05``), in which it became known; None for as long as anybody remembers."""

    def __post_init__(self) -> None:
        if self.since is not None and not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", self.since):
            raise ValueError(f"since: a year or a month such as 2023-05, not {self.since!r}")

    def was_known(self, at: datetime | None) -> bool:
        """Whether it was known before the day ``at``: what came in the same year or month may be the news itself."""
        return self.since is None or at is None or self.since < f"{at:%Y-%m}"[: len(self.since)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """All of them. The one made without arguments knows nothing."""

    held: Mapping[tuple[str, str], Holding] = field(default_factory=dict)
    """By weapon or family, and holder."""
    makers: Mapping[str, str] = field(default_factory=dict)
    """The origin of each listed system, by its id."""

    def known(self, weapon: str, family: str | None, holder: str | None, *, at: datetime | None) -> Holding | None:
        """Return what was known ``at`` some time of ``holder`` and this weapon, or the family it belongs to."""
        if holder is None:
            return None
        listed = (self.held.get((name, holder)) for name in (weapon, family or weapon))
        made = self.makers.get(weapon) == holder
        return next(
            (each for each in listed if each and each.was_known(at)),
            Holding(weapon=weapon, holder=holder, source="its maker") if made else None,
        )

    def had(
        self, weapon: str, family: str | None, recipient: str | None, stage: Stage, *, at: datetime | None
    ) -> Holding | None:
        """Return what makes it no news ``at`` some time that ``recipient`` comes to, or is at, ``stage``."""
        known = self.known(weapon, family, recipient, at=at)
        if known is None or stage is Stage.USED:
            return known if known and known.used else None
        return known if stage in SUPPLIED else None

    def holders(self, mention: WeaponMention, *, at: datetime | None) -> Iterable[Holding]:
        """Yield who makes and who held the weapon that is mentioned ``at`` some time, its maker first."""
        sides = [self.makers.get(mention.weapon)]
        sides += [holder for weapon, holder in self.held if weapon in {mention.weapon, mention.family}]
        return filter(None, (self.known(mention.weapon, mention.family, side, at=at) for side in dict.fromkeys(sides)))


def load_holdings(seeds: Path, weapons: Collection["Weapon"], *, sides: Collection[str] = ()) -> Holdings:
    """Return the holdings of ``seeds``, none where there is no such file, with the makers of ``weapons``.

    With ``sides``, those of the lexicons, any other holder is a problem. Raises LexiconError with all that is wrong.
    """
    path = seeds / FILE
    listed = load_jsonl(path, build=Holding, key=_pair) if path.exists() else ()
    names = {each.id for each in weapons} | {each.family for each in weapons if each.family}
    problems = [
        Problem(file=FILE, line=line, what=what)
        for line, holding in zip(entry_lines(path), listed, strict=True)
        for what in _problems(holding, weapons=names, sides=sides)
    ] if listed else []  # fmt: skip
    if problems:
        raise LexiconError(tuple(problems))
    makers = {each.id: each.origin for each in weapons if each.origin}
    return Holdings(held={(each.weapon, each.holder): each for each in listed}, makers=makers)


def _pair(holding: Holding) -> str:
    return f"{holding.weapon} held by {holding.holder}"


def _problems(holding: Holding, *, weapons: Collection[str], sides: Collection[str]) -> Iterable[str]:
    if holding.weapon not in weapons:
        yield f"'weapon' must be a system or family of weapons.jsonl, not {holding.weapon!r}"
    if sides and holding.holder not in sides:
        yield f"'holder' must be a state, alliance or group of the lexicons, not {holding.holder!r}"
