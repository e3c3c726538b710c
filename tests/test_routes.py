"""The rules an analyst edits: what they decide, what is wrong with a file, and that channels lose no alert."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from news_examples import alert
from slackserver import CHANNEL, HOOK, TOKEN, Slack, running
from transactions import transact
from typer.testing import CliRunner
from warehouses import new_warehouse

from alerts.policy.routes_file import load_routing
from alerts.policy.routing import Facts, QuietHours, Routing, Rule, Silence, Watch, parse_silence, route
from extractors.lexicon import LexiconError
from extractors.records import Alert
from flows.cli.__main__ import app
from flows.cli.doctor import findings
from flows.settings import Settings
from flows.steps.notify import notify, ready, route_of, routes_of, watch
from flows.steps.seeds_folder import seeds_folder_of
from warehouse.connection import transaction
from warehouse.store import Warehouse
from warehouse.tables.alerts import mutes_in_force, save_alerts

ROOT = Path(__file__).parent.parent
NIGHT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
OTHER = "C0000000002"
THREAT = Facts(
    kind="threat", severity=3, sides=frozenset({"RU"}), countries=frozenset({"RU", "EE"}),
    speakers=frozenset({"dmitry-medvedev"}), weapons=frozenset({"oreshnik"}),
    categories=frozenset({"ballistic_missile"}), ids=frozenset({"RU", "dmitry-medvedev", "oreshnik", "tass"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"sides": ("RU",)}, True),
        ({"sides": ("EE",)}, False),
        ({"sides": ("US", "RU")}, True),
        ({"theatres": ("baltic",)}, True),
        ({"theatres": ("gulf",)}, False),
        ({"speakers": ("dmitry-medvedev",)}, True),
        ({"weapons": ("kh-101",)}, False),
        ({"categories": ("ballistic_missile",)}, True),
        ({"kinds": ("red_line", "threat")}, True),
        ({"kinds": ("weapon",)}, False),
        ({"ids": ("tass",)}, True),
        ({"severity": 3}, True),
        ({"severity": 4}, False),
        ({"sides": ("RU",), "kinds": ("weapon",)}, False),
    ],
)
def test_all_conditions_must_hold_and_any_value_of_each(conditions: dict[str, Any], holds: bool) -> None:
    """No condition holds always; severity is a least."""
    routing = Routing(
        theatres={"baltic": ("EE", "LV"), "gulf": ("IR",)}, rules=(Rule(name="r", channel=OTHER, **conditions),)
    )
    assert (route(THREAT, now=NIGHT, routing=routing).channel == OTHER) is holds


def test_the_first_rule_that_matches_decides_and_says_so() -> None:
    """Order is what an analyst reads; what nothing matches falls to the default."""
    rules = (Rule(name="Iran", sides=("IR",), channel="C0IRAN"), Rule(name="loud", severity=3, channel=OTHER))
    decided = route(THREAT, now=NIGHT, routing=Routing(rules=rules))
    assert (decided.channel, decided.steps) == (OTHER, ("rule 2, 'loud': to C0000000002",))
    quiet = replace(THREAT, severity=1)
    assert route(quiet, now=NIGHT, routing=Routing(rules=rules)).steps == (
        "no rule matches: to the configured channel",
    )


@pytest.mark.parametrize(("send", "why"), [("digest", "goes to the digest"), ("never", "is never sent")])
def test_a_rule_can_keep_alerts_back(send: Literal["digest", "never"], why: str) -> None:
    """Stored with the reason."""
    decided = route(THREAT, now=NIGHT, routing=Routing(rules=(Rule(name="talk", send=send),)))
    assert decided.suppressed == f"rule 'talk': {why}"
    assert (decided.not_before is not None) is (send == "digest")


def test_a_watch_list_makes_louder_and_calls() -> None:
    """Before the rules are asked, so that a rule for grave ones sees the severity it becomes; 5 is the most."""
    watches = (Watch(name="him", speakers=("dmitry-medvedev",), boost=4, mention=("U0ANNA",)),
               Watch(name="them", sides=("IR",), boost=1))  # fmt: skip
    rule = Rule(name="gravest", severity=5, channel=OTHER, mention=("S0DESK", "U0ANNA"))
    decided = route(THREAT, now=NIGHT, routing=Routing(watch=watches, rules=(rule,)))
    assert (decided.severity, decided.channel, decided.mentions) == (5, OTHER, ("S0DESK", "U0ANNA"))
    assert decided.steps[0] == "on the watch list 'him': severity +4"


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("span", "now", "until"),
    [
        (("22:00", "07:00"), datetime(2026, 11, 21, 20, 59, tzinfo=UTC), None),
        (("22:00", "07:00"), datetime(2026, 11, 21, 21, 0, tzinfo=UTC), datetime(2026, 11, 22, 6, tzinfo=UTC)),
        (("22:00", "07:00"), datetime(2026, 11, 22, 5, 59, tzinfo=UTC), datetime(2026, 11, 22, 6, tzinfo=UTC)),
        (("22:00", "07:00"), datetime(2026, 11, 22, 6, 0, tzinfo=UTC), None),
        (("12:00", "13:00"), datetime(2026, 7, 1, 10, 30, tzinfo=UTC), datetime(2026, 7, 1, 11, tzinfo=UTC)),
        # the night in which clocks go forward, and the one in which they go back
        (("22:00", "07:00"), datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (("22:00", "07:00"), datetime(2026, 10, 24, 23, 0, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_by_the_wall_clock(span: tuple[str, str], now: datetime, until: datetime | None) -> None:
    """Across midnight and when the clocks change; the end itself is no longer quiet."""
    assert QuietHours(start=span[0], end=span[1]).until(now, BERLIN) == until


def test_quiet_hours_hold_back_all_but_the_gravest() -> None:
    """The hold and its reason are stored; severity 5 goes at once."""
    routing = Routing(zone="Europe/Berlin", quiet_hours=QuietHours(start="22:00", end="07:00"))
    held = route(THREAT, now=NIGHT, routing=routing)
    assert held.not_before == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert held.steps[-1] == "held back by quiet hours until 22 Nov 07:00 Europe/Berlin"
    at_once = route(replace(THREAT, severity=5), now=NIGHT, routing=routing)
    assert (at_once.not_before, at_once.steps[-1]) == (None, "quiet hours do not hold back severity 5")


@pytest.mark.parametrize(
    ("until", "silenced"),
    [(None, True), ("2026-11-23", True), ("2026-11-22", False), ("2026-11-22T00:29+01:00", False),
     ("2026-11-22T00:31", True), ("2026-11-21", False)],
)  # fmt: skip
def test_a_silence_ends(until: str | None, silenced: bool) -> None:
    """An end without an offset is a wall time of the file's zone; one that is over does nothing."""
    routing = Routing(zone="Europe/Berlin", silences=(Silence(sides=("RU",), until=until, reason="drill"),))
    decided = route(THREAT, now=NIGHT, routing=routing)
    end = f" until {until}" if until else ""
    assert decided.suppressed == (f"muted: sides=RU{end} (drill)" if silenced else None)


# --- the file


def test_the_rules_that_ship_change_nothing(seeds: Path) -> None:
    """Whoever edits nothing gets everything in the one channel, at once."""
    assert load_routing(seeds, known=seeds_folder_of(seeds).ids) == Routing()
    decided = route(THREAT, now=NIGHT, routing=Routing())
    assert (decided.severity, decided.steps) == (3, ("no rules: to the configured channel",))


def uncommented(text: str) -> str:
    """The shipped file with every example switched on."""
    return re.sub(r"(?m)^# (?=(\[|\w+ = ))", "", text)


def write(folder: Path, text: str | bytes) -> Path:
    """Make a seeds folder that holds these rules."""
    (folder / "routes.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


EXAMPLES = re.findall(r"```toml\n(.+?)```", (ROOT / "docs" / "routing.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", [*EXAMPLES, uncommented((ROOT / "seeds/routes.toml").read_text(encoding="utf-8"))])
def test_every_example_of_the_page_and_of_the_file_is_sound(text: str, tmp_path: Path, seeds: Path) -> None:
    """An analyst who copies one gets no error, and it says something."""
    assert load_routing(write(tmp_path, text), known=seeds_folder_of(seeds).ids) != Routing()


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[[rule]\n", ["routes.toml:1: not TOML"]),
        (b"\xff\xfe", ["routes.toml:1: not UTF-8"]),
        ("[[rules]]\nname = 'x'\n", ["routes.toml:1: unknown table or field 'rules'; did you mean 'rule'?"]),
        ("[rule]\nname = 'x'\n", ["routes.toml:1: 'rule' must be written with double brackets: [[rule]]"]),
        ("\n[[rule]]\nchannel = 'C012'\n", ["routes.toml:2: [rule] missing field 'name'"]),
        ("[[rule]]\nname = 'x'\nside = ['RU']\n", ["routes.toml:3: [rule] unknown field 'side'"]),
        ("[[rule]]\nname = 'x'\nsides = 'RU'\n", ["routes.toml:3: [rule] 'sides' must be a list"]),
        ("[[rule]]\nname = 'x'\nkinds = ['treats']\n", ["routes.toml:3: [rule] 'kinds[0]' must be one of"]),
        ("[[rule]]\nname = 'x'\nseverity = 9\n", ["routes.toml:3: [rule] 'severity' must be 1 to 5, not 9"]),
        ("[[rule]]\nname = 'x'\nseverity = '3'\n", ["routes.toml:3: [rule] 'severity' must be a whole number"]),
        ("[[rule]]\nname = 'x'\nchannel = '#alerts'\n", ["routes.toml:3: [rule] 'channel' must be a channel's id"]),
        ("[[rule]]\nname = 'x'\nmention = ['@anna']\n", ["routes.toml:3: [rule] 'mention' must hold ids"]),
        ("[[rule]]\nname = 'x'\nsend = 'never'\nchannel = 'C012'\n", ["routes.toml:3: [rule] 'send' is 'never'"]),
        ("[[rule]]\nname = 'x'\n[[rule]]\nname = 'x'\n", ["routes.toml:4: [rule] 'name' 'x' is used twice"]),
        ("[[rule]]\nname = 'x'\nweapons = ['oreshnikx']\n", ["'oreshnikx', which is on no list; did you mean"]),
        ("[[rule]]\nname = 'x'\nsides = ['Russia']\n", ["routes.toml:3: [rule] 'sides' names 'Russia'"]),
        ("[[rule]]\nname = 'x'\ntheatres = ['golf']\n[theatres]\ngulf = ['IR']\n", ["did you mean 'gulf'?"]),
        ("[theatres]\ngulf = ['Iran']\n", ["routes.toml:2: [theatres] 'gulf': 'sides' names 'Iran'"]),
        ("[theatres]\ngulf = 'IR'\n", ["routes.toml:2: [theatres] 'gulf' must be a list of countries"]),
        ("zone = 'Europe/Berlinn'\n", ["routes.toml:1: 'zone' 'Europe/Berlinn' is not a zone"]),
        ("zone = '../../etc/passwd'\n", ["is not a zone"]),
        ("zone = 5\n", ["'zone' 5 is not a zone"]),
        ("digest_at = 'morning'\n", ["routes.toml:1: 'digest_at' must be a time"]),
        ("digest_at = '08:00Z'\n", ["routes.toml:1: 'digest_at' must be a time"]),
        ("[quiet_hours]\nstart = '22:00Z'\nend = '07:00'\n", ["routes.toml:2: [quiet_hours] 'start' must be a time"]),
        ("[quiet_hours]\nstart = '22'\nend = '25:00'\n", ["routes.toml:3: [quiet_hours] 'end' must be a time"]),
        ("[quiet_hours]\nstart = '22:00'\nend = '22:00'\n", ["routes.toml:3: [quiet_hours] 'end' is the same"]),
        ("[quiet_hours]\nstart = '22:00'\n", ["missing field 'end'"]),
        ("[[silence]]\nsides = ['RU']\nuntil = 'soon'\n", ["routes.toml:3: [silence] 'until' must be a date"]),
        ("[[watch]]\nname = 'x'\nboost = 1\n", ["routes.toml:1: [watch] a watch list needs 'weapons'"]),
        ("[[watch]]\nname = 'x'\nsides = ['RU']\n", ["needs 'boost' or 'mention'"]),
        ("[[silence]]\nreason = 'all'\n", ["would silence everything"]),
        (
            "zone = 'x/y'\n[[rule]]\nname = 'a'\ncolour = 1\nkinds = 3\n[[rule]]\nname = 'b'\nspeakers = ['nobody']\n",
            ["routes.toml:1: 'zone'", "routes.toml:4: [rule] unknown field 'colour'", "routes.toml:5: [rule] 'kinds'",
             "routes.toml:8: [rule] 'speakers' names 'nobody'"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_line_and_field(
    text: str | bytes, problems: list[str], tmp_path: Path, seeds: Path
) -> None:
    """All of it at once, so that one round of corrections is enough."""
    with pytest.raises(LexiconError) as refused:
        load_routing(write(tmp_path, text), known=seeds_folder_of(seeds).ids)
    said = str(refused.value).split("\n")
    assert len(said) == len(problems), said
    for line, problem in zip(said, problems, strict=True):
        assert problem in line


def test_a_field_may_have_its_former_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In this version, and a notice says what it is called now; under both names at once it is a mistake."""
    watch = "[[watch]]\nname = 'x'\nsides = ['RU']\nlouder = 2\n"
    (read,) = load_routing(write(tmp_path, watch)).watch
    assert read == Watch(name="x", sides=("RU",), boost=2)
    assert "'louder' is called 'boost' now" in caplog.text
    with pytest.raises(LexiconError, match=r"routes\.toml:4: \[watch\] unknown field 'louder'"):
        load_routing(write(tmp_path, watch + "boost = 1\n"))


@pytest.mark.parametrize(
    ("text", "silence"),
    [
        ("kh-101", Silence(ids=("kh-101",))),
        ("weapons=kh-101,kh-55 kinds=stage", Silence(weapons=("kh-101", "kh-55"), kinds=("stage",))),
        ("sides=RU severity=2", Silence(sides=("RU",), severity=2)),
    ],
)
def test_a_mute_is_written_in_words(text: str, silence: Silence) -> None:
    """As on the command line, so in the warehouse."""
    assert parse_silence(text) == silence


@pytest.mark.parametrize("text", ["colour=red", "kinds=tank", "severity=many", "severity=7", "until=2027", "reason=x"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    """Rather than muting nothing, or everything."""
    with pytest.raises(ValueError, match=text.partition("=")[0]):
        parse_silence(text)


# --- several channels


@pytest.fixture
def slack() -> Iterator[Slack]:
    """A workspace with two channels."""
    with running() as workspace:
        workspace.members.add(OTHER)
        yield workspace


@pytest.fixture
def settings(slack: Slack, seeds: Path, tmp_path: Path) -> Settings:
    """A monitor that tells a bot's channel."""
    made = Settings(
        warehouse=tmp_path / "warehouse.duckdb", seeds=seeds, slack_token=TOKEN, slack_channel=CHANNEL,
        slack_api_url=f"{slack.url}/api/", _env_file=None,
    )  # fmt: skip
    new_warehouse(made.warehouse)
    return made


def fill(settings: Settings, *alerts: Alert) -> None:
    """Store alerts as ``detect`` does."""
    with transaction(settings.warehouse) as connection:
        save_alerts(connection, alerts, now=alerts[0].seen)


def told_in(slack: Slack, channel: str) -> list[str]:
    """The headlines of the messages of a channel, in their order."""
    return [message["text"].split("\n")[0] for message in slack.channels[channel]]


def test_each_channel_gets_its_alerts_once(settings: Settings, slack: Slack) -> None:
    """What names no channel, or the one of the settings, goes there; a story is threaded in each channel for itself."""
    now = datetime.now(UTC)
    parts = {1: None, 2: OTHER, 3: CHANNEL, 4: OTHER}
    fill(settings, *(alert(number, channel=where, story="s", seen=now) for number, where in parts.items()))
    assert ready(settings, now=now) == 4
    assert [notify(settings, now=now).sent for _ in range(2)] == [4, 0]
    fill(settings, alert(5, channel=OTHER, story="s", seen=now))
    assert notify(settings, now=now).sent == 1
    assert [len(slack.channels[channel]) for channel in (CHANNEL, OTHER)] == [1, 2]
    assert slack.channels[OTHER][1]["thread_ts"] == slack.channels[OTHER][0]["ts"]


def test_a_channel_that_is_closed_stops_no_other_and_loses_nothing(settings: Settings, slack: Slack) -> None:
    """Its alerts wait and arrive once when the bot is let in; the operator is told which channel it is."""
    now = datetime.now(UTC)
    slack.members.remove(OTHER)
    fill(settings, alert(1, seen=now), alert(2, channel=OTHER, seen=now))
    first = notify(settings, now=now)
    assert (first.sent, first.waiting) == (1, 1)
    assert any("not_in_channel" in error for error in first.errors)
    other = next(route for route in routes_of(settings, now=now) if route.name != "slack")
    assert watch(settings, other, now=now + timedelta(hours=1)).startswith("Nothing reaches slack C0000000002: 1 alert")
    slack.members.add(OTHER)
    later = now + timedelta(hours=1)
    assert [notify(settings, now=later).sent for _ in range(2)] == [1, 0]


def test_an_alert_whose_sender_died_is_looked_up_in_its_own_channel(settings: Settings, slack: Slack) -> None:
    """It had arrived: it is not said again."""
    now = datetime.now(UTC)
    fill(settings, alert(2, channel=OTHER, seen=now))
    notify(settings, now=now)
    with transaction(settings.warehouse) as connection:
        connection.execute("UPDATE alerts SET status = 'pending'")
        connection.execute("UPDATE deliveries SET status = 'claimed', lease_until = $now", {"now": now})
    assert notify(settings, now=now + timedelta(hours=1)).sent == 1
    assert len(slack.channels[OTHER]) == 1


def test_what_quiet_hours_hold_back_goes_when_they_end(settings: Settings, slack: Slack) -> None:
    """It is nobody's fault meanwhile: no notice that nothing gets through; a graver one of the story goes before."""
    now = datetime.now(UTC)
    morning = now + timedelta(hours=7)
    fill(settings, alert(1, story="s", not_before=morning, seen=now), alert(2, story="s", severity=5, seen=now))
    assert notify(settings, now=now).sent == 1
    assert watch(settings, route_of(settings), now=now + timedelta(hours=2)) == ""
    assert [notify(settings, now=morning).sent for _ in range(2)] == [1, 0]
    assert slack.messages[1]["thread_ts"] == slack.messages[0]["ts"]


def test_what_is_left_to_a_digest_is_no_message_and_not_overdue(settings: Settings, slack: Slack) -> None:
    """Also when its hour has come: the digest itself brings it."""
    now = datetime.now(UTC)
    eight = now + timedelta(hours=8)
    left = {"suppressed": "rule 'small arms': goes to the digest", "not_before": eight, "seen": now}
    fill(settings, alert(1, **left), alert(2, **left), alert(3, seen=now))
    assert [notify(settings, now=moment).sent for moment in (now, eight)] == [1, 0]
    assert watch(settings, route_of(settings), now=eight + timedelta(hours=2)) == ""


def test_who_is_named_is_called(settings: Settings, slack: Slack) -> None:
    """Users, groups and everybody, each once a message, as elements that Slack turns into a call."""
    now = datetime.now(UTC)
    fill(
        settings,
        alert(1, story="s", mentions=("U0ANNA", "S0DESK"), seen=now),
        alert(2, story="s", mentions=("U0ANNA", "here"), seen=now),
    )
    notify(settings, now=now)
    (message,) = slack.messages
    leaves = [leaf for block in message["blocks"] if block["type"] == "rich_text"
              for section in block["elements"] for leaf in section.get("elements", ())]  # fmt: skip
    called = [leaf for leaf in leaves if leaf["type"] in {"user", "usergroup", "broadcast"}]
    assert called == [
        {"type": "user", "user_id": "U0ANNA"},
        {"type": "usergroup", "usergroup_id": "S0DESK"},
        {"type": "broadcast", "range": "here"},
    ]


def test_a_webhook_has_one_channel_and_says_so(
    slack: Slack, seeds: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The alerts arrive all the same; ``doctor`` names the channels that cannot be reached."""
    for path in seeds.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "routes.toml").unlink()
    write(tmp_path, f"[default]\nchannel = '{OTHER}'\n")
    made = Settings(
        warehouse=tmp_path / "warehouse.duckdb", seeds=tmp_path, slack_webhook=slack.url + HOOK, _env_file=None
    )
    new_warehouse(made.warehouse)
    now = datetime.now(UTC)
    fill(made, alert(1, channel=OTHER, seen=now))
    assert notify(made, now=now).sent == 1
    assert "a webhook has only one channel" in caplog.text
    (finding,) = [each for each in findings(made, feeds=False) if each.what == "routes"]
    assert not finding.ok
    assert f"a webhook has only one channel: {OTHER}" in finding.detail


# --- the command line


@pytest.fixture
def monitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A warehouse that commands find."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("COLUMNS", "200")
    return new_warehouse(tmp_path / "w.duckdb")


def test_mutes_are_listed_with_their_end_and_reason_and_taken_back(monitor: Warehouse) -> None:
    """Whatever the order of the conditions."""
    run = CliRunner().invoke
    run(app, ["alerts", "mute", "weapons=kh-101", "kinds=stage", "--for", "7d", "--reason", "daily use"])
    run(app, ["alerts", "mute", "tass"])
    listed = run(app, ["alerts", "mutes"]).stdout
    assert "kinds=stage weapons=kh-101" in listed
    assert "daily use" in listed
    week = datetime.now(UTC) + timedelta(days=7)
    assert f"{week:%Y-%m-%d}" in listed
    assert run(app, ["alerts", "unmute", "kinds=stage", "weapons=kh-101"]).exit_code == 0
    assert [mute.subject for mute in transact(monitor, mutes_in_force, datetime.now(UTC))] == ["tass"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["RU", "--until", "2020-01-01"], "has already passed"),
        (["RU", "--for", "0d"], "has already passed"),
        (["RU", "--for", "soon"], "is not a time"),
        (["RU", "--for", "9999999999w"], "is not a time"),
        (["RU", "--until", "tomorrow"], "is not a time"),
        (["RU", "--until", "2027-01-01", "--for", "1d"], "not both"),
        (["colour=red"], "unknown field 'colour'"),
        (["weapons=kh101"], "which is on no list; did you mean"),
        (["theatres=gulf"], "'theatres' names 'gulf', which is on no list"),
        (["kinds=tank"], "'kinds' must be one of weapon, stage, red_line, threat"),
    ],
)
def test_a_careless_mute_is_refused(monitor: Warehouse, words: list[str], says: str) -> None:
    """Nothing is stored, and the message says what to write."""
    done = CliRunner().invoke(app, ["alerts", "mute", *words])
    assert says in str(done.exception)
    assert transact(monitor, mutes_in_force, datetime.now(UTC)) == []


def test_why_tells_how_an_alert_was_routed(monitor: Warehouse) -> None:
    """Each step, whom it calls, and until when it is held back."""
    held = alert(
        1, decision=("on the watch list 'x': severity +1", "rule 1, 'y': to C012"), mentions=("U0ANNA",),
        not_before=NIGHT,
    )  # fmt: skip
    with transaction(monitor.path) as connection:
        save_alerts(connection, [held], now=NIGHT)
    told = CliRunner().invoke(app, ["alerts", "why", held.id]).stdout
    for words in (*held.decision, "U0ANNA", "pending, not before 21 Nov 23:30 UTC"):
        assert words in told
