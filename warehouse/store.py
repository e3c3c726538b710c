"""The warehouse as a whole: short transactions, and operations on the whole file."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warehouse import backup, connection, lake, migrations, publish
from warehouse.backup import Copied
from warehouse.connection import Transaction
from warehouse.errors import BackupError
from warehouse.places import Lake, Place
from warehouse.tables.runs import read_all


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A DuckDB file, or a lake, at ``path``. Creating this object opens nothing; call ``migrate`` first."""

    path: Place

    def exists(self) -> bool:
        """Return whether there is a warehouse; CatalogError if nobody can tell."""
        return connection.exists(self.path)

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open it for one short transaction, which is passed to functions of ``warehouse.tables``.

        It is committed when the block ends, and rolled back if that raises. Other processes wait in the meantime, so
        use no network and no language processing in it.
        """
        return connection.transaction(self.path)

    def migrate(self) -> list[str]:
        """Create or bring up to date the tables and views; return the names of the migrations applied.

        What they changed is folded into the file at once: replaying their log would cost each later transaction 50 ms.
        """
        if isinstance(self.path, Path):
            connection.renew(self.path)
        with self.transaction() as tx:
            applied = migrations.migrate(tx, self.path)
        if applied and isinstance(self.path, Path):
            with connection.writing(self.path) as opened:
                publish.fold(opened)
        return applied

    def publish(self, *, news: bool = True) -> None:
        """Replace the snapshot that analysts read, unless nothing has been written since.

        Without ``news`` for them, as after a cycle that only polled, the present one may stay for a while. On a lake
        they read what is committed; what is left to do there is to merge small files from time to time.
        """
        publish.publish(self.path, news=news)

    def fold(self) -> None:
        """Fold the log into the file, which every transaction would otherwise read again, or merge a lake's files."""
        if isinstance(self.path, Lake):
            publish.publish(self.path)
            return
        with connection.writing(self.path) as opened:
            publish.fold(opened)

    def written(self) -> object:
        """Return a value that changes with every transaction that writes, without opening the warehouse."""
        return lake.last_commit(self.path) if isinstance(self.path, Lake) else connection.stamps(self.path)

    def verify(self) -> dict[str, int]:
        """Read every value, so that damage shows; return the number of rows of each table."""
        with self.transaction() as tx:
            return read_all(tx)

    def check_free_space(self) -> None:
        """Raise DiskFullError if the next snapshot would not fit; a lake has none."""
        if isinstance(self.path, Path):
            connection.check_free_space(self.path, self.path.stat().st_size)

    def back_up(self, target: Path | None = None, *, now: datetime, keep: int | None = None) -> Copied:
        """Copy the whole warehouse to ``target``, or into the folder of back-ups, of which the last ``keep`` remain."""
        return backup.back_up(self._file("back up"), target, now=now, keep=keep)

    def restore(self, source: Path | None = None, *, now: datetime) -> Copied:
        """Replace the file with ``source`` or the latest back-up; the previous file is kept under another name."""
        return backup.restore(self._file("restore"), source, now=now)

    def _file(self, what: str) -> Path:
        if isinstance(self.path, Lake):
            advice = "copy it to a file and back with brinkwatch warehouse copy, or save its database and its files"
            raise BackupError(f"{self.path}: brinkwatch cannot {what} a lake as a file; {advice}")
        return self.path
