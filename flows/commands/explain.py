"""``brinkwatch explain``: one article with every signal highlighted, the rule that found it, and what came of it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from extractors.errors import BrinkwatchError
from extractors.records import Alert, Article
from flows.documents import BadDocument, read_documents
from flows.settings import Settings, load_settings


class NoSuchArticleError(BrinkwatchError):
    """Neither a file nor an article of the warehouse."""


def explain(
    article: Annotated[str, typer.Argument(help="A .txt or .jsonl file, or the id or URL of a stored article.")],
    html: Annotated[Path | None, typer.Option(help="Write a page to this file instead.")] = None,
) -> None:
    """Show what was found in an article, by which rule, what was refused and why, and what was alerted.

    Example: brinkwatch explain seeds/articles/000_473c74cae7b20ff2.txt --html page.html
    """
    from extractors.pipeline import build_extractor
    from flows.explanation import Explanation, as_html, show

    settings = load_settings()
    extractor = build_extractor(settings.seeds)
    found = [
        Explanation.of(extractor, document, alerts=alerts_of(settings, document))
        for document in find_articles(settings, article)
    ]
    if html:
        html.write_text(as_html(found), encoding="utf-8")
        Console(stderr=True).print(f"Wrote {html}")
        return
    for explanation in found:
        show(explanation, Console())


def find_articles(settings: Settings, wanted: str) -> list[Article]:
    """Return the articles of a file, or the one that the warehouse holds under an id or URL."""
    from warehouse.store import Warehouse

    path = Path(wanted)
    if path.is_file():
        documents = list(read_documents([path]))
        for document in documents:
            if isinstance(document, BadDocument):
                raise NoSuchArticleError(f"{document.where}: {document.why}")
        return [document for document in documents if isinstance(document, Article)]
    stored = Warehouse(settings.warehouse).find_article(wanted) if settings.warehouse.exists() else None
    if stored is None:
        raise NoSuchArticleError(f"{wanted}: neither a file nor the id or URL of an article in {settings.warehouse}")
    return [stored]


def alerts_of(settings: Settings, article: Article) -> list[Alert]:
    """Return what was alerted, or decided not to be, because of ``article``."""
    from warehouse.store import Warehouse

    return Warehouse(settings.warehouse).alerts_of(article.id) if settings.warehouse.exists() else []
