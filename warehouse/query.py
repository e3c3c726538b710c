"""Read-only SQL for analysts, on the published snapshot only: nobody who reads keeps a cycle from writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Format(StrEnum):
    """How a result is written out."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a query returned."""

    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table or view, as ``brinkwatch sql`` lists it."""

    name: str
    kind: str
    """table or view."""
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    """Name, type and comment of each."""


def query(warehouse: Path, sql: str, *, external: bool = False) -> Result:
    """Run ``sql`` on the snapshot of ``warehouse``; ``external`` allows other files and the network.

    Raises WarehouseMissingError when nothing was published yet, QueryError for what DuckDB refuses.
    """
    raise NotImplementedError


def export(warehouse: Path, sql: str, path: Path, *, form: Format, external: bool = False) -> None:
    """Write the result of ``sql`` to ``path``."""
    raise NotImplementedError


def describe(warehouse: Path) -> list[Relation]:
    """Return the tables and views with their comments, in alphabetical order."""
    raise NotImplementedError
