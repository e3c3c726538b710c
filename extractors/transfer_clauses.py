"""What one sentence asserts about arms transfers: which act governs a weapon, how far it has come, and between whom.

A small grammar over units (``extractors.transfer_units``) instead of a statistical parse: headlines, which carry most
of this news, are where parsers fail first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.records import Stage
from extractors.transfer_cues import Form
from extractors.transfer_governors import Governors
from extractors.transfer_roles import Roles
from extractors.transfer_sentence import HARD, PREPOSITIONS, WITHHOLDING, Node, Sentence, flies, is_land
from extractors.transfer_stages import Stages
from extractors.transfer_units import Chunk, Party, Unit

ROVING = frozenset({"warship", "submarine", "bomber", "reconnaissance_aircraft", "transport_aircraft"})
"""Categories whose owner sends them about the world himself."""
ARRIVALS = frozenset({"act.reach", "act.land", "act.go"})
OWNERS = frozenset({"its", "their", "our"})
"""What tells of the owner's own ground: "arrived in its area of responsibility"."""
TERMS = frozenset({"until", "till", "before", "by"})
"""What may stand before the time of a delay."""


def _is_date(units: Sequence[Unit]) -> bool:
    return any(unit.text.isdigit() or unit.cue("date") for unit in units)


@dataclass(frozen=True, slots=True)
class Claim:
    """One act on one list of weapons; ``weak`` where no finite verb or operator asserts it.

    ``foreign`` is False for a use of weapons of which the text does not say that they came from abroad; ``makers``
    are those of "Iranian-made" drones in use.
    """

    weapons: Chunk
    stage: Stage
    suppliers: tuple[Party, ...]
    recipients: tuple[Party, ...]
    weak: bool
    rule: str
    foreign: bool = True
    makers: tuple[Party, ...] = ()


class Clauses:
    """Reads what one sentence asserts of its weapons."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        self.governors = Governors(sentence)
        self.roles = Roles(sentence)
        self.stages = Stages(sentence, self.roles)

    def claims(self) -> Iterator[Claim]:
        """Yield what is asserted of each list of weapons."""
        for chunk in self.sentence.weapons:
            for node in self.governors.governors(chunk):
                claim = self._claim(chunk, node)
                if claim is not None:
                    yield claim

    def _claim(self, chunk: Chunk, node: Node) -> Claim | None:
        stage, weak = self.stages.stage(chunk, node)
        if stage is None:
            return None
        suppliers, recipients = self.roles.roles(chunk, node)
        if self._is_only_moved(chunk, node, suppliers) or (not recipients and self._goes_to_nobody(chunk, node)):
            return None
        if stage is Stage.REFUSED and self._is_late(chunk, node):
            stage = Stage.PLEDGED
        if stage is Stage.REQUESTED and self._asks_itself(chunk, node, suppliers):
            stage = Stage.CONSIDERED
        rule = node.cue.id if node.cue else "bare"
        return Claim(chunk, stage, suppliers, recipients, weak, f"{rule}/{node.attached}")

    def _is_late(self, chunk: Chunk, node: Node) -> bool:
        """Whether only the time is denied: "unlikely to arrive this year", "will not get jets until 2027"."""
        if node.cue is None or node.cue.kind != "act":
            return False
        row, after = self.sentence.row, max(chunk.last, node.place) + 1
        dated = any(
            row[place].cue("term") or (row[place].text in TERMS and _is_date(row[place + 1 : place + 3]))
            for place in range(after, min(len(row), after + 10))
        )
        return node.cue.agent == "weapon" or dated

    def _is_only_moved(self, chunk: Chunk, node: Node, suppliers: tuple[Party, ...]) -> bool:
        """Whether its owner keeps it: "sent to Germany for training", "a destroyer arrives in Norway"."""
        if node.cue is None or not node.cue.moves:
            return False
        weapon = self.sentence.row[chunk.first].weapon
        roving = weapon is not None and weapon.category in ROVING
        return (
            roving or self._reaches_nobody(chunk, node, suppliers) or self._is_for_practice(max(chunk.last, node.place))
        )

    def _reaches_nobody(self, chunk: Chunk, node: Node, suppliers: tuple[Party, ...]) -> bool:
        """Whether it only lies or strikes somewhere: "already in the US arsenal", "two missiles landed in Poltava"."""
        if node.cue is None or node.cue.id not in ARRIVALS:
            return False
        party = self.sentence.party_right(node.place)
        if party is None or node.cue.id == "act.reach":
            return party is None
        after = self.sentence.row[party.last + 1]
        own = after.is_word and after.text.isalpha() and after.text not in PREPOSITIONS and not after.cue("boundary")
        counted = any(unit.cue("measure") for unit in self.sentence.row[max(0, chunk.first - 4) : chunk.first])
        counted = counted or self.sentence.reduced(chunk, node) is not None
        sent = bool(suppliers) and self.roles.described(chunk, taken=None) is None
        return own or (flies(self.sentence.row[chunk.first]) and not (counted or sent))

    def _is_for_practice(self, start: int) -> bool:
        """Whether the rest of the phrase names a drill, or training: "to be used in training"."""
        row = self.sentence.row
        for place in range(start + 2, min(len(row), start + 15)):
            unit = row[place]
            if unit.cue("drill") or (unit.text == "training" and row[place - 1].text in {"for", "in", "a"}):
                return True
            if unit.text in HARD or unit.text == ",":
                return False
        return False

    def _goes_to_nobody(self, chunk: Chunk, node: Node) -> bool:
        """Whether no recipient is to be looked for elsewhere: "stopped drones", "demand for tanks is growing"."""
        if node.cue is not None and node.cue.kind == "operator":
            first = self.sentence.row[chunk.first]
            stopped = node.attached == "left" and node.cue.stage in WITHHOLDING and flies(first)
            return stopped or (node.cue.id == "op.demand" and node.forms == {Form.NOUN})
        return self._goes_elsewhere(chunk, node)

    def _goes_elsewhere(self, chunk: Chunk, node: Node) -> bool:
        """Whether the weapon is only moved: "sent jets to the Middle East", "arrived at their base"."""
        after = max(chunk.last, node.place) + 1
        near = self.sentence.row[after : after + 6]
        kept = [unit.text for unit in near[:2]]
        return (kept[:1] in (["in"], ["at"]) and kept[-1] in OWNERS) or any(is_land(unit) for unit in near)

    def _asks_itself(self, chunk: Chunk, node: Node, suppliers: tuple[Party, ...]) -> bool:
        """Whether a government only asks its parliament or an ally for leave: nothing is requested of a supplier."""
        asking = [
            place for place in self.sentence.chain(node) if self.sentence.operator(place).id in ("op.ask", "op.request")
        ]
        if asking and any(unit.cue("leave") for unit in self.sentence.row[asking[0] : node.place]):
            return True
        if not asking or not suppliers or (node.cue is not None and node.cue.agent == "recipient"):
            return False
        asker = self.roles.subject(chunk, Node(asking[0], None, frozenset(), "left", 0))
        if asker is None:
            return False
        return {party.side for party in self.roles.sides(asker)} == {party.side for party in suppliers}
