"""Measures which number of running jobs, and of threads a job, completes a queue of jobs soonest."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from statistics import median

from bench.api import client, finished, queue
from bench.server import naivenet
from bench.tables import spread, table

JOBS = 8
_EPOCHS = 2
_SAMPLES = 60_000
_AT_ONCE_AND_THREADS = ((1, 2), (2, 1), (2, 2))

Setting = tuple[int, int, tuple[int, ...]]  # running jobs, threads requested, threads that the jobs had


def measure(*, rounds: int, jobs: int) -> Mapping[Setting, Sequence[float]]:
    """Return samples a second of a queue of *jobs*, for each setting and round."""
    found: dict[Setting, list[float]] = defaultdict(list)
    for _, (at_once, threads) in product(range(rounds), _AT_ONCE_AND_THREADS):
        used, seconds = _emptied(at_once, threads, jobs=jobs)
        found[at_once, threads, used].append(jobs * _EPOCHS * _SAMPLES / seconds)
    return found


def lines(found: Mapping[Setting, Sequence[float]]) -> list[str]:
    """Return a table of the results, the best first."""
    ordered = sorted(found.items(), key=lambda item: -median(item[1]))
    rows = [
        [str(at_once), str(requested), ", ".join(map(str, used)), spread(speeds, ",.0f")]
        for (at_once, requested, used), speeds in ordered
    ]
    return table(["jobs at once", "threads each", "threads used", "samples/s of the queue"], rows)


def _emptied(at_once: int, threads: int, *, jobs: int) -> tuple[tuple[int, ...], float]:
    """Queue the jobs and wait for the last; return the threads that they had, and the seconds."""
    with (
        tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir,
        naivenet(data_dir, max_running_jobs=at_once, threads_per_job=threads) as server,
        client(server.port) as api,
    ):
        finished(api, queue(api, epochs=1, seed=1))  # the fork server is up after it
        began = time.perf_counter()
        ids = [queue(api, epochs=_EPOCHS, seed=1) for _ in range(jobs)]
        done = [finished(api, each) for each in ids]
        seconds = time.perf_counter() - began
    return tuple(sorted({each["execution"]["threads"] for each in done})), seconds
