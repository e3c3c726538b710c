"""The notebook of docs/notebooks: every cell runs, on the published snapshot, and finds what is there."""

import runpy
import subprocess
import sys
from pathlib import Path

import desk
import pytest
from warehouses import new_warehouse

NOTEBOOK = Path(__file__).parent.parent / "docs" / "notebooks" / "desk.py"


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the notebook looks for a warehouse, in which nothing is yet."""
    path = tmp_path / "w.duckdb"
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", str(path))
    monkeypatch.delitem(sys.modules, "pandas")  # which marimo asks about; see conftest.py
    return path


def test_the_notebook_looks_at_all_there_is(warehouse: Path) -> None:
    """Counts, weeks of each side, steps of the weapon and lines that name it, words of a speaker, quality."""
    desk.published(warehouse)
    _, found = runpy.run_path(str(NOTEBOOK))["app"].run()
    assert found["counts"] == [{"articles": 9, "statements": 4, "red_lines": 1, "steps_of_weapons": 3, "weapons": 1}]
    assert {row["side"] for row in found["weeks"]} == {"RU"}
    assert [(row["stage"], row["way"]) for row in found["steps"]] == [
        ("refused", "DE → UA"), ("pledged", "DE → UA"), ("delivered", "DE → UA"),
    ]  # fmt: skip
    assert [row["speaker"] for row in found["lines"]] == ["Ada Vale"]
    assert desk.LINE in {row["quote"] for row in found["said"]}
    assert sum(row["statements"] for row in found["sure"]) == 5
    assert {row["ownership"] for row in found["owners"]} >= {"state", "private"}


def test_the_notebook_runs_as_a_script_on_an_empty_warehouse(warehouse: Path) -> None:
    """Menus without a choice and charts without a mark are no error."""
    new_warehouse(warehouse).publish()
    done = subprocess.run([sys.executable, NOTEBOOK], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
