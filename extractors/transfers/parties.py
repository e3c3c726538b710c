"""Who supplies and who receives: resolves the spans that the reader marked to states and groups."""

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import product

from extractors.actors.finder import ActorMention
from extractors.actors.lexicon import Actor, Place
from extractors.reader.decoding import ScoredSpan, SentenceReading, WeaponReading
from extractors.statements.scene import Scene
from extractors.statements.speakers import SpeakerResolver
from extractors.text.datelines import in_dateline
from extractors.transfers.constructions import Name, Role, roles

_FIRST_PERSON = re.compile(r"\b(?:we|us|our|i|my)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"(?:he|she|it|they|his|her|its|their)", re.IGNORECASE)
_LIST = re.compile(
    r"(?:(?:['’]s)?\s*(?:,|and|or|&|as well as|along with)\s*(?:(?:to|by|from|for|the|its|other|also|later) )*"
    r"(?:[A-Z][\w'’.-]*\s?){0,4})+",
)
"""What may be between two names of a list: commas, conjunctions, and other names."""
_LONGEST_LIST = 120
_FROM = re.compile(
    r"[\w-]*(?: (?!and\b|or\b|while\b|when\b|as\b)[\w/-]+){0,7}? (?:from|by|belonging to) (?:the )?", re.IGNORECASE
)
"""What may be between a weapon and its supplier: "F-16 jets on offer from", "Tejas is offered by"."""
_MADE = re.compile(r"[ -](?:made|built|designed|developed|origin)\b", re.IGNORECASE)
"""After the maker of a weapon, who need not be its supplier."""
_KIND_OF = re.compile(r"[ -]?(?:era|style|standard)\b", re.IGNORECASE)
"""After a name that only says what kind of weapon it is: "Soviet-era"."""
_CLEAR = 0.25
"""How much likelier a party must be in its role than in the other, to avoid reporting the opposite."""
_SURER = 3.0
"""How much more evidence, in log-odds, two sides need in their roles than in each other's."""
_MAKES = 2.0
"""Log-odds that the developer of a weapon supplies it."""
_UNNAMED = 0.1
"""Probability of a role in which a side is not named."""
_NEARLY = 0.25
"""How much less likely than somebody else the maker of a weapon may be and still be taken for its supplier."""
_DOUBTFUL = 0.5
"""Probability from which on somebody else is believed to supply a weapon whose maker is known."""
_POSSESSIVE = re.compile(r"['’]s?\s")
_APART = ("media", "expert")
_MOST = 4
"""Most parties of one sentence in one role; a longer list is a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A state, an alliance or an armed group in one role of a transfer."""

    side: str
    """ISO 3166-1 alpha-2, or the slug of a non-state actor."""
    text: str
    score: float
    start: int


class PartyResolver:
    """Resolves the spans of suppliers and recipients; one for all documents."""

    def __init__(self, *, speakers: SpeakerResolver, least: float) -> None:
        """``least`` is the probability from which on a span counts."""
        self._speakers = speakers
        self._least = least
        named: tuple[Actor | Place, ...] = (*speakers.actors.actors, *speakers.actors.places)
        self._arms = {words.lower(): each.id for each in named for words in each.arms}
        words = "|".join(sorted(map(re.escape, self._arms), key=len, reverse=True)) or "(?!)"
        self._arming = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)

    def both(
        self, weapon: WeaponReading, scene: Scene, *, maker: str | None, reading: SentenceReading
    ) -> tuple[list[Party], list[Party]]:
        """Return suppliers and recipients, in the order of the text; none if the words do not show which is which.

        A side named as both gets the role that its words tell, else the likelier one. ``maker`` is the country that
        developed the weapon, if known, and ``reading`` is that of its sentence.
        """
        giving, getting = self._sides(weapon.suppliers, scene), self._sides(weapon.recipients, scene)
        told = _told(weapon, reading, scene, sides=giving.keys() | getting.keys())
        givers, getters = ({side for side, each in told.items() if each == role} for role in ("gives", "gets"))
        odds = _Roles(_without(giving, getters), _without(getting, givers), maker)
        ranked = self._ranked(weapon, scene, maker=maker, beside=reading.weapons)
        suppliers = self.resolve(ranked, scene, apart=getters | _likelier(odds.getting, odds.giving))
        recipients = self.resolve(weapon.recipients, scene, apart=givers | _likelier(odds.giving, odds.getting))
        if odds.doubtful(suppliers[:1], recipients[:1]):
            return [], []
        return _in_order(suppliers), _in_order(recipients)

    def _ranked(
        self, weapon: WeaponReading, scene: Scene, *, maker: str | None, beside: Sequence[WeaponReading]
    ) -> list[ScoredSpan]:
        """Return the suppliers: first who is tied to the weapon by its words or its part of a list, then its maker."""
        text = scene.text
        spans = [span for span in weapon.suppliers if not _is_anothers(span, weapon, beside, text)] or weapon.suppliers

        def rank(span: ScoredSpan) -> int:
            if _FROM.fullmatch(text[weapon.end : span.start]) or _is_own_part(span, weapon, spans[0], beside):
                return 0
            near = span.score >= spans[0].score - _NEARLY and not _MADE.match(text, span.end)
            return 1 if near and any(party.side == maker for party in self._named(span, scene)) else 2

        ranked = sorted(spans, key=rank)
        doubtful = maker and ranked and ranked[0].score < _DOUBTFUL and rank(ranked[0]) == 2
        return [] if doubtful else ranked

    def _sides(self, spans: Sequence[ScoredSpan], scene: Scene) -> dict[str, float]:
        """Return the probability of each side in a role, by the likeliest of its spans."""
        found: dict[str, float] = {}
        for span in sorted(spans, key=lambda span: -span.score):
            for party in self._named(span, scene):
                found.setdefault(party.side, span.score)
        return found

    def resolve(self, spans: Sequence[ScoredSpan], scene: Scene, *, apart: Set[str] = frozenset()) -> list[Party]:
        """Return the parties that the spans name, the likeliest first, each once, except the sides ``apart``."""
        named = [
            party
            for span in spans
            if span.score >= self._least
            for party in self._named(span, scene)
            if party.side not in apart
        ]
        found: dict[str, Party] = {}
        for party in named:
            if party is named[0] or _coordinated(named[0], party, scene.text):
                found.setdefault(party.side, party)
        return list(found.values())[:_MOST]

    def _named(self, span: ScoredSpan, scene: Scene) -> list[Party]:
        words = scene.text[span.start : span.end]
        if in_dateline(scene.text, span.start) or _KIND_OF.match(scene.text, span.end):
            return []
        parties = _parties(self._mentions(span, scene), span)
        arming = self._arming.search(words)
        if arming and not _is_list(words) and all(len(party.text) <= len(arming.group()) for party in parties):
            side = self._arms[arming.group().lower()]
            return [Party(side=side, text=words, score=span.score, start=span.start)]
        if parties:
            return parties if _is_list(words) else [_head(parties, scene.text)]
        return self._meant(span, scene)

    def _mentions(self, span: ScoredSpan, scene: Scene) -> list[ActorMention]:
        """Return whom a span names, by its own words if a longer name holds them: "Ukraine" in that of a group."""
        found = [actor for actor in scene.actors.touching(span.start, span.end) if actor.kind not in _APART]
        if all(span.start <= actor.start and actor.end <= span.end for actor in found):
            return found
        return self._alone(span, scene) or found

    def _alone(self, span: ScoredSpan, scene: Scene) -> list[ActorMention]:
        """Return whom the words of a span name wherever they stand."""
        named = self._speakers.actors.resolve(scene.text[span.start : span.end], on=scene.on)
        return [replace(named, start=span.start, end=span.end)] if named and named.kind not in _APART else []

    def _meant(self, span: ScoredSpan, scene: Scene) -> list[Party]:
        """Return whom a pronoun or an unlisted name stands for."""
        words = scene.text[span.start : span.end].strip()
        turn = scene.floor.at(span.start)
        if _FIRST_PERSON.fullmatch(words):
            who = self._speakers.holder(turn, scene) if turn else None
        elif _PRONOUN.fullmatch(words):
            who = self._speakers.meant(words, span.start, scene)
        elif alone := self._alone(span, scene):
            return _parties(alone, span)
        else:
            who = self._speakers.named(span, scene)
            who = who if who and who.id else None  # a place that no list holds is no side
        return [Party(side=who.side, text=words, score=span.score, start=span.start)] if who and who.side else []


def _log_odds(probability: float | None) -> float:
    sure = min(max(probability or _UNNAMED, _UNNAMED), 1 - _UNNAMED)
    return math.log(sure / (1 - sure))


@dataclass(frozen=True, slots=True)
class _Roles:
    """How likely each side is to supply a weapon and to receive it, and the country that developed it."""

    giving: Mapping[str, float]
    getting: Mapping[str, float]
    maker: str | None

    def doubtful(self, suppliers: Sequence[Party], recipients: Sequence[Party]) -> bool:
        """Whether the roles may be the other way round: of the only two sides together, else of either alone."""
        for supplier, recipient in product(suppliers, recipients):
            one, other = supplier.side, recipient.side
            if self.giving.keys() | self.getting.keys() == {one, other}:
                return self._evidence(one, other) - self._evidence(other, one) < _SURER
        return any(self.giving[one.side] - self.getting.get(one.side, 0.0) < _CLEAR for one in suppliers) or any(
            self.getting[one.side] - self.giving.get(one.side, 0.0) < _CLEAR for one in recipients
        )

    def _evidence(self, giver: str, getter: str) -> float:
        """Return the log-odds of both roles; who developed a weapon seldom receives it."""
        made = (giver == self.maker) - (getter == self.maker)
        return _log_odds(self.giving.get(giver)) + _log_odds(self.getting.get(getter)) + _MAKES * made


def _told(weapon: WeaponReading, reading: SentenceReading, scene: Scene, *, sides: Set[str]) -> Mapping[str, Role]:
    """Return the roles that words tell; of two ``sides`` the other has the other role."""
    names = [
        Name(side, actor.start, actor.end, adjective=_is_adjective(actor, scene.text))
        for actor in scene.actors.touching(reading.start, reading.end)
        if (side := side_of(actor))
    ]
    told = roles(scene.text, (weapon.start, weapon.end), names, sentence=(reading.start, reading.end))
    others = sides - told.keys()
    if len(sides) == 2 and len(others) == 1 and len(told) == 1:
        return {**told, next(iter(others)): "gets" if "gives" in told.values() else "gives"}
    return told


def _is_adjective(actor: ActorMention, text: str) -> bool:
    """Whether a name qualifies a noun: "Dutch", but neither "the Dutch" nor "Saudis"."""
    return actor.form == "demonym" and not actor.text.endswith("s") and text[: actor.start].split(" ")[-2:-1] != ["the"]


def _without(scores: Mapping[str, float], sides: Set[str]) -> dict[str, float]:
    return {side: score for side, score in scores.items() if side not in sides}


def _likelier(one: Mapping[str, float], other: Mapping[str, float]) -> frozenset[str]:
    """Return the sides that are likelier in the first role than in the other."""
    return frozenset(side for side, score in one.items() if score > other.get(side, 0.0))


def _in_order(parties: Sequence[Party]) -> list[Party]:
    return sorted(parties, key=lambda party: party.start)


def _is_anothers(span: ScoredSpan, weapon: WeaponReading, beside: Sequence[WeaponReading], text: str) -> bool:
    """Whether a supplier stands in the words of a weapon named before: "the S-400 from Russia, the THAAD"."""
    return span.end <= weapon.start and any(_FROM.fullmatch(text[other.end : span.start]) for other in beside)


def _is_own_part(
    span: ScoredSpan, weapon: WeaponReading, likeliest: ScoredSpan, beside: Sequence[WeaponReading]
) -> bool:
    """Whether the likeliest supplier gives another weapon, and ``span`` this one: "Oslo sent guns, and Rome tanks"."""
    return span.start < weapon.start and any(
        likeliest.end <= other.start and other.end <= span.start for other in beside
    )


def _coordinated(one: Party, other: Party, text: str) -> bool:
    """Whether two parties are in one list and so share the role: "Poland, Slovakia and the Czechs"."""
    first, last = sorted((one, other), key=lambda party: party.start)
    between = text[first.start + len(first.text) : last.start]
    return len(between) <= _LONGEST_LIST and _LIST.fullmatch(between) is not None


def side_of(actor: ActorMention) -> str | None:
    """Return the state, alliance or group that an actor stands for: an armed group for itself, not for its state."""
    if actor.kind == "group" and actor.side and actor.side.isupper():
        return actor.actor
    return actor.side or (actor.actor if actor.kind in ("group", "alliance", "force") else None)


def _parties(mentions: Sequence[ActorMention], span: ScoredSpan) -> list[Party]:
    return [
        Party(side=side, text=mention.text, score=span.score, start=mention.start)
        for mention in mentions
        if (side := side_of(mention))
    ]


def _is_list(words: str) -> bool:
    return bool(re.search(r",| and | or ", words))


def _head(parties: Sequence[Party], text: str) -> Party:
    """Return the one that a phrase of several names means: "Sudan's RSF" is the RSF, "the army of Sudan" the army."""
    first, last = parties[0], parties[-1]
    between = text[first.start + len(first.text) : last.start]
    return last if _POSSESSIVE.match(between) or first.side == last.side else first
