"""A weapon's card: which one is meant, where it stands, and what is said of an unknown name."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from extractors.records import Article
from flows.cli.__main__ import app
from flows.cli.weapon import NoSuchWeaponError, chart, folded, resolve, timeline
from flows.settings import Settings
from flows.steps.backtest import backtest
from warehouse.store import Warehouse
from warehouse.weapon_history import Step, history_of

DAY = datetime(2026, 3, 4, tzinfo=UTC)
NAMES = {
    "anvil": ("Anvil", "AN-1"),
    "anvil-2": ("Anvil 2", "AN-2", "Hammer"),
    "hammer": ("Hammer", "HM"),
    "lance": ("Lance", "HM"),
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("Anvil", "anvil"), ("ANVIL-2", "anvil-2"), ("an 1", "anvil"), ("Hammer", "hammer"), ("lance", "lance")],
)
def test_weapon_is_found_by_id_name_or_alias(wanted: str, found: str) -> None:
    """Case, spaces and hyphens do not matter, and a name goes before another's alias."""
    assert resolve(wanted, NAMES) == found


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("Anvill", "no weapon is called Anvill; did you mean Anvil"),
        ("Ham", "did you mean .*Hammer"),
        ("HM", "several weapons are called HM; name one: hammer, lance"),
        ("Zzzzzz", "see seeds/weapons.jsonl"),
    ],
)
def test_unknown_name_is_answered_with_near_ones(wanted: str, said: str) -> None:
    """The message says what to type instead."""
    with pytest.raises(NoSuchWeaponError, match=said):
        resolve(wanted, NAMES)


def step(stage: str, day: int, *, background: bool = False, weapon: str = "anvil") -> Step:
    since = DAY + timedelta(days=day)
    return Step(
        weapon=weapon, supplier="DE", recipient="UA", stage=stage, reversal=False, background=background, since=since,
        last_reported=since, articles=1,
    )  # fmt: skip


def test_chart_places_steps_in_time() -> None:
    """Each step stands where its day is between the first and the last."""
    steps = [step("requested", 0), step("refused", 5), step("pledged", 10)]
    assert chart(steps, first=DAY, last=DAY + timedelta(days=10), width=11).plain == "?····x····+"
    assert chart(steps[:1], first=DAY, last=DAY, width=3).plain == "?··"


def test_what_is_told_as_past_is_not_where_a_weapon_stands() -> None:
    """The card says what was last reported as news; a recalled step is dim on the line."""
    steps = [step("pledged", 0), step("refused", 5, background=True)]
    console = Console(width=160)
    with console.capture() as printed:
        console.print(timeline(steps, {}))
    assert "pledged" in printed.get()
    assert "refused" not in printed.get()
    drawn = chart(steps, first=DAY, last=DAY + timedelta(days=5), width=3)
    assert [span.style for span in drawn.spans if drawn.plain[span.start] == "x"] == ["dim"]


def test_the_variants_of_a_family_are_told_apart() -> None:
    """Each on lines of its own, with its name; of one system alone it is not repeated."""
    console = Console(width=160)
    with console.capture() as printed:
        console.print(timeline([step("pledged", 0), step("delivered", 1, weapon="anvil-2")], {}))
    lines = printed.get().splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["anvil", "anvil-2"]
    with console.capture() as printed:
        console.print(timeline([step("pledged", 0)], {}))
    assert "anvil" not in printed.get()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """A warehouse of three articles, published."""
    texts = [
        "Ukraine has asked Germany for Taurus cruise missiles, officials said.",
        "Germany has again refused to send Taurus cruise missiles to Ukraine, officials said.",
        "Russia attacked Odesa with Shahed-136 drones on Friday, officials said.",
    ]
    articles = [
        Article(id=str(number), title="", text=text, source=f"Outlet {number}", published=DAY + timedelta(days=number))
        for number, text in enumerate(texts)
    ]
    path = tmp_path_factory.mktemp("kept") / "w.duckdb"
    backtest(articles, Settings(warehouse=path, seeds=seeds), every=timedelta(days=1))
    Warehouse(path).publish()
    return path


def test_record_tells_steps_and_sightings(kept: Path) -> None:
    """Steps come in time, sightings the latest first."""
    told = history_of(kept, "taurus", latest=1)
    assert [each.stage for each in told.steps] == ["requested", "refused"]
    assert (told.articles, [each.outlet for each in told.sightings]) == (2, ["Outlet 1"])


def test_card_is_printed(kept: Path) -> None:
    """Facts, aliases, where it stands between whom, and the last mention."""
    environment = {"BRINKWATCH_WAREHOUSE": str(kept), "COLUMNS": "160"}
    printed = CliRunner(env=environment).invoke(app, ["weapon", "kepd 350"]).stdout
    for expected in ("Taurus", "500 km", "Germany", "Ukraine", "refused", "2026-03-05", "Mentioned in 2 articles"):
        assert expected in printed


@pytest.mark.parametrize("columns", ["60", "80", "160"])
def test_the_last_stage_is_on_the_chart_however_narrow_the_terminal(kept: Path, columns: str) -> None:
    """The chart gets shorter instead of being cut; a pipe has 80 columns."""
    environment = {"BRINKWATCH_WAREHOUSE": str(kept), "COLUMNS": columns}
    printed = CliRunner(env=environment).invoke(app, ["weapon", "taurus"]).stdout
    (row,) = [line for line in printed.splitlines() if "Germany" in line and "Ukraine" in line]
    assert row.rstrip().endswith("·x")
    assert "…" not in row


def test_the_card_of_a_family_finds_its_variants(kept: Path) -> None:
    """Who asks for Shahed wants to know of Shahed-136."""
    environment = {"BRINKWATCH_WAREHOUSE": str(kept), "COLUMNS": "160"}
    printed = CliRunner(env=environment).invoke(app, ["weapon", "Shahed"]).stdout
    assert "Mentioned in 1 article, last in" in printed


def test_card_without_a_warehouse_shows_the_facts(tmp_path: Path) -> None:
    """Before the first cycle the facts are there, and what to do next."""
    environment = {"BRINKWATCH_WAREHOUSE": str(tmp_path / "none.duckdb")}
    printed = CliRunner(env=environment).invoke(app, ["weapon", "taurus"]).stdout
    assert "cruise missile" in printed
    assert "brinkwatch run" in printed


def test_names_are_compared_without_case_and_signs() -> None:
    """Kh-101, KH 101 and kh101 are one name."""
    assert folded("Kh-101") == folded("KH 101") == folded("kh101")
