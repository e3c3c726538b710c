"""The table ``event_reports``: different articles on one event, wider than stories, which are copies of one text.

An article joins the event of the most similar report among those near in date that share an anchor: a system, or an
actor who speaks, supplies or receives. Only recent reports with two informative words in common are compared, and only
of articles in which something was found, so the cost grows with the new articles and not with what is stored.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Kind, Signals, content_id
from warehouse.novelty.preparation import PreparedArticle
from warehouse.novelty.statement_similarity import COMMON, information
from warehouse.rows import insert_missing, row_of, select

NEAR = timedelta(days=2)
"""How far apart in time two reports of one event may be published."""

WINDOW = timedelta(days=4)
"""An event takes in no more reports once its first one is older than this."""

ALIKE = 0.4
"""How similar titles and leads must be (see ``alike``)."""

FEWEST_SHARED = 2.0
"""How much they must share: two informative words."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """An article as a report of an event: a row of ``event_reports``. Equal to itself alone: thousands are counted."""

    article: str
    event: str = ""
    story: str | None
    reported_at: datetime
    anchors: frozenset[str]
    words: frozenset[str]


def report_of(read: PreparedArticle, *, now: datetime) -> Report | None:
    """Return what an article is compared by; None if nothing was found in it."""
    article, anchors = read.article, frozenset(anchor for anchor in _anchors(read.signals) if anchor)
    if not anchors:
        return None
    return Report(
        article=article.id,
        story=article.story,
        reported_at=article.published or article.seen or now,
        anchors=anchors,
        words=read.lead,
    )


def _anchors(signals: Signals) -> Iterable[str | None]:
    for mention in signals.weapons:
        yield mention.weapon if mention.specific else None
    for transfer in signals.transfers:
        yield from (transfer.weapon, transfer.supplier, transfer.recipient)
    for statement in signals.statements:
        yield statement.side if statement.kind is not Kind.COMMENTARY else None


def alike(one: Report, other: Report) -> float:
    """Return how much of their titles and leads two reports share, 0 to 1; 0 if they are too far apart in time."""
    if abs(one.reported_at - other.reported_at) > NEAR or one.anchors.isdisjoint(other.anchors):
        return 0.0
    if one.story and one.story == other.story:
        return 1.0
    shared = information(one.words & other.words)
    sizes = information(one.words), information(other.words)
    return (shared / sum(sizes) + shared / min(sizes) / 2) if shared >= FEWEST_SHARED else 0.0


@dataclass(slots=True, kw_only=True)
class Events:
    """Assigns reports to events in turn and remembers them, so that those of one batch find each other."""

    begun: dict[str, datetime] = field(default_factory=dict)
    """The earliest report of each event."""
    with_word: defaultdict[str, list[Report]] = field(default_factory=lambda: defaultdict(list))
    of_story: dict[str, list[Report]] = field(default_factory=lambda: defaultdict(list))

    def add(self, report: Report, *, begun: datetime) -> None:
        """Remember a report that already has an event, which had its first report at ``begun``."""
        self.begun[report.event] = min(self.begun.get(report.event, begun), begun)
        for word in report.words - COMMON:
            self.with_word[word].append(report)
        if report.story:
            self.of_story[report.story].append(report)

    def place(self, report: Report) -> Report:
        """Return a new report with its event: that of the most similar report, or a new one."""
        near = [(alike(report, other), other.event) for other in self._likely(report) if self._takes(other, report)]
        likeness, event = max(near, default=(0.0, ""))
        placed = replace(report, event=event if likeness >= ALIKE else content_id("event", report.article))
        self.add(placed, begun=report.reported_at)
        return placed

    def _likely(self, report: Report) -> list[Report]:
        shared = Counter(chain.from_iterable(self.with_word.get(word, ()) for word in report.words - COMMON))
        return [other for other, words in shared.items() if words > 1] + self.of_story.get(report.story or "", [])

    def _takes(self, other: Report, report: Report) -> bool:
        return abs(report.reported_at - self.begun[other.event]) <= WINDOW


def save_events(connection: DuckDBPyConnection, read: Sequence[PreparedArticle], *, now: datetime) -> None:
    """Store which event each article reports; an article that already has one keeps it."""
    found = [report for each in read if (report := report_of(each, now=now))]
    if not found:
        return
    events, known = Events(), set[str]()
    for report, begun in _held(connection, found):
        events.add(report, begun=begun)
        known.add(report.article)
    placed = [events.place(report) for report in found if report.article not in known]
    insert_missing(connection, "event_reports", [row_of(report) for report in placed], key="article")


def _held(connection: DuckDBPyConnection, found: Sequence[Report]) -> list[tuple[Report, datetime]]:
    """Load the reports near in date that share an anchor with one of ``found``, and when the event of each began."""
    rows = select(
        connection,
        """
        WITH near AS (
            FROM event_reports
            WHERE reported_at BETWEEN $since AND $until
                AND list_has_any(anchors, from_json_strict($anchors, '["VARCHAR"]'))
        ), begun AS (
            SELECT event, min(reported_at) AS begun FROM event_reports
            WHERE event IN (SELECT event FROM near) GROUP BY event
        )
        FROM near JOIN begun USING (event) ORDER BY reported_at, article
        """,
        since=min(report.reported_at for report in found) - NEAR,
        until=max(report.reported_at for report in found) + NEAR,
        anchors=sorted({anchor for report in found for anchor in report.anchors}),
    )
    return [(_report(row), row["begun"]) for row in rows]


def _report(row: Mapping[str, Any]) -> Report:
    known = {name: row[name] for name in ("article", "event", "story", "reported_at")}
    return Report(**known, anchors=frozenset(row["anchors"]), words=frozenset(row["words"]))
