"""Who says what: source, cue and content of every utterance in a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from spacy.tokens import Doc

from extractors.actors import ActorMention
from extractors.records import Speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What somebody says in one sentence; offsets count code points into the document.

    A quotation that runs over several sentences is one utterance for each of them, with the same speaker.
    """

    speaker: str | None
    """The full name, or the organ; None where the text does not tell."""
    speaker_id: str | None
    """Slug of a listed actor, ISO code of a state."""
    side: str | None
    role: str | None
    official: bool
    """Whether the speaker speaks for a side now: an official in office, an organ, a force, an armed group, a state."""
    speech: Speech
    cue: str
    """The reporting words as written; empty where a quotation or a transcript has none."""
    cue_class: str
    """say, warn, threaten, vow, report or ask: the class in ``reporting.jsonl``; empty without a cue."""
    start: int
    end: int
    """Clause or sentence with its attribution."""
    content: tuple[tuple[int, int], ...]
    """What is said, without the attribution."""
    addressee: str | None = None
    relayed_by: str | None = None
    rule: str


class Attributor:
    """Finds utterances in documents whose actors are known."""

    def __init__(self, seeds: Path) -> None:
        """Load ``reporting.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""

    def find(self, doc: Doc, actors: Sequence[ActorMention], *, on: date | None = None) -> list[Utterance]:
        """Return the utterances of ``doc`` sorted by start."""
        return []
