"""Which addresses may be connected to: public ones, and private ones at a host and port that the operator allows.

The decision is made on the very address that the socket is about to connect to. Checking a name before the request
would be no protection, because the name may resolve to something else a moment later (DNS rebinding), and a redirect
may lead anywhere. Here the check is in the socket factory, after DNS and before connecting, for every hop.
"""

import asyncio
import errno
import ipaddress
import re
import socket
import threading
from collections.abc import Collection, Iterable
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

REFUSED = "is not an address of the public internet"
NAT64 = ipaddress.ip_network("64:ff9b::/96")
FORBIDDEN = (
    ipaddress.ip_network("168.63.129.16/32"),  # the platform address of Azure: a public number for internal use
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays, deprecated by RFC 7526
    ipaddress.ip_network("fec0::/10"),  # site-local, deprecated by RFC 3879
)
WEB_PORTS = (80, 443)
_PORT = re.compile(r":\d{1,5}$")


def places(allow: Collection[str], listed: Iterable[str]) -> frozenset[str]:
    """Return ``host:port`` of all that may be private: as allowed, and hosts without a port at those of ``listed``.

    A database or an admin page on the same machine as an intranet's feed is not allowed along with it.
    """
    exact = {host for host in allow if _PORT.search(host)}
    bare = set(allow) - exact
    at_web_ports = {f"{host}:{port}" for host in bare for port in WEB_PORTS}
    named = {place(url) for address in listed if (url := parsed(address)) and host_of(url) in bare}
    return frozenset(exact | at_web_ports | named)


def parsed(address: str) -> URL | None:
    """Return an address, or None if it is not one, as a person may have typed it."""
    try:
        return URL(address)
    except ValueError:
        return None


def place(url: URL) -> str:
    """Return ``host:port`` of an address."""
    return f"{host_of(url)}:{url.port}"


def host_of(url: URL) -> str:
    """Return the host of an address as written, including the brackets of IPv6."""
    host = url.host or ""
    return f"[{host}]" if ":" in host else host


def is_public(address: str) -> bool:
    """Return whether ``address`` belongs to the public internet, even if it is embedded in an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    inner = _inner(ip)
    if inner is not None:
        return is_public(str(inner))
    if any(ip.version == network.version and ip in network for network in FORBIDDEN):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def _inner(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if not isinstance(ip, ipaddress.IPv6Address):
        return None
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None)


def public_socket(info: tuple[Any, ...]) -> socket.socket:
    """Return the socket for one address, or refuse with OSError; a socket factory for aiohttp."""
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise OSError(errno.EACCES, f"{address[0]} {REFUSED}")
    return socket.socket(family=family, type=kind, proto=protocol)


class DaemonResolver(AbstractResolver):
    """Resolves each name in a daemon thread.

    The default uses the loop's executor, which has six threads on two cores: without a network, forty names would wait
    for each other, and the interpreter would wait for the last of them before it exits.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of ``host``; OSError if it has none."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Any]] = loop.create_future()
        threading.Thread(target=_look_up, args=(host, port, family, loop, future), daemon=True).start()
        infos = await future
        return [
            ResolveResult(hostname=host, host=str(info[4][0]), port=port, family=info[0], proto=info[2], flags=0)
            for info in infos
        ]

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""


def _look_up(
    host: str, port: int, family: int, loop: asyncio.AbstractEventLoop, future: "asyncio.Future[list[Any]]"
) -> None:
    answer: list[Any] = []
    error: OSError | None = None
    try:
        answer = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
    except OSError as failure:
        error = failure
    except UnicodeError:
        error = OSError(errno.EINVAL, f"no host name: {host!r}")

    def settle() -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(answer)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        return  # the cycle is over and its loop closed, so nobody is waiting for this name
