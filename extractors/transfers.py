"""Transfers of arms: which weapon, from whom to whom, and how far it has come.

Sentences are read one by one (``extractors.transfer_clauses``); what a sentence leaves unsaid, its recipient or its
supplier, is taken from the rest of the article where that is unambiguous.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path
from typing import TypeVar

from spacy.tokens import Doc

from extractors.actors import ActorMention
from extractors.attribution import Utterance
from extractors.captions import in_caption
from extractors.records import Stage, Transfer, WeaponMention
from extractors.sentences import offsets, sentence_starts, text_of
from extractors.transfer_clauses import Claim, Clauses
from extractors.transfer_cues import CueIndex
from extractors.transfer_references import covering, is_definite, narrowed
from extractors.transfer_sentence import Sentence
from extractors.transfer_units import Party, Unit, units
from extractors.transfer_use import Uses
from extractors.weapon_lexicon import load_weapons

Span = tuple[int, int]
Mention = TypeVar("Mention", WeaponMention, Party)

UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")
LARGER = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "dozen": 12, "hundred": 100}
NUMBERS = {word: number for number, word in enumerate(UNITS + TEENS)} | LARGER
MAKER = re.compile(r"[- ](?:made|built|designed|developed|produced|supplied|provided|donated)\b", re.IGNORECASE)
VAGUE = frozenset({"ammunition", "shell", "small-arms", "warhead", "weapon-of-mass-destruction"})
"""Classes too wide to follow on their way: every arms package holds ammunition."""
UNTRADED = frozenset({"nuclear_weapon", "chemical_weapon", "biological_weapon"})
"""These change hands so seldom that the sentence itself must name both sides."""
# The same goes for these as long as they have no name.
STRATEGIC = frozenset(
    {"ballistic_missile", "hypersonic_missile", "intercontinental_missile", "submarine_launched_missile"}
    | {"warship", "submarine"}
)
DEALING = ("act.deal", "act.contract", "op.negotiate", "op.strike-deal")
HOLDING = "use.operate"
STUDYING = ("op.mull", "op.consider", "op.weigh")
GIVERS = frozenset({"nato", "west", "eu", "g7", "un"})
"""Organisations that give arms or none: where a sentence seems to name one as the recipient, it was misread."""
FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,6}")
GIVEN = re.compile(r"\b(?:to|for) (?:the )?$")
IN_MIND = 400
"""How many characters from a sentence its recipient may be named."""
LOOK_BACK = 6
"""How many units before a weapon its number may stand."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A transfer as one sentence tells it, before the article fills its gaps."""

    transfer: Transfer
    weak: bool
    foreign: bool
    definite: bool
    maker: str | None

    @property
    def subject(self) -> tuple[str, str | None]:
        """What it is about: the weapon and who gets it."""
        return self.transfer.weapon, self.transfer.recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an article tells of the systems that one class noun may stand for: who sends them (else, makes them)."""

    systems: tuple[str, ...]
    recipients: frozenset[str]
    senders: frozenset[str]

    def excludes(self, draft: Draft) -> bool:
        """Whether the class noun of ``draft`` means weapons of its own.

        "The jets" are others only where they go to somebody else; plain "jets" also where somebody else sends them.
        """
        recipient, supplier = draft.transfer.recipient, draft.transfer.supplier
        if recipient and self.recipients and recipient not in self.recipients:
            return True
        return not draft.definite and bool(supplier and self.senders) and supplier not in self.senders


@dataclass(frozen=True, slots=True)
class Topic:
    """The weapon that "the jets" would mean after the sentences read so far: None when there are several."""

    weapon: WeaponMention | None = None

    def after(self, here: Sequence[WeaponMention], covers: Mapping[str, Sequence[str]]) -> "Topic":
        """Return the topic once a sentence that names ``here`` has been read; a class adds nothing to its system."""
        if not here:
            return self
        names = {mention.weapon for mention in here}
        names -= {name for name in names if not names.isdisjoint(covers.get(name, ()))}
        here = [mention for mention in here if mention.weapon in names]
        return Topic(here[0]) if len(names) == 1 else Topic()


class TransferFinder:
    """Finds transfers in documents whose weapons, actors and utterances are known."""

    def __init__(self, seeds: Path) -> None:
        """Load ``transfer_cues.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self._cues = CueIndex(seeds)
        self._importers = self._cues.importers
        self._origins = {weapon.id: weapon.origin for weapon in load_weapons(seeds).weapons if weapon.origin}

    def find(
        self,
        doc: Doc,
        *,
        weapons: Sequence[WeaponMention],
        actors: Sequence[ActorMention],
        utterances: Sequence[Utterance],
    ) -> list[Transfer]:
        """Return the transfers asserted in ``doc``, in order; each (weapon, supplier, recipient, stage) once."""
        if not weapons:
            return []
        text = text_of(doc)
        parties = [actor for actor in actors if may_take_part(actor)]
        drafts: list[Draft] = []
        topic = Topic()
        named = narrowed(weapons)
        covers = covering(named)
        for (start, end), here, who in by_sentence(doc, named, parties):
            sentence = text[start:end]
            if here or (topic.weapon is not None and self._cues.may_refer(sentence)):
                row = units(sentence, start=start, weapons=here, actors=who, cues=self._cues, topic=topic.weapon)
                drafts += read(row, text)
            topic = topic.after(here, covers)
        if not drafts:
            return []
        parties = [party for party in parties if not in_caption(text, party.end)]
        systems = {mention.weapon for mention in weapons if mention.specific}
        sides = {side_of(party) for party in parties}
        drafts = [self._with_user(draft, sides) for draft in self._dealt(drafts)]
        drafts = [draft for draft in drafts if self._is_from_abroad(draft)]
        drafts = self._referred(drafts, covers)
        filled = self._filled(
            placed(drafts, systems), parties=parties, text=text, weapons={mention.start for mention in weapons}
        )
        return settled(filled, foes=self._cues.foes, utterances=utterances)

    def _dealt(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Tell seller from buyer where both make a deal: whoever makes the weapon sells it."""
        buyers: dict[tuple[str, int, Stage], set[str | None]] = {}
        for draft in drafts:
            buyers.setdefault(_occasion(draft.transfer), set()).add(draft.transfer.recipient)
        return [self._sold(draft, buyers[_occasion(draft.transfer)]) for draft in drafts if self._buys(draft, buyers)]

    def _buys(self, draft: Draft, buyers: Mapping[tuple[str, int, Stage], Set[str | None]]) -> bool:
        """Whether the recipient is no maker beside whom another buyer is named."""
        transfer = draft.transfer
        alone = len(buyers[_occasion(transfer)]) == 1
        return alone or transfer.recipient != self._origins.get(transfer.weapon) or transfer.supplier is not None

    def _sold(self, draft: Draft, buyers: Set[str | None]) -> Draft:
        transfer, maker = draft.transfer, self._origins.get(draft.transfer.weapon)
        if transfer.supplier is None and maker is not None and maker in buyers and transfer.recipient != maker:
            return replace(draft, transfer=replace(transfer, supplier=maker))
        dealt = transfer.rule.startswith(DEALING) and transfer.recipient == maker
        if not dealt or transfer.supplier in (None, maker):
            return draft
        return replace(draft, transfer=replace(transfer, supplier=maker, recipient=transfer.supplier))

    def _referred(self, drafts: Sequence[Draft], covers: Mapping[str, Sequence[str]]) -> list[Draft]:
        """Read a class noun as the system it stands for; where it may stand for several, it only repeats them."""
        told = {name: self._account(drafts, systems) for name, systems in covers.items() if systems}
        read: list[Draft] = []
        for draft in drafts:
            account = told.get(draft.transfer.weapon)
            if account is None or account.excludes(draft):
                read.append(draft)
            elif len(account.systems) == 1:
                read.append(replace(draft, transfer=replace(draft.transfer, weapon=account.systems[0])))
        return read

    def _account(self, drafts: Sequence[Draft], systems: Sequence[str]) -> "Account":
        transfers = [draft.transfer for draft in drafts if draft.transfer.weapon in systems]
        makers = {origin for system in systems if (origin := self._origins.get(system))}
        return Account(
            systems=tuple(systems),
            recipients=frozenset(transfer.recipient for transfer in transfers if transfer.recipient),
            senders=frozenset(transfer.supplier for transfer in transfers if transfer.supplier)
            if transfers
            else frozenset(makers),
        )

    def _filled(
        self, drafts: Sequence[Draft], *, parties: Sequence[Party], text: str, weapons: Set[int]
    ) -> list[Draft]:
        """Take from the article what its sentences leave unsaid: the recipient, then the supplier."""
        abroad = [draft for draft in drafts if not self._domestic(draft.transfer)]
        usual = self._usual_recipient(text, abroad, parties, weapons=weapons)
        named = {side_of(party) for party in parties if not MAKER.match(text, party.end)}
        places = [party.start for party in parties if side_of(party) == usual]
        filled = with_suppliers([with_recipient(draft, usual) if _near(draft, places) else draft for draft in abroad])
        return [self._from_maker(self._for_buyer(draft), named) for draft in filled]

    def _for_buyer(self, draft: Draft) -> Draft:
        """Take who studies a foreign weapon for nobody else as its buyer: "Chile is studying the Gripen"."""
        transfer = draft.transfer
        origin = self._origins.get(transfer.weapon)
        studied = transfer.rule.startswith(STUDYING) and transfer.stage is Stage.CONSIDERED
        if not studied or transfer.recipient not in (None, origin) or origin in (None, transfer.supplier):
            return draft
        return replace(draft, transfer=replace(transfer, recipient=transfer.supplier, supplier=None))

    def _from_maker(self, draft: Draft, named: Set[str]) -> Draft:
        """Take the state that makes a weapon as its supplier where the article names no other and speaks of that state.

        So is the maker of "Iranian-made" drones in use. Stocks of Soviet make are the exception: they come from
        anywhere but Moscow.
        """
        transfer = draft.transfer
        if transfer.supplier is None and draft.maker not in (None, transfer.recipient):
            return replace(draft, transfer=replace(transfer, supplier=draft.maker))
        origin = self._origins.get(transfer.weapon)
        legacy = origin == "RU" and transfer.recipient in self._cues.legacy
        if transfer.supplier or origin is None or origin not in named or origin == transfer.recipient or legacy:
            return draft
        return replace(draft, transfer=replace(transfer, supplier=origin))

    def _with_user(self, draft: Draft, named: Set[str]) -> Draft:
        """Name the user of a weapon that is only told to be in use: the one in the article whom its sender arms."""
        transfer = draft.transfer
        if transfer.recipient or transfer.stage is not Stage.USED:
            return draft
        sender = transfer.supplier or self._origins.get(transfer.weapon)
        users = [name for name in sorted(named) if f"{sender} {name}" in self._cues.patrons]
        return replace(draft, transfer=replace(transfer, recipient=users[0])) if len(users) == 1 else draft

    def _is_from_abroad(self, draft: Draft) -> bool:
        """Whether a weapon in use came from others: the text says so, and names its user."""
        transfer = draft.transfer
        abroad = draft.foreign or (draft.transfer.rule.startswith(HOLDING) and self._is_imported(transfer))
        return abroad and not (transfer.recipient is None and transfer.stage is Stage.USED)

    def _is_imported(self, transfer: Transfer) -> bool:
        """Whether who holds a weapon must have got it from its makers, and has not taken it from an enemy."""
        origin, holder = self._origins.get(transfer.weapon), transfer.recipient
        legacy = origin == "RU" and holder in self._cues.legacy
        return origin not in (None, holder) and not legacy and f"{origin} {holder}" not in self._cues.foes

    def _domestic(self, transfer: Transfer) -> bool:
        """Whether a state only gets its own make, from nobody else: procurement, not a transfer."""
        origin = self._origins.get(transfer.weapon)
        return origin is not None and origin == transfer.recipient and transfer.supplier is None

    def _usual_recipient(
        self, text: str, drafts: Sequence[Draft], actors: Sequence[Party], *, weapons: Set[int]
    ) -> str | None:
        """Return whom the article speaks of arming: most news of weapons is about one recipient."""
        score = self._mentioned(text, actors, weapons=weapons)
        clear = [draft.transfer for draft in drafts if draft.transfer.recipient not in (None, draft.transfer.supplier)]
        told = {(transfer.recipient, transfer.start) for transfer in clear}
        named = Counter(recipient for recipient, _ in told if recipient)
        if named:
            ranks = {name: (often, score[name]) for name, often in named.items()}
            first, *others = sorted(ranks, key=ranks.__getitem__, reverse=True)
            return first if not others or ranks[first] > ranks[others[0]] else None
        for draft in drafts:
            score.pop(draft.transfer.supplier or "", None)
        return score.most_common(1)[0][0] if score else None

    def _mentioned(self, text: str, actors: Sequence[Party], *, weapons: Set[int]) -> Counter[str]:
        """Return how often the article names each state that may be armed; more where something goes "to" it."""
        score: Counter[str] = Counter()
        for actor in actors:
            owner = actor.end + 1 in weapons or actor.end + len("'s ") in weapons
            if side_of(actor) in self._importers and not owner and not MAKER.match(text, actor.end):
                score[side_of(actor)] += 4 if GIVEN.search(text, max(0, actor.start - 12), actor.start) else 1
        return score


def read(row: Sequence[Unit], text: str) -> Iterator[Draft]:
    """Yield what one sentence tells; where a weapon is used, how it got there is not told again."""
    sentence = Sentence(row)
    if sentence.is_denied:
        return
    used = list(Uses(sentence).claims())
    told = {claim.weapons for claim in used if claim.stage is not Stage.DELIVERED and claim.foreign}
    moved = [claim for claim in Clauses(sentence).claims() if claim.weapons not in told]
    for claim in [*moved, *used]:
        yield from drafted(claim, row, text)


def placed(drafts: Sequence[Draft], systems: Set[str]) -> list[Draft]:
    """Leave out what names neither a party nor, in its sentence, a weapon system: "tanks were delivered" is no news."""
    telling = {draft.transfer.start for draft in drafts if draft.transfer.weapon in systems}
    return [
        draft
        for draft in drafts
        if draft.transfer.start in telling or draft.transfer.supplier or draft.transfer.recipient
    ]


def by_sentence(
    doc: Doc, weapons: Sequence[WeaponMention], actors: Sequence[Party]
) -> Iterator[tuple[Span, list[WeaponMention], list[Party]]]:
    """Yield every sentence with the weapons and actors in it; linear in all three."""
    w = a = 0
    for start, end in sentence_spans(doc):
        here, w = _within(weapons, w, start, end)
        who, a = _within(actors, a, start, end)
        yield (start, end), here, who


def sentence_spans(doc: Doc) -> list[Span]:
    """Return the offsets of every sentence."""
    return list(pairwise([*offsets(doc)[sentence_starts(doc)].tolist(), len(text_of(doc))]))


def _within(mentions: Sequence[Mention], at: int, start: int, end: int) -> tuple[list[Mention], int]:
    """Return the mentions inside a sentence and the index of the first one after it."""
    here: list[Mention] = []
    while at < len(mentions) and mentions[at].start < end:
        if mentions[at].start >= start and mentions[at].end <= end:
            here.append(mentions[at])
        at += 1
    return here, at


def may_take_part(actor: Party) -> bool:
    """Whether an actor can supply or get arms, or is where they go: not who only reports."""
    return actor.kind not in ("media", "expert")


def side_of(party: Party) -> str:
    """Return the state or organisation a party stands for."""
    return party.side or party.actor


def drafted(claim: Claim, row: Sequence[Unit], text: str) -> Iterator[Draft]:
    """Yield one draft for each weapon, supplier and recipient of ``claim``."""
    for place, supplier, recipient in product(
        claim.weapons.members, claim.suppliers or (None,), claim.recipients or (None,)
    ):
        weapon = row[place].weapon
        if weapon is not None and _is_rare(weapon) and (supplier is None or recipient is None):
            continue
        if weapon is not None and not (weapon.specific or claim.foreign or supplier):
            continue
        if weapon is None or weapon.weapon in VAGUE or (place > claim.weapons.first and _same_name(row, place)):
            continue
        yield Draft(
            Transfer(
                weapon=weapon.weapon,
                supplier=side_of(supplier) if supplier else None,
                supplier_text=supplier.text if supplier else None,
                recipient=side_of(recipient) if recipient and side_of(recipient) not in GIVERS else None,
                recipient_text=recipient.text if recipient else None,
                stage=claim.stage,
                quantity=quantity(row, place),
                start=row[0].start,
                end=row[-1].end,
                rule=claim.rule,
            ),
            weak=claim.weak,
            foreign=claim.foreign,
            definite=is_definite(weapon, text),
            maker=side_of(claim.makers[0]) if claim.makers and place == claim.weapons.first else None,
        )


def _is_rare(weapon: WeaponMention) -> bool:
    """Whether nobody but the sentence may say who gets it from whom: articles name such weapons for other reasons."""
    return weapon.category in UNTRADED or (not weapon.specific and weapon.category in STRATEGIC)


def _same_name(row: Sequence[Unit], place: int) -> bool:
    """Whether this only repeats the class of the system before it: "F-16 fighter jets"."""
    before, here = row[place - 1].weapon, row[place].weapon
    return before is not None and here is not None and before.specific and not here.specific


def quantity(row: Sequence[Unit], place: int) -> int | None:
    """Return how many of the weapon at ``place`` the text speaks of."""
    for at in range(place - 1, max(-1, place - 1 - LOOK_BACK), -1):
        unit = row[at]
        if not unit.is_word or unit.readings or unit.text in {",", "and", "$", "of", "-"}:
            return None
        if FIGURE.fullmatch(unit.text):
            return _counted(row, at)
        if unit.text in NUMBERS:
            return NUMBERS[unit.text]
    return None


def _counted(row: Sequence[Unit], at: int) -> int | None:
    """Return the figure at ``at`` unless it is money, a share or a year."""
    before = row[at - 1].text if at else ""
    number = int(row[at].text.replace(",", ""))
    return None if before in {"$", "€", "£", ".", ",", "-"} or 1990 <= number <= 2100 else number


def settled(drafts: Sequence[Draft], *, foes: Set[str], utterances: Sequence[Utterance]) -> list[Transfer]:
    """Drop what says nothing, less than another draft or what cannot be, and name who said it."""
    kept = [draft for draft in drafts if draft.transfer.recipient not in (None, draft.transfer.supplier)]
    kept = [draft for draft in kept if f"{draft.transfer.supplier} {draft.transfer.recipient}" not in foes]
    kept = [draft for draft in kept if not _is_feared(draft, foes=foes, utterances=utterances)]
    used = {draft.subject for draft in kept if draft.transfer.stage is Stage.USED}
    kept = [draft for draft in kept if draft.subject not in used or not _is_aside(draft)]
    firm = {draft.subject for draft in kept if not draft.weak}
    kept = [draft for draft in kept if not draft.weak or draft.subject not in firm]
    return [_said(transfer, utterances) for transfer in _distinct(draft.transfer for draft in kept)]


def _occasion(transfer: Transfer) -> tuple[str, int, Stage]:
    """Return what tells one sentence's news of a weapon from all other."""
    return transfer.weapon, transfer.start, transfer.stage


def _is_feared(draft: Draft, *, foes: Set[str], utterances: Sequence[Utterance]) -> bool:
    """Whether an enemy of the recipient only speaks of weapons that might come, which says nothing of any plan."""
    transfer = draft.transfer
    sides = {item.side for item in utterances if item.start <= transfer.start and transfer.end <= item.end}
    return transfer.stage is Stage.CONSIDERED and any(f"{side} {transfer.recipient}" in foes for side in sides)


def _is_aside(draft: Draft) -> bool:
    """Whether it only says in passing where a weapon came from: "missiles supplied by Britain were fired"."""
    return draft.transfer.stage is Stage.DELIVERED and draft.transfer.rule.endswith("/passive")


def _near(draft: Draft, places: Sequence[int]) -> bool:
    """Whether one of ``places``, in order, is close enough for the reader to have it in mind at ``draft``."""
    at = bisect_left(places, draft.transfer.start - IN_MIND)
    return at < len(places) and places[at] <= draft.transfer.start + IN_MIND


def with_recipient(draft: Draft, usual: str | None) -> Draft:
    if draft.transfer.recipient or draft.transfer.supplier == usual:
        return draft
    return replace(draft, transfer=replace(draft.transfer, recipient=usual))


def with_suppliers(drafts: Sequence[Draft]) -> list[Draft]:
    """Give a draft without a supplier the one that the article names for the same weapon and recipient."""
    known: dict[tuple[str, str | None], set[str]] = {}
    for draft in drafts:
        if draft.transfer.supplier:
            known.setdefault(draft.subject, set()).add(draft.transfer.supplier)
    filled = []
    for draft in drafts:
        suppliers = known.get(draft.subject, set())
        if draft.transfer.supplier is None and len(suppliers) == 1:
            filled.append(replace(draft, transfer=replace(draft.transfer, supplier=next(iter(suppliers)))))
        else:
            filled.append(draft)
    return filled


def _distinct(transfers: Iterable[Transfer]) -> list[Transfer]:
    """Return each (weapon, supplier, recipient, stage) once; one without a supplier yields to one with."""
    first: dict[tuple[str, str | None, str | None, Stage], Transfer] = {}
    for transfer in transfers:
        first.setdefault((transfer.weapon, transfer.supplier, transfer.recipient, transfer.stage), transfer)
    told = {(weapon, recipient, stage) for weapon, supplier, recipient, stage in first if supplier}
    return [
        transfer
        for (weapon, supplier, recipient, stage), transfer in first.items()
        if supplier or (weapon, recipient, stage) not in told
    ]


def _said(transfer: Transfer, utterances: Sequence[Utterance]) -> Transfer:
    """Name the innermost speaker whose words hold the transfer."""
    holding = [item for item in utterances if item.start <= transfer.start and transfer.end <= item.end]
    if not holding:
        return transfer
    return replace(transfer, said_by=min(holding, key=lambda item: item.end - item.start).speaker)
