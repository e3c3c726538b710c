"""The records that flow through Brinkwatch, one frozen record per stage.

    feeds and seeds → Article → Signals → tables → Alert → Slack

Every offset counts Unicode code points into ``Article.document``, end exclusive. Every instant is aware and in UTC.
Every id is a hash of content, so that each step can run twice.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """Where the transfer of a weapon stands."""

    REQUESTED = "requested"
    CONSIDERED = "considered"
    REFUSED = "refused"
    PLEDGED = "pledged"
    DELIVERED = "delivered"
    SUSPENDED = "suspended"
    USE_PERMITTED = "use_permitted"
    USE_REFUSED = "use_refused"
    USED = "used"


class Kind(StrEnum):
    """What a statement is: a limit, announced harm, or talk about either."""

    RED_LINE = "red_line"
    THREAT = "threat"
    COMMENTARY = "commentary"


class Speech(StrEnum):
    """How the words reach the reader."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    MIXED = "mixed"


def content_id(*parts: object) -> str:
    """Return 16 hex digits that depend on every part and on their order."""
    packed = json.dumps([str(part) for part in parts], ensure_ascii=True)
    return hashlib.blake2b(packed.encode("ascii"), digest_size=8).hexdigest()


def utc(moment: datetime) -> datetime:
    """Return an aware ``moment`` in UTC; a naive one is a bug and raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment!r}")
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One revision of a text as it was published: what extraction reads.

    ``id`` is unique per revision, ``identity`` is shared by all revisions of one URL or feed entry.
    """

    id: str
    text: str
    title: str = ""
    url: str | None = None
    source: str | None = None
    """The outlet, as a person would name it."""
    published: datetime | None = None
    published_raw: str | None = None
    """The date as the feed gave it, whether or not it could be read."""
    identity: str = ""
    feed: str | None = None
    """The id of the feed that brought it; None for seeds and for articles handed to ``brinkwatch extract``."""
    seen: datetime | None = None
    ownership: str | None = None
    """state, public or private."""
    genre: str = "news"
    """news, opinion, explainer, anniversary, live_blog, transcript or release."""
    language: str = "en"
    backlog: bool = False
    """It came with the first fetch of its feed, as a seed, or was older than 72 hours when first seen."""
    story: str | None = None
    """The story it was placed in when it was stored; None before that."""

    @property
    def document(self) -> str:
        """The text every offset refers to."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaponMention:
    """One mention of a weapon system, or of a class of them (``specific`` False)."""

    weapon: str
    name: str
    category: str
    specific: bool
    known: bool
    family: str | None
    text: str
    start: int
    end: int
    rule: str = ""
    """The lexicon entry or pattern that found it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A weapon at one stage of its way between two actors, as one sentence asserts it."""

    weapon: str
    supplier: str | None
    """ISO 3166-1 alpha-2, or the slug of a non-state actor."""
    recipient: str | None
    stage: Stage
    start: int
    end: int
    supplier_text: str | None = None
    recipient_text: str | None = None
    quantity: int | None = None
    said_by: str | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A red line, a threat, or commentary on them, with the one who uttered it."""

    kind: Kind
    speaker: str | None
    speaker_id: str | None
    side: str | None
    """ISO 3166-1 alpha-2, or an organisation's slug."""
    speech: Speech
    cue: str
    start: int
    end: int
    quote: str
    condition: str | None = None
    consequence: str | None = None
    explicit: bool = False
    nuclear: bool = False
    relayed_by: str | None = None
    addressee: str | None = None
    role: str | None = None
    """The speaker's office at the time, as the article or the actors' list gives it."""
    confidence: float = 0.0
    severity: int = 1
    reasons: tuple[str, ...] = ()
    """Why this severity, in words."""
    rung: str | None = None
    """The nearest rung of Kahn's escalation ladder (On Escalation, 1965): an aid, not a measure."""
    plover: str = "THREATEN"
    rule: str = ""
    repeats: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Everything one article yielded."""

    article: str
    weapons: tuple[WeaponMention, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    statements: tuple[Statement, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``brinkwatch extract`` prints for this article."""
        return {
            "id": self.article,
            "weapons": [asdict(mention) for mention in self.weapons],
            "transfers": [asdict(transfer) for transfer in self.transfers],
            "statements": [asdict(statement) for statement in self.statements],
        }


class AlertKind(StrEnum):
    """What an alert says is new."""

    NEW_WEAPON = "new_weapon"
    NEW_STATEMENT = "new_statement"
    NEW_STAGE = "new_stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One claim the warehouse had never held, found in the transaction that stores it."""

    kind: AlertKind
    claim: str
    """Identifies the claim across outlets and rewordings."""
    article: Article
    why: str
    """Why it counts as new, in words a reader understands."""
    weapon: WeaponMention | None = None
    transfer: Transfer | None = None
    statement: Statement | None = None

    @property
    def signal(self) -> WeaponMention | Transfer | Statement:
        """The one signal this is about."""
        signal = self.weapon or self.transfer or self.statement
        if signal is None:
            raise ValueError(f"news without a signal: claim {self.claim}")
        return signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a person is told, and everything needed to tell it: a row of ``alerts``."""

    id: str
    kind: AlertKind
    claim: str
    article: str
    story: str
    """Alerts of one story are one message."""
    headline: str
    """What is new, in a few words."""
    why: str
    sentence: str
    marks: tuple[tuple[int, int], ...] = ()
    """Key words of ``sentence``, as spans into it."""
    severity: int
    speaker: str | None = None
    role: str | None = None
    outlet: str | None = None
    ownership: str | None = None
    title: str = ""
    url: str | None = None
    published: datetime | None = None
    seen: datetime
    backlog: bool = False
    suppressed: str | None = None
    """Why this is not sent, if it is not."""
    channel: str | None = None
    """The Slack channel a rule names; None is the one of the settings."""
    mentions: tuple[str, ...] = ()
    """Slack ids of the users and groups to be called."""
    not_before: datetime | None = None
    """Held back until then; None goes at once."""
    decision: tuple[str, ...] = ()
    """How it was routed, a step each, in words."""
