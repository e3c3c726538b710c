"""What Slack's answers mean for a message: the codes of https://docs.slack.dev/reference/methods/chat.postMessage."""

import logging
import re
import socket
import ssl
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.error import URLError

from alerts.route import AmbiguousError, DeliveryError, PoisonError, RetryError, RouteError

TIMEOUT = 10
"""Seconds one call may take; the lease of a claim must be longer than this and Slack's worst delay together."""
SCOPES = ("chat:write", "channels:history")
"""What the bot needs in a public channel; ``groups:history`` replaces the second in a private one."""

_CLOSED = frozenset(
    {
        "access_denied",
        "account_inactive",
        "accesslimited",
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "deprecated_endpoint",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "invalid_token",
        "is_archived",
        "missing_scope",
        "no_permission",
        "no_service",
        "no_team",
        "not_allowed_token_type",
        "not_authed",
        "not_in_channel",
        "org_login_required",
        "posting_to_general_channel_denied",
        "restricted_action",
        "team_access_not_granted",
        "team_disabled",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
        "unknown_method",
        "user_not_found",
    }
)
_LATER = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited", "team_added_to_org"})
_UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout", "rollup_error", "service_unavailable"})
_NO_PARENT = frozenset({"cannot_reply_to_message", "message_not_found", "thread_not_found"})


class NoParentError(DeliveryError):
    """The message to reply to or to change is gone."""


def refuse(code: str, *, status: int, headers: Any, data: Any = None) -> NoReturn:
    """Raise what an answer that is not "ok" means for the message."""
    if status == 429 or code in _LATER:
        raise RetryError(f"Slack answered {code or status}", after=_retry_after(headers))
    if code in _CLOSED:
        raise RouteError(f"Slack answered {code}{_needed(data)}")
    if code in _NO_PARENT:
        raise NoParentError(code)
    if status in {401, 403, 404, 410}:
        raise RouteError(f"Slack answered with status {status}")
    if status >= 500 or code in _UNSURE or not re.fullmatch(r"[a-z_]+", code):
        raise AmbiguousError(f"Slack answered with status {status} and no clear result")
    raise PoisonError(f"Slack refused the message: {code}{_details(data)}")


def unreachable(error: OSError | HTTPException) -> DeliveryError:
    """Tell a connection that never was from one that broke: only the first is sure to have stored nothing."""
    cause = error.reason if isinstance(error, URLError) else error
    what = type(cause).__name__ if isinstance(cause, BaseException) else "URLError"
    if isinstance(error, URLError) and isinstance(cause, OSError) and _never_connected(cause):
        return RetryError(f"Slack is unreachable: {what}")
    return AmbiguousError(f"the connection to Slack broke: {what}")


def _never_connected(cause: OSError) -> bool:
    return isinstance(cause, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError)


def _retry_after(headers: Any) -> float | None:
    """Return the seconds Slack asked for; None where the header is missing or is no number."""
    text = header(headers, "retry-after")
    return float(text) if re.fullmatch(r"\d{1,5}", text) else None


def header(headers: Any, name: str) -> str:
    """Return a header by its name in any case; the SDK keeps the case and sometimes makes lists of values."""
    value = next((headers[key] for key in headers if key.lower() == name), "")
    return str(value[0] if isinstance(value, list) else value)


def _needed(data: Any) -> str:
    needed = data.get("needed") if isinstance(data, dict) else None
    return f" (needs {needed})" if isinstance(needed, str) else ""


def _details(data: Any) -> str:
    errors = data.get("errors") if isinstance(data, dict) else None
    return f" ({str(errors[0])[:200]})" if isinstance(errors, list) and errors else ""


def advice_on(error: str) -> str:
    """Say what to do about a closed route."""
    for code, advice in _ADVICE.items():
        if code in error:
            return advice
    return "Try again later; see https://status.slack.com"


_ADVICE = {
    "missing_scope": f"Give the app the bot scopes {', '.join(SCOPES)} and reinstall it",
    "not_in_channel": "Invite the bot into the channel: /invite @the-bot",
    "channel_not_found": "Check BRINKWATCH_SLACK_CHANNEL; in a private channel, invite the bot first",
    "is_archived": "Unarchive the channel or choose another",
    "token": "Create a new bot token and set BRINKWATCH_SLACK_TOKEN",
    "auth": "Check BRINKWATCH_SLACK_TOKEN: the bot token begins with xoxb-",
    "account_inactive": "Reinstall the app into the workspace",
    "unreachable": "Check the network, a proxy, and BRINKWATCH_SLACK_API_URL",
}


def quiet_log() -> logging.Logger:
    """Return a log that never writes: at DEBUG the SDK logs whole requests and the webhook's secret address."""
    log = logging.getLogger("alerts.slack.sdk")
    log.setLevel(logging.CRITICAL)
    return log
