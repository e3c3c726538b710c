"""What one cycle of 500 articles costs in a warehouse that already holds many: ``python -m benchmarks.warehouse``.

The stored articles are made in SQL, spread over 400 days, with stories, the bands by which copies are found, as many
signals as real conflict news yields, red lines, claims, and alerts that were sent; the 500 go through the store, and
what is new in them through the policy. Every step is given in seconds, with its processor time; ``of 500`` adds up
what a cycle does with 500 articles beside reading and publishing them. ``--file`` keeps the warehouse that was made,
and uses it if it is there. With ``--lake "ducklake:postgres:…"``, the address of an empty database, the same is
measured there, for one size. ``--backup`` also measures a back-up, its restore, and beside them a plain copy.
"""

import argparse
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from alerts.policy.decision import PolicySettings, decide
from extractors.records import (
    AlertKind,
    Article,
    Kind,
    Signals,
    Speech,
    Stage,
    Statement,
    Transfer,
    WeaponMention,
    content_id,
)
from warehouse.connection import transaction
from warehouse.measuring import signs
from warehouse.novelty.preparation import prepare
from warehouse.novelty.stories import lsh_bands_by_article, save_stories
from warehouse.places import place_of
from warehouse.retention import forget
from warehouse.rows import insert, select
from warehouse.store import Warehouse
from warehouse.tables.articles import articles_to_read, known_identities, save_articles
from warehouse.tables.notices import measure_pulse
from warehouse.tables.outbox import claim_alerts, waiting_on
from warehouse.tables.refreshes import sent_messages_to_refresh
from warehouse.tables.runs import start_run
from warehouse.tables.signals import save_signals

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BATCH = 500
WORDS = [f"word{number}" for number in range(3000)]

# One article in ten names weapons and reports a step of one, one in twenty makes a statement that names a weapon; the
# words of each are drawn from 3,000. Every finding was told.
FILL = """
CREATE TEMP TABLE made AS
SELECT i, md5(i::VARCHAR)[:16] AS id, $now::TIMESTAMPTZ - to_seconds((400 * 86400.0 * random())::BIGINT) AS at_time
FROM range($size) AS r(i);
INSERT INTO articles BY NAME
SELECT id, id AS identity, 'Title ' || i AS title, repeat(md5(id) || ' ', 60) AS text, 'feed' AS feed,
    'outlet ' || i % 300 AS source, 'news' AS genre, 'en' AS language, at_time AS published, at_time AS seen,
    false AS backlog, '1' AS read_by, id AS story
FROM made ORDER BY at_time;
INSERT INTO stories BY NAME
SELECT id, 'Title ' || i AS title, id AS first_article, at_time AS first_published, at_time AS last_published FROM made;
INSERT INTO story_bands BY NAME
SELECT list_transform(range(42), lambda k: (hash(i, k) >> 32)::UINTEGER) AS lsh_bands, id AS article, at_time AS seen_at
FROM made WHERE at_time > $now::TIMESTAMPTZ - INTERVAL 4 DAY;
INSERT INTO weapons BY NAME
SELECT 'weapon-' || w AS id, 'Weapon ' || w AS name, 'missile' AS category, true AS specific, true AS known
FROM range(500) AS r(w);
INSERT INTO weapon_mentions BY NAME
SELECT id || k AS id, id AS article, 'weapon-' || (i // 10 * 7 + k) % 500 AS weapon, 'Weapon' AS text,
    100 * k AS span_start, 100 * k + 6 AS span_end, 'r' AS rule, md5('w' || (i // 10 * 7 + k) % 500) AS claim
FROM made, range(4) AS r(k) WHERE i % 10 = 0;
INSERT INTO transfers BY NAME
SELECT 't' || id AS id, id AS article, 'weapon-' || w AS weapon, 'US' AS supplier, 'R' || r AS recipient,
    'pledged' AS stage, 'PLEDGE' AS plover, repeat('word ', 25) AS sentence, 200 AS span_start, 320 AS span_end,
    'r' AS rule, 'g' || w || 'r' || r AS claim, false AS background
FROM (SELECT id, (i // 10 * 7) % 500 AS w, i // 10 % 37 AS r FROM made WHERE i % 10 = 0);
INSERT INTO claims BY NAME
SELECT 's' || id AS id, 'new_statement' AS kind, 'S' || i % 12 AS side, id AS article, at_time AS first_seen, '' AS why
FROM made WHERE i % 20 = 0;
INSERT INTO claims BY NAME
SELECT claim AS id, 'new_stage' AS kind, any_value(weapon) AS weapon, any_value(recipient) AS recipient,
    'pledged' AS stage, 'US' AS supplier, any_value(article) AS article, min(at_time) AS first_seen, '' AS why
FROM transfers JOIN made ON made.id = article GROUP BY claim;
INSERT INTO wordings BY NAME
SELECT 'v' || id AS id, 's' || id AS claim, 'S' || i % 12 AS side, 'speaker-' || i % 60 AS speaker_id,
    date_trunc('day', at_time) AS said_at, false AS nuclear, [] AS weapons, [] AS consequence,
    list_transform(range(5), lambda k: 'w' || (3000 * pow(random(), 3))::INTEGER) AS condition,
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
INSERT INTO red_lines BY NAME
SELECT claim AS id, side, 'A Speaker' AS speaker, quote, explicit, statements.nuclear, severity, article,
    at_time AS first_said, at_time AS last_said, 1 AS times_said, ['outlet ' || i % 300] AS outlets
FROM statements JOIN made ON made.id = article;
INSERT INTO alerts BY NAME
SELECT 'a' || claims.id AS id, kind, claims.id AS claim, article, article AS story, 'A headline' AS headline, '' AS why,
    repeat('word ', 25) AS sentence, [] AS marks, 3 AS severity, 'Title ' || i AS title, at_time AS published,
    at_time AS seen, false AS backlog, 'delivered' AS status, at_time AS decided_at
FROM claims JOIN made ON made.id = article;
INSERT INTO deliveries BY NAME
SELECT id AS alert, 'slack' AS route, 'delivered' AS status, 1 AS attempts, id AS receipt, decided_at AS changed_at,
    1 AS reports
FROM alerts;
"""


def fill(warehouse: Warehouse, size: int) -> None:
    """Store ``size`` articles that were read long ago."""
    with transaction(warehouse.path) as connection:
        for statement in filter(str.strip, FILL.split(";\n")):
            parameters = {name: value for name, value in {"now": NOW, "size": size}.items() if f"${name}" in statement}
            connection.execute(statement, parameters)
        known = [_known_weapon(number) for number in range(500)]
        insert(connection, "claims", known)


def _known_weapon(number: int) -> dict[str, Any]:
    weapon, kind = f"weapon-{number}", AlertKind.NEW_WEAPON
    claim = {"id": content_id("weapon", weapon), "kind": kind, "weapon": weapon, "article": "", "why": ""}
    return claim | {"first_seen": NOW - timedelta(days=400)}


def batch(number: int) -> list[tuple[Article, Signals]]:
    """Return 500 new articles with the signals of busy news: one in five makes a statement, one in 20 tells a step."""
    return [_read(number, i) for i in range(BATCH)]


def _read(number: int, i: int) -> tuple[Article, Signals]:
    article = Article(
        id=content_id(number, i),
        identity=content_id(number, i),
        title=f"Title {i}",
        text=_text(random.Random(number * BATCH + i)),
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
        transfers=(_transfer(number, i),) if i % 20 == 0 else (),
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


def _text(draw: random.Random) -> str:
    return " ".join(f"{' '.join(draw.choices(WORDS, k=20)).capitalize()}." for _ in range(30))


def _transfer(number: int, i: int) -> Transfer:
    return Transfer(weapon=f"weapon-{i}", supplier="US", recipient=f"N{number}", stage=Stage.DELIVERED, start=0, end=20)


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


@contextmanager
def filled(size: int, given: argparse.Namespace) -> Iterator[Warehouse]:
    """Yield a warehouse with so many articles."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(place_of(given.lake or str(given.file or f"{folder}/warehouse.duckdb"), data=folder))
        made = warehouse.exists()
        warehouse.migrate()
        if not made:
            fill(warehouse, size)
            warehouse.fold()
        yield warehouse


def measure(warehouse: Warehouse) -> dict[str, tuple[float, float]]:
    """Return seconds and processor seconds of each step: the median of three cycles, after one to warm up."""
    first = warehouse_count(warehouse) // BATCH
    cycles = [_cycle(warehouse, first + number) for number in range(4)][1:]
    return {step: sorted(cycle[step] for cycle in cycles)[1] for step in cycles[0]}


def warehouse_count(warehouse: Warehouse) -> int:
    """Return how many articles are stored."""
    with warehouse.transaction() as tx:
        return int(select(tx, "SELECT count(*) AS held FROM articles")[0]["held"])


OF_500 = ("compare_texts", "prepare", "save_articles", "articles_to_read", "save_signals")


def _cycle(warehouse: Warehouse, number: int) -> dict[str, tuple[float, float]]:
    read = batch(number)
    articles = [article for article, _ in read]
    lsh_bands = lsh_bands_by_article(articles)
    prepared = [prepare(article, signals, now=NOW) for article, signals in read]
    decided = partial(decide, now=NOW, settings=PolicySettings())
    route, lately = {"route": "slack", "now": NOW}, NOW - timedelta(days=3)
    steps: dict[str, Callable[[], object]] = {
        "forget": _step(warehouse, forget, logs=180, now=NOW),
        "known_identities": _step(warehouse, known_identities, [article.identity for article in articles]),
        "compare_texts": lambda: lsh_bands_by_article(articles),
        "prepare": lambda: [prepare(article, signals, now=NOW) for article, signals in read],
        "place_in_stories": lambda: _place(warehouse, articles),
        "save_articles": _step(warehouse, save_articles, articles, lsh_bands, now=NOW),
        "articles_to_read": _step(warehouse, articles_to_read, limit=BATCH),
        "save_signals": _step(warehouse, save_signals, prepared, version="1", now=NOW, decide=decided),
        "claim": _step(warehouse, claim_alerts, lease=timedelta(minutes=2), **route),
        "waiting": _step(warehouse, waiting_on, **route),
        "to_refresh": _step(warehouse, sent_messages_to_refresh, route="slack", since=lately, limit=20),
        "pulse": _step(warehouse, measure_pulse, now=NOW),
        "small_transaction": _step(warehouse, start_run, "ingest", now=NOW),
        "publish": warehouse.publish,
        "signs": lambda: signs(warehouse.path, now=NOW),
    }
    took = {name: _timed(step) for name, step in steps.items()}
    return took | {"of 500": (sum(took[step][0] for step in OF_500), sum(took[step][1] for step in OF_500))}


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


def back_up(warehouse: Warehouse) -> dict[str, tuple[float, float]]:
    """Return what a back-up, its restore and a plain copy to disk take."""
    path = warehouse.path
    assert isinstance(path, Path)
    copy = path.with_name("copy")
    try:
        return {
            "copy": _timed(lambda: copied(path, copy)),
            "back_up": _timed(lambda: warehouse.back_up(copy.with_suffix(".backup"), now=NOW)),
            "restore": _timed(lambda: warehouse.restore(copy.with_suffix(".backup"), now=NOW)),
        }
    finally:
        for each in (copy, copy.with_suffix(".backup"), *path.parent.glob("*.replaced-*")):
            each.unlink(missing_ok=True)


def copied(source: Path, target: Path) -> None:
    """Copy a file to disk, not only to the cache."""
    shutil.copyfile(source, target)
    with target.open("rb") as written:
        os.fsync(written.fileno())


def main() -> None:
    """Print what each step takes, and what it takes of a processor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--lake", metavar="ADDRESS")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--backup", action="store_true")
    given = parser.parse_args()
    for size in given.sizes[:1] if given.lake or given.file else given.sizes:
        with filled(size, given) as warehouse:
            measured = measure(warehouse) | (back_up(warehouse) if given.backup else {})
            figures = "  ".join(f"{step} {wall:.3f} ({busy:.3f})" for step, (wall, busy) in measured.items())
            print(f"{size:>9,} articles stored: {figures}", flush=True)


if __name__ == "__main__":
    main()
