"""The tables ``stories`` and ``story_bands``: copies of one text, in whatever outlet and cycle, are one story."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Article, content_id
from warehouse.novelty.near_copies import Fingerprint, are_copies, containment, fingerprint_of, lsh_bands_of
from warehouse.rows import execute, insert, row_of, select, update

WINDOW = timedelta(days=4)
"""Copies appear within days: older articles are no longer compared, and older stories take in no more."""

MOST_COMPARED = 20
"""Most articles compared in full with a new one, those sharing the most bands first; keeps floods linear."""

MOST_NEAR = 100
"""Most articles considered for one band, the latest ones: all copies in a flood share their bands."""

LshBands = Mapping[str, Sequence[int]]
"""The bands of each article, by id; see ``near_copies``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A row of ``stories``."""

    id: str
    title: str
    first_article: str
    first_published: datetime
    last_published: datetime


def _own(article: Article) -> str:
    """Return the id of the story that an article begins."""
    return content_id("story", article.identity or article.id)


@dataclass(slots=True, kw_only=True)
class Stories:
    """Goes through new articles in turn and remembers them, so that copies in one batch find each other."""

    now: datetime
    stories: dict[str, Story]
    story_of: dict[str, str]
    """Story by article."""
    documents: dict[str, str]
    """Texts of stored or new articles that may be copies."""
    fingerprints: dict[str, Fingerprint] = field(default_factory=dict)
    """Fingerprints of articles that were compared in full."""
    near: defaultdict[int, deque[str]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_NEAR)))
    """The latest articles, by band."""
    of_identity: dict[str, str] = field(default_factory=dict)

    def place(self, article: Article, lsh_bands: Sequence[int]) -> str:
        """Return the story of a new article: that of an earlier revision or of its closest copy, or a new one.

        ``lsh_bands`` are the bands it may share with others.
        """
        identity = article.identity or article.id
        story = self.of_identity.get(identity)
        story = story or (self._copied(article.id, lsh_bands) if lsh_bands else None) or _own(article)
        self._take(story, article)
        self.of_identity[identity] = self.story_of[article.id] = story
        for band in lsh_bands:
            self.near[band].append(article.id)
        return story

    def _copied(self, article: str, lsh_bands: Sequence[int]) -> str | None:
        shared = Counter(chain.from_iterable(self.near[band] for band in lsh_bands if band in self.near))
        likely = sorted(shared, key=lambda other: (-shared[other], other))[:MOST_COMPARED]
        mine = self._fingerprint(article) if likely else None
        copies = {
            other: containment(mine, self._fingerprint(other))
            for other in likely
            if mine and self._is_open(other) and are_copies(mine, self._fingerprint(other))
        }
        best = max(copies, key=lambda other: (copies[other], other), default=None)
        return self.story_of[best] if best else None

    def _fingerprint(self, article: str) -> Fingerprint:
        if article not in self.fingerprints:
            self.fingerprints[article] = fingerprint_of(self.documents[article])
        return self.fingerprints[article]

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


def lsh_bands_by_article(articles: Sequence[Article]) -> dict[str, tuple[int, ...]]:
    """Return the bands of articles; computed before the warehouse is opened, because it takes time."""
    found = lsh_bands_of(article.document for article in articles)
    return {article.id: lsh_bands for article, lsh_bands in zip(articles, found, strict=True)}


def save_stories(
    connection: DuckDBPyConnection,
    articles: Sequence[Article],
    lsh_bands: LshBands,
    *,
    known: Collection[str] = (),
    now: datetime,
) -> dict[str, str]:
    """Assign new articles to stories, and return the story of each, by the article's id.

    ``known`` are the ids of their earlier revisions, whose stories they stay in.
    """
    if not articles:
        return {}
    rows = [{"article": article.id, "lsh_bands": lsh_bands[article.id], "seen_at": now} for article in articles]
    insert(connection, "story_bands", rows)
    stories = _held(connection, articles, _near(connection, articles, now=now), known, now=now)
    held = set(stories.stories)
    times = Counter(chain.from_iterable(lsh_bands[article.id] for article in articles))
    shared = {band for band, count in times.items() if count > 1} | stories.near.keys()
    placed = {
        article.id: stories.place(article, [band for band in lsh_bands[article.id] if band in shared])
        for article in articles
    }
    touched = [row_of(stories.stories[story]) for story in dict.fromkeys(placed.values())]
    insert(connection, "stories", [row for row in touched if row["id"] not in held])
    update(connection, "stories", [row for row in touched if row["id"] in held], key="id")
    execute(connection, "DELETE FROM story_bands WHERE seen_at < $since", since=now - WINDOW)
    return placed


def _near(connection: DuckDBPyConnection, articles: Sequence[Article], *, now: datetime) -> list[dict[str, Any]]:
    """Return the latest earlier articles for each band that they share with new ones, whose bands are stored."""
    return select(
        connection,
        """
        WITH recent AS (
            SELECT unnest(lsh_bands) AS band, article, seen_at FROM story_bands
            WHERE seen_at >= $since AND article NOT IN (FROM listed($new))
        )
        SELECT band, article FROM recent
        -- as one list, because a set of unknown size makes DuckDB hold all recent bands to look the new ones up in
        WHERE band IN (
            SELECT unnest((SELECT flatten(list(lsh_bands)) FROM story_bands WHERE article IN (FROM listed($new))))
        )
        QUALIFY row_number() OVER (PARTITION BY band ORDER BY seen_at DESC, article) <= $most
        ORDER BY seen_at, article
        """,
        new=[article.id for article in articles],
        since=now - WINDOW,
        most=MOST_NEAR,
    )


def _held(
    connection: DuckDBPyConnection,
    articles: Sequence[Article],
    near: Sequence[Mapping[str, Any]],
    known: Collection[str],
    *,
    now: datetime,
) -> Stories:
    """Load only what new articles may be copies or revisions of, with its stories."""
    likely = {row["article"] for row in near}.union(known)
    (first,) = select(
        connection, "SELECT min(seen) AS seen FROM articles WHERE id IN (FROM listed($likely))", likely=likely
    )
    rows = select(
        connection,
        # also by time, by which a lake knows the files that may hold them: it would read all texts
        """
        SELECT id, identity, story, title, text FROM articles
        WHERE seen >= $since AND story IS NOT NULL AND id IN (FROM listed($likely))
        """,
        since=first["seen"] or now,
        likely=likely,
    )
    stories = select(
        connection,
        "SELECT * FROM stories WHERE id IN (FROM listed($stories))",
        stories={row["story"] for row in rows} | {_own(article) for article in articles},
    )
    earlier = [Article(id=row["id"], title=row["title"], text=row["text"]) for row in rows]
    held = Stories(
        now=now,
        stories={row["id"]: Story(**row) for row in stories},
        story_of={row["id"]: row["story"] for row in rows},
        documents={article.id: article.document for article in chain(earlier, articles)},
        of_identity={row["identity"]: row["story"] for row in rows},
    )
    for row in near:
        if row["article"] in held.story_of:
            held.near[row["band"]].append(row["article"])
    return held
