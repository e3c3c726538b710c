"""What the statement classifier sees of a sentence: its words without names, its cues, and their order.

Names of people, places and weapons never become features, only that one stands there, so that a sentence about a
country no training sentence mentions is judged like one about any other.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from extractors.attribution import Utterance
from extractors.cues import CueFinder, CueKind, CueMatch, normalise

VERSION = 2
"""Changes with the features, so that weights trained on others are refused."""

_TOKEN = re.compile(r"[^\W\d_]+(?:'[a-z]{1,2}\b)?|\d[\d.,]*")
_WORD = re.compile(r"[a-z]+(?:'[a-z]{1,2}\b)?")
_ACTOR, _NAME, _NUMBER, _RARE = "<actor>", "<name>", "<number>", "<rare>"
_FULL_NAME = re.compile(r"[^\W\d_a-z][\w'’.-]*(?: [^\W\d_a-z][\w'’.-]*)+")
_QUOTE = re.compile(r"(?<!\w)[\"']|\"")
_NEAR = 60
"""Code points before a verb within which its subject is looked for."""
_WHO = {CueKind.OFFICE: "office", CueKind.EXPERT: "expert", CueKind.SELF: "self", CueKind.OTHER: "other"}
_ORDERED = frozenset(CueKind) - {CueKind.PAST, CueKind.CIVIL, CueKind.HOME, CueKind.HEDGE}
# fmt: off
_FUNCTION_WORDS = frozenset(
    (
        "a", "an", "the", "in", "on", "at", "of", "to", "from", "by", "with", "for", "and", "or", "as", "about",
        "into", "its", "his", "her", "their", "this", "that", "it", "he", "she", "they", "i", "who", "which",
        "there", "than", "is", "are", "was", "be", "been", "has", "have", "had", "not", "then", "so", "such",
        "other", "also", "more", "most", "all", "over", "up", "out",
    )
)
# fmt: on
"""Alone they tell the length of a sentence and nothing else; in pairs they count."""
_CLOSE = 40
"""Code points within which two cues stand close."""
_MOST = 40
"""Cues and actors of a sentence whose order is looked at: an endless one costs no more than a long one."""


@dataclass(frozen=True, slots=True)
class Named:
    """A span of the sentence that names an actor (``actor``) or anything else."""

    start: int
    end: int
    actor: bool


@dataclass(frozen=True, slots=True)
class _Item:
    label: str
    start: int


def features(
    sentence: str, *, named: Sequence[Named], said: Sequence[str], cues: CueFinder, words: Collection[str]
) -> set[str]:
    """Return the features of ``sentence``.

    ``said`` tells of its utterances in the form of ``told``; ``words`` are the common words that may become features.
    """
    norm = normalise(sentence)
    matches = cues.find(norm)
    tokens = list(_tokens(sentence, norm, named=named, words=words))
    labels = ["<s>", *(token.label for token in tokens), "</s>"]
    found = {f"w {label}" for label in labels[1:-1] if label not in _FUNCTION_WORDS}
    found |= {f"b {a} {b}" for a, b in pairwise(labels)}
    found |= {f"t {a} {b} {c}" for a, b, c in zip(labels, labels[1:], labels[2:], strict=False)}
    found |= {f"cue {match.cue}" for match in matches}
    found |= set(_sequences(matches, tokens))
    found |= set(_subjects(matches, tokens))
    found |= {f"said {how}" for how in said or ("nothing",)}
    found |= set(_flags(sentence, norm, tokens))
    return found


def plain_features(norm: str, *, words: Collection[str]) -> set[str]:
    """Return what a first look at a normalised sentence takes in: its common words and which stand side by side."""
    spelled = map(spelling, _WORD.findall(norm))
    labels = ["<s>", *[word if word in words else "" for word in spelled], "</s>"]
    return {*labels[1:-1], *[f"{a} {b}" for a, b in pairwise(labels) if a and b]} - {""}


def told(utterance: Utterance) -> tuple[str, ...]:
    """Return what the classifier hears of an utterance: its verb, and whether one who may speak for a side says it."""
    who = "official" if utterance.official else "unofficial" if utterance.speaker else "unknown"
    verb = utterance.cue_class or "quote"
    return verb, f"{verb} {who}", f"{verb} {who} {utterance.speech.value}"


def named_speakers(sentence: str, utterances: Sequence[Utterance]) -> list[Named]:
    """Return where a sentence names persons who speak for a side though no list holds them."""
    unlisted = sorted({u.speaker for u in utterances if u.official and u.speaker and u.speaker_id is None})
    places = [(sentence.find(name), len(name)) for name in unlisted if _FULL_NAME.fullmatch(name)]
    return [Named(at, at + length, True) for at, length in places if at >= 0]


@lru_cache(maxsize=1 << 16)
def spelling(word: str) -> str:
    """Return a word in one of its spellings: British becomes American, roughly."""
    word = word.removesuffix("'s")
    if len(word) > 5:
        word = re.sub(r"is(e|ed|es|ing|ation)$", r"iz\1", word).replace("our", "or")
    return word.replace("defence", "defense").replace("centre", "center")


def _tokens(sentence: str, norm: str, *, named: Sequence[Named], words: Collection[str]) -> Iterator[_Item]:
    last = ""
    for match in _TOKEN.finditer(norm):
        span = next((span for span in named if span.start <= match.start() < span.end), None)
        label = _label(match, sentence, span=span, words=words)
        if label != last or not label.startswith("<"):
            yield _Item(label, match.start())
        last = label


def _label(match: re.Match[str], sentence: str, *, span: Named | None, words: Collection[str]) -> str:
    if span is not None:
        return _ACTOR if span.actor else _NAME
    word = match.group()
    if word[0].isdigit():
        return _NUMBER
    word = spelling(word)
    if word in words:
        return word
    return _NAME if sentence[match.start()].isupper() else _RARE


def _sequences(matches: Sequence[CueMatch], tokens: Sequence[_Item]) -> Iterator[str]:
    """Yield which kinds of cue, actors among them, follow each other, stand close, or stand before one another."""
    items = [_Item(match.kind.value, match.start) for match in matches if match.kind in _ORDERED and not match.wide]
    items += [token for token in tokens if token.label in (_ACTOR, _NAME)]
    items = sorted(items, key=lambda item: (item.start, item.label))[:_MOST]
    labels = [
        "<s>",
        *(item.label for at, item in enumerate(items) if at == 0 or items[at - 1].label != item.label),
        "</s>",
    ]
    for size in (2, 3):
        for at in range(len(labels) - size + 1):
            yield f"s{size} {' '.join(labels[at : at + size])}"
    for at, item in enumerate(items):
        for other in items[at + 1 :]:
            if other.label != item.label:
                yield f"before {item.label} {other.label}"
            if other.start - item.start <= _CLOSE:
                yield f"close {item.label} {other.label}"


def _subjects(matches: Sequence[CueMatch], tokens: Sequence[_Item]) -> Iterator[str]:
    """Yield who stands nearest before each cue of menace, saying or future."""
    who = [(match.start, _WHO[match.kind]) for match in matches if match.kind in _WHO]
    who += [(token.start, token.label) for token in tokens if token.label in (_ACTOR, _NAME)]
    who.sort()
    for match in matches:
        if match.kind not in (CueKind.MENACE, CueKind.SAY, CueKind.FUTURE, CueKind.LIMIT):
            continue
        before = [label for start, label in who if match.start - _NEAR <= start < match.start]
        yield f"subject {match.kind.value} {before[-1] if before else 'none'}"
        yield from (f"near {match.kind.value} {label}" for label in set(before))


def _flags(sentence: str, norm: str, tokens: Sequence[_Item]) -> Iterator[str]:
    if _QUOTE.search(norm):
        yield "flag quote"
    if norm.rstrip("\"' ").endswith("?"):
        yield "flag question"
    if sentence.startswith("Q "):
        yield "flag asked"
    if not norm.rstrip().endswith((".", "?", "!", '"', "'")):
        yield "flag headline"
    yield f"length {min(len(tokens) // 8, 6)}"
