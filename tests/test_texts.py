"""Characters that a database may not hold, in every column of every table; see ``conftest.ON_BOTH``."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warehouses import new_warehouse

from warehouse.connection import Transaction
from warehouse.rows import insert, insert_missing, packed, select, upsert
from warehouse.store import Warehouse
from warehouse.tables.runs import tables_of

HOSTILE = "\0nul\0byte \ud800 \\u0000 \\\0 \\\\\0 \U0001f680\0"
STORED = "\ufffdnul\ufffdbyte \ufffd \\u0000 \\\ufffd \\\\\ufffd \U0001f680\ufffd"
"""The same with U+FFFD for each character that is none, so that every offset stays; what only looks like one stays."""
NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
VALUES = {
    "VARCHAR": HOSTILE, "VARCHAR[]": ["a", HOSTILE, HOSTILE], "MAP(VARCHAR, BIGINT)": {HOSTILE: 1}, "BOOLEAN": True,
    "INTEGER": 1, "BIGINT": 1, "DOUBLE": 1.0, "TIMESTAMP WITH TIME ZONE": NOW, "DOUBLE[]": [1.0],
    "UINTEGER[]": [1, 2], "INTEGER[][]": [(1, 2)],
}  # fmt: skip


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty one."""
    return new_warehouse(tmp_path / "w.duckdb")


def hostile_rows(tx: Transaction) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each table, a row with the hostile text wherever a text can stand, in columns and in lists."""
    for table in tables_of(tx):
        if table != "migrations":
            described = tx.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall()
            yield table, {name: VALUES[of] for name, of in described}


def keyed(row: dict[str, Any], number: int) -> dict[str, Any]:
    """The first column of a row, with a value that no other has."""
    column, value = next(iter(row.items()))
    apart = {str: f"{value}{number}", int: number, datetime: NOW + timedelta(seconds=number)}
    return {column: apart[type(value)]}


def texts_of(value: Any) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value:
            yield from texts_of(each)


@pytest.mark.parametrize("count", [1, 20])
def test_no_character_breaks_a_commit(warehouse: Warehouse, count: int) -> None:
    """Whether a row lies in a file, in the catalog of a lake, or with others in a file of it: the same comes back."""
    with warehouse.transaction() as tx:
        rows = dict(hostile_rows(tx))
        for table, row in rows.items():
            insert(tx, table, [row | keyed(row, number) for number in range(count)])
    with warehouse.transaction() as tx:
        for table in rows:
            found = select(tx, f"FROM {table}")
            texts = {text.rstrip("0123456789") for row in found for value in row.values() for text in texts_of(value)}
            assert len(found) == count, table
            assert texts - {"a"} == {STORED}, table


def test_a_key_finds_what_was_stored_under_it(warehouse: Warehouse) -> None:
    """A row is found, changed and not stored twice under the key that it was given, whatever is in that."""
    row = {"id": HOSTILE, "name": HOSTILE, "category": "missile", "specific": True, "known": True}
    with warehouse.transaction() as tx:
        insert_missing(tx, "weapons", [row], key="id")
        insert_missing(tx, "weapons", [row], key="id")
        upsert(tx, "weapons", [row | {"category": HOSTILE}], key="id")
        asked = select(tx, "SELECT category FROM weapons WHERE id = $id", id=HOSTILE)
        listed = select(tx, "SELECT category FROM weapons WHERE id IN (FROM listed($ids))", ids=[HOSTILE])
    assert asked == listed == [{"category": STORED}]


@given(st.recursive(st.text() | st.sampled_from(["\0", "\\", "u0000", '"']), st.lists).map(lambda value: [value]))
def test_packed_text_is_what_it_was(value: Any) -> None:
    """Only what no database holds is another character, whatever stands before it."""

    def as_stored(each: Any) -> Any:
        return [as_stored(item) for item in each] if isinstance(each, list) else each.replace("\0", "\ufffd")

    assert json.loads(packed(value)) == as_stored(value)
