"""Turns the encoder's logits into probabilities and into spans of the document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.reader.encoder import NOWHERE, Floats, Scores
from extractors.reader.passages import Span
from extractors.records import Stage

ROLES = ("speaker", "condition", "consequence", "addressee")
PARTIES = ("supplier", "recipient")
_SURE = 0.5
_LEAST = {"speaker": 0.3, "condition": _SURE, "consequence": _SURE, "addressee": _SURE}
"""Least probability of a span by role; low for speakers, who are resolved with other evidence too."""
_JOINS = 0.25
"""Least probability of a piece between two others of one span to belong to it."""


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A span of the document with its probability, 0 to 1."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaponReading:
    """What a sentence asserts about one weapon in it."""

    start: int
    end: int
    stages: Mapping[Stage, float]
    """The probability of each stage."""
    background: float
    """The probability that it is reported as past and not as news."""
    suppliers: tuple[ScoredSpan, ...]
    """Spans that may name the supplier, the likeliest first."""
    recipients: tuple[ScoredSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceReading:
    """What the reader makes of one sentence."""

    start: int
    end: int
    red_line: float
    threat: float
    commentary: float
    explicit: float
    nuclear: float
    spans: Mapping[str, tuple[ScoredSpan, ...]]
    """For each of ``ROLES``, the spans in that role, the likeliest first; they may be in the context."""
    weapons: tuple[WeaponReading, ...]

    @property
    def statement(self) -> float:
        """The probability that this is a red line or a threat."""
        return self.red_line + self.threat


def decode(scores: Scores, start: int, end: int, *, prior: float = 0.0) -> SentenceReading:
    """Return the reading of the sentence ``start`` to ``end``; ``prior`` is added to the log-odds of a statement."""
    places = scores.encoded.places
    kinds = _softmax(scores.kinds[:4] + np.array([0, prior, prior, 0], dtype=np.float32))
    tags = _sigmoid(scores.tags)
    return SentenceReading(
        start=start,
        end=end,
        red_line=float(kinds[1]),
        threat=float(kinds[2]),
        commentary=float(kinds[3]),
        explicit=float(_sigmoid(scores.kinds[4])),
        nuclear=float(_sigmoid(scores.kinds[5])),
        spans={role: spans_of(tags[:, column], places, least=_LEAST[role]) for column, role in enumerate(ROLES)},
        weapons=tuple(_weapon(scores, row, places) for row in range(len(scores.encoded.weapons))),
    )


def spans_of(probabilities: Floats, places: Sequence[Span], *, least: float = _SURE) -> tuple[ScoredSpan, ...]:
    """Return the runs of pieces above ``least`` as spans, the likeliest first.

    A run continues over pieces above ``_JOINS``; it never crosses from the sentence into its context.
    """
    found: list[ScoredSpan] = []
    run: list[int] = []
    for at, place in enumerate(places):
        inside = place != NOWHERE and probabilities[at] >= (_JOINS if run else least)
        if inside:
            run.append(at)
        elif run and not (place == NOWHERE and _resumes(run[-1], at, places)):
            found.append(_span(run, probabilities, places, least))
            run = []
    if run:
        found.append(_span(run, probabilities, places, least))
    return tuple(sorted(found, key=lambda span: -span.score))


def _resumes(last: int, at: int, places: Sequence[Span]) -> bool:
    """Whether the text continues at piece ``at`` after piece ``last``, apart from marks of weapons."""
    following = next((place for place in places[at : at + 4] if place != NOWHERE), NOWHERE)
    return 0 <= following[0] - places[last][1] <= 1


def _span(run: list[int], probabilities: Floats, places: Sequence[Span], least: float) -> ScoredSpan:
    while probabilities[run[-1]] < least:
        run.pop()
    return ScoredSpan(places[run[0]][0], places[run[-1]][1], float(np.max(probabilities[run])))


def _weapon(scores: Scores, row: int, places: Sequence[Span]) -> WeaponReading:
    start, end = scores.encoded.weapons[row].span
    stages = _sigmoid(scores.stages[row])
    parties = _sigmoid(scores.parties[row])
    suppliers, recipients = (spans_of(parties[:, column], places, least=_JOINS) for column in range(len(PARTIES)))
    return WeaponReading(
        start=start,
        end=end,
        stages={stage: float(stages[column]) for column, stage in enumerate(Stage)},
        background=float(stages[len(Stage)]),
        suppliers=suppliers,
        recipients=recipients,
    )


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max())
    return np.asarray(shifted / shifted.sum())
