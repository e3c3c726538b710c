"""One address, fetched: conditionally, within limits, never from a forbidden address. Only here aiohttp is known.

Every outcome is a record (Body, Unchanged, Gone, Failed); nothing is raised for what a server does.
"""

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Protocol

import aiohttp
import brotli  # type: ignore[import-untyped]
from backports import zstd
from yarl import URL

from flows.sources import politeness
from flows.sources.dialing import REFUSED, DaemonResolver, public_socket
from flows.sources.politeness import HostGate
from flows.sources.records import Body, Failed, Fetched, FetchSettings, Gone, Trouble, Unchanged

HARD, SOFT, PASSING = 1.0, 0.5, 0.25
"""Weights of failures: a wrong address, a server's fault, a passing trouble of the net."""
PERMANENT, TEMPORARY = frozenset({301, 308}), frozenset({302, 303, 307})
CHUNK = 64 * 1024
FEED_TYPES = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


class TooLargeError(ValueError):
    """A body is over the cap, on the wire or decompressed."""


class Fetcher:
    """Fetches within the limits of ``settings``; one per cycle. Use as an async context manager."""

    def __init__(
        self, settings: FetchSettings, *, now: datetime, room: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._settings = settings
        self._now = now
        self.gate = HostGate(
            per_host=settings.per_host, spacing_s=settings.spacing_s, concurrency=settings.concurrency, room=room
        )
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
            return _throttled(url, str(error), error.seconds)

    async def _follow(self, url: str, headers: Mapping[str, str]) -> Fetched:
        current, moved_to, permanent, seen = url, None, True, {url}
        for _ in range(self._settings.max_redirects + 1):
            answer = await self._hop(current, headers)
            if not isinstance(answer, _Redirect):
                return _at(answer, moved_to)
            target = _target(current, answer.location)
            if target is None:
                reason = f"redirected to what is no web address: {answer.location[:100]!r}"
                return Failed(url=url, trouble=Trouble.BAD_REDIRECT, reason=reason, weight=HARD, status=answer.status)
            if target in seen:
                return Failed(url=url, trouble=Trouble.BAD_REDIRECT, reason="redirected in a circle", weight=HARD)
            permanent = permanent and answer.status in PERMANENT
            moved_to = target if permanent else moved_to
            seen.add(target)
            current = target
        return Failed(url=url, trouble=Trouble.BAD_REDIRECT, reason="too many redirects", weight=HARD)

    async def _hop(self, url: str, headers: Mapping[str, str]) -> "Fetched | _Redirect":
        host = URL(url).host or ""
        async with self.gate.turn(host):
            try:
                # waiting for the turn was ours, not the server's: its time starts here
                async with asyncio.timeout(self._settings.total_timeout_s):
                    answer = await self._request(url, host, headers)
            except (aiohttp.ClientError, OSError) as error:
                return _failed(url, error)
        if isinstance(answer, Failed) and answer.retry_after_s:
            self.gate.pause(host, answer.retry_after_s)
        return answer

    async def _request(self, url: str, host: str, headers: Mapping[str, str]) -> "Fetched | _Redirect":
        session = self._open if host in self._settings.allow else self._guarded
        async with session.get(URL(url), headers=headers, allow_redirects=False) as response:
            status, location = response.status, response.headers.get("Location")
            if status in PERMANENT | TEMPORARY:
                return _Redirect(status, location or "")
            if status == 200:
                return await self._body(url, response)
            if status == 304 and ("If-None-Match" in headers or "If-Modified-Since" in headers):
                return _unchanged(url, response.headers)
            if status == 410:
                return Gone(url=url)
            return _refused(url, status, response.headers, self._now)

    async def _body(self, url: str, response: aiohttp.ClientResponse) -> Body | Failed:
        size, pieces, truncated = 0, [], False
        wire = 0
        try:
            decoder = _decoder(response.headers.get("Content-Encoding", ""))
            try:
                async for chunk in response.content.iter_chunked(CHUNK):
                    wire += len(chunk)
                    pieces.append(decoder.feed(chunk, self._settings.max_bytes - size))
                    size += len(pieces[-1])
            except aiohttp.ClientPayloadError:
                truncated = True
        except TooLargeError:
            reason = f"larger than {self._settings.max_bytes >> 20} MB"
            return Failed(url=url, trouble=Trouble.TOO_LARGE, reason=reason, weight=HARD, status=200)
        except (ValueError, zlib.error, brotli.error, zstd.ZstdError) as error:
            reason = f"cannot be decompressed: {_one_line(error)}"
            return Failed(url=url, trouble=Trouble.BAD_ENCODING, reason=reason, weight=SOFT, status=200)
        truncated = truncated or not decoder.whole
        if truncated and not size:
            return Failed(url=url, trouble=Trouble.TRUNCATED, reason="the answer broke off", weight=PASSING, status=200)
        return _whole(url, response, b"".join(pieces), wire=wire, truncated=truncated)

    def _session(self, *, guarded: bool) -> aiohttp.ClientSession:
        settings = self._settings
        connector = aiohttp.TCPConnector(
            limit=settings.concurrency,
            resolver=DaemonResolver(),
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


def agent(settings: FetchSettings) -> str:
    """Return the User-Agent: who asks, and how to reach them."""
    return f"{settings.user_agent}; {settings.contact}" if settings.contact else settings.user_agent


class _Redirect:
    """An answer that only names another address."""

    def __init__(self, status: int, location: str) -> None:
        self.status = status
        self.location = location


class _Decoder(Protocol):
    """Decompresses piece by piece, never beyond ``room`` bytes."""

    @property
    def whole(self) -> bool: ...

    def feed(self, data: bytes, room: int) -> bytes: ...


class _Plain:
    whole = True

    def feed(self, data: bytes, room: int) -> bytes:
        if len(data) > room:
            raise TooLargeError
        return data


class _Zlib:
    """gzip (members may follow each other) and deflate (with or without its zlib header)."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflate = zlib.decompressobj(window)
        self._started = False

    @property
    def whole(self) -> bool:
        return self._inflate.eof or not self._started

    def feed(self, data: bytes, room: int) -> bytes:
        output = b""
        while data:
            output += self._step(data, room - len(output) + 1)
            if len(output) > room:
                raise TooLargeError
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            if self._inflate.eof:
                if not data.startswith(b"\x1f\x8b"):
                    break  # padding after the last member
                self._inflate = zlib.decompressobj(self._window)
        return output

    def _step(self, data: bytes, most: int) -> bytes:
        try:
            piece = self._inflate.decompress(data, most)
        except zlib.error:
            if self._started or self._window != zlib.MAX_WBITS:
                raise
            self._window = -zlib.MAX_WBITS  # "deflate" without the header, as some servers send it
            self._inflate = zlib.decompressobj(self._window)
            piece = self._inflate.decompress(data, most)
        self._started = True
        return piece


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self._started = False

    @property
    def whole(self) -> bool:
        return not self._started or bool(self._decompressor.is_finished())

    def feed(self, data: bytes, room: int) -> bytes:
        self._started = True
        output: bytes = self._decompressor.process(data, output_buffer_limit=room + 1)
        while len(output) <= room and not self._decompressor.can_accept_more_data():
            output += self._decompressor.process(b"", output_buffer_limit=room + 1 - len(output))
        if len(output) > room:
            raise TooLargeError
        return output


class _Zstd:
    def __init__(self) -> None:
        # 8 MB is the window every decoder must support; a larger one is memory for the asking (RFC 8878, 3.1.1.1.2)
        self._decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})
        self._started = False

    @property
    def whole(self) -> bool:
        return not self._started or self._decompressor.eof

    def feed(self, data: bytes, room: int) -> bytes:
        if self._decompressor.eof:
            return b""
        self._started = True
        output = self._decompressor.decompress(data, max_length=room + 1)
        while len(output) <= room and not self._decompressor.needs_input and not self._decompressor.eof:
            output += self._decompressor.decompress(b"", max_length=room + 1 - len(output))
        if len(output) > room:
            raise TooLargeError
        return output


def _decoder(encodings: str) -> _Decoder:
    names = [name for name in re.split(r"[\s,]+", encodings.lower()) if name not in {"", "identity", "none", "utf-8"}]
    if not names:
        return _Plain()
    if len(names) > 1:
        raise ValueError(f"encoded more than once: {encodings[:50]}")
    match names[0]:
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
        case other:
            raise ValueError(f"unknown encoding {other[:30]!r}")


def _target(current: str, location: str) -> str | None:
    try:
        target = URL(current).join(URL(location.strip()))
    except ValueError:
        return None
    return str(target) if location.strip() and target.scheme in {"http", "https"} and target.host else None


def _whole(url: str, response: aiohttp.ClientResponse, content: bytes, *, wire: int, truncated: bool) -> Body:
    headers = response.headers
    kind = headers.get("Content-Type", "")
    charset = re.search(r"charset\s*=\s*[\"']?([^\s\"';,]+)", kind, re.IGNORECASE)
    return Body(
        url=url,
        moved_to=None,
        content=content,
        charset=charset[1] if charset else None,
        mime=kind.split(";")[0].strip().lower(),
        etag=None if truncated else _header(headers, "ETag"),
        last_modified=None if truncated else _header(headers, "Last-Modified"),
        max_age_s=_max_age(headers),
        wire_bytes=wire,
        truncated=truncated,
    )


def _at(answer: Fetched, moved_to: str | None) -> Fetched:
    if moved_to is None or not isinstance(answer, Body | Unchanged):
        return answer
    return replace(answer, moved_to=moved_to)


def _unchanged(url: str, headers: Mapping[str, str]) -> Unchanged:
    etag, last_modified = _header(headers, "ETag"), _header(headers, "Last-Modified")
    return Unchanged(url=url, etag=etag, last_modified=last_modified, max_age_s=_max_age(headers))


def _header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a validator to be sent back one day: printable and of sane length, or none."""
    value = headers.get(name, "").strip()
    return value if value and len(value) <= 1_000 and value.isprintable() else None


def _max_age(headers: Mapping[str, str]) -> int | None:
    match = re.search(r"max-age\s*=\s*\"?(\d{1,9})", headers.get("Cache-Control", ""), re.IGNORECASE)
    return int(match[1]) if match else None


def _refused(url: str, status: int, headers: Mapping[str, str], now: datetime) -> Failed:
    wait = politeness.retry_after_s(headers.get("Retry-After"), now)
    if status == 429 or (status == 503 and wait is not None):
        return _throttled(url, f"HTTP {status}", wait if wait is not None else 15 * 60.0, status)
    weight = SOFT if status >= 500 or status in {408, 425} else HARD
    return Failed(url=url, trouble=Trouble.HTTP_STATUS, reason=f"HTTP {status}", weight=weight, status=status)


def _throttled(url: str, reason: str, wait: float, status: int | None = None) -> Failed:
    return Failed(url=url, trouble=Trouble.THROTTLED, reason=reason, weight=PASSING, status=status, retry_after_s=wait)


FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Trouble, str, float], ...] = (
    (TimeoutError, Trouble.TIMEOUT, "no answer in time", PASSING),
    (aiohttp.ClientConnectorDNSError, Trouble.UNREACHABLE, "the host name has no address", PASSING),
    (
        (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError),
        Trouble.TRUNCATED,
        "the answer broke off",
        PASSING,
    ),
    # an address spelled as a number ("http://2130706433/") is how filters are got around, never how news is linked
    (aiohttp.InvalidURL, Trouble.REFUSED_ADDRESS, "no web address: {}", HARD),
    (aiohttp.ClientResponseError, Trouble.NOT_HTTP, "does not speak HTTP: {}", SOFT),
    (Exception, Trouble.UNREACHABLE, "{}", PASSING),
)
"""What an error of the client means; the first type that fits."""


def _failed(url: str, error: Exception) -> Failed:
    text = _one_line(error)
    if REFUSED in text:
        return Failed(url=url, trouble=Trouble.REFUSED_ADDRESS, reason=text, weight=HARD)
    trouble, reason, weight = next(failure[1:] for failure in FAILURES if isinstance(error, failure[0]))
    return Failed(url=url, trouble=trouble, reason=reason.format(text), weight=weight)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
