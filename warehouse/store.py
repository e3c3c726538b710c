"""The warehouse as the flows use it: every method is one short transaction (open, commit, close)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from extractors.records import Alert, Article, Signals
from warehouse import articles, corrections, migrations, outbox, publish, runs, signals, stories
from warehouse.connection import transaction
from warehouse.records import (
    Claimed,
    Correction,
    DeliveryStatus,
    FeedRows,
    Label,
    Mute,
    Report,
    Retold,
    Row,
    Run,
    Saved,
    Status,
    StoredAlert,
    Waiting,
)
from warehouse.signals import Decide


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A DuckDB file at ``path``. Making one opens nothing; ``migrate`` comes first."""

    path: Path

    def migrate(self) -> list[str]:
        """Create or bring up to date the tables and views; return the names of the migrations applied."""
        with transaction(self.path) as connection:
            return migrations.migrate(connection, self.path)

    def publish(self) -> Path:
        """Replace the snapshot that analysts read with the present state; return its path."""
        return publish.publish(self.path)

    # --- sources

    def feed_states(self) -> dict[str, dict[str, Any]]:
        """Return what is remembered of each feed, by feed id: the fields of ``FeedState`` by name."""
        with transaction(self.path) as connection:
            return articles.feed_states(connection)

    def known_identities(self, identities: Collection[str]) -> set[str]:
        """Return those of ``identities`` of which some revision is stored."""
        if not identities:
            return set()
        with transaction(self.path) as connection:
            return articles.known_identities(connection, identities)

    def save_articles(
        self, new: Sequence[Article], *, now: datetime, run: str | None = None, failures: Sequence[Row] = ()
    ) -> list[str]:
        """Store articles and what could not be read; return the ids of those that are new, in their order."""
        bands = stories.bands_by_id(new)
        with transaction(self.path) as connection:
            articles.save_failures(connection, failures, now=now, run=run)
            return articles.save_articles(connection, new, bands, now=now, run=run)

    def save_feeds(self, updates: Sequence[FeedRows], *, now: datetime, run: str | None = None) -> list[str]:
        """Store all that came of the turns of some feeds; return the ids of the articles that are new."""
        bands = {article: found for update in updates for article, found in update.bands.items()}
        bands |= stories.bands_by_id(new for update in updates for new in update.articles if new.id not in bands)
        with transaction(self.path) as connection:
            return articles.save_feeds(connection, updates, bands, now=now, run=run)

    # --- reading

    def articles_to_read(self, *, version: str, limit: int) -> list[Article]:
        """Return current articles that ``version`` has not read: never read ones first, then by publication."""
        with transaction(self.path) as connection:
            return articles.articles_to_read(connection, version=version, limit=limit)

    def save_signals(
        self,
        read: Sequence[tuple[Article, Signals]],
        *,
        version: str,
        now: datetime,
        decide: Decide,
        names: Mapping[str, str] | None = None,
    ) -> Saved:
        """Store what was read and the alerts that ``decide`` makes of what is new in it, all in one transaction.

        ``names`` holds the names a reader knows for ids: ``{"UA": "Ukraine"}``.
        """
        with transaction(self.path) as connection:
            return signals.save_signals(connection, read, version=version, now=now, decide=decide, names=names)

    def save_failures(self, failures: Sequence[Row], *, now: datetime, run: str | None = None) -> None:
        """Store what could not be done and why (``where``, ``trouble``, ``reason``, ``feed`` each)."""
        with transaction(self.path) as connection:
            articles.save_failures(connection, failures, now=now, run=run)

    # --- the outbox

    def claim_alerts(
        self,
        *,
        route: str,
        now: datetime,
        lease: timedelta,
        limit: int = 500,
        channels: Sequence[str] | None = None,
    ) -> list[Claimed]:
        """Take alerts that nobody has delivered or holds, for as long as ``lease``: whole stories, oldest first.

        ``channels`` are those the route serves: "" is for alerts that name none; None serves all.
        """
        with transaction(self.path) as connection:
            return outbox.claim_alerts(connection, route=route, now=now, lease=lease, limit=limit, channels=channels)

    def channels_named(self, *, since: datetime) -> list[str]:
        """Return the channels that alerts name which wait, or were decided ``since`` then."""
        with transaction(self.path) as connection:
            return outbox.channels_named(connection, since=since)

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
        with transaction(self.path) as connection:
            outbox.record_delivery(
                connection,
                alerts,
                route=route,
                status=status,
                now=now,
                receipt=receipt,
                error=error,
                retry_at=retry_at,
            )

    def waiting(self, *, route: str, now: datetime, channels: Sequence[str] | None = None) -> Waiting:
        """Return what has not been told yet on the ``channels`` of a route, and why."""
        with transaction(self.path) as connection:
            return outbox.waiting(connection, route=route, now=now, channels=channels)

    def retold(self, *, route: str, since: datetime, limit: int) -> list[Retold]:
        """Return messages sent on ``route`` whose claims or events other articles report than when last drawn."""
        with transaction(self.path) as connection:
            return outbox.retold(connection, route=route, since=since, limit=limit)

    def record_retold(self, receipt: str, *, route: str, reports: int, false_alarms: int = 0) -> None:
        """Store how many articles reported a message's claims or event, and how many were false alarms, when drawn."""
        with transaction(self.path) as connection:
            outbox.record_retold(connection, receipt, route=route, reports=reports, false_alarms=false_alarms)

    def alerts(
        self, *, status: Status | None = None, since: datetime | None = None, limit: int = 50
    ) -> list[StoredAlert]:
        """Return the latest alerts, newest first."""
        with transaction(self.path) as connection:
            return outbox.alerts(connection, status=status, since=since, limit=limit)

    def alert(self, alert_id: str) -> StoredAlert | None:
        """Return one alert, by its id or an unambiguous beginning of it."""
        with transaction(self.path) as connection:
            return outbox.alert(connection, alert_id)

    def reports(self, claim: str) -> list[Report]:
        """Return every article that makes ``claim``, by publication."""
        with transaction(self.path) as connection:
            return outbox.reports(connection, claim)

    def outlets_of(self, claims: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the outlets that reported each of ``claims``, in the order in which they did."""
        with transaction(self.path) as connection:
            return outbox.outlets_of(connection, claims)

    def alerts_of(self, article_id: str) -> list[Alert]:
        """Return what was alerted, or decided not to be, because of an article."""
        with transaction(self.path) as connection:
            return outbox.alerts_of(connection, article_id)

    def resend(self, alert_id: str, *, route: str, now: datetime) -> None:
        """Queue an alert for ``route`` again, whatever became of it before."""
        with transaction(self.path) as connection:
            outbox.resend(connection, alert_id, route=route, now=now)

    def mute(self, subject: str, *, now: datetime, until: datetime | None = None, reason: str = "") -> None:
        """Keep news of ``subject`` (a weapon, speaker, side, feed or claim id) from being sent."""
        with transaction(self.path) as connection:
            outbox.mute(connection, subject, now=now, until=until, reason=reason)

    def unmute(self, subject: str) -> bool:
        """Send news of ``subject`` again; return whether it was muted."""
        with transaction(self.path) as connection:
            return outbox.unmute(connection, subject)

    def mutes(self, now: datetime) -> list[Mute]:
        """Return the mutes in force."""
        with transaction(self.path) as connection:
            return outbox.mutes(connection, now)

    # --- what analysts know better

    def mark_false(self, wanted: str, *, reason: str, by: str, now: datetime) -> Correction:
        """Mark a claim, given by its id or that of an alert or report, as a false positive."""
        with transaction(self.path) as connection:
            return corrections.mark_false(connection, wanted, reason=reason, by=by, now=now)

    def merge(self, wanted: Sequence[str], *, reason: str, by: str, now: datetime) -> list[Correction]:
        """Make several claims the one of them that was first seen."""
        with transaction(self.path) as connection:
            return corrections.merge(connection, wanted, reason=reason, by=by, now=now)

    def split(self, wanted: str, *, reason: str, by: str, now: datetime) -> Correction:
        """Take one report, given by the id of its statement or transfer, out of the claim it joined."""
        with transaction(self.path) as connection:
            return corrections.split(connection, wanted, reason=reason, by=by, now=now)

    def fix_speaker(
        self,
        wanted: str,
        *,
        speaker: str,
        speaker_id: str,
        side: str | None,
        reason: str,
        by: str,
        now: datetime,
    ) -> Correction:
        """Say who really made a statement."""
        with transaction(self.path) as connection:
            return corrections.fix_speaker(
                connection,
                wanted,
                speaker=speaker,
                speaker_id=speaker_id,
                side=side,
                reason=reason,
                by=by,
                now=now,
            )

    def undo_correction(self, wanted: str, *, now: datetime) -> Correction:
        """Take a correction back."""
        with transaction(self.path) as connection:
            return corrections.undo(connection, wanted, now=now)

    def corrections(self) -> list[Correction]:
        """Return all corrections, the latest first."""
        with transaction(self.path) as connection:
            return corrections.corrections(connection)

    def labels(self) -> list[Label]:
        """Return what the corrections in force teach about statements."""
        with transaction(self.path) as connection:
            return corrections.labels(connection)

    # --- looking things up

    def find_article(self, wanted: str) -> Article | None:
        """Return the article with this id, URL or identity; of several revisions the current one."""
        with transaction(self.path) as connection:
            return articles.find_article(connection, wanted)

    def counts(self) -> dict[str, int]:
        """Return how many rows each table holds."""
        with transaction(self.path) as connection:
            return runs.counts(connection)

    # --- runs

    def start_run(self, kind: str, *, now: datetime) -> str:
        """Record the start of a run of a flow; return its id."""
        with transaction(self.path) as connection:
            return runs.start_run(connection, kind, now=now, salt=uuid4().hex)

    def finish_run(
        self, run: str, *, now: datetime, outcome: str, counts: Mapping[str, int] | None = None, note: str | None = None
    ) -> None:
        """Record how a run ended."""
        with transaction(self.path) as connection:
            runs.finish_run(connection, run, now=now, outcome=outcome, counts=counts or {}, note=note)

    def runs(self, *, limit: int = 20) -> list[Run]:
        """Return the latest runs, newest first."""
        with transaction(self.path) as connection:
            return runs.runs(connection, limit=limit)
