"""When two statements are one claim: pure comparison of what was said, whoever translated or shortened it.

A statement becomes a set of content words: without endings, function words and the words of reporting, with words that
translators interchange drawn together. Two statements of one side are the same claim when their words overlap enough;
how much is enough depends on how near in time they are and whether one person said both. The comparison is symmetric
and looks at nothing else, so the order in which articles arrive does not matter.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from extractors.records import Statement, content_id

Words = frozenset[str]

HORIZON = timedelta(days=400)
"""Statements further apart are not compared: what is said again after a year is news."""

LEAST_SHARED = 0.3
"""No two statements that share less than this of the shorter one are the same claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One way of putting a statement: a row of ``wordings``."""

    claim: str = ""
    side: str
    """Whose statement; the speaker where no side is known."""
    speaker_id: str | None
    said_at: datetime
    """The day of the report, so that reports of one day compare alike whatever their hours."""
    nuclear: bool
    weapons: Words
    condition: Words
    consequence: Words
    content: Words

    @property
    def id(self) -> str:
        """Identify the wording by everything that is compared."""
        sets = (self.weapons, self.condition, self.consequence, self.content)
        words = [" ".join(sorted(each)) for each in sets]
        return content_id("wording", self.side, self.speaker_id, self.said_at.date(), self.nuclear, *words)

    def of(self, claim: str) -> "Wording":
        """Return this wording as one of ``claim``."""
        return replace(self, claim=claim)


def wording_of(statement: Statement, *, reported_at: datetime, weapons: Iterable[str]) -> Wording:
    """Return what of ``statement`` is compared; ``weapons`` are the systems it names."""
    ignored = content_words(statement.speaker or "")
    content = content_words(" ".join(filter(None, (statement.quote, statement.condition, statement.consequence))))
    return Wording(
        side=statement.side or statement.speaker_id or "",
        speaker_id=statement.speaker_id,
        said_at=reported_at.replace(hour=0, minute=0, second=0, microsecond=0),
        nuclear=statement.nuclear,
        weapons=frozenset(weapons),
        condition=content_words(statement.condition or "") - ignored,
        consequence=content_words(statement.consequence or "") - ignored,
        content=content - ignored,
    )


def same_claim(one: Wording, other: Wording) -> bool:
    """Return whether two wordings say the same thing for the same side."""
    if one.side != other.side or abs(one.said_at - other.said_at) > HORIZON:
        return False
    if one.weapons and other.weapons and one.weapons.isdisjoint(other.weapons):
        return False
    return similarity(one, other) >= _enough(one, other)


def similarity(one: Wording, other: Wording) -> float:
    """Return 0–1: how much of the content is shared, less where condition or consequence are different ones."""
    if one.content == other.content:
        return 1.0 if one.content else 0.0
    shared = len(one.content & other.content)
    if shared < 2:
        return 0.0
    dice = 2 * shared / (len(one.content) + len(other.content))
    contained = shared / min(len(one.content), len(other.content))
    parts = [_parts_agree(one.condition, other.condition), _parts_agree(one.consequence, other.consequence)]
    return (dice + contained) / 2 * parts[0] * parts[1]


def _parts_agree(one: Words, other: Words) -> float:
    """Return 1 where two conditions (or consequences) may be the same, less where they share nothing."""
    if min(len(one), len(other)) < 2:
        return 1.0
    return 0.6 if one.isdisjoint(other) else 1.0


def _enough(one: Wording, other: Wording) -> float:
    """Return the similarity from which two wordings are one claim."""
    same_speaker = one.speaker_id is not None and one.speaker_id == other.speaker_id
    apart = abs(one.said_at - other.said_at)
    if apart <= timedelta(days=3):
        enough = 0.42 if same_speaker else 0.60
    elif apart <= timedelta(days=60):
        enough = 0.60 if same_speaker else 0.70
    else:
        enough = 0.75
    # Nuclear words are what makes a threat sharper: only a near copy may leave them out.
    return enough if one.nuclear == other.nuclear else max(enough, 0.75)


# --- words -----------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[a-z0-9]+")
_USA = re.compile(r"\bU\.?S\.?(?![a-z])")

_STOPPED = """
a about above across after again against all also although am among an and another any are as at be because been
before being below between both but by can could did do does doing down during each either even ever every few for
from further had has have having he her here hers herself him himself his how however i if in into is it its itself
just like may me might more most must my myself need neither no nor not now of off on once one only or other our
ours ourselves out over own per same shall she should since so some such than that the their theirs them themselves
then there these they this those though through to too toward towards under until up upon us very was we were what
when where whether which while who whom whose why will with within without would yet you your yours yourself
absolutely actually already really completely totally entirely certainly clearly simply case event
said say saying says told tell tells telling warned warn warning warns stressed stress added add adds according
statement statements noted note notes stated state states remarked emphasized emphasised announced announce
declared declare spokesman spokeswoman spokesperson reporters journalists interview thursday friday saturday sunday
monday tuesday wednesday mr mrs ms
"""
STOP_WORDS = frozenset(_STOPPED.split())
"""Function words, adverbs that only insist, and the words of reporting."""

CONCEPTS = (
    "supply deliver delivery send transfer provide provision ship shipment give handover donate hand",
    "strike attack hit bomb bombard target shell",
    "respond response retaliate retaliation retaliatory answer reply reaction react countermeasure reciprocal",
    "war conflict confrontation hostility clash",
    "direct directly immediate",
    "participation participate involvement involve engagement engage participant drag",
    "escalate escalation escalatory",
    "stage level phase round step",
    "cross overstep breach violate violation",
    "nuclear atomic",
    "permit permission allow authorise authorize authorisation authorization approve approval greenlight let",
    "destroy destruction annihilate annihilation obliterate eliminate wipe",
    "weapon arm armament weaponry",
    "territory soil land",
    "russia russian moscow kremlin",
    "ukraine ukrainian kyiv kiev",
    "america american washington usa",
    "britain british uk london",
    "china chinese beijing",
    "iran iranian tehran",
    "israel israeli",
    "germany german berlin",
    "france french paris",
    "taiwan taiwanese taipei",
    "nato alliance",
    "west western westerner",
    "harsh tough severe serious grave stern strong decisive resolute crushing",
    "unacceptable inadmissible intolerable",
    "adequate appropriate proportionate commensurate corresponding proper",
    "new fresh novel",
    "consequence repercussion",
    "troop soldier serviceman servicemen personnel military",
    "ally partner",
    "lead bring mean result entail cause trigger provoke",
    "force compel",
    "use employ employment usage",
    "missile rocket",
    "independence secession",
    "tolerate accept",
    "sink sunk",
    "close shut block",
    "qualitative qualitatively quality",
)
"""Words that outlets and translators interchange; the first stands for all."""

_ENDINGS = (
    "ations",
    "ation",
    "ingly",
    "ments",
    "ment",
    "ings",
    "ing",
    "ies",
    "ied",
    "edly",
    "ers",
    "es",
    "ed",
    "ly",
    "s",
)


def content_words(text: str) -> Words:
    """Return the content words of ``text``, stemmed, with interchangeable ones drawn together."""
    spelled = _USA.sub("usa", unicodedata.normalize("NFKD", text))
    plain = spelled.encode("ascii", "ignore").decode("ascii").casefold()
    return frozenset(_MEANING.get(stem, stem) for word in _WORD.findall(plain) if (stem := _content_stem(word)))


def _content_stem(word: str) -> str:
    if word in STOP_WORDS or (len(word) < 3 and not word.isdigit() and word != "uk"):
        return ""
    return _stem(word)


def _stem(word: str) -> str:
    """Cut one ending where at least four letters stay; crude, but the same on both sides of a comparison."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word.rstrip("e") if len(word) > 4 else word


_MEANING = {_stem(word): _stem(group.split()[0]) for group in CONCEPTS for word in group.split()}
