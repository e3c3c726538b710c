"""Sentences of news text, without a model: a blank English tokenizer and a rule-based splitter.

``boundaries`` decides on the text alone and in one pass; ``build_nlp`` wraps it as a spaCy pipeline whose documents
keep every code point of their text, so that offsets into ``Doc.text`` are offsets into the article.
"""

import hashlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from numpy.typing import NDArray
from spacy.attrs import IS_ALPHA, LOWER  # type: ignore[import-not-found]  # compiled, without a stub
from spacy.lang.en import English
from spacy.language import Language, create_tokenizer
from spacy.tokens import Doc
from spacy.util import compile_infix_regex, registry
from spacy.vocab import Vocab


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_CLOSERS = "\"'”’»)]}"
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
# Beginning with a set of characters lets the search skip all others, which takes an eighth of the time.
_CANDIDATE = re.compile(
    r"""
    [\n•▪●■►‣◆.!?…。！？]
    (?: (?<=\n) \s*+ (?P<line>)
      | (?<=\s[•▪●■►‣◆]) (?=\s) (?P<bullet>)
      | (?<=[.!?…。！？]) (?<![.!?…。！？]{2}) [.!?…。！？]*+
        (?: ["'”’»)\]}]{1,4} | \s[”»] )? (?: \[\d{1,4}\] ){0,4} (?=\s|[A-Z“])
    )
    """,
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«—–]+$")
_NEXT_WORD = re.compile(r"[^\W\d_][\w.’'-]*|\d")
_INITIAL = re.compile(r"(?:\w\.)*[A-Z]|(?:[A-Z][a-z]?\.-?)+[A-Z]")
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]")
_LIST_NUMBER = re.compile(r"(?:^|\n)[ \t]*(?:\d{1,3}|[ivx]{1,4}|[A-Za-z])$")

# "Gen." is followed by a name, never by a new sentence.
_BEFORE_NAME = _words(
    """
    mr mrs ms messrs mx dr prof rev hon fr sr-gen gen lt col maj capt cmdr cdr comdr sgt cpl pvt adm brig rear-adm
    vice-adm lt-gen lt-col maj-gen brig-gen col-gen ltg rep reps sen sens gov govs pres amb sec supt insp det pfc st
    ste mt ft e.g i.e cf viz vs v al incl approx ca esp resp dept assn asst atty
    """
)
# "No. 10", "Oct. 7", "p. 12": an abbreviation when a figure follows.
_BEFORE_FIGURE = _words(
    """
    no nos art arts fig figs vol vols pp p para sec ch jan feb mar apr jun jul aug sep sept oct nov dec tel ext op
    cit
    """
)
# May end a sentence or be inside one: only a word that begins sentences decides.
_EITHER = _words(
    """
    u.s u.k u.n e.u d.c u.s.a u.s.s.r u.a.e p.m a.m ph.d b.a m.a m.d inc ltd co corp llc jr sr bros plc etc est ala
    ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont neb nev okla ore pa tenn
    tex va vt wash wis wyo mon tue tues wed thu thur thurs fri sat sun jan feb mar apr aug sep sept oct nov dec dept
    gov univ ave blvd rd sq
    """
)
_STARTERS = _words(
    """
    the a an he she it they we i you this that these those there here his her its their our my your in on at as by
    for from with after before since when while where if though although because but and or so yet however meanwhile
    moreover also what why how who which no not one two some many most all both each every any another other such
    earlier later last during under over between according despite instead still then now today yesterday nor even
    once until asked speaking to among without perhaps indeed only just
    """
)
# '"Will he stop?" Lavrov asked.' is one sentence.
_ASKED = re.compile(
    r"(?:[\w.’'-]+ ){1,7}?(?:said|says|asked|asks|added|adds|told|wrote|writes|warned|warns|replied|shouted|tweeted"
    r"|posted|declared|announced|exclaimed|quipped|stated|wondered|insisted|argued|continued)\b(?! that\b)"
)
_ASKED_WINDOW = 80
_UNFINISHED = _words(
    """
    the a an of to in on at by for from with and or but that as is was are were be his her its their
    """
)
# spaCy keeps "U.S.-made" as one word, which would hide the United States.
_DOTTED_COMPOUND = r"(?<=[A-Z]\.)-(?=[A-Za-z])"
_LOOK_BACK = 40
_LONG_WORD = 100
_LONG = re.compile(rf"\S{{{_LONG_WORD}}}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RUN = re.compile(r"\S+ ?|\s+")
_LETTERS = re.compile(r"[A-Za-z]*")
_PLAIN = re.compile(r"([\"“]?)(?P<word>[A-Za-z]*[a-z])([’']s|)([.,;:!?]?)([\"”]?)")
_KNOWN_WORDS = 1 << 16
_TEXT, _WORDS = "text", "words"


def boundaries(text: str, begin: int = 0, end: int = sys.maxsize) -> Iterator[int]:
    """Yield the offset of every sentence except the first, ascending; linear in ``text``.

    ``begin`` and ``end`` may delimit a paragraph, which has the same sentences by itself as in the text.
    """
    last, end = begin, min(end, len(text))
    for match in _CANDIDATE.finditer(text, begin, end):
        start = _after(text, match)
        if start is not None and last < start < end:
            last = start
            yield start


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the bounds of every paragraph, including the blank lines after it, which no sentence crosses."""
    breaks = (match.end() for match in _BLANK_LINE.finditer(text))
    return pairwise(chain([0], breaks, [len(text)]))


def _after(text: str, match: re.Match[str]) -> int | None:
    """Return where the next sentence starts if ``match`` ends one."""
    if match["bullet"] is not None:
        return match.start()
    if match["line"] is not None:
        return match.end() if _ends_line(text, match) else None
    start = match.end()
    while start < len(text) and text[start] in " \t\xa0\u2009\u202f":
        start += 1
    if start < len(text) and text[start] == "\n":
        return None  # the line break decides
    return start if _ends_sentence(text, match, start) else None


def _ends_line(text: str, match: re.Match[str]) -> bool:
    """A blank line always ends a sentence, a single break unless the text visibly runs on."""
    if match.group().count("\n") > 1:
        return True
    following = text[match.end() : match.end() + 1]
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()].rstrip()
    runs_on = before.rpartition(" ")[2].casefold() in _UNFINISHED or before.endswith(",")
    return not (following.islower() or (runs_on and before[-1:] not in ".!?"))


def _ends_sentence(text: str, match: re.Match[str], start: int) -> bool:
    stop = match.group()
    if start == match.end():
        return _ends_glued(text, match)
    following = _NEXT_WORD.search(text, start, start + _LOOK_BACK)
    head = text[start : following.start()] if following else text[start : start + 1]
    word = following.group() if following else ""
    if word[:1].islower():
        return False
    if stop.strip(_CLOSERS).endswith(("?", "!")) and stop[-1] in _CLOSERS:
        return not _ASKED.match(text, start, start + _ASKED_WINDOW)
    if not stop.startswith(".") or stop.startswith(".."):
        return True
    return not _is_abbreviation(text, match.start(), stop, word, head)


def _ends_glued(text: str, match: re.Match[str]) -> bool:
    """Whether a space was lost between two sentences: '… required.Volodymyr …', but not 'U.S' or 'Inc.com'."""
    if match.end() >= len(text) or not match.start() or not match.group().startswith((".", "!", "?", "…")):
        return False
    first = match.end() + (text[match.end()] == "“")
    before, word = text[max(0, match.start() - 3) : match.start()], text[first : first + 2]
    return len(before) == 3 and before.isalpha() and before.islower() and word[:1].isupper() and word[1:].islower()


def _is_abbreviation(text: str, dot: int, stop: str, word: str, head: str) -> bool:
    """Whether the dot belongs to the word before it; ``word`` follows, with ``head`` between the two."""
    before = _LAST_WORD.search(text[max(0, dot - _LOOK_BACK) : dot])
    if before is None or stop[1:2] in tuple('"”»'):
        return False
    token = before.group()
    key = token.casefold()
    if key in _BEFORE_NAME:
        return True
    numbers_a_list = (token.isdigit() or len(token) == 1) and bool(_LIST_NUMBER.search(text[max(0, dot - 8) : dot]))
    if numbers_a_list or word[:1].isdigit():
        return key in _BEFORE_FIGURE or numbers_a_list
    opens = word.casefold() in _STARTERS or bool(head.strip("( "))
    return not opens and (key in _EITHER or bool(_DOTTED.fullmatch(token) or _INITIAL.fullmatch(token)))


LONGEST_TEXT = 1 << 31
"""spaCy's limit protects parsers; nothing here needs memory beyond the tokens."""


@Language.component("brinkwatch_sentences")
def split_sentences(doc: Doc) -> Doc:
    """Set the sentence starts of ``doc`` from ``boundaries`` of its text; a spaCy component."""
    marks = np.full(len(doc) + 1, -1, dtype="int64")
    marks[np.searchsorted(offsets(doc), list(boundaries(text_of(doc))))] = 1
    marks[0] = 1
    # one array instead of Token.is_sent_start, whose setter goes through the whole document each time
    return doc.from_array(["SENT_START"], marks[:-1].reshape(-1, 1).astype("uint64"))  # type: ignore[arg-type]  # its stub knows only its own protocol


def text_of(doc: Doc) -> str:
    """Return the text of ``doc``, which ``Doc.text`` would join from its tokens at each access."""
    text: str = doc.user_data.get(_TEXT) or doc.text
    return text


def offsets(doc: Doc) -> NDArray[np.uint64]:
    """Return where each token of ``doc`` starts."""
    return np.asarray(doc.to_array("IDX"))


def sentence_starts(doc: Doc) -> NDArray[np.intp]:
    """Return the index of the first token of each sentence; ``Doc.sents`` would create an object per token."""
    return np.flatnonzero(doc.to_array("SENT_START") == 1)


def spellings(doc: Doc) -> list[str]:
    """Return the tokens of ``doc`` as strings, without looking each of them up."""
    words: list[str] = doc.user_data.get(_WORDS) or [token.text for token in doc]
    return words


class SafeTokenizer:
    """spaCy's English tokenizer for hostile text: any string in, a Doc of the same length out.

    Lone surrogates, which spaCy cannot store, become U+FFFD. Words of thousands of characters, for which the
    tokenizer takes quadratic time, are cut into pieces first. The rules are only applied to what is more than a word
    with its marks, and once per spelling, because news repeats itself.
    """

    def __init__(self, nlp: Language) -> None:
        self._tokenize = nlp.tokenizer
        rules: Mapping[str, object] = nlp.tokenizer.rules  # type: ignore[union-attr]  # the English tokenizer has some
        self._special = {opening.group() for opening in map(_LETTERS.match, rules) if opening}
        self._cut = lru_cache(maxsize=_KNOWN_WORDS)(self._cut_run)
        self.vocab: Vocab = nlp.vocab

    def __call__(self, text: str) -> Doc:
        """Return the tokens of ``text``; offsets of tokens are offsets into ``text``."""
        text = _SURROGATE.sub("\ufffd", text)
        words: list[str] = []
        spaces: list[bool] = []
        for piece in _pieces(text) if _LONG.search(text) else [text]:
            for cut, spaced in map(self._cut, _RUN.findall(piece)):
                words += cut
                spaces += spaced
        return Doc(self.vocab, words=words, spaces=spaces, user_data={_TEXT: text, _WORDS: words})

    def to_disk(self, _path: Path, **_options: object) -> None:
        """Write nothing: the factory named in the configuration creates all of it."""

    def from_disk(self, _path: Path, **_options: object) -> "SafeTokenizer":
        """Read nothing, for the same reason."""
        return self

    def to_bytes(self, **_options: object) -> bytes:
        """Return nothing, for the same reason."""
        return b""

    def from_bytes(self, _data: bytes, **_options: object) -> "SafeTokenizer":
        """Read nothing, for the same reason."""
        return self

    def _cut_run(self, run: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
        """Return the tokens of a word and its marks, and whether a space follows each; or white space as one token."""
        bare = run.rstrip(" ")
        if not bare or bare.isspace():
            return (run,), (False,)
        words = self._ask(bare)
        return words, (*[False] * (len(words) - 1), bare != run)

    def _ask(self, run: str) -> tuple[str, ...]:
        plain = _PLAIN.fullmatch(run)
        if plain and plain["word"] not in self._special:
            return tuple(filter(None, plain.groups()))
        return tuple(token.text for token in self._tokenize(run))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for match in _LONG.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    if start < len(text):
        yield text[start:]


@registry.tokenizers("brinkwatch.NewsTokenizer.v1")  # type: ignore[untyped-decorator]  # spaCy does not type it
def make_tokenizer() -> Callable[[Language], SafeTokenizer]:
    """Return the factory of the tokenizer, for spaCy's configuration."""

    def make(nlp: Language) -> SafeTokenizer:
        # Of what spaCy computes for a new word, the components use nothing else.
        vocab: Any = nlp.vocab
        vocab.lex_attr_getters = {name: vocab.lex_attr_getters[name] for name in (LOWER, IS_ALPHA)}
        tokenizer: Any = create_tokenizer()(nlp)
        tokenizer.infix_finditer = compile_infix_regex([*English.Defaults.infixes, _DOTTED_COMPOUND]).finditer
        nlp.tokenizer = tokenizer
        return SafeTokenizer(nlp)

    return make


def sentences_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences of ``text`` without surrounding white space; a single character is not one."""
    for start, end in pairwise(chain([0], boundaries(text), [len(text)])):
        sentence = text[start:end]
        begin = start + len(sentence) - len(sentence.lstrip())
        finish = start + len(sentence.rstrip())
        if finish - begin > 1:
            yield begin, finish


def fingerprint(sentence: str) -> str:
    """Return a hash that stands for a sentence whose words may not be copied."""
    return hashlib.sha256(sentence.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def build_nlp() -> Language:
    """Return a pipeline with only the news tokenizer and the sentence splitter."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "brinkwatch.NewsTokenizer.v1"}}})
    nlp.max_length = LONGEST_TEXT
    nlp.add_pipe("brinkwatch_sentences")
    return nlp
