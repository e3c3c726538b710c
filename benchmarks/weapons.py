"""How fast weapons are found, beside a full statistical pipeline: ``python -m benchmarks.weapons``.

Prints words per second of processor time on one core, memory, and how time grows with the length of one document.
The sets and the pipeline to compare with lie in a folder beside the checkout (``--shared``).
"""

import argparse
import gzip
import json
import resource
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import spacy
from spacy.language import Language

from extractors.text.sentences import build_nlp
from extractors.weapons.finder import WeaponFinder

ROOT = Path(__file__).parent.parent
SLICE = 40_000
"""Words given to the statistical pipeline, which would take minutes over all."""


def texts(path: Path) -> list[str]:
    """Return the texts of a set."""
    return [json.loads(line)["text"] for line in gzip.decompress(path.read_bytes()).splitlines()]


def count(documents: Iterable[str]) -> int:
    """Return the number of words, as white space parts them."""
    return sum(len(document.split()) for document in documents)


def words_per_second(read: Callable[[str], object], documents: list[str]) -> float:
    """Return how many words a second ``read`` takes, in processor time."""
    start = time.process_time()
    for document in documents:
        read(document)
    return count(documents) / (time.process_time() - start)


def first(documents: list[str], words: int) -> list[str]:
    """Return the first documents that hold ``words`` words together."""
    kept: list[str] = []
    while documents[len(kept) :] and count(kept) < words:
        kept.append(documents[len(kept)])
    return kept


def report(name: str, documents: list[str], *, nlp: Language, finder: WeaponFinder, baseline: Language) -> None:
    """Print one set's figures."""

    def gated(text: str) -> None:
        if finder.may_hold(text):
            finder.find(nlp(text))

    passed = sum(map(finder.may_hold, documents)) / len(documents)
    ours = words_per_second(gated, documents)
    theirs = words_per_second(baseline, first(documents, SLICE))
    print(f"{name}: {count(documents):,} words, {passed:.0%} of the documents pass the gate")
    print(f"  gate          {words_per_second(finder.may_hold, documents):12,.0f} words/s")
    print(f"  gate and find {ours:12,.0f} words/s")
    print(f"  full pipeline {theirs:12,.0f} words/s; {ours / theirs:.0f} times slower")


def growth(document: str, *, nlp: Language, finder: WeaponFinder) -> None:
    """Print how long documents of growing length take, as one line each."""
    for megabytes in (1, 2, 5):
        text = (document * (megabytes * 1_000_000 // len(document) + 1))[: megabytes * 1_000_000]
        start = time.process_time()
        doc = nlp(text)
        parsed = time.process_time()
        found = len(finder.find(doc))
        print(f"  {megabytes} MB: tokens {parsed - start:.1f} s, weapons {time.process_time() - parsed:.1f} s, {found}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    shared = parser.parse_args().shared
    nlp, finder = build_nlp(), WeaponFinder(ROOT / "seeds")
    nlp.max_length = 10_000_000
    baseline = spacy.load(shared / "model" / "baseline")
    for name in ("ordinary", "conflict"):
        report(name, texts(shared / "eval" / f"{name}.jsonl.gz"), nlp=nlp, finder=finder, baseline=baseline)
    print("one document")
    growth(" ".join(texts(shared / "eval" / "conflict.jsonl.gz")[:50]).replace("\n", " "), nlp=nlp, finder=finder)
    print(f"peak memory, both pipelines: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
