"""Articles that the present extractor version has not read → signals, novelty and alerts, one transaction a batch."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from alerts.policy import PolicySettings, decide
from alerts.rules import Known, Routing, Silence, load_routing, parse_silence
from extractors.pipeline import Extractor, build_extractor
from extractors.records import Alert, Article, Signals
from flows.settings import Settings
from flows.work.notify import plural
from warehouse.records import Mute
from warehouse.store import Warehouse

log = logging.getLogger(__name__)

BATCH = 200
"""Articles read between two transactions: a crash loses no more than this much reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What reading brought; batches add up."""

    articles: int = 0
    weapons: int = 0
    statements: int = 0
    transfers: int = 0
    corroborations: int = 0
    """Signals that joined a claim the warehouse already held."""
    alerts: tuple[Alert, ...] = ()
    """Decided now, those that are not to be sent included."""
    more: bool = False
    """Whether articles may still wait."""

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures that the row of a run holds."""
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
        """Say it in one line."""
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
    """Return whether an article waits to be read: what an event announced while a reading was ending."""
    version = extractor_of(settings.seeds).version
    return bool(Warehouse(settings.warehouse).articles_to_read(version=version, limit=1))


def detect(settings: Settings, *, now: datetime, on_article: Callable[[int], None] = lambda _done: None) -> Detected:
    """Read every article that waits; ``on_article`` is told how many are done."""
    detected = read_next(settings, now=now)
    while detected.more:
        on_article(detected.articles)
        detected += read_next(settings, now=now)
    return detected


def read_next(settings: Settings, *, now: datetime) -> Detected:
    """Read one batch: extract with the warehouse closed, then store signals, novelty and alerts at once."""
    warehouse, extractor = Warehouse(settings.warehouse), extractor_of(settings.seeds)
    batch = warehouse.articles_to_read(version=extractor.version, limit=BATCH)
    if not batch:
        return Detected()
    policy = policy_settings(settings, extractor, warehouse, now=now)
    read, failures = extracted(extractor, batch)
    saved = warehouse.save_signals(
        read,
        version=extractor.version,
        now=now,
        decide=partial(decide, now=now, settings=policy),
        names=extractor.names,
    )
    if failures:
        warehouse.save_failures(failures, now=now)
    return Detected(
        articles=saved.articles,
        weapons=saved.weapons,
        statements=saved.statements,
        transfers=saved.transfers,
        corroborations=saved.corroborations,
        alerts=saved.alerts,
        more=len(batch) == BATCH,
    )


def extracted(
    extractor: Extractor, batch: Sequence[Article]
) -> tuple[list[tuple[Article, Signals]], list[dict[str, str | None]]]:
    """Return each article with its signals, and a failure for each that a bug kept from being read.

    A bug costs the one article that shows it and leaves a traceback and a row; it must not stop the monitor.
    """
    read: list[tuple[Article, Signals]] = []
    failures: list[dict[str, str | None]] = []
    for article in batch:
        try:
            signals = extractor.extract(article)
        except Exception as error:
            log.exception("article %s cannot be read", article.id)
            reason = f"{type(error).__name__}: {error}"
            failures.append({"where": article.id, "trouble": "extractor", "reason": reason, "feed": article.feed})
            signals = Signals(article=article.id)
        read.append((article, signals))
    return read, failures


@cache
def extractor_of(seeds: Path) -> Extractor:
    """Return the extractor of ``seeds``, built once a process: a run reads with one version from start to end."""
    return build_extractor(seeds)


def policy_settings(settings: Settings, extractor: Extractor, warehouse: Warehouse, *, now: datetime) -> PolicySettings:
    """Return the policy in force: the settings, the rules and mutes of now, and the names a reader knows for ids."""
    routing = routing_of(settings, extractor)
    mutes = tuple(silence_of(mute) for mute in warehouse.mutes(now))
    return PolicySettings(
        digest_above=settings.digest_above,
        routing=replace(routing, silences=mutes + routing.silences),
        names=extractor.names,
    )


def routing_of(settings: Settings, extractor: Extractor) -> Routing:
    """Return the rules as they are now; LexiconError names every line that is wrong."""
    return load_routing(settings.seeds, known=known_ids(extractor))


def silence_of(mute: Mute) -> Silence:
    """Return what ``brinkwatch alerts mute`` stored as the silence that it is."""
    until = mute.until.isoformat(timespec="minutes") if mute.until else None
    return replace(parse_silence(mute.subject), until=until, reason=mute.reason)


def known_ids(extractor: Extractor) -> Known:
    """Return the ids that rules may name, by the field that names them."""
    actors, places, lexicon = extractor.actors.actors, extractor.actors.places, extractor.weapons.lexicon
    weapons = {weapon.id for weapon in lexicon.weapons} | {group.id for group in lexicon.classes}
    return {
        "sides": {place.id for place in places} | {actor.id for actor in actors} | {actor.side for actor in actors},
        "speakers": {actor.id for actor in actors},
        "weapons": weapons | {weapon.family for weapon in lexicon.weapons if weapon.family},
        "categories": {weapon.category for weapon in lexicon.weapons} | {each.id for each in lexicon.classes},
    }
