"""Makes addresses comparable: one address per article, however it was linked to.

``canonicalise`` keeps an address working; ``identity`` goes further and may not be fetched. Both are idempotent.
"""

import base64
import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit, urlunsplit

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
"""Parameters that say where a reader came from, never what is shown."""
SOURCES = re.compile(
    r"(?:ref|source|src|via|partner|cid|mod|from)=(?:rss|feed|atom|feedburner|twitter|facebook|newsletter)\w*"
)
"""Parameters that are only tracking with such a value."""
VIEW_HOSTS = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.)")
VIEW_PATHS = re.compile(r"(?:/amp/?|\.amp)$|(?<=/)amp/(?=.)")
AGGREGATORS = re.compile(
    r"(?:news\.google\.com|news\.url\.google\.com|feedproxy\.google\.com|feeds\.feedburner\.com|feedproxy\.feedburner\.com"
    r"|(?:www\.)?bing\.com|news\.yahoo\.com|r\.search\.yahoo\.com|news\.search\.yahoo\.com)"
)
"""Hosts whose links lead to the articles of others."""
WRAPPED = {
    "google.com/url": ("q", "url"), "news.url.google.com/url": ("url", "q"), "news.google.com/news/url": ("url",),
    "bing.com/news/apiclick.aspx": ("url",), "duckduckgo.com/l/": ("uddg",),
    "l.facebook.com/l.php": ("u",), "lm.facebook.com/l.php": ("u",),
}  # fmt: skip
"""Addresses, with the host without www, that contain another one in one of these parameters."""
GOOGLE = re.compile(r"google\.(?:com?\.)?[a-z]{2}")
"""Google under the domain of a country."""
YAHOO = re.compile(r"/RU=([^/]+)/")
GOOGLE_NEWS = re.compile(r"/(?:rss/|__i/rss/rd/)?articles/(CB[A-Za-z0-9_-]+)")
INNER = re.compile(rb"https?://[\x21-\x7e]+")
AMP_CACHE = re.compile(r"^/(?:amp/)?(?:[cv]/)?(s/)?([a-z0-9-]+\.[a-z0-9.-]+/.*)$")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
PASSWORD = re.compile(r"(?<=://)([^\s/?#:@]*):[^\s/?#]*@")
LONGEST = 2_000
PLAIN = re.compile(
    r"https?://(?!(?:www\.|news\.)?google\.com/|r\.search\.yahoo\.com/|[a-z0-9.-]*\.cdn\.ampproject\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)*"
    r"(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+/?"
)
"""What most links in feeds look like, which are canonical already."""


@lru_cache(maxsize=8192)
def canonicalise(url: str) -> str | None:
    """Return the address without tracking, fragment, default port and variants of spelling.

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
    unwrapped = _amp_cache(host, parts) or _inside(host, parts)
    if unwrapped:
        return canonicalise(unwrapped)
    path = _dots(_escapes(parts.path)) or "/"
    fragment = _escapes(parts.fragment) if parts.fragment.startswith("!") else ""
    result = urlunsplit((parts.scheme, host, path, _query(parts.query), fragment))
    return result if len(result) <= LONGEST else None


@lru_cache(maxsize=8192)
def identity(url: str) -> str | None:
    """Return what all addresses of one article share: https; no www, mobile or AMP host, AMP path or final slash."""
    canonical = canonicalise(url)
    if canonical is None:
        return None
    stripped = _without_views(canonical)
    # what is left may again be a variant of spelling: "/..amp" leaves "/."
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


def without_password(text: str) -> str:
    """Return a text to show or store, with ``***`` for the passwords in its addresses."""
    return PASSWORD.sub(r"\1:***@", text) if "@" in text else text


def with_password(url: str, listed: str) -> str:
    """Return an address that was stored without its password, with that of the listed address at the same host."""
    found = PASSWORD.search(listed)
    own = host_of(url) == host_of(listed)
    return url.replace(f"{found[1]}:***@", found[0], 1) if found and own else url


def host_of(url: str) -> str:
    """Return the host of ``url`` in lower case, empty if there is none."""
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
    """Return the address inside that of an AMP cache or viewer."""
    if not (host.endswith(".cdn.ampproject.org") or (host in {"google.com", "www.google.com"})):
        return None
    if host.endswith("google.com") and not parts.path.startswith("/amp/"):
        return None
    match = AMP_CACHE.match(parts.path)
    if not match:
        return None
    scheme = "https" if match[1] else "http"
    return f"{scheme}://{match[2]}" + (f"?{parts.query}" if parts.query else "")


def _inside(host: str, parts: SplitResult) -> str | None:
    """Return the address that an aggregator's link contains."""
    bare = host.removeprefix("www.")
    names = WRAPPED.get(("google.com" if GOOGLE.fullmatch(bare) else bare) + parts.path)
    if names:
        given = dict(parse_qsl(parts.query))
        return next((given[name] for name in names if given.get(name, "").startswith(("http://", "https://"))), None)
    if host == "r.search.yahoo.com" and (found := YAHOO.search(parts.path)):
        return unquote(found[1])
    if host == "news.google.com" and (found := GOOGLE_NEWS.match(parts.path)):
        whole = found[1][: len(found[1]) // 4 * 4]
        inner = INNER.search(base64.urlsafe_b64decode(whole))
        return inner[0].decode("ascii") if inner else None
    return None


def is_aggregated(url: str) -> bool:
    """Return whether an address belongs to an aggregator, and so leads to somebody else's article."""
    return AGGREGATORS.fullmatch(host_of(url)) is not None


def _escapes(text: str) -> str:
    """Normalise percent escapes: none for unreserved characters, upper case for the rest."""
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
