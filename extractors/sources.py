"""Who may be speaking: noun phrases of a sentence, and whom they mean in this article.

``phrases`` cuts the phrases out of a row of units; ``Cast`` remembers the persons an article names, so that a surname,
a title or a pronoun can be traced back to them. What cannot be traced stays as written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from extractors.actors import ActorMention
from extractors.units import Row

# A word no list knows belongs to a title that follows it: "the policy chief".
_RUN = re.compile(r"d{0,2}(?:[djASOCNMEPgteomkn]|(?<=[djAg])z(?=[teo])){0,30}")
_OPENING = re.compile(r"[pjASOCNMPEgteomkn]|d(?=[djASOCNMEPgteomkn]|z[teo])|(?<=[djAg])z(?=[teo])")
# Two phrases that only a lost comma or full stop separates: "in Europe Vladimir Putin", "Jerusalem Turkey's president".
_BREAK = re.compile(r"(?<=[^dg])d|(?<=S)[PS]|(?<=[NP])[SAO]g|(?<=[NPSO])A")
_LINK = re.compile(r"[fT]d?")
_LINKS = frozenset(["of", "for", "at", "to", "in", "from", "on"])
_PERSON = frozenset("PE")
_LISTED = frozenset("PEOSAMC")
_PHRASE_KINDS = {"P": "person", "E": "person", "N": "name", "t": "official", "e": "expert", "o": "organ", "m": "media"}
_PHRASE_KINDS |= {"O": "organ", "S": "state", "A": "people", "M": "media", "C": "company"}
_DEFINITE = frozenset(["the", "this", "that", "his", "her", "its", "their"])
_NO_OFFICE = re.compile(
    r"\b(?:former|ex|retired|late|ousted|exiled|opposition|candidate|shadow|self-styled)\b", re.IGNORECASE
)
_PLURAL = re.compile(r"(?:[^s]s|men|people|leadership|military|troops|women|media|police)$", re.IGNORECASE)
_FEMALE = re.compile(r"woman\b|\bqueen\b|\bmrs\b|\bms\b|\bprincess\b|\blady\b", re.IGNORECASE)
_SENT = re.compile(r"\b(?:ambassador|envoy|consul|emissary|negotiator|attach[eé]|troops|forces)\b", re.IGNORECASE)
"""Who goes abroad for his side: of "the ambassador to Paris" nothing says whose he is."""
_SPOKES = re.compile(r"spokes(?:man|woman|person)|press secretary", re.IGNORECASE)
_RANKS = (
    ("head of state", re.compile(r"(?<!vice )\bpresident\b|\bking\b|\bemir\b|supreme leader", re.IGNORECASE)),
    ("president", re.compile(r"(?<!vice )(?<!vice-)\bpresident\b(?!'s|’s| of the (?:european|senate))", re.IGNORECASE)),
    ("prime minister", re.compile(r"\bprime minister\b|\bpremier\b|\bpm\b", re.IGNORECASE)),
    ("foreign minister", re.compile(r"\bforeign (?:minister|secretary)\b|\bsecretary of state\b", re.IGNORECASE)),
    (
        "defence minister",
        re.compile(
            r"\b(?:defen[cs]e|armed forces) (?:minister|secretary)\b|\bsecretary of (?:defense|war)\b", re.IGNORECASE
        ),
    ),
    ("minister", re.compile(r"\bminister\b", re.IGNORECASE)),
    ("chancellor", re.compile(r"\bchancellor\b", re.IGNORECASE)),
    ("spokesman", _SPOKES),
    ("ambassador", re.compile(r"\bambassador\b|\benvoy\b|permanent representative", re.IGNORECASE)),
    ("national security adviser", re.compile(r"national security advis[eo]r", re.IGNORECASE)),
    ("secretary general", re.compile(r"secretary[ -]general", re.IGNORECASE)),
    ("chief", re.compile(r"\bchief\b|\bhead\b|\bcommander\b|\bdirector\b", re.IGNORECASE)),
    (
        "leader",
        re.compile(
            r"\bleader\b|\bpresident\b|\bpremier\b|\bprime minister\b|\bchancellor\b|\bking\b|\bdictator\b",
            re.IGNORECASE,
        ),
    ),
    ("secretary", re.compile(r"\bsecretary\b", re.IGNORECASE)),
    ("diplomat", re.compile(r"\bdiplomat\b|\bforeign minister\b|\bambassador\b|\benvoy\b", re.IGNORECASE)),
    ("general", re.compile(r"\bgen(?:eral|\.)", re.IGNORECASE)),
    ("colonel", re.compile(r"\bcol(?:onel|\.)", re.IGNORECASE)),
    ("admiral", re.compile(r"\badm(?:iral|\.)", re.IGNORECASE)),
    ("senator", re.compile(r"\bsen(?:ator|\.)", re.IGNORECASE)),
    ("governor", re.compile(r"\bgov(?:ernor|\.)", re.IGNORECASE)),
    ("speaker", re.compile(r"\bspeaker\b", re.IGNORECASE)),
    ("chairman", re.compile(r"\bchair", re.IGNORECASE)),
    ("official", re.compile(r"\bofficial\b|minister|secretary|spokes|president|chief|director", re.IGNORECASE)),
    ("expert", re.compile(r"\bexpert\b|\banalyst\b|\bprofessor\b|\bfellow\b|\bscholar\b", re.IGNORECASE)),
    ("analyst", re.compile(r"\banalyst\b", re.IGNORECASE)),
    ("professor", re.compile(r"\bprofessor\b", re.IGNORECASE)),
)


class Phrase(NamedTuple):
    """A noun phrase that can name a speaker: units ``start`` to ``end``."""

    start: int
    end: int
    kind: str
    """person, name, official, expert, organ, media, state, people, company or pronoun."""
    text: str
    """As written, without determiner."""
    mention: ActorMention | None = None
    """The listed actor it names."""
    name: str = ""
    """The name of a person no list holds."""
    role: str = ""
    """The description beside the name, or the whole phrase where there is none."""
    side: str | None = None
    definite: bool = False
    governed: bool = False
    """It stands behind a preposition, and so is no subject."""


@dataclass(frozen=True, slots=True)
class Source:
    """A speaker as far as the article tells."""

    speaker: str
    speaker_id: str | None
    side: str | None
    role: str | None
    official: bool
    kind: str
    """person, organ, state, media or people."""
    female: bool | None = None
    plural: bool = False


def phrases(units: Row) -> list[Phrase]:
    """Return the phrases of a sentence from left to right, none overlapping."""
    found: list[Phrase] = []
    row, at = units.codes, 0
    while opening := _OPENING.search(row, at):
        at = opening.start()
        if row[at] == "p":
            found.append(Phrase(at, at + 1, "pronoun", units.word(at).lower()))
        run = _run_end(row, at)
        end = _linked_end(units, at, run)
        if end > at:
            found.append(_phrase(units, at, run, end))
        at = max(end, at + 1)
    return found


def _linked_end(units: Row, at: int, run: int) -> int:
    """Return where a run of noun letters ends with the prepositional phrases that belong to its title."""
    row, end = units.codes, run
    for _ in range(3):
        if end == at or row[end - 1] not in "teo":
            break
        link = _LINK.match(row, end)
        if not link or units.word(end).lower() not in _LINKS:
            break
        further = _run_end(row, link.end())
        if further == link.end():
            break
        end = further
    return end


def _run_end(row: str, at: int) -> int:
    match = _RUN.match(row, at)
    assert match is not None  # every part of it is optional
    run = match.group()
    following = _BREAK.search(run)
    if following:
        run = run[: following.start()]
    run = run.rstrip("djgkn")
    return at + len(run)


def _phrase(units: Row, start: int, run: int, end: int) -> Phrase:
    """Return the phrase of units ``start`` to ``end``, of which those before ``run`` need no preposition."""
    row, head = units.codes, _head(units.codes, run, end)
    letter, mention = row[head], next(units.mentions(head, head + 1), None)
    text = role = _text(units, start, end)
    own = run if _SENT.search(text) and " of " not in text else end
    side = next((actor.side for actor in units.mentions(start, own) if actor.side), None)
    name = ""
    if letter in _PERSON:
        role = _text(units, start, head) if head > start else ""
        side = mention.side if mention else side
    elif letter == "N":
        # A name no list holds: a title or a given name must show that it is one.
        first = _name_start(row, start, head)
        name, role = _text(units, first, head + 1), _text(units, start, first) if first > start else ""
    return Phrase(
        start=start,
        end=end,
        kind=_PHRASE_KINDS[letter],
        text=text,
        mention=mention if letter in _LISTED else None,
        name=name,
        role=role,
        side=side,
        definite=row[start] == "d" and units.word(start).lower() in _DEFINITE,
        governed=start > 0 and row[start - 1] in "fT",
    )


def _name_start(row: str, start: int, head: int) -> int:
    while head > start and row[head - 1] in "Nk":
        head -= 1
    return head


def _head(row: str, run: int, end: int) -> int:
    """Return the unit that says what the phrase names: "the head of the IRGC" is a head, not the IRGC."""
    last = end - 1
    if end > run:
        apposed = row[last] in "PEN" and not _belongs(row, run, last)
        return last if apposed else run - 1
    return last


def _belongs(row: str, run_end: int, last: int) -> bool:
    """Whether the person at ``last`` is part of the description: "ally of President Putin", "aide to Zelensky"."""
    first = last
    while first > run_end and row[first - 1] in "Nk" and row[last] == "N":
        first -= 1
    return row[first - 1] not in "OoSC"


def _text(units: Row, start: int, end: int) -> str:
    """Return the words of some units without a leading determiner."""
    while start < end - 1 and units.codes[start] == "d":
        start += 1
    return units.text(start, end)


@dataclass(slots=True)
class _Member:
    source: Source
    described: str
    """Every description the article or the list gives."""
    surname: str
    last: int = -1
    """The sentence that named it last, of those read so far."""


class Cast:
    """The persons and organs an article has named so far, most recent last."""

    def __init__(self) -> None:
        self._members: dict[str, _Member] = {}
        self.focus: Source | None = None
        """The person a pronoun would mean."""
        self.body: Source | None = None
        """The organ, state or group "it" or "they" would mean."""
        self.first: Source | None = None
        """Whom "I" and "we" mean outside quotations: the speaker of a transcript or release."""

    def meet(self, phrase: Phrase, *, described: Sequence[Phrase] = ()) -> None:
        """Remember a named person with the descriptions that stand beside the name."""
        role = " ".join([phrase.role, *(beside.text for beside in described)]).strip()
        if phrase.kind == "person" and phrase.mention:
            self._meet_listed(phrase.mention, role)
        elif phrase.kind == "name" and (" " in phrase.name or role):
            side = phrase.side or next((beside.side for beside in described if beside.side), None)
            self._meet_unlisted(phrase._replace(side=side), role)

    def settle(self, source: Source) -> None:
        """Remember what the article lets conclude about a person whom it named before."""
        if source.speaker in self._members:
            self._members[source.speaker].source = source

    def _meet_listed(self, mention: ActorMention, role: str) -> None:
        known = self._members.pop(mention.actor, None)
        described = f"{known.described if known else mention.role or ''}; {role}"
        # The article's "former" counts only where the list has no dates to go by.
        office = mention.office and (mention.certain or not (role and _NO_OFFICE.search(role)))
        source = Source(
            mention.name,
            mention.actor,
            mention.side,
            mention.role,
            office if known is None else known.source.official and office,
            "person",
            mention.gender == "f" if mention.gender else None,
        )
        self._members[mention.actor] = _Member(source, described, mention.name.split()[-1].lower())

    def _meet_unlisted(self, phrase: Phrase, role: str) -> None:
        if _ARMED_GROUP.search(phrase.name):
            return
        surname = phrase.name.split()[-1].lower()
        known = self._by_surname(surname)
        if known and (" " not in phrase.name or known.source.speaker == phrase.name):
            key = known.source.speaker
            if role and key in self._members:
                known.described += f"; {role}"
                known.source = replace(
                    known.source,
                    role=known.source.role or role,
                    official=known.source.official or _is_official(role),
                    side=known.source.side or phrase.side,
                )
            return
        female = True if _FEMALE.search(role) else None
        source = Source(phrase.name, None, phrase.side, role or None, _is_official(role), "person", female)
        self._members[phrase.name] = _Member(source, role, surname)

    def source(self, phrase: Phrase) -> Source | None:
        """Return whom ``phrase`` means, None where that cannot be told."""
        if phrase.kind == "pronoun":
            return self.pronoun(phrase.text)
        if phrase.kind == "person" and phrase.mention:
            member = self._members.get(phrase.mention.actor)
            if member is None:
                return None
            return member.source
        if phrase.kind == "name":
            member = self._members.get(phrase.name) or self._by_surname(phrase.name.split()[-1].lower())
            return member.source if member else _stranger(phrase)
        if phrase.kind in ("official", "expert"):
            return self._described(phrase) or _as_written(phrase)
        return _as_written(phrase)

    def knows(self, phrase: Phrase) -> bool:
        """Whether a name belongs to a person the article introduces; "Such" and "There" open sentences too."""
        return phrase.name in self._members or self._by_surname(phrase.name.split()[-1].lower()) is not None

    def _by_surname(self, surname: str) -> _Member | None:
        found = [member for member in self._members.values() if member.surname == surname]
        return found[-1] if found else None

    def pronoun(self, word: str) -> Source | None:
        """Return whom "he", "she", "it" or "they" means after what was read so far."""
        if word in ("he", "she"):
            focus = self.focus
            if focus and focus.female is not None and focus.female != (word == "she"):
                others = [m.source for m in self._members.values() if m.source.female == (word == "she")]
                return others[-1] if others else None
            return focus
        return {"it": self.body, "they": self.body, "i": self.first, "we": self.first}.get(word)

    def _described(self, phrase: Phrase) -> Source | None:
        """Return the person a definite description means: "the Russian leader", "the minister"."""
        if _PLURAL.search(phrase.text.split()[-1]) or not (phrase.definite or phrase.side):
            return None
        rank = _rank(phrase.text.lower())
        fitting = [
            member
            for member in self._members.values()
            if rank.search(member.described) and phrase.side in (None, member.source.side)
        ]
        return max(fitting, key=lambda member: (member.source.official, member.last)).source if fitting else None

    def name(self, found: Sequence[Phrase], sentence: int) -> None:
        """Note who is named in a sentence, so that descriptions mean the one named last."""
        for phrase in found:
            key = phrase.mention.actor if phrase.kind == "person" and phrase.mention else phrase.name
            if key in self._members:
                self._members[key].last = sentence


def _rank(text: str) -> re.Pattern[str]:
    """Return what a description must hold for ``text`` to mean it: its office, else its last word."""
    known = next((pattern for rank, pattern in _RANKS if rank in text), None)
    return known or re.compile(rf"\b{re.escape(text.rsplit(maxsplit=1)[-1])}\b", re.IGNORECASE)


def _stranger(phrase: Phrase) -> Source:
    """A name that nothing in the article explains: it speaks for nobody but itself, unless it is that of a group."""
    if _ARMED_GROUP.search(phrase.name):
        return Source(phrase.name, None, _slug(phrase.name), None, True, "organ", plural=True)
    return Source(phrase.name, None, phrase.side, None, False, "person")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _is_official(role: str) -> bool:
    return bool(role) and not _NO_OFFICE.search(role) and not _EXPERT.search(role) and bool(_OFFICIAL.search(role))


_OFFICIAL = re.compile(
    r"president|minister|secretary|spokes|ambassador|envoy|diplomat|chancellor|colonel|admiral|command|chief|leader|chair"
    r"|speaker|deputy|govern|mayor|senator|congress|lawmaker|legislator|advis[eo]r|aide|official|king|queen|prince|emir"
    r"|sultan|ayatollah|director|representative|negotiator|delegat|attach|commissioner|premier|prosecutor|ruler"
    r"|administrator|brigadier|captain|assistant|attorney general"
    r"|\b(?:gen(?:eral)?|col|lt|maj|adm|head|sen|rep|m\.?e?p|pm|capt|ally)\b",
    re.IGNORECASE,
)
_EXPERT = re.compile(
    r"\b(?:analyst|expert|professor|prof\b|researcher|scholar|academic|historian|(?:political )?scientist|fellow"
    r"|author\b|writer|columnist|comment|pundit|journalist|reporter|correspondent|editor|host\b|presenter|anchor|blogger|milblogger"
    r"|economist|activist|lawyer|resident|strategist|consultant|think[ -]tank|institute|university|lecturer"
    r"|propagandist|businessman|billionaire|executive\b|ceo\b|founder|coach|player|veteran|protest|union leader|gang)",
    re.IGNORECASE,
)
_ARMED_GROUP = re.compile(
    r"^(?:Harakat|Ansar|Jaish|Lashkar|Kata[i']+b|Saraya|Liwa|Jabhat|Jama'?at|Hizb|Fatah al)\b"
    r"|\b(?:Liberation (?:Army|Front|Movement)|Resistance (?:Front|Movement|Forces)|Brigades|Mujahide+n|Volunteer Corps"
    r"|(?:Free|People's|Patriotic|Revolutionary) [\w ]*(?:Army|Front|Forces))\b"
)
"""Names that armed groups give themselves; such a group is a side of its own."""
_SPEAKING = {"official": True, "organ": True, "state": True}
_NO_ORGAN = re.compile(
    r"\b(?:companies|company|institutes?|universit\w+|institution|court|bank|foundation|think tank|hospital"
    r"|human rights|rights group|aid)\b",
    re.IGNORECASE,
)


def _as_written(phrase: Phrase) -> Source:
    mention, kind = phrase.mention, phrase.kind
    plural = bool(_PLURAL.search(phrase.text.split()[-1]))
    single = {"official": "people" if plural else "person", "expert": "people" if plural else "person"}
    if mention and kind in ("organ", "media", "company"):
        return Source(mention.text, mention.actor, mention.side, None, mention.office, kind, plural=plural)
    if mention and kind == "state":
        return Source(mention.text, mention.actor, mention.side, None, mention.office, "state")
    official = _SPEAKING.get(kind, False) and not _NO_OFFICE.search(phrase.text)
    official = official and not (kind == "organ" and _NO_ORGAN.search(phrase.text))
    if kind == "official" and _EXPERT.search(phrase.text):
        official = False
    role = phrase.text if kind in ("official", "expert") else None
    female = True if _FEMALE.search(phrase.text) else None
    side = phrase.side or (_slug(phrase.text) if kind == "organ" and _ARMED_GROUP.search(phrase.text) else None)
    # "the President" without a country is kept as it stands; "the Russian president" is clear without its article.
    speaker = f"the {phrase.text}" if phrase.definite and not side else phrase.text
    return Source(speaker, None, side, role, bool(official), single.get(kind, kind), female, plural)


def introduce(cast: Cast, found: Sequence[Phrase], row: str) -> None:
    """Let ``cast`` meet every person of a sentence, with appositions: "X, an expert", "the foreign minister, X,"."""
    for at, phrase in enumerate(found):
        if phrase.kind not in ("person", "name"):
            continue
        cast.meet(phrase, described=list(_appositions(found, at, row)))


def _appositions(found: Sequence[Phrase], at: int, row: str) -> Iterator[Phrase]:
    phrase = found[at]
    after = found[at + 1] if at + 1 < len(found) else None
    before = found[at - 1] if at else None
    # "…, on their way to Diego Garcia, the commander said": a verb tells who speaks, not who the name is.
    speaks = after is not None and phrase.governed and row[after.end : after.end + 1] == "V"
    if after and row[phrase.end : after.start] in ("c", "-", "(") and _describes(after, row) and not speaks:
        yield after
    if (
        before
        and row[before.end : phrase.start] == "c"
        and row[phrase.end : phrase.end + 1] == "c"
        and _describes(before, row)
    ):
        yield before


def _describes(phrase: Phrase, row: str) -> bool:
    closed = phrase.end >= len(row) or row[phrase.end] in "c.;)-VxwrfzT("
    return (
        phrase.kind in ("official", "expert")
        and not phrase.governed
        and closed
        and not _PLURAL.search(phrase.text.split()[-1])
    )
