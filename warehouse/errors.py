"""What can go wrong with a warehouse, each error with the path and the cause."""

from collections.abc import Sequence
from pathlib import Path

from extractors.errors import BrinkwatchError


class WarehouseError(BrinkwatchError):
    """The warehouse at ``path`` cannot be used."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"warehouse {path}: {what}")
        self.path = path


class WarehouseBusyError(WarehouseError):
    """Other processes kept writing for longer than this one may wait."""


class WarehouseMissingError(WarehouseError):
    """There is no snapshot to read yet."""


class WarehouseNewerError(WarehouseError):
    """A later version of Brinkwatch has changed this warehouse; ``unknown`` names the migrations this one lacks."""

    def __init__(self, path: Path, unknown: tuple[str, ...]) -> None:
        super().__init__(
            path,
            f"written by a newer version of Brinkwatch (it holds {', '.join(unknown)}); "
            "install that version, or point BRINKWATCH_WAREHOUSE at another file",
        )
        self.unknown = unknown


class QueryError(WarehouseError):
    """An analyst's query that DuckDB refuses; the message is DuckDB's own."""


class NoSuchAlertError(BrinkwatchError):
    """No alert has this id, or several begin with it."""

    def __init__(self, alert_id: str) -> None:
        super().__init__(f"alert {alert_id}: no such alert, or more than one begins so")
        self.alert_id = alert_id


class CorrectionError(BrinkwatchError):
    """A correction that makes no sense, with what to do instead."""


class NoSuchCorrectionTargetError(CorrectionError):
    """Nothing that can be corrected has this id; ``near`` describes what has an id like it."""

    def __init__(self, wanted: str, near: Sequence[str]) -> None:
        hint = f"; did you mean {' or '.join(near)}?" if near else "; see brinkwatch alerts list"
        super().__init__(f"no alert, claim, red line, statement or transfer {wanted}{hint}")
        self.wanted = wanted
        self.near = tuple(near)
