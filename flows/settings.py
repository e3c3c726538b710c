"""Settings: from the environment (``BRINKWATCH_…``) or ``.env`` in the working directory, checked once at the start."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

import extractors
from extractors.errors import BrinkwatchError

SEEDS = Path(extractors.__file__).parent.parent / "seeds"


class SettingsError(BrinkwatchError):
    """A setting that cannot be used; the message names it and never shows a secret."""


class Settings(BaseSettings):
    """What a user may set. Durations are in seconds; secrets print as asterisks."""

    model_config = SettingsConfigDict(
        env_prefix="BRINKWATCH_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    warehouse: Path = Path("data/warehouse.duckdb")
    """The live file; analysts read the snapshot published beside it."""
    seeds: Path = SEEDS
    """Lexicons, the feed list and seed documents."""

    slack_token: SecretStr | None = None
    slack_channel: str | None = None
    slack_webhook: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"

    contact: str = ""
    """Who runs this monitor: goes into the User-Agent so that a site's owner can ask."""
    fetch_budget: float = Field(default=60.0, gt=0, le=3600)
    """How long one cycle may spend on feeds; what is left is read in the next cycle."""
    fetch_timeout: float = Field(default=20.0, gt=0, le=300)
    """How long one request may take."""
    fetch_spacing: float = Field(default=1.0, ge=0, le=60)
    """Pause between two requests to one host."""
    allow_hosts: Annotated[frozenset[str], NoDecode] = frozenset()
    """Hosts that may resolve to private or loopback addresses, separated by commas."""

    digest_above: int = Field(default=20, ge=1)
    """More alerts than this in one cycle become one digest."""
    lease: float = Field(default=120.0, gt=0)
    """How long a claimed alert belongs to one sender; longer than any Slack answer can take."""

    @field_validator("allow_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(filter(None, value.replace(" ", "").split(","))) if isinstance(value, str) else value

    @property
    def slack_configured(self) -> bool:
        """Whether alerts can go to Slack."""
        return self.slack_webhook is not None or (self.slack_token is not None and self.slack_channel is not None)


def load_settings() -> Settings:
    """Read the settings, or raise SettingsError naming each variable that is wrong and why."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"BRINKWATCH_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(wrong) from None
