"""One sentence as attribution reads it: for each reporting word in it, who speaks, and which part is what is said."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from extractors.reporting import CueForm, CueKind
from extractors.sources import Cast, Phrase, Source, phrases
from extractors.units import Row, Unit

_BE = frozenset(["is", "are", "was", "were", "be", "been", "being"])
_AUXILIARIES = _BE | {"will", "would", "has", "have", "had", "may", "could", "can", "not"}
_SUPPOSED = frozenset(["if", "unless", "until", "once", "should"])
_CONNECTING = _SUPPOSED | {"when", "where", "because", "although", "though"}
"""What joins a clause to "respond" or "answer" without telling what is said."""
_HELD = frozenset(["with", "amid", "as", "after", "following"])
_OWN = frozenset(["its", "his", "her", "their"])
_SPEAKERS = frozenset(
    ["person", "name", "official", "expert", "organ", "media", "state", "pronoun", "company", "people"]
)
_INNER_PHRASE = re.compile(r"f[djg]?[djASOCNMPgoetmnzw]{0,4}$")
_WE = re.compile(r"d?p")
_FIRST = re.compile(r"q|[dx]?p")
_WILL_DO = re.compile(
    r"(?:will|would|is going to|is ready to|was ready to|has the right to) (?:not )?(?!be |have |pay|face|suffer|regret"
    r"|bear|feel|lose|cease|see|get|learn|find|need|taste|end|burn|fall|know|not)[a-z]"
)
"""What a state says of its own deeds; of "Iran will pay" another speaks."""
_WILL_ACT = re.compile(
    rf"(?:{_WILL_DO.pattern})|to (?!be |have |pay|face|suffer|regret|get|lose|see|receive|end|fall)[a-z]"
)
_RELAY = re.compile(
    r"\b(?:carried|published|broadcast|aired|quoted|cited|reported|released|distributed|interview\w*|speaking|told"
    r"|remarks|comments|statement|speech|address|appear\w+)\b[^.;:]{0,40}?\b(?:by|with|to|on|in|via) (?:the )?$"
    r"|\bt(?:old|ells|elling) (?:the )?$",
    re.IGNORECASE,
)
_MEDIUM = re.compile(
    r"\b(?:television|tv|radio|agency|newspaper|daily|channel|media|broadcaster|network|magazine|website|outlet)\b",
    re.IGNORECASE,
)
_MEDIA_TAIL = re.compile(r"c[Mm]V[wx.]*$")
"""'…, Peskov said, Interfax reported.'"""
_IN_WORDS = re.compile(r"\b(?:words|opinion|view|assessment)\b")
_REACH = 60
"""How many units a subject may stand before its verb: longer stretches are lists and tables."""


@dataclass(slots=True)
class Claim:
    """One act of reporting inside a sentence, in units of that sentence."""

    source: Source | None
    cue: str
    kind: str
    rule: str
    at: int
    """The reporting verb."""
    begin: int
    """Where its clause begins: its subject, or what is said before it."""
    content: list[tuple[int, int]] = field(default_factory=list)
    addressee: str | None = None
    relayed_by: str | None = None
    final: bool = False
    """What is said stands before the verb."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The speaker of a verb and where the phrase stands that names it."""

    source: Source | None
    phrase: Phrase | None
    rule: str
    inverted: bool = False


class Sentence:
    """The units of a sentence, its phrases, and the questions attribution asks of them."""

    def __init__(self, units: Row, *, start: int, end: int, text: str, is_title: bool) -> None:
        self.units = units
        self.row = units.codes
        self.start, self.end = start, end
        self.text = text
        self.is_title = is_title
        self.phrases = phrases(units)
        self.dateline = self.phrases.pop(0).side if self._has_dateline() else None
        self._by_start = {phrase.start: phrase for phrase in self.phrases}
        self._by_end = {phrase.end: phrase for phrase in self.phrases}

    def claims(self, cast: Cast) -> list[Claim]:
        """Return what is reported in this sentence, in order of the reporting words."""
        found: list[Claim] = []
        for at, letter in enumerate(self.row):
            if letter in "VGB":
                claim = self._verb_claim(at, cast, found)
                if claim:
                    found.append(claim)
        if self.is_title and not found:
            found += [
                claim for at, letter in enumerate(self.row) if letter == "n" and (claim := self._headed(at, cast))
            ]
        found += self._according(cast)
        found += self._nouns(cast, found)
        announced = list(self._colon(cast, found))
        if announced:
            found = [*(claim for claim in found if claim.source), *announced]
        found.sort(key=lambda claim: claim.at)
        return _delimited(found, self.row)

    def _has_dateline(self) -> bool:
        """'TEHRAN - Donald Trump is …', 'SEOUL: …': the place is no speaker."""
        first = self.phrases[0] if self.phrases else None
        return bool(
            first
            and first.start == 0
            and first.kind == "state"
            and first.text.isupper()
            and len(first.text) > 3
            and (self.row[first.end : first.end + 1] in tuple("-:(c") or self._is_hyphen(first.end))
            and not self.text.isupper()
        )

    def _is_hyphen(self, at: int) -> bool:
        return at < len(self.units) and self.units.word(at) == "-"

    def label(self) -> Phrase | None:
        """Return the name before the colon that opens a turn of a transcript: "MS. PSAKI: …"."""
        colon = self.row.find(":", 1, 8)
        head = self._by_end.get(colon) if colon > 0 else None
        named = head is not None and head.kind in ("person", "name", "official")
        return head if named and head and self.row[: head.start].strip("Nt.d") == "" else None

    def quotations(self, begin: int = 0, end: int | None = None) -> list[int]:
        """Return the quotations among some units, by index."""
        found = (self.units[at].quotation for at, letter in enumerate(self.row[begin:end], begin) if letter == "q")
        return [quotation for quotation in found if quotation is not None]

    # -- verbs ---------------------------------------------------------------------------------------------------

    def _verb_claim(self, at: int, cast: Cast, earlier: list[Claim]) -> Claim | None:
        cue = self._cue(at)
        if cue.cue.weak and not self._is_reporting(at):
            return None
        kind = self._supported(at) if cue.cue.support else cue.cue.kind
        subject = self._subject(at, cue, cast, earlier) if kind else None
        if subject is None or kind is None or self._is_supposed(subject.phrase):
            return None
        phrase = subject.phrase
        begin = phrase.start if phrase and phrase.start < at else at
        claim = Claim(subject.source, self.units.word(at), kind, subject.rule, at, begin)
        self._say(claim, cue, subject)
        return claim

    def _is_supposed(self, phrase: Phrase | None) -> bool:
        """'Until Turkey pledges …', "if Iran threatens …": what nobody has said yet."""
        return bool(phrase and phrase.start > 0 and self.units.word(phrase.start - 1).lower() in _SUPPOSED)

    def _headed(self, at: int, cast: Cast) -> Claim | None:
        """'Iraqi faction pledges more attacks': a headline's only verb, read as a noun like "faction threats"."""
        after = self.row[at + 1 : at + 2]
        subject = self._by_end.get(at)
        if subject is None or subject.start > 0 or after in ("", "f", "V", ".", "c", ":"):
            return None
        if self.units.word(at + 1).lower() in _AUXILIARIES:
            return None
        return self._verb_claim(at, cast, []) if self._cue(at).form == "third" else None

    def _cue(self, at: int) -> CueForm:
        forms = self.units[at].cues
        return next((form for form in forms if form.form != "noun"), forms[0])

    def _who(self, cast: Cast, phrase: Phrase) -> Source | None:
        """Return whom ``phrase`` means; a pronoun looks at its own sentence first."""
        if phrase.kind != "pronoun" or phrase.text not in ("he", "she", "it", "they"):
            return self._owned(phrase, cast.source(phrase), cast)
        kinds = ("person", "name") if phrase.text in ("he", "she") else ("organ", "state")
        near = [other for other in self.phrases if other.end <= phrase.start and other.kind in kinds]
        near = [other for other in near if other.kind != "name" or cast.knows(other)]
        near.sort(key=lambda other: (other.governed, other.start if not other.governed else -other.start))
        for source in map(cast.source, near):
            if source and source.female in (None, phrase.text == "she"):
                return source
        return cast.pronoun(phrase.text)

    def _owned(self, phrase: Phrase, source: Source | None, cast: Cast) -> Source | None:
        """'The group will fight on, its spokesman said': he is on the side of what "its" means."""
        owner = {"its": "it", "their": "they", "his": "he", "her": "she"}.get(self.units.word(phrase.start).lower())
        if source is None or source.side or owner is None:
            return source
        near = self._who(cast, phrase._replace(kind="pronoun", text=owner))
        whose = near if near and near.side else cast.pronoun(owner)
        return replace(source, side=whose.side) if whose else source

    def _supported(self, at: int) -> CueKind | None:
        """'issued a stark new warning', 'laid down three red lines': the noun says what kind of speech it is."""
        for unit in self.units[at + 1 : at + 6]:
            if unit.code in "VG" and unit.cues and unit.cues[0].form == "noun":
                return unit.cues[0].cue.kind
            if unit.code == "n":
                return unit.cues[0].cue.kind
            if unit.code == "q" and "red line" in self._words(unit).lower():
                return "warn"
        return None

    def _words(self, unit: Unit) -> str:
        return self.text[unit.start - self.start : unit.end - self.start]

    def _is_reporting(self, at: int) -> bool:
        """Whether a clause or a quotation belongs to the verb: "added that", not "added troops"."""
        after, before = self.row[at + 1 : at + 5], self.row[max(0, at - 6) : at]
        clause = re.match(r"[xwc:]*h", after)
        if clause and self.units.word(at + clause.end()).lower() in _CONNECTING:
            return "q" in before
        return bool(clause or re.match(r"[xwc:]*q|:|f?q|[djz]{1,2}q", after)) or "q" in before

    def _subject(self, at: int, cue: CueForm, cast: Cast, earlier: list[Claim]) -> Subject | None:
        inverted = self._inverted(at, cue)
        if inverted:
            return Subject(self._who(cast, inverted), inverted, "inverted", inverted=True)
        passive = self._is_passive(at, cue)
        if passive is not None:
            return self._agent(at, cast) if passive else None
        if "!" in self.row[max(0, at - 3) : at] and cue.cue.kind != "deny":
            return None  # "did not threaten", "declined to say"
        if self.row[at] == "G" and self.row[at - 1 : at] == "f" and self.units.word(at - 1).lower() == "as":
            return self._quoted_as(at, cast)
        return self._left(at, cast, earlier)

    def _inverted(self, at: int, cue: CueForm) -> Phrase | None:
        if self.row[at] != "V":
            return None
        begin = at + 1 + (self.row[at + 1 : at + 2] == "x")
        phrase = self._by_start.get(begin)
        if phrase is None or phrase.kind not in _SPEAKERS:
            return None
        before = self.row[:at]
        if before.endswith(("q", "qc", "q-")):
            quote = at - 1 if before.endswith("q") else at - 2
            return phrase if self._closes_clause(quote) else None
        after = self.row[phrase.end : phrase.end + 1]
        ends = after in ("", ".", ";", "-", ")") or (after in "cfw" and not cue.cue.addressee)
        if phrase.kind == "pronoun" or not before.endswith(("c", "-")) or len(before) < 4 or not ends:
            return None
        # "X, commander of the fleet, warned the West": the comma closes an apposition, nothing is said before it.
        return phrase if not cue.cue.addressee or ("x" in before and "r" not in before) else None

    def _closes_clause(self, quote: int) -> bool:
        unit = self.units[quote]
        last = self._words(unit).rstrip("\"'”’»")
        return self.row[quote + 1 : quote + 2] in ("c", "-") or last[-1:] in ",.?!…—–-"

    def _is_passive(self, at: int, cue: CueForm) -> bool | None:
        """None for an active verb, True for a passive one with an agent, False for one without."""
        if cue.form not in ("past", "participle") and cue.cue.past != self.units.word(at).lower():
            return None
        left = at - 1
        while left >= 0 and self.row[left] in "xw!" and self.units.word(left).lower() not in _BE:
            left -= 1
        if self._is_believed(at, cue):
            return False
        has_be = left >= 0 and self.units.word(left).lower() in _BE
        following = self.units.word(at + 1).lower() if at + 1 < len(self.units) else ""
        no_object = cue.cue.addressee and self.is_title and following in ("over", "to")
        if not has_be and following != "by" and not no_object:
            return None
        return any(unit.text.lower() == "by" for unit in self.units[at + 1 : at + 6])

    def _is_believed(self, at: int, cue: CueForm) -> bool:
        """'A man believed to be …', 'said to have'; but "wrote to the council", "said to the crowd"."""
        if self.row[at + 1 : at + 2] != "T":
            return False
        verb = self.units.word(at + 2).lower() if at + 2 < len(self.units) else ""
        return cue.cue.kind in ("believe", "report") or (cue.cue.kind == "say" and verb in ("be", "have"))

    def _agent(self, at: int, cast: Cast) -> Subject | None:
        for by in range(at + 1, min(at + 6, len(self.units))):
            if self.units.word(by).lower() == "by":
                phrase = self._by_start.get(by + 1)
                return Subject(self._who(cast, phrase), phrase, "passive") if phrase else None
        return None

    def _quoted_as(self, at: int, cast: Cast) -> Subject | None:
        """'TASS quoted Peskov as saying', 'Peskov was quoted as saying by TASS', 'was quoted by TASS as saying'."""
        phrase = self._by_end.get(at - 1)
        verb = at - 2
        if phrase and phrase.governed and self._link(phrase) == "by":
            verb, phrase = phrase.start - 2, None
        if phrase:
            return Subject(self._who(cast, phrase), phrase, "quoted-as")
        if verb >= 0 and self.row[verb] == "V":
            left = self._left(verb, cast, [])
            return replace(left, rule="quoted-as") if left else None
        return None

    def _left(self, at: int, cast: Cast, earlier: list[Claim]) -> Subject | None:
        left = self._skip_back(at - 1, at)
        if left < 0:
            return self._main(at, cast, earlier) if self.row[at] == "G" else None
        letter = self.row[left]
        phrase = self._by_end.get(left + 1)
        if phrase:
            return self._adjacent(at, phrase, cast, earlier)
        if letter == "T":
            return self._infinitive(left, cast, earlier)
        if letter == "r":
            return self._relative(left, cast)
        issuer = self._issuer(left) if letter == "n" else None
        if issuer:
            return Subject(self._who(cast, issuer), issuer, "subject")
        found = self._interrupted(left, cast) if letter in "c-" and self.row[at] == "V" else None
        if found is None and (letter in "ca-;" or self.row[at] == "G"):
            found = self._main(at, cast, earlier)
        return found

    def _issuer(self, noun: int) -> Phrase | None:
        """'A statement from the ministry said', "the ministry's statement said", "the threat came from Minsk"."""
        by = self.row.find("f", noun + 1, noun + 4)
        if by > 0 and self.units.word(by).lower() in ("from", "by", "of"):
            return self._by_start.get(by + 1)
        return self._owner(noun)

    def _relative(self, at: int, cast: Cast) -> Subject | None:
        """'Medvedev, who warned …'."""
        before = at - 1 if self.row[at - 1 : at] == "c" else at
        phrase = self._by_end.get(before)
        return Subject(self._who(cast, phrase), phrase, "relative") if phrase else None

    def _skip_back(self, left: int, at: int) -> int:
        """Return the unit that decides, left of adverbs, dates, brackets and prepositional phrases."""
        while left >= 0 and at - left < _REACH:
            phrase = self._by_end.get(left + 1)
            if self._is_aside(left):
                left -= 1
            elif self.row[left] == ")" and "(" in self.row[:left]:
                left = self.row.rindex("(", 0, left) - 1
            elif phrase and phrase.governed and self.row[phrase.start - 1] == "f" and self._link(phrase) not in _HELD:
                left = phrase.start - 2
            elif (
                not phrase
                and self.row[left] in "znwjd"
                and (inner := _INNER_PHRASE.search(self.row, max(0, left - 5), left + 1))
            ):
                left = inner.start() - 1
            else:
                break
        return left

    def _is_aside(self, at: int) -> bool:
        """Whether one unit may stand between subject and verb: 'later', 'on Monday', 'meeting', 'has openly'."""
        letter = self.row[at]
        if letter == "z":
            return at > 0 and (self.row[at - 1] == "x" or self.units.word(at).endswith("ing"))
        return letter in "xw" or (letter == "f" and self.row[at + 1 : at + 2] == "w")

    def _link(self, phrase: Phrase) -> str:
        return self.units.word(phrase.start - 1).lower()

    def _adjacent(self, at: int, phrase: Phrase, cast: Cast, earlier: list[Claim]) -> Subject | None:
        held = phrase.governed and self._link(phrase) in _HELD
        if self.row[at] == "G" and not held and phrase.start > 0:
            return self._main(at, cast, earlier)
        if phrase.governed and not held:
            return None
        named = self._apposed(phrase)
        return Subject(self._who(cast, named), named, "subject")

    def _apposed(self, phrase: Phrase) -> Phrase:
        """'The foreign minister, X, said' is met at X; 'X, the foreign minister, said' at the minister."""
        before = self._by_end.get(phrase.start - 1) if self.row[phrase.start - 1 : phrase.start] == "c" else None
        if phrase.kind in ("official", "expert") and before and before.kind in ("person", "name"):
            return phrase if before.governed else before
        return phrase

    def _infinitive(self, to: int, cast: Cast, earlier: list[Claim]) -> Subject | None:
        phrase = self._by_end.get(to)
        if phrase and not phrase.governed:
            return Subject(self._who(cast, phrase), phrase, "infinitive")
        if self.row[to - 1 : to] in ("z", "x", "V"):
            return self._left(to - 1, cast, earlier)
        return None

    def _interrupted(self, comma: int, cast: Cast) -> Subject | None:
        """'X, who …, said', 'X, the minister, said', 'the minister, X, said'."""
        for phrase in reversed(self.phrases):
            if phrase.end > comma or phrase.governed:
                continue
            if phrase.end == comma:
                named = self._apposed(phrase)
                before = self._by_end.get(phrase.start - 1)
                if named is not phrase or (before and phrase.kind in ("person", "name") and before.kind == "official"):
                    return Subject(self._who(cast, named), named, "apposition")
            elif self.row[phrase.end] == self.row[comma] and phrase.kind in _SPEAKERS:
                named = self._named_after(phrase)
                return Subject(self._who(cast, named), named, "interrupted")
        return None

    def _main(self, at: int, cast: Cast, earlier: list[Claim]) -> Subject | None:
        """Return the subject of the sentence, which a second verb or a participle shares."""
        for claim in reversed(earlier):
            nested = self.row[max(0, claim.begin - 1)] in "rh" and claim.begin > 0
            if claim.rule not in ("inverted", "relative") and claim.at < at and not nested:
                return Subject(claim.source, None, "shared")
        for phrase in self.phrases:
            if phrase.end > at:
                break
            if not phrase.governed and phrase.kind in _SPEAKERS:
                return Subject(self._who(cast, self._named_after(phrase)), None, "main")
        return None

    def _named_after(self, phrase: Phrase) -> Phrase:
        """'Trump's deputy assistant, Sebastian Gorka, …': the name stands behind the description."""
        after = self._by_start.get(phrase.end + 1) if self.row[phrase.end : phrase.end + 1] == "c" else None
        named = after is not None and after.kind in ("person", "name") and self.row[after.end : after.end + 1] == "c"
        return after if named and after and phrase.kind == "official" else phrase

    # -- what is said --------------------------------------------------------------------------------------------

    def _say(self, claim: Claim, cue: CueForm, subject: Subject) -> None:
        at, phrase = claim.at, subject.phrase
        if subject.inverted and phrase:
            claim.content = [(0, at)]
            claim.begin, claim.final = 0, True
            self._resume(claim, phrase.end)
            return
        first = phrase.start if phrase and phrase.start < at else at
        if self._stands_before(first, at, cue):
            claim.content = [(0, first)]
            claim.begin, claim.final = 0, True
            self._resume(claim, at + 1)
            return
        begin = self._address(claim, cue, at + 1)
        that = self.row.find("h", begin, begin + 7)
        if that >= 0 and self.units.word(that).lower() == "that" and "q" not in self.row[begin:that]:
            begin = that + 1
        if not self.row[begin:].strip(".;)c"):
            begin = at + 1
        claim.content = [(begin, len(self.row))]

    def _stands_before(self, first: int, at: int, cue: CueForm) -> bool:
        """Whether what is said precedes its source: '"…," Putin said in Moscow', 'Russia will strike, Putin said'."""
        before, after = self.row[:first].rstrip("x"), _MEDIA_TAIL.sub("", self.row[at + 1 :])
        if before.endswith(("q", "qc", "q-")):
            quote = before.rindex("q")
            return self._closes_clause(quote) and not after.startswith("h")
        if not before.endswith(("c", "-")) or len(before) < 4 or re.match(r"[wxf:]*[qh:]", after):
            return False
        if cue.cue.addressee:
            addressee = self._by_start.get(at + 1)
            if addressee is None:
                return False
            after = self.row[addressee.end :]
        return bool(re.fullmatch(r"[wx]*(?:[fTcG][^hqV;]*)?(?:;.*|[.\-)]*)", after)) and bool(
            re.search(r"[xzV]", before)
        )

    def _resume(self, claim: Claim, begin: int) -> None:
        """Add the second half of an interrupted quotation: '"A," he said, "B."'."""
        quote = self.row.find("q", begin)
        if quote >= 0 and not re.search(r"[VGB]", self.row[begin:quote]):
            claim.content.append((quote, len(self.row)))

    def _address(self, claim: Claim, cue: CueForm, begin: int) -> int:
        """Take the person spoken to off the front of what is said."""
        phrase = self._by_start.get(begin) if cue.cue.addressee else None
        if phrase is None:
            return begin
        if phrase.kind == "media":
            claim.relayed_by = self._medium_of(phrase)
        elif phrase.kind not in ("expert", "pronoun"):
            claim.addressee = phrase.mention.name if phrase.mention else (phrase.name or phrase.text)
        return phrase.end

    # -- other forms ---------------------------------------------------------------------------------------------

    def _according(self, cast: Cast) -> Iterator[Claim]:
        """'according to X', 'in the words of X', 'in his opinion'."""
        text = self.text.lower()
        if "according" not in text and not _IN_WORDS.search(text):
            return
        for at, unit in enumerate(self.units):
            word = unit.text.lower()
            if word not in ("according", "in"):
                continue
            following = [other.text.lower() for other in self.units[at + 1 : at + 4]]
            phrase = None
            if word == "according" and following[:1] == ["to"]:
                phrase = self._by_start.get(at + 2)
            elif word == "in" and following[:3] == ["the", "words", "of"]:
                phrase = self._by_start.get(at + 4)
            elif word == "in" and (owner := self._viewer(at + 1)):
                yield self._aside(self._who(cast, owner), at, owner.end + 2)
            elif word == "in" and following[:1] and following[0] in ("his", "her") and _is_view(following[1:2]):
                yield self._aside(
                    self._who(cast, Phrase(at, at, "pronoun", "he" if following[0] == "his" else "she")), at, at + 3
                )
            if phrase:
                yield self._aside(self._who(cast, phrase), at, phrase.end)

    def _viewer(self, at: int) -> Phrase | None:
        """'In Lavrov's words', "in the president's view"."""
        phrase = self._by_start.get(at)
        if phrase is None or self.row[phrase.end : phrase.end + 1] != "g" or phrase.end + 1 >= len(self.units):
            return None
        return phrase if _is_view([self.units.word(phrase.end + 1).lower()]) else None

    def _aside(self, source: Source | None, at: int, end: int) -> Claim:
        cue = self.text[self.units[at].start - self.start : self.units[min(end, len(self.units)) - 1].end - self.start]
        content = [(0, at), (end, len(self.row))]
        cue = " ".join(cue.split()[:3])
        return Claim(source, cue, "say", "according", at, 0, [(a, b) for a, b in content if b - a > 1], final=True)

    def _nouns(self, cast: Cast, found: list[Claim]) -> Iterator[Claim]:
        """'Putin's warning that …', 'a warning from Moscow that …', 'threats by Iran to …'."""
        for at, letter in enumerate(self.row):
            if letter != "n":
                continue
            kind = self.units[at].cues[0].cue.kind if self.units[at].cues else "say"
            phrase = self._owner(at)
            begin = at + 1
            if (
                phrase is None
                and self.row[at + 1 : at + 2] == "f"
                and self.units.word(at + 1).lower() in ("from", "by")
            ):
                phrase = self._by_start.get(at + 2)
                begin = phrase.end if phrase else begin
            if phrase is None and self.row[at - 1 : at] == "d" and self.units.word(at - 1).lower() in _OWN:
                subject = self._main(at, cast, found)
                source, first = (subject.source, at) if subject else (None, at)
            elif phrase:
                source, first = self._who(cast, phrase), min(at, phrase.start)
            else:
                continue
            if self.row[begin : begin + 1] not in ("h", "T", "f"):
                continue
            clause = Claim(source, self.units.word(at), kind, "noun", at, first)
            clause.content = [(begin + (self.row[begin] == "h"), len(self.row))]
            yield clause

    def _owner(self, at: int) -> Phrase | None:
        left = at - 1
        while left >= 0 and self.row[left] in "jzx" and at - left < 4:
            left -= 1
        if left >= 1 and self.row[left] == "g":
            return self._by_end.get(left)
        return None

    def _colon(self, cast: Cast, found: list[Claim]) -> Iterator[Claim]:
        """'Moscow: strikes will be answered', 'Strikes will be answered – Moscow', 'Putin spoke openly: "…"'."""
        colon = self.row.find(":")
        told = [claim for claim in found if claim.source]
        if colon > 0 and not told and (source := self._announces(colon, cast)):
            yield Claim(source, "", "", "colon-quote", colon, 0, [(colon + 1, len(self.row))])
        elif self.is_title and not told:
            yield from self._headline(colon, cast)

    def _announces(self, colon: int, cast: Cast) -> Source | None:
        """Return who speaks behind a colon: 'Putin spoke openly: "…"', 'the message from Pyongyang was blunt: …'."""
        message = self.row.find("n", 0, colon)
        issuer = self._issuer(message) if message >= 0 and not self.is_title else None
        if issuer:
            return self._who(cast, issuer)
        ours = not self.is_title and (_WE.match(self.row, colon + 1) or message >= 0)
        subject = self._main(colon, cast, []) if ours or self.row[colon + 1 : colon + 2] == "q" else None
        return subject.source if subject else None

    def _headline(self, colon: int, cast: Cast) -> Iterator[Claim]:
        """'Moscow: strikes will be answered', 'Kabul to Islamabad: …', 'Strikes will be answered – Moscow'."""
        head, tail = self._addressed(colon) or self._heading(colon), self._tail()
        if head:
            claim = Claim(self._who(cast, head), ":", "say", "colon", colon, 0, [(colon + 1, len(self.row))])
            if self.row[head.end] == "T":
                claim.addressee = self._text(head.end + 1, colon)
            yield claim
        elif tail:
            yield Claim(self._who(cast, tail), "", "say", "dash", tail.start, 0, [(0, tail.start - 1)], final=True)

    def _heading(self, colon: int) -> Phrase | None:
        """Return the speaker before the colon of a headline: 'Moscow: …', 'Netanyahu on Gaza: We will …'."""
        head = self._by_start.get(0)
        if head is None or not 0 < colon < len(self.row) - 2 or head.kind in ("company", "people"):
            return None
        asides = self.row[head.end] == "f" and head.end + 1 in self._by_start and "V" not in self.row[:colon]
        return head if head.end == colon or (asides and _FIRST.match(self.row, colon + 1)) else None

    def _addressed(self, colon: int) -> Phrase | None:
        """'Kabul to Islamabad: Bomb us again …': who speaks before the colon, where another is spoken to."""
        speaker = self._by_start.get(0)
        if colon < 0 or speaker is None or self.row[speaker.end : speaker.end + 1] != "T":
            return None
        to = speaker.end + 1
        plural = to + 1 == colon and self.units.word(to).endswith("s")
        return speaker if to < colon and (to in self._by_start or self.row[to] == "A" or plural) else None

    def speaks_for(self, claim: Claim) -> str | None:
        """Return the side of a state that acts in what is said: who announces what "Tokyo will do" speaks for it."""
        for begin, _ in claim.content:
            phrase = self._by_start.get(begin)
            if phrase and phrase.kind in ("state", "organ") and phrase.side and phrase.end < len(self.units):
                will = (_WILL_ACT if self.is_title else _WILL_DO).match(self.text, self._at(phrase.end))
                return phrase.side if will else None
        return None

    def medium(self) -> str | None:
        """Return the medium that passed on what is said here: "in remarks carried by TASS", "on state television"."""
        for phrase in self.phrases:
            name = self._medium_of(phrase) if phrase.kind == "media" else None
            if name and _RELAY.search(self.text, 0, self._at(phrase.start)):
                return name
        return None

    def _medium_of(self, phrase: Phrase) -> str | None:
        """Return the name of a medium, or what kind of medium it is; a "statement" is none."""
        listed = [mention.text for mention in self.units.mentions(phrase.start, phrase.end) if mention.kind == "media"]
        return listed[0] if listed else phrase.text if _MEDIUM.search(phrase.text) else None

    def _at(self, unit: int) -> int:
        return self.units[unit].start - self.start

    def _text(self, begin: int, end: int) -> str:
        return self.text[self._at(begin) : self.units[end - 1].end - self.start]

    def _tail(self) -> Phrase | None:
        phrase = self._by_end.get(len(self.row))
        if phrase is None or (phrase.start < 4 and "q" not in self.row[: phrase.start]):
            return None
        return phrase if self.row[phrase.start - 1] in "-:" or self._is_hyphen(phrase.start - 1) else None


def _is_view(words: Sequence[str]) -> bool:
    return words[:1] in (["opinion"], ["view"], ["words"], ["assessment"])


def _delimited(claims: list[Claim], row: str) -> list[Claim]:
    """End each clause where the next one on its level begins: 'X warned …, and Y vowed …'."""
    for claim, following in pairwise(claims):
        if following.final or claim.final or following.begin <= claim.at:
            continue
        border = following.begin
        if row[border - 1] in "ca;":
            border -= 1 + (row[border - 2 : border] == "ca")
            claim.content = [(a, min(b, border)) for a, b in claim.content if a < border]
    return claims
