"""Lines for whoever runs the monitor: logged, stored with what they report, and told in Slack until it takes them."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from alerts.delivery.route import DeadLetterError, DeliveryError
from alerts.delivery.slack import SlackBot, SlackWebhook
from extractors.records import DeliveryStatus
from flows.settings import Settings
from warehouse.connection import Transaction, locked
from warehouse.errors import WarehouseError
from warehouse.store import Warehouse
from warehouse.stored_records import Row
from warehouse.tables.operator_lines import add_lines, expire_lines, lines_to_tell, settle_lines

log = logging.getLogger(__name__)


def record_lines(tx: Transaction, lines: Sequence[str], *, now: datetime, once: bool = False) -> None:
    """Log lines and store them in the transaction of what they report; ``tell_lines`` tells them.

    With ``once``, a line that was recorded within the last day is not recorded again.
    """
    for line in add_lines(tx, lines, now=now, once=once):
        log.error(line)


def tell_lines(settings: Settings, *, now: datetime) -> None:
    """Tell in Slack what waits, in order, several lines in one message; what is not taken waits for the next run."""
    warehouse = Warehouse(settings.warehouse)
    try:
        with locked(settings.warehouse, purpose="operator"):
            while lines := _to_tell(warehouse, now=now):
                status, error = _attempt(settings, "\n".join(row["line"] for row in lines))
                with warehouse.transaction() as tx:
                    settle_lines(tx, last=lines[-1]["number"], status=status, error=error, now=now)
    except WarehouseError as error:
        log.warning("what is to be told in Slack waits for the next run: %s", error)


def tell_operator(settings: Settings, line: str, *, once: bool = False) -> None:
    """Record one line and tell it; without a warehouse to record it in, it goes straight to the log and to Slack."""
    now = datetime.now(UTC)
    try:
        with Warehouse(settings.warehouse).transaction() as tx:
            record_lines(tx, [line], now=now, once=once)
    except WarehouseError:
        log.error(line)
        _attempt(settings, line)
    else:
        tell_lines(settings, now=now)


def _to_tell(warehouse: Warehouse, *, now: datetime) -> Sequence[Row]:
    with warehouse.transaction() as tx:
        if expired := expire_lines(tx, now=now):
            log.error("Slack did not take %d lines within a day: see the table operator_lines", expired)
        return lines_to_tell(tx, now=now)


def _attempt(settings: Settings, text: str) -> tuple[DeliveryStatus, str | None]:
    """Post to Slack, if it is configured; return what became of it, and why if it did not certainly arrive."""
    try:
        _say(settings, text)
    except DeliveryError as error:
        log.error("cannot report to Slack: %s", error)
        return DeliveryStatus.DEAD_LETTER if isinstance(error, DeadLetterError) else DeliveryStatus.QUEUED, str(error)
    return DeliveryStatus.DELIVERED, None


def _say(settings: Settings, text: str) -> None:
    """Post over the webhook if there is one, otherwise by the bot."""
    if settings.slack_webhook:
        SlackWebhook.connect(settings.slack_webhook.get_secret_value()).say(text)
    elif settings.slack_token and settings.slack_channel:
        token = settings.slack_token.get_secret_value()
        SlackBot.connect(token, settings.slack_channel, base_url=settings.slack_api_url).say(text)
