"""The words of a sentence that the reader gave a role: what it says would be crossed, and what that would bring.

A span that was ended too early, "would cross a", is completed from its sentence, or cut back.
"""

import re

from extractors.reader.decoding import ScoredSpan, SentenceReading

_ARTICLES = r"a|an|the|its|their|our|your|every|any|such|and|or|but|nor|of"
_PREPOSITIONS = r"to|by|with|from|for|against|into|at|in|on|over|upon|towards?|as|than|between|across|under"
_OPEN = re.compile(rf"(?:^|(?<=[\s“\"‘']))(?:{_ARTICLES}|{_PREPOSITIONS})$", re.IGNORECASE)
_BARE = re.compile(rf"(?:(?:^|\s+)[“\"‘']?(?:{_ARTICLES}))+$", re.IGNORECASE)
"""Words at an end that never stand there, as a preposition may: "would move in"."""
_VERB = (
    r"has|have|had|is|are|was|were|will|would|can|could|may|might|must|should|says?|said|told|tells|warn\w*|add(?:s|ed)"
)
_LINK = (
    rf"{_PREPOSITIONS}|{_VERB}|of|and|or|but|nor|if|unless|when|while|after|before|because|since|until|that|which|who"
    r"|whose"
)
_WORD = rf"(?!(?:{_LINK})\b)(?![A-Z][\w’'-]* (?:{_VERB})\b)[\w$€£%](?:[\w’'/%-]|[.,](?=\d))*"
_REST = re.compile(rf" [“\"‘]?(?:(?:{_ARTICLES}) )*(?:{_WORD})(?: (?:{_WORD})){{0,3}}[”\"’]?")


def best_span(reading: SentenceReading, role: str) -> ScoredSpan | None:
    """Return the longest certain span of a role in the sentence itself."""
    inside = [span for span in reading.spans[role] if reading.start <= span.start and span.end <= reading.end]
    return max(inside, key=lambda span: span.end - span.start, default=None)


def words_of(text: str, reading: SentenceReading, role: str) -> str | None:
    """Return the words of the best span of a role, with the noun that it lacks."""
    best = best_span(reading, role)
    span = whole(text, best.start, best.end, until=reading.end) if best else None
    return text[slice(*span)] if span else None


def whole(text: str, start: int, end: int, *, until: int) -> tuple[int, int] | None:
    """Return a span of ``text`` with the noun that its last word, an article or a preposition, stands before.

    It is looked for up to ``until``, the end of the sentence. Where none follows, an article is left out; None if
    nothing else is left.
    """
    words = text[start:end]
    if not _OPEN.search(words):
        return start, end
    rest = _REST.match(text, end, until)
    if rest:
        return start, rest.end()
    kept = _BARE.sub("", words)
    return (start, start + len(kept)) if kept else None
