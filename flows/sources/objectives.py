"""How late an entry may be noticed: latency objectives by tier, and bounds set by feed, by group and for all feeds.

Pure; the history of a feed is considered in ``schedule``.
"""

import math
import re
from collections.abc import Mapping

TIERS = {"flash": 60, "fast": 5 * 60, "normal": 15 * 60, "slow": 2 * 3600}
"""Seconds within which an entry should be noticed."""
UNITS = {"s": 1, "m": 60, "h": 3600}
WIDEST = (30, 6 * 3600)
"""Shortest and longest interval between two polls in seconds, by default."""

Bounds = tuple[int | None, int | None]
"""The same for all feeds, a group or one feed; None leaves it to the less specific setting."""
_BOUND = r"(?:(\d{1,6})([smh]))?"
_BOUNDS = re.compile(f"{_BOUND}-{_BOUND}")


def parse_bounds(text: str) -> Bounds:
    """Parse ``2m-1h``, ``30s-`` or ``-15m``, or nothing for an empty text. ValueError says what is wrong."""
    if not text:
        return None, None
    found = _BOUNDS.fullmatch(text)
    if found is None or text == "-":
        raise ValueError(f"{text!r} is not an interval such as 2m-1h, 30s- or -15m")
    low, low_unit, high, high_unit = found.groups()
    shortest = int(low) * UNITS[low_unit] if low else None
    longest = int(high) * UNITS[high_unit] if high else None
    if (shortest or 1) > (longest or math.inf) or longest == 0:
        raise ValueError(f"{text!r} is an interval that ends before it begins")
    return shortest, longest


def parse_groups(text: str) -> dict[str, Bounds]:
    """Parse ``1m-6h wire=30s-5m``: bounds of all feeds, under the empty name, and of groups. ValueError as above."""
    pairs = (word.rpartition("=") for word in text.split())
    return {group: parse_bounds(bounds) for group, _, bounds in pairs}


def bounds_of(own: str, kind: str, groups: Mapping[str, Bounds]) -> tuple[int, int]:
    """Return the bounds of a feed: its own, or those of its group, or those of all feeds."""
    low, high = WIDEST
    nobody: Bounds = (None, None)
    for shortest, longest in (groups.get("", nobody), groups.get(kind, nobody), parse_bounds(own)):
        low, high = (low, high) if shortest is None else (shortest, max(high, shortest))
        low, high = (low, high) if longest is None else (min(low, longest), longest)
    return low, high
