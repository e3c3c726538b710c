"""The list of feeds, ``seeds/feeds.csv``: read and checked."""

from pathlib import Path

from flows.sources.records import FeedSpec


def load_feeds(path: Path) -> list[FeedSpec]:
    """Return the feeds that ``path`` lists; SourceError names the file, the line and what is wrong with it."""
    raise NotImplementedError(path)
