"""Prepares articles and signals for comparison. Pure, and done before the warehouse is opened."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from extractors.records import Article, Kind, Signals, Statement, Transfer, WeaponMention
from extractors.text.captions import in_caption, is_posed
from extractors.text.past_sentences import is_history, sentence_at
from extractors.text.recalled import is_recalled
from warehouse.novelty.statement_similarity import Wording, Words, content_words, is_vague, wording_of

_QUOTED = re.compile(r"[“\"‘'«](?:(?![’'] )[^“”\"«»])+[”\"’'»][.!?]?")
_ASKED = re.compile(r"\?[”\"’')\]\s]*$")
_EXPLAINED = re.compile(r"(?:How|Why)\b", re.IGNORECASE)
_LEAD = re.compile(r"(?:\S+\s+){1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedStatement:
    """A statement with what is compared."""

    statement: Statement
    wording: Wording | None
    """None for commentary."""
    tells: bool
    """Whether it has content and is current."""
    is_bare_headline: bool
    """Whether it is a headline that says that somebody warns or threatens, without a condition or a content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedArticle:
    """An article with its signals, and what is compared of both."""

    article: Article
    signals: Signals
    lead: Words
    """Words of title and lead, by which reports of one event are found; none if the article has no signals."""
    weapons_tell: tuple[bool, ...]
    """Whether each mention is of a system and current."""
    transfers_tell: tuple[bool, ...]
    """Whether each transfer is current and told: not just the condition of a red line, an expert’s talk, a title that
    is a quotation, or a question."""
    statements: tuple[PreparedStatement, ...]


def prepare(article: Article, signals: Signals, *, now: datetime) -> PreparedArticle:
    """Return an article prepared for comparison; one without a date counts as reported ``now``."""
    found = bool(signals.weapons or signals.transfers or signals.statements)
    return PreparedArticle(
        article=article,
        signals=signals,
        lead=_lead(article) if found else frozenset(),
        weapons_tell=tuple(
            mention.specific and _tells(article, mention) and not _is_picture(article, mention)
            for mention in signals.weapons
        ),
        transfers_tell=tuple(
            _tells(article, transfer)
            and not _is_condition(article, transfer, signals)
            and not _is_rhetoric(transfer, signals)
            and not _is_quoted_title(article, transfer)
            and not _is_asked(article, transfer)
            for transfer in signals.transfers
        ),
        statements=tuple(_statement(article, said, signals.weapons, now=now) for said in signals.statements),
    )


def _is_current(article: Article, statement: Statement) -> bool:
    """Whether a statement is made now: not dated long ago by its sentence, nor recalled to explain other news."""
    sentence = sentence_at(article.document, statement.start, statement.end)
    harm = statement.consequence or statement.condition
    recalled = is_recalled(sentence, harm=harm, published=article.published)
    return not recalled and not is_history(statement.quote, published=article.published)


def _lead(article: Article) -> Words:
    lead = _LEAD.match(f"{article.text} ")
    return content_words(f"{article.title} {lead.group() if lead else ''}")


def _tells(article: Article, signal: WeaponMention | Transfer) -> bool:
    """Whether a signal is current: not in the caption of a picture, and not dated long ago by its sentence."""
    sentence = sentence_at(article.document, signal.start, signal.end)
    return not in_caption(article.document, signal.end) and not is_history(sentence, published=article.published)


def _is_picture(article: Article, mention: WeaponMention) -> bool:
    return mention.start >= len(article.title) and is_posed(article.document, mention.end)


def _is_condition(article: Article, transfer: Transfer, signals: Signals) -> bool:
    """Whether the transfer is only the condition of a red line: "any delivery of tanks would mean war"."""
    found = [
        (at, at + len(said.condition))
        for said in signals.statements
        if said.condition and (at := article.document.find(said.condition, said.start, said.end)) >= 0
    ]
    named = [
        m.start for m in signals.weapons if m.weapon == transfer.weapon and transfer.start <= m.start < transfer.end
    ]
    return bool(named) and all(any(start <= place < end for start, end in found) for place in named)


def _is_rhetoric(transfer: Transfer, signals: Signals) -> bool:
    """Whether the transfer is told by someone without an office who is quoted here as a commentator."""
    return transfer.said_by is not None and any(
        said.kind is Kind.COMMENTARY and said.speaker == transfer.said_by and not (said.role or said.speaker_id)
        for said in signals.statements
    )


def _is_quoted_title(article: Article, transfer: Transfer) -> bool:
    """Whether the transfer is told only in a title that is a quotation, as those of essays and interviews are."""
    return transfer.end <= len(article.title) and _QUOTED.fullmatch(article.title.strip()) is not None


def _is_asked(article: Article, transfer: Transfer) -> bool:
    """Whether the sentence only asks: "Fact check: is the island sending anvils?"; or is a title that explains."""
    asked = _ASKED.search(article.document, transfer.start, transfer.end)
    explained = transfer.end <= len(article.title) and _EXPLAINED.match(article.title)
    return bool(asked or explained)


def _statement(
    article: Article, statement: Statement, weapons: Sequence[WeaponMention], *, now: datetime
) -> PreparedStatement:
    if statement.kind is Kind.COMMENTARY:
        return PreparedStatement(statement=statement, wording=None, tells=False, is_bare_headline=False)
    named = {m.weapon for m in weapons if m.specific and statement.start <= m.start < statement.end}
    reported_at = article.published or article.seen or now
    wording = wording_of(statement, reported_at=reported_at, weapons=named, title=article.title)
    return PreparedStatement(
        statement=statement,
        wording=wording,
        tells=bool(wording.content) and _is_current(article, statement),
        is_bare_headline=statement.end <= len(article.title) and (not statement.condition or is_vague(statement)),
    )
