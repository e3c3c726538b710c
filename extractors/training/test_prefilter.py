"""The linear models learn from labels and from scores, and what is written is what the run time reads.

Needs the extra ``train`` and lies outside ``tests/``: ``python -m pytest extractors/training`` where that is installed.
"""

import math
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from extractors.reader.encoder import Encoded, Scores
from extractors.reader.passages import Passage
from extractors.reader.prefilter import Prefilter
from extractors.training.data import Example, WeaponExample
from extractors.training.prefilter import Cut, Margin, Ranking, accepted, distil, fit_margin, rank_unread
from extractors.training.training import Draw, Recipe

SENT, STANDING = (
    WeaponExample(start=0, end=5, stages=stages, silence=1.0, supplier=None, recipient=None, background=None)
    for stages in ({"delivered": 1.0}, {})
)
LINES = (
    ("threat", "we will strike them hard", ()),
    ("none", "the weather is fine today", ()),
    ("none", "tanks were sent to Kyiv", (SENT,)),
    ("none", "tanks stood in the square", (STANDING,)),
)
SEEDS = Path(__file__).parents[2] / "seeds"
EXAMPLES = [
    Example(source="long", document="a", fold=fold, text=text, end=len(text), kind=kind, weapons=weapons)
    for fold in range(5)
    for _ in range(8)
    for kind, text, weapons in LINES
]
STATES = np.array([example.states for example in EXAMPLES])
ARMED = np.array([bool(example.weapons) for example in EXAMPLES])
TELLS = np.array([example.tells for example in EXAMPLES])


def test_unread_sentences_without_weapons_rank_last_for_transfers() -> None:
    """Nobody is asked about transfers of nothing."""
    ranking = rank_unread(EXAMPLES, EXAMPLES)
    assert np.isneginf(ranking.transfers[~ARMED]).all()


def test_the_margin_learns_from_what_was_published_alone() -> None:
    """Invented sentences and optional ones change nothing, however many say the contrary."""
    margin = fit_margin(EXAMPLES)
    noise = [replace(one, source="menace", kind="threat") for one in EXAMPLES if not one.states]
    doubt = [replace(one, kind="optional") for one in EXAMPLES]
    assert fit_margin([*EXAMPLES, *noise * 3, *doubt]) == margin
    assert margin.of("they strike hard") > max(margin.of("fine weather"), margin.of("")) == margin.offset
    assert min(map(abs, margin.weights.values())) > 0.03


def test_a_statement_is_accepted_by_encoder_and_margin_together() -> None:
    """Where the encoder is as sure of one as of the other, the margin times its weight are the log-odds."""
    encoder: Any = SimpleNamespace(score=_undecided)
    margin = Margin(weights={"strike": 2.0}, offset=-0.5)
    struck, fine = (replace(EXAMPLES[0], text=text, end=len(text)) for text in ("we strike", "we rest"))
    scores = accepted(encoder, margin, [struck, fine], weight=0.4)
    odds = [math.log(value / (1 - value)) for value in scores.statements]
    assert odds == pytest.approx([0.4 * 1.5, 0.4 * -0.5], abs=1e-5)
    assert scores.transfers.tolist() == [-1, -1]


def _undecided(_: Passage) -> Scores:
    encoded = Encoded(pieces=[0], segments=[0], places=[(-1, -1)], length=1, weapons=[])
    nothing = np.zeros((0, 10), dtype=np.float32)
    kinds, tags = np.zeros(6, dtype=np.float32), np.zeros((1, 4), dtype=np.float32)
    return Scores(encoded=encoded, kinds=kinds, tags=tags, stages=nothing, parties=nothing)


def test_what_is_distilled_passes_what_the_encoder_accepts(tmp_path: Path) -> None:
    """The file is the one the run time reads: floors that part the sentences as the scores did, and the margin."""
    scores = Ranking(statements=STATES * 0.9, transfers=np.where(ARMED, TELLS * 0.9, -1.0))
    everyday = [replace(one, source="conflict" if one.weapons else "ordinary") for one in EXAMPLES]
    cut = Cut(accepted=0.5, lost=0.01)
    margin = Margin(weights={"peace": -2.0, "strike": 0.5}, offset=-4.25)
    passed = distil(everyday, scores, margin, tmp_path / "prefilter.npz", statement=cut, stage=cut)
    prefilter = Prefilter(tmp_path)
    assert prefilter.margin("Strike for peace") == margin.of("Strike for peace") == -5.75
    assert (passed == (STATES | TELLS)).all()
    assert [prefilter.statement(text) for _, text, _ in LINES] == [True, False, False, False]
    assert [prefilter.transfer(text) for _, text, _ in LINES[2:]] == [True, False]


class Passing:
    """A prefilter that lets the sentences through that name a capital or peace."""

    def statement(self, sentence: str) -> bool:
        return "peace" in sentence

    def transfer(self, sentence: str) -> bool:
        return "Kyiv" in sentence


def drawn(examples: list[Example], recipe: Recipe) -> list[Example]:
    return Draw(examples, cast("Prefilter", Passing()), recipe, SEEDS).one_pass(random.Random(1))


def test_each_pass_holds_what_passes_the_prefilter_and_a_share_of_the_rest() -> None:
    """Finds are in every pass twice, what is held out in none."""
    quiet = Example(source="long", document="b", fold=2, text="it rains", end=8)
    examples = drawn([*EXAMPLES, *[quiet] * 9], Recipe(quiet=5, held_out=1))
    assert {example.fold for example in examples} == {2, 3, 4}
    assert sum(example.states or example.tells for example in examples) == 2 * 3 * 8 * 2
    assert sum(not (example.states or example.tells) and example.source == "long" for example in examples) >= 5


def test_a_pass_holds_a_share_of_what_was_invented() -> None:
    """What is not invented is there whole, its finds twice."""
    menace, deliveries = (
        [replace(one, source=source) for one in EXAMPLES * 5 if one.states or one.tells]
        for source in ("menace", "deliveries")
    )
    recipe = Recipe(quiet=0, invented=0.1, deliveries=0.4, held_out=1)
    counts = Counter(one.source for one in drawn([*EXAMPLES, *menace, *deliveries], recipe))
    assert 20 < counts["menace"] < 60 < 120 < counts["deliveries"] < 200
    assert counts["long"] >= 2 * 3 * 8 * 2
