"""Weapons that are brought down are not used by whoever does it."""

import pytest

from extractors.transfers.interception import is_brought_down, is_hit_with


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


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("Guards destroyed an ¹Omani tank with a ²Lancet drone.", True),
        ("Rebels hit ¹Oman's fleet with a ²Harpoon.", True),
        ("They struck an ¹Omani depot using ²ATACMS missiles.", True),
        ("Rebels attacked ¹Oman with ²Shahed drones.", True),
        ("They shelled ¹Omani villages with ²Grad rockets.", True),
        ("The guards knocked out an ¹Omani radar by ²HARM missiles.", True),
        ("They killed an ¹Omani general with a ²Hellfire.", True),
        ("They bombed ¹Oman's port with ²JDAM bombs.", True),
        ("Rebels targeted an ¹Omani base with ²Lancet drones.", True),
        ("It burnt ¹Oman's hangars with ²Shahed drones.", True),
        ("¹Oman destroyed a tank with a ²Lancet drone.", False),
        ("¹Oman's guards hit the fleet with a ²Harpoon.", False),
        ("The depot was struck by ¹Oman with ²ATACMS missiles.", False),
        ("The port was attacked using ¹Omani ²Shahed drones.", False),
        ("They shelled villages with ¹Oman's ²Grad rockets.", False),
        ("Radars were knocked out by ¹Omani forces with ²HARM missiles.", False),
        ("A general was killed with an ¹Omani ²Hellfire.", False),
        ("¹Oman bombed the port.", False),
        ("The base was hit, and ¹Oman fired ²Lancet drones.", False),
        ("They burnt hangars; ¹Oman flies the ²F-16.", False),
    ],
)
def test_who_is_hit_with_a_weapon_does_not_use_it(text: str, hit: bool) -> None:
    """``¹`` stands before the side, ``²`` before the weapon, if there is one; its user may be named behind "by"."""
    user = text.index("¹")
    weapon = text.index("²") - 1 if "²" in text else user
    assert is_hit_with(text.replace("¹", "").replace("²", ""), weapon, sentence=0, user=user) is hit
