"""The units of ``docs/systemd``: what they start exists, and what they must not do they cannot."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.__main__ import app
from flows.settings import Settings

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
HARDENING = FOLDER / "brinkwatch-.service.d" / "hardening.conf"
EXPOSURE = 20
"""Most that ``systemd-analyze security`` may find, in tenths: 0 is closed, 100 is open; below 20 is its best grade."""


def values(path: Path, name: str) -> list[str]:
    """Return every value of a directive, in order."""
    return re.findall(rf"^{name}=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_starts_again_and_has_secrets_from_files_only(unit: str) -> None:
    """By the lines that all units share; a token in an environment is seen by whoever may list processes."""
    assert unit.startswith("brinkwatch-"), "otherwise the shared lines do not apply"
    assert values(HARDENING, "Restart") == ["always"]
    environment = " ".join(values(FOLDER / unit, "Environment") + values(HARDENING, "Environment"))
    named = {name.removeprefix("BRINKWATCH_").lower() for name in re.findall(r"(BRINKWATCH_\w+)=", environment)}
    assert named <= set(Settings.model_fields)
    assert not {name for name in named if "Secret" in str(Settings.model_fields[name].annotation)}
    assert set(values(FOLDER / unit, "LoadCredential")) <= {"brinkwatch:/etc/brinkwatch/secrets"}


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_starts_something_that_exists(unit: str) -> None:
    """A command of ours, or one of Prefect's with the pool of the deployments."""
    (command,) = values(FOLDER / unit, "ExecStart")
    program, *words = command.split()
    assert re.fullmatch(r"/srv/brinkwatch/(current|%i)/\.venv/bin/(brinkwatch|prefect|python)", program)
    if program.endswith("brinkwatch"):
        assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 0
    elif program.endswith("python"):
        assert (ROOT / f"{words[-1].replace('.', '/')}.py").exists()
    else:
        assert words[0] == "server" or "--pool brinkwatch" in command


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_every_unit_and_finds_it_closed(unit: str, tmp_path: Path) -> None:
    """Nothing in it is unknown, and of what can be taken from a service little is left."""
    for path in (*FOLDER.glob("*.service"), HARDENING):
        target = tmp_path / "units" / path.relative_to(FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text(encoding="utf-8").replace("/srv/brinkwatch", str(tmp_path)), encoding="utf-8")
    for version in ("current", "0.2.0"):
        for program in ("brinkwatch", "prefect", "python"):
            path = tmp_path / version / ".venv" / "bin" / program
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o755)
    instance = tmp_path / "units" / unit.replace("@.", "@0.2.0.")
    if not instance.exists():
        instance.write_text((tmp_path / "units" / unit).read_text(encoding="utf-8"), encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", instance], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", instance],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout[-400:]
