"""How far a story travelled."""

from datetime import timedelta

import pytest
from news_examples import NOW, TEXT

from alerts.echo import Carried, echo_of
from alerts.route import Echo

WIRE = TEXT
OWN = "Germany will hand over its longest-range cruise missile, a cabinet member confirmed to this newspaper on Friday."
OTHER = "After months of hesitation the chancellor gave way: Kyiv is to get the weapon it has asked for since spring."


def carried(*texts: tuple[str, str]) -> list[Carried]:
    """Articles of outlets, one hour after the other."""
    return [
        Carried(outlet=outlet, text=text, when=NOW + timedelta(hours=hour)) for hour, (outlet, text) in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("texts", "echo"),
    [
        ([], Echo()),
        ([("Reuters", WIRE)], Echo()),
        ([("Reuters", WIRE), ("Reuters", OWN)], Echo()),
        ([("Reuters", WIRE), ("Gazette", WIRE)], Echo(outlets=1, independent=0)),
        ([("Reuters", WIRE), ("Gazette", WIRE[:120])], Echo(outlets=1, independent=0)),
        ([("Reuters", WIRE), ("Gazette", OWN)], Echo(outlets=1, independent=1)),
        ([("Reuters", WIRE), ("Gazette", OWN), ("Post", OWN), ("Times", OTHER)], Echo(outlets=3, independent=2)),
        ([("Reuters", WIRE), ("Gazette", WIRE), ("Gazette", OWN)], Echo(outlets=1, independent=1)),
    ],
)
def test_copies_are_outlets_but_not_independent(texts: list[tuple[str, str]], echo: Echo):
    """Also when the copy was shortened, and when an outlet first copied and then wrote."""
    assert echo_of(carried(*texts)) == echo


def test_the_first_report_counts_by_time_and_not_by_arrival():
    """The same echo in whatever order articles arrive."""
    articles = carried(("Reuters", WIRE), ("Gazette", WIRE), ("Times", OTHER))
    assert echo_of(reversed(articles)) == echo_of(articles) == Echo(outlets=2, independent=1)


@pytest.mark.parametrize(
    ("echo", "text"),
    [
        (Echo(), ""),
        (Echo(outlets=1, independent=0), "+1 outlet, 0 independent"),
        (Echo(outlets=4, independent=2), "+4 outlets, 2 independent"),
    ],
)
def test_an_echo_reads(echo: Echo, text: str):
    """As the first message of the story shows it."""
    assert str(echo) == text
