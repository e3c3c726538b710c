"""Fetches one address: conditionally, within limits, never from a forbidden one. The only one that sends.

Every outcome is a record (Body, Unchanged, Gone, Failed); nothing that a server does raises an exception.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import TracebackType

import aiohttp
from yarl import URL

from flows.sources.feed_records import Body, Failed, Fetched, FetchSettings, Gone, Trouble
from flows.sources.http import answers, decompression, politeness, tolerant
from flows.sources.http.address_guard import DaemonResolver, place, places, public_socket
from flows.sources.http.answers import HARD, PASSING, SOFT, Headers
from flows.sources.http.politeness import HostGate

PERMANENT, TEMPORARY = frozenset({301, 308}), frozenset({302, 303, 307})
WHOLE = frozenset({200, 203})
"""Statuses of complete answers; with 203 a proxy has changed something on the way."""
CHUNK = 64 * 1024
FEED_TYPES = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


class Fetcher:
    """Fetches within the limits of ``settings``; one per cycle, as an async context manager.

    ``listed`` are the addresses in the feed list, at whose ports hosts are allowed that are given without a port.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        now: datetime,
        listed: Iterable[str] = (),
        backpressure: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._settings = settings
        self._allowed = places(settings.allow, listed)
        self._now, self._began = now, time.monotonic()
        self.gate = HostGate(
            per_host=settings.per_host,
            spacing_s=settings.spacing_s,
            concurrency=settings.concurrency,
            backpressure=backpressure,
        )
        self._resolver = DaemonResolver()
        self._guarded = self._session(guarded=True)
        self._open = self._session(guarded=False)

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._guarded.close()
        await self._open.close()

    async def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, accept: str = FEED_TYPES
    ) -> Fetched:
        """Fetch ``url``, following redirects one by one; with validators, conditionally."""
        headers = {"Accept": accept, "Accept-Encoding": "gzip, deflate, br, zstd"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        try:
            return await self._follow(url, headers)
        except politeness.ThrottledError as error:
            return answers.throttled(url, str(error), error.seconds)

    async def post(self, url: str, form: Mapping[str, str]) -> Failed | None:
        """Send a form to ``url``; return None if it was accepted. Redirects are not followed."""
        try:
            async with (
                self.gate.slot(URL(url).host or ""),
                asyncio.timeout(self._settings.total_timeout_s),
                self._session_for(URL(url)).post(URL(url), data=form, allow_redirects=False) as response,
            ):
                taken = 200 <= response.status < 300
                return None if taken else answers.refused(url, response.status, response.headers, self._now)
        except politeness.ThrottledError as error:
            return answers.throttled(url, str(error), error.seconds)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return answers.failed(url, error)

    async def _follow(self, url: str, headers: Mapping[str, str]) -> Fetched:
        current, moved_to, permanent = url, None, True
        # for this chain only: a consent page may ask for the cookie that it sets; "unsafe" are numbers as hosts
        cookies = aiohttp.CookieJar(unsafe=True)
        seen = {(url, "")}
        for _ in range(self._settings.max_redirects + 1):
            cookie = _cookie(cookies, current)
            answer = await self._hop(current, {**headers, "Cookie": cookie} if cookie else headers)
            if not isinstance(answer, _Redirect):
                return answers.moved(answer, moved_to)
            target = answers.redirect_target(current, answer.location)
            if target is None:
                reason = f"redirected to something that is not a web address: {answer.location[:100]!r}"
                return Failed(url=url, trouble=Trouble.BAD_REDIRECT, reason=reason, weight=HARD, status=answer.status)
            cookies.update_cookies_from_headers(answer.cookies, URL(current))
            visit = (target, _cookie(cookies, target))
            if visit in seen:
                return Failed(url=url, trouble=Trouble.BAD_REDIRECT, reason="redirected in a circle", weight=HARD)
            permanent = permanent and answer.status in PERMANENT
            moved_to = target if permanent else moved_to
            seen.add(visit)
            current = target
        return Failed(url=url, trouble=Trouble.BAD_REDIRECT, reason="too many redirects", weight=HARD)

    async def _hop(self, url: str, headers: Mapping[str, str]) -> "Fetched | _Redirect":
        parsed = URL(url)
        host = parsed.host or ""
        async with self.gate.slot(host):
            try:
                # the server's time starts here, after the wait for a slot
                async with asyncio.timeout(self._settings.total_timeout_s):
                    answer = await self._request(url, parsed, headers)
            except (aiohttp.ClientError, OSError) as error:
                return answers.failed(url, error)
        if isinstance(answer, Failed) and answer.retry_after_s:
            self.gate.pause(host, answer.retry_after_s)
        return answer

    async def _request(self, url: str, parsed: URL, headers: Mapping[str, str]) -> "Fetched | _Redirect":
        try:
            async with self._session_for(parsed).get(parsed, headers=headers, allow_redirects=False) as response:
                chunks = response.content.iter_chunked(CHUNK)
                return await self._answer(url, headers, response.status, response.headers, chunks)
        except aiohttp.ClientResponseError:
            return await self._tolerantly(url, headers)

    async def _tolerantly(self, url: str, headers: Mapping[str, str]) -> "Fetched | _Redirect":
        """Fetch again an answer that the client refused, in case it violates HTTP but is unambiguous."""
        settings = self._settings
        request = tolerant.get(
            URL(url),
            {"User-Agent": agent(settings), **headers},
            resolver=self._resolver,
            guarded=place(URL(url)) not in self._allowed,
            connect_s=settings.connect_timeout_s,
            read_s=settings.read_timeout_s,
        )
        async with request as answer:
            return await self._answer(url, headers, answer.status, answer.headers, answer.chunks())

    async def _answer(
        self, url: str, asked: Mapping[str, str], status: int, headers: Headers, chunks: AsyncIterator[bytes]
    ) -> "Fetched | _Redirect":
        if status in PERMANENT | TEMPORARY:
            return _Redirect(status, headers.get("Location", ""), headers.getall("Set-Cookie", ()))
        off = self._clock_off(headers)
        if status in WHOLE:
            return await self._body(url, headers, chunks, off=off)
        if status == 304 and ("If-None-Match" in asked or "If-Modified-Since" in asked):
            return answers.unchanged(url, headers, off=off)
        if status == 410:
            return Gone(url=url)
        return answers.refused(url, status, headers, self._now)

    def _clock_off(self, headers: Mapping[str, str]) -> float | None:
        """Return the seconds by which our clock is ahead of the server's; None if it sends no date."""
        sent = _sent_at(headers.get("Date", ""))
        if sent is None:
            return None
        age = headers.get("Age", "").strip()  # how long a cache has held the answer
        now = self._now.timestamp() + time.monotonic() - self._began
        return round(now - sent - (int(age) if re.fullmatch(r"\d{1,9}", age) else 0))

    async def _body(
        self, url: str, headers: Headers, chunks: AsyncIterator[bytes], *, off: float | None
    ) -> Body | Failed:
        size, pieces, truncated = 0, [], False
        wire = 0
        try:
            decoder = decompression.decoder(headers.get("Content-Encoding", ""))
            try:
                async for chunk in chunks:
                    wire += len(chunk)
                    pieces.append(decoder.feed(chunk, self._settings.max_bytes - size))
                    size += len(pieces[-1])
            except aiohttp.ClientPayloadError:
                truncated = True
            content, whole = decompression.unpacked(b"".join(pieces), self._settings.max_bytes)
        except decompression.TooLargeError:
            reason = f"larger than {self._settings.max_bytes >> 20} MB"
            return Failed(url=url, trouble=Trouble.TOO_LARGE, reason=reason, weight=HARD, status=200)
        except decompression.ERRORS as error:
            reason = f"cannot be decompressed: {answers.one_line(error)}"
            return Failed(url=url, trouble=Trouble.BAD_ENCODING, reason=reason, weight=SOFT, status=200)
        truncated = truncated or not decoder.whole or not whole
        if truncated and not content:
            return Failed(url=url, trouble=Trouble.TRUNCATED, reason="the answer broke off", weight=PASSING, status=200)
        return answers.body(url, headers, content, wire=wire, truncated=truncated, off=off)

    def _session_for(self, url: URL) -> aiohttp.ClientSession:
        return self._open if place(url) in self._allowed else self._guarded

    def _session(self, *, guarded: bool) -> aiohttp.ClientSession:
        settings = self._settings
        connector = aiohttp.TCPConnector(
            limit=settings.concurrency,
            resolver=self._resolver,
            ttl_dns_cache=60,
            socket_factory=public_socket if guarded else None,
        )
        timeout = aiohttp.ClientTimeout(
            total=None, connect=settings.connect_timeout_s, sock_read=settings.read_timeout_s
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": agent(settings)},
            max_line_size=32 * 1024,
            max_field_size=32 * 1024,
        )


@lru_cache(maxsize=64)
def _sent_at(date: str) -> float | None:
    """Return the timestamp that a Date header gives; the answers of one second share it."""
    try:
        sent = parsedate_to_datetime(date)
    except ValueError:
        return None
    return sent.replace(tzinfo=sent.tzinfo or UTC).timestamp()


def agent(settings: FetchSettings) -> str:
    """Return the User-Agent: who asks, and how to reach them."""
    return f"{settings.user_agent}; {settings.contact}" if settings.contact else settings.user_agent


class _Redirect:
    """An answer that only names another address."""

    def __init__(self, status: int, location: str, cookies: Sequence[str]) -> None:
        self.status = status
        self.location = location
        self.cookies = cookies
        """Headers that set a cookie."""


def _cookie(cookies: aiohttp.CookieJar, url: str) -> str:
    """Return the Cookie header for ``url``; empty if there is none to send."""
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in cookies.filter_cookies(URL(url)).values())
