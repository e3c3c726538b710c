"""Extraction as spaCy components: each is made by a factory, takes a Doc, and returns it with more on it.

What they find is stored in ``doc._`` as records (``article``, ``weapons``, ``possible_weapons``, ``quotes``,
``readings``, ``actors``, ``statements``, ``transfers``) and, as spans of tokens, in ``doc.spans`` under the same names;
``unread`` counts the sentences that the reader left out of a document with too many of them.
The factories are registered as entry points (``spacy_factories``), so that any spaCy project may name them in its
configuration.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from extractors.actors.finder import ActorFinder
from extractors.reader.reader import Reader
from extractors.records import Article, Transfer
from extractors.statements.finder import StatementFinder
from extractors.statements.scene import Mentions, NameIndex, Scene
from extractors.statements.speakers import SpeakerResolver
from extractors.text.quotes import quotations
from extractors.text.sentences import text_of
from extractors.text.spans import HasSpan, SpanIndex
from extractors.text.speaker_turns import floor_of
from extractors.transfers.finder import TransferFinder
from extractors.weapons.finder import Found, WeaponFinder

SEEDS = Path(__file__).parents[1] / "seeds"
_FOUND = ("weapons", "possible_weapons", "quotes", "readings", "actors", "statements", "transfers")


@cache
def register_extensions() -> None:
    """Add the attributes under ``doc._``, once."""
    Doc.set_extension("article", default=None, force=True)
    Doc.set_extension("unread", default=0, force=True)
    for name in _FOUND:
        Doc.set_extension(name, default=(), force=True)


def article_of(doc: Doc) -> Article:
    """Return the article that ``doc`` was made from, or for a bare Doc an article with only its text."""
    return doc._.article or Article(id="", text=text_of(doc))


def scene_of(doc: Doc) -> Scene:
    """Return what is needed of ``doc`` to resolve speakers and parties."""
    article = article_of(doc)
    text = text_of(doc)
    return Scene(
        text=text,
        title_end=len(article.title),
        actors=Mentions(doc._.actors),
        names=NameIndex(text),
        floor=floor_of(text, title=article.title),
        quotes=SpanIndex(doc._.quotes),
        on=article.published.date() if article.published else None,
    )


def _mark(doc: Doc, name: str, found: Iterable[HasSpan]) -> Doc:
    """Store ``found`` in ``doc._`` as it is, and in ``doc.spans`` as spans of whole tokens."""
    register_extensions()
    found = tuple(found)
    setattr(doc._, name, found)
    spans = (doc.char_span(one.start, one.end, alignment_mode="expand") for one in found)
    doc.spans[name] = [Span(doc, span.start, span.end, label=name) for span in spans if span is not None]
    return doc


class Weapons:
    """Marks weapon systems and classes of weapons, and apart from them names that may mean something else."""

    def __init__(self, seeds: Path) -> None:
        self.finder = WeaponFinder(seeds)

    def __call__(self, doc: Doc) -> Doc:
        found = self.finder.search(doc) if self.finder.may_hold(text_of(doc)) else Found(certain=[], possible=[])
        return _mark(_mark(doc, "possible_weapons", found.possible), "weapons", found.certain)


class Quotes:
    """Marks text between quotation marks."""

    def __call__(self, doc: Doc) -> Doc:
        return _mark(doc, "quotes", quotations(text_of(doc)))


class Readings:
    """Applies the trained reader to the sentences that pass its prefilter, up to ``MOST_READ``."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def __call__(self, doc: Doc) -> Doc:
        weapons = sorted((mention.start, mention.end) for mention in (*doc._.weapons, *doc._.possible_weapons))
        title_end = len(article_of(doc).title)
        readings, unread = self.reader.read(text_of(doc), weapons=weapons, title_end=title_end)
        _mark(doc, "readings", readings)
        doc._.unread = unread
        return doc


class Actors:
    """Marks the officials, organs, groups and states that are named."""

    def __init__(self, seeds: Path, *, always: bool) -> None:
        self.finder = ActorFinder(seeds)
        self._always = always

    def __call__(self, doc: Doc) -> Doc:
        wanted = self._always or doc._.readings
        published = article_of(doc).published
        return _mark(doc, "actors", self.finder.find(doc, on=published.date() if published else None) if wanted else ())


class Statements:
    """Marks red lines, threats and commentary."""

    def __init__(self, finder: StatementFinder) -> None:
        self.finder = finder

    def __call__(self, doc: Doc) -> Doc:
        if not doc._.readings:
            return _mark(doc, "statements", ())
        found = self.finder.find(article_of(doc), scene_of(doc), doc._.readings)
        return _mark(doc, "statements", found)


class Transfers:
    """Marks the sentences that report a transfer of arms; what may be a weapon is one if a transfer of it is told."""

    def __init__(self, finder: TransferFinder) -> None:
        self.finder = finder

    def __call__(self, doc: Doc) -> Doc:
        if not any(reading.weapons for reading in doc._.readings):
            return _mark(doc, "transfers", ())
        weapons, possible = doc._.weapons, doc._.possible_weapons
        found = self.finder.find(scene_of(doc), doc._.readings, weapons=weapons, possible=possible)
        moved: dict[str, list[Transfer]] = defaultdict(list)
        for transfer in found:
            moved[transfer.weapon].append(transfer)
        told = [one for one in possible if any(each.start <= one.start < each.end for each in moved[one.weapon])]
        _mark(doc, "weapons", sorted([*weapons, *told], key=lambda mention: mention.start))
        return _mark(doc, "transfers", found)


def _folder(seeds: str | None) -> Path:
    return Path(seeds) if seeds else SEEDS


@Language.factory("brinkwatch_weapons", assigns=["doc._.weapons", "doc.spans"], default_config={"seeds": None})
def make_weapons(nlp: Language, name: str, seeds: str | None) -> Weapons:  # noqa: ARG001  # the signature of a factory
    """Build the gazetteer of weapons; ``seeds`` is the folder of lexicons, None the shipped one."""
    return Weapons(_folder(seeds))


@Language.factory("brinkwatch_quotes", assigns=["doc._.quotes", "doc.spans"])
def make_quotes(nlp: Language, name: str) -> Quotes:  # noqa: ARG001
    """Build the component that pairs quotation marks."""
    return Quotes()


@Language.factory("brinkwatch_reader", assigns=["doc._.readings", "doc.spans"], default_config={"model": None})
def make_reader(nlp: Language, name: str, model: str | None) -> Readings:  # noqa: ARG001
    """Build the trained reader; ``model`` is its folder, None the shipped one."""
    return Readings(Reader(Path(model)) if model else Reader())


@Language.factory(
    "brinkwatch_actors", assigns=["doc._.actors", "doc.spans"], default_config={"seeds": None, "always": True}
)
def make_actors(nlp: Language, name: str, seeds: str | None, always: bool) -> Actors:  # noqa: ARG001
    """Build the gazetteer of actors; without ``always`` it skips documents in which the reader found nothing."""
    return Actors(_folder(seeds), always=always)


@Language.factory("brinkwatch_statements", assigns=["doc._.statements", "doc.spans"], default_config={"seeds": None})
def make_statements(nlp: Language, name: str, seeds: str | None) -> Statements:  # noqa: ARG001
    """Build the component that turns readings into statements; it needs reader and actors before it."""
    thresholds = _reader(nlp).settings.thresholds.statements
    return Statements(StatementFinder(_folder(seeds), actors=_actors(nlp), thresholds=thresholds))


@Language.factory("brinkwatch_transfers", assigns=["doc._.transfers", "doc.spans"], default_config={"seeds": None})
def make_transfers(nlp: Language, name: str, seeds: str | None) -> Transfers:  # noqa: ARG001
    """Build the component that turns readings into transfers; it needs weapons, reader and actors before it."""
    weapons = nlp.get_pipe("brinkwatch_weapons")
    assert isinstance(weapons, Weapons)
    finder = TransferFinder(
        _folder(seeds),
        speakers=SpeakerResolver(_folder(seeds), actors=_actors(nlp)),
        makers=weapons.finder.lexicon.makers,
        thresholds=_reader(nlp).settings.thresholds.transfers,
    )
    return Transfers(finder)


def _reader(nlp: Language) -> Reader:
    readings = nlp.get_pipe("brinkwatch_reader")
    assert isinstance(readings, Readings)
    return readings.reader


def _actors(nlp: Language) -> ActorFinder:
    actors = nlp.get_pipe("brinkwatch_actors")
    assert isinstance(actors, Actors)
    return actors.finder
