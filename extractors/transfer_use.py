"""Use of weapons that came from abroad, and permission to use them on the other side's territory.

Firing one's own weapons is war reporting and no transfer, so use counts only where the text says that the weapon came
from somebody else.
"""

from collections.abc import Iterator
from itertools import islice

from extractors.records import Stage
from extractors.transfer_clauses import Claim
from extractors.transfer_cues import Cue, Form
from extractors.transfer_governors import Governors
from extractors.transfer_roles import Roles
from extractors.transfer_sentence import ADJUNCT, BE, HAVE, PREPOSITIONS, QUOTES, Node, Sentence, flies
from extractors.transfer_units import Chunk, Party, Unit

BY = frozenset({"by"})
FROM = frozenset({"from"})
LEAVE = frozenset({"may", "can"})
BARRING = frozenset({"cannot", "can't", "mustn't"})
ACROSS = frozenset({"in", "into", "inside", "on", "over", "against", "within"})
"""What stands before the land a weapon is used on."""
INDIRECT = frozenset({"how", "where"})
"""What opens a question that says what is allowed: "limits on how Kyiv may use them"."""
LOSS = 30
"""How many units before a weapon its loss may be told, its maker included."""
AFTER = 8
"""How many units after a weapon its use may be told: "missiles were fired by"."""
BEFORE = 10
"""How many units before a weapon its use may be told."""


class Uses:
    """Reads one sentence for uses."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        self.governors = Governors(sentence)
        self.roles = Roles(sentence)

    def claims(self) -> Iterator[Claim]:
        """Yield every use and every permission or ban of use."""
        for chunk in self.sentence.weapons:
            claim = self._permission(chunk) or self._use(chunk) or self._struck(chunk)
            claim = claim or self._lost(chunk) or self._supplied(chunk)
            if claim is not None:
                yield claim

    def _use(self, chunk: Chunk) -> Claim | None:
        node = self._use_before(chunk) or self._use_after(chunk)
        if node is None or self._commanded(node):
            return None
        user = self._user(chunk, node)
        if user is None and not (self._impersonal(node) and self._foreign(chunk, None)):
            return None
        stage = (node.cue.stage if node.cue else None) or Stage.USED
        held = self._sent_from(chunk) if stage is Stage.DELIVERED else None
        return self._used(chunk, user, stage, f"{_id(node)}/{node.attached}", held)

    def _impersonal(self, node: Node) -> bool:
        """Whether the use is asserted without a user: "were used", "the use of"."""
        near = {unit.text for unit in self.sentence.row[max(0, node.place - 3) : node.place]}
        return node.forms == {Form.NOUN} or (Form.PARTICIPLE in node.forms and not BE.isdisjoint(near))

    def _sent_from(self, chunk: Chunk) -> Chunk | None:
        """Return Russia in "now has Iskander launchers from Russia"."""
        return self.sentence.prepositional(chunk.last, FROM, reach=4)

    def _used(self, chunk: Chunk, user: Chunk | None, stage: Stage, rule: str, sender: Chunk | None = None) -> Claim:
        supplier = sender or self._supplier_of(chunk, taken=user)
        users = self.roles.sides(user)[:1]
        foreign, makers = supplier is not None or self._foreign(chunk, user), self.roles.sides(self._maker(chunk))
        return Claim(chunk, stage, self.roles.sides(supplier), users, False, rule, foreign, makers)

    def _struck(self, chunk: Chunk) -> Claim | None:
        """Read "Ukraine hit a bridge with British Storm Shadows" and "Ukrainian HIMARS strikes"."""
        node = self._strike_with(self._before_description(chunk)) or self._strike_by(chunk)
        if node is None or self.sentence.negated(node.place) or self.sentence.hypothetical(node) or self._meant(node):
            return None
        user = self.roles.subject(chunk, node) if node.attached == "left" else self._striker(chunk, node)
        if user is None and node.attached == "left":
            return None
        return self._used(chunk, user, Stage.USED, f"use.strike/{node.attached}")

    def _before_description(self, chunk: Chunk) -> int:
        """Return the place before the weapon's own noun phrase."""
        first = chunk.first - 1
        while first >= 0 and self._describes(first):
            first -= 1
        return first

    def _meant(self, node: Node) -> bool:
        """Whether the strike is allowed, planned or barred: "refused to let Kyiv strike Russia with"."""
        before = self.sentence.row[max(0, node.place - 6) : node.place]
        bound = bool(before) and (before[-1].text in {"to", "from"} or before[-1].actor is not None)
        return bound and any(unit.cue("permit") for unit in before)

    def _describes(self, place: int) -> bool:
        """Whether this belongs to the weapon's own noun phrase: "35 Iranian-made Shahed drones"."""
        unit = self.sentence.row[place]
        return unit.actor is not None or self.sentence.is_mark(place) or unit.text == "-" or unit.text.isdigit()

    def _striker(self, chunk: Chunk, node: Node) -> Chunk | None:
        """Return Ukraine in "Ukrainian HIMARS strikes" and in "HIMARS strikes by Ukraine"."""
        return self.sentence.prepositional(node.place, BY, reach=5) or self.sentence.party_of.get(chunk.first - 1)

    def _strike_with(self, place: int) -> Node | None:
        if place < 1 or self.sentence.row[place].text != "with":
            return None
        for at in range(place - 1, max(-1, place - 1 - BEFORE), -1):
            cue = self.sentence.row[at].cue("strike")
            if cue is not None:
                return Node(at, cue, frozenset({Form.PAST}), "left", 0)
            if self.sentence.is_boundary(at):
                return None
        return None

    def _strike_by(self, chunk: Chunk) -> Node | None:
        """Return the strike in "HIMARS strikes" and "Storm Shadow missiles hit"; "tanks destroyed" are struck."""
        place = chunk.last + 1
        if place < len(self.sentence.row) and self.sentence.row[place].text in HAVE:
            place += 1
        cue = self.sentence.row[place].cue("strike") if place < len(self.sentence.row) else None
        if cue is None:
            return None
        forms = self.sentence.likely(place, frozenset(self.sentence.row[place].forms(cue)))
        return (
            None
            if forms & {Form.PARTICIPLE, Form.PHRASE} and self._is_struck(place)
            else Node(place, cue, forms, "right", 0)
        )

    def _is_struck(self, place: int) -> bool:
        """Whether nothing is struck by the weapon, so that it was struck itself: "tanks destroyed near Orikhiv"."""
        after = self.sentence.row[place + 1] if place + 1 < len(self.sentence.row) else None
        return after is None or after.text in PREPOSITIONS or not (after.text[:1].isalnum() or after.text in QUOTES)

    def _lost(self, chunk: Chunk) -> Claim | None:
        """Read "destroyed a British-made tank": whoever lost it had it; a missile or drone shot down was in use."""
        node = self._loss(chunk)
        supplier = self.roles.marked(chunk)
        if node is None or (supplier or self._maker(chunk)) is None:
            return None
        if self.sentence.negated(node.place) or self.sentence.hypothetical(node):
            return None
        owner = None if node.attached == "listed" else self.sentence.prepositional(chunk.last, FROM, reach=6)
        flying = any(flies(self.sentence.row[place]) for place in chunk.members)
        stage = Stage.USED if flying else Stage.DELIVERED
        makers = self.roles.sides(self._maker(chunk))
        owners = self.roles.sides(owner)[:1]
        return Claim(chunk, stage, self.roles.sides(supplier), owners, False, "use.lost", True, makers)

    def _loss(self, chunk: Chunk) -> Node | None:
        """Return the verb that destroys or captures the weapon; what "including" stands before may hang on it too."""
        row = self.sentence.row
        listed = False
        for place in [*range(chunk.first - 1, max(-1, chunk.first - LOSS), -1), *self._predicate(chunk)]:
            cue = row[place].cue("strike") or row[place].cue("capture")
            if cue is not None:
                return Node(place, cue, frozenset(row[place].forms(cue)), "listed" if listed else "left", 0)
            listed = listed or row[place].text == "including"
            if not listed and (row[place].text in PREPOSITIONS or self.sentence.is_boundary(place)):
                return None
        return None

    def _predicate(self, chunk: Chunk) -> Iterator[int]:
        """Yield the place of the word after the weapon, auxiliaries left out."""
        row = self.sentence.row
        near = range(chunk.last + 1, min(len(row), chunk.last + 4))
        return islice((place for place in near if row[place].text not in BE), 1)

    def _supplied(self, chunk: Chunk) -> Claim | None:
        """Read "US-supplied howitzers": whatever else is said of them, they have been delivered."""
        supplier = self.roles.marked(chunk)
        if supplier is None or self.governors.before(chunk) is not None or self.governors.after(chunk) is not None:
            return None
        if self.sentence.hypothetical(Node(chunk.first, None, frozenset(), "left", 0)):
            return None
        return Claim(chunk, Stage.DELIVERED, self.roles.sides(supplier), (), False, "supplied/mark")

    def _use_before(self, chunk: Chunk) -> Node | None:
        for place in range(chunk.first - 1, max(-1, chunk.first - 1 - BEFORE), -1):
            unit = self.sentence.row[place]
            if unit.weapon or self.governors.is_reduced(place):
                return None
            node = self._use_at(place, attached="left")
            if node is not None:
                return node
            away = unit.text in ADJUNCT or self.governors.leads_away(place)
            if away or self.sentence.is_boundary(place) or (unit.cue("act") and not self.sentence.is_mark(place)):
                return None
        return None

    def _use_after(self, chunk: Chunk) -> Node | None:
        for place in range(chunk.last + 1, min(len(self.sentence.row), chunk.last + AFTER)):
            node = self._use_at(place, attached="right")
            if node is not None:
                return node if node.forms & {Form.PARTICIPLE, Form.NOUN} else None
            if self.sentence.is_boundary(place) or self.sentence.row[place].weapon:
                return None
        return None

    def _use_at(self, place: int, *, attached: str) -> Node | None:
        unit = self.sentence.row[place]
        cue = unit.cue("use")
        if cue is None or unit.cue("filler") or self.sentence.is_mark(place):
            return None
        return Node(place, cue, self.sentence.likely(place, frozenset(unit.forms(cue))), attached, 0)

    def _commanded(self, node: Node) -> bool:
        """Whether the use is only planned, asked for, feared, denied or allowed."""
        if self.sentence.negated(node.place) or self.sentence.hypothetical(node):
            return True
        if any(unit.cue("block") for unit in self.sentence.row[max(0, node.place - 8) : node.place]):
            return True
        if node.forms == {Form.BASE} and self.sentence.is_commanded(node.place):
            begun = [place for place in self.sentence.chain(node) if self.sentence.operator(place).id == "op.begin"]
            return not begun
        return not all(self._tells(place) for place in self.sentence.chain(node))

    def _tells(self, place: int) -> bool:
        """Whether an operator leaves what it governs asserted: "confirmed using", "accused of using"."""
        cue = self.sentence.operator(place)
        return (cue.factive and not self.sentence.negated(place)) or cue.id in ("op.begin", "op.accuse")

    def _user(self, chunk: Chunk, node: Node) -> Chunk | None:
        if node.forms & {Form.PARTICIPLE, Form.NOUN}:
            named = self.sentence.prepositional(max(chunk.last, node.place), BY, reach=5)
            if named is not None:
                return named
        if node.forms == {Form.NOUN}:
            return self.roles.possessor(node, chunk, None)
        if node.attached == "left" and Form.PHRASE not in node.forms:
            return self.roles.subject(chunk, node)
        return self.roles.described(chunk, taken=None) if node.attached == "right" else self.roles.subject(chunk, node)

    def _foreign(self, chunk: Chunk, user: Chunk | None) -> bool:
        return self._supplier_of(chunk, taken=user) is not None or self._maker(chunk) is not None

    def _maker(self, chunk: Chunk) -> Chunk | None:
        """Return the United States in "US-made HIMARS": from abroad, though the text may not say who sent it."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 6), -1):
            if self.sentence.row[place].cue("maker") and self.sentence.is_mark(place):
                return self.sentence.marked_parties.get(place - 2)
            if self.sentence.row[place].weapon is not None:
                return None
        return None

    def _supplier_of(self, chunk: Chunk, *, taken: Chunk | None) -> Chunk | None:
        found = self.roles.marked(chunk) or self._provided_by(chunk) or self.roles.described(chunk, taken=taken)
        if found is None or found == taken:
            return None
        return None if taken is not None and self._same_side(found, taken) else found

    def _provided_by(self, chunk: Chunk) -> Chunk | None:
        """Return Britain in "missiles supplied by Britain"."""
        for place in range(chunk.last + 1, min(len(self.sentence.row), chunk.last + 5)):
            cue = self.sentence.row[place].cue("act")
            if cue is not None:
                return (
                    self.sentence.prepositional(place, frozenset({"by", "from"})) if cue.agent == "supplier" else None
                )
            if not self.sentence.row[place].is_word:
                return None
        return None

    def _same_side(self, one: Chunk, other: Chunk) -> bool:
        return {_side(party) for party in self.roles.sides(one)} == {_side(party) for party in self.roles.sides(other)}

    # Permission

    def _permission(self, chunk: Chunk) -> Claim | None:
        use = self._use_before(chunk) or self._strike_with(self._before_description(chunk))
        use = use or self._named_use(chunk)
        if use is None:
            return None
        start = min(use.place, chunk.first) if use.attached == "right" else use.place
        for place in range(start - 1, max(-1, start - 9), -1):
            cue = self.sentence.row[place].cue("permit")
            if cue is not None:
                return self._permitted(chunk, use, place, cue)
            if self.sentence.is_boundary(place) and self.sentence.row[place].text not in INDIRECT:
                return None
        return self._modal(chunk, use) if use.attached == "left" else None

    def _named_use(self, chunk: Chunk) -> Node | None:
        """Return the strikes in "a nod for Storm Shadow strikes" and the use in "approves ATACMS use"."""
        node = self._strike_by(chunk) or self._use_after(chunk)
        return node if node is not None and node.forms == {Form.NOUN} else None

    def _permitted(self, chunk: Chunk, use: Node, place: int, cue: Cue) -> Claim | None:
        node = Node(place, cue, frozenset(self.sentence.row[place].forms(cue)), "left", 0)
        outer = [at for at in self.sentence.chain(node) if not self.sentence.is_soft(at) and not self._lifts(at)]
        withheld = [at for at in outer if self.sentence.operator(at).stage is Stage.REFUSED]
        if (outer and not withheld) or self.sentence.hypothetical(node) or not self._asserted(node):
            return None
        turned = self.sentence.negated(place) or bool(withheld) or self._is_lifted(place)
        stage = cue.negated if turned else cue.stage
        recipient = self._permitted_party(chunk, use, node)
        if stage is None:
            return None
        suppliers = self.roles.sides(self.roles.subject(chunk, node, taken=recipient))
        return Claim(chunk, stage, suppliers, self.roles.sides(recipient), False, f"{cue.id}/left")

    def _is_lifted(self, place: int) -> bool:
        """Whether a ban ends: "lifted all restrictions on"."""
        return any(self._lifts(at) for at in range(max(0, place - 4), place))

    def _lifts(self, place: int) -> bool:
        return self.sentence.row[place].cue("lift") is not None

    def _permitted_party(self, chunk: Chunk, use: Node, node: Node) -> Chunk | None:
        between = [
            self.sentence.party_of[at] for at in range(node.place + 1, use.place) if at in self.sentence.party_of
        ]
        if between:
            return between[0]
        if any(unit.text in BE or _is_got(unit) for unit in self.sentence.row[max(0, node.place - 2) : node.place]):
            return self.roles.subject(chunk, node)
        if Form.NOUN in node.forms:
            held = next((at for at in (node.place - 1, node.place - 2) if at in self.sentence.party_of), None)
            if held is not None:
                return self.sentence.party_of[held]
        return self.sentence.prepositional(chunk.last, BY)

    def _modal(self, chunk: Chunk, use: Node) -> Claim | None:
        """Read "Ukraine may now fire ATACMS into Russia", and "may not": leave, where the other side's land is named.

        Without "now", or a weapon that is the speaker's own, "may" only guesses.
        """
        near = [unit.text for unit in self.sentence.row[max(0, use.place - 3) : use.place]]
        barred = not BARRING.isdisjoint(near) or ("not" in near and not LEAVE.isdisjoint(near))
        allowed = not LEAVE.isdisjoint(near) and ("now" in near or self._is_lent(chunk))
        user = self.roles.subject(chunk, use)
        if not (barred or allowed) or user is None or not self._crosses_border(chunk, use, user):
            return None
        if self.sentence.hypothetical(use):
            return None
        stage = Stage.USE_REFUSED if barred else Stage.USE_PERMITTED
        owner = self.roles.marked(chunk) or self._speaker(user)
        return Claim(chunk, stage, self.roles.sides(owner), self.roles.sides(user), False, "permit.modal/left")

    def _is_lent(self, chunk: Chunk) -> bool:
        before = self.sentence.row[max(0, chunk.first - 3) : chunk.first]
        return any(unit.text in {"its", "our"} or unit.cue("act") for unit in before)

    def _speaker(self, user: Chunk) -> Chunk | None:
        """Return Berlin in "Berlin says Kyiv can use its missiles" and in "Berlin: Kyiv may use"."""
        before = [chunk for chunk in self.sentence.parties if chunk.last < user.first]
        return before[0] if before and before[0].first == 0 else None

    def _crosses_border(self, chunk: Chunk, use: Node, user: Chunk) -> bool:
        """Whether the weapon goes to another party's land: "into Russia", "at targets deep inside Russia"."""
        row = self.sentence.row
        for place in range(use.place + 1, min(len(row), chunk.last + 9)):
            party = self.sentence.party_right(place) if row[place].text in ACROSS else None
            if party is not None and not self._same_side(party, user):
                return True
        return False

    def _asserted(self, node: Node) -> bool:
        """Whether the permission is told as a fact or a decision, not as an idea ("allowing Ukraine to …")."""
        if node.forms <= {Form.GERUND}:
            return node.place > 0 and self.sentence.row[node.place - 1].text in BE
        return True


def _is_got(unit: Unit) -> bool:
    cue = unit.cue("act")
    return cue is not None and cue.agent == "recipient"


def _id(node: Node) -> str:
    return node.cue.id if node.cue else "use"


def _side(party: Party) -> str:
    return party.side or party.actor
