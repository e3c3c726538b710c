"""The full text of entries for which a feed gives only a summary, from the pages they link to."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from extractors.records import Article
from flows.sources import articles
from flows.sources.feed_records import Body, Entry, Failed, Failure, FeedForUpdate, FetchSettings, Trouble
from flows.sources.http.answers import HARD
from flows.sources.http.fetch import PAGE_TYPES, Fetcher
from flows.sources.http.politeness import Robots
from flows.sources.identity import Row
from flows.sources.reading import Found
from flows.sources.workers.pool import ParseError, ParserPool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The result for a new or edited entry that was not left for later."""

    row: Row
    article: Article | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReader:
    """Turns the entries of feeds into articles, fetching their pages if necessary."""

    settings: FetchSettings
    now: datetime
    fetcher: Fetcher
    pool: ParserPool
    robots: Robots
    last_moment: float
    """Time of the event loop after which no page is requested or waited for."""

    async def take_all(self, due_feed: FeedForUpdate, wanted: Sequence[Found]) -> dict[str, Taken | None]:
        """Return the articles of new and edited entries, by identity; None for an entry left for the next cycle."""
        paged = [found for found in wanted if found.summary_of]
        now, later = paged[: self.settings.pages_per_feed], paged[self.settings.pages_per_feed :]
        results = await asyncio.gather(*(self._take_page(due_feed, found) for found in now))
        taken = {found.row.identity: Taken(row=found.row, article=found.article) for found in wanted}
        taken_pages = {found.row.identity: result for found, result in zip(now, results, strict=True)}
        return taken | taken_pages | dict.fromkeys((found.row.identity for found in later), None)

    async def _take_page(self, due_feed: FeedForUpdate, found: Found) -> Taken | None:
        """Return the article of an entry from its page; None if it is left for the next cycle."""
        entry, feed = found.summary_of, due_feed.feed
        assert entry is not None
        assert found.article is not None
        try:
            async with asyncio.timeout_at(self.last_moment):
                page = await self._page(entry, precise=articles.genre_of(feed, entry) != "live_blog")
        except TimeoutError:
            return None
        except _PageError as error:
            failure = Failure(where=str(entry.url), trouble=error.trouble, reason=error.reason, feed=feed.id)
            # without the key of its content, the entry counts as edited next time, and its page is tried again
            row = replace(found.row, content="") if error.passing else found.row
            # an edited entry already has its full text: the summary would be a step back
            if found.status == "edited":
                return Taken(row=row, failure=failure)
            return Taken(row=row, article=found.article, failure=failure)
        article = articles.build(
            entry,
            identity=found.row.identity,
            feed=feed,
            now=self.now,
            backlog=found.article.backlog,
            page_text=page["text"],
            page_date=page["published_raw"],
            page_url=page["url"],
        )
        return Taken(row=found.row, article=article)

    async def _page(self, entry: Entry, *, precise: bool) -> dict[str, Any]:
        url = str(entry.url)
        if not await self.robots.allows(url):
            raise _PageError(Trouble.ROBOTS, "robots.txt asks not to read it; the feed's summary is kept")
        answer = await self.fetcher.get(url, accept=PAGE_TYPES)
        if not isinstance(answer, Body):
            reason = answer.reason if isinstance(answer, Failed) else type(answer).__name__.lower()
            passing = isinstance(answer, Failed) and answer.weight < HARD
            raise _PageError(Trouble.PAGE, f"{reason}; the feed's summary is kept", passing=passing)
        if answer.mime and not answer.mime.startswith(("text/", "application/xhtml")):
            raise _PageError(Trouble.PAGE, f"is {answer.mime}, no page of text; the feed's summary is kept")
        try:
            page = await self.pool.run(
                "page", answer.content, charset=answer.charset, url=answer.url, precise=precise, title=entry.title
            )
        except ParseError as error:
            raise _PageError(Trouble.PARSER, f"{error.reason}; the feed's summary is kept") from error
        problem = page["problem"] or (None if articles.fits(entry, page["text"]) else "nothing longer than the summary")
        if problem:
            raise _PageError(Trouble.PAGE, f"shows no article ({problem}); the feed's summary is kept")
        return {**page, "url": answer.url}


class _PageError(Exception):
    """A page gave no article."""

    def __init__(self, trouble: Trouble, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.reason = reason
        self.passing = passing
