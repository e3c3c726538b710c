"""Signals as rows of ``weapons``, ``weapon_mentions``, ``transfers`` and ``statements``."""

from collections.abc import Mapping
from typing import Any

from extractors.records import Article, Stage, Statement, Transfer, WeaponMention, content_id
from warehouse.rows import row_of

PLOVER: Mapping[Stage, str] = {
    Stage.REQUESTED: "REQUEST",
    Stage.CONSIDERED: "CONSULT",
    Stage.REFUSED: "REJECT",
    Stage.PLEDGED: "AGREE",
    Stage.DELIVERED: "AID",
    Stage.SUSPENDED: "SANCTION",
    Stage.USE_PERMITTED: "CONCEDE",
    Stage.USE_REFUSED: "REJECT",
    Stage.USED: "ASSAULT",
}
"""The PLOVER event type of each stage (Halterman et al., PLOVER and POLECAT, 2023)."""

MOST = 10**12
"""No transfer is that large: an invented number in a hostile text is not a quantity."""


def weapon_row(mention: WeaponMention) -> dict[str, Any]:
    return {
        "id": mention.weapon,
        "name": mention.name,
        "category": mention.category,
        "family": mention.family,
        "specific": mention.specific,
        "known": mention.known,
    }


def mention_row(article: Article, mention: WeaponMention) -> dict[str, Any]:
    return {
        "id": content_id("mention", article.id, mention.weapon, mention.start, mention.end),
        "article": article.id,
        "weapon": mention.weapon,
        "text": mention.text,
        "span_start": mention.start,
        "span_end": mention.end,
        "rule": mention.rule,
    }


def transfer_row(article: Article, transfer: Transfer) -> dict[str, Any]:
    key = (transfer.weapon, transfer.supplier, transfer.recipient, transfer.stage, transfer.start, transfer.end)
    return {
        **spanned(row_of(transfer)),
        "id": content_id("transfer", article.id, *key),
        "article": article.id,
        "plover": PLOVER[transfer.stage],
        "sentence": article.document[transfer.start : transfer.end],
        "quantity": transfer.quantity if (transfer.quantity or 0) < MOST else None,
    }


def statement_row(article: Article, statement: Statement) -> dict[str, Any]:
    key = (statement.kind, statement.speaker, statement.start, statement.end)
    return {
        **spanned(row_of(statement)),
        "id": content_id("statement", article.id, *key),
        "article": article.id,
    }


def spanned(row: dict[str, Any]) -> dict[str, Any]:
    return {{"start": "span_start", "end": "span_end"}.get(name, name): value for name, value in row.items()}
