"""An archive of old news → articles and signals, and nothing to be sent; read by several processes.

Each batch is one transaction: its articles, what was found in them, and how far the archive is done. So nothing of it
is there by half, and whoever is killed continues where the last transaction ended.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from extractors.records import Alert, Article
from flows.documents import BadDocument
from flows.settings import Settings
from flows.steps.archived_pages import ParsePage, article_of, page_parser
from flows.steps.archives import Archive, Record, WebPage, arrived, identity_of
from flows.steps.detect import Detected, result_of, saver
from flows.steps.readers import NICE, ReadArticles, pool, together
from flows.steps.run_log import recorded
from warehouse.connection import Transaction
from warehouse.novelty.preparation import prepare
from warehouse.novelty.stories import lsh_bands_by_article
from warehouse.store import Warehouse
from warehouse.stored_records import Row
from warehouse.tables.articles import known_identities, save_articles, save_failures, stories_of
from warehouse.tables.backfills import note_done, note_finished, records_done

BATCH = 100
"""Records of one transaction, which takes a part of a second: those who bring news wait for it."""
Document = TypeVar("Document")
AHEAD = 3
"""Batches that are read while one is stored."""
FOLD = 20
"""Batches after which the log is folded into the file."""
OLD = "from an archive"
"""Why no alert on an archive is sent."""

Reading = Callable[[Article | WebPage, datetime], "Future[ReadArticles]"]
"""Hands a document to a process; the instant is when it was taken from the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """What was stored so far; batches can be added."""

    records: int = 0
    """Records of the archive that are done, those of earlier runs included."""
    share: float = 0.0
    """How much of the archive that is, from 0 to 1."""
    bad: int = 0
    """Records that are no articles; each has a row in ``failures``."""
    detected: Detected = field(default_factory=Detected)

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures for the row of the run."""
        return {**self.detected.counts, "records": self.records, "bad": self.bad}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records that are stored together, and their articles while they are being read."""

    done: int
    share: float
    bad: Sequence[BadDocument]
    reading: Sequence["Future[ReadArticles]"]


def backfill(
    settings: Settings,
    archive: Archive,
    *,
    workers: int,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    on_batch: Callable[[Backfilled], None] = lambda _so_far: None,
) -> Backfilled:
    """Read what is not yet done of ``archive``, with so many processes; ``on_batch`` is told what was stored so far.

    An address that is stored already is left as it is. DocumentError or ArchiveError names a file that is none.
    """
    warehouse, key = Warehouse(settings.warehouse), archive.key()
    warehouse.migrate()
    with warehouse.transaction() as tx:
        records = archive.records(skip=records_done(tx, key))
    so_far = Backfilled()
    with recorded(settings, "backfill", now=clock()) as counts, readers(settings.seeds, workers) as read:
        for number, batch in enumerate(_read_ahead(_batches(settings, archive, records, read, clock)), start=1):
            so_far = _add(so_far, batch, _store(settings, archive, key, batch, now=clock()))
            counts.update(so_far.counts)
            if number % FOLD == 0:
                warehouse.fold()
            on_batch(so_far)
        with warehouse.transaction() as tx:
            note_finished(tx, key, now=clock())
    warehouse.publish()
    return so_far


def _add(so_far: Backfilled, batch: Batch, detected: Detected) -> Backfilled:
    # alerts are kept out: of an archive there are many, and none is sent
    return Backfilled(
        records=batch.done,
        share=batch.share,
        bad=so_far.bad + len(batch.bad),
        detected=so_far.detected + replace(detected, alerts=()),
    )


@contextmanager
def readers(seeds: Path, workers: int) -> Iterator[Reading]:
    """Start processes that read with ``seeds``, each with a reader of its own; yield what hands a document to one."""
    with page_parser(workers) as parse, pool(seeds, workers, nice=NICE) as read:
        threads = ThreadPoolExecutor(workers)
        try:
            yield lambda document, now: threads.submit(_read, read, parse, document, now)
        finally:
            threads.shutdown(cancel_futures=True)


def _read(
    read: Callable[[Article], ReadArticles], parse: ParsePage, document: Article | WebPage, now: datetime
) -> ReadArticles:
    found = article_of(document, parse, now=now) if isinstance(document, WebPage) else document
    if isinstance(found, BadDocument):
        return [], [_failure(found)]
    return read(_from_archive(found, now=now))


def _batches(
    settings: Settings,
    archive: Archive,
    records: Iterator[Record],
    read: Reading,
    clock: Callable[[], datetime],
) -> Iterator[Batch]:
    """Yield the batches of an archive, whose articles are being read, without those that are stored."""
    while taken := list(islice(records, BATCH)):
        now = clock()
        documents = [record.document for record in taken]
        named = [(identity_of(each), each) for each in documents if not isinstance(each, BadDocument)]
        with Warehouse(settings.warehouse).transaction() as tx:
            new = _unknown(tx, named)
        yield Batch(
            done=taken[-1].done,
            share=archive.share,
            bad=[each for each in documents if isinstance(each, BadDocument)],
            reading=[read(document, now) for document in new],
        )


def _from_archive(article: Article, *, now: datetime) -> Article:
    return replace(arrived(article, now=now), backlog=True)


def _unknown(tx: Transaction, named: Sequence[tuple[str, Document]]) -> list[Document]:
    """Return the first document of each identity that is not stored."""
    first = dict(reversed(named))
    known = known_identities(tx, set(first))
    return [document for identity, document in first.items() if identity not in known][::-1]


def _failure(bad: BadDocument) -> Row:
    return {"where": bad.where, "trouble": "archive", "reason": bad.why}


def _read_ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield batches in their order, some behind the one that was last begun."""
    waiting: deque[Batch] = deque()
    for batch in batches:
        waiting.append(batch)
        if len(waiting) > AHEAD:
            yield waiting.popleft()
    yield from waiting


def _store(settings: Settings, archive: Archive, key: str, batch: Batch, *, now: datetime) -> Detected:
    """Wait until a batch is read, and store it in one transaction."""
    read, failures = together(future.result() for future in batch.reading)
    failures += map(_failure, batch.bad)
    articles = [article for article, _ in read]
    lsh_bands = lsh_bands_by_article(articles)
    prepared = [prepare(article, signals, now=now) for article, signals in read]
    save_read = saver(settings, now=now, judged=_never_sent)
    with Warehouse(settings.warehouse).transaction() as tx:
        unknown = _unknown(tx, [(article.identity, article) for article in articles])
        new = save_articles(tx, unknown, lsh_bands, now=now)
        stories = stories_of(tx, new)
        saved = save_read(
            tx,
            [
                replace(each, article=replace(each.article, story=stories[each.article.id]))
                for each in prepared
                if each.article.id in stories
            ],
        )
        save_failures(tx, failures, now=now)
        note_done(tx, key, name=archive.path.name, records=batch.done, articles=len(new), now=now)
    return result_of(saved)


def _never_sent(alerts: Sequence[Alert]) -> list[Alert]:
    return [
        replace(alert, suppressed=alert.suppressed or OLD, not_before=None, decision=(alert.suppressed or OLD,))
        for alert in alerts
    ]
