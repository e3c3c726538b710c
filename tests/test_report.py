"""The report: every link leads somewhere, figures are those of SQL, and nothing from outside is more than text."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import desk
import feedparser
import pytest
from lxml import html  # type: ignore[import-untyped]
from typer.testing import CliRunner

from alerts.report.charts import LEFT, PLOT, Scale, _apart
from alerts.report.content import page_name
from alerts.report.figures import spread, weeks
from alerts.report.site_writer import ReportFolderError
from flows.cli.__main__ import app
from flows.settings import Settings
from flows.steps.report import make_report
from warehouse.query import query
from warehouse.store import Warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk.published(tmp_path_factory.mktemp("desk") / "w.duckdb")


@pytest.fixture(scope="module")
def site(warehouse: Path, seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of thirty days."""
    folder = tmp_path_factory.mktemp("report") / "site"
    make_report(Settings(warehouse=warehouse, seeds=seeds, _env_file=None), str(folder), now=desk.NOW, days=30)
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, html.HtmlElement]:
    """Every page, as a browser reads it."""
    return {path: html.fromstring(path.read_bytes()) for path in sorted(site.rglob("*.html"))}


def text(page: html.HtmlElement) -> str:
    return " ".join(page.text_content().split())


# --- links and requests


def test_every_link_leads_somewhere(pages: dict[Path, html.HtmlElement]) -> None:
    """To a page that was written, and to a place on it where it names one."""
    ids = {path.resolve(): {each.get("id") for each in page.iter() if each.get("id")} for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for link in page.xpath("//@href"):
            address = urlsplit(link)
            if address.scheme:
                continue
            target = (path.parent / address.path).resolve() if address.path else path.resolve()
            if not target.is_file() or (address.fragment and address.fragment not in ids[target]):
                broken.append((path.name, link))
    assert len(pages) > 15
    assert broken == []


def test_links_lead_out_to_the_web_alone(pages: dict[Path, html.HtmlElement]) -> None:
    """An article whose address is none of the web is named without a link."""
    outside = [link for page in pages.values() for link in page.xpath("//@href") if urlsplit(link).scheme]
    assert {urlsplit(link).scheme for link in outside} == {"https"}
    assert "https://outlet0.example/0?a=1&b=2" in outside


def test_no_page_asks_anybody_for_anything(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """One stylesheet beside the pages, nothing else is loaded, and the browser is told to refuse the rest."""
    for path, page in pages.items():
        assert page.xpath("//@src | //@srcset | //@action | //iframe | //object | //style | //@style") == []
        loaded = page.xpath("//link[@rel='stylesheet']/@href")
        assert [(path.parent / each).resolve() for each in loaded] == [(site / "style.css").resolve()]
        assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0].startswith("default-src 'none'")
    assert not re.search(r"url\(|@import|http", (site / "style.css").read_text().replace('href^="http"', ""))
    assert [path.name for path, page in pages.items() if page.xpath("//script")] == ["search.html"]


# --- hostile text


def test_text_from_outside_is_text(pages: dict[Path, html.HtmlElement]) -> None:
    """A title, speaker, outlet and ownership that are markup are shown as they are, less what cannot be seen."""
    shown = "</script><script>alert(1)</script> & “quoted”"
    assert any(shown in text(page) for page in pages.values())
    for path, page in pages.items():
        raw = path.read_text(encoding="utf-8")
        assert "<script>alert" not in raw
        assert not set("\u202e\u0007") & set(raw)
        assert "javascript:" not in raw.lower().replace("needs javascript", "")
        assert page.xpath("//*[@*[starts-with(name(), 'on')]]") == []


def test_the_data_of_the_search_page_ends_no_script(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """It is read back as it was, with names and sentences that can be found."""
    (data,) = pages[site / "search.html"].xpath("//script[@type='application/json']")
    entries = json.loads(data.text)
    assert {"Taurus", "Ada Vale", "Title 2"} <= {entry["name"] for entry in entries}
    assert desk.LINE in {entry["words"] for entry in entries}
    assert {urlsplit(entry["to"]).scheme for entry in entries} == {""}


@pytest.mark.parametrize(
    ("one", "other"),
    [("RU", "ru-x"), ("AU", "au"), ("a b", "a-b"), ("../x", "x"), ("Кремль", "Киев"), ("a" * 200, "a" * 201)],
)
def test_no_two_things_share_a_page(one: str, other: str) -> None:
    """Names of files are plain, whatever the id is, and differ without regard to case."""
    names = page_name(one), page_name(other)
    assert names[0].lower() != names[1].lower()
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", name) for name in names)


# --- figures


def test_figures_are_those_of_sql(warehouse: Path, site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """What the first page counts is counted alike by the views."""
    since = f"TIMESTAMPTZ '{desk.NOW - timedelta(days=29):%Y-%m-%d} 00:00:00Z'"
    counted = {
        "statements": f"SELECT count(*) FROM utterances WHERE first_reported >= {since}",
        "red lines drawn, repeated or crossed": "SELECT count(*) FROM red_lines",
        "steps of weapons": f"SELECT count(*) FROM weapon_timeline WHERE since >= {since} AND NOT background",
        "weapons first seen": f"SELECT count(*) FROM new_weapons WHERE first_sighted >= {since}",
        "events": "SELECT count(*) FROM events",
    }
    shown = {text(pair.find("dt")): int(text(pair.find("dd"))) for pair in pages[site / "index.html"].xpath("//dl/div")}
    assert shown == {label: query(warehouse, sql).rows[0][0] for label, sql in counted.items()}
    assert shown["statements"] == 4


def test_each_act_of_speech_stands_on_the_page_of_its_side(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """With its sentence, its article and who else reports it; a side that is unknown has a page too."""
    page = pages[site / "sides" / "ru.html"]
    first = page.xpath("//li[starts-with(@id, 's-')]")[-1]
    assert desk.LINE in text(first)
    assert "Outlet 0 (state media)" in text(first)
    assert "2 articles by 2 outlets, 2 of them independent" in text(first)
    assert "Whoever feeds the rebels" in text(pages[site / "sides" / "unknown.html"])


def test_the_matrix_says_who_addresses_whom(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """A cell leads to its sentences; what names nobody is counted."""
    page = pages[site / "addressees.html"]
    (cell,) = page.xpath("//table//td/a")
    assert text(cell) == "2 from Russia to Germany"
    assert desk.LINE in text(page)
    assert "2 statements more name nobody" in text(page)


def test_a_weapon_has_its_way_reversals_and_holders(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """Drawn, and told step by step with the sentence."""
    page = pages[site / "weapons" / "taurus.html"]
    steps = [text(each) for each in page.xpath("//li[starts-with(@id, 'de-to-ua-')]")]
    assert [step.split()[0] for step in steps] == ["refused", "pledged", "delivered"]
    assert "reversal: refused 9 days before" in steps[1]
    assert "Germany has delivered Taurus missiles to Ukraine." in steps[2]
    assert "Ukraine received it" in text(page)
    assert "500 km" in text(page)
    assert len(page.xpath("//figure//a/g/circle[@class='reversal']")) == 1


def test_a_red_line_has_its_history(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """Drawn, sharpened when it was said again, crossed by a delivery."""
    ((_, page),) = [(path, page) for path, page in pages.items() if path.parent.name == "red-lines"]
    events = [
        text(each)
        for each in page.xpath("//section[@aria-labelledby='history']//li//span[starts-with(@class, 'stage')]")
    ]
    assert events == ["drawn", "sharpened", "crossed"]
    assert "taurus delivered UA" in text(page)


def test_an_event_names_its_sources_by_ownership(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """State media under a heading of their own."""
    found = [page for path, page in pages.items() if path.parent.name == "events"]
    assert any("State media: 1 article" in text(page) for page in found)


def test_alerts_say_what_became_of_them(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    """The first page shows those of the last 24 hours that had any; all are on the page of alerts."""
    latest = text(pages[site / "index.html"].xpath("//section[@aria-labelledby='today']")[0])
    assert "Alerts of the 24 hours to 29 Mar 2026, 13:00 UTC" in latest
    every = pages[site / "alerts.html"]
    assert len(every.xpath("//li[starts-with(@id, 'a-')]")) > 3
    assert "not sent:" in text(every)


def test_the_feed_holds_the_alerts_that_were_sent(site: Path, warehouse: Path) -> None:
    """Valid Atom with lasting ids, and links to the page and to the article."""
    feed = feedparser.parse((site / "alerts.xml").read_bytes())
    assert not feed.bozo
    assert feed.version == "atom10"
    sent = query(warehouse, "SELECT headline FROM alerts WHERE suppressed IS NULL").rows
    assert sorted(entry.title for entry in feed.entries) == sorted(" ".join(headline.split()) for (headline,) in sent)
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    assert {urlsplit(link.href).scheme for entry in feed.entries for link in entry.links} == {"", "https"}


def test_the_spread_of_a_week_is_its_quartiles() -> None:
    """Of one statement all are its severity."""
    many, one = spread([1, 2, 3, 4, 5]), spread([4])
    assert (many.least, many.lower, many.middle, many.upper, many.greatest) == (1, 2, 3, 4, 5)
    assert (one.least, one.lower, one.middle, one.upper, one.greatest) == (4, 4, 4, 4, 4)


def test_weeks_begin_on_monday() -> None:
    """In UTC, by the first report."""
    rows = [
        {"first_reported": desk.NOW + timedelta(days=day), "kind": "threat", "outlet": "A", "severity": 1}
        for day in (-1, 0, 6, 7)
    ]
    assert [(week.monday, len(week.statements)) for week in weeks(rows)] == [
        (date(2026, 3, 23), 1), (date(2026, 3, 30), 2), (date(2026, 4, 6), 1),
    ]  # fmt: skip


def test_marks_of_one_day_stand_side_by_side() -> None:
    """In their order and inside the drawing."""
    places = _apart([50.0, 50.0, 50.0, 351.0, 352.0])
    assert places == sorted(places)
    assert min(later - earlier for earlier, later in pairwise(places)) >= 10
    assert places[0] >= LEFT
    assert places[-1] <= LEFT + PLOT


def test_days_fill_the_width_of_a_chart() -> None:
    """From the first to the last, both labelled; below the middle of the day where that is wide enough."""
    scale = Scale(first=date(2026, 3, 1), last=date(2026, 3, 30))
    assert (scale.of(scale.first), scale.x(scale.days)) == (LEFT, LEFT + PLOT)
    assert [tick.label for tick in scale.ticks()] == ["1 Mar", "11 Mar", "20 Mar", "30 Mar"]
    assert {tick.anchor for tick in scale.ticks()[1:3]} == {"middle"}
    assert (scale.ticks()[0].anchor, scale.ticks()[-1].anchor) == ("start", "end")
    assert [tick.label for tick in Scale(first=scale.first, last=scale.first).ticks()] == ["1 Mar"]
    assert {tick.anchor for tick in Scale(first=scale.first, last=date(2026, 3, 5)).ticks()} == {"middle"}


# --- readable for everybody


def test_every_page_has_its_landmarks_and_headings(pages: dict[Path, html.HtmlElement]) -> None:
    """One main part that a link skips to, one first heading, no level left out, a title and a language of its own."""
    titles = set()
    for path, page in pages.items():
        assert page.get("lang") == "en"
        assert page.xpath("//body/a[1]/@href") == ["#main"]
        assert len(page.xpath("//main[@id='main']")) == len(page.xpath("//nav[@aria-label]")) == 1
        levels = [int(each.tag[1]) for each in page.xpath("//h1 | //h2 | //h3 | //h4")]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), path
        titles.add(page.findtext(".//title"))
    assert len(titles) >= len(pages) - 2


def test_every_page_can_be_heard(pages: dict[Path, html.HtmlElement]) -> None:
    """Tables have captions and headed rows, charts are left to them, fields have labels, ids are given once."""
    for page in pages.values():
        assert page.xpath("//table[not(caption)] | //th[not(@scope)] | //svg[not(@aria-hidden='true')]") == []
        assert page.xpath("//svg//a[not(@tabindex='-1')]") == []
        assert page.xpath("//input[not(@id = //label/@for)]") == []
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert set(page.xpath("//@aria-labelledby")) <= set(ids)


def schemes(css: str) -> Iterator[dict[str, str]]:
    """Yield the colours of the light and of the dark scheme."""
    light, dark = re.findall(r":root \{(.+?)\}", css, re.DOTALL)[:2]
    for block in (light, light + dark):
        yield dict(re.findall(r"--([\w-]+): (#\w+)", block))


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_of_text_has_contrast(site: Path) -> None:
    """4.5 to 1 on both grounds, by day and by night (WCAG 2.1 AA)."""
    for colours in schemes((site / "style.css").read_text()):
        for name, colour in colours.items():
            if name in {"back", "card", "line", "mark"}:
                continue
            for ground in ("back", "card"):
                high, low = sorted((luminance(colour), luminance(colours[ground])), reverse=True)
                assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)


# --- the folder and the command


def test_a_folder_of_something_else_is_left_alone(warehouse: Path, seeds: Path, tmp_path: Path) -> None:
    """A report takes the place of an earlier one, pages that are gone with it, and of nothing else."""
    settings = Settings(warehouse=warehouse, seeds=seeds, _env_file=None)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ReportFolderError, match="holds other files"):
        make_report(settings, str(tmp_path), now=desk.NOW, days=30)
    with pytest.raises(ReportFolderError, match="holds other files"):
        make_report(settings, str(tmp_path / "letter.txt"), now=desk.NOW, days=30)
    with pytest.raises(ReportFolderError, match="cannot be written: Not a directory"):
        make_report(settings, str(tmp_path / "letter.txt" / "site"), now=desk.NOW, days=30)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    site = tmp_path / "site"
    make_report(settings, str(site), now=desk.NOW, days=30)
    assert (site / "sides" / "ru.html").exists()
    make_report(settings, str(site), now=desk.NOW, days=30, since=date(2026, 3, 30))
    assert not (site / "sides" / "ru.html").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.txt", "site"]


def test_an_empty_warehouse_has_a_report(seeds: Path, tmp_path: Path) -> None:
    """Pages that say that there is nothing."""
    path = tmp_path / "w.duckdb"
    Warehouse(path).migrate()
    Warehouse(path).publish()
    make_report(Settings(warehouse=path, seeds=seeds, _env_file=None), str(tmp_path / "site"), now=desk.NOW, days=7)
    assert "No alerts in this time" in (tmp_path / "site" / "index.html").read_text()


def test_the_command_says_what_it_wrote(warehouse: Path, tmp_path: Path) -> None:
    """And where to begin reading."""
    environment = {"BRINKWATCH_WAREHOUSE": str(warehouse)}
    done = CliRunner(env=environment).invoke(app, ["report", "--since", "2026-03-01", "-o", str(tmp_path / "site")])
    assert done.exit_code == 0
    assert "index.html" in done.stderr
    assert (tmp_path / "site" / "weapons" / "taurus.html").exists()
