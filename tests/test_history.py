"""Acts of speech and the history of red lines: the same whatever the order in which articles arrive."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from transactions import store_articles, store_signals, transact
from warehouses import new_warehouse

from extractors.records import Article, Kind, Signals, Speech, Stage, Statement, Transfer, WeaponMention
from warehouse.query import query
from warehouse.tables.articles import articles_to_read

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
IF_SENT = "long-range Anvil missiles are handed to the island"


def said(number: int, quote: str, *, day: float, **fields: Any) -> tuple[Article, Signals]:
    """Return an article of a day in which a minister of XA says one thing."""
    outlet: dict[str, Any] = {name: fields.pop(name) for name in ("source", "ownership") if name in fields}
    weapon = quote.find("Anvil")
    own = " ".join(f"w{number}x{place}" for place in range(40))
    article = Article(
        id=f"a{number:02}", identity=f"u{number}", text=f"{quote} {own}",
        published=NOW + timedelta(days=day), **{"source": f"Outlet {number}", "ownership": "private", **outlet},
    )  # fmt: skip
    known: dict[str, Any] = {
        "kind": Kind.RED_LINE,
        "speaker": "Ada",
        "speaker_id": "ada",
        "side": "XA",
        "severity": 3,
        "speech": Speech.DIRECT,
    } | fields
    statement = Statement(cue="said", start=0, end=len(quote), quote=quote, **known)
    mention = WeaponMention(
        weapon="anvil", name="Anvil", category="missile", specific=True, known=True, family=None,
        text="Anvil", start=weapon, end=weapon + 5,
    )  # fmt: skip
    return article, Signals(article=article.id, statements=(statement,), weapons=(mention,) if weapon >= 0 else ())


def done(
    number: int, stage: Stage, *, day: float, recipient: str = "XB", supplier: str = "XC", background: bool = False
) -> tuple[Article, Signals]:
    """Return an article of a day that reports what became of the weapon."""
    article = Article(
        id=f"a{number:02}", identity=f"u{number}", text="Anvil moved.", published=NOW + timedelta(days=day)
    )
    moved = Transfer(
        weapon="anvil", supplier=supplier, recipient=recipient, stage=stage, start=0, end=12, background=background
    )
    return article, Signals(article=article.id, transfers=(moved,))


def filled(path: Path, read: Sequence[tuple[Article, Signals]], *, seed: int = 0) -> Path:
    """Return the path of a warehouse into which the articles came four by four, in an order of chance."""
    warehouse, found = new_warehouse(path), {article.id: signals for article, signals in read}
    order = random.Random(seed).sample(read, len(read))
    for start in range(0, len(order), 4):
        store_articles(warehouse, [article for article, _ in order[start : start + 4]], now=NOW)
        stored = [(article, found[article.id]) for article in transact(warehouse, articles_to_read, limit=5)]
        store_signals(warehouse, stored, version="1", now=NOW, decide=lambda _news: [])
    warehouse.publish()
    return path


OPENLY = "If such missiles are delivered we will be at war with the alliance."
ONE_ACT = [
    said(1, OPENLY, day=0),
    said(2, "Delivery of such missiles would mean that they are at war with NATO.", day=0.2, speech=Speech.INDIRECT),
    said(3, "Supply of these rockets means war with the alliance, the minister said.", day=0.5, relayed_by="Agency"),
    said(4, OPENLY, day=1, source="S1", ownership="state"),
    said(5, OPENLY, day=1.1, source="S2", ownership="state"),
    said(6, OPENLY, day=1.2, source="S3", ownership="state"),
    said(7, OPENLY, day=9),
]  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
def test_one_act_of_speech_is_one_utterance(tmp_path: Path, seed: int) -> None:
    """Direct, indirect, translated, relayed, it is one, from its earliest article; said again a week later, another."""
    path = filled(tmp_path / "w.duckdb", ONE_ACT, seed=seed)
    sql = "SELECT utterance, origin, articles, relays, relayed_by, len(outlets), independent_outlets FROM utterances"
    assert query(path, f"{sql} ORDER BY 1").rows == [
        (1, "a01", 6, 1, ["Agency"], 6, 3),
        (2, "a07", 1, 0, [], 1, 1),
    ]


HISTORY = [
    said(1, f"If {IF_SENT}, we will respond.", day=0, condition=IF_SENT, consequence="we will respond"),
    said(2, f"We will respond if {IF_SENT}.", day=8, condition=IF_SENT, consequence="we will respond"),
    said(3, f"If {IF_SENT}, cities will burn in nuclear fire.", day=12, condition=IF_SENT, nuclear=True, severity=5,
         consequence="cities will burn in nuclear fire"),
    said(4, f"If {IF_SENT}, diplomats would be expelled at once.", day=20, condition=IF_SENT, severity=2,
         consequence="diplomats would be expelled"),
    said(5, "It is not a red line when Anvil missiles go to the island.", day=24, kind=Kind.COMMENTARY, severity=1),
    said(6, "We will break any blockade of the strait by force.", day=25, kind=Kind.THREAT),
    done(7, Stage.DELIVERED, day=26),
    done(8, Stage.DELIVERED, day=27),
    done(9, Stage.USED, day=40),
    done(10, Stage.USED, day=28, recipient="XA", supplier="XA"),
    said(11, "Anyone who blockades the port is our enemy from then on.", day=70),
]  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
def test_history_of_a_red_line(tmp_path: Path, seed: int) -> None:
    """What was drawn, repeated, sharpened, softened, dismissed and crossed, and what followed, by publication."""
    path = filled(tmp_path / "w.duckdb", HISTORY, seed=seed)
    sql = """
        SELECT event, article FROM claim_history
        WHERE red_line = (SELECT id FROM red_lines WHERE article = 'a01') ORDER BY happened_at, event
    """
    told = query(path, sql).rows
    assert list(told) == [
        ("drawn", "a01"),
        ("repeated", "a02"),
        ("sharpened", "a03"),
        ("softened", "a04"),
        ("dismissed", "a05"),
        ("followed", "a06"),
        ("crossed", "a07"),
        ("followed", "a10"),
        ("crossed", "a09"),
    ]


def test_another_consequence_of_the_same_gravity_sharpens(tmp_path: Path) -> None:
    """A line that is drawn again with something else to follow is told as such."""
    more = said(2, f"If {IF_SENT}, the pipeline is closed for good.", day=9, condition=IF_SENT,
                consequence="the pipeline is closed for good")  # fmt: skip
    first = said(1, f"If {IF_SENT}, all their tankers will be seized.", day=0, condition=IF_SENT,
                 consequence="all their tankers will be seized")  # fmt: skip
    path = filled(tmp_path / "w.duckdb", [first, more])
    events = query(
        path, "SELECT event FROM claim_history WHERE event <> 'followed' ORDER BY red_line, happened_at"
    ).rows
    assert sorted(events) == [("drawn",), ("drawn",), ("sharpened",), ("sharpened",)]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_told_as_past_stands_on_the_timeline_and_turns_nothing(tmp_path: Path, seed: int) -> None:
    """A refusal recalled after the delivery is marked, and neither a reversal nor a crossing of a red line."""
    reports = [
        said(1, f"If {IF_SENT}, we are at war.", day=0, condition=IF_SENT),
        done(2, Stage.PLEDGED, day=1),
        done(3, Stage.REFUSED, day=2, background=True),
        done(4, Stage.USED, day=3, background=True),
        done(5, Stage.DELIVERED, day=4),
        done(6, Stage.DELIVERED, day=5, background=True),
    ]
    path = filled(tmp_path / "w.duckdb", reports, seed=seed)
    timeline = "SELECT stage, background, previous_stage, reversal, articles FROM weapon_timeline ORDER BY step"
    assert query(path, timeline).rows == [
        ("pledged", False, None, False, 1),
        ("refused", True, None, False, 1),
        ("used", True, None, False, 1),
        ("delivered", False, "pledged", False, 2),
    ]
    assert query(path, "SELECT crossed_by FROM red_line_ledger").rows == [("anvil delivered XB",)]
    assert query(path, "SELECT DISTINCT kind FROM escalation_daily WHERE severity IS NULL ORDER BY kind").rows == [
        ("delivered",),
        ("pledged",),
    ]
