"""What a correction changes in a transfer, and which transfer of a new reading it applies to. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from extractors.records import Stage, Transfer
from warehouse.stored_records import CorrectionKind

READ = ("weapon", "supplier", "recipient", "stage")
"""The fields of a transfer that can be corrected."""
KEPT = (*READ, "supplier_text", "recipient_text")
"""Fields of which the former values are kept, so that a correction can be undone."""

TRANSFER_KINDS = (
    CorrectionKind.STAGE,
    CorrectionKind.SUPPLIER,
    CorrectionKind.RECIPIENT,
    CorrectionKind.WEAPON,
    CorrectionKind.DIRECTION,
)

Values = tuple[str | None, ...]


def changes(kind: CorrectionKind, value: str | None, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a correction sets on a transfer, or on a claim, that was read as ``before``.

    A party that the article does not name has no text in it; an exchange of the parties exchanges their texts too.
    """
    if kind is CorrectionKind.DIRECTION:
        return {
            "supplier": before["recipient"],
            "recipient": before["supplier"],
            "supplier_text": before.get("recipient_text"),
            "recipient_text": before.get("supplier_text"),
        }
    return {kind.value: value} | ({f"{kind}_text": None} if f"{kind}_text" in KEPT else {})


def values_of(row: Mapping[str, Any]) -> Values:
    """Return weapon, supplier, recipient and stage of a transfer."""
    return tuple(row[name] for name in READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A correction of the transfer at one place of an article."""

    start: int
    end: int
    before: Mapping[str, Any]
    """The fields ``KEPT`` as they were read."""
    changes: Mapping[str, Any]

    @property
    def after(self) -> Mapping[str, Any]:
        """Return the same fields after the correction."""
        return {**self.before, **self.changes}

    def applied(self, transfers: Sequence[Transfer], *, beside: Collection[Values], alone: bool) -> list[Transfer]:
        """Return ``transfers``, found at this place by a new reading, with the one that is meant corrected.

        That one is of the same weapon, and most similar to what was read before. ``beside`` is what else an earlier
        reading found here: a transfer that still equals one of these is not meant. If the corrected one stood
        ``alone``, its weapon may have another id by now. None is meant if nothing similar was found.
        """
        weapons = {self.before["weapon"], self.after["weapon"]}
        likely = [
            (self._likeness(read), -number)
            for number, transfer in enumerate(transfers)
            if (read := _read(transfer)) not in beside and (alone or transfer.weapon in weapons)
        ]
        meant = -max(likely)[1] if likely else None
        return [self._put(each) if number == meant else each for number, each in enumerate(transfers)]

    def _likeness(self, read: Values) -> tuple[int, int]:
        same = [sum(one == other for one, other in zip(read, values_of(said), strict=True)) for said in self._said()]
        return max(same), same[0]

    def _said(self) -> Iterable[Mapping[str, Any]]:
        return self.before, self.after

    def _put(self, transfer: Transfer) -> Transfer:
        stage = {"stage": Stage(self.changes["stage"])} if "stage" in self.changes else {}
        return replace(transfer, **{**self.changes, **stage})


def once_each(transfers: Iterable[Transfer]) -> tuple[Transfer, ...]:
    """Return ``transfers`` without duplicates at one place, which a correction may have created."""
    return tuple({(_read(each), each.start, each.end): each for each in reversed(list(transfers))}.values())[::-1]


def _read(transfer: Transfer) -> Values:
    return transfer.weapon, transfer.supplier, transfer.recipient, transfer.stage.value
