"""Alerts on transfers that an analyst corrected: reworded, and as they were before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Alert, Stage, Transfer
from warehouse.novelty.transfer_fixes import KEPT, changes
from warehouse.rows import execute, insert, select
from warehouse.stored_records import Correction, Row, Status
from warehouse.tables.alerts import alert_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A transfer as it was read and as it was corrected, for the wording of the alert that reported it."""

    before: Transfer
    after: Transfer
    weapon: str
    """The name of the right weapon."""
    by: str


Reword = Callable[[Alert, Corrected], Alert]
"""Returns an alert as it reads after the correction."""


def reword_alerts(connection: DuckDBPyConnection, done: Correction, places: Sequence[Row], *, reword: Reword) -> None:
    """Reword the alerts of a corrected claim; one that another alert has already covered is not sent."""
    by_article = {place["article"]: place for place in reversed(places)}
    told_before = _is_told(connection, done.other)
    for row in _alerts(connection, done.claim):
        place = by_article.get(row["article"], places[0])
        after = {**place, **changes(done.kind, done.value, place)}
        corrected = Corrected(
            before=_transfer(place),
            after=_transfer(after),
            weapon=_name(connection, after["weapon"]),
            by=done.made_by,
        )
        _keep(connection, done, row)
        repeats = told_before and row["status"] == Status.PENDING
        _put(connection, row["id"], reword(alert_of(row), corrected), by=done.made_by, repeats=repeats)


def _keep(connection: DuckDBPyConnection, done: Correction, row: Row) -> None:
    """Keep an alert as it was, for when the correction is taken back."""
    was = {name: row[name] for name in ("headline", "why", "severity", "status", "suppressed")}
    insert(connection, "corrected_alerts", [{"correction": done.id, "alert": row["id"]} | was])


def _put(connection: DuckDBPyConnection, alert: str, reworded: Alert, *, by: str, repeats: bool) -> None:
    """Store an alert as it reads now; if it ``repeats`` another, it is not sent."""
    execute(
        connection,
        """
        UPDATE alerts SET headline = $headline, why = $why, severity = $severity,
            status = CASE WHEN $repeats THEN 'suppressed' ELSE status END,
            suppressed = CASE WHEN $repeats THEN 'reported before, as corrected by ' || $by ELSE suppressed END
        WHERE id = $id
        """,
        id=alert,
        headline=reworded.headline,
        why=reworded.why,
        severity=reworded.severity,
        repeats=repeats,
        by=by,
    )


def restore_alerts(connection: DuckDBPyConnection, done: Correction) -> None:
    """Word the alerts as they were before; one that was not sent because of the correction is sent after all."""
    execute(
        connection,
        """
        UPDATE alerts SET headline = was.headline, why = was.why, severity = was.severity,
            status = CASE WHEN was.status = 'pending' AND alerts.status = 'suppressed' THEN 'pending'
                ELSE alerts.status END,
            suppressed = CASE WHEN was.status = 'pending' AND alerts.status = 'suppressed' THEN was.suppressed
                ELSE alerts.suppressed END
        FROM corrected_alerts AS was WHERE was.alert = alerts.id AND was.correction = $id
        """,
        id=done.id,
    )


def _alerts(connection: DuckDBPyConnection, claim: str) -> list[dict[str, Any]]:
    """Return the alerts of a claim and of the claims that were merged into it."""
    return select(
        connection,
        """
        WITH RECURSIVE led(id) AS (
            SELECT $claim
            UNION SELECT claims.id FROM claims JOIN led ON claims.merged_into = led.id
        )
        SELECT * FROM alerts WHERE claim IN (FROM led) AND kind = 'new_stage' ORDER BY id
        """,
        claim=claim,
    )


def _is_told(connection: DuckDBPyConnection, claim: str | None) -> bool:
    """Whether an alert has reported a claim, or is about to."""
    rows = select(
        connection,
        "SELECT id FROM alerts WHERE claim = $claim AND status IN ('pending', 'delivered') LIMIT 1",
        claim=claim,
    )
    return bool(rows)


def _transfer(row: Row) -> Transfer:
    said = {name: row[name] for name in KEPT if name != "stage"}
    return Transfer(**said, stage=Stage(row["stage"]), start=row["span_start"], end=row["span_end"])


def _name(connection: DuckDBPyConnection, weapon: str) -> str:
    rows = select(connection, "SELECT name FROM weapons WHERE id = $weapon", weapon=weapon)
    return str(rows[0]["name"]) if rows else weapon
