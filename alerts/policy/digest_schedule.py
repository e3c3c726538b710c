"""Which digests there are, and when each is due. Pure: time is an argument."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}")
SERVICE = re.compile(r"[a-z][a-z0-9_]{0,30}")
"""A name in small letters is that of a service, of which the settings know the address."""
STALE = timedelta(days=1)
"""A digest that could not be sent for so long after its time is left out: the next one is near."""

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def is_service(channel: str) -> bool:
    """Whether alerts for ``channel`` go to a service and not to Slack."""
    return bool(SERVICE.fullmatch(channel))


def check_channel(name: str, channel: str) -> None:
    """Raise ValueError, naming the field, unless ``channel`` is a Slack channel's id or the name of a service."""
    if not (CHANNEL.fullmatch(channel) or is_service(channel)):
        what = "a channel's id such as C0123456789, or the name of a service in small letters"
        raise ValueError(f"{name!r} must be {what}, not {channel!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """A digest that is sent every day or every week, whether or not anything was left to it."""

    every: Literal["day", "week"] = "day"
    on: Weekday = "monday"
    """Of a weekly one: the day on which it is sent."""
    to: tuple[str, ...] = ()
    """Slack channels and services; empty is where alerts go."""

    def __post_init__(self) -> None:
        for channel in self.to:
            check_channel("to", channel)

    @property
    def days(self) -> int:
        """How many days it is about."""
        return 1 if self.every == "day" else 7

    def latest(self, now: datetime, *, at: time, zone: ZoneInfo) -> datetime:
        """Return the last moment at which it was to be sent, in UTC."""
        here = now.astimezone(zone)
        back = int(here.time() < at) if self.every == "day" else self._days_back(here, at)
        return datetime.combine(here.date() - timedelta(days=back), at, tzinfo=zone).astimezone(UTC)

    def _days_back(self, here: datetime, at: time) -> int:
        back = (here.weekday() - _WEEKDAYS.index(self.on)) % 7
        return 7 if back == 0 and here.time() < at else back


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDigest:
    """A digest that is to be sent now, unless it has been."""

    days: int
    until: datetime
    to: str
    """A Slack channel or a service; empty is where alerts go."""
    everything: bool
    """Whether it tells of all alerts, or of those alone that went to the same channel."""
    backlog: bool = False
    """Whether it also tells older news that came with a backlog."""


def due_digests(
    plans: tuple[DigestPlan, ...], *, waiting: frozenset[str], now: datetime, at: time, zone: ZoneInfo
) -> Iterator[DueDigest]:
    """Yield the digests that are due: those that are planned, and a daily one for each channel that has ``waiting``.

    ``waiting`` names the channels for which alerts were left to a digest whose time has come; "" where alerts go.
    """
    daily = DigestPlan().latest(now, at=at, zone=zone)
    planned = [(plan.days, plan.latest(now, at=at, zone=zone), to) for plan in plans for to in plan.to or ("",)]
    yield from (
        DueDigest(days=days, until=until, to=to, everything=True)
        for days, until, to in dict.fromkeys(planned)
        if now - until < STALE
    )
    for channel in sorted(waiting - {to for days, _, to in planned if days == 1}):
        yield DueDigest(days=1, until=daily, to=channel, everything=not channel)
