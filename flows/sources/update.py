"""One cycle over the due feeds: fetch, read, tell new from known, fetch the full text of what is new."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from extractors.records import Article
from flows.sources import articles, health, polling, reading
from flows.sources.asking import Asker, Known
from flows.sources.fetch import HARD, PAGE_TYPES, Fetcher
from flows.sources.identity import Memory, Row
from flows.sources.politeness import Robots
from flows.sources.pool import ParseError, ParserPool
from flows.sources.reading import Found, Reading
from flows.sources.records import (
    Body,
    Entry,
    Failed,
    Failure,
    FeedForUpdate,
    FeedState,
    FeedUpdate,
    FetchFacts,
    FetchSettings,
    Gone,
    Outcome,
    Trouble,
    Unchanged,
)

LAST_MOMENT = 0.1
"""Share of the budget kept for finishing: no page is begun or waited for in it."""

MOST_JOBS, MOST_ARTICLES, PAUSE_S = 50, 3_000, 0.02
"""How many documents may wait for a parser and articles to be stored before no more is fetched; how often to look."""

log = logging.getLogger(__name__)


async def update_feeds(
    turns: Sequence[FeedForUpdate],
    *,
    settings: FetchSettings,
    now: datetime,
    budget: timedelta,
    known: Known,
) -> AsyncIterator[FeedUpdate]:
    """Yield one FeedUpdate per turn, in the order they finish, all within ``budget``; what did not fit is POSTPONED.

    Nothing is raised for what a server, a feed or a page does. Store each update (state, articles, facts) in one
    transaction: the state remembers which entries were taken.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + budget.total_seconds()
    ended = _Ended()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            ParserPool(workers=settings.workers, timeout_s=settings.parse_timeout_s, memory_mb=settings.parse_memory_mb)
        )

        async def room() -> None:
            """Wait while more was fetched than is read, or more was read than is stored: it all has to be held."""
            while pool.jobs > MOST_JOBS or ended.articles > MOST_ARTICLES:
                await asyncio.sleep(PAUSE_S)

        fetcher = await stack.enter_async_context(Fetcher(settings, now=now, room=room))
        cycle = _Cycle(
            settings=settings,
            now=now,
            asker=Asker(known, busy=lambda: pool.jobs > 0),
            fetcher=fetcher,
            pool=pool,
            robots=Robots(lambda url: _robots(fetcher, url), agent=settings.user_agent.split("/")[0]),
            last_moment=end - LAST_MOMENT * budget.total_seconds(),
        )
        tasks = {asyncio.create_task(cycle.update(turn)): turn for turn in turns}
        for task in tasks:
            task.add_done_callback(ended.put)
        try:
            async for update in _as_they_end(tasks, ended, now, end):
                yield update
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class _Ended:
    """Turns that ended, in their order; ``asyncio.wait`` would go through all that are left each time one does."""

    def __init__(self) -> None:
        self._tasks: asyncio.Queue[asyncio.Task[FeedUpdate]] = asyncio.Queue()
        self.articles = 0
        """How many they brought that nobody has taken yet."""

    def put(self, task: asyncio.Task[FeedUpdate]) -> None:
        self.articles += _articles(task)
        self._tasks.put_nowait(task)

    async def next(self, end: float) -> asyncio.Task[FeedUpdate] | None:
        """Return the next one; None when there is none before ``end``."""
        try:
            async with asyncio.timeout_at(end):
                task = await self._tasks.get()
        except TimeoutError:
            return None
        self.articles -= _articles(task)
        return task


def _articles(task: asyncio.Task[FeedUpdate]) -> int:
    return 0 if task.cancelled() or task.exception() else len(task.result().articles)


async def _as_they_end(
    tasks: dict[asyncio.Task[FeedUpdate], FeedForUpdate], ended: _Ended, now: datetime, end: float
) -> AsyncIterator[FeedUpdate]:
    while tasks and (task := await ended.next(end)) is not None:
        turn, error = tasks.pop(task), task.exception()  # what is stored is not to be held as well
        yield task.result() if error is None else _crashed(turn, error, now)
    for turn in tasks.values():
        facts = FetchFacts(
            feed=turn.feed.id, started_at=now, duration_s=0.0, outcome=Outcome.POSTPONED, reason="no time left"
        )
        yield FeedUpdate(feed=turn.feed, state=turn.state, facts=facts)


def _crashed(turn: FeedForUpdate, error: BaseException, now: datetime) -> FeedUpdate:
    """A mistake of ours costs the one feed that brought it out, and is logged whole."""
    log.error("feed %s met a bug", turn.feed.id, exc_info=error)
    reason = f"met a bug of ours: {type(error).__name__}: {error}"[:300]
    failed = Failed(url=turn.state.url, trouble=Trouble.PARSER, reason=reason, weight=HARD)
    facts = FetchFacts(feed=turn.feed.id, started_at=now, duration_s=0.0, outcome=Outcome.FAILED, reason=reason)
    failure = Failure(where=turn.state.url, trouble=Trouble.PARSER, reason=reason, feed=turn.feed.id)
    state = polling.after_failure(turn.state, failed, now)
    return FeedUpdate(feed=turn.feed, state=state, facts=facts, failures=(failure,))


async def _robots(fetcher: Fetcher, url: str) -> str | None:
    answer = await fetcher.get(url, accept="text/plain")
    if isinstance(answer, Body):
        return answer.content.decode("utf-8", "replace")
    if isinstance(answer, Gone) or (isinstance(answer, Failed) and answer.status and 400 <= answer.status < 429):
        return ""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What became of a body: articles, what is left for later, and what went wrong."""

    reading: Reading
    taken: dict[str, "_Taken | None"]
    """What was made of entries that are not known, by identity; None is left for the next poll."""
    cursor: int
    unread: int
    """Entries beyond the limit, left for the next poll."""

    @property
    def pending(self) -> int:
        """Entries left for the next poll."""
        return list(self.taken.values()).count(None) + self.unread

    @property
    def done(self) -> "list[_Taken]":
        """What was made of entries, those left for the next poll aside."""
        return [taken for taken in self.taken.values() if taken is not None]

    @property
    def rows(self) -> tuple[Row, ...]:
        """What to remember: every entry but those left for the next poll."""
        rows = []
        for found in self.reading.found:
            if found.status == "known":
                rows.append(found.row)
            elif (taken := self.taken[found.row.identity]) is not None:
                rows.append(taken.row)
        return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What became of a new or edited entry that was not left for later."""

    row: Row
    article: Article | None = None
    bands: tuple[int, ...] | None = None
    """What copies of the article are looked up by, where that is known."""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cycle:
    """What the feeds of one cycle share."""

    settings: FetchSettings
    now: datetime
    asker: Asker
    fetcher: Fetcher
    pool: ParserPool
    robots: Robots
    last_moment: float

    async def update(self, turn: FeedForUpdate) -> FeedUpdate:
        """Give one feed its turn."""
        started = asyncio.get_running_loop().time()
        state = turn.state
        ask = polling.conditional(state)
        fetched = await self.fetcher.get(
            state.url, etag=state.etag if ask else None, last_modified=state.last_modified if ask else None
        )
        update = await self._after(turn, fetched, audit=not ask)
        duration = asyncio.get_running_loop().time() - started
        judged, notice = health.judge(state, update.state, update.facts, self.now)
        return replace(update, state=judged, notice=notice, facts=replace(update.facts, duration_s=round(duration, 3)))

    async def _after(self, turn: FeedForUpdate, fetched: object, *, audit: bool) -> FeedUpdate:
        match fetched:
            case Body():
                return await self._read(turn, fetched, audit=audit)
            case Unchanged():
                return self._unchanged(turn, fetched)
            case Gone():
                return self._gone(turn)
            case Failed():
                return self._failed(turn, fetched)
            case _:
                raise TypeError(f"no outcome of a fetch: {fetched!r}")

    def _facts(self, turn: FeedForUpdate, outcome: Outcome, **facts: Any) -> FetchFacts:
        return FetchFacts(feed=turn.feed.id, started_at=self.now, duration_s=0.0, outcome=outcome, **facts)

    def _unchanged(self, turn: FeedForUpdate, answer: Unchanged) -> FeedUpdate:
        interval = polling.next_interval(turn.state, None, answer.max_age_s, self.settings)
        state = polling.after_redirect(turn.state, answer.moved_to)
        state = replace(state, polls_since_full=state.polls_since_full + 1)
        state = polling.after_success(state, self.now, interval)
        return FeedUpdate(feed=turn.feed, state=state, facts=self._facts(turn, Outcome.UNCHANGED, status=304))

    def _gone(self, turn: FeedForUpdate) -> FeedUpdate:
        state = polling.after_gone(turn.state, self.now)
        failure = Failure(where=turn.state.url, trouble=Trouble.GONE, reason=str(state.last_error), feed=turn.feed.id)
        facts = self._facts(turn, Outcome.GONE, status=410, reason=state.last_error)
        return FeedUpdate(feed=turn.feed, state=state, facts=facts, failures=(failure,))

    def _failed(self, turn: FeedForUpdate, failed: Failed) -> FeedUpdate:
        state = polling.after_failure(turn.state, failed, self.now)
        failure = Failure(where=failed.url, trouble=failed.trouble, reason=failed.reason, feed=turn.feed.id)
        facts = self._facts(turn, Outcome.FAILED, status=failed.status, reason=f"{failed.trouble}: {failed.reason}")
        return FeedUpdate(feed=turn.feed, state=state, facts=facts, failures=(failure,))

    async def _read(self, turn: FeedForUpdate, body: Body, *, audit: bool) -> FeedUpdate:
        state = polling.after_redirect(turn.state, body.moved_to)
        digest = hashlib.blake2b(body.content, digest_size=16).hexdigest()
        if digest == state.body_hash and not state.pending:
            return self._same(turn, state, body, audit=audit)
        try:
            read = await self._entries(turn, body)
        except ParseError as error:
            trouble = Trouble.NOT_A_FEED if error.kind == "not_a_feed" else Trouble.PARSER
            return self._failed(
                turn, Failed(url=body.url, trouble=trouble, reason=error.reason, weight=0.5, status=200)
            )
        told = read.reading
        lied = _lied(turn.state, body, told, audit=audit)
        facts = self._facts(
            turn,
            Outcome.UPDATED,
            status=200,
            wire_bytes=body.wire_bytes,
            entries=told.total,
            new_entries=told.count("new"),
            edited_entries=told.count("edited"),
            pending=read.pending,
            overlap=told.overlap,
            may_have_missed=_may_have_missed(turn.state, told),
            audit=audit,
            lying_304=lied,
        )
        return FeedUpdate(
            feed=turn.feed,
            state=self._state_after(state, body, read, digest, facts),
            facts=facts,
            articles=tuple(taken.article for taken in read.done if taken.article),
            bands={taken.article.id: taken.bands for taken in read.done if taken.article and taken.bands is not None},
            failures=_failures(turn.feed.id, body, read),
        )

    def _same(self, turn: FeedForUpdate, state: FeedState, body: Body, *, audit: bool) -> FeedUpdate:
        """The server sent in full what we had: unchanged, whatever its validators say."""
        interval = polling.next_interval(state, None, body.max_age_s, self.settings)
        state = replace(state, etag=body.etag, last_modified=body.last_modified, polls_since_full=0)
        facts = self._facts(turn, Outcome.UNCHANGED, status=200, wire_bytes=body.wire_bytes, audit=audit)
        return FeedUpdate(feed=turn.feed, state=polling.after_success(state, self.now, interval), facts=facts)

    def _state_after(self, state: FeedState, body: Body, read: _Read, digest: str, facts: FetchFacts) -> FeedState:
        told = read.reading
        interval = polling.next_interval(state, told.overlap, body.max_age_s or told.ttl_s, self.settings)
        whole = not body.truncated
        state = replace(
            state,
            etag=body.etag if whole else None,
            last_modified=body.last_modified if whole else None,
            body_hash=digest if whole else None,
            identity_policy=told.policy,
            polls_since_full=0,
            lying_304=state.lying_304 + facts.lying_304,
            overlap=told.overlap,
            missed_alarms=state.missed_alarms + facts.may_have_missed,
            entries=told.total,
            pending=read.pending,
            last_new_at=self.now if facts.new_entries else state.last_new_at,
            memory=Memory.loads(state.memory).after(read.rows, cursor=read.cursor).dumps(),
        )
        return polling.after_success(state, self.now, self.settings.min_interval_s if read.pending else interval)

    async def _entries(self, turn: FeedForUpdate, body: Body) -> _Read:
        asked = reading.ask(turn, body, self.settings, now=self.now)
        told = Reading.of(await self.pool.run("entries", body.content, **asked))
        told = told.but(await self.asker.held(told.fresh))
        cursor, unread = _next_window(told.total, self.settings.max_entries, Memory.loads(turn.state.memory).cursor)
        taken = await self._take_all(turn, [found for found in told.found if found.status != "known"])
        return _Read(reading=told, taken=taken, cursor=cursor, unread=unread)

    async def _take_all(self, turn: FeedForUpdate, wanted: Sequence[Found]) -> dict[str, _Taken | None]:
        """Make the articles of new and edited entries, by identity; None leaves an entry for the next cycle."""
        paged = [found for found in wanted if found.summary_of]
        now, later = paged[: self.settings.pages_per_feed], paged[self.settings.pages_per_feed :]
        results = await asyncio.gather(*(self._take_page(turn, found) for found in now))
        taken = {
            found.row.identity: _Taken(row=found.row, article=found.article, bands=found.bands) for found in wanted
        }
        taken_pages = {found.row.identity: result for found, result in zip(now, results, strict=True)}
        return taken | taken_pages | dict.fromkeys((found.row.identity for found in later), None)

    async def _take_page(self, turn: FeedForUpdate, found: Found) -> _Taken | None:
        """Make the article of an entry from its page; None leaves it for the next cycle."""
        entry, feed = found.summary_of, turn.feed
        assert entry is not None
        assert found.article is not None
        try:
            async with asyncio.timeout_at(self.last_moment):
                page = await self._page(entry, precise=articles.genre_of(feed, entry) != "live_blog")
        except TimeoutError:
            return None
        except _PageError as error:
            failure = Failure(where=str(entry.url), trouble=error.trouble, reason=error.reason, feed=feed.id)
            # without the key of its content the entry counts as edited next time, and its page is tried again
            row = replace(found.row, content="") if error.passing else found.row
            # an edited entry has its full text already: the summary would be a step back
            if found.status == "edited":
                return _Taken(row=row, failure=failure)
            return _Taken(row=row, article=found.article, bands=found.bands, failure=failure)
        article = articles.build(
            entry,
            identity=found.row.identity,
            feed=feed,
            now=self.now,
            backlog=found.article.backlog,
            page_text=page["text"],
            page_date=page["published_raw"],
        )
        return _Taken(row=found.row, article=article)

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
            page = await self.pool.run("page", answer.content, charset=answer.charset, url=answer.url, precise=precise)
        except ParseError as error:
            raise _PageError(Trouble.PARSER, f"{error.reason}; the feed's summary is kept") from error
        problem = page["problem"] or (None if articles.fits(entry, page["text"]) else "nothing longer than the summary")
        if problem:
            raise _PageError(Trouble.PAGE, f"shows no article ({problem}); the feed's summary is kept")
        return page


class _PageError(Exception):
    """A page gave no article."""

    def __init__(self, trouble: Trouble, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.reason = reason
        self.passing = passing


def _may_have_missed(state: FeedState, reading: Reading) -> bool:
    """Say whether the feed turned over whole since the last poll: what came and went in between was never seen."""
    return state.last_success_at is not None and state.entries > 0 and reading.overlap == 0.0


def _lied(state: FeedState, body: Body, reading: Reading, *, audit: bool) -> bool:
    """Say whether "not modified" would have been a lie: the same validators, but entries we had not seen."""
    validators = (body.etag, body.last_modified)
    if not audit or validators == (None, None) or validators != (state.etag, state.last_modified) or state.pending:
        return False
    return reading.count("new") > 0


def _next_window(total: int, limit: int, start: int) -> tuple[int, int]:
    """Return where the next poll goes on in a document over the limit, and how many entries are still unread."""
    if total <= limit:
        return 0, 0
    end = max(start, limit // 2) + limit - limit // 2
    return (0, 0) if end >= total else (end, total - end)


def _failures(feed: str, body: Body, read: _Read) -> tuple[Failure, ...]:
    """Say what of a document, and of the pages it links to, could not be used."""
    problems = [(where, Trouble.ENTRY, why) for where, why in read.reading.bad]
    if body.truncated:
        problems.append((body.url, Trouble.TRUNCATED, "the answer broke off; what arrived was read"))
    document = [Failure(where=where, trouble=trouble, reason=why, feed=feed) for where, trouble, why in problems]
    return (*document, *(taken.failure for taken in read.done if taken.failure is not None))
