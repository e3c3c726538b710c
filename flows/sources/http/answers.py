"""Turns an answer, or an error of the client, into the outcome of a fetch. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from flows.sources.feed_records import Body, Failed, Fetched, Trouble, Unchanged
from flows.sources.http import politeness, tolerant
from flows.sources.http.address_guard import REFUSED

HARD, SOFT, PASSING = 1.0, 0.5, 0.25
"""Weights of failures: a wrong address, an error of the server, a transient problem of the network."""
LINK = re.compile(r"""<([^<>]*)>[^<>]*?;\s*rel\s*=\s*"?([\w\s.:/-]+)""", re.IGNORECASE)
Headers = CIMultiDict[str] | CIMultiDictProxy[str]


def body(url: str, headers: Headers, content: bytes, *, wire: int, truncated: bool, off: float | None) -> Body:
    """Return a complete or truncated body; of a truncated one no validator is kept, so that the rest is not missed."""
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
        hub=_linked(headers, url, "hub"),
        topic=_linked(headers, url, "self"),
        truncated=truncated,
        clock_off_s=off,
    )


def unchanged(url: str, headers: Mapping[str, str], *, off: float | None) -> Unchanged:
    """Return the outcome of a 304."""
    etag, last_modified = _header(headers, "ETag"), _header(headers, "Last-Modified")
    return Unchanged(url=url, etag=etag, last_modified=last_modified, max_age_s=_max_age(headers), clock_off_s=off)


def refused(url: str, status: int, headers: Mapping[str, str], now: datetime) -> Failed:
    """Return the failure that a status means."""
    wait = politeness.retry_after_s(headers.get("Retry-After"), now)
    if status == 429 or (status == 503 and wait is not None):
        return throttled(url, f"HTTP {status}", wait if wait is not None else 15 * 60.0, status)
    weight = SOFT if status >= 500 or status in {408, 425} else HARD
    return Failed(url=url, trouble=Trouble.HTTP_STATUS, reason=f"HTTP {status}", weight=weight, status=status)


def throttled(url: str, reason: str, wait: float, status: int | None = None) -> Failed:
    """Return a failure that ends after ``wait`` seconds."""
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
    # an address written as a number ("http://2130706433/") serves to evade filters, never to link news
    (aiohttp.InvalidURL, Trouble.REFUSED_ADDRESS, "not a web address: {}", HARD),
    (
        (aiohttp.ClientResponseError, tolerant.NotHTTPError),
        Trouble.NOT_HTTP,
        "the server breaks HTTP: {}",
        SOFT,
    ),
    (Exception, Trouble.UNREACHABLE, "{}", PASSING),
)
"""What an error of the client means; the first type that matches."""


def failed(url: str, error: Exception) -> Failed:
    """Return what an error of the client means."""
    text = one_line(error)
    if REFUSED in text:
        return Failed(url=url, trouble=Trouble.REFUSED_ADDRESS, reason=text, weight=HARD)
    trouble, reason, weight = next(failure[1:] for failure in FAILURES if isinstance(error, failure[0]))
    return Failed(url=url, trouble=trouble, reason=reason.format(text), weight=weight)


def moved(answer: Fetched, moved_to: str | None) -> Fetched:
    """Return an answer with the address to fetch from now on, if it has changed."""
    if moved_to is None or not isinstance(answer, Body | Unchanged):
        return answer
    return replace(answer, moved_to=moved_to)


def redirect_target(current: str, location: str) -> str | None:
    """Return the address that a redirect, or a link in a header, names; None if it is not a web address."""
    try:
        target = URL(current).join(URL(location.strip()))
    except ValueError:
        return None
    return str(target) if location.strip() and target.scheme in {"http", "https"} and target.host else None


def _linked(headers: Headers, url: str, relation: str) -> str | None:
    """Return the address that a Link header gives for a relation."""
    links = (link for value in headers.getall("Link", ()) for link in LINK.finditer(value))
    target = next((link[1] for link in links if relation in link[2].lower().split()), None)
    return None if target is None else redirect_target(url, target)


def _header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a validator to send back later; None unless it is printable and of reasonable length."""
    value = headers.get(name, "").strip()
    return value if value and len(value) <= 1_000 and value.isprintable() else None


def _max_age(headers: Mapping[str, str]) -> int | None:
    match = re.search(r"max-age\s*=\s*\"?(\d{1,9})", headers.get("Cache-Control", ""), re.IGNORECASE)
    return int(match[1]) if match else None


def one_line(error: BaseException) -> str:
    """Return the message of an error, short enough to be shown."""
    return " ".join(str(error).split())[:200] or type(error).__name__
