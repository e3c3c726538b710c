"""Between whom an act of transfer takes place."""

from extractors.transfer_cues import Form
from extractors.transfer_sentence import (
    ADJUNCT,
    BE,
    DEALS,
    GIVING,
    GRANTING,
    INNER,
    PLACING,
    PREPOSITIONS,
    RELATIVE,
    TAKING,
    VERBAL,
    Node,
    Sentence,
    is_adjective,
)
from extractors.transfer_units import Chunk, Party, Unit

FROM = frozenset({"from"})
WITH = frozenset({"with"})
ASKED = frozenset({"to"})
"""What stands before whom a request goes to."""
RULERS = frozenset({"junta", "government", "authorities", "rulers", "leaders", "regime", "military"})
"""Who acts for the place they are in: "the junta in Niamey"."""
OFFER = "op.offer"


class Roles:
    """Finds supplier and recipient of an act by voice, preposition and position."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence

    def roles(self, chunk: Chunk, node: Node) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
        recipients = self._recipients(chunk, node)
        suppliers = self.marked(chunk) or self._suppliers(chunk, node, taken=recipients)
        if suppliers is None or suppliers == recipients:
            suppliers = self.described(chunk, taken=recipients)
        return self.sides(suppliers), self.sides(recipients)

    def marked(self, chunk: Chunk) -> Chunk | None:
        """Return the United States in "US-supplied missiles"."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 6), -1):
            if self.sentence.is_mark(place) and self.sentence.row[place].cue("act") is not None:
                return self.sentence.marked_parties.get(place - 2)
            if not self.sentence.row[place].is_word:
                return None
        return None

    def described(self, chunk: Chunk, *, taken: Chunk | None) -> Chunk | None:
        """Return Germany in "German Leopard tanks", though not in "German-made Leopard tanks"."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 4), -1):
            unit = self.sentence.row[place]
            if unit.actor is not None:
                party = self.sentence.party_of.get(place)
                return None if party == taken else party
            if unit.readings or unit.text in PREPOSITIONS or not unit.text.isalpha():
                return None
        return None

    def sides(self, chunk: Chunk | None) -> tuple[Party, ...]:
        if chunk is None:
            return ()
        return tuple(actor for place in chunk.members if (actor := self.sentence.row[place].actor) is not None)

    def _recipients(self, chunk: Chunk, node: Node) -> Chunk | None:
        given = self.given(chunk, node)
        if given is not None or node.cue is None:
            return given
        part = self._part(node)
        if node.cue.id == "act.package":
            return self._packed_for(node)
        if part == "weapon" and node.attached == "subject":
            return self._owner(chunk) if self.sentence.prepositional(node.place, FROM, reach=4) else None
        if part == "recipient":
            return self._by(chunk, node) if node.attached == "passive" else self._taker(chunk, node)
        return None

    def _owner(self, chunk: Chunk) -> Chunk | None:
        """Return Argentina in "Argentina's F-16s"."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 5), -1):
            party = self.sentence.party_of.get(place)
            if party is not None:
                return party if self.sentence.possessive(party) else None
        return None

    def _part(self, node: Node) -> str | None:
        """Return the part that the subject plays; whoever studies an offer has got it, and so has who was given it."""
        assert node.cue is not None
        studied = node.cue.id == OFFER and node.forms == {Form.NOUN} and bool(self.sentence.chain(node))
        return "recipient" if studied or self._is_given(node) else node.cue.agent or node.cue.direct

    def _is_given(self, node: Node) -> bool:
        """Whether the subject is who gets the weapon: "Kyiv has been given 39 guns"."""
        assert node.cue is not None
        giving = (node.cue.agent or node.cue.direct) == "supplier" and node.attached == "left"
        before = self.sentence.row[node.place - 1].text if node.place else ""
        told_of = before == "," and node.cue.id in GRANTING and self.sentence.antecedent(node.place) is not None
        return giving and Form.PARTICIPLE in node.forms and (before in BE or told_of)

    def _taker(self, chunk: Chunk, node: Node) -> Chunk | None:
        """Return who gets the weapon as the subject; a noun in an adjunct has none: "sanctions for its purchase"."""
        party = self.subject(chunk, node)
        if party is None or node.forms != {Form.NOUN} or self.sentence.possessive(party):
            return party
        between = self.sentence.row[party.last + 1 : min(node.place, chunk.first)]
        return None if any(unit.text in ADJUNCT or unit.text == "for" for unit in between) else party

    def _packed_for(self, node: Node) -> Chunk | None:
        """Return Ukraine in "the US announces a Ukraine aid package"."""
        named = self.described(Chunk(node.place, node.place, ()), taken=None)
        return named if named is not None and self.subject(named, node, taken=named) is not None else None

    def given(self, chunk: Chunk, node: Node) -> Chunk | None:
        """Return who gets the weapon by preposition or as indirect object."""
        weapon_arrives = node.cue is not None and node.cue.agent == "weapon"
        after = max(chunk.last, node.place)
        dative = self._dative(chunk, node)
        if dative is not None:
            return dative
        words = PLACING if weapon_arrives else GIVING
        if node.cue is not None and node.cue.from_recipient:
            words = FROM
        return self.sentence.prepositional(after, words) or self._between(chunk, node, words) or self._benefit(after)

    def _dative(self, chunk: Chunk, node: Node) -> Chunk | None:
        """Return Ukraine in "send Ukraine tanks" and "reach Ukraine"."""
        if node.cue is None or node.cue.agent == "recipient":
            return None
        placed = node.cue.agent == "weapon" and _last_word(self.sentence.row[node.place]) in PLACING
        if not (node.forms & VERBAL or placed):
            return None
        if node.cue.kind == "operator" and node.cue.direct == "recipient":
            return None
        party = self.sentence.party_right(node.place)
        if party is None or self.sentence.possessive(party) or self._adjectival(party, chunk):
            return None
        return party

    def _adjectival(self, party: Chunk, chunk: Chunk) -> bool:
        """Whether ``party`` only describes a weapon: "US Patriots", "British Storm Shadow and French SCALP"."""
        if party.last >= chunk.first:
            return False
        return self.sentence.row[party.last + 1].weapon is not None and is_adjective(self.sentence.row[party.last])

    def _between(self, chunk: Chunk, node: Node, words: frozenset[str]) -> Chunk | None:
        """Return Ukraine in "supply to Ukraine of ATACMS" and "a package for Ukraine with HIMARS"."""
        if node.attached != "left":
            return None
        if node.cue is not None and node.cue.direct == "recipient":
            words -= ASKED
        for place in range(node.place + 1, chunk.first):
            if self.sentence.row[place].text in words:
                party = self.sentence.party_right(place)
                return None if party is not None and party.last + 1 == chunk.first else party
        return None

    def _benefit(self, start: int) -> Chunk | None:
        for place in range(start + 1, min(len(self.sentence.row), start + 8)):
            if self.sentence.is_boundary(place):
                return None
            unit = self.sentence.row[place]
            if unit.cue("benefit") and (unit.text.endswith("ing") or self.sentence.row[place - 1].text in {"to", "in"}):
                return self.sentence.party_right(place)
        return None

    def _by(self, chunk: Chunk, node: Node) -> Chunk | None:
        return self.sentence.prepositional(max(chunk.last, node.place), frozenset({"by"}))

    def _suppliers(self, chunk: Chunk, node: Node, *, taken: Chunk | None) -> Chunk | None:
        after = max(chunk.last, node.place)
        named = self.sentence.prepositional(after, TAKING) or self._between(chunk, node, TAKING)
        if named is not None and named != taken:
            return named
        if node.cue is None:
            return None
        part = self._part(node)
        if part == "recipient":
            partner = self.sentence.prepositional(after, WITH, reach=5) if node.cue.id in DEALS else None
            return self._asked(chunk, node, taken) or self._passing_on(chunk, node, taken) or partner
        if part == "weapon":
            return self.sentence.prepositional(self.sentence.reduced(chunk, node) or chunk.last, TAKING)
        return self._giver(chunk, node, taken)

    def _giver(self, chunk: Chunk, node: Node, taken: Chunk | None) -> Chunk | None:
        """Return the agent of an act of giving: possessor of a noun, object of a request, or subject of a verb."""
        chain = self.sentence.chain(node)
        if Form.NOUN in node.forms and not chain:
            return self.described(Chunk(node.place, node.place, ()), taken=taken) or self.possessor(node, chunk, taken)
        if node.attached == "passive" and not chain:
            return None
        for place in reversed(chain):
            if self._lets_others(place):
                return None
            addressed = self._object(place, node.place) if self.sentence.operator(place).control == "object" else None
            if addressed is not None and addressed != taken and not self._asked_leave_of(addressed, node):
                return addressed
        return self.subject(chunk, node, taken=taken)

    def _lets_others(self, place: int) -> bool:
        """Whether somebody unnamed is to act: "allow allies to supply"."""
        after = self.sentence.row[place + 1 : place + 3]
        return self.sentence.operator(place).control == "object" and any(unit.cue("others") for unit in after)

    def possessor(self, node: Node, chunk: Chunk, taken: Chunk | None) -> Chunk | None:
        """Return Germany in "Germany's long-delayed delivery" and "Biden's F-16 sale"."""
        first = min(node.place, chunk.first)
        for place in range(first - 1, max(-1, first - 5), -1):
            party = self.sentence.party_of.get(place)
            if party is not None:
                return party if party != taken and (self.sentence.possessive(party) or place == first - 1) else None
            if self.sentence.row[place].text in PREPOSITIONS:
                return None
        return None

    def _passing_on(self, chunk: Chunk, node: Node, taken: Chunk | None) -> Chunk | None:
        """Return Berlin in "Berlin buys tanks for Kyiv" and in "Berlin gets the tanks to Kyiv"."""
        if taken is None or node.cue is None or node.cue.kind != "act" or node.attached != "left":
            return None
        subject = self.subject(chunk, node)
        return subject if subject != taken and taken == self.given(chunk, node) else None

    def _asked(self, chunk: Chunk, node: Node, taken: Chunk | None) -> Chunk | None:
        """Return Berlin in "asks Berlin for tanks" and in "Berlin rejects the request for tanks"."""
        if node.cue is None or node.cue.kind != "operator":
            return self._counterpart(node)
        asked = self._object(node.place, chunk.first) if node.cue.control == "object" else None
        if asked is not None and asked != taken and not self._adjectival(asked, chunk):
            return asked
        outer = [place for place in self.sentence.chain(node) if not self.sentence.is_soft(place)]
        return self.subject(chunk, Node(outer[0], None, frozenset(), "left", 0), taken=taken) if outer else None

    def _counterpart(self, node: Node) -> Chunk | None:
        """Return Beijing in "is in talks with Beijing to acquire jets"."""
        commanding = [place for place in self.sentence.chain(node) if self.sentence.operator(place).dative]
        return self._object(commanding[0], node.place) if commanding else None

    def _object(self, place: int, end: int) -> Chunk | None:
        """Return whom an operator addresses: "asks Berlin", "appeals to Berlin", "pressure on Berlin"."""
        for at in range(place, min(place + 2, len(self.sentence.row))):
            party = self.sentence.party_right(at) if at == place or self.sentence.row[at].text in PREPOSITIONS else None
            if party is not None and party.last < end and not self.sentence.possessive(party):
                return party
        return None

    def subject(self, chunk: Chunk, node: Node, *, taken: Chunk | None = None) -> Chunk | None:
        """Return the nearest party to the left that no preposition binds."""
        start = chunk.last + 1 if node.attached == "relative" else -1
        for place in range(node.place - 1, max(-1, node.place - 22), -1):
            unit = self.sentence.row[place]
            if place < start:
                return None
            if unit.actor is not None:
                if place not in self.sentence.party_of:
                    continue
                party = self.sentence.party_of[place]
                if self._joined_by(party, node):
                    return self._joint(party)
                doing = node.forms == {Form.GERUND} and place == node.place - 1  # "about Berlin sending tanks"
                free = party != taken and (doing or not self._bound(party)) and place == party.last
                if free and not self._asked_leave_of(party, node):
                    return party
            elif unit.text in RELATIVE and self.sentence.antecedent(place):
                return self.sentence.antecedent(place)
            elif self.sentence.is_boundary(place) and unit.text not in RELATIVE:
                return None
        return None

    def _joined_by(self, party: Chunk, node: Node) -> bool:
        """Whether somebody joins ``party`` in the act: "joins Berlin in sending"."""
        link = party.last + 1 < node.place and self.sentence.row[party.last + 1].text == "in"
        return link and party.first > 0 and self.sentence.row[party.first - 1].cue("join") is not None

    def _joint(self, party: Chunk) -> Chunk:
        before = self.subject(party, Node(party.first - 1, None, frozenset(), "left", 0))
        return party if before is None else Chunk(before.first, party.last, (*before.members, *party.members))

    def _asked_leave_of(self, party: Chunk, node: Node) -> bool:
        """Whether ``party`` is asked for permission, so that somebody else is to act."""
        for unit in self.sentence.row[party.last + 1 : node.place]:
            if unit.cue("leave"):
                return True
            if unit.actor is not None:
                return False
        return False

    def _is_addressed(self, place: int) -> bool:
        """Whether a plain verb here has somebody else for its subject: "Manila informed Washington of …"."""
        unit = self.sentence.row[place]
        verb = unit.text == "told" or (unit.text.endswith("ed") and unit.text.isalpha())
        return (
            verb and not unit.readings and any(at in self.sentence.party_of for at in range(max(0, place - 3), place))
        )

    def _bound(self, party: Chunk) -> bool:
        """Whether a preposition makes ``party`` no subject; in "at Berlin's decision" it does not."""
        possessed = party.last + (2 if self.sentence.possessive(party) else 1)
        reach = 3 if self.sentence.possessive(party) else 1
        if any(unit.cue("operator") for unit in self.sentence.row[possessed : possessed + reach]):
            return False
        for place in range(party.first - 1, max(-1, party.first - 4), -1):
            unit = self.sentence.row[place]
            text = _last_word(unit)
            if place == party.first - 1 and self._is_addressed(place):
                return True
            if text == "in" and self.sentence.row[place - 1].text in RULERS:
                return False
            if text in PREPOSITIONS or (text.endswith("ing") and not unit.readings):
                return True
            if text not in INNER:
                return False
        return False


def _last_word(unit: Unit) -> str:
    """Return the word a unit ends with: "in" of "landed in"."""
    return unit.text.rpartition(" ")[2]
