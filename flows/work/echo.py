"""Messages that were sent → how far their story travelled since → drawn anew in place."""

import time
from datetime import datetime, timedelta

from alerts.echo import Carried, echo_of
from alerts.excerpt import excerpt
from alerts.outbox import Told, refresh
from alerts.policy import PolicySettings, group
from alerts.route import LivingRoute, Receipt
from warehouse.records import FalseAlarm, Retold
from warehouse.store import Warehouse

FOLLOWED = timedelta(days=3)
"""How long after a message was sent it is still drawn anew."""
AT_ONCE = 20
"""Messages drawn anew in one run: updates share the pace of new messages, which must not wait long for them."""
WITHDRAWN = "Corrected: the article has since been changed and no longer says this."


def retell(warehouse: Warehouse, route: LivingRoute, *, now: datetime) -> int:
    """Bring messages up to date whose claims other articles have made meanwhile; return how many."""
    moved = warehouse.retold(route=route.name, since=now - FOLLOWED, limit=AT_ONCE)
    drawn_as = {each.receipt: (each.reports, len(each.false_alarms)) for each in moved}
    drawn = 0
    for told in refresh(map(as_told, moved), route, sleep=time.sleep):
        receipt = str(told.receipt)
        reports, false_alarms = drawn_as[receipt]
        warehouse.record_retold(receipt, route=route.name, reports=reports, false_alarms=false_alarms)
        drawn += 1
    return drawn


def as_told(moved: Retold) -> Told:
    """Return a message as it was told, with the echo it has by now."""
    carried = [Carried(outlet=outlet, text=text, when=when) for outlet, text, when in moved.articles]
    (message,) = group(moved.alerts, settings=PolicySettings(digest_above=len(moved.alerts)))
    return Told(
        message=message,
        receipt=Receipt.parse(moved.receipt),
        echo=echo_of(carried),
        note=note_of(moved),
    )


def note_of(moved: Retold) -> str:
    """Return what a reader must know by now: false alarms, who reports the event as well, what vague words meant."""
    notes = [_marked(alarm, of=len(moved.alerts)) for alarm in moved.false_alarms]
    if moved.withdrawn and not notes:
        notes.append(WITHDRAWN)
    if moved.also_reports:
        reports, outlets = _counted(moved.also_reports, "report"), _counted(moved.also_outlets, "outlet")
        notes.append(f"Also on this event: {reports} by {outlets}.")
    if moved.words:
        notes.append(f"Now in words: “{_shortened(moved.words)}”")
    return " ".join(notes)


def _marked(alarm: FalseAlarm, *, of: int) -> str:
    """Say who called which alert a false alarm, and why."""
    which = f"“{alarm.headline}” was marked" if of > 1 else "Marked"
    return f"{which} as a false alarm by {alarm.made_by}{f': {alarm.reason}' if alarm.reason else ''}."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _shortened(text: str) -> str:
    """Return what fits under a message: at most 300 characters, cut between words."""
    return excerpt(text, (0, len(text)), ())[0]
