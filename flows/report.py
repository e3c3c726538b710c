"""The Prefect flow ``report``: the published warehouse → a folder or a bucket of pages, with a feed of the alerts."""

from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.orchestration.artifacts import figures, leave_artifact, run_name
from flows.orchestration.supervision import after_work, before_work
from flows.settings import Settings, load_settings
from flows.steps import report as step
from flows.steps.run_log import recorded


@task(name="publish", retries=2, retry_delay_seconds=[10, 60], timeout_seconds=900, cache_policy=NO_CACHE)
def publish(settings: Settings, now: datetime) -> step.Reported:
    """Publish the report if there is anything new in it."""
    return step.publish_report(settings, now=now)


@flow(name="report", flow_run_name=run_name, timeout_seconds=1800, persist_result=False, validate_parameters=False)
def report() -> step.Reported:
    """Publish the report to where the settings say, if they do."""
    settings, now = load_settings(), datetime.now(UTC)
    before_work(settings)
    with recorded(settings, "report", now=now) as counts:
        reported = publish(settings, now)
        counts.update(reported.counts)
    if reported.files:
        leave_artifact("report", reported.summary, figures(reported.counts))
    after_work(settings)
    return reported
