"""The encoder: a small transformer with a head for each question, run by ONNX Runtime on one core.

Its input is the sentence, then its context: ``[CLS] sentence [SEP] before [SEP] title [SEP]``, with every weapon in the
sentence between two marks of its own. One sentence is read at a time, so that no result depends on others in a batch.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
NOWHERE = (-1, -1)
"""The place of a piece without text."""

Floats = NDArray[np.float32]


class ModelError(BrinkwatchError):
    """A model that is missing, damaged, or made for another version of the code."""


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
    weapons: list[tuple[Span, int, int]]
    """Each weapon that was read, with the pieces of its two marks."""


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
        weapons: list[tuple[Span, int, int]] = []
        pieces, places = [self.cls], [NOWHERE]
        for piece, place in self._marked(passage, weapons):
            pieces.append(piece)
            places.append(place)
        pieces.append(self.sep)
        places.append(NOWHERE)
        length = len(pieces)
        for rank, span in enumerate(passage.context):
            cut = list(self._pieces(passage.text, span))
            cut = cut[:TITLE] if rank else cut[:BEFORE] if passage.in_title else cut[-BEFORE:]
            pieces += [piece for piece, _ in cut] + [self.sep]
            places += [place for _, place in cut] + [NOWHERE]
        segments = [0] * length + [1] * (len(pieces) - length)
        return Encoded(pieces=pieces, segments=segments, places=places, length=length, weapons=weapons)

    def _marked(self, passage: Passage, weapons: list[tuple[Span, int, int]]) -> Iterator[tuple[int, Span]]:
        """Yield the pieces of the sentence, with marks before and after each weapon, recorded in ``weapons``."""
        left = list(reversed(passage.weapons))
        inside: Span | None = None
        at = opened = 1  # after [CLS]
        for rank, (piece, place) in enumerate(self._pieces(passage.text, (passage.start, passage.end))):
            if rank == LONGEST:
                break
            if inside and place[0] >= inside[1]:
                weapons.append((inside, opened, at))
                inside = None
                yield self._close, NOWHERE
                at += 1
            if inside is None and left and place[1] > left[-1][0]:
                inside, opened = left.pop(), at
                yield self._open, NOWHERE
                at += 1
            yield piece, place
            at += 1
        if inside:
            weapons.append((inside, opened, at))
            yield self._close, NOWHERE

    def _pieces(self, text: str, span: Span) -> Iterator[tuple[int, Span]]:
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
        """Load ``reader.onnx``, ``tokenizer.json`` and ``reader.json`` from ``folder``."""
        try:
            self.settings: dict[str, Any] = json.loads((folder / "reader.json").read_text())
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(
                str(folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise exceptions without a common base
            raise ModelError(f"the reader's model in {folder} cannot be loaded: {error}") from error
        self.cutter = Cutter(tokenizer)

    def score(self, passage: Passage) -> Scores:
        """Return the logits of every head for ``passage``."""
        encoded = self.cutter.encode(passage)
        marks = [(first, last) for _, first, last in encoded.weapons] or [(0, 0)]
        kinds, tags, stages, parties = self._session.run(
            None,
            {
                "pieces": np.array([encoded.pieces], dtype=np.int64),
                "segments": np.array([encoded.segments], dtype=np.int64),
                "length": np.array([encoded.length], dtype=np.int64),
                "opening": np.array([first for first, _ in marks], dtype=np.int64),
                "closing": np.array([last for _, last in marks], dtype=np.int64),
            },
        )
        count = len(encoded.weapons)
        return Scores(encoded=encoded, kinds=kinds[0], tags=tags[0], stages=stages[:count], parties=parties[:count])
