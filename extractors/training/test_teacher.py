"""The teacher is shown the student's pieces under its own numbers, and answers every example it is asked about.

Needs the extra ``train`` and lies outside ``tests/``, as ``test_model.py`` does.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import MPNetConfig, MPNetModel

from extractors.training.data import Example
from extractors.training.teacher import LAYERS, TeacherModel, answers, doubtful
from extractors.training.training import key_of

CLS, SEP = 4, 5
LINE = Example(source="long", document="a", fold=1, text="if you strike", end=13, kind="red_line")
OTHER = replace(LINE, text="peace", end=5, kind="none")


class WordCutter:
    """Numbers words from 6 on, between the marks of beginning and end."""

    def encode(self, passage: Any) -> Any:
        words = passage.text.split()
        pieces = [CLS, *range(6, 6 + len(words)), SEP]
        places = [(-1, -1)] * len(pieces)
        return SimpleNamespace(pieces=pieces, segments=[0] * len(pieces), places=places, length=len(pieces), weapons=[])


@pytest.fixture
def teacher() -> TeacherModel:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64, "num_hidden_layers": LAYERS + 1}
    config = MPNetConfig(vocab_size=40, max_position_embeddings=64, **sizes)
    model = TeacherModel(MPNetModel(config, add_pooling_layer=False), cls=CLS, sep=SEP)
    model.eval()
    return model


def test_pieces_bear_the_numbers_that_the_teacher_knows(teacher: TeacherModel) -> None:
    """Its own marks of beginning, end and filling; all other pieces are four higher."""
    pieces, mask = torch.tensor([[CLS, 6, SEP, 0]]), torch.tensor([[1, 1, 1, 0]])
    assert teacher._numbers(pieces, mask).tolist() == [[0, 10, 2, 1]]


def test_every_example_is_answered_whatever_stands_beside_it(teacher: TeacherModel) -> None:
    """Six logits each, the same alone as in a batch with a longer one."""
    cutter: Any = WordCutter()
    both = answers(teacher, [LINE, OTHER], cutter)
    assert set(both) == {key_of(LINE), key_of(OTHER)}
    assert [len(row) for row in both.values()] == [6, 6]
    assert both[key_of(OTHER)] == pytest.approx(answers(teacher, [OTHER], cutter)[key_of(OTHER)], abs=0.05)


def test_only_what_is_in_doubt_is_asked() -> None:
    """Finds always; of the rest what the encoder does not take for silence."""

    def score(passage: Any) -> Any:
        kinds = np.array([0.0, 9.0, 0.0, 0.0, 0.0, 0.0] if "strike" in passage.text else [9.0, 0, 0, 0, 0, 0])
        nothing = np.zeros((0, 4))
        return SimpleNamespace(kinds=kinds, tags=nothing, encoded=SimpleNamespace(places=[], weapons=[]))

    encoder: Any = SimpleNamespace(score=score)
    found, silent = replace(OTHER, kind="commentary"), replace(LINE, kind="none")
    assert list(doubtful([OTHER, found, silent], encoder)) == [found, silent]
