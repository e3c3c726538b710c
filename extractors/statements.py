"""Statements: who threatens whom, who draws which line, and who only talks about it.

    sentence → cues, first look → classifier → speaker → kind, condition, consequence → severity → repeats folded

Cues and a first look at its words decide whether a sentence is judged at all, the classifier whether it carries a
statement, and the speaker whether that is a statement of a side or commentary.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Generic, TypeVar

from spacy.tokens import Doc

from extractors.actors import ActorMention
from extractors.attribution import Utterance
from extractors.classifier import Classifier, load_classifier
from extractors.conditions import find_limit
from extractors.cues import CueFinder, CueKind, CueMatch, load_cues, normalise
from extractors.features import Named, named_speakers, told
from extractors.records import Article, Kind, Speech, Statement, WeaponMention
from extractors.sentences import boundaries, paragraphs, text_of
from extractors.severity import assess

_OPINION = frozenset({"opinion", "anniversary"})
_COMMENTARY_FLOOR = 0.1
"""Probability of a statement from which a refused sentence is still worth keeping as commentary."""
_LONGEST = 400
_LEAD = 12
"""Code points before the evidence that may show it is recalled."""
_CLAUSE_ALONE = 0.6
"""Probability from which a clause counts though its sentence does not: torn out, a clause says more than it should."""
_MOST_COMPARED = 200
"""Statements of a document among which repeats are looked for, the fullest first; an article has fewer."""
_SURE = 0.6
"""Probability from which words count though they do not tell whose they are, or name nobody on another side."""
_OWN_LINE = re.compile(
    r"\b(?:is|was|be|are|were|as|our|its|his|her|my|draws?|drew|laid down|sets?|cross(?:ed|es|ing)?) "
    r"(?:\w+ ){0,3}[\"']?(?:\w+ ){0,2}red[ -]lines?\b"
)
_OWN_LINE_FLOOR = 0.3
_EXPLICIT = re.compile(r"\bred[\s-]?lines?\b")
_DISMISSED = re.compile(r"\b(?:not|no|never|\w+n't) (?:a |any |our |its |his )?(?:new )?red[ -]lines?\b")
_DEFENCE = re.compile(r"\b(?:defend|protect)\w* (?:\w+ ){0,2}every inch\b")
_RECALLED = re.compile(
    r"\bhad (?:\w+ )?(?:threatened|vowed)\b|\b(?:when|after|since) (?:\w+ ){1,4}(?P<verb>threatened|vowed)\b"
    r"|\b(?:'s|s'|his|her|their) (?:\w+ )?threats? (?:of|to|against|over|is|was|are|were)\b"
    r"|\bby \w+ing [^,]{1,60}, (?:\w+ ){1,3}threatened\b"
)
"""Somebody else's telling of a threat made before what is told, or by deeds.

``verb`` tells of it only where it is the verb of what is told: "Moscow threatens a strike after Kyiv vowed …" does not.
"""
_DATED = re.compile(
    r"\b(?:said|threatened|warned|vowed|declared|promised|pledged|announced)\b[^.;]{0,90}?"
    r"\b(?:in (?:january|february|march|april|june|july|august|september|october|november|december|(?:19|20)\d\d)\b"
    r"|(?:months|years) (?:ago|earlier)|last (?:month|year|spring|summer|autumn|fall|winter))"
)
"""Words that were said long before they are told."""
_ASKED = re.compile(
    r"q |(?![^?]*\b(?:we|our|us)\b)(?:did|do|does|is|are|was|were|has|have|will|would|could|can|what|how)\b[^?\"]*\?$"
)
"""A question put to an official, or by the author."""
_MENACING = re.compile(r"threat|vow|warn")
"""Reporting verbs after which nobody on the other side need be named."""
_BARE = re.compile(r"\bthreaten(?:s|ed|ing)? (?!to\b|with\b|that\b)\w+")
"""A threat without what is threatened."""
_FOLLOWS = 400
"""Code points within which the words of a threat follow the news that there was one."""
_RULED_OUT = re.compile(
    r"\b(?:won't|will not|would not|wouldn't|not going to|no plans? to|no intention (?:of|to)|rule[sd]? out) "
    r"(?:\w+ )?[\"']?(?:us(?:e|ing) (?:military )?force|the use of|attack|strike|invade|bomb|deploy|retaliat|escalat)"
)
_NUCLEAR = re.compile(
    r"\b(?:nuk(?:e|es|ed|ing)|atomic (?:bomb|weapon|strike)s?|thermonuclear|(?:tactical|use of|pre-?emptive|low-yield) "
    r"nuclear|nuclear[ -](?:war|weapons?|strikes?|attacks?|retaliat\w+|response|force|catastrophe|apocalypse|conflict"
    r"|arsenal|option|fallout|arms|armageddon|missiles?|deterrent|component|exchange|bombs?|holocaust|warheads?))\b"
)
_BOILERPLATE = re.compile(r"(?:The post |Read (?:more|full article)|Click here)", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{3,}")
# fmt: off
_EMPTY_WORDS = frozenset(
    (
        "the", "and", "that", "with", "for", "from", "its", "his", "her", "their", "this", "have", "has", "had",
        "was", "were", "will", "would", "are", "not", "says", "said", "after", "over",
    )
)
# fmt: on
_PARTIES = frozenset({"person", "organ", "force", "group", "alliance", "state", "region"})
S = TypeVar("S", Utterance, ActorMention, WeaponMention)
_CORE = frozenset({CueKind.MENACE, CueKind.LIMIT, CueKind.RESPONSE, CueKind.HARM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence or clause that was judged, and how it went; what ``brinkwatch explain`` shows."""

    start: int
    end: int
    cues: tuple[str, ...]
    probability: float
    why: tuple[tuple[str, float], ...]
    taken: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Who says a candidate, as far as that can be told."""

    speaker: str | None = None
    speaker_id: str | None = None
    side: str | None = None
    role: str | None = None
    official: bool | None = None
    speech: Speech = Speech.INDIRECT
    cue: str = ""
    relayed_by: str | None = None
    addressee: str | None = None
    rule: str = "no speaker"


class StatementFinder:
    """Finds red lines, threats and commentary in a document whose speakers are known."""

    def __init__(self, seeds: Path, *, classifier: Classifier | None = None) -> None:
        self.cues = CueFinder(load_cues(seeds))
        self.classifier = classifier or load_classifier()
        # The gate and the reading that follows it ask about the same text.
        self._candidates = lru_cache(maxsize=1)(self._find_candidates)

    def may_hold(self, text: str) -> bool:
        """Return False only where ``find`` would find nothing."""
        return bool(self._candidates(text))

    def find(
        self,
        doc: Doc,
        *,
        article: Article,
        utterances: Sequence[Utterance],
        actors: Sequence[ActorMention],
        weapons: Sequence[WeaponMention],
    ) -> list[Statement]:
        """Return the statements of ``doc`` by start; one utterance is one statement, repeats are folded into it."""
        context = _Context(utterances=utterances, actors=actors, weapons=weapons)
        text = text_of(doc)
        found = [
            self._statement(text, candidate, context, article=article)
            for candidate in self._judged(text, context, explain=False)
            if candidate.probability >= _COMMENTARY_FLOOR
        ]
        return fold_repeats(found)

    def explain(
        self,
        doc: Doc,
        *,
        utterances: Sequence[Utterance],
        actors: Sequence[ActorMention],
        weapons: Sequence[WeaponMention],
    ) -> list[Candidate]:
        """Return every sentence that was judged, with its cues, its probability and what spoke for and against it."""
        context = _Context(utterances=utterances, actors=actors, weapons=weapons)
        return list(self._judged(text_of(doc), context, explain=True))

    def _find_candidates(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return the sentences worth judging; the text alone decides, so that the gate is exact."""
        norm = normalise(text)
        return tuple(
            (start, end)
            for first, last in paragraphs(text)
            for begin, stop in pairwise(chain([first], boundaries(text, first, last), [last]))
            for start, end in [_trimmed(text, begin, stop)]
            if self._worth_judging(norm[start:end]) and not _BOILERPLATE.match(text, start, end)
        )

    def _worth_judging(self, norm: str) -> bool:
        """Say whether a normalised sentence has cues that belong together, or words that look like a statement."""
        return self.cues.triggered(norm) or self.classifier.may_hold(norm)

    def _judged(self, text: str, context: "_Context", *, explain: bool) -> Iterator[Candidate]:
        for start, end in self._candidates(text):
            whole = self._judge(text, start, end, context, explain=explain)
            clauses = [
                self._judge(text, *span, context, explain=explain)
                for span in context.said_by_officials(start, end)
                if self._worth_judging(normalise(text[span[0] : span[1]]))
            ]
            yield from _best(whole, clauses)

    def _judge(self, text: str, start: int, end: int, context: "_Context", *, explain: bool) -> Candidate:
        named = context.named(text, start, end)
        said = [how for utterance in context.utterances_in(start, end) for how in told(utterance)]
        verdict = self.classifier.judge(text[start:end], named=named, said=said, cues=self.cues, explain=explain)
        taken = verdict.probability >= self._threshold(text[start:end], context.utterances_in(start, end))
        cues = self.cues.find(normalise(text[start:end])) if explain else []
        return Candidate(
            start=start,
            end=end,
            cues=tuple(dict.fromkeys(match.cue for match in cues)),
            probability=verdict.probability,
            why=verdict.why,
            taken=taken,
            reason="statement" if taken else "too little speaks for a statement",
        )

    def _threshold(self, text: str, utterances: Sequence[Utterance]) -> float:
        """Return the probability that suffices: less where an official speaks of a red line of his own."""
        if any(u.official for u in utterances) and _OWN_LINE.search(normalise(text)):
            return _OWN_LINE_FLOOR
        return self.classifier.threshold

    def _statement(self, text: str, candidate: Candidate, context: "_Context", *, article: Article) -> Statement:
        start, end = self._evidence(text, candidate)
        quote = text[start:end]
        norm = normalise(quote)
        limit = find_limit(quote)
        lead = normalise(text[max(0, start - _LEAD) : start])
        said = context.said(start, end, self._core(norm, start))
        explicit = bool(_EXPLICIT.search(norm)) and not _DISMISSED.search(norm)
        alone = not context.foreign(start, end, said.side)
        limited = explicit or limit.condition is not None
        vague = said.speaker is None or (alone and not explicit and not _MENACING.match(said.cue.lower()))
        home = alone and self._is_home(norm)
        unsure = vague and candidate.probability < _SURE
        against = _refusal(said, lead + norm, limited=limited, genre=article.genre, home=home, unsure=unsure)
        kind, rule = _kind(candidate, limited=limited, against=against)
        nuclear = bool(_NUCLEAR.search(norm)) and kind is not Kind.COMMENTARY
        condition = _text(quote, limit.condition) if kind is Kind.RED_LINE else None
        consequence = _text(quote, limit.consequence)
        severity = assess(
            kind=kind,
            text=quote,
            role=said.role or said.speaker,
            explicit=explicit,
            nuclear=nuclear,
            condition=condition is not None,
            consequence=consequence is not None,
        )
        return Statement(
            kind=kind,
            speaker=said.speaker,
            speaker_id=said.speaker_id,
            side=said.side,
            speech=said.speech,
            cue=said.cue,
            start=start,
            end=end,
            quote=quote,
            condition=condition,
            consequence=consequence,
            explicit=explicit,
            nuclear=nuclear,
            relayed_by=said.relayed_by,
            addressee=said.addressee,
            role=said.role,
            confidence=round(candidate.probability, 3),
            severity=severity.level,
            reasons=severity.reasons,
            rung=severity.rung,
            rule=f"{rule}; {said.rule}",
        )

    def _is_home(self, norm: str) -> bool:
        """Whether it is about the affairs of one country: its parties, courts, police and protests."""
        return any(match.kind is CueKind.HOME for match in self.cues.find(norm))

    def _core(self, norm: str, offset: int) -> tuple[int, int]:
        """Return the first cue of menace, limit, response or harm, as a span of the document."""
        for match in self.cues.find(norm):
            if match.kind in _CORE:
                return offset + match.start, offset + match.end
        return offset, offset + len(norm)

    def _evidence(self, text: str, candidate: Candidate) -> tuple[int, int]:
        """Return the sentence, or of a very long one the part around its cues."""
        if candidate.end - candidate.start <= _LONGEST:
            return candidate.start, candidate.end
        matches = [
            match for match in self.cues.find(normalise(text[candidate.start : candidate.end])) if match.kind in _CORE
        ]
        return _window(text, candidate.start, candidate.end, matches)


class _Spans(Generic[S]):
    """Finds those of many spans that touch a place, without looking at the others."""

    def __init__(self, spans: Sequence[S]) -> None:
        self._spans: list[S] = sorted(spans, key=lambda span: span.start)
        self._starts: list[int] = [span.start for span in self._spans]
        self._longest = max((span.end - span.start for span in spans), default=0)

    def touching(self, start: int, end: int) -> list[S]:
        """Return the spans that share a code point with ``start`` to ``end``, by start."""
        first, last = bisect_left(self._starts, start - self._longest), bisect_left(self._starts, end)
        return [span for span in self._spans[first:last] if start < span.end]

    def inside(self, start: int, end: int) -> list[S]:
        """Return the spans that lie between ``start`` and ``end``, by start."""
        return [span for span in self.touching(start, end) if start <= span.start and span.end <= end]


class _Context:
    """What the article names and who says what in it, asked for by place."""

    def __init__(
        self, *, utterances: Sequence[Utterance], actors: Sequence[ActorMention], weapons: Sequence[WeaponMention]
    ) -> None:
        self._utterances, self._actors = _Spans(utterances), _Spans(actors)
        self._weapons = _Spans([weapon for weapon in weapons if weapon.specific])

    def named(self, text: str, start: int, end: int) -> list[Named]:
        """Return the names inside a span, with offsets counted from its start."""
        actors = [Named(a.start - start, a.end - start, speaks(a)) for a in self._actors.inside(start, end)]
        actors += named_speakers(text[start:end], self.utterances_in(start, end))
        return actors + [Named(w.start - start, w.end - start, False) for w in self._weapons.inside(start, end)]

    def foreign(self, start: int, end: int, side: str | None) -> list[ActorMention]:
        """Return the actors named in a span who are on another side, armed groups without a state among them."""
        parties = [actor for actor in self._actors.inside(start, end) if actor.kind in _PARTIES]
        return [actor for actor in parties if side not in (actor.side, actor.actor)]

    def utterances_in(self, start: int, end: int) -> list[Utterance]:
        """Return the utterances that touch a span."""
        return self._utterances.touching(start, end)

    def said_by_officials(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the spans of a sentence's utterances by officials: one of them may say what the rest drowns."""
        told = self._utterances.inside(start, end)
        return sorted({(u.start, u.end) for u in told if u.official and u.content})

    def said(self, start: int, end: int, core: tuple[int, int]) -> _Said:
        """Return who says what stands in a span: of the utterances around its core the one inside the others."""
        near = self.utterances_in(start, end)
        if near:
            around = [u for u in near if _covers(u, core)]
            near = [u for u in around if not any(_holds(u, other) for other in around)] or near
            best = max(near, key=lambda u: (u.official, _overlap(u, start, end), -u.start))
            return _Said(
                speaker=best.speaker,
                speaker_id=best.speaker_id,
                side=best.side,
                role=best.role,
                official=best.official,
                speech=best.speech,
                cue=best.cue,
                relayed_by=best.relayed_by,
                addressee=best.addressee,
                rule=best.rule,
            )
        return self._subject(start, core)

    def _subject(self, start: int, core: tuple[int, int]) -> _Said:
        before = [actor for actor in self._actors.inside(start, core[0]) if speaks(actor)]
        if not before:
            return _Said()
        actor = before[-1]
        return _Said(
            speaker=actor.name,
            speaker_id=actor.actor,
            side=actor.side,
            role=actor.role,
            official=True,
            rule="subject of cue",
        )


def _best(whole: Candidate, clauses: Sequence[Candidate]) -> list[Candidate]:
    """Return the clauses of a sentence that hold a statement each, else the surer of clause and sentence."""
    taken = [clause for clause in clauses if clause.taken]
    if len(taken) > 1:
        return taken
    sure = [clause for clause in taken if clause.probability >= _CLAUSE_ALONE]
    return sure if sure and not whole.taken else [whole]


def speaks(actor: ActorMention) -> bool:
    """Say whether an actor may draw a line or threaten for a side: a person in office, a state, its organs, a group."""
    return actor.office if actor.kind == "person" else actor.kind not in ("media", "company")


def _covers(utterance: Utterance, core: tuple[int, int]) -> bool:
    return any(start < core[1] and core[0] < end for start, end in utterance.content) or (
        utterance.start <= core[0] and core[1] <= utterance.end
    )


def _holds(outer: Utterance, inner: Utterance) -> bool:
    """Whether one utterance reports another, by an official too: "the president spoke after the West had warned …"."""
    told = any(start <= inner.start and inner.end <= end for start, end in outer.content)
    return told and inner.official and outer.start < inner.start


def _overlap(utterance: Utterance, start: int, end: int) -> int:
    return sum(max(0, min(end, b) - max(start, a)) for a, b in utterance.content)


def _refusal(said: _Said, norm: str, *, limited: bool, genre: str, home: bool, unsure: bool) -> str | None:
    """Return why words that threaten are no statement of a side towards another; None where they may be.

    ``norm`` is the normalised evidence with the few words before it: "when", "had".
    """
    recalled = _DATED.search(norm) or (said.speech is not Speech.DIRECT and _recalls(norm, said.cue))
    reasons = {
        f"genre {genre}": genre in _OPINION,
        "speaker holds no office": said.official is False and said.speaker is not None,
        "too little for what names only one side": unsure,
        "harm ruled out": not limited and _RULED_OUT.search(norm),
        "question": _ASKED.match(norm),
        "home affairs": home,
        "red line dismissed": _DISMISSED.search(norm),
        "recalls an earlier threat": not limited and recalled,
        "promise to defend": not limited and _DEFENCE.search(norm),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _recalls(norm: str, cue: str) -> bool:
    return any(match["verb"] in (None, cue.lower()) for match in _RECALLED.finditer(norm))


def _kind(candidate: Candidate, *, limited: bool, against: str | None) -> tuple[Kind, str]:
    if not candidate.taken or against:
        return Kind.COMMENTARY, against if candidate.taken and against else candidate.reason
    return (Kind.RED_LINE, "limit") if limited else (Kind.THREAT, "no condition")


def _text(quote: str, span: tuple[int, int] | None) -> str | None:
    return quote[span[0] : span[1]] if span else None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _window(text: str, start: int, end: int, matches: Sequence[CueMatch]) -> tuple[int, int]:
    """Return up to ``_LONGEST`` code points of a span, whole clauses around the middle of its cues."""
    if not matches:
        return start, min(end, start + _LONGEST)
    middle = start + (matches[0].start + matches[-1].end) // 2
    left = max(start, middle - _LONGEST // 2)
    right = min(end, left + _LONGEST)
    breaks = [m.end() for m in re.finditer(r"[;:,—–] ?", text[left:right])]
    if left > start and breaks and breaks[0] < 120:
        left += breaks[0]
    return _trimmed(text, left, right)


def fold_repeats(found: Sequence[Statement]) -> list[Statement]:
    """Fold statements that say the same into the fullest of them, which lists the others in ``repeats``."""
    kept: list[tuple[Statement, set[str]]] = []
    for statement in sorted(found, key=lambda s: (s.kind is Kind.COMMENTARY, -_fullness(s), s.start)):
        words = _content_words(statement.quote)
        for at, (other, others) in enumerate(kept[:_MOST_COMPARED]):
            if _same_claim(statement, other, words, others):
                kept[at] = replace(other, repeats=(*other.repeats, (statement.start, statement.end))), others
                break
        else:
            kept.append((statement, words))
    return sorted((statement for statement, _ in kept), key=lambda s: (s.start, s.end))


def _fullness(statement: Statement) -> int:
    return (
        200 * (statement.condition is not None)
        + 100 * (statement.speaker is not None)
        + min(len(statement.quote), _LONGEST)
    )


def _same_claim(one: Statement, other: Statement, a: set[str], b: set[str]) -> bool:
    if (one.kind is Kind.COMMENTARY) != (other.kind is Kind.COMMENTARY) or one.nuclear != other.nuclear:
        return False
    if one.side and other.side and one.side != other.side:
        return False
    same_words = bool(a and b) and len(a & b) >= 0.5 * min(len(a), len(b))
    return same_words or _announces(one, other) or _announces(other, one)


def _announces(one: Statement, other: Statement) -> bool:
    """Say whether one only tells that there was a threat whose words follow: "Trump threatened Iran in a tweet"."""
    if {one.kind, other.kind} != {Kind.THREAT} or one.speaker is None or one.speaker != other.speaker:
        return False
    return 0 <= other.start - one.end < _FOLLOWS and bool(_BARE.search(normalise(one.quote)))


def _content_words(text: str) -> set[str]:
    return {word[:6] for word in _WORD.findall(normalise(text)) if word not in _EMPTY_WORDS}
