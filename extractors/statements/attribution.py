"""Whose words a statement is, and how that was found: every way, what it means, and how far it is to be trusted."""

from dataclasses import dataclass
from enum import StrEnum

from extractors.actors.finder import ActorMention
from extractors.actors.lexicon import SPEAKING_KINDS
from extractors.text.speaker_turns import Sign


class Attribution(StrEnum):
    """A way in which a speaker was found; its value is how ``brinkwatch explain`` words it.

    The properties say what a way is not good enough for. The first eight are good enough for everything.
    """

    NAMED = "named in the sentence"
    """The reader is sure which words of the sentence name the speaker."""
    NAMED_FIRST = "named first in the sentence"
    """It is less sure, but these words open the sentence."""
    AGENT = "by whom"
    """The agent of a passive: "was warned by"."""
    QUOTED = "quoted"
    """Named beside the quotation that the sentence is part of."""
    NAMED_BEHIND = "named behind it"
    """Named at the end of the sentence or the headline: "…, says"."""
    INTRODUCED = "of whose words it tells"
    """The sentence quotes the speaker's tweet, letter or statement."""
    HOLDS_FLOOR = "holds the floor"
    """This part of a transcript, a release or a list of reactions is the speaker's."""
    PASSED_ON = "passed on"
    """Whoever holds the floor tells what the speaker has said."""
    NAMED_BEFORE = "named before"
    """The reader marked words of an earlier sentence; whether they go on speaking, ``finder`` asks."""
    LAST_NAMED = "last named"
    """A pronoun says it, or nobody: the person named last."""
    SUBJECT = "subject of the sentence"
    """No word was read as the speaker; the subject of the first verb of reporting."""
    NAMED_UNSURELY = "named in the sentence, unsure"
    """The reader doubts the words, and nothing else tells."""
    IN_TITLE = "named in the title"
    """Nothing below the title tells."""
    NOBODY = "no speaker"
    """The text does not say."""

    @property
    def is_loose(self) -> bool:
        """Whether nothing ties the speaker to the words, so that only a likelier sentence is a statement."""
        return self in {Attribution.LAST_NAMED, Attribution.IN_TITLE, Attribution.NOBODY}

    @property
    def is_supposed(self) -> bool:
        """Whether no word was surely read as the speaker, and no pronoun stands for one: it alerts nobody."""
        return self in {Attribution.SUBJECT, Attribution.NAMED_UNSURELY, Attribution.IN_TITLE, Attribution.NOBODY}

    @property
    def yields(self) -> bool:
        """Whether it does not hold where the sentence warns the very side that it finds."""
        return self.is_loose or self.is_supposed or self is Attribution.NAMED_BEFORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who utters a statement, as far as the text says."""

    name: str | None = None
    id: str | None = None
    side: str | None = None
    role: str | None = None
    official: bool = False
    """Whether the speaker speaks for a side now."""
    start: int = -1
    """Where the speaker is named; -1 if the text names none."""
    how: Attribution = Attribution.NOBODY
    """How the speaker was found."""
    turn: Sign | None = None
    """Of somebody who holds the floor: what tells the turn."""

    @property
    def rule(self) -> str:
        """How the speaker was found, in words."""
        return f"{self.how} ({self.turn})" if self.turn else self.how


def speaker_of(mention: ActorMention, *, former: bool = False) -> Speaker:
    """Return the listed actor of a mention as a speaker; a ``former`` one speaks for no side."""
    official = mention.office or mention.kind in SPEAKING_KINDS
    return Speaker(
        name=mention.name,
        id=mention.actor,
        side=mention.side or (mention.actor if mention.kind == "group" else None),
        role=mention.role,
        official=official and not former,
        start=mention.start,
    )
