"""A linear model over the words of a whole text: whether it is news of conflict or everyday news.

"Mayor warns of consequences" reads like a threat in either; the text around it says which it is. The encoder sees a
sentence with little context, so this is evidence that it lacks (docs/evaluation.md has the ablation).
"""

import math
import re
from pathlib import Path

import numpy as np

from extractors.reader.encoder import MODEL, ModelError

LONGEST = 3_000
"""Code points from the beginning of a text that are looked at."""
FEWEST = 80
"""Distinct words below which a text says too little of what it is about: a headline with its lead has some thirty."""
_WORD = re.compile(r"[a-z]+")


class Topic:
    """Scores texts."""

    def __init__(self, folder: Path = MODEL) -> None:
        """Load ``topic.npz`` from ``folder``; ModelError says what is wrong with it."""
        try:
            with np.load(folder / "topic.npz") as stored:
                words = str(stored["words"]).split("\n")
                self._weights: dict[str, float] = dict(zip(words, stored["weights"].tolist(), strict=True))
                self._offset = float(stored["offset"])
        except (OSError, KeyError, ValueError) as error:
            raise ModelError(f"the reader's topics in {folder} cannot be loaded: {error}") from error

    def conflict(self, text: str) -> float | None:
        """Return the log-odds that ``text`` is news of conflict; None for a short one."""
        words = words_of(text)
        if len(words) < FEWEST:
            return None
        found = sum(self._weights[word] for word in words & self._weights.keys())
        return self._offset + found / math.sqrt(len(words))


def words_of(text: str) -> set[str]:
    """Return the words of the beginning of ``text``, in lower case."""
    return set(_WORD.findall(text[:LONGEST].lower()))
