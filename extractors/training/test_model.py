"""The network learns, and what is exported says what the network says.

Needs the extra ``train`` and lies outside ``tests/``: ``python -m pytest extractors/training`` where that is installed.
"""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import Whitespace
from transformers import BertConfig, BertModel

from extractors.reader.encoder import Cutter, Encoder
from extractors.reader.settings import load_settings
from extractors.training.data import Example, WeaponExample
from extractors.training.export import SETTINGS, export, kept_pieces
from extractors.training.model import Item, ReaderModel, batch_of, item_of, losses
from extractors.training.training import Recipe, batches_of, key_of, masked, read_taught, train, write_taught

WORDS = [
    "[PAD]",
    "[unused0]",
    "[unused1]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "if",
    "you",
    "attack",
    "we",
    "strike",
    ".",
    "usa",
    "peace",
]
LINE = Example(
    source="long",
    document="a",
    fold=1,
    text="if you attack we strike .",
    end=25,
    kind="red_line",
    explicit=True,
    nuclear=False,
    spans={"speaker": [], "condition": [(0, 13)], "consequence": [(14, 23)]},
    weapons=[
        WeaponExample(
            start=17,
            end=23,
            stages={"delivered": 1.0},
            silence=1.0,
            supplier=[(14, 16)],
            recipient=None,
            background=False,
        )
    ],
)
SILENT = Example(source="long", document="b", fold=1, text="we strike .", end=11)


@pytest.fixture
def tokenizer() -> Tokenizer:
    """A vocabulary of a dozen words."""
    tokenizer = Tokenizer(WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


@pytest.fixture
def model() -> ReaderModel:
    """A reader of two layers that has learned nothing."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    return ReaderModel(BertModel(config, add_pooling_layer=False))


@pytest.fixture
def items(tokenizer: Tokenizer) -> list[Item]:
    """A red line and a sentence that says nothing."""
    return [item_of(Cutter(tokenizer), example) for example in (LINE, SILENT)]


def test_targets_stand_at_the_pieces_they_were_annotated_at(items: list[Item]) -> None:
    """Marks around a weapon shift no target: the condition is "if you attack", the supplier "we"."""
    line, silent = items
    at = {role: [n for n, flag in enumerate(flags) if flag] for role, flags in zip("sqca", line.tags, strict=True)}
    assert at == {"s": [], "q": [1, 2, 3], "c": [4, 6], "a": []}
    assert line.tags_weights == [1, 1, 1, 0]
    assert line.weapons[0].parties_weights == [1, 0]
    assert [n for n, flag in enumerate(line.weapons[0].parties[0]) if flag] == [4]
    assert (silent.explicit, silent.nuclear, silent.tags_weights) == (-1, -1, [0, 0, 0, 0])


def test_batches_hold_no_more_pieces_than_allowed(items: list[Item]) -> None:
    """Every item once, the longest of a batch counted for all of it."""
    batches = batches_of(items * 20, pieces=40, chance=random.Random(1))
    assert sum(map(len, batches)) == 40
    assert max(len(batch) * max(len(item.encoded.pieces) for item in batch) for batch in batches) <= 40


def test_a_share_of_the_words_is_hidden_and_no_mark(items: list[Item]) -> None:
    """Marks, separators and what fills up stay as they are."""
    batch = batch_of(items * 200)
    pieces, *others = batch.inputs
    words = pieces > 4
    hidden = masked(replace(batch, inputs=(pieces + 1000 * words, *others)), 0.25).inputs[0] == 103
    assert not hidden[~words].any()
    assert 0.2 < float(hidden[words].float().mean()) < 0.3


def test_loss_goes_down_in_three_steps(model: ReaderModel, items: list[Item]) -> None:
    """Every head learns from two sentences seen three times."""
    model.eval()
    batch = batch_of(items)
    before = losses(model(*batch.inputs), batch)
    train(model, [items] * 3, Recipe(rate=3e-2, last=1.0))
    model.eval()
    after = losses(model(*batch.inputs), batch)
    assert bool((after < before).all()), (before, after)


def test_a_teacher_draws_the_kinds_to_what_it_says(model: ReaderModel, items: list[Item]) -> None:
    """Of a sentence it was not asked about nothing changes; where it agrees with what is said the loss is least."""
    sure = [-9.0, 9.0, -9.0, -9.0, 9.0, -9.0]
    line, silent = items
    plain, taught = batch_of(items), batch_of([replace(line, taught=sure), silent])
    agreeing, other = (torch.tensor([kinds, sure]) for kinds in (sure, [-x for x in sure]))
    rest = model.eval()(*plain.inputs)[1:]

    def added(kinds: torch.Tensor) -> float:
        return float((losses((kinds, *rest), taught) - losses((kinds, *rest), plain)).sum().detach())

    assert added(agreeing) < 0.01 < added(other)


def test_what_a_teacher_says_is_read_as_it_was_written(tmp_path: Path) -> None:
    """By source, document and text."""
    taught = {key_of(LINE): [0.5, 1.0], key_of(SILENT): [2.0, -1.0]}
    write_taught(tmp_path / "taught.jsonl", taught)
    assert read_taught(tmp_path / "taught.jsonl") == taught


def test_frozen_layers_keep_their_weights_and_change_no_answer(model: ReaderModel, items: list[Item]) -> None:
    """What they say of a sentence is computed once, and the rest goes on from there."""
    model.eval()
    inputs = batch_of(items).inputs
    for whole, parted in zip(model(*inputs), model.upper(model.lower(inputs, 1), inputs, 1), strict=True):
        assert torch.allclose(whole, parted, atol=1e-5)
    lowest, upper = ({k: v.clone() for k, v in layer.state_dict().items()} for layer in model.bert.encoder.layer)
    train(model, [items] * 3, Recipe(rate=3e-2, last=1.0, frozen=1))
    first, second = (layer.state_dict() for layer in model.bert.encoder.layer)
    assert all(torch.equal(first[name], weight) for name, weight in lowest.items())
    assert not all(torch.equal(second[name], weight) for name, weight in upper.items())


@pytest.mark.filterwarnings("default")  # torch warns of its own exporter
def test_what_is_exported_says_what_the_network_says(
    model: ReaderModel, tokenizer: Tokenizer, items: list[Item], tmp_path: Path
) -> None:
    """A pruned vocabulary changes no score; weights of eight bits change them little."""
    model.eval()
    wanted = [each.detach().numpy() for each in model(*batch_of(items[:1]).inputs)]
    export(model, tokenizer, kept=[*WORDS[:-1]], folder=tmp_path)
    scores = Encoder(tmp_path).score(LINE.passage)
    found = (scores.kinds, scores.tags, scores.stages, scores.parties)
    assert load_settings(tmp_path) == SETTINGS
    for expected, actual in zip(wanted, found, strict=True):
        assert np.abs(actual - expected.squeeze(0)).max() < 0.1


def test_word_pieces_that_only_the_untouched_fold_holds_are_left_out(tokenizer: Tokenizer) -> None:
    """What stays occurs twice in examples that teach or in unread texts, or is a mark."""
    examples = [LINE, LINE, replace(SILENT, fold=0, text="peace", end=5)] * 2
    kept = kept_pieces(tokenizer, examples, ["peace"])
    assert kept == WORDS[:-1]
    assert "peace" in kept_pieces(tokenizer, examples, ["peace", "peace"])


def test_the_settings_that_are_exported_are_those_that_ship() -> None:
    """And a statement in doubt is rather none."""
    assert load_settings() == SETTINGS
    assert 0 < SETTINGS.thresholds.statements.confidence(0.5) <= 0.5
