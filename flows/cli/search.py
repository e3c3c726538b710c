"""``brinkwatch search``: words in the sentences in which something was found, and in the titles of articles."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from alerts.wording.excerpt import clean, excerpt
from alerts.wording.render import moment, safe_link, severity_text
from extractors.errors import BrinkwatchError
from extractors.records import Kind, Stage
from extractors.suggestions import did_you_mean, similar
from flows.cli.options import day_option
from flows.cli.output import Console
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from warehouse.search import Term
    from warehouse.stored_records import Row

SNIPPET = 240
"""Characters of a sentence that are shown."""
KINDS = (*Kind, *Stage, "article")


class NoSuchSideError(BrinkwatchError):
    """No list knows a side of this name."""


class NothingToFindError(BrinkwatchError):
    """A search without a word to look for."""


class Shape(StrEnum):
    """How what is found is printed."""

    TABLE = "table"
    JSON = "json"


def kind_named(name: str) -> str:
    """Return a kind as it is stored: ``"red line"`` is ``red_line``."""
    kind = name.strip().lower().replace(" ", "_").replace("-", "_")
    if kind not in set(KINDS):
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(KINDS)}")
    return kind


def stage_named(name: str) -> str:
    """Return a stage as it is stored: ``"use permitted"`` is ``use_permitted``."""
    stage = kind_named(name)
    if stage not in set(Stage):
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(Stage)}")
    return stage


def search(
    words: Annotated[str, typer.Argument(help='Words in any form, and "phrases in quotation marks".')],
    *,
    since: Annotated[datetime | None, day_option("Reported on this day or later.")] = None,
    until: Annotated[datetime | None, day_option("Reported before this day.")] = None,
    side: Annotated[
        list[str] | None, typer.Option(help="Who speaks, gives, gets or is spoken to: DE, Germany.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(parser=kind_named, metavar="KIND", help=f"Only these: {', '.join(KINDS)}.")
    ] = None,
    weapon: Annotated[list[str] | None, typer.Option(help="About this weapon: an id, a name or an alias.")] = None,
    before: Annotated[
        str | None,
        typer.Option(parser=stage_named, metavar="STAGE", help="Reported before the weapon was first so: delivered."),
    ] = None,
    texts: Annotated[bool, typer.Option("--texts", help="Look through whole articles too, which is slower.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The best so many.")] = 10,
    shape: Annotated[Shape, typer.Option("--format", "-f", help="How to print what is found.")] = Shape.TABLE,
) -> None:
    """Search what was said and done, and the titles of articles; the best first, each claim once.

    Sides, kinds and weapons may be given several times. Examples: brinkwatch search "F-16" --kind refused;
    brinkwatch search F-16 --weapon F-16 --before delivered; brinkwatch search '"red line" nuclear' --since 2026-11-01
    """
    from warehouse.search import Filters, find, terms

    settings, wanted = load_settings(), terms(words)
    if not wanted:
        raise NothingToFindError(f"{words!r} has no word to look for")
    if since and until and since >= until:
        raise typer.BadParameter(f"nothing is on or after {since:%Y-%m-%d} and before {until:%Y-%m-%d}")
    if before and not weapon:
        raise typer.BadParameter("--before needs --weapon: it is that weapon's stage")
    filters = Filters(
        since=since,
        until=until,
        sides=sides_named(settings, side or ()),
        kinds=kind or (),
        weapons=weapons_named(settings, weapon or ()),
        before=before or "",
        texts=texts,
    )
    show(find(settings.warehouse, wanted, filters=filters, limit=limit), wanted, shape)


def sides_named(settings: Settings, wanted: Collection[str]) -> list[str]:
    """Return ids and names of sides that are given by either; NoSuchSideError says what comes near."""
    if not wanted:
        return []
    from flows.steps.lexicon_names import names_of

    names = names_of(settings.seeds)
    by_name = {name.casefold(): identity for identity, name in names.items()} | {
        each.casefold(): each for each in names
    }
    found: list[str] = []
    for each in wanted:
        if each.casefold() not in by_name:
            near = similar(each, by_name, called={spelled: names[identity] for spelled, identity in by_name.items()})
            raise NoSuchSideError(f"no side is called {each or 'nothing'}{did_you_mean(near)}")
        identity = by_name[each.casefold()]
        found += [identity, names[identity]]
    return found


def weapons_named(settings: Settings, wanted: Collection[str]) -> list[str]:
    """Return the ids of weapons that are given by id, name or alias, with all of their families."""
    if not wanted:
        return []
    from extractors.weapons.lexicon import load_weapons
    from flows.cli.weapon import resolve, unlisted_names
    from warehouse.weapon_history import unlisted_systems

    listed = {each.id: each for each in load_weapons(settings.seeds).weapons}
    unlisted = unlisted_names(unlisted_systems(settings.warehouse))
    found = [
        resolve(each, {each.id: (each.name, *each.aliases) for each in listed.values()} | unlisted) for each in wanted
    ]
    families = {listed[each].family for each in found if each in listed} - {None}
    return [*found, *(each.id for each in listed.values() if each.family in families and each.id not in found)]


def show(found: Sequence["Row"], wanted: Sequence["Term"], shape: Shape) -> None:
    """Print what was found."""
    if shape is Shape.JSON:
        for row in found:
            print(json.dumps(row, default=datetime.isoformat, ensure_ascii=False))
        return
    console = Console()
    for row in found:
        console.print(block(row, wanted))
        console.print(Text(f"{safe_link(row['url']) or 'no address'}\n", style="dim"), soft_wrap=True)
    console.print(Text(f"{len(found)} found" if found else "Nothing found.", style="dim"))


def block(row: "Row", wanted: Sequence["Term"]) -> Text:
    """Return what is shown of one thing: who and what, the sentence with the words marked, and where it stands."""
    times = f"{row['articles']} articles, one of " if row["articles"] > 1 else ""
    source = (
        f"{times}{clean(row['outlet'] or 'outlet unknown')} ({row['ownership'] or 'ownership unknown'}), "
        f"{moment(row['reported_at'])}, article {row['article']}"
    )
    lines = [
        Text(about(row), style="bold"),
        snippet(row["sentence"], wanted),
        Text(source, style="dim"),
    ]
    return Text("\n").join(lines)


def about(row: "Row") -> str:
    """Return what sort of thing was found, and between whom."""
    severity = f"  {severity_text(row['severity'])}" if row["severity"] else ""
    weapon = f": {row['weapon']}" if row["weapon"] else ""
    who = row["who"] or ""
    way = " → ".join(row[end] or "?" for end in ("side", "addressee")) if row["side"] or row["addressee"] else ""
    return clean(" · ".join(filter(None, (row["kind"].replace("_", " ") + weapon, who, way))) + severity)


def snippet(sentence: str, wanted: Sequence["Term"]) -> Text:
    """Return the part of a sentence in which the words are, with the words marked."""
    marks = [match.span() for term in wanted for match in term.in_python.finditer(sentence)]
    text, spans = excerpt(sentence, (0, len(sentence)), marks, limit=SNIPPET)
    shown = Text("  " + text)
    for start, end in spans:
        shown.stylize("reverse", start + 2, end + 2)
    return shown
