"""Which mentions of weapons are new: a specific system that was never named before, whatever it is called. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.records import AlertKind, Article, WeaponMention, content_id
from warehouse.novelty.claims import LOOSE_WINDOW, Claim, KnownClaims, System
from warehouse.novelty.preparation import PreparedArticle
from warehouse.novelty.provenance import EarlierSignal, EarlierSignals


@dataclass(slots=True, kw_only=True)
class WeaponClaims:
    """Gives mentions of weapons their claims."""

    known: KnownClaims

    def assign(self, read: PreparedArticle, earlier: EarlierSignals) -> tuple[str | None, ...]:
        """Go through systems first: if an article names Leopard 2, its Leopard adds nothing."""
        mentions = read.signals.weapons
        telling = [mention for mention, tells in zip(mentions, read.weapons_tell, strict=True) if tells]
        named: dict[str, list[WeaponMention]] = defaultdict(list)
        for mention in sorted(telling, key=lambda mention: System.of(mention).is_family_name):
            named[mention.weapon].append(mention)
        claims = {
            weapon: self._claim_of(read.article, each[-1], earlier.match_weapon(each)) for weapon, each in named.items()
        }
        return tuple(claims.get(mention.weapon) for mention in mentions)

    def _claim_of(self, article: Article, mention: WeaponMention, prior: EarlierSignal | None) -> str:
        if prior and prior.pinned:
            return prior.claim
        # An analyst has said what an unlisted name means; a listed one may be right the next time.
        claim_id, held = self.known.held_as(content_id("weapon", mention.weapon), article, for_good=not mention.known)
        if held:
            return held
        claim = Claim(
            id=claim_id,
            kind=AlertKind.NEW_WEAPON,
            article=article.id,
            first_seen=self.known.now,
            why=f"first mention of {mention.name} in this warehouse",
            weapon=mention.weapon,
            merged_into=prior.claim if prior else self._same_system(System.of(mention)),
        )
        return self.known.add(claim, article, weapon=mention)

    def _same_system(self, system: System) -> str | None:
        """Return the claim of the first variant that is held, where ``system`` is the name of the family alone.

        Or the claim of that name, where it is the first variant: what was told of Challenger was told of Challenger 2.
        """
        return self._first_variant(system) if system.is_family_name else self._family_name(system)

    def _first_variant(self, family: System) -> str | None:
        held = [claim for claim, system in self._held() if claim.merged_into is None and family.may_mean(system)]
        first = min(held, key=lambda claim: (claim.first_seen, claim.id), default=None)
        return first.id if first else None

    def _family_name(self, variant: System) -> str | None:
        """Return the claim of the family's name, unless another variant was named earlier."""
        held = [
            (claim, system)
            for claim, system in self._held()
            if variant.family is not None and system.family == variant.family and system.weapon != variant.weapon
        ]
        if len(held) != 1:
            return None
        ((claim, system),) = held
        is_name = system.is_family_name and not claim.merged_into
        return claim.id if is_name and self.known.now - claim.first_seen <= LOOSE_WINDOW else None

    def _held(self) -> Iterator[tuple[Claim, System]]:
        """Yield the claims of weapons that are no false alarms, with what is known of each weapon."""
        for claim in self.known.by_id.values():
            system = self.known.systems.get(claim.weapon or "")
            if system and claim.kind is AlertKind.NEW_WEAPON and not claim.false_alarm:
                yield claim, system
