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
from flows.sources import articles, dates, health, polling
from flows.sources.asking import Asker, Known
from flows.sources.fetch import HARD, PAGE_TYPES, Fetcher
from flows.sources.identity import Memory, Row, Settled, Sighting, match
from flows.sources.politeness import Robots
from flows.sources.pool import ParseError, ParserPool
from flows.sources.records import (
    Body,
    Entry,
    Failed,
    Failure,
    FeedForUpdate,
    FeedSpec,
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
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(Fetcher(settings, now=now))
        pool = await stack.enter_async_context(
            ParserPool(workers=settings.workers, timeout_s=settings.parse_timeout_s, memory_mb=settings.parse_memory_mb)
        )
        cycle = _Cycle(
            settings=settings,
            now=now,
            asker=Asker(known),
            fetcher=fetcher,
            pool=pool,
            robots=Robots(lambda url: _robots(fetcher, url), agent=settings.user_agent.split("/")[0]),
            last_moment=end - LAST_MOMENT * budget.total_seconds(),
        )
        tasks = {asyncio.create_task(cycle.update(turn)): turn for turn in turns}
        try:
            async for update in _as_they_finish(tasks, now, end):
                yield update
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _as_they_finish(
    tasks: dict[asyncio.Task[FeedUpdate], FeedForUpdate], now: datetime, end: float
) -> AsyncIterator[FeedUpdate]:
    loop = asyncio.get_running_loop()
    waiting = set(tasks)
    while waiting and loop.time() < end:
        done, waiting = await asyncio.wait(
            waiting, timeout=max(end - loop.time(), 0), return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            error = task.exception()
            yield task.result() if error is None else _crashed(tasks[task], error, now)
    for task in waiting:
        turn = tasks[task]
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
class _Reading:
    """What a body gave: articles, what is left for later, and what went wrong."""

    settled: Settled
    rows: tuple[Row, ...]
    articles: tuple[Article, ...]
    failures: tuple[Failure, ...]
    total: int
    pending: int
    cursor: int
    hint_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What became of a new or edited entry that was not left for later."""

    article: Article | None
    row: Row
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
            reading = await self._entries(turn, body)
        except ParseError as error:
            trouble = Trouble.NOT_A_FEED if error.kind == "not_a_feed" else Trouble.PARSER
            return self._failed(
                turn, Failed(url=body.url, trouble=trouble, reason=error.reason, weight=0.5, status=200)
            )
        lied = _lied(turn.state, body, reading, audit=audit)
        facts = self._facts(
            turn,
            Outcome.UPDATED,
            status=200,
            wire_bytes=body.wire_bytes,
            entries=reading.total,
            new_entries=sum(1 for sighting in reading.settled.sightings if sighting.status == "new"),
            edited_entries=sum(1 for sighting in reading.settled.sightings if sighting.status == "edited"),
            pending=reading.pending,
            overlap=reading.settled.overlap,
            may_have_missed=_may_have_missed(turn.state, reading),
            audit=audit,
            lying_304=lied,
        )
        state = self._state_after(state, body, reading, digest, facts)
        return FeedUpdate(
            feed=turn.feed, state=state, facts=facts, articles=reading.articles, failures=reading.failures
        )

    def _same(self, turn: FeedForUpdate, state: FeedState, body: Body, *, audit: bool) -> FeedUpdate:
        """The server sent in full what we had: unchanged, whatever its validators say."""
        interval = polling.next_interval(state, None, body.max_age_s, self.settings)
        state = replace(state, etag=body.etag, last_modified=body.last_modified, polls_since_full=0)
        facts = self._facts(turn, Outcome.UNCHANGED, status=200, wire_bytes=body.wire_bytes, audit=audit)
        return FeedUpdate(feed=turn.feed, state=polling.after_success(state, self.now, interval), facts=facts)

    def _state_after(
        self, state: FeedState, body: Body, reading: _Reading, digest: str, facts: FetchFacts
    ) -> FeedState:
        settled = reading.settled
        interval = polling.next_interval(state, settled.overlap, body.max_age_s or reading.hint_s, self.settings)
        whole = not body.truncated
        state = replace(
            state,
            etag=body.etag if whole else None,
            last_modified=body.last_modified if whole else None,
            body_hash=digest if whole else None,
            identity_policy=settled.policy,
            polls_since_full=0,
            lying_304=state.lying_304 + facts.lying_304,
            overlap=settled.overlap,
            missed_alarms=state.missed_alarms + facts.may_have_missed,
            entries=reading.total,
            pending=reading.pending,
            last_new_at=self.now if facts.new_entries else state.last_new_at,
            memory=Memory.loads(state.memory).after(reading.rows, cursor=reading.cursor).dumps(),
        )
        return polling.after_success(state, self.now, self.settings.min_interval_s if reading.pending else interval)

    async def _entries(self, turn: FeedForUpdate, body: Body) -> _Reading:
        memory, feed = Memory.loads(turn.state.memory), turn.feed
        document = await self.pool.run(
            "feed",
            body.content,
            charset=body.charset,
            url=body.url,
            truncated=body.truncated,
            limit=self.settings.max_entries,
            start=memory.cursor,
        )
        entries = [self._entry(raw, feed) for raw in document["entries"]]
        told = [entry for entry in entries if entry.title or entry.content]
        matched = match(told, feed=feed.id, policy=turn.state.identity_policy, memory=memory)
        settled = matched.settled(await self.asker.held(matched.fresh))
        wanted = [sighting for sighting in settled.sightings if sighting.status != "known"]
        taken = await self._take_all(turn, wanted)
        cursor, unread = _next_window(document["total"], self.settings.max_entries, memory.cursor)
        return _Reading(
            settled=settled,
            rows=_rows(settled, taken),
            articles=tuple(got.article for got in taken.values() if got is not None and got.article is not None),
            failures=(
                *_document_failures(feed.id, body, document, entries),
                *(got.failure for got in taken.values() if got is not None and got.failure is not None),
            ),
            total=document["total"],
            pending=list(taken.values()).count(None) + unread,
            cursor=cursor,
            hint_s=document["ttl_s"],
        )

    def _entry(self, raw: dict[str, Any], feed: FeedSpec) -> Entry:
        reading = dates.read(raw["published_raw"], now=self.now, country=feed.country)
        fields = {**raw, "categories": tuple(raw["categories"])}
        entry = Entry(**fields, published=reading.instant, confidence=reading.confidence)
        updated = entry.updated_raw is not None and entry.updated_raw != entry.published_raw
        return replace(entry, live=True) if updated and articles.genre_of(feed, entry) == "live_blog" else entry

    async def _take_all(self, turn: FeedForUpdate, wanted: Sequence[Sighting]) -> dict[str, _Taken | None]:
        """Make the articles of new and edited entries, by identity; None leaves an entry for the next cycle."""
        paged = [sighting for sighting in wanted if self._wants_page(turn.feed, sighting.entry)]
        now, later = paged[: self.settings.pages_per_feed], paged[self.settings.pages_per_feed :]
        results = await asyncio.gather(*(self._take_page(turn, sighting) for sighting in now))
        taken = {sighting.row.identity: result for sighting, result in zip(now, results, strict=True)}
        taken |= dict.fromkeys(sighting.row.identity for sighting in later)
        return {
            sighting.row.identity: taken[sighting.row.identity]
            if sighting.row.identity in taken
            else _Taken(article=self._article(turn, sighting, None), row=sighting.row)
            for sighting in wanted
        }

    def _wants_page(self, feed: FeedSpec, entry: Entry) -> bool:
        return self.settings.full_text and articles.wants_page(entry, articles.genre_of(feed, entry))

    async def _take_page(self, turn: FeedForUpdate, sighting: Sighting) -> _Taken | None:
        """Make the article of an entry from its page; None leaves it for the next cycle."""
        entry, feed = sighting.entry, turn.feed
        try:
            async with asyncio.timeout_at(self.last_moment):
                page = await self._page(entry, precise=articles.genre_of(feed, entry) != "live_blog")
        except TimeoutError:
            return None
        except _PageError as error:
            failure = Failure(where=str(entry.url), trouble=error.trouble, reason=error.reason, feed=feed.id)
            # without the key of its content the entry counts as edited next time, and its page is tried again
            row = replace(sighting.row, content="") if error.passing else sighting.row
            # an edited entry has its full text already: the summary would be a step back
            article = None if sighting.status == "edited" else self._article(turn, sighting, None)
            return _Taken(article=article, row=row, failure=failure)
        return _Taken(article=self._article(turn, sighting, page), row=sighting.row)

    def _article(self, turn: FeedForUpdate, sighting: Sighting, page: dict[str, Any] | None) -> Article:
        return articles.build(
            sighting.entry,
            identity=sighting.row.identity,
            feed=turn.feed,
            now=self.now,
            backlog=_is_backlog(turn.state, sighting.entry),
            page_text=page["text"] if page else None,
            page_date=page["published_raw"] if page else None,
        )

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


def _is_backlog(state: FeedState, entry: Entry) -> bool:
    """Say whether an entry came with the first fetch of its feed, or was left over from it by a cap or the budget."""
    if state.first_fetched_at is None:
        return True
    return bool(state.pending) and entry.published is not None and entry.published < state.first_fetched_at


def _may_have_missed(state: FeedState, reading: _Reading) -> bool:
    """Say whether the feed turned over whole since the last poll: what came and went in between was never seen."""
    return state.last_success_at is not None and state.entries > 0 and reading.settled.overlap == 0.0


def _lied(state: FeedState, body: Body, reading: _Reading, *, audit: bool) -> bool:
    """Say whether "not modified" would have been a lie: the same validators, but entries we had not seen."""
    validators = (body.etag, body.last_modified)
    if not audit or validators == (None, None) or validators != (state.etag, state.last_modified) or state.pending:
        return False
    return any(sighting.status == "new" for sighting in reading.settled.sightings)


def _rows(settled: Settled, taken: dict[str, _Taken | None]) -> tuple[Row, ...]:
    """Return what to remember: every entry but those left for the next poll."""
    rows = []
    for sighting in settled.sightings:
        if sighting.status == "known":
            rows.append(sighting.row)
        elif (result := taken[sighting.row.identity]) is not None:
            rows.append(result.row)
    return tuple(rows)


def _next_window(total: int, limit: int, start: int) -> tuple[int, int]:
    """Return where the next poll goes on in a document over the limit, and how many entries are still unread."""
    if total <= limit:
        return 0, 0
    end = max(start, limit // 2) + limit - limit // 2
    return (0, 0) if end >= total else (end, total - end)


def _document_failures(
    feed: str, body: Body, document: dict[str, Any], entries: Sequence[Entry]
) -> tuple[Failure, ...]:
    """Say what of a document could not be used."""
    problems = [(f"{body.url} {which}", Trouble.ENTRY, why) for which, why in document["bad"]]
    for number, entry in enumerate(entries, start=1):
        if not (entry.title or entry.content):
            problems.append((f"{entry.url or body.url} entry {number}", Trouble.ENTRY, "neither title nor text"))
    if body.truncated:
        problems.append((body.url, Trouble.TRUNCATED, "the answer broke off; what arrived was read"))
    return tuple(Failure(where=where, trouble=trouble, reason=why, feed=feed) for where, trouble, why in problems)
