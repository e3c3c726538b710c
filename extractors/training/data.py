"""From annotated documents to examples, one for each sentence, cut and given its context as at run time.

    document + findings → Example → (``model``) word pieces and targets

An example carries no more text than the reader is shown: the sentence and its context, joined by line breaks, and
every offset of it counts into that text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from extractors.reader.decoding import ROLES
from extractors.reader.passages import Passage, Span, context_of
from extractors.records import WeaponMention, document_of
from extractors.text.boundaries import sentences_in
from extractors.text.sentences import build_nlp
from extractors.weapons.finder import WeaponFinder

STATEMENTS = ("red_line", "threat")
FALLBACKS = ("optional", "commentary")
"""What a sentence without a statement may still be, the first that applies."""
_WEAK = 0.3
"""What the silence about a weapon weighs whose transfer the same sentence, or another one, may tell after all."""
_UNSURE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement, or what looks like one, in a sentence of a document."""

    kind: str
    """red_line, threat, statement (one of the two), commentary, optional."""
    likely: str | None = None
    """Of a borderline one, which of the two it would be."""
    sure: float | None = None
    """Of a borderline one, how likely the annotators of the natural sets call it a statement, 0 to 1."""
    explicit: bool = False
    nuclear: bool = False
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    """The spans of every role that was annotated; a role that is missing here was not asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A supplier or a recipient: its code, where one is known, and the words that name it."""

    code: str | None
    span: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A weapon at a stage of its way between two parties, as a sentence tells it."""

    weapon: Span
    evidence: Span
    stage: str
    supplier: Party
    recipient: Party
    sure: bool = True
    background: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text as the reader meets it."""

    source: str
    """The set it belongs to."""
    id: str
    fold: int
    text: str
    title_end: int
    sentences: Sequence[Span]
    weapons: Sequence[WeaponMention]

    def windows(self, at: int) -> tuple[Span, ...]:
        """Return sentence ``at``, then its context."""
        return self.sentences[at], *context_of(self.sentences, at, title_end=self.title_end)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaponExample:
    """What the reader should say of one weapon of a sentence."""

    start: int
    end: int
    stages: Mapping[str, float]
    """The stages that are told, with the weight of each."""
    silence: float
    """The weight of every other stage."""
    supplier: Sequence[Span] | None
    """Where it is named; None where that is not known."""
    recipient: Sequence[Span] | None
    background: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sentence in its context, and what the reader should say of it."""

    source: str
    document: str
    fold: int
    text: str
    end: int
    """Where the sentence ends; it begins at 0."""
    context: Sequence[Span] = ()
    in_title: bool = False
    kind: str = "none"
    """none, red_line, threat, statement, commentary; or optional, which teaches only how likely a statement is."""
    likely: str | None = None
    sure: float | None = None
    """Of an optional one, which kind it may be, and how likely."""
    explicit: bool | None = None
    nuclear: bool | None = None
    spans: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    """The spans of every role that was annotated."""
    weapons: Sequence[WeaponExample] = ()

    @property
    def sentence(self) -> str:
        """The sentence alone."""
        return self.text[: self.end]

    @property
    def states(self) -> bool:
        """Whether it is a red line or a threat."""
        return self.kind in (*STATEMENTS, "statement")

    @property
    def tells(self) -> bool:
        """Whether it tells of a transfer."""
        return any(weapon.stages for weapon in self.weapons)

    @property
    def passage(self) -> Passage:
        """What the encoder is shown."""
        weapons = tuple((weapon.start, weapon.end) for weapon in self.weapons)
        context = tuple((start, end) for start, end in self.context)
        return Passage(text=self.text, start=0, end=self.end, context=context, in_title=self.in_title, weapons=weapons)


class Desk:
    """Cuts documents into sentences and finds their weapons, with the parts of the pipeline."""

    def __init__(self, seeds: Path) -> None:
        """Load the lexicon of weapons from ``seeds``."""
        self.nlp = build_nlp()
        self._weapons = WeaponFinder(seeds)

    def open(self, row: Mapping[str, Any], *, source: str, fold: int) -> Document:
        """Return the document of ``row``, which has an id, a text and perhaps a title."""
        title, text = row.get("title") or "", document_text(row)
        weapons = self._weapons.find(self.nlp(text)) if self._weapons.may_hold(text) else []
        return Document(
            source=source,
            id=row["id"],
            fold=fold,
            text=text,
            title_end=len(title),
            sentences=list(sentences_in(text)),
            weapons=weapons,
        )


def document_text(row: Mapping[str, Any]) -> str:
    """Return the text that every offset of an article counts into."""
    return document_of(row.get("title") or "", row["text"])


def examples_of(
    document: Document,
    *,
    said: Mapping[int, Sequence[Said]],
    told: Sequence[Told],
    silence: float | None = None,
    judged: bool = True,
) -> list[Example]:
    """Return an example for each sentence of ``document``; ``said`` is by the number of the sentence.

    ``silence`` weighs what no finding tells of a weapon, by default as much as the other findings leave no doubt.
    Where statements were not ``judged``, the examples teach nothing about them.
    """
    weapons = _weapons(document, told, silence=silence)
    return [_example(document, at, said.get(at, ()), weapons, judged=judged) for at in range(len(document.sentences))]


def _weapons(
    document: Document, told: Sequence[Told], *, silence: float | None
) -> list[tuple[Span, float, list[Told]]]:
    """Return every weapon of the document with the weight of its silence and what is told of it."""
    found: dict[Span, list[Told]] = {(weapon.start, weapon.end): [] for weapon in document.weapons}
    for one in told:
        known = next((span for span in found if _overlap(span, one.weapon)), one.weapon)
        found.setdefault(known, []).append(one)
    names = {(weapon.start, weapon.end): weapon.weapon for weapon in document.weapons}
    passed_on = {names.get(span) for span, tales in found.items() if tales} - {None}

    def weight(span: Span, tales: list[Told]) -> float:
        if silence is not None:
            return 1.0 if tales else silence
        doubtful = names.get(span) in passed_on or any(_overlap(span, one.evidence) for one in told)
        return _WEAK if doubtful and not tales else 1.0

    return [(span, weight(span, tales), tales) for span, tales in sorted(found.items())]


def _example(
    document: Document,
    at: int,
    said: Sequence[Said],
    weapons: list[tuple[Span, float, list[Told]]],
    *,
    judged: bool,
) -> Example:
    windows = document.windows(at)
    (start, end), *_ = windows
    moves = _Moves(windows)
    statements = [one for one in said if one.kind in STATEMENTS]
    kind = _kind_of(said)
    doubtful = next((one for one in said if one.kind == kind == "optional" and judged), None)
    return Example(
        source=document.source,
        document=document.id,
        fold=document.fold,
        text="\n".join(document.text[first:last] for first, last in windows),
        end=end - start,
        context=[moves.whole(window) for window in windows[1:]],
        in_title=0 < end <= document.title_end,
        kind=kind if judged else "optional",
        likely=doubtful.likely if doubtful else None,
        sure=doubtful.sure if doubtful else None,
        explicit=statements[0].explicit if statements else None,
        nuclear=statements[0].nuclear if statements else None,
        spans=_spans_of(statements, moves),
        weapons=[
            _weapon_example(moves, span, silence, tales) for span, silence, tales in weapons if start <= span[0] < end
        ],
    )


def _kind_of(said: Sequence[Said]) -> str:
    """Return the kind of the first statement, or else what the sentence is without one."""
    kinds = [one.kind for one in said]
    statements = (kind for kind in kinds if kind in STATEMENTS)
    return next(chain(statements, (kind for kind in FALLBACKS if kind in kinds)), "none")


def _spans_of(statements: Sequence[Said], moves: "_Moves") -> dict[str, list[Span]]:
    """Return the spans of every role that was annotated in any of the statements, an empty list if it has none."""
    asked = [role for role in ROLES if any(role in one.spans for one in statements)]
    return {
        role: [each for one in statements for span in one.spans.get(role, ()) for each in moves.into(span)]
        for role in asked
    }


def _weapon_example(moves: "_Moves", span: Span, silence: float, tales: list[Told]) -> WeaponExample:
    stages: dict[str, float] = {}
    for one in tales:
        stages[one.stage] = max(stages.get(one.stage, 0.0), 1.0 if one.sure else _UNSURE)
    times = [one.background for one in tales if one.background is not None]
    start, end = moves.into(span)[0]
    return WeaponExample(
        start=start,
        end=end,
        stages=stages,
        silence=silence,
        supplier=_named(moves, [one.supplier for one in tales]),
        recipient=_named(moves, [one.recipient for one in tales]),
        background=any(times) if times else None,
    )


def _named(moves: "_Moves", parties: list[Party]) -> list[Span] | None:
    """Return where ``parties`` are named; None where a known one is named by words that were not annotated."""
    spans = [each for party in parties if party.span for each in moves.into(party.span)]
    unknown = not parties or any(party.code and not party.span for party in parties)
    return spans if spans or not unknown else None


class _Moves:
    """From offsets into a document to offsets into the text of an example."""

    def __init__(self, windows: Sequence[Span]) -> None:
        self._shifts: list[tuple[Span, int]] = []
        at = 0
        for start, end in windows:
            self._shifts.append(((start, end), at - start))
            at += end - start + 1

    def whole(self, window: Span) -> Span:
        shift = next(shift for known, shift in self._shifts if known == window)
        return window[0] + shift, window[1] + shift

    def into(self, span: Span) -> list[Span]:
        """Return the parts of ``span`` that the example shows."""
        return [
            (max(span[0], start) + shift, min(span[1], end) + shift)
            for (start, end), shift in self._shifts
            if _overlap(span, (start, end))
        ]


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """Write ``examples``, one JSON object a line, and return how many they are."""
    with path.open("w", encoding="utf-8") as file:
        return sum(bool(file.write(json.dumps(asdict(example)) + "\n")) for example in examples)


def read_examples(path: Path) -> Iterator[Example]:
    """Yield what ``write_examples`` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            weapons = [WeaponExample(**weapon) for weapon in row.pop("weapons")]
            yield Example(**row, weapons=weapons)
