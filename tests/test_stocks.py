"""What a sentence on a transfer tells besides news: stocks that are refilled, and what is late."""

import pytest

from extractors.transfers.lookalikes import is_late, is_refilled


@pytest.mark.parametrize(
    ("text", "refilled"),
    [
        ("Oslo buys Archer guns to replace those sent to ¦Kyiv.", True),
        ("Oslo orders ten guns, replacing the ones donated to ¦Kyiv.", True),
        ("Oslo will make up for the tanks it is giving to ¦Kyiv with new ones.", True),
        ("The order is to replenish stocks shipped to ¦Kyiv.", True),
        ("The guns backfill what went to ¦Kyiv.", True),
        ("The order compensates for missiles supplied to the ¦Kurds.", True),
        ("Oslo will replace its guns and send the old ones to Bergen; ¦Kyiv gets tanks.", False),
        ("Oslo sent guns to ¦Kyiv and will replace them.", False),
        ("Oslo replaces its minister, who is in ¦Kyiv.", False),
        ("Oslo will send guns to ¦Kyiv.", False),
        ("To replace losses, ¦Kyiv gets guns.", False),
        ("The replacement of guns is what ¦Kyiv asked for.", False),
    ],
)
def test_who_got_what_is_replaced_gets_nothing_new(text: str, refilled: bool) -> None:
    """``¦`` stands before the side."""
    assert is_refilled(text.replace("¦", ""), text.index("¦"), sentence=0) is refilled


@pytest.mark.parametrize(
    ("sentence", "late"),
    [
        ("The frigates for Lima are two years behind schedule.", True),
        ("Lima still awaits its frigates.", True),
        ("Delivery of the frigates to Lima was delayed again.", True),
        ("The frigates for Lima are overdue.", True),
        ("Madrid has agreed to send Lima frigates after long delays.", False),
        ("Madrid announced frigates for Lima, which awaits patrol boats too.", False),
        ("Madrid will supply Lima with frigates, postponing its own.", False),
        ("The frigates for Lima have arrived.", False),
    ],
)
def test_what_is_late_was_agreed_before(sentence: str, late: bool) -> None:
    """Unless the sentence tells of a new agreement."""
    assert is_late(sentence) is late
