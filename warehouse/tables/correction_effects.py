"""What follows from a correction: in signals, claims, their wordings, the ledger, and alerts not yet sent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Kind, Speech, Statement, content_id
from warehouse.novelty.provenance import overlaps
from warehouse.novelty.statement_similarity import Wording, wording_of
from warehouse.rows import execute, insert_missing, select
from warehouse.stored_records import Correction
from warehouse.tables.correction_targets import Target
from warehouse.tables.red_lines import save_red_lines
from warehouse.tables.signals import SIGNAL_TABLES


def new_claim(connection: DuckDBPyConnection, target: Target, out: Mapping[str, Any], *, by: str, now: datetime) -> str:
    """Create a claim like that of ``target`` for the one report that is taken ``out`` of it; return its id."""
    other = content_id("split", target.claim, target.id, now)
    execute(
        connection,
        """
        INSERT INTO claims BY NAME
        SELECT $other AS id, $why AS why, $article AS article, $now AS first_seen,
            * EXCLUDE (id, why, article, first_seen, merged_into)
        FROM claims WHERE id = $claim
        """,
        other=other,
        why=f"taken out of claim {target.claim} by {by}",
        article=out["article"],
        now=now,
        claim=target.claim,
    )
    return other


def take_out(connection: DuckDBPyConnection, done: Correction, out: Mapping[str, Any]) -> None:
    """Assign the claim that was taken out to one signal, but not to others in its sentence."""
    execute(
        connection,
        f"UPDATE {out['signal']} SET claim = $other WHERE id = $id",  # noqa: S608 - one of SIGNAL_TABLES
        other=done.other,
        id=out["id"],
    )


def move(connection: DuckDBPyConnection, done: Correction, *, gone: str, kept: str) -> None:
    """Move the signals at the places of a correction, and their wordings, to another claim."""
    wordings = wordings_at(connection, done, claim=gone)
    for table in SIGNAL_TABLES:
        execute(
            connection,
            f"""
            UPDATE {table} SET claim = $kept FROM corrected
            WHERE correction = $id AND signal = '{table}' AND claim = $gone AND {overlaps(table, "corrected")}
            """,  # noqa: S608 - constants
            id=done.id,
            kept=kept,
            gone=gone,
        )
    move_wordings(connection, wordings, gone=gone, kept=kept)


def move_wordings(connection: DuckDBPyConnection, wordings: Sequence[Wording], *, gone: str, kept: str) -> None:
    """Let ``wordings`` of one claim belong to another."""
    execute(
        connection,
        "UPDATE wordings SET claim = $kept WHERE claim = $gone AND id IN (FROM listed($wordings))",
        kept=kept,
        gone=gone,
        wordings=[wording.id for wording in wordings],
    )


def say(connection: DuckDBPyConnection, done: Correction, said: str) -> None:
    """Set the speaker of the statements at the places of a correction, and store their wordings accordingly."""
    execute(
        connection,
        f"""
        UPDATE statements SET {said}
        FROM corrected JOIN corrections ON corrections.id = corrected.correction
        WHERE correction = $id AND signal = 'statements' AND {overlaps("statements", "corrected")}
        """,  # noqa: S608 - constants
        id=done.id,
    )
    rows = [{**asdict(wording), "id": wording.id} for wording in wordings_at(connection, done, claim=done.claim)]
    insert_missing(connection, "wordings", list({row["id"]: row for row in rows}.values()), key="id")


def move_side(connection: DuckDBPyConnection, claim: str, side: str) -> None:
    """Let a claim be said for another side."""
    execute(connection, "UPDATE claims SET side = $side WHERE id = $claim", side=side, claim=claim)


def wordings_at(connection: DuckDBPyConnection, done: Correction, *, claim: str) -> list[Wording]:
    """Return the wordings of the statements at the places of a correction."""
    rows = select(
        connection,
        f"""
        SELECT statements.*, coalesce(published, seen) AS reported_at,
            (
                SELECT list(DISTINCT weapon) FROM weapon_mentions AS m JOIN weapons ON weapons.id = m.weapon
                WHERE specific AND m.article = statements.article
                    AND m.span_start >= statements.span_start AND m.span_start < statements.span_end
            ) AS weapons
        FROM statements
        JOIN articles ON articles.id = statements.article
        JOIN corrected ON {overlaps("statements", "corrected")}
        WHERE correction = $id AND signal = 'statements' AND statements.claim = $claim
        """,  # noqa: S608 - constants
        id=done.id,
        claim=claim,
    )
    return [_wording(row).of(claim) for row in rows]


def _wording(row: dict[str, Any]) -> Wording:
    given = ("speaker", "speaker_id", "side", "cue", "quote", "condition", "consequence", "nuclear")
    statement = Statement(
        kind=Kind(row["kind"]),
        speech=Speech(row["speech"]),
        start=row["span_start"],
        end=row["span_end"],
        **{name: row[name] for name in given},
    )
    return wording_of(statement, reported_at=row["reported_at"], weapons=row["weapons"] or ())


def settle(connection: DuckDBPyConnection, claims: set[str]) -> None:
    """Update what depends on the claims: how they are compared, the ledger, and alerts not yet sent."""
    execute(
        connection,
        """
        UPDATE wordings SET misread = claims.false_alarm OR wordings.side NOT IN (
            SELECT coalesce(side, speaker_id, '') FROM statements WHERE statements.claim = wordings.claim
        )
        FROM claims WHERE claims.id = wordings.claim AND claims.id IN (FROM listed($claims))
        """,
        claims=claims,
    )
    save_red_lines(connection, claims)
    execute(
        connection,
        """
        UPDATE alerts SET status = 'suppressed', suppressed = 'marked as a false alarm by ' || made_by
        FROM corrections
        WHERE coalesce(corrections.other, corrections.claim) = alerts.claim AND alerts.claim IN (FROM listed($claims))
            AND alerts.status = 'pending' AND corrections.kind = 'false_positive' AND undone_at IS NULL
        """,
        claims=claims,
    )
    execute(
        connection,
        """
        UPDATE alerts SET status = 'pending', suppressed = NULL
        WHERE claim IN (SELECT id FROM claims WHERE NOT false_alarm AND id IN (FROM listed($claims)))
            AND starts_with(suppressed, 'marked as a false alarm by ')
        """,
        claims=claims,
    )
