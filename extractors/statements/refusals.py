"""Why a sentence that the reader takes for a statement is none: its article, its speaker, or what it says.

``lookalikes`` tells from the words alone; here they meet the speaker, and who else is named.
"""

import re
from collections.abc import Iterator

from extractors.actors.finder import ActorMention
from extractors.reader.decoding import SentenceReading
from extractors.reader.settings import StatementThresholds
from extractors.records import Article
from extractors.statements.attribution import Attribution, Speaker
from extractors.statements.lookalikes import (
    has_no_means,
    is_advice,
    is_foreseen,
    is_kind,
    is_plea,
    is_thing,
    is_unreal,
    others_deed,
)
from extractors.statements.role_words import words_of
from extractors.statements.scene import Scene
from extractors.text.reporting import CUE
from extractors.text.speaker_turns import Sign

_OPINION = frozenset({"opinion", "anniversary"})
_NEAR = 300
"""Code points before a sentence in which another side may be named."""
_TIED = re.compile(r"[\"“”„«»]|\b(?:he|she|they|it|his|her|their|its|we|our|i)\b", re.IGNORECASE)
_SAYS = re.compile(r"[\"“”„«»:]|(?<!\w)[‘']\w|[A-Z]\w+ to [a-z]+ ")
"""Marks of speech, and what a headline without a verb of speech announces: "Oslo to close the border if …"."""


def refusal(
    article: Article, scene: Scene, reading: SentenceReading, speaker: Speaker, thresholds: StatementThresholds
) -> str | None:
    """Return the first reason that holds against a statement of ``speaker``; None if none does."""
    reasons = _reasons(article, scene, reading, speaker, thresholds)
    return next((why for why, holds in reasons if holds), None)


def _reasons(
    article: Article, scene: Scene, reading: SentenceReading, speaker: Speaker, thresholds: StatementThresholds
) -> Iterator[tuple[str, object]]:
    """Yield each possible reason, and whether it holds; docs/evaluation.md counts what each keeps out."""
    turn = scene.floor.at(reading.start)
    loose = speaker.name is None or speaker.how.is_loose or _detached(scene, reading, speaker)
    sentence = scene.text[reading.start : reading.end]
    condition, consequence = (words_of(scene.text, reading, role) for role in ("condition", "consequence"))
    at_home = turn is None and not _foreign(scene, reading, speaker)
    yield f"genre {article.genre}", article.genre in _OPINION
    yield "a question from the floor", speaker.turn is Sign.QUESTION
    yield "speaker holds no office", speaker.name is not None and not speaker.official
    yield "nobody near it speaks", loose and reading.statement < thresholds.alone
    yield "names nobody on another side", at_home and reading.statement < thresholds.home
    who = f"{speaker.name or ''} {speaker.role or ''}"
    yield "commands neither force nor sanctions", has_no_means(who, None if loose else speaker.side)
    yield "what threatens is no actor", is_thing(sentence)
    yield "nobody is said to say it", _unsaid(scene, reading, speaker)
    yield "warns of somebody else", _warns_of_another(scene, reading, speaker)
    yield "vows something good", is_kind(sentence, condition, consequence)
    yield "foresees a danger", is_foreseen(sentence)
    yield "advises others", is_advice(sentence, condition, consequence)
    yield "asks for something", is_plea(sentence, consequence)
    yield "was not, or is done already", is_unreal(sentence, condition, consequence)


def _detached(scene: Scene, reading: SentenceReading, speaker: Speaker) -> bool:
    """Whether only an earlier sentence names the speaker, without a quotation or pronoun that ties this one to it."""
    sentence = scene.text[reading.start : reading.end]
    return speaker.how is Attribution.NAMED_BEFORE and not _TIED.search(sentence)


def _unsaid(scene: Scene, reading: SentenceReading, speaker: Speaker) -> bool:
    """Whether a name stands in the sentence that is unlikely to speak, and nothing there is said or quoted."""
    sentence = scene.text[reading.start : reading.end]
    return speaker.how is Attribution.NAMED_UNSURELY and not (CUE.search(sentence) or _SAYS.search(sentence))


def _warns_of_another(scene: Scene, reading: SentenceReading, speaker: Speaker) -> bool:
    """Whether the harm it warns of would be done by a state other than the speaker's and than those it warns.

    A group may be an arm of the speaker.
    """
    found = others_deed(scene.text[reading.start : reading.end])
    if found is None or speaker.side is None:
        return False
    low, high = (reading.start + place for place in found)
    named = scene.actors.touching(low, high)
    if not named or named[-1].kind == "group" or named[-1].side in (None, speaker.side):
        return False
    return all(actor.side != named[-1].side for actor in named[:-1])


def _foreign(scene: Scene, reading: SentenceReading, speaker: Speaker) -> bool:
    """Whether anybody on a side other than the speaker's is named in the sentence or just before it."""
    around = scene.actors.touching(max(0, reading.start - _NEAR), reading.end)
    sides = {actor.side or actor.actor for actor in around if is_other(actor, speaker)}
    return len(sides) > (speaker.side is None)


def is_other(actor: ActorMention, speaker: Speaker) -> bool:
    """Whether an actor who is named, and may act, is on another side than ``speaker``."""
    other = actor.side not in (None, speaker.side) or (actor.side is None and actor.kind == "group")
    return other and actor.kind not in ("media", "expert", "company") and actor.start != speaker.start
