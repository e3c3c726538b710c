"""Headlines: what is new, in words a reader uses."""

from dataclasses import replace

import pytest
from news_examples import article, stage, weapon

from alerts.wording.headline import category_text, headline
from extractors.records import Stage


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("air_to_surface_missile", "air-to-surface missile"),
        ("anti_ship_missile", "anti-ship missile"),
        ("submarine_launched_missile", "submarine-launched missile"),
        ("cluster_munition", "cluster munition"),
        ("radar", "radar"),
    ],
)
def test_categories_are_hyphenated_as_they_are_written(category: str, text: str) -> None:
    """Compounds only."""
    assert category_text(category) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ballistic missiles", "Iran delivers ballistic missiles to Russia"),
        ("Ballistic Missiles", "Iran delivers ballistic missiles to Russia"),
        ("ICBMs", "Iran delivers ICBMs to Russia"),
    ],
)
def test_a_class_of_weapons_is_named_as_the_article_names_it(text: str, expected: str) -> None:
    """In the plural where that has it, without the capitals of a title."""
    source = article(f"Iran delivered {text} to Russia.")
    told = stage(source, source.text, Stage.DELIVERED, supplier="IR", recipient="RU")
    named = weapon(source, text, category="ballistic_missile", name="ballistic missile", specific=False).weapon
    names = {"IR": "Iran", "RU": "Russia"}
    assert headline(replace(told, weapon=named), names) == expected
