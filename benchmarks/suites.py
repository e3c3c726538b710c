"""What public collections say of the readers, where they are at hand: ``python -m benchmarks.suites FOLDER …``.

Of every document that feedparser finds entries in, no fewer may be found, no title lost, and none may take more than
two seconds. A folder with ``ground-truth.json`` and ``html`` (scrapinghub's article-extraction-benchmark) is scored for
full text: F1 of shingles of four words, as its own ``evaluate.py`` does.
"""

import argparse
import gzip
import io
import json
import re
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import feedparser

from flows.sources.parsing import feeds, fulltext, markup
from flows.sources.parsing.entries import Document, NotAFeedError

SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".feed"})
LARGEST, SLOW_S, SHINGLE = 2 * 2**20, 2.0, 4


def documents(folder: Path) -> Iterator[Path]:
    """Return the documents in a collection that may be feeds."""
    found = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES and path.is_file())
    return (path for path in found if path.stat().st_size <= LARGEST)


def compare(content: bytes) -> list[str]:
    """Say what of a document feedparser finds and we do not."""
    theirs = feedparser.parse(io.BytesIO(content))
    started = time.process_time()
    try:
        ours = feeds.read(content, charset=None, url="http://example.org/feed", limit=5_000)
    except NotAFeedError:
        ours = Document(kind="none")
    problems = [f"took {seconds:.1f} s"] if (seconds := time.process_time() - started) > SLOW_S else []
    if len(ours.entries) < len(theirs.entries):
        problems.append(f"{len(ours.entries)} of {len(theirs.entries)} entries")
    titles = Counter(markup.one_line(entry.get("title") or "") for entry in theirs.entries)
    lost = titles - Counter(entry.title for entry in ours.entries)
    return problems + [f"lost the title {title[:60]!r}" for title in lost if title]


def measure_feeds(folder: Path) -> None:
    """Print what is lost of the documents in ``folder``."""
    counts: Counter[str] = Counter()
    for path in documents(folder):
        content = path.read_bytes()
        problems = compare(content)
        counts["documents"] += 1
        counts["with a problem"] += bool(problems)
        for problem in problems[:2]:
            print(f"  {path.relative_to(folder)}: {problem}")
    print(f"{folder.name}: {dict(counts)}", flush=True)


def shingles(text: str) -> "Counter[tuple[str, ...]]":
    """Return the runs of four words in a text."""
    words = re.findall(r"\w+", text)
    size = min(SHINGLE, len(words))
    return Counter(tuple(words[at : at + size]) for at in range(max(len(words) - size + 1, 0))) if words else Counter()


def measure_pages(folder: Path) -> None:
    """Print the F1 of full text, and how many whole articles were called something else."""
    scores, called = [], Counter[str]()
    for key, truth in json.loads((folder / "ground-truth.json").read_text("utf-8")).items():
        page = fulltext.read(gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()), url=truth.get("url"))
        wanted, found = shingles(truth["articleBody"]), shingles(page.text)
        both, only_found, only_wanted = ((wanted & found).total(), (found - wanted).total(), (wanted - found).total())
        total = max(both + only_found + only_wanted, 1)
        scores.append((both / total, only_found / total, only_wanted / total))
        if page.problem and both > 0.8 * wanted.total():
            called[page.problem] += 1
    precisions = [both / (both + more) for both, more, _ in scores if both + more > 0]
    recalls = [both / (both + less) for both, _, less in scores if both + less > 0]
    precision, recall = statistics.mean(precisions), statistics.mean(recalls)
    f1 = 2 * precision * recall / (precision + recall)
    print(
        f"{folder.name}: F1 {f1:.3f}, precision {precision:.3f}, recall {recall:.3f}, whole but called {dict(called)}"
    )


def main() -> None:
    """Measure every collection that is named, or that lies in a folder ``suites`` beside the checkout."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    beside = Path(__file__).parent.parent.parent / "suites"
    for folder in parser.parse_args().folders or sorted(beside.glob("*/")):
        measure_pages(folder) if (folder / "ground-truth.json").exists() else measure_feeds(folder)


if __name__ == "__main__":
    main()
