"""The Prefect flow ``digest``: digests that are due → Slack, e-mail and other services."""

from datetime import UTC, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.orchestration.artifacts import figures, leave_artifact, listed, run_name
from flows.orchestration.supervision import after_work, before_work
from flows.settings import Settings, load_settings
from flows.steps import digest as step
from flows.steps.run_log import recorded


@task(name="send", timeout_seconds=600, cache_policy=NO_CACHE)
def send(settings: Settings, now: datetime) -> step.Digested:
    """Send what is due; a digest that was sent before is not sent again."""
    return step.send_due_digests(settings, now=now)


@flow(name="digest", flow_run_name=run_name, timeout_seconds=900, persist_result=False, validate_parameters=False)
def digest() -> State[step.Digested]:
    """Send the digests that are due. A run that could not deliver one fails; the next one tries again."""
    settings, now = load_settings(), datetime.now(UTC)
    before_work(settings)
    with recorded(settings, "digest", now=now) as counts:
        digested = send(settings, now)
        counts.update(digested.counts)
    leave_artifact("digest", digested.summary, figures(digested.counts), listed("Not delivered", digested.errors))
    after_work(settings)
    if digested.failed:
        return Failed(message=digested.summary, data=digested)
    return Completed(message=digested.summary, data=digested)
