"""The warehouse as the flows use it, on a real file each time."""

import random
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from dying import PROCESSES
from transactions import store_articles, store_signals, transact
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
from flows.sources.feed_records import Failure, FeedSpec, FeedState, FetchFacts, Trouble
from warehouse.connection import transaction
from warehouse.errors import NoSuchAlertError
from warehouse.novelty.stories import lsh_bands_by_article
from warehouse.query import query
from warehouse.store import Warehouse
from warehouse.stored_records import FeedRows, Saved, Status
from warehouse.tables.alerts import alerts_of, find_alert, latest_alerts, mute, mutes_in_force, reports_of, unmute
from warehouse.tables.articles import (
    articles_to_read,
    articles_to_read_again,
    count_to_read_again,
    feed_states,
    find_article,
    known_identities,
    save_feeds,
)
from warehouse.tables.outbox import claim_alerts, queue_again, record_delivery
from warehouse.tables.runs import finish_run, latest_runs, start_run

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
LINES = (
    "Delivery of Anvil missiles would mean that we are at war.",
    "Any blockade of the strait will be broken by force.",
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "data" / "w.duckdb")


def article(number: int = 1, **fields: object) -> Article:
    given = {"source": f"Outlet {number}", "published": NOW - timedelta(hours=number), **fields}
    text = f"{LINES[number % 2]} Anvil was delivered. {number}"
    return replace(Article(id=f"a{number:04}", identity=f"u{number}", title="Title", text=text), **given)  # type: ignore[arg-type]


def signals_of(read: Article, *, version: str = "1") -> Signals:
    """Return one signal of each sort, as an extractor would find them in ``article``."""
    document, quote = read.document, read.text.split(". ")[0] + "."
    anvil, start = document.rindex("Anvil"), document.index(quote)
    return Signals(
        article=read.id,
        weapons=(
            WeaponMention(
                weapon="anvil",
                name="Anvil",
                category="missile",
                specific=True,
                known=True,
                family=None,
                text="Anvil",
                start=anvil,
                end=anvil + 5,
                rule=version,
            ),
        ),
        transfers=(
            Transfer(weapon="anvil", supplier="XB", recipient="XC", stage=Stage.DELIVERED, start=anvil, end=anvil + 19),
        ),
        statements=(
            Statement(
                kind=Kind.RED_LINE,
                speaker="Ada Minister",
                speaker_id="ada-minister",
                side="XA",
                speech=Speech.DIRECT,
                cue="said",
                start=start,
                end=start + len(quote),
                quote=quote,
                repeats=((1, 2),),
                reasons=("a reason",),
            ),
        ),
    )


def decide(news: Sequence[News]) -> list[Alert]:
    """Alert everything: one alert per claim, one story per article."""
    return [
        Alert(
            id=content_id("alert", item.claim),
            kind=item.kind,
            claim=item.claim,
            article=item.article.id,
            story=item.article.identity,
            headline="New",
            why=item.why,
            sentence="A sentence.",
            marks=((0, 1),),
            severity=3,
            seen=NOW,
            backlog=item.article.backlog,
        )
        for item in news
    ]


def store(warehouse: Warehouse, *articles: Article, version: str = "1") -> Saved:
    store_articles(warehouse, articles, now=NOW)
    waiting = transact(warehouse, articles_to_read, limit=1000) + transact(
        warehouse, articles_to_read_again, version=version, limit=1000
    )
    read = [(each, signals_of(each)) for each in waiting]
    return store_signals(warehouse, read, version=version, now=NOW, decide=decide)


# --- articles


def test_article_comes_back_as_it_went_in(warehouse: Warehouse) -> None:
    """Every field survives, code points count the same, an unknown date stays unknown; the story is added."""
    given = article(
        text="Tail\x07 and \U0001f680 text", published=None, published_raw="someday", backlog=True, seen=NOW
    )
    assert store_articles(warehouse, [given], now=NOW) == [given.id]
    (read,) = transact(warehouse, articles_to_read, limit=10)
    assert replace(read, story=None) == given
    assert read.story is not None


def test_lone_surrogate_becomes_one_replacement_character(warehouse: Warehouse) -> None:
    """Text that no encoding holds is stored with every offset in its place."""
    store_articles(warehouse, [article(text="a\ud800b")], now=NOW)
    assert [read.text for read in transact(warehouse, articles_to_read, limit=10)] == ["a\ufffdb"]


def test_article_is_stored_once(warehouse: Warehouse) -> None:
    """Storing again, in the same batch or later, adds nothing."""
    assert store_articles(warehouse, [article(), article()], now=NOW) == ["a0001"]
    assert store_articles(warehouse, [article(), article(2)], now=NOW) == ["a0002"]
    assert transact(warehouse, known_identities, ["u1", "u2", "u3"]) == {"u1", "u2"}
    assert transact(warehouse, known_identities, []) == set()


def test_new_revision_replaces_the_old_one(warehouse: Warehouse) -> None:
    """Of two revisions of one article only the later is read, and found by its address."""
    store_articles(warehouse, [article(url="https://e.example/1")], now=NOW)
    edited = article(id="b", text="Edited.", url="https://e.example/1")
    store_articles(warehouse, [edited], now=NOW)
    assert [read.id for read in transact(warehouse, articles_to_read, limit=10)] == ["b"]
    found = transact(warehouse, find_article, "https://e.example/1"), transact(warehouse, find_article, "a0001")
    assert [each and each.id for each in found] == ["b", "a0001"]
    assert transact(warehouse, find_article, "nothing") is None


def test_articles_to_be_read_again_are_no_unread_ones(warehouse: Warehouse) -> None:
    """News is read by publication; what another version has read is a list of its own, the latest stored first."""
    store(warehouse, article(5, seen=NOW - timedelta(hours=2)), article(4, seen=NOW - timedelta(hours=1)))
    store_articles(warehouse, [article(1), article(2)], now=NOW)
    assert [read.id for read in transact(warehouse, articles_to_read, limit=3)] == ["a0002", "a0001"]
    assert [read.id for read in transact(warehouse, articles_to_read_again, version="2", limit=3)] == ["a0004", "a0005"]
    assert transact(warehouse, count_to_read_again, version="2") == 2
    assert transact(warehouse, articles_to_read_again, version="1", limit=3) == []


# --- feeds


def test_feed_state_comes_back_as_it_went_in(warehouse: Warehouse) -> None:
    """Every field of a feed's state is a column, and the latest state counts."""
    spec = FeedSpec(id="f", outlet="Outlet", url="https://f.example/feed")
    state = FeedState(feed="f", url=spec.url, listed_url=spec.url, etag='"x"', next_due_at=NOW, memory="m")
    state = replace(state, rhythm=[0.5] * 24, unchanged_bytes=0, hub="https://hub.example/", topic=spec.url)
    facts = FetchFacts(feed="f", started_at=NOW, duration_s=0.1, outcome="updated", status=200)
    failure = Failure(where="https://f.example/1", trouble=Trouble.PAGE, reason="403", feed="f")

    def rows(given: FeedState) -> FeedRows:
        return FeedRows(
            spec=asdict(spec),
            state=asdict(given),
            facts=asdict(facts),
            articles=[article(feed="f")],
            lsh_bands=lsh_bands_by_article([article(feed="f")]),
            failures=[asdict(failure)],
        )

    assert transact(warehouse, save_feeds, [rows(state)], now=NOW) == ["a0001"]
    assert FeedState(**transact(warehouse, feed_states)["f"]) == state
    changed = replace(state, etag=None, consecutive_failures=2)
    assert transact(warehouse, save_feeds, [rows(changed)], now=NOW) == []
    assert {feed: FeedState(**row) for feed, row in transact(warehouse, feed_states).items()} == {"f": changed}
    held = warehouse.verify()
    assert (held["feeds"], held["fetches"], held["failures"], held["articles"]) == (1, 2, 2, 1)


# --- signals


def test_what_is_new_is_alerted_in_the_transaction_that_stores_it(warehouse: Warehouse) -> None:
    """The first article brings three claims, the second of another outlet only corroborates them."""
    first = store(warehouse, article(1))
    second = store(warehouse, article(3))
    assert (len(first.alerts), first.corroborations) == (3, 0)
    assert (len(second.alerts), second.corroborations) == (0, 3)
    reports = transact(warehouse, reports_of, first.alerts[2].claim)
    assert [report.outlet for report in reports] == ["Outlet 3", "Outlet 1"]


def test_nothing_is_stored_when_the_decision_fails(warehouse: Warehouse) -> None:
    """An error in the policy leaves no signal behind, so that the article is read again."""
    store_articles(warehouse, [article()], now=NOW)
    read = transact(warehouse, articles_to_read, limit=1)

    def fail(news: Sequence[News]) -> list[Alert]:
        raise ZeroDivisionError(len(news))

    with pytest.raises(ZeroDivisionError):
        store_signals(warehouse, [(each, signals_of(each)) for each in read], version="1", now=NOW, decide=fail)
    assert transact(warehouse, articles_to_read, limit=1) == read
    assert warehouse.verify()["statements"] == 0


def test_the_same_reading_twice_changes_nothing(warehouse: Warehouse) -> None:
    """Two processes that read the same article store it once."""
    read = [(article(), signals_of(article()))]
    store_articles(warehouse, [article()], now=NOW)
    store_signals(warehouse, read, version="1", now=NOW, decide=decide)
    held = warehouse.verify()
    assert store_signals(warehouse, read, version="1", now=NOW, decide=decide).articles == 0
    assert warehouse.verify() == held


def test_reading_again_replaces_the_signals_and_alerts_nothing(warehouse: Warehouse) -> None:
    """A new extractor version has the last word on the signals; what was alerted stays as it was."""
    store(warehouse, article(1), article(2))
    before = transact(warehouse, latest_alerts)
    again = store(warehouse, version="2")
    assert (again.articles, again.alerts) == (2, ())
    held = warehouse.verify()
    assert (held["weapon_mentions"], held["transfers"], held["statements"], held["red_lines"]) == (2, 2, 2, 2)
    assert transact(warehouse, latest_alerts) == before


def test_what_only_a_later_version_finds_is_backlog(warehouse: Warehouse) -> None:
    """News found by reading an old article again is told in the summary, not as if it had just happened."""
    store_articles(warehouse, [article()], now=NOW)
    read = transact(warehouse, articles_to_read, limit=1)
    store_signals(warehouse, [(read[0], Signals(article=read[0].id))], version="1", now=NOW, decide=decide)
    assert {alert.backlog for alert in store(warehouse, version="2").alerts} == {True}


def test_red_line_that_a_later_version_no_longer_finds_leaves_the_ledger(warehouse: Warehouse) -> None:
    """Signals that are gone are gone from the ledger too; the claim stays held."""
    store(warehouse, article())
    read = transact(warehouse, articles_to_read_again, version="2", limit=1)
    store_signals(warehouse, [(read[0], Signals(article=read[0].id))], version="2", now=NOW, decide=decide)
    held = warehouse.verify()
    assert (held["red_lines"], held["claims"]) == (0, 3)
    assert store(warehouse, version="3").alerts == ()


def test_number_no_column_holds_is_no_quantity(warehouse: Warehouse) -> None:
    """A number that a hostile text made up neither fails the batch nor is stored."""
    store_articles(warehouse, [article()], now=NOW)
    found = signals_of(article())
    huge = replace(found, transfers=(replace(found.transfers[0], quantity=10**30),))
    assert store_signals(warehouse, [(article(), huge)], version="1", now=NOW, decide=decide).transfers == 1


LEDGER = """
    SELECT side, quote, first_said, last_said, times_said, outlets, weapons, crossed_by, crossed_at
    FROM red_line_ledger ORDER BY ALL
"""


def test_ledger_and_timeline_do_not_depend_on_the_order_of_arrival(tmp_path: Path) -> None:
    """Articles that arrive in any order, one batch or many, give the same ledger, timeline and sightings."""
    articles = [article(number) for number in range(1, 9)]
    seen = []
    for attempt, size in enumerate((1, 3, 8)):
        warehouse = new_warehouse(tmp_path / f"{attempt}.duckdb")
        random.Random(attempt).shuffle(articles)
        for start in range(0, 8, size):
            store(warehouse, *articles[start : start + size])
        warehouse.publish()
        seen.append([query(warehouse.path, sql).rows for sql in (LEDGER, "FROM weapon_timeline", "FROM new_weapons")])
    assert len(seen[0][0]) == 2
    assert seen == [seen[0]] * 3


@pytest.mark.parametrize(
    ("reported", "steps"),
    [
        ("pledged delivered pledged", ["pledged", "delivered"]),
        ("refused pledged delivered refused pledged", ["refused", "pledged", "delivered", "refused", "pledged"]),
        ("delivered delivered used delivered", ["delivered", "used"]),
        ("pledged suspended suspended pledged delivered", ["pledged", "suspended", "pledged", "delivered"]),
    ],
)
def test_late_report_of_an_old_stage_is_no_step(warehouse: Warehouse, reported: str, steps: list[str]) -> None:
    """Who recalls the pledge after the delivery reports the pledge there was; a refusal or a halt starts anew."""
    for number, stage in enumerate(reversed(reported.split())):
        read = article(number, published=NOW - timedelta(days=number))
        moved = replace(signals_of(read).transfers[0], stage=Stage(stage))
        store_articles(warehouse, [read], now=NOW)
        found = [(read, Signals(article=read.id, transfers=(moved,)))]
        store_signals(warehouse, found, version="1", now=NOW, decide=decide)
    warehouse.publish()
    told = query(warehouse.path, "SELECT stage, step FROM weapon_timeline ORDER BY step").rows
    assert told == [(stage, place) for place, stage in enumerate(steps, start=1)]


def test_a_stage_reported_by_thirty_outlets_is_one_step_with_thirty_sources(warehouse: Warehouse) -> None:
    """What many say once is said once, with everybody who said it; and it is one alert."""
    saved = store(warehouse, *(article(number) for number in range(1, 31)))
    warehouse.publish()
    steps = query(warehouse.path, "SELECT step, stage, articles, len(outlets) FROM weapon_timeline").rows
    assert list(steps) == [(1, "delivered", 30, 30)]
    assert sum(alert.kind == "new_stage" for alert in saved.alerts) == 1


# --- the outbox


def ids(warehouse: Warehouse, *, after: timedelta = timedelta(0), route: str = "terminal") -> list[str]:
    claimed = transact(warehouse, claim_alerts, route=route, now=NOW + after, lease=LEASE)
    return [each.alert.id for each in claimed]


def test_claimed_alert_belongs_to_one_sender_until_its_lease_ends(warehouse: Warehouse) -> None:
    """A second sender finds nothing; after the lease the alert is there again, with the attempts counted."""
    alerts = {alert.id for alert in store(warehouse, article()).alerts}
    first = transact(warehouse, claim_alerts, route="slack", now=NOW, lease=LEASE)
    assert {each.alert.id for each in first} == alerts
    assert {each.alert.marks for each in first} == {((0, 1),)}
    assert ids(warehouse, route="slack") == ids(warehouse, route="terminal") == []
    later = transact(warehouse, claim_alerts, route="slack", now=NOW + LEASE, lease=LEASE)
    assert [each.attempts for each in later] == [2, 2, 2]


@pytest.mark.parametrize(
    ("status", "wait", "owed"),
    [
        (DeliveryStatus.DELIVERED, timedelta(days=1), False),
        (DeliveryStatus.DEAD_LETTER, timedelta(days=1), False),
        (DeliveryStatus.RETRY, timedelta(minutes=1), False),
        (DeliveryStatus.RETRY, timedelta(minutes=5), True),
        (DeliveryStatus.CLAIMED, timedelta(minutes=1), False),
        (DeliveryStatus.CLAIMED, timedelta(minutes=5), True),
    ],
)
def test_what_became_of_a_delivery_decides_whether_it_is_owed(
    warehouse: Warehouse, status: DeliveryStatus, wait: timedelta, owed: bool
) -> None:
    """Delivered and refused alerts rest; others come back when their time to retry or their lease is over."""
    store(warehouse, article())
    claimed = ids(warehouse)
    retry_at = NOW + timedelta(minutes=5) if status is DeliveryStatus.RETRY else None
    transact(
        warehouse, record_delivery, claimed, route="terminal", status=status, now=NOW, error="why", retry_at=retry_at
    )
    assert (ids(warehouse, after=wait) != []) == owed


def test_delivered_on_one_route_is_owed_to_no_other_until_asked_for(warehouse: Warehouse) -> None:
    """What the terminal showed is not said again in Slack, but ``resend`` sends it there."""
    store(warehouse, article())
    shown = ids(warehouse)
    transact(
        warehouse, record_delivery, shown, route="terminal", status=DeliveryStatus.DELIVERED, now=NOW, receipt="here"
    )
    assert ids(warehouse, route="slack") == []
    transact(warehouse, queue_again, shown[0][:12], route="slack", now=NOW)
    assert ids(warehouse, route="slack") == shown[:1]
    stored = transact(warehouse, find_alert, shown[0])
    assert stored.status is Status.DELIVERED
    assert {each.route: each.receipt for each in stored.deliveries} == {"terminal": "here", "slack": None}


def test_later_alert_of_a_story_knows_the_first_message(warehouse: Warehouse) -> None:
    """An alert that a story brings later carries the receipt of what was told of the story before."""
    store(warehouse, article(1))
    transact(
        warehouse,
        record_delivery,
        ids(warehouse),
        route="terminal",
        status=DeliveryStatus.DELIVERED,
        now=NOW,
        receipt="root",
    )
    store(warehouse, article(2, identity="u1"))
    assert [each.parent for each in transact(warehouse, claim_alerts, route="terminal", now=NOW, lease=LEASE)] == [
        "root"
    ]


@pytest.mark.parametrize("status", [DeliveryStatus.CLAIMED, DeliveryStatus.RETRY])
def test_later_alert_of_a_story_waits_for_the_earlier_one(warehouse: Warehouse, status: DeliveryStatus) -> None:
    """While the first report is in doubt, or waits to be tried again, what came after it is not handed out."""
    soon = NOW + timedelta(minutes=5)
    store(warehouse, article(1))
    transact(
        warehouse, record_delivery, ids(warehouse), route="terminal", status=status, now=NOW, error="why", retry_at=soon
    )
    store(warehouse, article(2, identity="u1"))
    assert ids(warehouse, after=timedelta(minutes=1)) == []
    assert len(ids(warehouse, after=timedelta(minutes=5))) > 1


def test_several_alerts_that_begin_alike_are_named(warehouse: Warehouse) -> None:
    """Whoever typed too little of an id sees which there are; an id may be pasted with spaces around it."""
    store(warehouse, article())
    alike = ids(warehouse)[:2]
    with transaction(warehouse.path) as tx:
        for number, alert in enumerate(alike, 1):
            tx.execute("UPDATE alerts SET id = $new WHERE id = $old", {"new": f"same{number}", "old": alert})
    with pytest.raises(NoSuchAlertError, match="several alerts begin with same: same1, same2"):
        transact(warehouse, find_alert, "same")
    assert transact(warehouse, find_alert, " same1 ").alert.id == "same1"


def test_resending_an_unknown_alert_is_an_error(warehouse: Warehouse) -> None:
    """The error names the id that was asked for."""
    with pytest.raises(NoSuchAlertError, match="nope"):
        transact(warehouse, queue_again, "nope", route="terminal", now=NOW)


def test_suppressed_alert_is_stored_and_not_owed(warehouse: Warehouse) -> None:
    """What the policy holds back has a row that says why."""
    store_articles(warehouse, [article()], now=NOW)
    read = [(each, signals_of(each)) for each in transact(warehouse, articles_to_read, limit=1)]
    store_signals(
        warehouse,
        read,
        version="1",
        now=NOW,
        decide=lambda news: [replace(alert, suppressed="muted: anvil") for alert in decide(news)],
    )
    assert ids(warehouse) == []
    assert {each.alert.suppressed for each in transact(warehouse, latest_alerts, status=Status.SUPPRESSED)} == {
        "muted: anvil"
    }
    assert len(transact(warehouse, alerts_of, "a0001")) == 3


def test_mute_lasts_until_its_end(warehouse: Warehouse) -> None:
    """A mute is in force until its end or until it is lifted."""
    transact(warehouse, mute, "anvil", now=NOW, until=NOW + timedelta(days=1), reason="exercise")
    transact(warehouse, mute, "XA", now=NOW)
    assert [mute.subject for mute in transact(warehouse, mutes_in_force, NOW)] == ["XA", "anvil"]
    assert [mute.subject for mute in transact(warehouse, mutes_in_force, NOW + timedelta(days=1))] == ["XA"]
    assert [transact(warehouse, unmute, "XA"), transact(warehouse, unmute, "XA")] == [True, False]


def test_run_is_recorded_from_start_to_end(warehouse: Warehouse) -> None:
    """A run that never ended shows as such; one that did says how."""
    killed, done = transact(warehouse, start_run, "ingest", now=NOW), transact(warehouse, start_run, "ingest", now=NOW)
    transact(warehouse, finish_run, done, now=NOW, outcome="completed", counts={"articles": 3}, note="fine")
    assert {run.id: (run.outcome, run.counts) for run in transact(warehouse, latest_runs)} == {
        killed: (None, {}),
        done: ("completed", {"articles": 3}),
    }


# --- processes


def work(path: Path, first: int, last: int) -> None:
    """Store and read articles ``first`` to ``last`` in batches of five, as a cycle does, and publish."""
    warehouse = Warehouse(path)
    warehouse.migrate()
    for start in range(first, last, 5):
        store_articles(warehouse, [article(number) for number in range(start, start + 5)], now=NOW)
        while read := transact(warehouse, articles_to_read, limit=3):
            found = [(each, signals_of(each)) for each in read]
            store_signals(warehouse, found, version="1", now=NOW, decide=decide)
    warehouse.publish()


def work_and_tell(begun: Event, path: Path, first: int, last: int) -> None:
    begun.set()
    work(path, first, last)


def assert_complete(path: Path, articles: int) -> None:
    held = Warehouse(path).verify()
    tables = ("articles", "weapon_mentions", "transfers", "statements", "alerts", "claims", "red_lines")
    assert [held[table] for table in tables] == [articles] * 4 + [4, 4, 2]
    with transaction(path) as connection:
        doubles = "SELECT id FROM statements GROUP BY id HAVING count(*) > 1"
        assert connection.execute(doubles).fetchall() == []


@pytest.mark.slow
def test_two_cycles_at_once_both_end(tmp_path: Path) -> None:
    """Two processes that store overlapping articles at once both succeed, and nothing is there twice."""
    path = tmp_path / "w.duckdb"
    processes = [PROCESSES.Process(target=work, args=(path, *span)) for span in ((0, 20), (10, 30))]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert_complete(path, 30)


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    """Twenty times a writer is killed at a random moment; whoever runs next completes the work exactly."""
    chance, path = random.Random(7), tmp_path / "w.duckdb"
    work(path, 0, 5)
    for _ in range(20):
        begun = PROCESSES.Event()
        process = PROCESSES.Process(target=work_and_tell, args=(begun, path, 0, 30))
        process.start()
        begun.wait()
        time.sleep(chance.uniform(0.02, 0.6))
        process.kill()  # which does nothing if it has ended
        process.join()
    work(path, 0, 30)
    assert_complete(path, 30)
