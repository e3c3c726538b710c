"""The encoder: a small transformer with a head for each question, run by ONNX Runtime on one core.

Its input is the sentence, then its context: ``[CLS] sentence [SEP] before [SEP] title [SEP]``, with every weapon in the
sentence between two marks of its own. One sentence is read at a time, so that no result depends on others in a batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from extractors.errors import BrinkwatchError
from extractors.reader.passages import Passage, Span

MODEL = Path(__file__).parents[1] / "model"
LONGEST = 96
"""Most word pieces of a sentence that are read."""
BEFORE, TITLE = 40, 20
"""Most word pieces of the text before the sentence, and of the title."""
_REMEMBERED = 2_000
"""Passages whose logits are remembered, some 10 MB: news is copied, and a text may repeat itself."""
NOWHERE = (-1, -1)
"""The place of a piece without text."""

Floats = NDArray[np.float32]
Piece = tuple[int, Span]
"""The number of a word piece or a mark, and where it stands in the document."""


class ModelError(BrinkwatchError):
    """A model that is missing, damaged, or made for another version of the code."""


class MarkedWeapon(NamedTuple):
    """A weapon between its two marks, and which pieces these are."""

    span: Span
    opening: int
    closing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A passage as word pieces."""

    pieces: list[int]
    segments: list[int]
    """0 for the sentence, 1 for its context."""
    places: list[Span]
    """Where each piece stands in the document."""
    length: int
    """Number of pieces of the sentence, including marks."""
    weapons: list[MarkedWeapon]
    """Each weapon of which at least the beginning is read, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The logits of the heads for one passage with T pieces and M weapons."""

    encoded: Encoded
    kinds: Floats
    """(6,): none, red line, threat, commentary; explicit; nuclear."""
    tags: Floats
    """(T, 4): speaker, condition, consequence, addressee."""
    stages: Floats
    """(M, 10): the nine stages, and background."""
    parties: Floats
    """(M, T, 2): supplier, recipient."""


class Cutter:
    """Cuts passages into word pieces; also used by training."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Raise ModelError if the vocabulary of ``tokenizer`` lacks a mark."""
        self._tokenizer = tokenizer
        self.cls, self.sep, self._open, self._close = map(self._special, ("[CLS]", "[SEP]", "[unused0]", "[unused1]"))
        self._usa = self._special("usa")

    def _special(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise ModelError(f"the reader's vocabulary lacks {token}")
        return number

    def encode(self, passage: Passage) -> Encoded:
        """Return ``passage`` cut into word pieces, with marks around its weapons."""
        marked = [(self.cls, NOWHERE), *self._marked(passage), (self.sep, NOWHERE)]
        context = list(self._around(passage))
        return Encoded(
            pieces=[piece for piece, _ in (*marked, *context)],
            segments=[0] * len(marked) + [1] * len(context),
            places=[place for _, place in (*marked, *context)],
            length=len(marked),
            weapons=self._weapons(passage, marked),
        )

    def _marked(self, passage: Passage) -> Iterator[Piece]:
        """Yield the pieces of the sentence, with marks before and after each weapon."""
        left = list(reversed(passage.weapons))
        inside: Span | None = None
        for piece, place in islice(self._pieces(passage.text, (passage.start, passage.end)), LONGEST):
            if inside and place[0] >= inside[1]:
                inside = None
                yield self._close, NOWHERE
            if inside is None and left and place[1] > left[-1][0]:
                inside = left.pop()
                yield self._open, NOWHERE
            yield piece, place
        if inside:
            yield self._close, NOWHERE

    def _weapons(self, passage: Passage, marked: Sequence[Piece]) -> list[MarkedWeapon]:
        """Return the weapons with the places of their marks; those behind the last piece that is read have none."""
        openings, closings = (
            [at for at, piece in enumerate(marked) if piece == (mark, NOWHERE)] for mark in (self._open, self._close)
        )
        return [MarkedWeapon(*each) for each in zip(passage.weapons, openings, closings, strict=False)]

    def _around(self, passage: Passage) -> Iterator[Piece]:
        """Yield what is read of the context: of the text beside the sentence the nearest, of the title the first."""
        for rank, span in enumerate(passage.context):
            pieces = list(self._pieces(passage.text, span))
            if rank:
                yield from pieces[:TITLE]
            else:
                yield from pieces[:BEFORE] if passage.in_title else pieces[-BEFORE:]
            yield self.sep, NOWHERE

    def _pieces(self, text: str, span: Span) -> Iterator[Piece]:
        start, end = span
        part = text[start:end]
        encoding = self._tokenizer.encode(part, add_special_tokens=False)
        for piece, (first, last) in zip(encoding.ids, encoding.offsets, strict=True):
            # without capitals the country would be the pronoun
            of_the_us = part[first:last] == "US" and not part.isupper()
            yield self._usa if of_the_us else piece, (start + first, start + last)


class Encoder:
    """Loads the model in a folder; ModelError says what is wrong with it."""

    def __init__(self, folder: Path = MODEL) -> None:
        """Load ``reader.onnx`` and ``tokenizer.json`` from ``folder``."""
        try:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(
                str(folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise exceptions without a common base
            raise ModelError(f"the reader's model in {folder} cannot be loaded: {error}") from error
        self.cutter = Cutter(tokenizer)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._run)

    def score(self, passage: Passage) -> Scores:
        """Return the logits of every head for ``passage``."""
        encoded = self.cutter.encode(passage)
        marks = tuple((weapon.opening, weapon.closing) for weapon in encoded.weapons)
        kinds, tags, stages, parties = self._remembered(tuple(encoded.pieces), encoded.length, marks)
        count = len(marks)
        return Scores(encoded=encoded, kinds=kinds[0], tags=tags[0], stages=stages[:count], parties=parties[:count])

    def _run(self, pieces: tuple[int, ...], length: int, marks: tuple[tuple[int, int], ...]) -> Sequence[Floats]:
        """Return the logits for a passage of which the first ``length`` pieces are the sentence."""
        opening, closing = zip(*marks or ((0, 0),), strict=True)  # the graph takes no empty list
        logits: Sequence[Floats] = self._session.run(
            None,
            {
                "pieces": np.array([pieces], dtype=np.int64),
                "segments": np.array([[0] * length + [1] * (len(pieces) - length)], dtype=np.int64),
                "length": np.array([length], dtype=np.int64),
                "opening": np.array(opening, dtype=np.int64),
                "closing": np.array(closing, dtype=np.int64),
            },
        )
        return logits
