"""How far a story travelled."""

from datetime import timedelta

import pytest
from news_examples import NOW, TEXT

from alerts.messages import Pickup
from alerts.policy.pickup import Carried, pickup_of

WIRE = TEXT
OWN = "Germany will hand over its longest-range cruise missile, a cabinet member confirmed to this newspaper on Friday."
OTHER = "After months of hesitation the chancellor gave way: Kyiv is to get the weapon it has asked for since spring."


def carried(*texts: tuple[str, str]) -> list[Carried]:
    """Articles of outlets, one hour after the other."""
    return [
        Carried(outlet=outlet, text=text, when=NOW + timedelta(hours=hour)) for hour, (outlet, text) in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("texts", "pickup"),
    [
        ([], Pickup()),
        ([("Reuters", WIRE)], Pickup()),
        ([("Reuters", WIRE), ("Reuters", OWN)], Pickup()),
        ([("Reuters", WIRE), ("Gazette", WIRE)], Pickup(outlets=1, independent=0)),
        ([("Reuters", WIRE), ("Gazette", WIRE[:120])], Pickup(outlets=1, independent=0)),
        ([("Reuters", WIRE), ("Gazette", OWN)], Pickup(outlets=1, independent=1)),
        ([("Reuters", WIRE), ("Gazette", OWN), ("Post", OWN), ("Times", OTHER)], Pickup(outlets=3, independent=2)),
        ([("Reuters", WIRE), ("Gazette", WIRE), ("Gazette", OWN)], Pickup(outlets=1, independent=1)),
    ],
)
def test_copies_are_outlets_but_not_independent(texts: list[tuple[str, str]], pickup: Pickup) -> None:
    """Also when the copy was shortened, and when an outlet first copied and then wrote."""
    assert pickup_of(carried(*texts)) == pickup


def test_the_first_report_counts_by_time_and_not_by_arrival() -> None:
    """The same pickup in whatever order articles arrive."""
    articles = carried(("Reuters", WIRE), ("Gazette", WIRE), ("Times", OTHER))
    assert pickup_of(reversed(articles)) == pickup_of(articles) == Pickup(outlets=2, independent=1)


@pytest.mark.parametrize(
    ("pickup", "text"),
    [
        (Pickup(), ""),
        (Pickup(outlets=1, independent=0), "+1 outlet, 0 independent"),
        (Pickup(outlets=4, independent=2), "+4 outlets, 2 independent"),
    ],
)
def test_a_pickup_reads(pickup: Pickup, text: str) -> None:
    """As the first message of the story shows it."""
    assert str(pickup) == text
