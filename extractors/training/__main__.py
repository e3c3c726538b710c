"""``python -m extractors.training``: makes the reader again from the annotated texts beside the checkout.

    examples → teach → train → export → prefilter → topic → evaluate
    and for more labels: select → (careful readers) → labels

What is made on the way lies in a folder of its own (``--work``); only ``export``, ``prefilter`` and ``topic`` write
into ``extractors/model``. Torch and the others of the extra ``train`` are imported by the commands that need them.
"""

import json
import logging
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from extractors.pipeline import build_extractor
from extractors.reader.encoder import MODEL, Cutter, Encoder
from extractors.reader.prefilter import Prefilter
from extractors.reader.settings import load_settings
from extractors.records import Article
from extractors.training import evaluation, labels, selection
from extractors.training.data import Example, document_text, read_examples, write_examples
from extractors.training.folds import half_of
from extractors.training.sources import (
    DATA,
    PUBLISHED,
    REAL,
    TAUGHT,
    UNREAD,
    Material,
    may_teach,
    read_rows,
    unread_texts,
)
from flows.documents import article_from

ROOT = Path(__file__).parents[2]
SEED = 5

Shared = Annotated[Path, typer.Option(help="The annotated sets.")]
Work = Annotated[Path, typer.Option(help="What is made on the way.")]
Model = Annotated[Path, typer.Option(help="The folder the run time reads.")]
HeldOut = Annotated[
    int, typer.Option(help="A fold of the real sets to choose by; 0, the untouched one, when it is to ship.")
]
Half = Annotated[bool, typer.Option("--half", help="Learn from the half 1 of that fold, choose by the half 0.")]

SHARED, WORK = ROOT.parent / "shared", ROOT / "data" / "training"

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def examples(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Sets; all without.")] = None,
    shared: Shared = SHARED,
    work: Work = WORK,
) -> None:
    """Turn the annotated sets into examples, one file each."""
    work.mkdir(parents=True, exist_ok=True)
    material = Material(shared, ROOT / "seeds")
    sets = {**TAUGHT, **UNREAD}
    for name in names or sets:
        print(f"{name}: {write_examples(work / f'{name}.jsonl', sets[name](material))} examples", flush=True)


@app.command()
def train(
    *,
    work: Work = WORK,
    weights: Annotated[str, typer.Option(help="The file to save to, in the work folder.")] = "reader.safetensors",
    start: Annotated[str | None, typer.Option(help="What was saved there, to go on from; else the base model.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Sets to leave out: an ablation.")] = None,
    only: Annotated[
        int | None, typer.Option(help="Labels of single sentences to learn from: a learning curve.")
    ] = None,
    passes: float = 2.0,
    rate: float = 1.4e-4,
    first: float = 1.0,
    last: float = 0.0,
    frozen: Annotated[int, typer.Option(help="How many of the lowest layers learn nothing: faster.")] = 0,
    passing: Annotated[float, typer.Option(help="The share of the other negatives in each pass.")] = 1.0,
    quiet: Annotated[int, typer.Option(help="Negatives of each pass that the prefilter would turn away.")] = 2_500,
    invented: Annotated[float, typer.Option(help="The share of invented statements in each pass.")] = 0.1,
    deliveries: Annotated[float, typer.Option(help="The share of invented transfers in each pass.")] = 1.0,
    taught: Annotated[bool, typer.Option("--taught", help="Learn from the teacher too.")] = False,
    recalling: Annotated[
        bool, typer.Option("--recalling", help="Learn also what the weights to start from say, to forget less.")
    ] = False,
    held_out: HeldOut = 1,
    half: Half = False,
    bfloat16: Annotated[bool, typer.Option("--bfloat16", help="Calculate in it, on processors that can.")] = False,
    otherwise: Annotated[float, typer.Option(help="The share that is told of other states and weapons.")] = 0.0,
    masked: Annotated[float, typer.Option(help="The share of word pieces that are hidden.")] = 0.0,
    threads: int = 1,
    seed: int = 0,
) -> None:
    """Train the encoder and its heads; hours on one core."""
    from extractors.training import training
    from extractors.training.export import base_tokenizer, fresh_model, unpack_base
    from extractors.training.teacher import answers

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = training.Recipe(
        passes=passes,
        rate=rate,
        first=first,
        last=last,
        frozen=frozen,
        passing=passing,
        quiet=quiet,
        invented=invented,
        deliveries=deliveries,
        held_out=held_out,
        half=half,
        bfloat16=bfloat16,
        otherwise=otherwise,
        masked=masked,
        threads=threads,
        seed=seed,
    )
    names = [*TAUGHT, *(UNREAD if recalling else ())]
    known = _read(work, [name for name in names if name not in (without or ())])
    if only is not None:
        known["labelled"] = known["labelled"][:only]
    examples = [example for each in known.values() for example in each]
    base = unpack_base(work / "base")
    draw, cutter = training.Draw(examples, Prefilter(), recipe, ROOT / "seeds"), Cutter(base_tokenizer(base))
    model = fresh_model(base, bfloat16=bfloat16)
    if start:
        training.load_weights(model, work / start)
    logits = training.read_taught(work / "taught.jsonl") if taught else {}
    if recalling:
        logits = {**answers(model, [one for one in draw.always if one.source not in PUBLISHED], cutter), **logits}
    steps = training.plan(draw, cutter, recipe, logits)
    training.train(model, steps, recipe, saved=work / weights)


@app.command()
def teach(
    *,
    work: Work = WORK,
    passes: float = 1.4,
    held_out: HeldOut = 1,
    half: Half = False,
    threads: int = 2,
    seed: int = 11,
) -> None:
    """Train the teacher, and write what it says of doubtful examples; an hour on two cores with bfloat16."""
    from extractors.training import teacher, training
    from extractors.training.export import base_tokenizer, unpack_base

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = training.Recipe(
        passes=passes,
        rate=6e-5,
        frozen=teacher.LAYERS,
        passing=0.45,
        quiet=700,
        invented=0.3,
        deliveries=0.6,
        held_out=held_out,
        half=half,
        threads=threads,
        seed=seed,
    )
    known = [one for each in _read(work, TAUGHT).values() for one in each]
    draw = training.Draw(known, Prefilter(), recipe, ROOT / "seeds")
    cutter = Cutter(base_tokenizer(unpack_base(work / "base")))
    model = teacher.fresh_teacher(teacher.unpack_teacher(work / "teacher"), cutter)
    training.train(model, training.plan(draw, cutter, recipe), recipe, saved=work / "teacher.safetensors")
    asked = list(teacher.doubtful([*draw.always, *draw.invented], Encoder()))
    training.write_taught(work / "taught.jsonl", teacher.answers(model, asked, cutter))


@app.command()
def export(
    work: Work = WORK,
    weights: Annotated[str, typer.Option(help="What `train` saved, in the work folder.")] = "reader.safetensors",
    model: Model = MODEL,
    shared: Shared = SHARED,
) -> None:
    """Write what the run time reads from trained weights."""
    from extractors.training import export as exporter
    from extractors.training.training import load_weights

    base = exporter.unpack_base(work / "base")
    tokenizer = exporter.base_tokenizer(base)
    trained = exporter.fresh_model(base)
    load_weights(trained, work / weights)
    taught = (one for each in _read(work, TAUGHT).values() for one in each)
    kept = exporter.kept_pieces(tokenizer, taught, unread_texts(Material(shared, ROOT / "seeds")))
    exporter.export(trained.eval(), tokenizer, kept=kept, folder=model)


@app.command()
def prefilter(
    *,
    work: Work = WORK,
    model: Model = MODEL,
    lost: Annotated[float, typer.Option(help="The share of accepted statements it may lose.")] = 0.02,
    lost_transfers: Annotated[float, typer.Option(help="The share of accepted transfers it may lose.")] = 0.03,
    held_out: HeldOut = 0,
    half: Half = False,
) -> None:
    """Fit the margin to labels, and the prefilter to what the exported encoder accepts with it."""
    from extractors.training.prefilter import HELD_OUT, Cut, accepted, distil, drawn, fit_margin

    encoder = Encoder(model)
    settings = load_settings(model)
    statement = Cut(accepted=settings.thresholds.statements.statement, lost=lost)
    stage = Cut(accepted=min(settings.thresholds.transfers.stages.values()), lost=lost_transfers)
    known = _read(work, [*TAUGHT, *UNREAD])
    teaching = [one for each in known.values() for one in each if may_teach(one, held_out=held_out, half=half)]
    margin = fit_margin(teaching)
    chosen = drawn(known, random.Random(SEED))  # noqa: S311  # no secret
    scores = accepted(encoder, margin, chosen, weight=settings.margin_weight)
    passed = distil(chosen, scores, margin, model / "prefilter.npz", statement=statement, stage=stage)
    taken = (scores.statements >= statement.accepted) | (scores.transfers >= stage.accepted)
    for source in dict.fromkeys(one.source for one in chosen):
        held = [at for at, one in enumerate(chosen) if (one.source, one.fold) == (source, HELD_OUT)]
        print(f"{source}: {passed[held].sum()} of {len(held)} held-out sentences pass,", end=" ")
        print(f"of those the encoder accepts {(passed & taken)[held].sum()} of {taken[held].sum()}")


@app.command()
def topic(
    *, work: Work = WORK, shared: Shared = SHARED, model: Model = MODEL, held_out: HeldOut = 0, half: Half = False
) -> None:
    """Fit the words that tell news of conflict from everyday news."""
    from extractors.training.topic import UNREAD_CONFLICT, fit_topic

    known = (one for each in _read(work, TAUGHT).values() for one in each)
    teaching = [one for one in known if may_teach(one, held_out=held_out, half=half)]
    material = Material(shared, ROOT / "seeds")
    unread = [document_text(row) for source, row in material.unread_rows if source in UNREAD_CONFLICT]
    print(f"{fit_topic(teaching, model / 'topic.npz', unread=unread)} words")


@app.command()
def select(
    folder: Annotated[Path, typer.Argument(help="Where to write batches.")], shared: Shared = SHARED, work: Work = WORK
) -> None:
    """Choose passages of the unread texts and write them into batches for careful readers."""
    from extractors.training.data import examples_of
    from extractors.training.prefilter import rank_unread

    material = Material(shared, ROOT / "seeds")
    taught = [example for each in _read(work, TAUGHT).values() for example in each]
    unread = [one for document in material.unread for one in examples_of(document, said={}, told=(), judged=False)]
    ranking = rank_unread(taught, unread)
    passages = selection.choose(
        ranking.statements.tolist(),
        ranking.transfers.tolist(),
        material.unread,
        wanted=selection.Wanted(),
        chance=random.Random(SEED),  # noqa: S311  # no secret
    )
    folder.mkdir(parents=True, exist_ok=True)
    about = {row["id"]: row for _, row in material.unread_rows}
    selection.write_batches(folder, passages, material.unread, about)


@app.command("labels")
def merge(
    folder: Annotated[Path, typer.Argument(help="Batches (.txt) and what their readers wrote (.jsonl).")],
    shared: Shared = SHARED,
) -> None:
    """Turn what careful readers wrote into labels without text, in place of those there were for the same sentences."""
    answers = [row for path in sorted(folder.glob("*.jsonl")) for row in read_rows(path)]
    done, findings = selection.finished(answers)
    batches = [path for path in sorted(folder.glob("*.txt")) if path.stem in done]
    shown = {number for path in batches for number in selection.shown_in(path.read_text(encoding="utf-8"))}
    material = Material(shared, ROOT / "seeds")
    new = labels.labels_of(material.unread, shown=shown, findings=[one for one in findings if one["s"] in shown])
    path = DATA / "labels.jsonl"
    merged = {(row["document"], row["start"]): row for row in [*read_rows(path), *new]}
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in merged.values()), encoding="utf-8")


@app.command()
def evaluate(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="headlines, long, official.")] = None,
    shared: Shared = SHARED,
    fold: Annotated[int, typer.Option(help="The fold to measure on; 0 is the untouched fifth.")] = 0,
    half: Annotated[bool, typer.Option("--half", help="Only the half of it that `train --half` left out.")] = False,
    without: Annotated[list[str] | None, typer.Option(help="prefilter, margin, topic or context: an ablation.")] = None,
) -> None:
    """Measure the whole extraction on a fold of the real sets, as a table with intervals."""
    material = Material(shared, ROOT / "seeds")
    extractor = build_extractor(ROOT / "seeds")
    for part in without or ():
        evaluation.leave_out(extractor, part)
    script = evaluation.scorer(shared)
    tables = {}
    for name in names or REAL:
        rows = [row for row, place in material.real(name) if place == fold and not (half and half_of(row["id"]))]
        signals = {row["id"]: extractor.extract(article_from(row)).as_json() for row in rows}
        gold = material.rows(f"train/real/{name}.gold.jsonl.gz")
        tables[name] = evaluation.measure(script, rows, gold=gold, signals=signals)
    print(evaluation.as_markdown(tables))


@app.command()
def passages(files: Annotated[list[Path], typer.Argument(help="JSONL with label, or stages; PLOVER's .tsv.")]) -> None:
    """Measure the whole extraction on passages of a sentence or two."""
    extractor = build_extractor(ROOT / "seeds")
    for path in files:
        rows = [row for row in evaluation.passages_in(path) if row.get("label") != "optional"]
        counts = [
            evaluation.passage_counts(row, extractor.extract(Article(id="", text=row["text"])).as_json())
            for row in rows
        ]
        for name, measure in evaluation.passage_measures(rows).items():
            print(f"{path.name}: {name} {evaluation.interval(counts, measure)}")


def _read(work: Path, names: Iterable[str]) -> dict[str, list[Example]]:
    return {name: list(read_examples(work / f"{name}.jsonl")) for name in names}


if __name__ == "__main__":
    app()
