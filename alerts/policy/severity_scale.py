"""How severe news is, how sure it must be, and which genres raise no alerts, as ``seeds/policy.toml`` says."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from alerts.wording.changes import Changes
from extractors.lexicon import LexiconError, Problem
from extractors.records import AlertKind, News, Stage, WeaponMention

FILE = "policy.toml"
MOST_SEVERE = 5
SHARES = ("least_confidence", "least_confidence_if_severe", "least_confidence_of_stages")
"""Numbers from 0 to 1, which a file may leave out."""
NUMBERS = ("other_weapons", "unlisted_systems", "severe_weapons")
OPTIONAL_NUMBERS = ("named_weapons",)
"""Severities that a file may leave out."""
TABLES = ("quiet_genres", "stages", "weapons")
CHANGES = ("crossing", "reversal")
"""Of the table ``changes``, which a file may leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The contents of ``policy.toml``; severities are 1 to 5."""

    other_weapons: int
    """Severity of a new system whose category ``weapons`` does not list."""
    unlisted_systems: int
    """The least severity of a named system that no list holds."""
    severe_weapons: int
    """Severity from which news of a whole class alerts, and severe stages count one more."""
    quiet_genres: Mapping[str, str]
    """Genres in which nobody draws a red line or makes a threat, each with a description."""
    stages: Mapping[str, int]
    weapons: Mapping[str, int]
    """By category."""
    named_weapons: int = 1
    """Severity from which a listed system alerts although it is only named; below it goes to the digest."""
    least_confidence: float = 0.7
    """The calibrated probability below which a statement only goes to the digest."""
    least_confidence_if_severe: float = 0.6
    """The same for a statement that is at least as severe as ``severe_weapons``: better a false alarm than none."""
    least_confidence_of_stages: float = 0.9
    """The probability below which a stage of a transfer only goes to the digest."""
    changes: Mapping[str, int] = field(default_factory=dict)
    """How much more news counts that crosses a line or reverses what was decided."""

    def of_news(self, item: News) -> int:
        """Return the severity of a piece of news; that of a statement was determined by extraction."""
        if item.kind is AlertKind.NEW_STATEMENT and item.statement:
            return min(MOST_SEVERE, max(1, item.statement.severity))
        if item.kind is AlertKind.NEW_STAGE and item.transfer:
            stage = self.stages[item.transfer.stage]
            severe = item.weapon is not None and self.is_severe(item.weapon)
            return min(MOST_SEVERE, stage + 1) if severe and stage >= 3 else stage
        return self.of_weapon(item.weapon) if item.weapon else 1

    def of_changes(self, severity: int, changes: Changes) -> int:
        """Return ``severity`` with what news changes counted: what crosses a line is at least as severe as the line."""
        severity += self.changes.get("reversal", 1) if changes.reverses else 0
        if line := changes.crosses:
            severity = max(severity + self.changes.get("crossing", 1), line.severity)
        return min(MOST_SEVERE, severity)

    def surely_said(self, severity: int) -> float:
        """Return the probability below which a statement of ``severity`` only goes to the digest."""
        severe = severity >= self.severe_weapons
        return min(self.least_confidence, self.least_confidence_if_severe) if severe else self.least_confidence

    def of_weapon(self, weapon: WeaponMention) -> int:
        """Return the severity of a new weapon."""
        by_category = self.weapons.get(weapon.category, self.other_weapons)
        return by_category if weapon.known or not weapon.specific else max(self.unlisted_systems, by_category)

    def is_severe(self, weapon: WeaponMention) -> bool:
        """Whether news of a whole class of such weapons alerts: nuclear weapons do, fighter jets do not."""
        return self.of_weapon(weapon) >= self.severe_weapons


def load_scale(seeds: Path, *, categories: Collection[str] = ()) -> Scale:
    """Return the scale of ``seeds/policy.toml``, or the shipped one if there is no such file.

    With ``categories``, those of the lexicon, any other one is a problem. Raises LexiconError with every problem.
    """
    path = seeds / FILE
    if not path.exists():
        return shipped_scale()
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError((Problem(file=FILE, line=0, what=f"cannot be read: {error}"),)) from error
    problems = [
        Problem(file=FILE, line=_line(text, name), what=what) for name, what in _problems(data, categories=categories)
    ]
    if problems:
        raise LexiconError(tuple(sorted(problems, key=lambda problem: problem.line)))
    return Scale(**data)


@cache
def shipped_scale() -> Scale:
    """Return the scale that ships with this version."""
    return load_scale(Path(__file__).parents[2] / "seeds")


def _problems(data: Mapping[str, Any], *, categories: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the name of each field that is wrong or missing, and a message."""
    for name in data.keys() - {*NUMBERS, *OPTIONAL_NUMBERS, *SHARES, *TABLES, "changes"}:
        yield name, f"unknown table or field {name!r}"
    for name in NUMBERS:
        yield from _severity_problems(name, data.get(name))
    for name in OPTIONAL_NUMBERS:
        yield from _severity_problems(name, data.get(name, 1))
    for name in SHARES:
        yield from _share_problems(name, data.get(name, 0.0))
    for table in TABLES:
        if not isinstance(data.get(table), dict):
            yield table, f"{table!r} must be a table: [{table}]"
            return
    for name, severity in (data["stages"] | data["weapons"]).items():
        yield from _severity_problems(name, severity)
    for name, title in data["quiet_genres"].items():
        if not isinstance(title, str):
            yield name, f"[quiet_genres] {name!r} must say in words what it is"
    yield from _name_problems(data, categories=categories or data["weapons"])
    yield from _change_problems(data.get("changes", {}))


def _change_problems(changes: object) -> Iterator[tuple[str, str]]:
    if not isinstance(changes, dict):
        yield "changes", "'changes' must be a table: [changes]"
        return
    for name, steps in changes.items():
        if name not in CHANGES:
            yield name, f"[changes] {name!r} is not one of {', '.join(CHANGES)}"
        if type(steps) is not int or not 0 <= steps < MOST_SEVERE:
            yield name, f"{name!r} must be a whole number from 0 to {MOST_SEVERE - 1}, not {steps!r}"


def _name_problems(data: Mapping[str, Any], *, categories: Collection[str]) -> Iterator[tuple[str, str]]:
    for name in set(Stage) - data["stages"].keys():
        yield "stages", f"[stages] {name.value!r} is missing"
    for name in data["stages"].keys() - set(Stage):
        yield name, f"[stages] {name!r} is not a stage"
    for name in data["weapons"].keys() - set(categories):
        yield name, f"[weapons] {name!r} is not a category of any weapon"


def _severity_problems(name: str, value: object) -> Iterator[tuple[str, str]]:
    if type(value) is not int or not 1 <= value <= MOST_SEVERE:
        yield name, f"{name!r} must be a whole number from 1 to {MOST_SEVERE}, not {value!r}"


def _share_problems(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        yield name, f"{name!r} must be a number from 0 to 1, not {value!r}"


def _line(text: str, name: str) -> int:
    """Return the line on which ``name`` is a field or a table, counted from 1; 1 if it is nowhere."""
    wanted = re.compile(rf"\s*(?:\[{re.escape(name)}\]|[\"']?{re.escape(name)}[\"']?\s*=)")
    return next((number for number, line in enumerate(text.splitlines(), 1) if wanted.match(line)), 1)
