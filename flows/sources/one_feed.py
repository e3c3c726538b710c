"""Updates one feed: fetches and parses it, separates new from known entries, and assesses the outcome."""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flows.sources import health, reading, schedule, urls
from flows.sources.batched_lookup import BatchedLookup
from flows.sources.feed_records import (
    Body,
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
from flows.sources.http.fetch import Fetcher
from flows.sources.identity import Memory, Row
from flows.sources.page_reader import PageReader, Taken
from flows.sources.reading import Reading
from flows.sources.schedule import Poll
from flows.sources.workers.pool import ParseError, ParserPool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The result for one body: articles, what is left for later, and what went wrong."""

    reading: Reading
    taken: dict[str, Taken | None]
    """The result for each entry that is not known, by identity; None if it is left for the next poll."""
    cursor: int
    unread: int
    """Entries beyond the limit, left for the next poll."""

    @property
    def pending(self) -> int:
        """Entries left for the next poll."""
        return list(self.taken.values()).count(None) + self.unread

    @property
    def done(self) -> list[Taken]:
        """The results, without entries left for the next poll."""
        return [taken for taken in self.taken.values() if taken is not None]

    @property
    def rows(self) -> tuple[Row, ...]:
        """What to remember: every entry except those left for the next poll."""
        rows = []
        for found in self.reading.found:
            if not found.wanted:
                rows.append(found.row)
            elif (taken := self.taken[found.row.identity]) is not None:
                rows.append(taken.row)
        return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedUpdater:
    """Updates feeds; what the feeds of one cycle share."""

    settings: FetchSettings
    now: datetime
    lookup: BatchedLookup
    fetcher: Fetcher
    pool: ParserPool
    pages: PageReader

    async def update(self, due_feed: FeedForUpdate) -> FeedUpdate:
        """Fetch one feed and read it."""
        started = asyncio.get_running_loop().time()
        state = due_feed.state
        ask = schedule.conditional(state)
        fetched = await self.fetcher.get(
            state.url, etag=state.etag if ask else None, last_modified=state.last_modified if ask else None
        )
        update = await self._after(due_feed, fetched, audit=not ask)
        duration = asyncio.get_running_loop().time() - started
        judged, notice = health.judge(state, update.state, update.facts, self.now)
        return replace(update, state=judged, notice=notice, facts=replace(update.facts, duration_s=round(duration, 3)))

    async def _after(self, due_feed: FeedForUpdate, fetched: object, *, audit: bool) -> FeedUpdate:
        match fetched:
            case Body():
                return await self._read(due_feed, fetched, audit=audit)
            case Unchanged():
                return self._unchanged(due_feed, fetched)
            case Gone():
                return self._gone(due_feed)
            case Failed():
                return self._failed(due_feed, fetched)
            case _:
                raise TypeError(f"no outcome of a fetch: {fetched!r}")

    def _facts(self, due_feed: FeedForUpdate, outcome: Outcome, **facts: Any) -> FetchFacts:
        return FetchFacts(feed=due_feed.feed.id, started_at=self.now, duration_s=0.0, outcome=outcome, **facts)

    def _unchanged(self, due_feed: FeedForUpdate, answer: Unchanged) -> FeedUpdate:
        state = schedule.after_redirect(due_feed.state, answer.moved_to)
        poll, polls = Poll(cost=0, hint_s=answer.max_age_s), state.polls_since_full + 1
        state = schedule.after_success(due_feed.feed, state, poll, self.now, self.settings, polls_since_full=polls)
        facts = self._facts(due_feed, Outcome.UNCHANGED, status=304, clock_off_s=answer.clock_off_s)
        return FeedUpdate(feed=due_feed.feed, state=state, facts=facts)

    def _gone(self, due_feed: FeedForUpdate) -> FeedUpdate:
        state = schedule.after_gone(due_feed.state, self.now)
        failure = Failure(
            where=due_feed.state.url, trouble=Trouble.GONE, reason=str(state.last_error), feed=due_feed.feed.id
        )
        facts = self._facts(due_feed, Outcome.GONE, status=410, reason=state.last_error)
        return FeedUpdate(feed=due_feed.feed, state=state, facts=facts, failures=(failure,))

    def _failed(self, due_feed: FeedForUpdate, failed: Failed) -> FeedUpdate:
        state = schedule.after_failure(due_feed.state, failed, self.now)
        failure = Failure(where=failed.url, trouble=failed.trouble, reason=failed.reason, feed=due_feed.feed.id)
        facts = self._facts(due_feed, Outcome.FAILED, status=failed.status, reason=f"{failed.trouble}: {failed.reason}")
        return FeedUpdate(feed=due_feed.feed, state=state, facts=facts, failures=(failure,))

    async def _read(self, due_feed: FeedForUpdate, body: Body, *, audit: bool) -> FeedUpdate:
        state = schedule.after_redirect(due_feed.state, body.moved_to)
        digest = hashlib.blake2b(body.content, digest_size=16).hexdigest()
        if digest == state.body_hash and not state.pending:
            return self._same(due_feed, state, body, audit=audit)
        try:
            read = await self._entries(due_feed, body)
        except ParseError as error:
            trouble = Trouble.NOT_A_FEED if error.kind == "not_a_feed" else Trouble.PARSER
            return self._failed(
                due_feed, Failed(url=body.url, trouble=trouble, reason=error.reason, weight=0.5, status=200)
            )
        told = read.reading
        lied = _lied(due_feed.state, body, told, audit=audit)
        facts = self._facts(
            due_feed,
            Outcome.UPDATED,
            status=200,
            wire_bytes=body.wire_bytes,
            entries=told.total,
            new_entries=told.count("new"),
            edited_entries=told.count("edited"),
            pending=read.pending,
            overlap=told.overlap,
            may_have_missed=not body.truncated and _may_have_missed(due_feed.state, told),
            audit=audit,
            lying_304=lied,
            clock_off_s=body.clock_off_s,
        )
        return FeedUpdate(
            feed=due_feed.feed,
            state=self._state_after(due_feed, replace(state, body_hash=digest), body, read, facts),
            facts=facts,
            articles=tuple(taken.article for taken in read.done if taken.article),
            failures=_failures(due_feed.feed.id, body, read),
        )

    def _same(self, due_feed: FeedForUpdate, state: FeedState, body: Body, *, audit: bool) -> FeedUpdate:
        """The server sent in full what we had: it is unchanged, whatever its validators say."""
        facts = self._facts(
            due_feed,
            Outcome.UNCHANGED,
            status=200,
            wire_bytes=body.wire_bytes,
            audit=audit,
            clock_off_s=body.clock_off_s,
        )
        poll = Poll(cost=_cost(state, facts), hint_s=body.max_age_s)
        told = {"etag": body.etag, "last_modified": body.last_modified, "polls_since_full": 0}
        state = schedule.after_success(due_feed.feed, state, poll, self.now, self.settings, **told)
        return FeedUpdate(feed=due_feed.feed, state=state, facts=facts)

    def _state_after(
        self, due_feed: FeedForUpdate, state: FeedState, body: Body, read: _Read, facts: FetchFacts
    ) -> FeedState:
        told = read.reading
        whole, hub = not body.truncated, _web_address(body.hub or told.hub)
        state = replace(
            state,
            etag=body.etag if whole else None,
            last_modified=body.last_modified if whole else None,
            body_hash=state.body_hash if whole else None,
            identity_policy=told.policy,
            polls_since_full=0,
            lying_304=state.lying_304 + facts.lying_304,
            overlap=told.overlap,
            missed_alarms=state.missed_alarms + facts.may_have_missed,
            entries=told.total,
            pending=read.pending,
            last_new_at=self.now if facts.new_entries else state.last_new_at,
            hub=hub,
            topic=(body.topic or told.topic or body.url) if hub else None,
            memory=Memory.loads(state.memory).after(read.rows, cursor=read.cursor).dumps(),
        )
        # entries that an earlier poll left for this one came at another pace
        new = 0 if due_feed.state.pending else told.arrived
        hint_s = body.max_age_s or told.ttl_s
        poll = Poll(new=new, published=told.published, cost=_cost(state, facts), hint_s=hint_s)
        return schedule.after_success(due_feed.feed, state, poll, self.now, self.settings)

    async def _entries(self, due_feed: FeedForUpdate, body: Body) -> _Read:
        asked = reading.ask(due_feed, body, self.settings, now=self.now)
        told = Reading.of(await self.pool.run("entries", body.content, **asked))
        told = told.but(await self.lookup.held(told.fresh))
        cursor, unread = _next_window(told.total, self.settings.max_entries, Memory.loads(due_feed.state.memory).cursor)
        taken = await self.pages.take_all(due_feed, [found for found in told.found if found.wanted])
        return _Read(reading=told, taken=taken, cursor=cursor, unread=unread)


def _web_address(text: str | None) -> str | None:
    return text if text and len(text) <= 1_000 and urls.canonicalise(text) else None


def _cost(state: FeedState, facts: FetchFacts) -> int | None:
    """Return the cost of a poll that brought nothing; None if it brought something or was not conditional."""
    avoidable = facts.audit and state.lying_304 < schedule.LIES
    return None if facts.overlap not in {None, 1.0} or avoidable else facts.wire_bytes


def _may_have_missed(state: FeedState, reading: Reading) -> bool:
    """Return whether all entries were replaced since the last poll, so that others may have been missed."""
    return state.last_success_at is not None and state.entries > 0 and reading.overlap == 0.0


def _lied(state: FeedState, body: Body, reading: Reading, *, audit: bool) -> bool:
    """Return whether "not modified" would have been false: the same validators, but entries not seen before."""
    validators = (body.etag, body.last_modified)
    if not audit or validators == (None, None) or validators != (state.etag, state.last_modified) or state.pending:
        return False
    return reading.arrived > 0


def _next_window(total: int, limit: int, start: int) -> tuple[int, int]:
    """Return where the next poll continues in a document over the limit, and how many entries are still unread."""
    if total <= limit:
        return 0, 0
    end = max(start, limit // 2) + limit - limit // 2
    return (0, 0) if end >= total else (end, total - end)


def _failures(feed: str, body: Body, read: _Read) -> tuple[Failure, ...]:
    """Return what in a document, and in the pages it links to, could not be used."""
    problems = [(where, Trouble.ENTRY, why) for where, why in read.reading.bad]
    if body.truncated:
        problems.append((body.url, Trouble.TRUNCATED, "the answer broke off; what arrived was read"))
    document = [Failure(where=where, trouble=trouble, reason=why, feed=feed) for where, trouble, why in problems]
    return (*document, *(taken.failure for taken in read.done if taken.failure is not None))
