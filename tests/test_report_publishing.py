"""Publishing the report on schedule: to a folder or a bucket, only when there is news, and never over anything else."""

from collections.abc import Iterator
from pathlib import Path

import desk
import feedparser
import pytest
from s3server import BUCKET, Bucket, bucket
from typer.testing import CliRunner

from alerts.report.site_writer import MARKER, ReportFolderError
from flows.cli.__main__ import app
from flows.settings import Settings
from flows.steps.report import make_report, publish_report
from warehouse.connection import transaction
from warehouse.store import Warehouse

PLACE = f"s3://{BUCKET}/watch"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket, which the environment names."""
    with bucket() as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        yield found


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return desk.published(tmp_path_factory.mktemp("desk") / "w.duckdb").read_bytes()


@pytest.fixture
def settings(published: bytes, seeds: Path, tmp_path: Path) -> Settings:
    path = tmp_path / "w.duckdb"
    path.write_bytes(published)
    Warehouse(path).publish()
    return Settings(warehouse=path, seeds=seeds, report_url="https://desk.example/watch", _env_file=None)


def to(settings: Settings, place: str) -> Settings:
    return settings.model_copy(update={"report_to": place})


def add_news(settings: Settings) -> None:
    with transaction(settings.warehouse) as connection:
        connection.execute("UPDATE articles SET title = 'Another title'")
    Warehouse(settings.warehouse).publish()


def test_a_folder_is_replaced_when_there_is_news(settings: Settings, tmp_path: Path) -> None:
    """And left as it is when there is none."""
    site = tmp_path / "www" / "watch"
    site.parent.mkdir()
    assert publish_report(to(settings, str(site)), now=desk.NOW).files > 15
    first = (site / "index.html").stat().st_ino
    again = publish_report(to(settings, str(site)), now=desk.NOW)
    assert (again.files, again.summary) == (0, "nothing new since the last report")
    assert (site / "index.html").stat().st_ino == first
    add_news(settings)
    assert publish_report(to(settings, str(site)), now=desk.NOW).files > 15


def test_the_feed_beside_it_has_addresses_that_a_reader_can_follow(settings: Settings, tmp_path: Path) -> None:
    """Those of the public address; the feed names its own."""
    make_report(settings, str(tmp_path / "site"), now=desk.NOW, days=30)
    feed = feedparser.parse((tmp_path / "site" / "alerts.xml").read_bytes())
    assert not feed.bozo
    assert {link.href for link in feed.feed.links} == {
        "https://desk.example/watch/alerts.xml", "https://desk.example/watch/alerts.html",
    }  # fmt: skip
    assert all(entry.link.startswith("https://desk.example/watch/alerts.html#a-") for entry in feed.entries)


def test_a_bucket_holds_the_whole_site(settings: Settings, held: Bucket) -> None:
    """Under the prefix, each file with its kind; the first page is written when all others are there."""
    files = make_report(settings, PLACE, now=desk.NOW, days=30)
    assert {f"watch/{name}" for name in [*files, MARKER]} == set(held.objects)
    kinds = {name.rpartition(".")[2]: kind for name, (kind, _) in held.objects.items() if not name.endswith(MARKER)}
    assert kinds == {
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "xml": "application/atom+xml",
    }  # fmt: skip
    assert held.puts[-3:] == ["watch/alerts.xml", "watch/index.html", f"watch/{MARKER}"]


def test_what_is_gone_from_a_report_goes_from_the_bucket_and_nothing_else_does(
    settings: Settings, held: Bucket
) -> None:
    """What others keep beside it stays."""
    held.objects["other/page.html"] = ("text/html", b"mine")
    make_report(settings, PLACE, now=desk.NOW, days=30)
    held.objects["watch/notes.txt"] = ("text/plain", b"mine too")
    assert "watch/sides/ru.html" in held.objects
    make_report(settings, PLACE, now=desk.NOW, days=30, since=desk.NOW.date())
    assert "watch/sides/ru.html" not in held.objects
    assert {"other/page.html", "watch/notes.txt"} <= set(held.objects)


def test_a_bucket_is_left_alone_when_there_is_no_news(settings: Settings, held: Bucket) -> None:
    """One question, and nothing written."""
    assert publish_report(to(settings, PLACE), now=desk.NOW).files > 15
    held.puts.clear()
    assert publish_report(to(settings, PLACE), now=desk.NOW).files == 0
    assert held.puts == []


def test_a_report_that_broke_off_is_completed_and_leaves_nothing_behind(settings: Settings, held: Bucket) -> None:
    """Its list was written first, so that even pages which only the broken one had are known and deleted."""
    held.fails_after = 12
    with pytest.raises(ReportFolderError, match="s3://desk/watch cannot be written") as raised:
        publish_report(to(settings, PLACE), now=desk.NOW)
    assert "very-secret" not in str(raised.value)
    assert len(held.objects) == 12
    held.fails_after = None
    files = make_report(settings, PLACE, now=desk.NOW, days=30, since=desk.NOW.date())
    assert {f"watch/{name}" for name in [*files, MARKER]} == set(held.objects)


@pytest.mark.parametrize(
    ("objects", "says"),
    [
        ({"watch/index.html": ("text/html", b"mine")}, "holds other objects"),
        ({f"watch/{MARKER}": ("text/plain", b"[]")}, "is none of ours"),
    ],
)
def test_a_prefix_of_something_else_is_left_alone(
    settings: Settings, held: Bucket, objects: dict[str, tuple[str, bytes]], says: str
) -> None:
    """A report takes the place of an earlier one and of nothing else."""
    held.objects.update(objects)
    with pytest.raises(ReportFolderError, match=says):
        make_report(settings, PLACE, now=desk.NOW, days=30)
    assert held.objects == objects


def test_nowhere_to_publish_is_no_error(settings: Settings) -> None:
    """The flow runs where nobody asked for a report, too."""
    assert publish_report(settings, now=desk.NOW).summary == "nowhere to publish: BRINKWATCH_REPORT_TO is not set"


def test_the_command_writes_to_a_bucket(settings: Settings, held: Bucket) -> None:
    """By its address."""
    environment = {"BRINKWATCH_WAREHOUSE": str(settings.warehouse)}
    done = CliRunner(env=environment).invoke(app, ["report", "-o", PLACE])
    assert done.exit_code == 0, done.output
    assert f"Open {PLACE}/index.html" in done.stderr
