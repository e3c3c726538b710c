"""Who says what: source, cue and content of every utterance in a document."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from spacy.tokens import Doc

from extractors.actors import ActorMention
from extractors.clauses import Claim, Sentence
from extractors.quotes import Quotation, quotations
from extractors.records import Speech
from extractors.reporting import load_wordings
from extractors.sentences import text_of
from extractors.sources import Cast, Phrase, Source, introduce
from extractors.units import Alphabet, Row, UnitReader


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
        """Load ``reporting.jsonl`` and ``titles.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self._alphabet = Alphabet(load_wordings(seeds))

    def find(self, doc: Doc, actors: Sequence[ActorMention]) -> list[Utterance]:
        """Return the utterances of ``doc`` sorted by start."""
        text = text_of(doc)
        quoted = quotations(text)
        sentences = list(self._sentences(doc, actors, quoted))
        cast = Cast()
        for sentence in sentences:
            introduce(cast, sentence.phrases, sentence.row)
        return _Reading(text, sentences, quoted, cast).utterances()

    def _sentences(self, doc: Doc, actors: Sequence[ActorMention], quoted: Sequence[Quotation]) -> Iterator[Sentence]:
        reader = UnitReader(doc, mentions=actors, quotations=quoted, alphabet=self._alphabet)
        text = text_of(doc)
        title_end = _title_end(text)
        for row in reader.rows():
            for units in row.cut(_LONGEST_ROW):
                start, end = units[0].start, units[len(units) - 1].end
                yield Sentence(units, start=start, end=end, text=text[start:end], is_title=end <= title_end)


_LONGEST_TITLE = 300
_LONGEST_ROW = 300
"""Units read as one sentence; a longer one is a list or a table, and would cost more than linear time."""
_BELONGS = re.compile(r"^(?:the )?[A-Z][\w-]*['’]s?\s|\b(?:of|for|from) [A-Z]")
"""Whose an official is, said by a name that no list holds."""
_SAME_SPEECH = 3
"""Sentences over which somebody's words are taken to have come by one medium."""
_QUESTION = re.compile(r"Q(?:UESTION)?\b:?\s")
_RELEASE = re.compile(
    r"(?:(?:opening|press|joint|video|televised|full)\s)*(?:remarks|statement|address|speech|interview|comments?|answers?)\s"
    r"(?:to [\w ]{1,40}\s)?(?:by|of|from|with)\s",
    re.IGNORECASE,
)


class _Reading:
    """One pass over the sentences of a document."""

    def __init__(self, text: str, sentences: Sequence[Sentence], quoted: Sequence[Quotation], cast: Cast) -> None:
        self._text = text
        self._sentences = sentences
        self._quoted = quoted
        self._cast = cast
        self._claims: list[list[Claim]] = []
        self._turns = turns(sentences, text, cast)
        self._speaker_of: dict[int, Source] = {}
        """Speakers of quotations, by index."""
        self._home: str | None = None
        """The side the article is with: an official without a country is its."""

    def utterances(self) -> list[Utterance]:
        for at, sentence in enumerate(self._sentences):
            self._cast.name(sentence.phrases, at)
            self._cast.first = self._turns[at]
            claims = _relayed(sentence.claims(self._cast), sentence.medium())
            self._settle(sentence, claims)
            self._claims.append(claims)
            self._note_quotations(sentence, claims)
            self._turn(sentence, claims)
        found = [utterance for at in range(len(self._sentences)) for utterance in self._told(at)]
        return sorted(found, key=lambda utterance: (utterance.start, utterance.end))

    def _settle(self, sentence: Sentence, claims: Sequence[Claim]) -> None:
        """Find out for which side officials without a country speak, and whom the next ones will belong to."""
        self._home = sentence.dateline or self._home
        for claim in claims:
            source = claim.source
            if source and source.official and not source.side:
                # "The minister" is known to the reader; "a minister" may be anybody's, "Nusra's spokesman" is Nusra's.
                known = source.role != source.speaker and not _BELONGS.search(source.role or source.speaker)
                side = sentence.speaks_for(claim) or (self._home if known else sentence.dateline)
                claim.source = replace(source, side=side)
                self._cast.settle(claim.source)
            elif source and source.official and claim.rule != "noun":
                self._home = source.side
        if sentence.is_title and self._home is None:
            self._home = next((phrase.side for phrase in sentence.phrases if not phrase.governed and phrase.side), None)

    def _note_quotations(self, sentence: Sentence, claims: Sequence[Claim]) -> None:
        for claim in claims:
            for begin, end in claim.content:
                for quotation in sentence.quotations(begin, end):
                    if claim.source:
                        self._speaker_of.setdefault(quotation, claim.source)

    def _turn(self, sentence: Sentence, claims: Sequence[Claim]) -> None:
        """Remember whom "he" and "it" will mean in the next sentence."""
        sources = [claim.source for claim in claims if claim.source]
        if not sources:
            subjects = [
                p
                for p in sentence.phrases
                if not p.governed
                and (p.kind in ("person", "name", "organ", "state") or (p.kind == "official" and p.definite))
            ]
            sources = [source for source in map(self._cast.source, subjects[:1]) if source]
        for source in sources:
            if source.kind == "person":
                self._cast.focus = source
            else:
                self._cast.body = source

    def _told(self, at: int) -> Iterator[Utterance]:
        sentence, claims = self._sentences[at], self._claims[at]
        for claim in claims:
            claim.relayed_by = claim.relayed_by or self._relayed_near(at, claim)
            yield self._utterance(sentence, claim)
        covered = {i for claim in claims for a, b in claim.content for i in range(a, b)}
        loose = [i for i, letter in enumerate(sentence.row) if letter == "q" and i not in covered]
        for i in loose:
            carried = self._carried(at, i)
            if carried:
                yield self._utterance(sentence, carried)
        turn = self._turns[at]
        if turn is not None and not sentence.is_title:
            begin = sentence.row.find(":") + 1 if sentence.label() else 0
            if begin < len(sentence.units):
                spoken = Claim(turn, "", "", "transcript", begin, begin, [(begin, len(sentence.units))])
                yield replace(self._utterance(sentence, spoken), speech=Speech.DIRECT)

    def _relayed_near(self, at: int, claim: Claim) -> str | None:
        """'He told state television …. "We will respond," he said': the same words, by the same medium."""
        for near in self._claims[max(0, at - _SAME_SPEECH) : at]:
            for other in near:
                if other.relayed_by and claim.source and other.source == claim.source:
                    return other.relayed_by
        return None

    def _carried(self, at: int, i: int) -> Claim | None:
        """A quotation nobody is named for in its sentence: the speaker of its other sentences, or of the one before."""
        sentence = self._sentences[at]
        unit = sentence.units[i]
        assert unit.quotation is not None
        source = self._speaker_of.get(unit.quotation)
        rule = "goes-on"
        whole = (unit.end - unit.start) * 2 > sentence.end - sentence.start
        if source is None and whole:
            source, rule = self._speaker_before(at, unit.quotation), "carried"
        if source is None and not whole:
            return None
        if source is not None:
            self._speaker_of.setdefault(unit.quotation, source)
        return Claim(source, "", "", rule if source else "quotation", i, i, [(i, i + 1)])

    def _speaker_before(self, at: int, quotation: int) -> Source | None:
        before = self._quoted[quotation - 1] if quotation else None
        if before is not None and before.goes_on and quotation - 1 in self._speaker_of:
            return self._speaker_of[quotation - 1]
        if at == 0:
            return None
        gap = self._text[self._sentences[at - 1].end : self._sentences[at].start]
        told = self._claims[at - 1]
        quotes = self._sentences[at - 1].quotations()
        if told and (gap.count("\n") == 0 or not quotes):
            return told[-1].source
        last = quotes[-1] if quotes else None
        return self._speaker_of.get(last) if last is not None else None

    def _utterance(self, sentence: Sentence, claim: Claim) -> Utterance:
        units = sentence.units
        spans = [_span(units, a, b) for a, b in claim.content if a < b]
        end = max([units[claim.at].end, *(b for _, b in spans)])
        start = min([units[claim.begin].start, units[claim.at].start, *(a for a, _ in spans)])
        source = claim.source
        return Utterance(
            speaker=source.speaker if source else None,
            speaker_id=source.speaker_id if source else None,
            side=source.side if source else None,
            role=source.role if source else None,
            official=bool(source and source.official),
            speech=_speech(sentence.row, claim),
            cue=claim.cue,
            cue_class=claim.kind,
            start=start,
            end=end,
            content=tuple(spans),
            addressee=claim.addressee,
            relayed_by=claim.relayed_by,
            rule=claim.rule,
        )


def turns(sentences: Sequence[Sentence], text: str, cast: Cast) -> list[Source | None]:
    """Return for every sentence who "I" is: transcripts tell by their labels, releases by their title."""
    labels = {
        at: phrase for at, sentence in enumerate(sentences) if (phrase := sentence.label()) and not sentence.is_title
    }
    speaker = _releaser(sentences, cast)
    if not _is_transcript(list(labels.values())):
        return [speaker] * len(sentences)
    found: list[Source | None] = []
    for at, sentence in enumerate(sentences):
        if at in labels:
            speaker = cast.source(labels[at])
        elif _QUESTION.match(text, sentence.start):
            speaker = None
        found.append(speaker)
    return found


def _is_transcript(labels: Sequence[Phrase]) -> bool:
    """Whether labels are speakers taking turns, and not the "Verdict:" or "Pictured:" of other texts."""
    if any(label.text.isupper() and (label.kind != "name" or " " in label.name) for label in labels):
        return True
    named = [label.text for label in labels if label.kind == "person" or " " in label.text]
    return len(named) > len(set(named)) > 1


def _releaser(sentences: Sequence[Sentence], cast: Cast) -> Source | None:
    """'Remarks by President Biden', 'Address by the President of Russia': the title says who speaks below it."""
    for sentence in sentences[:1]:
        match = _RELEASE.match(sentence.text)
        if match:
            begin = sentence.start + match.end()
            for phrase in sentence.phrases:
                if sentence.units[phrase.start].start >= begin - 1 and phrase.kind in (
                    "person",
                    "name",
                    "official",
                    "organ",
                ):
                    return cast.source(phrase)
    return None


def _title_end(text: str) -> int:
    """Return where the headline ends: a first paragraph, or a whole text, that closes with no full stop; 0 for none."""
    end = text.find("\n\n")
    first = (text if end < 0 else text[:end]).rstrip()
    return len(first) if 0 < len(first) <= _LONGEST_TITLE and first[-1] not in '.”":' else 0


def _span(units: Row, begin: int, end: int) -> tuple[int, int]:
    """Return the characters of ``units[begin:end]`` without commas and stops at either end."""
    while end - begin > 1 and units.codes[end - 1] in "c.-:;":
        end -= 1
    while end - begin > 1 and units.codes[begin] in "c.-:;":
        begin += 1
    return units[begin].start, units[end - 1].end


def _speech(row: str, claim: Claim) -> Speech:
    codes = [code for a, b in claim.content for code in row[a:b] if code not in "c.-:;xw"]
    if "q" not in codes:
        return Speech.INDIRECT
    return Speech.DIRECT if all(code == "q" for code in codes) else Speech.MIXED


def _relayed(claims: list[Claim], medium: str | None) -> list[Claim]:
    """Turn media that report somebody's words into ``relayed_by`` of those words."""
    media = [claim for claim in claims if claim.source and claim.source.kind == "media"]
    speakers = [claim for claim in claims if claim not in media]
    if not speakers:
        return media
    medium = next((claim.source.speaker for claim in media if claim.source), medium)
    for claim in speakers:
        claim.relayed_by = claim.relayed_by or medium
    for outer, inner in pairwise(speakers):
        inside = any(a <= inner.at < b for a, b in outer.content)
        if inside and inner.relayed_by is None and outer.source and outer.source != inner.source and not inner.final:
            inner.relayed_by = outer.source.speaker
    return speakers
