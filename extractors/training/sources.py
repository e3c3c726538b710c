"""What the reader learns from: every annotated set as examples, by the name of the set.

The texts of the shared sets belong to their publishers and stay where they are; ``data/`` holds what was written for
this project, and labels of published sentences as hashes and offsets.
"""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import islice
from pathlib import Path

from extractors.actors.finder import ActorFinder, ActorMention
from extractors.reader.passages import Span
from extractors.text.boundaries import fingerprint
from extractors.training.data import (
    Desk,
    Document,
    Example,
    Party,
    Told,
    document_text,
    examples_of,
)
from extractors.training.findings import Row, party_of, places, said_in, said_of, told_in
from extractors.training.folds import FOLDS, UNTOUCHED, fold_of, folds_of, half_of, plain, source_of
from extractors.training.labels import labelled

DATA = Path(__file__).parent / "data"
REAL = ("headlines", "long", "official")
"""Natural samples read in full, so that what is not marked is a negative."""
INVENTED = ("invented", "menace", "deliveries", "articles")
"""Sets of text that nobody published."""
_LABELS = (DATA / "labels.jsonl", DATA / "public.labels.jsonl.gz", DATA / "news.labels.jsonl.gz")
_DOUBT = 0.5
"""What silence weighs where a text was annotated as a whole, not sentence by sentence."""
_COMPARED = 120
_PROBES = (300, 1500, 3000)
_UNREAD_FILES = {
    "pool": ("train/real/pool.docs.jsonl.gz", None),
    "ordinary": ("eval/ordinary.jsonl.gz", 1000),
    "conflict": ("eval/conflict.jsonl.gz", None),
    "plover": ("train/plover/plover_train.tsv", None),
    "public": ("../public/texts.jsonl.gz", None),
    "news": ("../public/news.jsonl.gz", None),
}
"""Texts to label sentences of, and how many of each: the last 500 ordinary articles are left to measure alarms on.

Where those of ``public`` and ``news`` come from is said in the README beside this module; without them their labels are
left out.
"""
PUBLISHED = ("public", "news")
"""Sets of what others have published, labelled here."""
_BEFORE = 300


class Material:
    """The sets beside the checkout, read once."""

    def __init__(self, shared: Path, seeds: Path) -> None:
        """Take the sets from ``shared``, the lexicons of weapons and actors from ``seeds``."""
        self.shared = shared
        self.seeds = seeds

    @cached_property
    def desk(self) -> Desk:
        """What cuts the documents."""
        return Desk(self.seeds)

    def rows(self, name: str) -> list[Row]:
        """Return the lines of a file of the shared sets."""
        return list(read_rows(self.shared / name))

    @cached_property
    def untouched(self) -> list[Row]:
        """The documents of the real sets that nothing may learn from."""
        return [row for name in REAL for row, fold in self.real(name) if fold == UNTOUCHED]

    def real(self, name: str) -> list[tuple[Row, int]]:
        """Return the documents of a real set, each with its fold."""
        rows = self.rows(f"train/real/{name}.docs.jsonl.gz")
        folds = folds_of(rows)
        return [(row, folds[row["id"]]) for row in rows]

    @cached_property
    def unread_rows(self) -> list[tuple[str, Row]]:
        """Texts that nobody annotated as a whole, of which none is, or quotes, an untouched one, each with its set."""
        sources = {source_of(row["id"]) for row in self.untouched}
        titles = {plain(row.get("title") or "") for row in self.untouched} - {""}
        held = " ".join(plain(document_text(row)) for row in self.untouched)
        return [
            (name, row)
            for name, (file, documents) in _UNREAD_FILES.items()
            if (self.shared / file).exists()
            for row in islice(read_rows(self.shared / file), documents)
            if source_of(row["id"]) not in sources and plain(row.get("title") or "") not in titles
            if not quoted(plain(row["text"]), held)
        ]

    @cached_property
    def unread(self) -> list[Document]:
        """Those texts, cut into sentences."""
        return [
            self.desk.open(row, source=name, fold=fold_of(_week_of(row) if name == "news" else row["id"]))
            for name, row in self.unread_rows
        ]


def may_teach(example: Example, *, held_out: int = UNTOUCHED, half: bool = False) -> bool:
    """Whether a model may learn from ``example``; with ``half`` also from half of the fold held out to choose by.

    One text in five of what others have published, of news one week in five, is always held out to choose by.
    """
    if example.source in PUBLISHED:
        return example.fold != UNTOUCHED
    if example.source not in REAL or example.fold not in (UNTOUCHED, held_out):
        return True
    return half and example.fold != UNTOUCHED and half_of(example.document) == 1


def _week_of(row: Row) -> str:
    """Return the week of a news item, which is in one fold, because other outlets tell the same events."""
    return str(date.fromisoformat(row["published"][:10]).isocalendar()[:2])


def unread_texts(material: Material) -> Iterator[str]:
    """Yield the texts beside the examples that show which words news uses."""
    for name in ("ordinary", "conflict", "stream"):
        yield from (document_text(row) for row in read_rows(material.shared / "eval" / f"{name}.jsonl.gz"))
    yield from (document_text(row) for row in material.rows("train/real/pool.docs.jsonl.gz"))


def quoted(text: str, held: str) -> bool:
    """Whether a short ``text``, or a stretch of a longer one, stands in ``held`` too, both plain."""
    probes = [at for at in _PROBES if len(text) > at + _COMPARED]
    return any(text[at : at + _COMPARED] in held for at in probes) if probes else text in held


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the objects of a JSONL file, packed or not, or the sentences of PLOVER's table, each once."""
    if path.suffix == ".tsv":
        with path.open(encoding="utf-8", newline="") as table:
            sentences = (row["sentence"] for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
            yield from ({"id": f"plover-{at}", "text": text} for at, text in enumerate(dict.fromkeys(sentences)))
        return
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _real(name: str) -> Callable[[Material], Iterator[Example]]:
    def examples(material: Material) -> Iterator[Example]:
        findings = material.rows(f"train/real/{name}.gold.jsonl.gz")
        yield from _read_in_full(name, material.real(name), findings, material.desk)

    return examples


def _articles(material: Material) -> Iterator[Example]:
    """Whole texts written for this project in the manner of the natural sets."""
    rows = [(row, fold_of(row["id"])) for row in read_rows(DATA / "articles.docs.jsonl.gz")]
    yield from _read_in_full("articles", rows, read_rows(DATA / "articles.gold.jsonl.gz"), material.desk)


def _read_in_full(
    source: str, rows: Iterable[tuple[Row, int]], findings: Iterable[Row], desk: Desk
) -> Iterator[Example]:
    """Yield the examples of texts, each with its fold, in which everything without a finding is a negative."""
    found: dict[str, list[Row]] = defaultdict(list)
    for one in findings:
        found[one["id"]].append(one)
    for row, fold in rows:
        document = desk.open(row, source=source, fold=fold)
        marked = found[row["id"]]
        yield from examples_of(document, said=said_in(document, marked), told=told_in(document, marked))


def _labelled(material: Material) -> Iterator[Example]:
    """The sentences of texts not read as a whole that careful readers judged in context."""
    return labelled(material.unread, _labels())


def _labels() -> Iterator[Row]:
    return (row for path in _LABELS for row in read_rows(path))


def _ordinary(material: Material) -> Iterator[Example]:
    """Sentences of everyday news in which the reader saw nothing; where it saw something, careful readers judged it."""
    judged = {(row["document"], row["sentence"]) for row in _labels()}
    for document in material.unread:
        if document.source == "ordinary":
            examples = examples_of(document, said={}, told=())
            yield from (one for one in examples if (document.id, fingerprint(one.sentence)) not in judged)


def _short(material: Material) -> Iterator[Example]:
    """Headlines with a lead, whose transfers were annotated by system and not by place."""
    held = {plain(row.get("title") or "") for row in material.untouched} - {""}
    actors = ActorFinder(material.seeds)
    for row in material.rows("eval/short.gold.jsonl"):
        if plain(row["title"]) in held:
            continue
        document = material.desk.open(row, source="short", fold=fold_of(row["id"]))
        found = [{**one, "t": "s", "speaker_text": _name_in(document.text, one)} for one in row["statements"]]
        named = actors.find(material.desk.nlp(document.text))
        told = list(_told_by_system(document, row, named))
        yield from examples_of(document, said=said_in(document, found + _lookalikes(row)), told=told, silence=_DOUBT)


def _name_in(text: str, statement: Row) -> str | None:
    names = [statement["speaker"], *statement.get("speaker_aliases", [])]
    return next((name for name in names if name and name in text), None)


def _lookalikes(row: Row) -> list[Row]:
    kinds = ("commentary", "optional")
    return [{"t": "s", "kind": kind, "evidence": words} for kind in kinds for words in row.get(kind, [])]


def _told_by_system(document: Document, row: Row, actors: Sequence[ActorMention]) -> Iterator[Told]:
    names = {weapon["key"]: weapon["surfaces"] for weapon in row["weapons"]}
    for mention in document.weapons:
        span = (mention.start, mention.end)
        at = next((at for at, (_, end) in enumerate(document.sentences) if span[0] < end), None)
        if at is None:
            continue
        for transfer in row["transfers"]:
            if any(name in mention.text or mention.text in name for name in names.get(transfer["weapon"], ())):
                supplier, recipient = (
                    Party(code=transfer[role], span=_named_side(document.windows(at), actors, transfer[role]))
                    for role in ("supplier", "recipient")
                )
                for stage in transfer["stages"]:
                    yield Told(weapon=span, evidence=span, stage=stage, supplier=supplier, recipient=recipient)


def _named_side(windows: Sequence[Span], actors: Sequence[ActorMention], side: str | None) -> Span | None:
    """Return the first actor of ``side`` in the sentence, else in its context."""
    start, end = windows[0]
    shown = [
        (actor.start, actor.end)
        for actor in actors
        if side and actor.side == side and any(actor.start < last and first < actor.end for first, last in windows)
    ]
    return min(shown, key=lambda span: (not start <= span[0] < end, span[0]), default=None)


def _sentences(material: Material) -> Iterator[Example]:
    """Single sentences with what stood before them, unless an untouched document holds them."""
    held = " ".join(plain(document_text(row)) for row in material.untouched)
    for number, row in enumerate(material.rows("train/statements/sentences.jsonl")):
        if plain(row["sentence"])[:_COMPARED] not in held:
            yield _sentence(number, row)


def _sentence(number: int, row: Row) -> Example:
    before = row.get("before") or ""
    text = f"{before} {row['sentence']}" if before else row["sentence"]
    start = len(text) - len(row["sentence"])
    sentences = [(max(0, start - _BEFORE), start - 1), (start, len(text))] if before else [(0, len(text))]
    document = Document(
        source="sentences",
        id=f"s{number}",
        fold=number % FOLDS,
        text=text,
        title_end=0,
        sentences=sentences,
        weapons=(),
    )
    kind = "optional" if not row["sure"] else "none" if row["label"] == "other" else row["label"]
    said = said_of(text, {**row, "kind": kind, "speaker_text": row.get("speaker")}, sentences[-1])
    return examples_of(document, said={len(sentences) - 1: [said]}, told=())[-1]


def _plain(name: str, path: Path) -> Callable[[Material], Iterator[Example]]:
    """Sentences by themselves, of which only the kind is known, or only whether they are statements."""

    def examples(_: Material) -> Iterator[Example]:
        for number, row in enumerate(read_rows(path)):
            kind = row["label"] if "label" in row else "statement" if row["statement"] else "none"
            yield Example(
                source=name,
                document=f"{name}{number}",
                fold=number % FOLDS,
                text=row["text"],
                end=len(row["text"]),
                kind="none" if kind == "other" else kind,
            )

    return examples


def _menace(material: Material) -> Iterator[Example]:
    """Invented passages of menace and of what looks like it."""
    for row in read_rows(DATA / "statements.jsonl.gz"):
        found = [*({"t": "s", "addressee_text": None, **one} for one in row["statements"]), *_lookalikes(row)]
        article = _headline(row)
        if not all(one["evidence"] in document_text(article) for one in found):
            article = row
        document = material.desk.open(article, source="menace", fold=fold_of(row["id"]))
        yield from examples_of(document, said=said_in(document, found), told=())


def _headline(row: Row) -> Row:
    """Return a headline that has a lead as an article with a title."""
    title, line_break, text = row["text"].partition("\n")
    headline = row.get("genre") == "headline" and line_break
    return {"id": row["id"], "title": title.strip(), "text": text.strip()} if headline else row


def _deliveries(material: Material) -> Iterator[Example]:
    """Invented passages in which every weapon was judged, and nothing else."""
    for row in read_rows(DATA / "transfers.jsonl.gz"):
        document = material.desk.open(row, source="deliveries", fold=fold_of(row["id"]))
        told = [one for mention in row["mentions"] for one in _told_of_mention(document, mention)]
        yield from examples_of(document, said={}, told=told, silence=1.0, judged=False)


def _told_of_mention(document: Document, mention: Row) -> Iterator[Told]:
    found = list(islice(places(document.text, mention["weapon_text"]), (mention.get("nth") or 0) + 1))
    weapon = found[-1] if len(found) > (mention.get("nth") or 0) else None
    sentence = weapon and next((one for one in document.sentences if one[0] <= weapon[0] < one[1]), None)
    if not weapon or not sentence:
        return
    for one in mention["transfers"]:
        yield Told(
            weapon=weapon,
            evidence=weapon,
            stage=one["stage"],
            supplier=party_of(document.text, one, "supplier", sentence),
            recipient=party_of(document.text, one, "recipient", sentence),
            background=bool(one.get("background")),
        )


def _conflict(material: Material) -> Iterator[Example]:
    """Whole texts of which only some sentences were judged, to be scored by the encoder."""
    for document in material.unread:
        if document.source == "conflict":
            yield from examples_of(document, said={}, told=(), judged=False)


TAUGHT: Mapping[str, Callable[[Material], Iterator[Example]]] = {
    **{name: _real(name) for name in REAL},
    "short": _short,
    "sentences": _sentences,
    "invented": _plain("invented", DATA / "examples.jsonl"),
    "menace": _menace,
    "deliveries": _deliveries,
    "articles": _articles,
    "labelled": _labelled,
    "ordinary": _ordinary,
}
"""Sets the encoder learns from."""
UNREAD: Mapping[str, Callable[[Material], Iterator[Example]]] = {"conflict": _conflict}
"""Sets that only the prefilter learns from, by what the encoder says of them."""
