"""``brinkwatch slack``: the way back from Slack."""

import typer

from flows.settings import load_settings

slack = typer.Typer(help="Take what people click and ask in Slack.", no_args_is_help=True)


@slack.callback()
def _group() -> None:
    """Keep ``listen`` a command of its own, although it is the only one."""


@slack.command()
def listen() -> None:
    """Take clicks on the buttons of alerts, and /brinkwatch search, until stopped.

    Needs no public address: it opens a connection to Slack (Socket Mode). See docs/slack.md.
    """
    from flows.steps.slack_desk import listen as listen_to_slack

    listen_to_slack(load_settings())
