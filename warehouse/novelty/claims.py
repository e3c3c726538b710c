"""Claims: what was new once. Those the warehouse holds and a batch may repeat, and those the batch adds. Pure.

weapon      a specific system, whatever it is called
stage       (weapon, recipient, stage), whoever supplies; if reported as past, it joins a claim and makes none
statement   a red line or threat of one side, however it is worded
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from extractors.records import AlertKind, Article, News, Statement, Transfer, WeaponMention, content_id
from warehouse.novelty.provenance import EarlierSignals
from warehouse.novelty.statement_similarity import Wording

LOOSE_WINDOW = timedelta(days=60)
"""What is reported of a class or a family is taken to be what is reported of a system of it within this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Something that was new once: a row of ``claims``."""

    id: str
    kind: AlertKind
    article: str
    first_seen: datetime
    why: str
    weapon: str | None = None
    supplier: str | None = None
    recipient: str | None = None
    stage: str | None = None
    side: str | None = None
    merged_into: str | None = None
    false_alarm: bool = False
    """Marked by an analyst: it is not an earlier report of anything, and only copies of its articles still join it."""
    misread: bool = False
    """Corrected by an analyst: its reports make the claim it is merged into, and so do copies of them."""
    vague: bool = False
    """First reported in words that say what somebody warns about, but not what they threaten."""
    words: str | None = None
    """Of a vague claim: the later sentence that said what was threatened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What is known about the weapon of a claim."""

    weapon: str
    category: str
    family: str | None
    specific: bool

    @classmethod
    def of(cls, mention: WeaponMention) -> "System":
        """Return what a mention says."""
        return cls(weapon=mention.weapon, category=mention.category, family=mention.family, specific=mention.specific)

    @property
    def is_family_name(self) -> bool:
        """Whether it names all variants at once: Leopard, as opposed to Leopard 1 and Leopard 2."""
        return self.specific and self.weapon == self.family

    def may_mean(self, other: "System") -> bool:
        """Whether this is a less precise name for ``other``: a class of its category, or the name of its family."""
        if self.specific:
            return self.family is not None and self.family == other.family and self.is_family_name
        return other.category == self.category or other.category.endswith(f"_{self.category}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the warehouse holds that signals of a batch may repeat."""

    claims: Iterable[Claim] = ()
    """Claims on the weapons of the batch and related ones, and claims its statements may repeat."""
    systems: Iterable[System] = ()
    """The weapons of those claims."""
    wordings: Sequence[Wording] = ()
    begun: Mapping[str, datetime] = field(default_factory=dict)
    """When each of their claims was first made."""
    statements_of: Mapping[str, int] = field(default_factory=dict)
    """Number of claims each side has made by statements so far."""
    earlier: Mapping[str, EarlierSignals] = field(default_factory=dict)
    """Which claims were made where, by article, in articles that are read again."""
    false_stories: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The stories of the articles behind each false alarm or misread claim, by claim."""
    apart: Collection[frozenset[str]] = ()
    """Pairs of claims that an analyst has split."""


@dataclass(slots=True, kw_only=True)
class KnownClaims:
    """The claims that are held, and those that a batch adds."""

    now: datetime
    by_id: dict[str, Claim]
    systems: dict[str, System]
    """The weapons that claims are about, by id."""
    false_stories: Mapping[str, Collection[str]]
    new: list[Claim] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    """Those of ``new`` that are no other one under another name, with the signals that made them."""

    def held_as(self, claim_id: str, article: Article, *, for_good: bool = False) -> tuple[str, str | None]:
        """Return the id of a claim and the claim it is held as; None where it is new.

        A false alarm or a misread claim only holds for copies of its articles, unless ``for_good``; anything else gets
        an id of its own.
        """
        while held := self.by_id.get(claim_id):
            wrong = wrong_on_the_way(held, self.by_id)
            if not wrong or for_good or article.story in self.false_stories.get(wrong.id, ()):
                return claim_id, self._joined(held).id
            claim_id = id_after_wrong(claim_id)
        return claim_id, None

    def _joined(self, claim: Claim) -> Claim:
        """Return the claim that ``claim`` turned out to be the same as."""
        while claim.merged_into:
            claim = self.by_id[claim.merged_into]
        return claim

    def add(
        self,
        claim: Claim,
        article: Article,
        *,
        weapon: WeaponMention | None = None,
        transfer: Transfer | None = None,
        statement: Statement | None = None,
    ) -> str:
        """Take in a claim that was never held, and make news of it unless it is merged into one that was.

        Return the id of the claim it is.
        """
        self.by_id[claim.id] = claim
        self.new.append(claim)
        if claim.merged_into:
            return claim.merged_into
        news = News(
            kind=claim.kind,
            claim=claim.id,
            article=article,
            why=claim.why,
            weapon=weapon,
            transfer=transfer,
            statement=statement,
        )
        self.news.append(news)
        return claim.id


def id_after_wrong(claim_id: str) -> str:
    """Return the id of a true claim that is otherwise like one that turned out to be wrong."""
    return content_id("after a false alarm", claim_id)


def wrong_on_the_way(claim: Claim, claims: Mapping[str, Claim]) -> Claim | None:
    """Return the first false alarm or misread claim among ``claim`` and the claims it was merged into in turn."""
    on_the_way: Claim | None = claim
    while on_the_way and not (on_the_way.false_alarm or on_the_way.misread):
        on_the_way = claims.get(on_the_way.merged_into or "")
    return on_the_way
