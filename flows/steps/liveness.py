"""A dead man's switch: reports once to the operator that the monitor has gone quiet, and when that is over."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from flows.phrases import duration, moment
from flows.settings import Settings
from flows.steps.operator_lines import record_lines, tell_lines
from warehouse import measuring
from warehouse.clock import DISAGREE, bring_back
from warehouse.errors import WarehouseError
from warehouse.measuring import Signs
from warehouse.store import Warehouse
from warehouse.stored_records import Noted, Notice, Pulse
from warehouse.tables.notices import measure_pulse, save_notices

CYCLE = ("ingest", "detect", "notify", "digest")
"""The steps of a cycle, each of which leaves a row in ``runs``."""
SOONEST = timedelta(minutes=10)
"""Shortest silence to report; a long cycle of a step that runs every minute, or a night's pause, is not enough."""
MANY = 10
"""Fewest articles of a usual hour for one without any to mean something: there are many more hours than days."""
DRIFT = 0.1
"""Distance between two distributions of scores below which a difference, however certain, is not worth telling."""
OFTEN = 5
"""Fewest articles on a usual day for one without any to mean something; with fewer, chance explains it."""


def check_liveness(
    settings: Settings, *, now: datetime, every: Mapping[str, timedelta], more: Sequence[Notice] = ()
) -> Noted:
    """Find what is wrong with the monitor, add ``more``, report what is new, and return it.

    Slack is told what it could not be told before, too.
    """
    news = look_at_news(settings, now=now)
    with Warehouse(settings.warehouse).transaction() as tx:
        found = notices_of(measure_pulse(tx, now=now), every=every, now=now)
        noted = save_notices(tx, [*found, *news, *more], now=now)
        record_lines(tx, [*noted.told, *(f"This is over: {text}" for text in noted.over)], now=now)
    tell_lines(settings, now=now)
    return noted


def repair_times(settings: Settings) -> None:
    """Make due what a clock that was ahead has postponed, and report it."""
    now, lease = datetime.now(UTC), timedelta(seconds=settings.lease)
    with Warehouse(settings.warehouse).transaction() as tx:
        lines = bring_back(tx, now=now, lease=lease)
        record_lines(tx, lines, now=now)
    if lines:
        tell_lines(settings, now=now)


def timed(settings: Settings) -> dict[str, timedelta]:
    """Return how often each step should succeed if a timer starts the cycles; nothing without a timer."""
    return dict.fromkeys(CYCLE, timedelta(seconds=settings.run_every)) if settings.run_every else {}


def notices_of(pulse: Pulse, *, every: Mapping[str, timedelta], now: datetime) -> Iterator[Notice]:
    """Yield a notice for everything that was checked, including what is well."""
    for step, interval in every.items():
        yield _step(step, pulse.succeeded.get(step) or pulse.began or now, interval, now)
    yield Notice(subject="articles", text=_nothing(pulse.articles, "No article was stored"))
    yield Notice(subject="signals", text=_nothing(pulse.signals, "Nothing was found in any article"))
    if pulse.clock_off is not None:
        yield Notice(subject="clock", text=_clock(pulse.clock_off))


def look_at_news(settings: Settings, *, now: datetime) -> list[Notice]:
    """Return notices on what the snapshot says of sources and scores; none where there is no snapshot to read."""
    try:
        return list(notices_of_news(measuring.signs(settings.warehouse, now=now)))
    except WarehouseError:  # what is wrong with it is said where it is published, and by doctor
        return []


def notices_of_news(signs: Signs) -> Iterator[Notice]:
    """Yield a notice for what is wrong or well with news, sources and scores; none where that cannot be told."""
    if signs.articles or signs.promised >= MANY:
        text = f"No article was stored for an hour in which the sources usually bring {signs.promised:.0f}"
        # a monitor that was stopped for the night stores some before that is over
        yield Notice(subject="hour", text=None if signs.articles else text, patience=timedelta(minutes=15))
    for shape in signs.shapes:
        if shape.changed or shape.well:
            text = f"The source {shape.feed} has changed its shape: {shape.what}"
            subject = f"{shape.feed}: {shape.what}"
            yield Notice(subject=subject, text=text if shape.changed else None, patience=timedelta(hours=6))
    yield Notice(subject="scores", text=_drift(signs), patience=timedelta(days=1))


def _drift(signs: Signs) -> str | None:
    if signs.drift <= max(signs.chance, DRIFT):
        return None
    now, before = signs.scores
    return (
        f"Scores have drifted: the mean confidence of statements was {now:.2f} in the last week, {before:.2f} in the "
        "month before; has the news changed, or a source its shape?"
    )


def since(pulse: Pulse, *, now: datetime) -> str:
    """Return how long ago each step last succeeded, in words."""
    ago = (f"{step} {duration(now - last)} ago" for step, last in sorted(pulse.succeeded.items()))
    return ", ".join(ago) or "no cycle has run yet"


def _step(step: str, last: datetime, interval: timedelta, now: datetime) -> Notice:
    """Judge a step by its last success.

    A late step is reported after three intervals, or ``SOONEST``, by an observer who saw it late for a third of that.
    A monitor that was stopped for the night therefore raises no false alarm when it is started again.
    """
    silent, third = now - last, max(interval, SOONEST / 3)
    text = f"No {step} has succeeded since {moment(last)}; it is due every {duration(interval).removeprefix('1 ')}"
    return Notice(subject=step, text=text if silent > 2 * third else None, sure=silent > 3 * third, patience=third)


def _nothing(days: Sequence[int], what: str) -> str | None:
    """Return that the last day brought nothing, if the same day a week ago and the average day brought some."""
    usual = min(days[7], sum(days[1:8]) // 7)
    return f"{what} for a day that usually brings some: {usual} or more" if days[0] == 0 and usual >= OFTEN else None


def _clock(off: timedelta) -> str | None:
    if abs(off) <= DISAGREE:
        return None
    return f"The clock of this machine is {duration(off)} {'ahead' if off > timedelta(0) else 'behind'}: set it"
