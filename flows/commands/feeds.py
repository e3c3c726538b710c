"""``brinkwatch feeds``: the feed list and how each feed is doing."""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.sources.records import FeedSpec, FeedUpdate

feeds = typer.Typer(help="The feed list and how each feed is doing.", no_args_is_help=True)


@feeds.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False) -> None:
    """List the feeds with their health and when they are due."""
    from flows.sources.feedlist import load_feeds
    from warehouse.store import Warehouse

    settings = load_settings()
    listed = load_feeds(settings.seeds / "feeds.csv")
    states = Warehouse(settings.warehouse).feed_states() if settings.warehouse.exists() else {}
    if as_json:
        for feed in listed:
            print(json.dumps(asdict(feed) | {"state": states.get(feed.id)}, default=str, ensure_ascii=False))
        return
    table = Table("feed", "outlet", "ownership", "health", "last answered", "due", "trouble", show_edge=False)
    for feed in listed:
        state = states.get(feed.id, {})
        table.add_row(
            feed.id,
            Text(feed.outlet),
            feed.ownership,
            state.get("health") or "new",
            minute(state.get("last_success_at")),
            minute(state.get("next_due_at")),
            Text(state.get("last_error") or "", style="yellow"),
        )
    Console().print(table)


def minute(moment: datetime | None) -> str:
    """Return an instant to the minute, a dash where there is none."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "–"


@feeds.command()
def test(url: Annotated[str, typer.Argument(help="The address of a feed.")]) -> None:
    """Fetch a feed once, store nothing, and show what it brings.

    Example: brinkwatch feeds test https://www.nato.int/cps/rss/en/natohq/rssFeed.xsl/rssFeed.xml
    """
    from flows.sources.records import FeedSpec

    spec = FeedSpec(id="test", outlet=url, url=url)
    (update,) = fetch_once(load_settings(), [spec])
    console = Console()
    console.print(Text(f"{update.facts.outcome}: {update.facts.reason or url}", style="bold"))
    for article in update.articles:
        published = (
            minute(article.published) if article.published else f"undated ({article.published_raw or 'no date'})"
        )
        console.print(Text(f"{published}  {article.genre:12} {article.title}"))
    for failure in update.failures:
        console.print(Text(f"not read: {failure.where}: {failure.reason}", style="yellow"))
    if not update.articles:
        raise typer.Exit(1)


def try_feeds(settings: Settings) -> "list[FeedUpdate]":
    """Fetch every listed feed once and store nothing."""
    from flows.sources.feedlist import load_feeds

    return fetch_once(settings, load_feeds(settings.seeds / "feeds.csv"))


def fetch_once(settings: Settings, specs: "list[FeedSpec]") -> "list[FeedUpdate]":
    """Fetch feeds as if for the first time, within the budget of a cycle."""
    from flows.sources.records import FeedForUpdate, FeedState
    from flows.sources.update import update_feeds
    from flows.work.ingest import fetch_settings

    async def fetched() -> "list[FeedUpdate]":
        updates = update_feeds(
            [FeedForUpdate(feed=spec, state=FeedState(feed=spec.id, url=spec.url)) for spec in specs],
            settings=fetch_settings(settings),
            now=datetime.now(UTC),
            budget=timedelta(seconds=settings.fetch_budget),
            known=lambda _identities: set(),
        )
        return [update async for update in updates]

    return asyncio.run(fetched())
