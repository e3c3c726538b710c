"""Digests: what they tell, when they are due, and that each arrives once at each place."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import desk
import pytest
from dying import die, is_killed, then_die
from lxml import html  # type: ignore[import-untyped]
from mailserver import json_service, mailbox
from news_examples import alert
from PIL import Image
from rich.console import Console
from slackserver import CHANNEL, HOOK, TOKEN, Fault, Slack, once, running
from transactions import transact
from typer.testing import CliRunner
from warehouses import file_of, new_warehouse

from alerts.delivery.apprise_service import Service, literal
from alerts.delivery.slack import SlackBot
from alerts.delivery.slack.blocks import digest_payload
from alerts.delivery.terminal import draw_digest
from alerts.messages import Digest
from alerts.policy.digest_schedule import DigestPlan, DueDigest, due_digests
from alerts.policy.routes_file import load_routing
from alerts.wording.digest_text import plain_digest
from extractors.lexicon import LexiconError
from extractors.records import Alert, AlertKind
from flows.cli.__main__ import app
from flows.cli.doctor import findings
from flows.settings import Settings
from flows.steps import digest as step
from flows.steps.digest import send_due_digests
from flows.steps.notify import notify, routes_of
from warehouse.connection import transaction
from warehouse.store import Warehouse
from warehouse.tables.alerts import save_alerts
from warehouse.tables.corrections import mark_false

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
EIGHT = NOW.replace(hour=8)
OTHER = "C0000000002"
LEFT: dict[str, Any] = {"suppressed": "rule 'small arms': goes to the digest", "not_before": EIGHT}
HOSTILE = "<!channel> @everyone <@U123> <b>x</b> \u202e"

# --- what a digest tells


def full_digest(count: int = 40) -> Digest:
    """A digest with as much of everything as there may be, in the longest words."""
    long = "word " * 200
    alerts = [
        alert(number, kind=kind, headline=long, sentence=long, outlet=long, url="https://example.org/" + "x" * 470)
        for number, kind in enumerate(list(AlertKind) * count)
    ]
    left = tuple(alert(number, headline=long, sentence=long) for number in range(count))
    return Digest(days=7, until=NOW, told=tuple(alerts), collected=left, backlog=left, unsent=3)


def test_a_digest_tells_the_gravest_of_each_sort_and_counts_the_rest() -> None:
    """With the sentence, the source, its address and the id; what was left to it has a heading of its own."""
    told = (alert(1, severity=5), *(alert(n) for n in range(2, 10)), alert(10, kind=AlertKind.NEW_WEAPON))
    text = plain_digest(Digest(days=1, until=NOW, told=told, collected=(alert(11, severity=1),), unsent=2))
    assert text.startswith("Daily digest: 10 statements, 1 weapon\n22 Nov 2026, 09:00 UTC to 23 Nov 2026, 09:00 UTC.")
    assert "2 more not sent, because of a rule or a mute." in text
    assert text.index("critical 5/5") < text.index("severe 4/5")
    assert "and 2 more: brinkwatch alerts list" in text
    assert "https://example.org/berlin" in text
    assert re.search(r"Not told before.*\n- low 1/5 · Kremlin draws red line 11", text)


def test_a_quiet_day_is_told_too() -> None:
    """Otherwise nobody could tell it from a broken monitor."""
    assert plain_digest(Digest(days=7, until=NOW)).startswith("Weekly digest: no alerts")


def test_the_fullest_digest_is_a_message_that_slack_takes(slack: Slack) -> None:
    """However many alerts, and however long their words."""
    slack.chat_post_message(digest_payload(full_digest()) | {"channel": CHANNEL})
    assert len(slack.messages[0]["blocks"]) <= 50


def test_a_digest_fits_a_terminal() -> None:
    """Eighty columns, without colour."""
    console = Console(width=80, file=io.StringIO(), force_terminal=False)
    console.print(draw_digest(full_digest()))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, shown.splitlines())) <= 80
    assert "Weekly digest" in shown


# --- when it is due


@pytest.mark.parametrize(
    ("plan", "now", "latest"),
    [
        (DigestPlan(), "2026-11-23T09:00", "2026-11-23T07:00"),
        (DigestPlan(), "2026-11-23T06:59", "2026-11-22T07:00"),
        (DigestPlan(every="week"), "2026-11-23T07:00", "2026-11-23T07:00"),
        (DigestPlan(every="week"), "2026-11-23T06:59", "2026-11-16T07:00"),
        (DigestPlan(every="week", on="sunday"), "2026-11-23T06:59", "2026-11-22T07:00"),
        (DigestPlan(every="week", on="tuesday"), "2026-11-23T06:59", "2026-11-17T07:00"),
        (DigestPlan(), "2026-07-23T09:00", "2026-07-23T06:00"),
        (DigestPlan(every="week"), "2026-10-26T09:00", "2026-10-26T07:00"),
    ],
)
def test_a_digest_is_for_the_last_time_it_was_planned(plan: DigestPlan, now: str, latest: str) -> None:
    """At eight in Berlin, in winter and in summer; a weekly one on its day."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    due = plan.latest(moment, at=time(8), zone=ZoneInfo("Europe/Berlin"))
    assert due == datetime.fromisoformat(latest).replace(tzinfo=UTC)


def test_what_is_planned_is_due_and_what_waits_brings_a_daily_digest() -> None:
    """Each place once; a weekly one that is a day late is left out, since what it tells is old."""
    plans = (DigestPlan(), DigestPlan(to=("mail",)), DigestPlan(every="week"), DigestPlan(every="week", on="thursday"))
    found = list(due_digests(plans, waiting=frozenset({"", OTHER}), now=NOW, at=time(8), zone=ZoneInfo("UTC")))
    assert [(due.days, due.until, due.to, due.everything) for due in found] == [
        (1, EIGHT, "", True), (1, EIGHT, "mail", True), (7, EIGHT, "", True), (1, EIGHT, OTHER, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[digest]]\nevery = 'hour'\n", "[digest] 'every'"),
        ("[[digest]]\nevery = 'week'\non = 'someday'\n", "[digest] 'on'"),
        ("[[digest]]\nto = ['Desk Mail']\n", "[digest] 'to' must be a channel's id such as C0123456789"),
        ("[[rule]]\nname = 'r'\nchannel = '#general'\n", "[rule] 'channel' must be a channel's id such as C0123456789"),
        ("[digest]\nevery = 'day'\n", "'digest' must be written with double brackets"),
    ],
)
def test_a_mistake_in_a_digest_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    """As everything in the file."""
    (tmp_path / "routes.toml").write_text(text)
    with pytest.raises(LexiconError, match=r"routes\.toml:\d") as raised:
        load_routing(tmp_path)
    assert problem in str(raised.value)


# --- sending


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running() as workspace:
        workspace.members.add(OTHER)
        yield workspace


@pytest.fixture
def folder(tmp_path: Path, seeds: Path) -> Path:
    """Seeds with rules of their own."""
    for path in seeds.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "routes.toml").unlink()
    (tmp_path / "routes.toml").write_text("")
    return tmp_path


@pytest.fixture
def settings(slack: Slack, folder: Path) -> Settings:
    made = Settings(
        warehouse=folder / "warehouse.duckdb", seeds=folder, slack_token=TOKEN, slack_channel=CHANNEL,
        slack_api_url=f"{slack.url}/api/", _env_file=None,
    )  # fmt: skip
    new_warehouse(made.warehouse)
    return made


def fill(settings: Settings, *alerts: Alert, now: datetime = EIGHT - timedelta(hours=2)) -> None:
    """Store alerts as ``detect`` does."""
    with transaction(settings.warehouse) as connection:
        save_alerts(connection, alerts, now=now)


def titles(slack: Slack, channel: str = CHANNEL) -> list[str]:
    return [message["text"].split("\n")[0] for message in slack.channels[channel] if "thread_ts" not in message]


def states(settings: Settings) -> dict[str, str]:
    with transaction(settings.warehouse) as connection:
        return dict(connection.execute("SELECT id[-2:], status FROM alerts ORDER BY id").fetchall())


def test_what_was_left_to_the_digest_comes_with_it_once(settings: Settings, slack: Slack) -> None:
    """At its hour and not before, with what was told that day; then it counts as delivered."""
    fill(settings, alert(1, **LEFT), alert(2, **LEFT), alert(3), alert(4, backlog=True))
    assert send_due_digests(settings, now=EIGHT - timedelta(minutes=1)).sent == 0
    assert [send_due_digests(settings, now=NOW).sent for _ in range(2)] == [1, 0]
    assert titles(slack) == ["Daily digest: 3 statements"]
    assert states(settings) == {"01": "delivered", "02": "delivered", "03": "pending", "04": "pending"}


def test_a_planned_digest_comes_also_when_nothing_happened(settings: Settings, slack: Slack, folder: Path) -> None:
    """To each place that is named, daily and weekly."""
    (folder / "routes.toml").write_text(f"[[digest]]\n[[digest]]\nevery = 'week'\nto = ['{OTHER}']\n")
    assert [send_due_digests(settings, now=NOW).sent for _ in range(2)] == [2, 0]
    assert (titles(slack), titles(slack, OTHER)) == (["Daily digest: no alerts"], ["Weekly digest: no alerts"])
    assert send_due_digests(settings, now=NOW + timedelta(days=1)).sent == 1


def test_a_digest_leaves_out_what_was_false_and_counts_what_was_muted(settings: Settings, slack: Slack) -> None:
    """An alert that another one tells is neither."""
    path = desk.published(file_of(settings.warehouse))
    with transaction(path) as connection:
        connection.execute("UPDATE alerts SET decided_at = $now", {"now": EIGHT - timedelta(hours=1)})
        sent = "SELECT id FROM alerts WHERE suppressed IS NULL AND NOT backlog ORDER BY id LIMIT 2"
        (kept,), (false,) = connection.execute(sent).fetchall()
        connection.execute("UPDATE alerts SET suppressed = 'muted: RU' WHERE id = $id", {"id": kept})
    transact(Warehouse(path), mark_false, false, reason="", by="me", now=NOW)
    digest = step.read_digest(settings, DueDigest(days=1, until=EIGHT, to="", everything=True))
    assert digest.unsent == 1
    assert {kept, false}.isdisjoint(each.id for each in digest.alerts)


def test_the_chart_is_a_picture_below_the_digest(settings: Settings, slack: Slack) -> None:
    """A PNG that shows something, with words for those who do not see it."""
    desk.published(file_of(settings.warehouse))
    due = DueDigest(days=7, until=desk.NOW, to="", everything=True)
    assert step.send_digest(settings, due, now=desk.NOW).sent == 1
    root, reply = slack.messages
    assert reply["thread_ts"] == root["ts"]
    assert reply["text"] == "Red lines and threats, 10 Mar to 30 Mar 2026: 4, of them 2 severe or critical"
    (content,) = slack.uploads.values()
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        assert image.width == 1080
        assert len(image.getcolors(1 << 20) or ()) > 4


def test_a_digest_arrives_without_a_chart_that_slack_does_not_take(
    settings: Settings, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    """The scope is new: those who have not granted it lose nothing but the picture, and the log says why."""
    slack.scopes.remove("files:write")
    fill(settings, alert(1, **LEFT))
    assert send_due_digests(settings, now=NOW).sent == 1
    assert len(slack.messages) == 1
    assert "needs files:write" in caplog.text


@pytest.mark.parametrize("method", ["chat.postMessage", "files.completeUploadExternal"])
@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_repeats_nothing(settings: Settings, slack: Slack, method: str, drop: str) -> None:
    """The digest is looked for in the channel before it is posted again, and its chart below it."""
    fill(settings, alert(1, **LEFT))
    slack.faults = once(method, Fault(drop=drop))
    for minutes in (0, 60):
        send_due_digests(settings, now=NOW + timedelta(minutes=minutes))
    assert titles(slack) == ["Daily digest: 1 statement"]
    assert states(settings) == {"01": "delivered"}


@pytest.mark.slow
@pytest.mark.parametrize("place", ["_post_digest", "_upload", "settle_digest"])
def test_a_sender_that_dies_leaves_one_digest_with_one_chart(settings: Settings, slack: Slack, place: str) -> None:
    """Killed right after it posted, after it uploaded, and before it recorded either."""
    fill(settings, alert(1, **LEFT))
    assert is_killed(killed_at, place, settings)
    assert send_due_digests(settings, now=NOW + timedelta(seconds=30)).sent == 0  # the lease still runs
    assert send_due_digests(settings, now=NOW + timedelta(minutes=10)).sent == 1
    assert titles(slack) == ["Daily digest: 1 statement"]
    assert [message.get("files") is not None for message in slack.messages] == [False, True]
    assert states(settings) == {"01": "delivered"}


def killed_at(place: str, settings: Settings) -> None:
    if place == "settle_digest":
        setattr(step, place, die)
    else:
        setattr(SlackBot, place, then_die(getattr(SlackBot, place)))
    send_due_digests(settings, now=NOW)


def test_a_closed_channel_keeps_what_was_left_to_the_digest(settings: Settings, slack: Slack) -> None:
    """The next run tries again, and says what is wrong."""
    slack.members.clear()
    fill(settings, alert(1, **LEFT))
    failed = send_due_digests(settings, now=NOW)
    assert failed.failed == 1
    assert "not_in_channel" in failed.summary
    assert states(settings) == {"01": "pending"}
    slack.members.add(CHANNEL)
    assert send_due_digests(settings, now=NOW).sent == 1


def test_a_webhook_gets_the_digest_without_a_chart(slack: Slack, folder: Path) -> None:
    """It takes no files."""
    made = Settings(warehouse=folder / "w.duckdb", seeds=folder, slack_webhook=slack.url + HOOK, _env_file=None)
    new_warehouse(made.warehouse)
    fill(made, alert(1, **LEFT))
    assert send_due_digests(made, now=NOW).sent == 1
    assert slack.hooked[0]["text"].startswith("Daily digest: 1 statement")


# --- e-mail and other services


def with_services(settings: Settings, **services: str) -> Settings:
    return settings.model_copy(update={"services": Settings(services=services, _env_file=None).services})


def test_a_digest_by_mail_has_its_chart_and_page(settings: Settings, slack: Slack, folder: Path) -> None:
    """Text from outside is text in it."""
    (folder / "routes.toml").write_text("[[digest]]\nto = ['mail']\n")
    fill(settings, alert(1, headline=HOSTILE, sentence=HOSTILE))
    with mailbox() as (address, mails):
        assert send_due_digests(with_services(settings, mail=address), now=NOW).sent == 1
    (mail,) = mails
    assert mail["subject"] == "Daily digest: 1 statement"
    parts = {part.get_filename(): part for part in mail.walk()}
    assert parts["escalation.png"].get_content().startswith(b"\x89PNG")
    page = html.fromstring(parts["digest.html"].get_content())
    assert "<b>x</b>" in page.text_content()
    body = mail.get_body(("html",))
    assert body is not None
    assert html.fromstring(body.get_content()).xpath("//b[text()='x']") == []
    assert slack.messages == []


def test_a_rule_sends_alerts_to_a_service_as_to_a_channel(settings: Settings, slack: Slack) -> None:
    """Each once, and nothing of it to Slack."""
    fill(settings, alert(1, channel="hook"), alert(2), alert(3, channel=OTHER))
    with json_service() as (address, calls):
        known = with_services(settings, hook=address)
        assert [notify(known, now=NOW).sent for _ in range(2)] == [3, 0]
    (call,) = calls
    assert call["title"] == "Kremlin draws red line 1"
    assert "https://example.org/berlin" in call["message"]
    assert len(titles(slack)) == len(titles(slack, OTHER)) == 1


@pytest.mark.parametrize("configured", [{}, {"hook": "no-such-thing://x"}])
def test_a_service_without_an_address_loses_nothing_and_stops_nobody(
    settings: Settings, slack: Slack, configured: dict[str, str]
) -> None:
    """Its alerts wait; the reason is named without the address."""
    fill(settings, alert(1, channel="hook"), alert(2))
    known = with_services(settings, **configured)
    told = notify(known, now=NOW)
    assert (told.sent, told.waiting) == (1, 1)
    assert "BRINKWATCH_SERVICES__HOOK" in told.summary
    assert "no-such-thing" not in told.summary


def test_what_a_service_refuses_is_sent_later(settings: Settings) -> None:
    """Apprise does not say why: it may have arrived, so a later success counts as a possible repeat."""
    fill(settings, alert(1, channel="hook"))
    with json_service(failing=1) as (address, calls):
        known = with_services(settings, hook=address)
        assert notify(known, now=NOW).waiting == 1
        assert notify(known, now=datetime.now(UTC) + timedelta(hours=1)).repeats == 1
    assert len(calls) == 1


def test_addresses_of_services_are_read_from_the_environment_and_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """They hold passwords."""
    monkeypatch.setenv("BRINKWATCH_SERVICES__MAIL", "mailto://me:very-secret@127.0.0.1:9/?to=x@y.example")
    read = Settings(_env_file=None)
    assert "very-secret" not in repr(read) + str(read.model_dump())
    fill(settings, alert(1, channel="mail"))
    caplog.set_level("DEBUG")
    told = notify(settings.model_copy(update={"services": read.services}), now=NOW)
    assert told.waiting == 1
    assert "very-secret" not in told.summary + caplog.text + repr(routes_of(settings, now=NOW))


def test_nothing_from_outside_calls_anybody_on_a_service() -> None:
    """What might be taken for a call is broken by a sign that is not seen; addresses stay whole."""
    assert literal("hi @everyone <!here>\nhttps://x.example/@a") == (
        "hi @\u2060everyone <\u2060!here>\nhttps://x.example/@a"
    )
    assert Service.connect("mail", None).name == "service mail"


def test_doctor_names_services_that_have_no_address(settings: Settings, folder: Path) -> None:
    """And is content once they have one."""
    (folder / "routes.toml").write_text("[[digest]]\nto = ['mail']\n")
    (wrong,) = [each for each in findings(settings, feeds=False) if each.what == "routes"]
    assert not wrong.ok
    assert "mail in routes.toml: it has no address: set BRINKWATCH_SERVICES__MAIL" in wrong.detail
    known = with_services(settings, mail="json://127.0.0.1:9/")
    (right,) = [each for each in findings(known, feeds=False) if each.what == "routes"]
    assert (right.ok, right.detail) == (True, "0 rules, 0 watch lists, 0 silences, 1 planned digest")


# --- the page and the command


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A published warehouse whose alerts are of today."""
    path = desk.published(tmp_path / "w.duckdb")
    with transaction(path) as connection:
        now = datetime.now(UTC) - timedelta(hours=1)
        connection.execute("UPDATE alerts SET decided_at = $now, backlog = false", {"now": now})
    return {"BRINKWATCH_WAREHOUSE": str(path), "COLUMNS": "100"}


def test_the_page_needs_no_other_file(environment: dict[str, str], tmp_path: Path) -> None:
    """One file, no request, no script, no markup from outside, headings in order."""
    out = tmp_path / "week.html"
    done = CliRunner(env=environment).invoke(app, ["digest", "--days", "7", "--to", "page", "-o", str(out)])
    assert done.exit_code == 0, done.output
    page = html.fromstring(out.read_bytes())
    assert page.xpath("//script | //link | //@src | //img") == []
    assert "'sha256-" in page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert "<script>alert" not in out.read_text()
    assert "Weekly digest" in page.findtext(".//h1")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link for link in page.xpath("//@href") if not link.startswith("https://")} <= {"#main"}


def test_the_command_shows_the_digest_and_takes_nothing_for_told(environment: dict[str, str]) -> None:
    """However often it is asked."""
    for _ in range(2):
        done = CliRunner(env=environment).invoke(app, ["digest"])
        assert done.exit_code == 0
        assert "Daily digest:" in done.stdout
    with transaction(Path(environment["BRINKWATCH_WAREHOUSE"])) as connection:
        assert connection.execute("SELECT count(*) FROM digests").fetchone() == (0,)


def test_after_a_first_run_the_command_tells_what_that_told(environment: dict[str, str]) -> None:
    """Older news has a heading of its own; a planned digest leaves it out, as do all what was held back of it."""
    path = Path(environment["BRINKWATCH_WAREHOUSE"])
    with transaction(path) as connection:
        connection.execute("UPDATE alerts SET backlog = true")
    shown = CliRunner(env=environment).invoke(app, ["digest"]).stdout
    assert "Daily digest: no alerts" not in shown
    assert "Older news: from a first fetch" in shown
    now = datetime.now(UTC)
    due = DueDigest(days=1, until=now, to="", everything=True)
    settings = Settings(warehouse=path, _env_file=None)
    assert step.read_digest(settings, due).told == step.read_digest(settings, due).backlog == ()
    assert {each.suppressed for each in step.read_digest(settings, replace(due, backlog=True)).backlog} == {None}


def test_the_command_sends_to_a_service(environment: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """And says where an address is missing or a place is none."""
    with json_service() as (address, calls):
        known = environment | {"BRINKWATCH_SERVICES__HOOK": address}
        done = CliRunner(env=known).invoke(app, ["digest", "--days", "7", "--to", "hook"])
        assert done.exit_code == 0, done.output
    assert calls[0]["title"].startswith("Weekly digest:")
    assert "BRINKWATCH_SERVICES__MAIL" in str(
        CliRunner(env=environment).invoke(app, ["digest", "--to", "mail"]).exception
    )
    assert "did not arrive" not in caplog.text  # the command says it, once
    assert "not configured" in str(CliRunner(env=environment).invoke(app, ["digest", "--to", "slack"]).exception)
    assert CliRunner(env=environment).invoke(app, ["digest", "--to", "Some Place"]).exit_code == 2
