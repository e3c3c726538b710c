"""Slack as a route: a bot that finds its own messages again, or an incoming webhook that cannot.

Nothing is ever sent twice by the client itself: slack_sdk's default handler repeats a request whose answer was lost,
although Slack may have stored it, and its rate-limit handler sleeps for as long as Slack says, which can outlive the
lease. Both are off; ``alerts.outbox`` decides about every second attempt.
"""

from alerts.slack.answers import SCOPES, TIMEOUT
from alerts.slack.blocks import payload
from alerts.slack.bot import API, Finding, SlackBot
from alerts.slack.webhook import SlackWebhook

__all__ = ["API", "SCOPES", "TIMEOUT", "Finding", "SlackBot", "SlackWebhook", "payload"]
