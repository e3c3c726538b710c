"""The warehouse as the flows use it, on a real file each time."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extractors.records import (
    Alert,
    Article,
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
from flows.sources.records import Failure, FeedSpec, FeedState, FetchFacts, Trouble
from warehouse.connection import transaction
from warehouse.errors import NoSuchAlertError
from warehouse.query import query
from warehouse.records import DeliveryStatus, FeedRows, Saved, Status
from warehouse.store import Warehouse

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
LINES = (
    "Delivery of Anvil missiles would mean that we are at war.",
    "Any blockade of the strait will be broken by force.",
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path / "data" / "w.duckdb")
    warehouse.migrate()
    return warehouse


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
    warehouse.save_articles(articles, now=NOW)
    read = [(each, signals_of(each)) for each in warehouse.articles_to_read(version=version, limit=1000)]
    return warehouse.save_signals(read, version=version, now=NOW, decide=decide)


# --- articles


def test_article_comes_back_as_it_went_in(warehouse: Warehouse) -> None:
    """Every field survives, code points count the same, an unknown date stays unknown; the story is added."""
    given = article(
        text="Tail\x00 and \U0001f680 text", published=None, published_raw="someday", backlog=True, seen=NOW
    )
    assert warehouse.save_articles([given], now=NOW) == [given.id]
    (read,) = warehouse.articles_to_read(version="1", limit=10)
    assert replace(read, story=None) == given
    assert read.story is not None


def test_lone_surrogate_becomes_one_replacement_character(warehouse: Warehouse) -> None:
    """Text that no encoding holds is stored with every offset in its place."""
    warehouse.save_articles([article(text="a\ud800b")], now=NOW)
    assert [read.text for read in warehouse.articles_to_read(version="1", limit=10)] == ["a\ufffdb"]


def test_article_is_stored_once(warehouse: Warehouse) -> None:
    """Storing again, in the same batch or later, adds nothing."""
    assert warehouse.save_articles([article(), article()], now=NOW) == ["a0001"]
    assert warehouse.save_articles([article(), article(2)], now=NOW) == ["a0002"]
    assert warehouse.known_identities(["u1", "u2", "u3"]) == {"u1", "u2"}
    assert warehouse.known_identities([]) == set()


def test_new_revision_replaces_the_old_one(warehouse: Warehouse) -> None:
    """Of two revisions of one article only the later is read, and found by its address."""
    warehouse.save_articles([article(url="https://e.example/1")], now=NOW)
    edited = article(id="b", text="Edited.", url="https://e.example/1")
    warehouse.save_articles([edited], now=NOW)
    assert [read.id for read in warehouse.articles_to_read(version="1", limit=10)] == ["b"]
    found = warehouse.find_article("https://e.example/1"), warehouse.find_article("a0001")
    assert [each and each.id for each in found] == ["b", "a0001"]
    assert warehouse.find_article("nothing") is None


def test_unread_articles_come_before_those_read_by_another_version(warehouse: Warehouse) -> None:
    """A new extractor version reads news first and the archive after, each by publication."""
    store(warehouse, article(5), article(4))
    warehouse.save_articles([article(1), article(2)], now=NOW)
    assert [read.id for read in warehouse.articles_to_read(version="2", limit=3)] == ["a0002", "a0001", "a0005"]


# --- feeds


def test_feed_state_comes_back_as_it_went_in(warehouse: Warehouse) -> None:
    """Every field of a feed's state is a column, and the latest state counts."""
    spec = FeedSpec(id="f", outlet="Outlet", url="https://f.example/feed")
    state = FeedState(feed="f", url=spec.url, listed_url=spec.url, etag='"x"', next_due_at=NOW, memory="m")
    facts = FetchFacts(feed="f", started_at=NOW, duration_s=0.1, outcome="updated", status=200)
    failure = Failure(where="https://f.example/1", trouble=Trouble.PAGE, reason="403", feed="f")

    def rows(given: FeedState) -> FeedRows:
        return FeedRows(
            spec=asdict(spec),
            state=asdict(given),
            facts=asdict(facts),
            articles=[article(feed="f")],
            failures=[asdict(failure)],
        )

    assert warehouse.save_feeds([rows(state)], now=NOW) == ["a0001"]
    changed = replace(state, etag=None, consecutive_failures=2)
    assert warehouse.save_feeds([rows(changed)], now=NOW) == []
    assert {feed: FeedState(**row) for feed, row in warehouse.feed_states().items()} == {"f": changed}
    held = warehouse.counts()
    assert (held["feeds"], held["fetches"], held["failures"], held["articles"]) == (1, 2, 2, 1)


# --- signals


def test_what_is_new_is_alerted_in_the_transaction_that_stores_it(warehouse: Warehouse) -> None:
    """The first article brings three claims, the second of another outlet only corroborates them."""
    first = store(warehouse, article(1))
    second = store(warehouse, article(3))
    assert (len(first.alerts), first.corroborations) == (3, 0)
    assert (len(second.alerts), second.corroborations) == (0, 3)
    reports = warehouse.reports(first.alerts[2].claim)
    assert [report.outlet for report in reports] == ["Outlet 3", "Outlet 1"]


def test_nothing_is_stored_when_the_decision_fails(warehouse: Warehouse) -> None:
    """An error in the policy leaves no signal behind, so that the article is read again."""
    warehouse.save_articles([article()], now=NOW)
    read = warehouse.articles_to_read(version="1", limit=1)

    def fail(news: Sequence[News]) -> list[Alert]:
        raise ZeroDivisionError(len(news))

    with pytest.raises(ZeroDivisionError):
        warehouse.save_signals([(each, signals_of(each)) for each in read], version="1", now=NOW, decide=fail)
    assert warehouse.articles_to_read(version="1", limit=1) == read
    assert warehouse.counts()["statements"] == 0


def test_the_same_reading_twice_changes_nothing(warehouse: Warehouse) -> None:
    """Two processes that read the same article store it once."""
    read = [(article(), signals_of(article()))]
    warehouse.save_articles([article()], now=NOW)
    warehouse.save_signals(read, version="1", now=NOW, decide=decide)
    held = warehouse.counts()
    assert warehouse.save_signals(read, version="1", now=NOW, decide=decide).articles == 0
    assert warehouse.counts() == held


def test_reading_again_replaces_the_signals_and_alerts_nothing(warehouse: Warehouse) -> None:
    """A new extractor version has the last word on the signals; what was alerted stays as it was."""
    store(warehouse, article(1), article(2))
    before = warehouse.alerts()
    again = store(warehouse, version="2")
    assert (again.articles, again.alerts) == (2, ())
    held = warehouse.counts()
    assert (held["weapon_mentions"], held["transfers"], held["statements"], held["red_lines"]) == (2, 2, 2, 2)
    assert warehouse.alerts() == before


def test_what_only_a_later_version_finds_is_backlog(warehouse: Warehouse) -> None:
    """News found by reading an old article again is told in the summary, not as if it had just happened."""
    warehouse.save_articles([article()], now=NOW)
    read = warehouse.articles_to_read(version="1", limit=1)
    warehouse.save_signals([(read[0], Signals(article=read[0].id))], version="1", now=NOW, decide=decide)
    assert {alert.backlog for alert in store(warehouse, version="2").alerts} == {True}


def test_red_line_that_a_later_version_no_longer_finds_leaves_the_ledger(warehouse: Warehouse) -> None:
    """Signals that are gone are gone from the ledger too; the claim stays held."""
    store(warehouse, article())
    read = warehouse.articles_to_read(version="2", limit=1)
    warehouse.save_signals([(read[0], Signals(article=read[0].id))], version="2", now=NOW, decide=decide)
    held = warehouse.counts()
    assert (held["red_lines"], held["claims"]) == (0, 3)
    assert store(warehouse, version="3").alerts == ()


def test_number_no_column_holds_is_no_quantity(warehouse: Warehouse) -> None:
    """A number that a hostile text made up neither fails the batch nor is stored."""
    warehouse.save_articles([article()], now=NOW)
    found = signals_of(article())
    huge = replace(found, transfers=(replace(found.transfers[0], quantity=10**30),))
    assert warehouse.save_signals([(article(), huge)], version="1", now=NOW, decide=decide).transfers == 1


LEDGER = """
    SELECT side, quote, first_said, last_said, times_said, outlets, weapons, crossed_by, crossed_at
    FROM red_line_ledger ORDER BY ALL
"""


def test_ledger_and_timeline_do_not_depend_on_the_order_of_arrival(tmp_path: Path) -> None:
    """Articles that arrive in any order, one batch or many, give the same ledger, timeline and sightings."""
    articles = [article(number) for number in range(1, 9)]
    seen = []
    for attempt, size in enumerate((1, 3, 8)):
        warehouse = Warehouse(tmp_path / f"{attempt}.duckdb")
        warehouse.migrate()
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
        warehouse.save_articles([read], now=NOW)
        found = [(read, Signals(article=read.id, transfers=(moved,)))]
        warehouse.save_signals(found, version="1", now=NOW, decide=decide)
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
    claimed = warehouse.claim_alerts(route=route, now=NOW + after, lease=LEASE)
    return [each.alert.id for each in claimed]


def test_claimed_alert_belongs_to_one_sender_until_its_lease_ends(warehouse: Warehouse) -> None:
    """A second sender finds nothing; after the lease the alert is there again, with the attempts counted."""
    alerts = {alert.id for alert in store(warehouse, article()).alerts}
    first = warehouse.claim_alerts(route="slack", now=NOW, lease=LEASE)
    assert {each.alert.id for each in first} == alerts
    assert {each.alert.marks for each in first} == {((0, 1),)}
    assert ids(warehouse, route="slack") == ids(warehouse, route="terminal") == []
    later = warehouse.claim_alerts(route="slack", now=NOW + LEASE, lease=LEASE)
    assert [each.attempts for each in later] == [2, 2, 2]


@pytest.mark.parametrize(
    ("status", "wait", "owed"),
    [
        (DeliveryStatus.DELIVERED, timedelta(days=1), False),
        (DeliveryStatus.POISON, timedelta(days=1), False),
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
    warehouse.record_delivery(claimed, route="terminal", status=status, now=NOW, error="why", retry_at=retry_at)
    assert (ids(warehouse, after=wait) != []) == owed


def test_delivered_on_one_route_is_owed_to_no_other_until_asked_for(warehouse: Warehouse) -> None:
    """What the terminal showed is not said again in Slack, but ``resend`` sends it there."""
    store(warehouse, article())
    shown = ids(warehouse)
    warehouse.record_delivery(shown, route="terminal", status=DeliveryStatus.DELIVERED, now=NOW, receipt="here")
    assert ids(warehouse, route="slack") == []
    warehouse.resend(shown[0][:12], route="slack", now=NOW)
    assert ids(warehouse, route="slack") == shown[:1]
    stored = warehouse.alert(shown[0])
    assert stored is not None
    assert stored.status is Status.DELIVERED
    assert {each.route: each.receipt for each in stored.deliveries} == {"terminal": "here", "slack": None}


def test_later_alert_of_a_story_knows_the_first_message(warehouse: Warehouse) -> None:
    """An alert that a story brings later carries the receipt of what was told of the story before."""
    store(warehouse, article(1))
    warehouse.record_delivery(
        ids(warehouse), route="terminal", status=DeliveryStatus.DELIVERED, now=NOW, receipt="root"
    )
    store(warehouse, article(2, identity="u1"))
    assert [each.parent for each in warehouse.claim_alerts(route="terminal", now=NOW, lease=LEASE)] == ["root"]


@pytest.mark.parametrize("status", [DeliveryStatus.CLAIMED, DeliveryStatus.RETRY])
def test_later_alert_of_a_story_waits_for_the_earlier_one(warehouse: Warehouse, status: DeliveryStatus) -> None:
    """While the first report is in doubt, or waits to be tried again, what came after it is not handed out."""
    soon = NOW + timedelta(minutes=5)
    store(warehouse, article(1))
    warehouse.record_delivery(ids(warehouse), route="terminal", status=status, now=NOW, error="why", retry_at=soon)
    store(warehouse, article(2, identity="u1"))
    assert ids(warehouse, after=timedelta(minutes=1)) == []
    assert len(ids(warehouse, after=timedelta(minutes=5))) > 1


def test_resending_an_unknown_alert_is_an_error(warehouse: Warehouse) -> None:
    """The error names the id that was asked for."""
    with pytest.raises(NoSuchAlertError, match="nope"):
        warehouse.resend("nope", route="terminal", now=NOW)


def test_suppressed_alert_is_stored_and_not_owed(warehouse: Warehouse) -> None:
    """What the policy holds back has a row that says why."""
    warehouse.save_articles([article()], now=NOW)
    read = [(each, signals_of(each)) for each in warehouse.articles_to_read(version="1", limit=1)]
    warehouse.save_signals(
        read,
        version="1",
        now=NOW,
        decide=lambda news: [replace(alert, suppressed="muted: anvil") for alert in decide(news)],
    )
    assert ids(warehouse) == []
    assert {each.alert.suppressed for each in warehouse.alerts(status=Status.SUPPRESSED)} == {"muted: anvil"}
    assert len(warehouse.alerts_of("a0001")) == 3


def test_mute_lasts_until_its_end(warehouse: Warehouse) -> None:
    """A mute is in force until its end or until it is lifted."""
    warehouse.mute("anvil", now=NOW, until=NOW + timedelta(days=1), reason="exercise")
    warehouse.mute("XA", now=NOW)
    assert [mute.subject for mute in warehouse.mutes(NOW)] == ["XA", "anvil"]
    assert [mute.subject for mute in warehouse.mutes(NOW + timedelta(days=1))] == ["XA"]
    assert [warehouse.unmute("XA"), warehouse.unmute("XA")] == [True, False]


def test_run_is_recorded_from_start_to_end(warehouse: Warehouse) -> None:
    """A run that never ended shows as such; one that did says how."""
    killed, done = warehouse.start_run("ingest", now=NOW), warehouse.start_run("ingest", now=NOW)
    warehouse.finish_run(done, now=NOW, outcome="completed", counts={"articles": 3}, note="fine")
    assert {run.id: (run.outcome, run.counts) for run in warehouse.runs()} == {
        killed: (None, {}),
        done: ("completed", {"articles": 3}),
    }


# --- processes


def work(path: Path, first: int, last: int) -> None:
    """Store and read articles ``first`` to ``last`` in batches of five, as a cycle does, and publish."""
    warehouse = Warehouse(path)
    warehouse.migrate()
    for start in range(first, last, 5):
        warehouse.save_articles([article(number) for number in range(start, start + 5)], now=NOW)
        while read := warehouse.articles_to_read(version="1", limit=3):
            found = [(each, signals_of(each)) for each in read]
            warehouse.save_signals(found, version="1", now=NOW, decide=decide)
    warehouse.publish()


def assert_complete(path: Path, articles: int) -> None:
    held = Warehouse(path).counts()
    tables = ("articles", "weapon_mentions", "transfers", "statements", "alerts", "claims", "red_lines")
    assert [held[table] for table in tables] == [articles] * 4 + [4, 4, 2]
    with transaction(path) as connection:
        doubles = "SELECT id FROM statements GROUP BY id HAVING count(*) > 1"
        assert connection.execute(doubles).fetchall() == []


@pytest.mark.slow
def test_two_cycles_at_once_both_end(tmp_path: Path) -> None:
    """Two processes that store overlapping articles at once both succeed, and nothing is there twice."""
    spawn = multiprocessing.get_context("spawn")
    path = tmp_path / "w.duckdb"
    processes = [spawn.Process(target=work, args=(path, *span)) for span in ((0, 20), (10, 30))]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert_complete(path, 30)


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    """Twenty times a writer is killed at a random moment; whoever runs next completes the work exactly."""
    fork, chance, path = multiprocessing.get_context("fork"), random.Random(7), tmp_path / "w.duckdb"
    work(path, 0, 5)
    for _ in range(20):
        process = fork.Process(target=work, args=(path, 0, 30))
        process.start()
        time.sleep(chance.uniform(0.02, 0.6))
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    work(path, 0, 30)
    assert_complete(path, 30)
