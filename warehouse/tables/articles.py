"""The tables ``articles``, ``feeds``, ``feed_memories``, ``fetches`` and ``failures``."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Article
from warehouse.novelty.stories import LshBands, save_stories
from warehouse.rows import execute, insert, select, upsert
from warehouse.stored_records import FeedRows

FIELDS = tuple(field.name for field in fields(Article))
COLUMNS = ", ".join(FIELDS)

SPEC = ("outlet", "country", "ownership", "language", "genre", "kind", "tier")
"""Fields of a feed's specification that ``feeds`` holds under their own names."""


def save_articles(
    connection: DuckDBPyConnection,
    articles: Sequence[Article],
    lsh_bands: LshBands,
    *,
    now: datetime,
) -> list[str]:
    """Store new revisions, each replacing the one before; return their ids in the order given.

    ``lsh_bands`` are the bands of each article, by which its story is found.
    """
    new, known = _unknown(connection, articles)
    stories = save_stories(connection, new, lsh_bands, known=known, now=now)
    rows = [_row(article, now=now) | {"story": stories[article.id]} for article in new]
    insert(connection, "articles", rows)
    if known or len({row["identity"] for row in rows}) < len(rows):
        _supersede(connection, rows)
    return [article.id for article in new]


def _unknown(connection: DuckDBPyConnection, articles: Sequence[Article]) -> tuple[list[Article], set[str]]:
    """Return the revisions that are new, and the ids of the stored ones that they may replace."""
    given = {article.id: article for article in articles}
    identities = {article.identity or article.id for article in given.values()}
    rows = select(
        connection,
        "SELECT id, identity FROM articles WHERE identity IN (FROM listed($identities))",
        identities=identities,
    )
    known = {row["id"]: row["identity"] for row in rows}
    new = [article for article in given.values() if article.id not in known]
    edited = {article.identity or article.id for article in new}
    return new, {revision for revision, identity in known.items() if identity in edited}


def _row(article: Article, *, now: datetime) -> dict[str, Any]:
    row = {name: getattr(article, name) for name in FIELDS}
    return row | {"identity": article.identity or article.id, "seen": article.seen or now}


def _supersede(connection: DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Mark every other revision of the same articles as replaced by the last of ``rows``."""
    if not rows:
        return
    latest = {row["identity"]: {"identity": row["identity"], "id": row["id"]} for row in rows}
    execute(
        connection,
        """
        UPDATE articles SET superseded_by = latest.id
        FROM (
            SELECT unnest(from_json_strict($latest, '[{"identity": "VARCHAR", "id": "VARCHAR"}]'), max_depth := 2)
        ) AS latest
        WHERE articles.identity = latest.identity AND articles.id <> latest.id
        """,
        latest=list(latest.values()),
    )


def known_identities(connection: DuckDBPyConnection, identities: Collection[str]) -> set[str]:
    """Return those of ``identities`` of which a revision is stored."""
    rows = select(
        connection,
        "SELECT DISTINCT identity FROM articles WHERE identity IN (FROM listed($identities))",
        identities=identities,
    )
    return {row["identity"] for row in rows}


def stories_of(connection: DuckDBPyConnection, articles: Collection[str]) -> dict[str, str]:
    """Return the story of each of these articles."""
    rows = select(connection, "SELECT id, story FROM articles WHERE id IN (FROM listed($articles))", articles=articles)
    return {row["id"]: row["story"] for row in rows}


def articles_to_read(connection: DuckDBPyConnection, *, limit: int) -> list[Article]:
    """Return current articles that nobody has read, by publication."""
    return _waiting(connection, "read_by IS NULL", "coalesce(published, seen), id", limit=limit)


def articles_to_read_again(connection: DuckDBPyConnection, *, version: str, limit: int) -> list[Article]:
    """Return current articles that were read by another version, latest first, because old ones can wait."""
    # DuckDB reads "seen" from the end, in the order of storing, and stops early; by rowid it would sort all articles.
    return _waiting(connection, "read_by <> $version", "seen DESC, id", limit=limit, version=version)


def count_to_read(connection: DuckDBPyConnection) -> int:
    """Return how many current articles nobody has read."""
    return _count(connection, "read_by IS NULL")


def count_to_read_again(connection: DuckDBPyConnection, *, version: str) -> int:
    """Return how many current articles were read by a version other than this."""
    return _count(connection, "read_by <> $version", version=version)


def _count(connection: DuckDBPyConnection, which: str, **values: str) -> int:
    query = f"SELECT count(*) AS waiting FROM articles WHERE superseded_by IS NULL AND {which}"  # noqa: S608 - constants
    (row,) = select(connection, query, **values)
    return int(row["waiting"])


def _waiting(
    connection: DuckDBPyConnection, which: str, order: str, *, limit: int, version: str | None = None
) -> list[Article]:
    rows = select(
        connection,
        f"""
        WITH waiting AS (
            SELECT rowid AS place FROM articles WHERE superseded_by IS NULL AND {which} ORDER BY {order} LIMIT $limit
        )
        SELECT {COLUMNS} FROM articles JOIN waiting ON place = articles.rowid ORDER BY {order}
        """,  # noqa: S608 - constants, and column names from the record
        limit=limit,
        **({"version": version} if version else {}),
    )
    return [Article(**row) for row in rows]


def find_article(connection: DuckDBPyConnection, wanted: str) -> Article | None:
    """Return the article with this id, URL or identity; of several revisions, the current one."""
    rows = select(
        connection,
        f"""
        SELECT {COLUMNS} FROM articles WHERE id = $wanted OR url = $wanted OR identity = $wanted
        ORDER BY id = $wanted DESC, superseded_by IS NULL DESC, seen DESC LIMIT 1
        """,  # noqa: S608 - column names from the record
        wanted=wanted,
    )
    return Article(**rows[0]) if rows else None


def save_feeds(
    connection: DuckDBPyConnection,
    updates: Sequence[FeedRows],
    *,
    now: datetime,
) -> list[str]:
    """Store the states, facts, articles and failures of some feeds; return the ids of new articles."""
    articles = [article for update in updates for article in update.articles]
    failures = [failure for update in updates for failure in update.failures]
    lsh_bands = {article: bands for update in updates for article, bands in update.lsh_bands.items()}
    new = save_articles(connection, articles, lsh_bands, now=now)
    latest = {update.spec["id"]: update for update in updates}
    upsert(connection, "feeds", [_feed(update) for update in latest.values()], key="id")
    upsert(connection, "feed_memories", list(_memories(latest)), key="feed")
    insert(connection, "fetches", [update.facts for update in updates])
    save_failures(connection, failures, now=now)
    return new


def _feed(update: FeedRows) -> dict[str, Any]:
    spec = {name: update.spec[name] for name in SPEC}
    listed = {"id": update.spec["id"], "listed_url": update.spec["url"], "listed_from": update.spec["seen_at"]}
    state = {name: value for name, value in update.state.items() if name not in {"feed", "memory", "pushed_at"}}
    return state | spec | listed


def _memories(updates: Mapping[str, FeedRows]) -> Iterator[dict[str, Any]]:
    for feed, update in updates.items():
        if "memory" in update.state:
            yield {"feed": feed, "memory": update.state["memory"]}


def feed_states(connection: DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Return the fields of each feed's state, by feed id."""
    rows = select(
        connection,
        """
        SELECT feeds.id AS feed, coalesce(memory, '') AS memory, coalesce(rhythm, []) AS rhythm, pushed_at,
            feeds.* EXCLUDE (id, rhythm, listed_from, outlet, country, ownership, language, genre, kind, tier)
        FROM feeds
        LEFT JOIN feed_memories ON feed_memories.feed = feeds.id
        LEFT JOIN subscriptions ON subscriptions.feed = feeds.id
        """,
    )
    return {row["feed"]: row for row in rows}


def save_failures(connection: DuckDBPyConnection, failures: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Store what was skipped, rejected or could not be read: ``where``, ``trouble``, ``reason``, ``feed`` of each."""
    rows = [
        {
            "place": failure["where"],
            "trouble": failure["trouble"],
            "reason": failure["reason"],
            "feed": failure.get("feed"),
            "seen_at": now,
        }
        for failure in failures
    ]
    insert(connection, "failures", rows)
