"""What people ask for in Slack → done once, in the transaction that records who asked → an answer to that person."""

import logging
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from alerts.delivery.route import DeliveryError
from alerts.delivery.slack import SlackBot
from alerts.delivery.slack.interactions import Click, Command, Home, interaction_in, stranger
from alerts.delivery.slack.socket_mode import Reply
from alerts.delivery.slack.socket_mode import listen as listen_to_slack
from alerts.wording.excerpt import clean, excerpt
from alerts.wording.render import moment, safe_link, severity_text
from extractors.records import Alert
from flows.settings import Settings, SettingsError
from flows.steps.notify import clock, route_of
from warehouse.connection import Transaction
from warehouse.errors import CorrectionError, WarehouseMissingError
from warehouse.search import Filters, find, terms
from warehouse.store import Warehouse
from warehouse.stored_records import Interaction, Report, Row
from warehouse.tables.alerts import find_alert, mute, reports_of
from warehouse.tables.corrections import mark_false
from warehouse.tables.interactions import (
    find_interaction,
    mark_answered,
    relays_of,
    save_interaction,
    subject_of,
    told_in,
    unanswered,
)

log = logging.getLogger(__name__)

MUTED_FOR = timedelta(days=7)
LEFT_FOR = timedelta(hours=1)
"""How long after a crash a person is still told what was done."""
FOUND = 5
"""What a search in Slack shows at most."""
CORRECTS = frozenset({"mute", "false_positive"})
"""Actions for which a person needs the right to correct."""
HELP = 'Try: /brinkwatch search F-16 refused, or /brinkwatch search "red line" nuclear'


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of an action, in a word and in words."""

    outcome: str
    answer: str


def listen(settings: Settings) -> None:
    """Take clicks and commands until stopped by a signal; SettingsError names a setting that is missing."""
    bot = route_of(settings)
    if not isinstance(bot, SlackBot) or settings.slack_app_token is None:
        raise SettingsError(
            "BRINKWATCH_SLACK_APP_TOKEN, BRINKWATCH_SLACK_TOKEN, BRINKWATCH_SLACK_CHANNEL: required to listen to Slack"
        )
    Warehouse(settings.warehouse).migrate()
    stopped, team = Event(), bot.team()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    answer_left(settings, bot)

    def taken(kind: str, payload: Mapping[str, Any], app: str) -> Reply:
        return take(settings, bot, kind, payload, home=Home(team=team, app=app), now=clock())

    token = settings.slack_app_token.get_secret_value()
    listen_to_slack(token, taken, base_url=settings.slack_api_url, stopped=stopped)


def take(
    settings: Settings, bot: SlackBot, kind: str, payload: Mapping[str, Any], *, home: Home, now: datetime
) -> Reply:
    """Do what a request of Slack asks for, unless it was done before; what is forged, late or unknown does nothing."""
    found = interaction_in(kind, payload)
    if found is None:
        log.info("a request of the kind %.40r is not for us", kind)
        return Reply()
    if why := stranger(found, home, now=now):
        log.warning("a request in the name of %s is not obeyed: %s", found.user, why)
        return Reply()
    if isinstance(found, Command):
        return Reply(text=answer_command(settings, found, now=now))
    done = answer_click(settings, found, now=now)
    return Reply(afterwards=lambda: tell(settings, bot, done)) if done and not done.answered_at else Reply()


# --- buttons


def answer_click(settings: Settings, click: Click, *, now: datetime) -> Interaction | None:
    """Return what was done about a click, now or before; None if there is no such button in that message."""
    with Warehouse(settings.warehouse).transaction() as tx:
        if before := find_interaction(tx, click.id):
            return before
        if not told_in(tx, click.alert, channel=click.channel, message=click.message):
            log.warning("%s clicked a button of alert %s, which that message does not hold", click.user, click.alert)
            return None
        done = perform(tx, settings, click, find_alert(tx, click.alert).alert, now=now)
        row = Interaction(
            id=click.id,
            action=click.action,
            user_id=click.user,
            user_name=click.user_name,
            channel=click.channel,
            thread=click.thread,
            alert=click.alert,
            outcome=done.outcome,
            answer=done.answer,
            asked_at=now,
        )
        save_interaction(tx, row)
    return row


def perform(tx: Transaction, settings: Settings, click: Click, alert: Alert, *, now: datetime) -> Done:
    """Do what a button stands for."""
    if click.action in CORRECTS and click.user not in settings.slack_correctors:
        ask = f"Whoever runs Brinkwatch can add {click.user} to BRINKWATCH_SLACK_CORRECTORS."
        return Done(outcome="refused", answer=f"You may not mute or correct alerts, so nothing was changed. {ask}")
    if click.action == "mute":
        return _muted(tx, click, alert, now=now)
    if click.action == "false_positive":
        return _marked_false(tx, click, now=now)
    reports = reports_of(tx, alert.claim)
    said = _who(alert, relays_of(tx, alert.claim), reports) if click.action == "who" else _why(alert, reports)
    return Done(outcome="done", answer=said)


def _muted(tx: Transaction, click: Click, alert: Alert, *, now: datetime) -> Done:
    subject, until = subject_of(tx, alert.claim), now + MUTED_FOR
    mute(tx, subject, now=now, until=until, reason=f"{click.user_name} ({click.user}) in Slack, on alert {alert.id}")
    back = f"To undo: brinkwatch alerts unmute {subject}"
    return Done(outcome="done", answer=f"Muted until {moment(until)}: {subject}. {back}")


def _marked_false(tx: Transaction, click: Click, *, now: datetime) -> Done:
    try:
        done = mark_false(tx, click.alert, reason="", by=f"{click.user_name} ({click.user}) in Slack", now=now)
    except CorrectionError as error:
        return Done(outcome="nothing", answer=str(error))
    text = "Marked as a false positive: the message will say so within minutes."
    return Done(outcome="done", answer=f"{text} To undo: brinkwatch correct undo {done.id}")


def _who(alert: Alert, relays: Sequence[str], reports: Sequence[Report]) -> str:
    speaker = ", ".join(filter(None, (clean(alert.speaker or "nobody named"), clean(alert.role or ""))))
    passed = f"\nPassed on by {', '.join(map(clean, relays))}" if relays else ""
    return f"{speaker}: “{clean(alert.sentence)}”{passed}\n{_reported(reports)}"


def _why(alert: Alert, reports: Sequence[Report]) -> str:
    routed = "".join(f"\nRouted: {clean(step)}" for step in alert.decision)
    return f"{clean(alert.why)} Severity: {severity_text(alert.severity)}.{routed}\n{_reported(reports)}"


def _reported(reports: Sequence[Report]) -> str:
    lines = [
        f"{clean(each.outlet or 'outlet unknown')} ({each.ownership or 'ownership unknown'}), {moment(each.published)}"
        + (f" {link}" if (link := safe_link(each.url)) else "")
        for each in reports[:FOUND]
    ]
    more = f"\nand {len(reports) - FOUND} more" if len(reports) > FOUND else ""
    return "Reported by:\n" + "\n".join(lines) + more


# --- commands


def answer_command(settings: Settings, command: Command, *, now: datetime) -> str:
    """Return the answer to a command, and record who asked; the same one again gets the same answer."""
    verb, _, words = command.words.partition(" ")
    wanted = words if verb == "search" else ""
    answer = searched(settings, wanted) if terms(wanted) else HELP
    row = Interaction(
        id=command.id,
        action="search" if wanted else "help",
        user_id=command.user,
        user_name=command.user_name,
        channel=command.channel,
        words=command.words,
        outcome="done" if terms(wanted) else "nothing",
        answer=answer,
        asked_at=now,
        answered_at=now,
    )
    with Warehouse(settings.warehouse).transaction() as tx:
        if before := find_interaction(tx, command.id):
            return before.answer
        save_interaction(tx, row)
    return answer


def searched(settings: Settings, words: str) -> str:
    """Return the best of what the published warehouse holds on some words."""
    try:
        found = find(settings.warehouse, terms(words), filters=Filters(), limit=FOUND)
    except WarehouseMissingError:
        return "Nothing was published yet."
    return "\n\n".join(map(_found, found)) or f"Nothing found on {words}."


def _found(row: Row) -> str:
    about = " · ".join(filter(None, (row["kind"].replace("_", " "), row["weapon"], row["who"], row["side"])))
    sentence = excerpt(row["sentence"], (0, len(row["sentence"])), (), limit=240)[0]
    source = f"{row['outlet'] or 'outlet unknown'}, {moment(row['reported_at'])}"
    return "\n".join(filter(None, (clean(about), clean(sentence), clean(source), safe_link(row["url"]))))


# --- answers


def tell(settings: Settings, bot: SlackBot, done: Interaction) -> None:
    """Tell a person what was done, and let analysts see it; an answer that is not taken stays to be given."""
    try:
        bot.whisper(done.answer, channel=done.channel, user=done.user_id, thread=done.thread)
    except DeliveryError as error:
        log.warning("%s was not told what was done: %s", done.user_id, error)
    else:
        with Warehouse(settings.warehouse).transaction() as tx:
            mark_answered(tx, done.id, now=clock())
    if done.action in CORRECTS:
        Warehouse(settings.warehouse).publish()


def answer_left(settings: Settings, bot: SlackBot) -> None:
    """Tell those who were not told what was done before this process was last stopped."""
    with Warehouse(settings.warehouse).transaction() as tx:
        left = unanswered(tx, since=clock() - LEFT_FOR)
    for done in left:
        tell(settings, bot, done)
