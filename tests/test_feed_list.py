"""The feed list as a user changes it: added to, taken from, imported and exported; every other line stays as it was."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import Newsroom, open_newsroom
from typer.testing import CliRunner, Result
from warehouses import new_warehouse

from flows.cli.__main__ import app, main
from flows.settings import load_settings
from flows.sources.feed_records import FeedSpec, SourceError
from flows.sources.feedlist import COLUMNS, GENRES, OWNERSHIP, add_feeds, load_feeds, remove_feed
from flows.sources.objectives import TIERS
from flows.sources.opml import export_opml, import_opml, merge, unique
from flows.steps.ingest import ingest
from warehouse.store import Warehouse

HEADER = b"id,outlet,url,country,ownership,language,genre,kind,seen_at,tier,bounds\r\n"
ROWS = (
    b'one,"One, Ltd",https://one.example/feed,GB,private,en,news,press,"a page, seen\r\nin 2026",fast,\r\n',
    b"two,Two,https://two.example/rss?b=1,,public,en,news,,,,\r\n",
    b"three,Two ,https://three.example/,,state,en,release,wire,'quoted',slow,5m-1h",
)
NEW = FeedSpec(id="new", outlet='New "Paper"', url="https://new.example/feed", country="FR")


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list that somebody edited by hand: a BOM, a line end inside a field, odd quoting, no newline at its end."""
    path = tmp_path / "feeds.csv"
    path.write_bytes(b"\xef\xbb\xbf" + HEADER + b"".join(ROWS))
    return path


def test_a_new_feed_is_a_new_last_line(listed: Path) -> None:
    """What was there stays byte for byte, under the file's own line ends."""
    before = listed.read_bytes()
    add_feeds(listed, [NEW])
    added = b'\r\nnew,"New ""Paper""",https://new.example/feed,FR,private,en,news,,,normal,\r\n'
    assert listed.read_bytes() == before + added
    assert load_feeds(listed)[-1] == NEW


@pytest.mark.parametrize("name", ["one", "two", "three"])
def test_a_removed_feed_takes_only_its_own_lines(listed: Path, name: str) -> None:
    """The other feeds stay byte for byte."""
    rows = [row for row in ROWS if not row.startswith(name.encode())]
    remove_feed(listed, name)
    assert listed.read_bytes() == b"\xef\xbb\xbf" + HEADER + b"".join(rows)


def test_a_list_with_few_columns_gets_the_others_when_they_are_needed(tmp_path: Path) -> None:
    """Nothing of a new feed is lost for want of a column."""
    path = tmp_path / "feeds.csv"
    path.write_text("id,outlet,url,ownership\na,A,https://a.example/,state\n")
    add_feeds(path, [NEW])
    assert load_feeds(path) == [FeedSpec(id="a", outlet="A", url="https://a.example/", ownership="state"), NEW]


# names in the lists of other programs hold markup and mojibake, so what looks like either is not taken literally
WORD = st.text("abcXYZ019,;|\"'()-–’%#éßДжя中", min_size=1, max_size=8)
TEXT = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
FEED = st.builds(
    FeedSpec,
    id=st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
    outlet=TEXT,
    url=st.from_regex(r"https://[a-z]{1,8}\.example/[a-z0-9?=&;%]{0,12}", fullmatch=True),
    country=st.sampled_from(["", "GB", "UA"]),
    ownership=st.sampled_from(sorted(OWNERSHIP)),
    genre=st.sampled_from(sorted(GENRES)),
    kind=st.sampled_from(["", "wire", "press"]),
    seen_at=st.one_of(st.just(""), TEXT),
    tier=st.sampled_from(sorted(TIERS)),
    bounds=st.sampled_from(["", "2m-1h", "-15m"]),
)


def distinct(feeds: list[FeedSpec]) -> list[FeedSpec]:
    """Return the feeds that one list can hold together."""
    kept: list[FeedSpec] = []
    for feed in merge([], feeds):
        if not merge(kept, [feed]):
            continue
        kept.append(feed)
    return kept


@settings(max_examples=50)
@given(st.lists(FEED, min_size=1, max_size=6))
def test_any_list_survives_opml_and_csv(tmp_path_factory: pytest.TempPathFactory, feeds: list[FeedSpec]) -> None:
    """Exported and imported again, a list is what it was; so is one that was saved, whatever the names hold."""
    feeds = distinct(feeds)
    back = import_opml(export_opml(feeds).encode())
    assert {feed.id: feed for feed in back} == {feed.id: feed for feed in feeds}
    path = tmp_path_factory.mktemp("list") / "feeds.csv"
    path.write_text(",".join(COLUMNS) + "\n")
    add_feeds(path, feeds)
    assert load_feeds(path) == feeds


def test_imported_feeds_get_free_ids_and_known_addresses_are_left_out() -> None:
    """However the address is spelt."""
    listed = [FeedSpec(id="a", outlet="A", url="https://a.example/feed")]
    found = [
        FeedSpec(id="a", outlet="Other", url="https://b.example/feed"),
        FeedSpec(id="c", outlet="A again", url="http://www.a.example/feed/"),
    ]
    assert [(feed.id, feed.outlet) for feed in merge(listed, found)] == [("a-2", "Other")]
    assert unique("x", {"x", "x-2"}) == "x-3"


# --- the command line


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with open_newsroom() as room:
        room.carry("Berlin refuses Taurus", "Germany has refused to send Taurus cruise missiles to Ukraine.")
        yield room


@pytest.fixture(autouse=True)
def _environment(in_process: None, tmp_path: Path, listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("BRINKWATCH_SEEDS", str(listed.parent))
    monkeypatch.setenv("BRINKWATCH_ALLOW_HOSTS", "127.0.0.1")


def call(*words: str, given: bytes | None = None) -> Result:
    result = CliRunner().invoke(app, ["feeds", *words], input=given, env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def test_a_feed_is_found_added_and_removed(newsroom: Newsroom, listed: Path) -> None:
    """Tried before it is added; said what it is; removed by id, address or outlet, and the list is as before."""
    said = call("add", f"{newsroom.address}/feed.xml", "--country", "gb", "--kind", "press").stdout
    assert said.startswith(f"added newsroom: Newsroom, {newsroom.address}/feed.xml (rss20, 1 entry, the newest of ")
    assert [(feed.id, feed.country) for feed in load_feeds(listed)][-1] == ("newsroom", "GB")
    for name in ("newsroom", f"{newsroom.address}/feed.xml#x", "NEWSROOM"):
        assert call("remove", name).stdout.startswith("removed newsroom: ")
        call("add", f"{newsroom.address}/feed.xml")


def test_a_page_leads_to_its_feed(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried as if the feed had been named; nothing is added."""
    monkeypatch.setattr("flows.sources.discover.USUAL", ("/feed.xml",))
    said = call("test", f"{newsroom.address}/0").stdout
    assert f"updated: {newsroom.address}/feed.xml" in said
    assert "Berlin refuses Taurus" in said


def test_opml_comes_in_once_and_goes_out(tmp_path: Path, listed: Path) -> None:
    """From a file or standard input; a second import adds nothing; what is exported can be imported."""
    document = b'<opml version="2.0"><body><outline text="X" xmlUrl="https://x.example/feed"/></body></opml>'
    assert "1 added, 0 listed already" in call("import", "-", given=document).stdout
    assert "0 added, 1 listed already" in call("import", "-", given=document).stdout
    call("export", "-o", str(tmp_path / "out.opml"))
    assert (tmp_path / "out.opml").read_text() == call("export").stdout
    assert sorted(feed.id for feed in import_opml(call("export").stdout.encode())) == ["one", "three", "two", "x"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["add", "one.example/feed"], "one.example/feed: is not an http or https address"),
        (["add", "file:///etc/passwd"], "is not an http or https address"),
        (["add", ""], "an empty text: is not an http or https address"),
        (["test", "seeds/feeds.csv"], "seeds/feeds.csv: is not an http or https address"),
        # what is wrong with an option is said before the address is tried
        (["add", "http://127.0.0.1:9/feed", "--tier", "hourly"], "tier 'hourly' is not one of"),
        (["add", "http://127.0.0.1:9/feed", "--country", "Norway"], "country 'NORWAY' is not an ISO"),
        (["add", "http://127.0.0.1:9/feed", "--genre", "gossip"], "genre 'gossip' is not one of"),
        (["add", "http://127.0.0.1:9/feed", "--id", "A B"], "id 'A B' is not a slug"),
        (["add", "http://www.ONE.example/feed/"], "is listed already: one, One, Ltd"),
        (["add", "http://127.0.0.1:9/feed"], "no feed found: "),
        (["add", "NEWSROOM/0"], "no feed found: a web page, not a feed (also tried NEWSROOM/rss: HTTP 404)"),
        (["add", "NEWSROOM/feed.xml", "--id", "one"], "is listed already: one, https://one.example/feed"),
        (["add", "NEWSROOM/feed.xml", "--ownership", "mine"], "ownership 'mine' is not one of private, public, state"),
        (["remove", "thre"], "thre: is not in the list; did you mean three?"),
        (["remove", "Two"], "Two: has several feeds, name one: two, three"),
        (["import", "nowhere.opml"], "nowhere.opml: cannot be read: No such file"),
        (["import", "feeds.csv"], "feeds.csv: is not an OPML document"),
        (["export", "-o", "no/where.opml"], "no/where.opml: cannot be written"),
        (["health"], "brinkwatch run"),
    ],
)
def test_a_mistake_is_one_message_and_changes_nothing(
    words: list[str],
    says: str,
    newsroom: Newsroom,
    listed: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 2, what is wrong and what to do, no traceback; the list stays as it was."""
    before = listed.read_bytes()
    words = [word.replace("NEWSROOM", newsroom.address) for word in words]
    monkeypatch.setattr("flows.sources.discover.USUAL", ("/rss",))
    monkeypatch.setattr("sys.argv", ["brinkwatch", "feeds", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    error = " ".join(capsys.readouterr().err.split())
    assert (ended.value.code, listed.read_bytes()) == (2, before)
    assert says.replace("NEWSROOM", newsroom.address) in error
    assert "Traceback" not in error


def test_adding_a_feed_twice_at_once_is_refused(listed: Path) -> None:
    """Two new feeds of one address are one too many, and none is added."""
    before = listed.read_bytes()
    with pytest.raises(SourceError, match="is listed already: new"):
        add_feeds(listed, [NEW, FeedSpec(id="new-2", outlet="Again", url="http://new.example/feed/")])
    assert listed.read_bytes() == before


def test_health_shows_how_feeds_did(listed: Path, newsroom: Newsroom) -> None:
    """From the published warehouse, only feeds that are listed; those never fetched are named."""
    call("add", f"{newsroom.address}/feed.xml")
    for name in ("one", "two", "three"):
        remove_feed(listed, name)
    monitor = load_settings()
    new_warehouse(monitor.warehouse)
    ingest(monitor, now=datetime.now(UTC))
    Warehouse(monitor.warehouse).publish()
    add_feeds(listed, [NEW])
    said = call("health").stdout
    (shown,) = [line.split() for line in said.splitlines() if "newsroom" in line]
    assert (shown[:2], shown[4:]) == (["newsroom", "normal"], ["1", "1", "1"])
    (row,) = map(json.loads, call("health", "--json").stdout.splitlines())
    assert (row["requests_a_day"], row["bytes_a_day"], row["interval_s"]) == (1, len(newsroom.rss()), 900)
    assert "not fetched yet: new" in said
    assert "newsroom" in said
    (row,) = map(json.loads, call("health", "--json").stdout.splitlines())
    assert (row["feed"], row["health"], row["successes_7d"], row["articles"]) == ("newsroom", "ok", 1, 1)
