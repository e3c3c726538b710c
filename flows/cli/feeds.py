"""``brinkwatch feeds``: manage the feed list, and see how each feed is doing."""

import asyncio
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from extractors.counts import plural
from flows.cli.output import Console, compact, print_json, stacked
from flows.cli.warehouse_access import reading
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.sources.discover import Trial
    from flows.sources.feed_records import FeedSpec, FeedUpdate

feeds = typer.Typer(help="Manage the feed list, and see how each feed is doing.", no_args_is_help=True)

HEALTH = """
SELECT feed, outlet, health, last_success_at, last_new_at, successes_7d, failures_7d, new_entries_7d, articles,
    overlap, missed_alarms, lying_304, last_error, tier, interval_s, requests_a_day, bytes_a_day,
    hub_status, hub_lease_until, hub_pushed_at
FROM feed_health
ORDER BY list_position(['failing', 'gone', 'quiet', 'new', 'ok'], health), outlet
"""
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]


@feeds.command("list")
def list_(as_json: Json = False) -> None:
    """List the feeds, with their health and when they are due."""
    from flows.sources.feedlist import load_feeds
    from flows.sources.urls import without_password
    from warehouse.tables.articles import feed_states

    settings = load_settings()
    listed = load_feeds(_list_of(settings))
    with reading(settings) as tx:
        states = feed_states(tx) if tx else {}
    if as_json:
        for feed in listed:
            shown = asdict(feed) | {"url": without_password(feed.url), "state": states.get(feed.id)}
            print_json(shown)
        return
    table = compact(Column("feed", ratio=1), "tier", "health", _moment("last answered"), _moment("due (UTC)"))
    for feed in listed:
        state = states.get(feed.id, {})
        table.add_row(
            stacked(feed.id, f"{feed.outlet}, {feed.ownership}", state.get("last_error")),
            feed.tier,
            state.get("health") or "new",
            minute(state.get("last_success_at")),
            minute(state.get("next_due_at")),
        )
    Console().print(table)


def _moment(header: str) -> Column:
    return Column(header, no_wrap=True)


def minute(moment: datetime | None) -> str:
    """Return an instant to the minute, or a dash if there is none."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "–"


def _list_of(settings: Settings) -> Path:
    return settings.seeds / "feeds.csv"


@feeds.command()
def add(
    url: Annotated[str, typer.Argument(help="The address of a feed, or of a page that has one.")],
    *,
    feed_id: Annotated[str, typer.Option("--id", help="Id of the feed; by default made from the outlet's name.")] = "",
    outlet: Annotated[str, typer.Option(help="The outlet's name; by default the feed's title.")] = "",
    country: Annotated[str, typer.Option(help="Country (ISO 3166-1 alpha-2); empty for an organisation.")] = "",
    ownership: Annotated[str, typer.Option(help="state, public or private")] = "private",
    genre: Annotated[str, typer.Option(help="What its entries are: news, opinion, explainer, release, …")] = "news",
    kind: Annotated[str, typer.Option(help="The group it is listed under: wire, ministry, press, …")] = "",
    tier: Annotated[str, typer.Option(help="How soon to notice its entries: flash, fast, normal or slow")] = "normal",
) -> None:
    """Find the feed at an address, try it, and add it to the list.

    Example: brinkwatch feeds add https://breakingdefense.com --country US --kind defence_press
    """
    from flows.sources.feed_records import FeedSpec, SourceError
    from flows.sources.feedlist import add_feeds, load_feeds, problem_of
    from flows.sources.opml import slug, unique

    settings = load_settings()
    listed = load_feeds(_list_of(settings))
    _check_unlisted(listed, url)
    wanted = FeedSpec(
        id=feed_id or "not-known-yet",
        outlet=outlet or url,
        url=url,
        country=country.upper(),
        ownership=ownership,
        genre=genre,
        kind=kind,
        tier=tier,
        seen_at=f"brinkwatch feeds add {url}, {datetime.now(UTC):%B %Y}",
    )
    if problem := problem_of(wanted):  # before a minute is spent on trying the address
        raise SourceError(url, problem)
    trial = _tried(settings, url)
    _check_unlisted(listed, trial.url)
    outlet = outlet or trial.title or trial.url
    feed = replace(
        wanted,
        id=feed_id or unique(slug(outlet), {feed.id for feed in listed}),
        outlet=outlet,
        url=trial.url,
        language=(trial.language or "en")[:2].lower(),
    )
    add_feeds(_list_of(settings), [feed])
    entries = plural(trial.entries, "entry", "entries")
    newest = f", the newest of {minute(trial.newest)}" if trial.newest else ""
    _say(f"added {feed.id}: {feed.outlet}, {feed.url} ({trial.kind}, {entries}{newest})")


def _say(line: str) -> None:
    from flows.sources.urls import without_password

    Console().print(Text(without_password(line)), soft_wrap=True)


def _check_address(url: str) -> None:
    """Raise SourceError if ``url`` is not an address."""
    from flows.sources import urls
    from flows.sources.feed_records import SourceError

    if urls.canonicalise(url) is None:
        raise SourceError(url or "an empty text", "is not an http or https address")


def _check_unlisted(listed: "list[FeedSpec]", url: str) -> None:
    """Raise SourceError if ``url`` is not an address, or is listed already."""
    from flows.sources.feed_records import SourceError
    from flows.sources.feedlist import listed_as

    _check_address(url)
    twin = listed_as(listed, url)
    if twin:
        raise SourceError(url, f"is listed already: {twin.id}, {twin.outlet}")


def _tried(settings: Settings, url: str) -> "Trial":
    """Return the feed that ``url`` is or leads to; SourceError says what was tried if there is none."""
    from flows.sources.discover import try_feed
    from flows.sources.feed_records import SourceError
    from flows.steps.ingest import fetch_settings

    trials = asyncio.run(try_feed(url, settings=fetch_settings(settings), now=datetime.now(UTC)))
    usable = [trial for trial in trials if trial.problem is None]
    if not usable:
        tried = "; ".join(f"{trial.url}: {trial.problem}" for trial in trials[1:])
        raise SourceError(url, f"no feed found: {trials[0].problem}" + (f" (also tried {tried})" if tried else ""))
    for other in usable[1:]:
        _say(f"also there, not added: {other.url} ({other.title})")
    return usable[0]


@feeds.command()
def remove(name: Annotated[str, typer.Argument(help="Id, address or outlet of the feed.")]) -> None:
    """Remove a feed from the list; its articles stay in the warehouse."""
    from flows.sources.feedlist import find_feed, load_feeds, remove_feed

    path = _list_of(load_settings())
    feed = find_feed(load_feeds(path), name)
    remove_feed(path, feed.id)
    _say(f"removed {feed.id}: {feed.outlet}, {feed.url}")


@feeds.command()
def health(as_json: Json = False) -> None:
    """Show how each feed did in the last week, those with problems first, as of the last finished cycle."""
    from flows.sources.feedlist import load_feeds
    from warehouse.query import query

    settings = load_settings()
    listed = {feed.id for feed in load_feeds(_list_of(settings))}
    result = query(settings.warehouse, HEALTH)
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    rows = [row for row in rows if row["feed"] in listed]
    if as_json:
        for row in rows:
            print_json(row)
        return
    Console().print(_health_table(rows))
    waiting = sorted(listed - {row["feed"] for row in rows})
    if waiting:
        _say(f"not fetched yet: {', '.join(waiting)}")


def _health_table(rows: list[dict[str, Any]]) -> Table:
    caption = "ok, failed, new: in the last seven days; requests, kB: per day, without pages of articles"
    table = compact(
        Column("feed", ratio=1), "tier\nhealth", _moment("last answered\nlast new"),
        Column("ok\nfailed", justify="right"), Column("new\narticles", justify="right"),
        Column("requests\nkB", justify="right"),
    )  # fmt: skip
    table.caption = caption
    for row in rows:
        table.add_row(
            stacked(row["feed"], _remarks(row)),
            stacked(row["tier"], Text(row["health"], style="" if row["health"] == "ok" else "yellow")),
            stacked(minute(row["last_success_at"]), minute(row["last_new_at"])),
            stacked(f"{row['successes_7d']:,}", f"{row['failures_7d']:,}"),
            stacked(f"{row['new_entries_7d']:,}", f"{row['articles']:,}"),
            stacked(f"{row['requests_a_day'] or 0:,}", f"{(row['bytes_a_day'] or 0) / 1000:,.0f}"),
        )
    return table


def _remarks(row: dict[str, Any]) -> str:
    remarks = (
        (row["last_error"], row["last_error"]),
        (row["missed_alarms"], f"may have missed entries, {plural(row['missed_alarms'], 'time')}"),
        (row["hub_status"] == "active", f"its hub announces new entries until {minute(row['hub_lease_until'])}"),
        (row["hub_status"] == "denied", "its hub refuses to announce new entries"),
        (row["lying_304"], f'said "not modified" wrongly, {plural(row["lying_304"], "time")}'),
    )
    return "; ".join(remark for applies, remark in remarks if applies)


@feeds.command("import")
def import_(file: Annotated[Path, typer.Argument(help="An OPML file, or - for standard input.")]) -> None:
    """Add the feeds of an OPML file to the list, without fetching them."""
    from flows.sources.feedlist import add_feeds, load_feeds
    from flows.sources.opml import import_opml, merge

    path = _list_of(load_settings())
    listed = load_feeds(path)
    found = import_opml(_content(file), where=str(file))
    new = merge(listed, found)
    add_feeds(path, new)
    for feed in new:
        _say(f"added {feed.id}: {feed.outlet}, {feed.url}")
    _say(f"{len(new)} added, {len(found) - len(new)} listed already; `brinkwatch doctor` tries them all")


def _content(file: Path) -> bytes:
    from flows.sources.feed_records import SourceError

    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise SourceError(str(file), f"cannot be read: {error.strerror}") from error


@feeds.command()
def export(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of stdout.")] = None,
) -> None:
    """Write the list as OPML, which every feed reader can import."""
    from flows.sources.feed_records import SourceError
    from flows.sources.feedlist import load_feeds
    from flows.sources.opml import export_opml

    document = export_opml(load_feeds(_list_of(load_settings())))
    if output is None:
        print(document, end="")
        return
    try:
        output.write_text(document, encoding="utf-8")
    except OSError as error:
        raise SourceError(str(output), f"cannot be written: {error.strerror}") from error


@feeds.command()
def test(url: Annotated[str, typer.Argument(help="The address of a feed, or of a page that has one.")]) -> None:
    """Fetch a feed once, store nothing, and show what is in it.

    Example: brinkwatch feeds test https://www.nato.int/cps/rss/en/natohq/rssFeed.xsl/rssFeed.xml
    """
    from flows.sources.feed_records import FeedSpec, Trouble

    settings = load_settings()
    _check_address(url)
    (update,) = fetch_once(settings, [FeedSpec(id="test", outlet=url, url=url)])
    if any(failure.trouble is Trouble.NOT_A_FEED for failure in update.failures):
        url = _tried(settings, url).url
        (update,) = fetch_once(settings, [FeedSpec(id="test", outlet=url, url=url)])
    console = Console()
    console.print(Text(f"{update.facts.outcome}: {update.facts.reason or update.feed.url}", style="bold"))
    for article in update.articles:
        published = (
            minute(article.published) if article.published else f"undated ({article.published_raw or 'no date'})"
        )
        console.print(Text(f"{published}  {article.genre:12} {article.title}"))
    for failure in update.failures:
        console.print(Text(f"not read: {failure.where}: {failure.reason}", style="yellow"))
    if not update.articles:
        raise typer.Exit(1)


@feeds.command()
def listen() -> None:
    """Subscribe to the hubs that feeds name, so that these feeds are polled at once when there is something new.

    Runs until stopped. Needs an address that hubs can reach (BRINKWATCH_WEBSUB_URL) and a secret
    (BRINKWATCH_WEBSUB_SECRET); see docs/feeds.md.
    """
    from flows.steps.websub import listen as serve_hubs

    serve_hubs(load_settings())


def try_feeds(settings: Settings) -> "list[FeedUpdate]":
    """Fetch every listed feed once, and store nothing."""
    from flows.sources.feedlist import load_feeds

    return fetch_once(settings, load_feeds(_list_of(settings)))


def fetch_once(settings: Settings, specs: "list[FeedSpec]") -> "list[FeedUpdate]":
    """Fetch feeds as if for the first time, within the budget of a cycle."""
    from flows.sources.feed_records import FeedForUpdate, FeedState
    from flows.sources.update import update_feeds
    from flows.steps.ingest import fetch_settings

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
