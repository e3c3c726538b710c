"""``brinkwatch weapon``: a system's card — facts, aliases, where it stands between whom, and who named it last."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractors.errors import BrinkwatchError
from extractors.records import Stage
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from extractors.weapon_lexicon import Weapon
    from warehouse.cards import Record, Step

CHART_WIDTH = 40

MARKS: Mapping[str, tuple[str, str]] = {
    Stage.REQUESTED: ("?", "cyan"),
    Stage.CONSIDERED: ("~", "cyan"),
    Stage.REFUSED: ("x", "red"),
    Stage.PLEDGED: ("+", "green"),
    Stage.DELIVERED: ("#", "green"),
    Stage.SUSPENDED: ("-", "red"),
    Stage.USE_PERMITTED: (">", "green"),
    Stage.USE_REFUSED: ("|", "red"),
    Stage.USED: ("*", "yellow"),
}
"""How the chart shows each stage."""


class NoSuchWeaponError(BrinkwatchError):
    """No list and no article knows a weapon of this name."""


def weapon(name: Annotated[str, typer.Argument(help="A name, alias or id: Taurus, kh-101, 'Storm Shadow'.")]) -> None:
    """Show a weapon system's card: facts, aliases, where it stands between whom, timeline, last mentions.

    Example: brinkwatch weapon "Storm Shadow"
    """
    from extractors.weapon_lexicon import load_weapons
    from warehouse import cards
    from warehouse.publish import snapshot_path

    settings, console = load_settings(), Console()
    published = snapshot_path(settings.warehouse).exists()
    listed = {each.id: each for each in load_weapons(settings.seeds).weapons}
    unlisted = cards.unlisted(settings.warehouse) if published else {}
    found = resolve(name, {each.id: (each.name, *each.aliases) for each in listed.values()} | unlisted_names(unlisted))
    facts = listed.get(found)
    console.print(facts_of(facts, listed) if facts else unlisted_facts(*unlisted[found]))
    if not published:
        console.print(Text("Nothing is published yet. Next: brinkwatch run", style="dim"))
        return
    show_record(cards.record(settings.warehouse, found), names_of(settings), console)


def unlisted_names(unlisted: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the names by id of systems that only articles know."""
    return {weapon: (name,) for weapon, (name, _) in unlisted.items()}


def resolve(wanted: str, names: Mapping[str, Sequence[str]]) -> str:
    """Return the id of the one weapon that is called ``wanted``, or raise NoSuchWeaponError with what comes near."""
    key = folded(wanted)
    for place in (lambda weapon: [weapon], lambda weapon: names[weapon][:1], lambda weapon: names[weapon][1:]):
        matches = [weapon for weapon in names if key in map(folded, place(weapon))]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise NoSuchWeaponError(f"several weapons are called {wanted}; name one: {', '.join(sorted(matches))}")
    near = near_names(key, names)
    hint = f"; did you mean {', '.join(near)}?" if near else "; see seeds/weapons.jsonl for all that are listed"
    raise NoSuchWeaponError(f"no weapon is called {wanted}{hint}")


def near_names(key: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return up to five names that are spelled like ``key`` or begin like it."""
    spelled = {folded(alias): called[0] for called in names.values() for alias in called}
    begun = [alias for alias in sorted(spelled) if key and alias.startswith(key)]
    close = get_close_matches(key, spelled, n=5, cutoff=0.7)
    return list(dict.fromkeys(spelled[alias] for alias in (*close, *begun)))[:5]


def folded(name: str) -> str:
    """Return a name without case, spaces and hyphens."""
    return re.sub(r"[\W_]+", "", name.casefold())


def names_of(settings: Settings) -> dict[str, str]:
    """Return the names of states and organisations by id."""
    from extractors.actors import ActorFinder

    finder = ActorFinder(settings.seeds)
    return {actor.id: actor.name for actor in finder.actors} | {place.id: place.name for place in finder.places}


def facts_of(weapon: "Weapon", listed: Mapping[str, "Weapon"]) -> Table:
    """Return what the lexicon knows of a system."""
    family = [each.name for each in listed.values() if each.family == weapon.family and each.id != weapon.id]
    reach = f"{weapon.range_km:,} km" if weapon.range_km else None
    return card(
        weapon.name,
        {
            "id": weapon.id,
            "category": weapon.category.replace("_", " "),
            "origin": weapon.origin,
            "NATO name": weapon.nato,
            "UN register": f"category {weapon.unroca}" if weapon.unroca else None,
            "range": f"{reach} ({weapon.range_source})" if reach and weapon.range_source else reach,
            "nuclear": {True: "can carry a nuclear warhead", False: "conventional", None: None}[weapon.nuclear_capable],
            "family": ", ".join(family) if weapon.family else None,
            "aliases": ", ".join(alias for alias in weapon.aliases if alias != weapon.name),
        },
    )


def unlisted_facts(name: str, category: str) -> Table:
    """Return what is known of a system that only articles name."""
    return card(name, {"category": category.replace("_", " "), "": "On no list so far: known from articles only."})


def card(name: str, facts: Mapping[str, str | None]) -> Table:
    """Return the facts that are known as a table."""
    table = Table("", "", title=name, title_justify="left", title_style="bold", show_header=False, show_edge=False)
    for fact, value in facts.items():
        if value:
            table.add_row(Text(fact, style="dim"), Text(value))
    return table


def show_record(record: "Record", names: Mapping[str, str], console: Console) -> None:
    """Print where the weapon stands, its timeline and its last mentions."""
    from flows.work.notify import plural

    if record.steps:
        console.print()
        console.print(timeline(record.steps, names))
        console.print(Text("  ".join(f"{mark} {words(stage)}" for stage, (mark, _) in MARKS.items()), style="dim"))
    if not record.sightings:
        console.print(Text("No article in the warehouse names it.", style="dim"))
        return
    mentions = Table.grid(padding=(0, 2))
    for each in record.sightings:
        mentions.add_row(f"{each.at:%Y-%m-%d}", Text(each.outlet or "–"), Text(each.title))
    console.print(Text(f"\nNamed in {plural(record.articles, 'article')}, last in", style="bold"))
    console.print(mentions)


def timeline(steps: Sequence["Step"], names: Mapping[str, str]) -> Table:
    """Return one row for each supplier and recipient: where it stands now, since when, and the way there."""
    first, last = min(step.since for step in steps), max(step.last_reported for step in steps)
    table = Table("from", "to", "now", "since", f"{first:%Y-%m-%d} to {last:%Y-%m-%d}", show_edge=False)
    for (supplier, recipient), way in groupby(steps, key=lambda step: (step.supplier, step.recipient)):
        taken = list(way)
        now = taken[-1]
        stands = f"{words(now.stage)}, a reversal" if now.reversal else words(now.stage)
        table.add_row(
            Text(named(supplier, names)),
            Text(named(recipient, names)),
            Text(stands, style=MARKS[now.stage][1]),
            f"{now.since:%Y-%m-%d}",
            chart(taken, first=first, last=last),
        )
    return table


def chart(steps: Iterable["Step"], *, first: datetime, last: datetime, width: int = CHART_WIDTH) -> Text:
    """Return the way of a weapon on a line from ``first`` to ``last``; of steps at one place the latest shows."""
    span = (last - first).total_seconds() or 1.0
    cells: dict[int, tuple[str, str]] = {}
    for step in steps:
        cells[int((step.since - first).total_seconds() / span * (width - 1))] = MARKS[step.stage]
    return Text.assemble(*(cells.get(place, ("·", "dim")) for place in range(width)))


def named(actor: str | None, names: Mapping[str, str]) -> str:
    """Return the name of an actor's id; a dash where no report says."""
    return names.get(actor, actor) if actor else "–"


def words(stage: str) -> str:
    """Return a stage as it is read."""
    return stage.replace("_", " ")
