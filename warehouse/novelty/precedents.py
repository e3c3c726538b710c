"""What was said and done before that news may change: lines it may cross or draw again, steps it may reverse.

Loaded after the batch was stored, so that a line and what crosses it may come in one batch. Dates of publication tell
what came before, whatever the order of arrival. Whether a line is crossed is for the policy to decide.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import AlertKind, Kind, Line, News, Said, Stage, Step
from warehouse.novelty.bare_vows import SAME_DAY, same_matter
from warehouse.novelty.statement_similarity import ANNOUNCED, Words, information, stored_wording
from warehouse.rows import select

PAUSE = timedelta(days=3)
"""What is reported again after so many silent days was said again: the same as in the view ``utterances``."""

TELLING, MOST = 1.5, 0.6
"""How much the words must tell that two conditions share, and what part of what the shorter one tells."""

MOST_LINES = 20
"""Most lines of one side that news on a weapon is held against, the gravest: of a year there may be thousands."""

_LINE = """
    r.id AS claim, r.side, r.speaker, r.quote, r.condition, r.consequence, r.nuclear, r.severity, r.first_said AS said,
    r.article
"""


def with_precedents(connection: DuckDBPyConnection, news: Sequence[News], *, now: datetime) -> list[News]:
    """Return ``news`` with the lines, steps and words that came before each."""
    stages = [_asked(item, now=now) for item in news if item.kind is AlertKind.NEW_STAGE]
    spoken = [_asked(item, now=now) for item in news if item.statement]
    drawn = [_asked(item, now=now) for item in news if item.statement and item.statement.kind is Kind.RED_LINE]
    lines = _lines_on_weapons(connection, stages) | _lines_drawn_again(connection, drawn)
    steps, said = _steps(connection, stages), _just_said(connection, spoken)
    return [
        replace(item, lines=lines.get(item.claim, ()), steps=steps.get(item.claim, ()), said=said.get(item.claim, ()))
        for item in news
    ]


def _asked(item: News, *, now: datetime) -> dict[str, Any]:
    article, transfer = item.article, item.transfer
    return {
        "news": item.claim,
        "article": article.id,
        "at": article.published or article.seen or now,
        "weapon": transfer.weapon if transfer else None,
        "supplier": transfer.supplier if transfer else None,
        "recipient": transfer.recipient if transfer else None,
    }


_ASKED = """
    SELECT unnest(from_json_strict($asked, '[{
        "news": "VARCHAR", "article": "VARCHAR", "at": "TIMESTAMPTZ",
        "weapon": "VARCHAR", "supplier": "VARCHAR", "recipient": "VARCHAR"
    }]'), max_depth := 2)
"""


_ON_WEAPONS = f"""
    WITH asked AS ({_ASKED}),
    meant AS (
        SELECT asked.*, w.id AS meant, w.specific
        FROM asked
        JOIN weapons AS own ON own.id = asked.weapon
        JOIN weapons AS w ON w.id IN (own.id, own.family)
            OR NOT w.specific AND (w.category = own.category OR ends_with(own.category, '_' || w.category))
    ),
    drawn AS MATERIALIZED (
        SELECT meant.* EXCLUDE (article, meant, specific), s.claim, bool_or(meant.specific) AS named
        FROM meant
        JOIN weapon_mentions AS m ON m.weapon = meant.meant
        JOIN statements AS s
            ON s.article = m.article AND m.span_start >= s.span_start AND m.span_end <= s.span_end
        GROUP BY ALL
    )
    SELECT drawn.news, drawn.named, {_LINE}
    FROM drawn
    JOIN red_lines AS r ON r.id = drawn.claim
    WHERE r.first_said < drawn.at AND r.side NOT IN (coalesce(drawn.supplier, ''), coalesce(drawn.recipient, ''))
    QUALIFY row_number() OVER (
        PARTITION BY drawn.news, r.side ORDER BY drawn.named DESC, r.severity DESC, r.first_said DESC, r.id
    ) <= $most
    ORDER BY drawn.named DESC, r.severity DESC, r.first_said DESC, r.id
"""  # noqa: S608 - constants
"""Lines of third sides that name each weapon, its family or a class of it, the most severe first."""


def _lines_on_weapons(
    connection: DuckDBPyConnection, asked: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[Line, ...]]:
    """Return the lines of third sides that name each weapon, its family or a class of it, the most severe first."""
    if not asked:
        return {}
    rows = select(
        connection,
        _ON_WEAPONS,
        asked=asked,
        most=MOST_LINES,
    )
    reported = _reported(connection, {row["article"] for row in rows})
    found: dict[str, list[Line]] = defaultdict(list)
    for row in rows:
        found[row.pop("news")].append(Line(**row | reported[row.pop("article")]))
    return {news: tuple(lines) for news, lines in found.items()}


def _reported(connection: DuckDBPyConnection, articles: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return what a line has of the article that reported it: each is loaded once, however many news ask for it."""
    rows = select(
        connection,
        """
        SELECT id, CASE WHEN title = '' THEN text ELSE title || chr(10) || chr(10) || text END AS document,
            url, source AS outlet
        FROM articles WHERE id IN (FROM listed($articles))
        """,
        articles=articles,
    )
    return {row.pop("id"): row for row in rows}


_DRAWN_BEFORE = f"""
    WITH asked AS ({_ASKED}),
    mine AS (
        SELECT DISTINCT w.claim, w.side, unnest(w.condition) AS word
        FROM asked JOIN wordings AS w ON w.claim = asked.news WHERE NOT w.misread
    ),
    words AS (
        SELECT claim, side, unnest(condition) AS word FROM wordings
        WHERE NOT misread AND side IN (SELECT side FROM mine)
    ),
    -- first by words, because to compare all lines of a side, list by list, takes many times as long
    near AS (
        SELECT mine.claim, mine.side, words.claim AS other FROM mine JOIN words USING (side, word)
        WHERE words.claim <> mine.claim GROUP BY ALL HAVING count(DISTINCT word) > 1
    ),
    put AS (
        SELECT
            claim, side,
            list_distinct(flatten(list(condition))) AS condition, list_distinct(flatten(list(weapons))) AS weapons
        FROM wordings
        WHERE NOT misread AND claim IN (SELECT claim FROM near UNION SELECT other FROM near)
        GROUP BY claim, side
    ),
    earlier AS (
        SELECT asked.news, other.claim, asked.at, mine.condition AS mine, other.condition AS theirs
        FROM asked
        JOIN near ON near.claim = asked.news
        JOIN put AS mine ON mine.claim = near.claim AND mine.side = near.side
        JOIN put AS other ON other.claim = near.other AND other.side = near.side
        WHERE len(list_intersect(mine.condition, other.condition))
                >= greatest(2, 0.6 * least(len(mine.condition), len(other.condition)))
            AND (len(mine.weapons) = 0 OR len(other.weapons) = 0 OR list_has_any(mine.weapons, other.weapons))
    ),
    reported AS (
        SELECT earlier.news, s.claim, earlier.mine, earlier.theirs, list(coalesce(a.published, a.seen)) AS dates
        FROM earlier
        JOIN statements AS s ON s.claim = earlier.claim
        JOIN articles AS a ON a.id = s.article
        WHERE coalesce(a.published, a.seen) < earlier.at
        GROUP BY ALL
    )
    SELECT reported.news, reported.dates, reported.mine, reported.theirs, asked.at, {_LINE}
    FROM reported
    JOIN asked ON asked.news = reported.news
    JOIN red_lines AS r ON r.id = reported.claim
    ORDER BY r.first_said, r.id
"""  # noqa: S608 - constants
"""Lines of the same side of which most words of the shorter condition stand in the other, the earliest first."""


def _lines_drawn_again(
    connection: DuckDBPyConnection, asked: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[Line, ...]]:
    """Return, of lines that their side has drawn before, all earlier drawings as one.

    Two lines of one side are on one condition when most words of the shorter condition stand in the other, as in the
    view ``claim_history``; and because an alert says so, those words must tell something: "arms" and "Ukraine" do not.
    """
    if not asked:
        return {}
    rows = select(
        connection,
        _DRAWN_BEFORE,
        asked=asked,
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if _on_one_condition(frozenset(row.pop("mine")), frozenset(row.pop("theirs"))):
            found[row.pop("news")].append(row)
    reported = _reported(connection, {drawn[0]["article"] for drawn in found.values()})
    return {news: (_as_one(drawn, reported),) for news, drawn in found.items()}


def _on_one_condition(mine: Words, theirs: Words) -> bool:
    shared = information(mine & theirs)
    return shared >= TELLING and shared >= MOST * min(information(mine), information(theirs))


def _as_one(drawn: Sequence[dict[str, Any]], reported: Mapping[str, Mapping[str, Any]]) -> Line:
    """Return earlier drawings as the first, with the most severe wording."""
    dates = sorted(date for row in drawn for date in row["dates"])
    first = {name: value for name, value in drawn[0].items() if name not in {"dates", "at", "article"}}
    gravest = {
        "times": 1 + sum(after - before > PAUSE for before, after in pairwise(dates)),
        "consequence": next((row["consequence"] for row in drawn if row["consequence"]), None),
        "nuclear": any(row["nuclear"] for row in drawn),
        "severity": max(row["severity"] for row in drawn),
        "still": drawn[0]["at"] - dates[-1] <= PAUSE,
    }
    return Line(**{**first, **gravest, **reported[drawn[0]["article"]]})


def _just_said(connection: DuckDBPyConnection, asked: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Said, ...]]:
    """Return what the side of each statement said shortly before on its matter.

    What an alert was held back for does not count: nobody has heard of it. Of this batch nothing is decided yet.
    """
    if not asked:
        return {}
    rows = select(
        connection,
        f"""
        WITH asked AS ({_ASKED}),
        put AS (
            SELECT asked.news, asked.at, mine, other
            FROM asked
            JOIN wordings AS mine ON mine.claim = asked.news
            JOIN wordings AS other ON other.side = mine.side AND other.claim <> mine.claim
            WHERE other.said_at BETWEEN asked.at - $window AND asked.at
        ),
        reported AS (
            SELECT
                s.claim, max(s.severity) AS severity, max(s.confidence) AS confidence,
                arg_min_null(s.speaker_id, coalesce(a.published, a.seen)) AS speaker_id,
                min(coalesce(a.published, a.seen)) AS said
            FROM statements AS s
            JOIN articles AS a ON a.id = s.article
            WHERE s.claim IN (SELECT other.claim FROM put)
            GROUP BY s.claim
        )
        SELECT put.news, put.mine, put.other, r.claim, r.speaker_id, r.severity, r.confidence
        FROM put
        JOIN reported AS r ON r.claim = put.other.claim
        LEFT JOIN alerts AS told ON told.claim = r.claim
        WHERE (r.said, r.claim) < (put.at, put.news) AND told.suppressed IS NULL
        ORDER BY r.said, r.claim
        """,  # noqa: S608 - constants
        asked=asked,
        window=ANNOUNCED + SAME_DAY,  # wordings know the day only
    )
    found: dict[str, dict[str, Said]] = defaultdict(dict)
    for row in rows:
        news, mine, other = (row.pop(name) for name in ("news", "mine", "other"))
        if same_matter(stored_wording(mine), stored_wording(other)):
            found[news][row["claim"]] = Said(**row)
    return {news: tuple(said.values()) for news, said in found.items()}


def _steps(connection: DuckDBPyConnection, asked: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Step, ...]]:
    """Return the stages of each weapon on its way to the same recipient that other articles reported before."""
    if not asked:
        return {}
    rows = select(
        connection,
        f"""
        WITH asked AS ({_ASKED}),
        -- first, because DuckDB would pair every article with every piece of news: it takes those for one
        moved AS MATERIALIZED (
            SELECT asked.news, asked.at, t.stage, t.supplier, t.claim, t.article
            FROM asked
            JOIN transfers AS t ON t.weapon = asked.weapon AND t.recipient = asked.recipient AND NOT t.background
            WHERE t.article <> asked.article AND t.claim <> asked.news
        )
        SELECT
            moved.news, moved.stage, moved.supplier, min(coalesce(a.published, a.seen)) AS since,
            arg_min_null(moved.claim, coalesce(a.published, a.seen)) AS claim
        FROM moved
        JOIN articles AS a ON a.id = moved.article
        ANTI JOIN (FROM claims WHERE false_alarm) AS f ON f.id = moved.claim
        WHERE coalesce(a.published, a.seen) < moved.at
        GROUP BY moved.news, moved.stage, moved.supplier
        ORDER BY since, moved.stage
        """,  # noqa: S608 - constants
        asked=asked,
    )
    found: dict[str, list[Step]] = defaultdict(list)
    for row in rows:
        found[row.pop("news")].append(Step(**{**row, "stage": Stage(row["stage"])}))
    return {news: tuple(steps) for news, steps in found.items()}
