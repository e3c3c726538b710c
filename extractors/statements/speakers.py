"""Whose words a statement is: from the spans the reader marked to a person, an organ or a state.

In this order: the speaker named in the sentence; whoever has the floor there; whoever the sentences before name, or
the one heard last; the title. A pronoun means the person named last, an office its holder on the day.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from extractors.actors.finder import ActorFinder, ActorMention
from extractors.actors.lexicon import SPEAKING_KINDS
from extractors.reader.decoding import ScoredSpan, SentenceReading
from extractors.statements.attribution import Attribution, Speaker, speaker_of
from extractors.statements.clauses import (
    is_agent,
    is_appealed_to,
    is_aside,
    is_post,
    is_threatened,
    is_told,
    is_warned,
    offices_in,
    tellers,
    tells,
)
from extractors.statements.naming import Namer, is_described, is_relative_of
from extractors.statements.scene import LAST_HEARD, OPENING, Scene
from extractors.text.datelines import in_dateline
from extractors.text.reporting import ANNOUNCE, SAID
from extractors.text.speaker_turns import Sign, Turn

_THIRD_PERSON = re.compile(r"(?:he|she|they|it|his|her|their|its|him|them|who|the latter)$", re.IGNORECASE)
_FEMALE, _MALE = re.compile(r"(?:she|hers?)$", re.IGNORECASE), re.compile(r"(?:he|his|him)$", re.IGNORECASE)
_SURE = 0.5
_OVER_THE_FLOOR = 0.8
"""Probability from which on a name in the sentence takes precedence over whoever has the floor."""
_REPORTING = re.compile(
    r"(?:(?!\b(?:if|unless|when|should)\b)[^.;\"“”]){0,45}?(?<!\bbe )(?<!\bbeen )(?<!\bbeing )"
    rf"\b(?P<verb>{ANNOUNCE}|draw|drew|wr[io]te|tweet|post)",
    re.IGNORECASE,
)
_AUXILIARIES = re.compile(r"(?: (?:has|have|had|also|again|once|more|now|later|repeatedly|\w+ly|on \w+day))* ?$")
_ANOTHER = re.compile(r", (?:the |its )?(?!who |which |has |have |had |also |on |in )[a-z]+ $")
"""Between somebody and a verb of reporting: somebody else who reports: "…, king says"."""
_SAID = rf"(?:{SAID})\b"
_NAME = r"[^.,;:\"“”\n]{2,60}"
_SAID_BY = re.compile(rf"[\s,.]{{0,3}}(?:(?P<before>{_NAME}?) {_SAID}|{_SAID} (?P<after>{_NAME}))")
"""Behind a quotation: whose words it is."""
_NEAR = 60
"""Code points before a quotation in which whoever says it is named."""
_BEHIND = re.compile(rf",[”\"’']? {_SAID} (?P<who>[A-Z]{_NAME})[.\s]*$")
"""At the end of a sentence: whose words it is."""
_SIGNED = re.compile(r"(?:\S+ ){3,}\S+?(?: [–—-]|:) (?P<who>[A-Z][^.,;:\"“”\n–—]{2,40})")
"""A headline that ends with whose words it is: "Oslo has crossed a line – Moscow"."""
_INTRODUCED = re.compile(
    r"(?:(?P<owner>\b[A-Z][\w.’' -]{1,40}?)['’]s? (?:[\w-]+ ){0,2})?"
    r"\b(?:tweet|post|statement|message|letter|communiqu[eé]|reply|response|warning|remark|note)s?\b"
    r"(?: (?:from|by) (?P<by>[^:;\"“”]{2,120}))?"
    rf"(?:(?!\b{_SAID})[^:;\"“”]){{0,60}}: ?[\"“]"
)
"""Words introduced by what they stand in: "Trump's tweet: “…”", "a statement from the minister: “…”"."""
_HE = re.compile(rf"(?:He|She)\b(?= {_SAID})")
_HE_SAID = re.compile(rf"[,.!?][”\"’']? (?P<who>he|she) {_SAID}")
"""Behind words that are told: "…, he said"."""
_I = re.compile(r"\b(?:we|We|I)\b")
_QUOTE_MARK = 1
_LEAD = re.compile(r"\s*(?P<words>[^\n]{1,250}?)(?:\. |\n|\Z)")
"""The first sentence below a headline."""
_BEFORE_A_NAME, _SUBJECT = 20, 80
"""Code points of that sentence in which somebody, and its subject, is named."""
_OWNS = re.compile(r"['’]s?\b")
_PERSONS = frozenset({"person"})


class SpeakerResolver:
    """Turns the reader's spans into speakers; one for all documents."""

    def __init__(self, seeds: Path, *, actors: ActorFinder) -> None:
        """Load ``titles.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self.actors = actors
        self._namer = Namer(seeds, actors=actors)

    def resolve(self, reading: SentenceReading, scene: Scene) -> Speaker:
        """Return who utters the sentence of ``reading``."""
        turn = self._turn(reading, scene)
        scene = replace(scene, foes=_foes(reading, scene))
        if turn and turn.is_labelled:
            return self._relayed(reading, scene, turn) or self.holder(turn, scene)
        found = filter(None, self._attempts(reading, scene, turn))
        said = next((who for who in found if not who.how.yields or who.id not in scene.foes), Speaker())
        return (self._of_lead(said, reading, scene) if reading.end <= scene.title_end else None) or said

    def _of_lead(self, said: Speaker, reading: SentenceReading, scene: Scene) -> Speaker | None:
        """Return whom the lead names in full, if the headline has only a state or describes somebody."""
        if said.id != said.side and not is_described(said.name or ""):
            return None
        lead = _LEAD.match(scene.text, scene.title_end)
        named = scene.actors.touching(*lead.span("words")) if lead else []
        if (
            lead is None
            or not named
            or named[0].start > lead.start("words") + _BEFORE_A_NAME
            or named[0].side != said.side
        ):
            return None
        people = [m for m in named if m.kind == "person" and m.start < lead.start("words") + _SUBJECT]
        who = speaker_of(people[0]) if people else self._subject(*lead.span("words"), reading, scene)
        return replace(who, how=said.how, turn=said.turn) if who and who.official and who.side == said.side else None

    def _relayed(self, reading: SentenceReading, scene: Scene, turn: Turn) -> Speaker | None:
        """Return whose words a turn passes on: "Q Lavrov says that …"; nobody who holds no office."""
        asks = turn.sign is Sign.QUESTION
        inside = [span for span in reading.spans["speaker"] if reading.start <= span.start < reading.end]
        inside = [span for span in inside if not _in_own_words(span.start, reading, scene)]
        inside = [span for span in inside if asks or _is_told_of(span, scene.text)]
        least = _SURE if asks else _OVER_THE_FLOOR
        who = self._likeliest([span for span in inside if span.score >= least], scene, Attribution.NAMED)
        if who is None and not asks:
            who = self._told_of(reading, scene, turn)
        return replace(who, how=Attribution.PASSED_ON) if who and who.official else None

    def _told_of(self, reading: SentenceReading, scene: Scene, turn: Turn) -> Speaker | None:
        """Return the colleague whose words an answer passes on: "he made clear that …", "the President said"."""
        place = next(tellers(scene.text, reading.start, min([reading.end, *_harm(reading)])), None)
        if place is None:
            return None
        if not _THIRD_PERSON.match(scene.text[slice(*place)]):
            return self._namer.named(*place, scene)
        home = self.holder(turn, scene).side
        before = max(turn.start - LAST_HEARD, place[0] - LAST_HEARD, 0)
        people = [m for m in scene.actors.touching(before, place[0]) if m.kind == "person" and m.office]
        named = [person for person in people if person.side == home]
        offices = [self._namer.named(*office, scene) for office in offices_in(scene.text, before, place[0])]
        heard = sorted(filter(None, (*map(speaker_of, named), *offices)), key=lambda who: who.start)
        return heard[-1] if heard else None

    def _attempts(self, reading: SentenceReading, scene: Scene, turn: Turn | None) -> Iterator[Speaker | None]:
        """Yield possible speakers, from the most to the least certain."""
        marked, around = _marked(reading, scene)
        inside = [span for span in marked if not is_threatened(scene.text, span.end)]
        pronouns = [word for span in inside if _THIRD_PERSON.match(word := scene.text[span.start : span.end].strip())]
        he = _HE.match(scene.text, reading.start)
        if inside != marked:
            yield self._agent(reading, scene)
        yield from self._named_with_the_words(inside, reading, scene, turn)
        if turn and not he and not pronouns:
            yield self.holder(turn, scene)
        direct = [span for span in inside if not _is_beside(scene.text, span.start, reading)]
        opening = [span for span in direct if span.start <= reading.start + _QUOTE_MARK]
        yield self._likeliest(opening, scene, Attribution.NAMED_FIRST)
        yield self._likeliest(around, scene, Attribution.NAMED_BEFORE)
        if turn and he:
            yield self.meant(he.group(), reading.start, scene)
        if turn:
            yield self.holder(turn, scene)
        yield self._likeliest(direct, scene, Attribution.NAMED_UNSURELY)
        if not pronouns:
            yield self._subject(reading.start, reading.end, reading, scene)
        yield self.meant(next(chain(pronouns, _pronouns_of(reading, scene)), ""), reading.start, scene)
        yield self._of_title(scene)

    def _named_with_the_words(
        self, inside: Sequence[ScoredSpan], reading: SentenceReading, scene: Scene, turn: Turn | None
    ) -> Iterator[Speaker | None]:
        """Yield who is surely named in the sentence, beside its quotation, behind it, or as who wrote it."""
        least = _OVER_THE_FLOOR if turn and turn.sign is not Sign.AGENCY else _SURE
        sure = [span for span in inside if span.score >= least]
        yield self._likeliest(sure, scene, Attribution.NAMED, reading=reading)
        yield self._quoted(reading, scene)
        yield self._behind(reading, scene)
        yield self._introduced(reading, scene)

    def _agent(self, reading: SentenceReading, scene: Scene) -> Speaker | None:
        """Return by whom the one named in the sentence was threatened."""
        named = (m for m in scene.actors.touching(reading.start, reading.end) if m.kind != "media")
        agent = next((m for m in named if is_agent(scene.text, m.start, reading.start)), None)
        who = self._namer.named(agent.start, agent.end, scene) if agent else None
        return replace(who, how=Attribution.AGENT) if who else None

    def _subject(self, start: int, end: int, reading: SentenceReading, scene: Scene) -> Speaker | None:
        """Return whom the words before the first verb of reporting between two places name: "China's minister has"."""
        actors = [actor for actor in scene.actors.touching(start, end) if actor.kind != "media"]
        actors = [actor for actor in actors if not is_post(scene.text, actor.start)]
        for actor, stop in zip(actors, [*(actor.start for actor in actors[1:]), end], strict=False):
            verb = _REPORTING.match(scene.text, actor.end, stop)
            if verb is None or not _acts(actor, reading, scene):
                continue
            if _ANOTHER.search(scene.text, actor.end, verb.start("verb")):
                continue
            words = _AUXILIARIES.search(scene.text, actor.end, verb.start("verb"))
            who = self._namer.named(actor.start, words.start() if words else actor.end, scene)
            if who is None or who.id is None:
                who = self._namer.named(actor.start, actor.end, scene)
            return replace(who, how=Attribution.SUBJECT) if who else None
        return None

    def _behind(self, reading: SentenceReading, scene: Scene) -> Speaker | None:
        """Return who is named at the end of the sentence: "…, says Zelensky", or of a headline: "… – Kremlin"."""
        said = _BEHIND.search(scene.text, reading.start, reading.end)
        signed = None if said else _SIGNED.fullmatch(scene.text, reading.start, reading.end)
        end = said or signed
        who = self._namer.named(*end.span("who"), scene) if end else None
        who = who if said or (who and who.id) else None
        return replace(who, how=Attribution.NAMED_BEHIND) if who else None

    def _introduced(self, reading: SentenceReading, scene: Scene) -> Speaker | None:
        """Return whose tweet, letter or statement the sentence quotes."""
        told = _INTRODUCED.search(scene.text, reading.start, reading.end)
        writer = told and next((told.span(who) for who in ("by", "owner") if told[who]), None)
        who = self._namer.named(*writer, scene) if writer else None
        return replace(who, how=Attribution.INTRODUCED) if who else None

    def _quoted(self, reading: SentenceReading, scene: Scene) -> Speaker | None:
        """Return who is named behind the quotation that the sentence is part of, or before it."""
        quotation = next(iter(scene.quotes.touching(reading.start, reading.start + 2)), None)
        if quotation is None:
            return None
        said = _SAID_BY.match(scene.text, quotation.end)
        who = self._namer.named(*said.span(said.lastgroup or 0), scene) if said else None
        near = max(0, quotation.start - _NEAR)
        before = max(near, *(scene.text.rfind(end, near, quotation.start) + 1 for end in (". ", "\n")))
        far = max(0, quotation.start - 3 * _NEAR)
        opening = max(far, *(scene.text.rfind(end, far, quotation.start) for end in (". ", "\n")))
        spans = [span for span in reading.spans["speaker"] if opening <= span.start and span.end <= quotation.start]
        who = who or self._likeliest([span for span in spans if span.score >= _SURE], scene, Attribution.QUOTED)
        who = who or self._subject(before, quotation.start, reading, scene)
        return replace(who, how=Attribution.QUOTED) if who else None

    def _turn(self, reading: SentenceReading, scene: Scene) -> Turn | None:
        """Return whose turn it is; the dateline of an agency counts only if it speaks for its state."""
        turn = scene.floor.at(reading.start)
        if turn and turn.sign is Sign.AGENCY:
            agency = self._namer.actors.resolve(turn.speaker or "", on=scene.on)
            return turn if agency and agency.office else None
        return turn

    def _likeliest(
        self, spans: Sequence[ScoredSpan], scene: Scene, how: Attribution, *, reading: SentenceReading | None = None
    ) -> Speaker | None:
        """Return whom ``spans`` name: preferably a listed actor, of several the one before a verb of reporting.

        One in a clause beside the statement of ``reading`` comes last, one whose words are told by another first.
        """
        named = [(span, who) for span in spans if (who := self.named(span, scene))]
        harm = min(_harm(reading), default=0) if reading else 0
        told = max((s.start for s, _ in named if s.start < harm and _reports(scene.text, s.end)), default=-1)

        def rank(each: tuple[ScoredSpan, Speaker]) -> tuple[bool, bool, bool, bool, float]:
            span, who = each
            beside = reading is not None and _is_beside(scene.text, span.start, reading)
            return beside, who.id is None, not _reports(scene.text, span.end), span.start != told, -span.score

        return replace(min(named, key=rank)[1], how=how) if named else None

    def named(self, span: ScoredSpan, scene: Scene) -> Speaker | None:
        """Return whom the words of ``span`` name; None if they are a pronoun."""
        return self._namer.named(span.start, span.end, scene)

    def holder(self, turn: Turn, scene: Scene) -> Speaker:
        """Return who speaks in ``turn``."""
        return replace(self._namer.holder(turn, scene), how=Attribution.HOLDS_FLOOR, turn=turn.sign)

    def meant(self, pronoun: str, before: int, scene: Scene) -> Speaker | None:
        """Return whom a pronoun means: the last person of its gender; "it" and "they" are not persons."""
        pronoun = pronoun.strip()
        gender = "f" if _FEMALE.match(pronoun) else "m" if _MALE.match(pronoun) else None
        wanted = SPEAKING_KINDS if pronoun and not gender else _PERSONS
        begin = max(scene.floor.dateline_end, before - LAST_HEARD)
        named = [m for m in scene.actors.touching(begin, before) if m.kind in wanted and m.office]
        heard = [m for m in named if not is_relative_of(scene.text, m.start)]
        fitting = [speaker_of(m) for m in heard if gender is None or m.gender in (None, gender)][-1:]
        unlisted = self._namer.unlisted_official(begin, before, scene) if gender else None
        last = max(filter(None, (*fitting, unlisted)), key=lambda who: who.start, default=None)
        return replace(last, how=Attribution.LAST_NAMED) if last else None

    def _of_title(self, scene: Scene) -> Speaker | None:
        begin = 0 if scene.title_end else scene.floor.dateline_end
        named = [m for m in scene.actors.touching(begin, scene.title_end or begin + OPENING) if m.office]
        free = [m for m in named if not _OWNS.match(scene.text, m.end)] or named
        people = [m for m in free if m.kind == "person"] or free
        return replace(speaker_of(people[0]), how=Attribution.IN_TITLE) if people else None


def _marked(reading: SentenceReading, scene: Scene) -> tuple[list[ScoredSpan], list[ScoredSpan]]:
    """Return the spans that may name who speaks, in the sentence and around it."""
    text, marked = scene.text, [span for span in reading.spans["speaker"] if span.end - span.start > 1]
    marked = [span for span in marked if not _in_own_words(span.start, reading, scene)]
    inside = [span for span in marked if reading.start <= span.start < reading.end]
    around = [span for span in marked if span not in inside and span.score >= _SURE]
    inside = [span for span in inside if not _is_elsewhere(text, span.start)]
    inside = [span for span in inside if not _is_in_another_part(text, span.end, reading)]
    return inside, [span for span in around if not is_aside(text, span.start, 0)]


def _pronouns_of(reading: SentenceReading, scene: Scene) -> Iterator[str]:
    """Yield the pronoun behind what is told, "…, he said", and the one that opens the sentence."""
    sentence = scene.text[reading.start : reading.end]
    told = _HE_SAID.search(sentence)
    yield from filter(_THIRD_PERSON.match, (told["who"] if told else "", sentence.partition(" ")[0]))


def _is_told_of(span: ScoredSpan, text: str) -> bool:
    """Whether the words after ``span`` say what who is named there has said, and not only that they agree."""
    return tells(text, span.end) and not is_appealed_to(text, span.start, span.end)


def _is_beside(text: str, place: int, reading: SentenceReading) -> bool:
    """Whether who is named at ``place`` acts in a clause of time or reason behind what is threatened."""
    told = [start for start in _harm(reading) if start < place]
    return bool(told) and is_aside(text, place, reading.start)


def _is_in_another_part(text: str, end: int, reading: SentenceReading) -> bool:
    """Whether a semicolon stands between who is named up to ``end`` and what is threatened, as in some headlines."""
    harm = [span.start for role in ("condition", "consequence") for span in reading.spans[role]]
    return any(end < start <= reading.end and ";" in text[end:start] for start in harm[:1])


def _harm(reading: SentenceReading) -> list[int]:
    """Return where in the sentence begins what is threatened, and what would bring it."""
    spans = [span for role in ("condition", "consequence") for span in reading.spans[role]]
    return [span.start for span in spans if reading.start <= span.start < reading.end]


def _acts(actor: ActorMention, reading: SentenceReading, scene: Scene) -> bool:
    """Whether ``actor`` may be the subject of the main clause and is not threatened."""
    text, start = scene.text, actor.start
    other = is_threatened(text, actor.end) or _is_beside(text, start, reading)
    return not other and not _is_elsewhere(text, start) and not _in_own_words(start, reading, scene)


def _is_elsewhere(text: str, place: int) -> bool:
    """Whether who is named at ``place`` stands in the dateline, only listens, or is where an envoy is posted."""
    return in_dateline(text, place) or is_told(text, place) or is_post(text, place)


def _foes(reading: SentenceReading, scene: Scene) -> frozenset[str]:
    """Return the ids and sides of those whom the sentence addresses or warns."""
    addressed = reading.spans["addressee"][:1]
    return frozenset(
        name
        for actor in scene.actors.touching(reading.start, reading.end)
        if any(span.start < actor.end and actor.start < span.end for span in addressed)
        or is_warned(scene.text, actor.start)
        for name in (actor.actor, actor.side)
        if name
    )


def _in_own_words(place: int, reading: SentenceReading, scene: Scene) -> bool:
    """Whether ``place`` is in the words of whoever says "we" or "I" in the sentence, whom they do not name."""
    conditions = reading.spans["condition"]
    for we in _I.finditer(scene.text, reading.start, reading.end):
        if any(span.start <= we.start() < span.end for span in conditions):
            continue
        voices = [scene.quotes.touching(at, at + 1)[:1] for at in (we.start(), place)]
        if voices[0]:
            return voices[0] == voices[1]
        return not voices[1] and scene.floor.at(reading.start) is not None and not _reports(scene.text, place)
    return False


def _reports(text: str, end: int) -> bool:
    """Whether a verb of reporting follows soon after ``end``."""
    return _REPORTING.match(text, end) is not None
