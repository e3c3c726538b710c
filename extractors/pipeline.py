"""The extraction pipeline: text in, signals out, as a spaCy ``Language`` built from ``config.cfg``.

    document → gate → sentences → weapons → quotes → reader → actors → statements → transfers

Most news is about something else, so an exact gate checks the raw text first; a text that it rejects would have yielded
nothing (``tests/test_pipeline.py`` compares both).
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config, load_model_from_config

from extractors import components
from extractors.actors.finder import ActorFinder
from extractors.actors.lexicon import load_actors, load_places
from extractors.lexicon import LexiconError, Problem
from extractors.reader.reader import Reader
from extractors.records import Article, Signals
from extractors.statements.finder import StatementFinder
from extractors.statements.statement_severity import SeverityTable
from extractors.statements.titles import load_titles
from extractors.text.sentences import LONGEST_TEXT
from extractors.transfers.finder import load_foes
from extractors.version import version_of
from extractors.weapons.finder import WeaponFinder
from extractors.weapons.lexicon import load_weapons

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Extractor:
    """A pipeline and the lexicons it was built from."""

    seeds: Path
    nlp: Language

    @cached_property
    def version(self) -> str:
        """Changes with every lexicon, rule or weight."""
        return version_of(self.seeds)

    @property
    def names(self) -> dict[str, str]:
        """Readable names of actors and places, by id."""
        return self.actors.names

    @property
    def weapons(self) -> WeaponFinder:
        """The gazetteer of weapons."""
        found: WeaponFinder = self._part("brinkwatch_weapons").finder
        return found

    @property
    def actors(self) -> ActorFinder:
        """The gazetteer of actors."""
        found: ActorFinder = self._part("brinkwatch_actors").finder
        return found

    @property
    def statements(self) -> StatementFinder:
        """The part that turns readings into statements."""
        found: StatementFinder = self._part("brinkwatch_statements").finder
        return found

    @property
    def reader(self) -> Reader:
        """The trained reader."""
        found: Reader = self._part("brinkwatch_reader").reader
        return found

    def extract(self, article: Article) -> Signals:
        """Return every signal in ``article``; none if it is not in English."""
        if article.language != "en" or not self.may_hold(article.document):
            return Signals(article=article.id)
        return signals_of(self.read(article))

    def may_hold(self, text: str) -> bool:
        """Return False only if a full reading would find nothing."""
        return self.weapons.may_hold(text) or self.reader.may_hold(text)

    def read(self, article: Article) -> Doc:
        """Return ``article`` as a Doc with everything the components found."""
        components.register_extensions()
        doc = self.nlp.make_doc(article.document)
        doc._.article = article
        return self.nlp(doc)

    def pipe(self, articles: Iterable[Article]) -> Iterator[Signals]:
        """Yield the signals of a stream of articles, in order."""
        return map(self.extract, articles)

    def _part(self, name: str) -> Any:
        return self.nlp.get_pipe(name)


def signals_of(doc: Doc) -> Signals:
    """Return what was found in ``doc`` as a record."""
    article = components.article_of(doc)
    return Signals(
        article=article.id,
        weapons=doc._.weapons,
        transfers=doc._.transfers,
        statements=doc._.statements,
        unread=doc._.unread,
    )


def load_pipeline(seeds: Path) -> Language:
    """Build the spaCy pipeline of ``config.cfg`` with the lexicons in ``seeds``; LexiconError names what is wrong."""
    lexicons = ("brinkwatch_weapons", "brinkwatch_actors", "brinkwatch_statements", "brinkwatch_transfers")
    overrides = {f"components.{name}.seeds": str(seeds) for name in lexicons}
    with _nothing_thrown_away():
        nlp = load_model_from_config(load_config(HERE / "config.cfg", overrides=overrides), auto_fill=True)
    nlp.max_length = LONGEST_TEXT
    return nlp


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Look for no garbage while lexicons are loaded, which all stay: that takes as long as loading them."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def build_extractor(seeds: Path) -> Extractor:
    """Build the pipeline from the lexicons in ``seeds``; LexiconError names every line that is wrong."""
    return Extractor(seeds=seeds, nlp=load_pipeline(seeds))


def problems_of(seeds: Path) -> tuple[Problem, ...]:
    """Return the problems of every lexicon, so that an analyst can correct them all in one round."""
    problems: dict[Problem, None] = {}
    # the lexicons alone: to build what finds their names takes five times as long, and can fail in no other way
    for load in (load_weapons, load_actors, load_places, load_titles, SeverityTable, load_foes):
        try:
            load(seeds)
        except LexiconError as error:
            problems |= dict.fromkeys(error.problems)
    return tuple(problems)
