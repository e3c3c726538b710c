"""What the documentation says is what the program does."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.settings import Settings
from warehouse.query import query
from warehouse.store import Warehouse

ROOT = Path(__file__).parent.parent


def test_every_setting_is_documented_and_no_other() -> None:
    """The table of settings and the class agree, name by name."""
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(BRINKWATCH_\w+)`", table, re.MULTILINE))
    assert {f"BRINKWATCH_{name.upper()}" for name in Settings.model_fields} == documented


def test_relative_links_lead_somewhere() -> None:
    """Every link from one page of the checkout to another finds its file."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    targets = {
        (page.name, target): page.parent / target.split("#")[0]
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", page.read_text(encoding="utf-8"))
    }
    assert [link for link, path in targets.items() if not path.exists()] == []


COOKBOOK = re.findall(r"```sql\n(.+?)```", (ROOT / "docs" / "sql.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that holds nothing but its tables and views."""
    path = tmp_path_factory.mktemp("cookbook") / "warehouse.duckdb"
    Warehouse(path).migrate()
    Warehouse(path).publish()
    return path


@pytest.mark.parametrize("sql", COOKBOOK, ids=lambda sql: " ".join(sql.split())[:40])
def test_every_query_of_the_cookbook_runs(warehouse: Path, sql: str) -> None:
    """An analyst who copies a query gets columns and no error."""
    assert query(warehouse, sql).columns


FIVE_MINUTES = "".join(
    re.findall(r"```sh\n(.+?)```", (ROOT / "docs" / "lexicons.md").read_text(encoding="utf-8"), re.DOTALL)
)


def test_adding_a_weapon_works_as_the_page_says(tmp_path: Path) -> None:
    """Every command of the page, in its order: unlisted at first, then known, then told from a cat."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    brinkwatch = f"{sys.executable} -m flows.cli"
    script = FIVE_MINUTES.replace("brinkwatch ", f"{brinkwatch} ")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    tried = done.stdout.split("try · news")[1:]
    assert "in no list" in tried[0]
    assert tried[1].count("weapon: Grimtail") == 2
    assert "weapon: Grimtail" in tried[2]
    assert "no weapon: Grimtail" in tried[3]
