"""A sentence as a row of units, one letter each, so that patterns of attribution can be read as patterns of letters.

An actor, a quotation, a reporting verb and a title are one unit each, however many words they take. The letters:

    P person   E listed expert   O organ, force, group or alliance   S state   A demonym   M medium   C company
    t title of an official   e of an expert   o noun for an organ   m for a medium   j modifier
    N other capitalised word   k particle of a name   V finite reporting verb   G gerund   B base form after "to"
    n noun of reporting   p pronoun   r relative pronoun   d determiner   g possessive 's   f preposition
    a conjunction   h that, whether, if   x auxiliary or adverb   ! negation   w time   T to   q quotation
    c comma   : colon   - dash   ; ( ) . themselves   z any other word
"""

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import compress, pairwise
from typing import NamedTuple, overload

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
_SPACE, _OPENER, _HYPHEN = " ", "?", "~"
_ODD = {_OPENER, _HYPHEN}
"""Tokens that their neighbours decide about: words with which a cue or a title may begin, and hyphens."""
_MORE = re.compile(r"\?|[Nk](?=~)")
"""Where a unit may begin that is more than a plain word."""
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
    letters: str
    """What each token is by itself: the letter of a plain word, or one of ``_ODD``."""
    shouted: bool
    """Whether capitals mean nothing here."""

    def end(self, at: int) -> int:
        """Return the offset behind one token."""
        return self.starts[at] + len(self.texts[at])


class Alphabet:
    """What letter each word is by itself; remembered from one document to the next."""

    def __init__(self, wordings: Wordings) -> None:
        self.wordings = wordings
        self._openers = wordings.openers()
        self._letter = lru_cache(maxsize=_KNOWN_WORDS)(self._look_up)
        self._shape = lru_cache(maxsize=_KNOWN_WORDS)(_shape)

    def read(self, texts: list[str], starts: list[int], spaced: list[int]) -> _Tokens:
        """Return the tokens of a sentence, given a list for each thing asked of them."""
        letters = "".join(map(self._letter, texts))
        if _SPACE in letters:
            dark = [letter != _SPACE for letter in letters]
            texts, starts = list(compress(texts, dark)), list(compress(starts, dark))
            spaced = list(compress(spaced, dark))
            letters = letters.replace(_SPACE, "")
        shouted = self._is_shouted(texts)
        if shouted:
            letters = "".join(self._letter(text, shouted=True) for text in texts)
        if letters and letters[0] not in _ODD:
            letters = _code(texts[0], first=True, shouted=shouted) + letters[1:]
        return _Tokens(texts, list(map(str.lower, texts)), starts, spaced, letters, shouted)

    def _look_up(self, text: str, *, shouted: bool = False) -> str:
        if text.isspace():
            return _SPACE
        if text.lower() in self._openers:
            return _OPENER
        return _HYPHEN if text in "-‑" else _code(text, first=False, shouted=shouted)

    def _is_shouted(self, texts: Sequence[str]) -> bool:
        """Whether the sentence is a headline that capitalises its words, so that a capital means nothing."""
        shapes = "".join(map(self._shape, texts[1:]))
        return len(shapes) > 2 and shapes.count("U") > 0.7 * len(shapes)


class Row(Sequence[Unit]):
    """The units of a sentence: the letter of each, and whole those that are more than a plain word.

    Of most words nothing but the letter is ever asked, so that they become a ``Unit`` only when they are.
    """

    __slots__ = ("_firsts", "_tokens", "_whole", "codes")

    def __init__(self, codes: str, tokens: _Tokens, firsts: list[int], whole: dict[int, Unit]) -> None:
        """Take the letters, the tokens, the first token of each unit, and the units that are known already."""
        self.codes = codes
        self._tokens = tokens
        self._firsts = firsts
        self._whole = whole

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> Unit: ...
    @overload
    def __getitem__(self, index: slice) -> list[Unit]: ...
    def __getitem__(self, index: int | slice) -> Unit | list[Unit]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if index in self._whole:
            return self._whole[index]
        first, tokens = self._firsts[index], self._tokens
        return Unit(self.codes[index], tokens.texts[first], tokens.starts[first], tokens.end(first))

    def text(self, begin: int, end: int) -> str:
        """Return the words of some units; a possessive follows its word without a space."""
        words = self.word(begin)
        for at in range(begin + 1, end):
            words += self.word(at) if self.codes[at] == "g" else f" {self.word(at)}"
        return words

    def word(self, at: int) -> str:
        """Return the words of one unit."""
        return self._whole[at].text if at in self._whole else self._tokens.texts[self._firsts[at]]

    def mentions(self, begin: int, end: int) -> Iterator[ActorMention]:
        """Yield the listed actors among some units."""
        for at in range(begin, end):
            if at in self._whole and (mention := self._whole[at].mention):
                yield mention

    def cut(self, length: int) -> Iterator["Row"]:
        """Yield the row in parts of at most ``length`` units."""
        if len(self) <= length:
            yield self
            return
        for begin in range(0, len(self), length):
            end = begin + length
            whole = {at - begin: unit for at, unit in self._whole.items() if begin <= at < end}
            yield Row(self.codes[begin:end], self._tokens, self._firsts[begin:end], whole)


class UnitReader:
    """Reads the sentences of one document, in order, as rows of units."""

    def __init__(
        self, doc: Doc, *, mentions: Sequence[ActorMention], quotations: Sequence[Quotation], alphabet: Alphabet
    ) -> None:
        self._doc = doc
        self._mentions = list(reversed(mentions))
        self._quotations = quotations
        self._next_quotation = 0
        self._alphabet = alphabet
        self._wordings = alphabet.wordings
        self._marked = 0
        """Where the quotation or actor to come begins: the words before it are read without looking for either."""

    def rows(self) -> Iterator[Row]:
        """Yield the units of every sentence; the parts of a quotation that lie in it are one unit."""
        texts, starts = spellings(self._doc), offsets(self._doc).tolist()
        spaced = self._doc.to_array("SPACY").tolist()
        for begin, end in pairwise([*sentence_starts(self._doc).tolist(), len(texts)]):
            tokens = self._alphabet.read(texts[begin:end], starts[begin:end], spaced[begin:end])
            if tokens.texts:
                yield self._row(tokens)

    def _row(self, tokens: _Tokens) -> Row:
        codes, firsts, whole = "", list[int](), dict[int, Unit]()
        at, size = 0, len(tokens.texts)
        while at < size:
            plain = range(at, self._next(tokens, at))
            codes += tokens.letters[plain.start : plain.stop]
            firsts += plain
            at = plain.stop
            if at < size:
                unit, length = self._mark(tokens, at) or self._worded(tokens, at)
                if unit.code == "V":
                    unit = unit._replace(code=_verb_code(unit, codes[-1:], tokens.texts[at - 1]))
                whole[len(firsts)] = unit
                codes += unit.code
                firsts.append(at)
                at += length
        return Row(codes.replace(_HYPHEN, "z"), tokens, firsts, whole)

    def _next(self, tokens: _Tokens, at: int) -> int:
        """Return the next token, from ``at`` on, with which more than a plain word may begin."""
        odd = _MORE.search(tokens.letters, at)
        end = odd.start() if odd else len(tokens.texts)
        return bisect_left(tokens.starts, self._marked, at, end)

    def _mark(self, tokens: _Tokens, at: int) -> tuple[Unit, int] | None:
        """Return the quotation or actor to which a token belongs, if any."""
        start = tokens.starts[at]
        if start < self._marked:
            return None
        quotation, mention = self._quotation(start), self._mention(start)
        self._marked = min(mark.start for mark in (quotation, mention, _NOWHERE) if mark)
        if quotation and quotation.start <= start:
            length = _length(tokens, at, quotation.end)
            return Unit("q", "", start, tokens.end(at + length - 1), quotation=self._next_quotation), length
        if mention and mention.start <= start:
            code = "A" if mention.form == "demonym" else _KINDS.get(mention.kind, "N")
            unit = Unit(code, mention.text, mention.start, mention.end, mention)
            return unit, _length(tokens, at, mention.end)
        return None

    def _worded(self, tokens: _Tokens, at: int) -> tuple[Unit, int]:
        """Return the reporting words, the title, the name or the plain word that begins with a token."""
        words = tokens.texts
        cue = self._wordings.cues.at(tokens.lower, at)
        title = self._wordings.titles.at(tokens.lower, at)
        if cue and not (title and title[1] > cue[1]) and not _is_name_part(tokens, at):
            return _join("V", tokens, at, cue[1], cues=cue[0]), cue[1]
        if title:
            length = title[1]
            if at + length < len(words) - 1 and words[at + length] == "." and len(words[at]) <= 4:
                length += 1  # "Gen." and the like, where the tokenizer takes the dot off
            return _join(_TITLES[title[0][0]], tokens, at, length), length
        code = _code(words[at], first=at == 0, shouted=tokens.shouted)
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


def _shape(text: str) -> str:
    """Return what a word tells of a headline: nothing, if it is short, else whether it has a capital."""
    if not text.isalpha() or len(text) <= 3:
        return ""
    return "U" if text[0].isupper() else "l"


def _is_name_part(tokens: _Tokens, at: int) -> bool:
    """ "Ned Price", "Mr Swears": a capital in the middle of a sentence makes a verb a name."""
    text = tokens.texts[at]
    capital = text[:1].isupper() and not text.isupper()
    return at > 0 and not tokens.shouted and capital and tokens.texts[at - 1] not in ".:?!\"“‘'—–-"


def _code(text: str, *, first: bool, shouted: bool) -> str:
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


def _verb_code(unit: Unit, before: str, word: str) -> str:
    """Decide what only the neighbour tells, its letter or word: verb or noun, gerund or finite, "to warn"."""
    forms = {form.form for form in unit.cues}
    if "noun" in forms and (before in ("d", "j", "A", "g", "o", "N") or forms == {"noun"}):
        return "n"
    if "gerund" in forms:
        return "V" if before == "x" and word.lower() in _BE else "G"
    if before and before in "dg" and not (forms & {"past"}):
        return "n" if "noun" in forms else "z"
    if before == "T":
        return "B"
    return "z" if before == "f" and "past" not in forms else "V"
