"""The reader as a network: a pretrained encoder, a head for each question, and what each of them should have answered.

Torch and transformers come with the extra ``train``; ``test_model.py`` beside this module is run where they are
installed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from transformers import PreTrainedModel

from extractors.reader.decoding import ROLES
from extractors.reader.encoder import NOWHERE, Cutter, Encoded
from extractors.reader.passages import Span
from extractors.records import Stage
from extractors.training.data import Example, WeaponExample

KINDS = ("none", "red_line", "threat", "commentary")
_STAGES = tuple(Stage)
_UNKNOWN = -1.0
_WIDTH = 128
_SMOOTHING = 0.03
_LIKELY = 0.8
"""How sure the likelier kind is of a borderline sentence."""
_COMMENTS = 0.4
"""How often a borderline sentence that is no statement is commentary."""


class ReaderModel(nn.Module):
    """An encoder with heads for kind, roles, stages and parties."""

    def __init__(self, encoder: PreTrainedModel, *, bfloat16: bool = False) -> None:
        """Put new heads on ``encoder``, whose layers may calculate in ``bfloat16``."""
        super().__init__()
        self.bfloat16 = bfloat16
        size = encoder.config.hidden_size
        self.bert = encoder
        self.drop = nn.Dropout(0.1)
        self.kind = nn.Linear(2 * size, len(KINDS) + 2)  # and: explicit, nuclear
        self.tags = nn.Linear(size, len(ROLES))
        self.stage = nn.Sequential(nn.Linear(2 * size, 256), nn.GELU(), nn.Linear(256, len(_STAGES) + 1))
        self.mq = nn.Linear(2 * size, 2 * _WIDTH)
        self.tk = nn.Linear(size, 2 * _WIDTH)
        self.tb = nn.Linear(size, 2)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the logits of kinds, tags, stages and parties, as ``extractors.reader.encoder.Scores`` has them.

        Weapon i stands in row ``owner[i]`` of the batch, between its marks ``opening[i]`` and ``closing[i]``.
        """
        pieces, mask, segments, *_ = inputs
        states = self.bert(pieces, attention_mask=mask, token_type_ids=segments).last_hidden_state
        return self._answers(states, inputs)

    def lower(self, inputs: Sequence[Tensor], layers: int) -> Tensor:
        """Return the states of the pieces after the lowest ``layers``."""
        pieces, mask, segments, *_ = inputs
        states = self.bert.embeddings(input_ids=pieces, token_type_ids=segments)
        return self._through(states, mask, slice(layers))

    def upper(self, states: Tensor, inputs: Sequence[Tensor], layers: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the logits, as ``forward`` does, from the states after the lowest ``layers``."""
        return self._answers(self._through(states, inputs[1], slice(layers, None)), inputs)

    def _through(self, states: Tensor, mask: Tensor, layers: slice) -> Tensor:
        hidden = (1.0 - mask[:, None, None, :].float()) * -1e9
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            for layer in self.bert.encoder.layer[layers]:
                states = layer(states, hidden)
        return states.float()

    def _answers(self, states: Tensor, inputs: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        pieces, _, _, length, owner, opening, closing = inputs
        states = self.drop(states)
        inside = (torch.arange(pieces.shape[1])[None] < length[:, None]).float()[..., None]
        mean = (states * inside).sum(1) / inside.sum(1)
        highest = (states + (inside - 1) * 1e4).max(1).values
        weapons = torch.cat([states[owner, opening], states[owner, closing]], -1)
        asked = self.mq(weapons).view(-1, 2, _WIDTH)
        keys = self.tk(states).view(states.shape[0], -1, 2, _WIDTH)
        parties = torch.einsum("mrd,mtrd->mtr", asked, keys[owner]) / _WIDTH**0.5 + self.tb(states)[owner]
        return self.kind(torch.cat([mean, highest], -1)), self.tags(states), self.stage(weapons), parties


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An example as word pieces with the target of each head; weights of 0 and targets of -1 teach nothing."""

    encoded: Encoded
    kinds: list[float]
    kinds_weight: float
    explicit: float
    nuclear: float
    tags: list[list[float]]
    """For each role, whether a piece plays it."""
    tags_weights: list[float]
    weapons: list["WeaponItem"]
    taught: Sequence[float] | None = None
    """What a teacher says: the logits of the kinds, then of explicit and nuclear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaponItem:
    """The targets of one weapon that is among the pieces."""

    opening: int
    closing: int
    stages: list[float]
    stages_weights: list[float]
    background: float
    parties: list[list[float]]
    parties_weights: list[float]


def item_of(cutter: Cutter, example: Example) -> Item:
    """Cut ``example`` into pieces, and its annotations with it."""
    encoded = cutter.encode(example.passage)
    states = example.kind in KINDS[1:3]
    weapons = {weapon.start: weapon for weapon in example.weapons}
    return Item(
        encoded=encoded,
        kinds=_kinds(example),
        kinds_weight=float(example.kind != "optional" or example.sure is not None),
        explicit=_answer(example.explicit if states else None),
        nuclear=_answer(example.nuclear if states else None),
        tags=[_marked(encoded, example.spans.get(role, ()) if states else ()) for role in ROLES],
        tags_weights=[float(states and role in example.spans) for role in ROLES],
        weapons=[_weapon(encoded, weapons[start], first, last) for (start, _), first, last in encoded.weapons],
    )


def _kinds(example: Example) -> list[float]:
    if example.kind == "statement":  # one of the two, nobody said which
        return [0.0, 0.5, 0.5, 0.0]
    if example.sure is not None:
        line = example.sure * (_LIKELY if example.likely == "red_line" else 1 - _LIKELY)
        none = 1 - example.sure
        return [none * (1 - _COMMENTS), line, example.sure - line, none * _COMMENTS]
    return [float(example.kind == known) for known in KINDS]


def _answer(known: bool | None) -> float:
    return _UNKNOWN if known is None else float(known)


def _marked(encoded: Encoded, spans: Sequence[Span]) -> list[float]:
    """Return 1 for each piece that touches one of ``spans``."""
    return [
        float(place != NOWHERE and any(start < place[1] and place[0] < end for start, end in spans))
        for place in encoded.places
    ]


def _weapon(encoded: Encoded, weapon: WeaponExample, opening: int, closing: int) -> WeaponItem:
    parties = (weapon.supplier, weapon.recipient)
    return WeaponItem(
        opening=opening,
        closing=closing,
        stages=[float(stage in weapon.stages) for stage in _STAGES],
        stages_weights=[weapon.stages.get(stage, weapon.silence) for stage in _STAGES],
        background=_answer(weapon.background),
        parties=[_marked(encoded, spans or ()) for spans in parties],
        parties_weights=[float(spans is not None) for spans in parties],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Items side by side: what goes in, and what should come out."""

    inputs: tuple[Tensor, ...]
    """Pieces, mask and segments, the length of each sentence; of each weapon its row and its two marks."""
    kinds: Tensor
    kinds_weight: Tensor
    answers: Tensor
    taught: Tensor
    """(N, 6); nothing was taught where the first one is NaN."""
    tags: Tensor
    tags_weights: Tensor
    stages: Tensor
    stages_weights: Tensor
    background: Tensor
    parties: Tensor
    parties_weights: Tensor


def batch_of(items: Sequence[Item]) -> Batch:
    """Put ``items`` side by side, the shorter ones filled up."""
    longest = max(len(item.encoded.pieces) for item in items)
    weapons = [(row, item, weapon) for row, item in enumerate(items) for weapon in item.weapons]
    lengths = [len(item.encoded.pieces) for item in items]
    own = [[weight] * lengths[row] for row, _, weapon in weapons for weight in weapon.parties_weights]
    return Batch(
        inputs=(
            _filled([item.encoded.pieces for item in items], longest).long(),
            _filled([[1] * length for length in lengths], longest).long(),
            _filled([item.encoded.segments for item in items], longest).long(),
            torch.tensor([item.encoded.length for item in items]),
            torch.tensor([row for row, _, _ in weapons], dtype=torch.long),
            torch.tensor([weapon.opening for _, _, weapon in weapons], dtype=torch.long),
            torch.tensor([weapon.closing for _, _, weapon in weapons], dtype=torch.long),
        ),
        kinds=torch.tensor([item.kinds for item in items]),
        kinds_weight=torch.tensor([item.kinds_weight for item in items]),
        answers=torch.tensor([[item.explicit, item.nuclear] for item in items]),
        taught=torch.tensor([item.taught or [math.nan] * (len(KINDS) + 2) for item in items]),
        tags=_columns([tags for item in items for tags in item.tags], len(ROLES), longest),
        tags_weights=torch.tensor([item.tags_weights for item in items]),
        stages=torch.tensor([weapon.stages for _, _, weapon in weapons]).view(-1, len(_STAGES)),
        stages_weights=torch.tensor([weapon.stages_weights for _, _, weapon in weapons]).view(-1, len(_STAGES)),
        background=torch.tensor([weapon.background for _, _, weapon in weapons]),
        parties=_columns([party for _, _, weapon in weapons for party in weapon.parties], 2, longest),
        parties_weights=_columns(own, 2, longest),
    )


def _filled(rows: Sequence[Sequence[float]], length: int) -> Tensor:
    return torch.tensor([[*row, *[0] * (length - len(row))] for row in rows], dtype=torch.float)


def _columns(rows: Sequence[Sequence[float]], count: int, length: int) -> Tensor:
    """Return every ``count`` rows as the columns of one table."""
    return _filled(rows, length).view(-1, count, length).transpose(1, 2)


def losses(scores: Sequence[Tensor], batch: Batch) -> Tensor:
    """Return the losses of kinds, answers, tags, stages and parties, whose sum is made small."""
    kinds, tags, stages, parties = scores
    answers = kinds[:, len(KINDS) :]
    mask = batch.inputs[1].float()[..., None]
    return torch.stack(
        [
            _kind_loss(kinds[:, : len(KINDS)], batch) + _taught_loss(kinds, batch.taught),
            _sum(answers, batch.answers.clamp(min=0), batch.answers >= 0) / len(answers),
            2 * _mean(tags, batch.tags, batch.tags_weights[:, None, :] * mask),
            _stage_loss(stages, batch),
            2 * _mean(parties, batch.parties, batch.parties_weights, positives=3.0),
        ]
    )


def _kind_loss(logits: Tensor, batch: Batch) -> Tensor:
    wanted = batch.kinds * (1 - _SMOOTHING) + _SMOOTHING / len(KINDS)
    each = -(wanted * torch.log_softmax(logits, -1)).sum(-1) * batch.kinds_weight
    return each.sum() / batch.kinds_weight.sum().clamp(min=1)


def _taught_loss(logits: Tensor, taught: Tensor) -> Tensor:
    """Return how far the answers are from a teacher's (G. Hinton et al., Distilling the Knowledge in a Neural Network,
    2015); whether a statement is explicit or nuclear counts as much as it is one."""
    known = ~taught[:, 0].isnan()
    own, taught = logits[known], taught[known]
    kinds = torch.softmax(taught[:, : len(KINDS)], -1)
    each = -(kinds * torch.log_softmax(own[:, : len(KINDS)], -1)).sum(-1)
    answers = cross_entropy(own[:, len(KINDS) :], torch.sigmoid(taught[:, len(KINDS) :]), reduction="none")
    return (each + 0.5 * answers.sum(-1) * kinds[:, 1:3].sum(-1)).sum() / len(logits)


def _stage_loss(logits: Tensor, batch: Batch) -> Tensor:
    told = _sum(logits[:, : len(_STAGES)], batch.stages, batch.stages_weights)
    past = _sum(logits[:, len(_STAGES)], batch.background.clamp(min=0), batch.background >= 0)
    return (0.5 * told + 0.3 * past) / max(1, len(logits))


def _sum(logits: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    return (cross_entropy(logits, wanted, reduction="none") * weights).sum()


def _mean(logits: Tensor, wanted: Tensor, weights: Tensor, *, positives: float = 1.0) -> Tensor:
    """Return the mean over what has a weight; what is wanted counts ``positives`` times in it."""
    stressed = weights * (1 + (positives - 1) * wanted)
    return _sum(logits, wanted, stressed) / weights.sum().clamp(min=1)
