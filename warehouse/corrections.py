"""The tables ``corrections`` and ``corrected``: what analysts know better, and what follows from it.

A correction is about claims, which are never forgotten, and about places in article revisions, which never change: so
it holds however often the articles are read again (``warehouse.places``). Taking one back restores what was before.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Kind, Speech, Statement, content_id
from warehouse.errors import CorrectionError, NoSuchCorrectionTargetError
from warehouse.places import overlaps
from warehouse.records import Correction, CorrectionKind, Label
from warehouse.rows import insert, select
from warehouse.signals import MERGE_ROWS, SIGNAL_TABLES, save_red_lines
from warehouse.wording import Wording, wording_of

COLUMNS = ", ".join(field.name for field in fields(Correction))
SPOKEN = ("speaker", "speaker_id", "side")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an id that an analyst typed stands for."""

    what: str
    """alert, claim, statements, transfers or weapon_mentions."""
    id: str
    claim: str
    kind: str
    """Of the claim: new_weapon, new_stage or new_statement."""
    side: str | None
    reports: int
    """Signals that make the claim."""

    @property
    def is_report(self) -> bool:
        """Whether it is one report among several of its claim."""
        return self.what in SIGNAL_TABLES and self.reports > 1


# --- what is corrected -----------------------------------------------------------------------------------------------


def find(connection: DuckDBPyConnection, wanted: str) -> Target:
    """Return what has the id ``wanted``, or is the only thing whose id begins so."""
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
        raise CorrectionError(f"{row['id']} is commentary or a class of weapons: it makes no claim and never alerts")
    return Target(**row, reports=len(_places(connection, row["claim"])))


def _near(connection: DuckDBPyConnection, wanted: str) -> list[str]:
    """Describe what has an id that differs from ``wanted`` by a slip or two."""
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


def _places(connection: DuckDBPyConnection, claim: str) -> list[dict[str, Any]]:
    """Return where articles make ``claim``, with who is taken for the speaker there."""
    return select(
        connection,
        """
        SELECT 'statements' AS signal, id, article, span_start, span_end, speaker, speaker_id, side
        FROM statements WHERE claim = $claim
        UNION ALL BY NAME
        SELECT 'transfers' AS signal, id, article, span_start, span_end FROM transfers WHERE claim = $claim
        UNION ALL BY NAME
        SELECT 'weapon_mentions' AS signal, id, article, span_start, span_end FROM weapon_mentions WHERE claim = $claim
        ORDER BY article, span_start
        """,
        claim=claim,
    )


# --- correcting ------------------------------------------------------------------------------------------------------


def mark_false(connection: DuckDBPyConnection, wanted: str, *, reason: str, by: str, now: datetime) -> Correction:
    """Mark a claim as a false positive: it leaves every view, and is no earlier report of anything."""
    target = find(connection, wanted)
    if target.is_report:
        raise CorrectionError(
            f"{target.id} is one of {target.reports} reports of claim {target.claim}: mark the claim, "
            f"or take this report out of it first: brinkwatch correct split {target.id}"
        )
    for earlier in _holding(connection, target.claim):
        if earlier.kind is CorrectionKind.FALSE_POSITIVE:
            raise CorrectionError(f"{wanted} was marked as a false positive before: correction {earlier.id}")
    select(connection, "UPDATE claims SET false_alarm = true WHERE id = $claim", claim=target.claim)
    done = _record(connection, CorrectionKind.FALSE_POSITIVE, target.claim, reason=reason, by=by, now=now)
    _keep_places(connection, done, _places(connection, target.claim))
    _settle(connection, {target.claim})
    return done


def merge(
    connection: DuckDBPyConnection, wanted: Sequence[str], *, reason: str, by: str, now: datetime
) -> list[Correction]:
    """Make several claims one: the one that was first seen."""
    targets = [find(connection, each) for each in wanted]
    kinds = sorted({target.kind for target in targets})
    if len(kinds) > 1:
        raise CorrectionError(f"only claims of one kind can be merged, and these are {' and '.join(kinds)}")
    claims = list(dict.fromkeys(target.claim for target in targets))
    if len(claims) == 1:
        raise CorrectionError(f"all of these are claim {claims[0]} already")
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
    done = _record(connection, CorrectionKind.MERGE, kept, other=gone, reason=reason, by=by, now=now)
    _keep_places(connection, done, _places(connection, gone))
    for change in MERGE_ROWS:
        select(connection, change, merged=[{"gone": gone, "kept": kept}])
    select(connection, "UPDATE claims SET merged_into = $kept WHERE id = $gone", kept=kept, gone=gone)
    _settle(connection, {kept, gone})
    return done


def split(connection: DuckDBPyConnection, wanted: str, *, reason: str, by: str, now: datetime) -> Correction:
    """Take one report out of the claim it joined; what is said like it later joins it there."""
    target = find(connection, wanted)
    places = _places(connection, target.claim)
    if len(places) == 1:
        raise CorrectionError(f"claim {target.claim} has one report only: there is nothing to split")
    if target.what not in SIGNAL_TABLES:
        reports = ", ".join(str(place["id"]) for place in places[:5])
        raise CorrectionError(
            f"{target.id} has {len(places)} reports; name the one to take out: {reports}{' …' if places[5:] else ''}"
        )
    out = next(place for place in places if place["id"] == target.id)
    other = content_id("split", target.claim, target.id, now)
    select(
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
    done = _record(connection, CorrectionKind.SPLIT, target.claim, other=other, reason=reason, by=by, now=now)
    _keep_places(connection, done, [out])
    _move(connection, done, gone=target.claim, kept=other)
    _settle(connection, {target.claim, other})
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
    """Say who really said it; a claim of which all reports are by another side moves there."""
    target = find(connection, wanted)
    if target.kind != "new_statement":
        raise CorrectionError(f"{target.id} is a {target.kind}: only statements have a speaker")
    if target.is_report and side != target.side:
        raise CorrectionError(
            f"{target.id} is one of {target.reports} reports of claim {target.claim}, which is said for {target.side}: "
            f"name the claim to change all, or take this one out first: brinkwatch correct split {target.id}"
        )
    places = [
        place
        for place in _places(connection, target.claim)
        if target.what not in SIGNAL_TABLES or place["id"] == target.id
    ]
    done = _record(
        connection,
        CorrectionKind.SPEAKER,
        target.claim,
        reason=reason,
        by=by,
        now=now,
        speaker=speaker,
        speaker_id=speaker_id,
        side=side,
    )
    _keep_places(connection, done, places)
    said = "speaker = corrections.speaker, speaker_id = corrections.speaker_id, side = corrections.side, role = NULL"
    _say(connection, done, said)
    _move_side(connection, done.claim, side or speaker_id)
    _settle(connection, {done.claim})
    return done


def undo(connection: DuckDBPyConnection, wanted: str, *, now: datetime) -> Correction:
    """Take a correction back."""
    found = [each for each in corrections(connection) if each.id.startswith(wanted)]
    if len(found) != 1:
        known = ", ".join(each.id for each in found) or "see brinkwatch correct list"
        raise CorrectionError(f"{'no' if not found else 'more than one'} correction {wanted}: {known}")
    (done,) = found
    if done.undone_at:
        raise CorrectionError(f"correction {done.id} was undone on {done.undone_at:%Y-%m-%d}")
    later = [each.id for each in _holding(connection, done.claim, done.other) if each.made_at > done.made_at]
    if later:
        raise CorrectionError(f"correction {later[0]} was made later on the same claim: undo that first")
    select(connection, "UPDATE corrections SET undone_at = $now WHERE id = $id", now=now, id=done.id)
    _restore(connection, done)
    return done


def _restore(connection: DuckDBPyConnection, done: Correction) -> None:
    if done.kind is CorrectionKind.FALSE_POSITIVE:
        select(connection, "UPDATE claims SET false_alarm = false WHERE id = $claim", claim=done.claim)
    elif done.kind is CorrectionKind.MERGE:
        select(connection, "UPDATE claims SET merged_into = NULL WHERE id = $other", other=done.other)
        _move(connection, done, gone=done.claim, kept=done.other or "")
    elif done.kind is CorrectionKind.SPLIT:
        select(connection, "UPDATE claims SET merged_into = $c WHERE id = $o", c=done.claim, o=done.other)
        _move(connection, done, gone=done.other or "", kept=done.claim)
    else:
        _say(connection, done, "speaker = corrected.speaker, speaker_id = corrected.speaker_id, side = corrected.side")
        (before,) = select(
            connection,
            "SELECT min(coalesce(side, speaker_id, '')) AS side FROM corrected WHERE correction = $id",
            id=done.id,
        )
        _move_side(connection, done.claim, before["side"])
    _settle(connection, {claim for claim in (done.claim, done.other) if claim})


# --- looking them up -------------------------------------------------------------------------------------------------


def corrections(connection: DuckDBPyConnection) -> list[Correction]:
    """Return all corrections, the latest first."""
    rows = select(connection, f"SELECT {COLUMNS} FROM corrections ORDER BY made_at DESC, id")  # noqa: S608 - from the record
    return [Correction(**{**row, "kind": CorrectionKind(row["kind"])}) for row in rows]


def labels(connection: DuckDBPyConnection) -> list[Label]:
    """Return what the corrections in force teach about statements."""
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


def _holding(connection: DuckDBPyConnection, *claims: str | None) -> list[Correction]:
    """Return the corrections in force that are about one of ``claims``."""
    return [
        each
        for each in corrections(connection)
        if each.undone_at is None and {each.claim, each.other} & {claim for claim in claims if claim}
    ]


# --- storing ---------------------------------------------------------------------------------------------------------


def _record(
    connection: DuckDBPyConnection,
    kind: CorrectionKind,
    claim: str,
    *,
    reason: str,
    by: str,
    now: datetime,
    other: str | None = None,
    speaker: str | None = None,
    speaker_id: str | None = None,
    side: str | None = None,
) -> Correction:
    done = Correction(
        id=content_id("correction", kind, claim, other, now),
        kind=kind,
        claim=claim,
        other=other,
        speaker=speaker,
        speaker_id=speaker_id,
        side=side,
        reason=reason,
        made_by=by,
        made_at=now,
    )
    insert(connection, "corrections", [asdict(done)])
    return done


def _keep_places(connection: DuckDBPyConnection, done: Correction, places: Sequence[dict[str, Any]]) -> None:
    kept = ("signal", "article", "span_start", "span_end", *SPOKEN)
    insert(
        connection, "corrected", [{"correction": done.id} | {name: place[name] for name in kept} for place in places]
    )


def _move(connection: DuckDBPyConnection, done: Correction, *, gone: str, kept: str) -> None:
    """Let the signals at the places of a correction, and the wordings of those, belong to another claim."""
    wordings = _wordings(connection, done, claim=gone)
    for table in SIGNAL_TABLES:
        select(
            connection,
            f"""
            UPDATE {table} SET claim = $kept FROM corrected
            WHERE correction = $id AND signal = '{table}' AND claim = $gone AND {overlaps(table, "corrected")}
            """,  # noqa: S608 - constants
            id=done.id,
            kept=kept,
            gone=gone,
        )
    select(
        connection,
        "UPDATE wordings SET claim = $kept WHERE claim = $gone AND id IN (FROM listed($wordings))",
        kept=kept,
        gone=gone,
        wordings=[wording.id for wording in wordings],
    )


def _say(connection: DuckDBPyConnection, done: Correction, said: str) -> None:
    """Set who said the statements at the places of a correction, and put them in words as such."""
    select(
        connection,
        f"""
        UPDATE statements SET {said}
        FROM corrected JOIN corrections ON corrections.id = corrected.correction
        WHERE correction = $id AND signal = 'statements' AND {overlaps("statements", "corrected")}
        """,  # noqa: S608 - constants
        id=done.id,
    )
    rows = [{**asdict(wording), "id": wording.id} for wording in _wordings(connection, done, claim=done.claim)]
    insert(connection, "wordings", list({row["id"]: row for row in rows}.values()), on_conflict="IGNORE")


def _move_side(connection: DuckDBPyConnection, claim: str, side: str) -> None:
    select(connection, "UPDATE claims SET side = $side WHERE id = $claim", side=side, claim=claim)


def _wordings(connection: DuckDBPyConnection, done: Correction, *, claim: str) -> list[Wording]:
    """Return the statements at the places of a correction, as they are compared."""
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


def _settle(connection: DuckDBPyConnection, claims: set[str]) -> None:
    """Bring in line what follows from the claims: how they are compared, the ledger, and alerts not yet sent."""
    select(
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
    select(
        connection,
        """
        UPDATE alerts SET status = 'suppressed', suppressed = 'marked as a false alarm by ' || made_by
        FROM corrections
        WHERE corrections.claim = alerts.claim AND alerts.claim IN (FROM listed($claims)) AND alerts.status = 'pending'
            AND corrections.kind = 'false_positive' AND undone_at IS NULL
        """,
        claims=claims,
    )
    select(
        connection,
        """
        UPDATE alerts SET status = 'pending', suppressed = NULL
        WHERE claim IN (SELECT id FROM claims WHERE NOT false_alarm AND id IN (FROM listed($claims)))
            AND starts_with(suppressed, 'marked as a false alarm by ')
        """,
        claims=claims,
    )
