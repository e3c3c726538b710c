"""Seed documents and the list of feeds: what an analyst edits is read, and mistakes are named with file and line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.sources.feed_records import SourceError, Trouble
from flows.sources.feedlist import load_feeds, save_feeds
from flows.sources.seed_documents import read_seeds

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_seed_documents_are_read_as_they_are(seeds: Path) -> None:
    """Text byte for byte; outlet, date and ownership from the sidecar; backlog, because they are no news."""
    articles, failures = read_seeds(seeds / "articles", NOW)
    tass, times = articles
    assert failures == []
    assert tass.text.encode() == (seeds / "articles" / "000_473c74cae7b20ff2.txt").read_bytes()
    assert (tass.source, tass.ownership, str(tass.published)[:10]) == ("TASS", "state", "2025-10-17")
    assert (times.source, times.genre, times.language, times.backlog) == ("Financial Times", "news", "en", True)
    assert tass.document == tass.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        ("Россия".encode("cp1251"), "is not UTF-8 (byte 0)"),
        (b"x" * (50 << 20), "is 50 MB"),
    ],
)
def test_an_unreadable_seed_is_named_and_the_rest_is_read(tmp_path: Path, content: bytes, reason: str) -> None:
    """One bad document costs itself only."""
    (tmp_path / "a.txt").write_bytes(content)
    (tmp_path / "b.txt").write_text("A good one")
    articles, failures = read_seeds(tmp_path, NOW)
    assert [article.text for article in articles] == ["A good one"]
    assert [(Path(f.where).name, f.trouble) for f in failures] == [("a.txt", Trouble.SEED)]
    assert reason in failures[0].reason


@pytest.mark.parametrize("sidecar", ["{", "[]", '{"outlet": 3}'])
def test_a_bad_sidecar_is_named(tmp_path: Path, sidecar: str) -> None:
    """What is known of a document must not be half read."""
    (tmp_path / "a.txt").write_text("Text")
    (tmp_path / "a.json").write_text(sidecar)
    articles, failures = read_seeds(tmp_path, NOW)
    assert articles == []
    assert "sidecar" in failures[0].reason


def test_a_sidecar_gives_title_and_address(tmp_path: Path) -> None:
    """And an address is what the article is known by, as if a feed had brought it."""
    (tmp_path / "a.txt").write_text("Text")
    known = {"title": "T", "url": "https://www.example.com/a?utm_source=x", "published": "2024-09-22T10:00:00Z"}
    (tmp_path / "a.json").write_text(json.dumps(known))
    ((article,), _) = read_seeds(tmp_path, NOW)
    assert (article.document, article.identity) == ("T\n\nText", "https://example.com/a")
    assert article.published == datetime(2024, 9, 22, 10, tzinfo=UTC)


def test_the_feed_list_is_whole(seeds: Path) -> None:
    """About forty feeds or more, each with a source for its address, of every kind and ownership."""
    feeds = load_feeds(seeds / "feeds.csv")
    assert len(feeds) >= 40
    assert all(feed.seen_at and feed.kind and feed.language == "en" for feed in feeds)
    assert {feed.ownership for feed in feeds} == {"state", "public", "private"}
    kinds = {"wire", "state_media", "ministry", "defence_press", "think_tank", "regional", "press"}
    assert {feed.kind for feed in feeds} == kinds


def test_the_feed_list_survives_being_saved(seeds: Path, tmp_path: Path) -> None:
    """Written and read again it is the same list, byte for byte."""
    save_feeds(tmp_path / "feeds.csv", load_feeds(seeds / "feeds.csv"))
    assert (tmp_path / "feeds.csv").read_bytes() == (seeds / "feeds.csv").read_bytes()


HEADER = "id,outlet,url,ownership\n"
TIERED = "id,outlet,url,ownership,tier,bounds\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,outlet\n", "feeds.csv:1: misses the columns url, ownership"),
        (HEADER.replace("url", "url,colour"), "feeds.csv:1: has unknown columns: colour"),
        (HEADER + "a,A,https://a.example/,private\nb,B\n", "feeds.csv:3: has more or fewer fields"),
        (HEADER + "A b,A,https://a.example/,private\n", "feeds.csv:2: id 'A b' is not a slug"),
        (HEADER + "a,,https://a.example/,private\n", "feeds.csv:2: has no outlet"),
        (HEADER + "a,A,file:///etc/passwd,private\n", "feeds.csv:2: url 'file:///etc/passwd'"),
        (HEADER + "a,A,https://a.example/,mine\n", "feeds.csv:2: ownership 'mine'"),
        (HEADER + "a,A,https://a.example/,state\na,B,https://b.example/,state\n", "feeds.csv:3: repeats a of line 2"),
        (TIERED + "a,A,https://a.example/,state,soon,\n", "feeds.csv:2: tier 'soon' is not one of flash, fast"),
        (TIERED + "a,A,https://a.example/,state,,5 min\n", "bounds '5 min' is not an interval such as 2m-1h"),
        (HEADER + "a,A,https://a.example/,state\nb,B,http://www.a.example,state\n", "of line 2"),
    ],
)
def test_a_mistake_in_the_list_is_named(tmp_path: Path, text: str, message: str) -> None:
    """File, line, and what is wrong."""
    (tmp_path / "feeds.csv").write_text(text)
    with pytest.raises(SourceError) as caught:
        load_feeds(tmp_path / "feeds.csv")
    assert message in str(caught.value)


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file is a message, no traceback of the system's."""
    with pytest.raises(SourceError, match="cannot be read"):
        load_feeds(tmp_path / "none.csv")
