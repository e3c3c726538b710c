"""A sentence as a row of units, one letter each, so that patterns of attribution can be read as patterns of letters.

An actor, a quotation, a reporting verb and a title are one unit each, however many words they take. The letters:

    P person   E listed expert   O organ, force, group or alliance   S state   A demonym   M medium   C company
    t title of an official   e of an expert   o noun for an organ   m for a medium   j modifier
    N other capitalised word   k particle of a name   V finite reporting verb   G gerund   B base form after "to"
    n noun of reporting   p pronoun   r relative pronoun   d determiner   g possessive 's   f preposition
    a conjunction   h that, whether, if   x auxiliary or adverb   ! negation   w time   T to   q quotation
    c comma   : colon   - dash   ; ( ) . themselves   z any other word
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Span, Token

from extractors.actors import ActorMention
from extractors.quotes import Quotation
from extractors.reporting import CueForm, TitleKind, Wordings

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
_BE = frozenset({"is", "are", "was", "were", "been", "be"})


@dataclass(frozen=True, slots=True)
class Unit:
    """One element of a sentence; ``start`` and ``end`` are offsets into the document."""

    code: str
    text: str
    start: int
    end: int
    mention: ActorMention | None = None
    cues: tuple[CueForm, ...] = ()
    quotation: int | None = None
    """Index among the document's quotations."""


class UnitReader:
    """Reads the sentences of one document as rows of units; sentences must be asked for in order."""

    def __init__(
        self, doc: Doc, *, mentions: Sequence[ActorMention], quotations: Sequence[Quotation], wordings: Wordings
    ) -> None:
        self._doc = doc
        self._mentions = list(reversed(mentions))
        self._quotations = quotations
        self._next_quotation = 0
        self._wordings = wordings

    def read(self, sentence: Span) -> list[Unit]:
        """Return the units of ``sentence``; the parts of a quotation that lie in it are one unit."""
        units: list[Unit] = []
        tokens = [token for token in sentence if not token.is_space]
        words = [token.lower_ for token in tokens]
        shouted = _is_shouted(tokens)
        at = 0
        while at < len(tokens):
            unit, length = self._unit(tokens, words, at, shouted=shouted)
            units.append(unit)
            at += length
        return _settled(units)

    def _unit(self, tokens: list[Token], words: list[str], at: int, *, shouted: bool) -> tuple[Unit, int]:
        quoted = self._quoted(tokens, at)
        if quoted is not None:
            return quoted
        mention = self._mention(tokens[at].idx)
        if mention is not None:
            length = _length(tokens, at, mention.end)
            code = "A" if mention.form == "demonym" else _KINDS.get(mention.kind, "N")
            return Unit(code, mention.text.lower(), mention.start, mention.end, mention), length
        return self._worded(tokens, words, at, shouted=shouted)

    def _worded(self, tokens: list[Token], words: list[str], at: int, *, shouted: bool) -> tuple[Unit, int]:
        cue = self._wordings.cues.at(words, at)
        title = self._wordings.titles.at(words, at)
        if cue and not (title and title[1] > cue[1]) and not _is_name_part(tokens, at, shouted=shouted):
            return _join("V", tokens, at, cue[1], cues=cue[0]), cue[1]
        if title:
            length = title[1]
            if at + length < len(tokens) - 1 and words[at + length] == "." and len(words[at]) <= 4:
                length += 1  # "Gen." and the like, where the tokenizer takes the dot off
            return _join(_TITLES[title[0][0]], tokens, at, length), length
        code = _code(tokens[at], first=at == 0, shouted=shouted)
        length = _hyphenated(tokens, at) if code in "Nk" else 1
        return _join("N" if length > 1 else code, tokens, at, length), length

    def _quoted(self, tokens: list[Token], at: int) -> tuple[Unit, int] | None:
        start = tokens[at].idx
        while self._next_quotation < len(self._quotations) and self._quotations[self._next_quotation].end <= start:
            self._next_quotation += 1
        if self._next_quotation == len(self._quotations):
            return None
        quotation = self._quotations[self._next_quotation]
        if start < quotation.start:
            return None
        length = _length(tokens, at, quotation.end)
        unit = _join("q", tokens, at, length)
        return Unit("q", "", unit.start, unit.end, quotation=self._next_quotation), length

    def _mention(self, start: int) -> ActorMention | None:
        while self._mentions and self._mentions[-1].end <= start:
            self._mentions.pop()
        mention = self._mentions[-1] if self._mentions else None
        return mention if mention and mention.start <= start else None


def letters(units: Sequence[Unit]) -> str:
    """Return the codes of ``units`` as one string, a letter each."""
    return "".join(unit.code for unit in units)


def _length(tokens: list[Token], at: int, end: int) -> int:
    length = 1
    while at + length < len(tokens) and tokens[at + length].idx < end:
        length += 1
    return length


def _join(code: str, tokens: list[Token], at: int, length: int, *, cues: tuple[CueForm, ...] = ()) -> Unit:
    first, last = tokens[at], tokens[at + length - 1]
    text = first.text
    if length > 1:
        text = "".join(token.text_with_ws for token in tokens[at : at + min(length, 8)]).strip()
    return Unit(code, text, first.idx, last.idx + len(last), cues=cues)


def _hyphenated(tokens: list[Token], at: int) -> int:
    """Return how many tokens a name such as "al-Yasseri" or "Jean-Pierre" takes, which the tokenizer cuts."""
    length = 1
    while at + length + 1 < len(tokens) and tokens[at + length].text in "-‑":
        hyphen, following = tokens[at + length], tokens[at + length + 1]
        if tokens[at + length - 1].whitespace_ or hyphen.whitespace_ or not following.text[:1].isupper():
            break
        length += 2
    return length


def _is_shouted(tokens: list[Token]) -> bool:
    """Whether the sentence is a headline that capitalises its words, so that a capital means nothing."""
    words = [token for token in tokens[1:] if token.is_alpha and len(token) > 3]
    return len(words) > 2 and sum(token.text[0].isupper() for token in words) > 0.7 * len(words)


def _is_name_part(tokens: list[Token], at: int, *, shouted: bool) -> bool:
    """ "Ned Price", "Mr Swears": a capital in the middle of a sentence makes a verb a name."""
    text = tokens[at].text
    capital = text[:1].isupper() and not text.isupper()
    return at > 0 and not shouted and capital and tokens[at - 1].text not in ".:?!\"“‘'—–-"


def _code(token: Token, *, first: bool, shouted: bool) -> str:
    word = token.lower_
    if word in _PUNCTUATION:
        return _PUNCTUATION[word]
    capital = token.text[:1].isupper()
    known = _WORDS.get(word)
    if known and not (capital and known == "k" and not first):
        return known
    if token.text[:1].isdigit():
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
