"""What an id that an analyst typed stands for: an alert, a claim, or one report of a claim."""

from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from warehouse.errors import CorrectionError, NoSuchCorrectionTargetError
from warehouse.rows import given_id, select
from warehouse.tables.signals import SIGNAL_TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the id that an analyst typed stands for."""

    what: str
    """alert, claim, statements, transfers or weapon_mentions."""
    id: str
    claim: str
    kind: str
    """Kind of the claim: new_weapon, new_stage or new_statement."""
    side: str | None
    reports: int
    """Number of signals that make the claim."""

    @property
    def is_report(self) -> bool:
        """Whether it is one of several reports of its claim."""
        return self.what in SIGNAL_TABLES and self.reports > 1


def find_target(connection: DuckDBPyConnection, wanted: str) -> Target:
    """Return what has the id ``wanted``, or is the only thing whose id begins like that."""
    wanted = given_id(wanted)
    rows = select(
        connection,
        """
        WITH RECURSIVE named AS (
            SELECT 'alert' AS what, id, claim FROM alerts WHERE starts_with(id, $wanted)
            UNION ALL SELECT 'claim', id, id FROM claims WHERE starts_with(id, $wanted)
            UNION ALL SELECT 'statements', id, claim FROM statements WHERE starts_with(id, $wanted)
            UNION ALL SELECT 'transfers', id, claim FROM transfers WHERE starts_with(id, $wanted)
            UNION ALL SELECT 'weapon_mentions', id, claim FROM weapon_mentions WHERE starts_with(id, $wanted)
        ),
        joined(id, claim) AS (
            SELECT id, claim FROM named
            UNION SELECT joined.id, merged_into FROM joined JOIN claims ON claims.id = joined.claim
            WHERE merged_into IS NOT NULL
        )
        SELECT DISTINCT named.what, named.id, claims.id AS claim, claims.kind, claims.side
        FROM named
        LEFT JOIN joined USING (id)
        LEFT JOIN claims ON claims.id = joined.claim AND claims.merged_into IS NULL
        QUALIFY row_number() OVER (PARTITION BY named.id ORDER BY claims.id NULLS LAST) = 1
        ORDER BY named.id = $wanted DESC, named.id LIMIT 5
        """,
        wanted=wanted,
    )
    exact = [row for row in rows if row["id"] == wanted] or rows
    if not exact:
        raise NoSuchCorrectionTargetError(wanted, _near(connection, wanted))
    if len(exact) > 1:
        raise CorrectionError(f"several ids begin with {wanted}: {', '.join(row['id'] for row in exact)}")
    (row,) = exact
    if row["claim"] is None:
        raise CorrectionError(
            f"{row['id']} is commentary, a class of weapons or reported as past: it makes no claim and never alerts"
        )
    return Target(**row, reports=len(places_of(connection, row["claim"])))


def _near(connection: DuckDBPyConnection, wanted: str) -> list[str]:
    """Describe what has an id that differs from ``wanted`` by a typing error or two."""
    rows = select(
        connection,
        """
        WITH ids AS (
            SELECT id, 'alert ' || id || ' (' || headline || ')' AS named FROM alerts
            UNION ALL SELECT id, 'claim ' || id FROM claims
            UNION ALL SELECT id, 'statement ' || id FROM statements
            UNION ALL SELECT id, 'transfer ' || id FROM transfers
            UNION ALL SELECT id, 'correction ' || id FROM corrections
        )
        SELECT named FROM ids WHERE levenshtein(left(id, len($wanted)), $wanted) <= 2
        ORDER BY levenshtein(left(id, len($wanted)), $wanted), named LIMIT 3
        """,
        wanted=wanted,
    )
    return [row["named"] for row in rows]


def places_of(connection: DuckDBPyConnection, claim: str) -> list[dict[str, Any]]:
    """Return where articles make ``claim``, with the speaker or the transfer that is read there."""
    return select(
        connection,
        """
        SELECT 'statements' AS signal, id, article, span_start, span_end, speaker, speaker_id, side
        FROM statements WHERE claim = $claim
        UNION ALL BY NAME
        SELECT 'transfers' AS signal, id, article, span_start, span_end,
            weapon, supplier, recipient, stage, supplier_text, recipient_text
        FROM transfers WHERE claim = $claim
        UNION ALL BY NAME
        SELECT 'weapon_mentions' AS signal, id, article, span_start, span_end FROM weapon_mentions WHERE claim = $claim
        ORDER BY article, span_start
        """,
        claim=claim,
    )
