"""What news changes of what was said and done before: lines crossed and drawn again, refusals reversed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from news_examples import NOW, alert, article, stage, statement
from test_history import done, said
from transactions import store_articles, store_signals, transact
from warehouses import new_warehouse

from alerts.messages import Form, Message
from alerts.policy.crossings import changes_of, is_named
from alerts.policy.decision import PolicySettings, decide
from alerts.policy.holdings import Holding, Holdings
from alerts.wording.changes import changes_text, day_text, headline_end, ordinal, possessive, quoted
from extractors.records import Alert, Article, DeliveryStatus, Kind, Line, News, Signals, Stage, Step
from flows.settings import Settings
from flows.steps.backtest import backtest, read_archive
from warehouse.store import Warehouse
from warehouse.tables.alerts import latest_alerts
from warehouse.tables.articles import articles_to_read
from warehouse.tables.outbox import claim_alerts, record_delivery

FORMS = {"UA": ("Ukraine", "Kyiv", "Ukrainian"), "US": ("United States", "American"), "JP": ("Japan",)}
NAMES = {"RU": "Russia", "DE": "Germany", "UA": "Ukraine"}
SENT = "Berlin has agreed to send Taurus missiles to Ukraine, two officials said."
LINE = Line(
    claim="line", side="RU", speaker="Vladimir Putin", severity=4, said=datetime(2026, 3, 3, tzinfo=UTC), nuclear=False,
    quote="Putin warned that any delivery of Taurus to Ukraine would mean war.",
    condition="any delivery of Taurus to Ukraine", consequence="would mean war", document="Putin warned about Ukraine.",
    url="https://example.org/line",
)  # fmt: skip
PUTINS = "Vladimir Putin’s line of 3 March (“any delivery of Taurus to Ukraine would mean war”)"
REFUSED = Step(claim="no", stage=Stage.REFUSED, supplier="DE", since=datetime(2026, 1, 12, tzinfo=UTC))


def crossed(news: News, *lines: Line, maker: str | None = None) -> bool:
    """Whether ``news`` crosses one of the lines, or would when it is done."""
    changes = changes_of(replace(news, lines=lines), forms=FORMS, maker=maker)
    return bool(changes.crosses or changes.defies)


@pytest.mark.parametrize(
    ("reached", "text"),
    [
        (Stage.DELIVERED, f"crosses {PUTINS}"),
        (Stage.USED, f"crosses {PUTINS}"),
        (Stage.PLEDGED, f"defies {PUTINS}"),
        (Stage.REQUESTED, ""),
        (Stage.REFUSED, ""),
    ],
)  # fmt: skip
def test_a_deed_crosses_the_line_that_forbids_it(reached: Stage, text: str) -> None:
    """By name, date and words; a pledge defies it, and asking or refusing does nothing."""
    news = replace(stage(article(), SENT, reached), lines=(LINE,))
    assert changes_text(changes_of(news, forms=FORMS), news, NAMES) == text


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"recipient": "JP"}, {}),
        ({"recipient": None}, {}),
        ({"recipient": "US"}, {"document": "American missiles in Ukraine."}),
        ({}, {"condition": "any Taurus strike on Crimea", "consequence": None}),
        ({}, {"named": False, "quote": "Long-range missiles would mean war."}),
    ],
)
def test_what_is_done_elsewhere_crosses_no_line(fields: dict[str, Any], line: dict[str, Any]) -> None:
    """Another recipient, the maker's own use, a delivery where use is forbidden, a class of weapons for nobody."""
    news = stage(article(), SENT, Stage.DELIVERED, **fields)
    assert not crossed(news, replace(LINE, **line), maker="US")
    assert crossed(stage(article(), SENT, Stage.DELIVERED), LINE)


def test_use_crosses_a_line_about_use() -> None:
    """Which a delivery does not."""
    line = replace(LINE, condition="any Taurus strike on Crimea", consequence=None)
    assert crossed(stage(article(), SENT, Stage.USED), line)


@pytest.mark.parametrize(
    ("before", "reached", "text"),
    [
        ([REFUSED], Stage.PLEDGED, "reverses Germany’s refusal of 12 January"),
        ([replace(REFUSED, supplier=None)], Stage.PLEDGED, "reverses the refusal of 12 January"),
        ([replace(REFUSED, supplier="FR")], Stage.PLEDGED, ""),
        ([REFUSED, replace(REFUSED, stage=Stage.PLEDGED, since=LINE.said)], Stage.DELIVERED, ""),
        ([replace(REFUSED, stage=Stage.SUSPENDED)], Stage.DELIVERED, "ends Germany’s halt of 12 January"),
        ([replace(REFUSED, stage=Stage.PLEDGED)], Stage.REFUSED, "takes back Germany’s pledge of 12 January"),
        ([replace(REFUSED, stage=Stage.DELIVERED)], Stage.SUSPENDED, "stops deliveries reported since 12 January"),
        ([REFUSED], Stage.USE_PERMITTED, ""),
        ([replace(REFUSED, stage=Stage.USE_REFUSED)], Stage.USE_PERMITTED,
         "reverses Germany’s refusal of 12 January to permit its use"),
    ],
)  # fmt: skip
def test_the_opposite_of_the_last_word_is_a_reversal(before: list[Step], reached: Stage, text: str) -> None:
    """Of the same supplier, on the same question."""
    news = replace(stage(article(), SENT, reached), steps=tuple(before))
    assert changes_text(changes_of(news, forms=FORMS), news, NAMES) == text


PLEDGED = Step(claim="pledge", stage=Stage.PLEDGED, supplier="DE", since=NOW - timedelta(hours=6))
NO_SUPPLIER = replace(PLEDGED, supplier=None)


@pytest.mark.parametrize(
    ("before", "reached", "fields", "same"),
    [
        (PLEDGED, Stage.DELIVERED, {}, True),
        (NO_SUPPLIER, Stage.DELIVERED, {}, True),
        (PLEDGED, Stage.DELIVERED, {"supplier": None}, True),
        (replace(PLEDGED, since=NOW - timedelta(hours=20)), Stage.DELIVERED, {}, True),
        (replace(PLEDGED, since=NOW - timedelta(days=2)), Stage.DELIVERED, {}, False),
        (replace(PLEDGED, supplier="FR"), Stage.DELIVERED, {}, False),
        (PLEDGED, Stage.USED, {}, False),
        (PLEDGED, Stage.USE_PERMITTED, {}, False),
        (replace(PLEDGED, stage=Stage.REQUESTED), Stage.DELIVERED, {}, False),
        (replace(PLEDGED, stage=Stage.CONSIDERED), Stage.DELIVERED, {}, False),
        (replace(PLEDGED, stage=Stage.DELIVERED), Stage.DELIVERED, {}, False),
    ],
)
def test_a_delivery_updates_the_pledge_of_its_day(
    before: Step, reached: Stage, fields: dict[str, Any], same: bool
) -> None:
    """Told in the thread of the first alert, it names both; not after days, nor what another supplier pledged."""
    news = replace(stage(article(), SENT, reached, **fields), steps=(before,))
    (decided,) = decide([news], now=NOW, settings=PolicySettings(names=NAMES))
    assert decided.related == ("pledge" if same else None)
    assert decided.headline.endswith(", pledged the same day") is same
    assert decided.why.startswith("Delivers what was pledged on ") is same


@pytest.mark.parametrize(
    ("line", "fields", "text"),
    [
        ({"times": 1}, {}, "second time this line is drawn, first on 3 March"),
        ({"times": 3, "consequence": None}, {"consequence": "war"},
         "fourth time this line is drawn, first on 3 March, now with a consequence"),
        ({"times": 10}, {"nuclear": True}, "11th time this line is drawn, first on 3 March, now with nuclear weapons"),
        ({"severity": 2}, {"severity": 4}, "second time this line is drawn, first on 3 March, now graver"),
    ],
)  # fmt: skip
def test_a_line_drawn_again_says_for_which_time(line: dict[str, Any], fields: dict[str, Any], text: str) -> None:
    """And what it has that it never had before."""
    news = replace(statement(article(), SENT, **fields), lines=(replace(LINE, **line),))
    assert changes_text(changes_of(news, forms=FORMS), news, NAMES) == text


def test_an_alert_says_so_and_is_as_severe_as_it_is() -> None:
    """In its headline, in its reason, in its severity, and with what it is about."""
    news = replace(stage(article(), SENT, Stage.DELIVERED), lines=(LINE,), steps=(REFUSED,))
    (told,) = decide([news], now=NOW, settings=PolicySettings(names={**NAMES, "taurus": "Taurus"}, forms=FORMS))
    assert told.headline == "Germany delivers Taurus to Ukraine, crossing Vladimir Putin’s red line"
    assert told.why.startswith("Crosses Vladimir Putin’s line of 3 March (“any delivery")
    assert "; reverses Germany’s refusal of 12 January. Taurus for Ukraine" in told.why
    assert (told.severity, told.related, told.related_url) == (5, "line", "https://example.org/line")


def test_what_was_so_before_crosses_nothing() -> None:
    """A side that holds a system already needs no line to be told of it."""
    news = replace(stage(article(), SENT, Stage.DELIVERED), lines=(LINE,))
    held = Holdings(held={("taurus", "UA"): Holding(weapon="taurus", holder="UA", source="a list", since="2023")})
    (told,) = decide([news], now=NOW, settings=PolicySettings(names=NAMES, forms=FORMS, holdings=held))
    assert told.suppressed == "known before: Ukraine holds it since 2023 (a list)"
    assert told.related is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Vladimir Putin", "Vladimir Putin’s"),
        ("Kremlin", "the Kremlin’s"),
        ("Russian Foreign Ministry", "the Russian Foreign Ministry’s"),
        ("Houthis", "the Houthis’"),
        ("NATO", "NATO’s"),
        ("", "a"),
    ],
)
def test_whose_line_it_is(name: str, text: str) -> None:
    """Organs have an article, persons and alliances do not."""
    assert possessive(name, otherwise="a") == text


def test_words_of_dates_numbers_and_quotations() -> None:
    """A year only where it is another; a quotation within a quotation has single marks, and a long one is cut."""
    assert day_text(LINE.said, NOW) == "3 March"
    assert day_text(LINE.said, NOW + timedelta(days=365)) == "3 March 2026"
    assert [ordinal(number) for number in (2, 10, 11, 22, 113)] == ["second", "tenth", "11th", "22nd", "113th"]
    assert quoted(replace(LINE, quote="He said: “No means “no”.", condition=None)) == "He said: ‘No means ‘no’"
    assert len(quoted(replace(LINE, quote="word " * 100, condition=None))) <= 160
    assert headline_end(changes_of(stage(article(), SENT), forms=FORMS), NAMES) == ""


# --- with the warehouse ----------------------------------------------------------------------------------------------

IF_SENT = "any Anvil missile reaches the island"


def told_of(path: Path, read: Sequence[tuple[Article, Signals]]) -> dict[str, News]:
    """The news of each article, stored one after the other, with what came before it."""
    warehouse, news = new_warehouse(path), dict[str, News]()

    def keep(found: Sequence[News]) -> list[Alert]:
        news.update({each.article.id: each for each in found})
        return []

    for one, signals in read:
        store_articles(warehouse, [one], now=NOW)
        stored = [(each, signals) for each in transact(warehouse, articles_to_read, limit=5)]
        store_signals(warehouse, stored, version="1", now=NOW, decide=keep)
    return news


def test_the_warehouse_tells_what_came_before(tmp_path: Path) -> None:
    """Lines of third sides on the weapon, steps on the same way, by publication; not what is told as past."""
    news = told_of(
        tmp_path / "w.duckdb",
        [
            done(1, Stage.REFUSED, day=-5),
            done(2, Stage.PLEDGED, day=-4, background=True),
            said(3, f"If {IF_SENT}, we are at war.", day=0, condition=IF_SENT),
            said(4, "Anvil missiles here will be our answer.", day=1, side="XC", speaker="Bo", speaker_id="bo"),
            done(5, Stage.DELIVERED, day=9),
            done(6, Stage.USED, day=-9),
        ],
    )
    assert [(line.side, line.named) for line in news["a05"].lines] == [("XA", True)]
    assert [(step.stage, step.supplier) for step in news["a05"].steps] == [(Stage.REFUSED, "XC")]
    assert (news["a06"].lines, news["a06"].steps) == ((), ())


def test_of_a_side_that_drew_many_lines_the_gravest_are_held_against_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of every other side too, however many one has drawn."""
    monkeypatch.setattr("warehouse.novelty.precedents.MOST_LINES", 2)
    acts = ("closes the port", "burns the harvest", "expels every diplomat", "shells the bridge")
    lines = [
        said(number, f"Whoever sends Anvil missiles {act}.", day=number, severity=1 + number, condition=f"x{act}")
        for number, act in enumerate(acts)
    ]
    other = said(8, "Anvil missiles mean the end of talks on grain.", day=4, side="XD", severity=1)
    news = told_of(tmp_path / "w.duckdb", [*lines, other, done(9, Stage.DELIVERED, day=6)])
    assert [(line.side, line.severity) for line in news["a09"].lines] == [("XA", 4), ("XA", 3), ("XD", 1)]


def test_a_line_drawn_before_is_counted_by_acts_of_speech(tmp_path: Path) -> None:
    """Reports of one act count once, other lines of the side do not, and one act is not drawn again."""
    words = {"condition": IF_SENT, "consequence": "the port is closed"}
    news = told_of(
        tmp_path / "w.duckdb",
        [
            said(1, f"If {IF_SENT}, the port is closed.", day=0, **words),
            said(2, f"The port is closed if {IF_SENT}.", day=1, **words),
            said(3, "We will break any blockade of the strait by force.", day=2),
            said(4, f"If {IF_SENT}, cities will burn in nuclear fire.", day=9, condition=IF_SENT, nuclear=True,
                 consequence="cities will burn in nuclear fire"),
            said(5, f"If {IF_SENT}, diplomats are expelled at once.", day=20, condition=IF_SENT,
                 consequence="diplomats are expelled"),
            said(6, "Should an Anvil missile be seen from the island, banks, airports and schools lose their licence.",
                 day=22, condition="an Anvil missile be seen from the island",
                 consequence="banks, airports and schools lose their licence"),
        ],
    )  # fmt: skip
    assert [(line.times, line.still) for line in news["a04"].lines] == [(1, False)]
    assert [(line.times, line.nuclear, line.still) for line in news["a05"].lines] == [(2, True, False)]
    assert [line.still for line in news["a06"].lines] == [True]
    assert news["a03"].lines == news["a01"].lines == ()


CLOSE_PORT = "Russia will lose its ports if a single mine drifts ashore."


FERRIES = "Russia will lose its ports if a single ferry drifts ashore."
FERRY = "Whoever boards ferries for Russia will meet customs officers, long queues and searches of every bag."


@pytest.mark.parametrize(
    ("other", "fields", "counts"),
    [
        (FERRY, {"day": 0.5}, True),
        (FERRY, {"day": 0.5, "kind": Kind.THREAT}, True),
        (FERRY, {"day": 2.5, "speaker_id": "bela"}, False),
        (FERRY, {"day": -0.5}, False),
        (FERRY, {"day": 0.5, "side": "XC"}, False),
        (FERRY.replace("Russia", "Japan"), {"day": 0.5}, False),
        (FERRY.replace("ferries for", "trains for"), {"day": 0.5}, False),
    ],
)
def test_what_a_side_just_said_of_a_matter_is_known(
    tmp_path: Path, other: str, fields: dict[str, Any], counts: bool
) -> None:
    """By publication; not of another state or matter, and not what another side said."""
    news = told_of(tmp_path / "w.duckdb", [said(1, FERRIES, day=0, confidence=0.9), said(2, other, **fields)])
    known = [(each.speaker_id, each.severity, each.confidence) for each in news["a02"].said]
    assert known == ([("ada", 3, 0.9)] if counts else [])


def test_words_held_back_for_another_reason_silence_nothing(tmp_path: Path) -> None:
    """Nobody has heard what was too unsure to be told."""
    first, second = (
        said(1, FERRIES, day=0, confidence=0.5),
        said(2, FERRY, day=0.5, confidence=0.9, consequence="searches"),
    )
    told = decided_of(tmp_path / "w.duckdb", [first], [second])
    assert [why for _, _, why in told] == ["too unsure (0.50): goes to the digest", None]


def decided_of(path: Path, *batches: Sequence[tuple[Article, Signals]]) -> list[tuple[str, str, str | None]]:
    """The alerts as they are stored after all batches, by article, headline and why they are held back."""
    warehouse = new_warehouse(path)
    settings = PolicySettings(names=NAMES)
    for batch in batches:
        now = max(one.published for one, _ in batch if one.published)
        store_articles(warehouse, [one for one, _ in batch], now=now)
        found = {one.id: signals for one, signals in batch}
        stored = [(each, found[each.id]) for each in transact(warehouse, articles_to_read, limit=9)]
        store_signals(
            warehouse, stored, version="1", now=now,
            decide=lambda news, now=now: decide(news, now=now, settings=settings),
        )  # fmt: skip
    stored_alerts = transact(warehouse, latest_alerts)
    return sorted((each.alert.article, each.alert.headline, each.alert.suppressed) for each in stored_alerts)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(("surer", "told"), [(0.9, True), (0.65, False)])
def test_a_surer_report_tells_what_an_unsure_one_left_to_the_digest(
    tmp_path: Path, together: bool, surer: float, told: bool
) -> None:
    """In the same batch or later; it is one alert, with the sentence of the surer report."""
    first = said(1, CLOSE_PORT, day=0, confidence=0.5, consequence="lose its ports")
    second = said(2, CLOSE_PORT, day=0.3, confidence=surer, consequence="lose its ports")
    batches = [[first, second]] if together else [[first], [second]]
    ((source, _, why),) = decided_of(tmp_path / "w.duckdb", *batches)
    assert (source, why) == (("a02", None) if told else ("a01", "too unsure (0.50): goes to the digest"))


def test_a_surer_report_of_a_stage_tells_it(tmp_path: Path) -> None:
    """A report told as past does not."""
    read = [done(1, Stage.DELIVERED, day=0), done(2, Stage.DELIVERED, day=1, background=True)]
    read.append(done(3, Stage.DELIVERED, day=2))
    unsure, past, sure = (
        (one, replace(signals, transfers=(replace(signals.transfers[0], confidence=confidence),)))
        for (one, signals), confidence in zip(read, (0.6, 0.99, 0.97), strict=True)
    )
    held = decided_of(tmp_path / "w.duckdb", [unsure], [past])
    assert [(source, why) for source, _, why in held] == [("a01", "too unsure (0.60): goes to the digest")]
    told = decided_of(tmp_path / "v.duckdb", [unsure], [sure])
    assert [(source, why) for source, _, why in told] == [("a03", None)]


def test_refused_line_pledged_delivered_used(seeds: Path, tmp_path: Path) -> None:
    """An archive of five articles is five alerts, and their texts name the line and the reversal."""
    articles, _ = read_archive(Path(__file__).parent / "data" / "crossing.jsonl")
    settings = Settings(warehouse=tmp_path / "w.duckdb", seeds=seeds)
    fired = [each.alert for day in backtest(articles, settings, every=timedelta(days=1)).days for each in day.fired]
    line = "Vladimir Putin’s line of 3 March (“any delivery of Taurus missiles to Ukraine would mean"
    assert [(alert.headline, alert.severity) for alert in fired] == [
        ("Germany refuses Taurus to Ukraine", 1),
        ("Vladimir Putin draws a red line: any delivery of Taurus missiles to Ukraine", 4),
        ("Germany pledges Taurus to Ukraine, reversing a refusal", 4),
        ("Germany delivers Taurus to Ukraine, crossing Vladimir Putin’s red line", 4),
        ("Ukraine uses Taurus, crossing Vladimir Putin’s red line", 5),
    ]
    assert fired[2].why.startswith(f"Defies {line}")
    assert "reverses Germany’s refusal of 12 January" in fired[2].why
    assert all(alert.why.startswith(f"Crosses {line}") for alert in fired[3:])
    assert {alert.related for alert in fired[2:]} == {fired[1].claim}
    assert {alert.related_url for alert in fired[2:]} == {"https://example.org/line"}


def test_its_message_belongs_to_the_thread_of_the_line(tmp_path: Path) -> None:
    """On the route where the line was told in a message of its own; a summary of many stories has no such thread."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    told: list[Alert] = []
    for number, (claim, related) in enumerate([("line", None), ("deed", "line")]):
        made = alert(number, claim=claim, related=related)
        store_alert(warehouse, made)
        told.append(made)
        (claimed,) = transact(warehouse, claim_alerts, route="slack", now=NOW, lease=timedelta(minutes=2))
        assert claimed.parent == (None if related is None else "C1:1.1")
        status, receipt = DeliveryStatus.DELIVERED, "C1:1.1"
        transact(warehouse, record_delivery, [made.id], route="slack", status=status, now=NOW, receipt=receipt)
    assert [Message(form=Form.STORY, alerts=(each,)).changes for each in told] == [False, True]


def store_alert(warehouse: Warehouse, made: Alert) -> None:
    """Store an article and an alert because of it."""
    one, signals = done(int(made.id, 16), Stage.USED, day=int(made.id, 16), recipient=made.claim)
    store_articles(warehouse, [one], now=NOW)
    stored = [(each, signals) for each in transact(warehouse, articles_to_read, limit=1)]
    store_signals(warehouse, stored, version="1", now=NOW, decide=lambda _news: [made])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Erdoğan’s ministers met.", True),
        ("A Kim Yo-jong speech.", True),
        ("Sa’ar spoke.", True),
        ("Erdogans met.", False),
        ("Kim Yojong spoke.", False),
        ("Sa ar spoke.", False),
    ],
)
def test_a_side_is_named_in_any_accents_and_hyphens(text: str, named: bool) -> None:
    """As those who speak for it are found in texts."""
    assert is_named(text, "XX", {"XX": ("Erdogan", "Kim Yo Jong", "Kim Yo jong", "Saar")}) is named
