"""``brinkwatch explain``: one article with every signal highlighted, the rule behind it, and what became of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from extractors.errors import BrinkwatchError
from extractors.records import Alert, Article
from flows.cli.output import Console, write_text
from flows.cli.warehouse_access import reading
from flows.documents import BadDocument, read_documents
from flows.settings import Settings, load_settings


class NoSuchArticleError(BrinkwatchError):
    """Neither a file nor an article in the warehouse."""


def explain(
    article: Annotated[str, typer.Argument(help="A .txt or .jsonl file, or the id or URL of a stored article.")],
    html: Annotated[Path | None, typer.Option(help="Write an HTML page to this file instead.")] = None,
) -> None:
    """Show what was found in an article, by which rule, what was rejected and why, and what was alerted.

    Example: brinkwatch explain seeds/articles/000_473c74cae7b20ff2.txt --html page.html
    """
    from extractors.pipeline import build_extractor
    from flows.cli.explanation import Explanation, show
    from flows.cli.explanation_page import as_html

    settings = load_settings()
    extractor = build_extractor(settings.seeds)
    found = [
        Explanation.of(extractor, document, alerts=alerts_because_of(settings, document))
        for document in find_articles(settings, article)
    ]
    if html:
        write_text(html, as_html(found))
        Console(stderr=True).print(f"Wrote {html}")
        return
    for explanation in found:
        show(explanation, Console())


def find_articles(settings: Settings, wanted: str) -> list[Article]:
    """Return the articles of a file, or the one that the warehouse holds under an id or URL."""
    from warehouse.tables.articles import find_article

    path = Path(wanted)
    if path.suffix == ".txt" and path.with_suffix(".json").is_file():
        return [described(path)]
    if path.is_file():
        documents = list(read_documents([path]))
        for document in documents:
            if isinstance(document, BadDocument):
                raise NoSuchArticleError(f"{document.where}: {document.why}")
        return [document for document in documents if isinstance(document, Article)]
    with reading(settings) as tx:
        stored = find_article(tx, wanted) if tx else None
    if stored is None:
        raise NoSuchArticleError(f"{wanted}: neither a file nor the id or URL of an article in {settings.warehouse}")
    return [stored]


def described(path: Path) -> Article:
    """Return the article of a text with all that its sidecar says: outlet, date, address."""
    from flows.sources.seed_documents import SeedError, read_seed

    try:
        return read_seed(path, datetime.now(UTC))
    except SeedError as error:
        raise NoSuchArticleError(f"{path} {error}") from error


def alerts_because_of(settings: Settings, article: Article) -> list[Alert]:
    """Return the alerts that ``article`` led to, suppressed ones included."""
    from warehouse.tables.alerts import alerts_of

    with reading(settings) as tx:
        return alerts_of(tx, article.id) if tx else []
