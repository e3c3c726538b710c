"""How Prefect is set up, known without importing it: its settings, and the deployments of ``prefect.yaml``."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

PREFECT_YAML = Path(__file__).with_name("prefect.yaml")

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # from an event to the body of the triggered flow: 4.5–11 s with 1, 12–23 s with the default of 10
    "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    # show that a run is alive
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # a temporary server takes 11–20 s to start, longer under load
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}
"""Quiet, on this machine, quick."""


def apply_prefect_defaults() -> None:
    """Set what the user has not set; before Prefect is imported, which reads it then."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)


def described() -> list[dict[str, Any]]:
    """Return the deployments as the file describes them."""
    return list(yaml.safe_load(PREFECT_YAML.read_text(encoding="utf-8"))["deployments"])


def intervals() -> dict[str, timedelta]:
    """Return how often each step runs on schedule, by the name of its flow."""
    return {row["entrypoint"].rpartition(".")[2]: interval(row) for row in described()}


def interval(row: dict[str, Any]) -> timedelta:
    """Return the interval of a deployment's most frequent schedule."""
    return timedelta(seconds=min(schedule["interval"] for schedule in row["schedules"]))
