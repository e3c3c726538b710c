"""The tables ``stories`` and ``story_bands``: copies of one text in many outlets and cycles are one story."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Article, content_id
from warehouse.duplicates import Print, are_copies, containment, print_of
from warehouse.rows import insert, select

WINDOW = timedelta(days=4)
"""Copies come within days: older articles are no longer compared, and no story takes in more when it is older."""

MOST_COMPARED = 20
"""Articles compared in full with a new one, those that share the most bands first: keeps a flood of copies linear."""

MOST_NEAR = 100
"""Articles looked at for one band, the latest ones: every copy of a flood shares its bands with all the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A row of ``stories``."""

    id: str
    title: str
    first_article: str
    first_published: datetime
    last_published: datetime


@dataclass(slots=True, kw_only=True)
class Stories:
    """Goes through new articles in turn and remembers them, so that copies in one batch find each other."""

    now: datetime
    stories: dict[str, Story]
    story_of: dict[str, str]
    """Story by article."""
    prints: dict[str, Print]
    """Of articles that may be copies, stored or new."""
    near: defaultdict[int, deque[str]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_NEAR)))
    """The latest articles by band."""
    of_identity: dict[str, str] = field(default_factory=dict)

    def place(self, article: Article, seen: Print) -> str:
        """Return the story of a new article: that of an earlier revision, of its closest copy, or one of its own."""
        identity = article.identity or article.id
        own = content_id("story", identity)
        story = self.of_identity.get(identity) or self._copied(seen) or own
        self._take(story, article)
        self.of_identity[identity] = self.story_of[article.id] = story
        self.prints[article.id] = seen
        for band in seen.bands:
            self.near[band].append(article.id)
        return story

    def _copied(self, seen: Print) -> str | None:
        shared = Counter(chain.from_iterable(self.near[band] for band in seen.bands if band in self.near))
        likely = sorted(shared, key=lambda article: (-shared[article], article))[:MOST_COMPARED]
        copies = [article for article in likely if self._is_open(article) and are_copies(seen, self.prints[article])]
        best = max(copies, key=lambda article: (containment(seen, self.prints[article]), article), default=None)
        return self.story_of[best] if best else None

    def _is_open(self, article: str) -> bool:
        story = self.stories.get(self.story_of[article])
        return story is not None and self.now - story.first_published <= WINDOW

    def _take(self, story: str, article: Article) -> None:
        published = article.published or article.seen or self.now
        held = self.stories.get(story)
        if held is None:
            self.stories[story] = Story(
                id=story,
                title=article.title,
                first_article=article.id,
                first_published=published,
                last_published=published,
            )
            return
        first = min((held.first_published, held.first_article, held.title), (published, article.id, article.title))
        self.stories[story] = Story(
            id=story,
            title=first[2],
            first_article=first[1],
            first_published=first[0],
            last_published=max(held.last_published, published),
        )


def prints_of(articles: Iterable[Article]) -> dict[str, Print]:
    """Return what articles are compared by; done before the warehouse is opened, because it takes its time."""
    return {article.id: print_of(article.document) for article in articles}


def save_stories(
    connection: DuckDBPyConnection, articles: Sequence[Article], prints: Mapping[str, Print], *, now: datetime
) -> dict[str, str]:
    """Place new articles in stories and return the story of each by the article's id."""
    if not articles:
        return {}
    stories = _held(connection, articles, prints, now=now)
    placed = {article.id: stories.place(article, prints[article.id]) for article in articles}
    touched = [stories.stories[story] for story in dict.fromkeys(placed.values())]
    insert(connection, "stories", [_row(story) for story in touched], on_conflict="REPLACE")
    _remember(connection, articles, prints, now=now)
    select(connection, "DELETE FROM story_bands WHERE seen_at < $since", since=now - WINDOW)
    return placed


def _remember(
    connection: DuckDBPyConnection, articles: Sequence[Article], prints: Mapping[str, Print], *, now: datetime
) -> None:
    """Store the bands of new articles; a list of 42 for each, because 42 rows take ten times as long to hand over."""
    select(
        connection,
        """
        INSERT INTO story_bands BY NAME
        SELECT unnest(bands) AS band, article, $now AS seen_at
        FROM (SELECT unnest(from_json_strict($rows, '[{"article": "VARCHAR", "bands": ["UBIGINT"]}]'), max_depth := 2))
        """,
        rows=[{"article": article.id, "bands": prints[article.id].bands} for article in articles],
        now=now,
    )


def _row(story: Story) -> dict[str, Any]:
    return {name: getattr(story, name) for name in Story.__slots__}


def _held(
    connection: DuckDBPyConnection, articles: Sequence[Article], prints: Mapping[str, Print], *, now: datetime
) -> Stories:
    """Load what new articles may be copies or revisions of, and the stories of that: never all there are."""
    near = select(
        connection,
        """
        SELECT band, article FROM story_bands
        WHERE seen_at >= $since AND band IN (SELECT unnest(from_json_strict($bands, '["UBIGINT"]')))
        QUALIFY row_number() OVER (PARTITION BY band ORDER BY seen_at DESC, article) <= $most
        ORDER BY seen_at, article
        """,
        since=now - WINDOW,
        most=MOST_NEAR,
        bands=[band for article in articles for band in prints[article.id].bands],
    )
    rows = select(
        connection,
        """
        SELECT id, identity, story, title, text FROM articles
        WHERE story IS NOT NULL AND (id IN (FROM listed($near)) OR identity IN (FROM listed($identities)))
        """,
        near={row["article"] for row in near},
        identities={article.identity or article.id for article in articles},
    )
    stories = select(
        connection, "SELECT * FROM stories WHERE id IN (FROM listed($stories))", stories={row["story"] for row in rows}
    )
    texts = {row["id"]: Article(id=row["id"], title=row["title"], text=row["text"]) for row in rows}
    held = Stories(
        now=now,
        stories={row["id"]: Story(**row) for row in stories},
        story_of={row["id"]: row["story"] for row in rows},
        prints=prints_of(texts[article] for article in sorted({row["article"] for row in near}) if article in texts),
        of_identity={row["identity"]: row["story"] for row in rows},
    )
    for row in near:
        if row["article"] in held.prints:
            held.near[row["band"]].append(row["article"])
    return held
