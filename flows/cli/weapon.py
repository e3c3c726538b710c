"""``brinkwatch weapon``: a system's facts, aliases, transfers and timeline, and who mentioned it last."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from extractors.counts import plural
from extractors.errors import BrinkwatchError
from extractors.records import Stage
from extractors.suggestions import did_you_mean, similar
from flows.cli.output import Console
from flows.phrases import stage_name
from flows.settings import load_settings

if TYPE_CHECKING:
    from extractors.weapons.lexicon import Weapon
    from warehouse.weapon_history import Step, WeaponHistory

CHART_WIDTH = 40
"""Columns of the chart where there is room."""
LEAST_CHART = len("2026-01-01")
"""Columns of the chart in a narrow terminal: those of a date in its heading."""

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
    """No list and no article has a weapon of this name."""


def weapon(name: Annotated[str, typer.Argument(help="A name, alias or id: Taurus, kh-101, 'Storm Shadow'.")]) -> None:
    """Show a weapon system: facts, aliases, transfers with their timeline, and the last mentions.

    The name of a family shows all its variants. Example: brinkwatch weapon "Storm Shadow"
    """
    from extractors.weapons.lexicon import load_weapons
    from flows.steps.lexicon_names import names_of
    from warehouse.publish import published_at
    from warehouse.weapon_history import history_of, unlisted_systems

    settings, console = load_settings(), Console()
    published = published_at(settings.warehouse) is not None
    listed = {each.id: each for each in load_weapons(settings.seeds).weapons}
    unlisted = unlisted_systems(settings.warehouse) if published else {}
    found = resolve(name, {each.id: (each.name, *each.aliases) for each in listed.values()} | unlisted_names(unlisted))
    facts = listed.get(found)
    console.print(facts_of(facts, listed) if facts else unlisted_facts(*unlisted[found]))
    if not published:
        console.print(Text("Nothing is published yet. Next: brinkwatch run", style="dim"))
        return
    variants = [each.id for each in listed.values() if each.family == found and each.id != found]
    show_record(history_of(settings.warehouse, found, *variants), names_of(settings.seeds), console)


def unlisted_names(unlisted: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the names, by id, of systems that only articles mention."""
    return {weapon: (name,) for weapon, (name, _) in unlisted.items()}


def resolve(wanted: str, names: Mapping[str, Sequence[str]]) -> str:
    """Return the id of the one weapon called ``wanted``; NoSuchWeaponError suggests similar ones."""
    key = folded(wanted)
    for place in (lambda weapon: [weapon], lambda weapon: names[weapon][:1], lambda weapon: names[weapon][1:]):
        matches = [weapon for weapon in names if key in map(folded, place(weapon))]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise NoSuchWeaponError(f"several weapons are called {wanted}; name one: {', '.join(sorted(matches))}")
    hint = did_you_mean(near_names(key, names), otherwise="see seeds/weapons.jsonl for all that are listed")
    raise NoSuchWeaponError(f"no weapon is called {wanted or 'nothing'}{hint}")


def near_names(key: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return up to five names that are spelled like ``key`` or begin like it."""
    spelled = {folded(alias): called[0] for called in names.values() for alias in called}
    begun = [alias for alias in sorted(spelled) if key and alias.startswith(key)]
    return list(dict.fromkeys([*similar(key, spelled, called=spelled, most=5), *map(spelled.__getitem__, begun)]))[:5]


def folded(name: str) -> str:
    """Return a name without case, spaces and hyphens."""
    return re.sub(r"[\W_]+", "", name.casefold())


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
    """Return what is known of a system that only articles mention."""
    return card(name, {"category": category.replace("_", " "), "": "Not listed: known from articles only."})


def card(name: str, facts: Mapping[str, str | None]) -> Table:
    """Return the known facts as a table."""
    table = Table("", "", title=name, title_justify="left", title_style="bold", show_header=False, show_edge=False)
    for fact, value in facts.items():
        if value:
            table.add_row(Text(fact, style="dim"), Text(value))
    return table


def show_record(history: "WeaponHistory", names: Mapping[str, str], console: Console) -> None:
    """Print the transfers of the weapon, their timeline and the last mentions."""
    if history.steps:
        console.print()
        console.print(fitting_timeline(history.steps, names, console))
        console.print(Text("  ".join(f"{mark} {stage_name(stage)}" for stage, (mark, _) in MARKS.items()), style="dim"))
    if not history.sightings:
        console.print(Text("No article in the warehouse mentions it.", style="dim"))
        return
    mentions = Table.grid(padding=(0, 2))
    for each in history.sightings:
        mentions.add_row(f"{each.at:%Y-%m-%d}", Text(each.outlet or "–"), Text(each.title))
    console.print(Text(f"\nMentioned in {plural(history.articles, 'article')}, last in", style="bold"))
    console.print(mentions)


def fitting_timeline(steps: Sequence["Step"], names: Mapping[str, str], console: Console) -> Table:
    """Return the timeline with a chart that fits ``console``: one that is cut loses the latest stages."""
    whole = timeline(steps, names)
    missing = (
        console.measure(whole, options=console.options.update(max_width=10 * console.width)).maximum - console.width
    )
    return timeline(steps, names, width=max(LEAST_CHART, CHART_WIDTH - missing)) if missing > 0 else whole


def timeline(steps: Sequence["Step"], names: Mapping[str, str], *, width: int = CHART_WIDTH) -> Table:
    """Return one row per supplier and recipient: the present stage, since when, and a chart of the stages before."""
    first, last = min(step.since for step in steps), max(step.last_reported for step in steps)
    several = len({step.weapon for step in steps}) > 1
    columns = (*(["system"] if several else []), "from", "to", "now", "since", f"{first:%Y-%m-%d} to {last:%Y-%m-%d}")
    table = Table(*columns, show_edge=False)
    ways = groupby(steps, key=lambda step: (step.weapon, step.supplier, step.recipient))
    for (weapon, supplier, recipient), way in ways:
        taken = list(way)
        now = next((step for step in reversed(taken) if not step.background), taken[-1])
        told = ", a reversal" if now.reversal else ", reported as past" if now.background else ""
        table.add_row(
            *([Text(weapon)] if several else []),
            Text(named(supplier, names)),
            Text(named(recipient, names)),
            Text(stage_name(now.stage) + told, style=MARKS[now.stage][1]),
            f"{now.since:%Y-%m-%d}",
            chart(taken, first=first, last=last, width=width),
        )
    return table


def chart(steps: Iterable["Step"], *, first: datetime, last: datetime, width: int = CHART_WIDTH) -> Text:
    """Return the stages on a line from ``first`` to ``last``; where several fall on one place, the latest is shown.

    Stages that are only reported as past are dim.
    """
    span = (last - first).total_seconds() or 1.0
    cells: dict[int, tuple[str, str]] = {}
    for step in steps:
        cells[int((step.since - first).total_seconds() / span * (width - 1))] = _mark(step)
    return Text.assemble(*(cells.get(place, ("·", "dim")) for place in range(width)))


def _mark(step: "Step") -> tuple[str, str]:
    mark, style = MARKS[step.stage]
    return mark, "dim" if step.background else style


def named(actor: str | None, names: Mapping[str, str]) -> str:
    """Return the name of an actor, or a dash if no report names one."""
    return names.get(actor, actor) if actor else "–"
