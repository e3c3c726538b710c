"""One function builds the extraction pipeline and lists its parts: text in, signals out.

    document → gate → tokens and sentences → weapons → actors → utterances → statements → transfers

Most news is about something else, so an exact gate looks at the raw text first; what it turns away would have yielded
nothing (``tests/test_pipeline.py`` compares both on every set there is).
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from extractors.actors import ActorFinder, ActorMention
from extractors.attribution import Attributor, Utterance
from extractors.lexicon import LexiconError, Problem
from extractors.records import Article, Signals, Statement, Transfer, WeaponMention
from extractors.sentences import build_nlp
from extractors.statements import StatementFinder
from extractors.transfers import TransferFinder
from extractors.weapons import WeaponFinder

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was found in one article, intermediate steps included."""

    doc: Doc
    weapons: list[WeaponMention]
    actors: list[ActorMention]
    utterances: list[Utterance]
    statements: list[Statement]
    transfers: list[Transfer]


@dataclass(frozen=True, kw_only=True)
class Extractor:
    """The parts that read an article, in the order in which they work."""

    seeds: Path
    nlp: Language
    weapons: WeaponFinder
    actors: ActorFinder
    attribution: Attributor
    statements: StatementFinder
    transfers: TransferFinder

    @cached_property
    def version(self) -> str:
        """Changes with every lexicon, rule or weight, so that stored articles are read again."""
        digest = hashlib.blake2b(digest_size=6)
        for path in version_files(self.seeds):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()

    @cached_property
    def names(self) -> dict[str, str]:
        """The name a reader knows for every id of an actor or a place."""
        people = {actor.id: actor.name for actor in self.actors.actors}
        return people | {place.id: place.name for place in self.actors.places}

    def extract(self, article: Article) -> Signals:
        """Return every signal of ``article``; of one that holds none, or is not in English, empty ones."""
        if article.language != "en" or not self.may_hold(article.document):
            return Signals(article=article.id)
        reading = self.read(article)
        return Signals(
            article=article.id,
            weapons=tuple(reading.weapons),
            transfers=tuple(reading.transfers),
            statements=tuple(reading.statements),
        )

    def may_hold(self, text: str) -> bool:
        """Return False only where ``read`` would find nothing."""
        return self.weapons.may_hold(text) or self.statements.may_hold(text)

    def read(self, article: Article) -> Reading:
        """Read ``article`` in full, whatever the gate says."""
        doc = self.nlp(article.document)
        day = article.published.date() if article.published else None
        weapons = self.weapons.find(doc)
        actors = self.actors.find(doc, on=day)
        utterances = self.attribution.find(doc, actors)
        statements = self.statements.find(doc, article=article, utterances=utterances, actors=actors, weapons=weapons)
        transfers = self.transfers.find(doc, weapons=weapons, actors=actors, utterances=utterances)
        return Reading(
            doc=doc,
            weapons=weapons,
            actors=actors,
            utterances=utterances,
            statements=statements,
            transfers=transfers,
        )


def build_extractor(seeds: Path) -> Extractor:
    """Build the pipeline from the lexicons in ``seeds``; LexiconError names every line that is wrong."""
    actors = ActorFinder(seeds)
    return Extractor(
        seeds=seeds,
        nlp=build_nlp(),
        weapons=WeaponFinder(seeds),
        actors=actors,
        attribution=Attributor(seeds),
        statements=StatementFinder(seeds),
        transfers=TransferFinder(seeds),
    )


def problems_of(seeds: Path) -> tuple[Problem, ...]:
    """Return what is wrong with the lexicons of every part, so that an analyst mends them all in one round."""
    problems: dict[Problem, None] = {}
    for build in (WeaponFinder, ActorFinder, Attributor, StatementFinder, TransferFinder):
        try:
            build(seeds)
        except LexiconError as error:
            problems |= dict.fromkeys(error.problems)
    return tuple(problems)


def version_files(seeds: Path) -> list[Path]:
    """Return every file on which the result of an extraction depends, in a fixed order."""
    model = [path for path in sorted((HERE / "model").rglob("*")) if path.is_file()]
    return [*sorted(HERE.glob("*.py")), *model, *sorted(seeds.glob("*.jsonl"))]
