"""What is new in a batch of articles: each signal is assigned a claim, and a claim never held before is news.

Pure; ``tables.held_claims`` loads what the batch may repeat, ``tables.signals`` saves what it brought.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from warehouse.novelty.claims import Held, KnownClaims, System
from warehouse.novelty.preparation import PreparedArticle
from warehouse.novelty.provenance import EarlierSignals
from warehouse.novelty.stages import StageClaims
from warehouse.novelty.statements import StatementClaims
from warehouse.novelty.weapons import WeaponClaims


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsOf:
    """The claims of one article, signal by signal; None for a signal that makes none."""

    weapons: tuple[str | None, ...]
    transfers: tuple[str | None, ...]
    statements: tuple[str | None, ...]


@dataclass(slots=True, kw_only=True)
class Novelty:
    """Goes through a batch, article by article, and remembers what it has seen."""

    claims: KnownClaims
    weapons: WeaponClaims
    stages: StageClaims
    statements: StatementClaims
    earlier: Mapping[str, EarlierSignals]
    corroborations: int = 0
    """Signals that joined a claim known before their article."""

    @classmethod
    def after(
        cls,
        held: Held,
        *,
        now: datetime,
        names: Mapping[str, str] | None = None,
        quiet_genres: Collection[str] = (),
    ) -> "Novelty":
        """Start from what the warehouse holds.

        ``names`` holds the names a reader knows for ids, for the reasons why something is new. Statements in articles
        of ``quiet_genres`` join claims and never make one.
        """
        known = KnownClaims(
            now=now,
            by_id={claim.id: claim for claim in held.claims},
            systems={system.weapon: system for system in held.systems},
            false_stories=held.false_stories,
        )
        return cls(
            claims=known,
            weapons=WeaponClaims(known=known),
            stages=StageClaims.after(known, names=names or {}),
            statements=StatementClaims.after(held, known, names=names or {}, quiet_genres=quiet_genres),
            earlier=held.earlier,
        )

    def assign(self, read: PreparedArticle) -> ClaimsOf:
        """Return the claims that the signals of an article make, after adding the new ones."""
        before = set(self.claims.by_id)
        self.claims.systems |= {mention.weapon: System.of(mention) for mention in read.signals.weapons}
        earlier = self.earlier.get(read.article.id, EarlierSignals())
        made = ClaimsOf(
            weapons=self.weapons.assign(read, earlier),
            transfers=self.stages.assign(read, earlier),
            statements=self.statements.assign(read, earlier),
        )
        self.corroborations += len({*made.weapons, *made.transfers, *made.statements} & before)
        return made
