"""The articles of archived pages, found in worker processes: a page may crash or hang its parser, and only that."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import Any

from extractors.records import Article, document_of
from flows.documents import BadDocument
from flows.sources import articles, genre, urls
from flows.sources.feed_records import FetchSettings
from flows.sources.parsing import dates
from flows.sources.parsing.language import language_of
from flows.sources.workers.pool import ParseError, ParserPool
from flows.steps.archives import WebPage

ParsePage = Callable[[WebPage], dict[str, Any]]


@contextmanager
def page_parser(workers: int) -> Iterator[ParsePage]:
    """Yield what parses a page, for any thread, in one of so many processes; ParseError where that fails."""
    limits, loop = FetchSettings(), asyncio.new_event_loop()
    pool = ParserPool(workers=workers, timeout_s=limits.parse_timeout_s, memory_mb=limits.parse_memory_mb)
    thread = Thread(target=loop.run_forever)
    thread.start()

    def parse(page: WebPage) -> dict[str, Any]:
        asked = pool.run("page", page.content, charset=page.charset, url=page.url)
        return asyncio.run_coroutine_threadsafe(asked, loop).result()

    try:
        yield parse
    finally:
        asyncio.run_coroutine_threadsafe(pool.__aexit__(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def article_of(page: WebPage, parse: ParsePage, *, now: datetime) -> Article | BadDocument:
    """Return the article on a page, or why there is none."""
    try:
        found = parse(page)
    except ParseError as error:
        return BadDocument(where=page.id, why=error.reason)
    if found["problem"]:
        return BadDocument(where=page.id, why=f"shows no article ({found['problem']})")
    outlet = urls.host_of(page.url).removeprefix("www.")
    title, text = articles.clean_title(found["title"], outlet), found["text"]
    return Article(
        id=page.id,
        title=title,
        text=text,
        url=urls.canonicalise(page.url),
        source=outlet,
        published=dates.read(found["published_raw"], now=now).instant,
        published_raw=found["published_raw"],
        genre=genre.detect(url=page.url, title=title, text=text),
        language=language_of(document_of(title, text), expected="en"),
    )
