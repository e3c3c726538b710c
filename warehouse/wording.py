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

LEAST_SHARED = 0.2
"""Of the words of the shorter statement, so many must be shared for two to be worth comparing."""

LEAST_INFORMATION = 0.85
"""Statements that share less (see ``information``) are not the same claim, however short they are."""

TOLD_TWICE = 1.0
"""What a headline and a sentence of its own article must share to be the same claim."""

NEAR, LATER, LONG_AFTER = 0.38, 0.60, 0.75
"""How similar two statements of one voice must be within three days, within sixty, and after that."""

SAME_DAY = 0.30
"""How similar within a day where one named speaker said both: so near in time it is mostly one speech."""

OTHER_VOICE = 0.14
"""How much more similar when two people said them."""

SPARED, MOST_SPARED = 0.06, 0.18
"""How much less for each shared word beyond two that is not common, and at most."""

LEAST_OF_PART, OTHER_PART = 0.3, 0.6
"""Conditions (or consequences) that share less than this are different, and similarity counts so much less."""

NEAR_COPY = 0.9
"""How much of either of two wordings must stand in the other for them to be copies."""

COMMON_WEIGHT = 0.3
"""What a word that stands in every second statement counts."""


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
    misread: bool = False
    """An analyst says so: nothing but a copy of it is the same claim."""

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
    if not _same_side(one, other) or abs(one.said_at - other.said_at) > HORIZON:
        return False
    if one.misread or other.misread:
        return near_copies(one, other)
    if one.weapons and other.weapons and one.weapons.isdisjoint(other.weapons):
        return False
    return similarity(one, other) >= _enough(one, other)


def same_claim_in_one_article(one: Wording, other: Wording) -> bool:
    """Return whether a headline and a sentence below it say the same thing, which they mostly do."""
    if not _same_side(one, other) or one.misread or other.misread:
        return False
    return information(one.content & other.content) >= TOLD_TWICE or same_claim(one, other)


def similarity(one: Wording, other: Wording) -> float:
    """Return 0–1: how much of the content is shared, less where condition or consequence are different ones."""
    if one.content == other.content:
        return 1.0 if one.content else 0.0
    shared = information(one.content & other.content)
    if shared < LEAST_INFORMATION:
        return 0.0
    sizes = information(one.content), information(other.content)
    dice, contained = 2 * shared / sum(sizes), shared / min(sizes)
    return (dice + contained) / 2 * _parts_agree(one, other)


def near_copies(one: Wording, other: Wording) -> bool:
    """Return whether two wordings are the same but for a word or two."""
    shared = len(one.content & other.content)
    return shared >= NEAR_COPY * max(len(one.content), len(other.content))


def information(words: Words) -> float:
    """Return how much ``words`` tell about which claim it is: names of states and of war tell little."""
    return sum(COMMON_WEIGHT if word in COMMON else 1.0 for word in words)


def _same_side(one: Wording, other: Wording) -> bool:
    return one.side == other.side or not (one.side and other.side)


def _parts_agree(one: Wording, other: Wording) -> float:
    """Return 1 where condition and consequence may be the same, less where one of them is another."""
    agree = 1.0
    for mine, theirs in ((one.condition, other.condition), (one.consequence, other.consequence)):
        least = min(information(mine), information(theirs))
        if min(len(mine), len(theirs)) >= 2 and information(mine & theirs) < LEAST_OF_PART * least:
            agree *= OTHER_PART
    return agree


def _enough(one: Wording, other: Wording) -> float:
    """Return the similarity from which two wordings are one claim.

    Less is enough where they were said near in time, by one voice, or share much that is told of nothing else: two
    long sentences on the decision-making centres of one city have little else in common and are still one claim.
    """
    apart = abs(one.said_at - other.said_at)
    if apart <= timedelta(days=1) and one.speaker_id and one.speaker_id == other.speaker_id:
        enough = SAME_DAY if _parts_agree(one, other) == 1 else NEAR
    elif apart <= timedelta(days=3):
        enough = NEAR
    elif apart <= timedelta(days=60):
        enough = LATER
    else:
        enough = LONG_AFTER
    if not _one_voice(one, other):
        enough += OTHER_VOICE
    # Nuclear words are what makes a threat sharper: only a near copy may leave them out.
    if one.nuclear != other.nuclear:
        return max(enough, LONG_AFTER)
    if _parts_agree(one, other) < 1:
        return enough
    spare = information(one.content & other.content) - 2
    return enough - min(MOST_SPARED, max(0.0, SPARED * spare))


def _one_voice(one: Wording, other: Wording) -> bool:
    """Whether one person or organ may have said both; "Moscow" stands for whoever speaks for it."""
    voices = {one.speaker_id, other.speaker_id}
    return len(voices) == 1 or bool(voices & {None, one.side, other.side})


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
threaten threatens threatened threatening threat threats vow vows vowed vowing promise promises promised promising
pledge pledges pledged pledging swear swears swore reiterate reiterates reiterated repeat repeats repeated suggest
suggests suggested accuse accuses accused claim claims claimed insist insists insisted comment comments remark
president presidential minister ministry secretary leader dictator official officials chief head senior top spox
today yesterday tomorrow week weeks month months year years day days ahead amid latest live
"""
STOP_WORDS = frozenset(_STOPPED.split())
"""Function words, adverbs that only insist, offices, days, and the words of reporting and of threatening."""

CONCEPTS = (
    "supply deliver delivery send sent transfer provide provision ship shipment give gave given handover donate hand",
    "strike attack hit bomb bombard bombardment target shell raid assault aggression aggressor aggress onslaught",
    "respond response retaliate retaliation retaliatory answer reply reaction react countermeasure reciprocal",
    "respond revenge avenge vengeance",
    "war conflict confrontation hostility clash",
    "direct directly immediate",
    "participation participate involvement involve engagement engage participant drag",
    "escalate escalation escalatory",
    "stage level phase round step",
    "cross overstep breach violate violation enter intrude intrusion penetrate",
    "nuclear atomic nuke thermonuclear",
    "permit permission allow authorise authorize authorisation authorization approve approval greenlight let",
    "destroy destruction annihilate annihilation obliterate eliminate wipe shoot shot intercept down",
    "weapon arm armament weaponry",
    "territory soil land airspace",
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
    "japan japanese tokyo",
    "korea korean pyongyang seoul",
    "belarus belarusian minsk",
    "poland polish warsaw",
    "turkey turkish ankara",
    "india indian delhi",
    "pakistan pakistani islamabad",
    "nato alliance",
    "west western westerner",
    "harsh tough severe serious grave stern strong decisive resolute crushing",
    "unacceptable inadmissible intolerable",
    "adequate appropriate proportionate commensurate corresponding proper",
    "new fresh novel",
    "consequence repercussion",
    "troop soldier serviceman servicemen personnel military army",
    "ally partner",
    "lead bring brought mean result entail cause trigger provoke spur",
    "force compel",
    "use employ employment usage",
    "missile rocket",
    "independence secession secede separatism separatist",
    "tolerate accept stand",
    "sink sunk",
    "close shut block blockade",
    "qualitative qualitatively quality",
    "withdraw withdrawal pull quit exit leave abandon",
    "deal pact agreement accord treaty",
    "mutiny rebellion uprising insurrection revolt rebel mutineer",
    "crush smash quash",
    "colossal enormous huge immense massive",
    "jet aircraft plane warplane",
    "punish punishment punitive penalise penalize",
    "buy purchase acquire acquisition",
    "seize seizure capture confiscate",
    "sanction embargo",
    "ship vessel boat",
    "frontier border",
    "centre center",
    "deploy deployment station",
    "defend defence defense protect protection",
    "begin start launch",
    "hesitate hesitation",
    "aid assistance help support",
    "condemn denounce deplore",
    "treason traitor betrayal treasonous",
    "expel expulsion",
    "invade invasion incursion infiltrate infiltration",
    "occupy occupation",
    "end halt stop cease suspend",
    "long far",
)
"""Words that outlets and translators interchange; the first stands for all."""

_COMMON = """
russia ukraine america britain china iran israel germany france taiwan japan korea north south belarus poland turkey
india pakistan nato west europe european eu country nation people government
war weapon missile troop strike use supply force defend military respond territory destroy direct lead harsh
aid deploy begin end ally move action part take make keep come go
"""


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
    """Cut endings; crude, but the same on both sides of a comparison. Tenses and numbers of a word come out alike."""
    if word.endswith(("ies", "ied")) and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending, least in _LEAST_LEFT.items():
        if word.endswith(ending) and not word.endswith(_NO_ENDING) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]  # dropped, sinking: the consonant that the ending doubled
    return word[:-1] if word.endswith("e") and len(word) > 2 else word


_LEAST_LEFT = {"ation": 4, "ingly": 4, "ment": 4, "edly": 4, "ing": 2, "ed": 2, "ly": 4}
"""Endings that are cut, and how many letters must stay."""
_NO_ENDING = ("ply", "eed", "bring")

_MEANING = {_stem(word): _stem(group.split()[0]) for group in CONCEPTS for word in group.split()}
COMMON = frozenset(_MEANING.get(_stem(word), _stem(word)) for word in _COMMON.split())
"""Words that stand in so many statements that sharing them tells little."""
