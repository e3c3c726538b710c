"""Slack as a route: a bot that finds its own messages again, or an incoming webhook that cannot.

The client itself never retries: slack_sdk's default handler repeats a request whose answer was lost, although Slack
may have stored it, and its rate-limit handler sleeps for as long as Slack says, which can outlast the lease. Both are
off; ``alerts.delivery.outbox`` decides about every further attempt.
"""

from alerts.delivery.slack.answers import SCOPES, TIMEOUT
from alerts.delivery.slack.blocks import payload
from alerts.delivery.slack.bot import API, Finding, SlackBot
from alerts.delivery.slack.webhook import SlackWebhook

__all__ = ["API", "SCOPES", "TIMEOUT", "Finding", "SlackBot", "SlackWebhook", "payload"]
