"""Search over what the published warehouse holds: sentences in which something was found, and titles of articles.

Nothing is indexed. A full-text index of DuckDB is static, and costs 0.5 ms and three quarters of its room again for
each article of 400 words: built into every snapshot, it would take a hundred times as long as publishing that. What
search looks through is read in less than a second for a million articles.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from warehouse.places import Place
from warehouse.query import reading
from warehouse.stored_records import Row

K1, B = 1.2, 0.75
"""How soon further occurrences of a word tell nothing, and how much length counts: BM25 as it is usually set."""
MOST_TERMS = 20

_QUERY = re.compile(r'"([^"]+)"|(\S+)')
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_ENDING = re.compile(r"(?:ations?|ments?|ies|ied|ing|ed|es|s|e|y)$")
_JOINT = r"[\s\-‐‑–]*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word or phrase that is looked for, in any of its forms and in lower case."""

    part: str
    """Letters or digits that stand in each form of it."""
    begins: str
    """A regular expression for its beginning, without what stands before it."""

    @property
    def in_sql(self) -> str:
        """The expression as DuckDB reads it."""
        return rf"(?:^|[^\p{{L}}\p{{N}}]){self.begins}\p{{L}}{{0,5}}(?:[^\p{{L}}\p{{N}}]|$)"

    @property
    def in_python(self) -> re.Pattern[str]:
        """The same as Python reads it, in text of any case."""
        return re.compile(rf"(?<![^\W_]){self.begins}[^\W\d_]{{0,5}}(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is looked through; what is empty leaves nothing out."""

    since: datetime | None = None
    until: datetime | None = None
    sides: Sequence[str] = ()
    """Ids and names of those who speak, give, get or are spoken to."""
    kinds: Sequence[str] = ()
    weapons: Sequence[str] = ()
    """Ids: of a transfer, or named in the sentence, or anywhere in an article of which the title is looked at."""
    before: str = ""
    """Reported before any of these weapons was first at this stage; nothing is left out if none ever was."""
    texts: bool = False
    """Whole texts too, which takes seconds where there are many."""


def terms(words: str) -> list[Term]:
    """Return what is looked for: each word, and each phrase in quotation marks; F-16, F 16 and F16 are one."""
    found = (_PARTS.findall(phrase or word) for phrase, word in _QUERY.findall(words.lower()))
    return [_term(parts) for parts in found if parts][:MOST_TERMS]


def _term(parts: Sequence[str]) -> Term:
    *first, last = parts
    forms = [*first, _stem(last)]
    return Term(part=max(forms, key=len), begins=_JOINT.join(forms))


def _stem(word: str) -> str:
    """Cut an English ending, so that a word is found in its other forms: delivery in delivered."""
    stem = _ENDING.sub("", word)
    return stem if len(stem) >= 4 and word.isascii() else word


def find(warehouse: Place, wanted: Sequence[Term], *, filters: Filters, limit: int) -> list[Row]:
    """Return what has most of the terms, the best first: each claim once, with how many articles make it.

    Raises WarehouseMissingError when nothing was published yet.
    """
    if not wanted:
        return []
    parameters: dict[str, Any] = {"limit": limit}
    for number, term in enumerate(wanted):
        parameters |= {f"part_{number}": term.part, f"pattern_{number}": term.in_sql}
    conditions = dict(_conditions(filters))
    given = {"since": filters.since, "until": filters.until, "sides": filters.sides, "kinds": filters.kinds,
             "weapons": filters.weapons, "before": filters.before}  # fmt: skip
    parameters |= {name: value for name, value in given.items() if name in conditions}
    with reading(warehouse) as rows:
        return list(rows(_sql(len(wanted), conditions.values(), texts=filters.texts), **parameters))


def _conditions(filters: Filters) -> Iterator[tuple[str, str]]:
    """Yield the parameter and the condition of each filter that leaves anything out."""
    if filters.since:
        yield "since", "s.reported_at >= $since"
    if filters.until:
        yield "until", "s.reported_at < $until"
    if filters.sides:
        yield "sides", "(s.side IN (FROM listed($sides)) OR s.addressee IN (FROM listed($sides)))"
    if filters.kinds:
        yield "kinds", "s.kind IN (FROM listed($kinds))"
    if filters.weapons:
        yield "weapons", _WEAPONS
    if filters.before:
        yield "before", _BEFORE


_WEAPONS = """(s.weapon IN (FROM listed($weapons)) OR EXISTS (
    FROM weapon_mentions AS m
    WHERE m.article = s.article AND m.weapon IN (FROM listed($weapons))
        AND (s.sentence IS NULL OR (m.span_start >= s.span_start AND m.span_end <= s.span_end))
))"""

_BEFORE = """s.reported_at < (
    SELECT coalesce(min(since), 'infinity') FROM weapon_timeline
    WHERE stage = $before AND weapon IN (FROM listed($weapons)) AND NOT background
)"""


def _sql(count: int, conditions: Iterable[str], *, texts: bool) -> str:
    """Return the query for so many terms; what is shown of the few that are best is looked up at the end."""
    numbers = range(count)
    text = "(SELECT text FROM articles WHERE id = s.article)" if texts else "''"
    some = " OR ".join(f"contains(words, $part_{n})" for n in numbers)
    counts = ", ".join(f"len(regexp_extract_all(words, $pattern_{n})) AS n{n}" for n in numbers)
    matched = " + ".join(f"(n{n} > 0)::INTEGER" for n in numbers)
    articles_with = ", ".join(f"count(*) FILTER (n{n} > 0) AS f{n}" for n in numbers)
    length = f"{1 - B} + {B} * size / usual"
    score = " + ".join(
        f"ln(1 + (documents - f{n} + 0.5) / (f{n} + 0.5)) * n{n} * {K1 + 1} / (n{n} + {K1} * ({length}))"
        for n in numbers
    )
    return f"""
        WITH looked AS (
            SELECT s.*, lower(concat_ws(' ', s.sentence, s.title, s.who, w.name, {text})) AS words
            FROM sentences AS s
            LEFT JOIN weapons AS w ON w.id = s.weapon
            WHERE {" AND ".join(conditions) or "true"}
        ),
        counted AS MATERIALIZED (
            SELECT
                signal, coalesce(claim, story, article) AS told, coalesce(story, article) AS story, article,
                kind <> 'article' AS is_signal, reported_at, length(words) AS size, {counts}
            FROM looked
            WHERE {some}
        ),
        known AS (
            SELECT
                {articles_with}, max({matched}) AS most, avg(size) AS usual,
                (SELECT count(*) FROM articles) AS documents
            FROM counted
        ),
        scored AS MATERIALIZED (
            SELECT c.*, {score} AS score FROM counted AS c, known WHERE most > 0 AND {matched} = most
        ),
        best AS (
            SELECT
                arg_max(signal, (score, -epoch(reported_at), signal)) AS signal, max(score) AS score,
                max(reported_at) AS latest, count(DISTINCT article) AS articles
            FROM scored
            WHERE is_signal OR story NOT IN (SELECT story FROM scored WHERE is_signal)
            GROUP BY told
            ORDER BY score DESC, latest DESC, signal
            LIMIT $limit
        )
        SELECT
            s.kind, s.who, s.side, s.addressee, w.name AS weapon, s.severity, coalesce(s.sentence, s.title) AS sentence,
            s.title, s.outlet, s.ownership, s.url, s.reported_at, b.articles, s.claim, s.article,
            round(b.score, 3) AS score
        FROM best AS b
        JOIN sentences AS s USING (signal)
        LEFT JOIN weapons AS w ON w.id = s.weapon
        ORDER BY b.score DESC, b.latest DESC, signal
        """  # noqa: S608 - no text from outside: terms and filters are parameters
