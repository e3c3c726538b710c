"""Work that is killed at a place that the test chose, in a process that shares no thread and no lock with the test.

A process forked from a test would inherit the locks that the threads of Prefect and DuckDB hold just then, and could
wait for them for ever.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable

PROCESSES = multiprocessing.get_context("forkserver")
"""Where processes come from: forked from one that has done beforehand what takes long, so that kills hit the work."""
PROCESSES.set_forkserver_preload(["tests.preloaded"])


def is_killed(do: Callable[..., object], *given: object) -> bool:
    """Call a function of a module with what can be pickled, in a process of its own; return whether that was killed."""
    process = PROCESSES.Process(target=do, args=given)
    process.start()
    process.join()
    return process.exitcode == -signal.SIGKILL


def die(*_: object, **__: object) -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(do: Callable[..., object], *, times: int = 1) -> Callable[..., None]:
    """Return what does the same so many times, and the last time kills its process when it has."""
    done = 0

    def doing(*given: object, **options: object) -> None:
        nonlocal done
        do(*given, **options)
        done += 1
        if done == times:
            die()

    return doing
