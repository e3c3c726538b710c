"""The lexicons of actors that an analyst edits: who may be named, for which side they speak, and when.

| file           | one line is                                                                                |
|----------------|--------------------------------------------------------------------------------------------|
| `actors.jsonl` | a person with offices and their dates, an organ, a force, a group, a medium or a company     |
| `places.jsonl` | a state (ISO 3166-1 alpha-2), a region or an alliance, with its demonyms and capitals        |
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from extractors.lexicon import load_jsonl

ActorKind = Literal["person", "expert", "organ", "force", "group", "alliance", "media", "company"]
PlaceKind = Literal["state", "region", "alliance"]
SPEAKING_KINDS = frozenset({"organ", "force", "group", "alliance", "state"})
"""Kinds that speak for a side whatever the day; a person does so only in office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An office and when it was held; ``side`` if that is not the person's country (the head of NATO)."""

    title: str
    since: str | None = None
    """ISO date."""
    until: str | None = None
    side: str | None = None

    def __post_init__(self) -> None:
        for day in filter(None, (self.since, self.until)):
            if date.fromisoformat(day).isoformat() != day:  # days are compared as text
                raise ValueError(f"a day such as 2024-06-01, not {day!r}")

    def held(self, on: date) -> bool:
        """Whether the office was held on that day, including its last day."""
        day = on.isoformat()
        return (self.since or "") <= day <= (self.until or "9999")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A line of ``actors.jsonl``."""

    id: str
    name: str
    kind: ActorKind
    side: str
    aliases: tuple[str, ...] = ()
    """Names that always mean this actor."""
    short: tuple[str, ...] = ()
    """Surnames that mean this person only after the article has given the full name."""
    gender: Literal["f", "m"] | None = None
    roles: tuple[Role, ...] = ()
    arms: tuple[str, ...] = ()
    """Words that mean it only as a party to a transfer of arms, in any case: "militias in Yemen"."""
    voice: bool = False
    """A medium that speaks for its state if nobody else is named: "KCNA said in a commentary"."""

    def role(self, on: date | None) -> Role | None:
        """Return the office held on that day, or the latest if none was or the day is unknown."""
        held = [role for role in self.roles if (role.until is None if on is None else role.held(on))] or self.roles
        return held[-1] if held else None

    def serves(self, on: date | None) -> bool:
        """Whether the actor holds an office on that day, an unknown one counting, or is none who holds offices."""
        return on is None or not self.roles or any(role.held(on) for role in self.roles)

    def speaks(self, on: date | None) -> bool:
        """Whether the actor speaks for its side on that day.

        If the day is unknown, every holder of an office counts, unless the article says "former".
        """
        if self.kind == "person":
            return bool(self.roles) and self.serves(on)
        return self.voice or self.kind in SPEAKING_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of ``places.jsonl``: a state, a region or an alliance with its forms."""

    id: str
    kind: PlaceKind
    name: str
    side: str | None
    alpha3: str | None = None
    """ISO 3166-1 alpha-3 code, by which records of debates name speakers."""
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    """As those of an actor: "the alliance"."""


def load_actors(seeds: Path) -> tuple[Actor, ...]:
    """Load ``actors.jsonl``; LexiconError names every line that is wrong."""
    return load_jsonl(seeds / "actors.jsonl", build=Actor)


def load_places(seeds: Path) -> tuple[Place, ...]:
    """Load ``places.jsonl``; LexiconError names every line that is wrong."""
    return load_jsonl(seeds / "places.jsonl", build=Place)
