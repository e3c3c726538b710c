"""Slack: what a message looks like there, what comes back, and what each answer means."""

import json
import logging
import re
import socket
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from http.client import RemoteDisconnected
from typing import Any
from urllib.error import URLError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from news_examples import NOW, alert
from slackserver import CHANNEL, HOOK, TOKEN, Fault, Slack, block_errors, once, running, texts_in

from alerts.delivery.route import AmbiguousError, DeadLetterError, DeliveryError, Receipt, RetryError, RouteError
from alerts.delivery.slack import SlackBot, SlackWebhook, payload
from alerts.delivery.slack.answers import unreachable
from alerts.messages import MOST_ALERTS, Form, Message, Pickup
from alerts.wording.excerpt import clean
from extractors.records import Alert


@pytest.fixture
def slack() -> Iterator[Slack]:
    """A Slack on loopback."""
    with running() as server:
        yield server


def bot(slack: Slack, *, token: str = TOKEN, channel: str = CHANNEL, timeout: int = 2) -> SlackBot:
    """A bot that talks to ``slack``."""
    return SlackBot.connect(token, channel, base_url=f"{slack.url}/api/", timeout=timeout)


def hook(slack: Slack, path: str = HOOK, timeout: int = 2) -> SlackWebhook:
    """A webhook route that talks to ``slack``."""
    return SlackWebhook.connect(slack.url + path, timeout=timeout)


def test_every_route_to_slack_keeps_its_pace() -> None:
    """One message per second, https://docs.slack.dev/apis/web-api/rate-limits; only the tests are in a hurry."""
    paces = [field.default for route in (SlackBot, SlackWebhook) for field in fields(route) if field.name == "pause"]
    assert paces == [1.0, 1.0]


def story(*alerts: Alert) -> Message:
    """A message about one story."""
    return Message(form=Form.STORY, alerts=alerts or (alert(1),))


def fresh(number: int = 1, **fields: Any) -> Alert:
    """An alert seen now by the machine's clock, which is also Slack's."""
    return alert(number, seen=datetime.now(UTC), **fields)


def read(blocks: list[dict[str, Any]]) -> str:
    """All that a person reads in blocks."""
    return "\n".join(texts_in(blocks))


# --- what it looks like


def test_a_message_says_everything_an_alert_must() -> None:
    """What is new, why, the sentence, speaker and role, outlet and ownership, times, link, severity, id."""
    text = read(payload(story())["blocks"])
    for piece in (
        "Kremlin draws red line 1",
        "First red line of the Kremlin on this.",
        "The Kremlin warned that any Taurus strike would mean ",
        "Dmitry Peskov, Kremlin spokesman",
        "Reuters · private media",
        "severe 4/5",
        "0000000000000001",
        "Berlin moves",
    ):
        assert piece in text


def test_key_words_are_bold_and_nothing_else_of_the_sentence() -> None:
    """The quote is literal text with styles, not markup."""
    (quote,) = [
        element
        for block in payload(story())["blocks"]
        for element in block.get("elements", ())
        if element["type"] == "rich_text_quote"
    ]
    assert [(leaf["text"], "style" in leaf) for leaf in quote["elements"]] == [
        ("The Kremlin warned that any Taurus strike would mean ", False),
        ("direct participation", True),
        (".", False),
    ]


def test_times_are_shown_in_the_zone_of_the_reader() -> None:
    """Slack does that for date elements, with our text where it cannot."""
    text = read(payload(story())["blocks"])
    stamp = int((NOW - timedelta(hours=1)).timestamp())
    assert f"Published <!date^{stamp}^{{date_short_pretty}} {{time}}|21 Nov 2026, 11:00 UTC>" in text


@pytest.mark.parametrize("form", [Form.DIGEST, Form.SUMMARY])
def test_a_list_shows_times_in_the_zone_of_the_reader_too(form: Form) -> None:
    """As date elements within its lines."""
    blocks = payload(Message(form=form, alerts=(alert(1), alert(2))))["blocks"]
    stamps = [node["timestamp"] for node in walk(blocks) if node.get("type") == "date"]
    assert stamps == [int((NOW - timedelta(hours=1)).timestamp())] * 2


def test_an_unknown_date_is_unknown() -> None:
    """It is never now."""
    assert "Published: unknown" in read(payload(story(alert(1, published=None)))["blocks"])


def test_a_day_is_the_same_in_every_zone() -> None:
    """A source that names no time is stored as midnight, which is still the day before in New York."""
    text = read(payload(story(alert(1, published=datetime(2026, 11, 20, tzinfo=UTC))))["blocks"])
    assert "Published 20 Nov 2026\n" in text


def test_the_first_headline_is_said_once() -> None:
    """In the title of the message; those of further alerts stand there as far as there is room, and above each."""
    blocks = payload(story(alert(1), alert(2, sentence="And more.")))["blocks"]
    assert [read(blocks).count(f"Kremlin draws red line {number}") for number in (1, 2)] == [1, 2]
    longer = " ".join(["word"] * 35)
    assert longer in read(payload(story(alert(1, headline=longer)))["blocks"])


def test_a_notification_shows_the_sentence_under_the_headline() -> None:
    """A locked phone has room for two lines."""
    headline, sentence, *_ = payload(story())["text"].splitlines()
    assert headline == "Kremlin draws red line 1"
    assert sentence.startswith("The Kremlin warned that any Taurus strike")


def test_the_link_is_on_the_title() -> None:
    """And there is none where the address is not one for the web."""
    linked, bare = (json.dumps(payload(story(alert(1, url=url)))) for url in ("https://e.org/?a=1&b=2", "javascript:x"))
    assert '"url": "https://e.org/?a=1&b=2"' in linked
    assert "javascript" not in bare


def test_a_story_of_many_alerts_names_those_it_has_no_room_for() -> None:
    """Five in full, ten by name, the rest as a number."""
    text = read(payload(story(*(alert(number) for number in range(20))))["blocks"])
    assert text.count("Why new: ") == 5
    assert "Kremlin draws red line 14" in text
    assert "Kremlin draws red line 15" not in text
    assert "and 5 more" in text


def test_how_far_a_story_travelled_and_corrections_are_lines_of_their_own() -> None:
    """They come with an update."""
    blocks = payload(story(), pickup=Pickup(outlets=4, independent=2), note="Corrected by the outlet")["blocks"]
    assert [block["elements"][0]["text"] for block in blocks[-2:]] == [
        "+4 outlets, 2 independent",
        "Corrected by the outlet",
    ]


HOSTILE = "<!channel> <@U123> <https://evil.example|Reuters> *bold* _it_ ~s~ `c` &amp; :boom: @here"


def test_nothing_from_outside_becomes_a_mention_a_link_or_markup() -> None:
    """All of it is in elements that Slack shows literally; the fallback is escaped."""
    bad = story(
        alert(1, headline=HOSTILE, why=HOSTILE, sentence=HOSTILE, title=HOSTILE, outlet=HOSTILE, speaker=HOSTILE)
    )
    body = payload(bad, note=HOSTILE)
    marked = [node["text"] for node in walk(body["blocks"]) if node.get("type") == "mrkdwn"]
    assert all(
        re.fullmatch(r"(Published|Seen) <!date\^\d+\^{date_short_pretty} {time}\|[\w ,:]+>", text) for text in marked
    )
    assert not [node for node in walk(body["blocks"]) if node.get("emoji")]
    assert "<" not in body["text"]
    assert "&lt;!channel&gt;" in body["text"]


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Every object anywhere in blocks."""
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(value)


@given(
    text=st.text(st.characters(), max_size=400),
    count=st.integers(1, MOST_ALERTS),
    form=st.sampled_from(Form),
    size=st.integers(1, 20),
)
def test_slacks_limits_hold_for_any_message(text: str, count: int, form: Form, size: int) -> None:
    """Whatever the texts are and however long, Slack takes the message."""
    places = ("headline", "why", "title", "outlet", "ownership", "speaker", "role")
    one = alert(1, **dict.fromkeys(places, text * size), sentence=clean(text)[:300])
    body = payload(Message(form=form, alerts=(one,) * count), note=text)
    assert [*block_errors(body["blocks"])] == []
    assert sum(map(len, texts_in(body["blocks"]))) < 9_600
    assert len(json.dumps(body["metadata"])) < 8_000
    assert len(body["text"]) < 40_000
    json.dumps(body, ensure_ascii=False).encode()


# --- sending, finding, threads, updates


def test_a_sent_message_is_found_again_by_its_alerts(slack: Slack) -> None:
    """The receipt of the look-up is the receipt of the post."""
    alerts = (fresh(1), fresh(2, story="story-1"))
    receipt = bot(slack).send(story(*alerts))
    assert bot(slack).find([*alerts, fresh(3)]) == {alerts[0].id: receipt, alerts[1].id: receipt}
    assert receipt.channel == CHANNEL


def test_a_later_report_is_a_reply_and_found_as_one(slack: Slack) -> None:
    """Replies are not in the history: they are read under the story's message, known or not."""
    route, later = bot(slack), fresh(2, story="story-1")
    root = route.send(story(fresh(1)))
    reply = route.send(story(later), parent=root)
    assert reply.thread == root.ts
    assert reply.root == root
    assert route.find([later]) == {later.id: reply}
    assert [len(slack.roots), len(slack.replies)] == [1, 1]


def test_what_changes_something_told_before_is_in_its_thread_and_in_the_channel(slack: Slack) -> None:
    """Whoever follows the line hears of it, and whoever does not; it is found again as a reply of that thread."""
    route, line = bot(slack), bot(slack).send(story(fresh(1)))
    crossing = fresh(2, related="claim-1", related_url="https://example.org/line")
    reply = route.send(story(crossing), parent=line)
    assert [message.get("subtype") for message in slack.replies] == ["thread_broadcast"]
    assert reply.thread == line.ts
    assert route.find([crossing]) == {crossing.id: reply}
    assert "https://example.org/line" in str(slack.replies[0]["blocks"])
    route.send(story(fresh(3)), parent=line)
    assert "subtype" not in slack.replies[1]


def test_a_reply_is_found_under_a_message_older_than_the_search(slack: Slack) -> None:
    """The caller knows where the story began."""
    route = bot(slack)
    root = route.send(story(fresh(1)))
    later = alert(2, story="story-1", seen=datetime.now(UTC) + timedelta(hours=3))
    reply = route.send(story(later), parent=root)
    assert route.find([later]) == {}
    assert route.find([later], roots=[root]) == {later.id: reply}


def test_a_channel_is_searched_to_its_end(slack: Slack) -> None:
    """Page by page."""
    slack.page = 2
    route, first = bot(slack), fresh(1)
    receipt = route.send(story(first))
    for number in range(2, 8):
        route.send(story(fresh(number)))
    assert route.find([first]) == {first.id: receipt}


def test_metadata_of_others_is_not_believed(slack: Slack) -> None:
    """Another app in the channel cannot make an alert look delivered."""
    forged = fresh(1)
    bot(slack).send(story(forged))
    slack.messages[0]["user"] = "U666"
    assert bot(slack).find([forged]) == {}


@pytest.mark.parametrize("metadata", [None, [], "x", {"event_type": "other"}, {"event_type": "brinkwatch_alert"}])
def test_malformed_metadata_is_nobodys(slack: Slack, metadata: object) -> None:
    """Whatever the channel holds, looking up does not fail."""
    bot(slack).send(story(fresh(1)))
    slack.messages[0]["metadata"] = metadata
    assert bot(slack).find([fresh(1)]) == {}


def test_a_message_is_updated_in_place_and_stays_findable(slack: Slack) -> None:
    """No second message, the same place, the same ids."""
    route, told = bot(slack), fresh(1)
    receipt = route.send(story(told))
    route.update(story(told), receipt, pickup=Pickup(outlets=1, independent=0))
    assert len(slack.messages) == 1
    assert "+1 outlet, 0 independent" in read(slack.messages[0]["blocks"])
    assert route.find([told]) == {told.id: receipt}


def test_updating_a_deleted_message_is_no_error(slack: Slack) -> None:
    """A person deleted it: it stays deleted."""
    bot(slack).update(story(), Receipt(channel=CHANNEL, ts="1.000001"))
    assert slack.messages == []


def test_a_reply_to_a_deleted_message_becomes_a_message(slack: Slack) -> None:
    """What is new is said all the same."""
    receipt = bot(slack).send(story(), parent=Receipt(channel=CHANNEL, ts="1.000001"))
    assert receipt.thread == ""
    assert len(slack.roots) == 1


def test_a_parent_of_another_route_is_none(slack: Slack) -> None:
    """A story told in the terminal first has no thread in Slack."""
    assert bot(slack).send(story(), parent=Receipt(channel="terminal")).thread == ""


def test_receipts_survive_storage() -> None:
    """As text in the warehouse."""
    for receipt in (Receipt(), Receipt(channel="C1", ts="1.2"), Receipt(channel="C1", ts="1.2", thread="1.1")):
        assert Receipt.parse(str(receipt)) == receipt
    assert Receipt.parse(None) == Receipt()


# --- what answers mean


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("invalid_auth", RouteError),
        ("token_revoked", RouteError),
        ("not_in_channel", RouteError),
        ("is_archived", RouteError),
        ("missing_scope", RouteError),
        ("ratelimited", RetryError),
        ("message_limit_exceeded", RetryError),
        ("internal_error", AmbiguousError),
        ("fatal_error", AmbiguousError),
        ("msg_too_long", DeadLetterError),
        ("invalid_blocks", DeadLetterError),
        ("some_new_code", DeadLetterError),
    ],
)
def test_error_codes(slack: Slack, code: str, error: type[DeliveryError]) -> None:
    """Each says whether to wait, to look, to give the message up, or that the route is closed."""
    slack.faults = once("chat.postMessage", Fault(error=code))
    with pytest.raises(error):
        bot(slack).send(story())
    assert slack.messages == []


def test_rate_limits_name_the_time_to_wait(slack: Slack) -> None:
    """It is the outbox that waits, not the client."""
    slack.faults = once("chat.postMessage", Fault(status=429, retry_after=17))
    with pytest.raises(RetryError) as raised:
        bot(slack).send(story())
    assert raised.value.after == 17
    assert [method for method, *_ in slack.calls] == ["chat.postMessage"]


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        (Fault(drop="before"), 0),
        (Fault(drop="after"), 1),
        (Fault(delay=1.5), 1),
        (Fault(status=503, body="<html>upstream</html>"), 0),
        (Fault(body="<html>maintenance</html>"), 1),
    ],
)
def test_an_answer_that_is_lost_or_unreadable_is_ambiguous_and_never_repeated(
    slack: Slack, fault: Fault, stored: int
) -> None:
    """One request went out; whether it was stored is for the look-up to say."""
    slack.faults = once("chat.postMessage", fault)
    with pytest.raises(AmbiguousError):
        bot(slack, timeout=1).send(story())
    assert len(slack.messages) == stored
    assert len(slack.calls) == 1


def test_a_server_that_is_not_there_has_stored_nothing() -> None:
    """Refused connections may be tried again without looking."""
    with running() as gone:
        route, other = bot(gone), hook(gone)
    for each in (route, other):
        with pytest.raises(RetryError):
            each.send(story())


@pytest.mark.parametrize(
    ("fields", "text", "advice"),
    [
        ({"revoked": True}, "token_revoked", "BRINKWATCH_SLACK_TOKEN"),
        ({"members": set()}, "not_in_channel", "Invite"),
        ({"channels": {}}, "channel_not_found", "BRINKWATCH_SLACK_CHANNEL"),
        ({"scopes": {"chat:write", "files:write"}}, "missing_scope (needs channels:history)", "channels:history"),
        ({"scopes": {"channels:history", "files:write"}}, "chat:write is missing", "chat:write"),
        ({"scopes": {"channels:history", "chat:write"}}, "files:write is missing: digests come without", "files:write"),
    ],
)
def test_diagnosis_names_the_failure_and_what_to_do(fields: dict[str, Any], text: str, advice: str) -> None:
    """Without posting anything."""
    with running(Slack(**fields)) as slack:
        wrong = [finding for finding in bot(slack).diagnose() if not finding.ok]
    assert [text in finding.what and advice in finding.advice for finding in wrong] == [True]
    assert all(method != "chat.postMessage" for method, *_ in slack.calls)


def test_diagnosis_of_a_route_that_works(slack: Slack) -> None:
    """Names bot, workspace and channel."""
    assert [finding.what for finding in bot(slack).diagnose()] == [
        "Slack token: brinkwatch in Desk",
        f"Slack channel {CHANNEL}: readable",
    ]


@pytest.mark.parametrize("channel", ["#alerts", "alerts", "", "C1 OR 1=1"])
def test_a_channel_must_be_given_by_its_id(channel: str) -> None:
    """Names cannot be looked up with the scopes asked for."""
    with pytest.raises(RouteError, match="not a channel id"):
        SlackBot.connect(TOKEN, channel)


# --- incoming webhooks


def test_a_webhook_gets_the_same_message(slack: Slack) -> None:
    """The same blocks, without metadata and receipt."""
    assert hook(slack).send(story()) == Receipt(channel="slack-webhook")
    assert slack.hooked[0]["blocks"] == payload(story())["blocks"]
    assert hook(slack).find([alert(1)]) == {}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, retry_after=3), RetryError),
        (Fault(status=403, body="invalid_token"), RouteError),
        (Fault(status=404, body="<html>no</html>"), RouteError),
        (Fault(status=400, body="invalid_payload"), DeadLetterError),
        (Fault(status=500, body="rollup_error"), AmbiguousError),
        (Fault(drop="after"), AmbiguousError),
    ],
)
def test_answers_of_a_webhook(slack: Slack, fault: Fault, error: type[DeliveryError]) -> None:
    """Plain words instead of JSON, with the same meanings."""
    slack.faults = once("webhook", fault)
    with pytest.raises(error):
        hook(slack).send(story())


def test_a_webhook_that_was_removed_closes_the_route(slack: Slack) -> None:
    """Nothing is wrong with the message."""
    with pytest.raises(RouteError, match="no_service"):
        hook(slack, "/services/T/B/gone").send(story())


# --- secrets


def test_secrets_are_in_no_repr_no_error_and_no_log(slack: Slack, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at DEBUG, where the SDK writes whole requests."""
    caplog.set_level(logging.DEBUG)
    said = [repr(bot(slack)), repr(hook(slack))]
    slack.faults = lambda _method, count: Fault(drop="after") if count % 2 else Fault(error="invalid_auth")
    for route in (bot(slack), hook(slack)) * 2:
        with pytest.raises(DeliveryError) as raised:
            route.send(story())
        said += [repr(raised.value), str(raised.value.__cause__)]
    with pytest.raises(RouteError) as raised:
        SlackWebhook.connect("hooks.slack.com/services/secret hook")
    said += [str(raised.value), caplog.text]
    assert not [text for text in said if "secret" in text]


def test_every_severity_has_its_word() -> None:
    """Readable without colour."""
    for level, word in enumerate(("low", "notable", "serious", "severe", "critical"), start=1):
        assert f"{word} {level}/5" in read(payload(story(alert(1, severity=level)))["blocks"])


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Slack is unreachable: Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Slack is unreachable: Name or service not known"),
    ],
)
def test_why_slack_is_unreachable_is_said_in_words(cause: OSError, says: str) -> None:
    """In those of the system, not by the name of a class of Python."""
    assert str(unreachable(URLError(cause))) == says
    assert str(unreachable(RemoteDisconnected("xoxb-secret"))) == "the connection to Slack broke: RemoteDisconnected"
