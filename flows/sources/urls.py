"""Addresses made comparable: one article, one address, however it was linked to.

``canonicalise`` keeps an address working; ``identity`` goes further and may not be fetched. Both are idempotent.
"""

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
TRACKING = re.compile(
    r"(?:utm_\w*|mc_[ce]id|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|_hsenc|_hsmi"
    r"|mkt_tok|ns_(?:mchannel|source|campaign|linkname|fee)|at_(?:medium|campaign|custom\d|link_\w+|format|ptr_name|bbc_team)"
    r"|cmpid|ncid|ocid|sr_share|smid|spm|__twitter_impression|guccounter|guce_referrer\w*|traffic_source|xtor|wt_mc"
    r"|feature_rss|rss_?source|from_?rss|maca|taid|itm_\w+|int_(?:source|medium|campaign)|pk_(?:campaign|kwd|source|medium)"
    r"|piwik_\w+|mtm_\w+|oly_(?:anon|enc)_id|vero_(?:id|conv)|s_cid|cvid|_ga|_gl|ref_src|ref_url|soc_(?:src|trk)"
    r"|partner=rss|rss=1)",
    re.IGNORECASE,
)
"""Names of parameters that say where a reader came from, never what is shown."""
SOURCES = re.compile(
    r"(?:ref|source|src|via|partner|cid|mod|from)=(?:rss|feed|atom|feedburner|twitter|facebook|newsletter)\w*"
)
"""Parameters that are tracking only with such a value."""
VIEW_HOSTS = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.)")
VIEW_PATHS = re.compile(r"(?:/amp/?|\.amp)$|(?<=/)amp/(?=.)")
AMP_CACHE = re.compile(r"^/(?:amp/)?(?:[cv]/)?(s/)?([a-z0-9-]+\.[a-z0-9.-]+/.*)$")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
LONGEST = 2_000
PLAIN = re.compile(
    r"https?://(?!(?:www\.)?google\.com/|[a-z0-9.-]*\.cdn\.ampproject\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)*"
    r"(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+/?"
)
"""What most links of feeds look like, and what canonical addresses look like: there is nothing to do about them."""


@lru_cache(maxsize=8192)
def canonicalise(url: str) -> str | None:
    """Return the address without tracking, fragment, default port and accidents of spelling.

    None for anything that is not an absolute http or https address of a host, or longer than 2,000 characters.
    """
    if len(url) <= LONGEST and PLAIN.fullmatch(url):
        return url
    parts = _split(url) if len(url) <= 2 * LONGEST else None
    if parts is None:
        return None
    host = _host(parts)
    if host is None:
        return None
    unwrapped = _amp_cache(host, parts)
    if unwrapped:
        return canonicalise(unwrapped)
    path = _dots(_escapes(parts.path)) or "/"
    fragment = _escapes(parts.fragment) if parts.fragment.startswith("!") else ""
    result = urlunsplit((parts.scheme, host, path, _query(parts.query), fragment))
    return result if len(result) <= LONGEST else None


@lru_cache(maxsize=8192)
def identity(url: str) -> str | None:
    """Return what all addresses of one article share: https, no www, mobile or AMP host, no AMP path, no end slash."""
    canonical = canonicalise(url)
    if canonical is None:
        return None
    stripped = _without_views(canonical)
    # what is left may be an accident of spelling again: "/..amp" leaves "/."
    return stripped if stripped == url or PLAIN.fullmatch(stripped) else identity(stripped)


def _without_views(canonical: str) -> str:
    if PLAIN.fullmatch(canonical) and "amp" not in canonical:
        host, _, rest = canonical.partition("://")[2].partition("/")
        return f"https://{VIEW_HOSTS.sub('', host)}/{rest.rstrip('/')}"
    parts = urlsplit(canonical)
    path = parts.path.rstrip("/")
    while VIEW_PATHS.search(path):
        path = VIEW_PATHS.sub("", path).rstrip("/")
    query = "&".join(pair for pair in parts.query.split("&") if pair not in {"amp", "amp=1", "outputType=amp"})
    host = VIEW_HOSTS.sub("", parts.netloc)
    return urlunsplit(("https", host, path or "/", query, parts.fragment))


def host_of(url: str) -> str:
    """Return the host of ``url`` in lower case, empty when there is none."""
    parts = _split(url)
    return (parts.hostname or "") if parts else ""


def _split(url: str) -> SplitResult | None:
    cleaned = CONTROLS.sub("", url.strip())
    try:
        parts = urlsplit(cleaned)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts if parts.scheme in DEFAULT_PORTS and parts.hostname else None


def _host(parts: SplitResult) -> str | None:
    name = (parts.hostname or "").rstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    name = name.lower()
    if ":" in name:
        name = f"[{name}]"
    if not re.fullmatch(r"\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", name):
        return None
    return name if parts.port in {None, DEFAULT_PORTS[parts.scheme]} else f"{name}:{parts.port}"


def _amp_cache(host: str, parts: SplitResult) -> str | None:
    """Return the address inside an AMP cache's or viewer's."""
    if not (host.endswith(".cdn.ampproject.org") or (host in {"google.com", "www.google.com"})):
        return None
    if host.endswith("google.com") and not parts.path.startswith("/amp/"):
        return None
    match = AMP_CACHE.match(parts.path)
    if not match:
        return None
    scheme = "https" if match[1] else "http"
    return f"{scheme}://{match[2]}" + (f"?{parts.query}" if parts.query else "")


def _escapes(text: str) -> str:
    """Spell percent escapes one way: none for unreserved characters, upper case for the rest."""
    text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)

    def one(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in UNRESERVED else match[0].upper()

    text = re.sub(r"%([0-9A-Fa-f]{2})", one, text)
    return quote(text, safe="%/:@!$&'()*+,;=~?-._", errors="replace")


def _dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept) if len(kept) > 1 else "/"


def _query(query: str) -> str:
    pairs = [_escapes(pair) for pair in query.split("&") if pair]
    return "&".join(sorted(pair for pair in pairs if not _tracks(pair)))


def _tracks(pair: str) -> bool:
    name = pair.split("=", 1)[0]
    return bool(TRACKING.fullmatch(name) or TRACKING.fullmatch(pair) or SOURCES.fullmatch(pair.lower()))
