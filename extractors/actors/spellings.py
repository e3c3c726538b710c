"""One name in many spellings: which of them are the same, and where a text has any of them.

    "Erdoğan" = "Erdogan"    "Kim Yo-jong" = "Kim Yo Jong"    "Al Shabaab" = "al-Shabaab"    "Muhammad" = "Mohammed"

So the lexicon needs one of these spellings, and another only where a name is truly written with other letters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_LETTERS = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "ħ": "h",
        "ı": "i",
        "ə": "a",
        "Ə": "A",
    }
    | {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th"}
    | dict.fromkeys("’‘ʼʻʿʾ`´", "'")
)
"""Letters that Unicode does not take apart into a plain one and its mark, and the apostrophes."""
_WITHIN = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])(?!s\b)", re.IGNORECASE)
"""The apostrophe of "Sa'ar", but not that of "Iran's"."""
_HYPHEN = re.compile(r"[-‐‑]")
_WORD = re.compile(r"(^|[-‐‑ ])([^-‐‑ ]*)")
_ENDING = re.compile(r"(?<=.{5})[iyj]+$")
"""How "Valery", "Valeri", "Valeriy" and "Valerii" end, and "-sky", "-skyi" and "-ski"; Berri is not Berry."""
_GIVEN_NAMES = """
    mohammed mohammad muhammad mohamed mohamad muhammed; ahmed ahmad; mahmoud mahmud mahmood; hassan hasan
    hussein hussain hossein husayn husain; yousef youssef yusuf yousuf yusef yousif; mustafa mostafa moustafa
    ibrahim ebrahim; ismail esmail esmaeil ismael; abdullah abdallah abdulla abdalla; abdul abdel abdol
    khaled khalid; qassem qasem qassim qasim kassem; sayyid sayyed seyed seyyed sayed syed; sheikh shaikh shaykh
    saeed saeid; omar umar; osama usama; saleh salih; naser nasser; al el; serhiy sergiy; igor ihor; oleg oleh
    alexei aleksei; alexander aleksandr alexandr aleksander aleksandar; yevgeny evgeny; dmytro dmitro; viktor victor
    vasily vassily; yuri yury iurii yurii yuriy; natalia natalya nataliya nataliia; maria mariya mariia
    yulia yuliya yuliia iuliia; mykhailo mykhaylo mikhailo; vyacheslav viacheslav
"""
"""Names and the Arabic article, each in the spellings that news has for it."""
_GROUPS = [[_ENDING.sub("y", word) for word in group.split()] for group in re.split(r"[;\n]", _GIVEN_NAMES)]
_ONE_FORM = {word: group[0] for group in _GROUPS for word in group}
_ARTICLES = frozenset({"al", "el"})
_KNOWN_WORDS = 1 << 16


def plain(text: str) -> str:
    """Return ``text`` in letters without marks, with straight apostrophes, and without those inside a word."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(char for char in apart if not unicodedata.combining(char))
    return _WITHIN.sub("", text) if "'" in text else text


def unmarked(text: str) -> str:
    """Return ``plain`` text with a space for every hyphen: what differs in nothing else is one spelling."""
    return _HYPHEN.sub(" ", plain(text))


@lru_cache(maxsize=_KNOWN_WORDS)
def parts(token: str) -> tuple[str, ...]:
    """Return the words of a token, each in the one form of all its spellings; a hyphen is none."""
    return tuple(_form(word) for _, word in _WORD.findall(plain(token).lower()) if word)


def key(text: str) -> str:
    """Return what all spellings of one name have in common: "Kim Yo-jong" → "kim yo jong"."""
    return " ".join(parts(text))


def is_written_as(text: str, listed: str) -> bool:
    """Whether ``text``, which has the key of ``listed``, has its capitals or those of a headline: "us" is not "US"."""
    if text == listed:
        return True
    said, known = _WORD.findall(plain(text)), _WORD.findall(plain(listed))
    if len(said) != len(known):
        return False
    if len(said) == 1 and plain(text).lower() != plain(listed).lower():
        return False  # one word in other letters may be anybody's name
    if (text.isupper() and len(text) > 2) or (text.islower() and listed.islower()):
        return True
    return all(_fits(word, other, joint=joint) for (joint, word), (_, other) in zip(said, known, strict=True))


class SpellingTrie:
    """Every spelling of every name, found in one pass through the tokens of a text."""

    def __init__(self, spellings: Iterable[Sequence[str]]) -> None:
        """Add names, each as its tokens."""
        self._root = _Node()
        self._small: set[str] = set()
        self._begins = lru_cache(maxsize=_KNOWN_WORDS)(self._may_begin)
        for tokens in spellings:
            node = self._root
            if tokens[0].islower():
                self._small.update(parts(tokens[0])[:1])
            for word in (word for token in tokens for word in parts(token)):
                node = node.after.setdefault(word, _Node())
            node.ends = True

    def matches(self, tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield the first token of each match and the one behind it, from left to right, the longer of two first."""
        begin = {token for token in set(tokens) if self._begins(token)}
        for start in [place for place, token in enumerate(tokens) if token in begin]:
            yield from ((start, end) for end in reversed(self._ends(tokens, start)))

    def _may_begin(self, token: str) -> bool:
        """Whether a name begins with ``token``, in small letters if it is written so."""
        first = parts(token)[:1]
        return first != () and first[0] in self._root.after and not (token.islower() and first[0] not in self._small)

    def _ends(self, tokens: Sequence[str], start: int) -> list[int]:
        """Return the token behind each name that begins at ``start``, the shortest first."""
        ends: list[int] = []
        node: _Node | None = self._root
        for place in range(start, len(tokens)):
            words = parts(tokens[place])
            for word in words:
                node = node.after.get(word) if node else None
            if node is None:
                break
            if words and node.ends:
                ends.append(place + 1)
        return ends


@dataclass(slots=True)
class _Node:
    after: dict[str, "_Node"] = field(default_factory=dict)
    ends: bool = False


def _form(word: str) -> str:
    word = _ENDING.sub("y", word)
    return _ONE_FORM.get(word, word)


def _fits(said: str, listed: str, *, joint: str) -> bool:
    """Whether a word, which ``joint`` joins to the one before, is capitalised as in the list, or as news may do it.

    "Foreign Ministry" for "foreign ministry", "Yo-jong" for "Yo Jong" and "Al" for "al"; "The bloc" is not "the bloc".
    """
    if said == listed or said.lower() in _ARTICLES:
        return True
    if said.lower() != listed.lower():
        return said[:1].isupper()
    large, small = listed[:1].upper() + listed[1:], listed[:1].lower() + listed[1:]
    return (said == large and joint != "") or (said == small and joint not in ("", " "))
