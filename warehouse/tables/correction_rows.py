"""The tables ``corrections`` and ``corrected``: what analysts said, and of which places in articles."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import content_id
from warehouse.novelty.provenance import overlaps
from warehouse.novelty.transfer_fixes import KEPT
from warehouse.rows import insert, select
from warehouse.stored_records import Correction, CorrectionKind, Label

COLUMNS = ", ".join(field.name for field in fields(Correction))


SPOKEN = ("speaker", "speaker_id", "side")


def record(
    connection: DuckDBPyConnection,
    kind: CorrectionKind,
    claim: str,
    *,
    reason: str,
    by: str,
    now: datetime,
    other: str | None = None,
    **said: Any,
) -> Correction:
    """Store a correction; ``said`` is what is right: speaker, speaker_id and side, or the value of a transfer."""
    done = Correction(
        id=content_id("correction", kind, claim, other, now),
        kind=kind,
        claim=claim,
        other=other,
        reason=reason,
        made_by=by,
        made_at=now,
        **said,
    )
    insert(connection, "corrections", [asdict(done)])
    return done


def keep_places(connection: DuckDBPyConnection, done: Correction, places: Sequence[dict[str, Any]]) -> None:
    """Store where articles say what was corrected, as it was read there."""
    kept = ("signal", "article", "span_start", "span_end", *SPOKEN, *KEPT)
    insert(
        connection, "corrected", [{"correction": done.id} | {name: place[name] for name in kept} for place in places]
    )


def all_corrections(connection: DuckDBPyConnection) -> list[Correction]:
    """Return all corrections, latest first."""
    rows = select(connection, f"SELECT {COLUMNS} FROM corrections ORDER BY made_at DESC, id")  # noqa: S608 - from the record
    return [Correction(**{**row, "kind": CorrectionKind(row["kind"])}) for row in rows]


def corrections_of(connection: DuckDBPyConnection, *claims: str | None) -> list[Correction]:
    """Return the corrections in force that concern one of ``claims``."""
    return [
        each
        for each in all_corrections(connection)
        if each.undone_at is None and {each.claim, each.other} & {claim for claim in claims if claim}
    ]


def correction_labels(connection: DuckDBPyConnection) -> list[Label]:
    """Return training examples from the corrections of statements in force."""
    rows = select(
        connection,
        f"""
        SELECT DISTINCT corrected.article, corrected.span_start AS start, corrected.span_end AS end,
            CASE WHEN corrections.kind = 'false_positive' THEN 'other' ELSE statements.kind END AS label,
            CASE WHEN articles.title = '' THEN articles.text ELSE articles.title || chr(10) || chr(10) || articles.text
            END AS document
        FROM corrected
        JOIN corrections ON corrections.id = corrected.correction AND undone_at IS NULL
        JOIN articles ON articles.id = corrected.article
        LEFT JOIN statements ON {overlaps("statements", "corrected")}
        WHERE corrected.signal = 'statements' AND label IS NOT NULL
        ORDER BY corrected.article, corrected.span_start, label
        """,  # noqa: S608 - constants
    )
    return [Label(**{name: row[name] for name in ("document", "start", "end", "label")}) for row in rows]
