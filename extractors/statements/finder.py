"""Statements: who threatens whom, who draws which line, and who only talks about it.

    sentence readings → speaker → kind, condition, consequence → severity → repeats folded

The reader says what a sentence is. This module resolves whose words they are, and rejects what cannot be a statement of
a side.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.actors.finder import ActorFinder
from extractors.reader.decoding import SentenceReading
from extractors.reader.settings import StatementThresholds
from extractors.records import Article, Kind, Speech, Statement
from extractors.statements.attribution import Speaker
from extractors.statements.refusals import is_other, refusal
from extractors.statements.repeats import fold_repeats
from extractors.statements.role_words import best_span, words_of
from extractors.statements.scene import Scene
from extractors.statements.speakers import SpeakerResolver
from extractors.statements.statement_severity import SeverityTable
from extractors.text.reporting import CUE

_LONGEST = 400
"""Most code points of a quote; of a longer sentence, only the part with the statement is quoted."""
_EXPLICIT = re.compile(r"\bred[\s-]?lines?\b", re.IGNORECASE)
_NUCLEAR = re.compile(
    r"\b(?:nuk(?:e|es|ed|ing)|atomic (?:bomb|weapon|strike)s?|thermonuclear"
    r"|(?:tactical|use of|pre-?emptive|low-yield) nuclear"
    r"|nuclear[ -](?:war|weapons?|strikes?|attacks?|retaliat\w+|response|forces?|catastrophe|conflict|option|missiles?"
    r"|bombs?|holocaust|warheads?|arms|deterrent|arsenal|sword))\b",
    re.IGNORECASE,
)
_DONE = re.compile(r"\b(?:after|following|because|now that) (?:[\w’'-]+ ){0,2}$", re.IGNORECASE)
"""Before an act, or opening it: it is done already."""
_UNDONE = re.compile(r"\b(?:any|if|unless|future|further|another|again|would|could|should|more)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A sentence that was read, and what became of it, for ``brinkwatch explain``."""

    reading: SentenceReading
    speaker: Speaker
    refused: str | None
    """Why it is not a statement, although the reader takes it for one."""
    taken: bool


class StatementFinder:
    """Finds red lines, threats and commentary in a document that the reader has read."""

    def __init__(self, seeds: Path, *, actors: ActorFinder, thresholds: StatementThresholds) -> None:
        """Load ``titles.jsonl`` and ``severity.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self._resolver = SpeakerResolver(seeds, actors=actors)
        self._severity = SeverityTable(seeds)
        self._thresholds = thresholds

    def find(self, article: Article, scene: Scene, readings: Sequence[SentenceReading]) -> list[Statement]:
        """Return the statements by start; one utterance is one statement, with its repeats folded into it."""
        judged = self.judge(article, scene, readings)
        found = [self._statement(each, scene) for each in judged if self._kept(each)]
        return fold_repeats(found, title_end=scene.title_end)

    def judge(self, article: Article, scene: Scene, readings: Sequence[SentenceReading]) -> list[Judged]:
        """Return every sentence that was read, with its speaker and any reason against a statement."""
        return [self._judge(article, scene, reading) for reading in readings]

    def _judge(self, article: Article, scene: Scene, reading: SentenceReading) -> Judged:
        sure = reading.statement >= self._thresholds.statement
        asked = sure or reading.commentary >= self._thresholds.commentary
        speaker = self._resolver.resolve(reading, scene) if asked else Speaker()
        refused = refusal(article, scene, reading, speaker, self._thresholds) if sure else None
        return Judged(reading=reading, speaker=speaker, refused=refused, taken=sure and refused is None)

    def _kept(self, judged: Judged) -> bool:
        return judged.taken or judged.refused is not None or judged.reading.commentary >= self._thresholds.commentary

    def _statement(self, judged: Judged, scene: Scene) -> Statement:
        reading, speaker = judged.reading, judged.speaker
        start, end = _evidence(reading)
        quote = scene.text[start:end]
        kind = _kind(judged, scene)
        condition = words_of(scene.text, reading, "condition") if kind is Kind.RED_LINE else None
        consequence = words_of(scene.text, reading, "consequence")
        nuclear = kind is not Kind.COMMENTARY and bool(reading.nuclear >= 0.5 or _NUCLEAR.search(consequence or quote))
        speech = _speech(scene, reading)
        cue = _cue(scene, start, end)
        severity = self._severity.assess(
            kind=kind, quote=quote, consequence=consequence, role=speaker.role or speaker.name, nuclear=nuclear
        )
        return Statement(
            kind=kind,
            speaker=speaker.name,
            speaker_id=speaker.id,
            side=speaker.side,
            speech=speech,
            cue=cue,
            start=start,
            end=end,
            quote=quote,
            condition=condition,
            consequence=consequence,
            explicit=_EXPLICIT.search(quote) is not None,
            nuclear=nuclear,
            relayed_by=_medium(scene, start, end, speaker),
            addressee=_addressee(scene, reading, speaker),
            role=speaker.role,
            speaker_supposed=speaker.how.is_supposed,
            confidence=round(self._thresholds.confidence(reading.statement), 3),
            severity=severity.level,
            reasons=severity.reasons,
            rung=severity.rung,
            rule=f"{judged.refused or 'reader'}; {speaker.rule}",
        )


def _kind(judged: Judged, scene: Scene) -> Kind:
    if not judged.taken:
        return Kind.COMMENTARY
    line = judged.reading.red_line >= judged.reading.threat and not _answers(judged.reading, scene)
    return Kind.RED_LINE if line else Kind.THREAT


def _answers(reading: SentenceReading, scene: Scene) -> bool:
    """Whether the act it names is done already: "vows revenge after Kyiv struck the port" leaves nothing undone."""
    act = best_span(reading, "condition")
    if act is None or _UNDONE.search(scene.text, act.start, act.end):
        return False
    opening = scene.text.find(" ", act.start, act.end) + 1
    places = (act.start, opening or act.start)
    return any(_DONE.search(scene.text, max(reading.start, act.start - 30), place) for place in places)


def _evidence(reading: SentenceReading) -> tuple[int, int]:
    """Return the sentence, or if it is very long, the part that its condition and consequence cover."""
    if reading.end - reading.start <= _LONGEST:
        return reading.start, reading.end
    core = [span for role in ("condition", "consequence") if (span := best_span(reading, role))]
    start = min((span.start for span in core), default=reading.start)
    end = max((span.end for span in core), default=reading.start + _LONGEST)
    return start, max(end, min(start + _LONGEST, reading.end))


def _speech(scene: Scene, reading: SentenceReading) -> Speech:
    """Return how the words are reported: direct if most of the sentence is quoted, or in a speaker's turn."""
    inside = sum(
        min(reading.end, quotation.end) - max(reading.start, quotation.start)
        for quotation in scene.quotes.touching(reading.start, reading.end)
    )
    if scene.floor.at(reading.start) or inside >= 0.6 * (reading.end - reading.start):
        return Speech.DIRECT
    return Speech.MIXED if inside > 0 else Speech.INDIRECT


def _cue(scene: Scene, start: int, end: int) -> str:
    """Return the first word of reporting outside quotations, as written."""
    for match in CUE.finditer(scene.text, start, end):
        if not scene.quotes.touching(match.start(), match.end()):
            return match.group()
    return ""


def _medium(scene: Scene, start: int, end: int, speaker: Speaker) -> str | None:
    """Return the medium that passed the words on."""
    media = [actor.name for actor in scene.actors.touching(start, end) if actor.kind == "media"]
    return next((name for name in media if name != speaker.name), None)


def _addressee(scene: Scene, reading: SentenceReading, speaker: Speaker) -> str | None:
    """Return whom it addresses, if the reader marked somebody on another side; never a guess."""
    for span in reading.spans["addressee"][:1]:
        for actor in scene.actors.touching(span.start, span.end):
            if is_other(actor, speaker):
                return actor.name
    return None
