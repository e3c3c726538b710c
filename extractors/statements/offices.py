"""Offices as texts name them, and the titles in the list of actors that they are."""

import re

RELATION = (
    r"(?:sister|brother|son|daughter|wife|husband|father|mother|nephew|uncle|ally|aide|advis[eo]r|assistant|deputy|"
    r"spokes\w+|lawyer|confidant|envoy)"
)
"""People described by their relation to somebody else, whom they are not."""
_OF_MANY = (
    "another|rival|senior|top|leading|majority|minority|opposition|party|faction|union|student|protest|strike|religious"
    "|community|clan|cult|tribe|tribal|military|militia|rebel|separatist|guerrilla|insurgent|jihadist|militant|gang|cartel"
    "|mafia|crime"
)
"""What makes a leader one of many, and not the head of a state."""
_OFFICES = tuple(
    (re.compile(said, re.IGNORECASE), listed and re.compile(listed, re.IGNORECASE))
    for said, listed in (
        (r"\bvice[ -]president\b", r"^vice[ -]president"),
        (r"^(?!.*\bdeputy\b).*\bnational security advis[eo]r\b", r"^national security advis[eo]r"),
        (rf"\b(?:vice|acting|press secretary|ambassador|{RELATION})\b", None),
        (r"\b(?:prime minister|premier|pm)\b", r"prime minister|premier"),
        (
            r"\bforeign (?:minister|secretary)\b|\bsecretary of state\b|\bfm\b|\btop (?:diplomat|envoy)\b",
            r"foreign (?:minister|secretary)|secretary of state",
        ),
        (
            r"\bdefen[cs]e (?:minister|secretary|chief)\b",
            r"defen[cs]e (?:minister|secretary)|secretary of (?:defense|war)",
        ),
        (r"\bsecretary[ -]general\b", r"secretary[ -]general"),
        (r"\bchancellor\b", r"chancellor"),
        (r"\bpresident\b", r"^president"),
        (
            rf"^(?!.*\b(?:{_OF_MANY})\b).*\b(?:leader|strongman|dictator|head of (?:our |the )?state)\b",
            r"^president|supreme leader|general secretary|chairman|^king|^leader|^prime minister",
        ),
    )
)
"""An office as in texts, and its title in the list of actors; the first match counts."""
_NO_OFFICE = re.compile(r"(?!)")
_PORTFOLIO = re.compile(
    r"\b(?P<of>\w+) (?P<head>secretary|minister|chief|director)\b"
    r"|\b(?P<title>secretary|minister|director) (?:of|for)(?: the)? (?P<field>\w+)",
    re.IGNORECASE,
)


def title_of(words: str) -> re.Pattern[str] | None:
    """Return a pattern for the title, in the list of actors, of the office that ``words`` name."""
    return next((listed or _NO_OFFICE for said, listed in _OFFICES if said.search(words)), _named_office(words))


def _named_office(words: str) -> re.Pattern[str] | None:
    """Return a pattern for the title of an office with a portfolio: "US Treasury Secretary", "minister of energy"."""
    match = _PORTFOLIO.search(words)
    if match is None:
        return None
    field, head = match["of"] or match["field"], match["head"] or match["title"]
    return re.compile(rf"(?=.*\b{re.escape(field)})(?=.*\b{re.escape(head)})", re.IGNORECASE)
