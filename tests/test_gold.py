"""What the whole extraction reaches on the gold sets: every figure at least its floor in ``floors.json``."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractors.pipeline import Extractor, build_extractor
from extractors.records import Article
from flows.documents import read_documents

FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text())["gold"]

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def extractor(seeds: Path) -> Extractor:
    return build_extractor(seeds)


@pytest.fixture(scope="module")
def measure(shared: Path) -> ModuleType:
    """The measure itself, as it lies beside the gold sets."""
    spec = importlib.util.spec_from_file_location("score", shared / "eval" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scored(measure: ModuleType, extractor: Extractor, gold: Path, documents: Path) -> dict[str, dict[str, Any]]:
    """Return the measure's table for what is extracted from ``documents``."""
    texts = documents if documents.is_dir() else None
    outs = {a.id: extractor.extract(a).as_json() for a in read_documents([documents]) if isinstance(a, Article)}
    score = measure.Score(texts)
    for line in gold.read_text(encoding="utf-8").splitlines():
        if line.strip():
            document = json.loads(line)
            score.document(document, json.loads(json.dumps(outs.get(document["id"]))))
    table: dict[str, dict[str, Any]] = score.table()
    return table


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_every_figure_reaches_its_floor(name: str, shared: Path, measure: ModuleType, extractor: Extractor) -> None:
    """A floor is raised when it is beaten and never lowered in passing."""
    gold = shared / "eval" / f"{name}.gold.jsonl"
    table = scored(measure, extractor, gold, shared / "seeds" if name == "seeds" else gold)
    reached = {(row, figure): table[row][figure] for row, figures in FLOORS[name].items() for figure in figures}
    below = {
        key: (value, FLOORS[name][key[0]][key[1]])
        for key, value in reached.items()
        if (value or 0.0) < FLOORS[name][key[0]][key[1]]
    }
    assert below == {}


def test_nothing_is_put_into_the_mouth_of_an_expert(shared: Path, extractor: Extractor) -> None:
    """The experts of the seed documents talk about lines; they draw none."""
    said_by = {
        statement.speaker or ""
        for article in read_documents([shared / "seeds"])
        if isinstance(article, Article)
        for statement in extractor.extract(article).statements
        if statement.kind != "commentary"
    }
    assert not [who for who in said_by if any(name in who for name in ("Mamedov", "Gabuev", "Trenin", "Stein"))]
    assert {"Vladimir Putin", "Dmitry Peskov", "Dmitry Medvedev"} <= said_by
