"""Train, shrink and measure the language pipeline: the recipe behind ``extractors/model/pipeline``.

    python -m extractors.training.language train joint ../shared/train WORK/joint --start ../shared/model/baseline
    python -m extractors.training.language train names ../shared/train WORK/names --start WORK/joint/model-last
    python -m extractors.training.language train syntax ../shared/train WORK/syntax --start ../shared/model/baseline
    python -m extractors.training.language ship WORK/syntax/model-last WORK/names/model-last extractors/model/pipeline
    python -m extractors.training.language measure ../shared/train extractors/model/pipeline ../shared/model/baseline

One process on one core; the same machine and the same release of spaCy give the same weights.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is imported; more threads only spin here

import argparse
import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_loop
from spacy.util import registry
from thinc.api import Config, Model, NumpyOps, set_current_ops
from thinc.types import ArrayXd

HERE = Path(__file__).parent
NAMES = ("PERSON", "ORG", "LOC")
PARSER_TESTS = ("ud_pud_news", "ud_gum_test_news", "ud_ewt_test")
NAME_TESTS = ("ner_uner_pud", "ner_uner_ewt_test")
TIMED_ON = ("parser/ud_pud_news", "parser/ud_gum_dev_free")
TIMED = {
    "all": ("tok2vec", "tagger", "morphologizer", "parser", "ner"),
    "parser": ("tok2vec", "parser"),
    "ner": ("ner",),
}
RELATIONS = ("nsubj", "obj", "ccomp", "nsubj:pass", "obl", "appos", "parataxis")


def read_docs(path: Path, nlp: Language) -> list[Doc]:
    """Return the annotated documents of one ``.spacy`` file."""
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def is_tweet(doc: Doc) -> bool:
    """Tell the Broad Twitter Corpus, whose labels differ, from edited text."""
    return any(token.text == "@" or token.like_url for token in doc)


def adjectives(docs: Iterable[Doc]) -> frozenset[str]:
    """Return the forms ("Russian", "Republican") that edited text mostly labels MISC or NORP.

    The Twitter corpus calls them LOC or ORG. One form with two labels teaches the model neither.
    """
    votes: dict[str, Counter[bool]] = {}
    for doc in docs:
        if not is_tweet(doc):
            for entity in doc.ents:
                votes.setdefault(entity.text, Counter())[entity.label_ in {"MISC", "NORP"}] += 1
    return frozenset(form for form, count in votes.items() if count[True] > count[False])


def relabel(doc: Doc, misc: frozenset[str]) -> None:
    """Bring ``doc``'s entities to one scheme: PERSON, ORG, LOC, MISC; Twitter handles are unknown, not names."""
    kept: list[Span] = []
    unknown: list[Span] = []
    for entity in doc.ents:
        handle = entity.text == "@" or (entity.start > 0 and doc[entity.start - 1].text == "@")
        label = "MISC" if entity.label_ == "NORP" or entity.text in misc else entity.label_
        (unknown if handle else kept).append(Span(doc, entity.start, entity.end, label=label))
    doc.set_ents(kept, missing=unknown, default="outside")


def recase(example: Example, nlp: Language, change: Callable[[str], str]) -> Example:
    """Return a copy of ``example`` with each word's case changed, annotations untouched: how headlines look."""
    words = [change(word) if len(change(word)) == len(word) else word for word in (t.text for t in example.reference)]
    spaces = [bool(token.whitespace_) for token in example.reference]
    fields = example.to_dict()
    fields["token_annotation"]["ORTH"] = words
    text = "".join(word + " " * space for word, space in zip(words, spaces, strict=True))
    return Example.from_dict(nlp.make_doc(text), fields)


def headline(word: str) -> str:
    """Return ``word`` with its first letter raised."""
    return word[:1].upper() + word[1:]


def read_corpora(
    folder: str, files: list[str], seed: int, title_case: float, upper_case: float
) -> Callable[[Language], list[Example]]:
    """Return a spaCy corpus reader over several files, names in one scheme, some texts cased like headlines.

    ``title_case`` and ``upper_case`` are shares of the documents, chosen by ``seed``.
    """

    def read(nlp: Language) -> list[Example]:
        if examples:  # every component reads the corpus once to learn its labels
            return examples
        docs = [doc for name in files for doc in read_docs(Path(folder) / f"{name}.spacy", nlp)]
        misc = adjectives(docs)
        draw = random.Random(seed)
        for doc in docs:
            if doc.has_annotation("ENT_IOB"):
                relabel(doc, misc)
            example = Example(nlp.make_doc(doc.text), doc)
            chance = draw.random()
            if chance < upper_case:
                example = recase(example, nlp, str.upper)
            elif chance < upper_case + title_case:
                example = recase(example, nlp, headline)
            examples.append(example)
        return examples

    examples: list[Example] = []
    return read


def start_from(path: str | None) -> Callable[[Language], Language]:
    """Return a callback that copies the shared encoder of the pipeline at ``path`` into a fresh pipeline."""

    def copy(nlp: Language) -> Language:
        if path is not None:
            encoder_of(nlp).from_bytes(encoder_of(spacy.load(path)).to_bytes())
        return nlp

    return copy


def model_of(nlp: Language, part: str) -> Model[Any, Any]:
    """Return the network of a trained ``part`` of ``nlp``."""
    component = nlp.get_pipe(part)
    assert isinstance(component, TrainablePipe)
    model: Model[Any, Any] = component.model
    return model


def encoder_of(nlp: Language) -> Model[Any, Any]:
    """Return the encoder the parts share, or that of the names where it is the only one."""
    if nlp.has_pipe("tok2vec"):
        return model_of(nlp, "tok2vec")
    return model_of(nlp, "ner").get_ref("tok2vec").layers[0]  # what follows it is the head's own projection


def train(config: str, corpora: Path, work: Path, *, start: Path | None, overrides: dict[str, Any]) -> None:
    """Train from ``joint.cfg``, ``names.cfg`` or ``syntax.cfg`` beside this file; ``work`` gets ``model-last``."""
    registry.readers.register("brinkwatch.corpora.v1", func=read_corpora)
    registry.callbacks.register("brinkwatch.start_from.v1", func=start_from)
    set_current_ops(NumpyOps(use_blis=False))  # numpy multiplies the batches of training 1.5 times as fast as BLIS
    paths = {"paths.corpora": str(corpora), "paths.start": str(start) if start else None}
    settings = Config().from_disk(HERE / f"{config}.cfg", overrides={**paths, **overrides})
    work.mkdir(parents=True, exist_ok=True)
    train_loop(init_nlp(settings), work)


def rounded(weights: ArrayXd) -> Any:
    """Return ``weights`` rounded to 7 mantissa bits: half the size when compressed, no measured loss."""
    bits = np.ascontiguousarray(weights, dtype=np.float32).view(np.uint32)
    return ((bits + np.uint32(0x8000)) & np.uint32(0xFFFF0000)).view(np.float32)


def ship(syntax: Path, names: Path, target: Path) -> None:
    """Join the two pipelines at ``target`` as they ship: rounded, without paths, and no strings but the labels."""
    nlp = spacy.load(syntax, exclude=["ner"])
    nlp.add_pipe("ner", source=spacy.load(names))
    for part in nlp.pipe_names:
        for layer in model_of(nlp, part).walk():
            for name in layer.param_names:
                if layer.has_param(name):
                    layer.set_param(name, rounded(layer.get_param(name)))
    nlp.meta.update(name="news", license="CC BY-SA 4.0", description="Tags, dependencies and names for English news")
    nlp.meta.pop("performance", None)
    shutil.rmtree(target, ignore_errors=True)
    nlp.to_disk(target)
    runtime = {section: nlp.config[section] for section in ("nlp", "components")}
    Config(runtime).to_disk(target / "config.cfg")
    labels = sorted({label for labels in nlp.meta["labels"].values() for label in labels})
    (target / "vocab" / "strings.json").write_text(json.dumps(labels), encoding="utf-8")


def as_used(nlp: Language, docs: Iterable[Doc]) -> Iterator[Example]:
    """Yield gold sentences one by one, tokenized by ``nlp``; the parser may not split them."""
    for doc in docs:
        for sentence in doc.sents:
            gold = sentence.as_doc()
            predicted = nlp.make_doc(gold.text)
            for token in predicted:
                token.is_sent_start = token.i == 0
            yield Example(predicted, gold)


def parser_row(nlp: Language, docs: list[Doc], *, split: bool) -> dict[str, float]:
    """Return UAS, LAS and F per relation; with ``split`` the parser finds the sentences, else it is given them."""
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs] if split else list(as_used(nlp, docs))
    with nlp.select_pipes(enable=["tok2vec", "tagger", "morphologizer", "parser"]):
        scores = nlp.evaluate(examples)
    row = {"UAS": scores["dep_uas"], "LAS": scores["dep_las"], "tag": scores["tag_acc"], "pos": scores["pos_acc"]}
    return row | {name: scores["dep_las_per_type"].get(name, {"f": 0.0})["f"] for name in RELATIONS}


def names_row(nlp: Language, docs: list[Doc]) -> dict[str, float]:
    """Return F of exact PERSON, ORG and LOC together, of each alone, and of the boundaries whatever the label."""
    found, gold = Counter[str](), Counter[str]()
    right = Counter[str]()
    with nlp.select_pipes(enable=["ner"]):
        for doc, predicted in zip(docs, nlp.pipe(doc.text for doc in docs), strict=True):
            truth, guess = spans_of(doc), spans_of(predicted)
            gold.update(label for *_, label in truth)
            found.update(label for *_, label in guess)
            right.update(label for *_, label in truth & guess)
            right["boundaries"] += len({span[:2] for span in truth} & {span[:2] for span in guess})
    row = {"all": 2 * sum(right[name] for name in NAMES) / (gold.total() + found.total())}
    row |= {name: 2 * right[name] / (gold[name] + found[name]) for name in NAMES}
    return row | {"boundaries": 2 * right["boundaries"] / (gold.total() + found.total())}


def spans_of(doc: Doc) -> set[tuple[int, int, str]]:
    """Return the character spans of ``doc``'s persons, organisations and places."""
    return {(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents if entity.label_ in NAMES}


def speed_row(nlp: Language, texts: list[str]) -> dict[str, float]:
    """Return words per CPU-second, sentence by sentence, of everything, of the parser alone and of names alone."""
    row = {}
    for name, parts in TIMED.items():
        with nlp.select_pipes(enable=[part for part in parts if part in nlp.pipe_names]):
            docs = [nlp.make_doc(text) for text in texts]
            started = time.process_time()
            for _ in nlp.pipe(docs):
                pass
            row[name] = sum(map(len, docs)) / (time.process_time() - started)
    return row


def speeds(corpora: Path, models: dict[str, Language]) -> dict[str, dict[str, float]]:
    """Return the best of four rounds for each model; they take turns, for other load slows all of them."""
    best: dict[str, dict[str, float]] = {name: dict.fromkeys(TIMED, 0.0) for name in models}
    for _ in range(4):
        for name, nlp in models.items():
            docs = [doc for file in TIMED_ON for doc in read_docs(corpora / f"{file}.spacy", nlp)]
            row = speed_row(nlp, [sentence.text for doc in docs for sentence in doc.sents])
            best[name] = {part: max(row[part], best[name][part]) for part in TIMED}
    return best


def measure(corpora: Path, paths: list[Path]) -> dict[str, dict[str, dict[str, float]]]:
    """Return ``{set: {model: {figure: value}}}`` over every test set, the models side by side."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    models = {str(path): spacy.load(path) for path in paths}
    for model, nlp in models.items():
        for name in PARSER_TESTS:
            docs = read_docs(corpora / "parser" / f"{name}.spacy", nlp)
            for split in (False, True):
                key = f"{name}, {'sentences found' if split else 'sentences given'}"
                table.setdefault(key, {})[model] = parser_row(nlp, docs, split=split)
        for name in NAME_TESTS:
            docs = read_docs(corpora / "ner" / f"{name}.spacy", nlp)
            table.setdefault(name, {})[model] = names_row(nlp, docs)
    return {**table, "words per CPU-second": speeds(corpora, models)}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    step = steps.add_parser("train")
    step.add_argument("config", choices=("joint", "names", "syntax"))
    step.add_argument("corpora", type=Path)
    step.add_argument("work", type=Path)
    step.add_argument("--start", type=Path, help="a pipeline whose encoder is the starting point")
    step.add_argument("--set", action="append", default=[], metavar="KEY=JSON", help="overrides one setting")
    step = steps.add_parser("ship")
    for name in ("syntax", "names", "target"):
        step.add_argument(name, type=Path)
    step = steps.add_parser("measure")
    step.add_argument("corpora", type=Path)
    step.add_argument("models", type=Path, nargs="+")
    return parser.parse_args()


def main() -> None:
    """Run one step of the recipe."""
    asked = arguments()
    if asked.step == "train":
        pairs = (setting.split("=", 1) for setting in asked.set)
        overrides = {key: json.loads(value) for key, value in pairs}
        train(asked.config, asked.corpora, asked.work, start=asked.start, overrides=overrides)
    elif asked.step == "ship":
        ship(asked.syntax, asked.names, asked.target)
    else:
        print(json.dumps(measure(asked.corpora, asked.models), indent=1))


if __name__ == "__main__":
    main()
