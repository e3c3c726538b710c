"""Linear models over words and word pairs: which sentences the encoder reads, and the evidence of the words alone.

The weights that let sentences pass were fitted to what the encoder accepts and not to labels, so that little is lost
that would have counted. Those of the margin were fitted to labels; it is added to the encoder's log-odds
(docs/evaluation.md has the ablation).
"""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np

from extractors.reader.encoder import MODEL, ModelError

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+")


class Prefilter:
    """Scores sentences for statements and for transfers."""

    def __init__(self, folder: Path = MODEL) -> None:
        """Load ``prefilter.npz`` from ``folder``; ModelError says what is wrong with it."""
        try:
            with np.load(folder / "prefilter.npz") as stored:
                names = str(stored["features"]).split("\n")
                self._statements: dict[str, float] = dict(zip(names, stored["statements"].tolist(), strict=True))
                self._transfers: dict[str, float] = dict(zip(names, stored["transfers"].tolist(), strict=True))
                self._margins: dict[str, float] = dict(zip(names, stored["margins"].tolist(), strict=True))
                self._least_statement, self._least_transfer, self._offset = map(float, stored["floors"])
        except (OSError, KeyError, ValueError) as error:
            raise ModelError(f"the reader's prefilter in {folder} cannot be loaded: {error}") from error

    def statement(self, sentence: str, doubt: float = 0.0) -> bool:
        """Whether ``sentence`` may be a red line, a threat or commentary on one.

        ``doubt``, 0 or less, is what the topic of its text takes off the log-odds of every statement in it.
        """
        return _score(features_of(sentence), self._statements) + doubt >= self._least_statement

    def transfer(self, sentence: str) -> bool:
        """Whether ``sentence``, which names a weapon, may report its transfer."""
        return _score(features_of(sentence), self._transfers) >= self._least_transfer

    def margin(self, sentence: str) -> float:
        """Return the evidence of the words alone for a statement, as log-odds."""
        return _score(features_of(sentence), self._margins) + self._offset


def features_of(sentence: str) -> set[str]:
    """Return the words and pairs of adjacent words of ``sentence``, in lower case, with every number as 0."""
    plain = sentence.lower().replace("’", "'")
    words = ["0" if word.isdigit() else word for word in _TOKEN.findall(plain)]
    return {*words, *map(" ".join, pairwise(words))}


def _score(features: set[str], weights: dict[str, float]) -> float:
    return sum(weights[feature] for feature in features & weights.keys())
