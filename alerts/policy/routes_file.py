"""Reads ``seeds/routes.toml``; every mistake is reported with its line, including names that are on no list."""

import logging
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from alerts.policy.digest_schedule import DigestPlan
from alerts.policy.routing import Matcher, QuietHours, Routing, Rule, Silence, Watch, wall_clock
from extractors.lexicon import LexiconError, Problem, from_row
from extractors.suggestions import did_you_mean, similar

log = logging.getLogger(__name__)
T = TypeVar("T")

FILE = "routes.toml"
FORMER_NAMES = {"watch": {"louder": "boost"}}
"""Former names of fields, by table; they still work in this version."""

_QUOTED = re.compile(r"'(\w+)")
_HEADER = re.compile(r"\s*\[{1,2}([\w.]+)\]{1,2}\s*(#.*)?$")

TABLES = ("zone", "digest_at", "theatres", "watch", "rule", "digest", "default", "silence", "quiet_hours")
Known = Mapping[str, Collection[str]]
"""The ids in the lexicons, by the field that may contain them: sides, speakers, weapons, categories."""


def load_routing(seeds: Path, *, known: Known | None = None) -> Routing:
    """Return the rules of ``seeds/routes.toml``, or rules that change nothing if there is no such file.

    With ``known``, a name that no lexicon holds is a problem too. Raises LexiconError with every problem, by line.
    """
    path = seeds / FILE
    if not path.exists():
        return Routing()
    file = _RoutesFile(path, known=known or {})
    routing = file.routing()
    if file.problems:
        raise LexiconError(tuple(sorted(file.problems, key=lambda problem: problem.line)))
    return routing


class _RoutesFile:
    """Reads the file table by table and collects the problems."""

    def __init__(self, path: Path, *, known: Known) -> None:
        self.known = known
        self.problems: list[Problem] = []
        self.lines: list[str] = []
        self.data: dict[str, Any] = {}
        try:
            text = path.read_bytes().decode("utf-8-sig")
            self.lines = text.splitlines()
            self.data = _plain(tomllib.loads(text))
        except OSError as error:
            self._wrong(0, f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self._wrong(error.object.count(b"\n", 0, error.start) + 1, "not UTF-8")
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            self._wrong(int(at[1]) if at else len(self.lines), f"not TOML: {error}")

    def routing(self) -> Routing:
        """Return what the file says; ``problems`` lists what is wrong with it."""
        for name in self.data.keys() - set(TABLES):
            self._wrong(self._line(name), f"unknown table or field {name!r}{_meant(name, TABLES)}")
        theatres, quiet = self._theatres(), None
        if "quiet_hours" in self.data:
            quiet = self._built("quiet_hours", 0, self._one("quiet_hours"), QuietHours)
        default = self._built("default", 0, {"name": "default", **self._one("default")}, Rule)
        return Routing(
            zone=self._zone(),
            digest_at=self._digest_at(),
            theatres=theatres,
            watch=self._all("watch", Watch),
            rules=self._all("rule", Rule),
            digests=self._all("digest", DigestPlan),
            default=default or Rule(name="default"),
            silences=self._all("silence", Silence),
            quiet_hours=quiet,
        )

    def _zone(self) -> str:
        zone = self.data.get("zone", "UTC")
        try:
            ZoneInfo(zone)
        except (TypeError, KeyError, ValueError, OSError):
            self._wrong(self._line("zone"), f"'zone' {zone!r} is not a zone of the tz database, such as Europe/Berlin")
            return "UTC"
        return str(zone)

    def _digest_at(self) -> str:
        at = self.data.get("digest_at", "08:00")
        try:
            wall_clock(at)
        except (TypeError, ValueError):
            self._wrong(self._line("digest_at"), f"'digest_at' must be a time such as \"08:00\", not {at!r}")
            return "08:00"
        return str(at)

    def _theatres(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name, lands in self._one("theatres").items():
            if isinstance(lands, list) and all(isinstance(land, str) for land in lands):
                found[name] = tuple(lands)
                for _, what in unknown(Matcher(sides=found[name]), self.known):
                    self._wrong(self._line("theatres", 0, name), f"[theatres] {name!r}: {what}")
            else:
                self._wrong(self._line("theatres", 0, name), f"[theatres] {name!r} must be a list of countries")
        return found

    def _one(self, table: str) -> dict[str, Any]:
        found = self.data.get(table, {})
        if isinstance(found, dict):
            return found
        self._wrong(self._line(table), f"{table!r} must be one table: [{table}]")
        return {}

    def _all(self, table: str, build: type[T]) -> tuple[T, ...]:
        rows = self.data.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._wrong(self._line(table), f"{table!r} must be written with double brackets: [[{table}]]")
            return ()
        names = [row.get("name") for row in rows]
        for place, name in enumerate(names):
            if name is not None and name in names[:place]:
                self._wrong(self._line(table, place, "name"), f"[{table}] 'name' {name!r} is used twice")
        built = [self._built(table, place, _renamed(table, row), build) for place, row in enumerate(rows)]
        return tuple(each for each in built if each is not None)

    def _built(self, table: str, place: int, row: dict[str, Any], build: type[T]) -> T | None:
        try:
            built = from_row(row, build=build)
        except ValueError as error:
            for what in str(error).split("\n"):
                named = _QUOTED.search(what)
                self._wrong(self._line(table, place, named[1] if named else ""), f"[{table}] {what}")
            return None
        known = {**self.known, "theatres": self.data.get("theatres", {})}
        for name, what in unknown(built, known):
            self._wrong(self._line(table, place, name), f"[{table}] {what}")
        return built

    def _line(self, table: str, place: int = 0, name: str = "") -> int:
        """Return the line of a field, or of its table if the field is missing, or 1 if both are."""
        found = [(number, head[1]) for number, line in enumerate(self.lines) if (head := _HEADER.match(line))]
        starts = [number for number, head in found if head == table]
        start = starts[place] if place < len(starts) else 0
        wanted = re.compile(rf"\s*[\"']?{re.escape(name or table)}[\"']?\s*=")
        end = next((number for number, _ in found if number > start), len(self.lines))
        inside = range(start, end)
        return next((number for number in inside if wanted.match(self.lines[number])), start) + 1

    def _wrong(self, line: int, what: str) -> None:
        self.problems.append(Problem(file=FILE, line=line, what=what))


def _renamed(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the present names of its fields; one that is there under both names is left as it is."""
    former = {old: new for old, new in FORMER_NAMES.get(table, {}).items() if old in row and new not in row}
    for name, present in former.items():
        _note_former_name(table, name, present)
    return {former.get(name, name): value for name, value in row.items()}


@cache
def _note_former_name(table: str, name: str, present: str) -> None:
    """Warn once that a field has been renamed."""
    log.warning("%s: [%s] %r is called %r now; the former name goes with the next version", FILE, table, name, present)


def unknown(item: object, known: Known) -> Iterator[tuple[str, str]]:
    """Yield the fields of a rule, watch list or silence that name something on no list, each with a message."""
    for name, there in known.items():
        for value in getattr(item, name, ()):
            if value not in there:
                what = f"{value!r} is on no list" if name == "ids" else f"{name!r} names {value!r}, which is on no list"
                yield name, what + _meant(value, there)


def _meant(name: str, there: Iterable[str]) -> str:
    return did_you_mean([repr(near) for near in similar(name, there, most=1)])


def _plain(value: Any) -> Any:
    """Return TOML values as JSON has them: dates and times as text."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, (date, time)) else value
