"""A server on loopback that does to a client what servers of feeds do, and worse.

Each behaviour is a coroutine registered under its path. It gets the request and the raw stream, so that it can break
every rule of HTTP. ``BadServer`` counts requests and remembers their headers.
"""

import asyncio
import contextlib
import gzip
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import brotli  # type: ignore[import-untyped]
from backports import zstd

Behaviour = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]
BEHAVIOURS: dict[str, Behaviour] = {}


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    path: str
    headers: dict[str, str]
    port: int
    number: int
    """How many requests this path had before."""


@dataclass
class BadServer:
    """Use as an async context manager; ``url(path)`` names it by a host that a test may allow."""

    behaviours: dict[str, Behaviour] = field(default_factory=lambda: dict(BEHAVIOURS))
    hits: Counter[str] = field(default_factory=Counter)
    requests: list[Request] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> "BadServer":
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str) -> str:
        return f"http://localhost:{self.port}/{path}"

    def serve(self, path: str, body: str | bytes | Callable[[Request], str | bytes], **headers: str) -> None:
        """Answer ``path`` with 200 and ``body`` from now on."""

        async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
            content = body(request) if callable(body) else body
            await answer(writer, content, headers={name.replace("_", "-"): value for name, value in headers.items()})

        self.behaviours[path] = behave

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split(" ")[1].lstrip("/")
            headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in head[1:] if line)}
            request = Request(path, headers, self.port, self.hits[path])
            self.hits[path] += 1
            self.requests.append(request)
            behave = self.behaviours.get(path.partition("?")[0], _not_found)
            await behave(request, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()


def item(number: int, *, title: str = "", guid: str = "", link: str = "", date: str = "", text: str = "") -> str:
    """One RSS item, different from every other number's."""
    return (
        f"<item><title>{title or f'Item {number}'}</title><link>{link or f'http://localhost/news/{number}'}</link>"
        f"<guid isPermaLink='false'>{guid or f'g{number}'}</guid>"
        f"<pubDate>{date or f'Fri, 20 Nov 2026 {number // 60 % 24:02d}:{number % 60:02d}:00 GMT'}</pubDate>"
        f"<description>{text or f'Summary of item {number}'}</description></item>"
    )


def rss(items: Iterable[str], *, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    """An RSS 2.0 document."""
    return f'{head}<rss version="2.0"><channel><title>Feed</title><link>http://localhost/</link>{"".join(items)}</channel></rss>'


GOOD = rss(item(n) for n in range(3))


async def answer(
    writer: asyncio.StreamWriter,
    body: str | bytes = b"",
    *,
    status: str = "200 OK",
    kind: str = "application/rss+xml",
    headers: dict[str, str] | None = None,
) -> None:
    """Answer as a well-behaved server does."""
    content = body.encode("utf-8") if isinstance(body, str) else body
    fields = {"Content-Type": kind, "Content-Length": str(len(content)), "Connection": "close"} | (headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + content)
    await writer.drain()


HOUR_S = 3_600.0


def let_pass(seconds: float) -> None:
    """Let so much time have passed for everything that waits in the event loop, without waiting for it."""
    loop = asyncio.get_running_loop()
    before = loop.time
    loop.time = lambda: before() + seconds  # type: ignore[method-assign]


def behaviour(path: str) -> Callable[[Behaviour], Behaviour]:
    def register(function: Behaviour) -> Behaviour:
        BEHAVIOURS[path] = function
        return function

    return register


def _fixed(path: str, body: str | bytes = b"", **options: object) -> None:
    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        await answer(writer, body, **options)  # type: ignore[arg-type]

    BEHAVIOURS[path] = behave


def _redirect(path: str, target: str, status: str = "302 Found") -> None:
    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        await answer(writer, status=status, headers={"Location": target.replace("PORT", str(request.port))})

    BEHAVIOURS[path] = behave


async def _not_found(_: Request, writer: asyncio.StreamWriter) -> None:
    await answer(writer, "<html>not here</html>", status="404 Not Found", kind="text/html")


# Time


@behaviour("hang")
async def hang(_: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(HOUR_S)


@behaviour("hang-in-head")
async def hang_in_head(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n")
    await writer.drain()
    await asyncio.sleep(HOUR_S)


@behaviour("hang-in-body")
async def hang_in_body(_: Request, writer: asyncio.StreamWriter) -> None:
    await answer(writer, GOOD[:200], headers={"Content-Length": str(len(GOOD))})
    await asyncio.sleep(HOUR_S)


@behaviour("drip")
async def drip(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n")
    for _number in range(36_000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.1)


@behaviour("drip-head")
async def drip_head(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(36_000):
        writer.write(f"X-{number}: 1\r\n".encode())
        await writer.drain()
        await asyncio.sleep(0.1)


# Broken transport


@behaviour("truncated")
async def truncated(_: Request, writer: asyncio.StreamWriter) -> None:
    body = rss(item(n) for n in range(5)).encode()
    await answer(writer, body[: body.rindex(b"Summary of item 4")], headers={"Content-Length": str(len(body))})


@behaviour("closed")
async def closed(_: Request, writer: asyncio.StreamWriter) -> None:
    return


@behaviour("reset")
async def reset(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@behaviour("no-http")
async def no_http(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")


@behaviour("bad-chunks")
async def bad_chunks(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n")


@behaviour("bad-length")
async def bad_length(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: minus one\r\n\r\n" + GOOD.encode())


@behaviour("no-length")
async def no_length(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n" + GOOD.encode())


@behaviour("hundred-headers")
async def hundred_headers(_: Request, writer: asyncio.StreamWriter) -> None:
    await answer(writer, GOOD, headers={f"X-Header-{n}": "v" * 50 for n in range(100)})


@behaviour("huge-header")
async def huge_header(_: Request, writer: asyncio.StreamWriter) -> None:
    await answer(writer, GOOD, headers={"X-Huge": "v" * 200_000})


# What breaks HTTP and leaves no doubt, and what leaves one


def _raw(path: str, head: str, body: bytes = GOOD.encode()) -> None:
    async def behave(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head.replace("SIZE", str(len(body))).encode("latin-1") + body)

    BEHAVIOURS[path] = behave


_OK = "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
_CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD.encode()), GOOD.encode())
_raw("length-twice", _OK + "Content-Length: SIZE\r\nContent-Length: SIZE\r\n\r\n")
_raw("length-twice-in-one", _OK + "Content-Length: SIZE, SIZE\r\n\r\n")
_raw(
    "length-twice-gzip",
    _OK + "Content-Encoding: gzip\r\nContent-Length: SIZE\r\nContent-Length: SIZE\r\n\r\n",
    gzip.compress(GOOD.encode()),
)
_raw("length-and-chunks", _OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", _CHUNKED)
_raw("chunks-and-length", _OK + "Transfer-Encoding: chunked\r\nContent-Length: 999999\r\n\r\n", _CHUNKED)
_raw("space-before-colon", "HTTP/1.1 200 OK\r\nContent-Type : text/xml\r\nContent-Length : SIZE\r\n\r\n")
_raw("line-without-colon", _OK + "this is no header\r\nContent-Length: SIZE\r\n\r\n")
_raw(
    "announced-length-twice",
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + _OK + "Content-Length: SIZE\r\n" * 2 + "\r\n",
)
_raw("line-feeds-only", _OK.replace("\r", "") + "Content-Length: SIZE\nContent-Length: SIZE\n\n")
_raw("lengths-that-differ", _OK + "Content-Length: SIZE\r\nContent-Length: 5\r\n\r\n")
_raw("chunks-without-sizes", _OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")
_raw("length-twice-too-large", _OK + "Content-Length: 99999999\r\n" * 2 + "\r\n", b" " * 20_000_000)
_fixed("changed-by-a-proxy", GOOD, status="203 Non-Authoritative Information")

# Compression

_fixed("gzip", gzip.compress(GOOD.encode()), headers={"Content-Encoding": "gzip"})
_fixed(
    "gzip-members",
    gzip.compress(GOOD[:99].encode()) + gzip.compress(GOOD[99:].encode()),
    headers={"Content-Encoding": "gzip"},
)
_fixed("deflate", zlib.compress(GOOD.encode()), headers={"Content-Encoding": "deflate"})
_fixed("deflate-raw", zlib.compress(GOOD.encode())[2:-4], headers={"Content-Encoding": "deflate"})
_fixed("br", brotli.compress(GOOD.encode()), headers={"Content-Encoding": "br"})
_fixed("zstd", zstd.compress(GOOD.encode()), headers={"Content-Encoding": "zstd"})
BOMB = gzip.compress(bytes(100_000_000))
_fixed("gzip-bomb", BOMB, headers={"Content-Encoding": "gzip"})
_fixed("br-bomb", brotli.compress(bytes(100_000_000), quality=1), headers={"Content-Encoding": "br"})
_fixed("zstd-bomb", zstd.compress(bytes(100_000_000)), headers={"Content-Encoding": "zstd"})
_fixed("gzip-garbage", b"\x1f\x8b\x08\x00garbage and more garbage", headers={"Content-Encoding": "gzip"})
_fixed("gzip-not", GOOD, headers={"Content-Encoding": "gzip"})
_fixed("encoded-twice", gzip.compress(gzip.compress(GOOD.encode())), headers={"Content-Encoding": "gzip, gzip"})
_fixed("encoded-as-binary", GOOD, headers={"Content-Encoding": "binary"})
_fixed("encoded-as-charset", GOOD, headers={"Content-Encoding": "ISO-8859-1"})
_fixed("encoded-in-pieces", gzip.compress(GOOD.encode()), headers={"Content-Encoding": "aws-chunked, gzip;q=1.0"})
_fixed("encoded-strangely", GOOD, headers={"Content-Encoding": "lzma"})
_fixed("file-gz", gzip.compress(GOOD.encode()), kind="application/gzip")
_fixed("file-gz-in-gzip", gzip.compress(gzip.compress(GOOD.encode())), headers={"Content-Encoding": "gzip"})
_fixed("file-zst", zstd.compress(GOOD.encode()), kind="application/octet-stream")
_fixed("file-gz-bomb", BOMB, kind="application/gzip")
_fixed("file-gz-bomb-in-gzip", gzip.compress(BOMB), headers={"Content-Encoding": "gzip"})
_fixed("file-gz-garbage", b"\x1f\x8b\x08\x00garbage and more garbage", kind="application/gzip")


@behaviour("gzip-truncated")
async def gzip_truncated(_: Request, writer: asyncio.StreamWriter) -> None:
    body = gzip.compress(rss(item(n, text=f"{n * 7919 % 1000003}" * 50) for n in range(200)).encode())
    await answer(writer, body[: len(body) // 2], headers={"Content-Encoding": "gzip"})


@behaviour("endless")
async def endless(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n")
    while True:
        writer.write(b"<item>" * 10_000)
        await writer.drain()


# Redirects

_redirect("moved", "/good", "301 Moved Permanently")
_redirect("moved-308", "/good", "308 Permanent Redirect")
_redirect("found", "/good")
_redirect("moved-then-found", "/found", "301 Moved Permanently")
_redirect("loop", "/loop-back")
_redirect("loop-back", "/loop")
_redirect("to-itself", "/to-itself")
_redirect("to-loopback", "http://127.0.0.1:PORT/good")
_redirect("to-loopback-6", "http://[::1]:PORT/good")
_redirect("to-mapped", "http://[::ffff:127.0.0.1]:PORT/good")
_redirect("to-number", "http://2130706433:PORT/good")
_redirect("to-zero", "http://0.0.0.0:PORT/good")
_redirect("to-metadata", "http://169.254.169.254/latest/meta-data/")
_redirect("to-private", "http://10.0.0.1/")
_redirect("to-file", "file:///etc/passwd")
_redirect("to-script", "javascript:alert(1)")
_redirect("to-nowhere", "")
_redirect("to-garbage", "http://[not-an-address/")
for _n in range(12):
    _redirect(f"far-{_n}", f"/far-{_n + 1}")


def _wall(path: str, target: str, *, status: str = "302 Found", opens: bool = True) -> None:
    """Ask for a cookie that the redirect itself sets, as walls against robots do."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        if "pass=yes" in request.headers.get("cookie", "") and opens:
            await answer(writer, GOOD)
        else:
            await answer(writer, status=status, headers={"Location": target, "Set-Cookie": "pass=yes; Path=/"})

    BEHAVIOURS[path] = behave


_wall("wall", "/wall")
_wall("wall-elsewhere", "/wall")
_wall("wall-for-good", "/wall-for-good", status="301 Moved Permanently")
_wall("wall-that-stays", "/wall-that-stays", opens=False)

# Status

_fixed("gone", "gone", status="410 Gone")
_fixed("missing", "<html>", status="404 Not Found")
_fixed("forbidden", "<html>", status="403 Forbidden")
_fixed("broken", "<html>", status="500 Internal Server Error")
_fixed("unavailable", "<html>try later</html>", status="503 Service Unavailable", kind="text/html")
_fixed("unavailable-for", status="503 Service Unavailable", headers={"Retry-After": "7200"})
_fixed("throttled-seconds", status="429 Too Many Requests", headers={"Retry-After": "3600"})
_fixed("throttled-date", status="429 Too Many Requests", headers={"Retry-After": "Sun, 22 Nov 2026 12:00:00 GMT"})
_fixed("throttled", status="429 Too Many Requests")
_fixed("throttled-nonsense", status="429 Too Many Requests", headers={"Retry-After": "soon"})
_fixed("unasked-304", status="304 Not Modified")
_fixed("no-content", status="204 No Content")
_fixed("teapot", "short and stout", status="418 I'm a teapot")

# Content

_fixed("good", GOOD, headers={"ETag": '"v1"', "Last-Modified": "Fri, 20 Nov 2026 10:00:00 GMT"})
_fixed("from-2041", GOOD, headers={"Last-Modified": "Tue, 01 Jan 2041 00:00:00 GMT"})
_fixed("html", "<!DOCTYPE html><html><head><title>Home</title></head><body><p>News</p></body></html>", kind="text/html")
_fixed("html-as-feed", "<html><body>Please enable JavaScript</body></html>")
_fixed("empty", "")
_fixed("spaces", "\n \n")
_fixed("image", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, kind="image/png")
_fixed("json", '{"ok": true}', kind="application/json")
_fixed("json-deep", "[" * 100_000, kind="application/json")
JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": 1, "title": "One",
"url": "http://localhost/j/1", "content_text": "Text", "date_published": "2026-11-20T10:00:00Z"}]}"""
SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>http://localhost/s/1</loc><n:news><n:publication>
<n:name>S</n:name><n:language>en</n:language></n:publication><n:publication_date>2026-11-20T10:00:00Z</n:publication_date>
<n:title>From a sitemap</n:title></n:news></url></urlset>"""
LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
CYRILLIC = item(1, title="Россия предупреждает", text="Министр обороны заявил о поставках ракет, ответ последует")
ACTIVE = item(
    1,
    title="&lt;script&gt;alert(1)&lt;/script&gt;Tanks",
    text="&lt;img src=x onerror=alert(1)&gt;Text &amp;lt;script&amp;gt;evil()&amp;lt;/script&amp;gt;",
)
_fixed("json-feed", JSON_FEED, kind="application/feed+json")
_fixed("sitemap", SITEMAP)
_fixed("sitemap-gz", gzip.compress(SITEMAP.encode()), kind="application/x-gzip")
_fixed("sitemap-index", '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></sitemapindex>')
_fixed("many", rss(item(n) for n in range(50_000)))
_fixed(
    "nested", rss(["<item><title>T</title><description>" + "<a>" * 60_000 + "</a>" * 60_000 + "</description></item>"])
)
_fixed("nested-escaped", rss([item(1, text="&lt;div&gt;" * 60_000)]))
_fixed("laughs", rss([item(1, title="&m;")], head=f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">{LAUGHS}]>'))
_fixed(
    "external",
    rss(
        [item(1, title="before &e; after")],
        head='<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    ),
)
_fixed("one-bad-entry", rss([item(1), "<item><title>Unclosed <b>&nbsp;&bogus; <![CDATA[</title>]]></item>", item(3)]))
_fixed("entry-of-nothing", rss([item(1), "<item></item>", item(3)]))
_fixed("active", rss([ACTIVE]))
_fixed("cp1251-undeclared", rss([CYRILLIC], head="<?xml version='1.0'?>").encode("cp1251"))
_fixed(
    "utf8-as-cp1251",
    rss([CYRILLIC], head='<?xml version="1.0" encoding="windows-1251"?>'),
    kind="application/rss+xml; charset=windows-1251",
)
_fixed("utf16", rss([item(1, title="Wide")], head='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"))
_fixed("mojibake", rss([item(1, title="Itâ€™s Zelenskyâ€™s")]))
_fixed("nulls", GOOD.replace("Item 1", "Item\x00 1"))
_fixed("same-time", rss(item(n, date="Fri, 20 Nov 2026 10:00:00 GMT") for n in range(9)))
_fixed("same-guid", rss(item(n, guid="http://localhost/") for n in range(4)))
_fixed("same-link", rss(item(n, link="http://localhost/") for n in range(4)))
_fixed("same-guid-and-link", rss(item(n, guid="x", link="http://localhost/") for n in range(4)))
_fixed(
    "no-guid-no-link",
    rss(f"<item><title>Title {n}</title><description>Text {n}</description></item>" for n in range(4)),
)
ODD_DATES = ("Thu,28 Jul 2022 4:35:5 GMT+9", "Fri, 20 Nov 2099 10:00:00 GMT", "gestern")
_fixed("odd-dates", rss(item(n, date=date) for n, date in enumerate(ODD_DATES)))
_fixed("long-line", rss([item(1, text="x" * 5_000_000)]))
