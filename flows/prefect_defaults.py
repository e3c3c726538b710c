"""How Brinkwatch sets Prefect up where the user has not: quiet, on this machine, quick; before Prefect is imported."""

import os

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # from event to the body of the triggered flow: 4.5–11 s with 1, 12–23 s with the default of 10
    "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    # lets the server see a run whose process has gone
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # a temporary server takes 11–20 s to start, longer under load
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}


def apply_prefect_defaults() -> None:
    """Set what the user has not set."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
