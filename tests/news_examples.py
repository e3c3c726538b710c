"""Small articles, signals and alerts for the tests of alerting."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from extractors.records import (
    Alert,
    AlertKind,
    Article,
    Kind,
    News,
    Speech,
    Stage,
    Statement,
    Transfer,
    WeaponMention,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TEXT = (
    "Berlin has agreed to send Taurus missiles to Ukraine, two officials said. "
    "The Kremlin warned that any Taurus strike would mean direct participation of Germany. "
    "The U.S. is watching. Moscow keeps Oreshnik on alert."
)


def article(text: str = TEXT, **fields: Any) -> Article:
    """An article of today by a known outlet."""
    known: dict[str, Any] = {
        "id": "a1",
        "title": "Berlin moves",
        "source": "Reuters",
        "ownership": "private",
        "url": "https://example.org/berlin",
        "published": NOW - timedelta(hours=1),
        "seen": NOW,
        "identity": "https://example.org/berlin",
    }
    return Article(text=text, **(known | fields))


def weapon(source: Article, text: str, **fields: Any) -> News:
    """The news that ``text`` of ``source`` names a weapon for the first time."""
    start = source.document.index(text)
    known: dict[str, Any] = {
        "weapon": text.lower(),
        "name": text,
        "category": "cruise_missile",
        "specific": True,
        "known": True,
        "family": None,
        "text": text,
        "start": start,
        "end": start + len(text),
    }
    mention = WeaponMention(**(known | fields))
    return News(
        kind=AlertKind.NEW_WEAPON,
        claim=f"weapon:{mention.weapon}",
        article=source,
        why=f"{text} was never seen before.",
        weapon=mention,
    )


def statement(source: Article, quote: str, **fields: Any) -> News:
    """The news that ``quote`` of ``source`` says something for the first time."""
    start = source.document.index(quote)
    known: dict[str, Any] = {
        "kind": Kind.RED_LINE,
        "speaker": "Kremlin",
        "speaker_id": "kremlin",
        "side": "RU",
        "speech": Speech.INDIRECT,
        "cue": "warned",
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "severity": 4,
        "confidence": 0.9,
    }
    said = Statement(**(known | fields))
    return News(
        kind=AlertKind.NEW_STATEMENT,
        claim=f"statement:{quote[:20]}",
        article=source,
        why="First red line of the Kremlin on this.",
        statement=said,
    )


def stage(source: Article, sentence: str, reached: Stage = Stage.PLEDGED, **fields: Any) -> News:
    """The news that ``sentence`` of ``source`` reports a stage for the first time."""
    start = source.document.index(sentence)
    known: dict[str, Any] = {
        "weapon": "taurus",
        "supplier": "DE",
        "recipient": "UA",
        "stage": reached,
        "start": start,
        "end": start + len(sentence),
    }
    return News(
        kind=AlertKind.NEW_STAGE,
        claim=f"stage:{reached}",
        article=source,
        why="Taurus for Ukraine was never pledged before.",
        transfer=Transfer(**(known | fields)),
    )


def alert(number: int = 1, **fields: Any) -> Alert:
    """An alert of today, ready to be sent; alerts of different numbers belong to different stories."""
    known: dict[str, Any] = {
        "id": f"{number:016x}",
        "kind": AlertKind.NEW_STATEMENT,
        "claim": f"claim-{number}",
        "article": f"article-{number}",
        "story": f"story-{number}",
        "headline": f"Kremlin draws red line {number}",
        "why": "First red line of the Kremlin on this.",
        "sentence": "The Kremlin warned that any Taurus strike would mean direct participation.",
        "marks": ((53, 73),),
        "severity": 4,
        "speaker": "Dmitry Peskov",
        "role": "Kremlin spokesman",
        "outlet": "Reuters",
        "ownership": "private",
        "title": "Berlin moves",
        "url": "https://example.org/berlin",
        "published": NOW - timedelta(hours=1),
        "seen": NOW,
    }
    return replace(Alert(**known), **fields)
