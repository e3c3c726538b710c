"""``brinkwatch lexicon``: validates the lexicons an analyst edits and shows what a text yields with them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from alerts.rules import load_routing, told
from extractors.lexicon import LexiconError, Problem
from extractors.records import Article
from flows.settings import load_settings

lexicon = typer.Typer(help="Check the lexicons you edit, and try them on a text.", no_args_is_help=True)


@lexicon.command()
def check() -> None:
    """Validate every lexicon and the rules of routes.toml; names each line that is wrong and exits with status 2."""
    from extractors.pipeline import build_extractor, problems_of
    from flows.work.detect import routing_of

    settings = load_settings()
    if problems := problems_of(settings.seeds):
        raise LexiconError(problems + problems_of_routes(settings.seeds))
    extractor = build_extractor(settings.seeds)
    routing = routing_of(settings, extractor)
    files = ", ".join(f"{path.name} ({lines(path)})" for path in sorted(settings.seeds.glob("*.jsonl")))
    Console().print(Text(f"All lexicons in {settings.seeds} are sound, version {extractor.version}: {files}"))
    for silence in set(routing.silences) - set(routing.silences_at(datetime.now(UTC))):
        Console().print(Text(f"routes.toml: the silence of {told(silence)} is over and may be taken out"))


def problems_of_routes(seeds: Path) -> tuple[Problem, ...]:
    """Return what is wrong with the rules, whatever the lexicons they name things of hold."""
    try:
        load_routing(seeds)
    except LexiconError as error:
        return error.problems
    return ()


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
