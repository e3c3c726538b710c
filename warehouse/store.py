"""The warehouse as the flows use it: every method is one short transaction (open, commit, close)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from extractors.records import Alert, Article, News, Signals
from warehouse.records import Claimed, DeliveryStatus, FeedRows, Mute, Report, Row, Run, Saved, Status, StoredAlert

Decide = Callable[[Sequence[News]], Sequence[Alert]]


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A DuckDB file at ``path``. Making one opens nothing; ``migrate`` comes first."""

    path: Path

    def migrate(self) -> list[str]:
        """Create or bring up to date the tables and views; return the names of the migrations applied."""
        raise NotImplementedError

    def publish(self) -> Path:
        """Replace the snapshot that analysts read with the present state; return its path."""
        raise NotImplementedError

    # --- sources

    def feed_states(self) -> dict[str, dict[str, Any]]:
        """Return what is remembered of each feed, by feed id: the fields of ``FeedState`` by name."""
        raise NotImplementedError

    def known_identities(self, identities: Collection[str]) -> set[str]:
        """Return those of ``identities`` of which some revision is stored."""
        raise NotImplementedError

    def save_articles(
        self, articles: Sequence[Article], *, now: datetime, run: str | None = None, failures: Sequence[Row] = ()
    ) -> list[str]:
        """Store articles and what could not be read; return the ids that are new, in their order."""
        raise NotImplementedError

    def save_feeds(self, updates: Sequence[FeedRows], *, now: datetime, run: str | None = None) -> list[str]:
        """Store all that came of the turns of some feeds; return the ids of the articles that are new."""
        raise NotImplementedError

    # --- reading

    def articles_to_read(self, *, version: str, limit: int) -> list[Article]:
        """Return current articles that ``version`` has not read: never read ones first, then by publication."""
        raise NotImplementedError

    def save_signals(
        self, read: Sequence[tuple[Article, Signals]], *, version: str, now: datetime, decide: Decide
    ) -> Saved:
        """Store what was read, find what is new, let ``decide`` turn it into alerts, and store those: one transaction."""
        raise NotImplementedError

    def save_failures(self, failures: Sequence[Row], *, now: datetime, run: str | None = None) -> None:
        """Store what could not be done and why (``where``, ``trouble``, ``reason``, ``feed`` each)."""
        raise NotImplementedError

    # --- the outbox

    def claim_alerts(self, *, route: str, now: datetime, lease: timedelta, limit: int = 500) -> list[Claimed]:
        """Take alerts that nobody has delivered or holds, for the duration of ``lease``; whole stories, oldest first."""
        raise NotImplementedError

    def record_delivery(
        self,
        alerts: Sequence[str],
        *,
        route: str,
        status: DeliveryStatus,
        now: datetime,
        receipt: str | None = None,
        error: str | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """Store what became of the claimed ``alerts`` that travelled as one message."""
        raise NotImplementedError

    def alerts(
        self, *, status: Status | None = None, since: datetime | None = None, limit: int = 50
    ) -> list[StoredAlert]:
        """Return the latest alerts, newest first."""
        raise NotImplementedError

    def alert(self, alert_id: str) -> StoredAlert | None:
        """Return one alert, by its id or an unambiguous beginning of it."""
        raise NotImplementedError

    def reports(self, claim: str) -> list[Report]:
        """Return every article that makes ``claim``, by publication."""
        raise NotImplementedError

    def alerts_of(self, article_id: str) -> list[Alert]:
        """Return what was alerted, or decided not to be, because of an article."""
        raise NotImplementedError

    def resend(self, alert_id: str, *, route: str, now: datetime) -> None:
        """Queue an alert for ``route`` again, whatever became of it before."""
        raise NotImplementedError

    def mute(self, subject: str, *, now: datetime, until: datetime | None = None, reason: str = "") -> None:
        """Keep news of ``subject`` (a weapon, speaker, side, feed or claim id) from being sent."""
        raise NotImplementedError

    def unmute(self, subject: str) -> bool:
        """Send news of ``subject`` again; return whether it was muted."""
        raise NotImplementedError

    def mutes(self, now: datetime) -> list[Mute]:
        """Return the mutes in force."""
        raise NotImplementedError

    # --- looking things up

    def find_article(self, wanted: str) -> Article | None:
        """Return the article with this id, URL or identity; of several revisions the current one."""
        raise NotImplementedError

    def counts(self) -> dict[str, int]:
        """Return how many rows each table holds."""
        raise NotImplementedError

    # --- runs

    def start_run(self, kind: str, *, now: datetime) -> str:
        """Record the start of a run of a flow; return its id."""
        raise NotImplementedError

    def finish_run(
        self, run: str, *, now: datetime, outcome: str, counts: Mapping[str, int] | None = None, note: str | None = None
    ) -> None:
        """Record how a run ended."""
        raise NotImplementedError

    def runs(self, *, limit: int = 20) -> list[Run]:
        """Return the latest runs, newest first."""
        raise NotImplementedError
