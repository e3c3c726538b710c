"""The statement classifier: two logistic regressions, with weights trained by ``extractors/training``.

The first look sees the words of a sentence and turns most of the news away; the classifier proper sees ``features``.

Inference needs numpy only; the weights are a small archive without pickled objects.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractors.cues import CueFinder
from extractors.errors import BrinkwatchError
from extractors.features import VERSION, Named, features, plain_features

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
class FirstLook:
    """Weights of ``plain_features``, and the score without which a sentence is not worth a second look."""

    weights: dict[str, float]
    bias: float
    threshold: float

    def passes(self, norm: str, *, words: frozenset[str]) -> bool:
        """Say whether a normalised sentence may hold a statement."""
        found = plain_features(norm, words=words)
        scale = SCALE / math.sqrt(max(1, len(found)))
        told = math.fsum([self.weights.get(name, 0.0) for name in found])
        return self.bias + scale * told >= self.threshold


@dataclass(frozen=True)
class Classifier:
    """Weights of features; ``words`` are the common words that may be features."""

    first: FirstLook
    weights: dict[str, float]
    bias: float
    words: frozenset[str]
    slope: float
    offset: float
    threshold: float
    """Probability from which a sentence counts as a statement."""

    def may_hold(self, norm: str) -> bool:
        """Return False of a normalised sentence that is not worth judging."""
        return self.first.passes(norm, words=self.words)

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
    return Classifier(
        first=FirstLook(
            weights=_weights(arrays["first_names"], arrays["first_weights"]),
            bias=float(arrays["first_bias"]),
            threshold=float(arrays["first_threshold"]),
        ),
        weights=_weights(arrays["names"], arrays["weights"]),
        bias=float(arrays["bias"]),
        words=frozenset(_lines(arrays["words"])),
        slope=float(arrays["slope"]),
        offset=float(arrays["offset"]),
        threshold=float(arrays["threshold"]),
    )


def save_classifier(classifier: Classifier, path: Path) -> None:
    """Write the weights to ``path``, the same bytes for the same weights."""
    names, first = sorted(classifier.weights), sorted(classifier.first.weights)
    np.savez_compressed(
        path,
        version=np.array(VERSION),
        first_names=_bytes(first),
        first_weights=np.array([classifier.first.weights[name] for name in first], dtype=np.float16),
        first_bias=np.array(classifier.first.bias),
        first_threshold=np.array(classifier.first.threshold),
        names=_bytes(names),
        weights=np.array([classifier.weights[name] for name in names], dtype=np.float16),
        words=_bytes(sorted(classifier.words)),
        bias=np.array(classifier.bias),
        slope=np.array(classifier.slope),
        offset=np.array(classifier.offset),
        threshold=np.array(classifier.threshold),
    )


def _weights(names: NDArray[np.uint8], weights: NDArray[np.float16]) -> dict[str, float]:
    return dict(zip(_lines(names), weights.astype(float).tolist(), strict=True))


def _lines(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode("utf-8").split("\n")


def _bytes(lines: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)
