"""``brinkwatch doctor``: checks what a cycle needs, and says what to do about each thing that fails."""

import os
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from alerts.policy.digest_schedule import is_service
from extractors.counts import plural
from extractors.errors import BrinkwatchError
from flows.cli.output import Console, print_json
from flows.settings import Settings, load_settings
from warehouse.errors import WarehouseTroubleError

if TYPE_CHECKING:
    from warehouse.stored_records import Notice

SERVICES = "BRINKWATCH_SERVICES__"
"""How the variables begin that hold the addresses of services."""
RESTORE = "its files come with the checkout: git restore extractors/model, or reinstall Brinkwatch"
"""Advice for a model that does not load."""


class RoutesError(BrinkwatchError):
    """Routing rules that these settings cannot serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check; ``advice`` says what to do if it failed."""

    what: str
    ok: bool
    detail: str
    advice: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    feeds: Annotated[bool, typer.Option(help="Try every feed once (needs the network).")] = False,
) -> None:
    """Check settings, warehouse, model, lexicons, feed list, Slack and Prefect; exit with status 1 if any fails."""
    settings, console, failed = load_settings(), Console(), False
    for finding in findings(settings, feeds=feeds):
        failed |= not finding.ok
        if as_json:
            print_json(asdict(finding))
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
    yield checked("warehouse", lambda: warehouse_detail(settings), "set BRINKWATCH_WAREHOUSE to a writable file")
    yield checked("model", model_detail, RESTORE)
    yield checked("lexicons", lambda: lexicon_detail(settings), "correct these lines; brinkwatch lexicon check")
    yield checked("routes", lambda: routes_detail(settings), "correct these lines; see docs/routing.md")
    yield checked("feeds", lambda: feed_detail(settings), "correct these lines of feeds.csv")
    yield from slack_findings(settings)
    yield (prefect := prefect_finding())
    yield from monitor_findings(settings, server=prefect.ok)
    if feeds:
        yield from tried_feeds(settings)


def checked(what: str, check: Callable[[], str], advice: str) -> Finding:
    """Return what ``check`` reports, or the error it raises with advice."""
    from extractors.reader.encoder import ModelError

    try:
        return Finding(what=what, ok=True, detail=check())
    except ModelError as error:
        return Finding(what=what, ok=False, detail=str(error), advice=RESTORE)
    except BrinkwatchError as error:
        if isinstance(error, WarehouseTroubleError):
            return Finding(what=what, ok=False, detail=error.what, advice=error.advice)
        return Finding(what=what, ok=False, detail=str(error), advice=advice)


def unknown_settings() -> Iterator[Finding]:
    """Yield a finding for each variable that looks like a setting but is none, most likely a typing error."""
    known = {f"BRINKWATCH_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith("BRINKWATCH_") and name.upper() not in known and not name.upper().startswith(SERVICES):
            yield Finding(what="settings", ok=False, detail=f"{name} is not a setting", advice="see docs/settings.md")


def warehouse_detail(settings: Settings) -> str:
    """Read the whole warehouse, and check that there is room for the next snapshot."""
    from warehouse.connection import check_writable
    from warehouse.store import Warehouse

    warehouse = Warehouse(settings.warehouse)
    if not warehouse.exists():
        check_writable(settings.warehouse)
        return "none yet: the first cycle makes it"
    warehouse.migrate()
    warehouse.check_free_space()
    counts = warehouse.verify()
    return ", ".join(
        plural(counts[f"{noun}s"], noun) for noun in ("article", "statement", "alert") if f"{noun}s" in counts
    )


def model_detail() -> str:
    """Load the trained reader, and let it read a sentence."""
    from extractors.reader.encoder import MODEL
    from extractors.reader.reader import Reader

    Reader().read("Any attack on our bases will mean war.", weapons=())
    size = sum(path.stat().st_size for path in MODEL.iterdir())
    return f"loads and reads; {size / 1e6:.0f} MB in {MODEL}"


def lexicon_detail(settings: Settings) -> str:
    """Validate every lexicon, whether or not the model loads."""
    from extractors.lexicon import LexiconError
    from extractors.pipeline import problems_of
    from extractors.version import version_of
    from flows.steps.seeds_folder import SeedsFolder

    if problems := problems_of(settings.seeds):
        raise LexiconError(problems)
    SeedsFolder.of(settings.seeds).holdings()
    return f"extractor version {version_of(settings.seeds)}"


def routes_detail(settings: Settings) -> str:
    """Read the routing rules, and refuse channels that cannot be reached with these settings."""
    from flows.steps.seeds_folder import SeedsFolder

    routing = SeedsFolder.of(settings.seeds).routing()
    slack = [channel for channel in routing.channels if not is_service(channel)]
    if slack and settings.slack_webhook and not settings.slack_token:
        raise RoutesError(f"a webhook has only one channel: {', '.join(slack)} in routes.toml needs a bot")
    if troubles := list(service_troubles(settings, routing.channels)):
        raise RoutesError("; ".join(troubles))
    counts = {"rule": routing.rules, "watch list": routing.watch, "silence": routing.silences,
              "planned digest": routing.digests}  # fmt: skip
    return ", ".join(plural(len(items), noun) for noun, items in counts.items())


def service_troubles(settings: Settings, channels: Sequence[str]) -> Iterator[str]:
    """Yield why nothing can be sent to services that the rules name."""
    from alerts.delivery.apprise_service import Service

    for channel in filter(is_service, channels):
        address = settings.services.get(channel)
        trouble = Service.connect(channel, address.get_secret_value() if address else None).trouble
        if trouble:
            yield f"{channel} in routes.toml: {trouble}"


def feed_detail(settings: Settings) -> str:
    """Load the feed list."""
    from flows.sources.feedlist import load_feeds

    return f"{len(load_feeds(settings.seeds / 'feeds.csv'))} listed"


def slack_findings(settings: Settings) -> Iterator[Finding]:
    """Check token, scopes and channel with Slack; a webhook cannot be tried without posting."""
    from alerts.delivery.slack import SlackBot
    from flows.steps.notify import route_of, route_to

    if not settings.slack_configured and not settings.slack_lacks:
        yield Finding(what="slack", ok=True, detail="not configured: alerts go to the terminal")
        return
    try:
        route = route_of(settings)
    except BrinkwatchError as error:
        yield Finding(what="slack", ok=False, detail=str(error), advice="see docs/slack.md")
        return
    if not isinstance(route, SlackBot):
        yield Finding(what="slack", ok=True, detail="a webhook; brinkwatch alerts test posts a sample")
        if settings.slack_app_token:
            yield Finding(
                what="slack", ok=False, detail="an app token but no bot: nothing listens", advice="see docs/slack.md"
            )
        return
    routes = (route, *(route_to(settings, route, channel) for channel in named_channels(settings)))
    for bot in {each.channel: each for each in routes if isinstance(each, SlackBot)}.values():
        for finding in bot.diagnose():
            yield Finding(what="slack", ok=finding.ok, detail=finding.what, advice=finding.advice)
    yield from listening_findings(settings)


def listening_findings(settings: Settings) -> Iterator[Finding]:
    """Check what clicks and commands need; that the app is interactive shows only in the clicks that arrived."""
    from alerts.delivery.slack.socket_mode import diagnose

    if settings.slack_app_token is None:
        return
    opened = diagnose(settings.slack_app_token.get_secret_value(), base_url=settings.slack_api_url)
    yield Finding(what="slack", ok=opened.ok, detail=opened.what, advice=opened.advice)
    correctors = f"{len(settings.slack_correctors)} may correct" if settings.slack_correctors else "nobody may correct"
    yield Finding(what="slack", ok=True, detail=f"clicks and commands: {correctors}; {last_asked(settings)}")


def last_asked(settings: Settings) -> str:
    """Return when somebody last clicked or asked something in Slack, as the snapshot knows."""
    from warehouse.query import query

    try:
        ((last,),) = query(settings.warehouse, "SELECT max(asked_at) FROM interactions").rows
    except BrinkwatchError:
        last = None
    return f"the last at {last:%Y-%m-%d %H:%M} UTC" if last else "none arrived yet"


def named_channels(settings: Settings) -> list[str]:
    """Return the channels that rules name beside that of the settings; none if the rules cannot be read."""
    from alerts.policy.routes_file import load_routing

    try:
        return [channel for channel in load_routing(settings.seeds).channels if channel != settings.slack_channel]
    except BrinkwatchError:
        return []


def prefect_finding() -> Finding:
    """Check that the Prefect API answers."""
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        return Finding(what="prefect", ok=True, detail="no PREFECT_API_URL: cycles run directly, without a server")
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health", timeout=5) as answer:  # noqa: S310 - the user's own setting
            ok = answer.status == 200
    except (OSError, ValueError) as error:
        return Finding(what="prefect", ok=False, detail=f"{url}: {error}", advice="start it: prefect server start")
    return Finding(what="prefect", ok=ok, detail=url)


def monitor_findings(settings: Settings, *, server: bool) -> Iterator[Finding]:
    """Report when each step last succeeded, or what is wrong with a monitor that has gone quiet."""
    from flows.steps.liveness import look_at_news, notices_of, since
    from warehouse.store import Warehouse
    from warehouse.tables.notices import measure_pulse

    warehouse, now = Warehouse(settings.warehouse), datetime.now(UTC)
    notices, every = plans(settings, server=server)
    try:
        if not warehouse.exists():
            yield Finding(what="monitor", ok=True, detail="no cycle has run yet")
            return
        with warehouse.transaction() as tx:
            pulse = measure_pulse(tx, now=now)
    except BrinkwatchError:
        return  # reported by the check of the warehouse
    found = (*notices, *notices_of(pulse, every=every, now=now), *look_at_news(settings, now=now))
    wrong = [notice.text for notice in found if notice.text and notice.sure]
    for text in wrong:
        yield Finding(what="monitor", ok=False, detail=text, advice="see docs/operations.md: When it goes quiet")
    if not wrong:
        yield Finding(what="monitor", ok=True, detail=since(pulse, now=now))


def plans(settings: Settings, *, server: bool) -> "tuple[Sequence[Notice], Mapping[str, timedelta]]":
    """Return what is wrong with the deployments, and how often each step should succeed."""
    from flows.prefect_settings import intervals
    from flows.steps.liveness import timed

    if "PREFECT_API_URL" not in os.environ:
        return (), timed(settings)
    if not server:
        return (), intervals()
    from flows.prefect_settings import apply_prefect_defaults

    apply_prefect_defaults()
    from flows.orchestration.supervision import prefect_notices

    return prefect_notices()


def tried_feeds(settings: Settings) -> Iterator[Finding]:
    """Fetch every listed feed once, and store nothing."""
    from flows.cli.feeds import try_feeds

    for update in try_feeds(settings):
        ok = update.facts.outcome in {"updated", "unchanged"}
        yield Finding(what="feed", ok=ok, detail=f"{update.feed.id}: {update.facts.reason or update.facts.outcome}")
