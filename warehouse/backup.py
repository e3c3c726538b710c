"""Copies of the whole warehouse, verified by reading all of them, and restoring one.

A restored warehouse does not know what was sent after the copy was made. So a restore leaves a row in ``restores``, by
which every alert that may have been sent is looked up before it is sent again; see ``outbox``.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse import migrations
from warehouse.clock import DISAGREE
from warehouse.connection import disk_trouble, locked, log_of, transaction, writing
from warehouse.errors import BackupError, WarehouseDamagedError, WarehouseTroubleError
from warehouse.publish import copy_whole, fold
from warehouse.rows import insert, select
from warehouse.tables import runs

_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A back-up that was made or restored."""

    path: Path
    rows: Mapping[str, int]
    """Number of rows in each table."""
    until: datetime
    """The latest moment it has a record of."""
    kept: Path | None = None
    """After a restore: where the previous file is kept."""


def back_up(warehouse: Path, target: Path | None, *, now: datetime, keep: int | None = None) -> Copied:
    """Copy ``warehouse`` to ``target``, or into the folder of back-ups, of which the last ``keep`` remain.

    What is written in the meantime is not in it. A copy that cannot be read completely does not count.
    """
    if not warehouse.exists():
        raise BackupError(f"there is no warehouse at {warehouse} to back up")
    target = target or _folder(warehouse) / f"{warehouse.stem}-{now.astimezone(UTC):{_STAMP}}{warehouse.suffix}"
    if target.exists():
        raise BackupError(f"{target} exists already; name another file")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(warehouse, purpose="publish"), _draft(target) as draft:
            copy_whole(warehouse, draft)
            with transaction(draft) as connection:
                rows, until = runs.read_all(connection), _remembered_until(connection, now)
            draft.replace(target)
    except WarehouseDamagedError as error:
        raise WarehouseDamagedError(warehouse, error.how) from error
    except OSError as error:
        raise disk_trouble(target, error) from error
    for old in back_ups(warehouse, now=now)[:-keep] if keep else ():
        old.unlink()
    return Copied(path=target, rows=rows, until=until)


def restore(warehouse: Path, source: Path | None, *, now: datetime) -> Copied:
    """Replace ``warehouse`` with ``source`` or the latest back-up; the previous file is kept under another name."""
    source = source or next(reversed(back_ups(warehouse, now=now)), None)
    if source is None or not source.is_file():
        raise BackupError(f"no back-up {source or f'in {_folder(warehouse)}'}; name its file: brinkwatch restore FILE")
    try:
        with _draft(warehouse) as draft:
            rows, until = _prepared(source, draft, now=now)
            with locked(warehouse, purpose="publish"), locked(warehouse):
                kept = _set_aside(warehouse, now)
                draft.replace(warehouse)
    except OSError as error:
        raise disk_trouble(warehouse, error) from error
    return Copied(path=source, rows=rows, until=until, kept=kept)


def back_ups(warehouse: Path, *, now: datetime) -> list[Path]:
    """Return the back-ups in the folder beside ``warehouse``, oldest first; files with other names are ignored.

    A back-up dated in the future was made while the clock was ahead. It counts as the oldest, so that it neither
    displaces others nor is taken for the latest.
    """
    made = {
        path: _made_at(path, warehouse) for path in _folder(warehouse).glob(f"{warehouse.stem}-*{warehouse.suffix}")
    }
    dated = [(at <= now + DISAGREE, at, path) for path, at in made.items() if at]
    return [path for _, _, path in sorted(dated)]


def _made_at(back_up: Path, warehouse: Path) -> datetime | None:
    """Return when a back-up was made, by its name; None for a file with another name."""
    with suppress(ValueError):
        return datetime.strptime(back_up.stem.removeprefix(f"{warehouse.stem}-"), _STAMP).replace(tzinfo=UTC)
    return None


def _folder(warehouse: Path) -> Path:
    return warehouse.parent / "backups"


def _prepared(source: Path, draft: Path, *, now: datetime) -> tuple[Mapping[str, int], datetime]:
    """Copy ``source``, with its log if it has one, to ``draft``; verify it, migrate it, and record the restore."""
    for path, copy in ((source, draft), (log_of(source), log_of(draft))):
        if path.exists():
            shutil.copyfile(path, copy)
    try:
        with transaction(draft) as connection:
            rows, until = runs.read_all(connection), _remembered_until(connection, now)
            migrations.migrate(connection, source)
            row = {"restored_at": now, "data_until": until, "source": str(source.absolute())}
            insert(connection, "restores", [row])
    except WarehouseTroubleError as error:
        raise BackupError(f"{source}: {error.what}; name another back-up") from error
    with writing(draft) as connection:
        fold(connection)
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    return rows, until


def _remembered_until(connection: DuckDBPyConnection, now: datetime) -> datetime:
    """Return the latest moment that a warehouse has a record of."""
    (row,) = select(
        connection,
        """
        SELECT greatest(
            (SELECT max(greatest(started_at, finished_at)) FROM runs), (SELECT max(seen) FROM articles),
            (SELECT max(decided_at) FROM alerts), (SELECT max(changed_at) FROM deliveries)
        ) AS until
        """,
    )
    return min(row["until"] or now, now)


def _set_aside(warehouse: Path, now: datetime) -> Path | None:
    """Give the file and its log another name; until the new one is in place, the file keeps its old name too."""
    if not warehouse.exists():
        return None
    kept = warehouse.with_name(f"{warehouse.stem}.replaced-{now.astimezone(UTC):{_STAMP}}{warehouse.suffix}")
    kept.hardlink_to(warehouse)
    if log_of(warehouse).exists():
        log_of(warehouse).replace(log_of(kept))
    return kept


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` where nothing is left behind, neither by this nor by a process that died."""
    draft = path.with_name(f".{path.name}.copy")
    beside = (draft, log_of(draft), *(draft.with_name(f"{draft.name}{of}.lock") for of in ("", ".publish")))
    try:
        for each in beside:
            each.unlink(missing_ok=True)
        yield draft
    finally:
        for each in beside:
            each.unlink(missing_ok=True)
