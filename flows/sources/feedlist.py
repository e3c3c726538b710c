"""The feed list, ``seeds/feeds.csv``: reading, checking, adding and removing.

People edit the file by hand too, so what a change does not concern stays as it is, byte for byte.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from extractors.suggestions import did_you_mean, similar
from flows.sources import urls
from flows.sources.feed_records import FeedSpec, SourceError
from flows.sources.objectives import TIERS, parse_bounds

COLUMNS = tuple(field.name for field in fields(FeedSpec))
REQUIRED = ("id", "outlet", "url", "ownership")
OWNERSHIP = frozenset({"state", "public", "private"})
GENRES = frozenset({"news", "opinion", "explainer", "anniversary", "live_blog", "transcript", "release"})


def load_feeds(path: Path) -> list[FeedSpec]:
    """Return the feeds that ``path`` lists; SourceError names the file, the line and what is wrong with it."""
    reader = csv.DictReader(_lines(_read(path)), strict=True)
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


def save_feeds(path: Path, feeds: Sequence[FeedSpec]) -> None:
    """Write the whole list, in the order given."""
    _write(path, _csv([COLUMNS, *([getattr(feed, column) for column in COLUMNS] for feed in feeds)]))


def add_feeds(path: Path, feeds: Sequence[FeedSpec]) -> None:
    """Add lines for ``feeds`` at the end of the list; SourceError if the list would not be valid with them."""
    listed = load_feeds(path)
    taken = {key: feed for feed in listed for key in _keys(feed)}
    for feed in feeds:
        twins = [taken[key] for key in _keys(feed) if key in taken]
        problem = problem_of(feed) or next((f"is listed already: {twin.id}, {twin.url}" for twin in twins), None)
        if problem:
            raise SourceError(feed.url, problem)
        taken |= dict.fromkeys(_keys(feed), feed)
    text = _read(path)
    columns = next(csv.reader(_lines(text)))
    if not set(COLUMNS) <= set(columns):
        save_feeds(path, [*listed, *feeds])
        return
    end = "\r\n" if "\r\n" in text else "\n"
    rows = [[getattr(feed, column) for column in columns] for feed in feeds]
    _write(path, text + ("" if text.endswith("\n") else end) + _csv(rows, end=end))


def remove_feed(path: Path, feed: str) -> None:
    """Remove the lines of the feed with this id from the list."""
    text = _read(path)
    lines = _lines(text)
    reader = csv.DictReader(lines)
    end = 1
    for row in reader:
        start, end = end, reader.line_num
        if (row["id"] or "").strip() == feed:
            gone = "".join(lines[start:end])
            at = len(text) - len("".join(lines[start:]))
            _write(path, text[:at] + text[at + len(gone) :])
            return


def listed_as(feeds: Sequence[FeedSpec], url: str) -> FeedSpec | None:
    """Return the listed feed with this address, however it is spelled."""
    wanted = urls.identity(url)
    return next((feed for feed in feeds if wanted and urls.identity(feed.url) == wanted), None)


def find_feed(feeds: Sequence[FeedSpec], name: str) -> FeedSpec:
    """Return the feed with this id, address or outlet; SourceError suggests similar ones, or lists several matches."""
    exact = [feed for feed in feeds if feed.id == name] or [feed for feed in [listed_as(feeds, name)] if feed]
    found = exact or [feed for feed in feeds if feed.outlet.casefold() == name.strip().casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise SourceError(name, f"has several feeds, name one: {', '.join(feed.id for feed in found)}")
    ids = {key: feed.id for feed in feeds for key in (feed.id, feed.outlet)}
    near = similar(name, ids, called=ids)
    raise SourceError(name or "an empty name", f"is not in the list{did_you_mean(near)}")


def _read(path: Path) -> str:
    try:
        # not read_text, which would turn \r\n into \n
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SourceError(str(path), "is not UTF-8") from error


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text.removeprefix("\ufeff"), newline=""))


def _csv(rows: Sequence[Sequence[str]], *, end: str = "\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    temporary = path.with_suffix(".csv.new")
    try:
        temporary.write_bytes(text.encode("utf-8"))
        temporary.replace(path)
    except OSError as error:
        raise SourceError(str(path), f"cannot be written: {error.strerror}") from error


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
    """Return what is wrong with one feed's line, if anything."""
    checks = (
        (re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", feed.id), f"id {feed.id!r} is not a slug (a-z, 0-9, hyphens)"),
        (feed.outlet, "has no outlet"),
        (urls.canonicalise(feed.url), f"url {feed.url!r} is not an http or https address"),
        (feed.ownership in OWNERSHIP, f"ownership {feed.ownership!r} is not one of {', '.join(sorted(OWNERSHIP))}"),
        (feed.genre in GENRES, f"genre {feed.genre!r} is not one of {', '.join(sorted(GENRES))}"),
        (feed.tier in TIERS, f"tier {feed.tier!r} is not one of {', '.join(TIERS)}"),
        (re.fullmatch(r"([A-Z]{2})?", feed.country), f"country {feed.country!r} is not an ISO 3166-1 alpha-2 code"),
    )
    return next((problem for fine, problem in checks if not fine), None) or _problem_of_bounds(feed)


def _problem_of_bounds(feed: FeedSpec) -> str | None:
    try:
        parse_bounds(feed.bounds)
    except ValueError as error:
        return f"bounds {error}"
    return None


def _check_unique(where: str, feed: FeedSpec, seen: dict[str, int], line: int) -> None:
    for key in _keys(feed):
        if key in seen:
            raise SourceError(where, f"repeats {key} of line {seen[key]}")
        seen[key] = line


def _keys(feed: FeedSpec) -> tuple[str, str]:
    return feed.id, urls.identity(feed.url) or feed.url
