"""Slack's way back: every click does its work once, whatever the connection does, and only for those who may."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import desk
import pytest
from dying import die, is_killed
from livedesk import ROOT, until
from news_examples import alert as example
from pydantic import SecretStr
from slack_sdk.socket_mode import SocketModeClient
from slackserver import APP_TOKEN, CHANNEL, HOOK, TOKEN, Fault, Slack, once, running
from slacksocket import APP, Socket, socket_mode
from transactions import transact

from alerts.delivery.route import RouteError
from alerts.delivery.slack import SlackBot, payload
from alerts.delivery.slack.interactions import Click, Command, Home, interaction_in, stranger
from alerts.delivery.slack.socket_mode import Reply, listen
from alerts.messages import Form, Message
from flows.cli.doctor import slack_findings
from flows.settings import Settings, SettingsError
from flows.steps import slack_desk
from flows.steps.notify import route_of
from flows.steps.slack_desk import answer_left, take
from warehouse.connection import transaction
from warehouse.store import Warehouse
from warehouse.tables.alerts import mutes_in_force
from warehouse.tables.correction_rows import all_corrections

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOME = Home(team="T000", app=APP)
STAMP = "1795000000.000100"
EDITOR, READER = "U0EDITOR", "U0READER"
Json = dict[str, Any]


def clicked(action: str, alert: str, *, by: str = EDITOR, when: datetime = NOW, **container: Any) -> Json:
    """What Slack sends when somebody clicks."""
    place = {"type": "message", "message_ts": STAMP, "channel_id": CHANNEL} | container
    return {
        "type": "block_actions", "api_app_id": APP, "team": {"id": "T000", "domain": "desk"}, "container": place,
        "user": {"id": by, "username": "ada", "team_id": "T000"}, "trigger_id": "1.2.3", "channel": {"id": CHANNEL},
        "response_url": "http://127.0.0.1:9/evil", "message": {"ts": STAMP, "text": "anything"},
        "actions": [{"action_id": f"brinkwatch.{action}", "block_id": "x", "value": alert, "type": "button",
                     "action_ts": f"{when.timestamp():.6f}"}],
    }  # fmt: skip


def typed(text: str, *, trigger: str = "1.2.3") -> Json:
    """What Slack sends when somebody types a command."""
    return {
        "token": "x", "team_id": "T000", "channel_id": CHANNEL, "user_id": READER, "user_name": "ada",
        "command": "/brinkwatch", "text": text, "api_app_id": APP, "response_url": "http://127.0.0.1:9/evil",
        "trigger_id": trigger,
    }  # fmt: skip


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running() as workspace:
        yield workspace


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return desk.published(tmp_path_factory.mktemp("desk") / "w.duckdb").read_bytes()


@pytest.fixture
def settings(published: bytes, slack: Slack, seeds: Path, tmp_path: Path) -> Settings:
    """A monitor whose alerts were all told in one message of Slack."""
    path = tmp_path / "w.duckdb"
    path.write_bytes(published)
    with transaction(path) as connection:
        connection.execute(
            "INSERT INTO deliveries BY NAME SELECT id AS alert, 'slack' AS route, 'delivered' AS status, 1 AS attempts,"
            " $receipt AS receipt, decided_at AS changed_at FROM alerts",
            {"receipt": f"{CHANNEL}:{STAMP}"},
        )
    Warehouse(path).publish()
    return Settings(
        warehouse=path, seeds=seeds, slack_token=TOKEN, slack_channel=CHANNEL, slack_app_token=APP_TOKEN,
        slack_correctors=frozenset({EDITOR}), slack_api_url=f"{slack.url}/api/", _env_file=None,
    )  # fmt: skip


def alert_of(settings: Settings, kind: str = "new_statement") -> str:
    """Return the id of an alert of this kind."""
    with transaction(settings.warehouse) as connection:
        sql = "SELECT id FROM alerts WHERE kind = $kind AND suppressed IS NULL ORDER BY decided_at, id LIMIT 1"
        return str(connection.execute(sql, {"kind": kind}).fetchall()[0][0])


def kept(settings: Settings) -> list[tuple[Any, ...]]:
    """Return who did what, and what became of it."""
    with transaction(settings.warehouse) as connection:
        sql = "SELECT user_id, action, outcome FROM interactions ORDER BY asked_at, id"
        return connection.execute(sql).fetchall()


def ask(settings: Settings, body: Json, *, kind: str = "interactive", now: datetime = NOW) -> Reply:
    """Let a request be taken as the listener does, with what follows."""
    bot = route_of(settings)
    assert isinstance(bot, SlackBot)
    reply = take(settings, bot, kind, body, home=HOME, now=now)
    reply.afterwards()
    return reply


# --- buttons on messages


def test_alerts_have_buttons_only_where_somebody_listens(settings: Settings, slack: Slack) -> None:
    """Slack would show an error to whoever clicks; an update keeps them."""
    message = Message(form=Form.STORY, alerts=(example(1), example(2, story="story-1", sentence="Another one.")))
    for listens, rows in ((None, 0), (settings.slack_app_token, 2)):
        bot = route_of(settings.model_copy(update={"slack_app_token": listens}))
        assert isinstance(bot, SlackBot)
        receipt = bot.send(message)
        bot.update(message, receipt)
        blocks = [block for block in slack.messages[-1]["blocks"] if block["type"] == "actions"]
        assert len(blocks) == rows
    assert [element["value"] for element in blocks[1]["elements"]] == [f"{2:016x}"] * 4
    assert not any(block["type"] == "actions" for block in payload(message)["blocks"])


def test_each_alert_on_a_sentence_has_its_own_buttons(settings: Settings, slack: Slack) -> None:
    """Below its headline; an alert that is alone with its sentence needs none."""
    twice = (example(1), example(2, story="story-1"), example(3, story="story-1", sentence="Another one."))
    bot = route_of(settings)
    assert isinstance(bot, SlackBot)
    bot.send(Message(form=Form.STORY, alerts=twice))
    blocks = slack.messages[-1]["blocks"]
    rows = [place for place, block in enumerate(blocks) if block["type"] == "actions"]
    assert [blocks[row]["elements"][0]["value"] for row in rows] == [each.id for each in twice]
    above = [blocks[row - 1] for row in rows]
    assert [block["elements"][0]["text"] for block in above[:2]] == [each.headline for each in twice[:2]]
    assert above[2]["type"] == "rich_text"


# --- what doctor says


def told_by_doctor(settings: Settings) -> list[str]:
    return [finding.detail for finding in slack_findings(settings) if not finding.ok]


def test_doctor_checks_what_clicks_need(settings: Settings, slack: Slack, socket: Socket) -> None:
    """The app token and the scope of the command; it says who may correct and when somebody last clicked."""
    assert told_by_doctor(settings) == []
    assert "1 may correct; none arrived yet" in [*slack_findings(settings)][-1].detail
    ask(settings, clicked("why", alert_of(settings)))
    Warehouse(settings.warehouse).publish()
    assert "the last at 2026-11-23 09:00 UTC" in [*slack_findings(settings)][-1].detail
    assert socket.greeted == 0


def test_doctor_names_what_clicks_lack(settings: Settings, slack: Slack, socket: Socket) -> None:
    """A token of another sort, Socket Mode that is off, a scope, and a bot at all."""
    slack.scopes.remove("commands")
    assert told_by_doctor(settings) == ["Slack scope commands is missing: /brinkwatch is no command"]
    slack.scopes.add("commands")
    wrong = settings.model_copy(update={"slack_app_token": SecretStr(TOKEN)})
    assert told_by_doctor(wrong) == ["Slack app token: Slack answered invalid_auth"]
    slack.socket_url = ""
    assert "forbidden_for_app_without_socket_mode" in told_by_doctor(settings)[0]
    hooked = settings.model_copy(update={"slack_token": None, "slack_webhook": SecretStr(slack.url + HOOK)})
    assert told_by_doctor(hooked) == ["an app token but no bot: nothing listens"]


# --- what is obeyed


def test_a_click_does_its_work_once(settings: Settings, slack: Slack) -> None:
    """The correction, who made it, and an answer that this person alone sees; again and again it is the same click."""
    body = clicked("false_positive", alert_of(settings))
    for _ in range(3):
        ask(settings, body)
    (done,) = transact(Warehouse(settings.warehouse), all_corrections)
    assert done.made_by == "ada (U0EDITOR) in Slack"
    assert kept(settings) == [(EDITOR, "false_positive", "done")]
    (whisper,) = slack.whispers
    assert (whisper["user"], whisper["channel"], whisper["thread_ts"]) == (EDITOR, CHANNEL, STAMP)
    assert f"brinkwatch correct undo {done.id}" in whisper["text"]


def test_a_second_click_is_another_one_and_finds_nothing_to_do(settings: Settings, slack: Slack) -> None:
    """It is told so."""
    alert = alert_of(settings)
    for seconds in (0, 5):
        ask(settings, clicked("false_positive", alert, when=NOW + timedelta(seconds=seconds)))
    assert [outcome for *_, outcome in kept(settings)] == ["done", "nothing"]
    assert "already marked as a false positive" in slack.whispers[1]["text"]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("new_statement", "speakers=ada-vale"),
        ("new_stage", "kinds=stage weapons=taurus"),
        ("new_weapon", "weapons=taurus"),
    ],
)
def test_mute_is_for_a_week_and_says_what_it_mutes(settings: Settings, slack: Slack, kind: str, subject: str) -> None:
    """Whoever speaks, the steps of the weapon, or the weapon; with how to undo it."""
    with transaction(settings.warehouse) as connection:
        connection.execute("UPDATE alerts SET suppressed = NULL")
    ask(settings, clicked("mute", alert_of(settings, kind)))
    (mute,) = transact(Warehouse(settings.warehouse), mutes_in_force, NOW)
    assert (mute.subject, mute.until) == (subject, NOW + timedelta(days=7))
    assert "ada (U0EDITOR) in Slack" in mute.reason
    assert f"brinkwatch alerts unmute {subject}" in slack.whispers[0]["text"]


@pytest.mark.parametrize("action", ["mute", "false_positive"])
def test_who_may_not_correct_is_told_so(settings: Settings, slack: Slack, action: str) -> None:
    """Nothing is changed, and the attempt is kept."""
    ask(settings, clicked(action, alert_of(settings), by=READER))
    assert transact(Warehouse(settings.warehouse), all_corrections) == []
    assert transact(Warehouse(settings.warehouse), mutes_in_force, NOW) == []
    assert kept(settings) == [(READER, action, "refused")]
    assert f"add {READER} to BRINKWATCH_SLACK_CORRECTORS" in slack.whispers[0]["text"]


def test_anybody_may_ask_who_and_why(settings: Settings, slack: Slack) -> None:
    """With the sentence, the reasons and every report."""
    alert = alert_of(settings)
    for action in ("who", "why"):
        ask(settings, clicked(action, alert, by=READER))
    who, why = (whisper["text"] for whisper in slack.whispers)
    assert "Ada Vale, Minister of Russia: “If Taurus missiles" in who
    assert "Outlet 1 (private)" in who
    assert "Severity: serious 3/5." in why
    assert "Reported by:\nOutlet 0 (state)" in why


# --- what is not


def changed(body: Json, **fields: Any) -> Json:
    return body | fields


FORGED: dict[str, Callable[[Json], object]] = {
    "another workspace": lambda body: changed(body, team={"id": "T666"}),
    "another app": lambda body: changed(body, api_app_id="A666"),
    "another message": lambda body: changed(body, container=body["container"] | {"message_ts": "1795000001.000100"}),
    "another channel": lambda body: changed(body, container=body["container"] | {"channel_id": "C666"}),
    "a beginning of a stamp": lambda body: changed(body, container=body["container"] | {"message_ts": STAMP[:-1]}),
    "no alert": lambda body: changed(body, actions=[body["actions"][0] | {"value": "f" * 16}]),
    "no id": lambda body: changed(body, actions=[body["actions"][0] | {"value": "%' OR 1=1 --"}]),
    "two actions": lambda body: changed(body, actions=body["actions"] * 2),
    "an unknown action": lambda body: changed(body, actions=[body["actions"][0] | {"action_id": "brinkwatch.drop"}]),
    "no user": lambda body: changed(body, user={}),
    "a user that is a list": lambda body: changed(body, user=["U0EDITOR"]),
    "no container": lambda body: changed(body, container=None),
    "a stamp that is none": lambda body: changed(body, actions=[body["actions"][0] | {"action_ts": "now"}]),
    "a long id": lambda body: changed(body, user={"id": "U" * 10_000}),
    "another type": lambda body: changed(body, type="view_submission"),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_click_does_nothing(settings: Settings, slack: Slack, forge: Callable[[Json], Json]) -> None:
    """Whatever it says of itself."""
    ask(settings, forge(clicked("false_positive", alert_of(settings))))
    assert (kept(settings), slack.whispers) == ([], [])
    assert transact(Warehouse(settings.warehouse), all_corrections) == []


@pytest.mark.parametrize("minutes", [-11, 11, 60 * 24 * 400])
def test_a_late_click_does_nothing(settings: Settings, minutes: int) -> None:
    """Nor does one from the future."""
    ask(settings, clicked("false_positive", alert_of(settings)), now=NOW + timedelta(minutes=minutes))
    assert kept(settings) == []


@pytest.mark.parametrize("kind", ["interactive", "slash_commands", "events_api", "", "hello"])
@pytest.mark.parametrize("body", [{}, {"type": "block_actions"}, {"text": "x"}, {"command": "/other", "text": "x"}])
def test_what_is_neither_click_nor_command_is_nothing(kind: str, body: Json) -> None:
    """However little is in it."""
    assert interaction_in(kind, body) is None


def test_a_click_and_a_command_are_read() -> None:
    """With the ids by which they are told apart, and nothing else of the payload counts."""
    click = interaction_in("interactive", clicked("who", "0" * 16, thread_ts="1795000000.000001"))
    assert isinstance(click, Click)
    assert (click.thread, click.home, stranger(click, HOME, now=NOW)) == ("1795000000.000001", HOME, "")
    again = interaction_in("interactive", changed(clicked("who", "0" * 16), trigger_id="9.9.9"))
    assert isinstance(again, Click)
    assert again.id == click.id
    one, other = (interaction_in("slash_commands", typed("search x", trigger=name)) for name in ("1.1.1", "2.2.2"))
    assert isinstance(one, Command)
    assert isinstance(other, Command)
    assert one.id != other.id


# --- commands


def test_a_search_is_answered_and_kept(settings: Settings) -> None:
    """With sentence, source and address, in text that is shown as it is."""
    reply = ask(settings, typed("search taurus delivered"), kind="slash_commands")
    assert "Germany has delivered Taurus missiles to Ukraine." in reply.text
    assert "Outlet 6" in reply.text
    again = ask(settings, typed("search taurus delivered"), kind="slash_commands")
    assert again.text == reply.text
    assert kept(settings) == [(READER, "search", "done")]


@pytest.mark.parametrize(("text", "says"), [
    ("", "Try: /brinkwatch search"), ("drop", "Try: /brinkwatch search"), ("search", "Try: /brinkwatch search"),
    ("search zzzz", "Nothing found on zzzz."), ("search <!channel>", "Nothing found on <!channel>."),
])  # fmt: skip
def test_a_command_that_finds_nothing_says_so(settings: Settings, text: str, says: str) -> None:
    """Or what there is to ask."""
    assert ask(settings, typed(text), kind="slash_commands").text.startswith(says)


# --- crashes


def killed_at(place: str, settings: Settings, body: Json) -> None:
    setattr(slack_desk, place, die)
    ask(settings, body)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["save_interaction", "tell"])
def test_a_process_that_dies_in_the_middle_does_the_work_once(settings: Settings, slack: Slack, place: str) -> None:
    """Before the transaction ends nothing was done, after it all was: what is repeated completes it."""
    body = clicked("false_positive", alert_of(settings))
    assert is_killed(killed_at, place, settings, body)
    assert len(transact(Warehouse(settings.warehouse), all_corrections)) == (place == "tell")
    for _ in range(2):
        ask(settings, body)
    assert len(transact(Warehouse(settings.warehouse), all_corrections)) == 1
    assert kept(settings) == [(EDITOR, "false_positive", "done")]
    assert len(slack.whispers) == 1


def test_who_was_not_told_is_told_when_it_starts_again(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when Slack did not take the answer the first time; once."""
    monkeypatch.setattr(slack_desk, "clock", lambda: NOW)
    slack.faults = once("chat.postEphemeral", Fault(status=503))
    ask(settings, clicked("who", alert_of(settings)))
    assert slack.whispers == []
    bot = route_of(settings)
    assert isinstance(bot, SlackBot)
    for _ in range(2):
        answer_left(settings, bot)
    assert len(slack.whispers) == 1


# --- the connection


@pytest.fixture
def socket(slack: Slack) -> Iterator[Socket]:
    with socket_mode(slack) as served:
        yield served


@contextmanager
def listening(settings: Settings, socket: Socket, taken: list[str]) -> Iterator[None]:
    """Listen in a thread; ``taken`` gets the kind of each request."""

    def note(kind: str, _: object, app: str) -> Reply:
        taken.append(f"{kind} to {app}")
        return Reply(text="found" if kind == "slash_commands" else "")

    stopped = threading.Event()
    thread = threading.Thread(
        target=listen,
        args=(APP_TOKEN, note),
        kwargs={"base_url": settings.slack_api_url, "stopped": stopped, "ping_s": 1.0},
    )
    thread.start()
    try:
        until(lambda: socket.connections, seconds=120)
        yield
    finally:
        stopped.set()
        thread.join()


def test_the_connection_survives_what_slack_does_to_it(settings: Settings, socket: Socket) -> None:
    """Warnings, refreshes, a connection that breaks, frames of no sense and kinds that nobody knows: all is taken."""
    taken: list[str] = []
    with listening(settings, socket, taken):
        first = socket.send("interactive", {})
        until(socket.acked(first))
        for reason in ("warning", "refresh_requested"):
            before = socket.greeted
            socket.disconnect(reason)
            until(lambda: socket.greeted > before)  # noqa: B023 - asked at once
        socket.say("no JSON")
        socket.say({"type": "debug", "x": 1})
        socket.say({"type": "interactive", "envelope_id": "e", "payload": [1]})
        unknown = socket.send("events_api", {"event": {"type": "message"}})
        until(socket.acked(unknown))
        before = socket.greeted
        socket.drop()
        until(lambda: socket.greeted > before)
        command = socket.send("slash_commands", {})
        until(socket.acked(command))
    assert taken == [f"{kind} to {APP}" for kind in ("interactive", "events_api", "slash_commands")]
    answer = socket.answer_to(command)
    assert answer is not None
    assert (answer["response_type"], answer["text"]) == ("ephemeral", "found")
    assert socket.answer_to(first) is None


def test_slack_that_is_away_is_waited_for_and_a_refusal_is_not(
    settings: Settings, slack: Slack, socket: Socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason is logged, or ends the process."""
    monkeypatch.setattr("alerts.delivery.slack.socket_mode.AGAIN_S", 0.05)
    slack.faults = once("apps.connections.open", Fault(drop="before"))
    with listening(settings, socket, []):
        pass
    assert "not listening to Slack yet" in caplog.text
    slack.socket_url = ""
    with pytest.raises(RouteError, match="forbidden_for_app_without_socket_mode"):
        listen(APP_TOKEN, lambda *_: Reply(), base_url=settings.slack_api_url, stopped=threading.Event())


def test_it_ends_although_the_client_was_about_to_receive(
    settings: Settings, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the client unsays that its connection is over, and would wait for itself for ever."""
    disconnect = SocketModeClient.disconnect

    def unsaid(client: SocketModeClient) -> None:
        disconnect(client)
        client.current_session_state.terminated = False

    monkeypatch.setattr(SocketModeClient, "disconnect", unsaid)
    with listening(settings, socket, []):
        pass


def test_nothing_secret_is_logged(settings: Settings, socket: Socket, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the token nor the ticket in the address of the connection."""
    caplog.set_level(logging.DEBUG)
    with listening(settings, socket, []):
        until(socket.acked(socket.send("interactive", {})))
    ours = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("websockets"))
    assert "listening to Slack as" in ours
    assert not any(secret in ours for secret in (APP_TOKEN, "ticket"))


def test_what_is_not_set_is_named(settings: Settings) -> None:
    """Before anything is opened."""
    with pytest.raises(SettingsError, match="BRINKWATCH_SLACK_APP_TOKEN"):
        slack_desk.listen(settings.model_copy(update={"slack_app_token": None}))


# --- the whole, as a process


@contextmanager
def process(settings: Settings, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``brinkwatch slack listen``; whatever is left of it is killed at the end."""
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "BRINKWATCH_WAREHOUSE": str(settings.warehouse),
        "BRINKWATCH_SEEDS": str(settings.seeds), "BRINKWATCH_SLACK_TOKEN": TOKEN, "BRINKWATCH_SLACK_CHANNEL": CHANNEL,
        "BRINKWATCH_SLACK_APP_TOKEN": APP_TOKEN, "BRINKWATCH_SLACK_CORRECTORS": EDITOR,
        "BRINKWATCH_SLACK_API_URL": settings.slack_api_url,
    }  # fmt: skip
    with (folder / "listen.log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "slack", "listen"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            yield running
        finally:
            running.kill()
            running.wait()


@pytest.mark.slow
def test_a_killed_listener_loses_and_repeats_nothing(
    settings: Settings, slack: Slack, socket: Socket, tmp_path: Path
) -> None:
    """Killed at three moments after a click, and started again: each click is done once, and each is answered.

    An answer that only one person sees cannot be looked up, so one that was on its way at a kill may come twice.
    """
    asked = [
        clicked("who", alert_of(settings), when=datetime.now(UTC) + timedelta(seconds=number)) for number in range(3)
    ]
    asked.append(clicked("false_positive", alert_of(settings), when=datetime.now(UTC)))
    kills = 3
    for body, pause in zip(asked, (0.0, 0.05, 0.3, None), strict=True):
        with process(settings, tmp_path) as listener:
            until(lambda: socket.connections)
            envelope = socket.send("interactive", body)
            if pause is None:
                until(socket.acked(envelope))
                until(lambda: len(slack.whispers) >= len(asked))
                socket.send("interactive", body, again=envelope)
                until(lambda: not socket.pending)
                listener.terminate()
                assert listener.wait(60) == 0, (tmp_path / "listen.log").read_text()
            else:
                time.sleep(pause)
        until(lambda: not socket.connections)
    assert len(transact(Warehouse(settings.warehouse), all_corrections)) == 1
    assert sorted(action for _, action, _ in kept(settings)) == ["false_positive", "who", "who", "who"]
    assert len(asked) <= len(slack.whispers) <= len(asked) + kills
