"""Readings made by hand, for tests of what is resolved from them: whatever model is shipped, they stay the same."""

from collections.abc import Mapping, Sequence
from datetime import date

from extractors.actors.finder import ActorFinder
from extractors.reader.decoding import ROLES, ScoredSpan, SentenceReading, WeaponReading
from extractors.records import Stage
from extractors.statements.scene import Mentions, NameIndex, Scene
from extractors.text.quotes import quotations
from extractors.text.sentences import build_nlp
from extractors.text.spans import SpanIndex
from extractors.text.speaker_turns import floor_of

NLP = build_nlp()


def scene(text: str, actors: ActorFinder, *, title: str = "", on: date | None = None) -> Scene:
    """What is known of a document beside its readings; ``text`` opens with its title."""
    named = actors.find(NLP(text), on=on)
    return Scene(
        text=text,
        title_end=len(title),
        actors=Mentions(named),
        names=NameIndex(text),
        floor=floor_of(text, title=title),
        quotes=SpanIndex(quotations(text)),
        on=on,
    )


def span(text: str, words: str, score: float = 0.9) -> ScoredSpan:
    """Where ``words`` stand first in ``text``, as the reader would mark them."""
    start = text.index(words)
    return ScoredSpan(start, start + len(words), score)


def reading(
    text: str,
    sentence: str = "",
    *,
    red_line: float = 0.9,
    threat: float = 0.05,
    commentary: float = 0.0,
    nuclear: float = 0.0,
    weapons: Sequence[WeaponReading] = (),
    **roles: str,
) -> SentenceReading:
    """The reading of ``sentence``, the whole text if none is named, with the words that play each role."""
    whole = span(text, sentence or text)
    spans: Mapping[str, tuple[ScoredSpan, ...]] = {
        role: (span(text, roles[role]),) if role in roles else () for role in ROLES
    }
    return SentenceReading(
        start=whole.start,
        end=whole.end,
        red_line=red_line,
        threat=threat,
        commentary=commentary,
        explicit=0.0,
        nuclear=nuclear,
        spans=spans,
        weapons=tuple(weapons),
    )


def moved(
    text: str,
    weapon: str,
    stage: Stage,
    *,
    supplier: str = "",
    recipient: str = "",
    background: float = 0.0,
) -> WeaponReading:
    """The reading of one weapon that is at ``stage`` between the words named."""
    place = span(text, weapon)
    return WeaponReading(
        start=place.start,
        end=place.end,
        stages={each: 0.9 if each is stage else 0.01 for each in Stage},
        background=background,
        suppliers=(span(text, supplier),) if supplier else (),
        recipients=(span(text, recipient),) if recipient else (),
    )
