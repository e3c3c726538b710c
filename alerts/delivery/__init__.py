"""Delivery of alerts: the outbox that sends claimed alerts, and the routes, which are the terminal and Slack.

Only ``flows`` may import this package.
"""
