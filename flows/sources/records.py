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

DEFAULT_INTERVAL_S = 15 * 60


class SourceError(BrinkwatchError):
    """A source could not be read: ``where`` names it (file and line, feed, or address), ``reason`` says why."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


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
    """What entries of this feed are unless they look otherwise: news, opinion, explainer, transcript, release, …"""
    kind: str = ""
    """The group it is listed under: wire, state_media, ministry, defence_press, think_tank, regional, press."""
    seen_at: str = ""
    """Where this address was found."""


class Outcome(StrEnum):
    """How one attempt to update a feed ended."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    GONE = "gone"
    POSTPONED = "postponed"
    """The cycle's budget or the host's spacing did not allow it; it stays due."""


class Trouble(StrEnum):
    """Why something from a source was not read; decides how hard it weighs."""

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
    """One line a person understands."""
    feed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed between two polls: a row of ``feeds``."""

    feed: str
    url: str
    """Where it is fetched now: the listed address, or where it has permanently moved to."""
    listed_url: str = ""
    """The address the list had when this was stored; another one there starts afresh."""
    etag: str | None = None
    last_modified: str | None = None
    """As the server sent it; never interpreted."""
    body_hash: str | None = None
    next_due_at: datetime | None = None
    interval_s: int = DEFAULT_INTERVAL_S
    first_fetched_at: datetime | None = None
    """The first success; until then everything the feed brings is backlog."""
    last_fetched_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    consecutive_failures: int = 0
    failure_weight: float = 0.0
    """Consecutive failures, the soft ones counted less: what backoff and health go by."""
    last_error: str | None = None
    identity_policy: str = "link"
    """What tells this feed's entries apart: link, guid, title or content."""
    redirect_url: str | None = None
    """A permanent redirect seen, not yet believed."""
    redirect_count: int = 0
    polls_since_full: int = 0
    """Conditional polls answered 304 since the last body; decides on the next audit."""
    lying_304: int = 0
    """Times the server said "not modified" of a body that had changed."""
    overlap: float | None = None
    """Share of the last poll's entries that were known; 0 means entries may have been missed."""
    missed_alarms: int = 0
    entries: int = 0
    """Entries in the last body."""
    pending: int = 0
    """Entries left for the next poll by a cap or the budget; while there are any, no 304 is asked for."""
    health: str = "new"
    """new, ok, failing, quiet or gone."""
    memory: str = ""
    """Keys of the entries of recent polls, packed by ``identity.Memory``; opaque to everyone else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedForUpdate:
    """A feed whose turn it is."""

    feed: FeedSpec
    state: FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A whole answer: 200, decompressed, within the caps."""

    url: str
    """The address that answered, after redirects."""
    moved_to: str | None
    """Where permanent redirects lead, if every hop up to there was permanent."""
    content: bytes
    charset: str | None
    """As the Content-Type header declares it."""
    mime: str
    etag: str | None
    last_modified: str | None
    max_age_s: int | None
    wire_bytes: int
    truncated: bool = False
    """The connection ended early: what arrived is used, and the whole is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """304: a normal outcome."""

    url: str
    moved_to: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """410: the publisher retired this address."""

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
    """One entry of a feed, read and cleaned, before it is known whether it is new."""

    guid: str | None
    url: str | None
    """Absolute, http or https, without tracking."""
    title: str
    summary: str
    content: str
    """The longest text the feed itself gives, as plain text; may equal ``summary``."""
    published: datetime | None
    published_raw: str | None
    confidence: str = "none"
    """Of the date: exact (with zone), zone_assumed, day, or none."""
    updated_raw: str | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    language: str | None = None
    live: bool = False
    """A live blog: its page grows while the feed says no more than that it was updated."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedUpdate:
    """All that came of one feed's turn; to be stored in one transaction."""

    feed: FeedSpec
    state: FeedState
    facts: FetchFacts
    articles: tuple[Article, ...] = ()
    bands: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """What copies of articles are looked up by, by the article's id, as far as that is known."""
    failures: tuple[Failure, ...] = ()
    notice: str | None = None
    """A line for people, said once: the feed fails, went quiet, may have missed entries, moved, is gone, recovered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """Limits of one cycle. The defaults are for a polite monitor of a thousand feeds on a small machine."""

    user_agent: str = "Brinkwatch/0.1 (news monitor)"
    contact: str = ""
    """An address or URL at which a publisher reaches whoever runs this; part of the User-Agent."""
    allow: frozenset[str] = field(default_factory=frozenset)
    """Host names whose addresses may be private (``localhost``, ``feeds.intranet``)."""
    concurrency: int = 64
    per_host: int = 2
    spacing_s: float = 1.0
    """Between the starts of two requests to one host."""
    connect_timeout_s: float = 8.0
    read_timeout_s: float = 12.0
    """Without a single byte."""
    total_timeout_s: float = 30.0
    max_bytes: int = 15 * 1024 * 1024
    """After decompression."""
    max_redirects: int = 6
    max_entries: int = 2_000
    parse_timeout_s: float = 15.0
    """Of processor time."""
    parse_memory_mb: int = 1_024
    workers: int = 2
    full_text: bool = True
    pages_per_feed: int = 60
    """Pages read for one feed in one cycle; what is over stays for the next."""
    min_interval_s: int = 5 * 60
    max_interval_s: int = 6 * 3600
