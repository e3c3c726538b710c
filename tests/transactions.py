"""How tests store and ask: one call, one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from extractors.records import Article, Signals
from warehouse.connection import Transaction
from warehouse.novelty.preparation import prepare
from warehouse.novelty.stories import lsh_bands_by_article
from warehouse.store import Warehouse
from warehouse.stored_records import Saved
from warehouse.tables.articles import save_articles
from warehouse.tables.signals import save_signals

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def transact(
    warehouse: Warehouse,
    step: Callable[Concatenate[Transaction, Parameters], Result],
    *given: Parameters.args,
    **options: Parameters.kwargs,
) -> Result:
    """Return what a function of the tables does in a transaction of its own."""
    with warehouse.transaction() as tx:
        return step(tx, *given, **options)


def store_articles(warehouse: Warehouse, articles: Sequence[Article], *, now: datetime) -> list[str]:
    """Store articles and return the ids of those that are new."""
    return transact(warehouse, save_articles, articles, lsh_bands_by_article(articles), now=now)


def store_signals(
    warehouse: Warehouse, read: Sequence[tuple[Article, Signals]], *, now: datetime, **options: Any
) -> Saved:
    """Store what was read in articles, as a reading does."""
    prepared = [prepare(article, signals, now=now) for article, signals in read]
    return transact(warehouse, save_signals, prepared, now=now, **options)
