"""Where a warehouse is: a DuckDB file, or a lake with its catalog in PostgreSQL and its rows in Parquet files."""

import re
from dataclasses import dataclass
from pathlib import Path

SCHEME = "ducklake:postgres:"
S3 = "s3://"
_PASSWORD = re.compile(r"\bpassword\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lake:
    """A warehouse of DuckLake. Creating this object opens nothing."""

    catalog: str
    """How to reach the database, as PostgreSQL writes it: ``host=db dbname=brinkwatch user=brinkwatch``."""
    data: str = "data/lake"
    """Folder or ``s3://bucket/prefix`` for the files of a new lake; an existing one knows its own."""

    def __str__(self) -> str:
        return f"{SCHEME}{self.catalog}"


Place = Path | Lake


def place_of(text: str, *, data: str) -> Place:
    """Return the place that an address names; ValueError says what is wrong with it, and shows no password.

    ``~`` is the home of whoever asks, also where no shell has put it in, as in ``.env``.
    """
    if not text.startswith("ducklake:"):
        if not text.strip() or "://" in text:
            raise ValueError(f"a warehouse is a file, or a lake, which is written {SCHEME}host=… dbname=… user=…")
        return Path(text).expanduser()
    catalog = text.removeprefix(SCHEME).strip()
    if not text.startswith(SCHEME) or "=" not in catalog or "://" in catalog:
        raise ValueError(f"a lake is written {SCHEME}host=… dbname=… user=…")
    if _PASSWORD.search(catalog):
        raise ValueError("an address is shown and logged: the password belongs into PGPASSWORD or a file PGPASSFILE")
    return Lake(catalog, data)
