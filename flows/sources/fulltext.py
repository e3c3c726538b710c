"""The article on a page, or the reason why the page does not show it. The only module that knows trafilatura.

Runs inside a worker process (``worker``): a table has been known to take all memory, an empty page to crash.

trafilatura's precision mode keeps boilerplate out, its default mode loses less. Of the words found, how many are the
article's, and of the article's words, how many were found, in the mean over the twelve invented pages of
``tests/data/pages`` (newspaper, nested boxes, layout by tables, wire, live blog, paywall, transcript, link boxes, …):

    precision mode                                      .870  .873   finds nothing where tables are the layout
    default mode                                        .907  .971   as much boilerplate as text of a short wire
    precision mode, default where that finds nothing    .953  .956
    the same, but default for live blogs: used here     .948  .971   precision mode drops their last entries

Both leave out tables of data and captions.
"""

import re
from dataclasses import dataclass

import trafilatura
from trafilatura.settings import Extractor

from flows.sources import encoding, markup

SHORT = 800
"""Characters below which a text that mentions cookies, scripts or subscriptions is taken to be only that."""
PROBLEMS = {
    "javascript": (
        r"(?:enable|turn on|requires?|activate) javascript",
        r"javascript (?:is|has been|must be) (?:disabled|not (?:enabled|supported)|enabled)",
        r"checking your browser|verify (?:that )?you are (?:a )?human|are you a robot|unusual traffic",
        r"just a moment\.\.\.|please wait while we|ddos protection by|attention required! \| cloudflare",
    ),
    "cookies": (
        r"(?:we|this (?:web)?site|our partners) (?:and our partners )?uses? (?:\w+ )?cookies",
        r"(?:accept|manage|reject) (?:all )?cookies|cookie (?:policy|settings|preferences|consent|notice)",
        r"your (?:privacy )?(?:consent|choices)|consent to the (?:use|processing)",
    ),
    "paywall": (
        r"subscribe (?:now )?to (?:continue|read|keep reading|unlock|access)",
        r"(?:continue|keep) reading (?:with|by|for)|(?:sign|log) in to (?:continue|read)",
        r"already (?:a |an )?(?:subscriber|subscribed|registered|have an account)|subscribers?[- ]only",
        r"to (?:read|continue|view|access) (?:this|the) (?:full |rest of the |entire )?(?:article|story|content)",
        r"(?:article|story|content) is (?:only )?(?:available|reserved) (?:only )?(?:to|for) (?:\w+ ){0,2}subscribers",
        r"register (?:for free )?to (?:continue|read)|free articles? (?:left|remaining)",
        r"become a (?:member|subscriber) to",
        r"you(?:'ve| have) reached your (?:article )?limit",
    ),
    "error": (
        r"^(?:404|403|access denied|page not found|not found|forbidden|service unavailable|error \d{3})\b",
        r"you don'?t have permission to access|the page you (?:are looking for|requested)",
    ),
}
_PROBLEMS = {name: re.compile("|".join(forms), re.IGNORECASE) for name, forms in PROBLEMS.items()}
NOT_FREE = re.compile(r"\"isAccessibleForFree\"\s*:\s*\"?(?:false|no)\"?", re.IGNORECASE)
PUBLISHED = re.compile(
    r"""<meta[^>]{1,200}?(?:article:published_time|datePublished|dc\.date\.issued|parsely-pub-date)["']"""
    r"""[^>]{0,100}?content=["']([^"']{8,60})["']|"datePublished"\s*:\s*"([^"]{8,60})\"""",
    re.IGNORECASE,
)
LONGEST_PAGE = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page shows of its article."""

    text: str
    """Empty when nothing was found."""
    problem: str | None = None
    """javascript, cookies, paywall, error or empty: why the text is not the article's."""
    published_raw: str | None = None


def read(content: bytes, *, charset: str | None = None, url: str | None = None, precise: bool = True) -> Page:
    """Return the main text of a page, cleaned; ``precise`` rather loses a paragraph than takes boilerplate in."""
    source, _ = encoding.decode(content, charset)
    source = source[:LONGEST_PAGE]
    text = ""
    for mode in (True, False) if precise else (False,):
        if source.strip() and not text:
            text = _main_text(source, url, precise=mode)
    date = PUBLISHED.search(source)
    return Page(
        text=text,
        problem=problem_of(text, source),
        published_raw=(date[1] or date[2]) if date else None,
    )


def problem_of(text: str, source: str = "") -> str | None:
    """Say why ``text``, taken from the page ``source``, is not an article, if it is not."""
    if not text.strip():
        # what is shown without scripts is where a page says that it wants them
        whole = markup.plain(re.sub(r"<(/?)noscript\b", r"<\1div", source[:200_000], flags=re.IGNORECASE))
        return next((name for name, pattern in _PROBLEMS.items() if pattern.search(whole[:20_000])), "empty")
    if len(text) < SHORT:
        found = next((name for name, pattern in _PROBLEMS.items() if pattern.search(text)), None)
        if found:
            return found
    if NOT_FREE.search(source) and (len(text) < 2 * SHORT or _PROBLEMS["paywall"].search(text[-500:])):
        return "paywall"
    return None


def _main_text(source: str, url: str | None, *, precise: bool) -> str:
    options = Extractor(
        output_format="txt", precision=precise, comments=False, tables=False, formatting=False, links=False, url=url
    )
    options.max_tree_size = 20_000
    found = trafilatura.extract(source, options=options)
    return markup.plain(found or "")
