"""One function builds the extraction pipeline and lists its parts: text in, signals out.

    document → gate → tokens and sentences → weapons → actors → utterances → statements → transfers

Most news is about something else, so an exact gate looks at the raw text first; what it turns away would have yielded
nothing (``tests/test_pipeline.py`` compares both on every set there is). What passes goes only as far as it must.
"""

import hashlib
from collections.abc import Sequence
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
        if article.language != "en":
            return Signals(article=article.id)
        reading = self.read(article)
        return Signals(
            article=article.id,
            weapons=tuple(reading.weapons),
            transfers=tuple(reading.transfers),
            statements=tuple(reading.statements),
        )

    def may_hold(self, text: str) -> bool:
        """Return False only where a full reading would find nothing."""
        return self.weapons.may_hold(text) or self.statements.may_hold(text)

    def read(self, article: Article) -> "Reading":
        """Return ``article`` ready to be asked for what it holds."""
        return Reading(article=article, extractor=self)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All that can be found in one article, intermediate steps included; each is worked out when first asked for.

    So whoever asks for signals only pays for no step that none of them needs: most articles are not even cut into
    tokens, and speakers, the costliest part, are traced only where there is something said to be judged.
    """

    article: Article
    extractor: Extractor

    @cached_property
    def doc(self) -> Doc:
        return self.extractor.nlp(self.article.document)

    @cached_property
    def weapons(self) -> list[WeaponMention]:
        finder = self.extractor.weapons
        return finder.find(self.doc) if finder.may_hold(self.article.document) else []

    @cached_property
    def actors(self) -> list[ActorMention]:
        day = self.article.published.date() if self.article.published else None
        return self.extractor.actors.find(self.doc, on=day)

    @cached_property
    def utterances(self) -> list[Utterance]:
        return self.extractor.attribution.find(self.doc, self.actors)

    @cached_property
    def statements(self) -> list[Statement]:
        finder = self.extractor.statements
        if not finder.may_hold(self.article.document):
            return []
        return finder.find(
            self.doc, article=self.article, utterances=self.utterances, actors=self.actors, weapons=self.weapons
        )

    @cached_property
    def transfers(self) -> list[Transfer]:
        """The transfers; speakers are traced once it is clear that there are any."""
        found = self._transfers(()) if self.weapons else []
        return self._transfers(self.utterances) if found else []

    def _transfers(self, utterances: Sequence[Utterance]) -> list[Transfer]:
        finder = self.extractor.transfers
        return finder.find(self.doc, weapons=self.weapons, actors=self.actors, utterances=utterances)


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
