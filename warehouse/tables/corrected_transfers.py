"""Transfers and their claims as an analyst corrected them, and as they were before."""

from collections.abc import Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import AlertKind, Stage
from warehouse.novelty.claims import Claim, id_after_wrong, wrong_on_the_way
from warehouse.novelty.provenance import overlaps
from warehouse.novelty.stages import stage_id
from warehouse.novelty.transfer_fixes import KEPT, READ, changes
from warehouse.rows import execute, select
from warehouse.stored_records import Correction, Row
from warehouse.tables.held_claims import CLAIM_COLUMNS
from warehouse.tables.signal_rows import PLOVER

_SET = ", ".join(f"{name} = $to_{name}" for name in KEPT)
_SAME = " AND ".join(f"transfers.{name} IS NOT DISTINCT FROM $from_{name}" for name in READ)


def claim_at(connection: DuckDBPyConnection, claim: str) -> dict[str, Claim]:
    """Return a claim and those it was merged into, by id; nothing if there is none."""
    rows = select(
        connection,
        f"""
        WITH RECURSIVE way(id) AS (
            SELECT $claim
            UNION SELECT merged_into FROM claims JOIN way USING (id) WHERE merged_into IS NOT NULL
        )
        SELECT {CLAIM_COLUMNS} FROM claims SEMI JOIN way USING (id)
        """,  # noqa: S608 - from the record
        claim=claim,
    )
    return {row["id"]: Claim(**{**row, "kind": AlertKind(row["kind"])}) for row in rows}


def destination(connection: DuckDBPyConnection, said: Row) -> str:
    """Return the id of the claim that these values make, whether or not there is one yet."""
    wanted = stage_id((said["weapon"], said["recipient"] or "", said["stage"]))
    while way := claim_at(connection, wanted):
        if not wrong_on_the_way(way[wanted], way):
            return next(claim.id for claim in way.values() if claim.merged_into is None)
        wanted = id_after_wrong(wanted)
    return wanted


def put(connection: DuckDBPyConnection, done: Correction, places: Sequence[Row], *, whole: bool) -> None:
    """Correct the transfers at ``places``; with ``whole``, they are all the transfers of their claim."""
    for place in places:
        after = {**place, **changes(done.kind, done.value, place)}
        execute(
            connection,
            f"UPDATE transfers SET {_SET}, plover = $plover, claim = $claim WHERE id = $id",  # noqa: S608 - constants
            id=place["id"],
            claim=done.other or done.claim,
            plover=PLOVER[Stage(after["stage"])],
            **{f"to_{name}": after[name] for name in KEPT},
        )
    if done.other:
        _make_claim(connection, done, places)
    if whole and done.other:
        execute(
            connection,
            "UPDATE claims SET misread = true, merged_into = $other WHERE id = $claim",
            claim=done.claim,
            other=done.other,
        )
    _settle_supplier(connection, done.claim)


def base(claim: Claim, places: Sequence[Row]) -> dict[str, Any]:
    """Return what a claim says, with the sides that its reports add."""
    told = {name: next((place[name] for place in places if place[name]), None) for name in ("supplier", "recipient")}
    return {
        "weapon": claim.weapon,
        "supplier": claim.supplier or told["supplier"],
        "recipient": claim.recipient or told["recipient"],
        "stage": claim.stage,
    }


def _make_claim(connection: DuckDBPyConnection, done: Correction, places: Sequence[Row]) -> None:
    """Create the claim of corrected reports, if there is none yet."""
    (claim,) = (each for each in claim_at(connection, done.claim).values() if each.id == done.claim)
    said = base(claim, places)
    said |= changes(done.kind, done.value, said)
    execute(
        connection,
        """
        INSERT INTO claims BY NAME
        SELECT $other AS id, $why AS why, $article AS article, $weapon AS weapon, $supplier AS supplier,
            $recipient AS recipient, $stage AS stage,
            * EXCLUDE (id, why, article, weapon, supplier, recipient, stage)
        FROM claims WHERE id = $claim AND NOT EXISTS (FROM claims WHERE id = $other)
        """,
        claim=done.claim,
        other=done.other,
        why=_why(done),
        article=_first(connection, done.claim, places)["article"],
        **{name: said[name] for name in READ},
    )


def _settle_supplier(connection: DuckDBPyConnection, claim: str) -> None:
    """Set the supplier of a claim to that of its first stored report."""
    execute(
        connection,
        """
        UPDATE claims SET supplier = first.supplier
        FROM (
            SELECT transfers.claim, arg_min_null(transfers.supplier, span_start) AS supplier
            FROM transfers JOIN claims ON claims.id = transfers.claim AND claims.article = transfers.article
            WHERE transfers.claim = $claim GROUP BY transfers.claim
        ) AS first
        WHERE claims.id = first.claim
        """,
        claim=claim,
    )


def _why(done: Correction) -> str:
    return f"correction {done.id} of claim {done.claim}"


def _first(connection: DuckDBPyConnection, claim: str, places: Sequence[Row]) -> Row:
    """Return the report in the article that brought the claim, or else the first one."""
    (row,) = select(connection, "SELECT article FROM claims WHERE id = $claim", claim=claim)
    return next((place for place in places if place["article"] == row["article"]), places[0])


def take_back(connection: DuckDBPyConnection, done: Correction) -> None:
    """Restore the transfers and their claim as they were before."""
    places = select(connection, "SELECT * FROM corrected WHERE correction = $id", id=done.id)
    for place in places:
        after = {**place, **changes(done.kind, done.value, place)}
        execute(
            connection,
            f"""
            UPDATE transfers SET {_SET}, plover = $plover, claim = $claim
            FROM corrected
            WHERE correction = $id AND corrected.article = $article AND corrected.span_start = $start
                AND {overlaps("transfers", "corrected")} AND {_SAME} AND transfers.claim = $now_claim
            """,  # noqa: S608 - constants
            id=done.id,
            article=place["article"],
            start=place["span_start"],
            claim=done.claim,
            now_claim=done.other or done.claim,
            plover=PLOVER[Stage(place["stage"])],
            **{f"to_{name}": place[name] for name in KEPT},
            **{f"from_{name}": after[name] for name in READ},
        )
    if done.other:
        _unmake_claim(connection, done)
    _settle_supplier(connection, done.claim)


def _unmake_claim(connection: DuckDBPyConnection, done: Correction) -> None:
    """Separate the claim again; delete the one that the correction created, unless others make it by now."""
    execute(
        connection,
        "UPDATE claims SET misread = false, merged_into = NULL WHERE id = $claim AND merged_into = $other",
        claim=done.claim,
        other=done.other,
    )
    execute(
        connection,
        """
        DELETE FROM claims WHERE id = $other AND why = $why
            AND id NOT IN (SELECT claim FROM transfers WHERE claim IS NOT NULL)
            AND id NOT IN (SELECT merged_into FROM claims WHERE merged_into IS NOT NULL)
        """,
        other=done.other,
        why=_why(done),
    )
