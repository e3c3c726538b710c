"""Messages that were sent → how far their story has spread since → updated in place."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile

from alerts.delivery.outbox import MessageUpdate, refresh
from alerts.delivery.route import LivingRoute, Receipt
from alerts.policy.grouping import group
from alerts.policy.pickup import Carried, pickup_of
from alerts.wording.excerpt import excerpt
from extractors.counts import plural
from warehouse.store import Warehouse
from warehouse.stored_records import CorrectionKind, FalseAlarm, Fixed, SentMessage
from warehouse.tables.refreshes import record_refresh, sent_messages_to_refresh

FOLLOWED_FOR = timedelta(days=3)
"""How long after sending a message is still updated."""
AT_ONCE = 20
"""Most messages updated in one run."""
WITHDRAWN = "Corrected: the article has since been changed and no longer says this."


def refresh_messages(
    warehouse: Warehouse, route: LivingRoute, *, now: datetime, gives_way: Callable[[], bool] = lambda: False
) -> int:
    """Update messages whose claims other articles have made since; return how many.

    If ``gives_way`` says before one that something is more urgent, the rest is left to the next run.
    """
    with warehouse.transaction() as tx:
        messages = sent_messages_to_refresh(tx, route=route.name, since=now - FOLLOWED_FOR, limit=AT_ONCE)
    drawn_as = {each.receipt: each for each in messages}
    drawn = 0
    for update in refresh(map(update_of, takewhile(lambda _: not gives_way(), messages)), route, sleep=time.sleep):
        sent = drawn_as[str(update.receipt)]
        with warehouse.transaction() as tx:
            record_refresh(tx, sent, route=route.name)
        drawn += 1
    return drawn


def update_of(sent: SentMessage) -> MessageUpdate:
    """Return a message as it was sent, with the present pickup of its story."""
    carried = [Carried(outlet=outlet, text=text, when=when) for outlet, text, when in sent.articles]
    (message,) = group(sent.alerts, digest_above=len(sent.alerts))
    return MessageUpdate(
        message=message,
        receipt=Receipt.parse(sent.receipt),
        pickup=pickup_of(carried),
        note=note_of(sent),
    )


def note_of(sent: SentMessage) -> str:
    """Return the note below a message: corrections, who else reports the event, what vague words meant."""
    notes = [_marked(alarm, of=len(sent.alerts)) for alarm in sent.false_alarms]
    notes += map(_corrected, sent.fixed)
    if sent.withdrawn and not notes:
        notes.append(WITHDRAWN)
    if sent.also_reports:
        reports, outlets = plural(sent.also_reports, "report"), plural(sent.also_outlets, "outlet")
        notes.append(f"Also on this event: {reports} by {outlets}.")
    if sent.words:
        notes.append(f"What was said: “{_shortened(sent.words)}”")
    return " ".join(notes)


def _marked(alarm: FalseAlarm, *, of: int) -> str:
    """Return who marked which alert as a false alarm, and why."""
    which = f"“{alarm.headline}” was marked" if of > 1 else "Marked"
    return f"{which} as a false alarm by {alarm.made_by}{f': {alarm.reason}' if alarm.reason else ''}."


def _corrected(fixed: Fixed) -> str:
    """Return who corrected what, and why."""
    why = f": {fixed.reason}" if fixed.reason else ""
    if fixed.was:
        return f"Corrected by {fixed.made_by}{why}. It was reported as “{fixed.was}”."
    if fixed.kind == CorrectionKind.SPEAKER:
        return f"Corrected by {fixed.made_by}{why}. It was said by {fixed.value}."
    if fixed.kind == CorrectionKind.FALSE_POSITIVE:
        return f"One report of it was marked as a false alarm by {fixed.made_by}{why}."
    return f"One report of it was corrected by {fixed.made_by}{why}."


def _shortened(text: str) -> str:
    """Return at most 300 characters, cut between words."""
    return excerpt(text, (0, len(text)), ())[0]
