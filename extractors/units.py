"""A sentence as a row of units, one letter each, so that patterns of attribution can be read as patterns of letters.

An actor, a quotation, a reporting verb and a title are one unit each, however many words they take. The letters:

    P person   E listed expert   O organ, force, group or alliance   S state   A demonym   M medium   C company
    t title of an official   e of an expert   o noun for an organ   m for a medium   j modifier
    N other capitalised word   k particle of a name   V finite reporting verb   G gerund   B base form after "to"
    n noun of reporting   p pronoun   r relative pronoun   d determiner   g possessive 's   f preposition
    a conjunction   h that, whether, if   x auxiliary or adverb   ! negation   w time   T to   q quotation
    c comma   : colon   - dash   ; ( ) . themselves   z any other word
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import compress, pairwise
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc

from extractors.actors import ActorMention
from extractors.quotes import Quotation
from extractors.reporting import CueForm, TitleKind, Wordings
from extractors.sentences import offsets, sentence_starts, spellings

_KINDS = {"person": "P", "expert": "E", "organ": "O", "force": "O", "group": "O", "alliance": "O", "state": "S"}
_KINDS |= {"region": "S", "media": "M", "company": "C"}
_TITLES: Mapping[TitleKind, str] = {"official": "t", "expert": "e", "organ": "o", "media": "m", "modifier": "j"}
_PUNCTUATION = {",": "c", ":": ":", ";": ";", "(": "(", ")": ")", "[": "(", "]": ")", "–": "-", "—": "-", "--": "-"}
_PUNCTUATION |= {".": ".", "?": ".", "!": ".", "…": ".", "|": ";", "•": ";", "'s": "g", "’s": "g", "'": "g", "’": "g"}
_CLASSES = {
    "d": """
        such there the a an his her its their our my this these those some any no all each every both us
    """,
    "p": """
        he she they it i we you
    """,
    "r": """
        who which whose whom
    """,
    "f": """
        of for at in on by from with against about over into under after before since during between among
        as amid through despite without within via near across toward towards per outside inside following
        ahead than like
    """,
    "a": """
        and or but while whereas &
    """,
    "h": """
        that whether if how why what when where because unless until once although though
    """,
    "x": """
        has have had is are was were be been being will would may might could can should must did do does
        also later then again already repeatedly publicly explicitly earlier previously recently once
        further now soon still just ever even today yesterday tomorrow tonight meanwhile however therefore
        thus reportedly again often always sometimes only first last finally immediately never long most
        more twice all
    """,
    "!": """
        not n't n’t declined declines refused refuses refusing
    """,
    "w": """
        monday tuesday wednesday thursday friday saturday sunday january february march april june july
        august september october november december week month year morning afternoon evening night ago mon
        tue tues wed thu thurs fri sat sun
    """,
    "T": """
        to
    """,
    "k": """
        al bin ibn de von van der den ben el la le di da du dos abu ul bint
    """,
}
_WORDS = {word: code for code, words in reversed(_CLASSES.items()) for word in words.split()}
_NOWHERE = Quotation(sys.maxsize, sys.maxsize)
_KNOWN_WORDS = 1 << 16
_BE = frozenset({"is", "are", "was", "were", "been", "be"})


class Unit(NamedTuple):
    """One element of a sentence; ``start`` and ``end`` are offsets into the document."""

    code: str
    text: str
    start: int
    end: int
    mention: ActorMention | None = None
    cues: tuple[CueForm, ...] = ()
    quotation: int | None = None
    """Index among the document's quotations."""


class _Tokens(NamedTuple):
    """The tokens of a sentence without white space, a list for each thing asked of them: far less than objects cost."""

    texts: list[str]
    lower: list[str]
    starts: list[int]
    spaced: list[int]
    """1 where a space follows."""
    shouted: bool
    """Whether capitals mean nothing here."""

    def end(self, at: int) -> int:
        """Return the offset behind one token."""
        return self.starts[at] + len(self.texts[at])


class UnitReader:
    """Reads the sentences of one document, in order, as rows of units."""

    def __init__(
        self, doc: Doc, *, mentions: Sequence[ActorMention], quotations: Sequence[Quotation], wordings: Wordings
    ) -> None:
        self._doc = doc
        self._mentions = list(reversed(mentions))
        self._quotations = quotations
        self._next_quotation = 0
        self._wordings = wordings
        self._openers = wordings.openers()
        self._marked = 0
        """Where the quotation or actor to come begins: the words before it are read without looking for either."""

    def rows(self) -> Iterator[list[Unit]]:
        """Yield the units of every sentence; the parts of a quotation that lie in it are one unit."""
        for tokens in _sentences(self._doc):
            units: list[Unit] = []
            skip = 0
            for at, (word, text, start) in enumerate(zip(tokens.lower, tokens.texts, tokens.starts, strict=True)):
                if at < skip:
                    continue
                marked = self._mark(tokens, at) if start >= self._marked else None
                code = _code(text, at == 0, tokens.shouted)
                if marked or word in self._openers or code in "Nk":
                    unit, length = marked or self._worded(tokens, at, code)
                    units.append(unit)
                    skip = at + length
                else:
                    units.append(Unit(code, text, start, start + len(text)))
            yield _settled(units)

    def _mark(self, tokens: _Tokens, at: int) -> tuple[Unit, int] | None:
        """Return the quotation or actor to which a token belongs, if any."""
        start = tokens.starts[at]
        quotation, mention = self._quotation(start), self._mention(start)
        self._marked = min(mark.start for mark in (quotation, mention, _NOWHERE) if mark)
        if quotation and quotation.start <= start:
            length = _length(tokens, at, quotation.end)
            return Unit("q", "", start, tokens.end(at + length - 1), quotation=self._next_quotation), length
        if mention and mention.start <= start:
            code = "A" if mention.form == "demonym" else _KINDS.get(mention.kind, "N")
            unit = Unit(code, mention.text.lower(), mention.start, mention.end, mention)
            return unit, _length(tokens, at, mention.end)
        return None

    def _worded(self, tokens: _Tokens, at: int, code: str) -> tuple[Unit, int]:
        words = tokens.lower
        cue = self._wordings.cues.at(words, at)
        title = self._wordings.titles.at(words, at)
        if cue and not (title and title[1] > cue[1]) and not _is_name_part(tokens, at):
            return _join("V", tokens, at, cue[1], cues=cue[0]), cue[1]
        if title:
            length = title[1]
            if at + length < len(words) - 1 and words[at + length] == "." and len(words[at]) <= 4:
                length += 1  # "Gen." and the like, where the tokenizer takes the dot off
            return _join(_TITLES[title[0][0]], tokens, at, length), length
        length = _hyphenated(tokens, at) if code in "Nk" else 1
        return _join("N" if length > 1 else code, tokens, at, length), length

    def _quotation(self, start: int) -> Quotation | None:
        """Return the first quotation that does not end before ``start``."""
        while self._next_quotation < len(self._quotations) and self._quotations[self._next_quotation].end <= start:
            self._next_quotation += 1
        return self._quotations[self._next_quotation] if self._next_quotation < len(self._quotations) else None

    def _mention(self, start: int) -> ActorMention | None:
        """Return the first actor whose mention does not end before ``start``."""
        while self._mentions and self._mentions[-1].end <= start:
            self._mentions.pop()
        return self._mentions[-1] if self._mentions else None


def _sentences(doc: Doc) -> Iterator[_Tokens]:
    texts = spellings(doc)
    dark = np.array([not text.isspace() for text in texts], dtype=bool)
    texts = list(compress(texts, dark))
    lowered = {text: text.lower() for text in set(texts)}
    lower = [lowered[text] for text in texts]
    starts, spaced = offsets(doc)[dark].tolist(), doc.to_array("SPACY")[dark].tolist()
    before = np.cumsum(dark) - dark
    begins = before[sentence_starts(doc)].tolist()
    for begin, end in pairwise([*begins, len(texts)]):
        words = texts[begin:end]
        yield _Tokens(words, lower[begin:end], starts[begin:end], spaced[begin:end], _is_shouted(words))


def letters(units: Sequence[Unit]) -> str:
    """Return the codes of ``units`` as one string, a letter each."""
    return "".join(unit.code for unit in units)


def _length(tokens: _Tokens, at: int, end: int) -> int:
    length = 1
    while at + length < len(tokens.starts) and tokens.starts[at + length] < end:
        length += 1
    return length


def _join(code: str, tokens: _Tokens, at: int, length: int, *, cues: tuple[CueForm, ...] = ()) -> Unit:
    text = tokens.texts[at]
    if length > 1:
        some = range(at, at + min(length, 8))
        text = "".join(tokens.texts[i] + " " * tokens.spaced[i] for i in some).strip()
    return Unit(code, text, tokens.starts[at], tokens.end(at + length - 1), None, cues)


def _hyphenated(tokens: _Tokens, at: int) -> int:
    """Return how many tokens a name such as "al-Yasseri" or "Jean-Pierre" takes, which the tokenizer cuts."""
    texts, spaced = tokens.texts, tokens.spaced
    length = 1
    while at + length + 1 < len(texts) and texts[at + length] in "-‑":
        hyphen = at + length
        if spaced[hyphen - 1] or spaced[hyphen] or not texts[hyphen + 1][:1].isupper():
            break
        length += 2
    return length


def _is_shouted(texts: Sequence[str]) -> bool:
    """Whether the sentence is a headline that capitalises its words, so that a capital means nothing."""
    words = [text for text in texts[1:] if text.isalpha() and len(text) > 3]
    return len(words) > 2 and sum(text[0].isupper() for text in words) > 0.7 * len(words)


def _is_name_part(tokens: _Tokens, at: int) -> bool:
    """ "Ned Price", "Mr Swears": a capital in the middle of a sentence makes a verb a name."""
    text = tokens.texts[at]
    capital = text[:1].isupper() and not text.isupper()
    return at > 0 and not tokens.shouted and capital and tokens.texts[at - 1] not in ".:?!\"“‘'—–-"


@lru_cache(maxsize=_KNOWN_WORDS)
def _code(text: str, first: bool, shouted: bool) -> str:
    word = text.lower()
    if word in _PUNCTUATION:
        return _PUNCTUATION[word]
    capital = text[:1].isupper()
    known = _WORDS.get(word)
    if known and not (capital and known == "k" and not first):
        return known
    if text[:1].isdigit():
        return "j"
    if capital and not shouted:
        return "N"
    return "x" if word.endswith("ly") else "z"


def _settled(units: list[Unit]) -> list[Unit]:
    """Decide what only the neighbours tell: verb or noun, gerund or finite, "to warn"."""
    settled: list[Unit] = []
    for unit in units:
        code = _verb_code(unit, settled[-1] if settled else None) if unit.code == "V" else unit.code
        settled.append(unit if code == unit.code else Unit(code, unit.text, unit.start, unit.end, cues=unit.cues))
    return settled


def _verb_code(unit: Unit, neighbour: Unit | None) -> str:
    forms = {form.form for form in unit.cues}
    before = neighbour.code if neighbour else ""
    if "noun" in forms and (before in ("d", "j", "A", "g", "o", "N") or forms == {"noun"}):
        return "n"
    if "gerund" in forms:
        progressive = neighbour is not None and before == "x" and neighbour.text.lower() in _BE
        return "V" if progressive else "G"
    if before and before in "dg" and not (forms & {"past"}):
        return "n" if "noun" in forms else "z"
    if before == "T":
        return "B"
    return "z" if before == "f" and "past" not in forms else "V"
