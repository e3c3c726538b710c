"""Spellings of names: which are one, which are two, and where a text has them."""

import pytest

from extractors.actors.spellings import SpellingTrie, is_written_as, key, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chérizier", "Cherizier"),
        ("Władysław Łukasz", "Wladyslaw Lukasz"),
        ("Bødskov, Đurić, Kalın, Weiß", "Bodskov, Duric, Kalin, Weiss"),
        ("Fu’ad Sa`ar, N'Djamena", "Fuad Saar, NDjamena"),
        ("Iran’s army, the Houthis’ leader", "Iran's army, the Houthis' leader"),
    ],
)
def test_marks_and_apostrophes_within_a_word_are_no_letters(text: str, expected: str) -> None:
    """A possessive keeps its apostrophe."""
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Padrino López", "Padrino Lopez"),
        ("Kim Yo-jong", "Kim Yo Jong"),
        ("Kim Yo Jong", "Kim Yo-jong"),
        ("Ben‑Gvir", "Ben Gvir"),
        ("Al Sharaa", "al-Sharaa"),
        ("al-Sharaa", "Al-Sharaa"),
        ("el-Burhan", "al-Burhan"),
        ("Mohamed Hussain", "Mohammed Hussein"),
        ("Andriy Yermak", "Andrii Yermak"),
        ("Sergey Syrsky", "Sergei Syrskyi"),
        ("Israeli Foreign Ministry", "Israeli foreign ministry"),
        ("ERDOĞAN", "Erdogan"),
    ],
)
def test_spellings_of_one_name_are_one(text: str, listed: str) -> None:
    """Accents, hyphens, articles, and the ways to romanise a given name or an ending make no other name."""
    assert key(text) == key(listed)
    assert is_written_as(text, listed)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Berry", "Berri"),
        ("Maly", "Mali"),
        ("Selenski", "Selenskyj"),
        ("us", "US"),
        ("Us", "US"),
        ("let", "LeT"),
        ("The bloc", "the bloc"),
        ("kim yo jong", "Kim Yo Jong"),
        ("Trump - White House", "Trump White House"),
        ("Serhiy Ivanov", "Sergei Ivanov"),
    ],
)
def test_other_names_stay_apart(text: str, listed: str) -> None:
    """A word alone needs the listed letters; small letters and a dash between two phrases make no name."""
    assert key(text) != key(listed) or not is_written_as(text, listed)


def test_the_longest_match_of_a_place_comes_first() -> None:
    """Tokens are counted with the hyphens between them, but not with one behind."""
    trie = SpellingTrie([["Kim", "Jong", "Un"], ["Kim"], ["the", "bloc"]])
    assert [*trie.matches(["So", "Kim", "Jong", "-", "un", "-", "style", "Kim"])] == [(1, 5), (1, 2), (7, 8)]
    assert [*trie.matches(["the", "bloc"])] == [(0, 2)]
    assert [*trie.matches(["kim", "jong", "un"])] == []
