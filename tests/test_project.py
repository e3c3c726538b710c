"""The files around the program, for those who build, run, cite and change it, agree with the program."""

import re
import subprocess
import tomllib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner

from flows.cli.__main__ import app
from flows.settings import Settings

ROOT = Path(__file__).parent.parent
SETTINGS = {f"BRINKWATCH_{name.upper()}" for name in Settings.model_fields}


def text_of(name: str) -> str:
    """Return a file of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


def yaml_of(name: str) -> dict[str, Any]:
    """Return a YAML file of the checkout."""
    loaded = yaml.safe_load(text_of(name))
    assert isinstance(loaded, dict)
    return loaded


PROJECT = tomllib.loads(text_of("pyproject.toml"))
COMPOSE = yaml_of("compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def commands_of(service: str) -> str:
    """Return what a service runs, as one text."""
    command = SERVICES[service].get("command", "")
    return command if isinstance(command, str) else "\n".join(command)


def test_the_program_says_its_version() -> None:
    """``brinkwatch --version`` is what is installed."""
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"brinkwatch {version('brinkwatch')}\n")


def test_every_file_names_the_same_version() -> None:
    """The package, the citation, the changelog's latest release, the image and the pages that show it."""
    latest = re.findall(r"^## (\d+\.\d+\.\d+) — (\d{4}-\d\d-\d\d)$", text_of("CHANGELOG.md"), re.MULTILINE)[0]
    citation = yaml_of("CITATION.cff")
    assert latest == (PROJECT["project"]["version"], str(citation["date-released"]))
    images = {service["image"] for service in SERVICES.values() if "build" in service}
    pages = text_of("docs/deployment.md") + text_of("docs/citing.md")
    named = re.findall(r"brinkwatch:([\d.]+\d)|version = \{([\d.]+)\}", " ".join(images) + pages)
    assert {found for pair in named for found in pair if found} == {citation["version"]} == {latest[0]}


def test_make_help_explains_every_target() -> None:
    """Each target that is meant to be called is listed with what it does."""
    targets = set(re.search(r"^\.PHONY: (.+)$", text_of("Makefile"), re.MULTILINE)[1].split())  # type: ignore[index]
    # The suite itself runs below make, where a second make would also name the directories it enters and leaves.
    command = ["make", "--no-print-directory", "help"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in listed.splitlines() if len(line.split()) > 3} == targets


def test_the_image_holds_every_package_of_the_wheel() -> None:
    """What is left out of the build is left out of the wheel too."""
    kept = set(re.findall(r"^!(.+)$", text_of(".dockerignore"), re.MULTILINE))
    assert kept >= {*PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"], "pyproject.toml", "README.md"}
    copied = {
        path for line in re.findall(r"^COPY (.+) \S+$", text_of("Dockerfile"), re.MULTILINE) for path in line.split()
    }
    assert copied - {"."} <= kept


def test_the_image_has_a_python_that_the_project_supports() -> None:
    """The base image and the workflow use versions within ``requires-python``."""
    low, high = (int(part) for part in re.findall(r"3\.(\d+)", PROJECT["project"]["requires-python"]))
    workflow = yaml_of(".github/workflows/check.yml")["jobs"]["check"]["strategy"]["matrix"]["python"]
    image = re.findall(r"^FROM python:([\d.]+)", text_of("Dockerfile"), re.MULTILINE)
    assert {int(each.split(".")[1]) for each in (*workflow, *image)} <= set(range(low, high))
    assert [f"3.{minor}" for minor in range(low, high)] == workflow


def test_the_composed_monitor_has_its_parts() -> None:
    """A database, a server, a worker that runs the flows, a monitor that looks whether they run, and a listener."""
    assert set(SERVICES) == {"database", "server", "deploy", "worker", "monitor", "listener"}
    assert [name for name, service in SERVICES.items() if service.get("profiles")] == ["listener"]
    assert CliRunner().invoke(app, [*commands_of("listener").split()[1:], "--help"]).exit_code == 0
    modules = [name for service in SERVICES for name in re.findall(r"python -m (\S+)", commands_of(service))]
    assert {name: find_spec(name) is not None for name in modules} == dict.fromkeys(modules, True)
    assert len(modules) == 2
    assert all((ROOT / path).exists() for path in re.findall(r"--prefect-file (\S+)", commands_of("deploy")))


def test_the_composed_worker_serves_the_pool_of_the_deployments() -> None:
    """Pool and type are those that ``deploy`` creates and ``flows/prefect.yaml`` names."""
    pool = yaml_of("flows/prefect.yaml")["definitions"]["pool"]["name"]
    assert f"work-pool create {pool} --type process" in commands_of("deploy")
    assert f"--pool {pool} --type process" in commands_of("worker")


def test_the_composed_services_share_one_warehouse_and_one_server() -> None:
    """The warehouse lies in a named volume where the image puts it, and every flow finds the server."""
    home = re.findall(r"BRINKWATCH_WAREHOUSE=(/\w+)/\S+", text_of("Dockerfile"))
    for name in ("deploy", "worker", "monitor", "listener"):
        service = SERVICES[name]
        assert [volume.split(":")[1] for volume in service["volumes"]] == home
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(COMPOSE["volumes"])
        assert service["environment"]["PREFECT_API_URL"] == "http://server:4200/api"
    assert "--host 0.0.0.0" in commands_of("server")
    assert [port.split(":")[0] for port in SERVICES["server"]["ports"]] == ["127.0.0.1"]  # the page has no login


def test_what_compose_and_image_set_are_settings() -> None:
    """No variable of ours is misspelt, and none is a secret in the file."""
    named = set(re.findall(r"BRINKWATCH_[A-Z_]+[A-Z]", text_of("compose.yaml") + text_of("Dockerfile")))
    assert named <= SETTINGS
    assert not named & {"BRINKWATCH_SLACK_TOKEN", "BRINKWATCH_SLACK_WEBHOOK", "BRINKWATCH_WEBSUB_SECRET"}


def test_the_workflow_runs_what_a_developer_runs() -> None:
    """One command checks everything, here and there, and may write nothing."""
    workflow = yaml_of(".github/workflows/check.yml")
    assert [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step] == [
        "make check test PYTHON=python"
    ]
    assert workflow["permissions"] == {"contents": "read"}


def test_the_workflow_audits_what_is_installed() -> None:
    """Every package of the lock file: one that cannot be looked up fails it. Their list is made there and here."""
    commands = [step.get("run", "") for step in yaml_of(".github/workflows/check.yml")["jobs"]["audit"]["steps"]]
    (audit,) = [each for each in commands if "pip-audit" in each]
    assert {"--strict", "--disable-pip", "--require-hashes", "requirements.lock"} <= set(audit.split())
    assert "make sbom PYTHON=python" in commands
    assert "make --jobs 2 --output-sync check sbom\n" in text_of(".ci/run")


def test_every_locked_package_has_a_hash() -> None:
    """So that the list of packages says which files they are, and none can be another one."""
    locked = re.split(r"\n(?=\S)", text_of("requirements.lock").strip())
    assert len(locked) > 200
    assert [each.split()[0] for each in locked if "--hash=sha256:" not in each] == []


def test_nothing_is_installed_that_delays_every_start_of_prefect() -> None:
    """Prefect imports jsonschema, which builds 38 grammars (2.5 s) where this is there; only a tool asks for it."""
    assert "\nrfc3987-syntax==" not in text_of("requirements.lock")


def test_hooks_before_a_commit_use_the_tools_of_the_checkout() -> None:
    """Nothing is downloaded: every hook is local and calls make or a tool of the virtual environment."""
    (repo,) = yaml_of(".pre-commit-config.yaml")["repos"]
    assert repo["repo"] == "local"
    tools = [hook["entry"].split()[0] for hook in repo["hooks"]]
    assert [tool for tool in tools if tool != "make" and not tool.startswith(".venv/bin/")] == []
    assert [hook["language"] for hook in repo["hooks"]] == ["system"] * len(tools)
