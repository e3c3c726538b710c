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
    """How far the transfer of a weapon has come."""

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
    """What a statement is: a limit that is drawn, harm that is announced, or talk about either."""

    RED_LINE = "red_line"
    THREAT = "threat"
    COMMENTARY = "commentary"


class Speech(StrEnum):
    """How the words are reported: quoted, paraphrased, or partly quoted."""

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


def document_of(title: str, text: str) -> str:
    """Return the text that every offset of an article counts into."""
    return f"{title}\n\n{text}" if title else text


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
        return document_of(self.title, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaponMention:
    """One mention of a weapon system, or of a class of weapons."""

    weapon: str
    """A stable slug, such as ``storm-shadow``."""
    name: str
    """The system's or the class's usual name."""
    category: str
    """The class it belongs to, such as ``cruise_missile``."""
    specific: bool
    """True for a named system, false for a class such as "ballistic missiles"."""
    known: bool
    """Whether the lexicon lists it; false for a named system that no list holds."""
    family: str | None
    """Shared by the variants of one system, where the lexicon says so."""
    text: str
    """The mention as the article writes it."""
    start: int
    """First code point of the mention."""
    end: int
    """Code point after the mention."""
    rule: str = ""
    """The lexicon entry or pattern that found it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A weapon at one stage between a supplier and a recipient, as one sentence asserts it."""

    weapon: str
    """Slug of the weapon or class."""
    supplier: str | None
    """ISO 3166-1 alpha-2 code, or the slug of a non-state actor; null where the text does not say."""
    recipient: str | None
    """The same for whoever receives or uses the weapon."""
    stage: Stage
    """The stage that the sentence reports."""
    start: int
    """First code point of the sentence."""
    end: int
    """Code point after the sentence."""
    supplier_text: str | None = None
    """The supplier as the article writes it."""
    recipient_text: str | None = None
    """The recipient as the article writes it."""
    quantity: int | None = None
    """Number of units."""
    said_by: str | None = None
    """Who says so, where the sentence or its place in a transcript tells."""
    background: bool = False
    """Reported as past rather than as news: shown on the timeline, never alerted."""
    confidence: float = 1.0
    """The reader's probability of the stage, between 0 and 1, not calibrated; 1 where something else found it."""
    asked_by_others: bool = False
    """Others ask that the recipient be given it, which itself may be silent."""
    rule: str = ""
    """What found it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A red line, a threat, or commentary on them, with its speaker."""

    kind: Kind
    """Only red lines and threats can become alerts."""
    speaker: str | None
    """Who said it: a person, or the organ where no person is named; null where the text does not say."""
    speaker_id: str | None
    """Slug of the speaker."""
    side: str | None
    """Whom the speaker speaks for: ISO 3166-1 alpha-2 code, or the slug of an organisation."""
    speech: Speech
    """Whether the words are quoted."""
    cue: str
    """The word that reports it, such as "warned"; empty where there is none."""
    start: int
    """First code point of the quote."""
    end: int
    """Code point after the quote."""
    quote: str
    """The sentence or clause that carries it."""
    condition: str | None = None
    """Of a red line: the act that would cross it."""
    consequence: str | None = None
    """What is threatened, or what crossing the line would bring."""
    explicit: bool = False
    """Whether it says "red line"."""
    nuclear: bool = False
    """Whether it speaks of nuclear weapons or nuclear war."""
    relayed_by: str | None = None
    """The medium that passed it on."""
    addressee: str | None = None
    """Whom it is addressed to, where the text names somebody."""
    role: str | None = None
    """The speaker's office at the time, as the article or the list of actors gives it."""
    speaker_supposed: bool = False
    """It is only supposed who speaks, or nobody is found: no word was surely read as the speaker."""
    confidence: float = 0.0
    """Calibrated probability that this is a statement, between 0 and 1."""
    severity: int = 1
    """From 1 (low) to 5 (critical)."""
    reasons: tuple[str, ...] = ()
    """Why this severity, in words."""
    rung: str | None = None
    """The nearest rung of Kahn's escalation ladder (On Escalation, 1965): an aid, not a measure."""
    plover: str = "THREATEN"
    """Event type in the PLOVER ontology."""
    rule: str = ""
    """What found it, and how the speaker was found; of commentary, why it is no more than that."""
    repeats: tuple[tuple[int, int], ...] = ()
    """Spans of later sentences in the article that repeat it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Everything that was found in one article."""

    article: str
    """The id that the article was given; of a ``.txt`` document, the name of the file without its ending."""
    weapons: tuple[WeaponMention, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    statements: tuple[Statement, ...] = ()
    unread: int = 0
    """Sentences that may hold a signal and were not read, because the article has too many of them."""

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``brinkwatch extract`` prints for this article."""
        return {
            "id": self.article,
            "weapons": [asdict(mention) for mention in self.weapons],
            "transfers": [asdict(transfer) for transfer in self.transfers],
            "statements": [asdict(statement) for statement in self.statements],
            "unread": self.unread,
        }


class AlertKind(StrEnum):
    """What an alert says is new."""

    NEW_WEAPON = "new_weapon"
    NEW_STATEMENT = "new_statement"
    NEW_STAGE = "new_stage"


class DeliveryStatus(StrEnum):
    """The state of an alert on one route."""

    QUEUED = "queued"
    """Asked for again by an operator."""
    CLAIMED = "claimed"
    """Belongs to one sender until its lease ends; if nobody knows by then whether it arrived, it is looked up."""
    DELIVERED = "delivered"
    RETRY = "retry"
    """It certainly did not arrive; it may be tried again at ``retry_at``."""
    HELD = "held"
    """It may have been sent before a restore, on a route that cannot be searched."""
    DEAD_LETTER = "dead_letter"
    """The route will never accept it: it is set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A red line that was drawn before some news arrived, which may cross it or draw it again."""

    claim: str
    side: str | None
    speaker: str | None
    quote: str
    condition: str | None
    consequence: str | None
    nuclear: bool
    severity: int
    said: datetime
    """When it was first reported."""
    times: int = 1
    """How often it was drawn, with lines of its side on the same condition."""
    still: bool = False
    """It was reported so shortly before that the news belongs to the same act of speech."""
    named: bool = True
    """It names the very system the news is about, and not only a class of such weapons."""
    document: str = ""
    """The article that reported it first."""
    url: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stage that the weapon of some news had reached on its way to the same recipient before."""

    claim: str | None
    stage: Stage
    supplier: str | None
    since: datetime
    """When it was first reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the side of a statement said in the days before on the same matter."""

    claim: str
    speaker_id: str | None
    """Slug of who said it, as its first report has it."""
    severity: int
    """Of its gravest report."""
    confidence: float
    """Of its surest report."""


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
    lines: tuple[Line, ...] = ()
    """Of a stage: lines of others that speak of its weapon. Of a red line: those of its side on the same condition."""
    steps: tuple[Step, ...] = ()
    """Of a stage: those reported before it, the earliest first."""
    said: tuple[Said, ...] = ()
    """Of a statement: what its side said shortly before on its matter, unless that was not told."""

    @property
    def signal(self) -> WeaponMention | Transfer | Statement:
        """The one signal this is about."""
        signal = self.weapon or self.transfer or self.statement
        if signal is None:
            raise ValueError(f"news without a signal: claim {self.claim}")
        return signal


TOO_UNSURE = "too unsure"
"""Begins the reason of an alert that is left to the digest until a surer report of the same arrives."""


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
    related: str | None = None
    """The claim it crosses, reverses or says again: that one's thread gets the news."""
    related_url: str | None = None
    """Where that was reported."""
