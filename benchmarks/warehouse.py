"""What one cycle of 500 articles costs in a warehouse that already holds many: ``python -m benchmarks.warehouse``.

The stored articles are made in SQL, spread over 400 days, with as many signals as real conflict news yields and the
bands by which copies are found; the 500 go through the store. Every step is given in seconds, with its processor time.
With ``--lake "ducklake:postgres:…"``, the address of an empty database, the same is measured there, for one size.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from extractors.records import Article, Kind, Signals, Speech, Stage, Statement, Transfer, WeaponMention, content_id
from warehouse.connection import transaction
from warehouse.novelty.preparation import prepare
from warehouse.novelty.stories import lsh_bands_by_article, save_stories
from warehouse.places import place_of
from warehouse.store import Warehouse
from warehouse.tables.articles import articles_to_read, known_identities, save_articles
from warehouse.tables.runs import start_run
from warehouse.tables.signals import save_signals

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BATCH = 500
WORDS = [f"word{number}" for number in range(3000)]

# One article in ten names weapons, one in twenty makes a statement; the words of each are drawn from 3,000.
FILL = """
CREATE TEMP TABLE made AS
SELECT i, md5(i::VARCHAR)[:16] AS id, $now::TIMESTAMPTZ - to_seconds((400 * 86400.0 * random())::BIGINT) AS at_time
FROM range($size) AS r(i);
INSERT INTO articles BY NAME
SELECT id, id AS identity, 'Title ' || i AS title, repeat(md5(id) || ' ', 60) AS text, 'feed' AS feed,
    'outlet ' || i % 300 AS source, 'news' AS genre, 'en' AS language, at_time AS published, at_time AS seen,
    false AS backlog, '1' AS read_by
FROM made ORDER BY at_time;
INSERT INTO story_bands BY NAME
SELECT list_transform(range(42), lambda k: (hash(i, k) >> 32)::UINTEGER) AS lsh_bands, id AS article, at_time AS seen_at
FROM made WHERE at_time > $now::TIMESTAMPTZ - INTERVAL 4 DAY;
INSERT INTO weapons BY NAME
SELECT 'weapon-' || w AS id, 'Weapon ' || w AS name, 'missile' AS category, true AS specific, true AS known
FROM range(500) AS r(w);
INSERT INTO weapon_mentions BY NAME
SELECT id || k AS id, id AS article, 'weapon-' || (i * 7 + k) % 500 AS weapon, 'Weapon' AS text, 10 * k AS span_start,
    10 * k + 6 AS span_end, 'r' AS rule, md5('w' || (i * 7 + k) % 500) AS claim
FROM made, range(4) AS r(k) WHERE i % 10 = 0;
INSERT INTO claims BY NAME
SELECT 's' || id AS id, 'new_statement' AS kind, 'S' || i % 12 AS side, id AS article, at_time AS first_seen, '' AS why
FROM made WHERE i % 20 = 0;
INSERT INTO wordings BY NAME
SELECT 'v' || id AS id, 's' || id AS claim, 'S' || i % 12 AS side, 'speaker-' || i % 60 AS speaker_id,
    date_trunc('day', at_time) AS said_at, false AS nuclear, [] AS weapons, [] AS condition, [] AS consequence,
    list_transform(range(15), lambda k: 'w' || (3000 * pow(random(), 3))::INTEGER) AS content,
    list_transform(range(6), lambda k: 'w' || (3000 * pow(random(), 3))::INTEGER) AS topic
FROM made WHERE i % 20 = 0;
INSERT INTO event_reports BY NAME
SELECT id AS article, 'e' || i // 40 AS event, at_time AS reported_at, ['weapon-' || i % 500, 'S' || i % 12] AS anchors,
    list_transform(range(20), lambda k: 'w' || (3000 * pow(random(), 3))::INTEGER) AS words
FROM made WHERE i % 10 = 0;
INSERT INTO statements BY NAME
SELECT 't' || id AS id, id AS article, 'red_line' AS kind, 'THREATEN' AS plover, 'S' || i % 12 AS side,
    'direct' AS speech, 'said' AS cue, repeat('word ', 25) AS quote, false AS explicit, false AS nuclear,
    0.9 AS confidence, 3 AS severity, [] AS reasons, 0 AS span_start, 100 AS span_end, [] AS repeats, 'r' AS rule,
    's' || id AS claim
FROM made WHERE i % 20 = 0;
"""


def fill(warehouse: Warehouse, size: int) -> None:
    """Store ``size`` articles that were read long ago."""
    with transaction(warehouse.path) as connection:
        for statement in filter(str.strip, FILL.split(";\n")):
            parameters = {name: value for name, value in {"now": NOW, "size": size}.items() if f"${name}" in statement}
            connection.execute(statement, parameters)


def batch(number: int) -> list[tuple[Article, Signals]]:
    """Return 500 new articles with the signals of busy news: one in five names a weapon and makes a statement."""
    return [_read(number, i) for i in range(BATCH)]


def _read(number: int, i: int) -> tuple[Article, Signals]:
    article = Article(
        id=content_id(number, i),
        identity=content_id(number, i),
        title=f"Title {i}",
        text=" ".join(random.Random(number * BATCH + i).choices(WORDS, k=600)),
        source=f"outlet {i % 300}",
        published=NOW - timedelta(minutes=i),
        seen=NOW,
    )
    if i % 5:
        return article, Signals(article=article.id)
    words = " ".join(f"w{(number * 31 + i * 17 + k * k * 7) % 3000}" for k in range(15))
    return article, Signals(
        article=article.id,
        weapons=(_mention(i),),
        transfers=(
            Transfer(weapon=f"weapon-{i}", supplier="US", recipient=f"R{i % 40}", stage=Stage.PLEDGED, start=0, end=20),
        ),
        statements=(
            Statement(
                kind=Kind.RED_LINE,
                speaker="A Speaker",
                speaker_id=f"speaker-{i % 60}",
                side=f"S{i % 12}",
                speech=Speech.DIRECT,
                cue="said",
                start=0,
                end=20,
                quote=words,
            ),
        ),
    )


def _mention(i: int) -> WeaponMention:
    return WeaponMention(
        weapon=f"weapon-{i % 500}",
        name=f"Weapon {i % 500}",
        category="missile",
        specific=True,
        known=True,
        family=None,
        text="Weapon",
        start=0,
        end=6,
    )


def measure(size: int, lake: str | None) -> dict[str, tuple[float, float]]:
    """Return seconds and processor seconds of each step with ``size`` articles stored: the median of three cycles."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(place_of(lake or f"{folder}/warehouse.duckdb", data=folder))
        warehouse.migrate()
        fill(warehouse, size)
        cycles = [_cycle(warehouse, number) for number in range(3)]
        return {step: sorted(cycle[step] for cycle in cycles)[1] for step in cycles[0]}


def _cycle(warehouse: Warehouse, number: int) -> dict[str, tuple[float, float]]:
    read = batch(number)
    articles = [article for article, _ in read]
    lsh_bands = lsh_bands_by_article(articles)
    prepared = [prepare(article, signals, now=NOW) for article, signals in read]
    steps: dict[str, Callable[[], object]] = {
        "known_identities": _step(warehouse, known_identities, [article.identity for article in articles]),
        "compare_texts": lambda: lsh_bands_by_article(articles),
        "prepare": lambda: [prepare(article, signals, now=NOW) for article, signals in read],
        "place_in_stories": lambda: _place(warehouse, articles),
        "save_articles": _step(warehouse, save_articles, articles, lsh_bands, now=NOW),
        "articles_to_read": _step(warehouse, articles_to_read, limit=BATCH),
        "save_signals": _step(warehouse, save_signals, prepared, version="1", now=NOW, decide=lambda _news: []),
        "publish": warehouse.publish,
        "small_transaction": _step(warehouse, start_run, "ingest", now=NOW),
    }
    return {name: _timed(step) for name, step in steps.items()}


def _step(warehouse: Warehouse, of_table: Callable[..., object], *given: Any, **options: Any) -> Callable[[], object]:
    """Return a transaction that does no more than this."""

    def step() -> object:
        with warehouse.transaction() as tx:
            return of_table(tx, *given, **options)

    return step


def _place(warehouse: Warehouse, articles: Sequence[Article]) -> None:
    """Find the stories of the articles, as ``save_articles`` does, and leave them out again."""
    lsh_bands = lsh_bands_by_article(articles)
    with transaction(warehouse.path) as connection:
        save_stories(connection, articles, lsh_bands, now=NOW)
        connection.rollback()
        connection.begin()


def _timed(step: Callable[[], object]) -> tuple[float, float]:
    start, busy = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - start, time.process_time() - busy


def main() -> None:
    """Print what each step takes, and what it takes of a processor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--lake", metavar="ADDRESS")
    given = parser.parse_args()
    for size in given.sizes[:1] if given.lake else given.sizes:
        measured = measure(size, given.lake).items()
        figures = "  ".join(f"{step} {wall:.3f} ({busy:.3f})" for step, (wall, busy) in measured)
        print(f"{size:>9,} articles stored: {figures}", flush=True)


if __name__ == "__main__":
    main()
