"""Bringing a warehouse up to date: ``migrations/*.sql`` once each, then ``views/*.sql`` as they are now."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseNewerError

HERE = Path(__file__).parent

MIGRATIONS_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (name VARCHAR PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE migrations IS 'Changes of the tables that this warehouse has been through';
COMMENT ON COLUMN migrations.name IS 'File name of the change, without its ending';
COMMENT ON COLUMN migrations.applied_at IS 'When it was applied';
"""


def scripts(folder: str) -> dict[str, str]:
    """Return the SQL files of ``folder`` by name, in their order."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / folder).glob("*.sql"))}


def migrate(connection: duckdb.DuckDBPyConnection, path: Path, *, known: dict[str, str] | None = None) -> list[str]:
    """Apply what is missing and return its names; each change and its record are one transaction, the views the last.

    Starts in the caller's transaction and leaves it one. In a single one DuckDB would refuse to change a table again
    that got a column with a default before. Raises WarehouseNewerError when the warehouse has been through changes
    that this version does not know.
    """
    steps = scripts("migrations") if known is None else known
    connection.execute(MIGRATIONS_TABLE)
    applied = {name for (name,) in connection.execute("SELECT name FROM migrations").fetchall()}
    if unknown := tuple(sorted(applied - steps.keys())):
        raise WarehouseNewerError(path, unknown)
    missing = [name for name in steps if name not in applied]
    for name in missing:
        connection.execute(steps[name])
        connection.execute(
            "INSERT INTO migrations (name, applied_at) VALUES ($name, $now)", {"name": name, "now": datetime.now(UTC)}
        )
        connection.commit()
        connection.begin()
    for view in scripts("views").values():
        connection.execute(view)
    return missing
