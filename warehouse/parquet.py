"""Reads Parquet files of articles, which DuckDB can do without a library for them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import ArchiveError

WANTED = ("id", "title", "text", "url", "source", "published")
AT_ONCE = 500
"""Rows fetched at once: their texts are held in memory."""


def parquet_rows(path: Path, *, skip: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file from row ``skip`` on, with those columns an article has; ArchiveError names the file."""
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        try:
            connection.execute("SET TimeZone = 'UTC'")
            found = connection.read_parquet(str(path))
            columns = [name for name in found.columns if name in WANTED]
            if not columns:
                raise ArchiveError(path, f"has none of the columns {', '.join(WANTED)}")
            rows = found.select(*columns).limit(2**62, skip)
            while batch := rows.fetchmany(AT_ONCE):
                yield from (dict(zip(columns, map(_plain, row), strict=True)) for row in batch)
        except duckdb.Error as error:
            raise ArchiveError(path, str(error).partition("\n")[0]) from error


def count_parquet_rows(path: Path) -> int:
    """Return how many rows a file has."""
    try:
        ((count,),) = duckdb.sql("SELECT count(*) FROM read_parquet($path)", params={"path": str(path)}).fetchall()
    except duckdb.Error as error:
        raise ArchiveError(path, str(error).partition("\n")[0]) from error
    return int(count)


def _plain(value: Any) -> Any:
    """Return an instant or a day as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value
