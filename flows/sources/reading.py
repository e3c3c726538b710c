"""From the bytes of a feed to its articles: the pure part of updating a feed, run in a worker process.

    bytes + FeedForUpdate ─ask→ job "entries" ─read→ JSON ─Reading.of→ Reading

The worker does not know what the warehouse holds: an entry that the feed's own memory does not know counts as new.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from extractors.records import Article
from flows.sources import articles, identity
from flows.sources.feed_records import Body, Entry, FeedForUpdate, FeedSpec, FetchSettings
from flows.sources.identity import Memory, Row, Sighting
from flows.sources.parsing import dates, feeds
from flows.sources.parsing.alphabets import languages_of
from flows.sources.parsing.entries import NotAFeedError, RawEntry

Reply = dict[str, Any]
"""Values as JSON has them: instants are strings."""
ABOUT = ("total", "ttl_s", "hub", "topic")
"""What a document says about itself, passed on unchanged."""
INSTANTS = {"published", "seen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry of a document, with its identity."""

    row: Row
    status: str
    """new, edited or known, by the feed's own memory; held if only the warehouse knows it, from another feed."""
    article: Article | None = None
    """The article as the feed itself gives it, unless the entry is known."""
    bands: tuple[int, ...] = ()
    """The bands by which copies of ``article`` are found."""
    summary_of: Entry | None = None
    """The entry, if its text is only a summary of the page it links to."""

    @property
    def wanted(self) -> bool:
        """Whether it is to become an article."""
        return self.status in {"new", "edited"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a document yielded."""

    policy: str
    found: tuple[Found, ...]
    total: int
    """Entries in the document, including those beyond the limit."""
    ttl_s: int | None
    hub: str | None
    topic: str | None
    bad: tuple[tuple[str, str], ...]
    """What could not be used, and why."""

    @property
    def fresh(self) -> list[str]:
        """Identities of the entries that the memory does not know."""
        return [found.row.identity for found in self.found if found.status == "new"]

    @property
    def overlap(self) -> float | None:
        """Share of the entries that the feed has brought before; None for a document without entries."""
        return 1 - self.arrived / len(self.found) if self.found else None

    @property
    def arrived(self) -> int:
        """How many entries the feed did not have when it was last read."""
        return self.count("new") + self.count("held")

    @property
    def published(self) -> list[datetime]:
        """When the new entries were published, as far as they say."""
        new = (found.article for found in self.found if found.status == "new")
        return [article.published for article in new if article and article.published]

    def count(self, status: str) -> int:
        """Return how many entries have ``status``."""
        return sum(1 for found in self.found if found.status == status)

    def but(self, held: Collection[str]) -> "Reading":
        """Return the same with new entries that the warehouse holds marked as held."""
        found = (
            Found(row=each.row, status="held") if each.status == "new" and each.row.identity in held else each
            for each in self.found
        )
        return replace(self, found=tuple(found))

    @classmethod
    def of(cls, reply: Reply) -> "Reading":
        """Build a reading from a worker's reply."""
        found = tuple(_found(each) for each in reply["found"])
        bad = tuple((where, why) for where, why in reply["bad"])
        return cls(policy=reply["policy"], found=found, bad=bad, **{name: reply[name] for name in ABOUT})


def ask(due_feed: FeedForUpdate, body: Body, settings: FetchSettings, *, now: datetime) -> Reply:
    """Return the options of the job that reads ``body``."""
    state = due_feed.state
    return {
        "url": body.url,
        "charset": body.charset,
        "truncated": body.truncated,
        "limit": settings.max_entries,
        "full_text": settings.full_text,
        "now": now.isoformat(),
        "feed": _packed(due_feed.feed),
        "memory": state.memory,
        "policy": state.identity_policy,
        "first_fetched_at": state.first_fetched_at.isoformat() if state.first_fetched_at else None,
        "pending": state.pending,
    }


def read(content: bytes, *, bands_of: Callable[[str], Sequence[int]], **asked: Any) -> Reply:
    """Read a feed's document; see ``ask`` for what is asked and ``Reading`` for the reply.

    ``bands_of`` returns what copies of a text are looked up by. NotAFeedError when it is no feed, or none of its
    entries says anything.
    """
    feed, now, memory = FeedSpec(**asked["feed"]), datetime.fromisoformat(asked["now"]), Memory.loads(asked["memory"])
    body = {name: asked[name] for name in ("url", "charset", "truncated", "limit")}
    document = feeds.read(content, start=memory.cursor, languages=_languages(feed), **body)
    entries = [entry_of(raw, feed, now=now) for raw in document.entries]
    told = [entry for entry in entries if entry.title or entry.content]
    if entries and not told:
        raise NotAFeedError(document.nothing_read)
    settled = identity.settle(told, feed=feed.id, policy=asked["policy"], memory=memory)
    first = datetime.fromisoformat(asked["first_fetched_at"]) if asked["first_fetched_at"] else None

    def reply(sighting: Sighting) -> Reply:
        if sighting.status == "known":
            return {"row": sighting.row.values, "status": "known"}
        backlog = _is_backlog(sighting.entry, first, asked["pending"])
        return _new(sighting, feed, now=now, backlog=backlog, full_text=asked["full_text"], bands_of=bands_of)

    return {
        "policy": settled.policy,
        "found": [reply(sighting) for sighting in settled.sightings],
        **{name: getattr(document, name) for name in ABOUT},
        "bad": [*_bad(document.bad, entries, asked["url"])],
    }


def _languages(feed: FeedSpec) -> tuple[str, ...]:
    """Return the languages that a feed may be in: the listed one, unless that is the default, and its country's."""
    listed = () if feed.language == "en" else (feed.language[:2].lower(),)
    return (*listed, *languages_of(feed.country))


def entry_of(raw: RawEntry, feed: FeedSpec, *, now: datetime) -> Entry:
    """Return the entry with the first of its dates that can be read."""
    readings = [dates.read(date, now=now, country=feed.country) for date in (raw.published_raw, *raw.other_dates)]
    reading = next((reading for reading in readings if reading.instant), readings[0])
    updated = raw.updated_raw is not None and raw.updated_raw != raw.published_raw
    return Entry(
        guid=raw.guid,
        url=raw.url,
        title=raw.title,
        summary=raw.summary,
        content=raw.content,
        published=reading.instant,
        published_raw=reading.raw,
        confidence=reading.confidence,
        updated_raw=raw.updated_raw,
        author=raw.author,
        categories=raw.categories,
        language=raw.language,
        outlet=raw.outlet,
        live=updated and articles.genre_of(feed, raw) == "live_blog",
    )


def _new(
    sighting: Sighting,
    feed: FeedSpec,
    *,
    now: datetime,
    backlog: bool,
    full_text: bool,
    bands_of: Callable[[str], Sequence[int]],
) -> Reply:
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
    """Return whether an entry came with the first fetch of its feed, or was left over from that by a limit."""
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
