"""Train and measure the statement classifier: the recipe behind ``extractors/model/statements.npz``.

    python -m extractors.training.statements ../shared [--write]

Reads the labelled sentences and headlines (kept beside the checkout, their texts are not ours to ship) and the invented
sentences in ``examples.jsonl`` (ours). Cross-validates in five folds in which near-copies stay together, calibrates on
the scores of held-out folds, prints the table and, with ``--write``, trains on everything and writes the weights.
Numpy only, no randomness: the same input gives the same weights.
"""

import argparse
import gzip
import hashlib
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.actors import ActorFinder, ActorMention
from extractors.attribution import Attributor
from extractors.classifier import SCALE, WEIGHTS, Classifier, save_classifier
from extractors.cues import CueFinder, load_cues, normalise
from extractors.features import Named, features, named_speakers, spelling, told
from extractors.sentences import build_nlp
from extractors.statements import speaks

SEEDS = Path(__file__).parents[2] / "seeds"
OWN = Path(__file__).with_name("examples.jsonl")
LABELS = Path(__file__).with_name("labels.jsonl")
STATEMENT = frozenset({"red_line", "threat", "optional"})
UNSURE = 0.7
"""Weight of an example on which annotators could differ."""
PENALTY = 1 / 0.3
FOLDS = 5
SHINGLE = 4
NEAR = 0.25
NOISE = 0.012
"""Differences of F1 that mean nothing on samples of this size."""
VIEWS: tuple[frozenset[str] | None, ...] = (
    None,
    frozenset({"w", "b", "t"}),
    frozenset({"cue", "said", "flag", "length"}),
)
"""Kinds of feature that a regression of its own sees, None for all; their mean is still one weight per feature."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled sentence; ``document`` and near-copies stay in one fold, ``origin`` says where it is from."""

    text: str
    label: str
    sure: bool
    document: str
    source: str
    origin: str

    @property
    def positive(self) -> bool:
        """Whether it holds a red line or a threat."""
        return self.label in STATEMENT


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a JSON-lines file, gzipped or not."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as lines:
        return [json.loads(line) for line in lines if line.strip()]


def labelled_sentences(shared: Path) -> Iterator[Example]:
    """Yield the sentences that annotators labelled one by one."""
    for row in read_jsonl(shared / "train" / "statements" / "sentences.jsonl"):
        yield Example(
            text=row["sentence"],
            label=row["label"],
            sure=row["sure"],
            document=f"n{row['n']}",
            source=row["source"],
            origin="sentences",
        )


def labelled_headlines(shared: Path) -> Iterator[Example]:
    """Yield the sentences of the headlines with leads, each with the label of the gold span it holds half of."""
    nlp = build_nlp()
    for row in read_jsonl(shared / "eval" / "short.gold.jsonl"):
        text = f"{row['title']}\n\n{row['text']}" if row["title"] else row["text"]
        spans = [(text.find(s["evidence"]), len(s["evidence"]), s["kind"]) for s in row["statements"]]
        spans += [(text.find(span), len(span), "optional") for span in row["optional"]]
        spans += [(text.find(span), len(span), "commentary") for span in row["commentary"]]
        for sentence in nlp(text).sents:
            start, end = sentence.start_char, sentence.end_char
            held = [kind for at, size, kind in spans if 2 * (min(end, at + size) - max(start, at)) >= size]
            label = min(held, key=["red_line", "threat", "optional", "commentary"].index, default="other")
            yield Example(
                text=text[start:end].strip(),
                label=label,
                sure=label != "optional",
                document=row["id"],
                source=row["source"],
                origin="headlines",
            )


def own_examples() -> Iterator[Example]:
    """Yield the sentences invented for this purpose."""
    for number, row in enumerate(read_jsonl(OWN) if OWN.exists() else []):
        yield Example(
            text=row["text"], label=row["label"], sure=True, document=f"own{number}", source="own", origin="own"
        )


def unlabelled(shared: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the sentences of the sets without gold, each with its document and the set's name."""
    nlp = build_nlp()
    for name in ("stream", "conflict", "ordinary"):
        for row in read_jsonl(shared / "eval" / f"{name}.jsonl.gz"):
            for sentence in nlp(f"{row['title']}\n\n{row['text']}" if row["title"] else row["text"]).sents:
                yield sentence.text.strip(), row["id"], name


def fingerprint(sentence: str) -> str:
    """Return what stands for a sentence that may not be copied: the hash of its words."""
    words = re.sub(r"\W+", " ", sentence.lower()).strip()
    return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


def labelled_by_fingerprint(shared: Path) -> Iterator[Example]:
    """Yield the sentences of the unlabelled sets for which ``labels.jsonl`` holds a label of ours."""
    labels = {row["sentence"]: row for row in read_jsonl(LABELS)}
    for text, document, name in unlabelled(shared):
        row = labels.pop(fingerprint(text), None)
        if row:
            yield Example(
                text=text, label=row["label"], sure=row["sure"], document=document, source=name, origin="labelled here"
            )


def common_words(shared: Path) -> frozenset[str]:
    """Return the words that ordinary text writes in lower case often enough to be no names."""
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for name in ("ordinary", "conflict", "stream"):
        for row in read_jsonl(shared / "eval" / f"{name}.jsonl.gz"):
            for match in re.finditer(r"[A-Za-z]+(?:['’][a-z]{1,2}\b)?", row["text"]):
                word = spelling(normalise(match.group()))
                (lower if match.group()[0].islower() else capital)[word] += 1
    return frozenset(word for word, count in lower.items() if count >= 20 and 2 * count >= capital[word])


def near_copies(examples: Sequence[Example]) -> list[int]:
    """Return a group for each example: those of one document, or that share a quarter of their shingles, share a group."""
    parent = list(range(len(examples)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    shingles = [_shingles(example.text) for example in examples]
    holders: dict[str, list[int]] = defaultdict(list)
    first: dict[str, int] = {}
    for at, example in enumerate(examples):
        parent[root(at)] = root(first.setdefault(example.document, at))
        for shingle in shingles[at]:
            holders[shingle].append(at)
    common = Counter(
        (a, b) for who in holders.values() if len(who) <= 60 for i, a in enumerate(who) for b in who[i + 1 :]
    )
    for (a, b), count in common.items():
        if count >= 3 and count >= NEAR * min(len(shingles[a]), len(shingles[b])):
            parent[root(a)] = root(b)
    return [root(at) for at in range(len(examples))]


def _shingles(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}


def assign_folds(examples: Sequence[Example], groups: Sequence[int]) -> NDArray[np.int64]:
    """Return a fold per example: whole groups, the largest first, to the fold with the fewest positives, then examples."""
    members: dict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(groups):
        members[group].append(at)
    load = [[0, 0] for _ in range(FOLDS)]
    folds = np.zeros(len(examples), dtype=np.int64)
    positives = {group: sum(examples[at].positive for at in who) for group, who in members.items()}
    for group, who in sorted(members.items(), key=lambda item: (-positives[item[0]], -len(item[1]), item[0])):
        fold = min(range(FOLDS), key=lambda at: (load[at] if positives[group] else load[at][::-1], at))
        load[fold][0] += positives[group]
        load[fold][1] += len(who)
        folds[who] = fold
    return folds


class Matrix:
    """Rows of scaled binary features and a constant last column, with the two products that training needs."""

    def __init__(self, rows: Sequence[set[str]], *, names: Sequence[str]) -> None:
        index = {name: at for at, name in enumerate(names)}
        cells = [
            (at, index[name], SCALE / math.sqrt(max(1, len(row))))
            for at, row in enumerate(rows)
            for name in sorted(row)
            if name in index
        ]
        cells += [(at, len(names), 1.0) for at in range(len(rows))]
        self.rows = np.array([row for row, _, _ in cells])
        self.columns = np.array([column for _, column, _ in cells])
        self.values = np.array([value for _, _, value in cells])
        self.shape = (len(rows), len(names) + 1)

    def times(self, weights: Array) -> Array:
        """Return the score of every row."""
        return np.bincount(self.rows, self.values * weights[self.columns], minlength=self.shape[0]).astype(np.float64)

    def transposed_times(self, residual: Array) -> Array:
        """Return the product of the transposed matrix with ``residual``."""
        return np.bincount(self.columns, self.values * residual[self.rows], minlength=self.shape[1]).astype(np.float64)


def frequent(rows: Iterable[set[str]], *, least: int = 2) -> list[str]:
    """Return the features of at least ``least`` rows, sorted."""
    counts = Counter(name for row in rows for name in row)
    return sorted(name for name, count in counts.items() if count >= least)


def fit(matrix: Matrix, labels: Array, importance: Array, *, penalty: float = PENALTY, steps: int = 150) -> Array:
    """Return the weights of an L2-penalised logistic regression, by Nesterov's accelerated gradient."""
    weights = ahead = np.zeros(matrix.shape[1])
    size = 1 / (0.25 * _largest_eigenvalue(matrix, importance) + penalty)
    for step in range(steps):
        residual = importance * (sigmoid(matrix.times(ahead)) - labels)
        new = ahead - size * (matrix.transposed_times(residual) + penalty * ahead)
        ahead = new + step / (step + 3) * (new - weights)
        weights = new
    return weights


def sigmoid(scores: Array) -> Array:
    """Return the logistic function of every score."""
    return 1 / (1 + np.exp(-np.clip(scores, -60, 60)))


def _largest_eigenvalue(matrix: Matrix, importance: Array) -> float:
    """Return it for the weighted Gram matrix, by power iteration, with a margin."""
    vector = np.ones(matrix.shape[1])
    value = 1.0
    for _ in range(30):
        vector = matrix.transposed_times(importance * matrix.times(vector))
        value = float(np.linalg.norm(vector))
        vector /= value
    return 1.2 * value


@dataclass(frozen=True)
class Prepared:
    """Examples with what the classifier sees of them."""

    examples: list[Example]
    rows: list[set[str]]
    triggered: NDArray[np.bool_]
    labels: Array
    importance: Array


def prepare(examples: list[Example], *, words: frozenset[str]) -> Prepared:
    """Return the features of every example, names found by the actors' list."""
    cues, actors, nlp, attributor = CueFinder(load_cues(SEEDS)), ActorFinder(SEEDS), build_nlp(), Attributor(SEEDS)

    def seen(example: Example) -> set[str]:
        doc = nlp(example.text)
        mentions = actors.find(doc)
        utterances = attributor.find(doc, mentions)
        said = [how for utterance in utterances for how in told(utterance)]
        named = named_in(mentions) + named_speakers(example.text, utterances)
        return features(example.text, named=named, said=said, cues=cues, words=words)

    return Prepared(
        examples,
        [seen(example) for example in examples],
        np.array([cues.triggered(normalise(e.text)) for e in examples]),
        np.array([float(e.positive) for e in examples]),
        np.array([1.0 if e.sure else UNSURE for e in examples]),
    )


def fit_views(data: Prepared, seen: NDArray[np.int64]) -> tuple[list[str], Array]:
    """Return the features of some examples and their weights, the bias last: the mean of one regression per view."""
    rows, labels, importance = [data.rows[at] for at in seen], data.labels[seen], data.importance[seen]
    names = frequent(rows)
    weights = np.zeros(len(names) + 1)
    for view in VIEWS:
        held = [at for at, name in enumerate(names) if view is None or name.split(" ", 1)[0] in view]
        fitted = fit(Matrix(rows, names=[names[at] for at in held]), labels, importance)
        weights[[*held, -1]] += fitted / len(VIEWS)
    return names, weights


def held_out(data: Prepared, folds: NDArray[np.int64]) -> Array:
    """Return for every example the score of a model that has not seen its fold; -60 where no cue triggers."""
    scores = np.full(len(data.rows), -60.0)
    for fold in range(FOLDS):
        seen = np.flatnonzero((folds != fold) & data.triggered)
        unseen = np.flatnonzero((folds == fold) & data.triggered)
        names, weights = fit_views(data, seen)
        scores[unseen] = Matrix([data.rows[at] for at in unseen], names=names).times(weights)
    return scores


def calibrate(scores: Array, labels: Array, importance: Array) -> tuple[float, float]:
    """Return slope and offset of Platt's scaling of held-out scores, by Newton's method."""
    slope, offset = 1.0, 0.0
    for _ in range(50):
        p = sigmoid(slope * scores + offset)
        error, curve = importance * (p - labels), importance * p * (1 - p) + 1e-9
        hessian = np.array(
            [[(curve * scores * scores).sum(), (curve * scores).sum()], [(curve * scores).sum(), curve.sum()]]
        )
        step = np.linalg.solve(hessian + 1e-6 * np.eye(2), np.array([(error * scores).sum(), error.sum()]))
        slope, offset = slope - float(step[0]), offset - float(step[1])
    return slope, offset


def cross_validate(data: Prepared) -> tuple[Array, float, float, float]:
    """Return held-out calibrated probabilities, the best threshold, and slope and offset of the calibration."""
    scores = held_out(data, assign_folds(data.examples, near_copies(data.examples)))
    slope, offset = calibrate(scores[data.triggered], data.labels[data.triggered], data.importance[data.triggered])
    probabilities = np.where(data.triggered, sigmoid(slope * scores + offset), 0.0)
    return probabilities, best_threshold(probabilities, data), slope, offset


def best_threshold(probabilities: Array, data: Prepared) -> float:
    """Return the highest threshold whose mean F1 over the two real samples is the best but for noise.

    The other samples were chosen for being hard. News that threatens nobody is a hundred times as frequent as in the
    samples, so of thresholds that the samples cannot tell apart the one with fewer false alarms is worth more.
    """

    def mean_f1(threshold: float) -> float:
        return (
            sum(measure(probabilities, data, threshold=threshold, origin=o)[2] for o in ("sentences", "headlines")) / 2
        )

    grid: list[float] = np.arange(0.2, 0.8, 0.01).tolist()
    reached = {threshold: mean_f1(threshold) for threshold in grid}
    return max(threshold for threshold, f1 in reached.items() if f1 >= max(reached.values()) - NOISE)


def measure(
    probabilities: Array, data: Prepared, *, threshold: float, origin: str | None = None
) -> tuple[float, float, float]:
    """Return precision, recall and F1 over the sure examples, or those of one origin."""
    use = np.array([e.sure and (origin is None or e.origin == origin) for e in data.examples])
    said, true = (probabilities >= threshold) & use, (data.labels > 0) & use
    hit = float((said & true).sum())
    precision, recall = hit / max(1.0, float(said.sum())), hit / max(1.0, float(true.sum()))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def train(data: Prepared, *, words: frozenset[str], slope: float, offset: float, threshold: float) -> Classifier:
    """Return the classifier trained on every example that a cue triggers."""
    names, weights = fit_views(data, np.flatnonzero(data.triggered))
    return Classifier(
        dict(zip(names, weights[:-1].tolist(), strict=True)), float(weights[-1]), words, slope, offset, threshold
    )


def named_in(mentions: Iterable[ActorMention]) -> list[Named]:
    """Return mentions of actors as the classifier is told of them."""
    return [Named(m.start, m.end, speaks(m)) for m in mentions]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure in folds, print the table, and write the weights when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    words = common_words(options.shared)
    examples = [
        *labelled_sentences(options.shared),
        *labelled_headlines(options.shared),
        *labelled_by_fingerprint(options.shared),
        *own_examples(),
    ]
    data = prepare(examples, words=words)
    probabilities, threshold, slope, offset = cross_validate(data)
    for origin in ("sentences", "headlines", "labelled here", "own"):
        row = measure(probabilities, data, threshold=threshold, origin=origin)
        sys.stdout.write(f"{origin:14s} P {row[0]:.3f} R {row[1]:.3f} F1 {row[2]:.3f} at {threshold:.2f}\n")
    if options.write:
        save_classifier(train(data, words=words, slope=slope, offset=offset, threshold=threshold), WEIGHTS)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
