"""The words of topics are learned from whole texts.

Needs the extra ``train`` and lies outside ``tests/``, as ``test_prefilter.py`` does.
"""

from pathlib import Path

from extractors.reader.topic import Topic
from extractors.training.data import Example
from extractors.training.topic import fit_topic, texts_of, with_pieces


def example(source: str, document: int, text: str) -> Example:
    return Example(source=source, document=f"{source}-{document}", fold=1, text=text, end=len(text))


EXAMPLES = [
    example(source, document, text)
    for document in range(8)
    for source, text in (("long", "Shells fell on the town."), ("ordinary", "Cakes sold well."), ("plover", "Beware."))
]


def test_a_text_is_put_together_from_its_sentences() -> None:
    """Single sentences without their texts are neither kind."""
    conflict, everyday = texts_of([*EXAMPLES, example("long", 0, "The mayor fled.")])
    assert (len(conflict), len(everyday)) == (8, 8)
    assert conflict[0] == "Shells fell on the town.\nThe mayor fled.\n"


def test_a_long_text_is_shown_in_pieces_too() -> None:
    """Of 900 code points each, and no rest that is shorter than half of that."""
    assert [len(piece) for piece in with_pieces(["a" * 900, "b" * 1400, "c" * 2300])] == [
        900,
        1400,
        900,
        2300,
        900,
        900,
    ]


def test_what_is_written_tells_the_two_apart(tmp_path: Path) -> None:
    """A word of neither changes nothing."""
    assert fit_topic(EXAMPLES, tmp_path / "topic.npz") > 0
    unheard = " ".join(f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrst")
    topic = Topic(tmp_path)
    conflict, neither, everyday = (topic.conflict(f"{text} {unheard}") for text in ("shells town", "", "cakes sold"))
    assert conflict > neither > everyday  # type: ignore[operator]
