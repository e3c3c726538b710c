"""Settings: from the environment or a file, wrong ones named, secrets never shown."""

from pathlib import Path

import pytest

from flows.settings import Settings, SettingsError, load_settings
from warehouse.places import Lake


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BRINKWATCH_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_need_be_set() -> None:
    """A fresh checkout runs: the file in the working directory, the lexicons of the checkout, no Slack."""
    settings = load_settings()
    assert settings.warehouse == Path("data/warehouse.duckdb")
    assert (settings.seeds / "weapons.jsonl").is_file()
    assert not settings.slack_configured


def test_a_file_in_the_working_directory_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """``.env`` is for what stays, the environment for what changes."""
    (tmp_path / ".env").write_text("BRINKWATCH_SLACK_CHANNEL=C111\nBRINKWATCH_FETCH_BUDGET=30\nOTHER=1\n")
    monkeypatch.setenv("BRINKWATCH_SLACK_CHANNEL", "C222")
    settings = load_settings()
    assert (settings.slack_channel, settings.fetch_budget) == ("C222", 30.0)


def test_hosts_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list in an environment variable is what a shell user would type."""
    monkeypatch.setenv("BRINKWATCH_ALLOW_HOSTS", "localhost:8080, Feeds.intranet,[::1]:8080")
    assert load_settings().allow_hosts == {"localhost:8080", "feeds.intranet", "[::1]:8080"}


def test_bounds_of_polling_are_those_of_all_feeds_and_of_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes and hours as a person writes them."""
    monkeypatch.setenv("BRINKWATCH_POLL_BOUNDS", "1m-2h wire=30s-")
    assert load_settings().poll_bounds == {"": (60, 7200), "wire": (30, None)}


@pytest.mark.parametrize(
    ("name", "value"), [("POLL_BOUNDS", "5"), ("FETCH_BUDGET", "soon"), ("FETCH_BUDGET", "-1"), ("DIGEST_ABOVE", "0")]
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message names the variable, so that a user knows what to fix."""
    monkeypatch.setenv(f"BRINKWATCH_{name}", value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither ``repr`` nor ``str`` nor a dump holds a token or the address of a webhook."""
    monkeypatch.setenv("BRINKWATCH_SLACK_TOKEN", "xoxb-very-secret")
    monkeypatch.setenv("BRINKWATCH_SLACK_WEBHOOK", "https://hooks.example/very-secret")
    settings = load_settings()
    assert "very-secret" not in repr(settings) + str(settings) + str(settings.model_dump())


def test_secrets_may_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Those that a service manager puts into its folder of credentials; the environment wins."""
    (tmp_path / "brinkwatch_slack_token").write_text("xoxb-of-a-file\n")
    (tmp_path / "brinkwatch_slack_webhook").write_text("https://hooks.example/of-a-file")
    (tmp_path / "brinkwatch_services").write_text('{"mail": "mailto://of-a-file"}')
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("BRINKWATCH_SLACK_WEBHOOK", "https://hooks.example/of-the-environment")
    settings = load_settings()
    assert settings.slack_token is not None
    assert settings.slack_token.get_secret_value() == "xoxb-of-a-file"
    assert settings.slack_webhook is not None
    assert settings.slack_webhook.get_secret_value() == "https://hooks.example/of-the-environment"
    assert settings.services["mail"].get_secret_value() == "mailto://of-a-file"
    assert "of-a-file" not in repr(settings) + str(settings.model_dump())


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("ducklake:postgres:host=db dbname=desk password=geheim", "the password belongs into PGPASSWORD"),
        ("ducklake:postgres:postgresql://desk:geheim@db/desk", "a lake is written ducklake:postgres:host="),
        ("ducklake:postgres:", "a lake is written ducklake:postgres:host="),
        ("ducklake:sqlite:lake.sqlite", "a lake is written ducklake:postgres:host="),
        ("s3://bucket/w.duckdb", "a warehouse is a file, or a lake, which is written ducklake:postgres:host="),
        ("postgresql://u:geheim@db/x", "a warehouse is a file, or a lake"),
        ("  ", "a warehouse is a file, or a lake"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(address: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how it is written, and repeats no password."""
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", address)
    with pytest.raises(SettingsError, match=f"BRINKWATCH_WAREHOUSE: .*{says}") as refused:
        load_settings()
    assert "geheim" not in str(refused.value)


def test_settings_name_a_file_or_a_lake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lake takes along where its files go."""
    assert Settings(warehouse="x/w.duckdb", _env_file=None).warehouse == Path("x/w.duckdb")
    assert Settings(warehouse="~/w.duckdb", _env_file=None).warehouse == Path.home() / "w.duckdb"
    monkeypatch.setenv("BRINKWATCH_WAREHOUSE", "ducklake:postgres:host=db dbname=desk")
    monkeypatch.setenv("BRINKWATCH_LAKE_DATA", "s3://desk/lake")
    assert Settings(_env_file=None).warehouse == Lake("host=db dbname=desk", "s3://desk/lake")
