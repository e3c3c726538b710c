"""What one sentence asserts about arms transfers: which act governs a weapon, how far it has come, and between whom.

A small grammar over units (``extractors.transfer_units``) instead of a statistical parse: headlines, which carry most
of this news, are where parsers fail first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from extractors.records import Stage
from extractors.transfer_cues import Cue, Form
from extractors.transfer_units import Chunk, Party, Unit, chunks

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
PRONOUNS = frozenset({"he", "she", "they", "it", "we", "i", "you"})
DESCRIBING = frozenset(
    {"including", "fighting", "existing", "remaining", "ageing", "aging", "clearing", "during", "missing"}
)
ADJUNCT = frozenset({"on", "in", "at", "against", "near", "over", "inside", "about", "into"})
NAMES_AS_ADJECTIVES = frozenset({"us", "u.s.", "uk", "u.k.", "eu", "nato"})
FINITE = frozenset({Form.PAST, Form.PRESENT})
VERBAL = frozenset({Form.BASE, Form.PRESENT, Form.GERUND, Form.PAST, Form.PARTICIPLE})

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


@dataclass(frozen=True, slots=True)
class Claim:
    """One act on one list of weapons; ``weak`` where no finite verb or operator asserts it."""

    weapons: Chunk
    stage: Stage
    suppliers: tuple[Party, ...]
    recipients: tuple[Party, ...]
    weak: bool
    rule: str


class Clauses:
    """Reads one sentence, given as units."""

    def __init__(self, row: Sequence[Unit]) -> None:
        self.row = row
        self.weapons = chunks(row, weapons=True)
        self.parties = [chunk for chunk in chunks(row, weapons=False) if self._can_act(chunk)]
        self._marked_parties = {chunk.last: chunk for chunk in self.parties if self._is_marked_off(chunk)}
        self._party_of = {
            place: chunk
            for chunk in self.parties
            if chunk.last not in self._marked_parties
            for place in range(chunk.first, chunk.last + 1)
        }

    def _can_act(self, chunk: Chunk) -> bool:
        """Whether the chunk names who acts: not a stretch of land, nor Ukraine in "Ukraine's allies"."""
        after = self.row[chunk.last + 1 : chunk.last + 3]
        friends = any(unit.cue("others") for unit in after[:1]) or (
            len(after) == 2 and after[0].text == "'s" and after[1].cue("others") is not None
        )
        first = self.row[chunk.first].actor
        alliance = first is not None and first.kind == "alliance"
        return (alliance or not friends) and not _is_land(self.row[chunk.first])

    def _is_marked_off(self, chunk: Chunk) -> bool:
        """Whether this is only the first half of "US-supplied" or "German-made"."""
        after = self.row[chunk.last + 1 : chunk.last + 3]
        return len(after) == 2 and after[0].text == "-" and bool(after[1].cue("act") or after[1].cue("maker"))

    def claims(self) -> Iterator[Claim]:
        """Yield what is asserted of each list of weapons."""
        for chunk in self.weapons:
            for node in self._governors(chunk):
                claim = self._claim(chunk, node)
                if claim is not None:
                    yield claim

    def _claim(self, chunk: Chunk, node: Node) -> Claim | None:
        stage, weak = self._stage(chunk, node)
        if stage is None:
            return None
        suppliers, recipients = self._roles(chunk, node)
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
        return any(_is_land(unit) for unit in self.row[after : after + 6])

    def _asks_itself(self, chunk: Chunk, node: Node, suppliers: tuple[Party, ...]) -> bool:
        """Whether a government only asks its own parliament, so that nothing is requested of another state."""
        asking = [place for place in self._chain(node) if self._operator(place).id in ("op.ask", "op.request")]
        if not asking or not suppliers:
            return False
        asker = self._subject(chunk, Node(asking[0], None, frozenset(), "left", 0))
        if asker is None or any(unit.cue("leave") for unit in self.row[asker.last : node.place]):
            return False
        return {party.side for party in self._sides(asker)} == {party.side for party in suppliers}

    # What governs the weapon

    def _governors(self, chunk: Chunk) -> list[Node]:
        if self._is_aside(chunk):
            return []
        right = self._after(chunk)
        if right is not None and right.attached == "compound":
            return [right]
        left = self._before(chunk)
        if left is None or right is None:
            node = left or right or self._bare(chunk)
            return [node] if node else []
        if right.cost <= 4 and left.cost <= 8:
            return [left, right]
        return [min(left, right, key=lambda node: node.cost)]

    def _is_aside(self, chunk: Chunk) -> bool:
        """Whether this is "F-16 training" or "helicopters armed with Hellfire"."""
        after, before = self.row[chunk.last + 1 : chunk.last + 3], self.row[max(0, chunk.first - 3) : chunk.first]
        if any(unit.cue("block") for unit in after) or any(unit.cue("carrier") for unit in before):
            return True
        if len(after) == 2 and after[0].text == "-" and after[1].text.endswith("ing"):
            return True
        return len(before) > 1 and before[-1].text == "for" and before[-2].weapon is not None

    def _before(self, chunk: Chunk) -> Node | None:
        cost = 0
        for place in range(chunk.first - 1, max(-1, chunk.first - 1 - REACH), -1):
            unit = self.row[place]
            cost += 1
            if unit.cue("block") or self._closes(place):
                return None
            away = unit.text in ADJUNCT or unit.text in PRONOUNS or self._leads_away(place)
            if away or self._is_boundary(place) or unit.weapon:
                cost += CROSSING
            node = None if self._is_reduced(place) else self._node(place, attached="left", cost=cost)
            if node is not None and cost <= self._reach(node):
                return self._over(node) or node
        return None

    def _is_reduced(self, place: int) -> bool:
        """Whether this is a participle that describes the weapon before it: "drones launched overnight"."""
        return (
            place > 0
            and self.row[place - 1].weapon is not None
            and any(reading.form is Form.PARTICIPLE for reading in self.row[place].readings)
        )

    def _over(self, node: Node) -> Node | None:
        """Return "provided" in "provided Ukraine with military aid, including tanks": the aid itself is no act."""
        if node.cue is None or node.cue.id != "act.package":
            return None
        for place in range(node.place - 1, max(-1, node.place - 10), -1):
            if self._is_boundary(place) or self.row[place].weapon:
                return None
            over = self._node(place, attached="left", cost=node.cost)
            if over is not None and over.cue is not None and over.cue.kind == "act":
                return over if over.forms & VERBAL else None
        return None

    def _closes(self, place: int) -> bool:
        """Whether no act to the left of this can reach over it: "sent envoys after …", "received reports that …"."""
        unit = self.row[place]
        subordinate = unit.cue("boundary") is not None and unit.text not in RELATIVE
        return subordinate or unit.text == ";" or (unit.text == "that" and place > 0 and self.row[place - 1].is_word)

    def _leads_away(self, place: int) -> bool:
        """Whether the weapon belongs to another object ("deployment of …") or another verb ("to counter …")."""
        text, after = self.row[place].text, self.row[place + 1]
        if text == "to":
            plain = after.is_word and not after.readings and after.text.isalpha() and after.text not in INNER
            return plain and self._party_right(place) is None
        if text.endswith("ing") and not self.row[place].readings and text not in DESCRIBING:
            return True
        if text != "of" or place == 0:
            return False
        head = self.row[place - 1]
        return not (head.readings or head.weapon or head.text.isdigit())

    @staticmethod
    def _reach(node: Node) -> int:
        """How far to the right ``node`` may look for its weapon."""
        assert node.cue is not None
        if node.cue.agent == "weapon":
            return 3 if Form.NOUN in node.forms else 0
        if node.cue.kind == "operator" or node.cue.id in ("act.deal", "act.contract"):
            return DIRECT_REACH
        return REACH

    def _after(self, chunk: Chunk) -> Node | None:
        subject = relative = False
        for place in range(chunk.last + 1, min(len(self.row), chunk.last + 12)):
            unit, gap = self.row[place], place - chunk.last
            if unit.weapon or (unit.text == "," and not self._relative_at(place + 1)) or unit.cue("block"):
                return None
            if unit.text in RELATIVE:
                relative = True
            elif self._is_boundary(place):
                return None
            elif unit.actor is not None:
                subject = subject or relative or self._follows_closely(chunk, place)
            else:
                node = self._node(place, attached="right", cost=gap + 2)
                if node is not None:
                    return self._arrival(place) or self._attached_after(node, gap=gap, subject=subject)
        return None

    def _arrival(self, place: int) -> Node | None:
        """Return "arrived" in "the tanks promised by Washington have arrived"."""
        for after in range(place + 1, min(len(self.row), place + 8)):
            if self._is_boundary(after) or self.row[after].text == ",":
                return None
            node = self._node(after, attached="subject", cost=2)
            if node is not None:
                told = (
                    node.cue is not None and node.cue.agent == "weapon" and not node.forms <= {Form.NOUN, Form.GERUND}
                )
                return node if told else None
        return None

    def _follows_closely(self, chunk: Chunk, place: int) -> bool:
        """Whether only the weapon's head noun stands before the actor: "Leopard battle tanks Poland promised"."""
        between = self.row[chunk.last + 1 : place]
        return (
            len(between) <= 2
            and all(unit.text.isalpha() and not unit.readings for unit in between)
            and not any(unit.text in PREPOSITIONS for unit in between)
        )

    def _attached_after(self, node: Node, *, gap: int, subject: bool) -> Node | None:
        """Return ``node`` if it governs the weapon it follows: compound noun, passive, relative clause or arrival."""
        if Form.NOUN in node.forms:
            bare = gap == 1 or (gap == 2 and self.row[node.place - 1].text not in PREPOSITIONS)
            return Node(node.place, node.cue, node.forms, "compound", 0) if bare else None
        if subject:
            return Node(node.place, node.cue, node.forms, "relative", node.cost)
        if node.cue is not None and node.cue.agent == "weapon":
            if node.forms <= {Form.GERUND} or any(self._operator(at).possibility for at in self._chain(node)):
                return None
            return Node(node.place, node.cue, node.forms, "subject", gap)
        if node.forms & {Form.PARTICIPLE}:
            return Node(node.place, node.cue, node.forms, "passive", node.cost)
        return None

    def _bare(self, chunk: Chunk) -> Node | None:
        for place in range(chunk.last + 1, min(len(self.row), chunk.last + 6)):
            if self.row[place].text in GIVING and self._party_right(place) is not None:
                return Node(chunk.first, None, frozenset(), "bare", 12)
            if not self.row[place].is_word or self._is_boundary(place):
                return None
        return None

    def _node(self, place: int, *, attached: str, cost: int) -> Node | None:
        """Return the unit at ``place`` as a governor, or None: marks like "US-supplied" do not govern."""
        unit = self.row[place]
        if not unit.readings or unit.cue("filler") or self._is_mark(place):
            return None
        cue = unit.cue("act") or next((r.cue for r in unit.readings if r.cue.kind == "operator" and r.cue.direct), None)
        if cue is None:
            return None
        forms = self._likely(place, frozenset(unit.forms(cue)))
        if attached == "left" and cue.kind == "operator" and forms & {Form.PARTICIPLE} and self._after_be(place):
            return None
        if cue.dative and not self._arms_somebody(place):
            return None
        return Node(place, cue, forms, attached, cost) if forms else None

    def _after_be(self, place: int) -> bool:
        return any(unit.text in BE for unit in self.row[max(0, place - 3) : place])

    def _arms_somebody(self, place: int) -> bool:
        party = self._party_right(place)
        return party is not None and not any(unit.weapon for unit in self.row[party.last + 1 : party.last + 2])

    def _likely(self, place: int, forms: frozenset[Form]) -> frozenset[Form]:
        """Tell a noun from a verb where one word may be either."""
        if forms == {Form.BASE} and place and self.row[place - 1].text in DETERMINED:
            return frozenset()
        if Form.NOUN not in forms or not forms & VERBAL:
            return forms
        before = self.row[place - 1] if place else None
        after = self.row[place + 1] if place + 1 < len(self.row) else None
        if after is not None and (after.actor is not None or after.text in DETERMINED):
            verbal = before is not None and (
                before.weapon is not None or before.actor is not None or before.text in AUXILIARY
            )
        elif Form.BASE in forms:
            verbal = before is not None and (before.text in AUXILIARY or before.cue("operator") is not None)
        else:
            verbal = before is not None and before.actor is not None and (after is None or after.text != "of")
        return forms & VERBAL if verbal else frozenset({Form.NOUN})

    def _is_mark(self, place: int) -> bool:
        """Whether this is the second half of an adjective such as "US-supplied"."""
        return place >= 2 and self.row[place - 1].text == "-" and self.row[place - 1].end == self.row[place].start

    # How far it has come

    def _stage(self, chunk: Chunk, node: Node) -> tuple[Stage | None, bool]:
        chain = self._chain(node) if not self._is_finite(node) and node.cue is not None else []
        hypothetical = self._hypothetical(node)
        if node.cue is not None and node.cue.kind == "operator":
            chain = [*chain, node.place]
        strong = [place for place in chain if not self._is_soft(place)]
        if node.cue is not None and node.cue.factive and not self._is_near(chunk, node):
            return None, True
        nominal = node.forms <= {Form.NOUN} or (node.forms == {Form.GERUND} and not chain)
        if not strong and (node.attached in ("compound", "bare") or nominal):
            strong = self._following(max(node.place, chunk.last))
        if hypothetical:
            return None, True
        if strong or chain:
            told = strong or chain
            outer = self._operator(told[0])
            if outer.for_recipient and node.cue is not None and node.cue.agent == "recipient":
                return outer.for_recipient, False
            return self._composed(told), any(self._operator(place).possibility for place in told)
        return self._plain_stage(node)

    def _is_near(self, chunk: Chunk, node: Node) -> bool:
        """Whether what is announced is the weapon itself, not something said of it."""
        return chunk.first - node.place <= 5 and self._given(chunk, node) is not None

    def _composed(self, chain: list[int]) -> Stage | None:
        """Return the stage of a chain of operators, outermost first."""
        outer = chain[0]
        stages = [self._operator_stage(place) for place in chain]
        if stages[0] is not Stage.REQUESTED and any(self._operator(place).possibility for place in chain):
            return Stage.CONSIDERED
        if self._is_soft(outer) and Stage.REFUSED in stages:
            return Stage.REFUSED
        return stages[0]

    def _plain_stage(self, node: Node) -> tuple[Stage | None, bool]:
        """Return the stage that tense alone gives."""
        if node.cue is None:
            return (Stage.REFUSED, False) if self._negated(node.place) else (None, True)
        if self._negated(node.place):
            return (None, True) if node.forms & {Form.PAST, Form.PARTICIPLE} else (Stage.REFUSED, False)
        if node.forms & {Form.PAST, Form.PARTICIPLE}:
            return (Stage.PLEDGED if self._still_to_come(node.place) else node.cue.done), False
        if Form.PRESENT in node.forms:
            return node.cue.present, False
        if Form.NOUN in node.forms:
            return node.cue.nominal, True
        if Form.GERUND in node.forms:
            return Stage.PLEDGED, not self._finite_progressive(node.place)
        if not self._is_commanded(node.place):
            return node.cue.present, False
        return Stage.PLEDGED, not self._headline_future(node.place)

    def _still_to_come(self, place: int) -> bool:
        """Whether this is "to be sent" or "being sent"."""
        near = [unit.text for unit in self.row[max(0, place - 3) : place]]
        return "being" in near or ("be" in near and "to" in near)

    def _is_commanded(self, place: int) -> bool:
        """Whether an infinitive or an auxiliary precedes, so that the plain form is no plural present tense."""
        near = self.row[max(0, place - 2) : place]
        return any(unit.text in AUXILIARY or unit.cue("operator") for unit in near)

    def _finite_progressive(self, place: int) -> bool:
        before = self.row[place - 1] if place else None
        return before is not None and (before.actor is not None or before.text in BE)

    def _headline_future(self, place: int) -> bool:
        """Whether this is "Germany to send": news in the making, told in the infinitive."""
        return place >= 2 and self.row[place - 1].text == "to" and self.row[place - 2].actor is not None

    def _is_finite(self, node: Node) -> bool:
        """Whether the verb has a tense of its own, so that no operator to its left commands it."""
        if not node.forms & FINITE or node.attached in ("passive",):
            return False
        near = [unit.text for unit in self.row[max(0, node.place - 4) : node.place]]
        return not BE.intersection(near)

    def _chain(self, node: Node) -> list[int]:
        """Return the operators that command ``node``, outermost first."""
        found: list[int] = []
        last = node.place
        for place in range(node.place - 1, -1, -1):
            if last - place > CHAIN or self._is_boundary(place):
                break
            if self.row[place].cue("operator") is not None and not self.row[place].cue("filler"):
                found.append(place)
                last = place
        return found[::-1]

    def _following(self, start: int) -> list[int]:
        """Return the operator that is predicated of the act: "the sale was blocked"."""
        for place in range(start + 1, min(len(self.row), start + 7)):
            unit = self.row[place]
            if self._is_boundary(place) or unit.weapon or unit.cue("act") or unit.text == ",":
                return []
            cue = unit.cue("operator")
            if cue is not None and not cue.modal and not cue.factive:
                forms = unit.forms(cue)
                phrase = Form.PHRASE in forms and not unit.text.endswith(" to")
                told = phrase or Form.PARTICIPLE in forms or (forms & {Form.NOUN} and place == start + 1)
                return [place] if told else []
        return []

    def _operator(self, place: int) -> Cue:
        cue = self.row[place].cue("operator")
        assert cue is not None
        return cue

    def _is_soft(self, place: int) -> bool:
        cue = self._operator(place)
        return cue.modal or cue.factive

    def _operator_stage(self, place: int) -> Stage | None:
        cue = self._operator(place)
        return cue.negated if self._negated(place) else cue.stage

    def _negated(self, place: int) -> bool:
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

    def _hypothetical(self, node: Node) -> bool:
        for place in range(node.place - 1, max(-1, node.place - 13), -1):
            if self.row[place].cue("hypothesis"):
                return True
            if self._is_boundary(place):
                return False
        return False

    # Between whom

    def _roles(self, chunk: Chunk, node: Node) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
        recipients = self._recipients(chunk, node)
        suppliers = self._marked(chunk) or self._suppliers(chunk, node, taken=recipients)
        if suppliers is None or suppliers == recipients:
            suppliers = self._described(chunk, taken=recipients)
        return self._sides(suppliers), self._sides(recipients)

    def _marked(self, chunk: Chunk) -> Chunk | None:
        """Return the United States in "US-supplied missiles"."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 6), -1):
            if self._is_mark(place) and self.row[place].cue("act") is not None:
                return self._marked_parties.get(place - 2)
            if not self.row[place].is_word:
                return None
        return None

    def _described(self, chunk: Chunk, *, taken: Chunk | None) -> Chunk | None:
        """Return Germany in "German Leopard tanks", though not in "German-made Leopard tanks"."""
        for place in range(chunk.first - 1, max(-1, chunk.first - 4), -1):
            unit = self.row[place]
            if unit.actor is not None:
                party = self._party_of.get(place)
                return None if party == taken else party
            if unit.readings or unit.text in PREPOSITIONS or not unit.text.isalpha():
                return None
        return None

    def _sides(self, chunk: Chunk | None) -> tuple[Party, ...]:
        if chunk is None:
            return ()
        return tuple(actor for place in chunk.members if (actor := self.row[place].actor) is not None)

    def _recipients(self, chunk: Chunk, node: Node) -> Chunk | None:
        given = self._given(chunk, node)
        if given is not None or node.cue is None:
            return given
        part = node.cue.agent or node.cue.direct
        if node.cue.id == "act.package":
            return self._packed_for(node)
        if part == "recipient":
            return self._by(chunk, node) if node.attached == "passive" else self._subject(chunk, node)
        return None

    def _packed_for(self, node: Node) -> Chunk | None:
        """Return Ukraine in "the US announces a Ukraine aid package"."""
        named = self._described(Chunk(node.place, node.place, ()), taken=None)
        return named if named is not None and self._subject(named, node, taken=named) is not None else None

    def _given(self, chunk: Chunk, node: Node) -> Chunk | None:
        """Return who gets the weapon by preposition or as indirect object."""
        weapon_arrives = node.cue is not None and node.cue.agent == "weapon"
        after = max(chunk.last, node.place)
        dative = self._dative(chunk, node)
        if dative is not None:
            return dative
        words = PLACING if weapon_arrives else GIVING
        return self._prepositional(after, words) or self._between(chunk, node, words) or self._benefit(after)

    def _dative(self, chunk: Chunk, node: Node) -> Chunk | None:
        """Return Ukraine in "send Ukraine tanks" and "reach Ukraine"."""
        if node.cue is None or not node.forms & VERBAL or node.cue.agent == "recipient":
            return None
        if node.cue.kind == "operator" and node.cue.direct == "recipient":
            return None
        party = self._party_right(node.place)
        if party is None or self._possessive(party) or self._adjectival(party, chunk):
            return None
        return party

    def _adjectival(self, party: Chunk, chunk: Chunk) -> bool:
        """Whether ``party`` only describes the weapon ("US Patriots")."""
        if party.last >= chunk.first:
            return False
        between = self.row[party.last + 1 : chunk.first]
        return not between and _is_adjective(self.row[party.last])

    def _prepositional(self, start: int, words: frozenset[str], *, reach: int = 15) -> Chunk | None:
        for place in range(start + 1, min(len(self.row), start + reach)):
            unit = self.row[place]
            if unit.text in words:
                party = self._party_right(place)
                if party is not None:
                    return party
            if unit.text in HARD or unit.cue("boundary") or (unit.cue("act") and unit.text != unit.text.upper()):
                return None
        return None

    def _between(self, chunk: Chunk, node: Node, words: frozenset[str]) -> Chunk | None:
        """Return Ukraine in "supply to Ukraine of ATACMS" and "a package for Ukraine with HIMARS"."""
        if node.attached != "left":
            return None
        for place in range(node.place + 1, chunk.first):
            if self.row[place].text in words:
                party = self._party_right(place)
                return None if party is not None and party.last + 1 == chunk.first else party
        return None

    def _benefit(self, start: int) -> Chunk | None:
        for place in range(start + 1, min(len(self.row), start + 8)):
            if self._is_boundary(place):
                return None
            if self.row[place].cue("benefit"):
                return self._party_right(place)
        return None

    def _by(self, chunk: Chunk, node: Node) -> Chunk | None:
        return self._prepositional(max(chunk.last, node.place), frozenset({"by"}))

    def _suppliers(self, chunk: Chunk, node: Node, *, taken: Chunk | None) -> Chunk | None:
        named = self._prepositional(max(chunk.last, node.place), TAKING) or self._between(chunk, node, TAKING)
        if named is not None and named != taken:
            return named
        if node.cue is None:
            return None
        part = node.cue.agent or node.cue.direct
        if part == "recipient":
            return self._asked(chunk, node, taken) or self._passing_on(chunk, node, taken)
        if Form.NOUN in node.forms and not self._chain(node):
            return self._described(Chunk(node.place, node.place, ()), taken=taken) or self._possessor(
                node, chunk, taken
            )
        if part == "weapon":
            return self._prepositional(chunk.last, TAKING)
        if node.attached == "passive" and not self._chain(node):
            return None
        for place in reversed(self._chain(node)):
            addressed = self._object(place, node.place) if self._operator(place).control == "object" else None
            if addressed is not None and addressed != taken and not self._asked_leave_of(addressed, node):
                return addressed
        return self._subject(chunk, node, taken=taken)

    def _possessor(self, node: Node, chunk: Chunk, taken: Chunk | None) -> Chunk | None:
        """Return Germany in "Germany's long-delayed delivery" and "Biden's F-16 sale"."""
        first = min(node.place, chunk.first)
        for place in range(first - 1, max(-1, first - 5), -1):
            party = self._party_of.get(place)
            if party is not None:
                return party if party != taken and (self._possessive(party) or place == first - 1) else None
            if self.row[place].text in PREPOSITIONS:
                return None
        return None

    def _passing_on(self, chunk: Chunk, node: Node, taken: Chunk | None) -> Chunk | None:
        """Return Berlin in "Berlin buys tanks for Kyiv" and in "Berlin gets the tanks to Kyiv"."""
        if taken is None or node.cue is None or node.cue.kind != "act" or node.attached != "left":
            return None
        subject = self._subject(chunk, node)
        return subject if subject != taken and taken == self._given(chunk, node) else None

    def _asked(self, chunk: Chunk, node: Node, taken: Chunk | None) -> Chunk | None:
        """Return Berlin in "asks Berlin for tanks" and in "Berlin rejects the request for tanks"."""
        if node.cue is None or node.cue.kind != "operator":
            return None
        asked = self._object(node.place, chunk.first) if node.cue.control == "object" else None
        if asked is not None and asked != taken and not self._adjectival(asked, chunk):
            return asked
        outer = [place for place in self._chain(node) if not self._is_soft(place)]
        return self._subject(chunk, Node(outer[0], None, frozenset(), "left", 0), taken=taken) if outer else None

    def _object(self, place: int, end: int) -> Chunk | None:
        """Return whom an operator addresses: "asks Berlin", "appeals to Berlin", "pressure on Berlin"."""
        for at in range(place, min(place + 2, len(self.row))):
            party = self._party_right(at) if at == place or self.row[at].text in PREPOSITIONS else None
            if party is not None and party.last < end and not self._possessive(party):
                return party
        return None

    def _subject(self, chunk: Chunk, node: Node, *, taken: Chunk | None = None) -> Chunk | None:
        """Return the nearest party to the left that no preposition binds."""
        start = chunk.last + 1 if node.attached == "relative" else -1
        for place in range(node.place - 1, max(-1, node.place - 22), -1):
            unit = self.row[place]
            if place < start:
                return None
            if unit.actor is not None:
                if place not in self._party_of:
                    continue
                party = self._party_of[place]
                if self._joined_by(party, node):
                    return self._joint(party)
                free = party != taken and not self._bound(party) and place == party.last
                if free and not self._asked_leave_of(party, node):
                    return party
            elif unit.text in RELATIVE and self._antecedent(place):
                return self._antecedent(place)
            elif self._is_boundary(place) and unit.text not in RELATIVE:
                return None
        return None

    def _joined_by(self, party: Chunk, node: Node) -> bool:
        """Whether somebody joins ``party`` in the act: "joins Berlin in sending"."""
        link = party.last + 1 < node.place and self.row[party.last + 1].text == "in"
        return link and party.first > 0 and self.row[party.first - 1].cue("join") is not None

    def _joint(self, party: Chunk) -> Chunk:
        before = self._subject(party, Node(party.first - 1, None, frozenset(), "left", 0))
        return party if before is None else Chunk(before.first, party.last, (*before.members, *party.members))

    def _asked_leave_of(self, party: Chunk, node: Node) -> bool:
        """Whether ``party`` is asked for permission, so that somebody else is to act."""
        return any(unit.cue("leave") for unit in self.row[party.last + 1 : node.place])

    def _antecedent(self, place: int) -> Chunk | None:
        before = place - 1
        if before >= 0 and self.row[before].text == ",":
            before -= 1
        return self._party_of.get(before)

    def _bound(self, party: Chunk) -> bool:
        """Whether a preposition makes ``party`` something else than a subject: in "at Berlin's decision" it does not."""
        if self._possessive(party) and any(unit.cue("operator") for unit in self.row[party.last + 2 : party.last + 5]):
            return False
        for place in range(party.first - 1, max(-1, party.first - 4), -1):
            text = self.row[place].text
            if text in PREPOSITIONS or (text.endswith("ing") and not self.row[place].readings):
                return True
            if text not in INNER:
                return False
        return False

    def _party_right(self, place: int) -> Chunk | None:
        """Return the party that follows, after articles and the like."""
        for after in range(place + 1, min(len(self.row), place + 5)):
            if after in self._party_of:
                return self._party_of[after]
            if self.row[after].text not in INNER:
                return None
        return None

    def _possessive(self, party: Chunk) -> bool:
        after = party.last + 1
        return after < len(self.row) and self.row[after].text == "'s"

    # Where clauses end

    def _relative_at(self, place: int) -> bool:
        return place < len(self.row) and self.row[place].text in RELATIVE

    def _is_boundary(self, place: int) -> bool:
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
        after = self._party_of.get(place + 1)
        if after is None or place - 1 in self._party_of:
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


def _is_land(unit: Unit) -> bool:
    """Whether this is a stretch of land, which sends and gets nothing: "to the Middle East"."""
    return unit.actor is not None and unit.actor.kind == "region" and unit.actor.side is None


def _is_adjective(unit: Unit) -> bool:
    return unit.actor is not None and (unit.actor.form == "demonym" or unit.text in NAMES_AS_ADJECTIVES)
