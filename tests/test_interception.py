"""Weapons that are brought down are not used by whoever does it."""

import pytest

from extractors.transfers.interception import is_brought_down


@pytest.mark.parametrize(
    ("text", "down"),
    [
        ("¹Oman said its navy intercepted all of the Iranian ²Shahed drones.", True),
        ("¹Oman shot down four missiles and two ²Shahed drones over the gulf.", True),
        ("¹Omani batteries destroyed a swarm of ²Shahed drones.", True),
        ("¹Oman's gunners downed a ²Shahed.", True),
        ("¹Oman has captured a ²T-72 intact.", True),
        ("¹Oman repelled an attack of ²T-72 tanks.", True),
        ("¹Oman took out a ²Pantsir.", True),
        ("¹Oman destroyed a depot with ²Shahed drones.", False),
        ("¹Oman shot down four jets using ²Patriot missiles.", False),
        ("¹Oman destroyed a bridge by firing ²ATACMS missiles.", False),
        ("Four jets were downed over ¹Oman, which fired a ²Patriot.", False),
        ("Four jets were intercepted; ¹Oman flew the ²F-16.", False),
        ("¹Oman used ²Patriot missiles and intercepted four jets.", False),
        ("¹Oman downed a jet; the ²Patriot worked.", False),
        ("¹Oman fired a ²Patriot.", False),
    ],
)
def test_who_brings_a_weapon_down_does_not_use_it(text: str, down: bool) -> None:
    """``¹`` stands before the side, ``²`` before the weapon; what is the means of it is used."""
    user, weapon = text.index("¹"), text.index("²") - 1
    assert is_brought_down(text.replace("¹", "").replace("²", ""), weapon, sentence=0, user=user) is down
