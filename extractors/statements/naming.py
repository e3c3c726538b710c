"""Whom words name: a person, an office, an organ or a state, listed or not, and whether it speaks for a side.

A listed actor takes precedence, and an office means its holder on the day. For anybody else, the capitalised words that
are not a title are the name, and the title, here or where the text introduces them, shows whether they hold an office.
"""

import re
from calendar import day_name, month_name
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, takewhile
from pathlib import Path

from extractors.actors.finder import ActorFinder, ActorMention
from extractors.statements.attribution import Speaker, speaker_of
from extractors.statements.clauses import is_post, owned_end
from extractors.statements.offices import RELATION, title_of
from extractors.statements.references import (
    OF_NO_STATE,
    first_of_several,
    holder_before,
    members_of,
    named_before,
    of_group,
    of_owner,
    of_several_states,
)
from extractors.statements.scene import LAST_HEARD, OPENING, Scene
from extractors.statements.titles import TitleWords, load_titles
from extractors.text.speaker_turns import Sign, Turn

_PRONOUN = re.compile(
    r"we|i|(?-i:[Uu]s)|our|my|me|ours|ourselves|myself|he|she|they|it|his|her|their|its|him|them|who|the latter",
    re.IGNORECASE,
)
"""What names nobody; "US" is a country."""
_FORMER = re.compile(r"\b(?:former|ex|retired|late|ousted)\b", re.IGNORECASE)
_EDGES = re.compile(
    r"^(?:the|a|an|this|our|and|by|from|of|to|in)(?:\s+|$)|['’]s?$|[\s,;:.\"“”]+$|^[\s,;:.\"“”]+", re.IGNORECASE
)
_ONE_OF_SEVERAL = re.compile(r"\b(?:an?|one|another|deputy|former|senior|top|opposition)\b", re.IGNORECASE)
_BACKED = re.compile(
    r"\b[\w.]+[-‑](?:backed|aligned|allied|linked|affiliated|supported|sponsored|funded|trained|armed)\b",
    re.IGNORECASE,
)
"""Who stands behind those that are named, and is not them: "Iran-backed fighters"."""
_WITHIN_A_NAME = re.compile(r"[A-Z][\w'’-]+ (?:of|for|on|and)(?: the)?(?: [A-Z]\w+)? $")
"""The beginning of an organ's name: "Korea Association for" (Human Rights Studies)."""
_GOES_ON = re.compile(
    r" (?:[A-Z][\w'’-]+ )*(?:Office|Ministry|Department|Council|Committee|Commission|Association|Bureau|Agency|Group)\b"
)
"""What makes a capitalised word part of an organ's name: "External" (Policy Office)."""
_HEAD = re.compile(r"\b(?:chief|head|boss|founder)\b|^commander of\b", re.IGNORECASE)
_HEADS = re.compile(r"(?:head|chief|director|leader|secretary[- ]general|chairman|founder)\b", re.IGNORECASE)
_COMMANDERS = re.compile(r"(?:supreme )?commander\b", re.IGNORECASE)
"""Who leads an organ, a force or a group, as in texts and in the list of actors."""
_DESCRIBED = re.compile(r"(?:chief|leader|boss|founder|warlord|strongman|ruler|ally|aide)$", re.IGNORECASE)
"""Somebody who is described, and named before."""
_SHORT_STATES = {"North": "KP", "South": "KR"}
"""States called by half of their name, once the text has named them in full."""
_TOPIC = re.compile(r"\b(?:on|about|against) (?:the )?$", re.IGNORECASE)
"""Before a name in a title: it is spoken about."""
_NO_NAMES = frozenset(
    {"Though", "Although", "While", "When", "If", "As", "But", "And", "Yet", "Even", "Should", "Since", "Once"}
)
"""What begins a clause, and is no name even at the beginning of a sentence."""
_WHITE_HOUSE = "THE PRESIDENT"
"""A label that only transcripts of the White House use."""
_ONE_MEMBER = re.compile(r"[ -](?:state|member|country|nation|ally)\b", re.IGNORECASE)
"""After an alliance: one of its members, whichever that is."""
_SPOKESPERSON = re.compile(r"(?P<who>[Ss]pokes\w+) (?:for|of)(?: the)? (?P<organ>[A-Z].*)")
_OF_AN_ORGAN = re.compile(r"\b(?:spokes\w+|commander|leader|officer|official)s?\b", re.IGNORECASE)
"""Somebody without a name who speaks for an organ, but is not all of it."""
_RELATIVE_OF = re.compile(rf"\b{RELATION} (?:of|to|for) (?:[\w'’.-]+ ){{0,5}}$", re.IGNORECASE)
_HAS_RELATIVE = re.compile(rf"(?:['’]s?|-)? ?(?:[a-z-]+ ){{0,2}}{RELATION}\b", re.IGNORECASE)
_APPOSITION = re.compile(
    r", (?:(?:the|a|an|its|his|her|who is)\b|(?!\w+(?:ing|ed)\b)[a-z][\w-]+(?: [\w-]+)? (?:of|to|for|at)\b)"
    r"[^.;:\"“”\n]{0,60}"
)
"""What introduces a name after it: "…, the chairman of the committee", "…, adviser to the president"."""
_NEXT_SENTENCE = re.compile(r"[.!?][”\"’']?\s+$")
"""What stands before a name that opens its sentence."""
_QUESTION = re.compile(r"[^.!?\n]{0,200}\?")
"""The rest of a question."""
_LONGEST_SENTENCE = 300
"""Code points back to where the sentence before begins."""
_JOINS_TITLES = frozenset({"the", "its", "of", "for", "and"})
"""Words within an office: "the chief of staff"."""
_FULL_NAME = re.compile(r"\b[A-Z][\w'’-]+(?: (?:al|bin|de|van|von|ul|el))?(?: [A-Z][\w'’-]+){1,5}")
"""A name with what may be its title."""
_BEFORE_SURNAME = re.compile(r"(?:[A-Z](?:\.|[\w'’\-]+) ){1,3}$")
_INTRODUCTIONS = 4
_LABELS_READ = 8
_DESCRIBED_WITHIN = 300
_LONGEST_TITLE = 60
_WHOLE = 0.7
"""The share of words from which on a name in them is all they name."""
_DAYS = frozenset(word for word in (*day_name, *month_name) if word)


class Namer:
    """Resolves words of a document to whom they name; one for all documents."""

    def __init__(self, seeds: Path, *, actors: ActorFinder) -> None:
        """Load ``titles.jsonl`` from ``seeds``; LexiconError names every line that is wrong."""
        self._titles: TitleWords = load_titles(seeds)
        self.actors = actors

    def named(self, start: int, end: int, scene: Scene) -> Speaker | None:
        """Return whom the words from ``start`` to ``end`` name; None if they are a pronoun or only pass words on."""
        start, end = _bare(scene.text, start, end)
        end = _with_what_is_owned(start, end, scene)
        relation = _RELATIVE_OF.search(scene.text, max(0, start - _LONGEST_TITLE), start)
        start = relation.start() if relation and ". " not in relation.group() else start
        words = scene.text[start:end]
        if not words or _PRONOUN.fullmatch(words) or len(words) > 200:
            return None
        if words in _SHORT_STATES:
            state = scene.actors.first.get(_SHORT_STATES[words])
            return replace(speaker_of(state), start=start) if state else None
        touching = scene.actors.touching(start, end)
        if any(m.kind == "media" and not m.office and m.end - m.start >= _WHOLE * len(words) for m in touching):
            return None
        mentions = [
            actor
            for actor in touching
            if (actor.kind != "media" or actor.office)
            and not _opens_a_name(actor, end, scene.text)
            and not is_post(scene.text, actor.start)
        ]
        own = [actor for actor in mentions if not _backs(actor, scene.text)]
        people = [m for m in own if m.kind in ("person", "expert") and not _is_relation(m, start, end, scene.text)]
        if people:
            return speaker_of(people[-1], former=bool(_FORMER.search(words)))
        if not mentions and words.islower() and " " not in words:
            return named_before(words, start, scene) or self._titled_before(words, start, scene)
        members = members_of(own, words, start) or first_of_several(own, words, scene)
        return members or self._name_in(words, start, mentions, scene) or self._of_words(words, start, own, scene)

    def unlisted_official(self, begin: int, end: int, scene: Scene, title: str = "") -> Speaker | None:
        """Return the last person in office, introduced with ``title``, whom the text names in full between two places.

        Nobody whom a lexicon knows.
        """
        for name in reversed([*_FULL_NAME.finditer(scene.text, begin, end)]):
            known = scene.actors.touching(*name.span())
            if any(mention.kind == "person" for mention in known):
                continue
            who = self._name_in(name.group(), name.start(), known, scene)
            if (
                who
                and who.official
                and who.id is None
                and " " in (who.name or "")
                and self._has_title(who, title, scene)
            ):
                return who
        return None

    def _titled_before(self, title: str, start: int, scene: Scene) -> Speaker | None:
        """Return who was named before with a title that stands alone now: "the spokesman", "the general"."""
        if not self._titles.official(title):
            return None
        begin = max(0, start - LAST_HEARD)
        listed = [
            m for m in scene.actors.touching(begin, start) if m.kind == "person" and title in (m.role or "").lower()
        ]
        found = [*map(speaker_of, listed[-1:]), self.unlisted_official(begin, start, scene, title)]
        last = max(filter(None, found), key=lambda who: who.start, default=None)
        return replace(last, start=start) if last else None

    def _has_title(self, who: Speaker, title: str, scene: Scene) -> bool:
        """Whether ``title`` is among the words that introduce somebody."""
        told = [scene.text[slice(*each)] for each in self._introductions(who.name or "", scene)]
        return any(title in words.lower() for words in (*told, who.role or ""))

    def holder(self, turn: Turn, scene: Scene) -> Speaker:
        """Return who speaks in ``turn``, according to its label, title or state."""
        state = self.actors.state(turn.state) if turn.state else None
        if turn.speaker is None:
            return Speaker(side=state, official=state is not None)
        home = state or self._home(scene)
        who = self._labelled(turn.speaker, home, scene) if turn.sign not in (Sign.TITLE, Sign.QUOTED) else None
        if who is None:
            who = self.named(*(turn.place or (turn.start, turn.start)), scene) or Speaker(name=turn.speaker)
            who = self._introduced_holder(turn, who, scene) or who
            who = replace(who, side=who.side or home, official=who.official or turn.sign is not Sign.QUOTED)
        return replace(who, side=state or who.side)

    def _introduced_holder(self, turn: Turn, who: Speaker, scene: Scene) -> Speaker | None:
        """Return whom the opening introduces with the office that a title names alone: "Deputy Minister Vaitkute"."""
        if turn.sign is not Sign.TITLE or not self._titles.official(who.name or ""):
            return None
        holder = self.unlisted_official(turn.start, turn.start + OPENING, scene)
        before = scene.text[max(0, holder.start - _LONGEST_TITLE) : holder.start].lower() if holder else ""
        office = next(filter(self._titles.official, (turn.speaker or "").lower().split()), None)
        return replace(holder, side=who.side or holder.side) if holder and office and office in before else None

    def _labelled(self, label: str, home: str | None, scene: Scene) -> Speaker | None:
        """Return whom a label means: "MS. PSAKI", "THE PRESIDENT"; for an agency only a listed actor."""
        words = [word for word in label.replace("\xa0", " ").split() if not self._titles.holds(word)]
        if not words:
            holder = self._in_office(label, home, scene)
            side = self._titles.state(label) or home
            return speaker_of(holder) if holder else Speaker(name=label, side=side, official=True)
        titled = len(words) < len(label.split())
        name = " ".join(word.title() if word.isupper() and (titled or len(word) > 4) else word for word in words)
        full = self._in_full(name, scene)
        listed = self.actors.resolve(full, on=scene.on)
        if listed is None and full == name and len(words) == 1:
            listed = self.actors.resolve(words[0].title(), on=scene.on)
        if listed:
            return speaker_of(listed) if listed.kind != "media" or listed.office else None
        role = label.replace(" ".join(words), "").strip() or None
        return Speaker(name=full, side=self._titles.state(label) or home, role=role, official=True)

    def _home(self, scene: Scene) -> str | None:
        """Return the side of a release, a briefing or an agency: that of the first office or organ it names."""
        if _WHITE_HOUSE in scene.floor.speakers:
            return "US"
        labels = [turn.speaker for turn in scene.floor.turns[:_LABELS_READ] if turn.speaker and turn.is_labelled]
        told = filter(None, (self._labelled(label, None, scene) for label in labels))
        if side := next((who.side for who in told if who.side), None):
            return side
        early = [m for m in scene.actors.touching(0, OPENING) if m.side and m.side not in scene.foes]
        early = [m for m in early if not _is_topic(m, scene)]
        return next((m.side for m in early if m.office and m.form != "demonym"), None)

    def _name_in(self, words: str, start: int, mentions: Sequence[ActorMention], scene: Scene) -> Speaker | None:
        """Return an unlisted person: the capitalised words that are neither a title nor listed."""
        found = self._titles.last_name(words, [(m.start - start, m.end - start) for m in mentions])
        if found is None or words[slice(*found)] in _DAYS | _NO_NAMES or _WITHIN_A_NAME.search(words[: found[0]]):
            return None
        begin, finish = found
        if _GOES_ON.match(words, finish) or _RELATIVE_OF.search(words[:begin]):
            return None
        name = self._in_full(words[begin:finish], scene)
        if listed := self._listed(name, scene):
            return replace(speaker_of(listed), start=start + begin)
        here = _APPOSITION.match(scene.text, start + len(words))
        before = self._office_before(name, scene)
        introduced = [each for each in (*self._introductions(name, scene), here and here.span(), before) if each]
        titles = [words, *(scene.text[slice(*each)] for each in introduced)]
        offices = [each for each in introduced if self._titles.official(scene.text[slice(*each)])]
        known = [*mentions, *(m for each in offices for m in scene.actors.touching(*each))]
        place = offices[0][0] if offices else start
        sides = (*(m.side for m in known), *map(self._titles.state, titles), self._supposed(titles, place, scene))
        role = " ".join(words.replace(words[begin:finish], "").strip(" ,").split()) or None
        official = any(map(self._titles.official, titles)) and not any(map(_FORMER.search, titles))
        return Speaker(
            name=name, side=next(filter(None, sides), None), role=role, official=official, start=start + begin
        )

    def _introductions(self, name: str, scene: Scene) -> Iterator[tuple[int, int]]:
        """Yield where words stand directly before and after each occurrence of a full name, which may be its title."""
        places = scene.names.places(name) if " " in name else ()
        for place in islice(places, _INTRODUCTIONS):
            begin = max(0, place - _LONGEST_TITLE)
            before = reversed([*re.finditer(r"\S+", scene.text[begin:place])])
            title = [*takewhile(lambda word: self._may_introduce(word.group()), before)]
            if title:
                yield begin + title[-1].start(), place
            if after := _APPOSITION.match(scene.text, place + len(name)):
                yield after.span()

    def _office_before(self, name: str, scene: Scene) -> tuple[int, int] | None:
        """Return the office that opens the sentence before its holder is named: "The minister flew in. Deng said"."""
        place = next(scene.names.places(name), -1)
        opens = _NEXT_SENTENCE.search(scene.text, max(0, place - 5), place) if " " in name and place > 0 else None
        if opens is None:
            return None
        low = max(0, opens.start() - _LONGEST_SENTENCE)
        ends = [scene.text.rfind(end, low, opens.start()) for end in (". ", "\n")]
        begin = max(low, ends[0] + 2 if ends[0] >= 0 else 0, ends[1] + 1)
        words = re.finditer(r"\S+", scene.text[begin : opens.start()])
        title = [*takewhile(lambda word: self._may_be_of_office(word.group()), words)]
        return (begin, begin + title[-1].end()) if title else None

    def _may_be_of_office(self, word: str) -> bool:
        """Whether a word may belong to an office at the beginning of a sentence: "The Lena Front's chief of staff"."""
        plain = word.removesuffix("'s").removesuffix("’s")
        return (
            plain.lower() in _JOINS_TITLES
            or self._titles.holds(plain)
            or (plain[0].isupper() and word[-1] not in ",;:")
        )

    def _may_introduce(self, word: str) -> bool:
        """Whether a word before a name may belong to its title, and not to what ends there."""
        return self._titles.holds(word) or (word[0].isupper() and word[-1] not in '.,;:?!”"')

    def _listed(self, name: str, scene: Scene) -> ActorMention | None:
        """Return the listed person behind a surname, by the full name that the text gives elsewhere."""
        listed = self.actors.resolve(name, on=scene.on) if " " in name else None
        return listed if listed and listed.kind == "person" else None

    def _of_words(self, words: str, start: int, mentions: Sequence[ActorMention], scene: Scene) -> Speaker:
        """Return an office, an organ or a state: by its holder, by its listed name, or as written."""
        referring = (of_owner, of_group, of_several_states)
        if not mentions and (referred := next(filter(None, (of(words, start, scene) for of in referring)), None)):
            return referred
        if any(m.kind == "alliance" and _ONE_MEMBER.match(scene.text, m.end) for m in mentions):
            return Speaker(name=words, official=True, start=start)
        group = next((m for m in mentions if m.kind == "group" and _is_owned(m, scene.text)), None)
        named = group.actor if group else next((mention.side for mention in mentions if mention.side), None)
        side = named
        if not named and not _BACKED.search(words):
            side = self._titles.state(words) or self._supposed([words], start, scene)
        holder = None if named or scene.floor.at(start) else holder_before(words, start, scene)
        holder = holder or self._head_of(words, mentions, scene) or self._in_office(words, side, scene)
        if holder:
            return replace(speaker_of(holder, former=bool(_FORMER.search(words))), start=start)
        whole = [m for m in mentions if m.end - m.start >= _WHOLE * len(words)]
        if not whole or (whole[-1].form == "demonym" and len(words.split()) > 1):
            whole = [mention for mention in mentions if mention.kind in ("organ", "force", "group")][:1]
        if whole:
            who, member = speaker_of(whole[-1]), _OF_AN_ORGAN.search(words)
            return replace(who, name=f"{who.name} {member.group().lower()}") if member else who
        if described := self._described(words, start, named, scene):
            return described
        name = _SPOKESPERSON.sub(r"\g<organ> \g<who>", words)
        return Speaker(name=name, side=side, official=not self._titles.expert(words), start=start)

    def _head_of(self, words: str, mentions: Sequence[ActorMention], scene: Scene) -> ActorMention | None:
        """Return who leads the organ or group that ``words`` name on the day: "the head of the Wagner group"."""
        led = [m.name for m in mentions if m.kind in ("organ", "force", "group")]
        if not led or not _HEAD.search(words) or _ONE_OF_SEVERAL.search(words):
            return None
        heads = _COMMANDERS if _COMMANDERS.match(words) else _HEADS
        serving = self.actors.serving(scene.on)
        head = (who for who, title in serving if heads.match(title) and any(name in title for name in led))
        return next((self.actors.resolve(who.name, on=scene.on) for who in head), None)

    def _described(self, words: str, start: int, side: str | None, scene: Scene) -> Speaker | None:
        """Return who was named before, if ``words`` only describe one person: "the mercenary chief"."""
        if not is_described(words) or _ONE_OF_SEVERAL.search(scene.text[max(0, start - 3) : start] + words):
            return None
        before = scene.actors.touching(max(0, start - _DESCRIBED_WITHIN), start)
        people = [m for m in before if m.kind == "person" and m.office and m.end <= start]
        last = people[-1] if people else None
        return replace(speaker_of(last), start=start) if last and side in (None, last.side) else None

    def _in_office(self, words: str, side: str | None, scene: Scene) -> ActorMention | None:
        """Return who holds the office ``words`` name for ``side``: someone the article names, else by the day."""
        title = title_of(words)
        if title is None or side is None:
            return None
        here = (m for m in scene.actors.first.values() if m.kind == "person" and m.office and m.side == side)
        if named := next((mention for mention in here if title.search(mention.role or "")), None):
            return named
        holders = (who for who, held in self.actors.serving(scene.on) if who.side == side and title.search(held))
        return next((self.actors.resolve(who.name, on=scene.on) for who in holders), None)

    def _supposed(self, titles: Sequence[str], place: int, scene: Scene) -> str | None:
        """Return the side of an office or an organ of some state, if ``titles`` are one and name no state."""
        state = any(map(self._titles.official, titles)) and not any(map(OF_NO_STATE.search, titles))
        return self._home_of(place, scene) if state else None

    def _home_of(self, place: int, scene: Scene) -> str | None:
        """Return the side a text speaks for in which somebody has the floor, whoever it mentions beside.

        In plain news the one named last before ``place`` in its paragraph, or first.
        """
        if scene.floor.turns:
            return self._home(scene)
        begin = max(0, place - LAST_HEARD)
        begin = max(begin, scene.text.rfind("\n", begin, place) + 1)
        sides = [m.side for m in scene.actors.touching(begin, place) if m.side and m.kind != "alliance"]
        near = [side for side in reversed(sides) if side not in scene.foes]
        first = (m.side for m in scene.actors.first.values() if m.side and m.side not in scene.foes)
        return next(chain(near, first), None)

    def _in_full(self, name: str, scene: Scene) -> str:
        """Return the full name that the text gives for a surname."""
        known = scene.names.full
        if " " not in name and name not in known:
            given = (self._given(place, scene) for place in scene.names.places(name))
            known[name] = " ".join([*next(filter(None, given), ()), name])
        return known.get(name, name)

    def _given(self, place: int, scene: Scene) -> list[str]:
        """Return the given names before a surname."""
        before = _BEFORE_SURNAME.search(scene.text, max(0, place - _LONGEST_TITLE), place)
        words = reversed([*_words(before)]) if before else ()
        given = takewhile(lambda each: self._may_be_given(each[1], each[0], scene), words)
        return [word for _, word in given][::-1]

    def _may_be_given(self, word: str, place: int, scene: Scene) -> bool:
        """Whether a capitalised word before a surname may be a given name: not a title, a country or a month."""
        if self._titles.holds(word) or word in _DAYS or self.actors.resolve(word):
            return False
        return not any(m.kind != "person" for m in scene.actors.touching(place, place + len(word)))


def _words(match: re.Match[str]) -> Iterator[tuple[int, str]]:
    """Yield the words of a match, each with its place in the text."""
    for word in re.finditer(r"\S+", match.group()):
        yield match.start() + word.start(), word.group()


def _is_topic(mention: ActorMention, scene: Scene) -> bool:
    """Whether somebody is only spoken of: after "on" or "against", in a question, or a state in an answer."""
    turn = scene.floor.at(mention.start)
    answered = turn is not None and turn.is_labelled and mention.kind == "state"
    before, after = (
        _TOPIC.search(scene.text, max(0, mention.start - 10), mention.start),
        _QUESTION.match(scene.text, mention.end),
    )
    return answered or before is not None or after is not None


def _is_owned(mention: ActorMention, text: str) -> bool:
    """Whether a possessive stands before a mention: the group in "Lebanon's Hezbollah"."""
    return text.endswith(("'s ", "’s "), 0, mention.start)


def _backs(mention: ActorMention, text: str) -> bool:
    """Whether a mention only says who stands behind somebody else."""
    backed = _BACKED.match(text, mention.start)
    return backed is not None and mention.end < backed.end()


def is_described(words: str) -> bool:
    """Whether words describe one person without a name: "the mercenary chief"."""
    return _DESCRIBED.search(words) is not None


def is_relative_of(text: str, place: int) -> bool:
    """Whether who is named at ``place`` only tells who somebody else is: "a long-time ally of"."""
    return _RELATIVE_OF.search(text, max(0, place - _LONGEST_TITLE), place) is not None


def _opens_a_name(mention: ActorMention, end: int, text: str) -> bool:
    """Whether a surname is that of somebody else whose given name follows: "Pak Jong Ok"."""
    return mention.form == "short" and re.match(r" [A-Z][a-z]", text[mention.end : end]) is not None


def _is_relation(mention: ActorMention, start: int, end: int, text: str) -> bool:
    """Whether the words from ``start`` to ``end`` describe somebody by their relation to the person mentioned."""
    before, after = text[start : mention.start], text[mention.end : end]
    return bool(
        _RELATIVE_OF.search(before)
        or _HAS_RELATIVE.match(after)
        or (mention.kind == "person" and owned_end(text, mention.end))
    )


def _with_what_is_owned(start: int, end: int, scene: Scene) -> int:
    """Return ``end``, or where the words end that make the person named there an owner: "Hadad's enforcer"."""
    persons = [actor for actor in scene.actors.touching(start, end) if actor.kind == "person"]
    return max([end, *(owned_end(scene.text, actor.end) or end for actor in persons)])


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without articles, possessives and punctuation at its edges, extended to whole words."""
    while start > 0 and text[start - 1].isalnum() and text[start : start + 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    words = text[start:end]
    while match := _EDGES.search(words):
        if match.start() == 0:
            start += match.end()
        else:
            end = start + match.start()
        words = text[start:end]
    return start, end
