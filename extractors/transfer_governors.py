"""Which act, or which operator, governs a weapon."""

from collections.abc import Sequence

from extractors.transfer_cues import Form
from extractors.transfer_sentence import (
    ADJUNCT,
    BE,
    CROSSING,
    DEALS,
    DESCRIBING,
    DETERMINED,
    DIRECT_REACH,
    GIVING,
    INNER,
    PREPOSITIONS,
    PRONOUNS,
    QUOTES,
    REACH,
    RELATIVE,
    VERBAL,
    WITHHOLDING,
    Node,
    Sentence,
)
from extractors.transfer_units import Chunk, Unit

AGENTIVE = frozenset({"by", "to", "than"})
"""What stands before who or what something was done by, in reply to, or more than."""
TOPICAL = frozenset({"about", "over", "on"})
BUILDING = frozenset({"build", "make", "produce", "assemble"})
LINKING = frozenset({"for", "of", "in", "on", "about"})
"""What ties a part to its weapon: "technology for missiles"."""
UNDER_WAY = "act.under-way"
ADDING = frozenset({"along with", "together with", "as well as", "in addition to", "alongside"})
EXAMPLE = frozenset({"including", "such as", "like"})


class Governors:
    """Finds what governs each list of weapons in a sentence."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence

    def governors(self, chunk: Chunk) -> list[Node]:
        if self._is_aside(chunk):
            return []
        right = self.after(chunk)
        if right is not None and right.attached == "compound":
            return [right]
        left = self.before(chunk)
        if left is None or right is None:
            node = left or right or self._bare(chunk)
            return [node] if node else []
        if right.cue is not None and right.cue.id == UNDER_WAY and right.place == chunk.last + 1:
            return [left]  # "sale of tanks bound for Ukraine"
        if (right.cost <= 4 and left.cost <= 8) or right.attached == "relative":
            return [left, right]
        return [min(left, right, key=lambda node: node.cost)]

    def _is_aside(self, chunk: Chunk) -> bool:
        """Whether the weapon is not what moves: "F-16 training", "helicopters armed with Hellfire"."""
        return self._names_another(chunk) or self._belongs_to_another(chunk) or self._is_looked_after(chunk)

    def _is_agent(self, chunk: Chunk) -> bool:
        """Whether it is what something was done by or in reply to: "results achieved by F-35s"."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 4), -1):
            unit = self.sentence.row[place]
            if unit.text in AGENTIVE:
                return not unit.readings
            if unit.actor is None and unit.text not in DETERMINED:
                return False
        return False

    def _names_another(self, chunk: Chunk) -> bool:
        """Whether it only describes what follows: "the F-35 programme", "F-16 training", "a rocket strike"."""
        after = self.sentence.row[chunk.last + 1 : chunk.last + 3]
        if any(unit.cue("block") for unit in after):
            return True
        if any(unit.cue("aside") or unit.cue("strike") for unit in after[:1]):
            return True
        if len(after) == 2 and after[0].text == "'s" and after[1].is_word and not after[1].readings:
            return after[1].text.isalpha() and after[1].text not in PREPOSITIONS
        return len(after) == 2 and after[0].text == "-" and after[1].text.endswith("ing")

    def _belongs_to_another(self, chunk: Chunk) -> bool:
        """Whether it only describes what precedes: "engines used in F-16s", "technology for Chinese missiles"."""
        before = self.sentence.row[max(0, chunk.first - 4) : chunk.first]
        if any(unit.cue("carrier") for unit in before) or self._is_nickname(before):
            return True
        return self._is_part([unit for unit in before if unit.actor is None])

    @staticmethod
    def _is_part(before: Sequence[Unit]) -> bool:
        """Whether what precedes a weapon, parties left out, makes it the purpose or the home of something else."""
        bare = [unit for unit in before if unit.text not in DETERMINED]
        if len(before) < 2 or len(bare) < 2:
            return False
        part = bare[-2].cue("aside") is not None and bare[-1].text in LINKING
        built = bare[-2].text == "to" and bare[-1].text in BUILDING
        head, bond = before[-2:]
        return (
            part
            or built
            or (head.text, bond.text) == ("used", "in")
            or (head.weapon is not None and bond.text == "for")
        )

    @staticmethod
    def _is_nickname(before: Sequence[Unit]) -> bool:
        """Whether something else is called by its name: "its own 'Iron Dome'"."""
        return len(before) > 1 and before[-1].text in QUOTES and before[-2].text in {"a", "an", "own"}

    def _is_looked_after(self, chunk: Chunk) -> bool:
        """Whether the weapon is the object of a verb that only keeps or teaches it: "a deal to repair tanks"."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 4), -1):
            unit = self.sentence.row[place]
            if unit.cue("block"):
                return self.sentence.row[place - 1].text == "to" or unit.text.endswith("ing")
            if unit.readings or unit.text in PREPOSITIONS or not unit.text.isalpha():
                return False
        return False

    def before(self, chunk: Chunk) -> Node | None:
        if self._is_agent(chunk):
            return None
        cost, added, carried = 0, False, False
        for place in range(chunk.first - 1, max(-1, chunk.first - 1 - REACH), -1):
            unit = self.sentence.row[place]
            cost += 1
            if unit.text in TOPICAL and self._is_dealt_with(place):
                continue
            if unit.cue("block") or self._closes(place) or self._is_used(place) or self._is_other_verb(place):
                return None
            counts = self.sentence.row[place + 1].text.isdigit()  # "about 220 guns"
            away = (unit.text in ADJUNCT and not counts) or unit.text in PRONOUNS or self.leads_away(place)
            added = added or unit.text in ADDING
            if away or self.sentence.is_boundary(place) or (unit.weapon and not added):
                cost += CROSSING
            described = self.is_reduced(place) or self._is_closed_by_agent(place)
            carried = carried or unit.text == "with"
            node = None if described else self.sentence.node(place, attached="left", cost=cost)
            if node is not None and node.cue is not None and node.cue.moves and carried:
                return None  # "sent a carrier with jets"
            if node is not None and cost <= self._reach(node):
                return self._over(node) or node
        return None

    def _is_dealt_with(self, place: int) -> bool:
        """Whether this leads to what a deal or talks are about: "is in talks with Paris over jets"."""
        deal = self.sentence.row[place - 1].cue("act") if place else None
        if deal is not None and deal.id in DEALS:
            return True
        party = self.sentence.party_of.get(place - 1)
        cue = self.sentence.row[party.first - 1].cue("operator") if party is not None and party.first else None
        return cue is not None and cue.dative

    def _is_other_verb(self, place: int) -> bool:
        """Whether a verb of no interest takes over here: "has ordered jets and shows Israeli missiles"."""
        unit, after = self.sentence.row[place], self.sentence.row[place + 1]
        verb = unit.is_word and not unit.readings and unit.text.endswith("s") and unit.text.isalpha()
        takes = after.actor is not None or after.weapon is not None or after.text in DETERMINED
        return verb and takes and place > 0 and self.sentence.row[place - 1].text == "and"

    def _is_used(self, place: int) -> bool:
        """Whether the verb at ``place`` is what is done to the weapon: "gave assurance it will not use jets"."""
        unit = self.sentence.row[place]
        if unit.cue("strike") and unit.text.endswith(("ing", "ing down")):
            return True
        stop = unit.cue("operator")
        if stop is not None and stop.stage in WITHHOLDING and self.sentence.is_purpose(place):
            return True
        cue = unit.cue("use")
        if cue is None or (place and self.sentence.row[place - 1].text == "to"):
            return False
        forms = self.sentence.likely(place, frozenset(unit.forms(cue)))
        return bool(forms & {Form.BASE, Form.PRESENT, Form.GERUND}) and Form.NOUN not in forms

    def is_reduced(self, place: int) -> bool:
        """Whether this is a participle that describes the weapon before it: "drones launched overnight"."""
        return (
            place > 0
            and self.sentence.row[place - 1].weapon is not None
            and any(reading.form is Form.PARTICIPLE for reading in self.sentence.row[place].readings)
        )

    def _is_closed_by_agent(self, place: int) -> bool:
        """Whether this describes what stands before it: "a photo provided by the army shows tanks"."""
        after = self.sentence.row[place + 1 : place + 9]
        bound = any(unit.text in {"with", "for"} for unit in after)
        return bool(after) and after[0].text == "by" and not bound

    def _over(self, node: Node) -> Node | None:
        """Return "provided" in "provided Ukraine with military aid, including tanks": the aid itself is no act."""
        if node.cue is None or node.cue.id != "act.package":
            return None
        for place in range(node.place - 1, max(-1, node.place - 10), -1):
            if self.sentence.is_boundary(place) or self.sentence.row[place].weapon:
                return None
            over = self.sentence.node(place, attached="left", cost=node.cost)
            if over is not None and over.cue is not None and over.cue.kind == "act":
                return over if over.forms & VERBAL else None
        return None

    def _closes(self, place: int) -> bool:
        """Whether no act to the left of this can reach over it: "sent envoys after …", "received reports that …"."""
        unit = self.sentence.row[place]
        subordinate = unit.cue("boundary") is not None and unit.text not in RELATIVE
        return (
            subordinate
            or unit.text in {";", "used to"}
            or (unit.text == "that" and place > 0 and self._says(self.sentence.row[place - 1]))
        )

    @staticmethod
    def _says(unit: Unit) -> bool:
        """Whether "that" after this opens what somebody says: "assurance from Zelensky that"; a thing is described."""
        return unit.is_word or (unit.actor is not None and unit.actor.kind in ("person", "organ"))

    def leads_away(self, place: int) -> bool:
        """Whether the weapon belongs to another object ("deployment of …") or another verb ("to counter …")."""
        text, after = self.sentence.row[place].text, self.sentence.row[place + 1]
        if text == "to":
            plain = after.is_word and not after.readings and after.text.isalpha() and after.text not in INNER
            return plain and self.sentence.party_right(place) is None
        if text.endswith("ing") and not self.sentence.row[place].readings and text not in DESCRIBING:
            return True
        if text != "of" or place == 0:
            return False
        head = self.sentence.row[place - 1]
        return head.cue("aside") is not None or not (head.readings or head.weapon or head.text.isdigit())

    @staticmethod
    def _reach(node: Node) -> int:
        """How far to the right ``node`` may look for its weapon."""
        assert node.cue is not None
        if node.cue.agent == "weapon":
            return 5 if Form.NOUN in node.forms else 0
        if node.cue.kind == "operator" or node.cue.id in DEALS:
            return DIRECT_REACH
        return REACH

    def after(self, chunk: Chunk) -> Node | None:
        subject = relative = False
        for place in range(chunk.last + 1, min(len(self.sentence.row), chunk.last + 12)):
            unit, gap = self.sentence.row[place], place - chunk.last
            if unit.text == "," and gap == 1 and (self._is_example(chunk) or self._is_told_of(place + 1)):
                continue
            if unit.weapon or (unit.text == "," and not self.sentence.relative_at(place + 1)) or unit.cue("block"):
                return None
            if unit.text in RELATIVE:
                relative = True
            elif self.sentence.is_boundary(place):
                return None
            elif unit.text in PRONOUNS and gap <= 3 and self._acts_at(place + 1):
                subject = True  # "the jets it bought"
            elif unit.actor is not None:
                subject = subject or relative or self._follows_closely(chunk, place)
            else:
                node = self.sentence.node(place, attached="right", cost=gap + 2)
                if node is not None:
                    return self._arrival(place) or self._attached_after(node, gap=gap, subject=subject)
        return None

    def _acts_at(self, place: int) -> bool:
        return place < len(self.sentence.row) and bool(self.sentence.row[place].cue("act"))

    def _is_told_of(self, place: int) -> bool:
        """Whether a participle tells more of the weapon before the comma: "drones, delivered last year, were"."""
        row = self.sentence.row
        act = row[place].cue("act") if place + 1 < len(row) else None
        return act is not None and Form.PARTICIPLE in row[place].forms(act) and row[place + 1].weapon is None

    def _is_example(self, chunk: Chunk) -> bool:
        """Whether this is Iskander in "missiles, including Iskander systems, were sent"."""
        return chunk.first > 0 and self.sentence.row[chunk.first - 1].text in EXAMPLE

    def _arrival(self, place: int) -> Node | None:
        """Return "arrived" in "the tanks promised by Washington have arrived"."""
        for after in range(place + 1, min(len(self.sentence.row), place + 8)):
            if self.sentence.is_boundary(after) or self.sentence.row[after].text == ",":
                return None
            node = self.sentence.node(after, attached="subject", cost=2)
            if node is not None:
                told = (
                    node.cue is not None and node.cue.agent == "weapon" and not node.forms <= {Form.NOUN, Form.GERUND}
                )
                return node if told else None
        return None

    def _follows_closely(self, chunk: Chunk, place: int) -> bool:
        """Whether only the weapon's head noun stands before the actor: "Leopard battle tanks Poland promised"."""
        between = self.sentence.row[chunk.last + 1 : place]
        return (
            len(between) <= 2
            and all(unit.text.isalpha() and not unit.readings for unit in between)
            and not any(unit.text in PREPOSITIONS for unit in between)
        )

    def _attached_after(self, node: Node, *, gap: int, subject: bool) -> Node | None:
        """Return ``node`` if it governs the weapon it follows: compound noun, passive, relative clause or arrival."""
        if Form.NOUN in node.forms:
            bare = gap == 1 or (gap == 2 and self.sentence.row[node.place - 1].text not in PREPOSITIONS)
            return Node(node.place, node.cue, node.forms, "compound", 0) if bare else None
        if subject:
            return Node(node.place, node.cue, node.forms, "relative", node.cost)
        if node.cue is not None and node.cue.agent == "weapon":
            if node.forms <= {Form.GERUND} or any(
                self.sentence.operator(at).possibility for at in self.sentence.chain(node)
            ):
                return None
            return Node(node.place, node.cue, node.forms, "subject", gap)
        if node.forms & {Form.PARTICIPLE}:
            return Node(node.place, node.cue, node.forms, "passive", node.cost)
        return None

    def _bare(self, chunk: Chunk) -> Node | None:
        for place in range(chunk.last + 1, min(len(self.sentence.row), chunk.last + 6)):
            if self.sentence.row[place].text in GIVING and self.sentence.party_right(place) is not None:
                return Node(chunk.first, None, frozenset(), "bare", 12)
            if self._is_predicate(place):
                return Node(chunk.first, None, frozenset(), "bare", 12)
            if not self.sentence.row[place].is_word or self.sentence.is_boundary(place):
                return None
        return None

    def _is_predicate(self, place: int) -> bool:
        """Whether a whole phrase says how far the weapon before it has come: "Taurus is off the table"."""
        cue = self.sentence.row[place].cue("operator")
        phrase = cue is not None and Form.PHRASE in self.sentence.row[place].forms(cue) and not cue.modal
        near = self.sentence.row[max(0, place - 3) : place]
        return phrase and " " in self.sentence.row[place].text and any(unit.text in BE for unit in near)
