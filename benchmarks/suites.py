"""What public collections say of the readers, where they are at hand: ``python -m benchmarks.suites FOLDER …``.

Of every document that feedparser finds entries in, no fewer may be found, none may lose its title, text, link, id,
date, author or tags, and none may take more than two seconds. Annotated pages are scored for full text: those of
scrapinghub's article-extraction-benchmark and of Mozilla's readability by F1 of shingles of four words, as
``evaluate.py`` of the first does; those of trafilatura by the sentences that its evaluation lists.
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
from typing import Any, NamedTuple

import feedparser

from flows.sources.parsing import feeds, fulltext, markup
from flows.sources.parsing.entries import Document, NotAFeedError, RawEntry, absolute

SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".feed"})
URL = "http://example.org/feed"
LARGEST, SLOW_S, SHINGLE = 2 * 2**20, 2.0, 4


class Gold(NamedTuple):
    """An annotated page."""

    html: bytes
    text: str
    url: str | None


def documents(folder: Path) -> Iterator[Path]:
    """Return the documents in a collection that may be feeds."""
    found = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES and path.is_file())
    return (path for path in found if path.stat().st_size <= LARGEST)


def compare(content: bytes) -> list[str]:
    """Say what of a document feedparser finds and we do not."""
    theirs = feedparser.parse(io.BytesIO(content))
    started = time.process_time()
    try:
        ours = feeds.read(content, charset=None, url=URL, limit=5_000)
    except NotAFeedError as error:
        ours = Document(kind="none")
        if theirs.entries:
            return [f"refused, with {len(theirs.entries)} entries: {error}"]
    problems = [f"took {seconds:.1f} s"] if (seconds := time.process_time() - started) > SLOW_S else []
    if len(ours.entries) < len(theirs.entries):
        return [*problems, f"{len(ours.entries)} of {len(theirs.entries)} entries"]
    pairs = zip(theirs.entries, ours.entries, strict=False)
    return problems + [f"lost {what}" for their, our in pairs for what in lost(their, our)]


def lost(their: Any, our: RawEntry) -> Iterator[str]:
    """Yield the fields of an entry that feedparser finds and we do not; of a text, whether a fifth of it is missing."""
    title = markup.one_line(their.get("title") or "")
    if title and not same(title, our.title):
        yield f"the title {title[:60]!r}"
    texts = [their.get("summary") or "", *(part.get("value") or "" for part in their.get("content", ()))]
    text = max((" ".join(markup.plain(each).split()) for each in texts), key=len)
    if len(our.content) < 0.8 * len(text):
        yield f"the text {text[:60]!r}"
    link = absolute(their.get("link"), URL)
    if link and not our.url and not (their.get("guidislink") and "://" not in their.get("id", "")):
        yield f"the link {link[:60]!r}"
    if their.get("id") and not our.guid:
        yield f"the id {their.id[:60]!r}"
    raw = dict.get(their, "published") or dict.get(their, "updated") or dict.get(their, "created")
    if raw and raw.strip() and not our.published_raw:
        yield f"the date {raw[:60]!r}"
    for name in ("author", "tags"):
        if any(map(str.strip, names(their, name))) and not (our.author if name == "author" else our.categories):
            yield f"the {name}"


def names(entry: Any, field: str) -> Iterator[str]:
    """Yield the author or the tags of an entry of feedparser's."""
    if field == "author":
        yield markup.one_line(str(entry.get("author") or ""))
    else:
        yield from (markup.one_line(str(tag.get("label") or tag.get("term") or "")) for tag in entry.get("tags", ()))


def same(theirs: str, ours: str) -> bool:
    """Whether two titles agree in their letters and digits, however their brackets and quotes were read."""
    return re.sub(r"[\W_]+", "", theirs).casefold() in re.sub(r"[\W_]+", "", ours).casefold()


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


def gold_pages(folder: Path) -> Iterator[Gold]:
    """Return the annotated pages of scrapinghub's benchmark, or of Mozilla's readability."""
    if (folder / "ground-truth.json").exists():
        for key, truth in json.loads((folder / "ground-truth.json").read_text("utf-8")).items():
            html = gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes())
            yield Gold(html, truth["articleBody"], truth.get("url"))
    for page in sorted(folder.rglob("source.html")):
        expected = page.with_name("expected.html").read_text("utf-8")
        yield Gold(page.read_bytes(), markup.plain(expected), "http://fakehost/test/page.html")


def measure_pages(folder: Path) -> None:
    """Print the F1 of full text, and how many whole articles were called something else."""
    scores, called = [], Counter[str]()
    for gold in gold_pages(folder):
        page = fulltext.read(gold.html, url=gold.url)
        wanted, found = shingles(gold.text), shingles(page.text)
        both, only_found, only_wanted = ((wanted & found).total(), (found - wanted).total(), (wanted - found).total())
        total = max(both + only_found + only_wanted, 1)
        scores.append((both / total, only_found / total, only_wanted / total))
        if page.problem and both > 0.8 * wanted.total():
            called[page.problem] += 1
    precisions = [both / (both + more) for both, more, _ in scores if both + more > 0]
    recalls = [both / (both + less) for both, _, less in scores if both + less > 0]
    _print_score(folder, len(scores), statistics.mean(precisions), statistics.mean(recalls), called)


def measure_segments(folder: Path) -> None:
    """Print the F1 of trafilatura's evaluation: of each page some sentences that belong to its text or do not."""
    hits, missed, wrong, called = 0, 0, 0, Counter[str]()
    (listed,) = folder.rglob("evaldata.json")
    for url, truth in json.loads(listed.read_text("utf-8")).items():
        found = list(listed.parent.glob(f"*/{truth['file']}"))
        if not found:
            continue
        page = fulltext.read(found[0].read_bytes(), url=url)
        text = " ".join(page.text.split())
        held = [" ".join(each.split()) in text for each in truth["with"]]
        hits, missed = hits + sum(held), missed + len(held) - sum(held)
        wrong += sum(1 for each in truth["without"] if " ".join(each.split()) in text)
        if page.problem and all(held):
            called[page.problem] += 1
    _print_score(folder, hits + missed, hits / (hits + wrong), hits / (hits + missed), called)


def _print_score(folder: Path, count: int, precision: float, recall: float, called: Counter[str]) -> None:
    f1 = 2 * precision * recall / (precision + recall)
    scores = f"F1 {f1:.3f}, precision {precision:.3f}, recall {recall:.3f}"
    print(f"{folder.name}: {count} texts, {scores}, whole but called {dict(called)}", flush=True)


def measure(folder: Path) -> None:
    """Measure a collection by what lies in it."""
    if next(folder.rglob("evaldata.json"), None):
        measure_segments(folder)
    elif next(gold_pages(folder), None):
        measure_pages(folder)
    else:
        measure_feeds(folder)


def main() -> None:
    """Measure every collection that is named, or that lies in a folder ``suites`` beside the checkout."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    beside = Path(__file__).parent.parent.parent / "suites"
    for folder in parser.parse_args().folders or sorted(beside.glob("*/")):
        measure(folder)


if __name__ == "__main__":
    main()
