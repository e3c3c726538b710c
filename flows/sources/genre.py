"""What kind of text an article is: from its feed, address, title and text. Pure.

The order matters: what an address or a headline says of itself goes before what the text looks like.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

SECTIONS = (
    ("opinion", r"opinions?|op-?eds?|columns?|columnists?|commentary|comment|commentisfree|blogs?|editorials?|views?|voices|perspectives?|ideas|letters"),
    ("live_blog", r"live|live-?(?:blog|updates?|news|story|reporting)|liveblog"),
    ("explainer", r"explainers?|explained|explain|fact-?checks?|faq|backgrounders?|in-depth|guides?"),
    ("transcript", r"transcripts?|speech(?:es)?|remarks"),
    ("anniversary", r"on-this-day|history|today-in-history|anniversar(?:y|ies)|archive-stories"),
    ("release", r"press-?releases?|news-?releases?|press_releases?|pressreleases?|communiques?|readouts?|statements?"),
)  # fmt: skip
"""Segments of an address, and categories of an entry, that name a section."""
TITLES = (
    ("opinion", r"^(?:opinions?|op-?ed|column|comment|commentary|editorial|letters?|analysis and opinion|guest essay)\s*(?:[:|—–-])|[|—–-]\s*(?:opinion|op-?ed|editorial|commentary)\s*$"),
    ("live_blog", r"^(?:live|live updates?|live blog|as it happened|latest)\s*[:|—–-]|[|—–:-]\s*(?:live(?: updates?| blog)?|as it happened)\s*$|\b(?:war|crisis|conflict|ukraine|russia|iran|israel|gaza)\b.{0,20}\blive\b"),
    ("transcript", r"\btranscript\b|\bfull text\b|^remarks (?:by|of|to|at)\b|^speech (?:by|of|at)\b|^address (?:by|of|to)\b|\bbriefing by\b.*\bspokes(?:man|woman|person)\b|^(?:interview|news conference|press (?:conference|briefing)) (?:by|of|with)\b|\b(?:remarks|speech|statement) and answers\b"),
    ("explainer", r"^(?:explainer|explained|fact ?check|factbox|timeline|q&a|faq|fact sheet)\b|[|—–:-]\s*(?:explained|explainer|a timeline|what (?:we|you need to) know)\b|^what (?:is|are|we know|you need to know|to know)\b|^(?:how|why|who|what) .{3,80}(?:,? explained|\?)$|\bhere'?s what to know\b"),
    ("anniversary", r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|\w+) anniversary\b|\bon this day\b|\b(?:\d+|five|ten|twenty|thirty|forty|fifty|sixty|eighty) years (?:ago|on|later|after|since)\b|\bthis day in\b|\blooking back\b"),
    ("release", r"^(?:press release|news release|joint statement|readout|communiqu[eé]|statement (?:by|of|from|on)|joint (?:press )?communiqu[eé]|comment by the information)\b"),
)  # fmt: skip
TEXTS = (
    ("release", r"^(?:for immediate release|embargoed until|press release\b|news release\b)"),
    ("opinion", r"\b(?:the (?:views|opinions) expressed (?:here|in this (?:article|piece|column|commentary|op-?ed))?\s*(?:are|do not|is)|the writer is an?\b|the author is an?\b|is a columnist (?:for|at)\b|this is an opinion piece)"),
    ("transcript", r"(?:^[A-Z][A-Z .'-]{3,40}:\s.+\n?(?:.*\n){0,4}?){4}|^(?:question|q):\s.+(?:\n.+){0,6}\n(?:answer|a|[a-z .]{3,40}):\s"),
)  # fmt: skip
"""Looked for at the beginning and the end of the text only."""
EDGE = 1_500

_SECTIONS = [(genre, re.compile(pattern)) for genre, pattern in SECTIONS]
_TITLES = [(genre, re.compile(pattern, re.IGNORECASE)) for genre, pattern in TITLES]
_TEXTS = [(genre, re.compile(pattern, re.IGNORECASE | re.MULTILINE)) for genre, pattern in TEXTS]


def detect(
    *, feed: str = "news", url: str | None = None, title: str = "", text: str = "", categories: Iterable[str] = ()
) -> str:
    """Return news, opinion, explainer, anniversary, live_blog, transcript or release.

    ``feed`` is what the feed list says of the feed; anything but ``news`` there stands, save for live blogs and transcripts.
    """
    found = _by_title(title) or _by_section(url, categories) or _by_text(text)
    if feed != "news":
        return found if found in {"live_blog", "transcript"} and feed in {"release", "news"} else feed
    return found or "news"


def _by_title(title: str) -> str | None:
    return next((genre for genre, pattern in _TITLES if pattern.search(title[:300])), None)


def _by_section(url: str | None, categories: Iterable[str]) -> str | None:
    path = unquote(urlsplit(url).path).lower() if url else ""
    # the last segment is the article's own slug, whose words are the title's business
    sections = [segment for segment in path.split("/")[:-1] if segment]
    sections += [re.sub(r"[\s_]+", "-", category.strip().lower()) for category in categories]
    return next(
        (genre for genre, pattern in _SECTIONS if any(pattern.fullmatch(section) for section in sections)), None
    )


def _by_text(text: str) -> str | None:
    edges = text if len(text) <= 2 * EDGE else f"{text[:EDGE]}\n{text[-EDGE:]}"
    return next((genre for genre, pattern in _TEXTS if pattern.search(edges)), None)
