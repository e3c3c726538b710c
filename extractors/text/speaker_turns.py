"""Who has the floor: the speaker of each part of a transcript, a debate, a release or a speech.

Labels of turns ("THE PRESIDENT:", "MS. PSAKI:", "Mr. Churkin (Russian Federation):") say who speaks below them, "Q"
asks; the title of a release or a speech names its speaker ("Remarks by …", "Press Statement of …"), and so does the
dateline of an agency that menaces in its own voice ("Pyongyang, June 24 (KCNA) --").
"""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import islice

from extractors.text.datelines import agency_dateline

_LABEL = re.compile(
    r"^[ \t]*(?:(?P<asks>(?:Q|QUESTION|REPORTER|Reporter|Question)\b[:.]?(?=[ \t]))"
    r"|(?P<capitals>(?:THE |MR\. |MS\. |MRS\. |DR\. )?[A-Z][A-Z.'’\-]+(?: [A-Z][A-Z.'’\-]*){0,6})"
    r"(?: \([^)\n]{1,60}\))?\s?:(?=\s)"
    r"|(?P<name>(?:(?:Mr|Ms|Mrs|Dr|Sir|Lord|President|Prime Minister|Minister|Secretary|General|Ambassador"
    r"|The President)\.? ?)?(?:[A-Z][\w'’\-]+"
    r"(?: (?!(?:To|On|Of|In|At|And|For|From|With|After|As|Vs)\b)[A-Z][\w.'’\-]*){0,4})?)"  # a headline is no label
    r"(?: \((?P<state>[A-Z][^)\n]{2,60})\))?(?: \([^)\n]{1,60}\))*\s?:(?=\s))",
    re.MULTILINE,
)
_SPEECH = (
    r"(?:opening |press |joint |video |televised |full |keynote |prepared )?"
    r"(?:remarks|statement|address|speech|message|interview|comments?|answers?|press conference|press briefing|gaggle"
    r"|letter|testimony|white paper)"
)
_OCCASION = r"\s(?:on|at|before|during|following|regarding|concerning|after|ahead of|addressed|in response)\s"
"""What follows on the name of a speaker in a title: where and about what the speech was."""
_OWN_TITLE = re.compile(
    rf"\b{_SPEECH}\b(?:[^:\n]{{0,80}}?\b(?:by|from|with)|(?:(?!\son\s)[^:\n]){{0,80}}?\bof)\s+"
    rf"(?P<who>(?:(?!{_OCCASION}|\s\d{{1,2}}/\d)[^\n]){{3,160}})"
    r"|^(?P<owns>(?:[A-Z][\w-]+ ){0,3}(?:President|Minister|Secretary|Chancellor|[Ss]pokes\w+)(?: [A-Z][\w-]+){0,2})"
    r"['’]s (?:[\w-]+ ){0,2}?(?:statement|press conference|briefing|address|speech)\b"
    rf"|^(?P<delivers>[A-Z][^\n:]{{2,60}}?)(?:['’]s)? (?:(?:delivers?|gives?) (?:\w+ ){{0,4}}{_SPEECH}|makes? speech\b)"
    r"|^(?P<issues>[A-Z][^\n:]{1,60}? (?:leaders|ministers|countries|nations))\S{0,7} (?:\w+ ){0,2}"
    r"(?:statement|communiqu|declaration|vision)"
    r"|\bstatement on (?:the )?(?P<joins>[A-Z][^:\n]{4,80}?) (?:trilateral|bilateral|partnership|cooperation)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?P<who>[A-Z][^\n:.,]{2,200}?)(?:,[^\n:.]{2,200}?)?(?: on \w+)? (?:released|issued|made public|published) "
    r"(?:the following|an?) (?:\w+ ){0,2}(?:statement|commentary|white paper|answer|report|letter)\b"
)
"""How an agency introduces what it hands on: "Ann Doe, vice-minister of trade, issued the following statement"."""
_DEBATE = re.compile(
    r"^(?:UN |United Nations )?(?:General (?:Assembly|Debate)|Security Council)[^:\n]{0,60}"
    r":\s*(?P<state>[A-Z][A-Za-z .'’,()-]{1,70})"
)
# fmt: off
_NO_LABELS = frozenset(
    (
        "note", "photo", "source", "verdict", "pictured", "update", "watch", "related", "location", "background",
        "summary", "warning", "exclusive", "breaking", "opinion", "live", "analysis", "explainer", "video", "photos",
        "fact check", "live updates", "read more", "key takeaways",
    )
)
# fmt: on
# fmt: off
_FORMAL = (
    "THE ", "MR. ", "MS. ", "MRS. ", "DR. ", "PRESIDENT ", "SECRETARY ", "SENIOR ", "GENERAL ", "ADMIRAL ", "MINISTER ",
    "AMBASSADOR ",
)
# fmt: on
_MOST_LABELS = 5000
_FEWEST = 2
"""Lines or headings from which on a text is a list of reactions."""
_QUOTED = re.compile(
    r"^[ \t•*–—-]*(?P<who>(?!(?:On|In|At|For|From|To|The|About|And|But|When)\b)"
    r"[A-Z][\w.'’-]*(?:,? \(?[\w.'’&/-]+\)?){1,11}),?:\s?(?=[\"“][^\n]{20})",
    re.MULTILINE,
)
"""A line of a list of reactions: ‘Senator Ann Doe (Ohio): "We will …"’."""
_HEADED = re.compile(
    r"^(?=[^\n]*\b(?:President|Minister|Secretary|Chancellor|Ambassador|Envoy|General|Admiral|Director|Advis[eo]r|Senator"
    r"|Rep|Governor|Commissioner|Chief|Speaker|Leader|Spokes\w+)\b)"
    r"(?P<who>[A-Z][\w.'’-]*(?:,? [\w.'’-]+){1,11}?)(?: on (?:the )?[A-Z][^\n:.]{2,60})?[ \t]*\n(?=[ \t]*[•*–—-] )",
    re.MULTILINE,
)
"""A heading above bullets that quote one person: "Minister Ann Doe on Morning Radio"."""
_SIGN_OFF = re.compile(r"^Glory to Ukraine!\s*\Z", re.MULTILINE)
"""How the president of Ukraine ends each address, the text of which names no speaker."""


class Sign(StrEnum):
    """What tells whose turn it is."""

    CAPITALS = "capitals"
    """A label in capitals: "THE PRESIDENT:"."""
    NAME = "name"
    """A label with a name: "Mr. Churkin (Russian Federation):"."""
    QUESTION = "question"
    """A label of somebody who asks: "Q"."""
    QUOTED = "quoted"
    """A line of a list of reactions, or the heading above one."""
    TITLE = "title"
    """The title of a release or a speech, or the sentence that introduces it."""
    DEBATE = "debate"
    """The title of a speech in the United Nations, which names a state."""
    AGENCY = "agency"
    """The dateline of an agency, which may speak for its state."""
    SIGN_OFF = "sign-off"
    """How a speech ends that names nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A part of a document in which one person or organ speaks."""

    start: int
    end: int
    speaker: str | None
    """The speaker as named by the label or the title; None for a question."""
    place: tuple[int, int] | None = None
    """Where that name stands in the document."""
    state: str | None = None
    """The state that a label gives in brackets, or that the title of a debate gives."""
    sign: Sign
    """What tells it."""

    @property
    def is_labelled(self) -> bool:
        """Whether the turn begins with a label of its own."""
        return self.sign in (Sign.CAPITALS, Sign.NAME, Sign.QUESTION, Sign.QUOTED)


@dataclass(frozen=True, kw_only=True)
class Floor:
    """Who speaks where in a document that is not plain news."""

    turns: tuple[Turn, ...] = ()

    @cached_property
    def dateline_end(self) -> int:
        """Where the dateline ends, whose place is not an actor; 0 without one."""
        return next((turn.start for turn in self.turns if turn.sign is Sign.AGENCY), 0)

    @cached_property
    def speakers(self) -> frozenset[str | None]:
        """Everybody as the labels name them."""
        return frozenset(turn.speaker for turn in self.turns)

    def at(self, place: int) -> Turn | None:
        """Return the turn at ``place``; None in plain news."""
        rank = bisect_right(self.turns, place, key=lambda turn: turn.start) - 1
        return self.turns[rank] if rank >= 0 and place < self.turns[rank].end else None


def floor_of(text: str, *, title: str = "") -> Floor:
    """Return who has the floor in ``text``, which begins with ``title`` if there is one; linear in ``text``."""
    labels = _labels(text)
    whole = _of_opening(text) or _of_title(text, title) or _of_agency(text) or _of_sign_off(text, title)
    if not labels:
        return Floor(turns=_quoted(text) or _headed(text) or ((whole,) if whole else ()))
    ends = [*(label.start for label in labels[1:]), len(text)]
    turns = [replace(label, end=end) for label, end in zip(labels, ends, strict=True)]
    opening = [replace(whole, end=turns[0].start)] if whole and turns[0].start > whole.start else []
    return Floor(turns=(*opening, *turns))


def _labels(text: str) -> list[Turn]:
    """Return the labels of a transcript; none if what looks like labels does not recur as speakers' names do."""
    found = [turn for match in islice(_LABEL.finditer(text), _MOST_LABELS) if (turn := _label(match))]
    names = Counter(turn.speaker for turn in found)
    answers = any(_is_formal(turn) or turn.sign is Sign.QUESTION for turn in found)
    spoken = [turn for turn in found if names[turn.speaker] > 1 or _is_plain(turn, answers=answers)]
    return spoken if len(spoken) > 1 or any(_is_formal(turn) for turn in spoken) else []


def _quoted(text: str) -> tuple[Turn, ...]:
    """Return the lines of a list of reactions, each by one person; a single line may be a headline."""
    found = [
        Turn(start=match.end(), end=_line_end(text, match.end()), speaker=match["who"], place=match.span("who"),
             sign=Sign.QUOTED)
        for match in islice(_QUOTED.finditer(text), _MOST_LABELS)
    ]  # fmt: skip
    return tuple(found) if len(found) >= _FEWEST else ()


def _headed(text: str) -> tuple[Turn, ...]:
    """Return the parts below headings that each name whom the bullets there quote; a single one may be a heading."""
    heads = list(islice(_HEADED.finditer(text), _MOST_LABELS))
    if len(heads) < _FEWEST:
        return ()
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return tuple(
        Turn(start=head.end(), end=end, speaker=head["who"], place=head.span("who"), sign=Sign.QUOTED)
        for head, end in zip(heads, ends, strict=True)
    )


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _is_formal(turn: Turn) -> bool:
    """Whether this label alone marks a transcript: "THE PRESIDENT:", "Mr. Churkin (Russian Federation):"."""
    return turn.state is not None or (turn.speaker or "").startswith(_FORMAL)


def _is_plain(turn: Turn, *, answers: bool) -> bool:
    """Whether a label is a speaker's even if it stands alone: formal, of a question, or in a transcript's capitals.

    If nobody is addressed formally or questioned, capitals before a colon are headings of a fact sheet.
    """
    return _is_formal(turn) or turn.sign is Sign.QUESTION or (turn.sign is Sign.CAPITALS and answers)


def _label(match: re.Match[str]) -> Turn | None:
    if match["asks"]:
        return Turn(start=match.start(), end=match.end(), speaker=None, sign=Sign.QUESTION)
    group = "capitals" if match["capitals"] else "name"
    name, place = match[group].strip(), match.span(group)
    if not name or name.lower() in _NO_LABELS or (group == "capitals" and len(name) < 4):
        return None
    return Turn(start=match.start(), end=match.end(), speaker=name, place=place, state=match["state"], sign=Sign(group))


def _of_title(text: str, title: str) -> Turn | None:
    head = title or (text.partition("\n")[0] if "\n" in text else "")
    if not head or len(head) > 300:
        return None
    if match := _DEBATE.match(head):
        return Turn(start=len(head), end=len(text), speaker=None, state=match["state"].strip(), sign=Sign.DEBATE)
    if match := _OWN_TITLE.search(head):
        group = match.lastgroup or "who"
        return Turn(
            start=len(head), end=len(text), speaker=match[group].strip(), place=match.span(group), sign=Sign.TITLE
        )
    return None


def _of_opening(text: str) -> Turn | None:
    dateline = agency_dateline(text)
    match = _OPENING.match(text, dateline.end() + 1) if dateline else None
    if match is None:
        return None
    return Turn(start=match.end(), end=len(text), speaker=match["who"], place=match.span("who"), sign=Sign.TITLE)


def _of_sign_off(text: str, title: str) -> Turn | None:
    match = _SIGN_OFF.search(text, max(0, len(text) - 60))
    if match is None:
        return None
    return Turn(start=len(title), end=match.start(), speaker="President", state="Ukraine", sign=Sign.SIGN_OFF)


def _of_agency(text: str) -> Turn | None:
    match = agency_dateline(text)
    if match is None:
        return None
    return Turn(
        start=match.end(), end=len(text), speaker=match["agency"].strip(), place=match.span("agency"), sign=Sign.AGENCY
    )
