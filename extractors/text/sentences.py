"""The first parts of the pipeline: the tokenizer and the splitter into sentences of ``boundaries``, for spaCy.

Documents keep every code point of their text, so that offsets into ``Doc.text`` are offsets into the article.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
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

from extractors.text.boundaries import boundaries

# spaCy keeps "U.S.-made" as one word, which would hide the United States.
_DOTTED_COMPOUND = r"(?<=[A-Z]\.)-(?=[A-Za-z])"
_LONG = re.compile(r"\S{100}")
"""A piece of a word so long that no rule of the tokenizer is about it."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_RUN = re.compile(r"\S+ ?|\s+")
"""A word with its marks and the space after it, or white space."""
_LETTERS = re.compile(r"[A-Za-z]*")
_PLAIN = re.compile(r"([\"“]?)(?P<word>[A-Za-z]*[a-z])([’']s|)([.,;:!?]?)([\"”]?)")
"""A word that is cut from its marks without the rules: each group is a token, if it is not empty."""
_KNOWN_WORDS = 1 << 16
"""How many spellings are remembered with their tokens."""
_TEXT, _WORDS = "text", "words"
"""What a document bears in ``user_data``: its text, and its tokens as strings."""
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


def build_nlp() -> Language:
    """Return a pipeline with only the news tokenizer and the sentence splitter."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "brinkwatch.NewsTokenizer.v1"}}})
    nlp.max_length = LONGEST_TEXT
    nlp.add_pipe("brinkwatch_sentences")
    return nlp
