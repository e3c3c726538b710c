"""What goes into the warehouse and comes out of it, beside the records of ``extractors.records``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from extractors.records import Alert, AlertKind, Article

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRows:
    """All that came of one feed's turn, stored in one transaction.

    ``spec``, ``state`` and ``facts`` hold the fields of ``FeedSpec``, ``FeedState`` and ``FetchFacts`` by name; each
    item of ``failures`` holds ``where``, ``trouble``, ``reason`` and ``feed``. A ``state`` without ``memory`` leaves
    the one that is stored. ``bands`` are what articles are looked up by (``duplicates.bands_of``), by id, where that
    is known already.
    """

    spec: Row
    state: Row
    facts: Row
    articles: Sequence[Article] = ()
    bands: Mapping[str, Sequence[int]] = field(default_factory=dict)
    failures: Sequence[Row] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What storing a batch of signals brought."""

    articles: int
    weapons: int
    transfers: int
    statements: int
    news: Mapping[AlertKind, int] = field(default_factory=dict)
    """Claims never held before, by kind."""
    corroborations: int = 0
    """Signals that joined a claim the warehouse already held."""
    alerts: tuple[Alert, ...] = ()
    """The alert rows written, suppressed ones included."""


class Status(StrEnum):
    """Where an alert stands on its way to people."""

    PENDING = "pending"
    DELIVERED = "delivered"
    SUPPRESSED = "suppressed"
    POISON = "poison"


class DeliveryStatus(StrEnum):
    """Where an alert stands on one route."""

    QUEUED = "queued"
    """Asked for by ``resend``."""
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    RETRY = "retry"
    POISON = "poison"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An alert that belongs to one sender until its lease ends."""

    alert: Alert
    attempts: int
    """This attempt included: above 1, look whether it arrived before sending again."""
    parent: str | None = None
    """The receipt of the first message of the same story on this route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An alert on one route: a row of ``deliveries``."""

    alert: str
    route: str
    status: DeliveryStatus
    attempts: int
    lease_until: datetime | None
    retry_at: datetime | None
    receipt: str | None
    error: str | None
    changed_at: datetime
    reports: int | None = None
    """Articles that carried its claim when the message was last drawn; None is the first alone."""
    false_alarms: int | None = None
    """Alerts of its message that were marked as false alarms by then; None is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What has not been told yet on one route."""

    alerts: int
    ready: int
    """Those of them that may be sent now."""
    since: datetime | None
    """When the oldest was decided."""
    error: str | None
    """Why the last attempt failed."""
    asked_before: datetime | None
    """When the last run of ``notify`` began that ended well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """An alert that an analyst marked as a false positive after it was sent."""

    headline: str
    made_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """A message that was sent, with every article that by now makes one of its claims."""

    receipt: str
    alerts: tuple[Alert, ...]
    articles: tuple[tuple[str, str, datetime], ...]
    """(outlet, text, published or else seen) of each."""
    withdrawn: bool
    """The article was changed, and nobody says it any more."""
    false_alarms: tuple[FalseAlarm, ...] = ()
    """Those of ``alerts`` that nobody should have been told."""
    words: str | None = None
    """The sentence that said what a vague one among them had only announced."""
    also_reports: int = 0
    """Articles beside ``articles`` that report the same event and say other things of it."""
    also_outlets: int = 0

    @property
    def reports(self) -> int:
        """Return by how many articles it is known whether the message must be drawn anew."""
        return len(self.articles) + self.also_reports


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """An alert with what became of it."""

    alert: Alert
    status: Status
    decided_at: datetime
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One article that says what a claim says."""

    article: str
    outlet: str | None
    ownership: str | None
    title: str
    url: str | None
    published: datetime | None
    seen: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Something an operator does not want to be told of, until ``until``; None is for good."""

    subject: str
    until: datetime | None
    reason: str
    muted_at: datetime


class CorrectionKind(StrEnum):
    """What an analyst knows better."""

    FALSE_POSITIVE = "false_positive"
    """Nobody said or did this."""
    MERGE = "merge"
    """Two claims are one."""
    SPLIT = "split"
    """A report makes another claim than the one it joined."""
    SPEAKER = "speaker"
    """Somebody else said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an analyst corrected: a row of ``corrections``."""

    id: str
    kind: CorrectionKind
    claim: str
    other: str | None = None
    """Of a merge the claim that joined it, of a split the claim that left it."""
    speaker: str | None = None
    speaker_id: str | None = None
    side: str | None = None
    reason: str
    made_by: str
    made_at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a corrected statement teaches: the span of a document that holds it, and what it is."""

    document: str
    start: int
    end: int
    label: str
    """red_line, threat, or other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a flow."""

    id: str
    kind: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    note: str | None = None
