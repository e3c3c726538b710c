"""Which entries of a feed are new, known or edited.

Feeds repeat guids, change them at every fetch, link every entry to the home page, reorder entries, edit titles, and
give many entries one time. So an entry is compared with what is remembered of the last polls by several keys at once,
and the feed's *policy* (what its identities are made of) degrades for good once it can no longer tell entries apart. A
date is never a watermark.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from flows.sources import urls
from flows.sources.feed_records import Entry

LADDER = ("link", "guid", "title", "content")
"""Policies from best to last resort. Links come first, because two feeds have them in common."""
SHORTEST_MEMORY = 100
LONGEST_MEMORY = 4_000
SHORTEST_PATH = 6
"""Characters below which the path of a link is a section and not an article."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is remembered of one entry. Keys are hashes, empty if the entry had none."""

    identity: str
    link: str
    guid: str
    title: str
    date: str
    content: str
    """Changes whenever the feed's own text of the entry does."""
    path: str = ""
    """The link without its host, which stays when a site moves to another one."""

    @property
    def values(self) -> tuple[str, ...]:
        """All values in order; ``Row(*values)`` is the same row."""
        return self.identity, self.link, self.guid, self.title, self.date, self.content, self.path


@dataclass(frozen=True, slots=True)
class Memory:
    """The entries of recent polls, latest first, and how far a document with too many entries has been read."""

    rows: tuple[Row, ...] = ()
    cursor: int = 0

    @classmethod
    def loads(cls, packed: str) -> "Memory":
        """Unpack what ``dumps`` packed; empty if there is nothing."""
        if not packed:
            return cls()
        content = json.loads(packed)
        return cls(tuple(Row(*row) for row in content["rows"]), content["cursor"])

    def dumps(self) -> str:
        """Pack into one string for the feed's row."""
        rows = [row.values for row in self.rows]
        return json.dumps({"cursor": self.cursor, "rows": rows}, ensure_ascii=True, separators=(",", ":"))

    def after(self, current: Sequence[Row], *, cursor: int = 0) -> "Memory":
        """Return the memory after a poll that brought ``current``: those entries, and twice as many older ones."""
        present = {row.identity for row in current}
        older = [row for row in self.rows if row.identity not in present]
        size = min(max(SHORTEST_MEMORY, 3 * len(current)), LONGEST_MEMORY)
        return Memory((*current, *older)[: max(size, len(current))], cursor)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One entry of a document, with its identity."""

    entry: Entry
    row: Row
    status: str
    """new, edited or known."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A document's entries, compared with what is remembered."""

    policy: str
    sightings: tuple[Sighting, ...]


def settle(entries: Iterable[Entry], *, feed: str, policy: str, memory: Memory) -> Settled:
    """Return which entries the memory of feed ``feed`` knows, and the identity of each."""
    keyed = _without_twins([(entry, _keys(entry)) for entry in entries])
    policy = _policy(policy, [keys for _, keys in keyed], memory)
    finder = _Finder(memory, [keys for _, keys in keyed], policy)
    sightings: dict[str, Sighting] = {}
    for entry, keys in keyed:
        old = finder.find(keys)
        row = replace(keys, identity=old.identity if old else _identity(entry, keys, feed, policy))
        status = "new" if old is None else "known" if old.content == row.content else "edited"
        sightings.setdefault(row.identity, Sighting(entry, row, status))
    return Settled(policy, tuple(sightings.values()))


def _keys(entry: Entry) -> Row:
    link = urls.identity(entry.url) if entry.url else None
    title = " ".join(entry.title.split()).casefold()
    words = " ".join((entry.content or entry.summary).split())
    return Row(
        identity="",
        link=_hash(link) if link else "",
        guid=_hash(entry.guid) if entry.guid else "",
        title=_hash(title) if title else "",
        date=_hash(entry.published_raw) if entry.published_raw else "",
        content=_hash(f"{entry.title}\n{words}\n{entry.updated_raw if entry.live else ''}"),
        path=_path(link or ""),
    )


def _path(link: str) -> str:
    path = link.partition("://")[2].partition("/")[2]
    return _hash(path) if len(path) >= SHORTEST_PATH else ""


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _without_twins(keyed: list[tuple[Entry, Row]]) -> list[tuple[Entry, Row]]:
    """Drop entries that equal another one of the same document in every key."""
    return list(
        {(row.link, row.guid, row.title, row.content): (entry, row) for entry, row in reversed(keyed)}.values()
    )[::-1]


def _policy(policy: str, rows: Sequence[Row], memory: Memory) -> str:
    """Return the first policy, from ``policy`` on, that tells these entries apart and is stable between polls."""
    start = LADDER.index(policy) if policy in LADDER else 0
    return next(
        (name for name in LADDER[start:] if _tells_apart(name, rows) and not _churns(name, rows, memory)), LADDER[-1]
    )


def _tells_apart(policy: str, rows: Sequence[Row]) -> bool:
    """Return whether most entries have the policy's key, and no two share it although their titles differ."""
    if 2 * sum(1 for row in rows if _key(row, policy)) < len(rows):
        return False
    titles: dict[str, str] = {}
    for row in rows:
        key = _key(row, policy)
        differing = row.content if policy == "title" else row.title
        if key and titles.setdefault(key, differing) != differing:
            return False
    return True


def _churns(policy: str, rows: Sequence[Row], memory: Memory) -> bool:
    """Return whether most entries came back with the same title and date, but with another key.

    A site that has moved to another host keeps its paths, which is no reason to trust its links less.
    """
    if policy not in {"link", "guid"}:
        return False
    old = {(row.title, row.date): row for row in memory.rows if row.title and row.date}
    back = [(row, old[row.title, row.date]) for row in rows if (row.title, row.date) in old]
    changed = sum(1 for new, before in back if _key(new, policy) != _key(before, policy) and not _moved(new, before))
    return len(back) >= 2 and changed > len(back) / 2


def _moved(new: Row, before: Row) -> bool:
    return bool(new.path) and new.path == before.path


def _key(row: Row, policy: str) -> str:
    key: str = getattr(row, policy)
    return key


class _Finder:
    """Finds the remembered row of an entry: by the policy's key, or by two keys that agree."""

    def __init__(self, memory: Memory, current: Sequence[Row], policy: str) -> None:
        self._policy = policy
        self._rows: dict[tuple[str, str], Row] = {}
        for row in reversed(memory.rows):
            for name in LADDER[:3]:
                self._rows[name, _key(row, name)] = row
            self._rows["twice", row.title + row.date] = row
            self._rows["path", row.path] = row
        self._shared = {
            name: {key for key, times in Counter(_key(row, name) for row in current).items() if times > 1}
            for name in ("link", "guid", "path")
        }

    def find(self, keys: Row) -> Row | None:
        for name in LADDER[LADDER.index(self._policy) : 3]:
            if _key(keys, name):
                own = self._rows.get((name, _key(keys, name)))
                if own is not None and (name != "title" or own.content == keys.content or self._policy == "title"):
                    return own
                break
        return self._second(keys)

    def _second(self, keys: Row) -> Row | None:
        for name in ("link", "guid", "path"):
            key = _key(keys, name)
            row = self._rows.get((name, key)) if key and key not in self._shared[name] else None
            if row is not None and (_agree(row.title, keys.title) or _agree(row.date, keys.date)):
                return row
        if self._policy in {"link", "guid"} and _key(keys, self._policy):
            return None
        row = self._rows.get(("twice", keys.title + keys.date))
        return row if row is not None and keys.title and keys.date else None


def _agree(first: str, second: str) -> bool:
    return bool(first) and first == second


def _identity(entry: Entry, keys: Row, feed: str, policy: str) -> str:
    """Return what all revisions of an entry share: its address, or a key within its feed."""
    link = urls.identity(entry.url) if entry.url else None
    if policy == "link" and link:
        return link
    for name in LADDER[max(1, LADDER.index(policy)) :]:
        key = _key(keys, name)
        if key:
            return f"{feed}#{name}:{key}"
    return f"{feed}#content:{keys.content}"
