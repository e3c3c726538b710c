"""What outlasts a reading of an article: which claim it made where, and what analysts corrected there.

The text of a revision never changes, so a place in it identifies a signal, however a later lexicon, rule or model reads
it. What overlaps is the same signal, with other bounds, another speaker or another name for its weapon.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from extractors.records import Article, Signals, Statement, Transfer, WeaponMention
from warehouse.novelty.preparation import PreparedArticle, prepare
from warehouse.novelty.transfer_fixes import KEPT, READ, TRANSFER_KINDS, Fix, changes, once_each, values_of
from warehouse.rows import select
from warehouse.stored_records import CorrectionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSignal:
    """Where an article made a claim when it was last read, or where an analyst says that it makes one."""

    article: str
    start: int
    end: int
    claim: str
    pinned: bool = False
    """Set by an analyst: whatever is read there, it is this claim."""
    weapon: str | None = None
    supplier: str | None = None
    recipient: str | None = None
    stage: str | None = None

    def may_be_of(self, transfer: Transfer) -> bool:
        """Whether an analyst who named this place may have meant ``transfer`` and not another one beside it."""
        return not self.pinned or self.weapon in {None, transfer.weapon}


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSignals:
    """What earlier readings of one article found, by kind of signal."""

    weapons: Sequence[EarlierSignal] = ()
    transfers: Sequence[EarlierSignal] = ()
    statements: Sequence[EarlierSignal] = ()

    def match_weapon(self, mentions: Sequence[WeaponMention]) -> EarlierSignal | None:
        """Return what was found earlier at the place of one of ``mentions``, which are all of one weapon."""
        return _surest(prior for mention in mentions for prior in self.weapons if overlap(prior, mention))

    def match_transfers(self, transfers: Sequence[Transfer]) -> list[EarlierSignal | None]:
        """Return what each transfer was earlier; no two share one, because a sentence may report several."""
        pairs = [
            (_likeness(prior, transfer), number, at)
            for number, transfer in enumerate(transfers)
            for at, prior in enumerate(self.transfers)
            if overlap(prior, transfer) and prior.may_be_of(transfer)
        ]
        found: dict[int, int] = {}
        for _, number, at in sorted(pairs, key=lambda pair: pair[0], reverse=True):
            if number not in found and at not in found.values():
                found[number] = at
        return [self.transfers[found[number]] if number in found else None for number in range(len(transfers))]

    def match_statement(self, statement: Statement) -> EarlierSignal | None:
        """Return what was found earlier at the place of ``statement``."""
        return _surest(prior for prior in self.statements if overlap(prior, statement))


def overlap(prior: EarlierSignal, signal: WeaponMention | Transfer | Statement | EarlierSignal) -> bool:
    """Return whether at least half of the shorter of two spans lies in the other."""
    shared = min(prior.end, signal.end) - max(prior.start, signal.start)
    return shared > 0 and 2 * shared >= min(prior.end - prior.start, signal.end - signal.start)


def _surest(found: Any) -> EarlierSignal | None:
    return max(found, key=lambda prior: (prior.pinned, -prior.start, prior.claim), default=None)


def _likeness(prior: EarlierSignal, transfer: Transfer) -> tuple[bool, bool, bool, bool]:
    """Compare every field, because one sentence may name several suppliers of one weapon."""
    same = prior.weapon == transfer.weapon and prior.stage == transfer.stage
    return (
        same and (prior.supplier, prior.recipient) == (transfer.supplier, transfer.recipient),
        same,
        prior.stage == transfer.stage,
        prior.pinned,
    )


# --- in the warehouse ------------------------------------------------------------------------------------------------

_OVERLAPS = """
    {one}.article = {other}.article
        AND least({one}.span_end, {other}.span_end) > greatest({one}.span_start, {other}.span_start)
        AND 2 * (least({one}.span_end, {other}.span_end) - greatest({one}.span_start, {other}.span_start))
            >= least({one}.span_end - {one}.span_start, {other}.span_end - {other}.span_start)
"""


def overlaps(one: str, other: str) -> str:
    """Return the SQL condition of ``overlap`` for two tables with ``article``, ``span_start`` and ``span_end``."""
    return _OVERLAPS.format(one=one, other=other)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedSignal:
    """A place to which a correction in force applies, in the corrected article or in a copy of it."""

    prior: EarlierSignal
    signal: str
    """The table: statements, transfers or weapon_mentions."""
    kind: CorrectionKind
    row: Mapping[str, Any]
    """The correction, and what was read there before."""

    @property
    def pins(self) -> bool:
        """Whether it determines which claim is made there."""
        return self.kind in {CorrectionKind.FALSE_POSITIVE, CorrectionKind.SPLIT}

    @property
    def speaker(self) -> dict[str, Any]:
        """Return the corrected speaker."""
        return {name: self.row[name] for name in ("speaker", "speaker_id", "side")}

    @property
    def fix(self) -> Fix:
        """Return the correction of a transfer."""
        before = {name: self.row[name] for name in KEPT}
        said = changes(self.kind, self.row["value"], before)
        return Fix(start=self.prior.start, end=self.prior.end, before=before, changes=said)


def corrected_signals(connection: DuckDBPyConnection, articles: Sequence[Article]) -> list[CorrectedSignal]:
    """Return the corrected places in ``articles``, their own or copied words, in the order of the corrections."""
    rows = select(
        connection,
        """
        WITH asked AS (SELECT id AS asked, story FROM articles WHERE id IN (FROM listed($articles)))
        SELECT asked.asked, corrected.* EXCLUDE (speaker, speaker_id, side), corrections.claim, corrections.other,
            corrections.kind, corrections.value, corrections.speaker, corrections.speaker_id, corrections.side,
            CASE WHEN origin.title = '' THEN origin.text ELSE origin.title || chr(10) || chr(10) || origin.text
            END AS document
        FROM corrected
        JOIN corrections ON corrections.id = corrected.correction AND undone_at IS NULL
        JOIN articles AS origin ON origin.id = corrected.article
        JOIN asked ON asked.asked = origin.id OR asked.story = origin.story
        ORDER BY made_at, corrections.id, corrected.article, span_start
        """,
        articles=[article.id for article in articles],
    )
    own = {(row["asked"], row["correction"]) for row in rows if row["asked"] == row["article"]}
    documents = {article.id: article.document for article in articles}
    found = (
        _corrected(row, documents[row["asked"]])
        for row in rows
        if row["asked"] == row["article"] or (row["asked"], row["correction"]) not in own
    )
    return list({(each.prior, each.signal, each.row["correction"]): each for each in found if each}.values())


def _corrected(row: Mapping[str, Any], document: str) -> CorrectedSignal | None:
    """Return where a correction applies in ``document``: at its own place, or where the same words occur."""
    start, end = row["span_start"], row["span_end"]
    if row["asked"] != row["article"]:
        words = row["document"][start:end]
        start = document.find(words)
        end = start + len(words)
    if start < 0:
        return None
    kind = CorrectionKind(row["kind"])
    left = kind in {CorrectionKind.FALSE_POSITIVE, CorrectionKind.SPLIT} and row["other"]
    prior = EarlierSignal(
        article=row["asked"],
        start=start,
        end=end,
        claim=left or row["claim"],
        pinned=True,
        **{name: row[name] for name in READ},
    )
    return CorrectedSignal(prior=prior, signal=row["signal"], kind=kind, row=row)


def earlier_signals(
    connection: DuckDBPyConnection, again: Collection[str], corrected: Iterable[CorrectedSignal]
) -> dict[str, EarlierSignals]:
    """Return, by article, where those read ``again`` made claims and where analysts say that they do."""
    found: dict[str, dict[str, list[EarlierSignal]]] = defaultdict(lambda: defaultdict(list))
    for signal, prior in _claims_made(connection, again):
        found[prior.article][signal].append(prior)
    for each in corrected:
        if each.pins:
            found[each.prior.article][each.signal].append(each.prior)
    return {
        article: EarlierSignals(weapons=of["weapon_mentions"], transfers=of["transfers"], statements=of["statements"])
        for article, of in found.items()
    }


def _claims_made(connection: DuckDBPyConnection, articles: Collection[str]) -> list[tuple[str, EarlierSignal]]:
    if not articles:
        return []
    rows = select(
        connection,
        """
        WITH asked AS (SELECT item AS article FROM listed($articles))
        SELECT 'statements' AS signal, article, span_start AS start, span_end AS end, claim,
            NULL AS weapon, NULL AS supplier, NULL AS recipient, NULL AS stage
        FROM statements SEMI JOIN asked USING (article) WHERE claim IS NOT NULL
        UNION ALL BY NAME
        SELECT 'transfers' AS signal, article, span_start AS start, span_end AS end, claim,
            weapon, supplier, recipient, stage
        FROM transfers SEMI JOIN asked USING (article) WHERE claim IS NOT NULL
        UNION ALL BY NAME
        SELECT 'weapon_mentions' AS signal, article, span_start AS start, span_end AS end, claim, weapon
        FROM weapon_mentions SEMI JOIN asked USING (article) WHERE claim IS NOT NULL
        """,
        articles=articles,
    )
    return [(row.pop("signal"), EarlierSignal(**row)) for row in rows]


def with_corrections(
    connection: DuckDBPyConnection,
    read: Sequence[PreparedArticle],
    corrected: Sequence[CorrectedSignal],
    *,
    now: datetime,
) -> list[PreparedArticle]:
    """Return what was read with the speakers and transfers that analysts corrected; that alone is prepared anew."""
    there: dict[str, list[CorrectedSignal]] = defaultdict(list)
    for each in corrected:
        there[each.prior.article].append(each)
    before = _transfers_before(connection, list(there))

    def fixed(each: PreparedArticle) -> PreparedArticle:
        article = each.article
        signals = _said_by(each.signals, there[article.id])
        return prepare(article, _transfers_fixed(signals, there[article.id], before[article.id]), now=now)

    return [fixed(each) if each.article.id in there else each for each in read]


def _transfers_before(
    connection: DuckDBPyConnection, articles: Collection[str]
) -> defaultdict[str, list[tuple[EarlierSignal, Mapping[str, Any]]]]:
    """Return, by article, the transfers that its last reading found, if there was one."""
    found: defaultdict[str, list[tuple[EarlierSignal, Mapping[str, Any]]]] = defaultdict(list)
    rows = (
        select(connection, "SELECT * FROM transfers WHERE article IN (FROM listed($articles))", articles=articles)
        if articles
        else ()
    )
    for row in rows:
        prior = EarlierSignal(
            article=row["article"], start=row["span_start"], end=row["span_end"], claim=row["claim"] or ""
        )
        found[row["article"]].append((prior, row))
    return found


def _said_by(signals: Signals, there: Sequence[CorrectedSignal]) -> Signals:
    said = [each for each in reversed(there) if each.kind is CorrectionKind.SPEAKER]

    def fixed(statement: Statement) -> Statement:
        speaker = next((each.speaker for each in said if overlap(each.prior, statement)), None)
        return replace(statement, role=None, **speaker) if speaker else statement

    return replace(signals, statements=tuple(map(fixed, signals.statements))) if said else signals


def _transfers_fixed(
    signals: Signals, there: Sequence[CorrectedSignal], before: Sequence[tuple[EarlierSignal, Mapping[str, Any]]]
) -> Signals:
    fixes = [(each.prior, each.fix) for each in there if each.kind in TRANSFER_KINDS]
    transfers = list(signals.transfers)
    for prior, fix in fixes:
        ours = {values_of(said) for other, made in fixes if other == prior for said in (made.before, made.after)}
        stood = [values_of(row) for other, row in before if overlap(prior, other)]
        at = [number for number, transfer in enumerate(transfers) if overlap(prior, transfer)]
        put = fix.applied([transfers[n] for n in at], beside=set(stood) - ours, alone=len(stood) == 1)
        for number, transfer in zip(at, put, strict=True):
            transfers[number] = transfer
    return replace(signals, transfers=once_each(transfers)) if fixes else signals
