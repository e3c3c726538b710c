"""Names in text: spellings that follow from one alias, and where a name ends."""

import pytest

from extractors.weapons.name_trie import Atoms, Name, NameTrie, plurals, spellings


def matched(alias: str, text: str) -> list[str]:
    trie, atoms = NameTrie([Name(owner="x", text=alias)]), Atoms(text)
    found = [match for at in range(len(atoms)) for match in trie.at(atoms, at)[:1]]
    return [text[atoms.starts[match.start] : atoms.ends[match.end - 1]] for match in found]


@pytest.mark.parametrize(
    ("alias", "text", "expected"),
    [
        ("F-16", "F-16 F16 F‑16s F-16AM F-16's", ["F-16", "F16", "F‑16s", "F-16AM", "F-16"]),
        ("S-300", "S-300PMU-2, S-300V4", ["S-300PMU-2", "S-300V4"]),
        ("B61", "B61-12", ["B61-12"]),
        ("Mirage 2000", "Mirage 2000-5", ["Mirage 2000-5"]),
        ("Black Hawk", "Blackhawk and Black Hawks", ["Blackhawk", "Black Hawks"]),
        ("A-10", "A 10-year-old", []),
        ("F-16", "F-160, f-16, AF-16B", []),
        ("S-300", "S-300,000", []),
        ("U-2", "U2 and U-2", ["U-2"]),
        ("Leopard 2", "Leopard 1 and Leopard 2A6", ["Leopard 2A6"]),
        ("HARM", "Harm and HARM", ["HARM"]),
        ("Borei-class", "Borei class, Borei-class", ["Borei-class"]),
    ],
)
def test_an_alias_matches_its_spellings_and_nothing_else(alias: str, text: str, expected: list[str]) -> None:
    """Hyphens, plurals and variants follow from one alias; parts of other words and numbers do not."""
    assert matched(alias, text) == expected


def test_plurals_are_those_of_news() -> None:
    """Regular English plurals."""
    assert [plurals(word) for word in ("tank", "harpy", "abrams")] == [("tanks",), ("harpies", "harpys"), ("abramses",)]


def test_spellings_hold_the_joined_form() -> None:
    """Two words are sometimes written as one."""
    assert ("stormshadow",) in spellings("Storm Shadow")


def test_atoms_know_their_sentence() -> None:
    """Sentence bounds are given as offsets and come back as atoms."""
    atoms = Atoms("One two. Three four.", sentences=[0, 9])
    assert atoms.sentence(3) == (2, 4)
    assert atoms.gap(2) == ". "
    assert not atoms.joined(2)
