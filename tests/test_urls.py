"""One article, one address: canonical, idempotent, and never anything but http."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources import urls

GOOGLE = base64.urlsafe_b64encode(b"\x08\x13\x22\x18https://wire.example/a/1\xd2\x01\x00").decode().rstrip("=")
CANONICAL = [
    ("HTTP://Example.COM:80/a/../b/./c?utm_source=x&b=2&a=1#top", "http://example.com/b/c?a=1&b=2"),
    ("https://example.com", "https://example.com/"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("https://example.com:8443/a", "https://example.com:8443/a"),
    ("https://user:secret@example.com/a", "https://example.com/a"),
    ("https://example.com/%7euser/%e2%82%ac", "https://example.com/~user/%E2%82%AC"),
    ("https://example.com/a b", "https://example.com/a%20b"),
    ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
    ("https://example.com/a?fbclid=1&id=7&gclid=2", "https://example.com/a?id=7"),
    ("https://example.com/a?ref=rss&ref=home", "https://example.com/a?ref=home"),
    ("https://example.com/a?at_medium=RSS&at_campaign=KARANGA", "https://example.com/a"),
    ("https://example.com/a?x=&y", "https://example.com/a?x=&y"),
    ("https://example.com/#!/story/1", "https://example.com/#!/story/1"),
    ("https://www-bbc-com.cdn.ampproject.org/c/s/www.bbc.com/news/1", "https://www.bbc.com/news/1"),
    ("https://www.google.com/amp/s/www.bbc.com/news/1", "https://www.bbc.com/news/1"),
    (" \thttps://example.com/\na ", "https://example.com/a"),
    ("https://www.google.com/url?sa=t&url=https://wire.example/a/1&ct=ga", "https://wire.example/a/1"),
    ("https://www.google.co.uk/url?sa=t&url=https://wire.example/a/1", "https://wire.example/a/1"),
    ("https://www.google.de/url?q=https%3A%2F%2Fwire.example%2Fa%2F1", "https://wire.example/a/1"),
    ("https://google.example/url?q=https://wire.example/a/1", "https://google.example/url?q=https://wire.example/a/1"),
    ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Fwire.example%2Fa%2F1&rut=x", "https://wire.example/a/1"),
    (
        "https://bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fwire.example%2fa%2f1&c=2",
        "https://wire.example/a/1",
    ),
    ("https://r.search.yahoo.com/_ylt=x/RO=10/RU=https%3a%2f%2fwire.example%2fa%2f1/RK=2", "https://wire.example/a/1"),
    (f"https://news.google.com/rss/articles/{GOOGLE}?oc=5", "https://wire.example/a/1"),
    (f"https://news.google.com/articles/{GOOGLE}", "https://wire.example/a/1"),
    (
        "https://news.google.com/rss/articles/CBMiAU_yqLNa?oc=5",
        "https://news.google.com/rss/articles/CBMiAU_yqLNa?oc=5",
    ),
    ("https://www.google.com/url?q=javascript:alert(1)", "https://www.google.com/url?q=javascript:alert(1)"),
    ("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a"),
    ("https://example.com./a", "https://example.com/a"),
    ("https://example.com/100%/a", "https://example.com/100%25/a"),
]


@pytest.mark.parametrize(("url", "canonical"), CANONICAL)
def test_accidents_of_spelling_go(url: str, canonical: str) -> None:
    """Case, default port, dots, tracking, fragment and escapes are spelled one way."""
    assert urls.canonicalise(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "", "/a", "file:///etc/passwd", "javascript:alert(1)", "ftp://example.com/", "http://", "http://[::1",
        "http://a b/", "mailto:a@b.c", "http://example.com:99999/", "data:text/html,x", "https://x.org/" + "a" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_none(url: str) -> None:
    """Nothing but http and https of a host, of sane length."""
    assert urls.canonicalise(url) is None
    assert urls.identity(url) is None


SAME = [
    ("http://www.example.com/news/1/", "https://example.com/news/1"),
    ("https://m.example.com/news/1", "https://www.example.com/news/1"),
    ("https://amp.example.com/news/1", "https://example.com/news/1/amp"),
    ("https://example.com/news/1.amp", "https://example.com/news/1"),
    ("https://example.com/amp/news/1", "https://example.com/news/1"),
    ("https://example.com/news/1?outputType=amp", "https://example.com/news/1?utm_medium=rss"),
    ("https://example.com/?p=1&q=2", "http://example.com/?q=2&p=1"),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_views_of_one_article_share_an_identity(first: str, second: str) -> None:
    """www, mobile and AMP hosts and paths, end slash, scheme and order make no difference."""
    assert urls.identity(first) == urls.identity(second) is not None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
        ("https://example.com/A", "https://example.com/a"),
        ("https://eng.example.com/a", "https://example.com/a"),
        ("https://example.com/example", "https://example.com/ex"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ],
)
def test_different_articles_stay_different(first: str, second: str) -> None:
    """What selects the content is kept."""
    assert urls.identity(first) != urls.identity(second)


PIECES = st.sampled_from(
    [*"%./?&=#!@+\\;'[]\x00 äa\u202e", "%41", "%2f", "..", "//", "utm_x=1", "amp", ".amp", ":80", "www."]
)
STARTS = st.sampled_from(
    [
        "http://example.com/",
        "https://www.m.amp.example.com:443/",
        "HTTPS://x.org",
        "https://www.google.com/amp/s/",
        "http://a.cdn.ampproject.org/c/",
        "https://www.google.com/url?url=https://",
        "https://r.search.yahoo.com/RU=http%3a%2f%2f",
        "https://news.google.com/articles/CB",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join), STARTS)
def test_canonicalising_twice_changes_nothing(rest: str, start: str) -> None:
    """Both functions are idempotent, and agree with each other."""
    canonical = urls.canonicalise(start + rest)
    identity = urls.identity(start + rest)
    if canonical is not None and identity is not None:
        assert urls.canonicalise(canonical) == canonical
        assert urls.identity(identity) == identity
        assert urls.identity(canonical) == identity


PLAIN_PIECES = st.sampled_from(["a", "Z9", "/", ".", "-", "_", "amp", ".amp", "www.", "m.", "..", "example.com", "rss"])
PLAIN_STARTS = st.sampled_from(["http://", "https://www.", "https://m.example.com/", "https://google.com/amp/s/"])


@given(st.lists(PLAIN_PIECES, max_size=12).map("".join), PLAIN_STARTS)
def test_what_looks_canonical_is_what_the_long_way_makes_of_it(rest: str, start: str) -> None:
    """The shortcut for plain addresses changes no answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urls, "PLAIN", re.compile("(?!)"))
        patch.setattr(urls, "canonicalise", urls.canonicalise.__wrapped__)
        patch.setattr(urls, "identity", urls.identity.__wrapped__)
        expected = urls.canonicalise(start + rest), urls.identity(start + rest)
    assert (urls.canonicalise(start + rest), urls.identity(start + rest)) == expected


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    """Any text has an address or none."""
    assert (urls.canonicalise(text) is None) == (urls.identity(text) is None) or urls.canonicalise(text) is not None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://reader:s3cret@wire.example/feed", "https://reader:***@wire.example/feed"),
        ("moved to http://r:a:b@wire.example:8080/ and back", "moved to http://r:***@wire.example:8080/ and back"),
        ("https://:s3cret@wire.example/", "https://:***@wire.example/"),
        ("https://reader@wire.example/", "https://reader@wire.example/"),
        ("https://wire.example/@reader:1", "https://wire.example/@reader:1"),
    ],
)
def test_passwords_in_addresses_are_not_shown(text: str, shown: str) -> None:
    """Wherever in a text; everything else stays."""
    assert urls.without_password(text) == shown


def test_a_password_that_was_not_stored_comes_from_the_list() -> None:
    """Also for an address that the feed has moved to at the same host; never for another user or host."""
    listed = "https://reader:s3cret@wire.example/feed"
    assert urls.with_password("https://reader:***@wire.example/new", listed) == "https://reader:s3cret@wire.example/new"
    assert urls.with_password("https://other:***@wire.example/feed", listed) == "https://other:***@wire.example/feed"
    assert urls.with_password("https://reader:***@evil.example/x", listed) == "https://reader:***@evil.example/x"
    assert urls.with_password("https://wire.example/feed", listed) == "https://wire.example/feed"
