"""The words of topics are learned from whole texts.

Needs the extra ``train`` and lies outside ``tests/``, as ``test_prefilter.py`` does.
"""

from pathlib import Path

from extractors.reader.topic import Topic
from extractors.training.data import Example
from extractors.training.topic import fit_topic, texts_of


def example(source: str, document: int, text: str) -> Example:
    return Example(source=source, document=f"{source}-{document}", fold=1, text=text, end=len(text))


EXAMPLES = [
    example(source, document, text)
    for document in range(8)
    for source, text in (("long", "Shells fell on the town."), ("ordinary", "Cakes sold well."), ("menace", "Beware."))
]


def test_a_text_is_put_together_from_its_sentences() -> None:
    """What was invented is neither kind."""
    conflict, everyday = texts_of([*EXAMPLES, example("long", 0, "The mayor fled.")])
    assert (len(conflict), len(everyday)) == (8, 8)
    assert conflict[0] == "Shells fell on the town.\nThe mayor fled.\n"


def test_what_is_written_tells_the_two_apart(tmp_path: Path) -> None:
    """A word of neither changes nothing."""
    assert fit_topic(EXAMPLES, tmp_path / "topic.npz") > 0
    unheard = " ".join(f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrst")
    topic = Topic(tmp_path)
    conflict, neither, everyday = (topic.conflict(f"{text} {unheard}") for text in ("shells town", "", "cakes sold"))
    assert conflict > neither > everyday  # type: ignore[operator]
