"""Brings a warehouse up to date: each file in ``migrations/`` once, then the present files in ``views/``."""

import re
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseNewerError
from warehouse.places import Lake, Place

HERE = Path(__file__).parent

_VIEWS = "views "
"""Prefix of the record of the latest views, so that a warehouse that is up to date is not written to."""

MIGRATIONS_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (name VARCHAR PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE migrations IS 'Changes of the tables that this warehouse has been through';
COMMENT ON COLUMN migrations.name IS 'File name of the change, without its ending; or a digest of all views';
COMMENT ON COLUMN migrations.applied_at IS 'When it was applied';
"""


_IS_LAID_OUT = """
SELECT 1 FROM duckdb_tables() WHERE table_name = 'migrations' AND database_name = current_database()
"""
_KEY = re.compile(r",?\s*PRIMARY KEY(?:\s*\([^)]*\))?")
# a lake takes no default for a list; who writes such a column gives it a value
_COLUMNS = """
SELECT table_name, string_agg(
    concat_ws(' ', column_name, data_type, CASE WHEN NOT is_nullable THEN 'NOT NULL' END,
        CASE WHEN data_type = 'BOOLEAN' AND column_default IS NOT NULL THEN 'DEFAULT false' END),
    ', ' ORDER BY column_index
)
FROM duckdb_columns() WHERE NOT internal GROUP BY table_name ORDER BY table_name
"""
_COMMENTS = """
WITH described AS (
    SELECT 'TABLE ' || table_name AS owner, comment FROM duckdb_tables()
    UNION ALL SELECT 'COLUMN ' || table_name || '.' || column_name, comment FROM duckdb_columns() WHERE NOT internal
)
FROM described WHERE comment IS NOT NULL
"""


def scripts(folder: str) -> dict[str, str]:
    """Return the SQL files of ``folder`` by name, in their order."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / folder).glob("*.sql"))}


def migrate(connection: duckdb.DuckDBPyConnection, path: Place, *, known: dict[str, str] | None = None) -> list[str]:
    """Apply missing migrations and return their names; each is one transaction with its record, and so are the views.

    Starts in the caller's transaction and leaves one open. In a single transaction, DuckDB would refuse to change a
    table again after adding a column with a default. Raises WarehouseNewerError if the warehouse has been through
    migrations that this version does not know. A new lake gets its tables as they are in a new file, and later
    migrations without keys, because it has none.
    """
    on_lake = isinstance(path, Lake)
    steps = scripts("migrations") if known is None else known
    views = scripts("views").values()
    made: list[str] = []
    if not connection.execute(_IS_LAID_OUT).fetchall():
        if on_lake:
            made = _lay_out(connection, steps)
        else:
            connection.execute(MIGRATIONS_TABLE)
    applied = {name for (name,) in connection.execute("SELECT name FROM migrations").fetchall()}
    drawn = {name for name in applied if name.startswith(_VIEWS)}
    if unknown := tuple(sorted(applied - drawn - steps.keys())):
        raise WarehouseNewerError(path, unknown)
    missing = [name for name in steps if name not in applied]
    for name in missing:
        connection.execute(_KEY.sub("", steps[name]) if on_lake else steps[name])
        _record(connection, name)
        connection.commit()
        connection.begin()
    present = f"{_VIEWS}{blake2b(''.join(views).encode(), digest_size=6).hexdigest()}"
    if missing or drawn != {present}:
        for view in views:
            _draw(connection, view, on_lake=on_lake)
        connection.execute("DELETE FROM migrations WHERE starts_with(name, $views)", {"views": _VIEWS})
        _record(connection, present)
    return made + missing


def _draw(connection: duckdb.DuckDBPyConnection, view: str, *, on_lake: bool) -> None:
    """Create the views of a file; on a lake the columns of a view cannot have comments."""
    for statement in connection.extract_statements(view):
        if not (on_lake and statement.query.lstrip().startswith("COMMENT ON COLUMN")):
            connection.execute(statement)


def _lay_out(connection: duckdb.DuckDBPyConnection, steps: dict[str, str]) -> list[str]:
    """Create the tables of a new lake, with their comments; return the migrations that they have been through."""
    with duckdb.connect() as model:
        model.execute(MIGRATIONS_TABLE)
        for step in steps.values():
            model.execute(step)
        columns = model.execute(_COLUMNS).fetchall()
        comments = model.execute(_COMMENTS).fetchall()
    for table, defined in columns:
        connection.execute(f"CREATE TABLE {table} ({defined})")
    for owner, comment in comments:
        text = comment.replace("'", "''")
        connection.execute(f"COMMENT ON {owner} IS '{text}'")
    for name in steps:
        _record(connection, name)
    return list(steps)


def _record(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(
        "INSERT INTO migrations (name, applied_at) VALUES ($name, $now)", {"name": name, "now": datetime.now(UTC)}
    )
