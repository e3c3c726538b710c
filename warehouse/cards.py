"""What the published warehouse tells of one weapon, for its card."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warehouse.query import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the weapon between two actors: a row of ``weapon_timeline``."""

    supplier: str | None
    recipient: str | None
    stage: str
    reversal: bool
    since: datetime
    last_reported: datetime
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An article that names the weapon."""

    at: datetime
    outlet: str | None
    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that is told of one weapon."""

    steps: tuple[Step, ...]
    """By supplier and recipient, then in time."""
    sightings: tuple[Sighting, ...]
    """The latest first."""
    articles: int
    """How many articles name it."""


def unlisted(warehouse: Path) -> dict[str, tuple[str, str]]:
    """Return name and category of the systems that articles named and no list holds, by id."""
    found = query(warehouse, "SELECT id, name, category FROM weapons WHERE specific AND NOT known ORDER BY id")
    return {weapon: (name, category) for weapon, name, category in found.rows}


def record(warehouse: Path, weapon: str, *, latest: int = 5) -> Record:
    """Return the steps and the ``latest`` sightings of the weapon with this id."""
    steps = query(
        warehouse,
        """
        SELECT supplier, recipient, stage, reversal, since, last_reported, articles FROM weapon_timeline
        WHERE weapon = $weapon ORDER BY supplier NULLS LAST, recipient NULLS LAST, step
        """,
        parameters={"weapon": weapon},
    )
    sightings = query(
        warehouse,
        """
        SELECT coalesce(published, seen) AS dated, source, title, url, count(*) OVER ()
        FROM articles
        WHERE superseded_by IS NULL AND id IN (SELECT article FROM weapon_mentions WHERE weapon = $weapon)
        ORDER BY dated DESC, id LIMIT $latest
        """,
        parameters={"weapon": weapon, "latest": latest},
    )
    return Record(
        steps=tuple(Step(**dict(zip(steps.columns, row, strict=True))) for row in steps.rows),
        sightings=tuple(
            Sighting(at=at, outlet=outlet, title=title, url=url) for at, outlet, title, url, _ in sightings.rows
        ),
        articles=sightings.rows[0][-1] if sightings.rows else 0,
    )
