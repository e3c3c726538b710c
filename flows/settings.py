"""Settings, checked once at the start: from the environment (``BRINKWATCH_…``), ``.env`` in the working directory, or
files named like the variables in the folder where a service manager puts credentials.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

import extractors
from extractors.errors import BrinkwatchError
from flows.sources.objectives import Bounds, parse_groups
from warehouse.places import Place, place_of

_HOST = re.compile(r"(?:[^\s:/@\[\]]+|\[[0-9a-f:]+\])(?::\d{1,5})?")
_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
SEEDS = Path(extractors.__file__).parent.parent / "seeds"


class SettingsError(BrinkwatchError):
    """A setting that cannot be used; the message names it and never shows a secret."""


class Settings(BaseSettings):
    """What a user can configure. Durations are in seconds; secrets print as asterisks."""

    model_config = SettingsConfigDict(
        env_prefix="BRINKWATCH_",
        env_file=".env",
        env_nested_delimiter="__",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    lake_data: str = "data/lake"
    """Folder, or s3://bucket/prefix, for the files of a new lake; stands before the address, which takes it along."""
    warehouse: Place = Path("data/warehouse.duckdb")
    """The live file, beside which the snapshot for analysts is published, or a lake: ``ducklake:postgres:…``."""
    seeds: Path = SEEDS
    """Lexicons, the feed list and seed documents."""

    slack_token: SecretStr | None = None
    slack_channel: str | None = None
    slack_webhook: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    slack_app_token: SecretStr | None = None
    """With it alerts have buttons, and ``brinkwatch slack listen`` takes what is clicked and asked."""
    slack_correctors: Annotated[frozenset[str], NoDecode] = frozenset()
    """Slack ids of those who may mute and correct."""

    services: dict[str, SecretStr] = {}
    """Apprise addresses of e-mail and other services, by the name under which routes.toml sends to them."""

    contact: str = ""
    """Who runs this monitor, for the User-Agent, so that a site's owner can get in touch."""
    fetch_budget: float = Field(default=60.0, gt=0, le=3600)
    """How long one cycle may spend on feeds; the rest is fetched in the next cycle."""
    fetch_timeout: float = Field(default=20.0, gt=0, le=300)
    """How long one request may take."""
    fetch_spacing: float = Field(default=1.0, ge=0, le=60)
    """Pause between two requests to one host."""
    poll_bounds: Annotated[dict[str, Bounds], NoDecode] = {}
    """Shortest and longest interval between two polls: ``2m-1h`` for all feeds, ``wire=1m-5m`` for a group."""
    allow_hosts: Annotated[frozenset[str], NoDecode] = frozenset()
    """Hosts that may have private or loopback addresses, each with its port or at those in the feed list."""

    websub_url: str = ""
    """Public address at which hubs reach ``brinkwatch feeds listen``."""
    websub_listen: str = Field(default="127.0.0.1:8090", pattern=r"^\S+:\d{1,5}$")
    """Local address on which it listens; the public one forwards to it."""
    websub_secret: SecretStr | None = None
    """Secret from which the addresses and keys for hubs are derived."""

    readers: int = Field(default_factory=lambda: min(os.cpu_count() or 1, 8), ge=1, le=256)
    """How many processes read where many articles wait; each needs about 330 MB."""
    reread_budget: float = Field(default=30.0, gt=0, le=3000)
    """How long one cycle may spend on reading stored articles again after an edit of lexicons, rules or model."""
    keep_logs: int = Field(default=90, ge=7)
    """Days for which runs, fetches and failures are kept."""
    keep_articles: int = Field(default=0, ge=0)
    """Days for which articles without a finding are kept; 0 is for good."""
    report_to: str = ""
    """Folder, or s3://bucket/prefix, to which the report is published on schedule."""
    report_days: int = Field(default=30, ge=1)
    """How many days a published report is about."""
    report_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Address at which it will be found, for the feed of the alerts."""
    run_every: float | None = Field(default=None, gt=0)
    """How often a timer starts ``brinkwatch run``, if one does; ``doctor`` then reports when it no longer does."""
    log_format: Literal["text", "json"] = "text"
    """How commands log to stderr: lines for people, or a JSON object per line."""
    digest_above: int = Field(default=20, ge=1)
    """More alerts than this in one cycle become one digest."""
    lease: float = Field(default=120.0, gt=0)
    """How long a claimed alert belongs to one sender; longer than any answer of Slack can take."""

    @field_validator("warehouse", mode="before")
    @classmethod
    def _place(cls, value: object, info: ValidationInfo) -> object:
        return place_of(value, data=info.data["lake_data"]) if isinstance(value, str) else value

    @field_validator("allow_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(filter(None, value.lower().replace(" ", "").split(","))) if isinstance(value, str) else value

    @field_validator("slack_correctors", mode="before")
    @classmethod
    def _people(cls, value: object) -> object:
        return frozenset(filter(None, value.replace(" ", "").split(","))) if isinstance(value, str) else value

    @field_validator("slack_correctors")
    @classmethod
    def _ids(cls, value: frozenset[str]) -> frozenset[str]:
        if wrong := sorted(each for each in value if not _PERSON.fullmatch(each)):
            raise ValueError(f"{', '.join(wrong)}: not the id of a Slack user such as U0123456789")
        return value

    @field_validator("allow_hosts")
    @classmethod
    def _hosts(cls, value: frozenset[str]) -> frozenset[str]:
        if wrong := sorted(each for each in value if not _HOST.fullmatch(each)):
            raise ValueError(f"{', '.join(wrong)}: not a host such as localhost:8080, feeds.intranet or [::1]:8080")
        return value

    @field_validator("poll_bounds", mode="before")
    @classmethod
    def _groups(cls, value: object) -> object:
        return parse_groups(value) if isinstance(value, str) else value

    @property
    def slack_configured(self) -> bool:
        """Whether alerts can go to Slack."""
        return self.slack_webhook is not None or (self.slack_token is not None and self.slack_channel is not None)

    @property
    def slack_lacks(self) -> str | None:
        """The variable that a bot lacks if only the other one is set; None for a whole bot, a webhook or neither."""
        if self.slack_webhook is not None or (self.slack_token is None) == (self.slack_channel is None):
            return None
        return "BRINKWATCH_SLACK_TOKEN" if self.slack_token is None else "BRINKWATCH_SLACK_CHANNEL"


def load_settings() -> Settings:
    """Read the settings, or raise SettingsError naming each variable that is wrong and why."""
    try:
        return Settings(_secrets_dir=os.environ.get("CREDENTIALS_DIRECTORY"))
    except ValidationError as error:
        wrong = "; ".join(f"BRINKWATCH_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(wrong) from None
