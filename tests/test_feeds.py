"""Documents of every kind are read into one form: nothing lost, nothing invented, nothing active."""

import contextlib
import io
import json
import re
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import feedparser
import pytest
from badserver import item, rss
from hypothesis import given
from hypothesis import strategies as st

from flows.sources import reading
from flows.sources.feed_records import Body, FeedForUpdate, FeedSpec, FeedState, FetchSettings
from flows.sources.parsing import dates, encoding, feeds, plainfeeds, trees
from flows.sources.parsing.entries import Document, NotAFeedError
from flows.sources.workers import worker
from flows.sources.workers.document import entry_of
from flows.sources.workers.document import read as read_whole
from flows.sources.workers.frames import packed, unpacked

NOW = datetime(2026, 11, 21, tzinfo=UTC)
URL = "http://example.com/feed"
ACTIVE = re.compile(
    r"<\s*/?\s*(?:script|style|iframe|object|embed|svg|img|a|form|link|meta)\b|javascript:|\bon\w+\s*=\s*[\"']",
    re.IGNORECASE,
)
HTTP_CHARSET = re.compile(rb"(?im)^content-type:[^\r\n]*?charset\s*=\s*[\"']?([\w.:-]+)")


def read(text: str | bytes, **options: Any) -> Document:
    content = text.encode() if isinstance(text, str) else text
    return feeds.read(content, **{"charset": None, "url": URL, "limit": 2000} | options)


ITEM = "<item><title>T</title><link>/1</link></item>"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
KINDS = {
    "rss 0.91": f'<rss version="0.91"><channel><title>C</title>{ITEM}</channel></rss>',
    "rss 2.0": rss([ITEM.replace("/1", "http://example.com/1", 1)]),
    "rss 1.0": f'''<rdf:RDF xmlns:rdf="{RDF}" xmlns="http://purl.org/rss/1.0/">
        <channel><title>C</title></channel>{ITEM}</rdf:RDF>''',
    "atom 1.0": """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>
        <link href="http://example.com/1"/></entry></feed>""",
    "atom 0.3": """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>T</title>
        <link rel="alternate" href="/1"/></entry></feed>""",
    "json": '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"T","url":"/1"}]}',
    "sitemap": f'''<urlset xmlns="{SITEMAP}" xmlns:news="{NEWS}"><url><loc>http://example.com/1</loc>
        <news:news><news:title>T</news:title></news:news></url></urlset>''',
    "rss with a byte order mark and blank lines": "\ufeff\n\n" + rss([ITEM]).replace("http://localhost", URL),
    "rss without its end": rss([ITEM]).replace("</channel></rss>", "").replace("http://localhost", URL),
    "rss with an unknown entity": rss([ITEM, "<x>&nope;</x>"]).replace("http://localhost", URL),
}


ODD = {
    case["name"]: case
    for case in map(json.loads, (Path(__file__).parent / "data" / "odd_feeds.jsonl").read_text("utf-8").splitlines())
}
"""Documents as real publishers send them, with what is in them. ``encoding`` is what their bytes are in (UTF-8),
``http`` what the transport says of that (nothing)."""


@pytest.mark.parametrize("name", ODD)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_odd_documents_are_read(name: str) -> None:
    """Every entry of an odd document is found, with its address, text and date, and no others."""
    case = ODD[name]
    mark = b"\xef\xbb\xbf" if case.get("bom") else b""
    content = mark + case["text"].encode(case.get("encoding", "utf-8"), "surrogateescape")
    url, truncated = case.get("url", "https://news.example.org/feed/rss.xml"), case.get("truncated", False)
    document = feeds.read(content, charset=case.get("http"), url=url, limit=100, truncated=truncated)
    feed = FeedSpec(id="f", outlet="F", url=url, country=case.get("country", ""))
    # a document that gives an entry twice is read as such; telling that is the business of identity
    entries = dict.fromkeys(entry_of(raw, feed, now=NOW) for raw in document.entries)
    assert len(entries) == len(case["expect"])
    pairs = zip(entries, case["expect"], strict=True)
    assert [{key: shown(getattr(entry, key)) for key in wanted} for entry, wanted in pairs] == case["expect"]


def shown(value: object) -> object:
    """Return a field as the data file has it."""
    return value.isoformat() if isinstance(value, datetime) else list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_becomes_the_same_record(kind: str) -> None:
    """Title and absolute link come out of RSS, RDF, Atom, JSON Feed and news sitemaps alike."""
    (entry,) = read(KINDS[kind]).entries
    assert (entry.title, entry.url) == ("T", "http://example.com/1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("<html><body>hello</body></html>", "a web page, not a feed"),
        ("plain words", "not a feed"),
        ("{", "JSON that cannot be read"),
        ('{"items": 3}', "no JSON Feed"),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "a sitemap without news"),
    ],
)
def test_what_is_no_feed_is_named(text: str, reason: str) -> None:
    """The message says what it is instead."""
    with pytest.raises(NotAFeedError, match=reason):
        read(text)


def test_an_entry_that_is_never_closed_does_not_swallow_the_next() -> None:
    """Of a malformed document each entry is read by itself; the bad one is named."""
    document = read(rss([item(1), "<item><title>Bad <![CDATA[</title></item>", item(3), item(4)]))
    assert [entry.title for entry in document.entries if entry.guid] == ["Item 1", "Item 3", "Item 4"]


NOTHING = {
    "items of nothing": rss(["<item></item>"] * 3),
    "items of elements nobody knows": rss(["<item><story>Text</story></item>"] * 3),
    "fields under names nobody knows": rss(item(n) for n in range(3))
    .replace("title>", "t>")
    .replace("description>", "d>"),
    "JSON Feed of fields nobody knows": json.dumps({"items": [{"id": n, "headline": "H"} for n in range(3)]}),
}


@pytest.mark.parametrize("name", NOTHING)
def test_entries_of_which_nothing_can_be_read_are_a_failure(name: str) -> None:
    """The reason says how many there were: it is never taken for a feed that had nothing new."""
    feed = FeedSpec(id="f", outlet="F", url=URL)
    body = Body(
        url=URL, moved_to=None, content=NOTHING[name].encode(), charset=None, mime="", etag=None, last_modified=None,
        max_age_s=None, wire_bytes=0,
    )  # fmt: skip
    due = FeedForUpdate(feed=feed, state=FeedState(feed="f", url=URL))
    with pytest.raises(NotAFeedError, match="3 entries, but nothing could be read of them"):
        read_whole(body.content, **reading.ask(due, body, FetchSettings(), now=NOW))


def test_an_empty_feed_is_no_failure() -> None:
    """A feed may have nothing to say."""
    assert read(rss([])).total == 0


BAD_ITEMS = ("<item><description></b></description></item>", "<item><title><![CDATA[</title></item>")


@pytest.mark.parametrize("bad", BAD_ITEMS)
def test_one_bad_item_does_not_cost_a_reading_of_all_the_others(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 500 items behind a long head, one is empty or never closed: all is read slowly once at most."""
    head = f"<channel><description>{'head ' * 10_000}</description>"
    text = rss([*(item(n) for n in range(499)), bad]).replace("<channel>", head)
    slowly = Mock(side_effect=feeds._by_feedparser)
    monkeypatch.setattr(feeds, "_by_feedparser", slowly)
    assert sum(entry.title.startswith("Item") for entry in read(text).entries) == 499
    assert sum(len(call.args[0]) for call in slowly.call_args_list) < 2 * len(text)


STORMS = ("<![CDATA[", "<!--", "<?x ", '<x a="', "</b>", "&", "<", "<br>", "<item><b><q:z>")


@pytest.mark.parametrize("storm", STORMS)
def test_what_is_opened_again_and_again_costs_one_reading(storm: str) -> None:
    """No repair looks for the same end twice: ten times as much takes about ten times as long, never a hundred."""

    def seconds(times: int) -> float:
        started = time.process_time()
        with contextlib.suppress(NotAFeedError):
            read(rss([item(1), storm * times, item(2)]))
        return time.process_time() - started

    assert seconds(20_000) < 40 * max(seconds(2_000), 0.01)


def test_an_entry_that_feedparser_stumbles_over_costs_itself_only() -> None:
    """Of a document that no repair makes well-formed, the other entries are read."""
    broken = "<item><title>X <![CDATA[ y</title></link></item>"
    titles = [entry.title for entry in read(rss([item(1), item(2), "</link>", broken])).entries]
    assert titles[:2] == ["Item 1", "Item 2"]


def test_a_long_document_is_read_in_windows() -> None:
    """The newest half of the limit is always read; the other half moves on from poll to poll, until all were read."""
    text = rss(item(n) for n in range(100))
    seen: set[str | None] = set()
    for start in (0, 20, 30, 40, 50, 60, 70, 80, 90):
        document = read(text, limit=20, start=start)
        assert (len(document.entries) <= 20, document.total) == (True, 100)
        assert document.entries[0].guid == "g0"
        seen |= {entry.guid for entry in document.entries}
    assert seen == {f"g{n}" for n in range(100)}


def test_a_truncated_document_loses_only_its_last_entry() -> None:
    """Half an entry is no entry: its text would be taken for the whole."""
    text = rss(item(n) for n in range(5))
    document = read(text[: text.index("Summary of item 4")], truncated=True)
    assert [entry.guid for entry in document.entries] == ["g0", "g1", "g2", "g3"]


def test_half_a_character_of_a_json_feed_reaches_nobody() -> None:
    """JSON can hold lone surrogates, which are no text; a worker replies with text all the same."""
    items = [{"id": "\ud83d", "title": "Cut \ud83d", "url": "/1", "date_published": "someday \ud83d"}]
    asked = {"job": "feed", "options": {"charset": None, "url": "http://x.org/", "limit": 9}}
    reply = worker.answer(asked, json.dumps({"items": items}).encode())
    (entry,) = unpacked(packed(reply))["entries"]
    assert (entry["guid"], entry["title"], entry["published_raw"]) == ("?", "Cut \ufffd", "someday ?")


def test_json_feed_knows_numbers_for_ids_and_both_texts() -> None:
    """JSON Feed 1.0 and 1.1: an id may be a number, an author an object or a list."""
    text = (
        '{"items":[{"id":7,"content_html":"<p>A <b>b</b></p><script>x</script>","author":{"name":"N"},"tags":["t"]}]}'
    )
    (entry,) = read(text).entries
    assert (entry.guid, entry.content, entry.author, entry.categories) == ("7", "A b", "N", ("t",))


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    """Whatever arrives is a document or NotAFeedError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(NotAFeedError):
            read(content)


def fixtures(shared: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted((shared / "fixtures" / "feeds").rglob("*.xml")):
        yield path, path.read_bytes()


def documents(shared: Path) -> Iterator[tuple[Path, bytes, Document | None]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, content in fixtures(shared):
            declared = HTTP_CHARSET.search(content[:600])
            charset = declared[1].decode() if declared else None
            try:
                yield path, content, read(content, charset=charset)
            except NotAFeedError:
                yield path, content, None


@pytest.mark.shared
def test_at_least_what_feedparser_recovers(shared: Path) -> None:
    """On feedparser's own fixtures no document yields fewer entries than feedparser finds in its bytes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fewer = {
            path.name
            for path, content, document in documents(shared)
            if len(document.entries if document else ()) < len(feedparser.parse(io.BytesIO(content)).entries)
        }
    assert fewer == set()


@pytest.mark.shared
def test_fields_are_clean(shared: Path) -> None:
    """Nothing active is left in any text, no address is anything but http, no character was replaced in decoding."""
    active, replaced, foreign = set(), set(), set()
    for path, content, document in documents(shared):
        for entry in document.entries if document else ():
            text = "\n".join((entry.title, entry.summary, entry.content, entry.author, *entry.categories))
            if ACTIVE.search(text):
                active.add(path.name)
            if "\ufffd" in text and b"\xef\xbf\xbd" not in content and "\ufffd" in encoding.decode(content)[0]:
                replaced.add(path.name)
            if entry.url and not entry.url.startswith(("http://", "https://")):
                foreign.add(path.name)
    assert (active, replaced, foreign) == (set(), set(), set())


@pytest.mark.shared
def test_no_date_is_invented(shared: Path) -> None:
    """Where feedparser, which reads unknown zones as UTC, reads the same date, we differ by at most the zone."""
    wrong = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, _, document in documents(shared):
            for entry in document.entries if document else ():
                reading = dates.read(entry.published_raw, now=NOW)
                theirs = feedparser.datetimes._parse_date(entry.published_raw) if entry.published_raw else None
                if reading.instant and theirs:
                    gap = reading.instant - datetime(*theirs[:6]).replace(tzinfo=UTC)
                    if abs(gap) > timedelta(hours=14):
                        wrong[path.name] = (entry.published_raw, reading.instant)
    assert wrong == {}


@pytest.mark.shared
def test_the_quick_reader_reads_what_feedparser_reads(shared: Path) -> None:
    """Every fixture the quick reader accepts, several hundred, yields the same titles, texts and dates."""
    differing, accepted = {}, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, content in fixtures(shared):
            text = encoding.decode(content)[0].lstrip("\ufeff \t\r\n\x00")
            root = trees.parse(text) if text else None
            quick = None if root is None else plainfeeds.read(root)
            if quick is None:
                continue
            accepted += 1
            slow = feeds._by_feedparser(trees.written(root))
            for one, other in zip(feeds._built(quick, URL)[0], feeds._built(slow, URL)[0], strict=True):
                for name in ("title", "summary", "content", "published_raw", "updated_raw", "categories"):
                    if getattr(one, name) != getattr(other, name):
                        differing[path.name] = (getattr(one, name), getattr(other, name))
    assert accepted > 400
    assert differing == {}
