"""How severe alerts are, as an analyst says in policy.toml, and what is wrong with such a file."""

from pathlib import Path

import pytest

from alerts.policy.severity_scale import load_scale, shipped_scale
from extractors.lexicon import LexiconError
from extractors.records import WeaponMention


def written(folder: Path, seeds: Path, *changes: tuple[str, str]) -> Path:
    """Write the file that ships with ``changes``; each must be one."""
    text = (seeds / "policy.toml").read_text(encoding="utf-8")
    for former, changed in changes:
        assert former in text
        text = text.replace(former, changed, 1)
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    return folder


def named(category: str, *, known: bool = True) -> WeaponMention:
    return WeaponMention(
        weapon="anvil", name="Anvil", category=category, specific=True, known=known, family=None,
        text="Anvil", start=0, end=5,
    )  # fmt: skip


def test_an_edit_changes_what_is_severe(tmp_path: Path, seeds: Path) -> None:
    """Of a category that is named, of one that is not, and of a system that no list holds."""
    folder = written(tmp_path, seeds, ("bomber = 4", "bomber = 2"), ("other_weapons = 2", "other_weapons = 1"))
    before, after = shipped_scale(), load_scale(folder)
    weapons = named("bomber"), named("tank"), named("tank", known=False)
    assert [before.of_weapon(weapon) for weapon in weapons] == [4, 2, 3]
    assert [after.of_weapon(weapon) for weapon in weapons] == [2, 1, 3]


def test_a_file_of_an_earlier_version_asks_for_the_same_certainty(tmp_path: Path, seeds: Path) -> None:
    """It does not hold the field."""
    text = (seeds / "policy.toml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines(keepends=True) if line.startswith("least_confidence"))
    assert load_scale(written(tmp_path, seeds, (line, ""))).least_confidence == shipped_scale().least_confidence


def test_without_the_file_the_one_that_ships_holds(tmp_path: Path, seeds: Path) -> None:
    """A folder of seeds made for an earlier version has none."""
    assert load_scale(tmp_path) == shipped_scale() == load_scale(seeds)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("bomber = 4", "bomber = 6"), r"policy\.toml:\d+: 'bomber' must be a whole number from 1 to 5, not 6"),
        (("bomber = 4", "bomber = true"), "'bomber' must be a whole number from 1 to 5, not True"),
        (("bomber = 4", "bombr = 4"), r"\[weapons\] 'bombr' is not a category of any weapon"),
        (("refused = 1\n", ""), r"\[stages\] 'refused' is missing"),
        (("refused = 1", "refused = 1\nrumoured = 1"), r"\[stages\] 'rumoured' is not a stage"),
        (("other_weapons = 2", ""), "'other_weapons' must be a whole number from 1 to 5, not None"),
        (("other_weapons = 2", "other_weapons = 2\ncolour = 1"), r"policy\.toml:\d+: unknown table or field 'colour'"),
        (('opinion = "an opinion piece"', "opinion = 1"), r"\[quiet_genres\] 'opinion' must say in words what it is"),
        (
            ("least_confidence = 0.7", "least_confidence = 50"),
            "'least_confidence' must be a number from 0 to 1, not 50",
        ),
        (("least_confidence = 0.7", "least_confidence = true"), "must be a number from 0 to 1, not True"),
        (("[weapons]", "[arms]"), r"'weapons' must be a table: \[weapons\]"),
        (("[weapons]", "[weapons"), r"policy\.toml:0: cannot be read: "),
    ],
)
def test_what_is_wrong_is_named(change: tuple[str, str], problem: str, tmp_path: Path, seeds: Path) -> None:
    """By line, and nothing is decided by a file with a mistake."""
    categories = {"bomber", *shipped_scale().weapons}
    with pytest.raises(LexiconError, match=problem):
        load_scale(written(tmp_path, seeds, change), categories=categories)
