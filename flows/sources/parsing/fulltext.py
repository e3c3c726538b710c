"""The article on a page, or the reason why the page does not show it. The only module that knows trafilatura.

Runs inside a worker process (``worker``), because a table has been seen to take all memory and an empty page to crash.

trafilatura's precision mode keeps boilerplate out, its default mode loses less. Precision and recall of the words of
the article, averaged over the twelve invented pages in ``tests/data/pages`` (newspaper, nested boxes, table layout,
wire, live blog, paywall, transcript, link boxes, …):

    precision mode                                      .870  .873   finds nothing in a table layout
    default mode                                        .907  .971   for a short wire, half of it is boilerplate
    precision mode, default if that finds nothing       .953  .956
    the same, but default for live blogs: used here     .948  .971   precision mode drops their last entries

Both leave out data tables and captions.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]
import trafilatura
from trafilatura.settings import Extractor

from flows.sources import urls
from flows.sources.parsing import encoding, markup

SHORT = 800
"""Characters below which a text that mentions cookies, scripts or subscriptions is taken for such a notice."""
ALL = r"(?:full |rest of the |entire )?"
SEEN = r"to (?:view|see|watch|access) (?:this|the)"
OFFERED = r"(?:(?:^|[.!?:\n])\W*|subscription |sign(?:ing)? up |pay )"
ASKED = r"(?:please |you (?:need|have|will need) to |you must )?"
ON = rf"(?= reading| (?:this|the) {ALL}(?:article|story|content)| or\b|\W*(?:[.!?:\n]|$))"
"""What follows where it is the article that one has to log in for."""
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
        rf"{SEEN} (?:\w+ )?content,? {ASKED}(?:accept|allow|agree|consent|enable|change)",
    ),
    "paywall": (
        r"subscribe (?:now )?to (?:continue|read|keep reading|unlock|access)",
        r"(?:continue|keep) reading (?:with|by|for (?:free|only|just|as|less|one|[$€£\d]))",
        rf"(?:sign|log) in to (?:continue|read){ON}|register (?:for free )?to (?:continue|read){ON}",
        r"already (?:a )?(?:subscriber|subscribed|member)\s*\?",
        r"already (?:(?:a )?(?:subscriber|subscribed|member|registered)|have an account)\W+(?:please )?(?:sign|log)",
        r"(?:^|\n)subscribers?[- ]only\b|subscribers?[- ]only (?:article|story|content)|(?:for|to) subscribers only",
        rf"{OFFERED}to (?:read|continue|continue reading|view|access) (?:this|the) {ALL}(?:article|story|content)",
        r"(?:article|story|content) is (?:only )?(?:available|reserved) (?:only )?(?:to|for) (?:\w+ ){0,2}subscribers",
        r"free articles? (?:left|remaining)",
        r"become a (?:member|subscriber) to (?:continue|read|keep reading|unlock|access|view|see)",
        r"you(?:'ve| have) reached your (?:\w+ ){0,2}limit(?! of (?!(?:\w+ )?(?:articles|stories)))",
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
SHARED_TITLE = re.compile(
    r"""<meta[^>]{1,200}?og:title["'][^>]{0,100}?content=["']([^"'<>]{1,500})["']""", re.IGNORECASE
)
TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,500})</title", re.IGNORECASE)
WORD_COUNT = re.compile(r"\"wordCount\"\s*:\s*\"?(\d{1,6})")
WHOLE = 0.8
"""Share of the word count given by the page from which on a text counts as complete."""
END = re.compile(r"(?<!\.\.)[.!?。！？][\"'”’»)\]]*$")
"""Endings of texts that are not cut off."""
LONGEST_PAGE = 4_000_000
MORE = 3
"""Factor by which the default mode must find more text for precision mode to have lost the article."""
ARTICLE = re.compile(r"<article\b", re.IGNORECASE)
WORD = re.compile(r"\w{2,}")
PART = 300
"""Characters in paragraphs from which on a container may be a part of an article; teasers have fewer."""
ASIDES = frozenset({"aside", "blockquote", "figure", "footer", "nav"})
HEADINGS, ALIKE = 10, 0.7
"""Most headings and links considered, and the share of words that one must have in common with the title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The article on a page."""

    text: str
    """Empty if nothing was found."""
    problem: str | None = None
    """Why the text is not the article's: javascript, cookies, paywall, error or empty."""
    published_raw: str | None = None
    title: str = ""
    """As the page gives it to those who share it, or to a browser."""


def read(
    content: bytes, *, charset: str | None = None, url: str | None = None, precise: bool = True, title: str = ""
) -> Page:
    """Return the main text of a page, cleaned; ``precise`` loses a paragraph rather than include boilerplate.

    On a page with several articles, the one with the heading ``title`` or the link ``url`` is read.
    """
    source, _ = encoding.decode(content, charset)
    source = source[:LONGEST_PAGE]
    text = _text(_prepared(source, title, url or ""), url, precise=precise) if source.strip() else ""
    date = PUBLISHED.search(source)
    return Page(
        text=text,
        problem=problem_of(text, source),
        published_raw=(date[1] or date[2]) if date else None,
        title=_title(source),
    )


def _title(source: str) -> str:
    found = SHARED_TITLE.search(source) or TITLE.search(source)
    return markup.one_line(found[1]) if found else ""


def problem_of(text: str, source: str = "") -> str | None:
    """Return why ``text``, from the page ``source``, is not an article, if it is not."""
    if not text.strip():
        # a page asks for scripts in what it shows without them
        whole = markup.plain(re.sub(r"<(/?)noscript\b", r"<\1div", source[:200_000], flags=re.IGNORECASE))
        return next((name for name, pattern in _PROBLEMS.items() if pattern.search(whole[:20_000])), "empty")
    if len(text) < SHORT:
        found = next((name for name, pattern in _PROBLEMS.items() if pattern.search(text)), None)
        if found:
            return found
    return "paywall" if NOT_FREE.search(source) and not _is_whole(text, source) else None


def _is_whole(text: str, source: str) -> bool:
    """Return whether a page that calls itself not free shows its article all the same, as metered ones do.

    A text that is cut off ends in mid-sentence, or is far shorter than the page says the article is.
    """
    said = WORD_COUNT.search(source)
    if said and int(said[1]) >= 50:
        return len(text.split()) >= WHOLE * int(said[1])
    lines = text.splitlines()
    while lines and _PROBLEMS["paywall"].search(lines[-1]):
        lines.pop()
    body = "\n".join(lines)
    offered = len(lines) < len(text.splitlines())
    return len(body) >= (2 * SHORT if offered else SHORT) and END.search(body) is not None


def _text(source: str, url: str | None, *, precise: bool) -> str:
    text = _main_text(source, url, precise=True) if precise else ""
    if len(text) >= SHORT:
        return text
    more = _main_text(source, url, precise=False)
    return more if not text or len(more) >= MORE * len(text) else text


def _prepared(source: str, title: str, url: str) -> str:
    """Return a page with only the article that was asked for, and that as one piece, as far as this is clear."""
    try:
        root = lxml.html.fromstring(source)
    except (ValueError, lxml.etree.LxmlError):
        return source
    left_alone = len(ARTICLE.findall(source)) > 1 and _leave_alone(root, title, url)
    joined = [_join(whole) for whole in root.xpath("//*[self::article or self::main][not(.//article)]")]
    return str(lxml.html.tostring(root, encoding="unicode")) if left_alone or any(joined) else source


def _leave_alone(root: Any, title: str, url: str) -> bool:
    """Drop the articles that were not asked for, if it is clear which one was; return whether it is."""
    found = root.xpath("//article[not(ancestor::article)]")
    asked = [article for article in found if _is_asked(article, title, url)]
    if len(asked) != 1 or len(found) < 2:
        return False
    for other in found:
        if other is not asked[0]:
            other.drop_tree()
    return True


def _join(whole: Any) -> bool:
    """Give what contains all parts of an article their class, because only the first with that class is read.

    Pages put advertisements between the parts. Returns whether there are several.
    """
    parts: dict[str, list[Any]] = {}
    for holder in dict.fromkeys(paragraph.getparent() for paragraph in whole.iter("p")):
        length = sum(len(paragraph.text_content()) for paragraph in holder.iterchildren("p"))
        if holder.get("class") and length >= PART and not any(each.tag in ASIDES for each in holder.iterancestors()):
            parts.setdefault(holder.get("class"), []).append(holder)
    several = {kind: holders for kind, holders in parts.items() if len(holders) > 1}
    for kind, (first, *others) in several.items():
        around = (each for each in first.iterancestors() if all(each in other.iterancestors() for other in others))
        next(around).set("class", kind)
    return bool(several)


def _is_asked(article: Any, title: str, url: str) -> bool:
    wanted = set(WORD.findall(title.lower()))
    for heading in article.xpath(".//h1 | .//h2 | .//h3")[:HEADINGS]:
        words = set(WORD.findall(heading.text_content().lower()))
        if wanted and len(wanted & words) >= ALIKE * len(wanted | words):
            return True
    own = urls.identity(url)
    links = article.xpath("@data-url | @data-permalink | @itemid | .//h1//a/@href | .//h2//a/@href")
    return own is not None and any(urls.identity(urljoin(url, str(link))) == own for link in links[:HEADINGS])


def _main_text(source: str, url: str | None, *, precise: bool) -> str:
    options = Extractor(
        output_format="txt", precision=precise, comments=False, tables=False, formatting=False, links=False, url=url
    )
    options.max_tree_size = 20_000
    found = trafilatura.extract(source, options=options)
    return markup.plain(found or "")
