"""What analysts correct about transfers: stage, sides, weapon and direction, everywhere, for good, and back again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from transactions import store_articles, store_signals, transact
from typer.testing import CliRunner
from warehouses import new_warehouse

from alerts.policy import decision
from alerts.policy.severity_scale import shipped_scale
from extractors.records import (
    Alert,
    Article,
    DeliveryStatus,
    Kind,
    News,
    Signals,
    Speech,
    Stage,
    Statement,
    Transfer,
    WeaponMention,
)
from flows.cli.__main__ import app
from flows.cli.correct import reworded
from flows.steps.pickup import update_of
from warehouse.connection import transaction
from warehouse.errors import CorrectionError
from warehouse.store import Warehouse
from warehouse.stored_records import CorrectionKind, Saved, Status
from warehouse.tables.alerts import find_alert, latest_alerts
from warehouse.tables.articles import articles_to_read, articles_to_read_again
from warehouse.tables.corrected_alerts import Corrected
from warehouse.tables.corrections import fix_transfer, mark_false, undo_correction
from warehouse.tables.outbox import claim_alerts, record_delivery
from warehouse.tables.refreshes import record_refresh, sent_messages_to_refresh

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
NAMES = {"DE": "Germany", "PL": "Poland", "UA": "Ukraine", "FR": "France"}
SAYS = "Germany delivered Taurus to Ukraine."
TIMELINE = "SELECT weapon, supplier, recipient, stage FROM weapon_timeline ORDER BY ALL"
READ = ("taurus", "DE", "UA", "delivered")
SCALP = {"id": "scalp", "name": "SCALP", "category": "cruise_missile", "family": None, "specific": True, "known": True}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "w.duckdb")


def article(number: int, says: str = SAYS, **fields: Any) -> Article:
    """Return an article that shares with others only what it says."""
    own = " ".join(f"w{number}x{place}" for place in range(40))
    given: dict[str, Any] = {"source": f"Outlet {number}", "published": NOW + timedelta(hours=number)} | fields
    text = f"{says} Report {number} has words of its own: {own}"
    return replace(Article(id=f"a{number:04}", identity=f"u{number}", title="Title", text=text), **given)


def moved(read: Article, weapon: str = "taurus", *, says: str = SAYS, **fields: Any) -> Transfer:
    """Return what a reader makes of the sentence."""
    start = read.document.index(says)
    made = Transfer(
        weapon=weapon, supplier="DE", recipient="UA", stage=Stage.DELIVERED, start=start, end=start + len(says),
        supplier_text="Germany", recipient_text="Ukraine",
    )  # fmt: skip
    return replace(made, **fields)


def signals_of(read: Article, *transfers: Transfer) -> Signals:
    """Return ``transfers`` with a mention of each weapon."""
    mentions = tuple(
        WeaponMention(
            weapon=each.weapon, name=each.weapon.title(), category="cruise_missile", specific=True, known=True,
            family=None, text="Taurus", start=read.document.index("Taurus"), end=read.document.index("Taurus") + 6,
        )
        for each in transfers
    )  # fmt: skip
    return Signals(article=read.id, weapons=mentions, transfers=transfers)


def decide(news: Sequence[News]) -> list[Alert]:
    return decision.decide(
        [item for item in news if item.transfer], now=NOW, settings=decision.PolicySettings(names=NAMES)
    )


def save(warehouse: Warehouse, *read: tuple[Article, Signals], version: str = "1") -> Saved:
    """Store and read articles, each with its story."""
    store_articles(warehouse, [each for each, _ in read], now=NOW)
    found = {each.id: signals for each, signals in read}
    waiting = transact(warehouse, articles_to_read, limit=100) + transact(
        warehouse, articles_to_read_again, version=version, limit=100
    )
    given = [(each, found[each.id]) for each in waiting if each.id in found]
    return store_signals(warehouse, given, version=version, now=NOW, decide=decide)


def store(warehouse: Warehouse, *articles: Article, version: str = "1", **fields: Any) -> Saved:
    return save(warehouse, *((each, signals_of(each, moved(each, **fields))) for each in articles), version=version)


def correct(warehouse: Warehouse, wanted: str, kind: str, value: str | None = None) -> str:
    """Correct a transfer as the command does; return the id of the correction."""

    def reword(alert: Alert, corrected: Corrected) -> Alert:
        return reworded(alert, corrected, names=NAMES, scale=shipped_scale())

    weapon = SCALP if kind == "weapon" else None
    return transact(
        warehouse,
        fix_transfer,
        wanted,
        kind=CorrectionKind(kind),
        value=value,
        weapon=weapon,
        reword=reword,
        reason="misread",
        by="ada",
        now=NOW,
    ).id


def rows(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with transaction(warehouse.path) as connection:
        return connection.execute(sql).fetchall()


def reports(warehouse: Warehouse) -> dict[str, str]:
    """Return the id of each article's transfer."""
    return dict(rows(warehouse, "SELECT article, id FROM transfers"))


CORRECTIONS = {
    "stage": ("stage", "pledged", ("taurus", "DE", "UA", "pledged"), "Germany pledges Taurus to Ukraine"),
    "supplier": ("supplier", "PL", ("taurus", "PL", "UA", "delivered"), "Poland delivers Taurus to Ukraine"),
    "no supplier": ("supplier", None, ("taurus", None, "UA", "delivered"), "Taurus delivered to Ukraine"),
    "recipient": ("recipient", "PL", ("taurus", "DE", "PL", "delivered"), "Germany delivers Taurus to Poland"),
    "weapon": ("weapon", "scalp", ("scalp", "DE", "UA", "delivered"), "Germany delivers SCALP to Ukraine"),
    "direction": ("direction", None, ("taurus", "UA", "DE", "delivered"), "Ukraine delivers Taurus to Germany"),
}


@pytest.mark.parametrize("case", CORRECTIONS)
def test_views_alert_and_later_readings_say_what_was_corrected_until_it_is_undone(
    warehouse: Warehouse, case: str
) -> None:
    """Timeline and alert change and come back; what is read again, in whatever way, stays corrected and silent."""
    kind, value, expected, headline = CORRECTIONS[case]
    one, two = article(1), article(2)
    (alert,) = store(warehouse, one, two).alerts
    done = correct(warehouse, alert.id, kind, value)
    assert set(rows(warehouse, TIMELINE)) == {expected}
    told = transact(warehouse, find_alert, alert.id)
    assert (told.alert.headline, told.alert.why) == (headline, f"Corrected by ada; read at first as “{alert.headline}”")
    readings: dict[str, dict[str, Any]] = {
        "the same": {},
        "other bounds": {"end": moved(one).end - 1},
        "right": dict(zip(("weapon", "supplier", "recipient"), expected, strict=False)) | {"stage": Stage(expected[3])},
    }
    for version, fields in enumerate(readings.values(), 2):
        assert store(warehouse, one, two, version=str(version), **fields).alerts == ()
        assert set(rows(warehouse, TIMELINE)) == {expected}
    store(warehouse, one, two, version="9")
    transact(warehouse, undo_correction, done, now=NOW)
    assert set(rows(warehouse, TIMELINE)) == {READ}
    told = transact(warehouse, find_alert, alert.id)
    assert (told.alert.headline, told.alert.why) == (alert.headline, alert.why)


def test_what_was_misread_is_news_where_it_is_reported_and_what_was_meant_is_not(warehouse: Warehouse) -> None:
    """The pledge was told, as a delivery: a report of it joins; the delivery, once it comes, is told."""
    (alert,) = store(warehouse, article(1)).alerts
    done = correct(warehouse, alert.id, "stage", "pledged")
    assert store(warehouse, article(2), stage=Stage.PLEDGED).alerts == ()
    (news,) = store(warehouse, article(3)).alerts
    assert news.headline == "Germany delivers Taurus to Ukraine, pledged the same day"
    assert store(warehouse, article(4)).alerts == ()
    timeline = "SELECT stage, articles FROM weapon_timeline ORDER BY step"
    assert rows(warehouse, timeline) == [("pledged", 2), ("delivered", 2)]
    transact(warehouse, undo_correction, done, now=NOW)
    assert rows(warehouse, "SELECT stage, sum(articles) FROM weapon_timeline GROUP BY stage ORDER BY stage") == [
        ("delivered", 3),
        ("pledged", 1),
    ]


def test_copy_of_a_misread_article_says_what_was_corrected(warehouse: Warehouse) -> None:
    """Another outlet's copy is misread alike: it is silent and corrected, and what else it says is left alone."""
    (alert,) = store(warehouse, article(1)).alerts
    correct(warehouse, alert.id, "direction")
    copy = replace(article(1), id="copy", identity="copy", source="Copier")
    both = signals_of(copy, moved(copy), moved(copy, "scalp"))
    assert {each.headline for each in save(warehouse, (copy, both)).alerts} == {"Germany delivers Scalp to Ukraine"}
    assert rows(warehouse, "SELECT weapon, supplier, articles FROM weapon_timeline ORDER BY ALL") == [
        ("scalp", "DE", 1),
        ("taurus", "UA", 2),
    ]


def test_one_report_of_several_is_corrected_alone(warehouse: Warehouse) -> None:
    """The claim, its alert and its other report stay as they are."""
    one, two = article(1), article(2)
    (alert,) = store(warehouse, one, two).alerts
    done = correct(warehouse, reports(warehouse)["a0002"], "recipient", "PL")
    expected = [READ, ("taurus", "DE", "PL", "delivered")]
    assert rows(warehouse, TIMELINE) == sorted(expected, key=lambda row: row[2])
    assert store(warehouse, one, two, version="2").alerts == ()
    assert rows(warehouse, TIMELINE) == sorted(expected, key=lambda row: row[2])
    told = transact(warehouse, find_alert, alert.id)
    assert told.alert == alert
    transact(warehouse, undo_correction, done, now=NOW)
    assert rows(warehouse, "SELECT articles FROM weapon_timeline") == [(2,)]


BESIDE: dict[str, dict[str, Any]] = {
    "another weapon": {"weapon": "scalp"},
    "another recipient": {"recipient": "PL"},
    "another stage": {"stage": Stage.PLEDGED},
}


@pytest.mark.parametrize("beside", BESIDE)
def test_what_stands_beside_it_in_its_sentence_is_left_alone(warehouse: Warehouse, beside: str) -> None:
    """Also by a later reading that finds both, or only what stands beside it."""
    one = article(1)
    other = moved(one, **BESIDE[beside])
    save(warehouse, (one, signals_of(one, other, moved(one))))
    (wrong,) = rows(
        warehouse, "SELECT id FROM transfers WHERE (weapon, recipient, stage) = ('taurus', 'UA', 'delivered')"
    )[0]
    correct(warehouse, wrong, "supplier", "PL")
    suppliers = "SELECT supplier FROM transfers ORDER BY supplier"
    assert rows(warehouse, suppliers) == [("DE",), ("PL",)]
    save(warehouse, (one, signals_of(one, other, moved(one))), version="2")
    assert rows(warehouse, suppliers) == [("DE",), ("PL",)]
    save(warehouse, (one, signals_of(one, other)), version="3")
    assert rows(warehouse, suppliers) == [("DE",)]


def test_renamed_weapon_stays_corrected_where_it_stood_alone(warehouse: Warehouse) -> None:
    """The lexicon gives the weapon another id: what was said of its sides holds."""
    (alert,) = store(warehouse, article(1)).alerts
    correct(warehouse, alert.id, "direction")
    store(warehouse, article(1), version="2", weapon="taurus-350")
    assert rows(warehouse, TIMELINE) == [("taurus-350", "UA", "DE", "delivered")]


def test_corrected_twice_is_undone_in_turn(warehouse: Warehouse) -> None:
    """The second correction is about what the first one made of it; back at the first reading nothing is lost."""
    (alert,) = store(warehouse, article(1)).alerts
    first = correct(warehouse, alert.id, "stage", "pledged")
    second = correct(warehouse, alert.id, "recipient", "PL")
    third = correct(warehouse, alert.id, "stage", "delivered")
    assert rows(warehouse, TIMELINE) == [("taurus", "DE", "PL", "delivered")]
    store(warehouse, article(1), version="2")
    assert rows(warehouse, TIMELINE) == [("taurus", "DE", "PL", "delivered")]
    for each in (third, second, first):
        transact(warehouse, undo_correction, each, now=NOW)
    assert rows(warehouse, TIMELINE) == [READ]
    assert store(warehouse, article(2)).alerts == ()


def test_alert_not_yet_sent_is_sent_as_corrected_and_not_at_all_if_that_was_told(warehouse: Warehouse) -> None:
    """Two alerts on one pledge, one of them misread: nobody is told twice."""
    (pledge,) = store(warehouse, article(1), stage=Stage.PLEDGED).alerts
    (misread,) = store(warehouse, article(2)).alerts
    done = correct(warehouse, misread.id, "stage", "pledged")
    held = transact(warehouse, find_alert, misread.id)
    assert (held.status, held.alert.suppressed) == (Status.SUPPRESSED, "reported before, as corrected by ada")
    assert rows(warehouse, "SELECT stage, articles FROM weapon_timeline") == [("pledged", 2)]
    transact(warehouse, undo_correction, done, now=NOW)
    assert {each.alert.id for each in transact(warehouse, latest_alerts, status=Status.PENDING)} == {
        pledge.id,
        misread.id,
    }


def test_message_that_was_sent_is_drawn_anew_with_what_was_corrected(warehouse: Warehouse) -> None:
    """The first message of the story gets the right headline and says by whom and why; undone, it is as it was."""
    store(warehouse, article(1))
    (sent,) = [each.alert for each in transact(warehouse, claim_alerts, route="slack", now=NOW, lease=LEASE)]
    transact(
        warehouse, record_delivery, [sent.id], route="slack", status=DeliveryStatus.DELIVERED, now=NOW, receipt="C:1"
    )

    def drawn() -> list[tuple[str, int, str]]:
        moved = transact(warehouse, sent_messages_to_refresh, route="slack", since=NOW + timedelta(days=30), limit=5)
        for each in moved:
            transact(warehouse, record_refresh, each, route="slack")
        told = [update_of(each) for each in moved]
        return [(each.message.alerts[0].headline, each.message.alerts[0].severity, each.note) for each in told]

    assert drawn() == []
    done = correct(warehouse, sent.id, "stage", "refused")
    note = "Corrected by ada: misread. It was reported as “Germany delivers Taurus to Ukraine”."
    assert drawn() == [("Germany refuses Taurus to Ukraine", 1, note)]
    assert drawn() == []
    transact(warehouse, undo_correction, done, now=NOW)
    assert drawn() == [(sent.headline, sent.severity, "")]
    assert drawn() == []
    store(warehouse, article(2))
    drawn()
    correct(warehouse, reports(warehouse)["a0002"], "stage", "pledged")
    assert drawn() == [(sent.headline, sent.severity, "One report of it was corrected by ada: misread.")]


def test_red_line_is_not_crossed_by_what_never_came(warehouse: Warehouse) -> None:
    """The ledger sees the corrected stage."""
    line = "Delivery of Taurus would mean war."
    drawn = article(1, line, published=NOW - timedelta(days=30))
    start = drawn.document.index(line)
    said = Statement(
        kind=Kind.RED_LINE, speaker="Kremlin", speaker_id="kremlin", side="RU", speech=Speech.DIRECT, cue="said",
        start=start, end=start + len(line), quote=line,
    )  # fmt: skip
    named = signals_of(drawn, moved(drawn, says=line))
    save(warehouse, (drawn, replace(named, transfers=(), statements=(said,))))
    (alert,) = store(warehouse, article(2)).alerts
    crossed = "SELECT crossed_by FROM red_line_ledger"
    assert rows(warehouse, crossed) == [("taurus delivered UA",)]
    correct(warehouse, alert.id, "stage", "pledged")
    assert rows(warehouse, crossed) == [(None,)]


# --- careless use


def test_careless_corrections_are_told_what_is_wrong(warehouse: Warehouse) -> None:
    """What is no transfer, what says so already, and what was marked as false."""
    (alert,) = store(warehouse, article(1), article(2)).alerts
    (weapon,) = rows(warehouse, "SELECT DISTINCT claim FROM weapon_mentions")[0]
    for wanted, kind, value, told in (
        (weapon, "stage", "pledged", "only transfers have a stage"),
        (alert.id, "stage", "delivered", "is already delivered"),
        (alert.id, "supplier", "DE", "is already DE"),
        ("what?", "direction", None, "brinkwatch alerts list"),
    ):
        with pytest.raises(CorrectionError, match=told):
            correct(warehouse, wanted, kind, value)
    transact(warehouse, mark_false, alert.id, reason="", by="ada", now=NOW)
    with pytest.raises(CorrectionError, match="undo that first"):
        correct(warehouse, alert.id, "direction")


def test_commands_correct_transfers_by_name_and_say_what_comes_near(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, capitals, codes and aliases are resolved by the lexicons; a slip gets a suggestion and changes nothing."""
    (alert,) = store(warehouse, article(1)).alerts
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(warehouse.path))
    runner = CliRunner(env={"COLUMNS": "200"})
    for words, said in (
        (["stage", alert.id, "deliverd"], "did you mean delivered"),
        (["supplier", alert.id, "Germny"], "did you mean Germany"),
        (["recipient", alert.id, "Reuters"], "on no list of states, alliances and groups"),
        (["weapon", alert.id, "Leoprad 2"], "did you mean Leopard 2"),
    ):
        refused = runner.invoke(app, ["correct", *words])
        assert refused.exit_code != 0
        assert said in str(refused.exception), refused.exception
    assert rows(warehouse, TIMELINE) == [READ]
    for words, read in (
        (["stage", alert.id[:8], "use permitted"], ("taurus", "DE", "UA", "use_permitted")),
        (["supplier", alert.id, "london", "--reason", "an ally"], ("taurus", "GB", "UA", "use_permitted")),
        (["recipient", alert.id, "pl"], ("taurus", "GB", "PL", "use_permitted")),
        (["weapon", alert.id, "storm shadow"], ("storm-shadow", "GB", "PL", "use_permitted")),
        (["direction", alert.id], ("storm-shadow", "PL", "GB", "use_permitted")),
        (["supplier", alert.id, "unknown"], ("storm-shadow", None, "GB", "use_permitted")),
    ):
        done = runner.invoke(app, ["correct", *words])
        assert done.exit_code == 0, done.exception or done.output
        assert "brinkwatch correct undo" in done.stderr
        assert rows(warehouse, TIMELINE) == [read]
    listed = runner.invoke(app, ["correct", "list"]).stdout
    assert all(said in listed for said in ("stage is use_permitted", "supplier is GB", "an ally", "exchanged"))
