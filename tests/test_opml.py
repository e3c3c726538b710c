"""Feed lists go out and come in as OPML; a page leads to its feed."""

import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from badserver import GOOD, BadServer
from hypothesis import given
from hypothesis import strategies as st

from flows.sources.discover import Trial, feed_links, try_feed
from flows.sources.feed_records import FetchSettings, SourceError
from flows.sources.feedlist import load_feeds
from flows.sources.opml import export_opml, import_opml

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_list_survives_the_round_trip(seeds: Path) -> None:
    """Everything the list knows comes back, also what OPML has no attribute for."""
    feeds = load_feeds(seeds / "feeds.csv")
    assert sorted(import_opml(export_opml(feeds).encode()), key=lambda f: f.id) == sorted(feeds, key=lambda f: f.id)


def test_a_foreign_list_gets_ids_and_defaults() -> None:
    """Folders are looked into, repeated addresses taken once, what is no web address left out."""
    document = """<opml version="1.0"><body><outline text="Folder">
      <outline title="The Diplomat" xmlUrl="https://thediplomat.com/feed/" genre="nonsense"/>
      <outline text="The Diplomat" xmlURL="https://www.thediplomat.com/feed/other/"/>
      <outline text="Again" xmlUrl="http://thediplomat.com/feed"/>
      <outline text="No" xmlUrl="file:///etc/passwd"/></outline></body></opml>"""
    feeds = import_opml(document.encode())
    assert [(f.id, f.outlet, f.genre) for f in feeds] == [
        ("the-diplomat", "The Diplomat", "news"),
        ("the-diplomat-2", "The Diplomat", "news"),
    ]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not an OPML document"),
        (b"<rss/>", "not an OPML document"),
        (b"<opml><body/></opml>", "no feed"),
        (b"{}", "not an OPML document"),
        (b" " * (6 << 20), "larger than"),
    ],
)
def test_what_is_no_list_is_named(document: bytes, reason: str) -> None:
    """The message says why."""
    with pytest.raises(SourceError, match=reason):
        import_opml(document)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(document: bytes) -> None:
    """Any bytes are a list or a SourceError."""
    with contextlib.suppress(SourceError):
        assert import_opml(b"<opml>" + document)


def test_entities_of_a_list_are_not_read() -> None:
    """An external entity in OPML stays closed."""
    document = """<!DOCTYPE opml [<!ENTITY e SYSTEM "file:///etc/passwd">]><opml><body>
      <outline text="&e;" xmlUrl="https://example.com/feed"/></body></opml>"""
    assert "root" not in import_opml(document.encode())[0].outlet


@pytest.mark.parametrize(
    ("page", "links"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/feed">', ["http://example.com/feed"]),
        ("<LINK HREF=/a.xml TYPE=application/atom+xml REL='alternate'>", ["http://example.com/a.xml"]),
        ('<link rel="stylesheet" href="/feed">', []),
        ('<a href="/news/rss.xml">RSS</a> <a href="/news">News</a>', ["http://example.com/news/rss.xml"]),
        ('<a href="javascript:feed()">x</a><a href="http://[/feed">y</a>', []),
    ],
)
def test_a_page_names_its_feeds(page: str, links: list[str]) -> None:
    """In its head, or by links that look like feeds."""
    assert feed_links(page, "http://example.com/") == links


def trials(path: str, **bodies: str) -> list[Trial]:
    async def run() -> list[Trial]:
        async with BadServer() as server:
            for name, body in bodies.items():
                server.serve(name.replace("__", "/"), body)
            settings = FetchSettings(allow=frozenset({"localhost"}), spacing_s=0.0)
            return await try_feed(server.url(path), settings=settings, now=NOW)

    return asyncio.run(run())


def test_the_feed_of_a_page_is_found_and_tried() -> None:
    """Named in its head or lying where feeds usually lie; the first trial is the one that works."""
    named = trials("page", page='<html><link rel="alternate" type="application/rss+xml" href="/good"></html>')
    usual = trials("", **{"": "<html>no links</html>", "rss.xml": GOOD})
    for found in (named[0], usual[0]):
        assert (found.problem, found.entries) == (None, 3)
        assert found.newest == datetime(2026, 11, 20, 0, 2, tzinfo=UTC)
    assert named[0].url.endswith("/good")
    assert usual[0].url.endswith("/rss.xml")


def test_a_feed_that_cannot_be_used_says_why() -> None:
    """A trial never raises."""
    assert trials("missing")[0].problem == "HTTP 404"
    assert trials("gone")[0].problem == "retired by its publisher (410)"
    assert trials("html")[0].problem == "a web page, not a feed"
