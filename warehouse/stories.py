"""The tables ``stories`` and ``story_bands``: copies of one text in many outlets and cycles are one story."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Article, content_id
from warehouse.duplicates import Print, are_copies, bands_of, containment, print_of
from warehouse.rows import insert, select

WINDOW = timedelta(days=4)
"""Copies come within days: older articles are no longer compared, and no story takes in more when it is older."""

MOST_COMPARED = 20
"""Articles compared in full with a new one, those that share the most bands first: keeps a flood of copies linear."""

MOST_NEAR = 100
"""Articles looked at for one band, the latest ones: every copy of a flood shares its bands with all the others."""

Bands = Mapping[str, Sequence[int]]
"""What articles are looked up by, by id; see ``duplicates``."""


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
    documents: dict[str, str]
    """Texts of articles that may be copies, stored or new."""
    prints: dict[str, Print] = field(default_factory=dict)
    """Of articles that were compared in full."""
    near: defaultdict[int, deque[str]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_NEAR)))
    """The latest articles by band."""
    of_identity: dict[str, str] = field(default_factory=dict)

    def place(self, article: Article, bands: Sequence[int]) -> str:
        """Return the story of a new article: that of an earlier revision, of its closest copy, or one of its own.

        ``bands`` are those that it may share with another.
        """
        identity = article.identity or article.id
        own = content_id("story", identity)
        story = self.of_identity.get(identity) or self._copied(article.id, bands) or own
        self._take(story, article)
        self.of_identity[identity] = self.story_of[article.id] = story
        for band in bands:
            self.near[band].append(article.id)
        return story

    def _copied(self, article: str, bands: Sequence[int]) -> str | None:
        shared = Counter(chain.from_iterable(self.near[band] for band in bands if band in self.near))
        likely = sorted(shared, key=lambda other: (-shared[other], other))[:MOST_COMPARED]
        copies = [
            other for other in likely if self._is_open(other) and are_copies(self._print(article), self._print(other))
        ]
        best = max(
            copies, key=lambda other: (containment(self._print(article), self._print(other)), other), default=None
        )
        return self.story_of[best] if best else None

    def _print(self, article: str) -> Print:
        if article not in self.prints:
            self.prints[article] = print_of(self.documents[article])
        return self.prints[article]

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


def bands_by_id(articles: Iterable[Article]) -> dict[str, tuple[int, ...]]:
    """Return what articles are looked up by; done before the warehouse is opened, because it takes its time."""
    return {article.id: bands_of(article.document) for article in articles}


def save_stories(
    connection: DuckDBPyConnection, articles: Sequence[Article], bands: Bands, *, now: datetime
) -> dict[str, str]:
    """Place new articles in stories and return the story of each by the article's id."""
    if not articles:
        return {}
    rows = [{"article": article.id, "bands": bands[article.id], "seen_at": now} for article in articles]
    insert(connection, "story_bands", rows)
    stories = _held(connection, articles, _near(connection, articles, now=now), now=now)
    times = Counter(chain.from_iterable(bands[article.id] for article in articles))
    shared = {band for band, count in times.items() if count > 1} | stories.near.keys()
    placed = {
        article.id: stories.place(article, [band for band in bands[article.id] if band in shared])
        for article in articles
    }
    touched = [stories.stories[story] for story in dict.fromkeys(placed.values())]
    insert(connection, "stories", [_row(story) for story in touched], on_conflict="REPLACE")
    select(connection, "DELETE FROM story_bands WHERE seen_at < $since", since=now - WINDOW)
    return placed


def _row(story: Story) -> dict[str, Any]:
    return {name: getattr(story, name) for name in Story.__slots__}


def _near(connection: DuckDBPyConnection, articles: Sequence[Article], *, now: datetime) -> list[dict[str, Any]]:
    """Return the latest articles stored before for each band that new ones, whose bands are stored, share with them."""
    return select(
        connection,
        """
        WITH recent AS (
            SELECT unnest(bands) AS band, article, seen_at FROM story_bands
            WHERE seen_at >= $since AND article NOT IN (FROM listed($new))
        )
        SELECT band, article FROM recent
        -- as one list, because a set of unknown size makes DuckDB hold all recent bands to look the new ones up in
        WHERE band IN (
            SELECT unnest((SELECT flatten(list(bands)) FROM story_bands WHERE article IN (FROM listed($new))))
        )
        QUALIFY row_number() OVER (PARTITION BY band ORDER BY seen_at DESC, article) <= $most
        ORDER BY seen_at, article
        """,
        new=[article.id for article in articles],
        since=now - WINDOW,
        most=MOST_NEAR,
    )


def _held(
    connection: DuckDBPyConnection, articles: Sequence[Article], near: Sequence[Mapping[str, Any]], *, now: datetime
) -> Stories:
    """Load what new articles may be copies or revisions of, and the stories of that: never all there are."""
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
    known = [Article(id=row["id"], title=row["title"], text=row["text"]) for row in rows]
    held = Stories(
        now=now,
        stories={row["id"]: Story(**row) for row in stories},
        story_of={row["id"]: row["story"] for row in rows},
        documents={article.id: article.document for article in chain(known, articles)},
        of_identity={row["identity"]: row["story"] for row in rows},
    )
    for row in near:
        if row["article"] in held.story_of:
            held.near[row["band"]].append(row["article"])
    return held
