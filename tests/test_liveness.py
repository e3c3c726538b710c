"""The dead man's switch, on a real warehouse and by a played clock: what is told, when, how often, and by whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from slackserver import CHANNEL, HOOK, TOKEN, Slack
from transactions import store_articles, transact
from warehouses import new_warehouse

from extractors.records import Article
from flows.orchestration import supervision
from flows.phrases import duration
from flows.prefect_settings import intervals
from flows.settings import Settings
from flows.steps.liveness import check_liveness, look_at_news, notices_of, notices_of_news
from warehouse.connection import transaction
from warehouse.errors import WarehouseError
from warehouse.measuring import Shape, Signs, signs
from warehouse.rows import insert
from warehouse.store import Warehouse
from warehouse.stored_records import Notice, Pulse
from warehouse.tables.notices import measure_pulse
from warehouse.tables.runs import start_run

NOW = datetime(2026, 11, 29, 6, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EVERY = {"ingest": 5 * MINUTE, "detect": 15 * MINUTE, "notify": 5 * MINUTE}
STEADY = (9,) * 8


@pytest.fixture
def settings(tmp_path: Path, slack: Slack) -> Settings:
    """A monitor with a webhook beside its bot."""
    path = tmp_path / "w.duckdb"
    new_warehouse(path)
    return Settings(
        warehouse=path, slack_token=TOKEN, slack_channel=CHANNEL, slack_webhook=slack.url + HOOK,
        slack_api_url=f"{slack.url}/api/", _env_file=None,
    )  # fmt: skip


def ran(settings: Settings, *steps: str, at: datetime, outcome: str = "completed") -> None:
    """Let steps run at an instant, all in one transaction: hundreds of them are played."""
    row = {"started_at": at, "finished_at": at, "outcome": outcome}
    with transaction(settings.warehouse) as connection:
        insert(connection, "runs", [{"id": uuid4().hex, "kind": step, **row} for step in steps])


def played(settings: Settings, minutes: range, *, well: tuple[str, ...] = (), failing: str = "") -> dict[int, str]:
    """Look each minute while some steps succeed at theirs; return what was told, by the minute."""
    told = {}
    for minute in minutes:
        at = NOW + minute * MINUTE
        if due := [step for step in well if minute % (EVERY[step] // MINUTE) == 0]:
            ran(settings, *due, at=at)
        if failing and minute % 5 == 0:
            ran(settings, failing, at=at, outcome="failed")
        noted = check_liveness(settings, now=at, every=EVERY)
        if noted.told or noted.over:
            told[minute] = "; ".join([*noted.told, *(f"over: {text}" for text in noted.over)])
    return told


@pytest.mark.parametrize("failing", ["", "ingest"])
def test_a_step_that_no_longer_succeeds_is_told_once_after_three_intervals(
    settings: Settings, slack: Slack, caplog: pytest.LogCaptureFixture, failing: str
) -> None:
    """Whether it does not run or fails; in the log and over the webhook. Its first success ends it."""
    text = "No ingest has succeeded since 29 Nov 06:00 UTC; it is due every 5 minutes"
    ran(settings, *EVERY, at=NOW)
    assert played(settings, range(1, 40), well=("detect", "notify"), failing=failing) == {16: text}
    ran(settings, "ingest", at=NOW + 40 * MINUTE)
    assert played(settings, range(40, 50), well=("ingest", "detect", "notify")) == {40: f"over: {text}"}
    assert [message["text"] for message in slack.hooked] == [text, f"This is over: {text}"]
    assert [record.message for record in caplog.records] == [text, f"This is over: {text}"]


@pytest.mark.parametrize(("step", "minute"), [("detect", 48), ("notify", 18)])
def test_every_step_is_watched_by_its_own_interval(settings: Settings, step: str, minute: int) -> None:
    """Three quarters of an hour for ``detect``, which runs every quarter; looked at every other minute."""
    ran(settings, *EVERY, at=NOW)
    others = tuple(set(EVERY) - {step})
    assert list(played(settings, range(2, 60, 2), well=others)) == [minute]


@pytest.mark.parametrize(
    ("last", "next_", "told"),
    [
        (timedelta(0), 10, []),
        (timedelta(0), 12, ["No ingest has succeeded since 29 Nov 06:00 UTC; it is due every minute"]),
        (timedelta(hours=9), 3, []),
        (timedelta(hours=9), 5, ["No ingest has succeeded since 28 Nov 21:00 UTC; it is due every minute"]),
    ],
)
def test_a_step_that_runs_every_minute_may_take_ten(
    settings: Settings, last: timedelta, next_: int, told: list[str]
) -> None:
    """One long cycle is no silence; the first after a night, which has most to do, may take three."""
    found: list[str] = []
    ran(settings, "ingest", at=NOW - last)
    for minute in range(20):
        if minute >= next_:
            ran(settings, "ingest", at=NOW + minute * MINUTE)
        found += check_liveness(settings, now=NOW + minute * MINUTE, every={"ingest": MINUTE}).told
    assert found == told


def test_a_monitor_started_again_after_a_night_does_not_cry(settings: Settings) -> None:
    """Each step has its interval to succeed first; what still does not is told then."""
    ran(settings, *EVERY, at=NOW - 10 * timedelta(hours=1))
    assert list(played(settings, range(30), well=("ingest", "notify"))) == [15]


def test_what_still_lasts_is_told_again_every_day_by_one_of_many_processes(settings: Settings) -> None:
    """A notice of last week is easily forgotten; two who look at once do not both tell it."""
    ran(settings, *EVERY, at=NOW - timedelta(hours=1))
    check_liveness(settings, now=NOW, every=EVERY)
    hours = [
        hour
        for hour in range(1, 50)
        for _ in range(2)
        if check_liveness(settings, now=NOW + hour * timedelta(hours=1), every=EVERY).told
    ]
    assert hours == [1, 25, 49]


def test_a_monitor_that_has_never_succeeded_is_told_of_too(settings: Settings) -> None:
    """Counted from its first attempt; one that was never started has nothing to tell."""
    assert played(settings, range(30)) == {}
    transact(Warehouse(settings.warehouse), start_run, "ingest", now=NOW + 30 * MINUTE)
    assert set(played(settings, range(30, 50))) == {46}


def test_runs_dated_after_now_do_not_count_as_success(settings: Settings) -> None:
    """They were recorded by a clock that was ahead; the switch goes by those before it."""
    ran(settings, *EVERY, at=NOW)
    ran(settings, *EVERY, at=NOW + 10 * DAY)
    assert transact(Warehouse(settings.warehouse), measure_pulse, now=NOW + MINUTE).succeeded["ingest"] == NOW


def texts(**known: object) -> list[str]:
    """What is told of a pulse that is sound but for what is given."""
    sound = {"began": NOW, "succeeded": dict.fromkeys(EVERY, NOW), "clock_off": None}
    pulse = Pulse(**{**sound, "articles": STEADY, "signals": STEADY, **known})  # type: ignore[arg-type]
    return [each.text for each in notices_of(pulse, every=EVERY, now=NOW) if each.text]


@pytest.mark.parametrize(
    ("days", "silent"),
    [
        ((0, *[40] * 7), True),
        ((0, 5, 5, 5, 5, 5, 5, 5), True),
        ((1, *[40] * 7), False),
        ((0, *[4] * 7), False),  # so few that a day comes to none by chance
        ((0, 50, 50, 50, 50, 50, 0, 0), False),  # a Sunday like the one before
        ((0, 0, 50, 50, 50, 50, 50, 50), True),
        ((0, 0, 0, 0, 0, 0, 0, 40), True),
        ((0, *[40] * 6, 0), False),  # not yet running a week ago
    ],
)
def test_a_day_without_what_it_usually_brings_is_told(days: tuple[int, ...], silent: bool) -> None:
    """The same day a week ago and the week on average must have brought five."""
    assert bool(texts(articles=days)) == bool(texts(signals=days)) == silent


def test_an_empty_day_says_what_is_missing() -> None:
    """Articles that did not come, or articles in which nothing was found."""
    assert texts(articles=(0, *[40] * 7)) == ["No article was stored for a day that usually brings some: 40 or more"]
    assert texts(signals=(0, *[9] * 7)) == [
        "Nothing was found in any article for a day that usually brings some: 9 or more"
    ]


def test_days_are_counted_from_the_articles_and_their_signals(settings: Settings) -> None:
    """Each back from now; what came as backlog is no news of its day."""
    rows = [
        Article(id=f"{day}-{number}", identity=f"{day}-{number}", title="", text="x", seen=NOW - day * DAY - MINUTE)
        for day in range(3)
        for number in range(day + 1)
    ]
    old = Article(id="old", identity="old", title="", text="x", seen=NOW - MINUTE, backlog=True)
    span = {"span_start": 0, "span_end": 1}
    mention = {"id": "m", "article": "2-0", "weapon": "w", "text": "w", "rule": "r", "claim": None, **span}
    store_articles(Warehouse(settings.warehouse), [*rows, old], now=NOW)
    with transaction(settings.warehouse) as connection:
        insert(connection, "weapon_mentions", [mention, {**mention, "id": "n"}])
    pulse = transact(Warehouse(settings.warehouse), measure_pulse, now=NOW)
    assert (pulse.articles[:4], pulse.signals[:4]) == ((1, 2, 3, 0), (0, 0, 1, 0))


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (timedelta(seconds=119), []),
        (10 * DAY, ["The clock of this machine is 10 days ahead: set it"]),
        (-timedelta(hours=3), ["The clock of this machine is 3 hours behind: set it"]),
    ],
)
def test_a_clock_that_is_off_is_told(off: timedelta, said: list[str]) -> None:
    """Two minutes may lie between two clocks."""
    assert texts(clock_off=off) == said


def test_the_clock_is_compared_with_those_of_many_servers(settings: Settings) -> None:
    """The median of the last answer of each; two servers are too few, one that is odd does not count."""
    fetch: dict[str, Any] = {
        "started_at": NOW, "duration_s": 0.1, "outcome": "unchanged", "wire_bytes": 0, "entries": 0, "new_entries": 0,
        "edited_entries": 0, "pending": 0, "may_have_missed": False, "audit": False, "lying_304": False,
    }  # fmt: skip
    found = []
    for feed, off in (("a", 1.0), ("b", 864_000.0), ("c", 864_003.0), ("d", None), ("a", 864_001.0)):
        with transaction(settings.warehouse) as connection:
            insert(connection, "fetches", [{**fetch, "feed": feed, "clock_off_s": off}])
        fetch["started_at"] += MINUTE
        found.append(transact(Warehouse(settings.warehouse), measure_pulse, now=NOW + 9 * MINUTE).clock_off)
    assert found == [None, None, timedelta(seconds=864_000), timedelta(seconds=864_000), timedelta(seconds=864_001)]


def test_with_a_bot_alone_the_bot_tells_and_without_slack_the_log(
    settings: Settings, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    """A webhook is what is still there when the bot's channel is closed; one that fails costs a line in the log."""
    wrong = [Notice(subject="x", text="Something <is> wrong")]
    check_liveness(settings.model_copy(update={"slack_webhook": None}), now=NOW, every={}, more=wrong)
    assert [message["text"] for message in slack.messages] == ["Something &lt;is&gt; wrong"]
    silent = {"slack_webhook": None, "slack_token": None, "slack_channel": None}
    check_liveness(settings.model_copy(update=silent), now=NOW + DAY, every={}, more=wrong)
    slack.revoked = True
    check_liveness(settings.model_copy(update={"slack_webhook": None}), now=NOW + 2 * DAY, every={}, more=wrong)
    assert caplog.text.count("Something <is> wrong") == 3
    assert caplog.text.count("cannot report to Slack") == 1
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("span", "said"),
    [(30, "30 seconds"), (60, "1 minute"), (5_400, "1 hour"), (-7_200, "2 hours"), (864_000, "10 days")],
)
def test_spans_are_said_in_their_largest_unit(span: int, said: str) -> None:
    """Rounded down: nobody needs the seconds of three hours."""
    assert duration(timedelta(seconds=span)) == said


@pytest.mark.parametrize(
    ("stopped", "active", "text"),
    [
        (False, True, None),
        (True, True, "The deployment ingest/scheduled is paused: resume it in Prefect"),
        (False, False, "The deployment ingest/scheduled is paused: resume it in Prefect"),
    ],
)
def test_a_paused_deployment_is_told(stopped: bool, active: bool, text: str | None) -> None:
    """Paused as a whole, or each of its schedules."""
    deployment = SimpleNamespace(
        entrypoint="flows.ingest.ingest", name="scheduled", paused=stopped, schedules=[SimpleNamespace(active=active)]
    )
    assert supervision.paused(deployment) == Notice(subject="ingest/scheduled", text=text)  # type: ignore[arg-type]


def test_a_prefect_server_that_is_away_is_told_after_three_minutes(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart is no news; five minutes are, and so is its return."""
    monkeypatch.setattr(supervision, "get_client", refused)
    text, told = "The Prefect server does not answer: nothing is started", []
    for minute in range(5):
        notices, every = supervision.prefect_notices()
        told.append(check_liveness(settings, now=NOW + minute * MINUTE, every={}, more=notices).told)
    assert told == [(), (), (), (text,), ()]
    assert every == intervals()
    check_liveness(settings, now=NOW + 5 * MINUTE, every={}, more=[Notice(subject="prefect", text=None)])
    assert [message["text"] for message in slack.hooked] == [text, f"This is over: {text}"]


def test_an_artifact_that_cannot_be_left_costs_nothing_else(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the server that keeps artifacts which does not answer."""
    monkeypatch.setattr(supervision, "AWAY", timedelta(0))
    monkeypatch.setattr(supervision, "get_client", refused)
    monkeypatch.setattr(supervision, "leave_artifact", refused)
    supervision.after_work(settings)
    assert [message["text"] for message in slack.hooked] == ["The Prefect server does not answer: nothing is started"]


def refused(*_: object, **__: object) -> None:
    raise httpx.ConnectError("refused")


def test_what_keeps_serve_from_looking_is_told_once_for_as_long_as_it_lasts(
    settings: Settings, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warehouse that cannot be opened, for instance, or a bug, which ends nothing."""
    damaged = [WarehouseError(settings.warehouse, "is damaged")] * 3
    ends = iter([*damaged, None, ValueError("secret"), WarehouseError(Path("x"), "is gone"), KeyboardInterrupt()])

    def clear_the_way(_: Settings) -> None:
        if error := next(ends):
            raise error

    monkeypatch.setattr(supervision, "time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr(supervision, "clear_the_way", clear_the_way)
    monkeypatch.setattr(supervision, "after_work", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        supervision.supervise(settings)
    said = [message["text"].removeprefix("The monitor cannot be supervised: ") for message in slack.hooked]
    assert said == [f"warehouse {settings.warehouse}: is damaged", "ValueError", "warehouse x: is gone"]


def test_the_intervals_are_those_of_the_deployments() -> None:
    """One file says how often each step runs."""
    assert list(intervals()) == ["ingest", "detect", "notify", "report", "digest"]
    assert all(MINUTE <= interval <= 60 * MINUTE for interval in intervals().values())


# --- what the news says ----------------------------------------------------------------------------------------------

SOUND = Signs(articles=9, promised=40.0, shapes=(), drift=0.02, chance=0.05, scores=(0.8, 0.8))


def said(signs: Signs) -> list[str]:
    """Return what is wrong by these signs."""
    return [notice.text for notice in notices_of_news(signs) if notice.text]


def test_news_that_is_as_usual_says_nothing() -> None:
    """Hour and scores are well, and say so, which ends what was reported before."""
    assert said(SOUND) == []
    assert [notice.subject for notice in notices_of_news(SOUND)] == ["hour", "scores"]


@pytest.mark.parametrize(
    ("articles", "promised", "subjects", "texts"),
    [
        (0, 40.4, ["hour"], ["No article was stored for an hour in which the sources usually bring 40"]),
        (0, 9.9, [], []),  # chance, or a night; a report made before is not over either
        (1, 40.4, ["hour"], []),
        (1, 0.0, ["hour"], []),
    ],
)
def test_an_hour_without_articles_counts_by_what_the_sources_promise(
    articles: int, promised: float, subjects: list[str], texts: list[str]
) -> None:
    """Ten or more were to come; whatever comes ends it."""
    signs = replace(SOUND, articles=articles, promised=promised)
    assert said(signs) == texts
    assert [each.subject for each in notices_of_news(signs) if each.subject != "scores"] == subjects


@pytest.mark.parametrize(("drift", "chance", "told"), [(0.2, 0.1, True), (0.2, 0.3, False), (0.09, 0.01, False)])
def test_scores_that_drift_are_told_if_that_is_no_chance_and_matters(drift: float, chance: float, told: bool) -> None:
    """With the means of both periods."""
    signs = replace(SOUND, drift=drift, chance=chance, scores=(0.61, 0.83))
    text = (
        "Scores have drifted: the mean confidence of statements was 0.61 in the last week, 0.83 in the month before; "
        "has the news changed, or a source its shape?"
    )
    assert said(signs) == ([text] if told else [])


def test_a_changed_shape_is_told_for_as_long_as_it_lasts(settings: Settings, slack: Slack) -> None:
    """After six hours, once; what can no longer be compared ends nothing, and what is well again does."""
    what = "its articles have no date"
    told = "The source a has changed its shape: its articles have no date"
    notices = {
        "changed": list(notices_of_news(replace(SOUND, shapes=[Shape(feed="a", what=what, changed=True, well=False)]))),
        "lasts": list(notices_of_news(replace(SOUND, shapes=[Shape(feed="a", what=what, changed=False, well=False)]))),
        "well": list(notices_of_news(replace(SOUND, shapes=[Shape(feed="a", what=what, changed=False, well=True)]))),
    }
    for hour, state in enumerate(["changed"] * 9 + ["lasts"] * 3 + ["well"] * 2):
        check_liveness(settings, now=NOW + hour * timedelta(hours=1), every={}, more=notices[state])
    assert [message["text"] for message in slack.hooked] == [told, f"This is over: {told}"]


def stored_news(feed: str, *, days: range, **more: Any) -> list[dict[str, Any]]:
    """Return an article of a feed for each of these days, back from now, and each of five hours of it."""
    texts = dict.fromkeys(("identity", "title", "text", "genre", "language"), "x")
    return [
        {"id": f"{feed} {day} {hour}", "feed": feed, "seen": NOW - day * DAY - hour * timedelta(hours=1) - MINUTE,
         "published": NOW, "backlog": False, **texts, **more}
        for day in days for hour in range(5)
    ]  # fmt: skip


def polled(feed: str, **more: Any) -> dict[str, Any]:
    """Return the state of a feed that was polled just now."""
    texts = dict.fromkeys(("outlet", "listed_url", "url", "identity_policy"), feed)
    names = ("failure_weight", "redirect_count", "polls_since_full", "lying_304", "missed_alarms", "pending")
    state = {"health": "ok", "consecutive_failures": 0, "interval_s": 300, "entries": 20, "last_fetched_at": NOW}
    rhythm = [0.0] * 5 + [30.0, 10.0] + [0.0] * 17
    return {"id": feed, **texts, **dict.fromkeys(names, 0), "last_success_at": NOW, "rhythm": rhythm, **state, **more}


def failed(feed: str, trouble: str, *, days: range) -> list[dict[str, Any]]:
    """Return five failures of a feed on each of these days."""
    return [
        {"place": "x", "trouble": trouble, "reason": "x", "feed": feed,
         "seen_at": NOW - day * DAY - hour * timedelta(hours=1) - MINUTE}
        for day in days for hour in range(5)
    ]  # fmt: skip


def signs_of(settings: Settings, **tables: list[dict[str, Any]]) -> Signs:
    """Store rows, publish them, and return the signs."""
    with transaction(settings.warehouse) as connection:
        for table, rows in tables.items():
            insert(connection, table, rows)
    Warehouse(settings.warehouse).publish()
    return signs(settings.warehouse, now=NOW)


def test_what_an_hour_promises_is_what_was_learned_of_the_feeds_that_are_polled(settings: Settings) -> None:
    """By the hour of the day, in shares of the two that it touches; a feed no longer polled promises nothing."""
    found = signs_of(
        settings,
        feeds=[polled("a"), polled("b", rhythm=None), polled("gone", last_fetched_at=NOW - 2 * DAY)],
        articles=stored_news("a", days=range(1)),
    )
    assert (found.articles, found.promised) == (1, 30.0)
    assert signs(settings.warehouse, now=NOW + 15 * MINUTE).promised == 30.0 * 0.75 + 10.0 * 0.25
    assert signs(settings.warehouse, now=NOW + 2 * 60 * MINUTE).articles == 0


@pytest.mark.parametrize(
    ("what", "tables"),
    [
        ("its articles have no date", {"articles": stored_news("a", days=range(1), published=None)}),
        (
            "its pages give no article",
            {"articles": stored_news("a", days=range(1)), "failures": failed("a", "page", days=range(1))},
        ),
        ("its entries cannot be read", {"failures": failed("a", "entry", days=range(1))}),
        (
            "what it sends is no feed",
            {"feeds": [polled("a", consecutive_failures=5)], "failures": failed("a", "not_a_feed", days=range(1))},
        ),
        ("it sends no entries", {"feeds": [polled("a", entries=0)]}),
    ],
)
def test_a_source_has_changed_its_shape_if_a_day_is_unlike_the_two_weeks_before(
    settings: Settings, what: str, tables: dict[str, list[dict[str, Any]]]
) -> None:
    """Nine of ten against one of five at most; one that was always so has not changed."""
    before = {"articles": stored_news("a", days=range(1, 9)), "feeds": [polled("a")]}
    rows = {name: [*before.get(name, ()), *tables.get(name, ())] for name in ("articles", "failures")}
    found = signs_of(settings, **rows, feeds=tables.get("feeds", before["feeds"]))
    assert [shape.what for shape in found.shapes if shape.changed] == [what]


def test_a_source_that_always_was_so_has_not_changed(settings: Settings) -> None:
    """Nor has one that is well, or brought too little to tell."""
    found = signs_of(
        settings,
        articles=[
            *stored_news("undated", days=range(9), published=None), *stored_news("well", days=range(9)),
            *stored_news("new", days=range(1), published=None), *stored_news("paged", days=range(9)),
        ],
        failures=failed("paged", "page", days=range(9)),
        feeds=[polled("rare", entries=0, rhythm=[0.01] * 24)],
    )  # fmt: skip
    assert [shape for shape in found.shapes if shape.changed] == []
    assert [(shape.feed, shape.what) for shape in found.shapes if shape.well] == [
        ("paged", "its articles have no date"),
        ("well", "its articles have no date"),
    ]


def test_without_a_snapshot_the_news_says_nothing(settings: Settings) -> None:
    """Nothing was published yet; steps and clock are judged all the same."""
    assert look_at_news(settings, now=NOW) == []
