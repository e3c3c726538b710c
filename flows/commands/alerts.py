"""``brinkwatch alerts``: the outbox — what was, will be or failed to be sent, and why."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.route import Form, Message
from alerts.terminal import TerminalRoute
from extractors.errors import BrinkwatchError
from extractors.records import Alert, AlertKind
from flows.settings import Settings, load_settings
from warehouse.records import Status, StoredAlert
from warehouse.store import Warehouse

if TYPE_CHECKING:
    from alerts.rules import Silence

alerts = typer.Typer(help="What was, will be or failed to be sent, and why.", no_args_is_help=True)

AlertId = Annotated[str, typer.Argument(help="An alert's id, or an unambiguous beginning of it.")]
Conditions = Annotated[
    list[str],
    typer.Argument(
        help="Ids of a weapon, speaker, side, feed or claim; or kinds=…, weapons=…, sides=…, speakers=…, "
        "categories=…, theatres=…, severity=…, several values with commas."
    ),
]


class NoSuchAlertError(BrinkwatchError):
    """No alert has this id."""


class MuteError(BrinkwatchError):
    """What cannot be muted, or not until then."""


class NotDeliveredError(BrinkwatchError):
    """A sample did not arrive."""


@alerts.command("list")
def list_(
    status: Annotated[Status | None, typer.Option(help="Only alerts that stand like this.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The latest so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """List the latest alerts, newest first.

    Example: brinkwatch alerts list --status suppressed
    """
    stored = Warehouse(load_settings().warehouse).alerts(status=status, limit=limit)
    if as_json:
        for each in stored:
            print(json.dumps(asdict(each), default=str, ensure_ascii=False))
        return
    table = Table("decided", "severity", "what is new", "status", "id", show_edge=False)
    for each in stored:
        alert = each.alert
        decided = f"{each.decided_at:%Y-%m-%d %H:%M}"
        table.add_row(decided, f"{alert.severity}/5", Text(alert.headline), fate(each), alert.id)
    Console().print(table)


@alerts.command()
def show(alert_id: AlertId) -> None:
    """Show one alert as it is sent."""
    TerminalRoute().send(Message(form=Form.STORY, alerts=(stored_alert(alert_id).alert,)))


@alerts.command()
def why(alert_id: AlertId) -> None:
    """Say why an alert was made or held back, who else reported its claim, and what became of it on each route."""
    stored, console = stored_alert(alert_id), Console()
    alert = stored.alert
    facts = Table.grid(padding=(0, 2))
    facts.add_row("what is new", Text(alert.headline))
    facts.add_row("why", Text(alert.why))
    facts.add_row("decided", f"{stored.decided_at:%Y-%m-%d %H:%M:%S} UTC, once and for good")
    facts.add_row("status", fate(stored))
    for place, step in enumerate(alert.decision):
        facts.add_row("routed" if not place else "", Text(step))
    if alert.mentions:
        facts.add_row("calls", Text(", ".join(alert.mentions)))
    facts.add_row("severity", f"{alert.severity}/5")
    facts.add_row("article", Text(f"{alert.article}  {alert.title}"))
    facts.add_row("claim", alert.claim)
    for delivery in stored.deliveries:
        told = f"{delivery.status}, attempt {delivery.attempts}, {delivery.changed_at:%Y-%m-%d %H:%M:%S} UTC"
        facts.add_row(f"on {delivery.route}", Text(told + (f": {delivery.error}" if delivery.error else "")))
    for report in Warehouse(load_settings().warehouse).reports(alert.claim):
        when = f"{report.published:%Y-%m-%d}" if report.published else "undated"
        facts.add_row("reported", Text(f"{when} {report.outlet or 'unknown outlet'}: {report.sentence[:200]}"))
    console.print(facts)


@alerts.command()
def resend(alert_id: AlertId) -> None:
    """Send an alert again, to wherever it would go now."""
    from flows.work.notify import drain, route_for

    settings, now = load_settings(), datetime.now(UTC)
    alert = stored_alert(alert_id).alert
    route = route_for(settings, alert)
    Warehouse(settings.warehouse).resend(alert.id, route=route.name, now=now)
    Console(stderr=True).print(Text(drain(settings, route, now=now, in_full=[alert.article]).summary, style="dim"))


@alerts.command()
def test() -> None:
    """Send a sample to wherever alerts go: Slack where it is configured, else this terminal."""
    from alerts.route import DeliveryError
    from flows.work.notify import route_of

    route = route_of(load_settings())
    try:
        route.send(Message(form=Form.STORY, alerts=(sample(datetime.now(UTC)),)))
    except DeliveryError as error:
        raise NotDeliveredError(f"the sample did not arrive on {route.name}: {error}") from error
    Console(stderr=True).print(Text(f"Sent a sample to {route.name}.", style="dim"))


@alerts.command()
def mute(
    what: Conditions,
    until: Annotated[str | None, typer.Option(help="A date or a date and time, in this machine's zone.")] = None,
    span: Annotated[str | None, typer.Option("--for", help="How long: 90m, 12h, 7d or 2w.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for those who ask later.")] = "",
) -> None:
    """Store news that meets all conditions without sending it; for good where no end is given.

    Examples: brinkwatch alerts mute kh-101 --for 7d --reason "daily use";
    brinkwatch alerts mute weapons=kh-101,kh-55 kinds=stage --until 2026-12-01
    """
    from alerts.rules import parse_silence

    subject, settings, now = " ".join(sorted(what)), load_settings(), datetime.now(UTC)
    try:
        silence = parse_silence(subject)
    except ValueError as error:
        raise MuteError(f"{subject}: {error}") from error
    end = end_of(now, until, span)
    if "=" in subject:
        check_names(silence, settings)
    Warehouse(settings.warehouse).mute(subject, now=now, until=end, reason=reason)


def check_names(silence: "Silence", settings: Settings) -> None:
    """Raise MuteError for names that nothing has: they would mute nothing, and nobody would notice."""
    from alerts.rules import load_routing, unknown
    from flows.work.detect import extractor_of, known_ids

    known = {**known_ids(extractor_of(settings.seeds)), "theatres": load_routing(settings.seeds).theatres}
    if wrong := [what for _, what in unknown(silence, known)]:
        raise MuteError("; ".join(wrong))


def end_of(now: datetime, until: str | None, span: str | None) -> datetime | None:
    """Return when a mute ends, or raise MuteError for what is no time, or a time that has passed."""
    if until and span:
        raise MuteError("give --until or --for, not both")
    units = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    try:
        if span:
            count, unit = int(span[:-1]), units[span[-1]]
            end = now + timedelta(**{unit: count})
        elif until:
            end = datetime.fromisoformat(until).astimezone(UTC)
        else:
            return None
    except (ValueError, KeyError, OverflowError):
        example = "--for 90m, 12h, 7d or 2w" if span else "--until 2026-12-01 or 2026-12-01T07:00"
        raise MuteError(f"{span or until} is no time; give {example}") from None
    if end <= now:
        raise MuteError(f"{span or until} is over already")
    return end


@alerts.command()
def unmute(what: Conditions) -> None:
    """Send news again that was muted under these conditions."""
    subject = " ".join(sorted(what))
    if not Warehouse(load_settings().warehouse).unmute(subject):
        raise NoSuchAlertError(f"{subject} is not muted; see brinkwatch alerts mutes")


@alerts.command()
def mutes(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False) -> None:
    """List what is muted now, by command and in routes.toml."""
    from alerts.rules import conditions, load_routing

    settings, now = load_settings(), datetime.now(UTC)
    routing = load_routing(settings.seeds)
    rows = [(m.subject, f"{m.until:%Y-%m-%d %H:%M} UTC" if m.until else "", m.reason, "command")
            for m in Warehouse(settings.warehouse).mutes(now)]  # fmt: skip
    rows += [(conditions(each), each.until or "", each.reason, "routes.toml")
             for each in routing.silences_at(now)]  # fmt: skip
    table = Table("what", "until", "why", "muted in", show_edge=False)
    for row in rows:
        if as_json:
            print(json.dumps(dict(zip(("what", "until", "why", "where"), row, strict=True)), ensure_ascii=False))
        table.add_row(*map(Text, row))
    if not as_json:
        Console().print(table if rows else "Nothing is muted.")


def stored_alert(alert_id: str) -> StoredAlert:
    """Return the alert, or raise NoSuchAlertError."""
    stored = Warehouse(load_settings().warehouse).alert(alert_id)
    if stored is None:
        raise NoSuchAlertError(f"no alert {alert_id}; see brinkwatch alerts list")
    return stored


def fate(stored: StoredAlert) -> Text:
    """Say where an alert stands, with the reason when it is not sent, or not yet."""
    alert = stored.alert
    held = alert.not_before if stored.status is Status.PENDING else None
    reason = f": {alert.suppressed}" if alert.suppressed else ""
    return Text(f"{stored.status}{reason}{f', not before {held:%-d %b %H:%M} UTC' if held else ''}")


def sample(now: datetime) -> Alert:
    """Return an invented alert that says so."""
    sentence = "This is a sample: if they do that, the consequences will be severe, an invented minister warned."
    return Alert(
        id="sample",
        kind=AlertKind.NEW_STATEMENT,
        claim="sample",
        article="sample",
        story="sample",
        headline="Sample alert: Brinkwatch can reach you here",
        why="you asked for it with brinkwatch alerts test",
        sentence=sentence,
        marks=((18, 34), (40, 72)),
        severity=1,
        speaker="An Invented Minister",
        role="in no government",
        outlet="Brinkwatch",
        ownership="public",
        title="A sample",
        published=now,
        seen=now,
    )
