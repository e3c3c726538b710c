"""What outlasts a reading of an article: where it made which claim, and what analysts corrected there.

The text of a revision never changes, so a place in it identifies a signal however a later lexicon, rule or model reads
it: what overlaps is the same signal, with other bounds, another speaker or another name for its weapon.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Article, Signals, Statement, Transfer, WeaponMention
from warehouse.rows import select


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an article made a claim when it was last read, or where an analyst says that it does."""

    article: str
    start: int
    end: int
    claim: str
    pinned: bool = False
    """An analyst says so: whatever is read there, it is this claim."""
    weapon: str | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The places of one article, by sort of signal."""

    weapons: Sequence[Place] = ()
    transfers: Sequence[Place] = ()
    statements: Sequence[Place] = ()

    def of_weapon(self, mentions: Sequence[WeaponMention]) -> Place | None:
        """Return the place that one of ``mentions``, which are of one weapon, stands at."""
        return _surest(place for mention in mentions for place in self.weapons if overlap(place, mention))

    def of_transfers(self, transfers: Sequence[Transfer]) -> list[Place | None]:
        """Return the place of each transfer; no two stand at one, because one sentence may tell of several."""
        pairs = [
            (_likeness(place, transfer), -number, -at)
            for number, transfer in enumerate(transfers)
            for at, place in enumerate(self.transfers)
            if overlap(place, transfer)
        ]
        found: dict[int, int] = {}
        for _, number, at in sorted(pairs, reverse=True):
            if -number not in found and -at not in found.values():
                found[-number] = -at
        return [self.transfers[found[number]] if number in found else None for number in range(len(transfers))]

    def of_statement(self, statement: Statement) -> Place | None:
        """Return the place that ``statement`` stands at."""
        return _surest(place for place in self.statements if overlap(place, statement))


def overlap(place: Place, signal: WeaponMention | Transfer | Statement) -> bool:
    """Return whether half of the shorter of two spans lies in the other."""
    shared = min(place.end, signal.end) - max(place.start, signal.start)
    return shared > 0 and 2 * shared >= min(place.end - place.start, signal.end - signal.start)


def _surest(places: Any) -> Place | None:
    return max(places, key=lambda place: (place.pinned, -place.start, place.claim), default=None)


def _likeness(place: Place, transfer: Transfer) -> tuple[bool, bool, bool]:
    return (
        place.weapon == transfer.weapon and place.stage == transfer.stage,
        place.stage == transfer.stage,
        place.pinned,
    )


# --- in the warehouse ------------------------------------------------------------------------------------------------

_OVERLAPS = """
    {one}.article = {other}.article
        AND least({one}.span_end, {other}.span_end) > greatest({one}.span_start, {other}.span_start)
        AND 2 * (least({one}.span_end, {other}.span_end) - greatest({one}.span_start, {other}.span_start))
            >= least({one}.span_end - {one}.span_start, {other}.span_end - {other}.span_start)
"""


def overlaps(one: str, other: str) -> str:
    """Return the SQL for what ``overlap`` says, of two tables with ``article``, ``span_start`` and ``span_end``."""
    return _OVERLAPS.format(one=one, other=other)


def places_of(connection: DuckDBPyConnection, articles: Collection[str]) -> dict[str, Places]:
    """Return by article where articles that are read again made claims, and where analysts say that they do."""
    if not articles:
        return {}
    rows = select(
        connection,
        """
        WITH asked AS (SELECT item AS article FROM listed($articles))
        SELECT 'statements' AS signal, article, span_start, span_end, claim, NULL AS weapon, NULL AS stage,
            false AS pinned
        FROM statements SEMI JOIN asked USING (article) WHERE claim IS NOT NULL
        UNION ALL BY NAME
        SELECT 'transfers' AS signal, article, span_start, span_end, claim, weapon, stage, false AS pinned
        FROM transfers SEMI JOIN asked USING (article) WHERE claim IS NOT NULL
        UNION ALL BY NAME
        SELECT 'weapon_mentions' AS signal, article, span_start, span_end, claim, weapon, false AS pinned
        FROM weapon_mentions SEMI JOIN asked USING (article) WHERE claim IS NOT NULL
        UNION ALL BY NAME
        SELECT signal, corrected.article, span_start, span_end, coalesce(other, claim) AS claim, true AS pinned
        FROM corrected SEMI JOIN asked USING (article) JOIN corrections ON corrections.id = corrected.correction
        WHERE undone_at IS NULL AND kind IN ('false_positive', 'split')
        """,
        articles=articles,
    )
    found: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        place = Place(
            article=row["article"],
            start=row["span_start"],
            end=row["span_end"],
            claim=row["claim"],
            pinned=row["pinned"],
            weapon=row["weapon"],
            stage=row["stage"],
        )
        found[row["article"]][row["signal"]].append(place)
    return {
        article: Places(weapons=of["weapon_mentions"], transfers=of["transfers"], statements=of["statements"])
        for article, of in found.items()
    }


def with_speakers(
    connection: DuckDBPyConnection, read: Sequence[tuple[Article, Signals]], again: Sequence[str]
) -> list[tuple[Article, Signals]]:
    """Return what was read with the speakers that analysts corrected, where articles are read ``again``."""
    if not again:
        return list(read)
    rows = select(
        connection,
        """
        SELECT article, span_start AS start, span_end AS end, claim,
            {'speaker': corrections.speaker, 'speaker_id': corrections.speaker_id, 'side': corrections.side} AS said
        FROM corrected JOIN corrections ON corrections.id = corrected.correction
        WHERE article IN (FROM listed($articles)) AND kind = 'speaker' AND undone_at IS NULL
        ORDER BY made_at DESC, corrections.id
        """,
        articles=again,
    )
    corrected = [
        (Place(**{name: row[name] for name in ("article", "start", "end", "claim")}), row["said"]) for row in rows
    ]
    return [(article, _said_by(article.id, signals, corrected)) for article, signals in read]


def _said_by(article: str, signals: Signals, corrected: Sequence[tuple[Place, Mapping[str, Any]]]) -> Signals:
    there = [(place, said) for place, said in corrected if place.article == article]
    if not there:
        return signals

    def fixed(statement: Statement) -> Statement:
        said = next((said for place, said in there if overlap(place, statement)), None)
        return replace(statement, role=None, **said) if said else statement

    return replace(signals, statements=tuple(map(fixed, signals.statements)))
