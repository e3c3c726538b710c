"""``brinkwatch correct``: corrections by analysts, kept for good and exported for training."""

import getpass
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column
from rich.text import Text

from extractors.records import Alert
from flows.cli.correction_values import UNKNOWN, side_named, speaker_named, stage_of, weapon_named
from flows.cli.output import Console, compact, print_json, stacked
from flows.cli.warehouse_access import opened
from flows.settings import load_settings
from warehouse.stored_records import CorrectionKind

if TYPE_CHECKING:
    from alerts.policy.severity_scale import Scale
    from warehouse.store import Warehouse
    from warehouse.stored_records import Correction
    from warehouse.tables.corrected_alerts import Corrected

correct = typer.Typer(
    help="Correct what was misread: claims, their reports, speakers and transfers. "
    "Corrections last when articles are read again, update messages that were sent, and can be undone.",
    no_args_is_help=True,
)

Wanted = Annotated[
    str, typer.Argument(metavar="ID", help="Id of an alert, claim, red line or report, or the beginning of it.")
]
Reason = Annotated[str, typer.Option(help="Why; shown to whoever asks later.")]
By = Annotated[str, typer.Option(help="Who makes the correction.", default_factory=getpass.getuser, show_default="you")]
Transferred = Annotated[
    str, typer.Argument(metavar="ID", help="Id of an alert, claim or transfer, or the beginning of it.")
]
SideName = Annotated[
    str,
    typer.Argument(metavar="NAME", help='A state, alliance or group, by name, capital, code or slug; or "unknown".'),
]


@correct.command("false-positive")
def false_positive(wanted: Wanted, by: By, reason: Reason = "") -> None:
    """Mark a claim that nobody made: it leaves every view and no longer counts as an earlier report.

    The id of an alert, claim or red line means all its reports; that of one statement or transfer, that report alone.
    The next cycle updates the message that was sent; copies of its articles raise no alert.
    Example: brinkwatch correct false-positive 1f3a --reason "a video game"
    """
    from warehouse.tables.corrections import mark_false

    warehouse = opened(load_settings())
    with warehouse.transaction() as tx:
        done = mark_false(tx, wanted, reason=reason, by=by, now=datetime.now(UTC))
    what = f"One report of claim {done.claim}" if done.other else f"Claim {done.claim}"
    publish_correction(warehouse, f"{what} is marked as a false positive", [done])


@correct.command()
def merge(
    wanted: Annotated[list[str], typer.Argument(metavar="ID ID…", help="Ids of the claims that are one.")],
    by: By,
    reason: Reason = "",
) -> None:
    """Merge several claims into the one that was seen first."""
    from warehouse.tables.corrections import merge_claims

    warehouse = opened(load_settings())
    with warehouse.transaction() as tx:
        done = merge_claims(tx, wanted, reason=reason, by=by, now=datetime.now(UTC))
    publish_correction(warehouse, f"Merged into claim {done[0].claim}", done)


@correct.command()
def split(
    wanted: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the report to take out; of a claim, to list its reports.")
    ],
    by: By,
    reason: Reason = "",
) -> None:
    """Take one report out of the claim it joined; no alert is raised for it."""
    from warehouse.tables.corrections import split_report

    warehouse = opened(load_settings())
    with warehouse.transaction() as tx:
        done = split_report(tx, wanted, reason=reason, by=by, now=datetime.now(UTC))
    publish_correction(warehouse, f"The report now makes claim {done.other}", [done])


@correct.command()
def speaker(
    wanted: Wanted,
    name: Annotated[
        str, typer.Argument(help="Who said it: a name or id in seeds/actors.jsonl, or any name together with --side.")
    ],
    by: By,
    side: Annotated[str | None, typer.Option(help="The side of a speaker who is not listed: RU, nato.")] = None,
    reason: Reason = "",
) -> None:
    """Set who said it; the claim moves to that speaker's side.

    Example: brinkwatch correct speaker 1f3a "Sergey Lavrov"
    """
    from warehouse.tables.corrections import fix_speaker

    settings, warehouse = load_settings(), opened(load_settings())
    said_by, speaker_id, its_side = speaker_named(settings, name, side)
    now = datetime.now(UTC)
    with warehouse.transaction() as tx:
        done = fix_speaker(
            tx, wanted, speaker=said_by, speaker_id=speaker_id, side=its_side, reason=reason, by=by, now=now
        )
    publish_correction(warehouse, f"Claim {done.claim} is now said by {said_by}, for {its_side}", [done])


@correct.command()
def stage(
    wanted: Transferred,
    to: Annotated[
        str,
        typer.Argument(
            metavar="STAGE",
            help="requested, considered, refused, pledged, delivered, suspended, use_permitted, use_refused or used.",
        ),
    ],
    by: By,
    reason: Reason = "",
) -> None:
    """Set how far a transfer has come.

    The id of an alert or claim means all its reports; that of one transfer, that report alone. The reports now make
    the claim that the new stage stands for; the misread stage counts as new when it is really reported.
    Example: brinkwatch correct stage 1f3a pledged --reason "a promise only"
    """
    value = stage_of(to)
    transfer(wanted, CorrectionKind.STAGE, value, said=f"is {value}", by=by, reason=reason)


@correct.command()
def supplier(wanted: Transferred, name: SideName, by: By, reason: Reason = "") -> None:
    """Set who supplies a weapon, or that this is unknown.

    Example: brinkwatch correct supplier 1f3a Poland
    """
    side, called = side_named(load_settings(), name)
    transfer(wanted, CorrectionKind.SUPPLIER, side, said=f"comes from {called}", by=by, reason=reason)


@correct.command()
def recipient(wanted: Transferred, name: SideName, by: By, reason: Reason = "") -> None:
    """Set who receives or uses a weapon, or that this is unknown.

    Example: brinkwatch correct recipient 1f3a "South Sudan"
    """
    side, called = side_named(load_settings(), name)
    transfer(wanted, CorrectionKind.RECIPIENT, side, said=f"goes to {called}", by=by, reason=reason)


@correct.command()
def weapon(
    wanted: Transferred,
    name: Annotated[str, typer.Argument(help="A name, alias or id in seeds/weapons.jsonl or weapon_classes.jsonl.")],
    by: By,
    reason: Reason = "",
) -> None:
    """Set which weapon a transfer is about.

    Example: brinkwatch correct weapon 1f3a "Leopard 2"
    """
    row = weapon_named(load_settings(), name)
    said = f"is about {row['name']}"
    transfer(wanted, CorrectionKind.WEAPON, str(row["id"]), said=said, weapon=row, by=by, reason=reason)


@correct.command()
def direction(wanted: Transferred, by: By, reason: Reason = "") -> None:
    """Exchange supplier and recipient.

    Example: brinkwatch correct direction 1f3a --reason "Ukraine asked Germany"
    """
    transfer(wanted, CorrectionKind.DIRECTION, None, said="goes the other way", by=by, reason=reason)


@correct.command("list")
def list_() -> None:
    """List all corrections, the latest first."""
    from warehouse.tables.correction_rows import all_corrections

    with opened(load_settings()).transaction() as tx:
        found = all_corrections(tx)
    table = compact(Column("made", no_wrap=True), Column("what", ratio=1), Column("id\nclaim", no_wrap=True))
    for each in found:
        undone = f", undone {each.undone_at:%Y-%m-%d}" if each.undone_at else ""
        made = stacked(f"{each.made_at:%Y-%m-%d %H:%M}", each.made_by)
        table.add_row(made, stacked(said(each) + undone, each.reason), stacked(each.id, each.claim))
    Console().print(table if found else "Nothing was corrected yet.")


@correct.command()
def undo(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="Id of a correction, or the beginning of it.")],
) -> None:
    """Undo a correction: everything is as it was before."""
    from warehouse.tables.corrections import undo_correction

    warehouse = opened(load_settings())
    with warehouse.transaction() as tx:
        done = undo_correction(tx, wanted, now=datetime.now(UTC))
    warehouse.publish()
    Console(stderr=True).print(Text(f"Undone: {said(done)} of claim {done.claim}.", style="dim"))


@correct.command()
def export(
    texts: Annotated[
        bool, typer.Option("--with-text", help="Include the sentences, to use the examples anywhere.")
    ] = False,
) -> None:
    """Print training examples from the corrections of statements, one JSON object per line.

    A false positive is labelled "other"; what was merged, split or given another speaker is a statement.
    """
    from extractors.text.boundaries import fingerprint, sentences_in
    from warehouse.tables.correction_rows import correction_labels

    with opened(load_settings()).transaction() as tx:
        labels = correction_labels(tx)
    for label in labels:
        text = next(
            (label.document[start:end] for start, end in sentences_in(label.document) if start <= label.start < end),
            label.document[label.start : label.end],
        )
        row = {"sentence": fingerprint(text), "label": label.label, "sure": True}
        print_json(row | ({"text": text} if texts else {}))


def publish_correction(warehouse: "Warehouse", what: str, done: "Sequence[Correction]") -> None:
    """Publish the correction, and say how to undo it."""
    warehouse.publish()
    ids = " and ".join(each.id for each in done)
    Console(stderr=True).print(Text(f"{what}. To undo: brinkwatch correct undo {ids}", style="dim"))


def said(done: "Correction") -> str:
    """Return a correction in words."""
    words: Mapping[str, str] = {
        "false_positive": "false positive",
        "merge": f"merged with {done.other}",
        "split": f"{done.other} split off",
        "speaker": f"said by {done.speaker}",
        "direction": "supplier and recipient exchanged",
    }
    if done.kind == CorrectionKind.FALSE_POSITIVE and done.other:
        return f"false positive: report {done.other}"
    if done.kind.value not in words:
        return f"{done.kind} is {done.value or UNKNOWN}"
    return words[done.kind]


def transfer(
    wanted: str,
    kind: CorrectionKind,
    value: str | None,
    *,
    said: str,
    by: str,
    reason: str,
    weapon: Mapping[str, Any] | None = None,
) -> None:
    """Correct a transfer, and report the outcome."""
    from functools import partial

    from alerts.policy.severity_scale import load_scale
    from flows.steps.lexicon_names import names_of
    from warehouse.tables.corrections import fix_transfer

    settings = load_settings()
    warehouse = opened(settings)
    reword = partial(reworded, names=names_of(settings.seeds), scale=load_scale(settings.seeds))
    now = datetime.now(UTC)
    with warehouse.transaction() as tx:
        done = fix_transfer(
            tx, wanted, kind=kind, value=value, weapon=weapon, reword=reword, reason=reason, by=by, now=now
        )
    joined = f"; what it says now is claim {done.other}" if done.other else ""
    publish_correction(warehouse, f"Claim {done.claim} {said}{joined}", [done])


def reworded(alert: Alert, corrected: "Corrected", *, names: Mapping[str, str], scale: "Scale") -> Alert:
    """Return an alert as it reads after its transfer was corrected."""
    from alerts.policy import decision

    return decision.corrected(
        alert,
        before=corrected.before,
        after=corrected.after,
        weapon=corrected.weapon,
        by=corrected.by,
        names=names,
        scale=scale,
    )
