"""What ``reader.json`` holds: how the parts of the reader count, and from which probabilities on something is found."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from extractors.lexicon import parse
from extractors.reader.encoder import MODEL, ModelError
from extractors.records import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementThresholds:
    """Probabilities from which a sentence is a statement, or worth keeping as commentary, and how to calibrate them.

    ``scale`` and ``shift`` were fitted on documents the reader had not seen (J. Platt, Probabilistic Outputs for
    Support Vector Machines, 1999): of statements with confidence 0.8, eight in ten are right.
    """

    statement: float
    commentary: float
    alone: float = 0.0
    """The probability that is enough if the text does not say who speaks."""
    home: float = 0.0
    """The probability that is enough if nobody on another side is named nearby, which mostly is domestic."""
    scale: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        _check_probabilities(statement=self.statement, commentary=self.commentary, alone=self.alone, home=self.home)

    def confidence(self, probability: float) -> float:
        """Return the calibrated probability of a statement."""
        bounded = min(max(probability, 1e-6), 1 - 1e-6)
        odds = math.log(bounded / (1 - bounded))
        return 1 / (1 + math.exp(-(self.scale * odds + self.shift)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferThresholds:
    """Probabilities from which on a stage counts, a party counts, and a transfer is background."""

    stages: dict[str, float]
    """By ``Stage``, each of them."""
    party: float
    background: float = 0.5

    def __post_init__(self) -> None:
        if odd := set(Stage).symmetric_difference(self.stages):
            raise ValueError(f"'stages' must name each stage once: {', '.join(sorted(odd))} missing or unknown")
        _check_probabilities(party=self.party, background=self.background, **self.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What is found, of either kind."""

    statements: StatementThresholds
    transfers: TransferThresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """The whole file."""

    version: Literal[1]
    """Of the file: another one is of weights that this code does not know."""
    margin_weight: float
    """What the margin of the prefilter counts in the log-odds of a statement."""
    topic_weight: float
    """What the log-odds that a text is news of conflict count where they are below ``topic_least``."""
    topic_least: float
    thresholds: Thresholds


def load_settings(folder: Path = MODEL) -> ReaderSettings:
    """Load ``reader.json`` from ``folder``; ModelError names the file and every field that is wrong."""
    path = folder / "reader.json"
    try:
        return parse(path.read_text(encoding="utf-8"), build=ReaderSettings)
    except (OSError, ValueError) as error:
        problems = "; ".join(str(error).splitlines())
        raise ModelError(f"the reader's settings in {path} cannot be loaded: {problems}") from error


def _check_probabilities(**fields: float) -> None:
    wrong = [f"{name!r} must be between 0 and 1, not {value}" for name, value in fields.items() if not 0 <= value <= 1]
    if wrong:
        raise ValueError("\n".join(wrong))
