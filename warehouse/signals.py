"""The tables of signals and claims: stored with their novelty and their alerts in one transaction."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import (
    Alert,
    AlertKind,
    Article,
    Kind,
    News,
    Signals,
    Stage,
    Statement,
    Transfer,
    WeaponMention,
    content_id,
)
from warehouse import outbox
from warehouse.events import save_events
from warehouse.novelty import Claim, ClaimsOf, Held, Novelty, System
from warehouse.places import Places, places_of, with_speakers
from warehouse.records import Saved
from warehouse.rows import insert, select
from warehouse.wording import HORIZON, LEAST_SHARED, Wording, renewed, wording_of

Decide = Callable[[Sequence[News]], Sequence[Alert]]
Read = Sequence[tuple[Article, Signals]]

PLOVER: Mapping[Stage, str] = {
    Stage.REQUESTED: "REQUEST",
    Stage.CONSIDERED: "CONSULT",
    Stage.REFUSED: "REJECT",
    Stage.PLEDGED: "AGREE",
    Stage.DELIVERED: "AID",
    Stage.SUSPENDED: "SANCTION",
    Stage.USE_PERMITTED: "CONCEDE",
    Stage.USE_REFUSED: "REJECT",
    Stage.USED: "ASSAULT",
}
"""The PLOVER event type of each stage (Halterman et al., PLOVER and POLECAT, 2023)."""

MOST = 10**12
"""No transfer is that large: a number a hostile text made up is not a quantity."""

SIGNAL_TABLES = ("weapon_mentions", "transfers", "statements")

_MERGED = """(
    SELECT unnest(from_json_strict($merged, '[{"gone": "VARCHAR", "kept": "VARCHAR"}]'), max_depth := 2)
) AS merged"""
MERGE_ROWS = tuple(
    f"UPDATE {table} SET claim = kept FROM {_MERGED} WHERE claim = gone"  # noqa: S608 - constants
    for table in (*SIGNAL_TABLES, "wordings")
)
MERGE = (
    *MERGE_ROWS,
    f"UPDATE claims SET merged_into = kept FROM {_MERGED} WHERE id = gone OR merged_into = gone",  # noqa: S608
    f"DELETE FROM red_lines USING {_MERGED} WHERE id = gone",  # noqa: S608
)

CLAIM_COLUMNS = ", ".join(f"claims.{each.name}" for each in fields(Claim))


def save_signals(
    connection: DuckDBPyConnection,
    read: Read,
    *,
    version: str,
    now: datetime,
    decide: Decide,
    names: Mapping[str, str] | None = None,
) -> Saved:
    """Store what was read, what is new in it, and the alerts that ``decide`` makes of that.

    ``names`` holds the names a reader knows for ids, for the reasons why something is new.
    """
    read, again = _still_unread(connection, read, version=version)
    read = with_speakers(connection, read, again)
    novelty = Novelty.after(_held(connection, read, again, now=now), now=now, names=names)
    claims = {article.id: novelty.read(article, signals) for article, signals in read}
    forgotten = _forget_signals(connection, again)
    _save_rows(connection, read, claims, novelty)
    _save_claims(connection, novelty)
    save_red_lines(connection, {novelty.current(claim) for claim in forgotten | _worded(novelty)})
    save_events(connection, read, now=now)
    alerts = tuple(decide(novelty.news)) if novelty.news else ()
    outbox.save_alerts(connection, alerts, now=now)
    select(
        connection,
        "UPDATE articles SET read_by = $version WHERE id IN (FROM listed($read))",
        version=version,
        read=[article.id for article, _ in read],
    )
    return _saved(read, novelty, alerts)


def _saved(read: Read, novelty: Novelty, alerts: tuple[Alert, ...]) -> Saved:
    return Saved(
        articles=len(read),
        weapons=sum(len(signals.weapons) for _, signals in read),
        transfers=sum(len(signals.transfers) for _, signals in read),
        statements=sum(len(signals.statements) for _, signals in read),
        news=Counter(item.kind for item in novelty.news),
        corroborations=novelty.corroborations,
        alerts=alerts,
    )


def _still_unread(
    connection: DuckDBPyConnection, read: Read, *, version: str
) -> tuple[list[tuple[Article, Signals]], list[str]]:
    """Return what no other process has stored meanwhile, oldest first, and the ids of what is read again.

    What is read again is backlog.
    """
    rows = select(
        connection,
        "SELECT id, read_by FROM articles WHERE id IN (FROM listed($articles)) AND read_by IS NOT NULL",
        articles=[article.id for article, _ in read],
    )
    versions = {row["id"]: row["read_by"] for row in rows}
    waiting = [
        (replace(article, backlog=True) if article.id in versions else article, signals)
        for article, signals in read
        if versions.get(article.id) != version
    ]
    again = [article.id for article, _ in waiting if article.id in versions]
    return sorted(waiting, key=lambda pair: (_dated(pair[0]), pair[0].id)), again


def _dated(article: Article) -> str:
    moment = article.published or article.seen
    return moment.isoformat() if moment else ""


# --- what is held already


def _held(connection: DuckDBPyConnection, read: Read, again: Sequence[str], *, now: datetime) -> Held:
    """Load the claims and wordings that the batch may repeat, by key and by shared words: never all there are."""
    asked = _asked(read, now=now)
    wordings = similar(connection, asked)
    systems = _systems(connection, read)
    places = places_of(connection, again)
    claims = _claims(connection, read, wordings, systems, places)
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
        statements_of={row["side"]: row["held"] for row in counts},
        places=places,
        false_stories=_false_stories(connection, [claim.id for claim in claims if claim.false_alarm]),
        apart=_apart(connection, [claim.id for claim in claims]),
    )


def _claims(
    connection: DuckDBPyConnection,
    read: Read,
    wordings: Sequence[Wording],
    systems: Sequence[System],
    places: Mapping[str, Places],
) -> list[Claim]:
    """Load the claims of the weapons of the batch, and those its statements or the places they stand at may make."""
    stood = {place.claim for of in places.values() for place in (*of.weapons, *of.transfers, *of.statements)}
    rows = select(
        connection,
        f"""
        WITH RECURSIVE wanted(id) AS (
            SELECT id FROM claims WHERE weapon IN (FROM listed($weapons)) OR id IN (FROM listed($claims))
            UNION SELECT merged_into FROM claims JOIN wanted USING (id) WHERE merged_into IS NOT NULL
        )
        SELECT {CLAIM_COLUMNS} FROM claims SEMI JOIN wanted USING (id)
        """,  # noqa: S608 - from the record
        weapons={system.weapon for system in systems} | {t.weapon for _, signals in read for t in signals.transfers},
        claims={wording.claim for wording in wordings} | stood,
    )
    return [Claim(**{**row, "kind": AlertKind(row["kind"])}) for row in rows]


def _false_stories(connection: DuckDBPyConnection, claims: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the stories of the articles that raised false alarms, by claim."""
    if not claims:
        return {}
    rows = select(
        connection,
        """
        WITH said AS (
            SELECT claim, article FROM weapon_mentions UNION ALL SELECT claim, article FROM transfers
            UNION ALL SELECT id, article FROM claims
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
    """Return the weapons of the batch, and those held that one of them may mean: of its class or of its family."""
    mentioned = {mention.weapon: System.of(mention) for _, signals in read for mention in signals.weapons}
    moved = {transfer.weapon for _, signals in read for transfer in signals.transfers}
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


def _asked(read: Read, *, now: datetime) -> list[Wording]:
    return [
        wording_of(statement, reported_at=article.published or article.seen or now, title=article.title)
        for article, signals in read
        for statement in signals.statements
        if statement.kind is not Kind.COMMENTARY
    ]


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
        SELECT wordings.* EXCLUDE (id) FROM wordings JOIN near USING (id)
        """,
        asked=[
            {"number": number, "side": wording.side, "words": wording.content | wording.topic}
            for number, wording in enumerate(asked)
        ],
        since=min(wording.said_at for wording in asked) - HORIZON,
        until=max(wording.said_at for wording in asked) + HORIZON,
        least=LEAST_SHARED,
    )
    words = ("condition", "consequence", "content", "topic")
    return [
        Wording(**{**row, "weapons": frozenset(row["weapons"]), **{name: renewed(row[name]) for name in words}})
        for row in rows
    ]


# --- storing


def _forget_signals(connection: DuckDBPyConnection, again: Sequence[str]) -> set[str]:
    """Remove what an earlier version found in articles and return the claims of statements; claims stay."""
    if not again:
        return set()
    said = select(
        connection, "SELECT DISTINCT claim FROM statements WHERE article IN (FROM listed($again))", again=again
    )
    for table in SIGNAL_TABLES:
        select(
            connection,
            f"DELETE FROM {table} WHERE article IN (FROM listed($again))",  # noqa: S608 - a constant
            again=again,
        )
    return {row["claim"] for row in said if row["claim"]}


def _save_rows(connection: DuckDBPyConnection, read: Read, claims: Mapping[str, ClaimsOf], novelty: Novelty) -> None:
    weapons: dict[str, dict[str, Any]] = {}
    tables: dict[str, list[dict[str, Any]]] = {table: [] for table in SIGNAL_TABLES}
    for article, signals in read:
        made = claims[article.id]
        for mention, claim in zip(signals.weapons, made.weapons, strict=True):
            weapons[mention.weapon] = _weapon_row(mention)
            tables["weapon_mentions"].append(_mention_row(article, mention) | {"claim": claim})
        for transfer, claim in zip(signals.transfers, made.transfers, strict=True):
            tables["transfers"].append(_transfer_row(article, transfer) | {"claim": claim})
        for statement, claim in zip(signals.statements, made.statements, strict=True):
            current = novelty.current(claim) if claim else None
            tables["statements"].append(_statement_row(article, statement) | {"claim": current})
    insert(connection, "weapons", list(weapons.values()), on_conflict="REPLACE")
    for table, rows in tables.items():
        insert(connection, table, rows)


def _weapon_row(mention: WeaponMention) -> dict[str, Any]:
    return {
        "id": mention.weapon,
        "name": mention.name,
        "category": mention.category,
        "family": mention.family,
        "specific": mention.specific,
        "known": mention.known,
    }


def _mention_row(article: Article, mention: WeaponMention) -> dict[str, Any]:
    return {
        "id": content_id("mention", article.id, mention.weapon, mention.start, mention.end),
        "article": article.id,
        "weapon": mention.weapon,
        "text": mention.text,
        "span_start": mention.start,
        "span_end": mention.end,
        "rule": mention.rule,
    }


def _transfer_row(article: Article, transfer: Transfer) -> dict[str, Any]:
    key = (transfer.weapon, transfer.supplier, transfer.recipient, transfer.stage, transfer.start, transfer.end)
    return {
        **_spanned(asdict(transfer)),
        "id": content_id("transfer", article.id, *key),
        "article": article.id,
        "plover": PLOVER[transfer.stage],
        "sentence": article.document[transfer.start : transfer.end],
        "quantity": transfer.quantity if (transfer.quantity or 0) < MOST else None,
    }


def _statement_row(article: Article, statement: Statement) -> dict[str, Any]:
    key = (statement.kind, statement.speaker, statement.start, statement.end)
    return {
        **_spanned(asdict(statement)),
        "id": content_id("statement", article.id, *key),
        "article": article.id,
    }


def _spanned(row: dict[str, Any]) -> dict[str, Any]:
    return {{"start": "span_start", "end": "span_end"}.get(name, name): value for name, value in row.items()}


def _save_claims(connection: DuckDBPyConnection, novelty: Novelty) -> None:
    insert(connection, "claims", [asdict(claim) for claim in novelty.new_claims])
    wordings = {
        wording.id: {**asdict(wording), "id": wording.id, "claim": novelty.current(wording.claim)}
        for wording in novelty.new_wordings
    }
    insert(connection, "wordings", list(wordings.values()), on_conflict="IGNORE")
    _put_into_words(connection, novelty)
    _merge_claims(connection, novelty)


def _put_into_words(connection: DuckDBPyConnection, novelty: Novelty) -> None:
    if not novelty.worded:
        return
    select(
        connection,
        """
        UPDATE claims SET words = put.words
        FROM (
            SELECT unnest(from_json_strict($put, '[{"claim": "VARCHAR", "words": "VARCHAR"}]'), max_depth := 2)
        ) AS put
        WHERE claims.id = put.claim
        """,
        put=[{"claim": claim, "words": words} for claim, words in novelty.worded.items()],
    )


def _worded(novelty: Novelty) -> set[str]:
    return {wording.claim for wording in novelty.new_wordings}


def _merge_claims(connection: DuckDBPyConnection, novelty: Novelty) -> None:
    """Let what was said under claims that turned out to be one be found under the earliest of them."""
    if not novelty.merged:
        return
    merged = [{"gone": claim, "kept": novelty.current(claim)} for claim in novelty.merged]
    for change in MERGE:
        select(connection, change, merged=merged)


def save_red_lines(connection: DuckDBPyConnection, claims: set[str]) -> None:
    """Write the red lines among ``claims`` anew, as all reports of them together have it."""
    if not claims:
        return
    select(connection, "DELETE FROM red_lines WHERE id IN (FROM listed($claims))", claims=claims)
    select(
        connection,
        """
        INSERT INTO red_lines BY NAME
        WITH said AS (
            SELECT statements.*, articles.identity, articles.source,
                coalesce(articles.published, articles.seen) AS said_at
            FROM statements JOIN articles ON articles.id = statements.article
            WHERE statements.claim IN (FROM listed($claims)) AND statements.kind = 'red_line'
                AND statements.claim NOT IN (SELECT id FROM claims WHERE false_alarm)
        )
        SELECT
            claim AS id,
            arg_min_null(side, (said_at, article, span_start)) AS side,
            arg_min_null(speaker, (said_at, article, span_start)) AS speaker,
            arg_min_null(speaker_id, (said_at, article, span_start)) AS speaker_id,
            arg_min_null(condition, (said_at, article, span_start)) AS condition,
            arg_min_null(consequence, (said_at, article, span_start)) AS consequence,
            arg_min(quote, (said_at, article, span_start)) AS quote,
            bool_or(explicit) AS explicit,
            bool_or(nuclear) AS nuclear,
            max(severity) AS severity,
            arg_min(article, (said_at, article, span_start)) AS article,
            min(said_at) AS first_said,
            max(said_at) AS last_said,
            count(DISTINCT identity) AS times_said,
            coalesce(list_sort(list(DISTINCT source) FILTER (source IS NOT NULL)), []) AS outlets
        FROM said
        GROUP BY claim
        """,
        claims=claims,
    )
