"""What the documentation says is what the program does."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from flows.settings import Settings
from warehouse.query import query
from warehouse.store import Warehouse

ROOT = Path(__file__).parent.parent
SETTINGS = {f"BRINKWATCH_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_is_documented_and_no_other() -> None:
    """The table of settings and the class agree, name by name."""
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(BRINKWATCH_\w+)`", table, re.MULTILINE))
    assert documented == SETTINGS


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


DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


def test_the_variants_of_the_work_pool_fit_the_file_they_go_into() -> None:
    """Each names what the file names, keeps the heartbeat, and starts where the image has its files."""
    ours = yaml.safe_load((ROOT / "flows" / "prefect.yaml").read_text(encoding="utf-8"))
    image = dict(re.findall(r"^(FROM|WORKDIR) (.+)$", DEPLOYMENT, re.MULTILINE))
    variants = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.+?)```", DEPLOYMENT, re.DOTALL)]
    assert len(variants) == 2
    for variant in variants:
        pool, (step,) = variant["definitions"]["pool"], variant["pull"]
        assert set(variant) - {"pull"} <= set(ours)
        assert pool["name"] == ours["definitions"]["pool"]["name"]
        assert pool["job_variables"]["env"].items() >= {("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "30")}
        assert {name for name in pool["job_variables"]["env"] if name.startswith("BRINKWATCH_")} <= SETTINGS
        assert [each["directory"] for each in step.values()] == [image["WORKDIR"]]


def test_the_commands_of_deployment_name_what_there_is() -> None:
    """Files, modules and the pool; benchmarks/live.py runs them."""
    pages = "".join(re.findall(r"```sh\n(.+?)```", DEPLOYMENT, re.DOTALL))
    ours = yaml.safe_load((ROOT / "flows" / "prefect.yaml").read_text(encoding="utf-8"))
    assert [(ROOT / path).exists() for path in re.findall(r"--prefect-file (\S+)", pages)] == [True]
    assert [find_spec(module) is not None for module in re.findall(r"python -m (\S+)", pages)] == [True]
    pools = set(re.findall(r"--pool (\S+)|work-pool create (\S+)", pages))
    assert {name for both in pools for name in both if name} == {ours["definitions"]["pool"]["name"]}
