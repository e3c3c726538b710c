"""How well the demo did against its own truth: which events were told, missed, or told the wrong way round. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from extractors.counts import plural
from extractors.records import AlertKind
from flows.demo.happenings import OFFICES, Happening, Line, Novelty, Step, Threat

_KINDS: Mapping[type, AlertKind] = {
    Line: AlertKind.NEW_STATEMENT,
    Threat: AlertKind.NEW_STATEMENT,
    Step: AlertKind.NEW_STAGE,
    Novelty: AlertKind.NEW_WEAPON,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert that was sent: what it claims, and of which event its article is a report; None of ordinary news."""

    event: int | None
    kind: AlertKind
    headline: str = ""
    side: str | None = None
    """Of a statement: whose."""
    stage: str | None = None
    supplier: str | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Numbers of events, and of alerts that tell nothing that happened."""

    found: frozenset[int]
    missed: frozenset[int]
    reversed: tuple[Told, ...]
    """Alerts that take who gives for who gets."""
    false: tuple[Told, ...]
    """Alerts on ordinary news, or that tell another thing than what happened."""
    repeated: tuple[Told, ...]
    """Alerts that tell an event again."""

    def __str__(self) -> str:
        return (
            f"{plural(len(self.found | self.missed), 'event')}: {len(self.found)} found, {len(self.missed)} missed, "
            f"reversed: {len(self.reversed)}, false: {len(self.false)}, told again: {len(self.repeated)}"
        )


def score(events: Mapping[int, Happening], told: Iterable[Told], *, side: Callable[[str], str | None]) -> Score:
    """Compare what was told with the ``events`` that happened; ``side`` gives the id of a state by its name."""
    found: set[int] = set()
    sorts: dict[str, list[Told]] = defaultdict(list)
    for each in told:
        what = events.get(each.event) if each.event is not None else None
        if what and each.event is not None and _is_right(each, what, side):
            sorts["repeated" if each.event in found else "first"].append(each)
            found.add(each.event)
        else:
            sorts["reversed" if what and _is_turned(each, what, side) else "false"].append(each)
    return Score(
        found=frozenset(found),
        missed=frozenset(events) - found,
        **{name: tuple(sorts[name]) for name in ("reversed", "false", "repeated")},
    )


def _is_right(told: Told, what: Happening, side: Callable[[str], str | None]) -> bool:
    """Whether an alert tells what happened; a side that its article leaves out it may leave out too."""
    if told.kind != _KINDS[type(what)]:
        return False
    if isinstance(what, Line | Threat):
        return told.side == side(OFFICES[what.office].short)
    if isinstance(what, Step):
        parties = ((told.supplier, side(what.giver)), (told.recipient, side(what.taker)))
        return told.stage == what.stage and all(said in {None, true} for said, true in parties)
    return True


def _is_turned(told: Told, what: Happening, side: Callable[[str], str | None]) -> bool:
    if not isinstance(what, Step) or told.kind is not AlertKind.NEW_STAGE:
        return False
    return (told.supplier, told.recipient) == (side(what.taker), side(what.giver))
