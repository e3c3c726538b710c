"""A small published warehouse for what analysts look at: the report, search and exports."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from transactions import store_articles, store_signals, transact
from warehouses import new_warehouse

from alerts.policy.decision import PolicySettings, decide
from extractors.records import Article, Kind, Signals, Speech, Stage, Statement, Transfer, WeaponMention
from warehouse.tables.articles import articles_to_read

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
HOSTILE = "</script><script>alert(1)</script> & \u202e“quoted” \u0007"
LINE = "If Taurus missiles reach Ukraine, Germany will be at war with us."
NAMES = {"RU": "Russia", "DE": "Germany", "UA": "Ukraine", "taurus": "Taurus"}

Read = tuple[Article, Signals]


def article(number: int, text: str, *, day: float, **fields: Any) -> Article:
    """An article of so many days before NOW."""
    known: dict[str, Any] = {
        "id": f"a{number:02}",
        "identity": f"u{number}",
        "title": f"Title {number}",
        "url": f"https://outlet{number}.example/{number}?a=1&b=2",
        "source": f"Outlet {number}",
        "ownership": "private",
        "published": NOW + timedelta(days=day),
    }
    own = " ".join(f"w{number}x{place}" for place in range(40))  # or else it would be a copy of another
    return Article(text=f"{text} {own}", **(known | fields))


def said(number: int, quote: str, *, day: float, outlet: dict[str, Any] | None = None, **fields: Any) -> Read:
    """An article in which an official says one thing."""
    read = article(number, quote, day=day, **outlet or {})
    start = read.document.index(quote)
    known: dict[str, Any] = {
        "kind": Kind.RED_LINE,
        "speaker": "Ada Vale",
        "speaker_id": "ada-vale",
        "role": "Minister of Russia",
        "side": "RU",
        "severity": 3,
        "speech": Speech.DIRECT,
        "condition": "Taurus missiles reach Ukraine",
        "consequence": "will be at war with us",
        "confidence": 0.9,
    } | fields
    statement = Statement(cue="said", start=start, end=start + len(quote), quote=quote, **known)
    return read, Signals(article=read.id, statements=(statement,), weapons=mentions(read))


def moved(number: int, sentence: str, stage: Stage, *, day: float, **fields: Any) -> Read:
    """An article that reports a step of the Taurus."""
    read = article(number, sentence, day=day, **fields)
    start = read.document.index(sentence)
    step = Transfer(weapon="taurus", supplier="DE", recipient="UA", stage=stage, start=start, end=start + len(sentence))
    return read, Signals(article=read.id, transfers=(step,), weapons=mentions(read))


def mentions(read: Article) -> tuple[WeaponMention, ...]:
    """The Taurus, where an article names it."""
    start = read.document.find("Taurus")
    mention = WeaponMention(
        weapon="taurus", name="Taurus", category="cruise_missile", specific=True, known=True, family=None,
        text="Taurus", start=start, end=start + 6,
    )  # fmt: skip
    return (mention,) if start >= 0 else ()


DAYS = [
    said(0, LINE, day=-20, addressee="Germany", outlet={"ownership": "state"}),
    said(1, LINE, day=-19.5, addressee="Germany"),
    moved(2, "Germany refused to send Taurus missiles to Ukraine.", Stage.REFUSED, day=-12),
    said(3, LINE, day=-10, severity=4),
    said(4, "We shall sink every ship in the strait.", day=-9, kind=Kind.THREAT, severity=5, nuclear=True,
         speaker=HOSTILE, speaker_id=None, condition=None, consequence=None,
         outlet={"title": HOSTILE, "url": "javascript:alert(1)", "source": HOSTILE, "ownership": HOSTILE}),
    moved(5, "Germany pledged Taurus missiles to Ukraine.", Stage.PLEDGED, day=-3),
    moved(6, "Germany has delivered Taurus missiles to Ukraine.", Stage.DELIVERED, day=-1, url=None),
    said(7, "Whoever feeds the rebels will regret it within days.", day=-0.5, kind=Kind.THREAT, speaker=None,
         speaker_id=None, role=None, side=None, condition=None, consequence="will regret it", severity=2),
    (article(8, "The council debated parking fees and a grain corridor.", day=-0.4), Signals(article="a08")),
]  # fmt: skip


def published(path: Path, read: Sequence[Read] = tuple(DAYS)) -> Path:
    """Return the path of a warehouse into which the articles came one by one, each an hour after its publication."""
    warehouse, policy = new_warehouse(path), PolicySettings(names=NAMES)
    for new, signals in read:
        now = (new.published or NOW) + timedelta(hours=1)
        store_articles(warehouse, [new], now=now)
        (stored,) = transact(warehouse, articles_to_read, limit=1)
        decided = partial(decide, now=now, settings=policy)
        store_signals(warehouse, [(stored, signals)], version="1", now=now, decide=decided, names=NAMES)
    warehouse.publish()
    return path
