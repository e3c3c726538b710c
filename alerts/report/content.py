"""What a report is made of, and where on the site each part is shown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.records import content_id

Row = Mapping[str, Any]
"""A row of the warehouse, by the names of its columns."""

LISTS = ("alerts", "event_articles", "events", "findings", "history", "mentions", "red_lines", "reports", "statements",
         "steps", "weapons")  # fmt: skip
"""The lists that a report is made of."""
_PLAIN = re.compile(r"[A-Z]{2}|[a-z0-9][a-z0-9-]{2,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The rows of a period, and what the lexicons know of the ids in them."""

    since: datetime
    until: datetime
    made_at: datetime
    lists: Mapping[str, Sequence[Row]]
    """Rows by the name of their list: those of ``warehouse/reports``."""
    names: Mapping[str, str] = field(default_factory=dict)
    """States and organisations by id."""
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What a reader may want to know of a weapon, by its id: the name of the fact and its value."""
    address: str = ""
    """Where the site will be found, with a slash at the end; empty where nobody knows."""


def page_name(identity: str) -> str:
    """Return how the page on something is called: its id where that is plain, and distinct on every file system."""
    if _PLAIN.fullmatch(identity):
        return identity.lower()
    readable = re.sub(r"[^a-z0-9]+", "-", identity.lower()).strip("-")[:60].strip("-")
    return f"{readable or 'x'}-{content_id(identity)[:8]}"


def speaker_key(row: Row) -> str | None:
    """Return what tells a speaker from others: the id, or the name where no list holds them."""
    key: str | None = row["speaker_id"] or row["speaker"]
    return key


def anchor(statement: Row) -> str:
    """Return the id by which an act of speech is found on a page."""
    return f"s-{statement['claim']}-{statement['utterance']}"


def step_anchor(step: Row) -> str:
    """Return the id by which a step of a weapon is found on its page."""
    return f"{page_name(step['supplier'] or 'x')}-to-{page_name(step['recipient'] or 'x')}-{step['step']}"


def grouped(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
    """Return the rows by what they hold in a column, in their order."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Addresses on the site, relative to its root; None for what has no page."""

    pages: frozenset[tuple[str, str]]
    """Folder and id of everything that has a page of its own."""
    claims: Mapping[str, str]

    def page(self, folder: str, identity: str | None) -> str | None:
        """Return the page on something: ``page("weapons", "kh-101")``."""
        return page_address(folder, identity) if identity and (folder, identity) in self.pages else None

    def claim(self, claim: str | None) -> str | None:
        """Return where a claim is told."""
        return self.claims.get(claim) if claim else None


def page_address(folder: str, identity: str) -> str:
    """Return the address of the page on something."""
    return f"{folder}/{page_name(identity)}.html"


def side_of(statement: Row) -> str:
    """Return whose page a statement is on."""
    return statement["side"] or "unknown"


def places(lists: Mapping[str, Sequence[Row]]) -> Places:
    """Return where everything is told."""
    pages = {("weapons", row["weapon"]) for row in lists["weapons"]}
    pages |= {("red-lines", row["red_line"]) for row in lists["red_lines"]}
    pages |= {("events", row["event"]) for row in lists["events"]}
    pages |= {("sides", side) for side in sides(lists)}
    pages |= {("speakers", key) for row in lists["statements"] if (key := speaker_key(row))}
    claims = {row["claim"]: f"{page_address('sides', side_of(row))}#{anchor(row)}" for row in lists["statements"]}
    claims |= {row["red_line"]: page_address("red-lines", row["red_line"]) for row in lists["red_lines"]}
    return Places(pages=frozenset(pages), claims=claims)


def sides(lists: Mapping[str, Sequence[Row]]) -> list[str]:
    """Return who speaks, gives or gets, those first who say most."""
    said = [side_of(row) for row in lists["statements"]]
    done = [side for row in lists["steps"] for side in (row["supplier"], row["recipient"]) if side]
    return sorted({*said, *done}, key=lambda side: (-said.count(side), -done.count(side), side))
