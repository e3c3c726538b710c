"""Ends of spans: an article or a preposition gets its noun from the sentence, or goes."""

import pytest

from extractors.statements.role_words import whole

COMPLETED = (
    ("Oslo said that it would cross a red line.", "would cross a", "would cross a red line"),
    ("Oslo would cut off the gas, Bergen heard.", "would cut off the", "would cut off the gas"),
    ("Oslo will answer with the full force of its fleet.", "will answer with", "will answer with the full force"),
    ("Oslo would deploy missiles on its eastern border if asked.", "missiles on", "missiles on its eastern border"),
    ("Any shipment of long-range rockets to Bergen is war.", "Any shipment of", "Any shipment of long-range rockets"),
    ("It would cross a “red line” and mean war.", "would cross a", "would cross a “red line”"),
    ("It would bring on a third world war, he said.", "bring on a", "bring on a third world war"),
    ("Oslo would sink ships in the Kara Sea.", "sink ships in the", "sink ships in the Kara Sea"),
    ("That would cross a line Oslo has drawn.", "would cross a", "would cross a line"),
    ("Oslo may fire up to 1,500 rockets a day.", "fire up to", "fire up to 1,500 rockets a day"),
    ("They would pay a heavy price for it.", "would pay a heavy price for", "would pay a heavy price for it"),
    ("Oslo would hit the bases from which they fly.", "hit the bases from", "hit the bases from"),
)
CUT = (
    ("Oslo would cross the … and more.", "would cross the", "would cross"),
    ("Oslo would close the strait and, if asked, more.", "close the strait and", "close the strait"),
    ("Oslo fears the. End.", "the", None),
    ("Oslo would strike and of, he said.", "strike and of", "strike"),
)
KEPT = (
    ("If asked, Oslo would move in.", "would move in"),
    ("If asked, Oslo would move in, he said.", "would move in"),
    ("Oslo would not tolerate that and would answer.", "would not tolerate that"),
    ("Oslo would cross a red line.", "cross a red line"),
    ("It would be the end of Panama.", "the end of Panama"),
    ("Oslo would hand power over if beaten.", "hand power over"),
    ("Oslo would answer in kind on land.", "answer in kind"),
    ("Oslo would hit Bergen A.", "hit Bergen"),
    ("Oslo would burn Evora.", "burn Evora"),
    ("Oslo vows to keep what it took for.", "keep what it took for"),
)


@pytest.mark.parametrize(
    ("text", "words", "expected"), [*COMPLETED, *CUT, *((text, kept, kept) for text, kept in KEPT)]
)
def test_a_span_ends_at_a_whole_phrase(text: str, words: str, expected: str | None) -> None:
    """The noun is taken from the sentence; where none follows an article goes, and a preposition may end a clause."""
    start = text.index(words)
    span = whole(text, start, start + len(words), until=len(text))
    assert (text[slice(*span)] if span else None) == expected


def test_nothing_is_taken_from_the_next_sentence() -> None:
    """Even where the sentence was split wrongly."""
    text = "Oslo would cross a red line"
    assert whole(text, 5, 18, until=18) == (5, 16)
