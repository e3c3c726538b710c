"""What people do in Slack, read from the payloads that Slack sends. Pure; one that is not as it should be is none.

The shapes are those of https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.delivery.slack.blocks import ACTION, BUTTONS
from extractors.records import content_id

LATE = timedelta(minutes=10)
"""After this time a click is no longer obeyed: Slack delivers within seconds."""
_LONGEST = 500
_STAMP = re.compile(r"\d{10}\.\d{1,6}")
_ALERT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where we are: payloads of other workspaces or apps are not for us."""

    team: str
    app: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Somebody clicked a button of ours."""

    home: Home
    user: str
    user_name: str
    channel: str
    message: str
    """The ``ts`` of the message with the button."""
    thread: str
    """The ``ts`` of the first message of its thread, or its own."""
    action: str
    alert: str
    clicked_at: datetime

    @property
    def id(self) -> str:
        """The same for a payload that is sent again, and for nothing else."""
        place = (self.home.team, self.user, self.channel, self.message)
        return content_id("click", *place, self.action, self.alert, self.clicked_at.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Somebody typed a slash command of ours."""

    home: Home
    user: str
    user_name: str
    channel: str
    words: str
    trigger: str
    """An id that Slack gives to each command that is typed."""

    @property
    def id(self) -> str:
        """The same for a payload that is sent again, and for nothing else."""
        return content_id("command", self.home.team, self.user, self.trigger)


def interaction_in(kind: str, payload: Mapping[str, Any]) -> Click | Command | None:
    """Return what a request of Socket Mode is about; None for anything else than a click or a command of ours."""
    try:
        if kind == "interactive" and payload.get("type") == "block_actions":
            return _click(payload)
        if kind == "slash_commands" and payload.get("command") == "/brinkwatch":
            return _command(payload)
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    return None


def stranger(found: Click | Command, home: Home, *, now: datetime) -> str:
    """Return why something is not obeyed: it is another workspace's or app's, or late; nothing if it is obeyed."""
    if found.home != home:
        return "it is of another workspace or app"
    if isinstance(found, Click) and abs(now - found.clicked_at) > LATE:
        return f"it was clicked at {found.clicked_at:%Y-%m-%d %H:%M:%S} UTC"
    return ""


def _click(payload: Mapping[str, Any]) -> Click:
    (action,) = payload["actions"]
    name = _text(action["action_id"]).removeprefix(ACTION)
    if name not in BUTTONS:
        raise ValueError(name)
    message = _matching(_STAMP, payload["container"]["message_ts"])
    return Click(
        home=Home(team=_text(payload["team"]["id"]), app=_text(payload["api_app_id"])),
        user=_text(payload["user"]["id"]),
        user_name=_text(payload["user"].get("username") or payload["user"].get("name") or payload["user"]["id"]),
        channel=_text(payload["container"]["channel_id"]),
        message=message,
        thread=_matching(_STAMP, payload["container"].get("thread_ts") or message),
        action=name,
        alert=_matching(_ALERT, action["value"]),
        clicked_at=datetime.fromtimestamp(float(_matching(_STAMP, action["action_ts"])), UTC),
    )


def _command(payload: Mapping[str, Any]) -> Command:
    return Command(
        home=Home(team=_text(payload["team_id"]), app=_text(payload["api_app_id"])),
        user=_text(payload["user_id"]),
        user_name=_text(payload.get("user_name") or payload["user_id"]),
        channel=_text(payload["channel_id"]),
        words=" ".join(str(payload.get("text") or "").split())[:_LONGEST],
        trigger=_text(payload["trigger_id"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise ValueError("not a short text")
    return value


def _matching(shape: re.Pattern[str], value: object) -> str:
    if not shape.fullmatch(text := _text(value)):
        raise ValueError("not of the right shape")
    return text
