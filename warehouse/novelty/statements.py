"""Which red lines and threats are new: never said before by one side, however they are worded. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from extractors.records import AlertKind, Article, Statement, content_id
from warehouse.novelty.bare_vows import is_bare, same_limit, same_menace, same_promise, same_vow, same_warning
from warehouse.novelty.claims import Claim, Held, KnownClaims
from warehouse.novelty.preparation import PreparedArticle
from warehouse.novelty.provenance import EarlierSignal, EarlierSignals
from warehouse.novelty.statement_similarity import Wording, same_claim, same_claim_in_one_article, similarity

GOES_ON = timedelta(days=7)
"""How long reports that are near in time to one another make one claim; after that they must be near in words."""

SEVERE = 4
"""Statements this severe are news even if vague words have announced them."""


@dataclass(slots=True, kw_only=True)
class StatementClaims:
    """Assigns claims to red lines and threats."""

    known: KnownClaims
    wordings: dict[str, list[Wording]]
    """Wordings of known and new claims, by side."""
    statements_of: dict[str, int]
    names: Mapping[str, str]
    """Readable names by id, for the reasons: Ukraine for UA."""
    quiet_genres: Collection[str]
    """Genres in which nobody draws a red line: their statements join claims but never make one."""
    apart: Collection[frozenset[str]]
    begun: dict[str, datetime]
    """When each claim was first made."""
    new_wordings: list[Wording] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)
    """Claims that a new wording showed to be the same: later to earlier."""
    worded: dict[str, str] = field(default_factory=dict)
    """Sentences that put vague claims into words, by claim."""

    @classmethod
    def after(
        cls, held: Held, known: KnownClaims, *, names: Mapping[str, str], quiet_genres: Collection[str]
    ) -> "StatementClaims":
        """Start from what the warehouse holds."""
        wordings = defaultdict(list)
        for wording in held.wordings:
            wordings[wording.side].append(wording)
        return cls(
            known=known,
            wordings=wordings,
            statements_of=dict(held.statements_of),
            names=names,
            quiet_genres=quiet_genres,
            apart=held.apart,
            begun=dict(held.begun),
        )

    def assign(self, read: PreparedArticle, earlier: EarlierSignals) -> tuple[str | None, ...]:
        """Go through bare headlines last: they announce what the text below says."""
        told: list[tuple[Wording, int]] = []
        claims: list[str | None] = [None] * len(read.statements)
        bare = [each.is_bare_headline for each in read.statements]
        headlines = [each.wording for each in read.statements if each.wording and each.tells and each.is_bare_headline]
        for at in sorted(range(len(claims)), key=lambda at: bare[at]):
            statement, wording = read.statements[at].statement, read.statements[at].wording
            if wording is None or not read.statements[at].tells:
                continue
            above = [other for other, start in told if start < len(read.article.title)]
            below = next((other for other, _ in told if bare[at] and other.side == wording.side), None)
            same = self._said_before(statement, wording, above) or self._announced(statement, wording, headlines)
            prior = earlier.match_statement(statement)
            claim = self._claim_of(read.article, statement, wording, same=same, below=below, prior=prior)
            claims[at] = claim
            if claim:
                told.append((wording.of(claim), statement.start))
        return tuple(claims)

    def _claim_of(
        self,
        article: Article,
        statement: Statement,
        wording: Wording,
        *,
        same: set[str],
        below: Wording | None,
        prior: EarlierSignal | None,
    ) -> str | None:
        if below and not same and not prior:
            if not wording.vague:
                return self.current(below.claim)  # without its wording, because so few words fit other claims as well
            same = {self.current(below.claim)}
        if prior and (prior.pinned or not same):
            same = {self.current(prior.claim)}
        if not same and article.genre in self.quiet_genres:
            return None
        claim = self._merge(same) if same else self._first(article, statement, wording)
        self._put_into_words(claim, statement, wording)
        put = replace(wording.of(claim), misread=self.known.by_id[claim].false_alarm)
        self.begun[claim] = min(put.said_at, self.begun.get(claim, put.said_at))
        self.new_wordings.append(put)
        self.wordings.setdefault(wording.side, []).append(put)
        return claim

    def _put_into_words(self, claim: str, statement: Statement, wording: Wording) -> None:
        held = self.known.by_id[claim]
        if held.vague and held.words is None and not wording.vague:
            self.known.by_id[claim] = replace(held, words=statement.quote)
            self.worded[claim] = statement.quote

    def _said_before(self, statement: Statement, wording: Wording, headline: Sequence[Wording]) -> set[str]:
        """Return the claims that ``wording`` repeats: those of its own side, or else of the most similar side.

        If a report does not say whom somebody speaks for, the words decide. Of claims that an analyst has split, and
        of those that vague words may announce, only the most similar counts.
        """
        sides = {wording.side, ""} if wording.side else set(self.wordings)
        held = [other for side in sides for other in self.wordings.get(side, ())]
        judges = (same_claim, same_vow, same_limit, same_warning, same_menace, same_promise)
        same = [other for other in held if any(judge(wording, self._dated(other, wording)) for judge in judges)]
        same = [other for other in same if wording.vague or not other.vague or self._waits(other, statement)]
        nearest = max(same, key=lambda other: _nearness(wording, other), default=None)
        said = [other for other in same if nearest and other.side == nearest.side]
        said += [other for other in headline if same_claim_in_one_article(wording, other)]
        claims = {self.current(other.claim) for other in said}
        if nearest and (wording.vague or is_bare(wording) or any(pair <= claims for pair in self.apart)):
            return {self.current(nearest.claim)}
        return claims

    def _dated(self, other: Wording, wording: Wording) -> Wording:
        """Return ``other`` as if said when its claim was first made, if that is long before ``wording``.

        Otherwise a claim could go on for ever, each report near in time to the last and a little further from the
        first, and swallow all that one side says on one subject.
        """
        begun = self.begun.get(self.current(other.claim), other.said_at)
        return replace(other, said_at=begun) if wording.said_at - begun > GOES_ON else other

    def _announced(self, statement: Statement, wording: Wording, headlines: Sequence[Wording]) -> set[str]:
        """Return the earlier claim of a vague headline that also stands above ``statement`` and announces it."""
        held = [] if wording in headlines else self.wordings.get(wording.side, [])
        told = [
            other
            for other in held
            if other.vague
            and self._waits(other, statement)
            and any(each.vague and same_claim(each, other) for each in headlines if each.side == wording.side)
        ]
        return {self.current(other.claim) for other in told[:1]}

    def _waits(self, wording: Wording, statement: Statement) -> bool:
        """Whether a vague claim is waiting for what ``statement`` says; severe statements are news by themselves."""
        claim = self.known.by_id[self.current(wording.claim)]
        return claim.vague and claim.words is None and statement.severity < SEVERE

    def _first(self, article: Article, statement: Statement, wording: Wording) -> str:
        who = self.names.get(statement.side or "") or statement.side or statement.speaker or "an official"
        count = self.statements_of.get(wording.side, 0)
        claim = Claim(
            id=content_id("statement", article.id, statement.kind, statement.start, statement.end, wording.id),
            kind=AlertKind.NEW_STATEMENT,
            article=article.id,
            first_seen=self.known.now,
            why=_why(count, who),
            side=wording.side,
            vague=wording.vague,
        )
        self.statements_of[wording.side] = count + 1
        return self.known.add(claim, article, statement=statement)

    def _merge(self, same: set[str]) -> str:
        """Return the earliest of claims that turned out to be one, after merging the others into it."""
        first, *others = sorted(same, key=lambda claim: (self.known.by_id[claim].first_seen, claim))
        self.merged |= dict.fromkeys(others, first)
        return first

    def current(self, claim: str) -> str:
        """Return the claim into which ``claim`` was merged, if it was."""
        while claim in self.merged:
            claim = self.merged[claim]
        return claim


def _why(before: int, who: str) -> str:
    if before == 0:
        return f"first red line or threat of {who} in this warehouse"
    if before == 1:
        return f"the one earlier red line or threat of {who} in this warehouse says something else"
    return f"none of the {before} earlier red lines and threats of {who} in this warehouse says this"


def _nearness(wording: Wording, other: Wording) -> tuple[bool, float, str]:
    return other.side == wording.side, similarity(wording, other), other.id
