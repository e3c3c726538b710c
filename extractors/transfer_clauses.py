"""What one sentence asserts about arms transfers: which act governs a weapon, how far it has come, and between whom.

A small grammar over units (``extractors.transfer_units``) instead of a statistical parse: headlines, which carry most
of this news, are where parsers fail first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from extractors.records import Stage
from extractors.transfer_governors import Governors
from extractors.transfer_roles import Roles
from extractors.transfer_sentence import Node, Sentence, is_land
from extractors.transfer_stages import Stages
from extractors.transfer_units import Chunk, Party


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
        if not recipients and self._goes_elsewhere(chunk, node):
            return None
        if stage is Stage.REFUSED and node.cue is not None and node.cue.agent == "weapon":
            stage = Stage.PLEDGED  # "unlikely to arrive this year" is late, not refused
        if stage is Stage.REQUESTED and self._asks_itself(chunk, node, suppliers):
            stage = Stage.CONSIDERED
        rule = node.cue.id if node.cue else "bare"
        return Claim(chunk, stage, suppliers, recipients, weak, f"{rule}/{node.attached}")

    def _goes_elsewhere(self, chunk: Chunk, node: Node) -> bool:
        """Whether the weapon is only moved: "sent its jets to the Middle East"."""
        after = max(chunk.last, node.place) + 1
        return any(is_land(unit) for unit in self.sentence.row[after : after + 6])

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
