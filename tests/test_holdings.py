"""Who is known to hold what: what is no news however empty the warehouse is."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from news_examples import NOW, article, stage, weapon

from alerts.policy.decision import PolicySettings, decide
from alerts.policy.holdings import Holding, Holdings, load_holdings
from alerts.policy.severity_scale import shipped_scale
from extractors.lexicon import LexiconError
from extractors.records import News, Stage, Step
from extractors.weapons.lexicon import Weapon
from flows.steps.seeds_folder import seeds_folder_of

WEAPONS = (Weapon(id="merkava", name="Merkava", category="tank", aliases=("Merkava",), origin="IL", family="merkava"),)
HELD = {("patriot", "UA"): Holding(weapon="patriot", holder="UA", source="a list", since="2023", used=True)}
SETTINGS = PolicySettings(
    names={"IL": "Israel", "UA": "Ukraine", "DE": "Germany"},
    forms={"IL": ("Israel", "Israeli"), "UA": ("Ukraine", "Kyiv"), "SD": ("Sudan", "Khartoum")},
    holdings=Holdings(held=HELD, makers={"merkava": "IL", "patriot": "US"}),
    scale=shipped_scale(),
)


def suppressed(news: News) -> str | None:
    """Why the one piece of news is not sent."""
    (decided,) = decide([news], now=NOW, settings=SETTINGS)
    return decided.suppressed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Israeli troops moved a Merkava to the border.", "known before: Israel holds it (its maker)"),
        ("A Merkava was seen in Khartoum.", None),
    ],
)
def test_a_system_is_new_in_a_theatre_and_not_in_an_empty_file(text: str, why: str | None) -> None:
    """Where its maker or a holder is named its name is no news; where none is, it is."""
    assert suppressed(weapon(article(text, title=""), "Merkava")) == why


def test_a_system_that_no_list_holds_is_news_wherever_it_is() -> None:
    """Nobody can be known to hold it."""
    assert suppressed(weapon(article("Israel has shown the Merkava.", title=""), "Merkava", known=False)) is None


@pytest.mark.parametrize(
    ("reached", "recipient", "told"),
    [
        (Stage.REQUESTED, "UA", False),
        (Stage.PLEDGED, "UA", False),
        (Stage.DELIVERED, "UA", False),
        (Stage.USED, "UA", False),
        (Stage.REFUSED, "UA", True),
        (Stage.SUSPENDED, "UA", True),
        (Stage.USE_PERMITTED, "UA", True),
        (Stage.DELIVERED, "IL", True),
        (Stage.USED, "US", True),
        (Stage.DELIVERED, None, True),
    ],
)
def test_a_holder_gets_nothing_new(reached: Stage, recipient: str | None, told: bool) -> None:
    """What lies behind it is no news; what stops or frees it is, and so is a first use by its maker, or a new user."""
    source = article("Berlin has agreed to send Patriot missiles to Kyiv.")
    news = stage(source, source.text, reached, weapon="patriot", recipient=recipient)
    assert (suppressed(news) is None) == told


@pytest.mark.parametrize(
    ("since", "published", "told"),
    [
        ("2023", "2023-05-11", True),
        ("2023", "2022-12-01", True),
        ("2023", "2024-01-01", False),
        ("2023-04", "2023-04-20", True),
        ("2023-04", "2023-05-01", False),
        ("2022", "2023-05-11", False),
        (None, "2021-03-01", False),
        ("2023", None, False),
    ],
)
def test_what_became_known_later_does_not_make_an_old_article_no_news(
    since: str | None, published: str | None, told: bool
) -> None:
    """An archive is alerted as it was news then; in the year it became known an article may be what made it known."""
    held = {("patriot", "UA"): Holding(weapon="patriot", holder="UA", source="a list", since=since)}
    settings = replace(SETTINGS, holdings=Holdings(held=held))
    when = datetime.fromisoformat(f"{published}T08:00+00:00") if published else None
    source = article("Berlin has agreed to send Patriot missiles to Kyiv.", published=when)
    (decided,) = decide([stage(source, source.text, Stage.PLEDGED, weapon="patriot")], now=NOW, settings=settings)
    assert (decided.suppressed is None) == told


def test_a_reversal_is_told_of_a_holder_too() -> None:
    """What was halted and goes on is news."""
    source = article("Berlin has agreed to send Patriot missiles to Kyiv.")
    halted = Step(claim="c", stage=Stage.SUSPENDED, supplier="DE", since=NOW)
    news = stage(source, source.text, Stage.PLEDGED, weapon="patriot")
    assert suppressed(news) == "known before: Ukraine holds it since 2023 (a list)"
    assert suppressed(News(**{name: getattr(news, name) for name in news.__slots__} | {"steps": (halted,)})) is None


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ({"weapon": "merkva"}, "'weapon' must be a system or family of weapons.jsonl, not 'merkva'"),
        ({"holder": "XX"}, "'holder' must be a state, alliance or group of the lexicons, not 'XX'"),
        ({"source": ""}, "'source' is empty"),
        ({"since": "May 2023"}, "since: a year or a month such as 2023-05, not 'May 2023'"),
        ({"since": "2023-5"}, "since: a year or a month such as 2023-05, not '2023-5'"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: dict[str, str], wrong: str) -> None:
    """By file, number and field; each needs its source."""
    known = {"weapon": "merkava", "holder": "IL", "source": "a list"} | line
    (tmp_path / "holdings.jsonl").write_text(json.dumps(known))
    with pytest.raises(LexiconError, match=r"holdings.jsonl:1: ") as error:
        load_holdings(tmp_path, WEAPONS, sides={"IL"})
    assert wrong in str(error.value)


def test_a_folder_without_the_file_knows_the_makers(tmp_path: Path) -> None:
    """An analyst's own folder may be older than the file."""
    holdings = load_holdings(tmp_path, WEAPONS)
    assert holdings.known("merkava", None, "IL", at=NOW) == Holding(weapon="merkava", holder="IL", source="its maker")


def test_those_that_ship_are_sound_and_name_their_sources(seeds: Path) -> None:
    """Well over a thousand, sorted by holder, none twice."""
    held = seeds_folder_of(seeds).holdings().held
    assert len(held) > 1_000
    assert min(len(holding.source) for holding in held.values()) >= len("SIPRI")
    assert held["storm-shadow", "UA"].used
    assert list(held) == sorted(held, key=lambda pair: (pair[1].upper(), pair[0]))
