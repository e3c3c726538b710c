"""What really happened in the days that were played, beside what the warehouse made of it."""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from rich.panel import Panel

from alerts.delivery.slack import payload
from alerts.messages import Form, Message
from alerts.policy.pickup import Carried, pickup_of
from extractors.actors.finder import ActorFinder
from extractors.records import Alert, AlertKind
from flows.demo.happenings import Happening
from flows.demo.newsroom import Press
from flows.demo.press import Report, happenings
from flows.demo.saga import SAGA
from flows.demo.score import Score, Told, score
from flows.demo.slackview import as_in_slack
from flows.settings import Settings
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.stored_records import FalseAlarm, SentMessage
from warehouse.tables.alerts import latest_alerts
from warehouse.tables.corrections import mark_false

CHANNEL = "#escalation"
ANALYST, TAKEN_BACK = "demo", "the outlet took its report back"

SENT = """
SELECT a.kind, a.headline, a.url, c.side, c.stage, c.supplier, c.recipient
FROM alerts AS a JOIN claims AS c ON c.id = a.claim
WHERE a.suppressed IS NULL
ORDER BY a.decided_at, a.id
"""


def first_of_saga() -> int:
    """Return the number of the first episode: events are numbered as they are dealt, and the story comes after."""
    return len(happenings())


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The press as it is at the end, and the warehouse that read it."""

    press: Press
    settings: Settings

    @cached_property
    def reports(self) -> dict[str, Report]:
        """What was published by now, by path."""
        return {report.path: report for report in self.press.reports if report.published <= self.press.now}

    @cached_property
    def events(self) -> dict[int, Happening]:
        """What happened, as far as it was reported by now."""
        numbered = dict(enumerate([what for _, what in happenings()] + [episode.what for episode in SAGA]))
        reported = {report.event for report in self.reports.values()}
        return {number: what for number, what in numbered.items() if number in reported}

    def score(self) -> Score:
        """Compare what was sent with what happened."""
        finder = ActorFinder(self.settings.seeds)

        def side(name: str) -> str | None:
            found = finder.resolve(name) if name else None
            return found.side or found.actor if found else None

        sent = query(self.settings.warehouse, SENT)
        rows = [dict(zip(sent.columns, row, strict=True)) for row in sent.rows]
        return score(self.events, map(self._as_told, rows), side=side)

    def _as_told(self, row: dict[str, Any]) -> Told:
        return Told(event=self._event(row.pop("url")), **row | {"kind": AlertKind(row["kind"])})

    def _event(self, url: str) -> int | None:
        return self.reports[urlsplit(url).path].event

    def named(self, events: Set[int]) -> Iterator[str]:
        """Yield a line for each event: the first sentence of its first report."""
        for event in sorted(events):
            first = next(report for report in self.reports.values() if report.event == event)
            yield f"{first.title}: {first.text.splitlines()[0]}"

    # --- as Slack would show it

    def slack_messages(self, note_of: Callable[[SentMessage], str]) -> Iterator[Panel]:
        """Yield a line, what crosses it, and a false report that an analyst has marked, as far as they were told.

        ``note_of`` says what stands under a message that was corrected.
        """
        told = self._told()
        crossing = next((alert for alert in told if alert.related and "crossing" in alert.headline), None)
        line = next((alert for alert in told if crossing and alert.claim == crossing.related), None)
        if crossing and line:
            yield self._drawn(line)
            yield self._drawn(crossing, thread=line.headline)
        taken_back = {first_of_saga() + number for number, episode in enumerate(SAGA) if episode.taken_back}
        wrong = next((alert for alert in told if self._event(alert.url or "") in taken_back), None)
        if wrong:
            yield self._drawn(wrong, note=note_of(self._marked(wrong)))

    def _told(self) -> list[Alert]:
        with Warehouse(self.settings.warehouse).transaction() as tx:
            stored = latest_alerts(tx, limit=1_000)
        return [each.alert for each in stored if not each.alert.suppressed]

    def _drawn(self, alert: Alert, *, thread: str = "", note: str = "") -> Panel:
        pickup = pickup_of(self._carried(alert))
        message = Message(form=Form.STORY, alerts=(alert,))
        return as_in_slack(payload(message, pickup=pickup, note=note), channel=CHANNEL, thread=thread)

    def _carried(self, alert: Alert) -> Sequence[Carried]:
        event = self._event(alert.url or "")
        same = (report for report in self.reports.values() if report.event == event)
        return [Carried(outlet=report.outlet.name, text=report.text, when=report.published) for report in same]

    def _marked(self, alert: Alert) -> SentMessage:
        """Mark an alert as a false positive, as an analyst would, and return its message as it stands since."""
        warehouse = Warehouse(self.settings.warehouse)
        with warehouse.transaction() as tx:
            mark_false(tx, alert.id, reason=TAKEN_BACK, by=ANALYST, now=self.press.now)
        warehouse.publish()
        alarm = FalseAlarm(headline=alert.headline, made_by=ANALYST, reason=TAKEN_BACK)
        return SentMessage(receipt="", alerts=(alert,), articles=(), withdrawn=False, false_alarms=(alarm,))
