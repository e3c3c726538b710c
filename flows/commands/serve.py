"""``brinkwatch serve``: all scheduled deployments in one process."""

from flows.settings import load_settings


def serve() -> None:
    """Serve ingest, detect and notify on their schedules and events, until stopped.

    Needs a Prefect API (PREFECT_API_URL); for work pools instead, see flows/prefect.yaml.
    """
    load_settings()
    from flows.prefect_defaults import apply_prefect_defaults

    apply_prefect_defaults()
    from flows.deployments import serve_all

    serve_all()
