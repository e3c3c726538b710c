"""``brinkwatch alerts``: what was sent, will be sent or could not be sent, and why."""

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from alerts.delivery.terminal import TerminalRoute
from alerts.messages import Form, Message
from alerts.wording.render import safe_link
from extractors.errors import BrinkwatchError
from extractors.records import Alert, AlertKind
from flows.cli.output import Console, compact, print_json, stacked
from flows.cli.warehouse_access import opened
from flows.settings import Settings, load_settings
from warehouse.stored_records import Report, Status, StoredAlert

if TYPE_CHECKING:
    from alerts.policy.routing import Silence
    from warehouse.store import Warehouse

alerts = typer.Typer(help="See what was or was not sent, and why; mute and resend.", no_args_is_help=True)

AlertId = Annotated[str, typer.Argument(help="The id of an alert, or the beginning of it.")]
Conditions = Annotated[
    list[str],
    typer.Argument(
        help="Id of a weapon, speaker, side, feed or claim; or kinds=…, weapons=…, sides=…, speakers=…, "
        "categories=…, theatres=…, severity=…, with commas between several values."
    ),
]


_PLACE = re.compile(r"\[\d+\]")
"""Which of several values is wrong, which the message tells by itself."""


class MuteError(BrinkwatchError):
    """Something that cannot be muted, or not until the given time, or that is not muted."""


class NotDeliveredError(BrinkwatchError):
    """A sample did not arrive."""


def status_named(name: str) -> Status:
    """Return the status with this name; ``poison``, the former name of ``dead_letter``, works in this version."""
    if name == "poison":
        Console(stderr=True).print("brinkwatch: --status poison is now called dead_letter", style="yellow")
        return Status.DEAD_LETTER
    if name not in set(Status):
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(Status)}")
    return Status(name)


@alerts.command("list")
def list_(
    status: Annotated[
        Status | None, typer.Option(parser=status_named, metavar="STATUS", help=f"Only these: {', '.join(Status)}.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to list, the latest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """List the latest alerts, newest first.

    Example: brinkwatch alerts list --status suppressed
    """
    from warehouse.tables.alerts import latest_alerts

    with opened(load_settings()).transaction() as tx:
        stored = latest_alerts(tx, status=status, limit=limit)
    if as_json:
        for each in stored:
            print_json(asdict(each))
        return
    if not stored:
        Console().print("There is no alert yet." if status is None else f"No alert is {status}.")
        return
    table = compact(Column("decided", no_wrap=True), "sev", Column("what is new", ratio=1), Column("id", no_wrap=True))
    for each in stored:
        decided = f"{each.decided_at:%Y-%m-%d %H:%M}"
        table.add_row(decided, f"{each.alert.severity}/5", stacked(each.alert.headline, fate(each)), each.alert.id)
    Console().print(table)


@alerts.command()
def show(alert_id: AlertId) -> None:
    """Show one alert as it is sent."""
    TerminalRoute().send(Message(form=Form.STORY, alerts=(stored_alert(alert_id).alert,)))


@alerts.command()
def why(alert_id: AlertId) -> None:
    """Explain why an alert was made or held back, who else reported its claim, and how its delivery went."""
    from warehouse.tables.alerts import reports_of

    stored = stored_alert(alert_id)
    alert = stored.alert
    facts = Table.grid(padding=(0, 2))
    facts.add_row("what is new", Text(alert.headline))
    facts.add_row("why", Text(alert.why))
    facts.add_row("decided", f"{stored.decided_at:%Y-%m-%d %H:%M:%S} UTC")
    facts.add_row("status", fate(stored))
    for place, step in enumerate(alert.decision):
        facts.add_row("routed" if not place else "", Text(step))
    if alert.mentions:
        facts.add_row("calls", Text(", ".join(alert.mentions)))
    facts.add_row("severity", f"{alert.severity}/5")
    facts.add_row("article", Text(f"{alert.article}  {alert.title}"))
    facts.add_row("claim", alert.claim)
    if alert.related:
        facts.add_row("changes", Text(" ".join(filter(None, (alert.related, alert.related_url)))))
    for delivery in stored.deliveries:
        told = f"{delivery.status}, attempt {delivery.attempts}, {delivery.changed_at:%Y-%m-%d %H:%M:%S} UTC"
        facts.add_row(f"on {delivery.route}", Text(told + (f": {delivery.error}" if delivery.error else "")))
    with opened(load_settings()).transaction() as tx:
        reports = reports_of(tx, alert.claim)
    for report in reports:
        facts.add_row("reported", source_line(report))
    Console().print(facts)


def source_line(report: Report) -> Text:
    """Return when and by whom a claim was reported, who owns that outlet, the sentence, and where it stands."""
    when = f"{report.published:%Y-%m-%d}" if report.published else "undated"
    owner = f" ({report.ownership})" if report.ownership else ""
    link = safe_link(report.url)
    return Text(
        f"{when} {report.outlet or 'unknown outlet'}{owner}: {report.sentence[:200]}" + (f"\n{link}" if link else "")
    )


@alerts.command()
def resend(alert_ids: Annotated[list[str], typer.Argument(help="Ids of alerts, or the beginnings of them.")]) -> None:
    """Send alerts again, or release held ones, to wherever they would go now."""
    from flows.steps.notify import drain, route_for
    from warehouse.tables.outbox import queue_again

    settings, now = load_settings(), datetime.now(UTC)
    for alert in [stored_alert(alert_id).alert for alert_id in alert_ids]:
        route = route_for(settings, alert)
        with opened(settings).transaction() as tx:
            queue_again(tx, alert.id, route=route.name, now=now)
        Console(stderr=True).print(Text(drain(settings, route, now=now, in_full=[alert.article]).summary, style="dim"))


@alerts.command()
def test() -> None:
    """Send a sample to wherever alerts go: to Slack if it is configured, otherwise to this terminal."""
    from alerts.delivery.route import DeliveryError
    from flows.steps.notify import route_of

    route = route_of(load_settings())
    try:
        route.send(Message(form=Form.STORY, alerts=(sample(datetime.now(UTC)),)))
    except DeliveryError as error:
        raise NotDeliveredError(f"the sample did not arrive on {route.name}: {error}") from error
    Console(stderr=True).print(Text(f"Sent a sample to {route.name}.", style="dim"))


@alerts.command()
def mute(
    what: Conditions,
    until: Annotated[str | None, typer.Option(help="End: a date, or a date and time, in the local time zone.")] = None,
    span: Annotated[str | None, typer.Option("--for", help="How long it lasts: 90m, 12h, 7d or 2w.")] = None,
    reason: Annotated[str, typer.Option(help="Why; shown to whoever asks later.")] = "",
) -> None:
    """Store, but do not send, alerts that meet all conditions; without an end, for good.

    Examples: brinkwatch alerts mute kh-101 --for 7d --reason "daily use";
    brinkwatch alerts mute weapons=kh-101,kh-55 kinds=stage --until 2026-12-01
    """
    from alerts.policy.routing import parse_silence
    from warehouse.tables import alerts as table

    subject, settings, now = " ".join(sorted(what)), load_settings(), datetime.now(UTC)
    try:
        silence = parse_silence(subject)
    except ValueError as error:
        why = _PLACE.sub("", str(error))
        raise MuteError(f"{subject}: {why}") from error
    end, warehouse = end_of(now, until, span), opened(settings)
    check_names(silence, settings, warehouse)
    with warehouse.transaction() as tx:
        table.mute(tx, subject, now=now, until=end, reason=reason)
    lasting = f"until {end:%-d %B %Y, %H:%M} UTC" if end else "for good"
    back = f"To undo: brinkwatch alerts unmute {subject}"
    Console(stderr=True).print(Text(f"Muted {lasting}: {subject}. {back}", style="dim"), soft_wrap=True)


def check_names(silence: "Silence", settings: Settings, warehouse: "Warehouse") -> None:
    """Raise MuteError for names that nothing has: such a mute would have no effect, and nobody would notice."""
    from alerts.policy.routes_file import load_routing, unknown
    from flows.sources.feedlist import load_feeds
    from flows.steps.seeds_folder import SeedsFolder
    from warehouse.tables.alerts import ids_held

    known = dict(SeedsFolder.of(settings.seeds).ids)
    with warehouse.transaction() as tx:
        ids = ids_held(tx, silence.ids)
    ids |= {feed.id for feed in load_feeds(settings.seeds / "feeds.csv")}
    known["ids"] = ids.union(known["sides"], known["speakers"], known["weapons"])
    known["theatres"] = load_routing(settings.seeds).theatres
    if wrong := [what for _, what in unknown(silence, known)]:
        can = "A bare word is the id of a weapon, speaker, side, feed or claim; conditions are written kinds=stage"
        told = "; ".join(wrong)
        raise MuteError(f"{told} {can}" if told.endswith("?") else f"{told}. {can}")


def end_of(now: datetime, until: str | None, span: str | None) -> datetime | None:
    """Return when a mute ends, or raise MuteError for a time that cannot be read or has passed."""
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
        raise MuteError(f"{span or until} is not a time; give {example}") from None
    if end <= now:
        raise MuteError(f"{span or until} has already passed")
    return end


@alerts.command()
def unmute(what: Conditions) -> None:
    """End the mute with these conditions."""
    from warehouse.tables import alerts as table

    subject = " ".join(sorted(what))
    with opened(load_settings()).transaction() as tx:
        was_muted = table.unmute(tx, subject)
    if not was_muted:
        raise MuteError(f"{subject} is not muted; see brinkwatch alerts mutes")


@alerts.command()
def mutes(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False) -> None:
    """List what is muted now, by command or in routes.toml."""
    from alerts.policy.routes_file import load_routing
    from alerts.policy.routing import conditions
    from warehouse.tables.alerts import mutes_in_force

    settings, now = load_settings(), datetime.now(UTC)
    routing = load_routing(settings.seeds)
    with opened(settings).transaction() as tx:
        muted = mutes_in_force(tx, now)
    rows = [(m.subject, f"{m.until:%Y-%m-%d %H:%M} UTC" if m.until else "", m.reason, "command")
            for m in muted]  # fmt: skip
    rows += [(conditions(each), each.until or "", each.reason, "routes.toml")
             for each in routing.silences_at(now)]  # fmt: skip
    table = Table("what", "until", "why", "muted in", show_edge=False)
    for row in rows:
        if as_json:
            print_json(dict(zip(("what", "until", "why", "where"), row, strict=True)))
        table.add_row(*map(Text, row))
    if not as_json:
        Console().print(table if rows else "Nothing is muted.")


def stored_alert(alert_id: str) -> StoredAlert:
    """Return the alert, or raise NoSuchAlertError."""
    from warehouse.tables.alerts import find_alert

    with opened(load_settings()).transaction() as tx:
        return find_alert(tx, alert_id)


def fate(stored: StoredAlert) -> Text:
    """Return the status of an alert, with the reason if it is not sent, or not yet."""
    alert = stored.alert
    held = alert.not_before if stored.status is Status.PENDING else None
    reason = f": {alert.suppressed}" if alert.suppressed else ""
    return Text(f"{stored.status}{reason}{f', not before {held:%-d %b %H:%M} UTC' if held else ''}")


def sample(now: datetime) -> Alert:
    """Return an invented alert that says that it is one."""
    condition, consequence = "if they do that", "the consequences will be severe"
    sentence = f"This is a sample: {condition}, {consequence}, an invented minister warned."
    marks = tuple((sentence.index(part), sentence.index(part) + len(part)) for part in (condition, consequence))
    return Alert(
        id="sample",
        kind=AlertKind.NEW_STATEMENT,
        claim="sample",
        article="sample",
        story="sample",
        headline="Sample alert: Brinkwatch can reach you here",
        why="you asked for it with brinkwatch alerts test",
        sentence=sentence,
        marks=marks,
        severity=1,
        speaker="An Invented Minister",
        role="in no government",
        outlet="Brinkwatch",
        ownership="public",
        title="A sample",
        published=now,
        seen=now,
    )
