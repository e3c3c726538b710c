"""What analysts know better: corrections made, and taken back.

A correction refers to claims, which are never deleted, and to places in article revisions, which never change. So it
holds however often the articles are read again (``warehouse.novelty.provenance``). Undoing it restores what was
before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import AlertKind
from warehouse.errors import CorrectionError
from warehouse.novelty.transfer_fixes import TRANSFER_KINDS, changes
from warehouse.rows import execute, given_id, insert_missing, select
from warehouse.stored_records import Correction, CorrectionKind
from warehouse.tables import corrected_transfers
from warehouse.tables.corrected_alerts import Reword, restore_alerts, reword_alerts
from warehouse.tables.correction_effects import (
    move,
    move_side,
    move_wordings,
    new_claim,
    say,
    settle,
    take_out,
    wordings_at,
)
from warehouse.tables.correction_rows import all_corrections, corrections_of, keep_places, record
from warehouse.tables.correction_targets import find_target, places_of
from warehouse.tables.signals import MERGE_ROWS, SIGNAL_TABLES


def mark_false(connection: DuckDBPyConnection, wanted: str, *, reason: str, by: str, now: datetime) -> Correction:
    """Mark a claim as a false positive: it leaves every view, and no longer counts as an earlier report.

    If ``wanted`` is one of several reports, only that one leaves the claim; the others still make it, and statements
    worded like any of them still join it.
    """
    target = find_target(connection, wanted)
    for earlier in corrections_of(connection, target.claim):
        if earlier.kind is CorrectionKind.FALSE_POSITIVE and target.claim == (earlier.other or earlier.claim):
            raise CorrectionError(f"{wanted} is already marked as a false positive: correction {earlier.id}")
    places = places_of(connection, target.claim)
    out = next((place for place in places if place["id"] == target.id), None) if target.is_report else None
    other = new_claim(connection, target, out, by=by, now=now) if out else None
    done = record(connection, CorrectionKind.FALSE_POSITIVE, target.claim, other=other, reason=reason, by=by, now=now)
    keep_places(connection, done, [out] if out else places)
    if out and other:
        take_out(connection, done, out)
    execute(connection, "UPDATE claims SET false_alarm = true WHERE id = $claim", claim=other or target.claim)
    settle(connection, {target.claim, other or target.claim})
    return done


def merge_claims(
    connection: DuckDBPyConnection, wanted: Sequence[str], *, reason: str, by: str, now: datetime
) -> list[Correction]:
    """Merge several claims into the one that was seen first."""
    targets = [find_target(connection, each) for each in wanted]
    kinds = sorted({target.kind for target in targets})
    if len(kinds) > 1:
        raise CorrectionError(f"only claims of one kind can be merged, and these are {' and '.join(kinds)}")
    claims = list(dict.fromkeys(target.claim for target in targets))
    if len(claims) == 1:
        raise CorrectionError(f"all of these are already claim {claims[0]}")
    kept, *gone = [
        row["id"]
        for row in select(
            connection,
            "SELECT id FROM claims WHERE id IN (FROM listed($claims)) ORDER BY first_seen, id",
            claims=claims,
        )
    ]
    return [_merge(connection, kept, each, reason=reason, by=by, now=now) for each in gone]


def _merge(connection: DuckDBPyConnection, kept: str, gone: str, *, reason: str, by: str, now: datetime) -> Correction:
    done = record(connection, CorrectionKind.MERGE, kept, other=gone, reason=reason, by=by, now=now)
    keep_places(connection, done, places_of(connection, gone))
    for change in MERGE_ROWS:
        execute(connection, change, merged=[{"gone": gone, "kept": kept}])
    execute(connection, "UPDATE claims SET merged_into = $kept WHERE id = $gone", kept=kept, gone=gone)
    settle(connection, {kept, gone})
    return done


def split_report(connection: DuckDBPyConnection, wanted: str, *, reason: str, by: str, now: datetime) -> Correction:
    """Take one report out of the claim it joined; later statements worded like it join the new claim."""
    target = find_target(connection, wanted)
    places = places_of(connection, target.claim)
    if len(places) == 1:
        raise CorrectionError(f"claim {target.claim} has only one report: there is nothing to split")
    if target.what not in SIGNAL_TABLES:
        reports = ", ".join(str(place["id"]) for place in places[:5])
        raise CorrectionError(
            f"{target.id} has {len(places)} reports; name the one to take out: {reports}{' …' if places[5:] else ''}"
        )
    out = next(place for place in places if place["id"] == target.id)
    other = new_claim(connection, target, out, by=by, now=now)
    done = record(connection, CorrectionKind.SPLIT, target.claim, other=other, reason=reason, by=by, now=now)
    keep_places(connection, done, [out])
    wordings = wordings_at(connection, done, claim=target.claim)
    take_out(connection, done, out)
    move_wordings(connection, wordings, gone=target.claim, kept=other)
    settle(connection, {target.claim, other})
    return done


def fix_speaker(
    connection: DuckDBPyConnection,
    wanted: str,
    *,
    speaker: str,
    speaker_id: str,
    side: str | None,
    reason: str,
    by: str,
    now: datetime,
) -> Correction:
    """Correct the speaker; if all reports of a claim are then by another side, the claim moves there."""
    target = find_target(connection, wanted)
    if target.kind != "new_statement":
        raise CorrectionError(f"{target.id} is a {target.kind}: only statements have a speaker")
    if target.is_report and side != target.side:
        raise CorrectionError(
            f"{target.id} is one of {target.reports} reports of claim {target.claim}, which is said for {target.side}: "
            f"name the claim to change all, or take this one out first: brinkwatch correct split {target.id}"
        )
    places = [
        place
        for place in places_of(connection, target.claim)
        if target.what not in SIGNAL_TABLES or place["id"] == target.id
    ]
    who = {"speaker": speaker, "speaker_id": speaker_id, "side": side}
    done = record(connection, CorrectionKind.SPEAKER, target.claim, reason=reason, by=by, now=now, **who)
    keep_places(connection, done, places)
    said = "speaker = corrections.speaker, speaker_id = corrections.speaker_id, side = corrections.side, role = NULL"
    say(connection, done, said)
    move_side(connection, done.claim, side or speaker_id)
    settle(connection, {done.claim})
    return done


def fix_transfer(
    connection: DuckDBPyConnection,
    wanted: str,
    *,
    kind: CorrectionKind,
    value: str | None = None,
    weapon: Mapping[str, Any] | None = None,
    reword: Reword,
    reason: str,
    by: str,
    now: datetime,
) -> Correction:
    """Correct a transfer: all reports of a claim, or the one that is named.

    They then make another claim: an existing one, or a new one for which no alert is raised. ``value`` is the right
    stage, side or weapon, None if it is unknown and for an exchange of the two sides; ``weapon`` is the row of a
    weapon that may not be stored yet; ``reword`` returns an alert as it reads after the correction.
    """
    target = find_target(connection, wanted)
    if target.kind != AlertKind.NEW_STAGE:
        raise CorrectionError(f"{target.id} is a {target.kind}: only transfers have a {kind}")
    claim = corrected_transfers.claim_at(connection, target.claim)[target.claim]
    if claim.false_alarm:
        raise CorrectionError(f"claim {claim.id} is marked as a false positive: undo that first")
    places = [place for place in places_of(connection, claim.id) if not target.is_report or place["id"] == target.id]
    _check_changes(wanted, kind, value, places)
    if weapon:
        insert_missing(connection, "weapons", [weapon], key="id")
    said = places[0] if target.is_report else corrected_transfers.base(claim, places)
    moved = corrected_transfers.destination(connection, {**said, **changes(kind, value, said)})
    other = None if kind is CorrectionKind.SUPPLIER or moved == claim.id else moved
    done = record(connection, kind, claim.id, other=other, value=value, reason=reason, by=by, now=now)
    keep_places(connection, done, places)
    if not target.is_report:
        reword_alerts(connection, done, places, reword=reword)
    corrected_transfers.put(connection, done, places, whole=not target.is_report)
    return done


def _check_changes(wanted: str, kind: CorrectionKind, value: str | None, places: Sequence[Mapping[str, Any]]) -> None:
    """Raise CorrectionError if nothing would change."""
    if kind is CorrectionKind.DIRECTION:
        if not any(place["supplier"] or place["recipient"] for place in places):
            raise CorrectionError(f"{wanted} names neither supplier nor recipient: there is nothing to exchange")
    elif all(place[kind.value] == value for place in places):
        raise CorrectionError(f"{kind} of {wanted} is already {value or 'unknown'}")


def undo_correction(connection: DuckDBPyConnection, wanted: str, *, now: datetime) -> Correction:
    """Undo a correction."""
    found = [each for each in all_corrections(connection) if each.id.startswith(given_id(wanted))]
    if len(found) != 1:
        known = ", ".join(each.id for each in found) or "see brinkwatch correct list"
        raise CorrectionError(f"{'no' if not found else 'more than one'} correction {wanted}: {known}")
    (done,) = found
    if done.undone_at:
        raise CorrectionError(f"correction {done.id} was undone on {done.undone_at:%Y-%m-%d}")
    later = [each.id for each in corrections_of(connection, done.claim, done.other) if each.made_at > done.made_at]
    if later:
        raise CorrectionError(f"correction {later[0]} was made later on the same claim: undo that first")
    execute(connection, "UPDATE corrections SET undone_at = $now WHERE id = $id", now=now, id=done.id)
    _restore(connection, done)
    return done


def _restore(connection: DuckDBPyConnection, done: Correction) -> None:
    if done.kind is CorrectionKind.FALSE_POSITIVE:
        execute(connection, "UPDATE claims SET false_alarm = false WHERE id = $id", id=done.other or done.claim)
    if done.kind is CorrectionKind.MERGE:
        execute(connection, "UPDATE claims SET merged_into = NULL WHERE id = $other", other=done.other)
        move(connection, done, gone=done.claim, kept=done.other or "")
    elif done.kind in {CorrectionKind.SPLIT, CorrectionKind.FALSE_POSITIVE} and done.other:
        execute(connection, "UPDATE claims SET merged_into = $c WHERE id = $o", c=done.claim, o=done.other)
        move(connection, done, gone=done.other, kept=done.claim)
    elif done.kind in TRANSFER_KINDS:
        corrected_transfers.take_back(connection, done)
        restore_alerts(connection, done)
    elif done.kind is CorrectionKind.SPEAKER:
        say(connection, done, "speaker = corrected.speaker, speaker_id = corrected.speaker_id, side = corrected.side")
        (before,) = select(
            connection,
            "SELECT min(coalesce(side, speaker_id, '')) AS side FROM corrected WHERE correction = $id",
            id=done.id,
        )
        move_side(connection, done.claim, before["side"])
    settle(connection, {claim for claim in (done.claim, done.other) if claim})
