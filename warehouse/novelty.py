"""What is new: each signal is given its claim, and a claim never held before is news. Pure; the store loads and saves.

weapon      a specific system, whatever it is called
stage       (weapon, recipient, stage); the supplier may be another
statement   a red line or threat of one side, however it is worded
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from extractors.captions import in_caption, is_posed
from extractors.dated import is_history, sentence_at
from extractors.records import (
    AlertKind,
    Article,
    Kind,
    News,
    Signals,
    Stage,
    Statement,
    Transfer,
    WeaponMention,
    content_id,
)
from warehouse.places import Place, Places
from warehouse.wording import Wording, is_vague, same_claim, same_claim_in_one_article, similarity, wording_of

GRAVE = 4
"""Words as severe as this are news also where vague ones have announced them."""

QUIET_GENRES = frozenset({"opinion", "anniversary"})
"""Genres in which nobody draws a red line: their statements join claims and never make one."""

HISTORY_WINDOW = timedelta(days=3)
"""An earlier step reported within this time after a later one is how it came to that, in another outlet."""

UNNAMED_WINDOW = timedelta(days=14)
"""A stage reported without its recipient is taken to be the same as one reported with it within this time."""

LOOSE_WINDOW = timedelta(days=60)
"""A stage reported of a class or a family is taken to be the one reported of a system of it within this time."""

WAY: Sequence[str] = (Stage.REQUESTED, Stage.PLEDGED, Stage.DELIVERED)
"""Steps that lie behind a weapon which has come further."""

StageKey = tuple[str, str, str]
"""Weapon, recipient ("" where unknown), stage."""


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
    """An analyst says so: it is no earlier report of anything, and only copies of its articles still join it."""
    vague: bool = False
    """First heard of in words that say over what somebody warns or threatens, and not what."""
    words: str | None = None
    """Of a vague claim: the sentence that said later what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What is known of a weapon that some claim is about."""

    weapon: str
    category: str
    family: str | None
    specific: bool

    @classmethod
    def of(cls, mention: WeaponMention) -> "System":
        """Return what a mention tells."""
        return cls(weapon=mention.weapon, category=mention.category, family=mention.family, specific=mention.specific)

    @property
    def is_family_name(self) -> bool:
        """Whether it names all variants at once: Leopard, where Leopard 1 and Leopard 2 are systems too."""
        return self.specific and self.weapon == self.family

    def may_mean(self, other: "System") -> bool:
        """Whether this says less precisely what ``other`` says: a class of its category, or a name of its family."""
        if self.specific:
            return self.family is not None and self.family == other.family and self.is_family_name
        return other.category == self.category or other.category.endswith(f"_{self.category}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the warehouse holds that the signals of a batch may repeat."""

    claims: Iterable[Claim] = ()
    """Of the weapons of the batch and their like, and of those its statements may repeat."""
    systems: Iterable[System] = ()
    """The weapons of those claims."""
    wordings: Sequence[Wording] = ()
    statements_of: Mapping[str, int] = field(default_factory=dict)
    """Claims by statement that each side has made so far."""
    places: Mapping[str, Places] = field(default_factory=dict)
    """Where articles that are read again made which claims, by article."""
    false_stories: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The stories of the articles that raised each false alarm, by claim."""
    apart: Collection[frozenset[str]] = ()
    """Pairs of claims that an analyst split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsOf:
    """The claims one article makes, signal by signal; None where a signal makes none."""

    weapons: tuple[str | None, ...]
    transfers: tuple[str | None, ...]
    statements: tuple[str | None, ...]


@dataclass(slots=True, kw_only=True)
class Novelty:
    """Goes through a batch, article by article, and remembers what it has met."""

    now: datetime
    claims: dict[str, Claim]
    systems: dict[str, System]
    stages: dict[StageKey, Claim]
    wordings: dict[str, list[Wording]]
    statements_of: dict[str, int]
    names: Mapping[str, str]
    """Names a reader knows for ids, for the reasons: Ukraine for UA."""
    places: Mapping[str, Places]
    false_stories: Mapping[str, Collection[str]]
    apart: Collection[frozenset[str]]
    news: list[News] = field(default_factory=list)
    new_claims: list[Claim] = field(default_factory=list)
    new_wordings: list[Wording] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)
    """Claims that a new wording showed to be the same: from the later to the earlier."""
    worded: dict[str, str] = field(default_factory=dict)
    """Sentences that put vague claims into words, by claim."""
    corroborations: int = 0

    @classmethod
    def after(cls, held: Held, *, now: datetime, names: Mapping[str, str] | None = None) -> "Novelty":
        """Start from what the warehouse holds."""
        claims = {claim.id: claim for claim in held.claims}
        stages = {
            (claim.weapon or "", claim.recipient or "", claim.stage): claim
            for claim in claims.values()
            if claim.stage and not claim.false_alarm
        }
        wordings = defaultdict(list)
        for wording in held.wordings:
            wordings[wording.side].append(wording)
        return cls(
            now=now,
            claims=claims,
            systems={system.weapon: system for system in held.systems},
            stages=stages,
            wordings=wordings,
            statements_of=dict(held.statements_of),
            names=names or {},
            places=held.places,
            false_stories=held.false_stories,
            apart=held.apart,
        )

    def read(self, article: Article, signals: Signals) -> ClaimsOf:
        """Return the claims that ``signals`` make, after adding what is new of them to ``news``."""
        before = set(self.claims)
        self.systems |= {mention.weapon: System.of(mention) for mention in signals.weapons}
        places = self.places.get(article.id, Places())
        weapons = self._weapons(article, signals.weapons, places)
        transfers = tuple(
            self._stage(article, transfer, signals.weapons, place)
            if _tells(article, transfer) and not _is_condition(article, transfer, signals)
            else None
            for transfer, place in zip(signals.transfers, places.of_transfers(signals.transfers), strict=True)
        )
        statements = self._statements(article, signals, places)
        made = {claim for claim in (*weapons, *transfers, *statements) if claim}
        self.corroborations += len(made & before)
        return ClaimsOf(weapons=weapons, transfers=transfers, statements=statements)

    def _held(self, claim_id: str, article: Article, *, for_good: bool = False) -> tuple[str, str | None]:
        """Return the id of a claim and the claim it is held as; None where it is new.

        A false alarm is held for copies of its articles alone, or ``for_good``; anything else gets an id of its own.
        """
        while held := self.claims.get(claim_id):
            joined = self._joined(held)
            if not joined.false_alarm or for_good or article.story in self.false_stories.get(joined.id, ()):
                return claim_id, joined.id
            claim_id = content_id("after a false alarm", claim_id)
        return claim_id, None

    def _joined(self, claim: Claim) -> Claim:
        """Return the claim that ``claim`` turned out to be the same as."""
        while claim.merged_into:
            claim = self.claims[claim.merged_into]
        return claim

    def _weapons(self, article: Article, mentions: Sequence[WeaponMention], places: Places) -> tuple[str | None, ...]:
        """Go through systems first: where an article names Leopard 2, its Leopard tells nothing more."""
        named: dict[str, list[WeaponMention]] = defaultdict(list)
        for mention in sorted(mentions, key=lambda mention: System.of(mention).is_family_name):
            if mention.specific and _tells(article, mention) and not _is_picture(article, mention):
                named[mention.weapon].append(mention)
        claims = {weapon: self._weapon(article, each[-1], places.of_weapon(each)) for weapon, each in named.items()}
        return tuple(claims.get(mention.weapon) for mention in mentions)

    def _weapon(self, article: Article, mention: WeaponMention, place: Place | None) -> str:
        if place and place.pinned:
            return place.claim
        # Of a name that no list holds an analyst has said what it is; one that is listed may be right next time.
        claim_id, held = self._held(content_id("weapon", mention.weapon), article, for_good=not mention.known)
        if held:
            return held
        same = place.claim if place else self._variant(mention)
        claim = self._claim(
            claim_id,
            AlertKind.NEW_WEAPON,
            article,
            why=f"first mention of {mention.name} in this warehouse",
            weapon=mention.weapon,
            merged_into=same,
        )
        if same:
            return same
        self._tell(claim, article, weapon=mention)
        return claim_id

    def _variant(self, mention: WeaponMention) -> str | None:
        """Return the claim of the first variant that is held, where ``mention`` is the name of the family alone.

        Or the claim of that name, where it is the first variant: what was told of Challenger was told of Challenger 2.
        """
        system = System.of(mention)
        if not system.is_family_name:
            return self._family(system)
        held = [
            claim
            for claim in self.claims.values()
            if claim.kind is AlertKind.NEW_WEAPON
            and claim.merged_into is None
            and not claim.false_alarm
            and claim.weapon in self.systems
            and system.may_mean(self.systems[claim.weapon])
        ]
        first = min(held, key=lambda claim: (claim.first_seen, claim.id), default=None)
        return first.id if first else None

    def _family(self, variant: System) -> str | None:
        """Return the claim of the family's name, unless another variant was named before."""
        held = [
            claim
            for claim in self.claims.values()
            if claim.kind is AlertKind.NEW_WEAPON
            and not claim.false_alarm
            and claim.weapon != variant.weapon
            and claim.weapon in self.systems
            and variant.family is not None
            and self.systems[claim.weapon].family == variant.family
        ]
        named = [claim for claim in held if self.systems[claim.weapon or ""].is_family_name and not claim.merged_into]
        return named[0].id if named and len(held) == 1 and self.now - named[0].first_seen <= LOOSE_WINDOW else None

    def _stage(
        self, article: Article, transfer: Transfer, weapons: Sequence[WeaponMention], place: Place | None
    ) -> str:
        if place and place.pinned:
            return place.claim
        key = (transfer.weapon, transfer.recipient or "", transfer.stage.value)
        claim_id, held = self._held(content_id("stage", *key), article)
        if held:
            return held
        if place and place.stage != transfer.stage:
            return place.claim  # told once as another stage: not told again, and this one stays to be told
        same = place.claim if place else self._repeated(key) or self._history(key) or self._mirrored(transfer)
        mention = _mention_of(transfer, weapons)
        claim = self._claim(
            claim_id,
            AlertKind.NEW_STAGE,
            article,
            why=self._why_stage(transfer, mention),
            weapon=transfer.weapon,
            supplier=transfer.supplier,
            recipient=transfer.recipient,
            stage=transfer.stage.value,
            merged_into=same,
        )
        self.stages[key] = claim
        if same:
            return same
        self._tell(claim, article, weapon=mention, transfer=transfer)
        return claim.id

    def _repeated(self, key: StageKey) -> str | None:
        """Return the claim that ``key`` repeats although it names its weapon or recipient otherwise."""
        same = [claim for held, claim in self.stages.items() if claim.merged_into is None and self._same(key, held)]
        near = [claim for claim in same if abs(self.now - claim.first_seen) <= self._window(key, claim)]
        nearest = max(near, key=lambda claim: (claim.weapon == key[0], claim.first_seen, claim.id), default=None)
        return nearest.id if nearest else None

    def _history(self, key: StageKey) -> str | None:
        """Return the claim of a later step on the same way, reported just before."""
        weapon, recipient, stage = key
        later = WAY[WAY.index(stage) + 1 :] if stage in WAY else ()
        near = [
            claim
            for held, claim in self.stages.items()
            if held[2] in later
            and recipient == held[1]
            and self._same((weapon, recipient, stage), (*held[:2], stage))
            and timedelta() <= self.now - claim.first_seen <= HISTORY_WINDOW
        ]
        nearest = max(near, key=lambda claim: (claim.first_seen, claim.id), default=None)
        return (nearest.merged_into or nearest.id) if nearest else None

    def _mirrored(self, transfer: Transfer) -> str | None:
        """Return the claim of the same stage between the same two, who gives taken for who gets, reported just now.

        Nobody asks or refuses back within days: one of the two sentences was misread.
        """
        same = self.stages.get((transfer.weapon, transfer.supplier or "", transfer.stage.value))
        if same is None or transfer.recipient is None or same.supplier != transfer.recipient:
            return None
        return (same.merged_into or same.id) if self.now - same.first_seen <= HISTORY_WINDOW else None

    def _same(self, key: StageKey, held: StageKey) -> bool:
        (weapon, recipient, stage), (other_weapon, other_recipient, other_stage) = key, held
        if stage != other_stage or (recipient and other_recipient and recipient != other_recipient):
            return False
        if weapon == other_weapon:
            return True
        one, other = self.systems.get(weapon), self.systems.get(other_weapon)
        if one is None or other is None:
            return False
        # A system named after its class is news; the other way round nothing is added, and a family is one name.
        return one.may_mean(other) or (other.is_family_name and other.may_mean(one))

    def _window(self, key: StageKey, held: Claim) -> timedelta:
        return LOOSE_WINDOW if key[1] and held.recipient else UNNAMED_WINDOW

    def _why_stage(self, transfer: Transfer, mention: WeaponMention | None) -> str:
        name = mention.name if mention else transfer.weapon
        recipient = self.names.get(transfer.recipient or "") or transfer.recipient_text or transfer.recipient
        before = [
            claim.stage
            for (weapon, to, _), claim in self.stages.items()
            if weapon == transfer.weapon and to == (transfer.recipient or "")
        ]
        so_far = (
            f"so far: {', '.join(sorted(_words(stage) for stage in before if stage))}" if before else "nothing before"
        )
        return f"first report of {name} {_words(transfer.stage)}{_whom(transfer.stage, recipient)}; {so_far}"

    def _statements(self, article: Article, signals: Signals, places: Places) -> tuple[str | None, ...]:
        """Go through bare headlines last: they announce what stands below."""
        told: list[tuple[Wording, int]] = []
        claims: list[str | None] = [None] * len(signals.statements)
        wordings = [self._wording(article, statement, signals.weapons) for statement in signals.statements]
        bare = [_is_bare_headline(article, statement) for statement in signals.statements]
        vague = [wording for wording, is_bare in zip(wordings, bare, strict=True) if wording and is_bare]
        for at in sorted(range(len(claims)), key=lambda at: bare[at]):
            statement, wording = signals.statements[at], wordings[at]
            if wording is None:
                continue
            above = [other for other, start in told if start < len(article.title)]
            below = next((other for other, _ in told if bare[at] and other.side == wording.side), None)
            same = self._said_before(statement, wording, above) or self._announced(statement, wording, vague)
            place = places.of_statement(statement)
            claim = self._statement(article, statement, wording, same=same, below=below, place=place)
            claims[at] = claim
            if claim:
                told.append((wording.of(claim), statement.start))
        return tuple(claims)

    def _wording(self, article: Article, statement: Statement, weapons: Sequence[WeaponMention]) -> Wording | None:
        """Return what is compared of a statement; None for commentary, old words, and words that say nothing."""
        if statement.kind is Kind.COMMENTARY or is_history(statement.quote, published=article.published):
            return None
        reported_at = article.published or article.seen or self.now
        named = {m.weapon for m in weapons if m.specific and statement.start <= m.start < statement.end}
        wording = wording_of(statement, reported_at=reported_at, weapons=named, title=article.title)
        return wording if wording.content else None

    def _statement(
        self,
        article: Article,
        statement: Statement,
        wording: Wording,
        *,
        same: set[str],
        below: Wording | None,
        place: Place | None,
    ) -> str | None:
        if below and not same and not place:
            if not wording.vague:
                return self.current(below.claim)  # without its wording: such few words fit other claims as well
            same = {self.current(below.claim)}
        if place and (place.pinned or not same):
            same = {self.current(place.claim)}
        if not same and article.genre in QUIET_GENRES:
            return None
        claim = self._merge(same) if same else self._first(article, statement, wording)
        self._put_into_words(claim, statement, wording)
        put = replace(wording.of(claim), misread=self.claims[claim].false_alarm)
        self.new_wordings.append(put)
        self.wordings.setdefault(wording.side, []).append(put)
        return claim

    def _put_into_words(self, claim: str, statement: Statement, wording: Wording) -> None:
        held = self.claims[claim]
        if held.vague and held.words is None and not wording.vague:
            self.claims[claim] = replace(held, words=statement.quote)
            self.worded[claim] = statement.quote

    def _said_before(self, statement: Statement, wording: Wording, headline: Sequence[Wording]) -> set[str]:
        """Return the claims that ``wording`` repeats: those of its own side, or else of the side that comes nearest.

        Where a report does not say for whom somebody speaks, the words tell. Of claims that an analyst keeps apart,
        and of those that vague words may announce, it is the nearest.
        """
        sides = {wording.side, ""} if wording.side else set(self.wordings)
        same = [other for side in sides for other in self.wordings.get(side, ()) if same_claim(wording, other)]
        same = [other for other in same if wording.vague or not other.vague or self._waits(other, statement)]
        nearest = max(same, key=lambda other: _nearness(wording, other), default=None)
        said = [other for other in same if nearest and other.side == nearest.side]
        said += [other for other in headline if same_claim_in_one_article(wording, other)]
        claims = {self.current(other.claim) for other in said}
        if nearest and (wording.vague or any(pair <= claims for pair in self.apart)):
            return {self.current(nearest.claim)}
        return claims

    def _announced(self, statement: Statement, wording: Wording, headlines: Sequence[Wording]) -> set[str]:
        """Return the claim of a vague headline that was told before, stands above ``statement`` too, and meant it."""
        held = [] if wording in headlines else self.wordings.get(wording.side, [])
        told = [
            other
            for other in held
            if other.vague
            and self._waits(other, statement)
            and any(each.vague and same_claim(each, other) for each in headlines if each.side == wording.side)
        ]
        return {self.current(other.claim) for other in told[:1]}

    def _waits(self, wording: Wording, statement: Statement) -> bool:
        """Whether the claim of vague words waits for what ``statement`` says; grave words are news by themselves."""
        claim = self.claims[self.current(wording.claim)]
        return claim.vague and claim.words is None and statement.severity < GRAVE

    def _first(self, article: Article, statement: Statement, wording: Wording) -> str:
        who = self.names.get(statement.side or "") or statement.side or statement.speaker or "an official"
        count = self.statements_of.get(wording.side, 0)
        why = _why_statement(count, who)
        claim_id = content_id("statement", article.id, statement.kind, statement.start, statement.end, wording.id)
        claim = self._claim(claim_id, AlertKind.NEW_STATEMENT, article, why=why, side=wording.side, vague=wording.vague)
        self.statements_of[wording.side] = count + 1
        self._tell(claim, article, statement=statement)
        return claim_id

    def _merge(self, same: set[str]) -> str:
        """Return the earliest of claims that turned out to be one, after pointing the others at it."""
        first, *others = sorted(same, key=lambda claim: (self.claims[claim].first_seen, claim))
        self.merged |= dict.fromkeys(others, first)
        return first

    def current(self, claim: str) -> str:
        """Return the claim that ``claim`` has become."""
        while claim in self.merged:
            claim = self.merged[claim]
        return claim

    def _claim(
        self,
        claim_id: str,
        kind: AlertKind,
        article: Article,
        *,
        why: str,
        weapon: str | None = None,
        supplier: str | None = None,
        recipient: str | None = None,
        stage: str | None = None,
        side: str | None = None,
        merged_into: str | None = None,
        vague: bool = False,
    ) -> Claim:
        claim = Claim(
            id=claim_id,
            kind=kind,
            article=article.id,
            first_seen=self.now,
            why=why,
            weapon=weapon,
            supplier=supplier,
            recipient=recipient,
            stage=stage,
            side=side,
            merged_into=merged_into,
            vague=vague,
        )
        self.claims[claim_id] = claim
        self.new_claims.append(claim)
        return claim

    def _tell(
        self,
        claim: Claim,
        article: Article,
        *,
        weapon: WeaponMention | None = None,
        transfer: Transfer | None = None,
        statement: Statement | None = None,
    ) -> None:
        self.news.append(
            News(
                kind=claim.kind,
                claim=claim.id,
                article=article,
                why=claim.why,
                weapon=weapon,
                transfer=transfer,
                statement=statement,
            )
        )


def _tells(article: Article, signal: WeaponMention | Transfer) -> bool:
    """Whether a signal tells of now: it is no caption of a picture, nor does its sentence date it long ago."""
    sentence = sentence_at(article.document, signal.start, signal.end)
    return not in_caption(article.document, signal.end) and not is_history(sentence, published=article.published)


def _is_picture(article: Article, mention: WeaponMention) -> bool:
    return mention.start >= len(article.title) and is_posed(article.document, mention.end)


def _is_condition(article: Article, transfer: Transfer, signals: Signals) -> bool:
    """Whether the weapon moves only under the condition of a red line: "any delivery of tanks would mean war"."""
    found = [
        (at, at + len(said.condition))
        for said in signals.statements
        if said.condition and (at := article.document.find(said.condition, said.start, said.end)) >= 0
    ]
    named = [
        m.start for m in signals.weapons if m.weapon == transfer.weapon and transfer.start <= m.start < transfer.end
    ]
    return bool(named) and all(any(start <= place < end for start, end in found) for place in named)


def _is_bare_headline(article: Article, statement: Statement) -> bool:
    """Whether this is a headline by which somebody warns or threatens, under no condition or without saying what."""
    return statement.end <= len(article.title) and (not statement.condition or is_vague(statement))


def _why_statement(before: int, who: str) -> str:
    if before == 0:
        return f"first red line or threat of {who} in this warehouse"
    if before == 1:
        return f"the one earlier red line or threat of {who} in this warehouse says something else"
    return f"none of the {before} earlier red lines and threats of {who} in this warehouse says this"


def _nearness(wording: Wording, other: Wording) -> tuple[bool, float, str]:
    return other.side == wording.side, similarity(wording, other), other.id


def _mention_of(transfer: Transfer, weapons: Sequence[WeaponMention]) -> WeaponMention | None:
    """Return the mention of the weapon inside the sentence of ``transfer``, or else its first in the article."""
    mentions = [mention for mention in weapons if mention.weapon == transfer.weapon]
    inside = [mention for mention in mentions if transfer.start <= mention.start < transfer.end]
    return next(iter(inside or mentions), None)


def _words(stage: str) -> str:
    """Return a stage as it is read after the name of a weapon."""
    return {Stage.USE_PERMITTED: "permitted for use", Stage.USE_REFUSED: "refused for use"}.get(Stage(stage), stage)


_TOWARDS = dict.fromkeys((Stage.REQUESTED, Stage.USED, Stage.USE_PERMITTED, Stage.USE_REFUSED), "by")
_TOWARDS |= dict.fromkeys((Stage.CONSIDERED, Stage.SUSPENDED), "for")
"""What stands between a stage and who gets or uses the weapon, where it is not "to": requested by, pledged to."""


def _whom(stage: Stage, recipient: str | None) -> str:
    if recipient is None:
        return ""
    return f" {_TOWARDS.get(stage, 'to')} {recipient}"
