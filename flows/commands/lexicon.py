"""``brinkwatch lexicon``: validates the lexicons an analyst edits and shows what a text yields with them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from extractors.lexicon import LexiconError
from extractors.records import Article
from flows.settings import load_settings

lexicon = typer.Typer(help="Check the lexicons you edit, and try them on a text.", no_args_is_help=True)


@lexicon.command()
def check() -> None:
    """Validate every lexicon; names each line that is wrong and exits with status 2."""
    from extractors.pipeline import build_extractor, problems_of

    settings = load_settings()
    if problems := problems_of(settings.seeds):
        raise LexiconError(problems)
    extractor = build_extractor(settings.seeds)
    files = ", ".join(f"{path.name} ({lines(path)})" for path in sorted(settings.seeds.glob("*.jsonl")))
    Console().print(Text(f"All lexicons in {settings.seeds} are sound, version {extractor.version}: {files}"))


def lines(path: Path) -> int:
    """Count the entries of a lexicon."""
    return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


@lexicon.command("try")
def try_(text: Annotated[str, typer.Argument(help="A sentence or a few.")]) -> None:
    """Show what a text yields with the lexicons as they are now.

    Example: brinkwatch lexicon try "Berlin again refused to send Taurus missiles to Kyiv."
    """
    from extractors.pipeline import build_extractor
    from flows.explanation import Explanation, show

    extractor = build_extractor(load_settings().seeds)
    show(Explanation.of(extractor, Article(id="try", text=text)), Console())
