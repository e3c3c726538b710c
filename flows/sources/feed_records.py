"""One frozen record per stage of reading a source.

    FeedSpec + FeedState → FeedForUpdate → Unchanged | Body | Failed | Gone → Entry → FeedUpdate

Every instant is aware and in UTC. ``FeedState`` and ``FetchFacts`` are flat and hold JSON-able scalars and instants
only, because they are stored as rows of ``feeds`` and ``fetches``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from extractors.errors import BrinkwatchError
from extractors.records import Article
from flows.sources.objectives import Bounds
from flows.sources.urls import without_password

DEFAULT_INTERVAL_S = 15 * 60


class SourceError(BrinkwatchError):
    """A source cannot be read: ``where`` names it (file and line, feed, or address), ``reason`` says why."""

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = without_password(where), without_password(reason)
        super().__init__(f"{self.where}: {self.reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """One line of ``seeds/feeds.csv``: what an analyst says about a feed."""

    id: str
    outlet: str
    url: str
    country: str = ""
    """ISO 3166-1 alpha-2 of the outlet; empty for an international organisation."""
    ownership: str = "private"
    """state, public or private."""
    language: str = "en"
    genre: str = "news"
    """What its entries are unless they look otherwise: news, opinion, explainer, transcript, release, …"""
    kind: str = ""
    """The group it is listed under: wire, state_media, ministry, defence_press, think_tank, regional, press."""
    seen_at: str = ""
    """Where this address was found."""
    tier: str = "normal"
    """How soon its entries should be noticed: flash, fast, normal or slow (``objectives.TIERS``)."""
    bounds: str = ""
    """Shortest and longest interval between two polls, if not those of its group: ``2m-1h``."""


class Outcome(StrEnum):
    """How one attempt to update a feed ended."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    GONE = "gone"
    POSTPONED = "postponed"
    """The cycle's budget or the spacing of requests did not allow it; it stays due."""


class Trouble(StrEnum):
    """Why something from a source was not read; determines the weight of the failure."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED_ADDRESS = "refused_address"
    BAD_REDIRECT = "bad_redirect"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    NOT_HTTP = "not_http"
    HTTP_STATUS = "http_status"
    THROTTLED = "throttled"
    GONE = "gone"
    NOT_A_FEED = "not_a_feed"
    PARSER = "parser"
    ROBOTS = "robots"
    ENTRY = "entry"
    PAGE = "page"
    SEED = "seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something that was not read, and why: a row, never an exception."""

    where: str
    """The address, entry or file."""
    trouble: Trouble
    reason: str
    """One line for people."""
    feed: str | None = None

    def __post_init__(self) -> None:
        """Hide passwords, because failures are shown and stored."""
        object.__setattr__(self, "where", without_password(self.where))
        object.__setattr__(self, "reason", without_password(self.reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed between two polls: a row of ``feeds``."""

    feed: str
    url: str
    """Where it is fetched now: the listed address, or where it has permanently moved to."""
    listed_url: str = ""
    """The address in the list when this was stored; if the list changes it, the feed starts afresh."""
    etag: str | None = None
    last_modified: str | None = None
    """As the server sent it; never interpreted."""
    body_hash: str | None = None
    next_due_at: datetime | None = None
    interval_s: int = DEFAULT_INTERVAL_S
    rhythm: list[float] = field(default_factory=list)
    """Entries per hour in each hour of the day in UTC, as learned; none before the first success."""
    unchanged_bytes: int | None = None
    """Bytes of the last answer that brought nothing; 0 for a 304."""
    first_fetched_at: datetime | None = None
    """The first success; until then everything the feed brings is backlog."""
    last_fetched_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    consecutive_failures: int = 0
    failure_weight: float = 0.0
    """Consecutive failures, with soft ones counting less; determines backoff and health."""
    last_error: str | None = None
    identity_policy: str = "link"
    """What distinguishes this feed's entries: link, guid, title or content."""
    redirect_url: str | None = None
    """A permanent redirect that was seen but is not yet trusted."""
    redirect_count: int = 0
    polls_since_full: int = 0
    """Conditional polls answered with 304 since the last body; determines the next audit."""
    lying_304: int = 0
    """How often the server said "not modified" although the body had changed."""
    overlap: float | None = None
    """Share of the last poll's entries that were known; 0 means entries may have been missed."""
    missed_alarms: int = 0
    entries: int = 0
    """Entries in the last body."""
    pending: int = 0
    """Entries left for the next poll by a limit or the budget; while there are any, polls are not conditional."""
    health: str = "new"
    """new, ok, failing, quiet or gone."""
    hub: str | None = None
    """The WebSub hub that the feed names."""
    topic: str | None = None
    """The address by which that hub knows the feed."""
    pushed_at: datetime | None = None
    """When the hub last announced something new; stored with its subscription."""
    memory: str = ""
    """Keys of the entries of recent polls, packed by ``identity.Memory`` and opaque elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedForUpdate:
    """A feed that is due."""

    feed: FeedSpec
    state: FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A complete answer: 200, decompressed, within the limits."""

    url: str
    """The address that answered, after redirects."""
    moved_to: str | None
    """Where permanent redirects lead, if every hop to it was permanent."""
    content: bytes
    charset: str | None
    """As declared in the Content-Type header."""
    mime: str
    etag: str | None
    last_modified: str | None
    max_age_s: int | None
    wire_bytes: int
    hub: str | None = None
    topic: str | None = None
    """The WebSub hub that the headers name, and the address by which it knows the feed."""
    truncated: bool = False
    """The connection ended early: what arrived is used, and the document is fetched again."""
    clock_off_s: float | None = None
    """Seconds by which our clock is ahead of the server's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """304: a normal outcome."""

    url: str
    moved_to: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int | None = None
    clock_off_s: float | None = None
    """As in ``Body``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """410: the publisher has retired this address."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No usable answer. ``weight`` is 1 for a hard failure, less for one that tends to pass by itself."""

    url: str
    trouble: Trouble
    reason: str
    weight: float
    status: int | None = None
    retry_after_s: float | None = None


Fetched = Body | Unchanged | Gone | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed, parsed and cleaned, before it is known whether it is new."""

    guid: str | None
    url: str | None
    """Absolute, http or https, without tracking."""
    title: str
    summary: str
    content: str
    """The longest text in the feed itself, as plain text; may equal ``summary``."""
    published: datetime | None
    published_raw: str | None
    confidence: str = "none"
    """Confidence of the date: exact (with zone), zone_assumed, day, or none."""
    updated_raw: str | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    language: str | None = None
    outlet: str = ""
    """The outlet of the article, if an aggregator passes it on."""
    live: bool = False
    """A live blog: its page grows, while the feed only says that it was updated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFacts:
    """What one attempt did: a row of ``fetches``."""

    feed: str
    started_at: datetime
    duration_s: float
    outcome: str
    status: int | None = None
    wire_bytes: int = 0
    entries: int = 0
    new_entries: int = 0
    edited_entries: int = 0
    pending: int = 0
    overlap: float | None = None
    may_have_missed: bool = False
    audit: bool = False
    lying_304: bool = False
    reason: str | None = None
    clock_off_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedUpdate:
    """Everything that came of updating one feed; to be stored in one transaction."""

    feed: FeedSpec
    state: FeedState
    facts: FetchFacts
    articles: tuple[Article, ...] = ()
    failures: tuple[Failure, ...] = ()
    notice: str | None = None
    """A line for people, once per change: the feed fails, is quiet, has moved, is gone, or has recovered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """Limits of one cycle. The defaults are for a polite monitor of a thousand feeds on a small machine."""

    user_agent: str = "Brinkwatch/0.1 (news monitor)"
    contact: str = ""
    """An address or URL at which a publisher can reach the operator; part of the User-Agent."""
    allow: frozenset[str] = field(default_factory=frozenset)
    """Hosts that may have private addresses, with a port (``localhost:8080``) or at those in the feed list."""
    concurrency: int = 64
    per_host: int = 2
    spacing_s: float = 1.0
    """Seconds between the starts of two requests to one host."""
    connect_timeout_s: float = 8.0
    read_timeout_s: float = 12.0
    """Seconds without receiving a byte."""
    total_timeout_s: float = 30.0
    max_bytes: int = 15 * 1024 * 1024
    """Most bytes after decompression."""
    max_redirects: int = 6
    max_entries: int = 2_000
    parse_timeout_s: float = 15.0
    """Seconds of processor time."""
    parse_memory_mb: int = 1_024
    workers: int = 2
    full_text: bool = True
    pages_per_feed: int = 60
    """Most pages read for one feed in one cycle; the rest is left for the next."""
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    """Intervals between polls by group; the empty name stands for all feeds."""
