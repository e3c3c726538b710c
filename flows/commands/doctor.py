"""``brinkwatch doctor``: checks what a cycle needs, and says what to do about each thing that fails."""

import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from extractors.errors import BrinkwatchError
from flows.settings import Settings, load_settings


class RoutesError(BrinkwatchError):
    """Rules that ask for what the settings cannot do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one check ended; ``advice`` says what to do when it failed."""

    what: str
    ok: bool
    detail: str
    advice: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    feeds: Annotated[bool, typer.Option(help="Try every feed once (needs the network).")] = False,
) -> None:
    """Check settings, warehouse, lexicons, feed list, Slack and Prefect; exits with status 1 if anything fails."""
    settings, console, failed = load_settings(), Console(), False
    for finding in findings(settings, feeds=feeds):
        failed |= not finding.ok
        if as_json:
            print(json.dumps(asdict(finding), ensure_ascii=False))
            continue
        console.print(
            Text.assemble(
                ("✓ " if finding.ok else "✗ ", "green" if finding.ok else "bold red"),
                (f"{finding.what:10}", "bold"),
                finding.detail,
            )
        )
        if finding.advice:
            console.print(Text(f"             → {finding.advice}", style="yellow"))
    if failed:
        raise typer.Exit(1)


def findings(settings: Settings, *, feeds: bool) -> Iterator[Finding]:
    """Yield the result of every check, cheapest first."""
    yield Finding(what="settings", ok=True, detail=f"seeds {settings.seeds}, warehouse {settings.warehouse}")
    yield from unknown_settings()
    yield checked("warehouse", lambda: warehouse_detail(settings), "set BRINKWATCH_WAREHOUSE to a file you may write")
    yield checked("lexicons", lambda: lexicon_detail(settings), "mend the lines named; brinkwatch lexicon check")
    yield checked("routes", lambda: routes_detail(settings), "mend the lines named; see docs/routing.md")
    yield checked("feeds", lambda: feed_detail(settings), "mend the lines named in feeds.csv")
    yield from slack_findings(settings)
    yield prefect_finding()
    if feeds:
        yield from tried_feeds(settings)


def checked(what: str, check: Callable[[], str], advice: str) -> Finding:
    """Return what ``check`` says, or the error it raises with what to do about it."""
    try:
        return Finding(what=what, ok=True, detail=check())
    except BrinkwatchError as error:
        return Finding(what=what, ok=False, detail=str(error), advice=advice)


def unknown_settings() -> Iterator[Finding]:
    """Yield a finding for each variable that looks like a setting and is none: most are misspelt."""
    known = {f"BRINKWATCH_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith("BRINKWATCH_") and name.upper() not in known:
            yield Finding(what="settings", ok=False, detail=f"{name} is no setting", advice="see docs/settings.md")


def warehouse_detail(settings: Settings) -> str:
    """Open the warehouse and count its rows."""
    from warehouse.store import Warehouse

    warehouse = Warehouse(settings.warehouse)
    warehouse.migrate()
    counts = warehouse.counts()
    return ", ".join(f"{counts[name]} {name}" for name in ("articles", "statements", "alerts") if name in counts)


def lexicon_detail(settings: Settings) -> str:
    """Build the extractor, which validates every lexicon."""
    from extractors.pipeline import build_extractor

    return f"extractor version {build_extractor(settings.seeds).version}"


def routes_detail(settings: Settings) -> str:
    """Read the rules, and refuse channels that nothing configured can reach."""
    from flows.work.detect import extractor_of, routing_of

    routing = routing_of(settings, extractor_of(settings.seeds))
    if routing.channels and settings.slack_webhook and not settings.slack_token:
        raise RoutesError(f"a webhook has only one channel: {', '.join(routing.channels)} in routes.toml needs a bot")
    return f"{len(routing.rules)} rules, {len(routing.watch)} watch lists, {len(routing.silences)} silences"


def feed_detail(settings: Settings) -> str:
    """Load the feed list."""
    from flows.sources.feedlist import load_feeds

    return f"{len(load_feeds(settings.seeds / 'feeds.csv'))} listed"


def slack_findings(settings: Settings) -> Iterator[Finding]:
    """Ask Slack about token, scopes and channel; a webhook cannot be tried without posting."""
    from alerts.slack import SlackBot
    from flows.work.notify import route_of, route_to

    if not settings.slack_configured:
        yield Finding(what="slack", ok=True, detail="not configured: alerts go to the terminal")
        return
    try:
        route = route_of(settings)
    except BrinkwatchError as error:
        yield Finding(what="slack", ok=False, detail=str(error), advice="see docs/slack.md")
        return
    if not isinstance(route, SlackBot):
        yield Finding(what="slack", ok=True, detail="a webhook; brinkwatch alerts test posts a sample")
        return
    for bot in (route, *(route_to(route, channel) for channel in named_channels(settings))):
        for finding in bot.diagnose():
            yield Finding(what="slack", ok=finding.ok, detail=finding.what, advice=finding.advice)


def named_channels(settings: Settings) -> list[str]:
    """Return the channels that rules name beside that of the settings; none where the rules cannot be read."""
    from alerts.rules import load_routing

    try:
        return [channel for channel in load_routing(settings.seeds).channels if channel != settings.slack_channel]
    except BrinkwatchError:
        return []


def prefect_finding() -> Finding:
    """Ask the Prefect API whether it is well."""
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        return Finding(what="prefect", ok=True, detail="no PREFECT_API_URL: cycles run directly, without a server")
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health", timeout=5) as answer:  # noqa: S310 - the user's own setting
            ok = answer.status == 200
    except (OSError, ValueError) as error:
        return Finding(what="prefect", ok=False, detail=f"{url}: {error}", advice="start it: prefect server start")
    return Finding(what="prefect", ok=ok, detail=url)


def tried_feeds(settings: Settings) -> Iterator[Finding]:
    """Fetch every listed feed once and store nothing."""
    from flows.commands.feeds import try_feeds

    for update in try_feeds(settings):
        ok = update.facts.outcome in {"updated", "unchanged"}
        yield Finding(what="feed", ok=ok, detail=f"{update.feed.id}: {update.facts.reason or update.facts.outcome}")
