"""Whom words mean that name nobody: a group, a ministry, an alliance or an officer whom the text has named before.

"The group's spokesman", "its foreign ministry", "the bloc", "the Chancellor", and of several states that speak with one
voice the first.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.actors.finder import ActorMention
from extractors.statements.attribution import Speaker, speaker_of
from extractors.statements.offices import title_of
from extractors.statements.scene import LAST_HEARD, Scene

_GROUP = (
    r"(?:groups?|movements?|coalition|factions?|militias?|militants?|rebels?|insurgents?|jihadists?|guerrillas?"
    r"|paramilitar(?:y|ies))"
)
OF_NO_STATE = re.compile(rf"\b(?:alliance|{_GROUP})\b", re.IGNORECASE)
"""What is no organ of a state, whichever is named nearby."""
_THE_GROUP = re.compile(rf"(?:[\w-]+ ){{0,2}}{_GROUP}(?P<owns>['’]s? )?", re.IGNORECASE)
"""A group that is called by what it is, because it was named before: "the group's spokesman", "the rebels"."""
_STANDS_FOR = {"ministry": "organ", "army": "force", "military": "force", "navy": "force", "bloc": "alliance"}
"""What an organ, a force or an alliance is called once it was named, with the kind of actor that it is."""
_SEVERAL_STATES = re.compile(
    r"(?:[\w-]+ ){0,2}(?:bloc|neighbou?rs)|(?:\w+ )?(?:regional|neighbou?ring) "
    r"(?:leaders|powers|states|countries|nations|governments|presidents)",
    re.IGNORECASE,
)
"""Several states that are called by where they are: "regional bloc", "its neighbours"."""
_AND = re.compile(r",? and (?:the )?|, (?:the )?|/")
"""What stands between states that speak with one voice."""
_BEGINS = re.compile(r"(?:^|[\n.!?”])\s*[“‘\"']*(?:The )?$")
"""What stands before the first words of a sentence."""
_LONGEST_AND = 12
_MEMBERS = re.compile(
    r"(?: [A-Z]\w+)?(?: \w+)? (?:countries|nations|members|states|(?P<people>leaders|ministers))", re.IGNORECASE
)
"""Words after an alliance that speaks: "the G7 countries", "G7 Apulia Leaders"."""
_MEMBERS_OF = re.compile(r"(?:\w+ )?(?P<people>leaders|ministers) of (?:the )?(?:so-called )?", re.IGNORECASE)
"""Words before it: "foreign ministers of the"."""
_OWN = re.compile(r"(?:its|their|(?:the )?country['’]s) (?P<organ>.+)", re.IGNORECASE | re.DOTALL)
"""An organ or a person of whoever the sentence is about."""


def of_owner(words: str, start: int, scene: Scene) -> Speaker | None:
    """Return an organ or a person of the state that the sentence names first: "its foreign ministry"."""
    own, owner = _OWN.fullmatch(words), _first_side(start, scene)
    if own is None or owner is None:
        return None
    return Speaker(name=f"{owner.text} {own['organ']}", side=owner.side, official=True, start=start)


def of_group(words: str, start: int, scene: Scene) -> Speaker | None:
    """Return the group named before, or somebody who speaks for it: "the rebels", "the group's military spokesman"."""
    known = scene.text.endswith(("the ", "The "), 0, start) or " the " in words or re.search("['’]s ", words)
    meant = _THE_GROUP.search(words) if known else None
    group = _last_of("group", start, scene) if meant else None
    if meant is None or group is None:
        return None
    return replace(speaker_of(group), name=_name_of_voice(words, meant, group.name), start=start)


def _name_of_voice(words: str, meant: re.Match[str], group: str) -> str:
    """Return ``words`` with the name of the group: "the group's spokesman" → "Hezbollah spokesman"."""
    if meant.group() == words:
        return group
    return f"{group} {words[meant.end() :]}" if meant["owns"] else words


def of_several_states(words: str, start: int, scene: Scene) -> Speaker | None:
    """Return the alliance named before that is called "regional bloc" or "neighbours", or a speaker of no one state.

    Whom they menace is mostly the only state named nearby.
    """
    if not _SEVERAL_STATES.fullmatch(words):
        return None
    alliance = _last_of("alliance", start, scene)
    return replace(speaker_of(alliance) if alliance else Speaker(name=words, official=True), start=start)


def named_before(noun: str, start: int, scene: Scene) -> Speaker | None:
    """Return what a noun stands for that was named before: "the ministry", "the bloc", "the group"."""
    if _THE_GROUP.fullmatch(noun):
        return of_group(noun, start, scene)
    kind = _STANDS_FOR.get(noun)
    before = _last_of(kind, start, scene, noun if kind != "alliance" else "") if kind else None
    return replace(speaker_of(before), start=start) if before else None


def _last_of(kind: str, before: int, scene: Scene, noun: str = "") -> ActorMention | None:
    """Return the actor of a kind, with ``noun`` in its name, that was named last before a place."""
    named = scene.actors.touching(max(0, before - LAST_HEARD), before)
    fitting = [m for m in named if m.kind == kind and noun in m.name.lower() and m.actor not in scene.foes]
    return fitting[-1] if fitting else None


def _first_side(place: int, scene: Scene) -> ActorMention | None:
    """Return the state that the sentence up to ``place`` names first."""
    low = max(0, place - LAST_HEARD)
    begin = max(low, *(scene.text.rfind(end, low, place) + 1 for end in (". ", "\n")))
    return next((m for m in scene.actors.touching(begin, place) if m.side and m.kind != "alliance"), None)


def holder_before(words: str, start: int, scene: Scene) -> ActorMention | None:
    """Return who was named before as holder of an office that ``words`` name without a state: "the Chancellor"."""
    title = title_of(words)
    before = scene.actors.touching(max(0, start - LAST_HEARD), start) if title else []
    held = [m for m in before if m.kind == "person" and m.office and title and title.search(m.role or "")]
    return held[-1] if held else None


def members_of(mentions: Sequence[ActorMention], words: str, start: int) -> Speaker | None:
    """Return the alliance that ``words`` name with its members or their leaders: "the G7 countries"."""
    for alliance in (mention for mention in mentions if mention.kind == "alliance"):
        before, after = max(0, alliance.start - start), alliance.end - start
        if members := _MEMBERS.fullmatch(words, after) or _MEMBERS_OF.fullmatch(words, 0, before):
            who = speaker_of(alliance)
            return replace(who, name=f"{who.name} {members['people'].lower()}") if members["people"] else who
    return None


def first_of_several(mentions: Sequence[ActorMention], words: str, scene: Scene) -> Speaker | None:
    """Return the first of the states that open a sentence, if ``words`` name the last: "Japan, Australia vow"."""
    if len(mentions) != 1 or mentions[0].kind != "state" or mentions[0].text != words:
        return None
    first = mentions[0]
    while before := _joined_to(first, scene):
        first = before
    opens = _BEGINS.search(scene.text, max(0, first.start - _LONGEST_AND), first.start)
    return speaker_of(first) if opens and first is not mentions[0] else None


def _joined_to(mention: ActorMention, scene: Scene) -> ActorMention | None:
    """Return the state that stands directly before ``mention`` in a list."""
    near = scene.actors.touching(max(0, mention.start - _LONGEST_AND), mention.start)
    joined = (m for m in near if m.kind == "state" and _AND.fullmatch(scene.text, m.end, mention.start))
    return next(joined, None)
