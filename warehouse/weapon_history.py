"""What the published snapshot says about one weapon, for ``brinkwatch weapon``."""

from dataclasses import dataclass
from datetime import datetime

from warehouse.places import Place
from warehouse.query import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the weapon between two actors: a row of ``weapon_timeline``."""

    weapon: str
    supplier: str | None
    recipient: str | None
    stage: str
    reversal: bool
    background: bool
    """Only reported as past."""
    since: datetime
    last_reported: datetime
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An article that mentions the weapon."""

    at: datetime
    outlet: str | None
    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaponHistory:
    """All that is reported of one weapon, or of the variants of one family."""

    steps: tuple[Step, ...]
    """By weapon, supplier and recipient, then in time."""
    sightings: tuple[Sighting, ...]
    """Latest first."""
    articles: int
    """How many articles mention it."""


def unlisted_systems(warehouse: Place) -> dict[str, tuple[str, str]]:
    """Return name and category, by id, of the systems that articles mention and no list holds."""
    found = query(warehouse, "SELECT id, name, category FROM weapons WHERE specific AND NOT known ORDER BY id")
    return {weapon: (name, category) for weapon, name, category in found.rows}


def history_of(warehouse: Place, *weapons: str, latest: int = 5) -> WeaponHistory:
    """Return the steps and the ``latest`` sightings of the weapons with these ids."""
    steps = query(
        warehouse,
        """
        SELECT weapon, supplier, recipient, stage, reversal, background, since, last_reported, articles
        FROM weapon_timeline
        WHERE weapon IN (SELECT unnest($weapons)) ORDER BY weapon, supplier NULLS LAST, recipient NULLS LAST, step
        """,
        parameters={"weapons": list(weapons)},
    )
    sightings = query(
        warehouse,
        """
        SELECT coalesce(published, seen) AS dated, source, title, url, count(*) OVER ()
        FROM articles
        WHERE superseded_by IS NULL AND id IN (
                SELECT article FROM weapon_mentions WHERE weapon IN (SELECT unnest($weapons))
            )
        ORDER BY dated DESC, id LIMIT $latest
        """,
        parameters={"weapons": list(weapons), "latest": latest},
    )
    return WeaponHistory(
        steps=tuple(Step(**dict(zip(steps.columns, row, strict=True))) for row in steps.rows),
        sightings=tuple(
            Sighting(at=at, outlet=outlet, title=title, url=url) for at, outlet, title, url, _ in sightings.rows
        ),
        articles=sightings.rows[0][-1] if sightings.rows else 0,
    )
