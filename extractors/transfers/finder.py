"""Transfers of arms: which weapon, from whom to whom, and how far it has come.

    weapon readings → stages → parties → what the article says elsewhere → each transfer once

The reader says which stages a sentence asserts of a weapon and which words name the parties. This module resolves the
parties, adds missing ones if the article leaves no doubt, and drops what cannot be.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from extractors.lexicon import load_jsonl
from extractors.reader.decoding import SentenceReading, WeaponReading
from extractors.reader.settings import TransferThresholds
from extractors.records import Stage, Transfer, WeaponMention
from extractors.statements.attribution import Speaker
from extractors.statements.scene import Scene
from extractors.statements.speakers import SpeakerResolver
from extractors.text.speaker_turns import Sign
from extractors.transfers.class_nouns import narrowed, unnamed
from extractors.transfers.interception import is_brought_down, is_hit_with
from extractors.transfers.lookalikes import (
    asked_by_another,
    is_asked_for,
    is_hesitant,
    is_late,
    is_refilled,
    is_voyage,
    is_withheld,
    may_come,
)
from extractors.transfers.parties import Party, PartyResolver, side_of
from extractors.transfers.quantities import quantity
from extractors.weapons.lexicon import load_categories

_RECEIVES_NOTHING = frozenset({"west", "g7", "g20", "un", "iaea", "icc", "osce", "ukraine-contact-group"})
"""Collectives that receive no arms."""
_GIVEN = frozenset({Stage.PLEDGED, Stage.DELIVERED})
_SHIPS = frozenset({"submarine", "warship"})
_OPENED = re.compile(r"\s*[\"“„«]")
_HAS = frozenset({Stage.DELIVERED, Stage.USED})
_OPPOSITES = {Stage.USE_PERMITTED: Stage.USE_REFUSED, Stage.USE_REFUSED: Stage.USE_PERMITTED}
_MARGIN = 0.25
_SURELY = 0.8
"""Probability of a stage from which on a name that may mean something else is taken for the weapon."""
_SAYS = 0.5
"""Probability from which on somebody is believed to say so: what a newspaper argues is nobody's."""
_PRONOUN = re.compile(r"\b(?:he|she|they|it|we|I|who|his|her|their)\b", re.IGNORECASE)
_IN_MIND = 600
"""Code points around a sentence in which a party that it does not name may be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foes:
    """A line of ``foes.jsonl``: two sides that never arm each other; a sentence that says so was misread."""

    id: str
    sides: tuple[str, ...]
    why: str

    def __post_init__(self) -> None:
        if len(self.sides) != 2:
            raise ValueError("sides: two are needed")


class TransferFinder:
    """Finds transfers in documents whose weapons and actors are known and which the reader has read."""

    def __init__(
        self, seeds: Path, *, speakers: SpeakerResolver, makers: Mapping[str, str], thresholds: TransferThresholds
    ) -> None:
        """Load foes and categories of weapons from ``seeds``; LexiconError names every line that is wrong.

        ``makers`` are the countries that developed the listed systems, by their ids.
        """
        self._makers = makers
        self._foes = {frozenset(pair.sides) for pair in load_foes(seeds)}
        self._categories = load_categories(seeds)
        self._speakers = speakers
        self._parties = PartyResolver(speakers=speakers, least=thresholds.party)
        self._thresholds = thresholds

    def find(
        self,
        scene: Scene,
        readings: Sequence[SentenceReading],
        *,
        weapons: Sequence[WeaponMention],
        possible: Sequence[WeaponMention] = (),
    ) -> list[Transfer]:
        """Return the transfers that the document asserts, in order; each (weapon, supplier, recipient, stage) once.

        ``possible`` weapons count where a sentence surely tells of their transfer from one side to another.
        """
        possible = unnamed(scene.text, possible, weapons, self._categories)
        certain = narrowed(scene.text, weapons, self._categories)
        named = {(mention.start, mention.end): mention for mention in (*possible, *certain)}
        doubted = {(mention.start, mention.end) for mention in possible}
        drafts = [
            draft
            for reading in readings
            for weapon in reading.weapons
            if (weapon.start, weapon.end) in named
            for draft in self._read(reading, weapon, named[weapon.start, weapon.end], scene)
            if (weapon.start, weapon.end) not in doubted or _is_told(draft, weapon)
        ]
        complete = [draft for draft in self._filled(drafts, scene) if self._may_be(draft)]
        return _distinct(complete)

    def _read(
        self, reading: SentenceReading, weapon: WeaponReading, mention: WeaponMention, scene: Scene
    ) -> Iterator[Transfer]:
        """Yield a transfer for each stage, supplier and recipient that the sentence reports of one weapon."""
        stages = [stage for stage, sure in weapon.stages.items() if sure >= self._thresholds.stages[stage]]
        stages = [
            stage
            for stage in stages
            if not (
                _contradicted(stage, weapon)
                or _is_unheard_of(stage, mention)
                or _is_misread(stage, weapon, mention, reading, scene)
            )
        ]
        if not stages:
            return
        maker = self._makers.get(mention.weapon)
        suppliers, recipients = self._parties.both(weapon, scene, maker=maker, reading=reading)
        speaker = self._speaker(reading, scene)
        for stage, supplier, recipient in product(stages, suppliers or (None,), recipients or (None,)):
            if recipient and _is_apart(recipient, stage, weapon, reading, scene):
                continue
            confidence, others_ask = round(weapon.stages[stage], 2), _others_ask(recipient, stage, reading, scene)
            yield Transfer(
                weapon=mention.weapon,
                supplier=supplier.side if supplier else None,
                supplier_text=supplier.text if supplier else None,
                recipient=recipient.side if recipient else None,
                recipient_text=recipient.text if recipient else None,
                stage=stage,
                quantity=quantity(scene.text, mention.start),
                start=reading.start,
                end=reading.end,
                said_by=speaker.name,
                background=_is_opinion(speaker, reading, scene)
                or weapon.background >= self._thresholds.background
                or _is_late(stage, reading, scene),
                confidence=confidence,
                asked_by_others=others_ask,
                rule=f"reader {confidence:.2f}{'; others ask' if others_ask else ''}",
            )

    def _speaker(self, reading: SentenceReading, scene: Scene) -> Speaker:
        """Return who says so, if the sentence surely names a speaker or somebody has the floor; else nobody."""
        told = any(span.score >= _SAYS for span in reading.spans["speaker"]) or scene.floor.at(reading.start)
        return self._speakers.resolve(reading, scene) if told else Speaker()

    def _may_be(self, draft: Transfer) -> bool:
        """Whether it has a recipient other than the supplier, or if none is named the maker, and not an enemy of it."""
        supplier = draft.supplier or self._makers.get(draft.weapon)
        named = draft.recipient not in (None, supplier) and draft.recipient not in _RECEIVES_NOTHING
        return named and frozenset((draft.supplier, draft.recipient)) not in self._foes

    def _filled(self, drafts: Sequence[Transfer], scene: Scene) -> Iterator[Transfer]:
        """Yield the drafts, with parties from the rest of the article if it leaves no doubt."""
        told = Counter(draft.recipient for draft in drafts if draft.recipient)
        usual = {to for to, times in told.items() if 2 * times >= told.total()}
        getting: dict[str, set[str]] = defaultdict(set)
        giving: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        for draft in drafts:
            if draft.supplier and draft.recipient:
                getting[draft.weapon].add(draft.recipient)
                giving[draft.weapon, draft.recipient].add(draft.supplier)
        for draft in drafts:
            supplier, recipient = draft.supplier, draft.recipient
            others = (getting[draft.weapon] or usual) - {supplier}
            if recipient is None and len(others) == 1 and _near(draft, others, scene):
                recipient = next(iter(others))
            if supplier is None:
                givers = giving[draft.weapon, recipient]
                supplier = next(iter(givers)) if len(givers) == 1 else self._floor_side(draft, scene)
                supplier = supplier if supplier != recipient else None
            yield replace(draft, supplier=supplier, recipient=recipient)

    def _floor_side(self, draft: Transfer, scene: Scene) -> str | None:
        """Return the side that speaks of its own deliveries: its own briefing need not name the supplier."""
        turn = scene.floor.at(draft.start)
        return (
            self._speakers.holder(turn, scene).side
            if turn and draft.stage in _GIVEN and turn.sign is not Sign.AGENCY
            else None
        )


def _is_told(draft: Transfer, weapon: WeaponReading) -> bool:
    """Whether a sentence tells so surely who gives it to whom that what has the name of a weapon must be one."""
    return bool(draft.supplier and draft.recipient) and weapon.stages[draft.stage] >= _SURELY


def _contradicted(stage: Stage, weapon: WeaponReading) -> bool:
    """Whether the opposite is also so likely that neither can be reported."""
    opposite = _OPPOSITES.get(stage)
    return opposite is not None and weapon.stages[stage] < weapon.stages[opposite] + _MARGIN


def _is_unheard_of(stage: Stage, mention: WeaponMention) -> bool:
    """Whether a nuclear weapon is said to be used, which nobody has done whom another gave it."""
    return stage is Stage.USED and mention.category == "nuclear_weapon"


def _is_misread(
    stage: Stage, weapon: WeaponReading, mention: WeaponMention, reading: SentenceReading, scene: Scene
) -> bool:
    """Whether what is given is withheld, asked for, may come yet or only sails, or whoever refuses only hesitates."""
    sentence = scene.text[reading.start : reading.end]
    if stage is Stage.DELIVERED and (may_come(sentence) or (mention.category in _SHIPS and is_voyage(sentence))):
        return True
    if stage is Stage.REFUSED:
        return is_hesitant(sentence)
    return stage in _GIVEN and (
        is_withheld(scene.text, weapon.start, sentence=reading.start)
        or is_asked_for(scene.text, weapon.start, sentence=reading.start, end=reading.end)
    )


def _is_apart(side: Party, stage: Stage, weapon: WeaponReading, reading: SentenceReading, scene: Scene) -> bool:
    """Whether ``side``, read as the recipient, brings the weapon down, is hit with it, or got what it replaces."""
    if stage is Stage.USED and is_hit_with(scene.text, weapon.start, sentence=reading.start, user=side.start):
        return True
    if stage in _HAS and is_brought_down(scene.text, weapon.start, sentence=reading.start, user=side.start):
        return True
    return stage is not Stage.USED and is_refilled(scene.text, side.start, sentence=reading.start)


def _others_ask(side: Party | None, stage: Stage, reading: SentenceReading, scene: Scene) -> bool:
    """Whether others ask that ``side`` be given it: neither it nor a pronoun asks."""
    if side is None or stage is not Stage.REQUESTED:
        return False
    asking = asked_by_another(scene.text, side.start, sentence=reading.start)
    if asking is None or _PRONOUN.search(scene.text, *asking):
        return False
    named = scene.actors.touching(*asking)
    return bool(scene.text[slice(*asking)].strip()) and all(side_of(actor) != side.side for actor in named)


def _is_late(stage: Stage, reading: SentenceReading, scene: Scene) -> bool:
    return stage is Stage.PLEDGED and is_late(scene.text[reading.start : reading.end])


def load_foes(seeds: Path) -> tuple[Foes, ...]:
    """Load ``foes.jsonl``; LexiconError names every line that is wrong."""
    return load_jsonl(seeds / "foes.jsonl", build=Foes)


def _is_opinion(speaker: Speaker, reading: SentenceReading, scene: Scene) -> bool:
    """Whether the sentence quotes somebody whom no list holds and who has no office: an expert's rhetoric."""
    unlisted = speaker.name is not None and not (speaker.id or speaker.role or speaker.official)
    return unlisted and _OPENED.match(scene.text, reading.start) is not None


def _near(draft: Transfer, sides: set[str], scene: Scene) -> bool:
    around = scene.actors.touching(max(0, draft.start - _IN_MIND), draft.end + _IN_MIND)
    return any(side_of(actor) in sides for actor in around)


def _distinct(drafts: Sequence[Transfer]) -> list[Transfer]:
    """Return each transfer once, in its first report; one with a supplier takes precedence over one without."""
    first: dict[tuple[str, str | None, str | None, Stage], Transfer] = {}
    for draft in sorted(drafts, key=lambda draft: draft.background):  # news takes precedence over background
        first.setdefault((draft.weapon, draft.supplier, draft.recipient, draft.stage), draft)
    told = {(weapon, recipient, stage) for weapon, supplier, recipient, stage in first if supplier}
    kept = (
        draft
        for (weapon, supplier, recipient, stage), draft in first.items()
        if supplier or (weapon, recipient, stage) not in told
    )
    return sorted(kept, key=lambda draft: (draft.start, draft.end))
