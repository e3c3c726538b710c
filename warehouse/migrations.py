"""Brings a warehouse up to date: each file in ``migrations/`` once, then the present files in ``views/``."""

from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseNewerError

HERE = Path(__file__).parent

_VIEWS = "views "
"""Prefix of the record of the latest views, so that a warehouse that is up to date is not written to."""

MIGRATIONS_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (name VARCHAR PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE migrations IS 'Changes of the tables that this warehouse has been through';
COMMENT ON COLUMN migrations.name IS 'File name of the change, without its ending; or a digest of all views';
COMMENT ON COLUMN migrations.applied_at IS 'When it was applied';
"""


def scripts(folder: str) -> dict[str, str]:
    """Return the SQL files of ``folder`` by name, in their order."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / folder).glob("*.sql"))}


def migrate(connection: duckdb.DuckDBPyConnection, path: Path, *, known: dict[str, str] | None = None) -> list[str]:
    """Apply missing migrations and return their names; each is one transaction with its record, and so are the views.

    Starts in the caller's transaction and leaves one open. In a single transaction, DuckDB would refuse to change a
    table again after adding a column with a default. Raises WarehouseNewerError if the warehouse has been through
    migrations that this version does not know.
    """
    steps = scripts("migrations") if known is None else known
    views = scripts("views").values()
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'migrations'").fetchall():
        connection.execute(MIGRATIONS_TABLE)
    applied = {name for (name,) in connection.execute("SELECT name FROM migrations").fetchall()}
    drawn = {name for name in applied if name.startswith(_VIEWS)}
    if unknown := tuple(sorted(applied - drawn - steps.keys())):
        raise WarehouseNewerError(path, unknown)
    missing = [name for name in steps if name not in applied]
    for name in missing:
        connection.execute(steps[name])
        _record(connection, name)
        connection.commit()
        connection.begin()
    present = f"{_VIEWS}{blake2b(''.join(views).encode(), digest_size=6).hexdigest()}"
    if missing or drawn != {present}:
        for view in views:
            connection.execute(view)
        connection.execute("DELETE FROM migrations WHERE starts_with(name, $views)", {"views": _VIEWS})
        _record(connection, present)
    return missing


def _record(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(
        "INSERT INTO migrations (name, applied_at) VALUES ($name, $now)", {"name": name, "now": datetime.now(UTC)}
    )
