"""The table ``backfills``: how far each archive was read."""

from datetime import datetime

from duckdb import DuckDBPyConnection

from warehouse.rows import execute, select


def records_done(connection: DuckDBPyConnection, archive: str) -> int:
    """Return how many records of an archive, from its beginning, need not be read again."""
    rows = select(connection, "SELECT records FROM backfills WHERE archive = $archive", archive=archive)
    return int(rows[0]["records"]) if rows else 0


def note_done(
    connection: DuckDBPyConnection, archive: str, *, name: str, records: int, articles: int, now: datetime
) -> None:
    """Store that so many records are done, and add the articles stored from the last of them."""
    execute(
        connection,
        """
        MERGE INTO backfills USING (
            SELECT $archive AS archive, $name AS name, $records AS records, $articles AS articles, $now AS started_at,
                $now AS changed_at
        ) AS done USING (archive)
        WHEN MATCHED THEN UPDATE SET
            records = greatest(backfills.records, done.records), articles = backfills.articles + done.articles,
            changed_at = done.changed_at
        WHEN NOT MATCHED THEN INSERT BY NAME
        """,
        archive=archive,
        name=name,
        records=records,
        articles=articles,
        now=now,
    )


def note_finished(connection: DuckDBPyConnection, archive: str, *, now: datetime) -> None:
    """Store that the end of an archive was reached."""
    execute(connection, "UPDATE backfills SET finished_at = $now WHERE archive = $archive", archive=archive, now=now)
