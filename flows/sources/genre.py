"""The genre of an article, from its feed, address, title and text. Pure.

The order matters: what the address or the headline says takes precedence over what the text looks like.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote

SECTIONS = {
    "opinion": (
        "opinions?|op-?eds?|columns?|columnists?|commentary|comment|commentisfree|blogs?|editorials?",
        "views?|voices|perspectives?|ideas|letters",
    ),
    "live_blog": ("live|live-?(?:blog|updates?|news|story|reporting)",),
    "explainer": ("explainers?|explained|explain|fact-?checks?|faq|backgrounders?|in-depth|guides?",),
    "transcript": ("transcripts?|speech(?:es)?|remarks",),
    "anniversary": ("on-this-day|history|today-in-history|anniversar(?:y|ies)",),
    "release": ("press[-_]?releases?|news-?releases?|communiques?|readouts?|statements?",),
}
"""Segments of an address, or categories of an entry, that name a section."""
TITLES = {
    "opinion": (
        r"^(?:opinions?|op-?ed|column|comment|commentary|editorial|letters?|guest essay)\s*[:|—–-]",
        r"[|—–-]\s*(?:opinion|op-?ed|editorial|commentary)\s*$",
    ),
    "live_blog": (
        r"^(?:live|live updates?|live blog|as it happened)\s*(?:[:|—–]|\s-\s)",
        r"[|—–:-]\s*(?:live(?: updates?| blog)?|as it happened)\s*$",
        r"\b(?:war|crisis|conflict|ukraine|russia|iran|israel|gaza)\b.{0,20}\blive(?: updates?| blog)?\s*(?:[:|—–-]|$)",
    ),
    "transcript": (
        r"\btranscript\b|\bfull text\b",
        r"^(?:remarks|speech|address|interview|news conference|press (?:conference|briefing)) (?:by|of|to|at|with)\b",
        r"\bbriefing by\b.*\bspokes(?:man|woman|person)\b",
        r"\b(?:remarks|speech|statement)s? and answers\b",
    ),
    "explainer": (
        r"^(?:explainer|explained|fact ?check|factbox|timeline|q&a|faq|fact sheet)\b",
        r"[|—–:-]\s*(?:explained|explainer|a timeline|what (?:we|you need to) know)\b",
        r"^what (?:is|are|we know|you need to know|to know)\b|\bhere'?s what to know\b",
        r"^(?:how|why|who|what) .{3,80}(?:,? explained|\?)$",
    ),
    "anniversary": (
        r"\banniversary\b|\bon this day\b|\bthis day in\b|\blooking back\b",
        r"\b(?:\d+|five|ten|twenty|thirty|forty|fifty|sixty|eighty) years (?:ago|on|later|after|since)\b",
    ),
    "release": (
        r"^(?:press release|news release|joint statement|readout|communiqu[eé]|joint (?:press )?communiqu[eé])\b",
        r"^statement (?:by|of|from|on)\b|^comment by the information\b",
    ),
}
TEXTS = {
    "release": (r"^(?:for immediate release|embargoed until|press release\b|news release\b)",),
    "opinion": (
        r"\bthe (?:views|opinions) expressed\b.{0,60}\b(?:are|do not|is)\b",
        r"\bthe (?:writer|author) is an?\b|\bis a columnist (?:for|at)\b|\bthis is an opinion piece\b",
        r"\b(?:writes|argues) (?:our |the )?(?:columnist|essayist)\b",
        r"\b(?:columnist|essayist) (?:[\w.’'-]+ ){1,3}(?:writes|argues)\b",
    ),
    "transcript": (r"^(?:question|q):\s.+(?:\n.+){0,6}\n(?:answer|a|[a-z][a-z .]{2,40}):\s",),
}
"""Only searched for at the beginning and the end of the text."""
_TITLE_HINTS = (
    "opinion op-ed oped column comment editorial letter essay live happened transcript full text remark speech address "
    "interview conference briefing statement explain fact timeline q&a faq what who why how know anniversary day back "
    "year release readout communiqu"
)
TITLE_HINTS = tuple(_TITLE_HINTS.split())
"""Every form in ``TITLES`` contains one of these; most headlines contain none, and searching for words is faster."""
HINTS = {
    "release": ("immediate release", "embargoed until", "press release", "news release"),
    "opinion": ("expressed", "the writer", "the author", "columnist", "essayist", "opinion piece"),
    "transcript": ("question:", "q:"),
}
"""Every form in ``TEXTS`` contains one of these; searching for a word is ten times as fast as trying a form."""
EDGE = 1_500


def _compiled(table: Mapping[str, Sequence[str]]) -> list[tuple[str, re.Pattern[str]]]:
    return [(genre, re.compile("|".join(forms), re.IGNORECASE | re.MULTILINE)) for genre, forms in table.items()]


_SECTIONS, _TITLES, _TEXTS = _compiled(SECTIONS), _compiled(TITLES), _compiled(TEXTS)


def detect(
    *, feed: str = "news", url: str | None = None, title: str = "", text: str = "", categories: Iterable[str] = ()
) -> str:
    """Return news, opinion, explainer, anniversary, live_blog, transcript or release.

    ``feed`` is the genre in the feed list; anything but ``news`` there is final, except that a feed of releases may
    contain transcripts.
    """
    found = _by_title(title) or _by_section(url, categories) or _by_text(text)
    if feed != "news":
        return "transcript" if found == "transcript" and feed == "release" else feed
    return found or "news"


def _by_title(title: str) -> str | None:
    lower = title[:300].lower()
    if not any(map(lower.__contains__, TITLE_HINTS)):
        return None
    return next((genre for genre, pattern in _TITLES if pattern.search(title[:300])), None)


def _by_section(url: str | None, categories: Iterable[str]) -> str | None:
    path = (url or "").partition("://")[2].partition("?")[0].partition("#")[0].partition("/")[2]
    path = unquote(path).lower()
    # the last segment is the article's own slug, which repeats the title
    sections = [segment for segment in path.split("/")[:-1] if segment]
    sections += [re.sub(r"[\s_]+", "-", category.strip().lower()) for category in categories]
    genres = {_section(section) for section in sections}
    return next((genre for genre in SECTIONS if genre in genres), None)


@lru_cache(maxsize=8192)
def _section(name: str) -> str | None:
    return next((genre for genre, pattern in _SECTIONS if pattern.fullmatch(name)), None)


def _by_text(text: str) -> str | None:
    edges = text if len(text) <= 2 * EDGE else f"{text[:EDGE]}\n{text[-EDGE:]}"
    lower = edges.lower()
    hinted = {genre for genre, hints in HINTS.items() if any(map(lower.__contains__, hints))}
    return next((genre for genre, pattern in _TEXTS if genre in hinted and pattern.search(edges)), None)
