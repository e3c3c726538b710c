"""Reads a feed's document up to its articles, in a worker process; see ``flows.sources.reading``. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flows.sources import articles, identity
from flows.sources.feed_records import Entry, FeedSpec
from flows.sources.identity import Memory, Sighting
from flows.sources.parsing import dates, feeds
from flows.sources.parsing.alphabets import languages_of
from flows.sources.parsing.entries import NotAFeedError, RawEntry
from flows.sources.reading import ABOUT, Reply, packed


def read(content: bytes, **asked: Any) -> Reply:
    """Read a feed's document; see ``reading.ask`` for what is asked and ``Reading`` for the reply.

    NotAFeedError when it is no feed, or none of its entries says anything.
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
        return _new(sighting, feed, now=now, backlog=backlog, full_text=asked["full_text"])

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


def _new(sighting: Sighting, feed: FeedSpec, *, now: datetime, backlog: bool, full_text: bool) -> Reply:
    entry = sighting.entry
    article = articles.build(entry, identity=sighting.row.identity, feed=feed, now=now, backlog=backlog)
    wanted = full_text and articles.wants_page(entry, articles.genre_of(feed, entry))
    return {
        "row": sighting.row.values,
        "status": sighting.status,
        "article": packed(article),
        "summary_of": packed(entry) if wanted else None,
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
