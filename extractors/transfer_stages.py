"""How far a transfer has come: what tense, operators and negation make of an act."""

from extractors.records import Stage
from extractors.transfer_cues import Cue, Form
from extractors.transfer_roles import Roles
from extractors.transfer_sentence import BE, DENIAL, FINITE, HARD, WITHHOLDING, Node, Sentence
from extractors.transfer_units import Chunk

INCLUDE = frozenset({"include", "includes", "included", "contains", "contained", "comprises"})


JUDGING = frozenset(
    {"be", "mean", "make", "constitute", "amount", "cross", "lead", "risk", "represent", "prolong", "escalate"}
    | {"change", "turn", "draw", "drag", "trigger", "provoke", "undermine", "violate", "require", "only"}
)
"""What follows "would" where an act is judged and not announced."""
WAS = frozenset({"was", "were"})
MODAL = frozenset({"be", "to", "not", "never", "being", "if", "n't"})
THERE = "act.land"
"""Weapons that are there have come, whoever promised them."""
BEGIN = "op.begin"
"""What it governs is under way once it has a tense of its own."""


class Stages:
    """Decides the stage of an act."""

    def __init__(self, sentence: Sentence, roles: Roles) -> None:
        self.sentence = sentence
        self.roles = roles

    def stage(self, chunk: Chunk, node: Node) -> tuple[Stage | None, bool]:
        """Return how far an act has come (None: nothing is asserted), and whether only a noun or a guess says so."""
        if self._asserts_nothing(chunk, node):
            return None, True
        if self.sentence.is_question:
            return Stage.CONSIDERED, True
        told = self._told(chunk, node)
        if told:
            return self._commanded(told, node)
        if node.attached in ("passive", "subject") and chunk.first and self.sentence.row[chunk.first - 1].text == "no":
            return None, True  # "no missiles were sent"
        return self._plain_stage(node)

    def _asserts_nothing(self, chunk: Chunk, node: Node) -> bool:
        """Whether the act is supposed, judged, of another age, or something else is announced than the weapon."""
        if node.cue is not None and node.cue.factive and not self._is_near(chunk, node):
            return True
        return self.sentence.hypothetical(node) or self.sentence.is_past(node.place) or self._is_supposed(node)

    def _told(self, chunk: Chunk, node: Node) -> list[int]:
        """Return the operators that say how far the act has come, outermost first."""
        free = self._is_finite(node) or self._only_describes(chunk, node)
        chain = self.sentence.chain(node) if not free and node.cue is not None else []
        if node.cue is not None and node.cue.kind == "operator":
            chain = [*chain, node.place]
        strong = [place for place in chain if not self.sentence.is_soft(place)]
        nominal = node.forms <= {Form.NOUN} or (node.forms == {Form.GERUND} and not chain)
        if not strong and (node.attached in ("compound", "bare") or nominal):
            strong = self._following(max(node.place, chunk.last))
        return strong or chain

    def _commanded(self, told: list[int], node: Node) -> tuple[Stage | None, bool]:
        """Return the stage that operators give to an act."""
        outer = self.sentence.operator(told[0])
        if outer.for_recipient and node.cue is not None and node.cue.agent == "recipient":
            return outer.for_recipient, False
        done = node.cue.done if node.cue is not None else Stage.PLEDGED
        guessed = any(self.sentence.operator(place).possibility for place in told)
        return self._composed(told, node.place, done), guessed

    def _only_describes(self, chunk: Chunk, node: Node) -> bool:
        """Whether a participle says in passing what came before: "expects the jets ordered last year"."""
        between = self.sentence.row[chunk.last + 1 : node.place]
        return node.attached == "passive" and not any(unit.text in BE or unit.readings for unit in between)

    def _is_near(self, chunk: Chunk, node: Node) -> bool:
        """Whether what is announced is the weapon itself, not something said of it."""
        counted = chunk.first == node.place + 2 and self.sentence.row[node.place + 1].text.isdigit()
        return counted or (chunk.first - node.place <= 5 and self.roles.given(chunk, node) is not None)

    def _composed(self, chain: list[int], node_place: int, done: Stage) -> Stage | None:
        """Return the stage of a chain of operators, outermost first; ``done`` is that of the act itself."""
        outer = chain[0]
        stages = [self._operator_stage(place, node_place) for place in chain]
        if stages[0] is not Stage.REQUESTED and any(self.sentence.operator(place).possibility for place in chain):
            return Stage.CONSIDERED
        if outer == chain[-1] and self._has_begun(outer):
            return done
        if self.sentence.is_soft(outer) and Stage.REFUSED in stages:
            return Stage.REFUSED
        if stages[0] is Stage.PLEDGED and stages[-1] in WITHHOLDING:
            return stages[-1]  # "decided to suspend"
        return stages[0]

    def _has_begun(self, place: int) -> bool:
        """Whether the act is under way: "has started receiving", though not "will start sending"."""
        begun = self.sentence.operator(place).id == BEGIN and not self.sentence.negated(place)
        told = place > 0 and self.sentence.row[place - 1].actor is not None  # "deliveries to Egypt began"
        return begun and (told or not self.sentence.is_commanded(place))

    def _plain_stage(self, node: Node) -> tuple[Stage | None, bool]:
        """Return the stage that tense alone gives."""
        if node.cue is None:
            return (Stage.REFUSED, False) if self.sentence.negated(node.place) else (None, True)
        past = bool(node.forms & {Form.PAST, Form.PARTICIPLE})
        if self.sentence.negated(node.place):
            return (None, True) if past else (Stage.REFUSED, False)
        if past:
            return (Stage.PLEDGED if self._still_to_come(node.place) else node.cue.done), False
        return self._unfinished_stage(node, node.cue)

    def _unfinished_stage(self, node: Node, cue: Cue) -> tuple[Stage, bool]:
        """Return the stage of an act in the present, as a noun, or in the infinitive."""
        if Form.PRESENT in node.forms:
            return (cue.done if self._is_first(node.place) else cue.present), False
        if Form.NOUN in node.forms:
            return (Stage.DELIVERED if self._is_earlier(node) else cue.nominal), not self._includes(node)
        if Form.GERUND in node.forms:
            idea = self._opens_clause(node.place) or self._is_judged(node.place)
            return Stage.CONSIDERED if idea else Stage.PLEDGED, not self._finite_progressive(node.place)
        if not self.sentence.is_commanded(node.place):
            return cue.present, False
        return Stage.PLEDGED, not self._headline_future(node.place)

    def _is_first(self, place: int) -> bool:
        """Whether what somebody gets is there: "gets its first jets", while plain "gets jets" may be a promise."""
        return any(unit.text == "first" for unit in self.sentence.row[place + 1 : place + 3])

    def _is_earlier(self, node: Node) -> bool:
        """Whether these are "previous packages", which have been sent."""
        near = self.sentence.row[max(0, node.place - 3) : node.place + 6]
        return node.cue is not None and node.cue.id == "act.package" and any(unit.cue("earlier") for unit in near)

    def _includes(self, node: Node) -> bool:
        """Whether a verb tells what is in it: "the package includes"."""
        return any(
            unit.text in INCLUDE or unit.cue("earlier") for unit in self.sentence.row[node.place + 1 : node.place + 6]
        )

    def _still_to_come(self, place: int) -> bool:
        """Whether this is "to be sent" or "being sent"."""
        near = [unit.text for unit in self.sentence.row[max(0, place - 3) : place]]
        return "being" in near or ("be" in near and "to" in near)

    def _finite_progressive(self, place: int) -> bool:
        before = self.sentence.row[place - 1] if place else None
        return before is not None and (before.actor is not None or before.text in BE)

    def _opens_clause(self, place: int) -> bool:
        """Whether a gerund is what the clause is about: "Giving jets to Kyiv is a risk"."""
        return place == 0 or self.sentence.row[place - 1].text in HARD

    def _is_judged(self, place: int) -> bool:
        """Whether something is said of the act itself: "said sending jets would be a serious decision"."""
        for unit in self.sentence.row[place + 1 : place + 10]:
            if unit.text in {"would", "could", "might"}:
                return True
            if unit.text in HARD or unit.text in {",", "and"} or unit.cue("boundary") or unit.cue("act"):
                return False
        return False

    def _is_supposed(self, node: Node) -> bool:
        """Whether the act is only judged by what it would be or bring: "any delivery would be a provocation"."""
        row, place = self.sentence.row, node.place
        for at in range(place + 1 if node.forms == {Form.NOUN} else len(row), min(len(row) - 1, place + 12)):
            if row[at].text in {"would", "could", "might"}:
                return row[at + 1].text in JUDGING and not row[at + 2 : at + 3 or None][0].cue("act")
            if row[at].text in HARD or row[at].text == "," or row[at].cue("boundary"):
                return False
        return False

    def _headline_future(self, place: int) -> bool:
        """Whether this is "Germany to send": news in the making, told in the infinitive."""
        return (
            place >= 2 and self.sentence.row[place - 1].text == "to" and self.sentence.row[place - 2].actor is not None
        )

    def _is_finite(self, node: Node) -> bool:
        """Whether the verb has a tense of its own, so that no operator to its left commands it."""
        if node.cue is not None and node.cue.id == THERE:
            return True
        if node.attached == "passive":
            return self._was_done(node)
        if not node.forms & FINITE:
            return False
        near = [unit.text for unit in self.sentence.row[max(0, node.place - 4) : node.place]]
        return not BE.intersection(near)

    def _was_done(self, node: Node) -> bool:
        """Whether a passive has a past tense of its own: "believes that tanks were handed over"."""
        near = [unit.text for unit in self.sentence.row[max(0, node.place - 3) : node.place]]
        return not WAS.isdisjoint(near) and MODAL.isdisjoint(near)

    def _following(self, start: int) -> list[int]:
        """Return the operator that is predicated of the act: "the sale was blocked"."""
        for place in range(start + 1, min(len(self.sentence.row), start + 7)):
            unit = self.sentence.row[place]
            if place <= start + 2 and self._is_participle(place):
                continue
            if self.sentence.is_boundary(place) or unit.weapon or unit.cue("act") or unit.text in {",", "and"}:
                return []
            cue = unit.cue("operator")
            if cue is not None and (cue.id == BEGIN or not (cue.modal or cue.factive)):
                forms = unit.forms(cue)
                phrase = Form.PHRASE in forms and not unit.text.endswith(" to")
                begun = cue.id == BEGIN and Form.PAST in forms
                told = phrase or begun or Form.PARTICIPLE in forms or (forms & {Form.NOUN} and place == start + 1)
                return [place] if told else []
        return []

    def _is_participle(self, place: int) -> bool:
        """Whether this only describes the weapon before it: "jets ordered in 2021"."""
        unit = self.sentence.row[place]
        act = unit.cue("act")
        return act is not None and Form.PARTICIPLE in unit.forms(act)

    def _operator_stage(self, place: int, node_place: int) -> Stage | None:
        cue = self.sentence.operator(place)
        if cue.id == DENIAL and place != node_place:
            return None
        return cue.negated if self.sentence.negated(place) else cue.stage
