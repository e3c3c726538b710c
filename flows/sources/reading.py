"""What a worker process is asked about a feed's document, and what its reply says. Pure.

    bytes + FeedForUpdate ─ask→ job "entries" ─workers.document.read→ JSON ─Reading.of→ Reading

The worker does not know what the warehouse holds: an entry that the feed's own memory does not know counts as new.
This module loads no parser, so that only the workers' memory holds them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from extractors.records import Article
from flows.sources.feed_records import Body, Entry, FeedForUpdate, FeedSpec, FetchSettings
from flows.sources.identity import Row

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
        "feed": packed(due_feed.feed),
        "memory": state.memory,
        "policy": state.identity_policy,
        "first_fetched_at": state.first_fetched_at.isoformat() if state.first_fetched_at else None,
        "pending": state.pending,
    }


def packed(record: FeedSpec | Entry | Article) -> Reply:
    """Return the fields of a record as JSON has them."""
    values = {name: getattr(record, name) for name in record.__slots__}
    for name in INSTANTS & values.keys():
        values[name] = values[name].isoformat() if values[name] else None
    return values


def _found(reply: Reply) -> Found:
    row = Row(*reply["row"])
    if "article" not in reply:
        return Found(row=row, status=reply["status"])
    summary = reply["summary_of"]
    return Found(
        row=row,
        status=reply["status"],
        article=Article(**_unpacked(reply["article"])),
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
