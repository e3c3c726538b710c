"""What goes into the warehouse and comes out of it, besides the records in ``extractors.records``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from extractors.records import Alert, AlertKind, Article, DeliveryStatus

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRows:
    """Everything that one update of a feed brought, stored in one transaction.

    ``spec``, ``state`` and ``facts`` hold the fields of ``FeedSpec``, ``FeedState`` and ``FetchFacts`` by name; each
    item of ``failures`` holds ``where``, ``trouble``, ``reason`` and ``feed``. A ``state`` without ``memory`` keeps
    the stored one. ``lsh_bands`` are those of each article, by its id.
    """

    spec: Row
    state: Row
    facts: Row
    articles: Sequence[Article] = ()
    lsh_bands: Mapping[str, Sequence[int]] = field(default_factory=dict)
    failures: Sequence[Row] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The result of storing a batch of signals."""

    articles: int
    weapons: int
    transfers: int
    statements: int
    news: Mapping[AlertKind, int] = field(default_factory=dict)
    """Claims never held before, by kind."""
    corroborations: int = 0
    """Signals that joined a claim the warehouse already held."""
    alerts: tuple[Alert, ...] = ()
    """The alerts that were written, suppressed ones included."""


class Status(StrEnum):
    """The state of an alert."""

    PENDING = "pending"
    DELIVERED = "delivered"
    SUPPRESSED = "suppressed"
    HELD = "held"
    """It may have been sent before a restore, on a route that cannot be searched."""
    DEAD_LETTER = "dead_letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An alert that belongs to one sender until its lease ends."""

    alert: Alert
    attempts: int
    """Attempts so far, this one included; above 1, look it up before sending again."""
    parent: str | None = None
    """The receipt of the first message of the same story on this route, or else of what the story changes."""
    perhaps_told_since: datetime | None = None
    """Since when it may have been sent, of which a restored warehouse has no record."""


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
    """Articles that carried its claim when the message was last updated; None is the first one alone."""
    false_alarms: int | None = None
    """Alerts of its message that were marked as false alarms by then; None is none."""
    corrections: str | None = None
    """Ids of the corrections that it mentioned by then, separated by spaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What has not been sent yet on one route."""

    alerts: int
    ready: int
    """How many of them may be sent now."""
    since: datetime | None
    """When the oldest was decided."""
    error: str | None
    """Why the last attempt failed."""
    asked_before: datetime | None
    """When the last successful run of ``notify`` began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestAlerts:
    """What a digest tells, each most severe first."""

    told: tuple[Alert, ...]
    """Alerts with messages of their own."""
    collected: tuple[Alert, ...]
    """Alerts that were left to it."""
    backlog: tuple[Alert, ...]
    """Alerts of older news that came with a backlog."""
    unsent: int
    """How many more were held back for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """An alert that an analyst marked as a false positive after it was sent."""

    headline: str
    made_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A correction by an analyst of something in a message."""

    id: str
    """Id of the correction."""
    kind: str
    value: str | None
    made_by: str
    reason: str
    was: str | None
    """The headline before; None if only part of what the message reports was corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that was sent, with every article that now makes one of its claims."""

    receipt: str
    alerts: tuple[Alert, ...]
    articles: tuple[tuple[str, str, datetime], ...]
    """Outlet, text, and date of publication or else of the first sight, of each."""
    withdrawn: bool
    """The article was changed, and nobody reports it any more."""
    false_alarms: tuple[FalseAlarm, ...] = ()
    """Those of ``alerts`` that were false alarms."""
    fixed: tuple[Fixed, ...] = ()
    """Other corrections of them, in the order in which they were made."""
    words: str | None = None
    """The sentence that said what a vague alert among them had only announced."""
    also_reports: int = 0
    """Articles that report the same event but do not make these claims."""
    also_outlets: int = 0

    @property
    def reports(self) -> int:
        """The number of articles that, compared with the stored one, tells whether the message must be updated."""
        return len(self.articles) + self.also_reports

    @property
    def corrections(self) -> str:
        """The ids of corrections that, compared with the stored ones, tell whether the message must be updated."""
        return " ".join(sorted(each.id for each in self.fixed))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """An alert with its deliveries."""

    alert: Alert
    status: Status
    decided_at: datetime
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One article that makes a claim."""

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
    """Something an operator does not want to be alerted to, until ``until``; None is for good."""

    subject: str
    until: datetime | None
    reason: str
    muted_at: datetime


class CorrectionKind(StrEnum):
    """What a correction changes."""

    FALSE_POSITIVE = "false_positive"
    """Nobody said or did this."""
    MERGE = "merge"
    """Two claims are one."""
    SPLIT = "split"
    """A report makes a claim of its own, not the one it joined."""
    SPEAKER = "speaker"
    """Somebody else said it."""
    STAGE = "stage"
    """A transfer is at another stage."""
    SUPPLIER = "supplier"
    """Somebody else supplies it."""
    RECIPIENT = "recipient"
    """Somebody else receives or uses it."""
    WEAPON = "weapon"
    """It is another weapon."""
    DIRECTION = "direction"
    """Supplier and recipient were exchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an analyst corrected: a row of ``corrections``."""

    id: str
    kind: CorrectionKind
    claim: str
    other: str | None = None
    """For a merge, the claim that was merged into it; for a split or one false report, the claim that was taken out;
    for a transfer, the claim that its reports make now."""
    speaker: str | None = None
    speaker_id: str | None = None
    side: str | None = None
    value: str | None = None
    """For a transfer, the right stage, side or weapon."""
    reason: str
    made_by: str
    made_at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """What somebody asked for in Slack, and what became of it: a row of ``interactions``."""

    id: str
    action: str
    user_id: str
    user_name: str
    channel: str
    thread: str | None = None
    alert: str | None = None
    words: str | None = None
    outcome: str
    """done, refused or nothing."""
    answer: str
    asked_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A training example from a corrected statement: its span in a document, and what it is."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one query."""

    rows: int = 1_000_000
    memory: str = "1GB"
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """The state of the monitor itself."""

    began: datetime | None
    """When its first run was."""
    succeeded: Mapping[str, datetime]
    """When each step last succeeded."""
    articles: tuple[int, ...]
    """Articles that were not backlog in each of the last days, latest first."""
    signals: tuple[int, ...]
    """How many of them something was found in."""
    clock_off: timedelta | None
    """How far this machine's clock is ahead of those of the servers it polls; None if too few send a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that may be wrong with the monitor itself; without ``text``, nothing is wrong with it."""

    subject: str
    text: str | None
    sure: bool = True
    """False while it may still pass: it is remembered but not reported."""
    patience: timedelta = timedelta(0)
    """How long it must have been observed before it is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What must be reported to the operator now."""

    told: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    """What was reported before and no longer is the case."""
