"""Reads a document: the prefilter selects sentences, the encoder reads them."""

from collections.abc import Sequence
from pathlib import Path

from extractors.reader.decoding import SentenceReading, decode
from extractors.reader.encoder import MODEL, Encoder
from extractors.reader.passages import Passage, Span, context_of
from extractors.reader.prefilter import Prefilter
from extractors.reader.settings import load_settings
from extractors.reader.topic import Topic
from extractors.text.boundaries import sentences_in

MOST_READ = 10_000
"""Sentences of one document that the encoder reads, some minutes of work; a megabyte of war news has at most 1,000."""


class Reader:
    """The trained part of extraction, loaded once."""

    def __init__(self, folder: Path = MODEL) -> None:
        """Load settings, prefilter, topics and encoder from ``folder``; ModelError says what is wrong with them."""
        self.settings = load_settings(folder)
        self.prefilter = Prefilter(folder)
        self.topic = Topic(folder)
        self.encoder = Encoder(folder)

    def read(self, text: str, *, weapons: Sequence[Span], title_end: int = 0) -> tuple[list[SentenceReading], int]:
        """Return what the encoder makes of the sentences of ``text`` that pass the prefilter, in order.

        After the first ``MOST_READ`` it reads no more, and how many are left is the second result. ``weapons`` are the
        mentions in the text, in order, ``title_end`` is where its title ends, 0 without one.
        """
        doubt = self._doubt(text)
        passages = self._passages(text, doubt, weapons=weapons, title_end=title_end)
        return [self._read(one, doubt) for one in passages[:MOST_READ]], len(passages[MOST_READ:])

    def may_hold(self, text: str) -> bool:
        """Return False only if no sentence of ``text`` would be read for a statement."""
        doubt = self._doubt(text)
        return any(self.prefilter.statement(text[start:end], doubt) for start, end in sentences_in(text))

    def _passages(self, text: str, doubt: float, *, weapons: Sequence[Span], title_end: int) -> list[Passage]:
        """Return the sentences that pass the prefilter, each with its context and the weapons to read."""
        sentences = list(sentences_in(text))
        left = list(reversed(weapons))
        found: list[Passage] = []
        for at, (start, end) in enumerate(sentences):
            here: list[Span] = []
            while left and left[-1][0] < end:
                span = left.pop()
                here += [span] if start <= span[0] else []
            sentence = text[start:end]
            here = here if here and self.prefilter.transfer(sentence) else []
            if here or self.prefilter.statement(sentence, doubt):
                context = context_of(sentences, at, title_end=title_end)
                in_title = 0 < end <= title_end
                found.append(
                    Passage(text=text, start=start, end=end, context=context, in_title=in_title, weapons=tuple(here))
                )
        return found

    def _read(self, passage: Passage, doubt: float) -> SentenceReading:
        margin = self.prefilter.margin(passage.text[passage.start : passage.end])
        prior = self.settings.margin_weight * margin + doubt
        return decode(self.encoder.score(passage), passage.start, passage.end, prior=prior)

    def _doubt(self, text: str) -> float:
        """Return what everyday news takes off the log-odds of a statement: 0 or less."""
        conflict = self.topic.conflict(text)
        missing = 0.0 if conflict is None else min(0.0, conflict - self.settings.topic_least)
        return self.settings.topic_weight * missing
