"""The tables of signals and claims: stored with their novelty and their alerts in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import (
    TOO_UNSURE,
    Alert,
    AlertKind,
    Article,
    News,
)
from warehouse.novelty.batch import ClaimsOf, Novelty
from warehouse.novelty.events import save_events
from warehouse.novelty.precedents import with_precedents
from warehouse.novelty.preparation import PreparedArticle
from warehouse.novelty.provenance import corrected_signals, earlier_signals, with_corrections
from warehouse.novelty.stages import mention_of
from warehouse.novelty.statements import StatementClaims
from warehouse.rows import execute, insert, insert_missing, row_of, select, upsert
from warehouse.stored_records import Saved
from warehouse.tables.alerts import save_alerts
from warehouse.tables.held_claims import Read, held_for
from warehouse.tables.red_lines import save_red_lines
from warehouse.tables.signal_rows import mention_row, statement_row, transfer_row, weapon_row

Decide = Callable[[Sequence[News]], Sequence[Alert]]

EVER = datetime.min.replace(tzinfo=UTC)

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


def save_signals(
    connection: DuckDBPyConnection,
    read: Read,
    *,
    version: str,
    now: datetime,
    decide: Decide,
    names: Mapping[str, str] | None = None,
    quiet_genres: Collection[str] = (),
) -> Saved:
    """Store what was read, what is new in it, and the alerts that ``decide`` makes of that.

    ``read`` was prepared before the transaction was opened; for ``names`` and ``quiet_genres`` see ``Novelty.after``.
    """
    read, again = _still_unread(connection, read, version=version)
    corrected = corrected_signals(connection, [each.article for each in read])
    read = with_corrections(connection, read, corrected, now=now)
    held = held_for(connection, read, earlier_signals(connection, again, corrected))
    novelty = Novelty.after(held, now=now, names=names, quiet_genres=quiet_genres)
    claims = [novelty.assign(each) for each in read]
    touched = _forget_signals(connection, again) | {wording.claim for wording in novelty.statements.new_wordings}
    _save_rows(connection, read, claims, novelty.statements)
    insert(connection, "claims", [row_of(claim) for claim in novelty.claims.new])
    _save_wordings(connection, novelty.statements)
    save_red_lines(connection, {novelty.statements.current(claim) for claim in touched})
    save_events(connection, read, now=now)
    alerts = _save_decided(connection, read, claims, novelty.claims.news, decide=decide, now=now)
    _mark_read(connection, read, version=version)
    return _saved(read, novelty, alerts)


def _save_decided(
    connection: DuckDBPyConnection,
    read: Read,
    claims: Sequence[ClaimsOf],
    news: Sequence[News],
    *,
    decide: Decide,
    now: datetime,
) -> tuple[Alert, ...]:
    """Store and return the alerts on ``news``, and anew those that a surer report of what is known brings."""
    alerts = tuple(decide(with_precedents(connection, news, now=now))) if news else ()
    save_alerts(connection, alerts, now=now)
    if surer := _surer_reports(connection, read, claims):
        told = {each.id: each for each in decide(with_precedents(connection, surer, now=now)) if not each.suppressed}
        save_alerts(connection, tuple(told.values()), now=now, anew=True)
        alerts = (*(alert for alert in alerts if alert.id not in told), *told.values())
    return alerts


def _mark_read(connection: DuckDBPyConnection, read: Read, *, version: str) -> None:
    execute(
        connection,
        # also by time, by which a lake knows the files that may hold them: it would read all texts
        "UPDATE articles SET read_by = $version WHERE seen >= $since AND id IN (FROM listed($read))",
        version=version,
        since=min((each.article.seen or EVER for each in read), default=EVER),
        read=[each.article.id for each in read],
    )


def _surer_reports(connection: DuckDBPyConnection, read: Read, claims: Sequence[ClaimsOf]) -> list[News]:
    """Return the surest report of each claim whose alert waits for a digest because an earlier one was unsure."""
    reports: dict[str, list[News]] = defaultdict(list)
    for each, made in zip(read, claims, strict=True):
        for moved, claim in zip(each.signals.transfers, made.transfers, strict=True):
            if claim and not moved.background:
                weapon = mention_of(moved, each.signals.weapons)
                news = _report(AlertKind.NEW_STAGE, claim, each.article)
                reports[claim].append(replace(news, transfer=moved, weapon=weapon))
        for said, claim in zip(each.signals.statements, made.statements, strict=True):
            if claim:
                reports[claim].append(replace(_report(AlertKind.NEW_STATEMENT, claim, each.article), statement=said))
    waiting = select(
        connection,
        """
        SELECT alerts.claim, claims.why FROM alerts JOIN claims ON claims.id = alerts.claim
        WHERE alerts.claim IN (FROM listed($reported)) AND alerts.status = 'pending'
            AND starts_with(alerts.suppressed, $unsure)
        ORDER BY alerts.claim
        """,
        reported=list(reports),
        unsure=TOO_UNSURE,
    )
    return [replace(max(reports[row["claim"]], key=_sureness), why=row["why"]) for row in waiting]


def _report(kind: AlertKind, claim: str, article: Article) -> News:
    return News(kind=kind, claim=claim, article=article, why="")


def _sureness(news: News) -> float:
    signal = news.transfer or news.statement
    return signal.confidence if signal else 0.0


def _saved(read: Read, novelty: Novelty, alerts: tuple[Alert, ...]) -> Saved:
    return Saved(
        articles=len(read),
        weapons=sum(len(each.signals.weapons) for each in read),
        transfers=sum(len(each.signals.transfers) for each in read),
        statements=sum(len(each.signals.statements) for each in read),
        news=Counter(item.kind for item in novelty.claims.news),
        corroborations=novelty.corroborations,
        alerts=alerts,
    )


def _still_unread(
    connection: DuckDBPyConnection, read: Read, *, version: str
) -> tuple[list[PreparedArticle], list[str]]:
    """Return what no other process has stored in the meantime, oldest first, and the ids of what is read again.

    What is read again is backlog.
    """
    rows = select(
        connection,
        "SELECT id, read_by FROM articles WHERE id IN (FROM listed($articles)) AND read_by IS NOT NULL",
        articles=[each.article.id for each in read],
    )
    versions = {row["id"]: row["read_by"] for row in rows}
    waiting = [
        replace(each, article=replace(each.article, backlog=True)) if each.article.id in versions else each
        for each in read
        if versions.get(each.article.id) != version
    ]
    again = [each.article.id for each in waiting if each.article.id in versions]
    return sorted(waiting, key=lambda each: (_dated(each.article), each.article.id)), again


def _dated(article: Article) -> str:
    moment = article.published or article.seen
    return moment.isoformat() if moment else ""


# --- storing


def _forget_signals(connection: DuckDBPyConnection, again: Sequence[str]) -> set[str]:
    """Delete what an earlier version found in articles, but no claims; return the claims of its statements."""
    if not again:
        return set()
    said = select(
        connection, "SELECT DISTINCT claim FROM statements WHERE article IN (FROM listed($again))", again=again
    )
    for table in SIGNAL_TABLES:
        execute(
            connection,
            f"DELETE FROM {table} WHERE article IN (FROM listed($again))",  # noqa: S608 - a constant
            again=again,
        )
    return {row["claim"] for row in said if row["claim"]}


def _save_rows(connection: DuckDBPyConnection, read: Read, claims: Sequence[ClaimsOf], said: StatementClaims) -> None:
    weapons: dict[str, dict[str, Any]] = {}
    tables: dict[str, list[dict[str, Any]]] = {table: [] for table in SIGNAL_TABLES}
    for each, made in zip(read, claims, strict=True):
        article, signals = each.article, each.signals
        for mention, claim in zip(signals.weapons, made.weapons, strict=True):
            weapons[mention.weapon] = weapon_row(mention)
            tables["weapon_mentions"].append(mention_row(article, mention) | {"claim": claim})
        for transfer, claim in zip(signals.transfers, made.transfers, strict=True):
            tables["transfers"].append(transfer_row(article, transfer) | {"claim": claim})
        for statement, claim in zip(signals.statements, made.statements, strict=True):
            current = said.current(claim) if claim else None
            tables["statements"].append(statement_row(article, statement) | {"claim": current})
    upsert(connection, "weapons", list(weapons.values()), key="id")
    for table, rows in tables.items():
        insert(connection, table, rows)


def _save_wordings(connection: DuckDBPyConnection, said: StatementClaims) -> None:
    wordings = {
        wording.id: {**row_of(wording), "id": wording.id, "claim": said.current(wording.claim)}
        for wording in said.new_wordings
    }
    insert_missing(connection, "wordings", list(wordings.values()), key="id")
    _put_into_words(connection, said)
    _merge_claims(connection, said)


def _put_into_words(connection: DuckDBPyConnection, said: StatementClaims) -> None:
    if not said.worded:
        return
    execute(
        connection,
        """
        UPDATE claims SET words = put.words
        FROM (
            SELECT unnest(from_json_strict($put, '[{"claim": "VARCHAR", "words": "VARCHAR"}]'), max_depth := 2)
        ) AS put
        WHERE claims.id = put.claim
        """,
        put=[{"claim": claim, "words": words} for claim, words in said.worded.items()],
    )


def _merge_claims(connection: DuckDBPyConnection, said: StatementClaims) -> None:
    """Move what belongs to claims that turned out to be one to the earliest of them."""
    if not said.merged:
        return
    merged = [{"gone": claim, "kept": said.current(claim)} for claim in said.merged]
    for change in MERGE:
        execute(connection, change, merged=merged)
