"""Whether two statements make the same claim, whoever translated or shortened them. Pure.

A statement becomes a set of stemmed content words, without function words and words of reporting, and with words that
translators interchange replaced by one of them. Two statements of one side make the same claim if their words overlap
enough; how much is enough depends on how near in time they are and whether one person made both. The comparison is
symmetric and depends on nothing else, so the order in which articles arrive does not matter.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from extractors.records import Statement, content_id
from extractors.text.datelines import without_dateline

Words = frozenset[str]

HORIZON = timedelta(days=400)
"""Statements further apart are not compared: what is said again after a year is news."""

LEAST_SHARED = 0.2
"""Share of the words of the shorter statement that two must have in common to be worth comparing."""

LEAST_INFORMATION = 0.85
"""Statements that share less (see ``information``) never make the same claim, however short they are."""

TOLD_TWICE = 1.0
"""What a headline and a sentence of the same article must share to make the same claim."""

NEAR, LATER, LONG_AFTER = 0.38, 0.60, 0.75
"""How similar two statements by one speaker must be within three days, within sixty, and after that."""

SAME_DAY = 0.30
"""How similar within a day if one named speaker made both, because that is mostly one speech."""

OTHER_VOICE = 0.14
"""How much more similar if two people made them."""

SPARED, MOST_SPARED = 0.06, 0.18
"""How much less for each shared uncommon word beyond two, and the most that this may add up to."""

LEAST_OF_PART, OTHER_PART = 0.25, 0.6
"""Conditions (or consequences) that share less than this are different; similarity is multiplied by the second."""

OTHER_STATES = 0.7
"""Factor of the similarity if both name states but none in common."""

ANNOUNCED = timedelta(days=2)
"""How far apart in time vague words and what they announce may be reported."""

LONGEST_VAGUE = 16
"""Most words of a vague sentence; longer ones say more."""

SAME_TOPIC = 0.4
"""How much of the content of a vague wording must be shared."""

NEAR_COPY = 0.9
"""How much of either of two wordings must occur in the other for them to be copies."""

COMMON_WEIGHT = 0.3
"""The weight of a word that occurs in every second statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One way of putting a statement: a row of ``wordings``."""

    claim: str = ""
    side: str
    """Whose statement it is; the speaker if no side is known."""
    speaker_id: str | None
    said_at: datetime
    """The day of the report, so that reports of one day compare alike whatever their hours."""
    nuclear: bool
    weapons: Words
    condition: Words
    consequence: Words
    content: Words
    topic: Words = frozenset()
    """Words of the article's title, which vague words may refer to. Not part of the identity."""
    misread: bool = False
    """Set by an analyst: only a copy of it makes the same claim."""
    vague: bool = False
    """It names the subject of a warning or threat but not its content: "Moscow hardens its warning over the strait"."""

    @property
    def id(self) -> str:
        """Identifies the wording by everything that is compared."""
        sets = (self.weapons, self.condition, self.consequence, self.content)
        words = [" ".join(sorted(each)) for each in sets]
        words += ["vague"] if self.vague else []
        return content_id("wording", self.side, self.speaker_id, self.said_at.date(), self.nuclear, *words)

    def of(self, claim: str) -> "Wording":
        """Return this wording as one of ``claim``."""
        return replace(self, claim=claim)


def wording_of(statement: Statement, *, reported_at: datetime, weapons: Iterable[str] = (), title: str = "") -> Wording:
    """Return the wording of ``statement``; ``weapons`` are the systems it names, ``title`` is that of its article."""
    vague = is_vague(statement)
    ignored = content_words(f"{statement.speaker or ''} {statement.relayed_by or ''} {_HARMS if vague else ''}")
    said = without_dateline(statement.quote)
    content = content_words(" ".join(filter(None, (said, statement.condition, statement.consequence))))
    return Wording(
        side=statement.side or statement.speaker_id or "",
        speaker_id=statement.speaker_id,
        said_at=reported_at.replace(hour=0, minute=0, second=0, microsecond=0),
        nuclear=statement.nuclear,
        weapons=frozenset(weapons),
        condition=content_words(statement.condition or "") - ignored,
        consequence=content_words(statement.consequence or "") - ignored,
        content=content - ignored,
        topic=content_words(title) - ignored,
        vague=vague,
    )


def stored_wording(row: Mapping[str, Any]) -> Wording:
    """Return a row of ``wordings`` in the form it is compared in."""
    words = ("condition", "consequence", "content", "topic")
    known = {name: value for name, value in row.items() if name != "id"}
    return Wording(**known | {"weapons": frozenset(row["weapons"])} | {name: renewed(row[name]) for name in words})


def is_vague(statement: Statement) -> bool:
    """Return whether a statement says no more than that somebody warns or threatens over something."""
    said = statement.quote
    return len(said.split()) <= LONGEST_VAGUE and bool(_WARNS_OVER.search(said)) and not _DEED.search(said)


def same_claim(one: Wording, other: Wording) -> bool:
    """Return whether two wordings of one side make the same claim."""
    if not _same_side(one, other) or abs(one.said_at - other.said_at) > HORIZON:
        return False
    if one.misread or other.misread:
        return near_copies(one, other)
    if one.vague or other.vague:
        return _same_topic(one, other)
    if one.weapons and other.weapons and one.weapons.isdisjoint(other.weapons):
        return False
    return similarity(one, other) >= _enough(one, other)


def _same_topic(one: Wording, other: Wording) -> bool:
    """Whether vague words may announce what the other wording says, or the same thing as it announces."""
    if abs(one.said_at - other.said_at) > ANNOUNCED:
        return False
    shared = (one.content | one.topic) & (other.content | other.topic)
    vague = [each.content for each in (one, other) if each.vague]
    if any(len(words) > 1 and words <= shared for words in vague):
        return True
    return information(shared) >= max(LEAST_INFORMATION, SAME_TOPIC * min(map(information, vague)))


def same_claim_in_one_article(one: Wording, other: Wording) -> bool:
    """Return whether a headline and a sentence below it make the same claim, as they mostly do."""
    if not _same_side(one, other) or one.misread or other.misread:
        return False
    return information(one.content & other.content) >= TOLD_TWICE or same_claim(one, other)


def similarity(one: Wording, other: Wording) -> float:
    """Return how much content is shared, 0 to 1, reduced if condition or consequence differ."""
    if one.content == other.content:
        return 1.0 if one.content else 0.0
    shared = information(one.content & other.content)
    if shared < LEAST_INFORMATION:
        return 0.0
    sizes = information(one.content), information(other.content)
    dice, contained = 2 * shared / sum(sizes), shared / min(sizes)
    return (dice + contained) / 2 * _parts_agree(one, other)


def near_copies(one: Wording, other: Wording) -> bool:
    """Return whether two wordings are the same except for a word or two."""
    shared = len(one.content & other.content)
    return shared >= NEAR_COPY * max(len(one.content), len(other.content))


def information(words: Words) -> float:
    """Return how informative ``words`` are about which claim it is: names of states and words of war are little."""
    # by number, not word by word: a set has no order, and sums of fractions depend on theirs
    common = len(words & COMMON)
    return len(words) - common + COMMON_WEIGHT * common


def _same_side(one: Wording, other: Wording) -> bool:
    return one.side == other.side or not (one.side and other.side)


def _parts_agree(one: Wording, other: Wording) -> float:
    """Return 1 if condition and consequence may be the same, less if one of them differs."""
    agree = 1.0
    states, others = other_states(one), other_states(other)
    if states and others and states.isdisjoint(others):
        agree *= OTHER_STATES
    for mine, theirs in ((one.condition, other.condition), (one.consequence, other.consequence)):
        least = min(information(mine), information(theirs))
        if min(len(mine), len(theirs)) >= 2 and information(mine & theirs) < LEAST_OF_PART * least:
            agree *= OTHER_PART
    return agree


def other_states(wording: Wording) -> Words:
    """Return the states that a wording names apart from its own side."""
    return (wording.content & STATES) - {_CODES.get(wording.side.casefold())}


def _enough(one: Wording, other: Wording) -> float:
    """Return the similarity from which two wordings make one claim.

    Less is enough if they are near in time, are by one speaker, or share uncommon words: two long sentences on the
    decision-making centres of one city have little else in common and still make one claim.
    """
    apart = abs(one.said_at - other.said_at)
    if apart <= timedelta(days=1) and same_speaker(one, other):
        enough = SAME_DAY if _parts_agree(one, other) == 1 else NEAR
    elif apart <= timedelta(days=3):
        enough = NEAR
    elif apart <= timedelta(days=60):
        enough = LATER
    else:
        enough = LONG_AFTER
    if not one_voice(one, other):
        enough += OTHER_VOICE
    # Nuclear words make a threat sharper, so only a near copy may leave them out.
    if one.nuclear != other.nuclear:
        return max(enough, LONG_AFTER)
    if _parts_agree(one, other) < 1:
        return enough
    spare = information(one.content & other.content) - 2
    return enough - min(MOST_SPARED, max(0.0, SPARED * spare))


def same_speaker(one: Wording, other: Wording) -> bool:
    """Whether one person made both, or one was made by a group and the other by somebody in its name.

    A state has many speakers; a group, or an alliance, that is quoted as such has mostly spoken through its leader.
    """
    voices = {one.speaker_id, other.speaker_id}
    if None in voices:
        return False
    return len(voices) == 1 or (one.side == other.side and one.side in voices and not _STATE.fullmatch(one.side))


def one_voice(one: Wording, other: Wording) -> bool:
    """Whether one person or organ may have made both; "Moscow" stands for anybody who speaks for it."""
    voices = {one.speaker_id, other.speaker_id}
    return len(voices) == 1 or bool(voices & {None, one.side, other.side})


# --- words -----------------------------------------------------------------------------------------------------------

_HARMS = "escalation consequences response retaliation reaction action measures steps"
_HARM = rf"(?:(?:of |with )?(?:\w+ )?(?:{_HARMS.replace(' ', '|')}) )?"
_ADDRESSEE = r"(?:(?!of\b|that\b|to\b|it\b|them\b)[\w’'.-]+ ){0,4}?"
_WARNS_OVER = re.compile(
    rf"\b(?:warn(?:s|ed|ings?)? {_ADDRESSEE}{_HARM}|threat(?:s|ens|ened)? {_HARM}|ultimatum |tone )"
    r"(?:over|about|on|after|amid|against)\b",
    re.IGNORECASE,
)
"""The cue of a warning or threat, followed directly by its subject."""
_DEED = re.compile(r"\b(?:may|(?i:will|would|shall|could|can|might|must|should|if|unless|to [a-z]+|against \w+ing))\b")

_STATE = re.compile(r"[A-Z]{2}")
"""An ISO 3166-1 code; other sides are slugs."""
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
statement statements met noted note notes stated state states remarked emphasized emphasised announced announce
declared declare spokesman spokeswoman spokesperson reporters journalists interview thursday friday saturday sunday
monday tuesday wednesday mr mrs ms
threaten threatens threatened threatening threat threats vow vows vowed vowing promise promises promised promising
pledge pledges pledged pledging swear swears swore reiterate reiterates reiterated repeat repeats repeated suggest
suggests suggested accuse accuses accused claim claims claimed insist insists insisted comment comments remark
president presidential minister ministry secretary leader dictator official officials chief head senior top spox
caution cautions cautioned caution published publish carried carry quote quoted quotes according media agency television
radio broadcaster newspaper tass ria novosti interfax reuters afp xinhua kcna irna tasnim anadolu yonhap
met last late issue issues issued tone
today yesterday tomorrow week weeks month months year years day days ahead amid latest live
"""
STOP_WORDS = frozenset(_STOPPED.split())
"""Function words, emphatic adverbs, offices, days, and words of reporting and threatening."""

_COMMON = """
north south west nato country nation people government war weapon missile troop strike use supply force defend military
respond territory destroy direct cause harsh aid deploy begin halt ally shoot action measure part take make keep come go
new
"""


def content_words(text: str) -> Words:
    """Return the content words of ``text``, stemmed, with interchangeable ones replaced by one of them."""
    spelled = _USA.sub("usa", unicodedata.normalize("NFKD", text))
    plain = spelled.encode("ascii", "ignore").decode("ascii").casefold()
    return frozenset(_meanings(_WORD.findall(plain)))


def renewed(words: Iterable[str]) -> Words:
    """Return words that were stored under earlier classes in their present form."""
    return frozenset(_MEANING.get((word,), word) for word in words)


def _meanings(words: Sequence[str]) -> Iterator[str]:
    """Yield what each word or phrase stands for, without words that have no content."""
    stems = [_stem(word) for word in words]
    at = 0
    while at < len(words):
        runs = (tuple(stems[at : at + size]) for size in _PHRASE_SIZES)
        phrase = next((run for run in runs if len(run) > 1 and run in _MEANING), (stems[at],))
        if len(phrase) > 1 or _tells(words[at]):
            yield _MEANING.get(phrase, stems[at])
        at += len(phrase)


def _tells(word: str) -> bool:
    return word not in STOP_WORDS and (len(word) >= 3 or word.isdigit() or word == "uk")


def _stem(word: str) -> str:
    """Cut endings; crude, but the same on both sides of a comparison. Tense and number of a word no longer matter."""
    if word.endswith(("ies", "ied")) and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending, least in _LEAST_LEFT.items():
        if word.endswith(ending) and not word.endswith(_NO_ENDING) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]  # dropped: the consonant that the ending doubled
    return word[:-1] if word.endswith("e") and len(word) > 2 else word


_LEAST_LEFT = {"ation": 4, "ingly": 4, "ment": 4, "edly": 4, "ing": 2, "ed": 2, "ly": 4}
"""Endings that are cut, and how many letters must remain."""
_NO_ENDING = ("ply", "eed", "bring")


def _classes(text: str) -> Iterator[list[tuple[str, ...]]]:
    """Yield each class of interchangeable words and phrases as their stems."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield [tuple(map(_stem, word.split("_"))) for word in line.split()]


CLASSES = list(_classes(Path(__file__).with_name("synonyms.txt").read_text(encoding="utf-8")))
_CODES = {group[-1][0]: group[0][0] for group in CLASSES if len("".join(group[-1])) == 2}
"""What the names of a state stand for, by ISO 3166-1 code, which is the last of its class and not a word."""
_MEANING = {
    phrase: group[0][0] for group in CLASSES for phrase in group if phrase != group[-1] or len("".join(phrase)) > 2
}
"""What words and phrases stand for, by their stems."""
_PHRASE_SIZES = sorted({len(phrase) for phrase in _MEANING} - {1}, reverse=True)

STATES = frozenset(_CODES.values())
COMMON = STATES | content_words(_COMMON)
"""Words that occur in so many statements that sharing them means little."""
