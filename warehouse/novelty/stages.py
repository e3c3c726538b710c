"""Which transfers are new: the first time a weapon reaches a stage for a recipient. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from extractors.records import AlertKind, Article, Stage, Transfer, WeaponMention, content_id
from warehouse.novelty.claims import LOOSE_WINDOW, Claim, KnownClaims, wrong_on_the_way
from warehouse.novelty.preparation import PreparedArticle
from warehouse.novelty.provenance import EarlierSignal, EarlierSignals

HISTORY_WINDOW = timedelta(days=3)
"""An earlier stage reported within this time after a later one is the history of it, in another outlet."""

UNNAMED_WINDOW = timedelta(days=14)
"""A stage reported without a recipient is taken to be one reported with a recipient within this time."""

WAY: Sequence[str] = (Stage.REQUESTED, Stage.PLEDGED, Stage.DELIVERED)
"""Stages that lie behind a weapon that has reached a later one."""

StageKey = tuple[str, str, str]
"""Weapon, recipient ("" if unknown), stage."""


def stage_id(key: StageKey) -> str:
    """Return the id of the claim that a weapon has reached a stage."""
    return content_id("stage", *key)


@dataclass(slots=True, kw_only=True)
class StageClaims:
    """Assigns claims to transfers."""

    known: KnownClaims
    stages: dict[StageKey, Claim]
    names: Mapping[str, str]
    """Readable names by id, for the reasons: Ukraine for UA."""

    @classmethod
    def after(cls, known: KnownClaims, *, names: Mapping[str, str]) -> "StageClaims":
        """Start from the known claims."""
        stages = {
            (claim.weapon or "", claim.recipient or "", claim.stage): claim
            for claim in known.by_id.values()
            if claim.stage and not wrong_on_the_way(claim, known.by_id)
        }
        return cls(known=known, stages=stages, names=names)

    def assign(self, read: PreparedArticle, earlier: EarlierSignals) -> tuple[str | None, ...]:
        """Return the claims that the transfers of an article make."""
        transfers = read.signals.transfers
        priors = earlier.match_transfers(transfers)
        return tuple(
            self._claim_of(read.article, transfer, read.signals.weapons, prior) if tells else None
            for transfer, tells, prior in zip(transfers, read.transfers_tell, priors, strict=True)
        )

    def _claim_of(
        self, article: Article, transfer: Transfer, weapons: Sequence[WeaponMention], prior: EarlierSignal | None
    ) -> str | None:
        if prior and prior.pinned:
            return prior.claim
        key = (transfer.weapon, transfer.recipient or "", transfer.stage.value)
        claim_id, held = self.known.held_as(stage_id(key), article)
        if held:
            return held
        if prior and prior.stage != transfer.stage:
            return prior.claim  # reported as another stage before: not reported again, but this one may be
        same = prior.claim if prior else self._repeated(key) or self._history(key) or self._mirrored(transfer)
        if transfer.background:
            return same
        mention = mention_of(transfer, weapons)
        claim = Claim(
            id=claim_id,
            kind=AlertKind.NEW_STAGE,
            article=article.id,
            first_seen=self.known.now,
            why=self._why(transfer, mention),
            weapon=transfer.weapon,
            supplier=transfer.supplier,
            recipient=transfer.recipient,
            stage=transfer.stage.value,
            merged_into=same,
        )
        self.stages[key] = claim
        return self.known.add(claim, article, weapon=mention, transfer=transfer)

    def _repeated(self, key: StageKey) -> str | None:
        """Return the claim that ``key`` repeats under another name of the weapon or recipient."""
        same = [
            claim
            for held, claim in self.stages.items()
            if held[2] == key[2] and claim.merged_into is None and self._same(key, held)
        ]
        near = [claim for claim in same if abs(self.known.now - claim.first_seen) <= _window(key, claim)]
        nearest = max(near, key=lambda claim: (claim.weapon == key[0], claim.first_seen, claim.id), default=None)
        return nearest.id if nearest else None

    def _history(self, key: StageKey) -> str | None:
        """Return the claim of a later stage of the same transfer that was reported shortly before."""
        weapon, recipient, stage = key
        later = WAY[WAY.index(stage) + 1 :] if stage in WAY else ()
        near = [
            claim
            for held, claim in self.stages.items()
            if held[2] in later
            and recipient == held[1]
            and self._same((weapon, recipient, stage), (*held[:2], stage))
            and timedelta() <= self.known.now - claim.first_seen <= HISTORY_WINDOW
        ]
        nearest = max(near, key=lambda claim: (claim.first_seen, claim.id), default=None)
        return (nearest.merged_into or nearest.id) if nearest else None

    def _mirrored(self, transfer: Transfer) -> str | None:
        """Return the recent claim of the same stage between the same parties in the opposite direction.

        Nobody asks or refuses in return within days: one of the two sentences was misread.
        """
        same = self.stages.get((transfer.weapon, transfer.supplier or "", transfer.stage.value))
        if same is None or transfer.recipient is None or same.supplier != transfer.recipient:
            return None
        return (same.merged_into or same.id) if self.known.now - same.first_seen <= HISTORY_WINDOW else None

    def _same(self, key: StageKey, held: StageKey) -> bool:
        (weapon, recipient, stage), (other_weapon, other_recipient, other_stage) = key, held
        if stage != other_stage or (recipient and other_recipient and recipient != other_recipient):
            return False
        if weapon == other_weapon:
            return True
        one, other = self.known.systems.get(weapon), self.known.systems.get(other_weapon)
        if one is None or other is None:
            return False
        # A system named after its class is news; a class after its system adds nothing, and a family is one name.
        return one.may_mean(other) or (other.is_family_name and other.may_mean(one))

    def _why(self, transfer: Transfer, mention: WeaponMention | None) -> str:
        name = mention.name if mention else transfer.weapon
        recipient = self.names.get(transfer.recipient or "") or transfer.recipient_text or transfer.recipient
        reached = [
            claim
            for (weapon, to, _), claim in self.stages.items()
            if weapon == transfer.weapon and to == (transfer.recipient or "") and claim.stage
        ]
        reached.sort(key=lambda claim: (claim.first_seen, claim.id))
        before = ", ".join(_words(claim.stage or "") for claim in reached)
        so_far = f"so far: {before}" if before else "nothing before"
        return f"first report of {name} {_words(transfer.stage)}{_whom(transfer.stage, recipient)}; {so_far}"


def _window(key: StageKey, held: Claim) -> timedelta:
    return LOOSE_WINDOW if key[1] and held.recipient else UNNAMED_WINDOW


def mention_of(transfer: Transfer, weapons: Sequence[WeaponMention]) -> WeaponMention | None:
    """Return the mention of the weapon in the sentence of ``transfer``, or else the first in the article."""
    mentions = [mention for mention in weapons if mention.weapon == transfer.weapon]
    inside = [mention for mention in mentions if transfer.start <= mention.start < transfer.end]
    return next(iter(inside or mentions), None)


def _words(stage: str) -> str:
    """Return a stage as it follows the name of a weapon."""
    return {Stage.USE_PERMITTED: "permitted for use", Stage.USE_REFUSED: "refused for use"}.get(Stage(stage), stage)


_TOWARDS = dict.fromkeys((Stage.REQUESTED, Stage.USED, Stage.USE_PERMITTED, Stage.USE_REFUSED), "by")
_TOWARDS |= dict.fromkeys((Stage.CONSIDERED, Stage.SUSPENDED), "for")
"""The preposition between a stage and the recipient, if it is not "to": requested by, pledged to."""


def _whom(stage: Stage, recipient: str | None) -> str:
    if recipient is None:
        return ""
    return f" {_TOWARDS.get(stage, 'to')} {recipient}"
