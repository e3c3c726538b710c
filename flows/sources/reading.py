"""From the bytes of a feed to the articles in it: all that is pure about a feed's turn, done in a worker process.

    bytes + FeedForUpdate ─ask→ job "entries" ─read→ JSON ─Reading.of→ Reading

What the warehouse holds is not known there: an entry that the feed's own memory does not know counts as new.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from extractors.records import Article
from flows.sources import articles, dates, feeds, identity
from flows.sources.feeds import RawEntry
from flows.sources.identity import Memory, Row, Sighting
from flows.sources.records import Body, Entry, FeedForUpdate, FeedSpec, FetchSettings
from warehouse.duplicates import bands_of

Reply = dict[str, Any]
"""Values as JSON has them: instants are strings."""
INSTANTS = {"published", "seen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry of a document, told apart from the others."""

    row: Row
    status: str
    """new, edited or known, by the feed's own memory."""
    article: Article | None = None
    """What the feed itself gives of an entry that is not known."""
    bands: tuple[int, ...] = ()
    """What copies of ``article`` are looked up by."""
    summary_of: Entry | None = None
    """The entry, where its text is only a summary of the page it links to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a document yielded."""

    policy: str
    found: tuple[Found, ...]
    total: int
    """Entries in the document, also those beyond the limit."""
    ttl_s: int | None
    bad: tuple[tuple[str, str], ...]
    """What could not be used: where, and why."""

    @property
    def fresh(self) -> list[str]:
        """Identities of the entries that the memory does not know."""
        return [found.row.identity for found in self.found if found.status == "new"]

    @property
    def overlap(self) -> float | None:
        """Share of the entries that were known; None for a document without any."""
        return 1 - self.count("new") / len(self.found) if self.found else None

    def count(self, status: str) -> int:
        """Return how many entries have ``status``."""
        return sum(1 for found in self.found if found.status == status)

    def but(self, held: Collection[str]) -> "Reading":
        """Return the same, where entries that the warehouse holds are known."""
        found = (
            Found(row=each.row, status="known") if each.status == "new" and each.row.identity in held else each
            for each in self.found
        )
        return replace(self, found=tuple(found))

    @classmethod
    def of(cls, reply: Reply) -> "Reading":
        """Make of a worker's reply what it stands for."""
        found = tuple(_found(each) for each in reply["found"])
        bad = tuple((where, why) for where, why in reply["bad"])
        return cls(policy=reply["policy"], found=found, total=reply["total"], ttl_s=reply["ttl_s"], bad=bad)


def ask(turn: FeedForUpdate, body: Body, settings: FetchSettings, *, now: datetime) -> Reply:
    """Return the options of the job that reads ``body``."""
    state = turn.state
    return {
        "url": body.url,
        "charset": body.charset,
        "truncated": body.truncated,
        "limit": settings.max_entries,
        "full_text": settings.full_text,
        "now": now.isoformat(),
        "feed": _packed(turn.feed),
        "memory": state.memory,
        "policy": state.identity_policy,
        "first_fetched_at": state.first_fetched_at.isoformat() if state.first_fetched_at else None,
        "pending": state.pending,
    }


def read(content: bytes, **asked: Any) -> Reply:
    """Read a feed's document; see ``ask`` for what is asked and ``Reading`` for the reply."""
    feed, now, memory = FeedSpec(**asked["feed"]), datetime.fromisoformat(asked["now"]), Memory.loads(asked["memory"])
    body = {name: asked[name] for name in ("url", "charset", "truncated", "limit")}
    document = feeds.read(content, start=memory.cursor, **body)
    entries = [entry_of(raw, feed, now=now) for raw in document.entries]
    told = [entry for entry in entries if entry.title or entry.content]
    settled = identity.settle(told, feed=feed.id, policy=asked["policy"], memory=memory)
    first = datetime.fromisoformat(asked["first_fetched_at"]) if asked["first_fetched_at"] else None

    def reply(sighting: Sighting) -> Reply:
        if sighting.status == "known":
            return {"row": sighting.row.values, "status": "known"}
        backlog = _is_backlog(sighting.entry, first, asked["pending"])
        return _new(sighting, feed, now=now, backlog=backlog, full_text=asked["full_text"])

    return {
        "policy": settled.policy,
        "found": [reply(sighting) for sighting in settled.sightings],
        "total": document.total,
        "ttl_s": document.ttl_s,
        "bad": [*_bad(document.bad, entries, asked["url"])],
    }


def entry_of(raw: RawEntry, feed: FeedSpec, *, now: datetime) -> Entry:
    """Return the entry with its date read."""
    reading = dates.read(raw.published_raw, now=now, country=feed.country)
    updated = raw.updated_raw is not None and raw.updated_raw != raw.published_raw
    return Entry(
        guid=raw.guid,
        url=raw.url,
        title=raw.title,
        summary=raw.summary,
        content=raw.content,
        published=reading.instant,
        published_raw=raw.published_raw,
        confidence=reading.confidence,
        updated_raw=raw.updated_raw,
        author=raw.author,
        categories=raw.categories,
        language=raw.language,
        live=updated and articles.genre_of(feed, raw) == "live_blog",
    )


def _new(sighting: Sighting, feed: FeedSpec, *, now: datetime, backlog: bool, full_text: bool) -> Reply:
    entry = sighting.entry
    article = articles.build(entry, identity=sighting.row.identity, feed=feed, now=now, backlog=backlog)
    wanted = full_text and articles.wants_page(entry, articles.genre_of(feed, entry))
    return {
        "row": sighting.row.values,
        "status": sighting.status,
        "article": _packed(article),
        "bands": bands_of(article.document),
        "summary_of": _packed(entry) if wanted else None,
    }


def _is_backlog(entry: Entry, first_fetched_at: datetime | None, pending: int) -> bool:
    """Say whether an entry came with the first fetch of its feed, or was left over from it by a cap or the budget."""
    if first_fetched_at is None:
        return True
    return bool(pending) and entry.published is not None and entry.published < first_fetched_at


def _bad(bad: Sequence[tuple[str, str]], entries: Sequence[Entry], url: str) -> Iterator[tuple[str, str]]:
    for which, why in bad:
        yield f"{url} {which}", why
    for number, entry in enumerate(entries, start=1):
        if not (entry.title or entry.content):
            yield f"{entry.url or url} entry {number}", "neither title nor text"


def _packed(record: FeedSpec | Entry | Article) -> Reply:
    packed = {name: getattr(record, name) for name in record.__slots__}
    for name in INSTANTS & packed.keys():
        packed[name] = packed[name].isoformat() if packed[name] else None
    return packed


def _found(reply: Reply) -> Found:
    row = Row(*reply["row"])
    if "article" not in reply:
        return Found(row=row, status=reply["status"])
    summary = reply["summary_of"]
    return Found(
        row=row,
        status=reply["status"],
        article=Article(**_unpacked(reply["article"])),
        bands=tuple(reply["bands"]),
        summary_of=Entry(**_unpacked(summary)) if summary else None,
    )


def _unpacked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record: JSON has neither instants nor tuples."""
    fields = dict(values)
    for name in INSTANTS & values.keys():
        fields[name] = datetime.fromisoformat(values[name]) if values[name] else None
    if "categories" in fields:
        fields["categories"] = tuple(fields["categories"])
    return fields
