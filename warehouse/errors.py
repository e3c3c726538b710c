"""What can go wrong with a warehouse; each error names the path and the cause."""

from collections.abc import Sequence
from pathlib import Path

from extractors.errors import BrinkwatchError
from extractors.suggestions import did_you_mean
from warehouse.places import Lake, Place

_KEEPS = "(brinkwatch restore; the present file is kept beside it)"


class WarehouseError(BrinkwatchError):
    """The warehouse at ``path`` cannot be used."""

    def __init__(self, path: Place, what: str) -> None:
        super().__init__(f"warehouse {path}: {what}")
        self.path = path


class WarehouseBusyError(WarehouseError):
    """Other processes kept writing for longer than this one was allowed to wait."""


class WarehouseTroubleError(WarehouseError):
    """Something that keeps every command from using the warehouse at ``path``, with advice."""

    def __init__(self, path: Place, what: str, advice: str) -> None:
        super().__init__(path, f"{what}. {advice[:1].upper()}{advice[1:]}")
        self.what = what
        self.advice = advice


class WarehouseDamagedError(WarehouseTroubleError):
    """The file, or the log beside it, is not as it was written."""

    def __init__(self, path: Path, how: str) -> None:
        self.how = how
        super().__init__(path, f"damaged: {how}", f"restore the last back-up {_KEEPS}")


class ForeignLogError(WarehouseTroubleError):
    """What lies beside the file as its log is none, or was written for another file or state."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"what lies beside it as its log, {path.name}.wal, is none of this file",
            f"put back the log that was copied with the file, or restore the last back-up {_KEEPS}",
        )


class DiskFullError(WarehouseTroubleError):
    """There is no space left beside the warehouse; nothing of what was being written is kept."""

    def __init__(self, path: Path) -> None:
        folder = path.parent.absolute()
        super().__init__(path, "the disk is full", f"free some space in {folder} and run again: nothing is lost")


class CatalogError(WarehouseTroubleError):
    """The catalog of a lake, or the files it names, cannot be reached; nothing of what was being written is kept."""

    def __init__(self, lake: Lake, what: str) -> None:
        super().__init__(lake, what, "see that PostgreSQL and the files can be reached, and run again: nothing is lost")


class DeniedError(WarehouseTroubleError):
    """The role in the database, or the user or key that the files are reached with, has not the right to do this."""

    def __init__(self, lake: Lake, what: str) -> None:
        super().__init__(
            lake,
            f"nothing was stored: {what}",
            "a role for analysts may only read; what changes the monitor needs the role of those who run it",
        )


class CopyError(BrinkwatchError):
    """A warehouse that cannot be copied to another place."""


class BackupError(BrinkwatchError):
    """A back-up that cannot be made or restored."""


class ArchiveError(BrinkwatchError):
    """A file of articles that cannot be read."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")


class WarehouseMissingError(WarehouseError):
    """There is no warehouse, or no snapshot of it, yet."""


class SnapshotError(WarehouseError):
    """The snapshot for readers is damaged; the warehouse itself is another file."""

    def __init__(self, path: Path, snapshot: Path) -> None:
        super().__init__(
            path, f"its snapshot {snapshot.name} is damaged. Remove it; the next cycle makes a new one: brinkwatch run"
        )


class WarehouseNewerError(WarehouseError):
    """A newer version of Brinkwatch has changed this warehouse; ``unknown`` names the migrations this one lacks."""

    def __init__(self, path: Place, unknown: tuple[str, ...]) -> None:
        super().__init__(
            path,
            f"written by a newer version of Brinkwatch (it holds {', '.join(unknown)}); "
            "install that version, or point BRINKWATCH_WAREHOUSE at another file",
        )
        self.unknown = unknown


class QueryError(WarehouseError):
    """A query that DuckDB refuses; the message is DuckDB's."""


class NoIdError(BrinkwatchError):
    """Nothing was given where an id belongs."""

    def __init__(self) -> None:
        super().__init__("the id is empty: give an id, or its beginning; brinkwatch alerts list shows ids")


class NoSuchAlertError(BrinkwatchError):
    """No alert has this id; or ``several`` have one that begins like this."""

    def __init__(self, alert_id: str, several: Sequence[str] = ()) -> None:
        none = f"no alert {alert_id}; brinkwatch alerts list shows all"
        super().__init__(f"several alerts begin with {alert_id}: {', '.join(several)}" if several else none)
        self.alert_id = alert_id
        self.several = tuple(several)


class CorrectionError(BrinkwatchError):
    """A correction that makes no sense, with advice."""


class NoSuchCorrectionTargetError(CorrectionError):
    """Nothing that can be corrected has this id; ``near`` describes what has a similar one."""

    def __init__(self, wanted: str, near: Sequence[str]) -> None:
        hint = did_you_mean(near, otherwise="see brinkwatch alerts list")
        super().__init__(f"no alert, claim, red line, statement or transfer {wanted}{hint}")
        self.wanted = wanted
        self.near = tuple(near)
