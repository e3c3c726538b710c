"""What Slack's answers mean for a message: the codes of https://docs.slack.dev/reference/methods/chat.postMessage."""

import logging
import re
import socket
import ssl
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, NoReturn, TypeVar
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from alerts.delivery.route import AmbiguousError, DeadLetterError, DeliveryError, RetryError, RouteError

TIMEOUT = 10
"""Seconds that one call may take; the lease must be longer than this and Slack's worst delay together."""
SCOPES = ("chat:write", "channels:history", "files:write")
"""Scopes the bot needs in a public channel; in a private one ``groups:history`` replaces the second."""

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


Answer = TypeVar("Answer")


class NoParentError(DeliveryError):
    """The message to reply to or to change is gone."""


def call(method: Callable[..., Answer], **options: Any) -> Answer:
    """Call Slack; an answer other than "ok", or none, is raised as what it means for the message."""
    try:
        return method(**options)
    except SlackApiError as error:
        response = error.response
        refuse(str(response.get("error")), status=response.status_code, headers=response.headers, data=response.data)
    except (OSError, HTTPException) as error:
        raise unreachable(error) from None


def refuse(code: str, *, status: int, headers: Any, data: Any = None) -> NoReturn:
    """Raise the error that an answer other than "ok" means for the message."""
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
    raise DeadLetterError(f"Slack refused the message: {code}{_details(data)}")


def _in_words(cause: BaseException) -> str:
    """Return what the system says, or what the library calls it; never more, for that might hold an address."""
    return (isinstance(cause, OSError) and cause.strerror) or type(cause).__name__


def unreachable(error: OSError | HTTPException) -> DeliveryError:
    """Distinguish a connection that was never made from one that broke: only the first certainly stored nothing."""
    cause = error.reason if isinstance(error, URLError) else error
    what = _in_words(cause) if isinstance(cause, BaseException) else str(cause)
    if isinstance(error, URLError) and isinstance(cause, OSError) and _never_connected(cause):
        return RetryError(f"Slack is unreachable: {what}")
    return AmbiguousError(f"the connection to Slack broke: {what}")


def _never_connected(cause: OSError) -> bool:
    return isinstance(cause, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError)


def _retry_after(headers: Any) -> float | None:
    """Return the seconds Slack asked to wait; None if the header is missing or not a number."""
    text = header(headers, "retry-after")
    return float(text) if re.fullmatch(r"\d{1,5}", text) else None


def header(headers: Any, name: str) -> str:
    """Return a header by name, ignoring case; the SDK keeps the case and sometimes returns a list of values."""
    value = next((headers[key] for key in headers if key.lower() == name), "")
    return str(value[0] if isinstance(value, list) else value)


def _needed(data: Any) -> str:
    needed = data.get("needed") if isinstance(data, dict) else None
    return f" (needs {needed})" if isinstance(needed, str) else ""


def _details(data: Any) -> str:
    errors = data.get("errors") if isinstance(data, dict) else None
    return f" ({str(errors[0])[:200]})" if isinstance(errors, list) and errors else ""


def advice_on(error: str) -> str:
    """Return what to do about a route that accepts no message."""
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
    """Return a logger that discards everything: at DEBUG the SDK logs requests and the webhook's secret address."""
    log = logging.getLogger("alerts.delivery.slack.sdk")
    log.setLevel(logging.CRITICAL)
    return log
