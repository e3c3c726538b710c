"""Pages: the article, or the reason why there is none; in a process that may die."""

import asyncio
import json
import re
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sources import articles
from flows.sources.feed_records import Entry, FeedSpec
from flows.sources.parsing import fulltext, markup
from flows.sources.workers import pool, worker
from flows.sources.workers.pool import ParseError, ParserPool

DATA = Path(__file__).parent / "data" / "pages"
FLOORS = json.loads((DATA.parent.parent / "floors.json").read_text())["fulltext"]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FEED = FeedSpec(id="f", outlet="The Outlet", url="https://example.com/feed", ownership="state", country="RU")
SAID = "the minister said the missiles would be delivered in time for winter"
BODY = "".join(f"<p>Part {n}: {SAID}.</p>" for n in range(9))


def page(body: str, head: str = "") -> bytes:
    return f"<html><head><title>T</title>{head}</head><body>{body}</body></html>".encode()


def test_the_article_is_taken_and_the_rest_left() -> None:
    """Navigation, cookie banner and comments stay out; the page's own date is handed on."""
    head = '<meta property="article:published_time" content="2026-11-20T10:00:00Z">'
    around = "<nav><a href=/>Home</a></nav><div id=cookie>We use cookies</div>{}<footer>Footer</footer>"
    body = around.format(f"<article>{BODY}</article>")
    found = fulltext.read(page(body, head))
    assert (found.problem, found.published_raw) == (None, "2026-11-20T10:00:00Z")
    assert found.text.count("the minister said") == 9
    assert not any(word in found.text for word in ("Home", "cookies", "Footer"))


def words(text: str) -> "Counter[str]":
    return Counter(re.findall(r"\w+", text.lower()))


def shares(path: Path) -> tuple[float, float]:
    """Return how many of the words found are the article's, and how many of the article's were found."""
    wanted = words(path.with_suffix(".txt").read_text(encoding="utf-8"))
    found = words(fulltext.read(path.read_bytes(), precise="live" not in path.stem).text)
    return (found & wanted).total() / max(found.total(), 1), (found & wanted).total() / wanted.total()


def test_articles_are_found_whole_and_alone() -> None:
    """In the mean over pages of many templates; and on no page is much lost or most of it boilerplate."""
    precision, recall = zip(*map(shares, sorted(DATA.glob("*.html"))), strict=True)
    assert len(precision) >= 12
    assert min(precision) >= 0.8
    assert min(recall) >= 0.8
    assert sum(precision) / len(precision) >= FLOORS["precision"]
    assert sum(recall) / len(recall) >= FLOORS["recall"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>", "javascript"),
        ("<p>Checking your browser before accessing example.com. Just a moment...</p>", "javascript"),
        ("<p>We use cookies to improve your experience. Manage cookies.</p>", "cookies"),
        ("<article><p>It began at dawn.</p><p>Subscribe to continue reading.</p></article>", "paywall"),
        ("<h1>Access Denied</h1><p>You don't have permission to access this page.</p>", "error"),
        ("", "empty"),
    ],
)
def test_pages_that_show_no_article_are_recognised(body: str, problem: str) -> None:
    """Scripts, consent, subscription and errors are told apart."""
    assert fulltext.read(page(body)).problem == problem


def test_a_page_that_says_it_is_not_free_is_a_paywall() -> None:
    """schema.org's isAccessibleForFree counts when there is little text; a long article is taken all the same."""
    head = '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'
    short = "<article><p>It began at dawn, the minister said in the morning.</p></article>"
    assert fulltext.read(page(short, head)).problem == "paywall"
    assert fulltext.read(page(f"<article>{BODY * 4}</article>", head)).problem is None


NOT_FREE = '<script type="application/ld+json">{"isAccessibleForFree": false, "wordCount": COUNT}</script>'
PART = (
    "<p>The minister said that the launchers had crossed the border at night and would not come back before winter.</p>"
)
OFFER = "<p>Subscribe to continue reading.</p>"


@pytest.mark.parametrize(
    ("body", "count", "problem"),
    [
        (PART * 9, 0, None),
        (PART * 20 + OFFER, 0, None),
        (PART * 20 + "<p>Already a subscriber? Log in to continue.</p>", 0, None),
        (PART * 5, 95, None),
        (PART * 20, 380, None),
        (PART * 9 + OFFER, 0, "paywall"),
        (PART * 9 + "<p>The second time, however, the…</p>", 0, "paywall"),
        (PART * 20 + "<p>The second time, however, the</p>" + OFFER, 0, "paywall"),
        (PART * 9, 1_500, "paywall"),
        (PART * 2, 0, "paywall"),
    ],
)
def test_a_whole_article_is_no_paywall(body: str, count: int, problem: str | None) -> None:
    """A page that calls itself not free may show all there is, with an offer below; one that is cut off does not."""
    head = NOT_FREE.replace("COUNT", str(count))
    assert fulltext.problem_of(markup.plain(body), head) == problem


NO_OFFERS = """
Watch: the convoy reaches the harbour. Subscribe to our channel for more videos.
Gallery: the flood in ten pictures. 1 of 10. Next picture. Log in to comment.
Listen to the latest episode of the morning programme. Subscribe wherever you get your podcasts.
To view this content, please allow social media in your privacy settings.
The minister posted a photograph. To view this content you need to accept third-party embeds. It showed a ship.
Ferries are delayed by fog this morning, the operator said. Sign up for our free newsletter.
Results: Northport 2, Southbridge 1. Register to vote for the player of the match.
The council meets on Monday at ten. Already registered? See you there.
Police have reopened the bridge. Readers who already have an account with the toll company will be refunded.
The bank said customers must log in to continue using the app after the update.
The union asked teachers to become a member to take part in the vote on Friday.
All sections. World. Politics. Sport. Weather. Sign in. Subscribe. Newsletters.
Live: the session has ended. Comments are closed. Log in to read your messages.
By our own correspondent. She has covered the north for ten years. All articles by this author.
The museum keeps letters that only subscribers received in 1914; subscribers-only editions are rare.
The video is not available in your region.
Your order has reached the limit. You have reached your limit of free rides this month, the bus company tells riders.
Quiz: how well do you know the week? Answer ten questions to continue.
The story continues below the advertisement. Keep reading for the list of winners. 1. Anna. 2. Bela.
This article has been removed at the request of its author.
Viewers were told to register for free to continue watching the match on the new platform.
The embassy shared a clip. To watch this content, allow cookies from video platforms.
Podcast: what the treaty means. Subscribe on your favourite app.
Members of the lodge may sign in to read the archive of the order, its secretary said.
Pensioners who are already registered need do nothing, the ministry said.
Anyone already a member of the union is exempt from the fee.
The court allowed the defence to read the full content of the wiretaps tomorrow.
Drivers have reached their limit, the haulage association said.
Voters can register to continue receiving ballots by post.
Slideshow: harvest in the valley. Keep reading for our picks of the week.
The club invites residents to become a member to support the lifeboat.
A short brief: the ferry sails again at noon. Comments (3). Log in to reply.
The newsletter is free. Register to receive it each morning.
Recipe: fish soup for six. Print this recipe.
Index of documents. 1. Charter. 2. Treaty. 3. Protocol.
The stream has ended. Come back tomorrow.
To see the content you need to enable third-party players.
The prosecutor said she wanted to read the article before she answered.
Event: lecture at seven. Tickets for members only.
He said the story is available to anyone who asks.
Users must log in to continue with the tax form.
"""
OFFERS = """
It began at dawn. Subscribe to continue reading.
The ship left the port. To read the full article, subscribe or log in.
The minister said on Monday. This article is only available to subscribers.
A convoy crossed. Already a subscriber? Log in.
Talks failed. You have reached your article limit.
Troops left. Register for free to continue.
The envoy said. Sign in to read.
Exclusive. Become a member to read this story.
The plan. Continue reading with a free trial.
You have 2 free articles remaining.
To access this content, become a subscriber.
This content is reserved for our subscribers.
Subscriber-only: the general's plan.
Subscribe now to unlock this story.
Keep reading for one dollar a month.
Log in to continue.
To continue this story, please subscribe.
You've reached your limit. Subscribe for more.
To view the rest of the article, buy a day pass.
Already have an account? Sign in.
The general spoke. Sign in to continue reading.
Log in to read the full story.
Already registered? Please log in.
Already a member? Sign in
If you are already a subscriber, sign in here.
The rest of this story is for subscribers only.
Subscribers-only content
You have reached your monthly article limit.
You've reached your limit of free articles.
Keep reading for just 1 a week.
Continue reading for free.
Continue reading by creating an account.
Register to continue reading this article.
Register to read.
Become a subscriber to unlock the archive.
Subscribe to access all stories.
To continue reading this article you need a subscription.
To access the full article, log in.
This story is available only to our subscribers.
1 free article remaining this month.
"""


def test_only_an_offer_to_read_on_is_a_paywall() -> None:
    """Short notices, videos, forms and consent to embedded posts are something else, whatever words they share."""
    assert [text for text in NO_OFFERS.strip().splitlines() if fulltext.problem_of(text) == "paywall"] == []
    assert [text for text in OFFERS.strip().splitlines() if fulltext.problem_of(text) != "paywall"] == []


SEVERAL = {
    "by its heading": ("<article><h1>{}</h1>", "Missiles for winter", "https://example.com/9"),
    "by its heading, said a little otherwise": (
        "<article><h2>{}</h2>",
        "Missiles for the winter",
        "https://example.com/9",
    ),
    "by the link of its heading": (
        "<article><h2><a href='/{}'>Read</a></h2>",
        "Untitled",
        "https://example.com/Missiles%20for%20winter",
    ),
    "by an attribute": (
        "<article data-url='https://example.com/{}'>",
        "",
        "https://example.com/Missiles%20for%20winter",
    ),
}


@pytest.mark.parametrize("how", SEVERAL)
def test_of_several_articles_the_one_asked_for_is_read(how: str) -> None:
    """A page that loads the next story below does not make one article of two."""
    start, title, url = SEVERAL[how]
    stories = ("Talks fail again", "Missiles for winter", "Grain leaves the port")
    body = "".join(f"{start.format(name)}{BODY.replace('Part', name.split()[0])}</article>" for name in stories)
    text = fulltext.read(page(body), title=title, url=url).text
    assert ("Missiles 3:" in text, "Talks 3:" in text, "Grain 3:" in text) == (True, False, False)


def test_of_several_articles_none_of_which_is_asked_for_none_is_dropped() -> None:
    """Nothing is guessed."""
    body = "".join(f"<article><h2>{name}</h2>{BODY.replace('Part', name)}</article>" for name in ("Talks", "Grain"))
    asked = fulltext.read(page(body), title="Missiles for winter", url="https://example.com/1")
    assert asked == fulltext.read(page(body))
    assert "Talks 3:" in asked.text


LONG = "".join(f"<p>Part NUMBER, sentence {n}: {SAID}, and no earlier than that.</p>" for n in range(30))
OFFERED = "<aside class=ad><p>Read all we have: subscribe today.</p></aside>"
IN_PARTS = {
    "each in a row of its own": ("<article><h1>T</h1>{}</article>", "<div><div class=article__body>{}</div></div>"),
    "in sections below main": ("<main><h1>T</h1>{}</main>", "<div><section class=story-body>{}</section></div>"),
    "deep in a grid": ("<article><div>{}</div></article>", "<div><div><div class=post-content>{}</div></div></div>"),
}


@pytest.mark.parametrize("how", IN_PARTS)
def test_an_article_in_parts_is_read_whole_and_in_order(how: str) -> None:
    """Advertisements between the parts, each with a container of its own, do not end the article."""
    around, part = IN_PARTS[how]
    body = around.format("".join(part.format(LONG.replace("NUMBER", str(n))) + OFFERED for n in range(4)))
    head = NOT_FREE.replace("COUNT", str(len(LONG.split()) * 4))
    found = fulltext.read(page(body, head))
    assert found.problem is None
    assert [found.text.count(f"Part {n}, sentence") for n in range(4)] == [30] * 4
    assert sorted(range(4), key=lambda n: found.text.index(f"Part {n},")) == [0, 1, 2, 3]
    assert "subscribe" not in found.text


def test_teasers_of_other_stories_are_no_parts_of_an_article() -> None:
    """Short texts in boxes of one class, below the article, stay out."""
    teaser = "<div class=row><div class=card-text><p>Grain left the port again.</p></div></div>"
    body = f"<article><div class=article-body>{LONG}</div><div class=related>{teaser * 6}</div></article>"
    assert "Grain" not in fulltext.read(page(body)).text


@pytest.mark.parametrize(
    ("precise", "plain", "taken"), [(500, 1_600, 1_600), (500, 1_400, 500), (900, 9_000, 900), (0, 90, 90)]
)
def test_the_default_mode_is_taken_where_it_finds_far_more(
    precise: int, plain: int, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Precision mode has lost an article of which it leaves a few lines; three times as much is no boilerplate."""
    sizes = {True: precise, False: plain}
    monkeypatch.setattr(fulltext, "_main_text", lambda *_, precise: "x" * sizes[precise])
    assert len(fulltext.read(page(BODY)).text) == taken


def test_a_long_article_about_cookies_is_an_article() -> None:
    """Words that give a wall away count only in a short text."""
    assert fulltext.problem_of("The court ruled that we use cookies only with consent. " * 40) is None


@settings(max_examples=40)
@given(st.binary(max_size=300))
def test_no_page_raises(content: bytes) -> None:
    """In the worker, whatever a page is, there is an answer."""
    assert worker.answer({"job": "page", "options": {}}, content)


def entry(**fields: object) -> Entry:
    defaults: dict[str, object] = {"guid": None, "url": "https://example.com/1", "title": "Missiles for winter"}
    defaults |= {"summary": "", "content": "", "published": None, "published_raw": None}
    return Entry(**defaults | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "category", "wanted"),
    [
        ({"content": "short"}, "news", True),
        ({"content": "long " * 500}, "news", False),
        ({"content": "long " * 500 + "Continue reading…"}, "news", True),
        ({"content": "long " * 500 + "[…]"}, "news", True),
        ({"content": "long " * 500}, "live_blog", True),
        ({"content": "short", "url": None}, "news", False),
    ],
)
def test_pages_are_read_where_the_feed_is_brief(fields: dict[str, object], category: str, wanted: bool) -> None:
    """Short or cut text wants the page; a live blog's page is always ahead of its feed."""
    assert articles.wants_page(entry(**fields), category) is wanted


def test_an_article_carries_what_is_known_of_it() -> None:
    """Outlet, ownership, genre, language, cleaned title and text, the page's date where the feed has none."""
    article = articles.build(
        entry(title="Missiles for winter - The Outlet", content="Text. The post X appeared first on The Outlet."),
        identity="i", feed=FEED, now=NOW, backlog=False, page_date="Fri, 20 Nov 2026 10:00 MSK",
    )  # fmt: skip
    assert (article.title, article.text, article.source) == ("Missiles for winter", "Text.", "The Outlet")
    assert (article.ownership, article.genre, article.language, article.feed) == ("state", "news", "en", "f")
    assert (article.published, article.backlog) == (datetime(2026, 11, 20, 7, tzinfo=UTC), False)


def test_an_article_from_an_aggregator_is_its_outlets() -> None:
    """The outlet that the feed names, the title without it, and the address where the page was found."""
    link = "https://news.google.com/rss/articles/CBMiAU_yqLNa?oc=5"
    build = partial(articles.build, identity="i", feed=FEED, now=NOW, backlog=False)
    found = entry(url=link, title="Missiles for winter - Wire", outlet="Wire", content="Text.")
    here = build(found, page_url="https://wire.example/a/1?utm_source=x")
    assert (here.source, here.title, here.url) == ("Wire", "Missiles for winter", "https://wire.example/a/1")
    assert build(found, page_url="https://news.google.com/consent").url == link
    assert build(entry(content="Text."), page_url="https://wire.example/a/1").url == "https://example.com/1"


def test_the_id_changes_with_the_text_and_the_identity_does_not() -> None:
    """A revision is another id of the same article."""
    first, second = (
        articles.build(entry(content=text), identity="i", feed=FEED, now=NOW, backlog=False) for text in ("one", "two")
    )
    assert (first.identity, first.id == second.id) == (second.identity, False)


GOOD = b"<rss><item><title>T</title></item></rss>"
BOMBS: dict[str, tuple[bytes, dict[str, float]]] = {
    "took the parser longer than": (b"<rss>" + b"<item><title>x</title></item>" * 100_000, {"timeout_s": 0.5}),
    "too much": (b'{"items": [' + b"[]," * 5_000_000 + b"[]]}", {"memory_mb": 256}),
}


async def parse(bomb: bytes, *, memory_mb: float = 512, timeout_s: float = 30) -> dict[str, object]:
    options = {"charset": None, "url": "http://x.org/", "limit": 100_000}
    async with ParserPool(workers=1, timeout_s=timeout_s, memory_mb=int(memory_mb)) as pool:
        with pytest.raises(ParseError) as caught:
            await pool.run("feed", bomb, **options)
        return {"reason": caught.value.reason, "next": await pool.run("feed", GOOD, **options)}


@pytest.mark.slow
@pytest.mark.parametrize("reason", BOMBS)
def test_a_document_over_the_limits_costs_itself_only(reason: str) -> None:
    """Its process is replaced where it must be, and the next document is read."""
    bomb, limits = BOMBS[reason]
    result = asyncio.run(parse(bomb, **limits))
    assert reason in str(result["reason"])
    assert result["next"]["total"] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("jobs", "patience_s", "most"), [(["entries"] * 3, 60, 1), (["page"] * 3, 60, 2), (["entries"] * 3, 0, 2)]
)
def test_feeds_are_parsed_in_turn_unless_one_hangs(
    jobs: list[str], patience_s: float, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process is enough for them; pages use all, and so do feeds that waited for their turn in vain."""
    monkeypatch.setattr(pool, "TURN_S", patience_s)
    running, peak = 0, 0

    async def ask(*_: object) -> dict[str, object]:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.05)
        running -= 1
        return {}

    async def start(_: ParserPool) -> None:
        return None

    async def run() -> None:
        async with ParserPool(workers=2, timeout_s=30, memory_mb=512) as workers:
            await asyncio.gather(*(workers.run(job, b"") for job in jobs))

    monkeypatch.setattr(pool, "_ask", ask)
    monkeypatch.setattr(ParserPool, "_start", start)
    asyncio.run(run())
    assert peak == most
