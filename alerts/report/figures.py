"""The figures of a report: what was said by week with its spread, who addresses whom, who holds a weapon."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import quantiles

from alerts.report.content import Row, side_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How severities lie: the least, the middle half, the median and the greatest, on the scale of 1 to 5."""

    least: float
    lower: float
    middle: float
    upper: float
    greatest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What was said in one week, which begins on a Monday in UTC."""

    monday: date
    statements: tuple[Row, ...]
    red_lines: int
    threats: int
    outlets: int
    """Of the earliest reports."""
    spread: Spread

    @property
    def anchor(self) -> str:
        """The id by which it is found on the page of a side."""
        return f"w-{self.monday}"


def monday_of(statement: Row) -> date:
    """Return the Monday of the week in which something was first reported."""
    day: date = statement["first_reported"].date()
    return day - timedelta(days=day.weekday())


def weeks(statements: Sequence[Row]) -> list[Week]:
    """Return the weeks in which something was said, in time."""
    gathered: dict[date, list[Row]] = {}
    for row in statements:
        gathered.setdefault(monday_of(row), []).append(row)
    return [_week(monday, said) for monday, said in sorted(gathered.items())]


def _week(monday: date, said: Sequence[Row]) -> Week:
    kinds = Counter(row["kind"] for row in said)
    return Week(
        monday=monday,
        statements=tuple(said),
        red_lines=kinds["red_line"],
        threats=kinds["threat"],
        outlets=len({row["outlet"] for row in said}),
        spread=spread([row["severity"] for row in said]),
    )


def spread(severities: Sequence[int]) -> Spread:
    """Return how severities lie; those of one statement lie in one place."""
    lower, middle, upper = quantiles(severities, method="inclusive") if len(severities) > 1 else [*severities] * 3
    return Spread(least=min(severities), lower=lower, middle=middle, upper=upper, greatest=max(severities))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Who addresses whom: rows are sides, columns those they speak to, both by how often."""

    sides: tuple[str, ...]
    addressees: tuple[str, ...]
    cells: Mapping[tuple[str, str], Sequence[Row]]
    most: int
    silent: int
    """Statements that name nobody they are said to."""

    def heat(self, side: str, addressee: str) -> int:
        """Return how much a cell stands out, 1 to 5."""
        return 1 + round(4 * len(self.cells[side, addressee]) / self.most)


def matrix(statements: Sequence[Row]) -> Matrix:
    """Return who addresses whom."""
    cells: dict[tuple[str, str], list[Row]] = {}
    for row in statements:
        if row["addressee"]:
            cells.setdefault((side_of(row), row["addressee"]), []).append(row)
    by_side, by_addressee = Counter[str](), Counter[str]()
    for (side, addressee), said in cells.items():
        by_side[side] += len(said)
        by_addressee[addressee] += len(said)
    return Matrix(
        sides=_ranked(by_side),
        addressees=_ranked(by_addressee),
        cells=cells,
        most=max(map(len, cells.values()), default=1),
        silent=sum(not row["addressee"] for row in statements),
    )


def _ranked(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who is reported to have a weapon, and the step that says so."""

    actor: str
    how: str
    step: Row


_RECEIVES = {"delivered": "received it", "used": "uses it"}
_GIVES = {"pledged": "pledges it", "delivered": "delivers it", "use_permitted": "lets it be used"}


def holders(steps: Iterable[Row]) -> list[Holder]:
    """Return who has a weapon: those who received or use it, then those who give it, each by the latest such step."""
    found: dict[str, Holder] = {}
    for step in sorted(steps, key=lambda step: step["since"]):
        for column, deeds in (("supplier", _GIVES), ("recipient", _RECEIVES)):
            if step[column] and step["stage"] in deeds:
                found[step[column]] = Holder(actor=step[column], how=deeds[step["stage"]], step=step)
    return sorted(found.values(), key=lambda holder: (holder.how in _GIVES.values(), holder.actor))


def ways(steps: Iterable[Row]) -> dict[tuple[str | None, str | None], list[Row]]:
    """Return the steps of a weapon by supplier and recipient, the longest way first."""
    gathered: dict[tuple[str | None, str | None], list[Row]] = {}
    for step in steps:
        gathered.setdefault((step["supplier"], step["recipient"]), []).append(step)
    return dict(sorted(gathered.items(), key=lambda way: -len(way[1])))


def latest(alerts: Sequence[Row]) -> tuple[Row, ...]:
    """Return the alerts of the 24 hours that ended with the last one that was sent or is to be: a night is not cut."""
    told = [alert for alert in alerts if not alert["suppressed"] and not alert["false_alarm"]]
    if not told:
        return ()
    since = max(alert["decided_at"] for alert in told) - timedelta(days=1)
    return tuple(alert for alert in told if alert["decided_at"] > since)
