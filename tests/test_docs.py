"""What the documentation says is what the program does: every command, query and example in it is run or parsed."""

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import jsonschema
import pytest
import slackserver
import typer
import yaml
from typer.core import TyperGroup
from typer.testing import CliRunner
from warehouses import new_warehouse

from flows.cli.__main__ import app
from flows.settings import Settings
from flows.steps.cycle import run_cycle
from warehouse.query import query

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SETTINGS = {f"BRINKWATCH_{name.upper()}" for name in Settings.model_fields}
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "extractors" / "training" / "README.md")
}
NO_FEEDS = "id,outlet,url,country,ownership,language,genre,kind,seen_at,tier\n"


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page that are marked as in ``language``, without the indent of a list they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.+?)^ *```$", PAGES[page], re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def every(language: str) -> list[tuple[str, str]]:
    """Return all blocks in ``language``, each with its page."""
    return [(page, block) for page in sorted(PAGES) for block in blocks(page, language)]


# --- settings, links, commands ---------------------------------------------------------------------------------------


def test_every_setting_is_documented_and_no_other() -> None:
    """The table of settings and the class agree, name by name."""
    documented = set(re.findall(r"^\| `(BRINKWATCH_\w+?)(?:__NAME)?`", PAGES["docs/settings.md"], re.MULTILINE))
    assert documented == SETTINGS


def test_every_setting_that_is_named_anywhere_exists() -> None:
    """No page names a setting that was renamed or never was."""
    named = {(page, name) for page, text in PAGES.items() for name in re.findall(r"BRINKWATCH_[A-Z_]+[A-Z]", text)}
    named = {(page, name.partition("__")[0]) for page, name in named}
    assert [each for each in sorted(named) if each[1] not in SETTINGS] == []


def test_relative_links_lead_somewhere() -> None:
    """Every link from one page of the checkout to another finds its file."""
    links = {
        (page, target): (ROOT / page).parent / target.split("#")[0]
        for page, text in PAGES.items()
        for target in re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", text)
    }
    assert [link for link, path in links.items() if not path.exists()] == []


def test_files_that_are_named_exist() -> None:
    """Every path of the checkout that a page gives in code leads to a file or a folder."""
    shape = r"`((?:alerts|benchmarks|docs|extractors|flows|seeds|tests|warehouse)/[\w./-]+)`"
    named = {(page, path) for page, text in PAGES.items() for path in re.findall(shape, text)}
    assert len(named) > 40
    gone = {each for each in named if each[0] != "CHANGELOG.md" and not (ROOT / each[1]).exists()}
    assert sorted(gone) == []


def commands(text: str) -> set[str]:
    """Return what a page has a reader type after ``brinkwatch``: whole lines of blocks, and code within sentences."""
    code = re.findall(r"^ *```(?:sh|console|cron)\n(.+?)^ *```$", text, re.DOTALL | re.MULTILINE)
    typed = re.compile(r"(?:^ *|bin/|worker )brinkwatch (.+?)(?: [|>].*)?$", re.MULTILINE)
    lines = [line for block in code for line in typed.findall(block)]
    return {*lines, *re.findall(r"(?<!`)`brinkwatch ([^`\n]+)`", text)}


def complaint(line: str) -> str | None:
    """Return why there is no such command, or no such option of it; None for one that exists."""
    command, words = typer.main.get_command(app), shlex.split(line)
    while words and isinstance(command, TyperGroup) and not words[0].startswith("-"):
        found = command.commands.get(words.pop(0))
        if found is None:
            return "no such command"
        command = found
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in words if word.startswith("--") and word.split("=")[0] not in {*options, "--help"}]
    return f"no option {unknown[0]}" if unknown else None


def test_every_command_in_the_pages_exists() -> None:
    """Each subcommand and each option that a page names is one of the program's."""
    asked = [(page, line) for page in sorted(PAGES) for line in sorted(commands(PAGES[page]))]
    assert len(asked) > 60
    assert [(page, line, why) for page, line in asked if (why := complaint(line))] == []


# --- examples that are run -------------------------------------------------------------------------------------------


@dataclass
class Shell:
    """Runs the shell blocks of a page, the program's own commands in this process: starting one takes seconds."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, script: str) -> str:
        """Return what a script printed; the first command that fails is shown with its output."""
        printed = ""
        for line in script.splitlines():
            words = shlex.split(line)
            if words[:1] == ["export"]:
                self.environment |= dict(word.split("=", 1) for word in words[1:])
            elif words[:1] == ["brinkwatch"]:
                printed += self._ours(words[1:])
            elif ours := re.fullmatch(r"(.+) \| brinkwatch (.+)", line):
                printed += self._ours(shlex.split(ours[2]), given=self._in_bash(ours[1]))
            else:
                printed += self._in_bash(line)
        return printed

    def _ours(self, words: list[str], *, given: str | None = None) -> str:
        """Return what a command printed, or write it to the file that it is redirected to."""
        words, target = (words[:-2], words[-1]) if words[-2:-1] == [">"] else (words, "")
        result = CliRunner().invoke(app, words, env=self.environment, input=given)
        assert result.exit_code == 0, (words, result.output, result.exception)
        if not target:
            return result.output
        (self.folder / target).write_text(result.stdout, encoding="utf-8")
        return ""

    def _in_bash(self, line: str) -> str:
        done = subprocess.run(
            ["bash", "-e", "-c", line], cwd=self.folder, text=True, check=False, capture_output=True,
            env={**os.environ, **self.environment},
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout


@pytest.fixture(scope="module")
def monitor(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a monitor that has read its seed documents and polls nothing."""
    folder = tmp_path_factory.mktemp("monitor")
    shutil.copytree(seeds, folder / "seeds")
    (folder / "seeds" / "feeds.csv").write_text(NO_FEEDS, encoding="utf-8")
    settings = Settings(warehouse=folder / "data" / "warehouse.duckdb", seeds=folder / "seeds", _env_file=None)
    run_cycle(settings, now=datetime.now(UTC))
    return folder


@pytest.fixture
def shell(monitor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in a copy of that folder, in which nothing is set but where the seeds are."""
    folder = tmp_path / "monitor"
    shutil.copytree(monitor, folder)
    monkeypatch.chdir(folder)
    for name in {"PREFECT_API_URL", *SETTINGS}:
        monkeypatch.delenv(name, raising=False)
    return Shell(folder, {"BRINKWATCH_SEEDS": "seeds", "COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"})


def a_statement(folder: Path) -> str:
    """Return the id of an alert on a statement."""
    sql = "SELECT id FROM alerts WHERE kind = 'new_statement' ORDER BY severity DESC, id"
    return str(query(folder / "data" / "warehouse.duckdb", sql).rows[0][0])


RUN = (
    "corrections",
    "desk",
    "export",
    "extract",
    "feeds",
    "getting-started",
    "operations",
    "report",
    "routing",
    "search",
    "sql",
)


@pytest.mark.parametrize("name", RUN)
def test_the_commands_of_a_page_work(shell: Shell, seeds: Path, name: str) -> None:
    """A reader who types them in their order, with the id of an alert for ID, meets no error."""
    if name == "feeds":
        shutil.copy(seeds / "feeds.csv", shell.folder / "seeds")
    scripts = blocks(f"docs/{name}.md", "sh")
    assert scripts
    shell.run(re.sub(r"\bID\b", a_statement(shell.folder), "".join(scripts)))


def test_no_page_has_commands_that_are_not_run() -> None:
    """Blocks marked ``sh`` stand on pages whose blocks are run: here, or by the benchmark of the deployed monitor."""
    assert {page for page, _ in every("sh")} == {
        f"docs/{name}.md" for name in (*RUN, "deployment", "lexicons", "slack")
    }


def test_slack_is_set_up_as_the_page_says(shell: Shell) -> None:
    """With a token and a channel the doctor is content, and the sample arrives."""
    with slackserver.running() as slack:
        shell.environment["BRINKWATCH_SLACK_API_URL"] = f"{slack.url}/api/"
        script = "".join(blocks("docs/slack.md", "sh"))
        assert script.count("xoxb-…") == script.count("C0123456789") == 1
        shell.run(script.replace("xoxb-…", slackserver.TOKEN).replace("C0123456789", slackserver.CHANNEL))
        assert len(slack.messages) == 1


def test_adding_a_weapon_works_as_the_page_says(shell: Shell) -> None:
    """Every command of the page, in its order: unlisted at first, then known, then told from a cat."""
    tried = shell.run("".join(blocks("docs/lexicons.md", "sh"))).split("try · news")[1:]
    assert "not listed" in tried[0]
    assert tried[1].count("weapon: Grimtail") == 2
    assert "weapon: Grimtail" in tried[2]
    assert "not a weapon: Grimtail" in tried[3]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that holds nothing but its tables and views."""
    path = tmp_path_factory.mktemp("cookbook") / "warehouse.duckdb"
    new_warehouse(path).publish()
    return path


@pytest.mark.parametrize(("page", "sql"), every("sql"), ids=lambda text: " ".join(text.split())[:40])
def test_every_query_runs(warehouse: Path, page: str, sql: str) -> None:
    """An analyst who copies a query gets columns and no error."""
    assert query(warehouse, sql).columns, page


def test_the_automations_are_what_prefect_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of events.md make valid automations, which react to what Brinkwatch emits."""
    from prefect.automations import Automation
    from prefect.blocks.webhook import Webhook

    made: list[Automation] = []

    def keep(automation: Automation) -> None:
        made.append(automation)

    monkeypatch.setattr(Automation, "create", keep)
    monkeypatch.setattr(Webhook, "save", lambda *_args, **_options: UUID(int=1))
    for example in blocks("docs/events.md", "python"):
        exec(example, {})  # our own page
    assert [each.trigger.model_dump()["expect"] for each in made] == [
        {"brinkwatch.alert.fired"},
        {"prefect.flow-run.Delivery blocked"},
    ]


def test_examples_of_files_are_well_formed() -> None:
    """YAML, TOML and settings on any page can be read, and settings are settings."""
    for _, text in every("yaml"):
        assert yaml.safe_load(text)
    for _, text in every("toml"):
        assert tomllib.loads(text)
    lines = [line for _, text in every("ini") for line in text.splitlines()]
    named = {line.split("=")[0].partition("__")[0] for line in lines}
    assert {name for name in named if not name.startswith("AWS_")} <= SETTINGS  # those of every S3 client


# --- generated pages and the site ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generated() -> Mapping[str, str]:
    """What ``docs/generate.py`` would write, by file."""
    pages: Mapping[Path, str] = runpy.run_path(str(DOCS / "generate.py"))["pages"]()
    return {path.name: text for path, text in pages.items()}


def test_generated_pages_are_current(generated: Mapping[str, str]) -> None:
    """``make docs`` would change nothing: tables, comments and fields are documented as they are."""
    assert set(generated) == {"data-dictionary.md", "extract.md", "extract.schema.json"}
    assert [name for name, text in generated.items() if (DOCS / name).read_text(encoding="utf-8") != text] == []


def test_every_column_is_explained(generated: Mapping[str, str]) -> None:
    """No cell of the data dictionary or of the fields of ``extract`` is empty."""
    assert [line for text in generated.values() for line in text.splitlines() if re.search(r"\|\s*\|$", line)] == []


def test_what_extract_prints_is_what_its_schema_says(shell: Shell) -> None:
    """Real signals fit the schema, and have the fields it lists and no others."""
    shell.run("brinkwatch extract seeds/articles > signals.jsonl")
    schema = json.loads((DOCS / "extract.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    lines = [json.loads(line) for line in (shell.folder / "signals.jsonl").read_text(encoding="utf-8").splitlines()]
    for name, kind in (("weapons", "WeaponMention"), ("transfers", "Transfer"), ("statements", "Statement")):
        found = [each for line in lines for each in line[name]]
        assert {frozenset(each) for each in found} == {frozenset(schema["$defs"][kind]["properties"])}
    assert [error.message for line in lines for error in validator.iter_errors(line)] == []
    assert [error.validator for error in validator.iter_errors({**lines[0], "weapons": [{}]})][:1] == ["required"]


class _Loaded(HTMLParser):
    """Collects what a page makes a browser load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"link": "href", "a": "", "form": ""}.get(tag, "src")
        self.addresses += [value for name, value in attrs if name == wanted and value]


def test_the_site_is_built_without_warnings_and_loads_nothing_from_outside(tmp_path: Path) -> None:
    """Every page, its styles and its scripts come from the site itself."""
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (built.returncode, built.stderr) == (0, "")
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > len(list(DOCS.rglob("*.md")))  # one each, and that of an address nobody knows
    for page in pages:
        loaded = _Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert loaded.addresses
        assert [address for address in loaded.addresses if re.match(r"(?:\w+:)?//", address)] == [], page.name
    styles = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.css"))
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']+", styles) == []


# --- deployment ------------------------------------------------------------------------------------------------------


def test_the_variants_of_the_work_pool_fit_the_file_they_go_into() -> None:
    """Each names what the file names, keeps the heartbeat, and starts where the image has its files."""
    ours = yaml.safe_load((ROOT / "flows" / "prefect.yaml").read_text(encoding="utf-8"))
    image = dict(re.findall(r"^(WORKDIR) (.+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    variants = [yaml.safe_load(block) for block in blocks("docs/deployment.md", "yaml")]
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
    pages = "".join([*blocks("docs/deployment.md", "sh"), *blocks("docs/deployment.md", "console")])
    ours = yaml.safe_load((ROOT / "flows" / "prefect.yaml").read_text(encoding="utf-8"))
    assert [(ROOT / path).exists() for path in re.findall(r"--prefect-file (\S+)", pages)] == [True]
    assert [find_spec(module) is not None for module in re.findall(r"python -m (\S+)", pages)] == [True, True]
    pools = set(re.findall(r"--pool (\S+)|work-pool create (\S+)", pages))
    assert {name for both in pools for name in both if name} == {ours["definitions"]["pool"]["name"]}
