"""Where sentences begin and end, decided on the text alone and in one pass, without a model."""

import hashlib
import re
import sys
from collections.abc import Iterator
from itertools import chain, pairwise

from extractors.text.reporting import SAID


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_CLOSERS = "\"'”’»)]}"
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
# Beginning with a set of characters lets the search skip all others, which takes an eighth of the time.
_CANDIDATE = re.compile(
    r"""
    [\n•▪●■►‣◆.!?…。！？]
    (?: (?<=\n) \s*+ (?P<line>)                             # the end of a line, with blank ones after it
      | (?<=\s[•▪●■►‣◆]) (?=\s) (?P<bullet>)                # a bullet within a line
      | (?<=[.!?…。！？]) (?<![.!?…。！？]{2}) [.!?…。！？]*+        # the first of several stops, and the others
        (?: ["'”’»)\]}]{1,4} | \s[”»] )?                    # what closes with the sentence
        (?: \[\d{1,4}\] ){0,4} (?=\s|[A-Z“])                # footnotes; then a space, unless it was lost
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
    rf"(?:[\w.’'-]+ ){{1,7}}?(?:{SAID}|asked|asks|adds|writes|replied|shouted|announced|exclaimed|quipped|stated"
    r"|wondered|argued|continued)\b(?! that\b)"
)
_ASKED_WINDOW = 80
_UNFINISHED = _words(
    """
    the a an of to in on at by for from with and or but that as is was are were be his her its their
    """
)
_LOOK_BACK = 40
"""Code points around the end of a sentence that decide whether it is one."""


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
