"""The statement classifier: a logistic regression over ``features``, with weights trained by ``extractors/training``.

Inference needs numpy only; the weights are a small archive without pickled objects.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractors.cues import CueFinder
from extractors.errors import BrinkwatchError
from extractors.features import VERSION, Named, features

WEIGHTS = Path(__file__).parent / "model" / "statements.npz"
SCALE = 8.0
"""A sentence's features are divided by the square root of their number and multiplied by this."""


class WeightsError(BrinkwatchError):
    """Weights that cannot be read or belong to other features."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely a sentence holds a statement, calibrated, and the features that spoke loudest."""

    probability: float
    why: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Classifier:
    """Weights of features; ``words`` are the common words that may be features."""

    weights: dict[str, float]
    bias: float
    words: frozenset[str]
    slope: float
    offset: float
    threshold: float
    """Probability from which a sentence counts as a statement."""

    def judge(
        self, sentence: str, *, named: Sequence[Named], said: Sequence[str], cues: CueFinder, explain: bool = False
    ) -> Verdict:
        """Return the verdict on one sentence; ``explain`` adds the ten loudest features."""
        found = features(sentence, named=named, said=said, cues=cues, words=self.words)
        scale = SCALE / math.sqrt(max(1, len(found)))
        parts = {name: self.weights[name] * scale for name in found if name in self.weights}
        score = self.slope * (self.bias + math.fsum(parts.values())) + self.offset
        why = sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))[:10] if explain else []
        return Verdict(_sigmoid(score), tuple(why))


def _sigmoid(score: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


def load_classifier(path: Path = WEIGHTS) -> Classifier:
    """Load trained weights; WeightsError when the file is unreadable or was trained on other features."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path}: cannot be read: {error}") from error
    if int(arrays["version"]) != VERSION:
        raise WeightsError(
            f"{path}: trained for features version {int(arrays['version'])}, these are version {VERSION}"
        )
    names = arrays["names"].tobytes().decode("utf-8").split("\n")
    return Classifier(
        weights=dict(zip(names, arrays["weights"].astype(float).tolist(), strict=True)),
        bias=float(arrays["bias"]),
        words=frozenset(arrays["words"].tobytes().decode("utf-8").split("\n")),
        slope=float(arrays["slope"]),
        offset=float(arrays["offset"]),
        threshold=float(arrays["threshold"]),
    )


def save_classifier(classifier: Classifier, path: Path) -> None:
    """Write the weights to ``path``, the same bytes for the same weights."""
    names = sorted(classifier.weights)
    np.savez_compressed(
        path,
        version=np.array(VERSION),
        names=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        weights=np.array([classifier.weights[name] for name in names], dtype=np.float16),
        words=np.frombuffer("\n".join(sorted(classifier.words)).encode(), dtype=np.uint8),
        bias=np.array(classifier.bias),
        slope=np.array(classifier.slope),
        offset=np.array(classifier.offset),
        threshold=np.array(classifier.threshold),
    )
