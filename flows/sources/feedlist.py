"""The list of feeds, ``seeds/feeds.csv``: read and checked."""

import csv
import re
from dataclasses import fields
from pathlib import Path

from flows.sources import urls
from flows.sources.records import FeedSpec, SourceError

COLUMNS = tuple(field.name for field in fields(FeedSpec))
REQUIRED = ("id", "outlet", "url", "ownership")
OWNERSHIP = frozenset({"state", "public", "private"})
GENRES = frozenset({"news", "opinion", "explainer", "anniversary", "live_blog", "transcript", "release"})


def load_feeds(path: Path) -> list[FeedSpec]:
    """Return the feeds that ``path`` lists; SourceError names the file, the line and what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SourceError(str(path), "is not UTF-8") from error
    reader = csv.DictReader(text.splitlines(), strict=True)
    feeds: list[FeedSpec] = []
    seen: dict[str, int] = {}
    try:
        _check_columns(path, reader.fieldnames)
        for row in reader:
            feeds.append(_feed(f"{path}:{reader.line_num}", row))
            _check_unique(f"{path}:{reader.line_num}", feeds[-1], seen, reader.line_num)
    except csv.Error as error:
        raise SourceError(f"{path}:{reader.line_num}", str(error)) from error
    return feeds


def save_feeds(path: Path, feeds: list[FeedSpec]) -> None:
    """Write the list whole, in the order given."""
    temporary = path.with_suffix(".csv.new")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(feed, column) for column in COLUMNS] for feed in feeds)
    temporary.replace(path)


def _check_columns(path: Path, names: object) -> None:
    columns = list(names) if isinstance(names, list | tuple) else []
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in COLUMNS]
    if missing or unknown:
        problem = (
            f"misses the columns {', '.join(missing)}" if missing else f"has unknown columns: {', '.join(unknown)}"
        )
        raise SourceError(f"{path}:1", problem)


def _feed(where: str, row: dict[str, str | None]) -> FeedSpec:
    if None in row or None in row.values():
        raise SourceError(where, "has more or fewer fields than the header")
    values = {name: str(value).strip() for name, value in row.items()}
    feed = FeedSpec(**{name: value for name, value in values.items() if value or name in REQUIRED})
    problem = problem_of(feed)
    if problem:
        raise SourceError(where, problem)
    return feed


def problem_of(feed: FeedSpec) -> str | None:
    """Say what is wrong with one feed's line, if anything."""
    checks = (
        (re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", feed.id), f"id {feed.id!r} is no slug (a-z, 0-9, hyphens)"),
        (feed.outlet, "has no outlet"),
        (urls.canonicalise(feed.url), f"url {feed.url!r} is no http or https address"),
        (feed.ownership in OWNERSHIP, f"ownership {feed.ownership!r} is none of {', '.join(sorted(OWNERSHIP))}"),
        (feed.genre in GENRES, f"genre {feed.genre!r} is none of {', '.join(sorted(GENRES))}"),
        (re.fullmatch(r"([A-Z]{2})?", feed.country), f"country {feed.country!r} is no ISO 3166-1 alpha-2 code"),
    )
    return next((problem for fine, problem in checks if not fine), None)


def _check_unique(where: str, feed: FeedSpec, seen: dict[str, int], line: int) -> None:
    for key in (feed.id, urls.identity(feed.url) or feed.url):
        if key in seen:
            raise SourceError(where, f"repeats {key} of line {seen[key]}")
        seen[key] = line
