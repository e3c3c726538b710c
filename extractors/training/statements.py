"""Train and measure the statement classifier: the recipe behind ``extractors/model/statements.npz``.

    python -m extractors.training.statements ../shared [--write]

Reads the labelled sentences and headlines (kept beside the checkout, their texts are not ours to ship), a sample of
ordinary news taken to hold no statement, and the invented sentences in ``examples.jsonl`` (ours). Cross-validates in
five folds in which near-copies stay together, calibrates on the scores of held-out folds, prints the table and, with
``--write``, trains on everything and writes the weights.
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
from extractors.classifier import SCALE, WEIGHTS, Classifier, FirstLook, save_classifier
from extractors.cues import CueFinder, load_cues, normalise
from extractors.features import Named, features, named_speakers, plain_features, spelling, told
from extractors.sentences import build_nlp
from extractors.statements import speaks

SEEDS = Path(__file__).parents[2] / "seeds"
OWN = Path(__file__).with_name("examples.jsonl")
LABELS = Path(__file__).with_name("labels.jsonl")
UNLABELLED = ("stream", "conflict", "ordinary")
COMMON = 8
"""Times a word must stand in lower case to be one that may become a feature."""
STATEMENT = frozenset({"red_line", "threat", "optional"})
UNSURE = 0.7
"""Weight of an example on which annotators could differ."""
WRITTEN = 0.5
"""Weight of an invented example: there are many, and news is what is to be judged."""
PENALTY = 1 / 0.3
FOLDS = 5
SHINGLE = 4
NEAR = 0.25
NOISE = 0.004
"""Differences of F1 that mean nothing on samples of this size."""
PASSED = 0.006
"""Share of the sentences of ordinary news that the first look lets through."""
ASSUMED = 10
"""Of ordinary articles one in so many is trained on as holding no statement, but for those labelled."""
INVENTED = "origin invented"
"""A feature no real text has: invented sentences threaten more often than news, which is not to be learned."""
Views = Sequence[frozenset[str] | None]
FIRST_VIEWS: Views = (None,)
VIEWS: Views = (
    None,
    frozenset({"w", "b", "t"}),
    frozenset({"cue", "said", "flag", "length", "origin"}),
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
    for name in UNLABELLED:
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


def assumed_silent(shared: Path) -> Iterator[Example]:
    """Yield the sentences of some ordinary articles that nobody labelled: nearly none of them holds a statement."""
    labelled = {row["sentence"] for row in read_jsonl(LABELS)}
    for text, document, name in unlabelled(shared):
        drawn = name == "ordinary" and int(fingerprint(document), 16) % ASSUMED == 0
        if drawn and fingerprint(text) not in labelled:
            yield Example(text=text, label="other", sure=True, document=document, source=name, origin="assumed")


def all_examples(shared: Path) -> list[Example]:
    """Return everything that is trained on."""
    return [
        *labelled_sentences(shared),
        *labelled_headlines(shared),
        *labelled_by_fingerprint(shared),
        *assumed_silent(shared),
        *own_examples(),
    ]


def common_words(shared: Path) -> frozenset[str]:
    """Return the words that text writes in lower case often enough to be no names."""
    texts = [row["text"] for name in UNLABELLED for row in read_jsonl(shared / "eval" / f"{name}.jsonl.gz")]
    texts += [example.text for example in own_examples()]
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for match in (match for text in texts for match in re.finditer(r"[A-Za-z]+(?:['’][a-z]{1,2}\b)?", text)):
        word = spelling(normalise(match.group()))
        (lower if match.group()[0].islower() else capital)[word] += 1
    return frozenset(word for word, count in lower.items() if count >= COMMON and 2 * count >= capital[word])


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
    """Examples with what the classifier sees of them, at first and at second look."""

    examples: list[Example]
    first: list[set[str]]
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
        return features(example.text, named=named, said=said, cues=cues, words=words) | _origin(example)

    return Prepared(
        examples,
        [plain_features(normalise(e.text), words=words) | _origin(e) for e in examples],
        [seen(example) for example in examples],
        np.array([cues.triggered(normalise(e.text)) for e in examples]),
        np.array([float(e.positive) for e in examples]),
        np.array([_importance(example) for example in examples]),
    )


def _importance(example: Example) -> float:
    return WRITTEN if example.origin == "own" else 1.0 if example.sure else UNSURE


def _origin(example: Example) -> set[str]:
    return {INVENTED} if example.origin == "own" else set()


def fit_rows(
    rows: Sequence[set[str]], data: Prepared, seen: NDArray[np.int64], *, views: Views
) -> tuple[list[str], Array]:
    """Return the features of some examples and their weights, the bias last: the mean of one regression per view."""
    chosen = [rows[at] for at in seen.tolist()]
    names = frequent(chosen)
    weights = np.zeros(len(names) + 1)
    for view in views:
        held = [at for at, name in enumerate(names) if view is None or name.split(" ", 1)[0] in view]
        matrix = Matrix(chosen, names=[names[at] for at in held])
        weights[[*held, -1]] += fit(matrix, data.labels[seen], data.importance[seen]) / len(views)
    return names, weights


def held_out(rows: Sequence[set[str]], data: Prepared, folds: NDArray[np.int64], *, views: Views) -> Array:
    """Return for every example the score of a model that has not seen its fold."""
    scores = np.zeros(len(rows))
    for fold in range(FOLDS):
        unseen = np.flatnonzero(folds == fold)
        names, weights = fit_rows(rows, data, np.flatnonzero(folds != fold), views=views)
        scores[unseen] = Matrix([rows[at] for at in unseen.tolist()], names=names).times(weights)
    return scores


@dataclass(frozen=True)
class Validated:
    """What cross-validation tells.

    Of every example the probability by a model that has not seen it, 0 where neither cues nor the first look find it
    worth judging; the threshold, Platt's slope and offset, and the score that the first look asks for.
    """

    probabilities: Array
    threshold: float
    slope: float
    offset: float
    first_threshold: float


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


def cross_validate(data: Prepared) -> Validated:
    """Return held-out calibrated probabilities, the best threshold, and slope and offset of the calibration."""
    folds = assign_folds(data.examples, near_copies(data.examples))
    first = held_out(data.first, data, folds, views=FIRST_VIEWS)
    ordinary = np.array([example.origin == "assumed" for example in data.examples])
    first_threshold = float(np.quantile(first[ordinary], 1 - PASSED))
    scores, passed = held_out(data.rows, data, folds, views=VIEWS), data.triggered | (first >= first_threshold)
    slope, offset = calibrate(scores[passed], data.labels[passed], data.importance[passed])
    probabilities = np.where(passed, sigmoid(slope * scores + offset), 0.0)
    return Validated(probabilities, best_threshold(probabilities, data), slope, offset, first_threshold)


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


def train(data: Prepared, *, words: frozenset[str], found: Validated) -> Classifier:
    """Return the classifier trained on every example, with the thresholds that cross-validation found."""
    everything = np.arange(len(data.examples))
    first_names, first = fit_rows(data.first, data, everything, views=FIRST_VIEWS)
    names, weights = fit_rows(data.rows, data, everything, views=VIEWS)
    return Classifier(
        first=FirstLook(_by_name(first_names, first), float(first[-1]), found.first_threshold),
        weights=_by_name(names, weights),
        bias=float(weights[-1]),
        words=words,
        slope=found.slope,
        offset=found.offset,
        threshold=found.threshold,
    )


def _by_name(names: Sequence[str], weights: Array) -> dict[str, float]:
    return dict(zip(names, weights[:-1].tolist(), strict=True))


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
    data = prepare(all_examples(options.shared), words=words)
    found = cross_validate(data)
    for origin in ("sentences", "headlines", "labelled here", "own"):
        row = measure(found.probabilities, data, threshold=found.threshold, origin=origin)
        sys.stdout.write(f"{origin:14s} P {row[0]:.3f} R {row[1]:.3f} F1 {row[2]:.3f} at {found.threshold:.2f}\n")
    if options.write:
        save_classifier(train(data, words=words, found=found), WEIGHTS)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
