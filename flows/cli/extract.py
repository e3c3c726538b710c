"""``brinkwatch extract``: text in, one JSON object per article out; no warehouse, no network, no Prefect."""

import json
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from extractors.records import Article, Signals
from flows.cli.output import Console
from flows.documents import BadDocument, checked_paths, read_documents
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.steps.readers import ReadArticles

MUCH = 50_000
"""Code points after which several processes read what is left: each takes two seconds to start."""
AHEAD = 8
"""Articles that are given to each process before the first of them is printed."""


def extract(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="A .txt document, a .jsonl or .jsonl.gz of articles, a folder of them, or - (stdin)."),
    ] = None,
) -> None:
    """Print the signals of each article as one JSON object per line, in input order.

    Example: brinkwatch extract seeds/articles | jq '.statements[] | {speaker, kind, quote}'
    """
    settings = load_settings()
    wanted = checked_paths(paths) if paths else [settings.seeds / "articles"]
    bad = 0
    articles = _articles(read_documents(wanted), bad_ones := list[BadDocument]())
    # what comes through a pipe is answered line by line
    processes = 1 if "-" in (paths or ()) else settings.readers
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("articles read: {task.completed:.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        for read, failures in _read(articles, settings, processes=processes):
            bad += len(failures)
            for _, signals in read:
                _print(signals, bar)
                bar.advance(task)
    if bad or bad_ones:
        raise typer.Exit(1)


def _print(signals: Signals, bar: Progress) -> None:
    """Print a line; where it goes to the terminal that shows ``bar``, that is taken away for the moment."""
    shared = not bar.disable and sys.stdout.isatty()
    if shared:
        bar.stop()
    line = json.dumps(signals.as_json(), ensure_ascii=False)
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()
    if shared:
        bar.start()


def _articles(documents: Iterator[Article | BadDocument], bad: list[BadDocument]) -> Iterator[Article]:
    """Yield the articles; what is none is named at once, and added to ``bad``."""
    for document in documents:
        if isinstance(document, BadDocument):
            bad.append(document)
            print(f"{document.where}: {document.why}", file=sys.stderr)
        else:
            yield document


def _read(articles: Iterator[Article], settings: Settings, *, processes: int) -> Iterator["ReadArticles"]:
    """Yield what is read in each article, in order: here, and in several processes once it has been ``MUCH``."""
    from flows.steps import readers

    extractor, left = readers.extractor_of(settings.seeds), MUCH
    for article in articles:
        yield readers.extracted(extractor, [article])
        left -= len(article.document)
        if left < 0 and processes > 1:
            break
    if (following := next(articles, None)) is None:
        return
    with readers.pool(settings.seeds, processes, nice=0) as read, ThreadPoolExecutor(processes) as threads:
        asked = deque([threads.submit(read, following)])
        for article in articles:
            asked.append(threads.submit(read, article))
            if len(asked) > processes * AHEAD:
                yield asked.popleft().result()
        yield from (each.result() for each in asked)
