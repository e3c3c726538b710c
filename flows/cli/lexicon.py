"""``brinkwatch lexicon``: check the lexicons an analyst edits, and try them on a text."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from alerts.policy.routes_file import load_routing
from alerts.policy.routing import describe
from alerts.policy.severity_scale import load_scale
from extractors.counts import plural
from extractors.lexicon import LexiconError, Problem
from extractors.records import Article
from flows.cli.output import Console
from flows.settings import load_settings

lexicon = typer.Typer(help="Check the lexicons you edit, and try them on a text.", no_args_is_help=True)


@lexicon.command()
def check() -> None:
    """Validate every file of the folder: lexicons, holdings, feeds, rules; report each wrong line and exit with 2."""
    from extractors.version import version_of

    settings = load_settings()
    if problems := problems_of_folder(settings.seeds):
        raise LexiconError(problems)
    console, files = Console(), ", ".join(f"{path.name} ({lines(path)})" for path in checked_files(settings.seeds))
    console.print(Text(f"All files in {settings.seeds} are valid, version {version_of(settings.seeds)}: {files}"))
    for hint in hints(settings.seeds):
        console.print(Text(hint, style="dim"))


def problems_of_folder(seeds: Path) -> tuple[Problem, ...]:
    """Return what is wrong with each file, or, if all can be read, with names in one that no other has."""
    from extractors.pipeline import problems_of

    alone = problems_of(seeds) + problems_of_policy(seeds) + problems_of_feeds(seeds)
    return alone or problems_between(seeds)


def problems_of_policy(seeds: Path) -> tuple[Problem, ...]:
    """Return what is wrong with routes.toml and policy.toml, without looking up the names in them."""
    problems: tuple[Problem, ...] = ()
    for load in (load_routing, load_scale):
        try:
            load(seeds)
        except LexiconError as error:
            problems += error.problems
    return problems


def problems_of_feeds(seeds: Path) -> tuple[Problem, ...]:
    """Return what is wrong with the feed list: the first line that is."""
    from flows.sources.feed_records import SourceError
    from flows.sources.feedlist import load_feeds

    try:
        load_feeds(seeds / "feeds.csv")
    except SourceError as error:
        where, _, line = error.where.rpartition(":")
        return (
            Problem(file=Path(where or error.where).name, line=int(line) if line.isdigit() else 0, what=error.reason),
        )
    return ()


def problems_between(seeds: Path) -> tuple[Problem, ...]:
    """Return names that one file gives and no other holds: sides, holders, and what rules and the scale name."""
    from flows.steps.seeds_folder import SeedsFolder

    known = SeedsFolder.of(seeds)
    problems = list(known.problems())
    for load in (known.routing, known.scale, known.holdings):
        try:
            load()
        except LexiconError as error:
            problems += error.problems
    return tuple(problems)


def hints(seeds: Path) -> Iterator[str]:
    """Yield what is no mistake and may still be meant otherwise."""
    from flows.steps.seeds_folder import SeedsFolder

    routing = load_routing(seeds)
    for silence in set(routing.silences) - set(routing.silences_at(datetime.now(UTC))):
        yield f"routes.toml: the silence of {describe(silence)} has ended and may be removed"
    if unnamed := SeedsFolder.of(seeds).without_surname():
        yield (
            f"actors.jsonl: {plural(len(unnamed), 'person')} found by full names only, as no alias is a surname: "
            f"{', '.join(unnamed[:5])}{' …' if len(unnamed) > 5 else ''}; give them one in 'short'"
        )


def checked_files(seeds: Path) -> list[Path]:
    """Return the files of a seeds folder that are checked."""
    return sorted(path for path in seeds.iterdir() if path.suffix in {".jsonl", ".csv", ".toml"})


def lines(path: Path) -> int:
    """Count the lines of a file that say something."""
    return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


@lexicon.command("try")
def try_(text: Annotated[str, typer.Argument(help="One sentence, or a few.")]) -> None:
    """Show what is found in a text with the present lexicons.

    Example: brinkwatch lexicon try "Berlin again refused to send Taurus missiles to Kyiv."
    """
    from extractors.pipeline import build_extractor
    from flows.cli.explanation import Explanation, show

    extractor = build_extractor(load_settings().seeds)
    show(Explanation.of(extractor, Article(id="try", text=text)), Console())
