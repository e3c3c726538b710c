"""The linear models over words: one ranks unread sentences for those who label them, the others ship.

``rank_unread`` learns from the labels, ``fit_margin`` from those of natural sentences alone, ``distil`` from what
encoder and margin accept together.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from extractors.reader.decoding import decode
from extractors.reader.encoder import Encoder
from extractors.reader.prefilter import features_of
from extractors.training.data import Example
from extractors.training.folds import UNTOUCHED
from extractors.training.sources import INVENTED, REAL

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

HELD_OUT = 1
"""The fold that the strength of the prefilter and its floors are chosen on."""
_STRENGTHS = (0.03, 0.1, 0.3)
_INVENTED = 0.25
"""What an invented sentence weighs beside a natural one in the prefilter."""
_TELLING = 0.03
"""A feature that weighs less than this in every model is left out."""
_SHIFT = 1.5
"""Added to the margin, so that 0 lies where the decision falls and not where a statement is as likely as none."""
_RARE = 3
_SHARES = (
    (("ordinary",), 9_000),
    (("conflict",), 2_500),
    (("menace", "deliveries"), 4_000),
    (("short", "sentences", "invented"), 3_500),
    (("labelled",), 2_500),
)
"""How many sentences of which sets the prefilter learns from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """By how much words alone speak for a statement, as log-odds."""

    weights: Mapping[str, float]
    offset: float

    def of(self, sentence: str) -> float:
        """Return the margin of ``sentence``."""
        return self.offset + sum(self.weights.get(feature, 0.0) for feature in features_of(sentence))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """From which score on something is accepted, and which share of that in natural text the prefilter may lose."""

    accepted: float
    lost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How much each example looks like a statement, and like one that tells of a transfer."""

    statements: Values
    transfers: Values


def rank_unread(known: Sequence[Example], unread: Sequence[Example]) -> Ranking:
    """Rank ``unread`` examples by models that have seen every ``known`` one outside the untouched fold."""
    known = [one for one in known if not (one.source in REAL and one.fold == UNTOUCHED)]
    vectorizer = _vectorizer()
    features = vectorizer.fit_transform([example.sentence for example in known])
    new = vectorizer.transform([example.sentence for example in unread])
    states, tells = _flags(known)
    judged = np.array([example.kind != "optional" for example in known])
    armed = np.array([bool(example.weapons) for example in known])
    transfers = _fit(features, tells, armed, strength=0.3).decision_function(new)
    return Ranking(
        statements=_by_statements(features, states, judged).decision_function(new),
        transfers=np.where([bool(example.weapons) for example in unread], transfers, -np.inf),
    )


def fit_margin(examples: Iterable[Example]) -> Margin:
    """Fit the margin to ``examples`` without the invented ones, whose words are not those of the news."""
    natural = [one for one in examples if one.kind != "optional" and one.source not in INVENTED]
    vectorizer = _vectorizer()
    features = vectorizer.fit_transform([example.sentence for example in natural])
    states, _ = _flags(natural)
    model = _by_statements(features, states, np.ones(len(natural), dtype=bool), strength=0.2)
    named = zip(vectorizer.get_feature_names_out().tolist(), model.coef_[0].tolist(), strict=True)
    weights = {name: weight for name, weight in named if abs(weight) > _TELLING}
    return Margin(weights=weights, offset=float(model.intercept_[0]) + _SHIFT)


def _flags(examples: Sequence[Example]) -> tuple[Flags, Flags]:
    return np.array([one.states for one in examples]), np.array([one.tells for one in examples])


def _by_statements(features: Any, states: Flags, rows: Flags, *, strength: float = 0.15) -> LogisticRegression:
    return _fit(features, states, rows, strength=strength, weights=np.where(states, 3.0, 1.0))


def _fit(
    features: Any, wanted: Flags, rows: Flags, *, strength: float, weights: Values | None = None
) -> LogisticRegression:
    weights = np.ones(len(wanted)) if weights is None else weights
    model = LogisticRegression(C=strength, max_iter=400)
    return model.fit(features[rows], wanted[rows], sample_weight=weights[rows])


def _vectorizer() -> CountVectorizer:
    return CountVectorizer(analyzer=features_of, binary=True, min_df=_RARE)


def drawn(examples: Mapping[str, Sequence[Example]], chance: random.Random) -> list[Example]:
    """Return what the prefilter learns from: every find of the real sets, a share of all else, nothing untouched."""
    real = [one for name in REAL for one in examples[name] if one.fold != UNTOUCHED]
    finds = [one for one in real if one.kind != "none" or one.tells]
    others = [one for one in real if not (one.kind != "none" or one.tells)]
    piles = [([one for one in others if one.weapons], 2_500), ([one for one in others if not one.weapons], 5_000)]
    piles += [([one for name in names for one in examples[name]], size) for names, size in _SHARES]
    return [*finds, *(one for pile, size in piles for one in chance.sample(pile, min(size, len(pile))))]


def accepted(encoder: Encoder, margin: Margin, examples: Sequence[Example], *, weight: float) -> Ranking:
    """Return what encoder and ``margin``, of that ``weight``, make of ``examples``; -1 where there is no weapon."""
    readings = [
        decode(encoder.score(one.passage), 0, one.end, prior=weight * margin.of(one.sentence)) for one in examples
    ]
    return Ranking(
        statements=np.array([reading.statement for reading in readings]),
        transfers=np.array(
            [max((max(weapon.stages.values()) for weapon in one.weapons), default=-1.0) for one in readings]
        ),
    )


def distil(
    examples: Sequence[Example], scores: Ranking, margin: Margin, path: Path, *, statement: Cut, stage: Cut
) -> Flags:
    """Write ``margin``, and the prefilter that passes what is accepted as a ``statement`` or at a ``stage``.

    Return which examples pass for either reason, where the held-out ones are judged by a model that has not seen them.
    """
    vectorizer = _vectorizer()
    features = vectorizer.fit_transform([example.sentence for example in examples])
    sources = np.array([example.source for example in examples])
    held = np.array([example.fold == HELD_OUT for example in examples])
    natural = ~np.isin(sources, INVENTED)
    everywhere, armed = np.ones(len(examples), dtype=bool), scores.transfers >= 0
    gate = _Gate(features=features, held=held, natural=natural)
    statements = gate.fit(scores.statements, statement, rows=everywhere, everyday=sources == "ordinary")
    transfers = gate.fit(scores.transfers, stage, rows=armed, everyday=sources == "conflict")
    _write(path, vectorizer.get_feature_names_out().tolist(), statements, transfers, margin)
    return statements.passed | (transfers.passed & armed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linear:
    weights: Values
    floor: float
    passed: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gate:
    """What both prefilters are fitted to, statements and transfers."""

    features: Any
    held: Flags
    natural: Flags

    def fit(self, scores: Values, cut: Cut, *, rows: Flags, everyday: Flags) -> _Linear:
        """Fit a model to what is accepted, of the strength that passes least of the ``everyday`` held-out rows."""
        taken, nearly = scores >= cut.accepted, scores >= cut.accepted / 2
        weights = np.where(taken, 5.0, 1.0) * np.where(self.natural, 1.0, _INVENTED)

        def attempt(strength: float) -> tuple[float, float, float, Flags]:
            model = _fit(self.features, nearly, rows & ~self.held, strength=strength, weights=weights)
            values = model.decision_function(self.features)
            floor = float(np.quantile(values[rows & self.held & taken & self.natural], cut.lost))
            passed = values >= floor
            return float(passed[rows & self.held & everyday].mean()), strength, floor, passed

        _, strength, floor, passed = min(map(attempt, _STRENGTHS), key=lambda tried: tried[0])
        model = _fit(self.features, nearly, rows, strength=strength, weights=weights)
        return _Linear(weights=model.coef_[0], floor=floor - float(model.intercept_[0]), passed=passed)


def _write(path: Path, names: Sequence[str], statements: _Linear, transfers: _Linear, margin: Margin) -> None:
    """Write every feature that tells something to one of the models, with what it weighs in each."""
    fitted = dict(zip(names, zip(statements.weights.tolist(), transfers.weights.tolist(), strict=True), strict=True))
    telling = {name for name, weights in fitted.items() if max(map(abs, weights)) > _TELLING}
    kept = sorted(telling | margin.weights.keys())
    columns = np.array(
        [(*fitted.get(name, (0.0, 0.0)), margin.weights.get(name, 0.0)) for name in kept], dtype=np.float16
    )
    np.savez_compressed(
        path,
        features=np.array("\n".join(kept)),
        statements=columns[:, 0],
        transfers=columns[:, 1],
        margins=columns[:, 2],
        floors=np.array([statements.floor, transfers.floor, margin.offset]),
    )
