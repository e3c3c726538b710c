"""``brinkwatch correct``: what analysts know better than the machine, kept for good and fed back to its training."""

import getpass
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractors.errors import BrinkwatchError
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from warehouse.records import Correction
    from warehouse.store import Warehouse

correct = typer.Typer(
    help="Correct what was read wrongly: claims, their reports, their speakers. Kept when articles are read again.",
    no_args_is_help=True,
)

Wanted = Annotated[
    str, typer.Argument(metavar="ID", help="Of an alert, claim, red line or report; its beginning will do.")
]
Reason = Annotated[str, typer.Option(help="Why, for those who ask later.")]
By = Annotated[str, typer.Option(help="Who says so.", default_factory=getpass.getuser, show_default="you")]


class NoSuchSpeakerError(BrinkwatchError):
    """Nobody of this name is listed, and no side was given."""


@correct.command("false-positive")
def false_positive(wanted: Wanted, by: By, reason: Reason = "") -> None:
    """Mark a claim that nobody made: it leaves every view and counts no more as an earlier report.

    A message that told it is corrected in place by the next cycle; copies of its articles stay silent.
    Example: brinkwatch correct false-positive 1f3a --reason "a video game"
    """
    warehouse = opened()
    done = warehouse.mark_false(wanted, reason=reason, by=by, now=datetime.now(UTC))
    told(warehouse, f"Claim {done.claim} is marked as a false positive", [done])


@correct.command()
def merge(
    wanted: Annotated[list[str], typer.Argument(metavar="ID ID…", help="Claims that are one: ids, as above.")],
    by: By,
    reason: Reason = "",
) -> None:
    """Make several claims one: the one that was first seen."""
    warehouse = opened()
    done = warehouse.merge(wanted, reason=reason, by=by, now=datetime.now(UTC))
    told(warehouse, f"All is claim {done[0].claim} now", done)


@correct.command()
def split(
    wanted: Annotated[
        str, typer.Argument(metavar="ID", help="The report to take out; of a claim, to see its reports.")
    ],
    by: By,
    reason: Reason = "",
) -> None:
    """Take one report out of the claim it joined; no alert is made for it."""
    warehouse = opened()
    done = warehouse.split(wanted, reason=reason, by=by, now=datetime.now(UTC))
    told(warehouse, f"It makes claim {done.other} of its own now", [done])


@correct.command()
def speaker(
    wanted: Wanted,
    name: Annotated[
        str, typer.Argument(help="Who said it: a name or id of seeds/actors.jsonl, or any name with --side.")
    ],
    by: By,
    side: Annotated[str | None, typer.Option(help="For whom somebody speaks who is not listed: RU, nato.")] = None,
    reason: Reason = "",
) -> None:
    """Say who really said it; the claim moves to that speaker's side.

    Example: brinkwatch correct speaker 1f3a "Sergey Lavrov"
    """
    settings, warehouse = load_settings(), opened()
    said_by, speaker_id, its_side = resolve(settings, name, side)
    done = warehouse.fix_speaker(
        wanted, speaker=said_by, speaker_id=speaker_id, side=its_side, reason=reason, by=by, now=datetime.now(UTC)
    )
    told(warehouse, f"{said_by} says claim {done.claim} now, for {its_side}", [done])


@correct.command("list")
def list_() -> None:
    """List all corrections, the latest first."""
    table = Table("made", "by", "what", "claim", "id", "reason", show_edge=False)
    for each in opened().corrections():
        undone = f", undone {each.undone_at:%Y-%m-%d}" if each.undone_at else ""
        table.add_row(
            f"{each.made_at:%Y-%m-%d %H:%M}",
            Text(each.made_by),
            Text(said(each) + undone),
            each.claim,
            each.id,
            Text(each.reason),
        )
    Console().print(table)


@correct.command()
def undo(wanted: Annotated[str, typer.Argument(metavar="ID", help="Of a correction; its beginning will do.")]) -> None:
    """Take a correction back: all is as it was before."""
    warehouse = opened()
    done = warehouse.undo_correction(wanted, now=datetime.now(UTC))
    warehouse.publish()
    Console(stderr=True).print(Text(f"Undone: {said(done)} of claim {done.claim}.", style="dim"))


@correct.command()
def export(
    texts: Annotated[
        bool, typer.Option("--with-text", help="Add each sentence itself, to learn from it anywhere.")
    ] = False,
) -> None:
    """Print what the corrections teach, one JSON object a line, as extractors/training/labels.jsonl holds them.

    A false positive is "other"; what was merged, split or given another speaker was a statement indeed.
    """
    from extractors.sentences import build_nlp
    from extractors.training.statements import fingerprint

    nlp = build_nlp()
    for label in opened().labels():
        text = next(
            (one.text.strip() for one in nlp(label.document).sents if one.start_char <= label.start < one.end_char),
            label.document[label.start : label.end],
        )
        row = {"sentence": fingerprint(text), "label": label.label, "sure": True}
        print(json.dumps(row | ({"text": text} if texts else {}), ensure_ascii=False))


def opened() -> "Warehouse":
    """Return the warehouse, brought up to date."""
    from warehouse.errors import WarehouseMissingError
    from warehouse.store import Warehouse

    path = load_settings().warehouse
    if not path.exists():
        raise WarehouseMissingError(path, "there is nothing to correct yet; run a cycle first: brinkwatch run")
    warehouse = Warehouse(path)
    warehouse.migrate()
    return warehouse


def told(warehouse: "Warehouse", what: str, done: "Sequence[Correction]") -> None:
    """Publish what was corrected, and say how it is taken back."""
    warehouse.publish()
    ids = " and ".join(each.id for each in done)
    Console(stderr=True).print(Text(f"{what}. To take it back: brinkwatch correct undo {ids}", style="dim"))


def said(done: "Correction") -> str:
    """Say what a correction says."""
    words: Mapping[str, str] = {
        "false_positive": "false positive",
        "merge": f"merged with {done.other}",
        "split": f"{done.other} split off",
        "speaker": f"said by {done.speaker}",
    }
    return words[done.kind]


def resolve(settings: Settings, name: str, side: str | None) -> tuple[str, str, str]:
    """Return name, id and side of a speaker; NoSuchSpeakerError says who comes near."""
    from extractors.actors import ActorFinder

    finder = ActorFinder(settings.seeds)
    names = {each.id: each.name for each in finder.actors} | {each.id: each.name for each in finder.places}
    found = finder.resolve(names.get(name, name))
    if found and (side or found.side):
        return found.name, found.actor, side or found.side or ""
    if side:
        return name, "-".join(name.casefold().split()), side
    near = get_close_matches(name, names.values(), n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else "nobody listed has a name like it."
    raise NoSuchSpeakerError(f"{name} is not listed: {hint} Or say for whom: --side RU")
