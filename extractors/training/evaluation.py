"""The tables of ``docs/evaluation.md``: what ``score_real.py`` counts, with intervals, calibration and ablations.

Counted document by document, so that a bootstrap can draw whole documents: findings of one text stand and fall
together.
"""

import csv
import importlib.util
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from extractors.pipeline import Extractor
from extractors.reader.encoder import Scores
from extractors.reader.passages import Passage
from extractors.reader.prefilter import Prefilter
from extractors.training.data import STATEMENTS, document_text
from extractors.training.findings import Row, places
from extractors.training.folds import plain
from extractors.training.sources import read_rows

DRAWS = 1_000
BINS = 10

Counts = Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measure with the bounds that 95 % of the draws lie between."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """As it stands in a table: .72 (.66–.78)."""
        value, low, high = (f"{number:.2f}".removeprefix("0") for number in (self.value, self.low, self.high))
        return f"{value} ({low}–{high})"


def f1(found: float, gold: float, right: float, predicted: float) -> float:
    """Return the harmonic mean of recall and precision."""
    recall, precision = _ratio(found, gold), _ratio(right, predicted)
    return _ratio(2 * recall * precision, recall + precision)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


MEASURES: Mapping[str, Callable[[Counts], float]] = {
    "statements P": lambda n: _ratio(n["statements right"], n["statements predicted"]),
    "statements R": lambda n: _ratio(n["statements found"], n["statements gold"]),
    "statements F1": lambda n: f1(*(n[f"statements {key}"] for key in ("found", "gold", "right", "predicted"))),
    "kind": lambda n: _ratio(n["kind"], n["statements found"]),
    "side": lambda n: _ratio(n["side"], n["statements found"]),
    "speaker": lambda n: _ratio(n["speaker"], n["statements found"]),
    "condition F1": lambda n: f1(n["condition"], n["condition gold"], n["condition"], n["condition predicted"]),
    "consequence F1": lambda n: f1(
        n["consequence"], n["consequence gold"], n["consequence"], n["consequence predicted"]
    ),
    "transfers P": lambda n: _ratio(n["transfers right"], n["transfers predicted"]),
    "transfers R": lambda n: _ratio(n["transfers found"], n["transfers gold"]),
    "transfers F1": lambda n: f1(*(n[f"transfers {key}"] for key in ("found", "gold", "right", "predicted"))),
    "supplier": lambda n: _ratio(n["supplier"], n["transfers right"]),
}


def scorer(shared: Path) -> ModuleType:
    """Load the script that counts."""
    spec = importlib.util.spec_from_file_location("score_real", shared / "eval" / "score_real.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(shared / "eval" / "score_real.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def counts_of(script: ModuleType, document: Row, gold: Sequence[Row], signals: Row) -> Counts:
    """Return the counts of one document; the script's shares of what was found are whole numbers again."""
    table = script.score([document], [dict(one) for one in gold], {document["id"]: signals})
    counts: Counts = Counter()
    for name in ("statements", "transfers"):
        counts.update({f"{name} {key}": table[name][key] for key in ("gold", "found", "predicted", "right")})
    for name in ("kind", "side", "speaker"):
        counts[name] = round((table[name] or 0) * table["statements"]["found"])
    counts["supplier"] = round((table["supplier"] or 0) * table["transfers"]["right"])
    counts.update(_word_counts(script, document, gold, signals))
    return counts


def _word_counts(script: ModuleType, document: Row, gold: Iterable[Row], signals: Row) -> Counts:
    """Count the words of condition and consequence that a statement shares with the annotated one it touches."""
    counts: Counts = Counter()
    for statement in signals["statements"]:
        touched = _touched(script, document, gold, statement)
        for annotated in [one for one in touched if one["kind"] in STATEMENTS][:1]:
            for role in ("condition", "consequence"):
                wanted, found = _words(annotated[role]), _words(statement[role])
                counts.update({f"{role} gold": wanted.total(), f"{role} predicted": found.total()})
                counts[role] += (wanted & found).total()
    return counts


def _touched(script: ModuleType, document: Row, gold: Iterable[Row], statement: Row) -> list[Row]:
    text, (start, end) = document_text(document), (statement["start"], statement["end"])
    return [
        one
        for one in gold
        if one["t"] == "s" and any(script.touch(*place, start, end) for place in places(text, one["evidence"]))
    ]


def _words(text: str | None) -> Counts:
    return Counter(plain(text or "").split())


def judged(script: ModuleType, document: Row, gold: Sequence[Row], signals: Row) -> Iterator[tuple[float, bool]]:
    """Yield the confidence of each statement, and whether it is one; what touches only optional ones is left out."""
    for statement in signals["statements"]:
        kinds = {one["kind"] for one in _touched(script, document, gold, statement)}
        right = not kinds.isdisjoint(STATEMENTS)
        if statement["kind"] in STATEMENTS and (right or "optional" not in kinds):
            yield statement["confidence"], right


def interval(counts: Sequence[Counts], measure: Callable[[Counts], float], *, seed: int = 0) -> Figure:
    """Return ``measure`` of all documents, and what it is in draws of as many with replacement."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    drawn = sorted(measure(_total(chance.choices(counts, k=len(counts)))) for _ in range(DRAWS))
    return Figure(value=measure(_total(counts)), low=drawn[DRAWS // 40], high=drawn[-DRAWS // 40 - 1])


def passages_in(path: Path) -> Iterator[Row]:
    """Yield the passages of a set, each with what it is: JSONL with ``label``, or the events of PLOVER."""
    if path.suffix != ".tsv":
        yield from read_rows(path)
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield {"text": row["sentence"], "label": "threat" if row["gold_root"] == "THREATEN" else "none"}


def passage_counts(passage: Row, signals: Row) -> Counts:
    """Return whether a passage is taken for a statement; of one that tells of a transfer, whether in its direction."""
    if "stages" in passage:
        wanted = (passage["supplier"], passage["recipient"])
        told = [((one["supplier"], one["recipient"]), one["stage"]) for one in signals["transfers"]]
        right = any(parties == wanted and stage in passage["stages"] for parties, stage in told)
        return Counter(told=1, right=right, reversed=any(parties == wanted[::-1] for parties, _ in told))
    gold = passage["label"] in STATEMENTS
    found = any(one["kind"] in STATEMENTS for one in signals["statements"])
    right, shares = gold and found, ("gold", "found", "predicted", "right")
    return Counter(dict(zip((f"statements {share}" for share in shares), (gold, right, found, right), strict=True)))


def passage_measures(passages: Iterable[Row]) -> Mapping[str, Callable[[Counts], float]]:
    """Return what a set of passages measures: statements, or transfers where it names their stages."""
    if any("stages" in one for one in passages):
        return {
            "transfers right": lambda n: _ratio(n["right"], n["told"]),
            "transfers reversed": lambda n: _ratio(n["reversed"], n["told"]),
        }
    return {name: MEASURES[name] for name in ("statements P", "statements R", "statements F1")}


def _total(counts: Iterable[Counts]) -> Counts:
    total: Counts = Counter()
    for each in counts:
        total.update(each)
    return total


def calibration_error(told: Sequence[tuple[float, bool]]) -> float:
    """Return how far, on average, confidence is from the share that is right, in ten bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in told:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    gaps = (abs(sum(confidence - right for confidence, right in each)) for each in bins.values())
    return _ratio(sum(gaps), len(told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was measured on one set."""

    documents: int
    figures: Mapping[str, Figure]
    calibration: float


def measure(script: ModuleType, documents: Sequence[Row], *, gold: Iterable[Row], signals: Mapping[str, Row]) -> Table:
    """Compare what was found in ``documents`` with ``gold``; ``signals`` is by the id of a document."""
    lines: dict[str, list[Row]] = {}
    for one in gold:
        lines.setdefault(one["id"], []).append(one)
    cases = [(script, one, lines.get(one["id"], []), signals[one["id"]]) for one in documents]
    counts = [counts_of(*case) for case in cases]
    return Table(
        documents=len(documents),
        figures={name: interval(counts, share) for name, share in MEASURES.items()},
        calibration=calibration_error([told for case in cases for told in judged(*case)]),
    )


def as_markdown(tables: Mapping[str, Table]) -> str:
    """Return ``tables`` as one, a column for each set."""
    rows = [
        ["", *tables],
        ["---"] * (len(tables) + 1),
        ["documents", *(str(table.documents) for table in tables.values())],
        *([name, *(str(table.figures[name]) for table in tables.values())] for name in MEASURES),
        ["calibration error", *(f"{table.calibration:.3f}" for table in tables.values())],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


class _Everything:
    """A prefilter that passes every sentence, with the margin of another one."""

    def __init__(self, prefilter: Prefilter) -> None:
        self.margin = prefilter.margin

    def statement(self, *_: object) -> bool:
        return True

    transfer = statement


class _Contextless:
    """An encoder that is shown the sentence alone."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder

    def score(self, passage: Passage) -> Scores:
        scores: Scores = self._encoder.score(replace(passage, context=()))
        return scores


def leave_out(extractor: Extractor, part: str) -> None:
    """Take ``part`` out of the reader: "prefilter", "margin", "topic" or "context"."""
    reader: Any = extractor.reader
    if part == "prefilter":
        reader.prefilter = _Everything(reader.prefilter)
    elif part in ("margin", "topic"):
        reader.settings = replace(reader.settings, **{f"{part}_weight": 0.0})
    else:
        reader.encoder = _Contextless(reader.encoder)
