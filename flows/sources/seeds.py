"""The seed documents: text files with a sidecar that says what is known of each."""

from datetime import datetime
from pathlib import Path

from extractors.records import Article
from flows.sources.records import Failure


def read_seeds(folder: Path, now: datetime) -> tuple[list[Article], list[Failure]]:
    """Return an article for each readable ``folder/*.txt`` (``backlog`` set), and a failure for each that is not."""
    raise NotImplementedError(folder, now)
