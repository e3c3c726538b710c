"""The seed documents: text files, each with a sidecar file of the same stem that says what is known about it.

The sidecar is a JSON object with any of ``title``, ``outlet``, ``published`` (RFC 3339), ``url``, ``ownership``,
``genre``, and ``how_we_know`` for people.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from extractors.records import Article, content_id, document_of
from flows.sources import genre, urls
from flows.sources.feed_records import Failure, Trouble
from flows.sources.parsing import dates
from flows.sources.parsing.language import language_of

LARGEST = 5 * 1024 * 1024
"""Most bytes; the longest real documents (treaties, transcripts of a day) stay below one megabyte."""


class SeedError(ValueError):
    """A seed document that cannot be used; the message says why."""


def read_seeds(folder: Path, now: datetime) -> tuple[list[Article], list[Failure]]:
    """Return an article for each readable ``folder/*.txt`` (``backlog`` set), and a failure for each that is not."""
    articles: list[Article] = []
    failures: list[Failure] = []
    for path in sorted(folder.glob("*.txt")):
        try:
            articles.append(read_seed(path, now))
        except SeedError as error:
            failures.append(Failure(where=str(path), trouble=Trouble.SEED, reason=str(error)))
    return articles, failures


def read_seed(path: Path, now: datetime) -> Article:
    """Return the article of a text and of the sidecar beside it, if there is one; SeedError says why there is none."""
    text = _text(path)
    known = _sidecar(path.with_suffix(".json"))
    title, url = _field(known, "title") or "", _field(known, "url")
    published = dates.read(_field(known, "published"), now=now)
    identity = (urls.identity(url) if url else None) or f"seed:{path.stem}"
    return Article(
        id=content_id(identity, document_of(title, text)),
        identity=identity,
        title=title,
        text=text,
        url=url,
        source=_field(known, "outlet"),
        published=published.instant,
        published_raw=published.raw,
        seen=now,
        ownership=_field(known, "ownership"),
        genre=_field(known, "genre") or genre.detect(url=url, title=title, text=text),
        language=language_of(text),
        backlog=True,
    )


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise SeedError(f"is {size / 2**20:.0f} MB; at most {LARGEST >> 20} MB are read")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SeedError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SeedError(f"is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    if not text.strip():
        raise SeedError("is empty")
    return text


def _sidecar(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SeedError(f"has a sidecar {path.name} that cannot be read: {error}") from error
    if not isinstance(known, dict):
        raise SeedError(f"has a sidecar {path.name} that is not a JSON object")
    return known


def _field(known: dict[str, Any], name: str) -> str | None:
    value = known.get(name)
    if value is not None and not isinstance(value, str):
        raise SeedError(f"has a sidecar whose {name} is not a string")
    return value or None
