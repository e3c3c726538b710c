"""One sentence as the grammar of transfers sees it: its parties, its clauses, and what its verbs and operators are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from extractors.records import Stage
from extractors.transfer_cues import Cue, Form
from extractors.transfer_units import Chunk, Unit, chunks

WITHHOLDING = frozenset({Stage.REFUSED, Stage.SUSPENDED})
HARD = frozenset({";", ":", "—", "–", "(", ")", "•", "|", "?", "!"})
RELATIVE = frozenset({"which", "that", "who"})
NEGATIONS = frozenset({"not", "never", "no", "without", "cannot", "neither", "nor"})
BE = frozenset({"be", "been", "being", "is", "are", "was", "were", "'re"})
HAVE = frozenset({"has", "have", "had", "having", "'ve"})
AUXILIARY = frozenset(
    {"to", "will", "would", "can", "could", "may", "might", "must", "should", "shall", "not", "did", "does", "do"}
)
DETERMINERS = frozenset(
    {"the", "a", "an", "its", "their", "his", "her", "this", "that", "these", "some", "any", "of", "more", "new"}
)
DETERMINED = frozenset({"the", "a", "an", "its", "their", "his", "her", "'s"})
INNER = frozenset(
    {
        *DETERMINERS,
        "war",
        "-",
        "torn",
        "ally",
        "allies",
        "neighbour",
        "neighbor",
        "neighbouring",
        "neighboring",
        "government",
        "besieged",
        "embattled",
    }
)
GIVING = frozenset({"to", "for"})
TAKING = frozenset({"from", "by"})
PLACING = frozenset({"in", "into", "to", "for"})
PREPOSITIONS = frozenset(
    {
        *GIVING,
        *TAKING,
        *PLACING,
        "with",
        "against",
        "on",
        "over",
        "at",
        "near",
        "between",
        "toward",
        "towards",
        "via",
        "inside",
        "about",
        "across",
        "than",
        "like",
    }
)
QUOTES = frozenset("'\"‘“")
PRONOUNS = frozenset({"he", "she", "they", "it", "we", "i", "you"})
DESCRIBING = frozenset(
    {"including", "fighting", "existing", "remaining", "ageing", "aging", "clearing", "during", "missing"}
)
ADJUNCT = frozenset({"on", "in", "at", "against", "near", "over", "inside", "about", "into"})
NAMES_AS_ADJECTIVES = frozenset({"us", "u.s.", "uk", "u.k.", "eu", "nato"})
DEALS = frozenset({"act.deal", "act.contract"})
"""Acts between two parties, of which only the weapon's origin says who sells."""
DENIAL = "op.deny"
"""To deny somebody weapons is to refuse them; to deny sending them asserts nothing."""
GRANTING = frozenset({"op.promise", "op.offer", "op.deny"})
"""Operators whose passive has the recipient as its subject: "was promised tanks"."""
GONE = "SU"
"""The Soviet Union: its arms are in everybody's stocks, and come from there."""
ASKING = BE | HAVE | {"will", "would", "does", "do", "did", "can", "could", "should", "may", "might"}
"""What a question that asks yes or no begins with."""
INVERTED = frozenset({"were", "had", "should"})
OPENING = 5
"""How many units may tell when it was before a sentence begins."""
OLD_YEAR = re.compile(r"19\d\ds?")
PUTTING_OFF = frozenset({"before", "until", "till", "once", "when"})
"""What turns a present tense into something still to come."""
FINITE = frozenset({Form.PAST, Form.PRESENT})
VERBAL = frozenset({Form.BASE, Form.PRESENT, Form.GERUND, Form.PAST, Form.PARTICIPLE})

FLYING = ("missile", "drone", "munition", "bomb")
"""How the categories end whose weapons are used up in their use."""
REACH = 24
"""How many units an act may stand before its weapon."""
DIRECT_REACH = 8
"""The same for an operator that takes the weapon itself."""
CROSSING = 8
"""What it costs to reach over a clause boundary, in units."""
CHAIN = 9
"""How many units may stand between two operators of one chain."""


@dataclass(frozen=True, slots=True)
class Node:
    """What governs a weapon: an act, an operator that takes the weapon itself, or only "for Ukraine" (``cue`` None)."""

    place: int
    cue: Cue | None
    forms: frozenset[Form]
    attached: str
    cost: int


class Sentence:
    """A row of units with the weapons and parties in it, and where its clauses end."""

    def __init__(self, row: Sequence[Unit]) -> None:
        self.row = row
        self.weapons = chunks(row, weapons=True)
        self.parties = [chunk for chunk in chunks(row, weapons=False) if self._can_act(chunk)]
        self.marked_parties = {chunk.last: chunk for chunk in self.parties if self._is_marked_off(chunk)}
        self.party_of = {
            place: chunk
            for chunk in self.parties
            if chunk.last not in self.marked_parties
            for place in range(chunk.first, chunk.last + 1)
        }

    def _can_act(self, chunk: Chunk) -> bool:
        """Whether the chunk names who acts: no stretch of land, no past state, nor Ukraine in "Ukraine's allies"."""
        after = self.row[chunk.last + 1 : chunk.last + 3]
        friends = any(unit.cue("others") for unit in after[:1]) or (
            len(after) == 2 and after[0].text == "'s" and after[1].cue("others") is not None
        )
        first = self.row[chunk.first].actor
        alliance = first is not None and first.kind == "alliance"
        gone = first is not None and first.side == GONE
        return (alliance or not friends) and not (gone or is_land(self.row[chunk.first]) or self._is_pair(chunk))

    def _is_pair(self, chunk: Chunk) -> bool:
        """Whether this is one half of "the Israel-Hamas war"."""
        before, after = self.row[max(0, chunk.first - 2) : chunk.first], self.row[chunk.last + 1 : chunk.last + 3]
        return any(
            len(near) == 2 and near[0].text == "-" and near[1].actor is not None for near in (before[::-1], after)
        )

    def _is_marked_off(self, chunk: Chunk) -> bool:
        """Whether this is only the first half of "US-supplied" or "German-made"."""
        after = self.row[chunk.last + 1 : chunk.last + 3]
        return len(after) == 2 and after[0].text == "-" and bool(after[1].cue("act") or after[1].cue("maker"))

    def node(self, place: int, *, attached: str, cost: int) -> Node | None:
        """Return the unit at ``place`` as a governor, or None: marks like "US-supplied" do not govern."""
        unit = self.row[place]
        if not unit.readings or self.is_mark(place) or (unit.cue("filler") and not self._follows_party(place)):
            return None
        cue = unit.cue("act") or next((r.cue for r in unit.readings if r.cue.kind == "operator" and r.cue.direct), None)
        if cue is None:
            return None
        forms = self.likely(place, frozenset(unit.forms(cue)))
        passive = attached == "left" and cue.kind == "operator" and Form.PARTICIPLE in forms and self._after_be(place)
        if passive and cue.id not in GRANTING:
            return None
        if cue.id == DENIAL and not passive and self.party_right(place) is None:
            return None  # "which Bangkok did not deny"
        if (cue.dative and not self._arms_somebody(place)) or (cue.stage in WITHHOLDING and self.is_purpose(place)):
            return None
        return Node(place, cue, forms, attached, cost) if forms else None

    def _follows_party(self, place: int) -> bool:
        """Whether a party comes right before, so that "ships" is what it does: not in "Russian ships"."""
        before = self.row[place - 1] if place else None
        return before is not None and before.actor is not None and not is_adjective(before)

    def is_purpose(self, place: int) -> bool:
        """Whether this is what something else is for: "jammers to stop drones", not "plans to stop deliveries"."""
        if place < 2 or self.row[place - 1].text != "to":
            return False
        before = self.row[place - 2]
        return before.is_word and not before.readings

    def _after_be(self, place: int) -> bool:
        return any(unit.text in BE for unit in self.row[max(0, place - 3) : place])

    def _arms_somebody(self, place: int) -> bool:
        party = self.party_right(place)
        return party is not None and not any(unit.weapon for unit in self.row[party.last + 1 : party.last + 2])

    def likely(self, place: int, forms: frozenset[Form]) -> frozenset[Form]:
        """Tell a noun from a verb where one word may be either."""
        if place and (self._is_clipped(place, forms) or self._is_attribute(place, forms)):
            return frozenset()
        if Form.NOUN not in forms or not forms & VERBAL:
            return forms
        before = self.row[place - 1] if place else None
        after = self.row[place + 1] if place + 1 < len(self.row) else None
        if after is not None and (after.actor is not None or after.text in DETERMINED):
            verbal = before is not None and (
                before.weapon is not None
                or before.actor is not None
                or before.text in AUXILIARY
                or before.cue("operator") is not None
            )
        elif Form.BASE in forms:
            verbal = before is not None and (before.text in AUXILIARY or before.cue("operator") is not None)
        else:
            verbal = before is not None and before.actor is not None and (after is None or after.text != "of")
        return forms & VERBAL if verbal else frozenset({Form.NOUN})

    def _is_clipped(self, place: int, forms: frozenset[Form]) -> bool:
        return forms == {Form.BASE} and self.row[place - 1].text in DETERMINED

    def _is_attribute(self, place: int, forms: frozenset[Form]) -> bool:
        """Whether this describes the weapon it stands before: "the donated jets", "may use donated jets"."""
        before, after = self.row[place - 1], self.row[place + 1 : place + 2]
        led = before.text in DETERMINED or before.text in PREPOSITIONS or before.cue("use") is not None
        return forms <= {Form.PAST, Form.PARTICIPLE} and led and any(unit.weapon for unit in after)

    def is_mark(self, place: int) -> bool:
        """Whether this is the second half of an adjective such as "US-supplied"."""
        return place >= 2 and self.row[place - 1].text == "-" and self.row[place - 1].end == self.row[place].start

    def is_commanded(self, place: int) -> bool:
        """Whether an infinitive or an auxiliary precedes, so that the plain form is no plural present tense."""
        near = self.row[max(0, place - 2) : place]
        return any(unit.text in AUXILIARY or unit.cue("operator") for unit in near)

    def chain(self, node: Node) -> list[int]:
        """Return the operators that command ``node``, outermost first."""
        found: list[int] = []
        last = node.place
        for place in range(node.place - 1, -1, -1):
            if last - place > CHAIN or self.is_boundary(place) or self._adds_clause(place):
                break
            if self._commands(place):
                found.append(place)
                last = place
        return found[::-1]

    def _adds_clause(self, place: int) -> bool:
        """Whether a second thing is said from here on: "said that … and that Paris would deliver"."""
        return place > 0 and self.row[place].text == "that" and self.row[place - 1].text == "and"

    def _commands(self, place: int) -> bool:
        """Whether an operator stands here, and no other verb than that of an act follows it: "trying to hide"."""
        unit = self.row[place]
        if unit.cue("operator") is None or unit.cue("filler"):
            return False
        after = self.row[place + 1]
        other = after.is_word and not after.readings and after.text.isalpha() and not after.text.endswith("ly")
        return not (unit.text.endswith(" to") and other and after.text not in INNER | BE | HAVE | AUXILIARY)

    def operator(self, place: int) -> Cue:
        cue = self.row[place].cue("operator")
        assert cue is not None
        return cue

    def is_soft(self, place: int) -> bool:
        cue = self.operator(place)
        return cue.modal or cue.factive

    def negated(self, place: int) -> bool:
        for before in range(place - 1, max(-1, place - 4), -1):
            unit = self.row[before]
            if unit.text in NEGATIONS or unit.text.endswith("n't"):
                return True
            cue = unit.cue("operator")
            if cue is not None:
                return cue.id in ("op.will-not", "op.deny")
            if not unit.is_word or unit.cue("act") or unit.text in HARD:
                return False
        return False

    @cached_property
    def is_question(self) -> bool:
        """Whether the sentence asks yes or no, and so asserts nothing: "Will Berlin send Taurus missiles?"."""
        if not self.row or self.row[-1].text != "?":
            return False
        return self.row[0].text in ASKING or any(
            here.text in ASKING and after.text in PRONOUNS for here, after in pairwise(self.row)
        )

    def hypothetical(self, node: Node) -> bool:
        """Whether the clause only supposes its act, or puts it off: "before Ukraine deploys F-16s"."""
        present = node.forms & {Form.BASE, Form.PRESENT} or (node.cue is not None and node.cue.stage is Stage.DELIVERED)
        to_come = bool(present) and not self.is_commanded(node.place)
        if self._is_inverted and node.place < self._first_comma:
            return True
        for place in range(node.place - 1, max(-1, node.place - 13), -1):
            if self.row[place].cue("hypothesis") or (to_come and self.row[place].text in PUTTING_OFF):
                return True
            if self.is_boundary(place):
                return False
        return False

    @cached_property
    def _is_inverted(self) -> bool:
        """Whether the sentence opens a condition without "if": "Were Berlin to send Taurus missiles, …"."""
        return self.row[0].text in INVERTED and self.row[-1].text != "?" and self.party_right(0) is not None

    @cached_property
    def _first_comma(self) -> int:
        return next((place for place, unit in enumerate(self.row) if unit.text == ","), 0)

    @cached_property
    def is_denied(self) -> bool:
        """Whether the sentence calls something untrue: "reports that Seoul sold howitzers are false"."""
        return any(unit.cue("untrue") for unit in self.row)

    def is_past(self, place: int) -> bool:
        """Whether the clause around ``place``, or how the sentence opens, tells of another age: "in 1973"."""
        low = next((at for at in range(place, 0, -1) if self._parts(at - 1)), 0)
        high = next((at for at in range(place, len(self.row)) if self._parts(at)), len(self.row))
        return any(self._is_age(at) for at in (*range(min(OPENING, len(self.row))), *range(low, high)))

    def _parts(self, place: int) -> bool:
        return self.row[place].text == "," or self.is_boundary(place)

    def _is_age(self, place: int) -> bool:
        unit = self.row[place]
        if unit.cue("history") is None and not (unit.text.startswith("19") and OLD_YEAR.fullmatch(unit.text)):
            return False
        return self.row[max(0, place - 1)].text != "since" and self.row[max(0, place - 2)].text != "since"

    def prepositional(self, start: int, words: frozenset[str], *, reach: int = 15) -> Chunk | None:
        for place in range(start + 1, min(len(self.row), start + reach)):
            unit = self.row[place]
            if _preposition(unit) in words:
                party = self.party_right(place)
                if party is not None and not self._owns_weapon(party):
                    return party
            if unit.cue("benefit") and "from" in words:
                return None  # "to protect Kyiv from Russian missiles"
            if unit.text in HARD or unit.cue("boundary") or (unit.cue("act") and unit.text != unit.text.upper()):
                return None
        return None

    def _owns_weapon(self, party: Chunk) -> bool:
        """Whether this is "Germany's 14 Leopards", so that a preposition binds the tanks and not Germany."""
        after = self.row[party.last + 2 : party.last + 5]
        return self.possessive(party) and any(unit.weapon is not None for unit in after)

    def reduced(self, chunk: Chunk, node: Node) -> int | None:
        """Return the place of "supplied" in "missiles supplied by Britain are now in Ukraine"."""
        return next((at for at in range(chunk.last + 1, node.place) if self.row[at].cue("act")), None)

    def antecedent(self, place: int) -> Chunk | None:
        before = place - 1
        if before >= 0 and self.row[before].text == ",":
            before -= 1
        return self.party_of.get(before)

    def party_right(self, place: int) -> Chunk | None:
        """Return the party that follows, after articles and the like."""
        for after in range(place + 1, min(len(self.row), place + 5)):
            if after in self.party_of:
                return self.party_of[after]
            if self.row[after].text not in INNER:
                return None
        return None

    def possessive(self, party: Chunk) -> bool:
        after = party.last + 1
        return after < len(self.row) and self.row[after].text == "'s"

    def relative_at(self, place: int) -> bool:
        return place < len(self.row) and self.row[place].text in RELATIVE

    def is_boundary(self, place: int) -> bool:
        return place in self._boundaries

    @cached_property
    def _boundaries(self) -> frozenset[int]:
        return frozenset(place for place in range(len(self.row)) if self._ends_clause(place))

    def _ends_clause(self, place: int) -> bool:
        unit = self.row[place]
        if unit.text in HARD or unit.cue("boundary"):
            return True
        if unit.text == "-":
            return self._spaced(place)
        before, after = self.party_of.get(place - 1), self.party_of.get(place + 1)
        if after is None or before is after or (before is not None and unit.text == "and"):
            return False
        return unit.text == "and" or (unit.text == "," and self._opens_clause(after))

    def _opens_clause(self, party: Chunk) -> bool:
        """Whether a verb follows ``party`` at once: "…, Berlin agreed"."""
        after = self.row[party.last + 1 : party.last + 3]
        return any(unit.cue("operator") or unit.cue("act") or unit.text in HAVE for unit in after)

    def _spaced(self, place: int) -> bool:
        unit = self.row[place]
        before = self.row[place - 1].end < unit.start if place else True
        after = self.row[place + 1].start > unit.end if place + 1 < len(self.row) else True
        return before and after


def _preposition(unit: Unit) -> str:
    """Return the preposition a unit is, or ends with where it tells where weapons are: "landed in"."""
    cue = unit.cue("act")
    arrives = cue is not None and cue.agent == "weapon"
    return unit.text.rpartition(" ")[2] if arrives else unit.text


def is_land(unit: Unit) -> bool:
    """Whether this is a stretch of land, which sends and gets nothing: "to the Middle East"."""
    return unit.actor is not None and unit.actor.kind == "region" and unit.actor.side is None


def is_adjective(unit: Unit) -> bool:
    return unit.actor is not None and (unit.actor.form == "demonym" or unit.text in NAMES_AS_ADJECTIVES)


def flies(unit: Unit) -> bool:
    """Whether this is a weapon that is used up in its use."""
    return unit.weapon is not None and unit.weapon.category.endswith(FLYING)
