"""The geometry of the charts: what stands where in a drawing 360 units wide, which fits a phone as it is.

Every chart stands beside a table of the same figures, so that nothing is conveyed by position and colour alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from alerts.report.content import Row
from alerts.report.figures import Week, monday_of, ways

WIDTH = 360
LEFT, RIGHT = 26, 8
PLOT = WIDTH - LEFT - RIGHT
TOP, BARS, SPREAD, AXIS = 10, 90, 60, 18
"""Heights of the margin, the bars, the strip of severities below them, and the dates."""
LANE = 34
APART = 11
LABEL = 38
"""Width of the longest date."""
MOST_LANES = 12
MOST_DAYS = 70
"""Longer periods are drawn by week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A line with its label."""

    at: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Statements of one severity on one day, or in one week."""

    x: float
    y: float
    width: float
    height: float
    severity: int
    day: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The severities of one week: the least and greatest, the middle half, and the median."""

    x: float
    least: float
    lower: float
    middle: float
    upper: float
    greatest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Statements over time, stacked by severity, and below how their severities lie in each week."""

    height: float
    bars: tuple[Bar, ...]
    boxes: tuple[Box, ...]
    counts: tuple[Tick, ...]
    severities: tuple[Tick, ...]
    days: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A step of a weapon."""

    x: float
    step: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The way between a supplier and a recipient."""

    y: float
    supplier: str | None
    recipient: str | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The ways of a weapon over time, the longest first."""

    height: float
    lanes: tuple[Lane, ...]
    days: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Days from ``first`` to ``last`` on the width of a drawing."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days there are, both ends included."""
        return max(1, (self.last - self.first).days + 1)

    def x(self, day: float) -> float:
        """Return where the day of this number begins, the first being 0."""
        return round(LEFT + PLOT * min(max(day, 0), self.days) / self.days, 1)

    def of(self, day: date) -> float:
        """Return where a day begins."""
        return self.x((day - self.first).days)

    def ticks(self) -> tuple[Tick, ...]:
        """Return labels for the first, the last and two days between them, each below the middle of its day.

        Where days are so narrow that a label would stand out, those at the ends begin and end there.
        """
        steps = min(3, self.days - 1)
        places = [round(number * (self.days - 1) / steps) for number in range(steps + 1)] if steps else [0]
        anchors = ["middle"] * len(places)
        if PLOT / self.days < LABEL / 2:
            anchors[0], anchors[-1] = "start", "end"
        return tuple(
            Tick(at=self.x(place + 0.5), label=f"{self.first + timedelta(days=place):%-d %b}", anchor=anchor)
            for place, anchor in zip(places, anchors, strict=True)
        )


def scale_of(days: Sequence[date], since: date, until: date) -> Scale:
    """Return the scale of a period, without what lies before the first of ``days``."""
    return Scale(first=max(since, min(days, default=since)), last=until)


def tallest(series: Sequence[Sequence[Row]], scale: Scale) -> int:
    """Return the most statements that any of the series has in a day, or in a week where it is drawn by week."""
    return max((max(_stacked(rows, scale).values()) for rows in series if rows), default=1)


def _stacked(statements: Sequence[Row], scale: Scale) -> Counter[date]:
    return Counter(_bin(row, scale) for row in statements)


def _bin(statement: Row, scale: Scale) -> date:
    day: date = statement["first_reported"].date()
    return day if scale.days <= MOST_DAYS else monday_of(statement)


def bar_chart(statements: Sequence[Row], weeks: Sequence[Week], scale: Scale, *, top: int) -> BarChart:
    """Return the chart of some statements and the ``weeks`` they make, on a scale of ``top`` statements."""
    base = TOP + BARS
    return BarChart(
        height=base + SPREAD + AXIS,
        bars=tuple(_bars(statements, scale, unit=BARS / top, base=base)),
        boxes=tuple(_box(week, scale, base) for week in weeks),
        counts=tuple(Tick(at=round(base - BARS * count / top, 1), label=f"{count}") for count in _round_counts(top)),
        severities=tuple(Tick(at=_level(severity, base), label=f"{severity}") for severity in (1, 3, 5)),
        days=scale.ticks(),
    )


def _round_counts(top: int) -> list[int]:
    step = max(1, ceil(top / 3))
    return list(range(0, top + 1, step))


def _bars(statements: Sequence[Row], scale: Scale, *, unit: float, base: float) -> list[Bar]:
    width = PLOT / scale.days * (1 if scale.days <= MOST_DAYS else 7)
    stacked: Counter[date] = Counter()
    bars = []
    for (day, severity), count in sorted(Counter((_bin(row, scale), row["severity"]) for row in statements).items()):
        stacked[day] += count
        bars.append(
            Bar(
                x=scale.of(day),
                y=round(base - unit * stacked[day], 1),
                width=round(max(1.0, width - 1), 1),
                height=round(unit * count, 1),
                severity=severity,
                day=day,
                count=count,
            )
        )
    return bars


def _level(severity: float, base: float) -> float:
    return round(base + SPREAD - 4 - (severity - 1) * (SPREAD - 14) / 4, 1)


def _box(week: Week, scale: Scale, base: float) -> Box:
    spread = week.spread
    return Box(
        x=scale.x((week.monday - scale.first).days + 3.5),
        least=_level(spread.least, base),
        lower=_level(spread.lower, base),
        middle=_level(spread.middle, base),
        upper=_level(spread.upper, base),
        greatest=_level(spread.greatest, base),
    )


def timeline(steps: Sequence[Row]) -> Timeline:
    """Return the chart of a weapon's steps, from the first to the last of them."""
    days = [step["since"].date() for step in steps]
    scale = Scale(first=min(days), last=max(days))
    lanes = [
        Lane(
            y=TOP + LANE * number + LANE / 2,
            supplier=supplier,
            recipient=recipient,
            marks=tuple(
                Mark(x=x, step=step)
                for x, step in zip(_apart([_middle(step["since"], scale) for step in way]), way, strict=True)
            ),
        )
        for number, ((supplier, recipient), way) in enumerate(list(ways(steps).items())[:MOST_LANES])
    ]
    return Timeline(height=TOP + LANE * len(lanes) + AXIS, lanes=tuple(lanes), days=scale.ticks())


def _middle(moment: datetime, scale: Scale) -> float:
    return scale.x((moment.date() - scale.first).days + 0.5)


def _apart(places: Sequence[float]) -> list[float]:
    """Return places in their order, moved so that marks do not cover each other, as far as there is room."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + APART) if moved else place)
    most = float(LEFT + PLOT)
    for number in reversed(range(len(moved))):
        moved[number] = most = max(LEFT, min(moved[number], most))
        most -= APART
    return moved


SHAPES: Mapping[str, str] = {
    "requested": "M-5 4 0 -5 5 4Z",
    "considered": "M-4.5 0A4.5 4.5 0 1 0 4.5 0 4.5 4.5 0 1 0 -4.5 0M-2.5 0A2.5 2.5 0 1 1 2.5 0 2.5 2.5 0 1 1 -2.5 0",
    "refused": "M-4.5 -3 -3 -4.5 0 -1.5 3 -4.5 4.5 -3 1.5 0 4.5 3 3 4.5 0 1.5 -3 4.5 -4.5 3 -1.5 0Z",
    "pledged": "M-5 -1.5H-1.5V-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5Z",
    "delivered": "M-4.5 0A4.5 4.5 0 1 0 4.5 0 4.5 4.5 0 1 0 -4.5 0",
    "suspended": "M-4 -4.5H-1V4.5H-4ZM1 -4.5H4V4.5H1Z",
    "use_permitted": "M-4 -5 5 0 -4 5Z",
    "use_refused": "M-4.5 -4.5H4.5V4.5H-4.5Z",
    "used": "M0 -5.5 5.5 0 0 5.5 -5.5 0Z",
}
"""How a timeline shows each stage, by shape as well as by colour."""

SENSES: Mapping[str, str] = {
    "requested": "asks",
    "considered": "asks",
    "refused": "no",
    "pledged": "yes",
    "delivered": "yes",
    "suspended": "no",
    "use_permitted": "yes",
    "use_refused": "no",
    "used": "deed",
}
"""What each stage comes to, which gives it its colour."""
