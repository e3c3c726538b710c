"""Loads the claims that a batch of signals may repeat, by key and by shared words, and never all claims."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from duckdb import DuckDBPyConnection

from extractors.records import AlertKind
from warehouse.novelty.claims import Claim, Held, System
from warehouse.novelty.preparation import PreparedArticle
from warehouse.novelty.provenance import EarlierSignals
from warehouse.novelty.statement_similarity import HORIZON, LEAST_SHARED, Wording, stored_wording
from warehouse.rows import select

Read = Sequence[PreparedArticle]

CLAIM_COLUMNS = ", ".join(f"claims.{each.name}" for each in fields(Claim))


def held_for(connection: DuckDBPyConnection, read: Read, earlier: Mapping[str, EarlierSignals]) -> Held:
    """Load the claims and wordings that the batch may repeat."""
    asked = [said.wording for each in read for said in each.statements if said.wording]
    wordings = similar(connection, asked)
    systems = _systems(connection, read)
    claims = _claims(connection, read, wordings, systems, earlier)
    counts = select(
        connection,
        """
        SELECT side, count(*) AS held FROM claims
        WHERE side IN (FROM listed($sides)) AND merged_into IS NULL AND NOT false_alarm GROUP BY side
        """,
        sides={wording.side for wording in asked},
    )
    return Held(
        claims=claims,
        systems=systems,
        wordings=wordings,
        begun=_begun(connection, {wording.claim for wording in wordings}),
        statements_of={row["side"]: row["held"] for row in counts},
        earlier=earlier,
        false_stories=_false_stories(connection, [each.id for each in claims if each.false_alarm or each.misread]),
        apart=_apart(connection, [claim.id for claim in claims]),
    )


def _claims(
    connection: DuckDBPyConnection,
    read: Read,
    wordings: Sequence[Wording],
    systems: Sequence[System],
    earlier: Mapping[str, EarlierSignals],
) -> list[Claim]:
    """Load the claims on the weapons of the batch, and those of its statements or their earlier readings."""
    stood = {prior.claim for of in earlier.values() for prior in (*of.weapons, *of.transfers, *of.statements)}
    rows = select(
        connection,
        f"""
        WITH RECURSIVE wanted(id) AS (
            SELECT id FROM claims WHERE weapon IN (FROM listed($weapons)) OR id IN (FROM listed($claims))
            UNION SELECT merged_into FROM claims JOIN wanted USING (id) WHERE merged_into IS NOT NULL
        )
        SELECT {CLAIM_COLUMNS} FROM claims SEMI JOIN wanted USING (id)
        """,  # noqa: S608 - from the record
        weapons={system.weapon for system in systems} | {t.weapon for each in read for t in each.signals.transfers},
        claims={wording.claim for wording in wordings} | stood,
    )
    return [Claim(**{**row, "kind": AlertKind(row["kind"])}) for row in rows]


def _begun(connection: DuckDBPyConnection, claims: Collection[str]) -> dict[str, datetime]:
    """Return when each of ``claims`` was first made."""
    if not claims:
        return {}
    rows = select(
        connection,
        "SELECT claim, min(said_at) AS begun FROM wordings WHERE claim IN (FROM listed($claims)) GROUP BY claim",
        claims=claims,
    )
    return {row["claim"]: row["begun"] for row in rows}


def _false_stories(connection: DuckDBPyConnection, claims: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the stories of the articles behind false alarms and misread claims, by claim."""
    if not claims:
        return {}
    rows = select(
        connection,
        """
        WITH said AS (
            SELECT claim, article FROM weapon_mentions UNION ALL SELECT claim, article FROM transfers
            UNION ALL SELECT id, article FROM claims
            UNION ALL SELECT corrections.claim, corrected.article
            FROM corrected JOIN corrections ON corrections.id = corrected.correction WHERE undone_at IS NULL
        )
        SELECT said.claim, list(DISTINCT story) AS stories FROM said JOIN articles ON articles.id = said.article
        WHERE said.claim IN (FROM listed($claims)) GROUP BY said.claim
        """,
        claims=claims,
    )
    return {row["claim"]: frozenset(row["stories"]) for row in rows}


def _apart(connection: DuckDBPyConnection, claims: Sequence[str]) -> set[frozenset[str]]:
    rows = select(
        connection,
        """
        SELECT claim, other FROM corrections
        WHERE kind = 'split' AND undone_at IS NULL
            AND claim IN (FROM listed($claims)) AND other IN (FROM listed($claims))
        """,
        claims=claims,
    )
    return {frozenset((row["claim"], row["other"])) for row in rows}


def _systems(connection: DuckDBPyConnection, read: Read) -> list[System]:
    """Return the weapons of the batch, and stored ones of the same class or family that they may mean."""
    mentioned = {mention.weapon: System.of(mention) for each in read for mention in each.signals.weapons}
    moved = {transfer.weapon for each in read for transfer in each.signals.transfers}
    classes = {system.category for system in mentioned.values() if system.weapon in moved and not system.specific}
    rows = select(
        connection,
        """
        SELECT id AS weapon, category, family, specific FROM weapons
        WHERE family IN (FROM listed($families))
            OR EXISTS (FROM listed($classes) WHERE category = item OR ends_with(category, '_' || item))
        """,
        families={system.family for system in mentioned.values() if system.family},
        classes=classes,
    )
    held = {row["weapon"]: System(**row) for row in rows}
    return list((held | mentioned).values())


def similar(connection: DuckDBPyConnection, asked: Sequence[Wording]) -> list[Wording]:
    """Return the stored wordings that share enough words with one of ``asked`` to be worth comparing."""
    if not asked:
        return []
    rows = select(
        connection,
        """
        WITH given AS (
            SELECT unnest(
                from_json_strict($asked, '[{"number": "INTEGER", "side": "VARCHAR", "words": ["VARCHAR"]}]'),
                max_depth := 2
            )
        ),
        asked AS (SELECT number, side, len(words) AS size, unnest(words) AS word FROM given),
        held AS (
            SELECT id, side, len(content) AS size, unnest(content || topic) AS word FROM wordings
            WHERE (side = '' OR side IN (SELECT side FROM given) OR '' IN (SELECT side FROM given))
                AND said_at BETWEEN $since AND $until
        ),
        near AS (
            SELECT DISTINCT held.id FROM held JOIN asked USING (word)
            WHERE held.side = asked.side OR held.side = '' OR asked.side = ''
            GROUP BY held.id, asked.number, held.size, asked.size
            HAVING count(*) >= $least * least(held.size, asked.size)
        )
        SELECT wordings.* FROM wordings JOIN near USING (id)
        """,
        asked=[
            {"number": number, "side": wording.side, "words": wording.content | wording.topic}
            for number, wording in enumerate(asked)
        ],
        since=min(wording.said_at for wording in asked) - HORIZON,
        until=max(wording.said_at for wording in asked) + HORIZON,
        least=LEAST_SHARED,
    )
    return [stored_wording(row) for row in rows]
