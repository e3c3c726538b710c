"""Replays an archive in time order through the real steps: what would have been alerted or held back, and why.

Only the clock is simulated: articles enter the scratch warehouse in cycles, each with the end of the cycle as ``now``,
and go through the same extraction, novelty and policy as fresh ones.
"""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from alerts.policy.grouping import group
from extractors.records import Alert, Article
from flows.documents import BadDocument, DocumentError, open_binary, read_lines
from flows.settings import Settings
from flows.steps.archives import arrived
from flows.steps.detect import detect
from warehouse.novelty.stories import lsh_bands_by_article
from warehouse.store import Warehouse
from warehouse.tables.alerts import outlets_of
from warehouse.tables.articles import save_articles

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SUFFIXES = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """One alert that would have been sent, with every outlet that reported its claim by the end of the archive."""

    at: datetime
    """The end of the cycle that decided it."""
    alert: Alert
    outlets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What one day of the archive would have brought."""

    day: str
    articles: int
    fired: tuple[Fired, ...]
    messages: int
    """Number of messages; alerts of one story are one message."""
    suppressed: Counter[str] = field(default_factory=Counter)
    """How many alerts were held back, by reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The replay of a whole archive."""

    days: tuple[Day, ...]
    bad: tuple[BadDocument, ...] = ()
    """Lines of the archive that are not articles."""

    @property
    def articles(self) -> int:
        """Articles that were read."""
        return sum(day.articles for day in self.days)

    @property
    def alerts(self) -> int:
        """Alerts that would have been sent."""
        return sum(len(day.fired) for day in self.days)

    @property
    def messages(self) -> int:
        """Messages that would have been sent."""
        return sum(day.messages for day in self.days)

    @property
    def span_days(self) -> int:
        """Days from the first to the last, including days without an article."""
        if not self.days:
            return 0
        first, last = (datetime.fromisoformat(self.days[place].day) for place in (0, -1))
        return (last - first).days + 1

    @property
    def suppressed(self) -> Counter[str]:
        """How many alerts were held back, by reason."""
        return sum((day.suppressed for day in self.days), Counter[str]())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Articles that arrive together, and the instant at which they are read."""

    now: datetime
    articles: Sequence[Article]


def read_archive(path: Path) -> tuple[list[Article], list[BadDocument]]:
    """Return the articles of a ``.jsonl`` or ``.jsonl.gz`` in order of publication, and the bad lines.

    An article without a date stays behind the one before it in the file. DocumentError names what cannot be read.
    """
    if not path.is_dir() and not path.name.endswith(SUFFIXES):
        raise DocumentError(f"{path}: not an archive; its name must end in {', '.join(SUFFIXES)}")
    with open_binary(path) as file, gzip.GzipFile(fileobj=file) as unpacked:
        stream = cast("BinaryIO", unpacked) if path.suffix == ".gz" else file
        try:
            documents = list(read_lines(stream, str(path)))
        except (OSError, EOFError, zlib.error) as error:
            raise DocumentError(f"{path}: {error}") from error
    articles = [document for document in documents if isinstance(document, Article)]
    bad = [document for document in documents if isinstance(document, BadDocument)]
    return _in_order(articles), bad


def _in_order(articles: Iterable[Article]) -> list[Article]:
    dated: list[tuple[datetime, Article]] = []
    for article in articles:
        dated.append((article.published or (dated[-1][0] if dated else EPOCH), article))
    return [article for _, article in sorted(dated, key=lambda pair: pair[0])]


def cycles(articles: Sequence[Article], *, every: timedelta) -> Iterator[Cycle]:
    """Divide articles, in order of publication, into cycles that end at whole multiples of ``every``."""
    held: list[Article] = []
    now = None
    for article in articles:
        due = _end_of_cycle(article.published, every=every) if article.published else now
        if now is not None and due != now and held:
            yield Cycle(now=now, articles=held)
            held = []
        now = due
        held.append(article)
    if held:
        yield Cycle(now=now or EPOCH, articles=held)


def _end_of_cycle(moment: datetime, *, every: timedelta) -> datetime:
    return EPOCH + ((moment - EPOCH) // every + 1) * every


def backtest(
    articles: Sequence[Article],
    settings: Settings,
    *,
    every: timedelta,
    bad: Sequence[BadDocument] = (),
    on_article: Callable[[int], None] = lambda _done: None,
) -> Backtest:
    """Replay ``articles``, in order of publication, into the scratch warehouse of ``settings``."""
    warehouse = Warehouse(settings.warehouse)
    warehouse.migrate()
    days: dict[str, Day] = {}
    done = 0
    for cycle in cycles(articles, every=every):
        day = _replay(cycle, settings, warehouse)
        days[day.day] = _together(days[day.day], day) if day.day in days else day
        done += len(cycle.articles)
        on_article(done)
    return Backtest(days=tuple(_with_outlets(warehouse, day) for day in days.values()), bad=tuple(bad))


def _replay(cycle: Cycle, settings: Settings, warehouse: Warehouse) -> Day:
    """Store and read the articles of one cycle, as ``ingest`` and ``detect`` do."""
    articles = [arrived(article, now=cycle.now) for article in cycle.articles]
    lsh_bands = lsh_bands_by_article(articles)
    with warehouse.transaction() as tx:
        stored = save_articles(tx, articles, lsh_bands, now=cycle.now)
    detected = detect(settings, now=cycle.now)
    warehouse.publish()  # as every cycle does: this folds the log, which every transaction would otherwise read again
    fired = [alert for alert in detected.alerts if alert.suppressed is None]
    held = [alert for alert in detected.alerts if alert.suppressed is not None]
    return Day(
        # A cycle belongs to the day on which its articles appeared, even if it ends at midnight.
        day=f"{cycle.now - timedelta(microseconds=1):%Y-%m-%d}",
        articles=len(stored),
        fired=tuple(Fired(at=cycle.now, alert=alert) for alert in fired),
        messages=len(group(fired, digest_above=len(fired))),
        suppressed=Counter(_reason(alert) for alert in held),
    )


def _reason(alert: Alert) -> str:
    """Return why an alert was held back, without the id of another alert."""
    reason = alert.suppressed or ""
    return "reported by another alert" if reason.startswith("reported by alert") else reason


def _together(one: Day, other: Day) -> Day:
    return Day(
        day=one.day,
        articles=one.articles + other.articles,
        fired=one.fired + other.fired,
        messages=one.messages + other.messages,
        suppressed=one.suppressed + other.suppressed,
    )


def _with_outlets(warehouse: Warehouse, day: Day) -> Day:
    with warehouse.transaction() as tx:
        outlets = outlets_of(tx, [fired.alert.claim for fired in day.fired])
    return replace(day, fired=tuple(replace(fired, outlets=outlets.get(fired.alert.claim, ())) for fired in day.fired))
