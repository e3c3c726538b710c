"""Articles that nobody has read → signals, novelty and alerts, one transaction a batch; for others see ``reread``."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from alerts.policy.decision import PolicySettings, decide
from alerts.policy.routing import Silence, parse_silence
from extractors.counts import plural
from extractors.records import Alert, Article, Signals
from flows.settings import Settings
from flows.steps import readers
from flows.steps.readers import ReadArticles
from flows.steps.seeds_folder import seeds_folder_of
from warehouse.connection import Transaction
from warehouse.novelty.preparation import prepare
from warehouse.store import Warehouse
from warehouse.stored_records import Mute, Row, Saved
from warehouse.tables.alerts import mutes_in_force
from warehouse.tables.articles import articles_to_read, count_to_read, save_failures
from warehouse.tables.held_claims import Read
from warehouse.tables.signals import save_signals

log = logging.getLogger(__name__)

BATCH = 200
"""Articles read between two transactions: a crash loses no more reading than this."""
MANY = 500
"""So many waiting articles pay for starting processes that read: each takes three seconds, like 150 articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """The result of reading; batches can be added."""

    articles: int = 0
    weapons: int = 0
    statements: int = 0
    transfers: int = 0
    corroborations: int = 0
    """Signals that joined a claim the warehouse already held."""
    alerts: tuple[Alert, ...] = ()
    """Alerts decided now, including those that are not to be sent."""
    more: bool = False
    """Whether articles may still be waiting."""

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures for the row of the run."""
        return {
            "articles": self.articles,
            "weapons": self.weapons,
            "statements": self.statements,
            "transfers": self.transfers,
            "alerts": len(self.alerts),
            "suppressed": sum(alert.suppressed is not None for alert in self.alerts),
        }

    @property
    def summary(self) -> str:
        """The result in one line."""
        suppressed = self.counts["suppressed"]
        kept = f" ({suppressed} of them not to be sent)" if suppressed else ""
        read, alerts = plural(self.articles, "article"), plural(len(self.alerts), "alert")
        return f"{read} read: {alerts}{kept}, {plural(self.corroborations, 'known claim')} again"

    def __add__(self, other: "Detected") -> "Detected":
        return Detected(
            articles=self.articles + other.articles,
            weapons=self.weapons + other.weapons,
            statements=self.statements + other.statements,
            transfers=self.transfers + other.transfers,
            corroborations=self.corroborations + other.corroborations,
            alerts=self.alerts + other.alerts,
            more=other.more,
        )


def waits(settings: Settings) -> bool:
    """Return whether an article is waiting to be read, for instance because of an event while a run was ending."""
    with Warehouse(settings.warehouse).transaction() as tx:
        return bool(articles_to_read(tx, limit=1))


class BatchReader:
    """Reads batches: in this process and, once ``MANY`` articles wait, in several others, until it is closed."""

    def __init__(self, settings: Settings) -> None:
        self._seeds, self._processes = settings.seeds, settings.readers
        self._ends = ExitStack()
        self._read_by_several: Callable[[Sequence[Article]], ReadArticles] | None = None

    def close(self) -> None:
        """End the processes."""
        self._ends.close()

    def read(self, batch: Sequence[Article], *, waiting: int) -> ReadArticles:
        """Return what was read in ``batch``, of so many articles that wait."""
        try:
            if self._read_by_several is None and waiting >= MANY and self._processes > 1:
                self._read_by_several = self._start()
            if self._read_by_several:
                return self._read_by_several(batch)
        except (readers.WorkerGoneError, readers.EditedError) as error:
            log.warning("%s; from now on this process reads alone", error)
            self.close()
            self._read_by_several, self._processes = None, 1
        return readers.extracted(readers.extractor_of(self._seeds), batch)

    def _start(self) -> Callable[[Sequence[Article]], ReadArticles]:
        read = self._ends.enter_context(readers.pool(self._seeds, self._processes, nice=0))
        threads = self._ends.enter_context(ThreadPoolExecutor(self._processes))
        return lambda batch: readers.together(threads.map(read, batch))


def detect(settings: Settings, *, now: datetime, on_article: Callable[[int], None] = lambda _done: None) -> Detected:
    """Read every unread article; ``on_article`` is called with the number of articles read."""
    with closing(BatchReader(settings)) as reader:
        detected = read_next(settings, reader, now=now)
        while detected.more:
            on_article(detected.articles)
            detected += read_next(settings, reader, now=now)
    return detected


def read_next(settings: Settings, reader: BatchReader, *, now: datetime) -> Detected:
    """Read one batch: extract with the warehouse closed, then store signals, novelty and alerts at once."""
    with Warehouse(settings.warehouse).transaction() as tx:
        batch = articles_to_read(tx, limit=BATCH)
        waiting = count_to_read(tx) if len(batch) == BATCH else len(batch)
    if not batch:
        return Detected()
    detected = save(settings, *reader.read(batch, waiting=waiting), now=now)
    return replace(detected, more=waiting > len(batch))


def save(
    settings: Settings, read: Sequence[tuple[Article, Signals]], failures: Sequence[Row], *, now: datetime
) -> Detected:
    """Store in one transaction the articles read, their novelty and alerts, and the failures."""
    save_read = saver(settings, now=now)
    prepared = [prepare(article, signals, now=now) for article, signals in read]
    with Warehouse(settings.warehouse).transaction() as tx:
        saved = save_read(tx, prepared)
        save_failures(tx, failures, now=now)
    return result_of(saved)


def saver(
    settings: Settings, *, now: datetime, judged: Callable[[Sequence[Alert]], Sequence[Alert]] = lambda alerts: alerts
) -> Callable[[Transaction, Read], Saved]:
    """Return what stores prepared articles in a transaction, with the policy in force before that was opened.

    ``judged`` may change what the policy decided.
    """
    version, extractor = readers.version_now(settings.seeds), readers.extractor_of(settings.seeds)
    policy = policy_settings(settings, now=now, names=extractor.names)
    return partial(
        save_signals,
        version=version,
        now=now,
        decide=lambda news: judged(decide(news, now=now, settings=policy)),
        names=extractor.names,
        quiet_genres=policy.scale.quiet_genres.keys(),
    )


def result_of(saved: Saved) -> Detected:
    """Return what was stored as the result of a step."""
    return Detected(
        articles=saved.articles,
        weapons=saved.weapons,
        statements=saved.statements,
        transfers=saved.transfers,
        corroborations=saved.corroborations,
        alerts=saved.alerts,
    )


def policy_settings(settings: Settings, *, now: datetime, names: Mapping[str, str]) -> PolicySettings:
    """Return the policy in force: settings, the present rules and mutes, and what is known of sides and weapons.

    ``names`` holds readable names by id.
    """
    folder = seeds_folder_of(settings.seeds)
    routing = folder.routing()
    with Warehouse(settings.warehouse).transaction() as tx:
        mutes = mutes_in_force(tx, now)
    return PolicySettings(
        scale=folder.scale(),
        routing=replace(routing, silences=(*map(silence_of, mutes), *routing.silences)),
        names=names,
        holdings=folder.holdings(),
        forms=folder.forms,
        arms=folder.arms,
        deeds=folder.deeds,
    )


def silence_of(mute: Mute) -> Silence:
    """Return a mute stored by ``brinkwatch alerts mute`` as a silence."""
    until = mute.until.isoformat(timespec="minutes") if mute.until else None
    return replace(parse_silence(mute.subject), until=until, reason=mute.reason)
