"""Reads answers that violate HTTP but are unambiguous, as curl and browsers do and the client does not.

One request per connection, which is closed after it. So the reason why RFC 9112 forbids repeated lengths, or a length
beside chunks, does not apply: that one request may hide behind another on a shared connection.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict
from yarl import URL

from flows.sources.http.address_guard import public_socket

LINE, MOST_HEADERS, CHUNK = 32 * 1024, 200, 64 * 1024
INTERIM = frozenset({100, 102, 103})
"""Statuses that only announce the answer."""
STATUS = re.compile(rb"(?:HTTP/\d(?:\.\d)?|ICY)\s+(\d{3})(?:\s|$)")
SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,12})\s*(?:;.*)?$")


class NotHTTPError(aiohttp.ClientError):
    """The answer violates HTTP in a way that leaves its meaning open."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers as received; the body is still to be read."""

    status: int
    headers: CIMultiDict[str]
    reader: asyncio.StreamReader

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body; aiohttp.ClientPayloadError if it breaks off."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            async for piece in self._unchunked():
                yield piece
            return
        left = self._length()
        while left is None or left > 0:
            piece = await self.reader.read(CHUNK if left is None else min(CHUNK, left))
            if not piece:
                break
            left = None if left is None else left - len(piece)
            yield piece
        if left:
            raise aiohttp.ClientPayloadError("broke off")

    async def _unchunked(self) -> AsyncIterator[bytes]:
        while True:
            size = SIZE.match(await _line(self.reader))
            if size is None:
                raise NotHTTPError("its chunks have no sizes")
            left = int(size[1], 16)
            if left == 0:
                return
            while left:
                piece = await self.reader.read(min(CHUNK, left))
                if not piece:
                    raise aiohttp.ClientPayloadError("broke off")
                left -= len(piece)
                yield piece
            await _line(self.reader)

    def _length(self) -> int | None:
        lengths = {length.strip() for value in self.headers.getall("Content-Length", ()) for length in value.split(",")}
        if not lengths:
            return None
        if len(lengths) > 1 or not all(re.fullmatch("[0-9]{1,15}", length) for length in lengths):
            raise NotHTTPError(f"it gives {' and '.join(map(repr, sorted(lengths)))} for its length")
        return int(lengths.pop())


@asynccontextmanager
async def get(
    url: URL, headers: Mapping[str, str], *, resolver: AbstractResolver, guarded: bool, connect_s: float, read_s: float
) -> AsyncIterator[Answer]:
    """Request ``url`` and yield its answer; ``guarded`` connects only to addresses of the public internet."""
    async with asyncio.timeout(connect_s):
        reader, writer = await _connect(url, resolver, guarded=guarded)
    try:
        host = url.host_port_subcomponent or ""
        fields = {"Host": host, **headers, "Connection": "close"}
        if url.user is not None:
            fields["Authorization"] = aiohttp.BasicAuth(url.user, url.password or "").encode()
        lines = [f"GET {url.raw_path_qs} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1", "replace"))
        async with asyncio.timeout(read_s):
            answer = await _answer(reader)
            while answer.status in INTERIM:
                answer = await _answer(reader)
            answer._length()
        yield answer
    finally:
        writer.close()


async def _connect(
    url: URL, resolver: AbstractResolver, *, guarded: bool
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    host, port = url.raw_host or "", url.port or 80
    error: OSError = OSError(f"{host} has no address")
    for found in await resolver.resolve(host, port):
        address = (found["host"], port)
        info = (found["family"], socket.SOCK_STREAM, found["proto"], "", address)
        try:
            sock = public_socket(info) if guarded else socket.socket(*info[:3])
        except OSError as refused:
            error = refused
            continue
        try:
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
            secure = ssl.create_default_context() if url.scheme == "https" else None
            return await asyncio.open_connection(
                sock=sock, ssl=secure, server_hostname=host if secure else None, limit=LINE
            )
        except OSError as failed:
            sock.close()
            error = failed
        except BaseException:
            sock.close()
            raise
    raise error


async def _answer(reader: asyncio.StreamReader) -> Answer:
    status = STATUS.match(await _line(reader))
    if status is None:
        raise NotHTTPError("it does not begin with a status")
    return Answer(int(status[1]), await _headers(reader), reader)


async def _headers(reader: asyncio.StreamReader) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict()
    for _ in range(MOST_HEADERS):
        line = (await _line(reader)).decode("utf-8", "surrogateescape")
        if not line:
            return headers
        name, colon, value = line.partition(":")
        if colon and name.strip().isascii():
            headers.add(name.strip(), value.strip())
    raise NotHTTPError(f"it has more than {MOST_HEADERS} headers")


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return (await reader.readuntil(b"\n")).strip(b"\r\n")
    except asyncio.IncompleteReadError as error:
        raise aiohttp.ClientPayloadError("broke off") from error
    except asyncio.LimitOverrunError as error:
        raise NotHTTPError(f"it has a line of more than {LINE >> 10} KB") from error
