"""How fast articles are read, beside a full statistical pipeline: ``python -m benchmarks.extraction``.

Prints words per second of processor time on one core for the whole extraction and for each of its components, the share
of articles the gate lets through and of sentences the encoder is asked about, how time grows with the length of one
document, and memory. The sets and the pipeline to compare with lie in a folder beside the checkout (``--shared``).
"""

import argparse
import gzip
import json
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import spacy
from spacy.language import Language

from extractors.pipeline import Extractor, build_extractor
from extractors.records import Article
from extractors.text.boundaries import sentences_in

ROOT = Path(__file__).parent.parent
SLICE = 40_000
"""Words given to the statistical pipeline, which would take minutes over all."""


def articles(path: Path) -> list[Article]:
    """Return the articles of a set."""
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    return [Article(id=row["id"], title=row["title"] or "", text=row["text"]) for row in rows]


def count(read: Iterable[Article]) -> int:
    """Return the number of words, as white space parts them."""
    return sum(len(article.document.split()) for article in read)


def words_per_second(read: Callable[[Article], object], these: list[Article]) -> float:
    """Return how many words a second ``read`` takes, in processor time."""
    start = time.process_time()
    for article in these:
        read(article)
    return count(these) / (time.process_time() - start)


def first(these: list[Article], words: int) -> list[Article]:
    """Return the first articles that hold ``words`` words together."""
    kept: list[Article] = []
    while these[len(kept) :] and count(kept) < words:
        kept.append(these[len(kept)])
    return kept


class Clock:
    """Adds up processor time by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the time of the block to ``name``."""
        start = time.process_time()
        yield
        self.seconds[name] += time.process_time() - start


def fresh() -> Extractor:
    """Return an extractor that remembers no passage it has read."""
    return build_extractor(ROOT / "seeds")


def parts(these: Iterable[Article]) -> dict[str, float]:
    """Return the seconds that each part takes over articles read in full."""
    clock, extractor = Clock(), fresh()
    for article in these:
        with clock.time("tokens"):
            doc = extractor.nlp.make_doc(article.document)
        doc._.article = article
        for name, component in extractor.nlp.pipeline:
            with clock.time(name.removeprefix("brinkwatch_")):
                doc = component(doc)
    return clock.seconds


def encoded(extractor: Extractor, these: Iterable[Article]) -> float:
    """Return the share of all sentences that the encoder is asked about, for statements or for transfers."""
    sentences = passed = 0
    for article in these:
        doc = extractor.read(article)
        sentences += sum(1 for _ in sentences_in(article.document))
        passed += len(doc._.readings)
    return passed / sentences


def report(name: str, these: list[Article], *, baseline: Language) -> None:
    """Print one set's figures."""
    extractor = fresh()
    ours = words_per_second(extractor.extract, these)
    theirs = words_per_second(lambda article: baseline(article.document), first(these, SLICE))
    print(f"{name}: {len(these)} articles, {count(these):,} words")
    passed = sum(extractor.may_hold(article.document) for article in these) / len(these)
    speed = words_per_second(lambda article: extractor.may_hold(article.document), these)
    print(f"  gate               {speed:10,.0f} words/s, lets {passed:.0%} of the articles through")
    print(f"  prefilter          lets {encoded(extractor, these):.1%} of all sentences through")
    print(f"  extraction         {ours:10,.0f} words/s")
    print(f"  full pipeline      {theirs:10,.0f} words/s; extraction is {ours / theirs:.1f} times as fast")
    read = [article for article in these if extractor.may_hold(article.document)]
    for part, seconds in parts(read).items():
        print(f"    {part:17} {count(read) / seconds:10,.0f} words/s of what passes")


def growth(text: str) -> None:
    """Print how long documents of growing length take, as one line each."""
    for megabytes in (1, 2, 5):
        size = megabytes * 1_000_000
        article = Article(id="long", title="", text=(text * (size // len(text) + 1))[:size])
        extractor = fresh()
        start = time.process_time()
        signals = extractor.extract(article)
        took = time.process_time() - start
        print(f"  {megabytes} MB: {took:6.1f} s, {len(signals.statements)} statements, {len(signals.weapons)} weapons")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    shared = parser.parse_args().shared
    conflict = articles(shared / "eval" / "conflict.jsonl.gz")
    print("one document")
    growth("\n\n".join(article.text for article in conflict))
    print(f"peak memory so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    baseline = spacy.load(shared / "model" / "baseline")
    for name in ("ordinary", "conflict"):
        report(name, articles(shared / "eval" / f"{name}.jsonl.gz"), baseline=baseline)


if __name__ == "__main__":
    main()
