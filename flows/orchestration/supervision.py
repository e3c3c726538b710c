"""Supervises the deployed monitor: every run before and after its work, and ``brinkwatch serve`` every minute."""

import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import WorkPoolStatus
from prefect.client.schemas.responses import DeploymentResponse

from extractors.errors import BrinkwatchError
from flows.orchestration.artifacts import leave_artifact, listed
from flows.orchestration.scheduled_runs import bring_back_runs, deployed, every, flow_of, scheduled_too_late
from flows.orchestration.zombie_runs import end_zombie_runs
from flows.phrases import moment
from flows.prefect_settings import intervals
from flows.settings import Settings, load_settings
from flows.steps.liveness import check_liveness, repair_times
from flows.steps.operator_lines import tell_operator
from warehouse.store import Warehouse
from warehouse.stored_records import Notice

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two checks by ``serve``."""
AWAY = timedelta(minutes=3)
"""How long the Prefect server may be unreachable before that is reported."""


def before_work(settings: Settings) -> None:
    """Bring the warehouse up to date, and clear the way for a run."""
    Warehouse(settings.warehouse).migrate()
    clear_the_way(settings)


def clear_the_way(settings: Settings) -> None:
    """End runs that hang, and undo what a wrong clock has postponed."""
    end_zombie_runs()
    repair_times(settings)
    repair_schedules(settings)


def repair_schedules(settings: Settings) -> None:
    """Let the server schedule anew what it scheduled too far ahead, and report it."""
    with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        for deployment in deployed(client):
            with suppress(httpx.HTTPError):  # the next look does what a busy server refuses this one
                repair_schedule(settings, client, deployment, now=datetime.now(UTC))


def repair_schedule(
    settings: Settings, client: SyncPrefectClient, deployment: DeploymentResponse, *, now: datetime
) -> None:
    """Do so for one deployment. It is reported first: a deletion whose answer is lost is seen by nobody."""
    if first := scheduled_too_late(client, deployment, now=now):
        text = f"The clock has gone back: {flow_of(deployment)} was scheduled for {moment(first)}, runs again"
        tell_operator(settings, text, once=True)
        bring_back_runs(client, deployment, first=first)


def after_work(settings: Settings) -> None:
    """Check the monitor; report what has changed, and attach it as an artifact."""
    notices, intervals_now = prefect_notices()
    noted = check_liveness(settings, now=datetime.now(UTC), every=intervals_now, more=notices)
    if noted.told or noted.over:
        title = "Something is wrong with the monitor" if noted.told else "The monitor works again"
        with suppress(httpx.HTTPError):  # the report may be that the server does not answer
            leave_artifact("supervision", title, listed("Wrong", noted.told), listed("Over", noted.over))


def supervise(settings: Settings) -> None:
    """Check for ever what a run would check, even if none starts."""
    said = ""
    while True:
        time.sleep(EVERY)
        try:
            clear_the_way(settings)
            after_work(settings)
            trouble = ""
        except (BrinkwatchError, httpx.HTTPError) as error:
            trouble = str(error)
        except Exception as error:
            log.exception("a bug in supervision, which goes on")
            trouble = type(error).__name__  # and not its text, which may contain anything
        if trouble not in {"", said}:
            tell_operator(settings, f"The monitor cannot be supervised: {trouble}")
        said = trouble


def started(settings: Settings) -> None:
    """Record that the deployments are being served."""
    before_work(settings)
    check_liveness(settings, now=datetime.now(UTC), every={}, more=[Notice(subject="serve", text=None)])


def stopped(settings: Settings) -> None:
    """Report that the last ``brinkwatch serve`` has gone, unless a worker runs the deployments."""
    if not has_worker():
        text = "brinkwatch serve has stopped and nothing else runs its deployments: no news until it is started again"
        check_liveness(settings, now=datetime.now(UTC), every={}, more=[Notice(subject="serve", text=text)])


def has_worker() -> bool:
    """Return whether a worker of a pool runs the deployments; without the server, none does."""
    try:
        with get_client(sync_client=True) as client:
            pools = {each.work_pool_name for each in deployed(client) if each.work_pool_name}
            return any(client.read_work_pool(pool).status == WorkPoolStatus.READY for pool in pools)
    except httpx.HTTPError:
        return False


def prefect_notices() -> tuple[list[Notice], dict[str, timedelta]]:
    """Return notices on the server and each deployment, and how often each step should run."""
    try:
        with get_client(sync_client=True) as client:
            found = deployed(client)
    except httpx.HTTPError:
        text = "The Prefect server does not answer: nothing is started"
        return [Notice(subject="prefect", text=text, patience=AWAY)], intervals()
    changed = {flow_of(each): interval for each in found if (interval := every(each))}
    return [Notice(subject="prefect", text=None), *map(paused, found)], intervals() | changed


def paused(deployment: DeploymentResponse) -> Notice:
    """Return a notice on whether the schedule of a deployment is active."""
    name = f"{flow_of(deployment)}/{deployment.name}"
    runs = not deployment.paused and any(schedule.active for schedule in deployment.schedules)
    return Notice(subject=name, text=None if runs else f"The deployment {name} is paused: resume it in Prefect")


if __name__ == "__main__":  # beside a work pool, whose worker supervises nothing: see docs/operations.md
    present = load_settings()
    before_work(present)
    supervise(present)
