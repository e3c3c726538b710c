"""What every test may use, and the order in which files are handed to those who run them."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import lakes
import pytest
import warehouses
from hypothesis import HealthCheck, settings
from newsroom import parsing_here
from slackserver import Slack, running
from spacy.language import Language

from alerts.delivery.slack import SlackBot, SlackWebhook
from extractors import pipeline
from extractors.actors.finder import ActorFinder
from extractors.pipeline import Extractor, load_pipeline
from extractors.version import version_of
from extractors.weapons.finder import WeaponFinder
from flows.steps.readers import extractor_of

ROOT = Path(__file__).parent.parent

# all modules and tests live to the end: looking for garbage among them is a quarter of the time of collecting tests
gc.disable()

# DuckDB looks for pandas with every statement, and takes a millisecond to find that there is none
sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]

# no test states how fast this machine is
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


LONGEST = (
    "serving", "gold", "live", "month", "cycle", "flows", "weapons", "lake", "liveness", "store", "cli", "demo",
    "slack_desk", "warehouse_file", "outbox", "update", "first_hour", "notify",
)  # fmt: skip
"""The files that take longest, roughly in that order: with them first, those who share the work end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; the others stay in the order they have, of chance."""
    ranks = {f"test_{name}": rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


def pytest_collection_finish() -> None:
    """Look for garbage again, among what the tests make."""
    gc.freeze()
    gc.enable()


_ON_BOTH = ("corrected_transfers", "events", "novelty", "stories", "texts")
ON_BOTH = {f"test_{name}" for name in _ON_BOTH}
"""The files whose tests state what is the same in a file and on a lake."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let the tests of what is the same on both run on both; those without a folder have no warehouse."""
    if metafunc.module.__name__ in ON_BOTH and "tmp_path" in metafunc.fixturenames:
        kinds = ["file", pytest.param("lake", marks=pytest.mark.slow)]
        metafunc.parametrize("_kind_of_warehouse", kinds, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[lakes.Server]:
    """A PostgreSQL with lakes."""
    if lacking := lakes.lacks():
        pytest.skip(lacking)
    with lakes.running() as server:
        yield server


@pytest.fixture(autouse=True)
def _kind_of_warehouse(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``new_warehouse`` makes: a file, unless a test runs on a lake."""
    if getattr(request, "param", "file") == "lake":
        monkeypatch.setattr(warehouses, "postgres", request.getfixturevalue("postgres"))


@pytest.fixture
def slack() -> Iterator[Slack]:
    """A Slack on loopback that takes everything; a file may have another."""
    with running() as made:
        yield made


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of lexicons, feeds and seed documents that ships with the checkout."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The material to measure on, which lies beside the checkout of a developer and of CI."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the measuring sets are not beside this checkout")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _built_once() -> Iterator[None]:
    """The same lexicons make one pipeline, wherever tests have put them: building it takes a second."""
    pipelines: dict[str, Language] = {}

    def load(seeds: Path) -> Language:
        version = version_of(seeds)
        if version not in pipelines:
            pipelines[version] = load_pipeline(seeds)
        return pipelines[version]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "load_pipeline", load)
        yield


@pytest.fixture(scope="session", autouse=True)
def _without_pace() -> Iterator[None]:
    """A Slack on loopback takes messages as they come; ``test_outbox`` states what the pace of a route means."""
    with pytest.MonkeyPatch.context() as patch:
        for route in (SlackBot, SlackWebhook):
            patch.setitem(vars(route)["__init__"].__kwdefaults__, "pause", 0.0)
        yield


@pytest.fixture(scope="session")
def extractor(seeds: Path) -> Extractor:
    """The pipeline with the lexicons that ship, the one that the steps use with the same folder."""
    return extractor_of(seeds)


@pytest.fixture(scope="session")
def actors(seeds: Path) -> ActorFinder:
    return ActorFinder(seeds)


@pytest.fixture(scope="session")
def weapons(seeds: Path) -> WeaponFinder:
    return WeaponFinder(seeds)


@pytest.fixture
def in_process() -> Iterator[None]:
    """Feeds and pages are parsed in this process."""
    with parsing_here():
        yield
