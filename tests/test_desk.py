"""The six tasks of docs/desk.md: each is done with the page's own commands, in the report or in Slack, on real text."""

import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html  # type: ignore[import-untyped]
from newsroom import feeds_csv, open_newsroom, parsing_here, seeds_with
from typer.testing import CliRunner

from flows.cli.__main__ import app
from flows.settings import Settings
from flows.steps.cycle import run_cycle
from flows.steps.report import make_report
from flows.steps.slack_desk import searched
from warehouse.query import query

PAGE = (Path(__file__).parent.parent / "docs" / "desk.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.+?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
OVERNIGHT, GERMANY, MOSCOW, BEFORE, SOURCES, ONLY_TAIWAN = SECTIONS

REFUSED = "Germany has refused to send Taurus cruise missiles to Ukraine, Chancellor Olaf Scholz said."
WARNED = (
    "Russian Foreign Minister Sergey Lavrov warned that the delivery of F-16 fighter jets to Ukraine would mean war."
)
ARRIVED = (
    "The Netherlands has delivered the first F-16 fighter jets to Ukraine, the defence ministry in The Hague said."
)
AFTERWARDS = "Kremlin spokesman Dmitry Peskov said Russia will destroy every F-16 fighter jet in Ukraine."
LOUD = "Dmitry Medvedev threatened to strike London with nuclear weapons if British missiles hit Moscow."
PLEDGED = "Norway will supply Moldova with NASAMS air defence missiles, the defence ministry announced."
TAIWAN = "China's defence ministry warned that a declaration of independence by Taiwan would mean war."
ELSEWHERE = "Iran's foreign ministry warned that any attack on its nuclear sites would mean war."

EARLIER = [
    ("Berlin keeps its missiles", REFUSED, timedelta(days=20)),
    ("Moscow on the jets", WARNED, timedelta(days=12)),
    ("First jets arrive", ARRIVED, timedelta(days=6)),
    ("Kremlin on the jets", AFTERWARDS, timedelta(days=2)),
]
LAST_NIGHT = [("Medvedev on London", LOUD, timedelta(hours=6)), ("A turn in Oslo", PLEDGED, timedelta(hours=4))]
WITH_RULES = [("Beijing warns Taipei", TAIWAN, timedelta(hours=2)), ("Tehran warns", ELSEWHERE, timedelta(hours=2))]


@pytest.fixture(scope="module")
def settings(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A monitor that read the news of two outlets as they came, the last of them by the rules of the page."""
    folder = tmp_path_factory.mktemp("desk")
    with ExitStack() as stack:
        stack.enter_context(parsing_here())
        first, second = (stack.enter_context(open_newsroom()) for _ in range(2))
        made = Settings(
            warehouse=folder / "w.duckdb", seeds=seeds_with(first, seeds, folder / "seeds"), fetch_budget=3600,
            allow_hosts=frozenset({"127.0.0.1"}), fetch_spacing=0, _env_file=None,
        )  # fmt: skip
        other = feeds_csv(second).splitlines()[1].replace("newsroom,The Newsroom", "agency,The Agency")
        with (made.seeds / "feeds.csv").open("a") as listed:
            listed.write(other.replace("private", "state") + "\n")
        (made.seeds / "articles").unlink()
        for news, ago in ((EARLIER, timedelta(hours=36)), (LAST_NIGHT, timedelta(hours=3)), (WITH_RULES, timedelta())):
            for title, text, age in news:
                first.carry(title, text, age=age)
            if news is WITH_RULES:
                second.carry("War over Taiwan?", f"In Beijing, the tone hardens. {TAIWAN}", age=timedelta(hours=1))
                set_rules(made.seeds / "routes.toml")
            run_cycle(made, now=datetime.now(UTC) - ago)
        yield made


@pytest.fixture(scope="module")
def site(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "site"
    make_report(settings, str(folder), now=datetime.now(UTC), days=30)
    return folder


def set_rules(routes: Path) -> None:
    """Put the rules of the page in the place of those that ship."""
    (rules,) = re.findall(r"```toml\n(.+?)```", SECTIONS[ONLY_TAIWAN], re.DOTALL)
    routes.unlink()
    routes.write_text(rules)


def typed(settings: Settings, task: str, *, alert: str = "") -> str:
    """Type the one command that the page gives for a task; return what it prints, without line ends."""
    (line,) = re.findall(r"^```sh\nbrinkwatch (.+)\n```$", SECTIONS[task], re.MULTILINE)
    environment = {"BRINKWATCH_WAREHOUSE": str(settings.warehouse), "BRINKWATCH_SEEDS": str(settings.seeds)}
    done = CliRunner(env=environment | {"COLUMNS": "250"}).invoke(app, shlex.split(line.replace("ID", alert)))
    assert done.exit_code == 0, (line, done.output, done.exception)
    return " ".join(done.stdout.split())


def page(path: Path) -> html.HtmlElement:
    return html.fromstring(path.read_bytes())


def text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def follow(site: Path, path: Path, label: str) -> Path:
    """Click the first link with this text on a page."""
    (target, *_) = [link.get("href") for link in page(path).iter("a") if text(link) == label]
    return Path(path.parent, target).resolve()


def test_what_happened_overnight(settings: Settings, site: Path) -> None:
    """What was reported since yesterday, the gravest first; nothing of last week."""
    told = typed(settings, OVERNIGHT)
    assert told.index("London") < told.index("NASAMS")
    assert "Taurus" not in told
    assert "London" in text(page(site / "index.html").xpath("//section[@aria-labelledby='today']")[0])


def test_whether_germany_ever_refused(settings: Settings, site: Path) -> None:
    """The sentence, on the terminal, in the report and in Slack."""
    assert f"{REFUSED} The Newsroom (private)" in typed(settings, GERMANY)
    assert REFUSED in text(page(follow(site, site / "weapons.html", "Taurus")))
    (words,) = re.findall(r"`/brinkwatch search (.+)`", SECTIONS[GERMANY])
    assert searched(settings, words).splitlines()[1] == REFUSED


def test_who_in_moscow_speaks_loudest(settings: Settings, site: Path) -> None:
    """Medvedev before Lavrov before Peskov; in the report each with how often and how severely."""
    told = typed(settings, MOSCOW)
    assert told.index("Medvedev") < told.index("Lavrov") < told.index("Peskov")
    russia = page(follow(site, site / "speakers.html", "Russia"))
    (speaks,) = russia.xpath("//section[@aria-labelledby='speakers']")
    assert {text(each).partition(":")[2].split(", ")[0].strip() for each in speaks.iter("li")} == {"1 statement"}
    assert {"Dmitry Medvedev", "Sergei Lavrov", "Dmitry Peskov"} == {text(each) for each in speaks.iter("a")}


def test_what_they_said_before_the_delivery(settings: Settings, site: Path) -> None:
    """The warning, and not the threat that followed."""
    told = typed(settings, BEFORE)
    assert WARNED in told
    assert AFTERWARDS not in told
    jet = page(follow(site, site / "weapons.html", "F-16"))
    assert WARNED in text(jet.xpath("//section[@aria-labelledby='lines']")[0])
    assert "delivered" in text(jet.xpath("//section[@aria-labelledby='steps']")[0])


def alerts_on(settings: Settings, words: str) -> list[tuple[str, str | None]]:
    """Return the alerts on a sentence, each with why it was not sent."""
    sql = "SELECT id, suppressed FROM alerts WHERE contains(sentence, $words)"
    return [(alert, why) for alert, why in query(settings.warehouse, sql, parameters={"words": words}).rows]


def test_the_sources_of_a_claim(settings: Settings, site: Path) -> None:
    """Each outlet with its owner and the address of its article, also below the sentence in the report."""
    ((alert, _),) = alerts_on(settings, "independence")
    told = typed(settings, SOURCES, alert=alert[:8])
    assert re.search(r"The Newsroom \(private\): .+ http://\S+/6 ", told)
    assert re.search(r"The Agency \(state\): .+ http://\S+/0", told)
    assert "2 articles by 2 outlets" in text(page(site / "sides" / "cn.html"))


def test_only_taiwan_is_sent(settings: Settings) -> None:
    """At severity 4, with the rules of the page; the rest is kept."""
    typed(settings, ONLY_TAIWAN)
    assert {why for _, why in alerts_on(settings, "independence")} == {None}
    assert [why for _, why in alerts_on(settings, "nuclear sites")] == ["rule 'default': is never sent"]
