"""From an entry, and perhaps its page, to an article. Pure."""

import re
from datetime import datetime, timedelta

from extractors.records import Article, content_id, document_of
from flows.sources import genre, urls
from flows.sources.feed_records import Entry, FeedSpec
from flows.sources.parsing import dates
from flows.sources.parsing.entries import RawEntry
from flows.sources.parsing.language import language_of

CURRENT = timedelta(hours=72)
WHOLE = 1_500
"""Characters from which on the feed's own text counts as the whole article."""
CUT = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|read (?:more|on|the full .{3,30})|continue reading.{0,60}"
    r"|the post .{3,200} appeared first on .{3,80})\W*$",
    re.IGNORECASE,
)
"""Endings of texts that are only the beginning of an article."""
HUNG = re.compile(r"\s+[-–—|:·]\s+$")
"""What separates a title from the outlet's name."""
BOILERPLATE = re.compile(
    r"(?:The post .{1,300} (?:appeared first|first appeared) on .{3,100}\.?"
    r"|(?:Continue reading|Read more|Read the full (?:story|article))\b.{0,80})$"
)
BOILERPLATE_HINTS = ("The post ", "Continue reading", "Read more", "Read the full ")
"""Boilerplate begins with one of these; searching for words takes a tenth of the time."""


def wants_page(entry: Entry, category: str) -> bool:
    """Return whether the entry's own text is only a summary of the page it links to."""
    if entry.url is None:
        return False
    return category == "live_blog" or len(entry.content) < WHOLE or bool(CUT.search(entry.content[-300:]))


def genre_of(feed: FeedSpec, entry: Entry | RawEntry) -> str:
    """Return the genre the entry shows before its page is read."""
    return genre.detect(feed=feed.genre, url=entry.url, title=entry.title, text="", categories=entry.categories)


def fits(entry: Entry, text: str) -> bool:
    """Return whether the text of a page belongs to the entry: longer than the feed's, and about what the title says."""
    words = set(re.findall(r"\w{4,}", f"{entry.title} {entry.summary}".lower()))
    if len(text) < max(200, len(entry.content) // 2):
        return False
    return not words or any(word in text.lower() for word in words)


def clean_title(title: str, outlet: str) -> str:
    """Return the title without the outlet's name at its end."""
    whole = title.rstrip()
    if not outlet or whole[-len(outlet) :].lower() != outlet.lower():
        return title
    before = HUNG.search(whole[: -len(outlet)])
    return whole[: before.start()] or title if before else title


def _without_boilerplate(text: str) -> str:
    return BOILERPLATE.sub("", text) if any(map(text.__contains__, BOILERPLATE_HINTS)) else text


def _address(link: str | None, page_url: str | None) -> str | None:
    found = urls.canonicalise(page_url) if link and page_url and urls.is_aggregated(link) else None
    return found if found and not urls.is_aggregated(found) else link


def build(
    entry: Entry, *, identity: str, feed: FeedSpec, now: datetime, backlog: bool, page_text: str | None = None,
    page_date: str | None = None, page_url: str | None = None,
) -> Article:  # fmt: skip
    """Return the article of ``entry``, with the page's text if there is one, otherwise with the feed's.

    An aggregator's link is replaced by the address where the page was found, and its name by that of the outlet.
    """
    outlet = entry.outlet or feed.outlet
    title = clean_title(entry.title, outlet)
    text = page_text or _without_boilerplate(entry.content or entry.summary).rstrip()
    published, raw = entry.published, entry.published_raw
    if published is None and page_date:
        reading = dates.read(page_date, now=now, country=feed.country)
        published, raw = reading.instant, raw or reading.raw
    document = document_of(title, text)
    return Article(
        id=content_id(identity, document),
        identity=identity,
        title=title,
        text=text,
        url=_address(entry.url, page_url),
        source=outlet,
        published=published,
        published_raw=raw,
        feed=feed.id,
        seen=now,
        ownership=feed.ownership,
        genre=genre.detect(feed=feed.genre, url=entry.url, title=title, text=text, categories=entry.categories),
        language=language_of(document, expected=(entry.language or feed.language or "en")[:2].lower()),
        backlog=backlog or (published is not None and published < now - CURRENT),
    )
