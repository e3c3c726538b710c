"""Use of weapons that came from abroad, and permission to use them on the other side's territory.

Firing one's own weapons is war reporting and no transfer, so use counts only where the text says that the weapon came
from somebody else.
"""

from collections.abc import Iterator

from extractors.records import Stage
from extractors.transfer_clauses import ADJUNCT, BE, Claim, Clauses, Form, Node
from extractors.transfer_cues import Cue
from extractors.transfer_units import Chunk, Party

BY = frozenset({"by"})
AFTER = 8
"""How many units after a weapon its use may be told: "missiles were fired by"."""
BEFORE = 10
"""How many units before a weapon its use may be told."""


class Uses(Clauses):
    """Reads one sentence for uses."""

    def claims(self) -> Iterator[Claim]:
        """Yield every use and every permission or ban of use."""
        for chunk in self.weapons:
            claim = self._permission(chunk) or self._use(chunk) or self._struck(chunk) or self._supplied(chunk)
            if claim is not None:
                yield claim

    def _use(self, chunk: Chunk) -> Claim | None:
        node = self._use_before(chunk) or self._use_after(chunk)
        if node is None or self._commanded(node):
            return None
        user = self._user(chunk, node)
        if user is None or not self._foreign(chunk, user):
            return None
        supplier = self._supplier_of(chunk, taken=user)
        stage = (node.cue.stage if node.cue else None) or Stage.USED
        return Claim(chunk, stage, self._sides(supplier), self._sides(user)[:1], False, f"{_id(node)}/{node.attached}")

    def _struck(self, chunk: Chunk) -> Claim | None:
        """Read "Ukraine hit a bridge with British Storm Shadows" and "Ukrainian HIMARS strikes"."""
        first = chunk.first - 1
        while first >= 0 and self._describes(first):
            first -= 1
        node = self._strike_with(first) or self._strike_by(chunk)
        if node is None or self._negated(node.place) or self._hypothetical(node):
            return None
        user = self._subject(chunk, node) if node.attached == "left" else self._striker(chunk, node)
        if user is None or not self._foreign(chunk, user):
            return None
        supplier = self._supplier_of(chunk, taken=user)
        return Claim(
            chunk, Stage.USED, self._sides(supplier), self._sides(user)[:1], False, f"use.strike/{node.attached}"
        )

    def _describes(self, place: int) -> bool:
        """Whether this belongs to the weapon's own noun phrase: "35 Iranian-made Shahed drones"."""
        unit = self.row[place]
        return unit.actor is not None or self._is_mark(place) or unit.text == "-" or unit.text.isdigit()

    def _striker(self, chunk: Chunk, node: Node) -> Chunk | None:
        """Return Ukraine in "Ukrainian HIMARS strikes" and in "HIMARS strikes by Ukraine"."""
        return self._prepositional(node.place, BY, reach=5) or self._party_of.get(chunk.first - 1)

    def _strike_with(self, place: int) -> Node | None:
        if place < 1 or self.row[place].text != "with":
            return None
        for at in range(place - 1, max(-1, place - 1 - BEFORE), -1):
            cue = self.row[at].cue("strike")
            if cue is not None:
                return Node(at, cue, frozenset({Form.PAST}), "left", 0)
            if self._is_boundary(at):
                return None
        return None

    def _strike_by(self, chunk: Chunk) -> Node | None:
        place = chunk.last + 1
        cue = self.row[place].cue("strike") if place < len(self.row) else None
        return Node(place, cue, self._likely(place, frozenset(self.row[place].forms(cue))), "right", 0) if cue else None

    def _supplied(self, chunk: Chunk) -> Claim | None:
        """Read "US-supplied howitzers": whatever else is said of them, they have been delivered."""
        supplier = self._marked(chunk)
        if supplier is None or self._before(chunk) is not None or self._after(chunk) is not None:
            return None
        return Claim(chunk, Stage.DELIVERED, self._sides(supplier), (), False, "supplied/mark")

    def _use_before(self, chunk: Chunk) -> Node | None:
        for place in range(chunk.first - 1, max(-1, chunk.first - 1 - BEFORE), -1):
            unit = self.row[place]
            if unit.weapon or self._is_reduced(place):
                return None
            node = self._use_at(place, attached="left")
            if node is not None:
                return node
            away = unit.text in ADJUNCT or self._leads_away(place)
            if away or self._is_boundary(place) or (unit.cue("act") and not self._is_mark(place)):
                return None
        return None

    def _use_after(self, chunk: Chunk) -> Node | None:
        for place in range(chunk.last + 1, min(len(self.row), chunk.last + AFTER)):
            node = self._use_at(place, attached="right")
            if node is not None:
                return node if node.forms & {Form.PARTICIPLE, Form.NOUN} else None
            if self._is_boundary(place) or self.row[place].weapon:
                return None
        return None

    def _use_at(self, place: int, *, attached: str) -> Node | None:
        unit = self.row[place]
        cue = unit.cue("use")
        if cue is None or unit.cue("filler") or self._is_mark(place):
            return None
        return Node(place, cue, self._likely(place, frozenset(unit.forms(cue))), attached, 0)

    def _commanded(self, node: Node) -> bool:
        """Whether the use is only planned, asked for, feared, denied or allowed."""
        if self._negated(node.place) or self._hypothetical(node):
            return True
        if any(unit.cue("block") for unit in self.row[max(0, node.place - 8) : node.place]):
            return True
        if node.forms == {Form.BASE} and self._is_commanded(node.place):
            begun = [place for place in self._chain(node) if self._operator(place).id == "op.begin"]
            return not begun
        return any(
            not self._operator(place).factive and self._operator(place).id != "op.begin" for place in self._chain(node)
        )

    def _user(self, chunk: Chunk, node: Node) -> Chunk | None:
        if node.forms & {Form.PARTICIPLE, Form.NOUN}:
            named = self._prepositional(max(chunk.last, node.place), BY, reach=5)
            if named is not None:
                return named
        if node.forms == {Form.NOUN}:
            return self._possessor(node, chunk, None)
        if node.attached == "left" and Form.PHRASE not in node.forms:
            return self._subject(chunk, node)
        return self._described(chunk, taken=None) if node.attached == "right" else self._subject(chunk, node)

    def _foreign(self, chunk: Chunk, user: Chunk) -> bool:
        return self._supplier_of(chunk, taken=user) is not None or self._made_abroad(chunk)

    def _made_abroad(self, chunk: Chunk) -> bool:
        """Whether this is "US-made HIMARS": it came from somewhere, though the text may not say from whom."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 6), -1):
            if self.row[place].cue("maker") and self._is_mark(place):
                return self._marked_parties.get(place - 2) is not None
        return False

    def _supplier_of(self, chunk: Chunk, *, taken: Chunk | None) -> Chunk | None:
        found = self._marked(chunk) or self._provided_by(chunk) or self._described(chunk, taken=taken)
        if found is None or found == taken:
            return None
        return None if taken is not None and self._same_side(found, taken) else found

    def _provided_by(self, chunk: Chunk) -> Chunk | None:
        """Return Britain in "missiles supplied by Britain"."""
        for place in range(chunk.last + 1, min(len(self.row), chunk.last + 5)):
            cue = self.row[place].cue("act")
            if cue is not None:
                return self._prepositional(place, frozenset({"by", "from"})) if cue.agent == "supplier" else None
            if not self.row[place].is_word:
                return None
        return None

    def _same_side(self, one: Chunk, other: Chunk) -> bool:
        return {_side(party) for party in self._sides(one)} == {_side(party) for party in self._sides(other)}

    # Permission

    def _permission(self, chunk: Chunk) -> Claim | None:
        use = self._use_before(chunk)
        if use is None:
            return None
        for place in range(use.place - 1, max(-1, use.place - 9), -1):
            cue = self.row[place].cue("permit")
            if cue is not None:
                return self._permitted(chunk, use, place, cue)
            if self._is_boundary(place):
                return None
        return None

    def _permitted(self, chunk: Chunk, use: Node, place: int, cue: Cue) -> Claim | None:
        node = Node(place, cue, frozenset(self.row[place].forms(cue)), "left", 0)
        outer = [at for at in self._chain(node) if not self._is_soft(at)]
        withheld = [at for at in outer if self._operator(at).stage is Stage.REFUSED]
        if (outer and not withheld) or self._hypothetical(node) or not self._asserted(node):
            return None
        stage = cue.negated if self._negated(place) or withheld else cue.stage
        recipient = self._permitted_party(chunk, use, node)
        assert stage is not None
        return Claim(
            chunk,
            stage,
            self._sides(self._subject(chunk, node, taken=recipient)),
            self._sides(recipient),
            False,
            f"{cue.id}/left",
        )

    def _permitted_party(self, chunk: Chunk, use: Node, node: Node) -> Chunk | None:
        between = [self._party_of[at] for at in range(node.place + 1, use.place) if at in self._party_of]
        if between:
            return between[0]
        if Form.NOUN in node.forms and node.place - 1 in self._party_of:
            return self._party_of[node.place - 1]
        return self._prepositional(chunk.last, BY)

    def _asserted(self, node: Node) -> bool:
        """Whether the permission is told as a fact or a decision, not as an idea ("allowing Ukraine to …")."""
        if node.forms <= {Form.GERUND}:
            return node.place > 0 and self.row[node.place - 1].text in BE
        return True


def _id(node: Node) -> str:
    return node.cue.id if node.cue else "use"


def _side(party: Party) -> str:
    return party.side or party.actor
