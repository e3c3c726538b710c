"""Examples told of other states and other weapons, so that the reader learns from the words and not from the names.

Ukraine receives arms so often that a reader may take it for the recipient whatever a sentence says. Here every state
of an example gives way to another one, in each of its forms, and every weapon to another one; what is annotated moves
along (after D. Kaushik, E. Hovy and Z. Lipton, *Learning the Difference that Makes a Difference with
Counterfactually-Augmented Data*, 2020, whose counterfactuals are written by people).
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from extractors.actors.lexicon import Place, load_places
from extractors.reader.passages import Span
from extractors.training.data import Example, WeaponExample

_NAMESAKES = frozenset({"Jordan", "Chad", "Georgia", "Niger", "Dominica", "Male", "Victoria"})
"""Names that people, places and words have too."""
_ABBREVIATIONS = {"US": "US", "U.S.": "US", "USA": "US", "UK": "GB", "U.K.": "GB"}
_BEFORE_NOUN = re.compile(r" (?!is|was|has|had|will|would|to|and|on|in|for|could|should|may|might|says?|said)[a-z]")
"""After "US" where it is an adjective: "US forces"."""


class _Form(NamedTuple):
    """A form of the name of a state: its name, capital, people or adjective."""

    state: str
    form: str


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


class Counterfactuals:
    """Tells examples of other states and weapons."""

    def __init__(self, seeds: Path, weapons: Sequence[str]) -> None:
        """Take states from ``seeds``; ``weapons`` are the words for weapons to choose from."""
        states = [one for one in load_places(seeds) if one.kind == "state" and one.capitals and one.demonyms]
        self._states = {state.id: state for state in states}
        self._forms = _forms_of(states)
        self._weapons = weapons
        names = "|".join(map(re.escape, sorted(self._forms, key=len, reverse=True)))
        self._name = re.compile(rf"(?<![\w.-])(?:{names})(?!\w)")

    def of(self, example: Example, chance: random.Random, *, weapons: bool = False) -> Example:
        """Return ``example`` with other states, and with other weapons if ``weapons``; as it was if it names none."""
        edits = self._other_states(example, chance)
        edits += self._other_weapons(example, chance) if weapons else []
        return _edited(example, sorted(edits)) if edits else example

    def _other_states(self, example: Example, chance: random.Random) -> list[_Edit]:
        spoken = [(weapon.start, weapon.end) for weapon in example.weapons]
        found = [
            match
            for match in self._name.finditer(example.text)
            if not any(start < match.end() and match.start() < end for start, end in spoken)
        ]
        named = dict.fromkeys(self._forms[match[0]].state for match in found)
        others = dict(zip(named, chance.sample(sorted(self._states), len(named)), strict=True))
        return [
            _Edit(match.start(), match.end(), self._put(match, others[self._forms[match[0]].state])) for match in found
        ]

    def _put(self, match: re.Match[str], other: str) -> str:
        state, form = self._states[other], self._forms[match[0]].form
        if match[0] in _ABBREVIATIONS and _BEFORE_NOUN.match(match.string, match.end()):
            form = "adjective"
        return _words_of(state)[form]

    def _other_weapons(self, example: Example, chance: random.Random) -> list[_Edit]:
        words = {example.text[weapon.start : weapon.end]: chance.choice(self._weapons) for weapon in example.weapons}
        spans = sorted({(weapon.start, weapon.end) for weapon in example.weapons})
        return [_Edit(start, end, words[example.text[start:end]]) for start, end in spans]


def _forms_of(states: Sequence[Place]) -> dict[str, _Form]:
    forms = {words: _Form(state, "name") for words, state in _ABBREVIATIONS.items()}
    for state in states:
        forms |= dict.fromkeys((state.name, *state.aliases), _Form(state.id, "name"))
        forms |= dict.fromkeys(state.capitals, _Form(state.id, "capital"))
        forms |= dict.fromkeys(state.demonyms[1:], _Form(state.id, "people"))
        forms[state.demonyms[0]] = _Form(state.id, "adjective")
    return {words: form for words, form in forms.items() if words not in _NAMESAKES}


def _words_of(state: Place) -> dict[str, str]:
    people = next((words for words in state.demonyms[1:] if words.endswith("s")), state.demonyms[0])
    return {"name": state.name, "capital": state.capitals[0], "people": people, "adjective": state.demonyms[0]}


@dataclass(frozen=True, slots=True)
class _Moves:
    """From offsets into a text to offsets into what edits, in order and apart, have made of it."""

    edits: Sequence[_Edit]

    def all(self, spans: Sequence[Span]) -> list[Span]:
        return [self.of(span) for span in spans]

    def of(self, span: Span) -> Span:
        return self._place(span[0], last=False), self._place(span[1], last=True)

    def _place(self, at: int, *, last: bool) -> int:
        """Return where ``at`` is now; inside an edit its beginning, or its end where a span has its ``last`` one."""
        by = 0
        for start, end, text in self.edits:
            if at <= start:
                break
            if at < end:
                return start + by + (len(text) if last else 0)
            by += len(text) - (end - start)
        return at + by


def _edited(example: Example, edits: Sequence[_Edit]) -> Example:
    parts, at = [], 0
    for start, end, text in edits:
        parts += [example.text[at:start], text]
        at = end
    moves = _Moves(edits)
    return replace(
        example,
        text="".join([*parts, example.text[at:]]),
        end=moves.of((0, example.end))[1],
        context=moves.all(example.context),
        spans={role: moves.all(spans) for role, spans in example.spans.items()},
        weapons=[_moved(weapon, moves) for weapon in example.weapons],
    )


def _moved(weapon: WeaponExample, moves: _Moves) -> WeaponExample:
    start, end = moves.of((weapon.start, weapon.end))
    supplier, recipient = (None if spans is None else moves.all(spans) for spans in (weapon.supplier, weapon.recipient))
    return replace(weapon, start=start, end=end, supplier=supplier, recipient=recipient)
