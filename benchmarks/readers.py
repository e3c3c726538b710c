"""What reading costs in this process and in several others: ``python -m benchmarks.readers [--processes 2]``.

Prints medians of processor time in seconds: an article in this process alone, in the others, and in this one beside
them; the start of one. And how much faster so many are on as many idle cores, which follows from these. The set lies in
a folder beside the checkout (``--shared``).
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.extraction import ROOT, articles
from extractors.records import Article
from flows.settings import SEEDS
from flows.steps.readers import extracted, extractor_of, pool


def ended() -> float:
    """Return the processor time of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def several(processes: int, batch: Sequence[Article]) -> tuple[float, float]:
    """Let others read; return the processor time of all of them together, and that of this process."""
    theirs, ours = ended(), time.process_time()
    with pool(SEEDS, processes, nice=0) as read, ThreadPoolExecutor(processes) as threads:
        list(threads.map(read, batch))
    return ended() - theirs, time.process_time() - ours


def cost(processes: int, batch: Sequence[Article]) -> dict[str, float]:
    """Return what an article costs in this process alone, in others and in this one beside them, and a start."""
    extractor = extractor_of(SEEDS)
    began = time.process_time()
    extracted(extractor, batch)
    alone = (time.process_time() - began) / len(batch)
    starting, waiting = several(processes, ())
    theirs, ours = several(processes, batch)
    there, here = (theirs - starting) / len(batch), (ours - waiting) / len(batch)
    return {"alone": alone, "there": there, "here": here, "start": starting / processes}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    batch = articles(options.shared / "eval" / "ordinary.jsonl.gz")[: options.articles]
    costs = [cost(options.processes, batch) for _ in range(options.times)]
    medians = {name: statistics.median(each[name] for each in costs) for name in costs[0]}
    print(json.dumps({"articles": len(batch), **{name: round(value, 5) for name, value in medians.items()}}))
    faster = options.processes * medians["alone"] / (medians["there"] + medians["here"])
    print(json.dumps({"processes": options.processes, "times_as_fast": round(faster, 2)}))


if __name__ == "__main__":
    main()
