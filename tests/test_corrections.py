"""What analysts correct: it shows everywhere, outlasts every reading, and can be taken back."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from transactions import store_articles, store_signals, transact
from typer.testing import CliRunner
from warehouses import new_warehouse

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
    content_id,
)
from flows.cli.__main__ import app
from flows.steps.pickup import update_of
from warehouse.connection import transaction
from warehouse.errors import CorrectionError, NoIdError
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.stored_records import Saved, Status
from warehouse.tables.alerts import find_alert, latest_alerts
from warehouse.tables.articles import articles_to_read, articles_to_read_again
from warehouse.tables.correction_rows import all_corrections
from warehouse.tables.corrections import (
    fix_speaker,
    mark_false,
    merge_claims,
    split_report,
    undo_correction,
)
from warehouse.tables.outbox import claim_alerts, queue_again, record_delivery
from warehouse.tables.refreshes import record_refresh, sent_messages_to_refresh

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
LINE = "Delivery of Anvil missiles would mean that we are at war."
OTHER = "Any blockade of the strait will be broken by force."
NEARLY = "The supply of Anvil missiles to our neighbours would surely mean war between our nations."


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "w.duckdb")


def article(number: int, quote: str = LINE, **fields: Any) -> Article:
    own = " ".join(f"w{number}x{place}" for place in range(40))
    text = f"{quote} Anvil was delivered. Report {number} has words of its own: {own}"
    given: dict[str, Any] = {"source": f"Outlet {number}", "published": NOW + timedelta(hours=number)} | fields
    return replace(Article(id=f"a{number:04}", identity=f"u{number}", title="Title", text=text), **given)


def signals_of(read: Article, *, side: str = "XA", known: bool = True, weapon: str = "anvil") -> Signals:
    """Return a weapon, its delivery and a red line, as an extractor would find them."""
    document, quote = read.document, read.text.split(". ")[0] + "."
    anvil, start = document.rindex("Anvil"), document.index(quote)
    mention = WeaponMention(
        weapon=weapon, name="Anvil", category="missile", specific=True, known=known, family=None,
        text="Anvil", start=anvil, end=anvil + 5,
    )  # fmt: skip
    moved = Transfer(weapon=weapon, supplier="XB", recipient="XC", stage=Stage.DELIVERED, start=anvil, end=anvil + 20)
    said = Statement(
        kind=Kind.RED_LINE, speaker=f"Minister {side}", speaker_id=f"minister-{side.lower()}", side=side,
        speech=Speech.DIRECT, cue="said", start=start, end=start + len(quote), quote=quote,
    )  # fmt: skip
    return Signals(article=read.id, weapons=(mention,), transfers=(moved,), statements=(said,))


def decide(news: Sequence[News]) -> list[Alert]:
    return [
        Alert(
            id=content_id("alert", item.claim), kind=item.kind, claim=item.claim, article=item.article.id,
            story=item.article.story or item.article.id, headline=f"New {item.kind}", why=item.why, sentence="S.",
            severity=3, seen=NOW, backlog=item.article.backlog,
        )
        for item in news
    ]  # fmt: skip


def save(warehouse: Warehouse, *read: tuple[Article, Signals], version: str = "1") -> Saved:
    """Store and read articles; each signal as given, each article with its story."""
    store_articles(warehouse, [each for each, _ in read], now=NOW)
    found = {each.id: signals for each, signals in read}
    waiting = transact(warehouse, articles_to_read, limit=100) + transact(
        warehouse, articles_to_read_again, version=version, limit=100
    )
    given = [(each, found[each.id]) for each in waiting if each.id in found]
    return store_signals(warehouse, given, version=version, now=NOW, decide=decide)


def store(warehouse: Warehouse, *articles: Article, version: str = "1", **fields: Any) -> Saved:
    return save(warehouse, *((each, signals_of(each, **fields)) for each in articles), version=version)


def alert_of(saved: Saved, kind: str) -> str:
    (found,) = [alert.id for alert in saved.alerts if alert.kind == f"new_{kind}"]
    return found


def rows(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with transaction(warehouse.path) as connection:
        return connection.execute(sql).fetchall()


SHOWN = {
    "statement": "SELECT count(*) FROM red_line_ledger",
    "stage": "SELECT count(*) FROM weapon_timeline",
    "weapon": "SELECT count(*) FROM new_weapons",
}
WHO: dict[str, Any] = {"reason": "a game", "by": "ada", "now": NOW}


@pytest.mark.parametrize("kind", SHOWN)
def test_false_positive_leaves_the_views_until_it_is_taken_back(warehouse: Warehouse, kind: str) -> None:
    """Ledger, timeline and sightings forget it, the daily counts too, and undoing brings all of it back."""
    saved = store(warehouse, article(1), article(2))
    daily = rows(warehouse, "SELECT sum(signals) FROM escalation_daily")
    done = transact(warehouse, mark_false, alert_of(saved, kind), **WHO)
    assert rows(warehouse, SHOWN[kind]) == [(0,)]
    assert (rows(warehouse, "SELECT sum(signals) FROM escalation_daily") != daily) == (kind != "weapon")
    transact(warehouse, undo_correction, done.id[:6], now=NOW)
    assert rows(warehouse, SHOWN[kind]) == [(1,)]
    assert rows(warehouse, "SELECT sum(signals) FROM escalation_daily") == daily


@pytest.mark.parametrize("kind", SHOWN)
def test_after_a_false_positive_the_real_thing_is_news_and_a_copy_is_not(warehouse: Warehouse, kind: str) -> None:
    """What nobody said is no earlier report; a copy of the article that was misread is the same false alarm."""
    first = store(warehouse, article(1))
    transact(warehouse, mark_false, alert_of(first, kind), **WHO)
    copy = replace(article(1), id="copy", identity="copy", source="Copier")
    assert store(warehouse, copy).alerts == ()
    real = store(warehouse, article(2, NEARLY))
    assert [alert.kind for alert in real.alerts] == [f"new_{kind}"]
    assert rows(warehouse, SHOWN[kind]) == [(1,)]
    assert store(warehouse, article(3, NEARLY)).alerts == ()


@pytest.mark.parametrize("table", ["statements", "transfers"])
def test_false_report_leaves_the_others_of_its_claim(warehouse: Warehouse, table: str) -> None:
    """One misread report among two goes, also when it is read again; undone, both are there. The alert stands."""
    view = {"statements": "SELECT times_said FROM red_line_ledger", "transfers": "SELECT articles FROM weapon_timeline"}
    saved = store(warehouse, article(1), article(2))
    (second,) = rows(warehouse, f"SELECT id FROM {table} WHERE article = 'a0002'")[0]
    done = transact(warehouse, mark_false, second, **WHO)
    assert rows(warehouse, view[table]) == [(1,)]
    with pytest.raises(CorrectionError, match="already marked"):
        transact(warehouse, mark_false, second, **WHO)
    assert store(warehouse, article(1), article(2), version="2").alerts == ()
    assert rows(warehouse, view[table]) == [(1,)]
    assert {each.alert.id for each in transact(warehouse, latest_alerts, status=Status.PENDING)} == {
        each.id for each in saved.alerts
    }
    assert store(warehouse, article(3)).alerts == ()
    assert rows(warehouse, view[table]) == [(2,)]
    transact(warehouse, undo_correction, done.id, now=NOW)
    assert rows(warehouse, view[table]) == [(3,)]


def two_suppliers(read: Article) -> Signals:
    """Return what one sentence says of two that deliver the same."""
    (moved,) = signals_of(read).transfers
    return replace(signals_of(read), transfers=(moved, replace(moved, supplier="XE")))


def test_false_report_leaves_the_other_of_its_sentence(warehouse: Warehouse) -> None:
    """Of two suppliers in one sentence the one that is named goes, before and after another reading."""
    save(warehouse, (article(1), two_suppliers(article(1))))
    (wrong,) = rows(warehouse, "SELECT id FROM transfers WHERE supplier = 'XE'")[0]
    transact(warehouse, mark_false, wrong, **WHO)
    suppliers = "SELECT supplier FROM weapon_timeline"
    assert rows(warehouse, suppliers) == [("XB",)]
    save(warehouse, (article(1), two_suppliers(article(1))), version="2")
    assert rows(warehouse, suppliers) == [("XB",)]
    store(warehouse, article(1), version="3")
    assert rows(warehouse, suppliers) == [("XB",)]


def test_unlisted_name_marked_false_is_false_for_good(warehouse: Warehouse) -> None:
    """Of a name that no list holds, every later article means the same thing that is no weapon."""
    first = store(warehouse, article(1), known=False)
    transact(warehouse, mark_false, alert_of(first, "weapon"), **WHO)
    assert store(warehouse, article(2), known=False).alerts == ()
    assert rows(warehouse, SHOWN["weapon"]) == [(0,)]


def moved_bounds(read: Article) -> Signals:
    found = signals_of(read)
    said, moved = found.statements[0], found.transfers[0]
    longer = replace(said, end=said.end + 21, quote=read.document[said.start : said.end + 21])
    return replace(found, statements=(longer,), transfers=(replace(moved, start=moved.start - 5, recipient="XD"),))


CHANGES: dict[str, Callable[[Article], Signals]] = {
    "the same reading": signals_of,
    "other bounds and another recipient": moved_bounds,
    "another side": lambda read: signals_of(read, side="XD"),
    "another id of the weapon": lambda read: signals_of(read, weapon="anvil-2"),
    "another stage": lambda read: replace(
        signals_of(read), transfers=(replace(signals_of(read).transfers[0], stage=Stage.REFUSED),)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_reading_again_alerts_nothing_that_was_alerted(warehouse: Warehouse, change: str) -> None:
    """Whatever a later lexicon, rule or model makes of a sentence, it was told once; and the next version too."""
    articles = [article(1), article(2, OTHER)]
    store(warehouse, *articles)
    told = transact(warehouse, latest_alerts)
    for version, reading in (("2", CHANGES[change]), ("3", signals_of)):
        again = save(warehouse, *((each, reading(each)) for each in articles), version=version)
        assert (again.articles, again.alerts) == (2, ())
    assert transact(warehouse, latest_alerts) == told


def test_name_of_a_weapon_that_changed_stays_known(warehouse: Warehouse) -> None:
    """After the lexicon renamed a weapon, fresh articles that name it are no news."""
    store(warehouse, article(1))
    store(warehouse, article(1), version="2", weapon="anvil-2")
    assert store(warehouse, article(2), version="2", weapon="anvil-2").alerts == ()


def test_stage_that_was_misread_is_news_where_it_is_reported(warehouse: Warehouse) -> None:
    """A sentence told as a delivery is not told again as a refusal; the report of a refusal elsewhere is."""
    store(warehouse, article(1))
    reading = CHANGES["another stage"]
    assert save(warehouse, (article(1), reading(article(1))), version="2").alerts == ()
    fresh = save(warehouse, (article(2), reading(article(2))), version="2")
    assert [alert.kind for alert in fresh.alerts] == ["new_stage"]


@pytest.mark.parametrize("change", [name for name in CHANGES if "bounds" in name or "same" in name])
def test_corrections_outlast_a_new_reading(warehouse: Warehouse, change: str) -> None:
    """A false positive, a split and a speaker stay corrected when a changed version reads the articles again."""
    articles = [article(1), article(2), article(3, OTHER)]
    saved = store(warehouse, *articles)
    claims = [alert.claim for alert in saved.alerts if alert.kind == "new_statement"]
    (second,) = rows(warehouse, "SELECT id FROM statements WHERE article = 'a0002'")[0]
    transact(warehouse, split_report, second, **WHO)
    transact(warehouse, fix_speaker, claims[1], speaker="Bo", speaker_id="bo", side="XB", **WHO)
    transact(warehouse, mark_false, claims[0], **WHO)
    ledger = "SELECT side, speaker, article FROM red_line_ledger ORDER BY ALL"
    expected = [("XA", "Minister XA", "a0002"), ("XB", "Bo", "a0003")]
    assert rows(warehouse, ledger) == expected
    save(warehouse, *((each, CHANGES[change](each)) for each in articles), version="2")
    assert rows(warehouse, ledger) == expected


def test_merged_claims_are_one_until_that_is_undone(warehouse: Warehouse) -> None:
    """The earlier claim keeps all reports, and what is like either joins it; undone, each has its own again."""
    saved = store(warehouse, article(1), article(2, OTHER))
    claims = [alert.claim for alert in saved.alerts if alert.kind == "new_statement"]
    ledger = "SELECT red_line, times_said FROM red_line_ledger ORDER BY ALL"
    apart = rows(warehouse, ledger)
    (done,) = transact(warehouse, merge_claims, [claims[1], claims[0]], **WHO)
    assert rows(warehouse, ledger) == [(done.claim, 2)]
    store(warehouse, article(3, OTHER))
    assert rows(warehouse, ledger) == [(done.claim, 3)]
    with pytest.raises(CorrectionError, match="already"):
        transact(warehouse, merge_claims, claims, **WHO)
    transact(warehouse, undo_correction, done.id, now=NOW)
    assert sum(said for _, said in rows(warehouse, ledger)) == 3
    assert {claim for claim, _ in rows(warehouse, ledger)} == {claim for claim, _ in apart}


def test_what_was_split_stays_apart(warehouse: Warehouse) -> None:
    """A report like both joins the nearer one and does not make them one again."""
    store(warehouse, article(1), article(2, NEARLY))
    (second,) = rows(warehouse, "SELECT id FROM statements WHERE article = 'a0002'")[0]
    done = transact(warehouse, split_report, second, **WHO)
    assert store(warehouse, article(3, NEARLY)).alerts == ()
    said = dict(rows(warehouse, "SELECT red_line, times_said FROM red_line_ledger"))
    assert said == {done.claim: 1, done.other: 2}
    transact(warehouse, undo_correction, done.id, now=NOW)
    assert rows(warehouse, "SELECT times_said FROM red_line_ledger WHERE article = 'a0001'")[0][0] >= 2


def test_fixed_speaker_moves_the_claim_to_the_other_side(warehouse: Warehouse) -> None:
    """What the right side says like it later repeats it; of the wrong side only a copy does."""
    saved = store(warehouse, article(1))
    done = transact(
        warehouse, fix_speaker, alert_of(saved, "statement"), speaker="Bo", speaker_id="bo", side="XB", **WHO
    )
    assert rows(warehouse, "SELECT side, speaker FROM red_line_ledger") == [("XB", "Bo")]
    assert store(warehouse, article(2, NEARLY), side="XB").alerts == ()
    assert store(warehouse, article(3)).alerts == ()
    assert [alert.kind for alert in store(warehouse, article(4, NEARLY)).alerts] == ["new_statement"]
    transact(warehouse, undo_correction, done.id, now=NOW)
    assert ("XA", "Minister XA") in rows(warehouse, "SELECT side, speaker FROM statements WHERE article = 'a0001'")


def test_alert_not_yet_sent_is_held_back_while_it_is_marked(warehouse: Warehouse) -> None:
    """Nobody is told what is known to be false; taken back, it is told."""
    alert = alert_of(store(warehouse, article(1)), "statement")
    done = transact(warehouse, mark_false, alert, **WHO)
    held = transact(warehouse, find_alert, alert)
    assert (held.status, held.alert.suppressed) == (Status.SUPPRESSED, "marked as a false alarm by ada")
    transact(warehouse, undo_correction, done.id, now=NOW)
    assert alert in {each.alert.id for each in transact(warehouse, claim_alerts, route="slack", now=NOW, lease=LEASE)}


def test_message_that_was_sent_is_corrected_once(warehouse: Warehouse) -> None:
    """The message says which of its alerts was marked by whom and why, and nothing again until something changes."""
    saved = store(warehouse, article(1))
    sent = [each.alert.id for each in transact(warehouse, claim_alerts, route="slack", now=NOW, lease=LEASE)]
    transact(warehouse, record_delivery, sent, route="slack", status=DeliveryStatus.DELIVERED, now=NOW, receipt="C:1")
    long_ago = NOW + timedelta(days=30)

    def notes() -> list[str]:
        moved = transact(warehouse, sent_messages_to_refresh, route="slack", since=long_ago, limit=5)
        for each in moved:
            transact(warehouse, record_refresh, each, route="slack")
        return [update_of(each).note for each in moved]

    assert notes() == []
    done = transact(warehouse, mark_false, alert_of(saved, "weapon"), **WHO)
    assert notes() == ["“New new_weapon” was marked as a false alarm by ada: a game."]
    assert notes() == []
    transact(warehouse, undo_correction, done.id, now=NOW)
    assert notes() == [""]
    done = transact(
        warehouse, fix_speaker, alert_of(saved, "statement"), speaker="Bo", speaker_id="bo", side="XB", **WHO
    )
    assert notes() == ["Corrected by ada: a game. It was said by Bo."]
    transact(warehouse, undo_correction, done.id, now=NOW)
    assert notes() == [""]


def test_message_that_is_sent_again_gets_its_mark_again(warehouse: Warehouse) -> None:
    """What was drawn on the first message is not on the second."""
    saved = store(warehouse, article(1))
    sent = [each.alert.id for each in transact(warehouse, claim_alerts, route="slack", now=NOW, lease=LEASE)]
    alert = alert_of(saved, "weapon")

    def deliver(receipt: str) -> None:
        status = DeliveryStatus.DELIVERED
        transact(warehouse, record_delivery, sent, route="slack", status=status, now=NOW, receipt=receipt)

    def marked() -> list[str]:
        moved = transact(warehouse, sent_messages_to_refresh, route="slack", since=NOW + timedelta(days=30), limit=5)
        for each in moved:
            transact(warehouse, record_refresh, each, route="slack")
        return [each.receipt for each in moved]

    deliver("C:1")
    transact(warehouse, mark_false, alert, **WHO)
    assert marked() == ["C:1"]
    assert marked() == []
    for each in sent:
        transact(warehouse, queue_again, each, route="slack", now=NOW)
    deliver("C:2")
    assert marked() == ["C:2"]


# --- careless use


def test_careless_ids_are_told_what_to_do_instead(warehouse: Warehouse) -> None:
    """Each error names what was meant, or the command that does it."""
    saved = store(warehouse, article(1), article(2))
    alert = alert_of(saved, "statement")
    stage, claim = alert_of(saved, "stage"), next(each.claim for each in saved.alerts if each.id == alert)
    (report,) = rows(warehouse, "SELECT id FROM statements WHERE article = 'a0001'")[0]
    other = alert[:-1] + ("0" if alert[-1] != "0" else "1")
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: transact(warehouse, mark_false, other, **WHO), f"did you mean alert {alert}"),
        (lambda: transact(warehouse, mark_false, "what?", **WHO), "brinkwatch alerts list"),
        (lambda: transact(warehouse, split_report, claim, **WHO), f"name the one to take out: .*{report}"),
        (lambda: transact(warehouse, merge_claims, [alert, stage], **WHO), "new_stage and new_statement"),
        (
            lambda: transact(warehouse, fix_speaker, stage, speaker="B", speaker_id="b", side="XB", **WHO),
            "only statements",
        ),
        (
            lambda: transact(warehouse, fix_speaker, report, speaker="B", speaker_id="b", side="XB", **WHO),
            "correct split",
        ),
        (lambda: transact(warehouse, undo_correction, "nothing", now=NOW), "correct list"),
    ]
    for careless, told in cases:
        with pytest.raises(CorrectionError, match=told):
            careless()


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_empty_id_means_nothing_even_where_there_is_only_one(warehouse: Warehouse, nothing: str) -> None:
    """As every id begins with it: `correct undo "$ID"` with an unset variable undid the only correction there was."""
    (alert, *_) = store(warehouse, article(1)).alerts
    done = transact(warehouse, mark_false, alert.id, **WHO)
    careless: list[Callable[[], object]] = [
        lambda: transact(warehouse, undo_correction, nothing, now=NOW),
        lambda: transact(warehouse, mark_false, nothing, **WHO),
        lambda: transact(warehouse, split_report, nothing, **WHO),
        lambda: transact(warehouse, merge_claims, [alert.id, nothing], **WHO),
        lambda: transact(warehouse, find_alert, nothing),
        lambda: transact(warehouse, queue_again, nothing, route="terminal", now=NOW),
    ]
    for call in careless:
        with pytest.raises(NoIdError, match="the id is empty"):
            call()
    assert [each.undone_at for each in transact(warehouse, all_corrections)] == [None]
    assert done.undone_at is None


def test_later_correction_of_the_same_claim_is_undone_first(warehouse: Warehouse) -> None:
    """Corrections are taken back in the reverse of their order, each once."""
    saved = store(warehouse, article(1), article(2))
    (report,) = rows(warehouse, "SELECT id FROM statements WHERE article = 'a0001'")[0]
    first = transact(warehouse, split_report, report, **WHO)
    second = transact(warehouse, mark_false, alert_of(saved, "statement"), **(WHO | {"now": NOW + timedelta(hours=1)}))
    with pytest.raises(CorrectionError, match=f"{second.id} was made later"):
        transact(warehouse, undo_correction, first.id, now=NOW)
    transact(warehouse, undo_correction, second.id, now=NOW)
    transact(warehouse, undo_correction, first.id, now=NOW)
    with pytest.raises(CorrectionError, match="was undone"):
        transact(warehouse, undo_correction, first.id, now=NOW)


# --- the command line


def test_command_corrects_lists_exports_and_undoes(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """From an alert's id to a label for training, and back."""
    alert = alert_of(store(warehouse, article(1)), "statement")
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(warehouse.path))
    runner = CliRunner(env={"COLUMNS": "200"})

    def run(*words: str) -> str:
        done = runner.invoke(app, ["correct", *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    run("false-positive", alert[:8], "--reason", "a game", "--by", "ada")
    assert query(warehouse.path, "SELECT count(*) FROM red_line_ledger").rows == [(0,)]
    (label,) = map(json.loads, run("export", "--with-text").splitlines())
    assert (label["label"], label["sure"], label["text"]) == ("other", True, LINE)
    assert "sentence" in json.loads(run("export"))
    assert "text" not in json.loads(run("export"))
    (correction,) = transact(warehouse, all_corrections)
    assert all(word in run("list") for word in ("ada", "false positive", "a game", correction.id))
    run("undo", correction.id)
    run("speaker", alert, "Sergey Lavrov")
    assert query(warehouse.path, "SELECT speaker, side FROM red_line_ledger").rows == [("Sergei Lavrov", "RU")]
    assert json.loads(run("export"))["label"] == "red_line"


def test_unlisted_speaker_needs_a_side(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name is told who comes near, and anybody can be named with a side."""
    alert = alert_of(store(warehouse, article(1)), "statement")
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(warehouse.path))
    runner = CliRunner()
    assert "Sergei Lavrov" in str(runner.invoke(app, ["correct", "speaker", alert, "Sergy Lavrov"]).exception)
    wrong = runner.invoke(app, ["correct", "speaker", alert, "Bo Nobody", "--side", "Belarsu"])
    assert "did you mean Belarus?" in str(wrong.exception)
    assert runner.invoke(app, ["correct", "speaker", alert, "Bo Nobody", "--side", "belarus"]).exit_code == 0
    assert query(warehouse.path, "SELECT speaker, side FROM red_line_ledger").rows == [("Bo Nobody", "BY")]
